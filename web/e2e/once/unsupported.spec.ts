/** What a browser lacks is said in words: before the app, in its place, and on a page of help. */
import { expect, test } from '../support/fixtures';

test('a browser without scripts is told what it takes, in both languages', async ({ browser, server }) => {
	const context = await browser.newContext({ javaScriptEnabled: false });
	const page = await context.newPage();
	await page.goto(server.url);
	await expect(page.locator('p:lang(en)')).toBeVisible();
	await expect(page.locator('p:lang(fr)')).toBeVisible();
	await context.close();
});

test('a browser without WebAssembly says so, and what to do', async ({ arrive, t }) => {
	const eve = await arrive();
	const { page } = eve;
	await page.addInitScript(() => {
		Reflect.deleteProperty(globalThis, 'WebAssembly');
	});
	await page.goto('/sign-in');
	await expect(page.getByRole('heading', { level: 1, name: t('common:unsupported.title') })).toBeVisible();
	await expect(page.getByRole('listitem')).toHaveText([t('common:unsupported.wasm')]);
	await eve.looksAt('unsupported');
	await page.getByRole('link', { name: t('common:browserHelp') }).click();
	await expect(page.getByText(t('help:abilities.runs.lacks'))).toBeVisible();
	await eve.looksAt('help-browser');
});
