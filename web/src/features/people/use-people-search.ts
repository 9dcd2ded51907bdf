import { useEffect, useState } from 'react';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
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
	// a page that was just opened asks before there is a connection
	const online = useApp((state) => state.connection.is === 'online');
	useEffect(() => {
		if (online && search.getState().failure !== null) search.retry();
	}, [online, search]);
	return search;
}
