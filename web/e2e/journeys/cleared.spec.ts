/** What the browser keeps is removed while the app is open: by a person, a program that cleans up, or the browser for want of space. */
import { founds } from '../support/entry';
import { expect, joins, test } from '../support/fixtures';
import { message, opens, says, stands, writesTo } from '../support/talk';

test('storage that is cleared under the running app is said, with what was not sent, and signing in brings the rest back', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	const { page } = anna;
	const passphrase = await founds(page, t, server.code, { organisation: 'Example', name: 'Anna' });
	await page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	const ben = await joins(anna, arrive, server, t, 'Ben');
	await writesTo(page, t, 'Ben');
	await says(page, t, 'Ben', 'This was sent');
	await opens(ben.page, t, 'Anna');
	await expect(message(ben.page, 'This was sent')).toBeVisible();
	await server.kill();
	await expect(page.getByText(t('common:connection.offline'))).toBeVisible();
	await says(page, t, 'Ben', 'This was not');
	await stands(page, t, 'This was not', 'waiting');

	const devtools = await anna.context.newCDPSession(page);
	await devtools.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'all' });
	await expect(page.getByRole('heading', { level: 1, name: t('entry:signIn.title') })).toBeVisible();
	const said = page.getByRole('alert').filter({ hasText: t('trouble:cleared.said') });
	await expect(said).toContainText(t('trouble:cleared.unsent', { count: 1 }));
	await anna.looksAt('cleared-1-said');

	const show = page.getByRole('button', { name: t('trouble:cleared.show') });
	const dialog = page.getByRole('dialog', { name: t('trouble:cleared.title') });
	const field = dialog.getByRole('textbox', { name: /Ben/ });
	await show.click();
	await expect(field).toHaveValue('This was not');
	await anna.looksAt('cleared-2-not-sent');
	await dialog.getByRole('button', { name: t('common:close') }).click();

	await server.startAgain();
	// without loading the page anew, which would lose the text
	await page.getByRole('textbox', { name: t('entry:names.login') }).fill('anna');
	await page.getByLabel(t('entry:passphrase.label'), { exact: true }).fill(passphrase);
	await page.getByRole('button', { name: t('entry:signIn.submit'), exact: true }).click();
	await opens(page, t, 'Ben');
	await expect(message(page, 'This was sent')).toBeVisible();
	await expect(page.getByRole('alert').filter({ hasText: t('trouble:cleared.before') })).toBeVisible();
	await anna.looksAt('cleared-3-back');
	await show.click();
	await expect(field).toHaveValue('This was not');
	await dialog.getByRole('button', { name: t('trouble:cleared.forget') }).click();
	await dialog.getByRole('button', { name: t('trouble:cleared.forgetQuestion') }).click();
	await expect(show).toBeHidden();
	await says(page, t, 'Ben', 'This was not');
	await expect(message(ben.page, 'This was not')).toBeVisible();
	await page.reload();
	await expect(message(page, 'This was not')).toBeVisible();
});
