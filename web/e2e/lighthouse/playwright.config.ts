import { defineConfig } from '@playwright/test';

/** Measures; run by `cargo xtask lighthouse` on a quiet machine, not with the tests. */
export default defineConfig({
	testDir: '.',
	outputDir: '../results/lighthouse',
	timeout: 300_000,
	workers: 1,
	retries: 0,
	reporter: 'list',
});
