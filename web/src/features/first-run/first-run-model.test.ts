import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import type { Failure } from '../../engine/contract';
import { type Script, scriptedEngine } from '../../test/scripted-engine';
import { createFirstRunModel } from './first-run-model';

async function atPassphrase(script: Script = {}) {
	const engine = scriptedEngine(script);
	const app = createAppStore(engine, { arrival: { invitation: null, code: '7KQM-2XJD', reset: null } });
	await app.actions.open();
	const model = createFirstRunModel(engine, app, 'en');
	model.setOrganisation(' JSP ');
	model.next();
	model.account.setDisplayName('Ada');
	model.next();
	await model.account.another();
	model.account.setWrittenDown(true);
	return { engine, app, model };
}

const refusing = (code: string): Script => ({
	onCommand: ({ do: doing }, engine) => engine.emit({ is: 'failed', doing, failure: server(code) }),
});
const server = (code: string): Failure => ({
	is: 'server',
	code,
	message: '',
	retryable: false,
	retryAfterMs: null,
});

describe('the first run', () => {
	it('founds the organisation with the code that came in the address, and then forgets it', async () => {
		const { engine, app, model } = await atPassphrase();
		await model.finish('Firefox');
		expect(engine.commands[0]).toMatchObject({
			do: 'setUp',
			code: '7KQM-2XJD',
			organisation: 'JSP',
			account: { loginName: 'ada', displayName: 'Ada' },
		});
		expect(model.getState()).toMatchObject({ step: 'invite', code: '' });
		expect(app.getState().arrival.code).toBeNull();
	});

	it('comes back to the code when that was wrong', async () => {
		const { model } = await atPassphrase(refusing('set_up_code_wrong'));
		await model.finish('d');
		expect(model.getState()).toMatchObject({
			step: 'organisation',
			refusedCode: server('set_up_code_wrong'),
		});
		model.setCode('other');
		expect(model.getState().refusedCode).toBeNull();
	});

	it('comes back to the name when that was wrong', async () => {
		const { model } = await atPassphrase(refusing('name_invalid'));
		await model.finish('d');
		expect(model.getState().step).toBe('names');
	});

	it('needs organisation and code', () => {
		const engine = scriptedEngine();
		const model = createFirstRunModel(engine, createAppStore(engine), 'en');
		model.next();
		expect(model.getState().missing).toBe('organisation');
		model.setOrganisation('JSP');
		model.next();
		expect(model.getState()).toMatchObject({ missing: 'code', step: 'organisation' });
	});

	it('goes back step by step', async () => {
		const { model } = await atPassphrase();
		model.back();
		expect(model.getState().step).toBe('names');
		model.back();
		expect(model.getState().step).toBe('organisation');
	});
});
