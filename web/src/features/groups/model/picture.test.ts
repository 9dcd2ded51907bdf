import { expect, it } from 'vitest';
import { fileMax, makePicture, middleSquare, pictureMax, pictureSide } from './picture';

const file = new Blob(['anything']);
/** A picture that takes so many bytes at full quality. */
const drawn = (bytes: number) => async () => ({
	encode: async (quality: number) => new Uint8Array(Math.round(bytes * quality)),
});

it('takes the best quality that is small enough', async () => {
	const tried: number[] = [];
	const made = await makePicture(file, async (_, side) => {
		expect(side).toBe(pictureSide);
		return {
			encode: async (quality) => {
				tried.push(quality);
				return new Uint8Array(Math.round(2 * pictureMax * quality));
			},
		};
	});
	expect(tried).toEqual([0.9, 0.8, 0.7, 0.6, 0.5]);
	expect(made.ok && made.jpeg.length).toBe(pictureMax);
	expect(await makePicture(file, drawn(100))).toMatchObject({ ok: true, jpeg: new Uint8Array(90) });
});

it('says what is wrong with a file', async () => {
	const never = () => Promise.reject(new Error('not looked at'));
	const huge = { size: fileMax + 1 } as Blob;
	expect(await makePicture(huge, never)).toEqual({ ok: false, problem: 'tooLarge' });
	expect(await makePicture(file, never)).toEqual({ ok: false, problem: 'unreadable' });
	expect(await makePicture(file, drawn(pictureMax * 100))).toEqual({ ok: false, problem: 'unreadable' });
	const mute = async () => ({ encode: async () => null });
	expect(await makePicture(file, mute)).toEqual({ ok: false, problem: 'unreadable' });
});

it('cuts out the middle', () => {
	expect(middleSquare(400, 300)).toEqual({ x: 50, y: 0, side: 300 });
	expect(middleSquare(300, 401)).toEqual({ x: 0, y: 50, side: 300 });
	expect(middleSquare(1, 1)).toEqual({ x: 0, y: 0, side: 1 });
});
