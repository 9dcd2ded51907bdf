/** Who is in a group, in the order in which they are shown. */

import type { Conversation, GroupRole, Id, Person } from '../../../engine/contract';
import { matches } from '../../conversations/model/list';
import { rankOf } from './rights';

/** Somebody in a group. */
export interface Member {
	person: Person;
	role: GroupRole;
	self: boolean;
}

/** From so many on there is a search. */
export const searchFrom = 20;
/** So many are shown at once, and so many more each time: a thousand rows are slow, and nobody reads them. */
export const shownAtOnce = 50;

/**
 * Whoever needs a look comes first, as a changed identity stops all writing; then oneself, then who governs, then all others by
 * name.
 */
export function membersOf(conversation: Conversation, me: Id, language: string): Member[] {
	const { compare } = new Intl.Collator(language);
	return conversation.members
		.map((person, index) => ({
			person,
			role: conversation.group?.roles[index] ?? 'member',
			self: person.member === me,
		}))
		.sort(
			(a, b) =>
				Number(b.person.identityChanged) - Number(a.person.identityChanged) ||
				Number(b.self) - Number(a.self) ||
				governing(b) - governing(a) ||
				compare(a.person.displayName, b.person.displayName),
		);
}

function governing({ role }: Member): number {
	return Math.max(rankOf('member'), rankOf(role));
}

/** Those with such a name. */
export function found(members: readonly Member[], query: string): readonly Member[] {
	if (query.trim() === '') return members;
	return members.filter(({ person }) => matches([person.displayName, person.loginName], query));
}
