import { defineConfig } from '@playwright/test';

/** The stories in a real browser. `pnpm stories:build` first. */
export default defineConfig({
	testDir: '.',
	testMatch: '*.spec.ts',
	outputDir: './results',
	fullyParallel: true,
	workers: Number(process.env.WORKERS ?? 2),
	reporter: [['list', { printSteps: false }]],
	timeout: 30_000,
	use: {
		baseURL: 'http://127.0.0.1:4319',
		browserName: 'chromium',
		launchOptions: {
			executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
			args: [
				'--headless=new',
				'--no-sandbox',
				'--disable-gpu',
				'--disable-quic',
				'--no-first-run',
				'--disable-background-networking',
				'--disable-component-update',
				'--disable-sync',
			],
		},
		reducedMotion: 'reduce',
	},
	webServer: {
		command: 'pnpm exec vite preview --config vite.stories.config.ts',
		cwd: '..',
		url: 'http://127.0.0.1:4319',
		reuseExistingServer: true,
	},
});
