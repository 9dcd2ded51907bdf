/** What single acts in groups cost in Chromium: the program that measures them natively, compiled for browsers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, expect, test } from '@playwright/test';
import { CHROMIUM } from './support';

const ORIGIN = 'http://groups.invalid';
/** Wanted of each act, with 1,000 members: what a person waits for. */
const ACT_MS = 1000;
/** Making a group is many acts: 50 members each. */
const MANY = /^make the group/;

test('acts in groups of 10, 100 and 1,000', async () => {
	const folder = process.env.GROUPS_WASM;
	if (!folder) throw new Error('run by `cargo xtask lighthouse`');
	const browser = await chromium.launch(CHROMIUM);
	const page = await browser.newPage();
	await page.route(`${ORIGIN}/**`, async (route) => {
		const { pathname } = new URL(route.request().url());
		if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: '<!doctype html>' });
		const contentType = pathname.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
		return route.fulfill({ contentType, body: await readFile(join(folder, pathname)) });
	});
	const lines: string[] = [];
	page.on('console', (message) => lines.push(message.text()));
	await page.goto(ORIGIN);
	await page.evaluate(async (module) => {
		const { default: begin } = await import(module);
		await begin();
	}, `${ORIGIN}/groups.js`);
	await browser.close();
	console.log(lines.join('\n'));
	const rows = lines.map((line) => line.split('|').map((cell) => cell.trim()));
	const acts = rows.filter(([, members, act]) => members === '1000' && act && !MANY.test(act));
	expect(acts.length, 'acts measured').toBeGreaterThan(0);
	for (const [, , act, ms] of acts) expect.soft(Number(ms), act).toBeLessThan(ACT_MS);
});
