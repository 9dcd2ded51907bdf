import { expect, it } from 'vitest';
import { target } from './focus';
import type { Row } from './rows';

const system = (key: string) => ({ is: 'system', key }) as Row;
const rows: Row[] = [
	{ is: 'day', key: 'd', time: 0 },
	system('a'),
	{ is: 'new', key: 'new' },
	system('b'),
	system('c'),
];

it('goes from row to row, over the lines between', () => {
	expect(target(rows, 1, 'down')).toBe('b');
	expect(target(rows, 3, 'up')).toBe('a');
	expect(target(rows, 1, 'up')).toBeNull();
	expect(target(rows, 4, 'down')).toBeNull();
});

it('goes to the first and the last', () => {
	expect(target(rows, 3, 'first')).toBe('a');
	expect(target(rows, 1, 'last')).toBe('c');
	expect(target([], 0, 'last')).toBeNull();
});
