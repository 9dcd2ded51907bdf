import { useEffect, useState } from 'react';
import { useAppStore, useEngine } from '../../app/engine-context';
import { useOnceOnline } from '../../app/use-once-online';
import { createPeopleSearch, type PeopleSearch } from './model/people-search';

/** A search for people that has begun: everybody is found while nothing is typed. */
export function usePeopleSearch(): PeopleSearch {
	const engine = useEngine();
	const app = useAppStore();
	const [search] = useState(() => createPeopleSearch(engine, app));
	useEffect(() => search.start(), [search]);
	useOnceOnline(() => {
		const { found, failure } = search.getState();
		if (found === null || failure !== null) search.retry();
	});
	return search;
}
