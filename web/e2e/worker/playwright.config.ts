import { defineConfig } from '@playwright/test';

export default defineConfig({
	testDir: '.',
	timeout: 240_000,
	workers: 1,
	retries: 0,
	forbidOnly: true,
	reporter: 'list',
	outputDir: 'results',
	use: {
		launchOptions: {
			executablePath: process.env.CHATALK_CHROMIUM ?? '/usr/bin/chromium',
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
	},
});
