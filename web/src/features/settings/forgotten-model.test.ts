import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import { aSession, type Script, scriptedEngine } from '../../test/scripted-engine';
import { createForgottenModel } from './forgotten-model';

async function aModel(script: Script = {}) {
	const engine = scriptedEngine({ state: { session: aSession() }, ...script });
	const app = createAppStore(engine);
	await app.actions.open();
	const model = createForgottenModel(engine, app, 'en');
	await model.chooser.another();
	return { engine, model };
}

describe('a forgotten passphrase', () => {
	it('is asked for, taken back, and approved elsewhere', async () => {
		const { engine, model } = await aModel();
		await model.ask();
		await model.cancel();
		await model.approve();
		expect(engine.commands.map((command) => command.do)).toEqual([
			'askForgotten',
			'cancelForgotten',
			'approveForgotten',
		]);
		expect(model.getState()).toMatchObject({ busy: false, failure: null });
	});

	it('is replaced once the new one is written down, and answered as a change of the passphrase', async () => {
		const { engine, model } = await aModel({
			onCommand: (command, engine) => {
				if (command.do === 'replaceForgotten')
					queueMicrotask(() => engine.emit({ is: 'done', doing: 'changePassphrase' }));
			},
		});
		await model.submit();
		expect(model.getState().chosen).toBe('writeItDown');
		expect(engine.commands).toEqual([]);
		model.chooser.setWrittenDown(true);
		await model.submit();
		expect(engine.commands).toEqual([{ do: 'replaceForgotten', new: model.chooser.passphrase() }]);
		expect(model.getState()).toMatchObject({ busy: false, done: true });
	});

	it('says why it is not replaced', async () => {
		const failure = {
			is: 'server',
			code: 'approval_needed',
			message: '',
			retryable: false,
			retryAfterMs: null,
		} as const;
		const { model } = await aModel({
			onCommand: (command, engine) => {
				if (command.do === 'replaceForgotten')
					queueMicrotask(() => engine.emit({ is: 'failed', doing: 'changePassphrase', failure }));
			},
		});
		model.chooser.setWrittenDown(true);
		await model.submit();
		expect(model.getState()).toMatchObject({ busy: false, done: false, failure });
	});
});
