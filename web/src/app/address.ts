import { createBrowserHistory, createMemoryHistory, type RouterHistory } from '@tanstack/react-router';

/** Where one is, in the state of an entry whose address does not say it. */
interface Veiled {
	at?: string;
}

/**
 * The history of the browser, which writes down each address for whoever comes next. While `hidden` says so, the address stays
 * that of the app: where one is stands in the state of the entry alone, which goes with the tab. Back and forward go on working.
 */
export function addressHistory(hidden: () => boolean, win: Window = window): RouterHistory {
	for (const name of ['pushState', 'replaceState'] as const) {
		const write = win.history[name].bind(win.history);
		win.history[name] = (state: Veiled | null, unused: string, url?: string | URL | null) => {
			if (url === undefined || url === null) return write(state, unused);
			const { at: _, ...rest } = state ?? {};
			return hidden() ? write({ ...rest, at: String(url) }, unused, '/') : write(rest, unused, url);
		};
	}
	return createBrowserHistory({
		window: win,
		parseLocation: () => {
			const { pathname, search, hash } = win.location;
			const state = win.history.state;
			const href = (state as Veiled | null)?.at ?? `${pathname}${search}${hash}`;
			// it takes addresses apart as the router wants them
			return { ...createMemoryHistory({ initialEntries: [href] }).location, state };
		},
	});
}
