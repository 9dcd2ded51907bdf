import { useSyncExternalStore } from 'react';

/** As in Home.module.css: below this the details cover the timeline. */
const narrow = '(max-width: 72rem)';

function subscribe(listener: () => void): () => void {
	const query = window.matchMedia(narrow);
	query.addEventListener('change', listener);
	return () => query.removeEventListener('change', listener);
}

/** Whether there is no room for timeline and details side by side. */
export function useNarrow(): boolean {
	return useSyncExternalStore(subscribe, () => window.matchMedia(narrow).matches);
}
