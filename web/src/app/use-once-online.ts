import { useEffect, useRef } from 'react';
import { useApp } from './engine-context';

/**
 * Asks the server for what a page shows: as soon as it is known whether there is a connection, and again when there is one again. A page
 * that was opened with the app asks before that, and would show for ever that it could not be asked.
 */
export function useOnceOnline(ask: () => void): void {
	const there = useApp(({ connection: { is } }) =>
		is === 'connecting' || is === 'catchingUp' ? null : is === 'online' || is === 'readOnly',
	);
	const asked = useRef(false);
	const newest = useRef(ask);
	useEffect(() => {
		newest.current = ask;
	});
	useEffect(() => {
		// without a connection once: then it is said that there is none
		if (there === null || (!there && asked.current)) return;
		asked.current = true;
		newest.current();
	}, [there]);
}
