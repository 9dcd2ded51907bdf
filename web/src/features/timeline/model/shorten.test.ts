import { expect, it } from 'vitest';
import { shorten } from './shorten';

it('leaves short texts alone', () => {
	expect(shorten('hello')).toBeNull();
	expect(shorten('x'.repeat(1800))).toBeNull();
	expect(shorten('line\n'.repeat(20))).toBeNull();
});

it('cuts long ones at the end of a word', () => {
	const short = shorten('word '.repeat(2000)) ?? '';
	expect(short.length).toBeLessThanOrEqual(1501);
	expect(short.endsWith('word…')).toBe(true);
});

it('cuts many lines after the last that is shown', () => {
	expect(shorten('\n'.repeat(100))?.length).toBeLessThan(20);
	expect(shorten(Array.from({ length: 100 }, (_, n) => `${n}`).join('\n'))?.split('\n')).toHaveLength(18);
});

it('never cuts a character in two', () => {
	const families = '👩‍👩‍👧‍👦'.repeat(600);
	const short = (shorten(families) ?? '').slice(0, -1);
	expect(families.startsWith(short)).toBe(true);
	expect(short.length % '👩‍👩‍👧‍👦'.length).toBe(0);
	expect((shorten('x'.repeat(10_000)) ?? '').length).toBe(1501);
});
