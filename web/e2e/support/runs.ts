import type { PlaywrightTestConfig } from '@playwright/test';

/** How journeys run, in whichever browser: one after the other, never again, with time for a busy machine. */
export const RUNS = {
	timeout: 180_000,
	expect: { timeout: 20_000 },
	workers: 1,
	retries: 0,
	forbidOnly: true,
	reporter: 'list',
} satisfies PlaywrightTestConfig;
