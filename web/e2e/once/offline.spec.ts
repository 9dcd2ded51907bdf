/** The app without its server: kept where somebody stays signed in, and nowhere else. */
import { founds, invites, registers } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { message, opens, says, stands, writesTo } from '../support/talk';

/** The service worker has everything that it keeps. */
async function kept(page: import('@playwright/test').Page): Promise<void> {
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});
}

test('without its server the app starts, shows what is there, and keeps what is written', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');
	await writesTo(ben.page, t, 'Anna');
	await says(ben.page, t, 'Anna', 'before');
	await anna.page.goto('/');
	await opens(anna.page, t, 'Ben');
	await expect(message(anna.page, 'before')).toBeVisible();
	await kept(anna.page);

	await server.kill();
	await anna.page.reload();
	await expect(message(anna.page, 'before')).toBeVisible();
	await says(anna.page, t, 'Ben', 'meanwhile');
	await stands(anna.page, t, 'meanwhile', 'waiting');
	await anna.looksAt('offline-start');
	await anna.page.goto('/settings');
	await expect(anna.page.getByRole('heading', { level: 1 })).toBeVisible();

	await server.startAgain();
	await expect(message(ben.page, 'meanwhile')).toBeVisible();
	await anna.page.goto('/');
	await opens(anna.page, t, 'Ben');
	await stands(anna.page, t, 'meanwhile', 'sent', 'delivered', 'read');
});
