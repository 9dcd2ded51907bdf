/** The ways in and out: founding, inviting, registering, signing in, changing the passphrase, being signed out. */
import { founds, invites, registers, signsIn } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { finds } from '../support/talk';
import { traces } from '../support/traces';

const ORGANISATION = 'Journalistes Sans Papiers';

test('from a new server to two members', async ({ arrive, server, t }) => {
	const anna = await arrive();
	await founds(anna.page, t, server.code, {
		organisation: ORGANISATION,
		name: 'Anna',
		look: (name) => anna.looksAt(`first-run-${name}`),
	});
	const link = await invites(anna.page, t);
	await expect(anna.page.getByRole('img', { name: t('entry:invite.qr') })).toBeVisible();
	await anna.looksAt('first-run-4-invitation');
	await anna.page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	await expect(anna.page).toHaveURL(`${server.url}/`);

	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben', (name) => ben.looksAt(`register-${name}`));
	await expect(ben.page).toHaveURL(`${server.url}/`);

	// The link was good once.
	const eve = await arrive();
	const page = eve.page;
	await page.goto(server.here(link));
	// it is told before anybody has to choose names
	await expect(page.getByRole('alert')).toHaveText(t('errors:server.invitation_invalid'));
	await eve.looksAt('register-used-invitation');
});

test('an invitation that was cut is told as one', async ({ arrive, t }) => {
	const eve = await arrive();
	await eve.page.goto('/i#AAAA');
	await expect(eve.page.getByRole('alert')).toHaveText(t('entry:invitation.unreadable'));
	await eve.looksAt('register-cut-invitation');
});

test('name and passphrase are enough on a fresh browser, which the others learn of and can shut out', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	const passphrase = await founds(anna.page, t, server.code, { organisation: ORGANISATION, name: 'Anna' });
	await anna.page.getByRole('button', { name: t('entry:ready.toConversations') }).click();

	const second = await arrive();
	const { page } = second;
	await signsIn(page, t, { name: 'Anna', passphrase: 'not the passphrase at all' });
	await expect(page.getByRole('alert')).toHaveText(t('errors:server.wrong_name_or_passphrase'));
	await second.looksAt('sign-in-refused');
	await signsIn(page, t, { name: 'Anna', passphrase, look: (name) => second.looksAt(name) });
	await expect(page).toHaveURL(`${server.url}/`);

	// The first one is told, and asks whether that was her.
	await expect(anna.page.getByRole('alertdialog')).toBeVisible();
	await anna.looksAt('notice-of-sign-in');
	await anna.page.getByRole('button', { name: t('settings:notices.mine') }).click();
	await expect(anna.page.getByRole('alertdialog')).toBeHidden();

	await anna.page.goto('/settings/devices');
	const others = anna.page.getByRole('button', { name: new RegExp(`^${t('settings:devices.signOut')} .`) });
	await expect(others).toHaveCount(1);
	await anna.looksAt('devices');
	await others.click();
	await anna.page.getByRole('button', { name: t('settings:devices.signOutQuestion') }).click();
	await expect(page.getByRole('heading', { name: t('common:signedOut.title') })).toBeVisible();
	await second.looksAt('signed-out-remotely');
	await expect(others).toHaveCount(0);

	// It is told to clear itself, and does.
	await page.getByRole('button', { name: t('common:signedOut.clear') }).click();
	await page.getByRole('button', { name: t('common:signedOut.clearQuestion') }).click();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:signIn.title') })).toBeVisible();
});

test('a changed passphrase is needed from then on, and the old one is none', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	const { page } = anna;
	const old = await founds(page, t, server.code, { organisation: ORGANISATION, name: 'Anna' });
	await page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	await page.goto('/settings/passphrase');
	await page.getByLabel(t('settings:passphrase.current'), { exact: true }).fill(old);
	const words = page.getByText(t('entry:passphrase.yours')).locator('..').locator('[translate=no]');
	await expect(words).toHaveText(/^[^\s-]+([ -][^\s-]+){4}$/);
	const passphrase = (await words.textContent()) ?? '';
	await page.getByText(t('entry:passphrase.writtenDown'), { exact: true }).click();
	await page.getByText(t('settings:passphrase.knownYes'), { exact: true }).click();
	await anna.looksAt('change-passphrase');
	await page.getByRole('button', { name: t('settings:passphrase.submit') }).click();
	await expect(page.getByText(t('settings:passphrase.changed'))).toBeVisible();

	const fresh = await arrive();
	await signsIn(fresh.page, t, { name: 'Anna', passphrase: old });
	await expect(fresh.page.getByRole('alert')).toHaveText(t('errors:server.wrong_name_or_passphrase'));
	await signsIn(fresh.page, t, { name: 'Anna', passphrase });
	await expect(fresh.page).toHaveURL(`${server.url}/`);
});

test('a public computer keeps nothing, and neither address nor title say who was talked to', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	const passphrase = await founds(anna.page, t, server.code, { organisation: ORGANISATION, name: 'Anna' });
	const ben = await arrive();
	await registers(ben.page, t, server.here(await invites(anna.page, t)), 'Ben');

	const library = await arrive();
	const { page } = library;
	await signsIn(page, t, { name: 'Anna', passphrase, publicComputer: true });
	await expect(page).toHaveURL(`${server.url}/`);
	expect(await traces(page)).toEqual([]);
	await page.getByRole('button', { name: t('home:newConversation') }).click();
	await finds(page, t, 'Ben');
	await expect(page).toHaveTitle('ChaTalK');
	await expect(page).toHaveURL(`${server.url}/`);
	await page.goBack();
	await expect(page.getByRole('heading', { level: 1, name: t('home:title') })).toBeVisible();
	await expect(page).toHaveURL(`${server.url}/`);
	expect(await traces(page)).toEqual([]);
	await page.reload();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:signIn.title') })).toBeVisible();
	expect(await traces(page)).toEqual([]);
});

test('signing out removes everything from the browser', async ({ arrive, server, t }) => {
	const { page } = await arrive();
	await founds(page, t, server.code, { organisation: ORGANISATION, name: 'Anna' });
	await page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	await page.goto('/settings/appearance');
	await page
		.getByRole('radiogroup', { name: t('settings:appearance.theme') })
		.getByText(t('settings:appearance.dark'), { exact: true })
		.click();
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
	await expect.poll(() => traces(page)).toContain('local chatalk.look');
	await page.goto('/settings');
	await page
		.getByRole('button', { name: t('settings:signOut.button') })
		.first()
		.click();
	await page
		.getByRole('dialog')
		.getByRole('button', { name: t('settings:signOut.leave') })
		.click();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:signIn.title') })).toBeVisible();
	await expect.poll(() => traces(page)).toEqual([]);
});
