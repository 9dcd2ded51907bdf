/** What an admin does with people of the organisation, and what they see of it; and how one closes one's own account. */
import type { Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { founds, invites, registers, ticks } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { composer, message, opens, says, writesTo } from '../support/talk';

/** What an admin does with Ben, from the list of people. */
async function acts(page: Page, t: TFunction, act: 'admin' | 'suspend' | 'readmit'): Promise<void> {
	await page
		.getByRole('button', { name: new RegExp(t('settings:people.menu', { name: '.*Ben.*' })) })
		.click();
	await page.getByRole('menuitem', { name: t(`settings:people.act.${act}`) }).click();
	const dialog = page.getByRole('alertdialog');
	await expect(dialog.getByText(t(`settings:people.meaning.${act}`))).toBeVisible();
	await dialog.getByRole('button', { name: t(`settings:people.act.${act}`) }).click();
	await expect(dialog).toHaveCount(0);
}

test('a member is suspended and let in again, and closes the account for good', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	const ben = await arrive();
	const passphrase = await registers(ben.page, t, server.here(link), 'Ben');
	await writesTo(anna.page, t, 'Ben');
	await says(anna.page, t, 'Ben', 'Hello Ben');
	await opens(ben.page, t, 'Anna');
	await expect(message(ben.page, 'Hello Ben')).toBeVisible();
	const talk = anna.page.url();

	await test.step('Anna suspends Ben, who keeps what is there and is told', async () => {
		await anna.page.goto('/settings/people');
		await acts(anna.page, t, 'suspend');
		await expect(anna.page.getByText(t('settings:people.suspended'), { exact: true })).toBeVisible();
		await anna.looksAt('people-suspended');
		await expect(ben.page.getByText(t('common:connection.suspended'))).toBeVisible();
		await expect(message(ben.page, 'Hello Ben')).toBeVisible();
		await composer(ben.page, t, 'Anna').fill('Written meanwhile');
		await ben.page.keyboard.press('Enter');
		await expect(message(ben.page, 'Written meanwhile')).toBeVisible();
		await ben.looksAt('suspended');
	});

	await test.step('let in again, he has everything, and so has she', async () => {
		await acts(anna.page, t, 'readmit');
		await ben.page.getByRole('button', { name: t('common:connection.tryNow') }).click();
		await expect(ben.page.getByText(t('common:connection.suspended'))).toHaveCount(0);
		await anna.page.goto(talk);
		await expect(message(anna.page, 'Written meanwhile')).toBeVisible();
	});

	await test.step('Ben closes his account, and nothing of it stays on the device', async () => {
		await ben.page.goto('/settings/profile');
		await ben.page.getByRole('button', { name: t('settings:close.button') }).click();
		const dialog = ben.page.getByRole('alertdialog');
		const close = dialog.getByRole('button', { name: t('settings:close.button') });
		await expect(close).toBeDisabled();
		await dialog.getByLabel(t('settings:passphrase.current')).fill(passphrase);
		await ticks(ben.page, t('settings:close.sure'));
		await ben.looksAt('close-account');
		await close.click();
		await expect(ben.page).toHaveURL(`${server.url}/sign-in`);
		// the hand rests where the message has come up: its button would be explained
		await ben.page.mouse.move(0, 0);
		await ben.looksAt('account-closed');
	});

	await test.step('Anna is told, and reads on what was said', async () => {
		await expect(anna.page.getByText(t('composer:blocked.closed'))).toBeVisible();
		await expect(message(anna.page, 'Written meanwhile')).toBeVisible();
		await expect(composer(anna.page, t, 'Ben')).toHaveCount(0);
		await anna.looksAt('contact-closed');
	});
});
