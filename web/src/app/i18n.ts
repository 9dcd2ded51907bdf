import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { type Catalogue, LANGUAGES, type Language, readCatalogue } from './language';

/** Starts i18next with catalogues that are loaded when needed; `first` are of the screen that is likely to be seen first. */
export async function startI18n(language: Language, first: readonly Catalogue[] = []): Promise<i18n> {
	await i18next
		.use({ type: 'backend' as const, init() {}, read: readCatalogue })
		.use(initReactI18next)
		.init({
			lng: language,
			supportedLngs: [...LANGUAGES],
			fallbackLng: false,
			ns: ['common', ...first],
			defaultNS: 'common',
			interpolation: { escapeValue: false },
			returnNull: false,
			react: { useSuspense: true },
		});
	return i18next;
}

/** Changes the language of everything on the screen. */
export async function speak(language: Language): Promise<void> {
	if (i18next.language !== language) await i18next.changeLanguage(language);
	document.documentElement.lang = language;
}
