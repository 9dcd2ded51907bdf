/** The server is there, and its certificate is one that the browser does not trust: what people see, and where it leads them. */
import { founds } from '../support/entry';
import { expect, Person, test } from '../support/fixtures';
import { trusting } from '../support/trusting';

test('a certificate that changed is explained, and the browser itself is let warn of it', async ({
	playwright,
	launchOptions,
	server,
	look,
	t,
}, info) => {
	const browser = await trusting(playwright.chromium, launchOptions, server);
	const anna = await Person.arrive(browser, server.httpsUrl, look, info.project.name, true);
	const { page, context } = anna;
	anna.watch.expect(/net::ERR_CERT_AUTHORITY_INVALID|Failed to load resource/);
	await founds(page, t, server.code, { organisation: 'Example', name: 'Anna' });
	await page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});
	const what = page.getByRole('button', { name: t('common:connection.whatMayBe') });
	const opensThePage = async () => {
		const coming = context.waitForEvent('page');
		await page.getByRole('link', { name: t('trouble:unreached.open') }).click();
		return coming;
	};

	await test.step('with the authority that it knows, the server’s page says that all is well', async () => {
		const other = await context.newPage();
		await other.goto('/reached');
		await expect(other.getByRole('heading', { level: 1, name: t('trouble:reached.title') })).toBeVisible();
		await other.screenshot({ path: info.outputPath('reached.png') });
		await other.close();
	});

	await server.startWithOtherAuthority();

	await test.step('the app says that it is offline, and after a while what may be the cause', async () => {
		await expect(page.getByText(t('common:connection.offline'))).toBeVisible();
		await expect(what).toBeVisible({ timeout: 60_000 });
		await anna.looksAt('certificate-1-strip');
		await what.click();
		const dialog = page.getByRole('dialog', { name: t('trouble:unreached.title') });
		await expect(dialog.getByText(t('trouble:unreached.certificate'))).toBeVisible();
		await expect(dialog.getByText(t('trouble:unreached.warning'))).toBeVisible();
		await anna.looksAt('certificate-2-what-may-be');
	});

	await test.step('the server’s page is the warning of the browser, although the app is kept here', async () => {
		const warned = await opensThePage();
		await expect(warned.locator('#error-code, #main-message').first()).toBeAttached();
		await expect(warned.locator('body')).toContainText('ERR_CERT_AUTHORITY_INVALID');
		await warned.screenshot({ path: info.outputPath('warning.png') });
		await warned.close();
	});

	await test.step('here everything is as it was, and the app starts from what is kept', async () => {
		await page
			.getByRole('dialog')
			.getByRole('button', { name: t('common:close') })
			.click();
		await expect(page.getByText(t('common:connection.offline'))).toBeVisible();
		await page.reload();
		await expect(page.getByText(t('common:connection.offline'))).toBeVisible();
	});

	await test.step('a server that is off: the browser says that instead', async () => {
		await server.kill();
		await expect(what).toBeVisible({ timeout: 60_000 });
		await what.click();
		const refused = await opensThePage();
		await expect(refused.locator('body')).toContainText('ERR_CONNECTION_REFUSED');
		await refused.close();
	});
	expect(anna.watch.complaints).toEqual([]);
	await browser.close();
});
