/** Choosing people who come into a group. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppStore } from '../../../app/store';
import type { Failure, Id, Person } from '../../../engine/contract';
import { toggled, without } from './choosing';

export interface AddingState {
	chosen: Person[];
	busy: boolean;
	/** With some of those who are still chosen; the others are in. */
	failure: Failure | null;
}

export interface AddingModel extends StoreApi<AddingState> {
	toggle(person: Person): void;
	remove(member: Id): void;
	/** These came in: by this device or another. */
	came(members: readonly Id[]): void;
	/** How many came in; null: not all did, as `failure` says. */
	add(): Promise<number | null>;
}

/** Adds people to one group. Some may come in while others can't. */
export function createAddingModel(
	app: { actions: Pick<AppStore['actions'], 'perform'> },
	id: Id,
): AddingModel {
	const store = createStore<AddingState>(() => ({ chosen: [], busy: false, failure: null }));
	const { getState, setState } = store;
	return Object.assign(store, {
		toggle(person: Person) {
			if (!getState().busy) setState({ chosen: toggled(getState().chosen, person), failure: null });
		},
		remove(member: Id) {
			if (!getState().busy) setState({ chosen: without(getState().chosen, member), failure: null });
		},
		came(members: readonly Id[]) {
			const { chosen } = getState();
			const left = chosen.filter((person) => !members.includes(person.member));
			if (left.length < chosen.length) setState({ chosen: left });
		},
		async add() {
			const { chosen, busy } = getState();
			if (busy || chosen.length === 0) return null;
			setState({ busy: true, failure: null });
			const members = chosen.map((person) => person.member);
			const outcome = await app.actions.perform({ do: 'addMembers', conversation: id, members });
			setState({ busy: false, failure: outcome.ok ? null : outcome.failure });
			return outcome.ok ? members.length : null;
		},
	});
}
