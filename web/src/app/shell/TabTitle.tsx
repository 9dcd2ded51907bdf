import { useEffect } from 'react';
import { useStore } from 'zustand';
import { useApp } from '../engine-context';
import { hidesTitle, pageTitle, tabTitle } from '../title';

/** Keeps the title of the tab. */
export function TabTitle() {
	const named = useStore(pageTitle, (state) => state.title);
	const unread = useApp((state) => state.conversations?.reduce((sum, one) => sum + one.unread, 0) ?? 0);
	const hidden = useApp(hidesTitle);
	// biome-ignore lint/correctness/useExhaustiveDependencies: the screen may have gone meanwhile, and its name with it
	useEffect(() => {
		document.title = hidden ? tabTitle('', 0) : tabTitle(pageTitle.getState().title, unread);
	}, [named, unread, hidden]);
	return null;
}
