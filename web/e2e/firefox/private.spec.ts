/** A private window of Firefox keeps no files: the app runs from memory, and says so. */
import { founds, invites, registers } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { finds, message, opens, says } from '../support/talk';

test('in a private window two people talk, are told that nothing is kept, and nothing is', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	const { page } = anna;
	await founds(page, t, server.code, {
		organisation: 'Example',
		name: 'Anna',
		look: (name) => anna.looksAt(`first-run-${name}`),
	});
	const told = page.getByText(t('common:memory.unsupported'));
	await expect(told).toBeVisible();
	await anna.looksAt('first-run-4-invitation');
	const link = await invites(page, t);
	await page.getByRole('button', { name: t('entry:ready.toConversations') }).click();

	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben', (name) => ben.looksAt(`register-${name}`));
	// not by an address: a page that is loaded anew has forgotten her
	await page.getByRole('button', { name: t('home:newConversation') }).click();
	await finds(page, t, 'Ben');
	await says(page, t, 'Ben', 'From memory');
	await opens(ben.page, t, 'Anna');
	await expect(message(ben.page, 'From memory')).toBeVisible();
	await expect(told).toBeVisible();
	await anna.looksAt('talking-from-memory');

	await page.reload();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:signIn.title') })).toBeVisible();
});
