/** How long a browser that knows nothing takes from "Sign in" to a list of conversations that can be read. */
import { join } from 'node:path';
import { chromium, expect, type Page, test } from '@playwright/test';
import { Server } from '../support/server';
import { textsOf } from '../support/texts';
import { account, invite, PASSPHRASE, setUp, Tab, talk } from '../worker/fixtures';
import { startPage } from '../worker/servers';
import { CHROMIUM, median } from './support';

const CONVERSATIONS = 50;
/** In each of them. */
const MESSAGES = 20;
const READABLE_MS = 3000;

/** Somebody whom so many others have written to. */
async function muchIn(server: Server): Promise<void> {
	const browser = await chromium.launch(CHROMIUM);
	const pages = await startPage(server.url);
	const anna = await Tab.of(await browser.newContext(), pages.url);
	await setUp(anna, server.code);
	const other = await Tab.of(await browser.newContext(), pages.url);
	for (let n = 0; n < CONVERSATIONS; n++) {
		const name = `member${String(n).padStart(2, '0')}`;
		await invite(anna, other, name);
		const conversation = await talk(anna, name);
		await other.conversation();
		const texts = Array.from({ length: MESSAGES }, (_, m) => `Message ${m + 1} of ${MESSAGES}`);
		for (const text of texts) await other.command({ do: 'sendText', conversation, text });
		await anna.texts(conversation, texts);
		await other.wipe();
		await other.page.reload();
	}
	await browser.close();
	await pages.stop();
}

/** Milliseconds from the press of the button until every conversation has its name and its last words in the list. */
async function readable(page: Page): Promise<number> {
	await page.evaluate(
		([conversations, last]) => {
			const found = () => {
				const rows = [...document.querySelectorAll('a[data-conversation]')];
				if (rows.filter((row) => row.textContent?.includes(String(last))).length < Number(conversations))
					return;
				watcher.disconnect();
				requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('readable')));
			};
			const watcher = new MutationObserver(found);
			watcher.observe(document, { childList: true, subtree: true, characterData: true });
			addEventListener('click', () => performance.mark('pressed'), { capture: true, once: true });
		},
		[CONVERSATIONS, `Message ${MESSAGES} of ${MESSAGES}`] as const,
	);
	const t = await textsOf('en');
	await page.getByRole('button', { name: t('entry:signIn.submit'), exact: true }).click();
	await page.waitForFunction(() => performance.getEntriesByName('readable').length > 0);
	return page.evaluate(() => {
		const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime ?? 0;
		return at('readable') - at('pressed');
	});
}

test('a fresh browser has fifty conversations at once', async () => {
	const t = await textsOf('en');
	const server = await Server.start(['--messages-per-second', '100000', '--requests-per-second', '100000']);
	await muchIn(server);
	let run = 0;
	const took = await median(async () => {
		run += 1;
		// a profile of its own on the disk, as people have one: in private windows Chromium keeps files slowly
		const context = await chromium.launchPersistentContext(join(server.folder, `profile-${run}`), {
			...CHROMIUM,
			baseURL: server.url,
			locale: 'en-GB',
		});
		const page = context.pages()[0] ?? (await context.newPage());
		await page.goto('/sign-in');
		await page.getByRole('textbox', { name: t('entry:names.login') }).fill(account('anna').loginName);
		await page.getByLabel(t('entry:passphrase.label'), { exact: true }).fill(PASSPHRASE);
		const took = await readable(page);
		await context.close();
		return took;
	});
	await server.remove();
	expect(took).toBeLessThanOrEqual(READABLE_MS);
});
