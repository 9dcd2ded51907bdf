/** Several people who are chosen one by one. */

import type { Id, Person } from '../../../engine/contract';

/** All but this one. */
export function without(chosen: readonly Person[], member: Id): Person[] {
	return chosen.filter((one) => one.member !== member);
}

/** In, at the end; or out again, where they were in. */
export function toggled(chosen: readonly Person[], person: Person): Person[] {
	const rest = without(chosen, person.member);
	return rest.length < chosen.length ? rest : [...chosen, person];
}

/** Those who are found and can be chosen: nobody who is in already. null: not looked for yet. */
export function choosable(found: readonly Person[] | null, taken: readonly Id[]): Person[] | null {
	const known = new Set(taken);
	return found?.filter((person) => !known.has(person.member)) ?? null;
}
