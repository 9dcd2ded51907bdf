import { useCallback, useSyncExternalStore } from 'react';

/** Widths at which screens change, as the style sheets have them. */
export const media = {
	/** One pane at a time. */
	phone: '(max-width: 48rem)',
	/** Two columns of settings. */
	twoColumns: '(min-width: 48rem)',
	/** No room for timeline and details side by side. */
	detailsCover: '(max-width: 72rem)',
} as const;

/** Whether the window is so at the moment. */
export function useMedia(query: keyof typeof media): boolean {
	const subscribe = useCallback(
		(listener: () => void) => {
			const list = window.matchMedia(media[query]);
			list.addEventListener('change', listener);
			return () => list.removeEventListener('change', listener);
		},
		[query],
	);
	return useSyncExternalStore(subscribe, () => window.matchMedia(media[query]).matches);
}
