/**
 * Makes what other people wrote fit to be shown: nothing in it may act on the text around it. The same rules as the
 * terminal client's (`crates/tui/src/clean.rs`).
 */

/** Marks stacked higher than this on one character would cover the lines around. */
const marksMax = 8;

/** Embeddings, overrides and isolates of direction; interlinear annotations; line and paragraph separators. */
const directing = /[\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\u2028\u2029]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;
const stacked = new RegExp(`(\\p{M}{${marksMax}})\\p{M}+`, 'gu');

const plain = /^[\n\t\u0020-\u007e\u00a0-\u02ff\u2010-\u2027]*$/u;

/** A text of several lines. Line ends become `\n`; direction is left to the characters themselves. */
export function cleanText(text: string): string {
	// nothing in most texts has to go: one look is cheaper than four
	if (plain.test(text)) return text;
	return text
		.replace(/\r\n?/gu, '\n')
		.replace(directing, '')
		.replace(controls, '\ufffd')
		.replace(stacked, '$1');
}

/** One line, such as a name or the preview in a list: white space becomes a space, once. */
export function cleanLine(text: string): string {
	return cleanText(text).replace(/\s+/gu, ' ').trim();
}

/** A name within a sentence: its direction and that of the sentence leave each other alone. */
export function isolate(name: string): string {
	return `\u2068${cleanLine(name)}\u2069`;
}
