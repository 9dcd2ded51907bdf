import '@fontsource-variable/inter/index.css';
import '../ui/base.css';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import type { Engine } from '../engine/contract';
import { App } from './App';
import { addressHistory } from './address';
import type { Arrival } from './arrival';
import { startI18n } from './i18n';
import type { Catalogue } from './language';
import { makeRouter } from './router';
import { createAppStore } from './store';
import { firstLanguage, type Look } from './theme';

/** What was begun before. */
export interface Begun {
	engine: Engine;
	look: Look;
	arrival: Arrival;
	/** Of the first screen, probably. */
	catalogues: readonly Catalogue[];
	/** Called when there is something to see. */
	seen: () => void;
}

/** Draws the app. */
export async function start({ engine, look, arrival, catalogues, seen }: Begun): Promise<void> {
	const store = createAppStore(engine, { look, arrival });
	void store.actions.open();
	// screen and words come together
	const router = makeRouter(addressHistory(() => store.getState().storage.why === 'public'));
	void router.load();
	const language = firstLanguage();
	await startI18n(language, catalogues);
	document.documentElement.lang = language;
	const root = document.getElementById('root');
	if (!root) throw new Error('the page is incomplete');
	const app = (
		<StrictMode>
			<App engine={engine} store={store} router={router} />
		</StrictMode>
	);
	// in small steps: somebody may be typing into what the page showed first
	startTransition(() => createRoot(root).render(app));
	whenDrawn(seen);
}

/** Of the first screen's drawing; nobody waits longer for a tab that is not on the screen. */
const LONG_MS = 1500;

function whenDrawn(then: () => void): void {
	const late = setTimeout(then, LONG_MS);
	requestAnimationFrame(() =>
		requestAnimationFrame(() => {
			clearTimeout(late);
			setTimeout(then);
		}),
	);
}
