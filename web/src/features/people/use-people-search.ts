import { useEffect, useState } from 'react';
import { useAppStore, useEngine } from '../../app/engine-context';
import { createPeopleSearch, type PeopleSearch } from './model/people-search';

/** A search for people that has begun: everybody is found while nothing is typed. */
export function usePeopleSearch(): PeopleSearch {
	const engine = useEngine();
	const app = useAppStore();
	const [search] = useState(() => createPeopleSearch(engine, app));
	useEffect(() => {
		const stop = search.start();
		search.look('');
		return stop;
	}, [search]);
	return search;
}
