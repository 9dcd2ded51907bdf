/** How long a message may be: the protocol's limit, in bytes of UTF-8. */
export const textBytesMax = 16 * 1024;

/** The longest draft that the engine keeps, in bytes: more than can be sent, so that it can be cut. */
export const draftBytesMax = 4 * textBytesMax;

/** Bytes of a text in UTF-8. Counts only as far as needed: what is over `enough` may be counted roughly. */
export function bytesOf(text: string): number {
	// a code unit takes at most three bytes, so that short texts need no counting
	if (text.length > textBytesMax * 4) return text.length;
	return new TextEncoder().encode(text).length;
}

/** A length that has to be told. */
export interface Length {
	bytes: number;
	/** It can't be sent. */
	over: boolean;
	/** It can't even be kept as a draft. */
	unkept: boolean;
}

/** null: far from the limit, nothing to tell. */
export function lengthOf(text: string): Length | null {
	if (text.length * 3 < textBytesMax * 0.9) return null;
	const bytes = bytesOf(text);
	if (bytes < textBytesMax * 0.9) return null;
	return { bytes, over: bytes > textBytesMax, unkept: bytes > draftBytesMax };
}
