/** Which conversations the list shows, and which comes next. */

import type { Conversation, Id, Person } from '../../../engine/contract';

export type Filter = 'all' | 'unread';

/** Case, accents and forms of letters aside, as people search. */
export function fold(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase().trim();
}

/** Whether every word that was typed begins somewhere in the names. */
export function matches(names: readonly string[], query: string): boolean {
	const words = fold(query).split(/\s+/u).filter(Boolean);
	const text = ` ${names.map(fold).join(' ')}`;
	return words.every((word) => text.includes(` ${word}`) || (word.length > 2 && text.includes(word)));
}

/** The other one of a direct conversation. */
export function otherOf(conversation: Conversation, me: Id): Person | null {
	if (!conversation.direct) return null;
	return conversation.members.find((person) => person.member !== me) ?? null;
}

function namesOf(conversation: Conversation, me: Id): string[] {
	const others = conversation.members.filter((person) => person.member !== me);
	return [conversation.title, ...others.flatMap((person) => [person.displayName, person.loginName])];
}

/** The rows of the list, newest first as the engine gives them. */
export function listed(
	conversations: readonly Conversation[],
	{ query, filter, me, open }: { query: string; filter: Filter; me: Id; open: Id | null },
): Conversation[] {
	return conversations.filter((one) => {
		// the one being read stays while it is read
		if (filter === 'unread' && one.unread === 0 && one.conversation !== open) return false;
		// who looks for it finds it
		if (one.hidden && one.conversation !== open && query.trim() === '') return false;
		return query.trim() === '' || matches(namesOf(one, me), query);
	});
}

/** The neighbour in the list: `step` 1 is below, −1 above; with `unread`, the nearest with something unread, round the end. */
export function neighbour(
	conversations: readonly Conversation[],
	open: Id | null,
	step: 1 | -1,
	unread = false,
): Id | null {
	const n = conversations.length;
	const at = conversations.findIndex((one) => one.conversation === open);
	const from = at < 0 && step < 0 ? n : at;
	for (let distance = 1; distance <= n; distance += 1) {
		const index = from + step * distance;
		if (!unread && (index < 0 || index >= n)) return null;
		const one = conversations[(index + n * 2) % n];
		if (one !== undefined && one.conversation !== open && (!unread || one.unread > 0))
			return one.conversation;
	}
	return null;
}
