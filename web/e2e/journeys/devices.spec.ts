/** Several devices of one member: all alike, also when they act at once; and one that is lost reads nothing new. */
import type { Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { founds, signsIn } from '../support/entry';
import { expect, joins, test } from '../support/fixtures';
import { makesGroup, menuOf } from '../support/groups';
import { composer, message, opens, says, writesTo } from '../support/talk';

const TITLE = 'Desk';

test('two devices of one member act at once, and show the same', async ({ arrive, server, t }) => {
	const laptop = await arrive();
	const passphrase = await founds(laptop.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const ben = await joins(laptop, arrive, server, t, 'Ben');
	await joins(laptop, arrive, server, t, 'Zoe');
	const phone = await arrive();
	await signsIn(phone.page, t, { name: 'Anna', passphrase });
	await expect(phone.page).toHaveURL(`${server.url}/`);
	await seesSignIn(laptop.page, t);

	await test.step('both write without a network, and nothing is lost or said twice', async () => {
		await makesGroup(laptop.page, t, TITLE, ['Ben']);
		await opens(phone.page, t, TITLE);
		await opens(ben.page, t, TITLE);
		await laptop.context.setOffline(true);
		await phone.context.setOffline(true);
		await says(laptop.page, t, TITLE, 'From the laptop');
		await says(phone.page, t, TITLE, 'From the phone');
		await Promise.all([laptop.context.setOffline(false), phone.context.setOffline(false)]);
		for (const { page } of [laptop, phone, ben]) {
			await expect(message(page, 'From the laptop')).toHaveCount(1);
			await expect(message(page, 'From the phone')).toHaveCount(1);
		}
	});

	await test.step('what is being written on one is there on the other', async () => {
		await composer(laptop.page, t, TITLE).fill('not finished');
		await expect(composer(phone.page, t, TITLE)).toHaveValue('not finished');
		await composer(phone.page, t, TITLE).fill('');
		await expect(composer(laptop.page, t, TITLE)).toHaveValue('');
	});

	await test.step('both change the group at once, and both changes are made', async () => {
		const talk = laptop.page.url();
		await Promise.all([laptop, phone].map(({ page }) => page.goto(`${talk}/details`)));
		await adds(laptop.page, t, 'Zoe');
		await Promise.all([
			confirmsAdding(laptop.page, t),
			phone.page.getByText(t('groups:rules.announcements'), { exact: true }).click(),
		]);
		for (const { page } of [laptop, phone]) {
			await expect(menuOf(page, t, 'Zoe')).toBeVisible();
			await expect(page.getByRole('switch', { name: t('groups:rules.announcements') })).toBeChecked();
		}
		await expect(composer(ben.page, t, TITLE)).toBeHidden();
		await laptop.page.mouse.move(0, 0); // what was pressed is away: under the pointer would be whatever came in its place
		await laptop.looksAt('devices-changed-at-once');
	});

	await test.step('what one reads is read on the other', async () => {
		await laptop.page.goto('/');
		await phone.page.goto('/');
		await writesTo(ben.page, t, 'Anna');
		await says(ben.page, t, 'Anna', 'Only for you');
		for (const { page } of [laptop, phone]) {
			await expect(row(page, t, 'Ben')).toHaveAccessibleName(new RegExp(t('home:row.unread', { count: 1 })));
		}
		await opens(phone.page, t, 'Ben');
		await expect(row(laptop.page, t, 'Ben')).not.toHaveAccessibleName(
			new RegExp(t('home:row.unread', { count: 1 })),
		);
	});

	await test.step('what one puts out of sight is so on the other, until somebody writes there', async () => {
		await phone.page.goto(`${phone.page.url()}/details`);
		await phone.looksAt('devices-hide');
		await phone.page.getByRole('button', { name: t('people:hide.action') }).click();
		for (const { page } of [laptop, phone]) await expect(row(page, t, 'Ben')).toBeHidden();
		await laptop.page.getByRole('searchbox', { name: t('home:search') }).fill('Ben');
		await expect(row(laptop.page, t, 'Ben')).toBeVisible();
		await laptop.page.getByRole('searchbox', { name: t('home:search') }).fill('');
		await says(ben.page, t, 'Anna', 'Are you there?');
		for (const { page } of [laptop, phone]) await expect(row(page, t, 'Ben')).toBeVisible();
	});
});

test('a lost device is signed out in two clicks, and reads nothing new', async ({ arrive, server, t }) => {
	const anna = await arrive();
	const passphrase = await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const ben = await joins(anna, arrive, server, t, 'Ben');
	const lost = await arrive();
	await signsIn(lost.page, t, { name: 'Anna', passphrase });
	await expect(lost.page).toHaveURL(`${server.url}/`);
	await seesSignIn(anna.page, t);
	await makesGroup(anna.page, t, TITLE, ['Ben']);
	await says(anna.page, t, TITLE, 'Before it was lost');
	await opens(lost.page, t, TITLE);
	await expect(message(lost.page, 'Before it was lost')).toBeVisible();
	await opens(ben.page, t, TITLE);
	const talk = anna.page.url();
	// whoever has it keeps it away from the network, so that it is not told
	await lost.context.setOffline(true);

	await test.step('two clicks', async () => {
		await anna.page.goto('/settings/devices');
		await anna.page.getByRole('button', { name: new RegExp(`^${t('settings:devices.signOut')} .`) }).click();
		await anna.page.getByRole('button', { name: t('settings:devices.signOutQuestion') }).click();
		await expect(
			anna.page.getByRole('button', { name: new RegExp(`^${t('settings:devices.signOut')} .`) }),
		).toHaveCount(0);
		await anna.looksAt('lost-signed-out');
	});

	await test.step('what is said from then on is not for it', async () => {
		await anna.page.goto(talk);
		await says(anna.page, t, TITLE, 'After it was lost');
		await expect(message(ben.page, 'After it was lost')).toBeVisible();
		await says(ben.page, t, TITLE, 'Ben, after it was lost');
		await expect(message(anna.page, 'Ben, after it was lost')).toBeVisible();
		await lost.context.setOffline(false);
		await expect(lost.page.getByRole('heading', { name: t('common:signedOut.title') })).toBeVisible();
		await lost.looksAt('lost-shut-out');
		await expect(lost.page.getByText('fter it was lost')).toHaveCount(0);
	});

	await test.step('a new one has everything', async () => {
		const fresh = await arrive();
		await signsIn(fresh.page, t, { name: 'Anna', passphrase });
		await opens(fresh.page, t, TITLE);
		for (const text of ['Before it was lost', 'After it was lost', 'Ben, after it was lost'])
			await expect(message(fresh.page, text)).toBeVisible();
	});
});

async function seesSignIn(page: Page, t: TFunction): Promise<void> {
	await page.getByRole('button', { name: t('settings:notices.mine') }).click();
	await expect(page.getByRole('alertdialog')).toBeHidden();
}

function row(page: Page, t: TFunction, title: string) {
	return page
		.getByRole('navigation', { name: t('home:title') })
		.getByRole('link', { name: new RegExp(title) });
}

async function adds(page: Page, t: TFunction, name: string): Promise<void> {
	await page.getByRole('button', { name: t('groups:members.add') }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('searchbox', { name: t('groups:picker.search') }).fill(name);
	await dialog.getByRole('option', { name: new RegExp(name) }).click();
}

async function confirmsAdding(page: Page, t: TFunction): Promise<void> {
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: t('groups:add.confirmCount', { count: 1 }) }).click();
	await expect(dialog).toBeHidden();
}
