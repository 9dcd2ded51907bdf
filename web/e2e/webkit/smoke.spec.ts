/** WebKitGTK: whether the app starts at all, and two people can talk. It has no private files, so the app runs from memory and says so. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { TFunction } from 'i18next';
import { Server } from '../support/server';
import { textsOf } from '../support/texts';
import { WebKit } from './browser';

const SHOTS = join(import.meta.dirname, '..', 'screenshots', 'webkit');

/** From the names to the last step, with the passphrase that was made. */
async function enters(page: WebKit, t: TFunction, name: string, finish: string): Promise<void> {
	await page.types(t('entry:names.display'), name);
	await page.types(t('entry:names.login'), name.toLowerCase());
	await page.presses('button', t('entry:next'));
	await page.presses('checkbox', t('entry:passphrase.writtenDown'), true);
	await page.presses('button', finish);
}

const webkits: WebKit[] = [];

async function arrive(): Promise<WebKit> {
	const webkit = await WebKit.start();
	webkits.push(webkit);
	return webkit;
}

// biome-ignore lint/correctness/noEmptyPattern: the form that Playwright asks for
test.afterEach(async ({}, info) => {
	for (const [n, webkit] of webkits.splice(0).entries()) {
		// a journey that fails leaves what is needed to see why
		if (info.status !== info.expectedStatus) await webkit.screenshot(info.outputPath(`${n}.png`));
		await webkit.end();
	}
});

test('two people come in and talk, and are told that nothing is kept', async () => {
	await mkdir(SHOTS, { recursive: true });
	const t = await textsOf('en');
	const server = await Server.start();
	try {
		const anna = await arrive();
		await anna.goto(`${server.url}/start#${server.code}`);
		await anna.sees('heading', t('entry:firstRun.title'));
		await anna.sees('text', t('common:memory.unsupported'), true);
		await anna.screenshot(join(SHOTS, '1-first-run.png'));
		await anna.types(t('entry:firstRun.organisation'), 'Example');
		await anna.presses('button', t('entry:next'));
		await enters(anna, t, 'Anna', t('entry:firstRun.finish'));
		await anna.presses('button', t('entry:invite.make'));
		const link = await anna.value(t('entry:invite.link'));
		await anna.presses('button', t('entry:ready.toConversations'));

		const ben = await arrive();
		await ben.goto(server.here(link));
		// who invites is read before anything is typed
		await ben.sees('text', 'Anna', true);
		await enters(ben, t, 'Ben', t('entry:register.finish'));
		await ben.presses('button', t('entry:ready.toConversations'));

		await anna.presses('button', t('home:newConversation'));
		await anna.types(t('people:new.search'), 'Ben');
		await anna.presses('option', 'Ben', true);
		await anna.types(t('composer:label', { title: 'Ben' }), 'Hello from WebKit');
		await anna.presses('button', t('composer:send'));
		await ben.presses('link', 'Anna', true);
		await ben.sees('article', ': Hello from WebKit', true);
		await ben.screenshot(join(SHOTS, '2-received.png'));
		await anna.sees('article', `, ${t('timeline:state.read')}: Hello from WebKit`, true);
		await anna.screenshot(join(SHOTS, '3-read.png'));
		expect(await anna.complaints()).toEqual([]);
		expect(await ben.complaints()).toEqual([]);
	} finally {
		await server.remove();
	}
});
