/** The code on paper: made, and the way back in when the passphrase is forgotten. */
import { founds, signsIn, ticks } from '../support/entry';
import { expect, joins, test } from '../support/fixtures';
import { message, opens, says, writesTo } from '../support/talk';

test('a code on paper brings everything back, with a new passphrase', async ({ arrive, server, t }) => {
	const anna = await arrive();
	const { page } = anna;
	const old = await founds(page, t, server.code, { organisation: 'Journalistes', name: 'Anna' });
	await joins(anna, arrive, server, t, 'Ben');
	await writesTo(page, t, 'Ben');
	await says(page, t, 'Ben', 'From before');

	// She makes a code, and types it from her paper before it counts.
	await page.goto('/settings/recovery');
	await expect(page.getByText(t('settings:recovery.none'))).toBeVisible();
	await page.getByLabel(t('settings:passphrase.current'), { exact: true }).fill(old);
	await anna.looksAt('recovery-why');
	await page.getByRole('button', { name: t('settings:recovery.make') }).click();
	const shown = page.getByText(t('settings:recovery.yours')).locator('..').locator('[translate=no]');
	await expect(shown).toHaveText(/^([0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]{5}$/);
	const code = (await shown.textContent()) ?? '';
	await anna.looksAt('recovery-code');
	await page.getByRole('button', { name: t('settings:recovery.written') }).click();
	const again = page.getByLabel(t('settings:recovery.code'), { exact: true });
	const mistyped = `${code.slice(0, -1)}${code.endsWith('7') ? '8' : '7'}`;
	await again.fill(mistyped);
	await page.getByRole('button', { name: t('settings:recovery.confirm') }).click();
	await expect(page.getByText(t('settings:recovery.problem.codeMistyped'))).toBeVisible();
	await again.fill(code.toLowerCase().replaceAll('-', ' '));
	await page.getByRole('button', { name: t('settings:recovery.confirm') }).click();
	await expect(page.getByText(t('settings:recovery.made'))).toBeVisible();

	// A fresh browser, and no idea of the passphrase.
	const fresh = await arrive();
	const back = fresh.page;
	await back.goto('/sign-in');
	await back.getByRole('link', { name: t('entry:signIn.lost') }).click();
	await expect(back.getByRole('heading', { level: 1, name: t('entry:recover.title') })).toBeVisible();
	await back.getByRole('textbox', { name: t('entry:names.login') }).fill('anna');
	await back.getByLabel(t('entry:recover.code'), { exact: true }).fill(mistyped);
	await back.getByRole('button', { name: t('entry:recover.submit') }).click();
	await expect(back.getByText(t('entry:recover.codeMistyped'))).toBeVisible();
	await fresh.looksAt('recover-mistyped');
	await back.getByLabel(t('entry:recover.code'), { exact: true }).fill(code);
	await back.getByRole('button', { name: t('entry:recover.submit') }).click();

	// Straight on to a new passphrase.
	await expect(back.getByText(t('settings:passphrase.cameByCode'))).toBeVisible();
	const words = back.getByText(t('entry:passphrase.yours')).locator('..').locator('[translate=no]');
	await expect(words).toHaveText(/^[^\s-]+([ -][^\s-]+){4}$/);
	const passphrase = (await words.textContent()) ?? '';
	await ticks(back, t('entry:passphrase.writtenDown'));
	await back.getByText(t('settings:passphrase.knownYes'), { exact: true }).click();
	await fresh.looksAt('new-passphrase-by-code');
	await back.getByRole('button', { name: t('settings:passphrase.submit') }).click();
	await expect(back.getByText(t('settings:passphrase.changed'))).toBeVisible();

	// What was said before is there, and she goes on from it.
	await back.goto('/');
	await opens(back, t, 'Ben');
	await expect(message(back, 'From before')).toBeVisible();
	await says(back, t, 'Ben', 'Back by a code');
	await fresh.looksAt('recovered-history');

	// The first browser is told of both; the old passphrase is none any more.
	await expect(page.getByRole('alertdialog')).toBeVisible();
	await page.getByRole('button', { name: t('settings:notices.mine') }).click();
	const third = await arrive();
	await signsIn(third.page, t, { name: 'Anna', passphrase: old });
	await expect(third.page.getByRole('alert')).toHaveText(t('errors:server.wrong_name_or_passphrase'));
	await signsIn(third.page, t, { name: 'Anna', passphrase });
	await expect(third.page).toHaveURL(`${server.url}/`);
});
