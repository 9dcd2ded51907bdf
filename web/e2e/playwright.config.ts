import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';
import type { Look } from './support/fixtures';
import { CHROMIUM, RUNS } from './support/runs';

/**
 * Journeys run in a language, a theme and a size each. `pnpm e2e` takes two of the eight ways to look, which differ in all three;
 * `CHATALK_E2E=all pnpm e2e` takes all of them.
 */
const LANGUAGES = ['en', 'fr'] as const;
const THEMES = ['light', 'dark'] as const;
const SIZES = ['desktop', 'phone'] as const;
const USUAL = ['en-light-desktop', 'fr-dark-phone'];

const looks = LANGUAGES.flatMap((language) =>
	THEMES.flatMap((theme) => SIZES.map((size): Look => ({ language, theme, size }))),
);
const name = (look: Look) => `${look.language}-${look.theme}-${look.size}`;
const all = process.env.CHATALK_E2E === 'all';

const projects: PlaywrightTestConfig<{ look: Look }>['projects'] = looks
	.filter((look) => all || USUAL.includes(name(look)))
	.map((look) => ({
		name: name(look),
		use: { look },
		testMatch: '**/journeys/**/*.spec.ts',
	}));

export default defineConfig<{ look: Look }>({
	testDir: '.',
	outputDir: 'results',
	...RUNS,
	projects: [
		...projects,
		// What does not depend on how it looks.
		{
			name: 'once',
			use: { look: { language: 'en', theme: 'light', size: 'desktop' } },
			testMatch: '**/once/**/*.spec.ts',
		},
	],
	use: {
		launchOptions: CHROMIUM,
		// A journey that fails leaves what is needed to see why.
		trace: 'retain-on-failure',
	},
});
