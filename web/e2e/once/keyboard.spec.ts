/** By keyboard alone: in, to a person, writing, reading, to the settings and back. */
import { founds, invites, registers } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { seesFocus, tabsTo } from '../support/keyboard';
import { composer, message, opens, says } from '../support/talk';

test('everything from the sign-in to the settings and back, without a mouse', async ({
	arrive,
	server,
	t,
}) => {
	const anna = await arrive();
	const passphrase = await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	await anna.leave();
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');

	const { page } = await arrive();
	const keys = page.keyboard;
	const focused = page.locator(':focus');

	await test.step('she signs in', async () => {
		await page.goto('/sign-in');
		await expect(page.getByRole('heading', { level: 1, name: t('entry:signIn.title') })).toBeVisible();
		await tabsTo(page, page.getByRole('textbox', { name: t('entry:names.login') }));
		await keys.type('anna');
		await tabsTo(page, page.getByLabel(t('entry:passphrase.label'), { exact: true }));
		await keys.type(passphrase);
		await keys.press('Enter');
		await expect(page).toHaveURL(`${server.url}/`);
	});

	await test.step('she finds a person', async () => {
		await tabsTo(page, page.getByRole('button', { name: t('home:newConversation') }));
		await keys.press('Enter');
		await expect(page.getByRole('searchbox', { name: t('people:new.search') })).toBeFocused();
		await seesFocus(page);
		await keys.type('ben');
		await expect(page.getByRole('option', { name: /Ben/ })).toBeVisible();
		await keys.press('ArrowDown');
		await keys.press('Enter');
		await expect(composer(page, t, 'Ben'), 'one can write at once').toBeFocused();
		await seesFocus(page);
	});

	await test.step('she writes, and he answers', async () => {
		await keys.type('Written with keys');
		await keys.press('Enter');
		await expect(message(page, 'Written with keys')).toBeVisible();
		await expect(composer(page, t, 'Ben')).toHaveValue('');
		await opens(ben.page, t, 'Anna');
		await says(ben.page, t, 'Anna', 'Look at https://example.org/');
		await says(ben.page, t, 'Anna', 'The last word');
		await expect(message(page, 'The last word')).toBeVisible();
	});

	await test.step('she reads message by message, and reaches a link in one', async () => {
		await tabsTo(page, message(page, 'The last word'), 'Shift+Tab');
		await keys.press('ArrowUp');
		await expect(message(page, 'Look at https://example.org/')).toBeFocused();
		await seesFocus(page);
		await tabsTo(page, page.getByRole('link', { name: 'https://example.org/' }));
		await keys.press('Shift+Tab');
		await keys.press('ArrowUp');
		await expect(message(page, 'Written with keys')).toBeFocused();
		await keys.press('End');
		await expect(message(page, 'The last word')).toBeFocused();
		await tabsTo(page, composer(page, t, 'Ben'));
	});

	await test.step('she goes back to the list, and to the settings', async () => {
		await keys.press('Escape');
		await expect(page).toHaveURL(`${server.url}/`);
		await tabsTo(page, page.getByRole('button', { name: t('home:menu.label') }));
		await keys.press('Enter');
		await expect(page.getByRole('menuitem', { name: t('home:menu.settings') })).toBeFocused();
		await seesFocus(page);
		await keys.press('Enter');
		await expect(page).toHaveURL(/\/settings\/profile$/);
		await tabsTo(page, page.getByRole('link', { name: t('settings:nav.appearance') }));
		await keys.press('Enter');
		await expect(page).toHaveURL(/\/settings\/appearance$/);
		await expect(focused, 'the screen begins at its heading').toHaveText(t('settings:nav.appearance'));
		await tabsTo(
			page,
			page
				.getByRole('radiogroup', { name: t('settings:appearance.theme') })
				.getByRole('radio', { name: t('settings:appearance.system') }),
		);
		await keys.press('ArrowRight');
		await keys.press('ArrowRight');
		await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
		await seesFocus(page);
	});

	await test.step('and back to the conversation', async () => {
		await tabsTo(page, page.getByRole('link', { name: t('settings:toConversations') }), 'Shift+Tab');
		await keys.press('Enter');
		await expect(page).toHaveURL(`${server.url}/`);
		await tabsTo(page, page.getByRole('navigation').getByRole('link', { name: /Ben/ }));
		await keys.press('Enter');
		await expect(composer(page, t, 'Ben')).toBeFocused();
		await expect(message(page, 'The last word')).toBeVisible();
		await keys.press('Control+k');
		await expect(page.getByRole('dialog', { name: t('home:goTo.title') })).toBeVisible();
		await keys.press('Escape');
		await expect(page.getByRole('dialog')).toBeHidden();
		await expect(composer(page, t, 'Ben'), 'a dialog gives the focus back').toBeFocused();
	});
});
