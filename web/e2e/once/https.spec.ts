/** HTTPS, as everybody but the machine itself uses it: with the instance's own authority, which a browser was told to trust. */
import { expect, test } from '../support/fixtures';
import { trusting } from '../support/trusting';
import { watch } from '../support/watch';

test.describe('over HTTPS', () => {
	test('a browser that trusts the authority of the instance opens the app without a warning', async ({
		playwright,
		launchOptions,
		server,
		t,
	}) => {
		const browser = await trusting(playwright.chromium, launchOptions, server);
		const context = await browser.newContext({ baseURL: server.httpsUrl, locale: 'en-GB' });
		const watched = await watch(context, server.httpsUrl);
		const page = await context.newPage();
		const answer = await page.goto('/');
		expect((await answer?.securityDetails())?.protocol).toBe('TLS 1.3');
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		expect(await page.evaluate(() => [isSecureContext, crossOriginIsolated])).toEqual([true, true]);
		// The first page needs the state of the server: the socket and the core work.
		await expect(page.getByLabel(t('entry:firstRun.code'))).toBeVisible();
		expect(watched.complaints).toEqual([]);
		await browser.close();
	});

	test('a browser that does not know the authority is warned by itself', async ({
		playwright,
		launchOptions,
		server,
	}) => {
		const browser = await playwright.chromium.launch(launchOptions);
		const page = await browser.newPage();
		await expect(page.goto(server.httpsUrl)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
		await browser.close();
	});
});
