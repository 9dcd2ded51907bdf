import { expect, test } from 'vitest';
import type { Command, OpenOptions, State, Update } from '../engine/contract';
import { type FromWorker, PROTOCOL, type Question } from '../engine/protocol';
import { type Core, Server } from './server';

const ID = '000102030405060708090a0b0c0d0e0f';

/** A core that writes down what it was asked, and answers when it is told to. */
class Scripted implements Core {
	readonly asked: string[] = [];
	opened: Awaited<ReturnType<Core['open']>> = { is: 'ready', state: {} as State };
	refused: Update | null = null;
	failure: Error | null = null;

	async open(options: OpenOptions): ReturnType<Core['open']> {
		this.asked.push(`open ${options.inMemory}`);
		return this.opened;
	}
	async command(id: Uint8Array, command: Command): Promise<Update | null> {
		if (this.failure) throw this.failure;
		this.asked.push(`command ${id.at(-1)} ${command.do}`);
		return this.refused;
	}
	ask(question: Question, asked: unknown[]): unknown {
		if (this.failure) throw this.failure;
		this.asked.push(`ask ${question} ${JSON.stringify(asked)}`);
		return `answer to ${question}`;
	}
	async look(): Promise<void> {
		this.asked.push('look');
	}
	async wipe(): Promise<void> {
		this.asked.push('wipe');
	}
}

function started() {
	const core = new Scripted();
	const posted: FromWorker[] = [];
	const server = new Server(core, 'run', (message) => posted.push(message));
	const ask = (question: Question, ...asked: unknown[]) =>
		server.receive({ t: 'ask', v: PROTOCOL, tab: 'a', id: 1, question, asked });
	const command = (command: Command, tab = 'a') =>
		server.receive({ t: 'command', v: PROTOCOL, tab, id: ID, command });
	return { core, posted, server, ask, command };
}

/** Lets everything that can be done be done. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

test('questions and commands wait until the engine is open, and come in order', async () => {
	const { core, posted, ask, command } = started();
	ask('state');
	command({ do: 'invite' });
	await settled();
	expect(core.asked).toEqual([]);
	ask('open', { inMemory: false });
	await settled();
	expect(core.asked).toEqual(['open false', 'ask state []', 'command 15 invite']);
	expect(posted).toContainEqual({ t: 'answer', tab: 'a', id: 1, ok: true, answer: 'answer to state' });
	expect(posted.at(-1)).toEqual({ t: 'taken', tab: 'a', id: ID });
});

test('a tab that only wants to be back takes it as another has opened it', async () => {
	const { core, posted, ask } = started();
	ask('open', { inMemory: true });
	await settled();
	ask('open', { inMemory: false, again: true });
	await settled();
	expect(core.asked).toEqual(['open true', 'open true']);
	expect(posted.filter((message) => message.t === 'end')).toEqual([]);
	ask('open', { inMemory: false });
	await settled();
	expect(core.asked.at(-1)).toBe('open false');
});

test('while an app lock is set everything waits for the right word', async () => {
	const { core, ask } = started();
	core.opened = { is: 'locked', wrong: false };
	ask('state');
	ask('open', { inMemory: false });
	await settled();
	expect(core.asked).toEqual(['open false']);
	core.opened = { is: 'ready', state: {} as State };
	ask('open', { inMemory: false, unlock: 'word' });
	await settled();
	expect(core.asked).toEqual(['open false', 'open false', 'ask state []']);
});

test('what answers a command goes to the tab that gave it, everything else to all', async () => {
	const { posted, server, ask, command } = started();
	ask('open', { inMemory: false });
	command({ do: 'findPeople', query: '' }, 'b');
	await settled();
	posted.length = 0;
	server.update({ is: 'people', people: [] });
	server.update({ is: 'done', doing: 'findPeople' });
	server.update({ is: 'done', doing: 'invite' });
	server.update({ is: 'conversations', conversations: [] });
	server.update({ is: 'failed', doing: 'background', failure: { is: 'storeFull' } });
	expect(posted.map((message) => message.t === 'update' && message.tab)).toEqual([
		'b',
		'b',
		null,
		null,
		null,
	]);
});

test('an error is answered; after a panic the worker asks to be ended and says no more', async () => {
	const { core, posted, ask, command } = started();
	ask('open', { inMemory: false });
	await settled();
	core.failure = new Error('no such conversation');
	ask('timeline', {});
	await settled();
	expect(posted.at(-1)).toEqual({ t: 'answer', tab: 'a', id: 1, ok: false, error: 'no such conversation' });
	core.failure = new WebAssembly.RuntimeError('unreachable');
	command({ do: 'invite' });
	await settled();
	expect(posted.at(-1)).toEqual({ t: 'end', why: 'crashed' });
	const before = posted.length;
	ask('state');
	command({ do: 'invite' });
	await settled();
	expect(posted.length).toBe(before);
});

test('a command that a panic interrupted is not said to be taken', async () => {
	const { core, posted, ask, command } = started();
	ask('open', { inMemory: false });
	await settled();
	core.failure = new WebAssembly.RuntimeError('unreachable');
	command({ do: 'sendText', conversation: 'c', text: 'x' });
	await settled();
	expect(posted.some((message) => message.t === 'taken')).toBe(false);
});

test('what signed out is wiped here as well, and the worker ends', async () => {
	const { core, posted, server, ask } = started();
	ask('open', { inMemory: false });
	await settled();
	server.update({ is: 'wiped' });
	await settled();
	expect(core.asked.at(-1)).toBe('wipe');
	expect(posted.slice(-2)).toEqual([
		{ t: 'update', tab: null, update: { is: 'wiped' } },
		{ t: 'end', why: 'wiped' },
	]);
});

test('each sign of life looks whether what is kept is still there', async () => {
	const { core, posted, server, ask } = started();
	ask('open', { inMemory: false });
	await settled();
	server.receive({ t: 'ping' });
	await settled();
	expect(core.asked.at(-1)).toBe('look');
	expect(posted.at(-1)).toEqual({ t: 'pong' });
});

test('a wish to forget everything is answered, told to all, and ends the worker', async () => {
	const { core, posted, ask } = started();
	ask('wipe');
	await settled();
	expect(core.asked).toEqual(['wipe']);
	expect(posted).toEqual([
		{ t: 'answer', tab: 'a', id: 1, ok: true, answer: undefined },
		{ t: 'update', tab: null, update: { is: 'wiped' } },
		{ t: 'end', why: 'wiped' },
	]);
});

test('a wish to begin anew is answered and ends the worker, and nothing is wiped', async () => {
	const { core, posted, ask } = started();
	ask('restart');
	await settled();
	expect(core.asked).toEqual([]);
	expect(posted).toEqual([
		{ t: 'answer', tab: 'a', id: 1, ok: true, answer: undefined },
		{ t: 'end', why: 'asked' },
	]);
});

test('what can not be opened so in this worker is left to the next', async () => {
	for (const wipe of [true, false]) {
		const { core, posted, ask } = started();
		core.opened = { is: 'anew', wipe };
		ask('open', { inMemory: true });
		await settled();
		expect(core.asked).toEqual(wipe ? ['open true', 'wipe'] : ['open true']);
		expect(posted).toEqual([{ t: 'end', why: 'wiped' }]);
	}
});

test('a command that can not begin is told as failed to who gave it', async () => {
	const { core, posted, ask, command } = started();
	ask('open', { inMemory: false });
	await settled();
	core.refused = { is: 'failed', doing: 'signIn', failure: { is: 'storeFull' } };
	command({ do: 'signIn', loginName: 'a', passphrase: 'b', deviceName: 'c' }, 'b');
	await settled();
	expect(posted.slice(-2)).toEqual([
		{ t: 'update', tab: 'b', update: core.refused },
		{ t: 'taken', tab: 'b', id: ID },
	]);
});
