import { expect, it } from 'vitest';
import { bytesOf, lengthOf, textBytesMax } from './limit';

it('counts bytes as the protocol does', () => {
	expect(bytesOf('é🙂a')).toBe(7);
});

it('tells the length only near the limit, and what is over it', () => {
	expect(lengthOf('x'.repeat(1000))).toBeNull();
	expect(lengthOf('x'.repeat(textBytesMax))).toEqual({ bytes: 16_384, over: false, unkept: false });
	expect(lengthOf('x'.repeat(textBytesMax + 1))).toEqual({ bytes: 16_385, over: true, unkept: false });
	expect(lengthOf('é'.repeat(textBytesMax / 2))).toEqual({ bytes: 16_384, over: false, unkept: false });
	expect(lengthOf('字'.repeat(6000))?.over).toBe(true);
});

it('is quick with a megabyte', () => {
	expect(lengthOf('🙂'.repeat(500_000))).toMatchObject({ over: true, unkept: true });
});
