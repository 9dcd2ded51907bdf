import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import { aSession, type Script, scriptedEngine } from '../../test/scripted-engine';
import { createApprovalModel } from './approval-model';

async function aModel(required: boolean, script: Script = {}, after?: 'off' | 'notify') {
	const approvals = { required, waiting: [] };
	const engine = scriptedEngine({ state: { session: aSession(), approvals }, ...script });
	const app = createAppStore(engine);
	await app.actions.open();
	const model = createApprovalModel(engine, app, 'en', after);
	await model.chooser.another();
	return { engine, model };
}

const answering: Script = {
	onCommand: (command, engine) => {
		if (command.do === 'setApproval')
			queueMicrotask(() => engine.emit({ is: 'done', doing: 'changePassphrase' }));
	},
};

describe('approval of new sign-ins', () => {
	it('begins with another passphrase, once that is written down', async () => {
		const { engine, model } = await aModel(false, answering);
		await model.submit();
		expect(model.getState()).toMatchObject({ problem: 'oldNeeded', chosen: 'writeItDown' });
		model.setOld('five words');
		model.chooser.setWrittenDown(true);
		await model.submit();
		const next = model.chooser.passphrase();
		expect(engine.commands).toEqual([{ do: 'setApproval', old: 'five words', new: next, required: true }]);
		expect(model.getState()).toMatchObject({ busy: false, done: true, old: '' });
	});

	it('ends with the passphrase that there is', async () => {
		const { engine, model } = await aModel(true, answering);
		await model.submit();
		expect(model.getState().problem).toBe('oldNeeded');
		model.setOld('five words');
		await model.submit();
		expect(engine.commands).toEqual([
			{ do: 'setApproval', old: 'five words', new: 'five words', required: false },
		]);
		expect(model.getState().done).toBe(true);
	});

	it('has sign-ins told as was chosen, once it has ended and not before', async () => {
		const { engine, model } = await aModel(true, answering, 'off');
		expect(engine.commands).toEqual([]);
		model.setOld('five words');
		await model.submit();
		expect(engine.commands.slice(1)).toMatchObject([
			{ do: 'saveSettings', settings: { signInNotices: false } },
		]);
	});

	it('leaves it as it was how sign-ins are told where it does not end', async () => {
		const failing: Script = {
			onCommand: (command, engine) => {
				const failure = { is: 'passphrase' } as const;
				if (command.do === 'setApproval')
					queueMicrotask(() => engine.emit({ is: 'failed', doing: 'changePassphrase', failure }));
			},
		};
		const { engine, model } = await aModel(true, failing, 'off');
		model.setOld('wrong');
		await model.submit();
		expect(engine.commands.map((command) => command.do)).toEqual(['setApproval']);
	});

	it('says why it could not be changed', async () => {
		const { model } = await aModel(true, {
			onCommand: (command, engine) => {
				const failure = { is: 'passphrase' } as const;
				if (command.do === 'setApproval')
					queueMicrotask(() => engine.emit({ is: 'failed', doing: 'changePassphrase', failure }));
			},
		});
		model.setOld('wrong');
		await model.submit();
		expect(model.getState()).toMatchObject({ busy: false, done: false, failure: { is: 'passphrase' } });
	});
});
