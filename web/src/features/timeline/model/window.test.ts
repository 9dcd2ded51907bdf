import { describe, expect, it } from 'vitest';
import type { Command, Item, Page } from '../../../engine/contract';
import { TimelineWindow } from './window';

const sizes = { page: 10, max: 40 };

/** A conversation as the engine keeps it: items from `low` to `head` here, the rest on the server, and what waits. */
class Scripted {
	commands: Command[] = [];
	asked: number[] = [];
	waiting: Item[] = [];
	broken = false;
	gone: (seq: number) => boolean = () => false;
	states = new Map<number, Item['state']>();

	constructor(
		public head: number,
		public low = 1,
	) {}

	item(seq: number): Item {
		return {
			key: `m${seq}`,
			seq,
			sender: 'a',
			senderName: 'A',
			own: false,
			time: seq,
			serverTime: seq,
			expires: 0,
			body: { is: 'text', text: `${seq}` },
			state: this.states.get(seq) ?? null,
		};
	}

	write(key: string): void {
		this.waiting.push({ ...this.item(0), key, seq: null, serverTime: 0, own: true, state: 'waiting' });
	}

	async timeline({
		before,
		after,
		limit,
	}: {
		before?: number;
		after?: number;
		limit: number;
	}): Promise<Page> {
		this.asked.push(limit);
		if (this.broken) throw new Error('the worker is gone');
		let from = Math.max(this.low, (before ?? this.head + 1) - limit);
		let to = Math.min(this.head, (before ?? this.head + 1) - 1);
		if (after !== undefined) {
			from = Math.max(this.low, after + 1);
			to = Math.min(this.head, after + limit);
		}
		const items: Item[] = [];
		for (let seq = from; seq <= to; seq += 1) if (!this.gone(seq)) items.push(this.item(seq));
		if (before === undefined && after === undefined) items.push(...this.waiting);
		const olderOnServer = this.low > 1;
		return { items, older: olderOnServer || from > this.low, olderOnServer, newer: to < this.head };
	}

	command(command: Command): void {
		this.commands.push(command);
	}
}

async function opened(engine: Scripted) {
	const window = new TimelineWindow(engine, 'c', sizes);
	window.openNewest();
	await window.idle();
	return window;
}

function seqs(window: TimelineWindow) {
	return window.state().items.map((item) => item.seq);
}

function range(from: number, to: number) {
	return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

describe('opening', () => {
	it('begins with the newest and what waits', async () => {
		const engine = new Scripted(100);
		engine.write('w');
		const window = await opened(engine);
		expect(seqs(window)).toEqual([...range(91, 100), null]);
		expect(window.state()).toMatchObject({ older: true, newer: false, loading: null, start: { at: 'end' } });
	});

	it('goes to a message in the middle, with its neighbours', async () => {
		const window = await opened(new Scripted(100));
		window.openAt(50);
		await window.idle();
		expect(seqs(window)).toEqual(range(45, 54));
		expect(window.state()).toMatchObject({
			older: true,
			newer: true,
			jump: 2,
			start: { at: 'item', seq: 50 },
		});
	});

	it('has what waits when the message is near the end', async () => {
		const engine = new Scripted(100);
		engine.write('w');
		const window = await opened(engine);
		window.openAt(98);
		await window.idle();
		expect(seqs(window)).toEqual([...range(93, 100), null]);
		expect(window.state().newer).toBe(false);
	});

	it('of an empty conversation is empty', async () => {
		const window = await opened(new Scripted(0));
		expect(window.state()).toMatchObject({ items: [], older: false, newer: false, loading: null });
	});
});

describe('sliding', () => {
	it('never keeps more than it may, up to the first message and back to the last', async () => {
		const engine = new Scripted(1000);
		const window = await opened(engine);
		while (window.state().older) {
			window.loadOlder();
			await window.idle();
			expect(window.state().items.length).toBeLessThanOrEqual(sizes.max);
		}
		expect(seqs(window)).toEqual(range(1, 40));
		while (window.state().newer) {
			window.loadNewer();
			await window.idle();
			expect(window.state().items.length).toBeLessThanOrEqual(sizes.max);
			const now = seqs(window) as number[];
			expect(now).toEqual(range(now[0] ?? 0, now.at(-1) ?? 0));
		}
		expect(seqs(window).at(-1)).toBe(1000);
	});

	it('loads one thing at a time', async () => {
		const engine = new Scripted(100);
		const window = await opened(engine);
		const before = engine.asked.length;
		window.loadOlder();
		window.loadOlder();
		window.loadOlder();
		await window.idle();
		expect(engine.asked.length).toBe(before + 1);
	});

	it('brings back what waits when it reaches the end', async () => {
		const engine = new Scripted(60);
		engine.write('w');
		const window = await opened(engine);
		window.openAt(20);
		await window.idle();
		while (window.state().newer) {
			window.loadNewer();
			await window.idle();
		}
		expect(seqs(window).at(-1)).toBeNull();
	});
});

describe('history on the server', () => {
	it('is asked for, and loaded when it is here', async () => {
		const engine = new Scripted(100, 91);
		const window = await opened(engine);
		window.loadOlder();
		await window.idle();
		expect(engine.commands).toEqual([{ do: 'loadOlder', conversation: 'c' }]);
		expect(window.state().loading).toBe('older');
		engine.low = 71;
		window.refresh();
		await window.idle();
		expect(seqs(window)).toEqual(range(81, 100));
		expect(window.state()).toMatchObject({ loading: null, older: true });
	});

	it('that cannot be had is said, and may be tried again', async () => {
		const engine = new Scripted(100, 91);
		const window = await opened(engine);
		window.loadOlder();
		await window.idle();
		window.olderFailed();
		expect(window.state()).toMatchObject({ loading: null, olderFailed: true, older: true });
		window.loadOlder();
		await window.idle();
		expect(engine.commands).toHaveLength(2);
		expect(window.state().olderFailed).toBe(false);
	});
});

describe('changes', () => {
	it('take in what arrives, and keep the objects of what did not change', async () => {
		const engine = new Scripted(100);
		const window = await opened(engine);
		const before = window.state().items;
		engine.head = 103;
		engine.states.set(95, 'read');
		window.refresh();
		await window.idle();
		expect(seqs(window)).toEqual(range(91, 103));
		const after = window.state().items;
		expect(after[0]).toBe(before[0]);
		expect(after[4]).not.toBe(before[4]);
		expect(after[4]?.state).toBe('read');
	});

	it('turn what waited into what was sent, under the same key', async () => {
		const engine = new Scripted(100);
		engine.write('m101');
		const window = await opened(engine);
		engine.waiting = [];
		engine.head = 101;
		window.refresh();
		await window.idle();
		expect(window.state().items.filter((item) => item.key === 'm101')).toHaveLength(1);
		expect(window.state().items.at(-1)?.seq).toBe(101);
	});

	it('that come many at once are read once', async () => {
		const engine = new Scripted(100);
		const window = await opened(engine);
		const before = engine.asked.length;
		for (let n = 0; n < 50; n += 1) window.refresh();
		await window.idle();
		expect(engine.asked.length).toBe(before + 1);
	});

	it('do not move somebody who reads history: the end is cut off instead', async () => {
		const engine = new Scripted(100);
		const window = await opened(engine);
		while (seqs(window).length < sizes.max) {
			window.loadOlder();
			await window.idle();
		}
		window.look(false);
		engine.head = 130;
		window.refresh();
		await window.idle();
		expect(seqs(window)).toEqual(range(61, 100));
		expect(window.state().newer).toBe(true);
	});

	it('drop the oldest for somebody who is at the end', async () => {
		const engine = new Scripted(100);
		const window = await opened(engine);
		while (seqs(window).length < sizes.max) {
			window.loadOlder();
			await window.idle();
		}
		window.look(true);
		engine.head = 130;
		window.refresh();
		await window.idle();
		expect(seqs(window)).toEqual(range(91, 130));
		expect(window.state()).toMatchObject({ older: true, newer: false });
	});

	it('reach a window in the middle too', async () => {
		const engine = new Scripted(100);
		const window = await opened(engine);
		window.openAt(50);
		await window.idle();
		engine.states.set(50, 'delivered');
		window.refresh();
		await window.idle();
		expect(seqs(window)).toEqual(range(45, 54));
		expect(window.state().items.find((item) => item.seq === 50)?.state).toBe('delivered');
	});
});

it.each([
	['all of them', 1],
	['all that is here, with older ones on the server', 41],
])('lets go of what has disappeared: %s', async (_, low) => {
	const engine = new Scripted(50);
	engine.low = low;
	const window = await opened(engine);
	engine.gone = (seq) => seq < 49;
	window.refresh();
	await window.idle();
	expect(seqs(window)).toEqual([49, 50]);
	engine.gone = () => true;
	window.refresh();
	await window.idle();
	expect(seqs(window)).toEqual([]);
	expect(window.state().older).toBe(true);
});

it('survives an engine that is being restarted', async () => {
	const engine = new Scripted(100);
	const window = await opened(engine);
	engine.broken = true;
	window.loadOlder();
	window.refresh();
	await window.idle();
	expect(seqs(window)).toEqual(range(91, 100));
	expect(window.state().loading).toBeNull();
	engine.broken = false;
	window.loadOlder();
	await window.idle();
	expect(seqs(window)).toEqual(range(81, 100));
});
