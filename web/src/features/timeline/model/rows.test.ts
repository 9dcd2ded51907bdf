import { describe, expect, it } from 'vitest';
import type { Item } from '../../../engine/contract';
import { aChange } from '../../../test/scripted-engine';
import { type Row, rowsOf } from './rows';

const minute = 60_000;
const noon = Date.UTC(2026, 10, 27, 12);
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

function item(seq: number | null, change: Partial<Item> = {}): Item {
	const time = change.time ?? noon + (seq ?? 99) * 1000;
	return {
		key: `k${seq ?? 'w'}`,
		seq,
		sender: 'alice',
		senderName: 'Alice',
		own: false,
		time,
		serverTime: seq === null ? 0 : time,
		expires: 0,
		body: { is: 'text', text: `message ${seq}` },
		state: null,
		...change,
	};
}

function rows(items: Item[], options: { newAfter?: number | null; older?: boolean } = {}): Row[] {
	return rowsOf(items, { newAfter: null, older: false, dayOf, ...options });
}

const shape = (list: Row[]) =>
	list.map((row) =>
		row.is === 'message' ? `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}` : row.is,
	);

describe('groups', () => {
	it('holds together what one person says within five minutes', () => {
		const list = rows([item(1), item(2), item(3, { sender: 'bob' }), item(4, { sender: 'bob' })]);
		expect(shape(list)).toEqual(['day', 'k1 first', 'k2 last', 'k3 first', 'k4 last']);
	});

	it('begins anew after more than five minutes', () => {
		const list = rows([
			item(1, { time: noon }),
			item(2, { time: noon + 5 * minute }),
			item(3, { time: noon + 10 * minute + 1 }),
		]);
		expect(shape(list)).toEqual(['day', 'k1 first', 'k2 last', 'k3 first last']);
	});

	it('is broken by what happens between', () => {
		const list = rows([item(1), item(2, { body: aChange({ added: ['Carol'] }) }), item(3)]);
		expect(shape(list)).toEqual(['day', 'k1 first last', 'system', 'k3 first last']);
	});

	it('is not broken by renewed keys, which nobody sees', () => {
		expect(shape(rows([item(1), item(2, { body: { is: 'keysUpdated' } }), item(3)]))).toEqual([
			'day',
			'k1 first',
			'k3 last',
		]);
	});

	it('is not broken by a change of nothing that people see', () => {
		expect(shape(rows([item(1), item(2, { body: aChange({}) }), item(3)]))).toEqual([
			'day',
			'k1 first',
			'k3 last',
		]);
	});

	it('takes in what still waits, by the author’s time', () => {
		const own = { own: true, sender: 'me' };
		expect(shape(rows([item(1, own), item(null, { ...own, time: noon + minute, key: 'w' })]))).toEqual([
			'day',
			'k1 first',
			'w last',
		]);
	});
});

describe('days', () => {
	it('stand before the first message of each, by the server’s time', () => {
		const yesterday = noon - 24 * 60 * minute;
		const list = rows([item(1, { time: yesterday }), item(2, { time: yesterday, serverTime: noon })]);
		expect(list.map((row) => row.key)).toEqual(['day k1', 'k1', 'day k2', 'k2']);
	});
});

describe('a day whose beginning is not here', () => {
	it('has no line yet', () => {
		expect(shape(rows([item(8), item(9)], { older: true }))).toEqual(['k8 first', 'k9 last']);
		const next = item(9, { time: noon + 24 * 60 * minute });
		expect(shape(rows([item(8), next], { older: true }))).toEqual(['k8 first last', 'day', 'k9 first last']);
	});
});

describe('clocks', () => {
	it('are told apart by more than five minutes only', () => {
		const [, near, far, waiting] = rows([
			item(1, { serverTime: noon + 1000 + 5 * minute }),
			item(2, { serverTime: noon + 2000 + 5 * minute + 1 }),
			item(null, { serverTime: 0 }),
		]);
		expect([near, far, waiting].map((row) => row?.is === 'message' && row.clocksApart)).toEqual([
			false,
			true,
			false,
		]);
	});
});

describe('the line before what is new', () => {
	it('stands before the first unread message of somebody else', () => {
		const list = rows([item(1), item(2), item(3, { own: true }), item(4), item(5)], { newAfter: 2 });
		expect(shape(list)).toEqual(['day', 'k1 first', 'k2', 'k3 last', 'new', 'k4 first', 'k5 last']);
	});

	it('is absent when everything was read, and when what precedes is not there', () => {
		expect(shape(rows([item(1), item(2)], { newAfter: 2 }))).not.toContain('new');
		expect(shape(rows([item(8), item(9)], { newAfter: 2, older: true }))).not.toContain('new');
		expect(shape(rows([item(1), item(2)], { newAfter: null }))).not.toContain('new');
	});

	it('stands at the top where nothing was read yet', () => {
		expect(shape(rows([item(1)], { newAfter: 0 }))).toEqual(['day', 'new', 'k1 first last']);
	});
});

describe('keys', () => {
	const day = 24 * 60 * minute;
	// the clock of the server was wrong for a while
	const items = [0, 0, 1, 1, 0, 2, 1, 1].map((days, n) => item(n + 1, { time: noon + days * day + n }));

	it('are all different where days come again', () => {
		const keys = rows(items).map((row) => row.key);
		expect(new Set(keys).size).toBe(keys.length);
	});

	it('stay the same when older rows are loaded above', () => {
		const whole = rows(items).map((row) => row.key);
		for (let from = 1; from < items.length; from += 1) {
			const part = rows(items.slice(from), { older: true }).map((row) => row.key);
			expect(whole.slice(-part.length)).toEqual(part);
		}
	});
});

it('never uses a key twice', () => {
	const items = Array.from({ length: 300 }, (_, n) =>
		item(n + 1, { time: noon + n * 47 * minute, sender: n % 3 ? 'a' : 'b' }),
	);
	const keys = rows(items, { newAfter: 120 }).map((row) => row.key);
	expect(new Set(keys).size).toBe(keys.length);
});
