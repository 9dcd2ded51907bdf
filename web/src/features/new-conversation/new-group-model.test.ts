import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import type { Failure } from '../../engine/contract';
import { aPerson, scriptedEngine } from '../../test/scripted-engine';
import { createNewGroupModel } from './new-group-model';

const ben = aPerson({ member: 'b', displayName: 'Ben' });
const eva = aPerson({ member: 'e', displayName: 'Eva' });

function start(failure: Failure | null = null) {
	const engine = scriptedEngine({
		onCommand: ({ do: doing }, now) =>
			now.emit(failure ? { is: 'failed', doing, failure } : { is: 'opened', conversation: 'new' }),
	});
	return { engine, model: createNewGroupModel(createAppStore(engine)) };
}

describe('a new group', () => {
	it('keeps who is chosen in their order, and lets them go again', () => {
		const { model } = start();
		model.toggle(eva);
		model.toggle(ben);
		expect(model.getState().chosen).toEqual([eva, ben]);
		model.toggle(eva);
		expect(model.getState().chosen).toEqual([ben]);
		model.remove('b');
		expect(model.getState().chosen).toEqual([]);
	});

	it('is made of whoever is chosen, and is the conversation that opens', async () => {
		const { engine, model } = start();
		model.toggle(ben);
		model.toggle(eva);
		model.write('  Desk ');
		expect(await model.create()).toBe('new');
		expect(engine.commands).toEqual([{ do: 'createGroup', title: 'Desk', members: ['b', 'e'] }]);
		expect(model.getState()).toMatchObject({ busy: false, failure: null });
	});

	it('needs no name, but somebody', async () => {
		const { engine, model } = start();
		expect(await model.create()).toBeNull();
		model.toggle(ben);
		expect(await model.create()).toBe('new');
		expect(engine.commands).toEqual([{ do: 'createGroup', title: '', members: ['b'] }]);
	});

	it('is not tried with a name that is too long', async () => {
		const { engine, model } = start();
		model.toggle(ben);
		model.write('x'.repeat(81));
		expect(await model.create()).toBeNull();
		expect(model.getState().tooLong).toBe(true);
		expect(engine.commands).toEqual([]);
		// what people call a character counts, not what computers do
		model.write('👩‍👩‍👧‍👦'.repeat(80));
		expect(await model.create()).toBe('new');
	});

	it('says what went wrong, until something else is tried', async () => {
		const { model } = start({ is: 'offline' });
		model.toggle(ben);
		expect(await model.create()).toBeNull();
		expect(model.getState()).toMatchObject({ busy: false, failure: { is: 'offline' }, chosen: [ben] });
		model.write('Desk');
		expect(model.getState().failure).toBeNull();
	});
});
