import { useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
	window.addEventListener('focus', listener);
	window.addEventListener('blur', listener);
	document.addEventListener('visibilitychange', listener);
	return () => {
		window.removeEventListener('focus', listener);
		window.removeEventListener('blur', listener);
		document.removeEventListener('visibilitychange', listener);
	};
}

/** Whether the window is visible and has the focus. */
export function useWatching(): boolean {
	return useSyncExternalStore(subscribe, () => document.visibilityState === 'visible' && document.hasFocus());
}
