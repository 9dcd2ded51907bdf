/** Whose site a link leads to, and whether its text could make a person believe that it is another's. */

/** What is known of the host of a link. */
export interface HostCheck {
	/** The true host as the browser will ask for it, in ASCII; with the port if it has one. */
	host: string;
	/** The typed text shows the same host, so that it need not be said beside. */
	plain: boolean;
	/** The text looks like another host: ask before it is opened. */
	lying: boolean;
}

/** Scripts that are written together in one word. */
const scriptsTogether = [
	['Latin'],
	['Cyrillic'],
	['Greek'],
	['Arabic'],
	['Hebrew'],
	['Devanagari'],
	['Bengali'],
	['Tamil'],
	['Thai'],
	['Georgian'],
	['Armenian'],
	['Ethiopic'],
	['Han', 'Hiragana', 'Katakana', 'Latin'],
	['Han', 'Bopomofo', 'Latin'],
	['Han', 'Hangul', 'Latin'],
].map(
	(scripts) =>
		new RegExp(
			`^(?:${scripts.map((s) => `\\p{sc=${s}}`).join('|')}|\\p{sc=Common}|\\p{sc=Inherited})+$`,
			'u',
		),
);

/** Letters of Cyrillic, Greek and Armenian that look like Latin ones: a word of these alone passes for a Latin word. */
const latinLookalikes = /^[асԁеһіјӏкӏмոорԛѕтуԝхзвнгьъқҝԍαγεηικνορτυχωոսօցհյ\p{Nd}\p{P}]+$/iu;

/** Endings that people know: one of them in the middle of a host is there to be mistaken for its end. */
const knownEndings = new Set([
	'com',
	'org',
	'net',
	'edu',
	'gov',
	'int',
	'mil',
	'info',
	'biz',
	'eu',
	'fr',
	'de',
	'uk',
	'ch',
	'be',
	'ca',
	'us',
	'io',
]);

/** Whether a label of a host name mixes scripts, or passes for a Latin one. */
export function deceptiveLabel(label: string): boolean {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
	if (/^[\u0000-\u007f]*$/u.test(label)) return false;
	return !scriptsTogether.some((scripts) => scripts.test(label)) || latinLookalikes.test(label);
}

function looksLikeAnother(hostname: string): boolean {
	const labels = hostname.split('.');
	// example.com, example.co.uk and www.example.com.br are common; google.com.evil.example is not
	return labels.slice(1, -2).some((label) => knownEndings.has(label));
}

/** The host as it stands in the typed address: between the scheme and the first character that ends it. */
function typedAuthority(typed: string): string {
	return /^[a-z]+:\/\/([^/?#]*)/iu.exec(typed)?.[1] ?? '';
}

/** Compares the address that was typed with where the browser would go. */
export function checkHost(typed: string, url: URL): HostCheck {
	const authority = typedAuthority(typed).toLowerCase();
	const typedHost = authority.replace(/:\d*$/u, '');
	const plain = authority === url.host || typedHost === url.hostname;
	const ascii = /^[a-z0-9.-]+$/u.test(typedHost) || typedHost.startsWith('[');
	const punycode = url.hostname.split('.').some((label) => label.startsWith('xn--'));
	const honestForeign =
		!ascii && punycode && !/[@\\%]/u.test(authority) && !typedHost.split(/[.\u3002]/u).some(deceptiveLabel);
	const lying =
		url.username !== '' ||
		url.password !== '' ||
		looksLikeAnother(url.hostname) ||
		(!plain && !honestForeign);
	return { host: url.host, plain: plain && !punycode, lying };
}
