/** Finds the addresses in a text. Only http and https become links, and only when they are written as such. */

import { checkHost, type HostCheck } from './host';

/** A piece of a text. */
export type Part = { is: 'text'; text: string } | Link;

/** An address in a text. */
export interface Link extends HostCheck {
	is: 'link';
	text: string;
	/** Where in the text it stands. */
	at: number;
	href: string;
}

/** Longer ones stay text: nobody can look over them. */
const addressMax = 2048;
/** More links than this in one message stay text. */
const linksMax = 100;

// an address ends at white space, quotes, angle brackets and whatever directs or hides text
const address = /(?<![\p{L}\p{N}_])(?:https?:\/\/|www\.)[^\s<>"“”«»„‹›`\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/giu;
const begins = /:\/\/|www\./iu;
const closing = new Map([
	[')', '('],
	[']', '['],
	['}', '{'],
	['）', '（'],
	['」', '「'],
]);
const trailing = /[.,;:!?'’…。，、！？]$/u;

function count(text: string, char: string): number {
	let n = 0;
	for (const c of text) if (c === char) n += 1;
	return n;
}

/** Without the punctuation that belongs to the sentence around. */
function trimmed(found: string): string {
	let text = found;
	for (;;) {
		const last = text.slice(-1);
		const open = closing.get(last);
		const drop = open === undefined ? trailing.test(text) : count(text, last) > count(text, open);
		if (!drop) return text;
		text = text.slice(0, -1);
	}
}

function link(typed: string, at: number): Link | null {
	const full = /^www\./iu.test(typed) ? `https://${typed}` : typed;
	if (!URL.canParse(full)) return null;
	const url = new URL(full);
	const web = url.protocol === 'https:' || url.protocol === 'http:';
	// a bare word (http://x) is more often a fragment of speech than a site, except for the machine itself
	const named = url.hostname.includes('.') || url.hostname === 'localhost' || url.hostname.startsWith('[');
	if (!web || !named) return null;
	return { is: 'link', text: typed, at, href: url.href, ...checkHost(full, url) };
}

/** The text in pieces; put together again, their texts are the text. */
export function parts(text: string): Part[] {
	if (!begins.test(text)) return text === '' ? [] : [{ is: 'text', text }];
	const out: Part[] = [];
	let done = 0;
	let links = 0;
	const say = (until: number) => {
		if (until > done) out.push({ is: 'text', text: text.slice(done, until) });
		done = until;
	};
	for (const match of text.matchAll(address)) {
		if (links >= linksMax) break;
		if (match[0].length > addressMax) continue;
		const typed = trimmed(match[0]);
		const part = link(typed, match.index);
		if (part === null) continue;
		links += 1;
		say(match.index);
		out.push(part);
		done = match.index + typed.length;
	}
	say(text.length);
	return out;
}
