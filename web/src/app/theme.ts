import type { Settings } from '../engine/contract';
import { type Language, languageOf } from './language';

/** What this browser remembers, so that the first sight is right before the engine is open. Nothing of the person. */
const KEY = 'chatalk.look';

/** How the app looks and speaks. */
export interface Look {
	theme: Settings['theme'];
	language: Settings['language'];
}

/** Forces a theme, or follows the system. */
export function applyTheme(theme: Settings['theme']): void {
	const root = document.documentElement;
	if (theme === 'system') delete root.dataset.theme;
	else root.dataset.theme = theme;
}

/** The look that was remembered; the system's where nothing was. */
export function rememberedLook(): Look {
	try {
		const { theme, language } = JSON.parse(localStorage.getItem(KEY) ?? '{}');
		return {
			theme: theme === 'light' || theme === 'dark' ? theme : 'system',
			language: language === 'en' || language === 'fr' ? language : 'system',
		};
	} catch {
		return { theme: 'system', language: 'system' };
	}
}

/** Remembers it, unless nothing may stay in this browser. */
export function rememberLook(look: Look, inMemory: boolean): void {
	try {
		if (inMemory || (look.theme === 'system' && look.language === 'system')) localStorage.removeItem(KEY);
		else localStorage.setItem(KEY, JSON.stringify({ theme: look.theme, language: look.language }));
	} catch {
		// a browser that keeps nothing shows the system's look
	}
}

/** A mark that somebody is signed in here, so that the next start waits for the engine instead of showing the sign-in. */
const HERE = 'chatalk.here';

export function rememberHere(here: boolean): void {
	try {
		if (here) localStorage.setItem(HERE, '1');
		else localStorage.removeItem(HERE);
	} catch {
		// then the sign-in is seen for a moment
	}
}

export function rememberedHere(): boolean {
	try {
		return localStorage.getItem(HERE) !== null;
	} catch {
		return false;
	}
}

/** The language to start with. */
export function firstLanguage(): Language {
	return languageOf(rememberedLook().language);
}
