import { expect, test } from 'vitest';
import { Supervisor } from './supervisor';

test('a worker that ends once is started again at once, the next ones later, and too many are given up', () => {
	const supervisor = new Supervisor();
	const waits = [0, 1000, 2000, 3000, 4000].map((now) => supervisor.ended(now));
	expect(waits).toEqual([0, 1000, 2000, 4000, null]);
});

test('ends of long ago do not count', () => {
	const supervisor = new Supervisor();
	for (let hour = 0; hour < 100; hour++) expect(supervisor.ended(hour * 3_600_000)).toBe(0);
});

test('a worker that stays silent is taken for dead, one that answers late is not', () => {
	const supervisor = new Supervisor();
	for (let round = 0; round < 3; round++) {
		for (let missed = 0; missed < 6; missed++) expect(supervisor.asks()).toBe(false);
		supervisor.heard();
	}
	for (let missed = 0; missed < 6; missed++) expect(supervisor.asks()).toBe(false);
	expect(supervisor.asks()).toBe(true);
});
