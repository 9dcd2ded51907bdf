/** The ways in, as a person walks them. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { TFunction } from 'i18next';

/** The five words that the app made, as a person reads them off the screen. */
export async function writesDown(page: Page, t: TFunction): Promise<string> {
	const words = page.getByText(t('entry:passphrase.yours')).locator('..').locator('[translate=no]');
	await expect(words).toHaveText(/^[^\s-]+([ -][^\s-]+){4}$/);
	const passphrase = (await words.textContent()) ?? '';
	await ticks(page, t('entry:passphrase.writtenDown'));
	return passphrase;
}

/** A box is ticked by its label, as people do. */
export async function ticks(page: Page, label: string): Promise<void> {
	const box = page.getByRole('checkbox', { name: label });
	await page.getByText(label, { exact: true }).click();
	await expect(box).toBeChecked();
}

function button(page: Page, name: string): Locator {
	return page.getByRole('button', { name, exact: true });
}

async function names(page: Page, t: TFunction, name: string, loginName: string): Promise<void> {
	await page.getByRole('textbox', { name: t('entry:names.display') }).fill(name);
	const login = page.getByRole('textbox', { name: t('entry:names.login') });
	await login.fill(loginName);
	await button(page, t('entry:next')).click();
}

export interface Founding {
	organisation: string;
	name: string;
	/** The name in small letters, if not given. */
	loginName?: string;
	/** What a person looks at on the way. */
	look?: (name: string) => Promise<void>;
}

/** From the address that the terminal prints to the step where people are invited; the passphrase. */
export async function founds(page: Page, t: TFunction, code: string, founding: Founding): Promise<string> {
	const look = founding.look ?? (async () => {});
	await page.goto(`/start#${code}`);
	await expect(page.getByRole('heading', { level: 1, name: t('entry:firstRun.title') })).toBeVisible();
	await expect(page, 'the code is in neither address nor history').toHaveURL(/\/start$/);
	await page.getByRole('textbox', { name: t('entry:firstRun.organisation') }).fill(founding.organisation);
	await look('1-organisation');
	await button(page, t('entry:next')).click();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:firstRun.adminTitle') })).toBeVisible();
	await look('2-names');
	await names(page, t, founding.name, founding.loginName ?? founding.name.toLowerCase());
	const passphrase = await writesDown(page, t);
	await look('3-passphrase');
	await button(page, t('entry:firstRun.finish')).click();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:invite.title') })).toBeVisible();
	return passphrase;
}

/** Makes an invitation where one can be made; the link. */
export async function invites(page: Page, t: TFunction): Promise<string> {
	await button(page, t('entry:invite.make')).click();
	const link = page.getByRole('textbox', { name: t('entry:invite.link') });
	await expect(link).toHaveValue(/^https:\/\/[^/]+\/i#\S+$/);
	return link.inputValue();
}

/** Opens a link and becomes a member; the passphrase. */
export async function registers(
	page: Page,
	t: TFunction,
	link: string,
	name: string,
	look: (name: string) => Promise<void> = async () => {},
	loginName = name.toLowerCase(),
): Promise<string> {
	await page.goto(link);
	await expect(page.getByRole('textbox', { name: t('entry:names.display') })).toBeVisible();
	await expect(page, 'the secret is in neither address nor history').toHaveURL(/\/i$/);
	await look('1-names');
	await names(page, t, name, loginName);
	const passphrase = await writesDown(page, t);
	await look('2-passphrase');
	await button(page, t('entry:register.finish')).click();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:ready.title') })).toBeVisible();
	await look('3-ready');
	await button(page, t('entry:ready.toConversations')).click();
	return passphrase;
}

export interface SigningIn {
	name: string;
	passphrase: string;
	publicComputer?: boolean;
	look?: (name: string) => Promise<void>;
}

/** Name and passphrase, in a browser that knows nothing. */
export async function signsIn(page: Page, t: TFunction, signing: SigningIn): Promise<void> {
	await page.goto('/sign-in');
	await page.getByRole('textbox', { name: t('entry:names.login') }).fill(signing.name.toLowerCase());
	await page.getByLabel(t('entry:passphrase.label'), { exact: true }).fill(signing.passphrase);
	if (signing.publicComputer) await ticks(page, t('entry:publicComputer.label'));
	await signing.look?.('sign-in');
	await button(page, t('entry:signIn.submit')).click();
}

/** The admin makes a link for who has nothing left. */
export async function resets(
	page: Page,
	t: TFunction,
	name: string,
	look: (name: string) => Promise<void> = async () => {},
): Promise<string> {
	await page.goto('/settings/people');
	await look('people');
	await page.getByRole('button', { name: new RegExp(`^${t('settings:people.reset')}.*${name}`) }).click();
	const dialog = page.getByRole('dialog');
	await expect(dialog.getByText(t('settings:people.point1'))).toBeVisible();
	await look('reset-question');
	await dialog.getByRole('button', { name: t('settings:people.makeLink') }).click();
	const field = dialog.getByRole('textbox', { name: t('settings:people.link') });
	await expect(field).toHaveValue(/^https:\/\/[^/]+\/r#\S+$/);
	const link = await field.inputValue();
	await look('reset-link');
	await dialog.getByRole('button', { name: t('settings:people.done') }).click();
	return link;
}

/** Opens such a link, and begins anew under the name that is known. */
export async function beginsAnew(
	page: Page,
	t: TFunction,
	link: string,
	loginName: string,
	look: (name: string) => Promise<void> = async () => {},
): Promise<string> {
	await page.goto(link);
	await expect(page, 'the secret is in neither address nor history').toHaveURL(/\/r$/);
	await expect(page.getByText(new RegExp(`\\b${loginName}\\b`))).toBeVisible();
	const passphrase = await writesDown(page, t);
	await look('begin-anew');
	await button(page, t('entry:reset.submit')).click();
	await expect(page.getByRole('heading', { level: 1, name: t('entry:ready.title') })).toBeVisible();
	await button(page, t('entry:ready.toConversations')).click();
	return passphrase;
}
