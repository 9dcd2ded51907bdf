import { describe, expect, it, vi } from 'vitest';
import type { Command, Update } from '../engine/contract';
import { aConversation, aSession, scriptedEngine } from '../test/scripted-engine';
import { INITIAL } from './state';
import { createAppStore, DEFAULT_SETTINGS } from './store';

async function opened(script: Parameters<typeof scriptedEngine>[0] = {}) {
	const engine = scriptedEngine(script);
	const store = createAppStore(engine);
	await store.actions.open();
	return { engine, store };
}

const notice = (device: string) => ({ device, name: 'Firefox on Linux', time: 1 });

describe('opening', () => {
	it('shows what is there', async () => {
		const { store } = await opened({ state: { session: aSession(), conversations: [aConversation()] } });
		expect(store.getState().phase).toEqual({ is: 'ready' });
		expect(store.getState().session?.me.displayName).toBe('Ada Lovelace');
		expect(store.getState().conversations).toHaveLength(1);
	});

	it('stops at the app lock, and goes on when it is opened', async () => {
		const { engine, store } = await opened({
			onOpen: ({ unlock }) =>
				unlock === 'right'
					? { is: 'ready', state: { ...EMPTY, session: aSession() } }
					: { is: 'locked', wrong: unlock !== undefined },
		});
		expect(store.getState().phase).toEqual({ is: 'locked', wrong: false });
		await store.actions.open({ unlock: 'false' });
		expect(store.getState().phase).toEqual({ is: 'locked', wrong: true });
		await store.actions.open({ unlock: 'right' });
		expect(store.getState().phase).toEqual({ is: 'ready' });
		expect(engine.opened.at(-1)).toEqual({ inMemory: false, unlock: 'right' });
	});

	it('asks for the lock again when the worker was started anew', async () => {
		const { engine, store } = await opened({
			state: { session: aSession(), conversations: [aConversation()], notices: [notice('1')] },
		});
		const { server } = store.getState();
		engine.emit({ is: 'identityChanged', member: 'b2' });
		engine.tellHealth({ is: 'locked' });
		// nothing of the person is left to be seen over the lock
		expect(store.getState()).toEqual({
			...INITIAL,
			phase: { is: 'locked', wrong: false },
			health: { is: 'locked' },
			server,
		});
	});

	it('says what the engine says when it can not', async () => {
		const { store } = await opened({ onOpen: () => ({ is: 'failed', failure: { is: 'storeNewer' } }) });
		expect(store.getState().phase).toEqual({ is: 'failed', failure: { is: 'storeNewer' } });
	});

	it('says why it can not', async () => {
		const { store } = await opened({
			onOpen: () => Promise.reject({ is: 'storeNewer' }),
		});
		expect(store.getState().phase).toEqual({ is: 'failed', failure: { is: 'storeNewer' } });
	});
});

const EMPTY = {
	session: null,
	signedOut: false,
	server: null,
	connection: { is: 'online' as const },
	conversations: [],
	notices: [],
	recovery: { there: false, made: null, remind: false, passphraseWanted: false },
	approvals: { required: false, waiting: [] },
	forgottenOthers: [],
	settings: {
		language: 'system',
		theme: 'system',
		enterSends: true,
		receipts: true,
		recoveryReminded: false,
		signInNotices: true,
	} as const,
	storage: { kept: 'disk', why: null, persistent: false, appLock: false } as const,
};

describe('a sign-out', () => {
	it('ends well without the server, and says that it could not be told', async () => {
		const { engine, store } = await opened({
			state: { session: aSession() },
			onCommand: (_, engine) => {
				engine.emit({ is: 'failed', doing: 'signOut', failure: { is: 'offline' } });
				engine.emit({ is: 'wiped' });
			},
		});
		engine.become({ session: null });
		expect(await store.actions.perform({ do: 'signOut' })).toEqual({ ok: true });
		expect(store.getState()).toMatchObject({ session: null, leftUntold: true, trouble: null });
		engine.emit({ is: 'signedIn', session: aSession() });
		expect(store.getState().leftUntold).toBe(false);
	});

	it('is refused where nothing could be removed', async () => {
		const { store } = await opened({
			state: { session: aSession() },
			onCommand: (_, engine) =>
				engine.emit({ is: 'failed', doing: 'signOut', failure: { is: 'store', message: 'x' } }),
		});
		expect(await store.actions.perform({ do: 'signOut' })).toMatchObject({ ok: false });
		expect(store.getState()).toMatchObject({ session: {}, leftUntold: false });
	});
});

describe('a store that takes nothing more', () => {
	it('is told until it could be opened anew', async () => {
		const { engine, store } = await opened({ state: { session: aSession() } });
		engine.tellHealth({ is: 'leading' });
		engine.emit({ is: 'failed', doing: 'background', failure: { is: 'storeFull' } });
		expect(store.getState().trouble).toEqual({ is: 'storeFull' });
		await store.actions.restart();
		expect(engine.restarts).toBe(1);
		engine.emit({ is: 'failed', doing: 'background', failure: { is: 'storeFull' } });
		engine.tellHealth({ is: 'restarting' });
		engine.tellHealth({ is: 'leading' });
		expect(store.getState().trouble).toBeNull();
	});

	it('that can not be opened anew is a screen of its own', async () => {
		const { engine, store } = await opened({ state: { session: aSession() } });
		engine.tellHealth({ is: 'failed', failure: { is: 'storeFull' } });
		expect(store.getState().phase).toEqual({ is: 'failed', failure: { is: 'storeFull' } });
	});
});

describe('commands', () => {
	it('wait until the engine is open', async () => {
		let open = () => {};
		const engine = scriptedEngine({
			onOpen: () =>
				new Promise((resolve) => {
					open = () => resolve({ is: 'ready', state: EMPTY });
				}),
		});
		const store = createAppStore(engine);
		void store.actions.open();
		const outcome = store.actions.perform({ do: 'signIn', loginName: 'a', passphrase: 'b', deviceName: 'c' });
		await Promise.resolve();
		expect(engine.commands).toEqual([]);
		open();
		expect(await outcome).toEqual({ ok: true });
		expect(engine.commands).toHaveLength(1);
	});

	it('end with the failure that belongs to them, and with no other', async () => {
		const { engine, store } = await opened({ onCommand: () => undefined });
		const invite = store.actions.perform({ do: 'invite' });
		const rename = store.actions.perform({ do: 'rename', passphrase: 'p', displayName: 'n' });
		await vi.waitFor(() => expect(engine.commands).toHaveLength(2));
		engine.emit({ is: 'failed', doing: 'rename', failure: { is: 'offline' } });
		engine.emit({ is: 'done', doing: 'invite' });
		expect(await rename).toEqual({ ok: false, failure: { is: 'offline' } });
		expect(await invite).toEqual({ ok: true });
	});

	it.each([
		[
			{ do: 'signIn', loginName: 'a', passphrase: 'p', deviceName: 'd' },
			{ is: 'signedIn', session: aSession() },
		],
		[{ do: 'invite' }, { is: 'invitation', link: 'l', expires: 1 }],
		[{ do: 'listDevices' }, { is: 'devices', devices: [] }],
		[
			{ do: 'findPeople', query: '' },
			{ is: 'people', people: [] },
		],
		[
			{ do: 'openDirect', member: 'm' },
			{ is: 'opened', conversation: 'c' },
		],
		[
			{ do: 'createGroup', title: '', members: ['m'] },
			{ is: 'opened', conversation: 'c' },
		],
		[{ do: 'signOut' }, { is: 'wiped' }],
	] satisfies [Command, Update][])('end with their answer: %o', async (command, update) => {
		const { engine, store } = await opened({ onCommand: () => undefined });
		const outcome = store.actions.perform(command);
		await vi.waitFor(() => expect(engine.commands).toHaveLength(1));
		engine.emit(update);
		expect(await outcome).toEqual({ ok: true });
	});

	it('of one kind end together', async () => {
		const { engine, store } = await opened({ onCommand: () => undefined });
		const both = [store.actions.perform({ do: 'listDevices' }), store.actions.perform({ do: 'listDevices' })];
		await vi.waitFor(() => expect(engine.commands).toHaveLength(2));
		engine.emit({ is: 'devices', devices: [] });
		expect(await Promise.all(both)).toEqual([{ ok: true }, { ok: true }]);
	});

	it('that nobody waits for tell of trouble only where it matters', async () => {
		const { engine, store } = await opened();
		engine.emit({ is: 'failed', doing: 'background', failure: { is: 'offline' } });
		expect(store.getState().trouble).toBeNull();
		engine.emit({ is: 'failed', doing: 'background', failure: { is: 'storeFull' } });
		expect(store.getState().trouble).toEqual({ is: 'storeFull' });
		store.actions.forgetTrouble();
		expect(store.getState().trouble).toBeNull();
	});

	it('that make an account take language and theme along', async () => {
		const engine = scriptedEngine();
		const store = createAppStore(engine, { look: { language: 'fr', theme: 'dark' } });
		await store.actions.open();
		const account = { loginName: 'a', displayName: '', passphrase: 'p', deviceName: 'd' };
		await store.actions.enter({ do: 'register', invitation: 'i', account });
		expect(engine.commands.at(-1)).toMatchObject({
			do: 'saveSettings',
			settings: { language: 'fr', theme: 'dark', enterSends: true },
		});
	});
});

describe('the state', () => {
	it('learns what hello said when the connection comes', async () => {
		const { engine, store } = await opened({ state: { server: null } });
		const server = { organisation: 'JSP', setUpNeeded: true, unaudited: true, version: '1' } as const;
		engine.become({ server });
		engine.emit({ is: 'connection', connection: { is: 'online' } });
		await vi.waitFor(() => expect(store.getState().server).toEqual(server));
	});

	it('has nothing of the person after a wipe', async () => {
		const { engine, store } = await opened({
			state: { session: aSession(), conversations: [aConversation()] },
		});
		engine.become({ session: null, conversations: [] });
		engine.emit({ is: 'wiped' });
		expect(store.getState().session).toBeNull();
		await vi.waitFor(() => expect(store.getState().conversations).toEqual([]));
	});

	it.each(['wiped', 'wipe'] as const)('has the look of the system again when %s', async (how) => {
		const { engine, store } = await opened();
		store.actions.setLook({ theme: 'dark', language: 'fr' });
		if (how === 'wiped') engine.emit({ is: 'wiped' });
		else await store.actions.wipe();
		expect(store.getState().look).toEqual({ theme: 'system', language: 'system' });
	});

	it('counts the change of keys until it is through', async () => {
		const { engine, store } = await opened();
		engine.emit({ is: 'changingKeys', done: 3, total: 12 });
		expect(store.getState().keyChange).toEqual({ done: 3, total: 12 });
		engine.emit({ is: 'changingKeys', done: 12, total: 12 });
		expect(store.getState().keyChange).toBeNull();
	});
});

describe('sign-ins elsewhere', () => {
	it('interrupt at the start and when a new one comes, not when one was put off', async () => {
		const { engine, store } = await opened({ state: { session: aSession(), notices: [notice('1')] } });
		expect(store.getState().noticesShown).toBe(true);
		store.actions.showNotices(false);
		engine.emit({ is: 'notices', signIns: [notice('1')] });
		expect(store.getState().noticesShown).toBe(false);
		engine.emit({ is: 'notices', signIns: [notice('1'), notice('2')] });
		expect(store.getState().noticesShown).toBe(true);
	});

	it('are gone once they were acknowledged, on whichever device', async () => {
		const { engine, store } = await opened({ state: { session: aSession(), notices: [notice('1')] } });
		engine.emit({ is: 'notices', signIns: [] });
		expect(store.getState().noticesShown).toBe(false);
	});
});

describe('sign-ins that wait', () => {
	const waits = (device: string, asked: number) => ({ device, name: device, asked, step: 'asked' as const });
	const approvals = (...waiting: ReturnType<typeof waits>[]) => ({ required: true, waiting });

	it('are shown the newest first, and none takes the place of the one that is looked at', async () => {
		const { engine, store } = await opened({
			state: { session: aSession(), approvals: approvals(waits('1', 10), waits('2', 20)) },
		});
		expect(store.getState().approvalShown).toBe('2');
		engine.emit({ is: 'approvals', approvals: approvals(waits('1', 10), waits('2', 20), waits('3', 30)) });
		expect(store.getState().approvalShown).toBe('2');
		engine.emit({ is: 'approvals', approvals: approvals(waits('1', 10), waits('3', 30)) });
		expect(store.getState().approvalShown).toBe('3');
		store.actions.showApproval('1');
		expect(store.getState().approvalShown).toBe('1');
	});

	it('that were put off come back with a new one, and not by themselves', async () => {
		const { engine, store } = await opened({
			state: { session: aSession(), approvals: approvals(waits('1', 10)) },
		});
		store.actions.showApproval(null);
		engine.emit({ is: 'approvals', approvals: approvals(waits('1', 50)) });
		expect(store.getState().approvalShown).toBeNull();
		engine.emit({ is: 'approvals', approvals: approvals(waits('1', 50), waits('2', 20)) });
		expect(store.getState().approvalShown).toBe('2');
		engine.emit({ is: 'approvals', approvals: approvals() });
		expect(store.getState().approvalShown).toBeNull();
	});

	it('make sign-ins loud wherever they are needed, whatever was chosen', async () => {
		const settings = { ...DEFAULT_SETTINGS, signInNotices: false };
		const { engine, store } = await opened({
			state: { session: aSession(), settings, approvals: approvals(), notices: [notice('1')] },
		});
		expect(store.getState().noticesShown).toBe(true);
		store.actions.showNotices(false);
		engine.emit({ is: 'notices', signIns: [notice('1'), notice('2')] });
		expect(store.getState().noticesShown).toBe(true);
		const quiet = await opened({ state: { session: aSession(), settings, notices: [notice('1')] } });
		expect(quiet.store.getState().noticesShown).toBe(false);
	});
});

describe('language and theme', () => {
	it('are of this browser before, and of the settings after', async () => {
		const { engine, store } = await opened();
		store.actions.setLook({ language: 'fr' });
		expect(store.getState().look.language).toBe('fr');
		expect(engine.commands).toEqual([]);
		engine.become({ session: aSession() });
		engine.emit({ is: 'signedIn', session: aSession() });
		await vi.waitFor(() => expect(store.getState().look.language).toBe('system'));
		store.actions.setLook({ theme: 'dark' });
		expect(engine.commands).toMatchObject([{ do: 'saveSettings', settings: { theme: 'dark' } }]);
		expect(store.getState().look.theme).toBe('dark');
	});
});
