import { useSyncExternalStore } from 'react';

const WIDE = '(min-width: 48rem)';

function subscribe(listener: () => void): () => void {
	const query = window.matchMedia(WIDE);
	query.addEventListener('change', listener);
	return () => query.removeEventListener('change', listener);
}

/** Whether there is room for two columns; as in Settings.module.css. */
export function useWide(): boolean {
	return useSyncExternalStore(subscribe, () => window.matchMedia(WIDE).matches);
}
