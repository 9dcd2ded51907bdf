import type { Person } from '../engine/contract';
import type { AppState } from './store';

/** Somebody who is known from a conversation or from the last search. */
export function findPerson(state: Pick<AppState, 'conversations' | 'people'>, member: string): Person | null {
	for (const conversation of state.conversations ?? []) {
		const person = conversation.members.find((one) => one.member === member);
		if (person) return person;
	}
	return state.people?.find((one) => one.member === member) ?? null;
}
