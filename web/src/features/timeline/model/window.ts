/**
 * The part of a conversation that is in memory: a window that slides over its history and never holds more than a few
 * hundred items, however long the conversation is.
 */

import { cleanItem } from '../../../app/names';
import type { Engine, Id, Item, Page } from '../../../engine/contract';

/** Where a window begins. */
export type Start = { at: 'end' } | { at: 'item'; seq: number };

/** What the window holds. A new object with each change; items that did not change stay the same objects. */
export interface WindowState {
	/** Ascending; what waits comes last. */
	items: readonly Item[];
	older: boolean;
	newer: boolean;
	loading: 'start' | 'older' | 'newer' | null;
	/** Older ones are on the server, and it could not be asked. */
	olderFailed: boolean;
	/** Counts the jumps: the view begins anew, at `start`, when it changes. */
	jump: number;
	start: Start;
}

/** How much is read at once, and kept. */
export interface WindowSizes {
	page: number;
	max: number;
}

const empty: WindowState = {
	items: [],
	older: false,
	newer: false,
	loading: 'start',
	olderFailed: false,
	jump: 0,
	start: { at: 'end' },
};

function firstSeq(items: readonly Item[]): number | null {
	return items.find((item) => item.seq !== null)?.seq ?? null;
}

function lastSeq(items: readonly Item[]): number | null {
	return items.findLast((item) => item.seq !== null)?.seq ?? null;
}

function same(a: Item, b: Item): boolean {
	return (
		a.seq === b.seq &&
		a.state === b.state &&
		a.serverTime === b.serverTime &&
		a.time === b.time &&
		a.expires === b.expires &&
		a.senderName === b.senderName &&
		a.body.is === b.body.is &&
		JSON.stringify(a.body) === JSON.stringify(b.body)
	);
}

/** The new items, with the old objects where nothing changed, so that rows need not be drawn again. */
function keepObjects(old: readonly Item[], fresh: readonly Item[]): Item[] {
	const byKey = new Map(old.map((item) => [item.key, item]));
	return fresh.map((item) => {
		const known = byKey.get(item.key);
		return known !== undefined && same(known, item) ? known : item;
	});
}

/** One conversation's window. */
export class TimelineWindow {
	#state = empty;
	#listeners = new Set<() => void>();
	/** What runs: one thing after the other. */
	#queue: Promise<void> = Promise.resolve();
	#refreshQueued = false;
	#awaitingServer = false;
	#nearEnd = true;

	constructor(
		private readonly engine: Pick<Engine, 'timeline' | 'command'>,
		private readonly conversation: Id,
		private readonly sizes: WindowSizes = { page: 100, max: 600 },
	) {}

	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	readonly state = (): WindowState => this.#state;

	/** Ends when everything asked so far is done. */
	idle(): Promise<void> {
		return this.#queue;
	}

	/** Goes to the newest messages. */
	openNewest(): void {
		this.#enqueue(async () => {
			const page = await this.#read({ limit: this.sizes.page });
			this.#begin(page.items, page.older, page.newer, { at: 'end' });
		});
	}

	/** Goes to a message, with some before and some after it. */
	openAt(seq: number): void {
		this.#enqueue(async () => {
			const half = Math.ceil(this.sizes.page / 2);
			const after = await this.#read({ after: seq - 1, limit: half });
			const before = await this.#read({ before: seq, limit: half });
			if (after.newer) {
				this.#begin([...before.items, ...after.items], before.older, true, { at: 'item', seq });
				return;
			}
			// what waits comes only with the newest page
			const newest = await this.#read({ limit: half + after.items.length });
			const from = firstSeq(newest.items) ?? Number.POSITIVE_INFINITY;
			const items = [...before.items.filter((item) => (item.seq ?? 0) < from), ...newest.items];
			this.#begin(items, before.older, false, { at: 'item', seq });
		});
	}

	/** Tells which part is looked at: the rest is what may be dropped. */
	look(nearEnd: boolean): void {
		this.#nearEnd = nearEnd;
	}

	/** More of what is before the window. */
	loadOlder(): void {
		if (!this.#state.older || this.#state.loading !== null) return;
		this.#nearEnd = false;
		this.#set({ loading: 'older', olderFailed: false });
		this.#enqueue(() => this.#older());
	}

	/** More of what is after the window. */
	loadNewer(): void {
		if (!this.#state.newer || this.#state.loading !== null) return;
		this.#nearEnd = true;
		this.#set({ loading: 'newer' });
		this.#enqueue(async () => {
			const last = lastSeq(this.#state.items);
			if (last === null) return;
			const page = await this.#read({ after: last, limit: this.sizes.page });
			const items = [...this.#state.items, ...page.items];
			const dropped = Math.max(0, items.length - this.sizes.max);
			this.#set({
				items: items.slice(dropped),
				older: this.#state.older || dropped > 0,
				newer: page.newer,
				loading: null,
			});
			// at the end of what is kept: what waits comes with the newest page only
			if (!page.newer) await this.#refresh();
		});
	}

	/** Something in the conversation changed. */
	refresh(): void {
		if (this.#refreshQueued) return;
		this.#refreshQueued = true;
		this.#enqueue(async () => {
			this.#refreshQueued = false;
			await this.#refresh();
			if (this.#awaitingServer) {
				this.#awaitingServer = false;
				await this.#older();
			}
		});
	}

	/** The server could not be asked for older ones. */
	olderFailed(): void {
		if (!this.#awaitingServer) return;
		this.#awaitingServer = false;
		this.#set({ loading: null, olderFailed: true });
	}

	async #older(): Promise<void> {
		const first = firstSeq(this.#state.items);
		if (first === null) return;
		const page = await this.#read({ before: first, limit: this.sizes.page });
		if (page.items.length === 0 && page.olderOnServer) {
			this.#awaitingServer = true;
			this.#set({ loading: 'older' });
			this.engine.command({ do: 'loadOlder', conversation: this.conversation });
			return;
		}
		const items = [...page.items, ...this.#state.items];
		const kept = items.slice(0, this.sizes.max);
		this.#set({
			items: kept,
			// an empty page that promises older ones here would be asked for again for ever
			older: page.older && page.items.length > 0,
			newer: this.#state.newer || kept.length < items.length,
			loading: null,
		});
	}

	async #refresh(): Promise<void> {
		const { items, newer } = this.#state;
		const first = firstSeq(items);
		if (first === null) {
			const page = await this.#read({ limit: this.sizes.page });
			this.#set({
				items: keepObjects(items, page.items),
				older: page.older,
				newer: page.newer,
				loading: null,
			});
			return;
		}
		if (newer) {
			const page = await this.#read({ after: first - 1, limit: items.length });
			this.#set({ items: keepObjects(items, page.items), newer: page.newer });
			return;
		}
		const limit = Math.min(this.sizes.max, items.length + this.sizes.page);
		this.#atEnd(await this.#read({ limit }), limit);
	}

	/** Takes the newest page into a window that reached to the end. */
	#atEnd(page: Page, limit: number): void {
		const { items } = this.#state;
		const first = firstSeq(items) ?? 0;
		const from = firstSeq(page.items) ?? Number.POSITIVE_INFINITY;
		// the page may begin before the window: what it does not hold is for loadOlder
		const fresh = page.items.filter((item) => item.seq === null || item.seq >= first);
		// one that is not full holds all that is left here: what is missing before it has disappeared
		const short = page.items.filter((item) => item.seq !== null).length < limit;
		const before = short ? [] : items.filter((item) => item.seq !== null && item.seq < from);
		const all = [...before, ...keepObjects(items, fresh)];
		const over = Math.max(0, all.length - this.sizes.max);
		if (over === 0) {
			const older = this.#state.older || (short && from > first && page.older);
			this.#set({ items: all, older, loading: this.#awaitingServer ? 'older' : null });
		} else if (this.#nearEnd) {
			this.#set({ items: all.slice(over), older: true });
		} else {
			this.#set({ items: all.slice(0, this.sizes.max), newer: true });
		}
	}

	#begin(items: readonly Item[], older: boolean, newer: boolean, start: Start): void {
		this.#awaitingServer = false;
		this.#nearEnd = !newer;
		this.#set({
			items,
			older,
			newer,
			start,
			loading: null,
			olderFailed: false,
			jump: this.#state.jump + 1,
		});
	}

	async #read(at: { before?: number; after?: number; limit: number }): Promise<Page> {
		const page = await this.engine.timeline({ conversation: this.conversation, ...at });
		return { ...page, items: page.items.map(cleanItem) };
	}

	/** A read that fails (the worker is restarted) leaves the window as it is: an update follows when it is back. */
	#enqueue(work: () => Promise<void>): void {
		this.#queue = this.#queue.then(work).catch(() => {
			if (this.#state.jump > 0) this.#set({ loading: null });
		});
	}

	#set(change: Partial<WindowState>): void {
		this.#state = { ...this.#state, ...change };
		for (const listener of this.#listeners) listener();
	}
}
