import { expect, it } from 'vitest';
import { aConversation, aGroupOf, aPerson } from '../../../test/scripted-engine';
import { actsOn, governs, isLastAdmin } from './rights';

it.each([
	['admin', 'member', ['admin', 'readOnly', 'remove']],
	['admin', 'admin', ['member', 'readOnly', 'remove']],
	['admin', 'readOnly', ['admin', 'member', 'remove']],
	['admin', 'owner', []],
	['owner', 'owner', ['admin', 'member', 'readOnly', 'remove']],
	['owner', 'admin', ['owner', 'member', 'readOnly', 'remove']],
	['member', 'member', []],
	['member', 'readOnly', []],
	['readOnly', 'owner', []],
] as const)('%s may do with %s: %j', (own, role, acts) => {
	expect(actsOn(role, { own, self: false })).toEqual(acts);
});

it('lets one give one’s own role away, and never removes oneself', () => {
	expect(actsOn('admin', { own: 'admin', self: true })).toEqual(['stepDown']);
	expect(actsOn('owner', { own: 'owner', self: true })).toEqual(['stepDown']);
	expect(actsOn('member', { own: 'member', self: true })).toEqual([]);
});

it('belongs to admins and the owner, of a group that one is in', () => {
	const group = (role: 'readOnly' | 'member' | 'admin' | 'owner') => aGroupOf([[aPerson(), role]]);
	expect((['readOnly', 'member', 'admin', 'owner'] as const).map((role) => governs(group(role)))).toEqual([
		false,
		false,
		true,
		true,
	]);
	expect(governs({ ...group('owner'), gone: true })).toBe(false);
	expect(governs({ ...group('owner'), broken: true })).toBe(false);
	expect(governs(aConversation())).toBe(false);
});

it('knows whom nobody could follow without being made an admin', () => {
	const of = (...roles: ('member' | 'admin' | 'owner')[]) => ({ role: roles[0] ?? 'member', roles });
	expect(isLastAdmin(of('admin', 'member'))).toBe(true);
	expect(isLastAdmin(of('owner', 'member', 'member'))).toBe(true);
	expect(isLastAdmin(of('owner', 'admin'))).toBe(false);
	expect(isLastAdmin(of('member', 'admin'))).toBe(false);
	expect(isLastAdmin(of('owner'))).toBe(false); // nobody stays
});
