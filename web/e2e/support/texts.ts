/** The texts of the app, by their keys: journeys look for what people read, and follow when it is written anew. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInstance, type TFunction } from 'i18next';

const LOCALES = resolve(import.meta.dirname, '../../src/locales');

export type Language = 'en' | 'fr';

function catalogue(language: Language): Record<string, object> {
	const files = readdirSync(join(LOCALES, language)).filter((file) => file.endsWith('.json'));
	return Object.fromEntries(
		files.map((file) => [
			file.slice(0, -'.json'.length),
			JSON.parse(readFileSync(join(LOCALES, language, file), 'utf8')),
		]),
	);
}

/** `t('settings:devices.title')`; a key that is not there is an error, not a text. */
export async function textsOf(language: Language): Promise<TFunction> {
	const instance = createInstance();
	await instance.init({
		lng: language,
		fallbackLng: false,
		resources: { [language]: catalogue(language) },
		interpolation: { escapeValue: false },
	});
	return ((key: string, values?: Record<string, unknown>) => {
		if (!instance.exists(key, values)) throw new Error(`${language}: there is no text ${key}`);
		return instance.t(key, values);
	}) as TFunction;
}
