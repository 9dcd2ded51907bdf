/** What somebody may do in a group. The engine decides; what it would refuse is not offered. */

import type { Conversation, Group, GroupRole } from '../../../engine/contract';

/** What can be done with somebody who is in a group. */
export type Act = 'owner' | 'admin' | 'member' | 'readOnly' | 'remove' | 'stepDown';

const ranks: Record<GroupRole, number> = { readOnly: 0, member: 1, admin: 2, owner: 3 };

/** How much a role may do, to compare it with others. */
export function rankOf(role: GroupRole): number {
	return ranks[role];
}

/** Whether one adds and removes people here, names the group and makes its rules. */
export function governs({ group, gone, broken }: Pick<Conversation, 'group' | 'gone' | 'broken'>): boolean {
	return group !== null && !gone && !broken && rankOf(group.role) >= rankOf('admin');
}

/** Whether nobody else governs it. */
export function isLastAdmin({ role, roles }: Pick<Group, 'role' | 'roles'>): boolean {
	const admins = roles.filter((one) => rankOf(one) >= rankOf('admin'));
	return rankOf(role) >= rankOf('admin') && admins.length === 1 && roles.length > 1;
}

/** What somebody with the role `own` may do with somebody of that role; `self`: with oneself. */
export function actsOn(role: GroupRole, { own, self }: { own: GroupRole; self: boolean }): Act[] {
	if (rankOf(own) < rankOf('admin')) return [];
	if (self) return ['stepDown'];
	if (rankOf(role) > rankOf(own)) return [];
	// who owns the group hands it over by naming somebody else an owner first
	const roles: Act[] = [...(own === 'owner' ? (['owner'] as const) : []), 'admin', 'member', 'readOnly'];
	return [...roles.filter((one) => one !== role), 'remove'];
}
