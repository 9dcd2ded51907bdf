import { expect, it } from 'vitest';
import type { Command } from '../../../engine/contract';
import { Reading } from './reading';

function start(read: number) {
	const commands: Command[] = [];
	return { commands, reading: new Reading({ command: (c) => commands.push(c) }, 'c', read) };
}

it('marks nothing while nobody looks', () => {
	const { commands, reading } = start(5);
	reading.seen(9);
	expect(commands).toEqual([]);
});

it('marks what is on the screen as soon as somebody looks', () => {
	const { commands, reading } = start(5);
	reading.seen(9);
	reading.watching(true);
	expect(commands).toEqual([{ do: 'markRead', conversation: 'c', seq: 9 }]);
});

it('marks each step once, and never backwards', () => {
	const { commands, reading } = start(5);
	reading.watching(true);
	for (const seq of [3, 5, 6, 6, 4, 7]) reading.seen(seq);
	expect(commands.map((c) => c.do === 'markRead' && c.seq)).toEqual([6, 7]);
});

it('does not repeat what another device marked', () => {
	const { commands, reading } = start(5);
	reading.watching(true);
	reading.readElsewhere(20);
	reading.seen(12);
	expect(commands).toEqual([]);
});
