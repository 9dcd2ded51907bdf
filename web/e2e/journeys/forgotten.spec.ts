/** A forgotten passphrase: with a device still signed in, and with nothing left but an administrator. */
import type { Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { isolate } from '../../src/features/timeline/model/clean';
import { beginsAnew, founds, invites, registers, resets, signsIn, writesDown } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { accepts, isBlocked, isTold } from '../support/identity';
import { composer, message, opens, says, writesTo } from '../support/talk';

/** What is said of a sign-in elsewhere: it was oneself. */
async function knowsThat(page: Page, t: TFunction): Promise<void> {
	await page
		.getByRole('alertdialog')
		.getByRole('button', { name: t('settings:notices.mine') })
		.click();
	await expect(page.getByRole('alertdialog')).toHaveCount(0);
}

/** A button that has to be pressed twice. */
async function confirms(page: Page, label: string, question: string): Promise<void> {
	await page.getByRole('button', { name: label }).click();
	await page.getByRole('button', { name: question }).click();
}

test('who is still signed in sets a new passphrase, and contacts see that a device has confirmed it', async ({
	arrive,
	server,
	t,
}) => {
	// two passphrases are replaced, with all keys
	test.setTimeout(300_000);
	const anna = await arrive();
	const old = await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');
	await writesTo(anna.page, t, 'Ben');
	await says(anna.page, t, 'Ben', 'From before');
	await opens(ben.page, t, 'Anna');
	await expect(message(ben.page, 'From before')).toBeVisible();
	const laptop = await arrive();
	await signsIn(laptop.page, t, { name: 'Anna', passphrase: old });
	await expect(laptop.page).toHaveURL(`${server.url}/`);
	await knowsThat(anna.page, t);

	await test.step('one browser asks, the other one approves', async () => {
		await anna.page.goto('/settings/passphrase');
		await anna.page.getByRole('link', { name: t('settings:forgotten.title') }).click();
		await expect(anna.page.getByText(t('settings:forgotten.point3'))).toBeVisible();
		await anna.looksAt('forgotten-why');
		await anna.page.getByRole('button', { name: t('settings:forgotten.ask') }).click();
		await expect(anna.page.getByText(t('settings:forgotten.how'))).toBeVisible();
		await anna.looksAt('forgotten-waits');
		await expect(laptop.page.getByRole('button', { name: t('settings:forgotten.approve') })).toBeVisible();
		await laptop.looksAt('forgotten-elsewhere');
		await confirms(laptop.page, t('settings:forgotten.approve'), t('settings:forgotten.approveQuestion'));
	});

	let passphrase = '';
	await test.step('a new passphrase, without the old one', async () => {
		await expect(anna.page.getByText(t('settings:forgotten.readyLead'))).toBeVisible();
		passphrase = await writesDown(anna.page, t);
		await anna.looksAt('forgotten-choose');
		await anna.page.getByRole('button', { name: t('settings:forgotten.submit') }).click();
		await expect(anna.page.getByText(t('settings:forgotten.done'))).toBeVisible();
		await anna.looksAt('forgotten-done');
	});

	await test.step('Ben is told by whom it is confirmed, and accepts', async () => {
		await isTold(ben.page, t, 'Anna', 'confirmed');
		await ben.looksAt('confirmed-dialog');
		await ben.page.getByRole('button', { name: t('safety:changed.later') }).click();
		await isBlocked(ben.page, t, 'Anna', 'confirmed');
		await ben.looksAt('confirmed-blocked');
		await ben.page.getByRole('button', { name: t('composer:blocked.review') }).click();
		await accepts(ben.page, t);
		await expect(composer(ben.page, t, 'Anna')).toBeVisible();
		await says(ben.page, t, 'Anna', 'Welcome back');
		await opens(laptop.page, t, 'Ben');
		await expect(message(laptop.page, 'Welcome back')).toBeVisible();
		await expect(message(laptop.page, 'From before')).toBeVisible();
	});

	await test.step('the new passphrase opens everything, the old one nothing', async () => {
		const fresh = await arrive();
		await signsIn(fresh.page, t, { name: 'Anna', passphrase: old });
		await expect(fresh.page.getByRole('alert')).toHaveText(t('errors:server.wrong_name_or_passphrase'));
		await signsIn(fresh.page, t, { name: 'Anna', passphrase });
		await opens(fresh.page, t, 'Ben');
		await expect(message(fresh.page, 'From before')).toBeVisible();
		await knowsThat(anna.page, t);
		await fresh.leave();
	});

	await test.step('Ben has one browser only, and forgets his: Anna, an admin, approves it', async () => {
		await ben.page.goto('/settings/forgotten');
		await ben.page.getByRole('button', { name: t('settings:forgotten.ask') }).click();
		await expect(ben.page.getByText(t('settings:forgotten.how'))).toBeVisible();
		const asks = t('settings:forgotten.strip.others', { count: 1, name: isolate('Ben') });
		await expect(anna.page.getByText(asks)).toBeVisible();
		await anna.page.goto('/settings/people');
		await expect(anna.page.getByText(t('settings:people.forgot', { name: isolate('Ben') }))).toBeVisible();
		await anna.looksAt('forgotten-asks-admin');
		await confirms(anna.page, t('settings:forgotten.approve'), t('settings:people.approveQuestion'));
		await expect(ben.page.getByText(t('settings:forgotten.readyLead'))).toBeVisible();
		await writesDown(ben.page, t);
		await ben.page.getByRole('button', { name: t('settings:forgotten.submit') }).click();
		await expect(ben.page.getByText(t('settings:forgotten.done'))).toBeVisible();
	});

	await test.step('Anna is told that a device he used has confirmed it, and nothing is lost', async () => {
		await isTold(anna.page, t, 'Ben', 'confirmed');
		await accepts(anna.page, t);
		await anna.page.goto('/');
		await opens(anna.page, t, 'Ben');
		await says(anna.page, t, 'Ben', 'Both of us, then');
		await ben.page.goto('/');
		await opens(ben.page, t, 'Anna');
		await expect(message(ben.page, 'Both of us, then')).toBeVisible();
		await expect(message(ben.page, 'From before')).toBeVisible();
	});
});

test('an admin resets the access of who has nothing left, and contacts see that the server says so', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');
	await writesTo(anna.page, t, 'Ben');
	await says(anna.page, t, 'Ben', 'From before');
	await opens(ben.page, t, 'Anna');
	await expect(message(ben.page, 'From before')).toBeVisible();
	const talk = anna.page.url();

	let reset = '';
	await test.step('Anna makes a link and hands it over', async () => {
		reset = await resets(anna.page, t, 'Ben', (name) => anna.looksAt(name));
		await anna.page.goto(talk);
	});

	const again = await arrive();
	await test.step('Ben begins anew in another browser', async () => {
		await beginsAnew(again.page, t, server.here(reset), 'ben', (name) => again.looksAt(name));
		// the browser of before is signed out
		await expect(ben.page.getByText(t('common:signedOut.title')).first()).toBeVisible();
	});

	await test.step('Anna is told that the server says so, and accepts', async () => {
		await isTold(anna.page, t, 'Ben', 'reset');
		await anna.looksAt('reset-dialog');
		await anna.page.getByRole('button', { name: t('safety:changed.later') }).click();
		await isBlocked(anna.page, t, 'Ben', 'reset');
		await anna.page.getByRole('button', { name: t('composer:blocked.review') }).click();
		await accepts(anna.page, t);
		await says(anna.page, t, 'Ben', 'A new beginning');
	});

	await test.step('Ben reads on from there, and nothing from before', async () => {
		await opens(again.page, t, 'Anna');
		await expect(message(again.page, 'A new beginning')).toBeVisible();
		await expect(message(again.page, 'From before')).toHaveCount(0);
		await again.looksAt('reset-reads-on');
	});

	await test.step('the link is used up', async () => {
		const late = await arrive();
		await late.page.goto(server.here(reset));
		await expect(late.page.getByRole('alert')).toHaveText(t('errors:server.reset_invalid'));
		await late.looksAt('reset-used-up');
	});
});
