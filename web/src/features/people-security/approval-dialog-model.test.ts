import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import type { WaitingSignIn } from '../../engine/contract';
import { aSession, type Script, scriptedEngine } from '../../test/scripted-engine';
import { type Clock, createApprovalDialogModel, lookMs } from './approval-dialog-model';

/** A clock that goes on when it is told to. */
function aClock() {
	let now = 1_000;
	let calls: { at: number; call: () => void }[] = [];
	const clock: Clock = {
		now: () => now,
		after(ms, call) {
			const one = { at: now + ms, call };
			calls.push(one);
			return () => {
				calls = calls.filter((other) => other !== one);
			};
		},
	};
	function pass(ms: number): void {
		now += ms;
		const due = calls.filter(({ at }) => at <= now);
		calls = calls.filter(({ at }) => at > now);
		for (const { call } of due) call();
	}
	return { clock, pass };
}

async function aModel(script: Script = {}) {
	const engine = scriptedEngine({ state: { session: aSession() }, ...script });
	const app = createAppStore(engine);
	await app.actions.open();
	const { clock, pass } = aClock();
	return { engine, app, pass, model: createApprovalDialogModel(app, 'd9', clock) };
}

const waiting = (step: WaitingSignIn['step'], code?: string): WaitingSignIn => ({
	device: 'd9',
	name: 'Laptop',
	asked: 1,
	step,
	...(code !== undefined && { code }),
});

describe('what is decided of a sign-in that waits', () => {
	it('lets nobody in by a second press that came before the code could be looked at', async () => {
		const { engine, model, pass } = await aModel();
		model.sees(waiting('asked'));
		await model.claim();
		model.sees(waiting('code', '123 456 789'));
		await model.grant();
		await model.deny('differ');
		pass(lookMs - 1);
		await model.grant();
		expect(model.getState().looked).toBe(false);
		expect(engine.commands).toEqual([{ do: 'claimApproval', device: 'd9' }]);
		pass(1);
		expect(model.getState().looked).toBe(true);
		await model.grant();
		expect(engine.commands.slice(1)).toEqual([{ do: 'grantApproval', device: 'd9' }]);
	});

	it('has another code looked at anew, and the same one not', async () => {
		const { engine, model, pass } = await aModel();
		const stop = model.sees(waiting('code', '123 456 789'));
		pass(lookMs / 2);
		stop();
		model.sees(waiting('code', '123 456 789'));
		pass(lookMs / 2);
		expect(model.getState().looked).toBe(true);
		model.sees(waiting('code', '987 654 321'));
		expect(model.getState().looked).toBe(false);
		await model.grant();
		expect(engine.commands).toEqual([]);
	});

	it.each(['notMe', 'differ'] as const)('tells what to do once it was refused: %s', async (why) => {
		const { engine, app, model } = await aModel();
		model.sees(waiting('asked'));
		await model.deny(why);
		expect(engine.commands).toEqual([{ do: 'denyApproval', device: 'd9' }]);
		expect(app.getState().refused).toBe(why);
	});

	it('says why something did not work, and tells nothing else', async () => {
		const { app, model } = await aModel({
			onCommand: ({ do: doing }, engine) => engine.emit({ is: 'failed', doing, failure: { is: 'offline' } }),
		});
		await model.deny('notMe');
		expect(model.getState()).toMatchObject({ busy: null, failure: { is: 'offline' } });
		expect(app.getState().refused).toBeNull();
	});
});
