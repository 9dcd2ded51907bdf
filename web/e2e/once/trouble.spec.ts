/** What can go wrong in a browser while somebody writes: each is told in words, with a way on, and nothing is lost. */

import type { TFunction } from 'i18next';
import { founds, invites, registers } from '../support/entry';
import { expect, type Person, test } from '../support/fixtures';
import type { Server } from '../support/server';
import { composer, message, opens, says, stands, writesTo } from '../support/talk';

type Arrive = () => Promise<Person>;

/** Two people who have begun to talk. */
async function talking(arrive: Arrive, server: Server, t: TFunction) {
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	await anna.page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');
	await writesTo(anna.page, t, 'Ben');
	await says(anna.page, t, 'Ben', 'Before');
	await opens(ben.page, t, 'Anna');
	await expect(message(ben.page, 'Before')).toBeVisible();
	return { anna, ben };
}

test('a full browser says so, keeps the words, and goes on when there is room', async ({
	arrive,
	server,
	t,
}) => {
	const { anna, ben } = await talking(arrive, server, t);
	const { page } = anna;
	const devtools = await anna.context.newCDPSession(page);
	const origin = server.url;
	await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
	const full = page.getByRole('alert').filter({ hasText: t('errors:failure.storeFull') });
	const field = composer(page, t, 'Ben');
	// what has room in the files as they are goes through
	let sent = 0;
	const long = (n: number) => `${n} ${'long '.repeat(3000)}`.trim();
	while (!(await full.isVisible())) {
		await field.fill(long(++sent));
		await field.press('Enter');
		await expect(
			page
				.getByRole('article', { name: `: ${sent} long` })
				.or(full)
				.first(),
		).toBeVisible();
	}
	await expect(field, 'what was not taken is there to be sent').toHaveValue(new RegExp(`${sent} long`));
	await anna.looksAt('trouble-full');

	await devtools.send('Storage.overrideQuotaForOrigin', { origin });
	await full.getByRole('button', { name: t('common:trouble.again') }).click();
	await expect(full).toBeHidden();
	await field.fill('After');
	await field.press('Enter');
	await expect(message(ben.page, 'After')).toBeVisible();
	await says(ben.page, t, 'Anna', 'I see');
	await expect(message(page, 'I see')).toBeVisible();
	await page.reload();
	await expect(message(page, 'I see')).toBeVisible();
});

test('a worker that dies is started anew, and what was written goes out once', async ({
	arrive,
	server,
	t,
}) => {
	const { anna, ben } = await talking(arrive, server, t);
	anna.watch.expect(/the engine panicked|unreachable|no randomness/);
	const [worker] = anna.page.workers();
	await worker?.evaluate(() => {
		crypto.getRandomValues = () => {
			throw new Error('no randomness');
		};
	});
	await says(anna.page, t, 'Ben', 'Through it all');
	await expect(message(ben.page, 'Through it all')).toHaveCount(1);
	await stands(anna.page, t, 'Through it all', 'delivered', 'read');
	await expect(message(anna.page, 'Through it all')).toHaveCount(1);
	await expect(anna.page.getByText(t('common:health.restarting'))).toBeHidden();
});

test('a second tab shows the same, and takes over when the first is closed', async ({
	arrive,
	server,
	t,
}) => {
	const { anna, ben } = await talking(arrive, server, t);
	const second = await anna.context.newPage();
	await second.goto(anna.page.url());
	await expect(second.getByText(t('common:health.following'))).toBeVisible();
	await says(second, t, 'Ben', 'From the second tab');
	await expect(message(anna.page, 'From the second tab')).toBeVisible();
	await anna.page.close();
	await says(second, t, 'Ben', 'From the tab that is left');
	await expect(message(ben.page, 'From the tab that is left')).toBeVisible();
	await expect(second.getByText(t('common:health.following'))).toBeHidden();
});

test('an app lock keeps out who does not know it', async ({ arrive, server, t }) => {
	const anna = await arrive();
	const { page } = anna;
	await founds(page, t, server.code, { organisation: 'Example', name: 'Anna' });
	await page.goto('/settings/lock');
	await page.getByRole('button', { name: t('settings:lock.set') }).click();
	await page.getByLabel(t('entry:lock.label'), { exact: true }).fill('open, sesame');
	await page.getByRole('button', { name: t('entry:lock.set') }).click();
	await expect(page.getByText(t('settings:lock.on'))).toBeVisible();
	await page.reload();
	await expect(page.getByRole('heading', { name: t('entry:locked.title') })).toBeVisible();
	await page.getByLabel(t('entry:lock.label'), { exact: true }).fill('open sesame');
	await page.getByRole('button', { name: t('entry:locked.unlock') }).click();
	await expect(page.getByText(t('entry:locked.wrong'))).toBeVisible();
	await anna.looksAt('locked');
	await page.getByLabel(t('entry:lock.label'), { exact: true }).fill('open, sesame');
	await page.getByRole('button', { name: t('entry:locked.unlock') }).click();
	await expect(page.getByText(t('settings:lock.on'))).toBeVisible();
});

test('a sign-out without the server clears the browser, and says what is left to do', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	const { page } = anna;
	await founds(page, t, server.code, { organisation: 'Example', name: 'Anna' });
	await page.goto('/settings/profile');
	await expect(page.getByRole('button', { name: t('settings:signOut.button') })).toBeVisible();
	await server.kill();
	await expect(page.getByText(t('common:connection.offline'))).toBeVisible();
	await page.getByRole('button', { name: t('settings:signOut.button') }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: t('settings:signOut.leave') }).click();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:signIn.title') })).toBeVisible();
	await expect(page.getByText(t('entry:signIn.leftUntold'))).toBeVisible();
	await anna.looksAt('signed-out-offline');
});

test('a clock that is wrong is told, until it is set right', async ({ arrive, t }) => {
	const anna = await arrive();
	const { page } = anna;
	// of the page alone, which is what looks at the time of the server
	await page.addInitScript(() => {
		const real = Date.now;
		const wrong = { by: 26 * 3_600_000 };
		Date.now = () => real() + wrong.by;
		window.addEventListener('set-right', () => {
			wrong.by = 0;
		});
	});
	await page.goto('/sign-in');
	const [told] = t('common:clock.wrong', { here: '|', there: '', difference: '' }).split('|');
	const strip = page.getByRole('status').filter({ hasText: told ?? '' });
	await expect(strip).toBeVisible();
	await anna.looksAt('trouble-clock');
	await page.evaluate(() => {
		window.dispatchEvent(new Event('set-right'));
		// as when somebody comes back from the settings of the system
		document.dispatchEvent(new Event('visibilitychange'));
	});
	await expect(strip).toBeHidden();
});
