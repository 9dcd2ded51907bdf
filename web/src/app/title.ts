import { useEffect } from 'react';
import { createStore } from 'zustand/vanilla';
import type { AppState } from './state';

const NAME = 'ChaTalK';

/** What the screen is called. */
export const pageTitle = createStore<{ title: string }>(() => ({ title: '' }));

/** Calls the screen so while it is shown, and no longer: it may name somebody. */
export function usePageTitle(title: string): void {
	useEffect(() => {
		pageTitle.setState({ title });
		return () => pageTitle.setState({ title: '' });
	}, [title]);
}

/** The title of the tab: how many are unread, the screen, the app. */
export function tabTitle(title: string, unread: number): string {
	const words = title && title !== NAME ? `${title} · ${NAME}` : NAME;
	return unread > 0 ? `(${unread}) ${words}` : words;
}

/** Browsers write down the titles of tabs: where others may look they say nothing of the person, nor over the app lock. */
export function hidesTitle({
	session,
	storage,
	phase,
}: Pick<AppState, 'session' | 'storage' | 'phase'>): boolean {
	return storage.kept === 'memory' || session?.inMemory === true || storage.appLock || phase.is === 'locked';
}
