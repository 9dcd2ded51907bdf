import { describe, expect, it, vi } from 'vitest';
import { createAppStore } from '../../app/store';
import type { Failure } from '../../engine/contract';
import { type Script, scriptedEngine } from '../../test/scripted-engine';
import { createRegisterModel } from './register-model';

const LINK = 'https://chat.example.org:7443/i#secret';

async function arrived(script: Script = {}) {
	const engine = scriptedEngine(script);
	const app = createAppStore(engine, { arrival: { invitation: LINK, code: null, reset: null } });
	await app.actions.open();
	const model = createRegisterModel(engine, app, 'en');
	await model.read(`  ${LINK}\n`);
	return { engine, app, model };
}

async function ready(script: Script = {}) {
	const all = await arrived(script);
	all.model.account.setDisplayName('Zoë');
	all.model.next();
	await all.model.account.another();
	all.model.account.setWrittenDown(true);
	return all;
}

const refusing = (failure: Failure): Script => ({
	onCommand: ({ do: doing }, engine) => engine.emit({ is: 'failed', doing, failure }),
});
const server = (code: string): Failure => ({
	is: 'server',
	code,
	message: '',
	retryable: false,
	retryAfterMs: null,
});

describe('registering', () => {
	it('sends what was chosen, once', async () => {
		const { engine, app, model } = await ready();
		await Promise.all([model.finish('Firefox on Linux'), model.finish('Firefox on Linux')]);
		expect(engine.commands).toEqual([
			{ do: 'checkInvitation', invitation: LINK },
			{
				do: 'register',
				invitation: LINK,
				account: {
					loginName: 'zoe',
					displayName: 'Zoë',
					passphrase: 'orbit-velvet-canyon-ladder-sunset',
					deviceName: 'Firefox on Linux',
				},
			},
		]);
		expect(model.getState().step).toBe('lock');
		// the secret is used up; nothing holds it any longer
		expect(app.getState().arrival.invitation).toBeNull();
	});

	it('asks for a name before anything else', async () => {
		const { model } = await arrived();
		model.next();
		expect(model.getState()).toMatchObject({ step: 'names', namesProblem: 'nameNeeded' });
	});

	it('does not begin before the passphrase is written down', async () => {
		const { engine, model } = await ready();
		model.account.setWrittenDown(false);
		await model.finish('d');
		expect(engine.commands.map((command) => command.do)).toEqual(['checkInvitation']);
		expect(model.getState().passphraseProblem).toBe('writeItDown');
	});

	it('goes back to the names when the server has something against one', async () => {
		const { model } = await ready(refusing(server('name_taken')));
		await model.finish('d');
		expect(model.getState()).toMatchObject({ step: 'names', busy: false, refusedName: server('name_taken') });
		model.next();
		expect(model.getState()).toMatchObject({ step: 'passphrase', refusedName: null });
	});

	it('stays and says so when anything else is wrong, and keeps the invitation for another try', async () => {
		const { app, model } = await ready(refusing({ is: 'offline' }));
		await model.finish('d');
		expect(model.getState()).toMatchObject({ step: 'passphrase', busy: false, failure: { is: 'offline' } });
		expect(app.getState().arrival.invitation).toBe(LINK);
	});

	it('keeps nothing on a public computer', async () => {
		const { engine, model } = await ready();
		model.setPublicComputer(true);
		await model.finish('d');
		expect(engine.opened.at(-1)).toEqual({ inMemory: true });
		expect(engine.commands.at(-1)?.do).toBe('register');
	});

	it('notices a link that is none', async () => {
		const { model } = await arrived({ invitation: null });
		expect(model.getState().invitation).toBe('none');
	});

	describe('says who invites', () => {
		const inviter = {
			loginName: 'ada',
			displayName: 'Ada Lovelace',
			organisation: 'Example',
			expires: 1_764_252_120_000,
		};
		/** Says nothing by itself: there is no connection. */
		const silent: Script = { onCommand: () => undefined };

		it('when the server was asked, which takes a connection', async () => {
			const { engine, model } = await arrived(silent);
			expect(model.getState()).toMatchObject({ inviter: null, refused: null });
			model.account.setDisplayName('Zoë');
			model.next();
			engine.emit({ is: 'invitedBy', inviter });
			await vi.waitFor(() => expect(model.getState().inviter).toEqual(inviter));
			expect(model.getState().step).toBe('passphrase');
		});

		it('of the link that was pasted last', async () => {
			const { engine, model } = await arrived(silent);
			await model.read('https://other.example.org:7443/i#secret');
			engine.emit({ is: 'failed', doing: 'checkInvitation', failure: server('invitation_invalid') });
			await vi.waitFor(() => expect(model.getState().refused).toEqual(server('invitation_invalid')));
			await model.read(LINK);
			expect(model.getState()).toMatchObject({ inviter: null, refused: null });
		});

		it.each<[string, Failure, boolean]>([
			['is used up or expired', server('invitation_invalid'), true],
			['is of somebody else than it says', { is: 'unverified', message: '' }, true],
			['could not be looked at now', server('rate_limited'), false],
		])('and whether one that %s is of no use', async (_, failure, useless) => {
			const { model } = await arrived(refusing(failure));
			await vi.waitFor(() => expect(model.getState().refused !== null).toBe(useless));
			expect(model.getState().step).toBe('names');
		});
	});
});
