import { expect, it } from 'vitest';
import { aConversation, aPerson } from '../../../test/scripted-engine';
import { goals, type Sources } from './goals';

const me = aPerson({ member: 'me', displayName: 'Me' });
const zoe = aPerson({ member: 'z', displayName: 'Zoë', loginName: 'zoe' });
const zora = aPerson({ member: 'y', displayName: 'Zora', loginName: 'zora' });

const sources = (query: string): Sources => ({
	query,
	conversations: [aConversation({ conversation: 'c', title: 'Zoë', members: [me, zoe] })],
	people: [zoe, zora, me],
	screens: [{ screen: 'settings', name: 'Settings' }],
	me: 'me',
});
const found = (query: string) =>
	goals(sources(query)).map((group) => [group.id, ...group.goals.map(({ id }) => id)]);

it('finds conversations, people one does not talk to yet, and screens', () => {
	expect(found('zo')).toEqual([
		['conversations', 'c c'],
		['people', 'p y'],
	]);
	expect(found('set')).toEqual([['screens', 's settings']]);
	expect(found('nothing like it')).toEqual([]);
});

it('offers no strangers unasked', () => {
	expect(found('')).toEqual([
		['conversations', 'c c'],
		['screens', 's settings'],
	]);
});
