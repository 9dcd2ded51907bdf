import { expect, it } from 'vitest';
import type { Item } from '../../../engine/contract';
import { Arrivals } from './arrivals';

function items(from: number, to: number, own = false): Item[] {
	return Array.from({ length: to - from + 1 }, (_, n) => ({
		key: `${from + n}`,
		seq: from + n,
		sender: 'a',
		senderName: 'Alice',
		own,
		time: 0,
		serverTime: 1,
		expires: 0,
		body: { is: 'text', text: `message ${from + n}` },
		state: null,
	}));
}

it('says nothing about what was there, nor about history that loads', () => {
	const arrivals = new Arrivals();
	expect(arrivals.next(items(50, 60), false, true)).toBeNull();
	expect(arrivals.next(items(20, 60), false, false)).toBeNull();
});

it('reads one new message with its sender, and counts several', () => {
	const arrivals = new Arrivals();
	arrivals.next(items(50, 60), false, true);
	expect(arrivals.next(items(50, 61), false, false)).toEqual({
		is: 'one',
		sender: 'Alice',
		text: 'message 61',
	});
	expect(arrivals.next(items(50, 64), false, false)).toEqual({ is: 'many', count: 3 });
	expect(arrivals.next(items(50, 64), false, false)).toBeNull();
});

it('is silent about own messages, and while the window slides or jumps', () => {
	const arrivals = new Arrivals();
	arrivals.next(items(50, 60), false, true);
	expect(arrivals.next([...items(50, 60), ...items(61, 61, true)], false, false)).toBeNull();
	expect(arrivals.next(items(62, 70), true, false)).toBeNull();
	expect(arrivals.next(items(62, 80), false, true)).toBeNull();
});

it('reads only the beginning of a long one', () => {
	const arrivals = new Arrivals();
	arrivals.next([], false, true);
	const [long] = items(1, 1);
	const said = arrivals.next(
		[{ ...(long as Item), body: { is: 'text', text: 'x'.repeat(10_000) } }],
		false,
		false,
	);
	expect(said?.is === 'one' && said.text.length).toBe(280);
});
