/** Long messages are shown from their beginning, until somebody asks for the rest. */

import { characters } from '../../../ui/text/characters';

const charactersMax = 1500;
const linesMax = 18;
/** What is only a little longer is shown whole: a button that uncovers two words is a nuisance. */
const slack = 1.25;

/** The beginning of a long text; null: it is not long. */
export function shorten(text: string): string | null {
	const byLines = nthLineEnd(text, linesMax);
	const tooManyLines = nthLineEnd(text, Math.ceil(linesMax * slack)) < text.length;
	const tooLong = text.length > charactersMax * slack;
	if (!tooManyLines && !tooLong) return null;
	const end = Math.min(tooManyLines ? byLines : text.length, tooLong ? charactersMax : text.length);
	return `${text.slice(0, wholeUntil(text, end)).trimEnd()}…`;
}

/** Where the n-th line ends; the end of the text if it has fewer. */
function nthLineEnd(text: string, n: number): number {
	let at = -1;
	for (let line = 0; line < n; line += 1) {
		at = text.indexOf('\n', at + 1);
		if (at < 0) return text.length;
	}
	return at;
}

/** Not in the middle of a word if one ends near, never in the middle of a character. */
function wholeUntil(text: string, end: number): number {
	if (end >= text.length) return text.length;
	if (/\s/u.test(text.charAt(end))) return end;
	const from = Math.max(0, end - 80);
	const space = text.slice(from, end).search(/\s\S*$/u);
	if (space > 0) return from + space;
	let whole = end;
	const around = text.slice(from, end + 80);
	for (const { index } of characters(around)) {
		if (from + index > end) break;
		whole = from + index;
	}
	return whole;
}
