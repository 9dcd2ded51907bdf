import { defineConfig } from '@playwright/test';

/** Playwright is only the runner here: the browser is WebKitGTK, driven by its own driver. */
export default defineConfig({
	testDir: '.',
	outputDir: '../results',
	timeout: 120_000,
	expect: { timeout: 20_000 },
	workers: 1,
	retries: 0,
	forbidOnly: true,
	reporter: 'list',
});
