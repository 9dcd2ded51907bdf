/** Looks for people of the organisation by name, while somebody types. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { cleanPerson } from '../../../app/names';
import type { Outcome } from '../../../app/store';
import type { Command, Engine, Failure, Person } from '../../../engine/contract';
import { machineTimers, type Timers } from '../../composer/model/draft';

/** Typing pauses this long before the server is asked. */
export const typingMs = 200;

export interface PeopleSearchState {
	query: string;
	/** null: nobody was looked for yet. */
	found: Person[] | null;
	busy: boolean;
	failure: Failure | null;
}

export interface PeopleSearch extends StoreApi<PeopleSearchState> {
	look(query: string): void;
	/** Again, after a failure. */
	retry(): void;
	/** Begins to listen; returns how to stop. */
	start(): () => void;
}

interface Asks {
	actions: { perform(command: Command): Promise<Outcome> };
}

/** A search; what is typed last counts. */
export function createPeopleSearch(
	engine: Pick<Engine, 'subscribe'>,
	app: Asks,
	timers: Timers = machineTimers,
): PeopleSearch {
	const store = createStore<PeopleSearchState>(() => ({
		query: '',
		found: null,
		busy: false,
		failure: null,
	}));
	let cancel = () => {};
	let answered: Person[] = [];
	async function ask(query: string): Promise<void> {
		const outcome = await app.actions.perform({ do: 'findPeople', query });
		// something else was typed meanwhile: its own answer is on the way
		if (store.getState().query.trim() !== query) return;
		if (outcome.ok) store.setState({ found: answered, busy: false, failure: null });
		else store.setState({ busy: false, failure: outcome.failure });
	}

	function look(query: string): void {
		cancel();
		store.setState({ query, busy: true, failure: null });
		cancel = timers.after(store.getState().found === null ? 0 : typingMs, () => void ask(query.trim()));
	}

	return Object.assign(store, {
		look,
		retry: () => look(store.getState().query),
		start() {
			const stop = engine.subscribe((update) => {
				if (update.is === 'people') answered = update.people.map(cleanPerson);
			});
			return () => {
				cancel();
				stop();
			};
		},
	});
}
