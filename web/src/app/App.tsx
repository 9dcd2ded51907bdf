import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { useTranslation } from 'react-i18next';
import type { Engine } from '../engine/contract';
import { EngineProvider, useApp } from './engine-context';
import { languageOf, speak } from './i18n';
import type { makeRouter } from './router';
import type { AppStore } from './store';
import { applyTheme, rememberLook } from './theme';

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

/** Keeps theme and language as the settings say. */
function Look() {
	const session = useApp((state) => state.session);
	const theme = useApp((state) => state.settings.theme);
	const language = useApp((state) => state.settings.language);
	useEffect(() => {
		if (!session) return;
		applyTheme(theme);
		void speak(languageOf(language));
		rememberLook({ theme, language }, session.inMemory);
	}, [session, theme, language]);
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
