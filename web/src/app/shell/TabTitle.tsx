import { useEffect } from 'react';
import { useStore } from 'zustand';
import { useApp } from '../engine-context';
import { pageTitle, tabTitle } from '../title';

/** Keeps the title of the tab. */
export function TabTitle() {
	const title = useStore(pageTitle, (state) => state.title);
	const unread = useApp((state) => state.conversations?.reduce((sum, one) => sum + one.unread, 0) ?? 0);
	useEffect(() => {
		document.title = tabTitle(title, unread);
	}, [title, unread]);
	return null;
}
