import { defineConfig } from '@playwright/test';
import stories from './playwright.config';

/** Measures how the timeline scrolls; on a quiet machine, not with the tests. `pnpm stories:build` first. */
export default defineConfig(stories, {
	testMatch: 'scroll.measure.ts',
	timeout: 600_000,
	workers: 1,
	fullyParallel: false,
});
