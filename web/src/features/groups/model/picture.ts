/** Making the picture of a group out of a file that somebody chose: small, square, and with nothing in it but what is to be seen. */

/** What the engine takes, in bytes. */
export const pictureMax = 24 * 1024;
/** Width and height of what is made, in pixels. */
export const pictureSide = 256;
/** Larger files are not even opened, in bytes. */
export const fileMax = 20_000_000;

/** Each is tried if the one before is too large. */
const qualities = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];

export type PictureProblem = 'tooLarge' | 'unreadable';

export type Made = { ok: true; jpeg: Uint8Array } | { ok: false; problem: PictureProblem };

/** A picture that is drawn and can be written down. */
export interface Drawn {
	/** As JPEG of this quality (0 to 1); null where the browser can't. */
	encode(quality: number): Promise<Uint8Array | null>;
}

/** Draws the middle square of a picture. Fails where the file is none. */
export type Draw = (file: Blob, side: number) => Promise<Drawn>;

/** What the file holds besides the picture, such as the place where it was taken, goes by that. */
export async function makePicture(file: Blob, draw: Draw = drawInBrowser): Promise<Made> {
	if (file.size > fileMax) return { ok: false, problem: 'tooLarge' };
	try {
		const drawn = await draw(file, pictureSide);
		for (const quality of qualities) {
			const jpeg = await drawn.encode(quality);
			if (jpeg && jpeg.length <= pictureMax) return { ok: true, jpeg };
		}
	} catch {
		// no browser says more than that it can't
	}
	return { ok: false, problem: 'unreadable' };
}

/** The largest square in the middle of something so wide and high. */
export function middleSquare(width: number, height: number): { x: number; y: number; side: number } {
	const side = Math.min(width, height);
	return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

async function drawInBrowser(file: Blob, side: number): Promise<Drawn> {
	const bitmap = await createImageBitmap(file);
	const canvas = document.createElement('canvas');
	canvas.width = side;
	canvas.height = side;
	const context = canvas.getContext('2d');
	if (!context) throw new Error('this browser draws nothing');
	// JPEG knows nothing transparent
	context.fillStyle = '#fff';
	context.fillRect(0, 0, side, side);
	context.imageSmoothingQuality = 'high';
	const part = middleSquare(bitmap.width, bitmap.height);
	context.drawImage(bitmap, part.x, part.y, part.side, part.side, 0, 0, side, side);
	bitmap.close();
	return {
		async encode(quality) {
			const blob = await new Promise<Blob | null>((resolve) => {
				canvas.toBlob(resolve, 'image/jpeg', quality);
			});
			// what can't write JPEG writes PNG
			if (blob?.type !== 'image/jpeg') return null;
			return new Uint8Array(await blob.arrayBuffer());
		},
	};
}
