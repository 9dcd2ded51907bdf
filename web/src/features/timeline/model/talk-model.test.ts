import { describe, expect, it, vi } from 'vitest';
import type { Conversation, Item } from '../../../engine/contract';
import { aConversation, scriptedEngine } from '../../../test/scripted-engine';
import { createTalkModel } from './talk-model';

const LOOKED = { do: 'lookAt', conversation: 'c' };
const sizes = { page: 20, max: 60 };

function item(seq: number, own = false): Item {
	const time = Date.UTC(2026, 10, 27, 12) + seq * 1000;
	return {
		key: `m${seq}`,
		seq,
		sender: own ? 'me' : 'a',
		senderName: own ? 'Me' : 'Alice',
		own,
		time,
		serverTime: time,
		expires: 0,
		body: { is: 'text', text: `message ${seq}` },
		state: own ? 'sent' : null,
	};
}

async function open(change: Partial<Conversation>, head = 100, make: (seq: number) => Item = item) {
	const log = { head };
	const engine = scriptedEngine({
		timeline: ({ before, after, limit }) => {
			const to =
				after === undefined
					? Math.min(log.head, (before ?? log.head + 1) - 1)
					: Math.min(log.head, after + limit);
			const from = after === undefined ? Math.max(1, to - limit + 1) : after + 1;
			const items = Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => make(from + n));
			return { items, older: from > 1, olderOnServer: false, newer: to < log.head };
		},
	});
	const conversation = aConversation({ conversation: 'c', read: head, ...change });
	const model = createTalkModel(engine, conversation, sizes);
	const stop = model.start();
	await model.idle();
	const arrive = async (told: Partial<Conversation>) => {
		log.head += 1;
		engine.emit({ is: 'timeline', conversation: 'c' });
		await model.idle();
		model.conversationChanged({ ...conversation, ...told });
	};
	return { engine, model, conversation, arrive, stop };
}

const kinds = (model: ReturnType<typeof createTalkModel>) => model.getState().rows.map((row) => row.is);

describe('opening', () => {
	it('goes to the end where everything was read', async () => {
		const { model } = await open({});
		expect(model.getState().window.start).toEqual({ at: 'end' });
		expect(kinds(model)).not.toContain('new');
	});

	it('goes to the line where something was not', async () => {
		const { model } = await open({ unread: 30, read: 70 });
		const { rows, window } = model.getState();
		expect(window.start).toEqual({ at: 'item', seq: 71 });
		const line = rows.findIndex((row) => row.is === 'new');
		expect(rows[line + 1]?.key).toBe('m71');
	});
});

describe('where keys were changed and nothing was said lately', () => {
	const quietAfter = (last: number) => (seq: number) =>
		seq > last ? { ...item(seq), body: { is: 'keysUpdated' as const } } : item(seq);

	it('goes back to what was said', async () => {
		const { model } = await open({}, 100, quietAfter(50));
		await vi.waitFor(() => expect(model.getState().rows.at(-1)?.key).toBe('m50'));
	});

	it('ends at the beginning where nothing ever was', async () => {
		const { model } = await open({}, 100, quietAfter(0));
		await vi.waitFor(() => expect(model.getState().window.older).toBe(false));
		expect(model.getState().rows).toEqual([]);
	});
});

describe('reading', () => {
	it('marks what is in sight only while somebody looks', async () => {
		const { engine, model } = await open({ unread: 30, read: 70 });
		const index = model.getState().rows.findIndex((row) => row.key === 'm75');
		model.sees({ firstIndex: 0, lastIndex: index, atEnd: false });
		expect(engine.commands).toEqual([LOOKED]);
		model.watching(true);
		expect(engine.commands).toEqual([LOOKED, { do: 'markRead', conversation: 'c', seq: 75 }]);
	});
});

describe('looking', () => {
	it('is told when the conversation is opened and when it is left', async () => {
		const { engine, stop } = await open({});
		stop();
		expect(engine.commands).toEqual([LOOKED, { do: 'lookAt', conversation: null }]);
	});
});

describe('the line', () => {
	it('appears before what arrives while nobody looks', async () => {
		const { model, arrive } = await open({});
		model.sees({ firstIndex: 5, lastIndex: 20, atEnd: true });
		await arrive({ unread: 1 });
		const { rows, newSeen } = model.getState();
		expect(rows[rows.findIndex((row) => row.is === 'new') + 1]?.key).toBe('m101');
		expect(newSeen).toBe(false);
	});

	it('does not appear before what is read as it arrives', async () => {
		const { model, arrive } = await open({});
		model.watching(true);
		model.sees({ firstIndex: 5, lastIndex: 20, atEnd: true });
		await arrive({ unread: 1 });
		expect(kinds(model)).not.toContain('new');
	});

	it('goes when the person answers', async () => {
		const { engine, model } = await open({ unread: 3, read: 97 });
		expect(kinds(model)).toContain('new');
		model.send('hello');
		expect(kinds(model)).not.toContain('new');
		expect(engine.commands).toEqual([LOOKED, { do: 'sendText', conversation: 'c', text: 'hello' }]);
	});
});

describe('moving', () => {
	it('loads more near an end, and stays within its bounds', async () => {
		const { model } = await open({});
		for (let round = 0; round < 6; round += 1) {
			model.sees({ firstIndex: 0, lastIndex: 15, atEnd: false });
			await model.idle();
			expect(model.getState().window.items.length).toBeLessThanOrEqual(sizes.max);
		}
		expect(model.getState().window).toMatchObject({ older: false, newer: true });
		expect(model.getState().rows[1]?.key).toBe('m1');
	});

	it('jumps to the end and back to the line', async () => {
		const { model } = await open({ unread: 60, read: 40 });
		model.jumpToLatest();
		await model.idle();
		expect(model.getState().rows.at(-1)?.key).toBe('m100');
		model.jumpToNew();
		await model.idle();
		expect(model.getState().window.start).toEqual({ at: 'item', seq: 41 });
	});
});

it('says what arrives at the end, and stops listening when it is closed', async () => {
	const { engine, model, arrive, stop } = await open({});
	await arrive({});
	expect(model.getState().arrival).toEqual({ is: 'one', sender: 'Alice', text: 'message 101' });
	stop();
	const { window } = model.getState();
	engine.emit({ is: 'timeline', conversation: 'c' });
	await model.idle();
	expect(model.getState().window).toBe(window);
});
