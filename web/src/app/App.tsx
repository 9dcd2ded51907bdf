import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { useTranslation } from 'react-i18next';
import type { Engine } from '../engine/contract';
import { keepApp, offlineHere } from '../offline/keeping';
import { takeArrival } from './arrival';
import { EngineProvider, useApp, useAppStore } from './engine-context';
import { speak } from './i18n';
import { languageOf } from './language';
import type { makeRouter } from './router';
import type { AppStore } from './store';
import { applyTheme, rememberHere, rememberLook } from './theme';

export interface AppProps {
	engine: Engine;
	store: AppStore;
	router: ReturnType<typeof makeRouter>;
}

/** The whole app over an engine. */
export function App({ engine, store, router }: AppProps) {
	return (
		<EngineProvider engine={engine} store={store}>
			<Look />
			<Speaking>
				<RouterProvider router={router} />
			</Speaking>
		</EngineProvider>
	);
}

/** Keeps theme and language as they were chosen, and what this browser remembers of that. */
function Look() {
	const app = useAppStore();
	const look = useApp((state) => state.look);
	const livesHere = useApp(({ session }) => session !== null && !session.inMemory);
	const ready = useApp((state) => state.phase.is === 'ready');
	const inMemory = useApp((state) => state.storage.kept === 'memory');
	useEffect(() => {
		applyTheme(look.theme);
		void speak(languageOf(look.language));
	}, [look]);
	useEffect(() => {
		if (ready) rememberLook(look, inMemory);
	}, [look, ready, inMemory]);
	useEffect(() => {
		if (!ready) return;
		rememberHere(livesHere);
		void keepApp(offlineHere(), livesHere);
	}, [livesHere, ready]);
	useEffect(() => {
		// an invitation that is opened in a tab where the app runs only changes the fragment
		const onHash = () => app.setState({ arrival: takeArrival(window.location, window.history) });
		window.addEventListener('hashchange', onHash);
		return () => window.removeEventListener('hashchange', onHash);
	}, [app]);
	return null;
}

/** Tells react-aria which language its own words are to be in. */
function Speaking({ children }: { children: React.ReactNode }) {
	const { i18n } = useTranslation();
	const [language, setLanguage] = useState(i18n.language);
	useEffect(() => {
		i18n.on('languageChanged', setLanguage);
		return () => i18n.off('languageChanged', setLanguage);
	}, [i18n]);
	return <I18nProvider locale={language}>{children}</I18nProvider>;
}
