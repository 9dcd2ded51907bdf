import { createMemoryHistory } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { App } from '../app/App';
import { startI18n } from '../app/i18n';
import { CATALOGUES } from '../app/language';
import { makeRouter } from '../app/router';
import { type AppStoreOptions, createAppStore } from '../app/store';
import { type Script, scriptedEngine } from './scripted-engine';

/** The whole app at an address, over a scripted engine, in English. */
export async function renderApp(path: string, script: Script = {}, options: AppStoreOptions = {}) {
	await startI18n('en');
	await i18next.loadNamespaces([...CATALOGUES]);
	const engine = scriptedEngine(script);
	const store = createAppStore(engine, { look: { language: 'en', theme: 'system' }, ...options });
	const router = makeRouter(createMemoryHistory({ initialEntries: [path] }));
	await store.actions.open();
	const screen = render(<App engine={engine} store={store} router={router} />);
	return { engine, store, router, user: userEvent.setup(), ...screen };
}
