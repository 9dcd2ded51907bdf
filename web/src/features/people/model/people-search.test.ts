import { expect, it } from 'vitest';
import { createAppStore } from '../../../app/store';
import type { Command } from '../../../engine/contract';
import { aPerson, scriptedEngine } from '../../../test/scripted-engine';
import { createPeopleSearch, typingMs } from './people-search';

function start(onCommand?: Parameters<typeof scriptedEngine>[0]) {
	const due: { ms: number; run: () => void }[] = [];
	const timers = {
		now: () => 0,
		after: (ms: number, run: () => void) => {
			const entry = { ms, run };
			due.push(entry);
			return () => void due.splice(due.indexOf(entry), 1);
		},
	};
	const engine = scriptedEngine(onCommand);
	const search = createPeopleSearch(engine, createAppStore(engine), timers);
	search.start();
	const run = async () => {
		for (const { run: go } of due.splice(0)) go();
		for (let n = 0; n < 20; n += 1) await Promise.resolve();
	};
	return { engine, search, due, run };
}

const answering = {
	onCommand: (command: Command, engine: ReturnType<typeof scriptedEngine>) => {
		if (command.do !== 'findPeople') return;
		engine.emit({ is: 'people', people: [aPerson({ displayName: `found ${command.query}` })] });
		engine.emit({ is: 'done', doing: 'findPeople' });
	},
};

it('asks for what was typed last, once the typing pauses', async () => {
	const { engine, search, due, run } = start(answering);
	search.look('');
	await run();
	for (const query of ['m', 'ma', ' mal ']) search.look(query);
	expect(due.map(({ ms }) => ms)).toEqual([typingMs]);
	await run();
	expect(engine.commands).toEqual([
		{ do: 'findPeople', query: '' },
		{ do: 'findPeople', query: 'mal' },
	]);
	expect(search.getState()).toMatchObject({ busy: false, failure: null });
	expect(search.getState().found?.[0]?.displayName).toBe('found mal');
});

it('keeps what it found and says what went wrong, then tries again', async () => {
	let broken = false;
	const { search, run } = start({
		onCommand: (command, engine) => {
			if (broken) engine.emit({ is: 'failed', doing: 'findPeople', failure: { is: 'offline' } });
			else answering.onCommand(command, engine);
		},
	});
	search.look('a');
	await run();
	broken = true;
	search.look('ab');
	await run();
	expect(search.getState()).toMatchObject({ busy: false, failure: { is: 'offline' } });
	expect(search.getState().found).toHaveLength(1);
	broken = false;
	search.retry();
	await run();
	expect(search.getState()).toMatchObject({ failure: null, busy: false });
	expect(search.getState().found?.[0]?.displayName).toBe('found ab');
});
