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
	'groups',
	'timer',
	'trouble',
] as const;
export type Catalogue = (typeof CATALOGUES)[number];

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

/** Texts of one language. */
export async function readCatalogue(language: string, name: string): Promise<Record<string, unknown>> {
	const load = files[`../locales/${language}/${name}.json`];
	if (!load) throw new Error(`no catalogue ${language}/${name}`);
	return (await untilThere(load)).default;
}
