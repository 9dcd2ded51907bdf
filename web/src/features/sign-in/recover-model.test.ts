import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import { aSession, RECOVERY_CODE, type Script, scriptedEngine } from '../../test/scripted-engine';
import { createPassphraseModel } from '../settings/passphrase-model';
import { createRecoverModel } from './recover-model';

async function begun(script: Script = {}) {
	const engine = scriptedEngine(script);
	const app = createAppStore(engine);
	await app.actions.open();
	return { engine, app, model: createRecoverModel(engine, app) };
}

describe('coming back with a recovery code', () => {
	it('says what is missing or mistyped before anything is sent', async () => {
		const { engine, model } = await begun();
		await model.submit('Firefox');
		expect(model.getState().problem).toBe('loginName');
		model.setLoginName(' ada ');
		await model.submit('Firefox');
		expect(model.getState().problem).toBe('code');
		model.setCode('7QK2M-0ZV4T');
		await model.submit('Firefox');
		expect(model.getState()).toMatchObject({ problem: 'codeMistyped', busy: false });
		expect(engine.commands).toEqual([]);
	});

	it('signs in, and takes the code along to where the new passphrase is chosen', async () => {
		const { engine, app, model } = await begun({
			onCommand: (command, engine) => {
				if (command.do === 'signIn') {
					engine.become({ session: aSession() });
					engine.emit({ is: 'signedIn', session: aSession() });
				} else engine.emit({ is: 'done', doing: command.do });
			},
		});
		model.setLoginName(' ada ');
		model.setCode(RECOVERY_CODE);
		await model.submit('Firefox');
		expect(engine.commands).toEqual([
			{ do: 'signIn', loginName: 'ada', code: RECOVERY_CODE, deviceName: 'Firefox' },
		]);
		expect(model.getState().code).toBe('');
		const passphrase = createPassphraseModel(engine, app, 'en', null);
		expect(passphrase.getState()).toMatchObject({ by: 'code', cameByCode: true });
		await passphrase.chooser.another();
		passphrase.chooser.setWrittenDown(true);
		passphrase.setMayBeKnown(false);
		await passphrase.submit();
		expect(engine.commands.at(-1)).toEqual({
			do: 'changePassphrase',
			code: RECOVERY_CODE,
			new: 'orbit-velvet-canyon-ladder-sunset',
			mayBeKnown: false,
		});
		expect(passphrase.getState()).toMatchObject({ done: true, code: '' });
		expect(app.getState().cameBy).toBeNull();
	});

	it('forgets the code where it was refused, and lets it be tried again', async () => {
		const failure = {
			is: 'server' as const,
			code: 'wrong_name_or_code',
			message: '',
			retryable: false,
			retryAfterMs: null,
		};
		const { app, model } = await begun({
			onCommand: (command, engine) => engine.emit({ is: 'failed', doing: command.do, failure }),
		});
		model.setLoginName('ada');
		model.setCode(RECOVERY_CODE);
		await model.submit('Firefox');
		expect(model.getState()).toMatchObject({ busy: false, failure, code: RECOVERY_CODE });
		expect(app.getState().cameBy).toBeNull();
	});
});

describe('a new passphrase by the code', () => {
	it('asks for the code after a start, where somebody came by it and has no new passphrase yet', async () => {
		const recovery = { there: true, made: 1, remind: false, passphraseWanted: true };
		const { engine, app } = await begun({ state: { session: aSession(), recovery } });
		const model = createPassphraseModel(engine, app, 'en', true);
		expect(model.getState()).toMatchObject({ by: 'code', cameByCode: false });
		await model.submit();
		expect(model.getState().problem).toBe('codeNeeded');
		model.setCode('ABC');
		await model.submit();
		expect(model.getState().problem).toBe('codeMistyped');
		model.setBy('passphrase');
		await model.submit();
		expect(model.getState().problem).toBe('oldNeeded');
		expect(engine.commands).toEqual([]);
	});
});
