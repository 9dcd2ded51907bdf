import { describe, expect, it } from 'vitest';
import { aConversation, aGroupOf, aPerson } from '../../../test/scripted-engine';
import { fold, listed, matches, neighbour, otherOf } from './list';

const me = aPerson({ member: 'me' });
const talk = (id: string, title: string, unread = 0) =>
	aConversation({
		conversation: id,
		title,
		unread,
		members: [me, aPerson({ member: id, displayName: title, loginName: `login-${id}` })],
	});
const all = [
	talk('a', 'Élodie Müller'),
	talk('b', 'محمد علي', 2),
	talk('c', 'Lê Thị Hồng'),
	talk('d', 'Zoë', 1),
];
const ids = (query: string, filter: 'all' | 'unread' = 'all', open: string | null = null) =>
	listed(all, { query, filter, me: 'me', open }).map((one) => one.conversation);

describe('the search of the list', () => {
	it('finds names without their accents, by the beginnings of words', () => {
		expect(ids('elo')).toEqual(['a']);
		expect(ids('mul elo')).toEqual(['a']);
		expect(ids('hong')).toEqual(['c']);
		expect(ids('محمد')).toEqual(['b']);
		expect(ids('login-d')).toEqual(['d']);
		expect(ids('x')).toEqual([]);
		expect(ids('  ')).toEqual(['a', 'b', 'c', 'd']);
	});

	it('finds groups by their title and by who is in them', () => {
		const group = aGroupOf(
			[
				[me, 'member'],
				[aPerson({ member: 'x', displayName: 'Anna', loginName: 'anna' }), 'owner'],
			],
			{ conversation: 'g', title: 'Bureau de Marseille' },
		);
		const hits = (query: string) => listed([...all, group], { query, filter: 'all', me: 'me', open: null });
		expect(hits('marseille').map((one) => one.conversation)).toEqual(['g']);
		expect(hits('ann').map((one) => one.conversation)).toEqual(['g']);
	});

	it('takes special characters as they are', () => {
		expect(ids('.*')).toEqual([]);
		expect(matches(['a(b'], 'a(')).toBe(true);
		expect(fold('İstanbul ﬁn')).toContain('fin');
	});
});

describe('the filter', () => {
	it('keeps what is unread, and what is open', () => {
		expect(ids('', 'unread')).toEqual(['b', 'd']);
		expect(ids('', 'unread', 'a')).toEqual(['a', 'b', 'd']);
	});
});

describe('the neighbour', () => {
	it('is above or below, and ends at the ends', () => {
		expect(neighbour(all, 'b', 1)).toBe('c');
		expect(neighbour(all, 'b', -1)).toBe('a');
		expect(neighbour(all, 'd', 1)).toBeNull();
		expect(neighbour(all, null, 1)).toBe('a');
		expect(neighbour(all, null, -1)).toBe('d');
	});

	it('with something unread is looked for round the end', () => {
		expect(neighbour(all, 'b', 1, true)).toBe('d');
		expect(neighbour(all, 'd', 1, true)).toBe('b');
		expect(neighbour(all, 'c', -1, true)).toBe('b');
		expect(neighbour([talk('a', 'A')], 'a', 1, true)).toBeNull();
		expect(neighbour([], null, 1)).toBeNull();
	});
});

it('knows the other one of a direct conversation', () => {
	const [first] = all;
	expect(first && otherOf(first, 'me')?.member).toBe('a');
	expect(otherOf(aConversation({ direct: false }), 'me')).toBeNull();
});
