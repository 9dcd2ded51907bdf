import { expect, it } from 'vitest';
import type { Command } from '../../../engine/contract';
import { Draft, latestMs, pauseMs, type Timers } from './draft';

class Clock implements Timers {
	time = 0;
	due: { at: number; run: () => void }[] = [];
	now() {
		return this.time;
	}
	after(ms: number, run: () => void) {
		const entry = { at: this.time + ms, run };
		this.due.push(entry);
		return () => {
			this.due = this.due.filter((one) => one !== entry);
		};
	}
	pass(ms: number) {
		this.time += ms;
		for (const entry of this.due.filter((one) => one.at <= this.time)) {
			this.due = this.due.filter((one) => one !== entry);
			entry.run();
		}
	}
}

function start(saved = '') {
	const saves: string[] = [];
	const clock = new Clock();
	const engine = { command: (c: Command) => void (c.do === 'saveDraft' && saves.push(c.text)) };
	return { saves, clock, draft: new Draft(engine, 'c', saved, clock) };
}

it('saves when the writer pauses', () => {
	const { saves, clock, draft } = start();
	draft.write('a');
	clock.pass(pauseMs - 1);
	draft.write('ab');
	clock.pass(pauseMs - 1);
	expect(saves).toEqual([]);
	clock.pass(1);
	expect(saves).toEqual(['ab']);
});

it('saves at the latest after some seconds of writing', () => {
	const { saves, clock, draft } = start();
	for (let n = 0; n < latestMs / 100; n += 1) {
		draft.write('x'.repeat(n + 1));
		clock.pass(100);
	}
	expect(saves).toHaveLength(1);
});

it('saves at once when the conversation is left, and nothing that is saved already', () => {
	const { saves, draft } = start('old');
	draft.save();
	draft.write('new');
	draft.save();
	draft.save();
	expect(saves).toEqual(['new']);
});

it('is not set back by the echo of what it saved before', () => {
	const { clock, draft } = start();
	draft.write('a');
	clock.pass(pauseMs);
	draft.write('ab');
	clock.pass(pauseMs);
	expect(draft.kept('a')).toBe(false);
	expect(draft.kept('ab')).toBe(false);
	expect(draft.text).toBe('ab');
});

it('takes what another device wrote, unless something is being written here', () => {
	const { draft } = start('a');
	expect(draft.kept('from elsewhere')).toBe(true);
	expect(draft.text).toBe('from elsewhere');
	draft.write('mine');
	expect(draft.kept('again')).toBe(false);
	expect(draft.text).toBe('mine');
});

it('does not ask for more to be kept than the engine keeps', () => {
	const { saves, draft } = start();
	draft.write('x'.repeat(1_000_000));
	draft.save();
	expect(saves).toEqual([]);
	draft.write('x'.repeat(65_536));
	draft.save();
	expect(saves).toHaveLength(1);
});

it('keeps what the engine could not keep, and saves it again', () => {
	const { saves, draft } = start();
	draft.write('mine');
	draft.save();
	draft.refused();
	expect(draft.kept('')).toBe(false);
	expect(draft.text).toBe('mine');
	draft.save();
	expect(saves).toEqual(['mine', 'mine']);
});
