/** Bytes as text of characters 0 to 255 and back: the QR library wants text, safety codes are bytes. */
export function bytesToText(bytes: Uint8Array): string {
	return String.fromCharCode(...bytes);
}

export function textToBytes(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}
