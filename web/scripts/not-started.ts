import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const LANGUAGES = ['en', 'fr'];

/**
 * Puts words into the page itself, for browsers in which no part of the app can run: too old for its modules, or without
 * scripts. In all languages, as nothing is there that could choose one. `ui/base.css` shows them when the app has not taken their
 * place in a while.
 */
export function notStarted(): Plugin {
	return {
		name: 'not-started',
		transformIndexHtml: (html) => html.replace('<!-- not started -->', LANGUAGES.map(paragraph).join('')),
	};
}

function paragraph(language: string): string {
	const file = new URL(`../src/locales/${language}/common.json`, import.meta.url);
	const { notStarted } = JSON.parse(readFileSync(file, 'utf8')) as { notStarted: string };
	return `<p lang="${language}">${notStarted}</p>`;
}
