import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import {
	aSession,
	OTHER_RECOVERY_CODE,
	RECOVERY_CODE,
	type Script,
	scriptedEngine,
} from '../../test/scripted-engine';
import { createRecoveryModel } from './recovery-model';

async function begun(script: Script = {}) {
	const engine = scriptedEngine({ state: { session: aSession() }, ...script });
	const app = createAppStore(engine);
	await app.actions.open();
	return { engine, model: createRecoveryModel(engine, app) };
}

describe('making a recovery code', () => {
	it('asks for the passphrase first, and sends nothing before the code was typed again', async () => {
		const { engine, model } = await begun();
		await model.make();
		expect(model.getState()).toMatchObject({ step: 'why', problem: 'passphraseNeeded' });
		model.setPassphrase('the passphrase');
		await model.make();
		expect(model.getState()).toMatchObject({ step: 'write', code: RECOVERY_CODE });
		model.next();
		for (const [typed, problem] of [
			['', 'codeNeeded'],
			['7QK2M', 'codeMistyped'],
			[OTHER_RECOVERY_CODE, 'anotherCode'],
		] as const) {
			model.setTyped(typed);
			await model.confirm();
			expect(model.getState().problem).toBe(problem);
		}
		expect(engine.commands).toEqual([]);
		model.setTyped(RECOVERY_CODE.toLowerCase().replaceAll('-', ' '));
		await model.confirm();
		expect(engine.commands).toEqual([
			{ do: 'setRecovery', passphrase: 'the passphrase', code: RECOVERY_CODE },
		]);
		expect(model.getState()).toMatchObject({ step: 'made', passphrase: '', code: '', typed: '' });
	});

	it('asks for another passphrase when that was wrong, and keeps the code that is on paper', async () => {
		let right = false;
		const { engine, model } = await begun({
			onCommand: (command, engine) =>
				engine.emit(
					right
						? { is: 'done', doing: command.do }
						: { is: 'failed', doing: command.do, failure: { is: 'passphrase' } },
				),
		});
		model.setPassphrase('wrong');
		await model.make();
		model.next();
		model.setTyped(RECOVERY_CODE);
		await model.confirm();
		expect(model.getState()).toMatchObject({ step: 'again', passphraseWrong: true, passphrase: '' });
		await model.confirm();
		expect(model.getState().problem).toBe('passphraseNeeded');
		right = true;
		model.setPassphrase('right');
		await model.confirm();
		expect(engine.commands.at(-1)).toMatchObject({ passphrase: 'right', code: RECOVERY_CODE });
		expect(model.getState().step).toBe('made');
	});

	it('removes it with the passphrase', async () => {
		const { engine, model } = await begun();
		await model.remove();
		expect(model.getState().problem).toBe('passphraseNeeded');
		model.setPassphrase('the passphrase');
		await model.remove();
		expect(engine.commands).toEqual([{ do: 'setRecovery', passphrase: 'the passphrase' }]);
		expect(model.getState().step).toBe('removed');
	});
});
