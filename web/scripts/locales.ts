import type { Plugin } from 'vite';

/** The languages of the app, as react-aria names them. */
const KEPT = new Set(['en-US', 'fr-FR']);

/** Leaves react-aria's own words in languages that the app does not speak out of the build; it falls back to English. */
export function ariaLocales(): Plugin {
	return {
		name: 'aria-locales',
		enforce: 'pre',
		load(id) {
			const locale = id.match(/\/react-aria[^/]*\/.*\/intl\/[\w-]+\/([a-z]{2}-[A-Z]{2})\.m?js$/)?.[1];
			return locale && !KEPT.has(locale) ? 'export default {};' : null;
		},
	};
}
