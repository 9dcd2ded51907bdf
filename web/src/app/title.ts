import { createStore } from 'zustand/vanilla';

const NAME = 'ChaTalK';

/** What the screen is called; set by its heading. */
export const pageTitle = createStore<{ title: string }>(() => ({ title: '' }));

/** The title of the tab: how many are unread, the screen, the app. */
export function tabTitle(title: string, unread: number): string {
	const words = title && title !== NAME ? `${title} · ${NAME}` : NAME;
	return unread > 0 ? `(${unread}) ${words}` : words;
}
