import type { LaunchOptions, PlaywrightTestConfig } from '@playwright/test';

/** How journeys run, in whichever browser: one after the other, never again, with time for a busy machine. */
export const RUNS = {
	timeout: 180_000,
	expect: { timeout: 20_000 },
	workers: 1,
	retries: 0,
	forbidOnly: true,
	reporter: 'list',
} satisfies PlaywrightTestConfig;

/** The browser of the system, which asks nobody but whom the app asks. */
export const CHROMIUM = {
	executablePath: process.env.CHATALK_CHROMIUM ?? '/usr/bin/chromium',
	args: [
		'--no-sandbox',
		'--disable-gpu',
		'--disable-quic',
		'--no-first-run',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
	],
} satisfies LaunchOptions;
