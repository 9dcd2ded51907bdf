/** What a browser does not let the app do: each is told in words, in both languages, with a way on that needs no permission. */
import { isolate } from '../../src/features/timeline/model/clean';
import { Camera } from '../support/camera';
import { founds, invites } from '../support/entry';
import { expect, joins, type Person, test } from '../support/fixtures';
import { writesTo } from '../support/talk';

const camera = new Camera();

test.use({ launchOptions: camera.browser });
test.afterAll(() => camera.remove());

/** As somebody does who says no when the browser asks. */
async function refuses({ context, page }: Person, origin: string, name: string): Promise<void> {
	const devtools = await context.newCDPSession(page);
	const { browserContextId } = (await devtools.send('Target.getTargetInfo')).targetInfo;
	if (!browserContextId) throw new Error('the browser does not say whose page it is');
	const refused = { permission: { name }, setting: 'denied', origin, browserContextId } as const;
	await devtools.send('Browser.setPermission', refused);
}

for (const language of ['en', 'fr'] as const) {
	test.describe(language, () => {
		test.use({ look: { language, theme: language === 'en' ? 'light' : 'dark', size: 'phone' } });

		test('a camera, a clipboard and a promise of storage that are refused', async ({ arrive, server, t }) => {
			const anna = await arrive();
			const { page, context } = anna;
			await founds(page, t, server.code, { organisation: 'Example', name: 'Anna' });
			await page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
			await joins(anna, arrive, server, t, 'Ben');

			await test.step('the camera: allowed later, it is tried again without loading the page anew', async () => {
				await writesTo(page, t, 'Ben');
				await page.goto(`${page.url()}/details`);
				await page.getByRole('link', { name: t('people:details.verify', { name: isolate('Ben') }) }).click();
				await page.getByRole('button', { name: t('safety:scan.start', { name: isolate('Ben') }) }).click();
				await expect(page.getByText(t('safety:scan.problem.denied'))).toBeVisible();
				await anna.looksAt(`permissions-camera-${language}`);
				await context.grantPermissions(['camera']);
				await page.getByRole('button', { name: t('safety:scan.tryAgain') }).click();
				const picture = page.getByLabel(t('safety:scan.picture'));
				await expect(picture).toBeVisible();
				await expect
					.poll(() => picture.evaluate((video) => (video as HTMLVideoElement).videoWidth))
					.toBeGreaterThan(0);
				await page.getByRole('button', { name: t('safety:scan.cancel') }).click();
				await expect(picture).toBeHidden();
			});

			await test.step('the clipboard: what was to be copied is selected', async () => {
				await page.goto('/settings/invite');
				const link = await invites(page, t);
				await refuses(anna, server.url, 'clipboard-write');
				await page.getByRole('button', { name: t('common:copy'), exact: true }).click();
				await expect(page.getByText(t('common:copyRefused'))).toBeVisible();
				expect(await page.evaluate(() => getSelection()?.toString())).toBe(link);
				await anna.looksAt(`permissions-clipboard-${language}`);
			});

			await test.step('the promise to keep what is here: what it means, and what helps', async () => {
				await refuses(anna, server.url, 'persistent-storage');
				await page.goto('/settings/storage');
				await page.getByRole('button', { name: t('settings:storage.ask') }).click();
				await expect(page.getByText(t('settings:storage.refused'))).toBeVisible();
				await anna.looksAt(`permissions-storage-${language}`);
			});
		});
	});
}
