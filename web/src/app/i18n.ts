import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Settings } from '../engine/contract';

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** One catalogue each, loaded when a screen that uses it is shown. */
export const CATALOGUES = [
	'common',
	'entry',
	'errors',
	'settings',
	'safety',
	'help',
	'home',
	'timeline',
	'composer',
	'people',
] as const;

const files = import.meta.glob<{ default: Record<string, unknown> }>('../locales/*/*.json');

/** The language that a setting means here. */
export function languageOf(
	setting: Settings['language'],
	preferred: readonly string[] = navigator.languages,
): Language {
	if (setting !== 'system') return setting;
	for (const tag of preferred) {
		const base = tag.toLowerCase().split('-')[0];
		const known = LANGUAGES.find((language) => language === base);
		if (known) return known;
	}
	return 'en';
}

/** A screen without its words is none: it waits until they come. */
const AGAIN_MS = 2000;

async function untilThere<T>(load: () => Promise<T>): Promise<T> {
	for (;;) {
		try {
			return await load();
		} catch {
			await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
		}
	}
}

/** Starts i18next with catalogues that are loaded when needed; `first` is of the screen that is likely to be seen first. */
export async function startI18n(language: Language, first?: (typeof CATALOGUES)[number]): Promise<i18n> {
	const catalogues = {
		type: 'backend' as const,
		init() {},
		async read(lng: string, ns: string) {
			const load = files[`../locales/${lng}/${ns}.json`];
			if (!load) throw new Error(`no catalogue ${lng}/${ns}`);
			return (await untilThere(load)).default;
		},
	};
	await i18next
		.use(catalogues)
		.use(initReactI18next)
		.init({
			lng: language,
			supportedLngs: [...LANGUAGES],
			fallbackLng: false,
			ns: first ? ['common', first] : ['common'],
			defaultNS: 'common',
			interpolation: { escapeValue: false },
			returnNull: false,
			react: { useSuspense: true },
		});
	document.documentElement.lang = language;
	return i18next;
}

/** Changes the language of everything on the screen. */
export async function speak(language: Language): Promise<void> {
	if (i18next.language !== language) await i18next.changeLanguage(language);
	document.documentElement.lang = language;
}
