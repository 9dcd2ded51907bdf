/** Tells what arrived, for those who listen to a screen reader; never what was only loaded. */

import type { Item } from '../../../engine/contract';

/** What to say. */
export type Arrival = { is: 'one'; sender: string; text: string } | { is: 'many'; count: number };

/** So much of a message is read out unasked. */
const spokenMax = 280;

function newestSeq(items: readonly Item[]): number {
	return items.reduce((newest, item) => Math.max(newest, item.seq ?? 0), 0);
}

/** Follows a window and says what is new at its end. */
export class Arrivals {
	#newest: number | null = null;

	/** What arrived since the last call; null: nothing to say. `jumped`: the window is elsewhere than before. */
	next(items: readonly Item[], newer: boolean, jumped: boolean): Arrival | null {
		const before = this.#newest;
		const newest = newestSeq(items);
		if (before === null) {
			this.#newest = newest;
			return null;
		}
		this.#newest = Math.max(before, newest);
		// a window that is not at the end is being filled, and so is one that has just jumped
		if (newer || jumped) return null;
		const arrived = items.filter((item) => (item.seq ?? 0) > before && !item.own && item.body.is === 'text');
		const [only] = arrived;
		if (only === undefined) return null;
		if (arrived.length > 1 || only.body.is !== 'text') return { is: 'many', count: arrived.length };
		return { is: 'one', sender: only.senderName, text: only.body.text.slice(0, spokenMax) };
	}
}
