import { expect, test } from 'vitest';
import { whyNotKept } from './room';

const STORE = { is: 'store', message: 'disk I/O error' } as const;
const estimate = (quota: number, usage: number) => ({ estimate: async () => ({ quota, usage }) });

test('what could not be kept in a full browser had no room', async () => {
	expect(await whyNotKept(STORE, estimate(1_000_000, 990_000))).toEqual({ is: 'storeFull' });
	expect(await whyNotKept(STORE, estimate(1, 2_000_000))).toEqual({ is: 'storeFull' });
});

test('with room left it is another trouble, and so is everything else', async () => {
	expect(await whyNotKept(STORE, estimate(9_000_000, 1_000_000))).toBe(STORE);
	const other = { is: 'unverified', message: '' } as const;
	expect(await whyNotKept(other, estimate(1, 1))).toBe(other);
	const refusing = { estimate: () => Promise.reject(new Error('no')) };
	expect(await whyNotKept(STORE, refusing)).toBe(STORE);
	expect(await whyNotKept(STORE, { estimate: async () => ({}) })).toBe(STORE);
});
