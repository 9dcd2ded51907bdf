import { beforeEach, expect, test } from 'vitest';
import type { Health, State, Update } from './contract';
import { PROTOCOL, type ToWorker } from './protocol';
import { TabEngine } from './tab';

const STATE = {
	session: null,
	signedOut: false,
	server: null,
	connection: { is: 'online' },
	conversations: [],
	notices: [],
	settings: {
		language: 'system',
		theme: 'system',
		enterSends: true,
		receipts: true,
		recoveryReminded: false,
		signInNotices: true,
	},
	recovery: { there: false, made: null, remind: false, passphraseWanted: false },
	approvals: { required: false, waiting: [] },
	forgottenOthers: [],
	storage: { kept: 'disk', why: null, persistent: false, appLock: false },
} satisfies State;
const SESSION = {
	me: {
		member: 'm',
		loginName: 'anna',
		displayName: 'Anna',
		identityChanged: false,
		verified: false,
		admin: true,
		suspended: false,
	},
	organisation: 'Example',
	role: 'admin',
	device: 'd',
	inMemory: false,
} as const;

let tab: TabEngine;
let sent: ToWorker[];
let updates: Update[];
let health: Health[];

beforeEach(() => {
	tab = new TabEngine();
	sent = [];
	updates = [];
	health = [];
	tab.subscribe((update) => updates.push(update));
	tab.onHealth((now) => health.push(now));
});

const connect = () => tab.connect((message) => sent.push(message));
const worker = (run: string) => tab.receive({ t: 'ready', v: PROTOCOL, run });
const asked = () => sent.flatMap((message) => (message.t === 'ask' ? [message] : []));
const commanded = () => sent.flatMap((message) => (message.t === 'command' ? [message] : []));

function answer(question: string, answer: unknown) {
	const message = asked().findLast((message) => message.question === question);
	if (!message) throw new Error(`${question} was not asked`);
	tab.receive({ t: 'answer', tab: tab.tab, id: message.id, ok: true, answer });
}

test('what is asked before there is a worker is asked of the first one', async () => {
	const state = tab.state();
	tab.command({ do: 'invite' });
	connect();
	expect(sent).toEqual([{ t: 'hello', v: PROTOCOL, tab: tab.tab }]);
	worker('one');
	expect(sent.slice(1).map((message) => message.t)).toEqual(['ask', 'command']);
	answer('state', STATE);
	await expect(state).resolves.toEqual(STATE);
});

test('the next worker is asked again what was not answered, and only that', async () => {
	connect();
	worker('one');
	const answered = tab.state();
	answer('state', STATE);
	await answered;
	const number = tab.safetyNumber('m');
	worker('one');
	expect(asked().length).toBe(2);
	worker('two');
	expect(asked().map((message) => message.question)).toEqual(['state', 'safetyNumber', 'safetyNumber']);
	answer('safetyNumber', '12345');
	await expect(number).resolves.toBe('12345');
});

test('a command is repeated by its name until it was taken', () => {
	connect();
	worker('one');
	tab.command({ do: 'sendText', conversation: 'c', text: 'first' });
	tab.command({ do: 'sendText', conversation: 'c', text: 'second' });
	const [first, second] = commanded();
	tab.receive({ t: 'taken', tab: tab.tab, id: first?.id ?? '' });
	worker('two');
	expect(commanded().slice(2)).toEqual([second]);
	tab.receive({ t: 'taken', tab: tab.tab, id: second?.id ?? '' });
	worker('three');
	expect(commanded().length).toBe(3);
	expect(updates).toEqual([]);
});

test('an answer of the server that went with its worker is told as failed', () => {
	connect();
	worker('one');
	tab.command({ do: 'invite' });
	tab.command({ do: 'findPeople', query: '' });
	for (const { id } of commanded()) tab.receive({ t: 'taken', tab: tab.tab, id });
	tab.receive({ t: 'update', tab: tab.tab, update: { is: 'done', doing: 'findPeople' } });
	updates.length = 0;
	worker('two');
	expect(updates).toEqual([{ is: 'failed', doing: 'invite', failure: { is: 'offline' } }]);
});

test('the engine is opened again with the next worker, and what may have changed is told', async () => {
	connect();
	worker('one');
	const opened = tab.open({ inMemory: false, unlock: 'word' });
	answer('open', { is: 'ready', state: { ...STATE, session: SESSION } });
	await opened;
	worker('two');
	expect(asked().at(-1)?.asked).toEqual([{ inMemory: false, again: true }]);
	answer('open', { is: 'ready', state: { ...STATE, session: SESSION } });
	await Promise.resolve();
	await Promise.resolve();
	expect(updates.map((update) => update.is)).toEqual([
		'signedIn',
		'connection',
		'conversations',
		'notices',
		'forgotten',
		'settings',
	]);
});

test('the next worker is told what this tab shows', async () => {
	connect();
	worker('one');
	const opened = tab.open({ inMemory: false });
	answer('open', { is: 'ready', state: STATE });
	await opened;
	tab.command({ do: 'lookAt', conversation: 'c' });
	tab.receive({ t: 'taken', tab: tab.tab, id: commanded()[0]?.id ?? '' });
	worker('two');
	expect(commanded().length).toBe(1);
	answer('open', { is: 'ready', state: STATE });
	await Promise.resolve();
	await Promise.resolve();
	expect(commanded()[1]?.command).toEqual({ do: 'lookAt', conversation: 'c' });
});

test('a tab that follows is back as well when the worker is', async () => {
	connect();
	tab.health({ is: 'following' });
	worker('one');
	const opened = tab.open({ inMemory: false });
	answer('open', { is: 'ready', state: STATE });
	await opened;
	tab.receive({ t: 'health', health: { is: 'restarting' } });
	worker('two');
	answer('open', { is: 'ready', state: STATE });
	await Promise.resolve();
	await Promise.resolve();
	expect(health.map(({ is }) => is)).toEqual(['following', 'restarting', 'following']);
});

test('what can not be opened after a restart is told', async () => {
	connect();
	worker('one');
	const opened = tab.open({ inMemory: false });
	answer('open', { is: 'ready', state: STATE });
	await opened;
	worker('two');
	answer('open', { is: 'failed', failure: { is: 'storeFull' } });
	await Promise.resolve();
	await Promise.resolve();
	expect(health).toEqual([{ is: 'failed', failure: { is: 'storeFull' } }]);
});

test('what was in memory alone is gone with its worker, and that is told', async () => {
	connect();
	worker('one');
	const memory = { ...STATE, storage: { ...STATE.storage, kept: 'memory', why: 'public' } } as const;
	const opened = tab.open({ inMemory: true });
	answer('open', { is: 'ready', state: { ...memory, session: SESSION } });
	await opened;
	worker('two');
	expect(asked().at(-1)?.asked).toEqual([{ inMemory: true, again: true }]);
	answer('open', { is: 'ready', state: memory });
	await Promise.resolve();
	await Promise.resolve();
	expect(updates[0]).toEqual({ is: 'wiped' });
});

test('what the app wants now counts more than how it was opened before', async () => {
	connect();
	worker('one');
	const before = tab.open({ inMemory: false });
	answer('open', { is: 'ready', state: STATE });
	await before;
	const now = tab.open({ inMemory: true });
	// to open it so, the worker ends
	worker('two');
	const openings = asked().filter(({ question }) => question === 'open');
	expect(openings.map((message) => message.asked[0])).toEqual([
		{ inMemory: false },
		{ inMemory: true },
		{ inMemory: true },
	]);
	answer('open', { is: 'ready', state: STATE });
	await expect(now).resolves.toMatchObject({ is: 'ready' });
});

test('an app lock has to be opened again', async () => {
	connect();
	worker('one');
	const opened = tab.open({ inMemory: false });
	answer('open', { is: 'ready', state: STATE });
	await opened;
	worker('two');
	answer('open', { is: 'locked', wrong: false });
	await Promise.resolve();
	await Promise.resolve();
	expect(health).toEqual([{ is: 'locked' }]);
});

test('answers and updates for other tabs are left to them', () => {
	connect();
	worker('one');
	tab.receive({ t: 'update', tab: 'another', update: { is: 'wiped' } });
	tab.receive({ t: 'update', tab: null, update: { is: 'signedOut' } });
	expect(updates).toEqual([{ is: 'signedOut' }]);
});

test('too much at once is refused in words', async () => {
	connect();
	worker('one');
	const questions = Array.from({ length: 257 }, () => tab.state());
	await expect(questions.at(-1)).rejects.toThrow('too much');
	for (let n = 0; n < 257; n++) tab.command({ do: 'retryNow' });
	expect(commanded().length).toBe(256);
	expect(updates).toMatchObject([
		{ is: 'failed', doing: 'retryNow', failure: { is: 'server', code: 'busy' } },
	]);
});

test('another build of the app is not talked to', () => {
	connect();
	tab.receive({ t: 'ready', v: PROTOCOL + 1, run: 'one' });
	expect(health).toEqual([{ is: 'otherBuild', own: 'older' }]);
	void tab.state();
	tab.receive({ t: 'update', tab: null, update: { is: 'signedOut' } });
	expect([asked(), updates]).toEqual([[], []]);
});

test('a newer tab waits for the one with the older build, and goes on by itself', async () => {
	tab.health({ is: 'following' });
	connect();
	tab.receive({ t: 'ready', v: PROTOCOL - 1, run: 'one' });
	expect(health.at(-1)).toEqual({ is: 'otherBuild', own: 'newer' });
	const state = tab.state();
	worker('two');
	expect(health.at(-1)).toEqual({ is: 'following' });
	answer('state', STATE);
	await expect(state).resolves.toEqual(STATE);
});

test('an older tab tells a newer worker nothing', () => {
	connect();
	worker('one');
	tab.receive({ t: 'ready', v: PROTOCOL + 1, run: 'two' });
	tab.command({ do: 'invite' });
	void tab.state();
	expect([asked(), commanded()]).toEqual([[], []]);
});

test('what ends every worker is given up', async () => {
	connect();
	worker('one');
	const question = tab.readInvitation('x');
	tab.command({ do: 'sendText', conversation: 'c', text: 'x' });
	for (const run of ['two', 'three', 'four', 'five']) worker(run);
	await expect(question).rejects.toThrow('ended');
	expect(updates).toMatchObject([{ is: 'failed', doing: 'sendText' }]);
	expect(asked().length).toBe(3);
	expect(commanded().length).toBe(3);
});
