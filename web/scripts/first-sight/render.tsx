import { createMemoryHistory } from '@tanstack/react-router';
import i18next from 'i18next';
import { renderToStaticMarkup } from 'react-dom/server';
import { App } from '../../src/app/App';
import { startI18n } from '../../src/app/i18n';
import { LANGUAGES, type Language } from '../../src/app/language';
import { makeRouter } from '../../src/app/router';
import { createAppStore } from '../../src/app/store';
import type { Engine } from '../../src/engine/contract';

/** The sign-in as the app draws it before anything is known, in each language. */
export async function firstSights(): Promise<[Language, string][]> {
	const drawn: [Language, string][] = [];
	for (const language of LANGUAGES) drawn.push([language, await firstSight(language)]);
	return drawn;
}

// Node has one only from version 21 on; what is drawn does not depend on it
if (!('navigator' in globalThis)) {
	Object.defineProperty(globalThis, 'navigator', { value: { languages: [], userAgent: '' } });
}

async function firstSight(language: Language): Promise<string> {
	await startI18n(language, ['entry', 'errors']);
	await i18next.changeLanguage(language);
	const router = makeRouter(createMemoryHistory({ initialEntries: ['/sign-in'] }));
	await router.load();
	const engine = silentEngine();
	const store = createAppStore(engine);
	return renderToStaticMarkup(<App engine={engine} store={store} router={router} />);
}

/** Nothing is asked of it while a screen is drawn once. */
function silentEngine(): Engine {
	const nothing = () => () => {};
	return { subscribe: nothing, onHealth: nothing } as unknown as Engine;
}
