import { expect, it } from 'vitest';
import type { Item } from '../../../engine/contract';
import { Unsent } from './unsent';

function own(key: string, text: string): Item {
	return {
		key,
		seq: null,
		sender: 'me',
		senderName: 'Me',
		own: true,
		time: 1,
		serverTime: 0,
		expires: 0,
		body: { is: 'text', text },
		state: 'waiting',
	};
}

it('gives back what never stood in the timeline, once', () => {
	const unsent = new Unsent();
	unsent.sent('first', []);
	unsent.sent('second ', [own('a', 'first')]);
	unsent.shown([own('a', 'first')]);
	expect(unsent.refused()).toBe('second');
	expect(unsent.refused()).toBeNull();
});

it('tells a message from an older one that says the same', () => {
	const unsent = new Unsent();
	const old = own('a', 'yes');
	unsent.sent('yes', [old]);
	unsent.sent('yes', [old]);
	unsent.shown([old, own('b', 'yes')]);
	expect(unsent.refused()).toBe('yes');
});
