import { defineConfig } from '@playwright/test';
import type { Look } from '../support/fixtures';
import { RUNS } from '../support/runs';

/** Firefox has a theme from its start on, so each look has a browser of its own. */
function firefox(look: Look, prefs: Record<string, number | boolean> = {}) {
	return {
		look,
		actionTimeout: 30_000,
		browserName: 'firefox' as const,
		// the one of the system, over WebDriver BiDi, in place of a build of Playwright's
		channel: 'moz-firefox',
		launchOptions: {
			executablePath: process.env.CHATALK_FIREFOX ?? '/usr/bin/firefox-esr',
			firefoxUserPrefs: {
				'layout.css.prefers-color-scheme.content-override': look.theme === 'dark' ? 0 : 1,
				...prefs,
			},
		},
	};
}

export default defineConfig<{ look: Look }>({
	testDir: '..',
	outputDir: '../results',
	...RUNS,
	projects: [
		{
			name: 'firefox/en-light-desktop',
			testMatch: '**/journeys/talking.spec.ts',
			use: firefox({ language: 'en', theme: 'light', size: 'desktop' }),
		},
		{
			name: 'firefox/fr-dark-phone',
			testMatch: '**/firefox/private.spec.ts',
			use: firefox(
				{ language: 'fr', theme: 'dark', size: 'phone' },
				// every window is a private one
				{ 'browser.privatebrowsing.autostart': true },
			),
		},
	],
});
