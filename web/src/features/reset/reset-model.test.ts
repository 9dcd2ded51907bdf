import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import type { Failure, ResetFor } from '../../engine/contract';
import { type Script, scriptedEngine } from '../../test/scripted-engine';
import { createResetModel } from './reset-model';

const LINK = 'https://chat.example.org:7443/r#AQcHBwcHBwcHBwcHBwcHBwc';
const MEMBER: ResetFor = {
	loginName: 'ada',
	displayName: 'Ada Lovelace',
	organisation: 'Journalistes Sans Papiers',
	expires: 1_764_252_120_000,
};

function server(code: string): Failure {
	return { is: 'server', code, message: '', retryable: false, retryAfterMs: null };
}

async function aModel(script: Script = {}) {
	const engine = scriptedEngine({
		onCommand: (command, engine) =>
			queueMicrotask(() =>
				engine.emit(
					command.do === 'checkReset'
						? { is: 'resetFor', member: MEMBER }
						: { is: 'done', doing: command.do },
				),
			),
		...script,
	});
	const app = createAppStore(engine, { arrival: { invitation: null, code: null, reset: LINK } });
	await app.actions.open();
	const model = createResetModel(engine, app, 'en');
	await model.chooser.another();
	return { engine, app, model };
}

describe('beginning anew by a link', () => {
	it('shows whom it is for, and needs a passphrase that is written down', async () => {
		const { engine, app, model } = await aModel();
		await model.read(` ${LINK} `);
		expect(model.getState().member).toEqual(MEMBER);
		await model.submit('Firefox');
		expect(model.getState().problem).toBe('writeItDown');
		model.chooser.setWrittenDown(true);
		await model.submit('Firefox');
		expect(engine.commands.at(-1)).toEqual({
			do: 'beginAnew',
			link: LINK,
			passphrase: model.chooser.passphrase(),
			deviceName: 'Firefox',
		});
		expect(model.getState()).toMatchObject({ busy: false, done: true });
		expect(app.getState().arrival.reset, 'the secret is kept nowhere').toBeNull();
	});

	it.each([
		['is used up or expired', server('reset_invalid'), true],
		['is no link', { is: 'resetLink' } as const, true],
		['comes while there is no connection', { is: 'offline' } as const, false],
	])('asks for another link where it %s: %o', async (_, failure, final) => {
		const { model } = await aModel({
			onCommand: (command, engine) =>
				queueMicrotask(() => engine.emit({ is: 'failed', doing: command.do as 'checkReset', failure })),
		});
		await model.read(LINK);
		expect(model.getState().refused).toEqual(final ? failure : null);
		expect(model.getState().failure).toEqual(final ? null : failure);
	});
});
