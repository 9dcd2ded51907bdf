import { expect, it } from 'vitest';
import { aGroupOf, aPerson } from '../../../test/scripted-engine';
import { found, membersOf } from './members';

const person = (displayName: string, identityChanged = false) =>
	aPerson({ member: displayName, loginName: displayName.toLowerCase(), displayName, identityChanged });
const group = aGroupOf([
	[person('Zoë'), 'readOnly'],
	[person('Émile'), 'member'],
	[person('Me'), 'member'],
	[person('Anna'), 'admin'],
	[person('Ina', true), 'member'],
	[person('Omar'), 'owner'],
	[person('Ela'), 'member'],
]);
const names = (query = '') => found(membersOf(group, 'Me', 'en'), query).map((one) => one.person.displayName);

it('shows first what needs a look, then oneself, then who governs, then all by name', () => {
	expect(names()).toEqual(['Ina', 'Me', 'Omar', 'Anna', 'Ela', 'Émile', 'Zoë']);
	expect(membersOf(group, 'Me', 'en').find((one) => one.self)?.role).toBe('member');
});

it('finds members as conversations are found', () => {
	expect(names('em')).toEqual(['Émile']);
	expect(names('qq')).toEqual([]);
});
