/** Sign-ins that need one of the devices that are signed in: required, let in by comparing codes, refused, and no longer. */
import type { Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { founds, invites, registers, signsIn, ticks } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { message, opens, says, writesTo } from '../support/talk';

/** The code on this page: what is seen of it and what is read aloud are the same. */
async function reads(page: Page): Promise<string> {
	const code = page.locator('[translate=no]').filter({ hasText: /\d \d \d, \d \d \d, \d \d \d/ });
	await expect(code).toBeVisible();
	const seen = (await code.locator('[aria-hidden=true]').allTextContents()).join('');
	expect((await code.locator('.visually-hidden').textContent())?.replace(/\D/g, '')).toBe(seen);
	return seen;
}

async function presses(page: Page, label: string): Promise<void> {
	await page.getByRole('alertdialog').getByRole('button', { name: label, exact: true }).click();
}

/** The levels are radio buttons, chosen by their words; what takes the passphrase goes on by a button. */
async function chooses(page: Page, t: TFunction, level: 'off' | 'notify' | 'required'): Promise<void> {
	await page
		.getByRole('radiogroup', { name: t('settings:approval.levels') })
		.getByText(t(`settings:approval.level.${level}`), { exact: true })
		.click();
	await expect(page).toHaveURL(/\/settings\/devices$/);
	await page.getByRole('button', { name: t('settings:approval.continue'), exact: true }).click();
}

test('a new browser waits until the first one lets it in, and whoever is refused reads nothing', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	const { page } = anna;
	const old = await founds(page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(page, t);
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');
	await writesTo(page, t, 'Ben');
	await says(page, t, 'Ben', 'From before');

	let passphrase = '';
	await test.step('Anna wants to be asked first', async () => {
		await page.goto('/settings/devices');
		await anna.looksAt('approval-levels');
		await chooses(page, t, 'required');
		await expect(page.getByText(t('settings:approval.on.point1'))).toBeVisible();
		await expect(page.getByText(t('settings:approval.aloneHere'))).toBeVisible();
		await page.getByLabel(t('settings:passphrase.current'), { exact: true }).fill(old);
		const words = page.getByText(t('entry:passphrase.yours')).locator('..').locator('[translate=no]');
		await expect(words).toHaveText(/^[^\s-]+([ -][^\s-]+){4}$/);
		passphrase = (await words.textContent()) ?? '';
		await ticks(page, t('entry:passphrase.writtenDown'));
		await anna.looksAt('approval-on');
		await page.getByRole('button', { name: t('settings:approval.on.submit') }).click();
		await expect(page.getByText(t('settings:approval.on.done'))).toBeVisible();
	});

	const laptop = await arrive();
	await test.step('her laptop waits, both show the same code, and it is let in', async () => {
		await signsIn(laptop.page, t, { name: 'Anna', passphrase });
		await expect(laptop.page.getByRole('heading', { level: 1, name: t('entry:waits.title') })).toBeVisible();
		await expect(laptop.page.getByText(t('entry:waits.step3'))).toBeVisible();
		await laptop.looksAt('approval-waits');
		await expect(page.getByRole('alertdialog')).toContainText(t('settings:approval.title'));
		await anna.looksAt('approval-asked');
		await presses(page, t('settings:approval.show'));
		const code = await reads(page);
		expect(code).toMatch(/^\d{9}$/);
		expect(await reads(laptop.page)).toBe(code);
		await anna.looksAt('approval-code');
		await laptop.looksAt('approval-code-here');
		await presses(page, t('settings:approval.same'));
		await expect(laptop.page).toHaveURL(`${server.url}/`);
		await expect(page.getByRole('alertdialog')).toHaveCount(0);
		await opens(laptop.page, t, 'Ben');
		await expect(message(laptop.page, 'From before')).toBeVisible();
	});

	const thief = await arrive();
	await test.step('somebody else has the passphrase and is refused', async () => {
		await signsIn(thief.page, t, { name: 'Anna', passphrase });
		await expect(thief.page.getByRole('heading', { level: 1, name: t('entry:waits.title') })).toBeVisible();
		await expect(page.getByRole('alertdialog')).toBeVisible();
		await presses(page, t('settings:approval.notMe'));
		await expect(page.getByRole('alertdialog')).toContainText(t('settings:approval.refused'));
		await anna.looksAt('approval-refused');
		await presses(page, t('settings:approval.change'));
		await expect(page).toHaveURL(`${server.url}/settings/passphrase?known=true`);
		await expect(thief.page.getByText(t('errors:failure.notLetIn'))).toBeVisible();
		await thief.looksAt('approval-not-let-in');
		await expect(laptop.page.getByRole('alertdialog')).toHaveCount(0);
	});

	await test.step('one gives it up oneself, and it is switched off with the same passphrase', async () => {
		await signsIn(thief.page, t, { name: 'Anna', passphrase });
		await thief.page.getByRole('button', { name: t('entry:waits.cancel') }).click();
		await expect(thief.page.getByRole('button', { name: t('entry:signIn.submit') })).toBeVisible();
		await expect(page.getByRole('alertdialog')).toHaveCount(0);
		await page.goto('/settings/devices');
		await chooses(page, t, 'notify');
		await page.getByLabel(t('settings:passphrase.current'), { exact: true }).fill(passphrase);
		await anna.looksAt('approval-off');
		await page.getByRole('button', { name: t('settings:approval.off.submit') }).click();
		await expect(page.getByText(t('settings:approval.off.done'))).toBeVisible();
		await signsIn(thief.page, t, { name: 'Anna', passphrase });
		await expect(thief.page).toHaveURL(`${server.url}/`);
	});
});
