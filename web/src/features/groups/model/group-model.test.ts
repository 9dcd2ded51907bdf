import { expect, it } from 'vitest';
import { createAppStore } from '../../../app/store';
import type { Command } from '../../../engine/contract';
import { aGroupOf, aPerson, scriptedEngine } from '../../../test/scripted-engine';
import { createAddingModel } from './adding-model';
import { createGroupModel } from './group-model';

const ben = aPerson({ member: 'b' });
const eva = aPerson({ member: 'e' });
const settled = async () => {
	for (let n = 0; n < 20; n += 1) await Promise.resolve();
};

async function start() {
	const group = aGroupOf([[aPerson(), 'admin']], { conversation: 'g' }, { historyAll: true });
	const engine = scriptedEngine({ state: { conversations: [group] }, onCommand: () => undefined });
	const app = createAppStore(engine);
	await app.actions.open();
	const done = async (doing: Command['do']) => {
		engine.emit({ is: 'done', doing });
		await settled();
	};
	return { engine, app, group, done };
}

it('changes one rule and leaves the other as it is', async () => {
	const { engine, app, done } = await start();
	const model = createGroupModel(app, 'g');
	void model.setRule('announcements', true);
	await settled();
	expect(engine.commands).toEqual([
		{ do: 'setRules', conversation: 'g', announcements: true, historyAll: true },
	]);
	expect([...model.getState().pending]).toEqual(['announcements']);
	await done('setRules');
	expect([...model.getState().pending]).toEqual([]);
});

it('does one thing after the other, each of how the group is by then', async () => {
	const { engine, app, group, done } = await start();
	const model = createGroupModel(app, 'g');
	void model.setRule('announcements', true);
	void model.setRule('historyAll', false);
	await settled();
	expect(engine.commands).toHaveLength(1);
	const changed = { ...group, group: group.group && { ...group.group, announcements: true } };
	engine.emit({ is: 'conversations', conversations: [changed] });
	await done('setRules');
	expect(engine.commands[1]).toEqual({
		do: 'setRules',
		conversation: 'g',
		announcements: true,
		historyAll: false,
	});
	expect([...model.getState().pending]).toEqual(['historyAll']);
});

it('tells what went wrong with whom, and goes on', async () => {
	const { engine, app, done } = await start();
	const model = createGroupModel(app, 'g');
	const role = model.setRole('b', 'admin');
	const removal = model.remove('e');
	await settled();
	engine.emit({ is: 'failed', doing: 'setRole', failure: { is: 'offline' } });
	expect(await role).toEqual({ ok: false, failure: { is: 'offline' } });
	expect(model.getState().failed).toEqual({ about: 'b', failure: { is: 'offline' } });
	await settled();
	await done('removeMember');
	expect(await removal).toEqual({ ok: true });
	expect(engine.commands).toEqual([
		{ do: 'setRole', conversation: 'g', member: 'b', role: 'admin' },
		{ do: 'removeMember', conversation: 'g', member: 'e' },
	]);
	model.forget();
	expect(model.getState().failed).toBeNull();
});

it('adds people, and keeps chosen who did not come in', async () => {
	const { engine, app } = await start();
	const model = createAddingModel(app, 'g');
	model.toggle(ben);
	model.toggle(eva);
	const added = model.add();
	await settled();
	model.toggle(ben);
	expect(model.getState()).toMatchObject({ busy: true, chosen: [ben, eva] });
	expect(engine.commands).toEqual([{ do: 'addMembers', conversation: 'g', members: ['b', 'e'] }]);
	engine.emit({ is: 'failed', doing: 'addMembers', failure: { is: 'identityChanged', member: 'e' } });
	expect(await added).toBeNull();
	model.came(['b']);
	expect(model.getState()).toMatchObject({ busy: false, chosen: [eva] });
	const again = model.add();
	await settled();
	engine.emit({ is: 'done', doing: 'addMembers' });
	expect(await again).toBe(1);
});
