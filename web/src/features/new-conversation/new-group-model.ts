import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppStore } from '../../app/store';
import type { Failure, Id, Person } from '../../engine/contract';
import { toggled, without } from '../groups/model/choosing';
import { titleProblem } from '../groups/model/title';

export interface NewGroupState {
	/** In the order in which they were chosen. */
	chosen: Person[];
	title: string;
	/** It was tried, and the title can't be used. */
	tooLong: boolean;
	busy: boolean;
	failure: Failure | null;
}

export interface NewGroupModel extends StoreApi<NewGroupState> {
	toggle(person: Person): void;
	remove(member: Id): void;
	write(title: string): void;
	/** The new conversation; null: it was not made, as the state says. */
	create(): Promise<Id | null>;
}

/** The way to a new group: who is in it, then what it is called. What was chosen stays while one goes back and forth. */
export function createNewGroupModel(
	app: Pick<AppStore, 'getState'> & { actions: Pick<AppStore['actions'], 'perform'> },
): NewGroupModel {
	const store = createStore<NewGroupState>(() => ({
		chosen: [],
		title: '',
		tooLong: false,
		busy: false,
		failure: null,
	}));
	const { getState, setState } = store;

	function choose(chosen: Person[]): void {
		if (!getState().busy) setState({ chosen, failure: null });
	}

	return Object.assign(store, {
		toggle: (person: Person) => choose(toggled(getState().chosen, person)),
		remove: (member: Id) => choose(without(getState().chosen, member)),
		write: (title: string) => setState({ title, tooLong: false, failure: null }),
		async create() {
			const { chosen, title, busy } = getState();
			const tooLong = titleProblem(title, false) !== null;
			setState({ tooLong, failure: null });
			if (tooLong || busy || chosen.length === 0) return null;
			setState({ busy: true });
			const members = chosen.map((person) => person.member);
			const outcome = await app.actions.perform({ do: 'createGroup', title: title.trim(), members });
			setState({ busy: false, failure: outcome.ok ? null : outcome.failure });
			return outcome.ok ? app.getState().opened : null;
		},
	});
}
