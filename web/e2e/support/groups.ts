/** Groups, as people make and change them. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { composer } from './talk';

/** Makes a group with these people; afterwards it is open. */
export async function makesGroup(
	page: Page,
	t: TFunction,
	title: string,
	people: readonly string[],
): Promise<void> {
	await page.goto('/new/group');
	for (const name of people) {
		await page.getByRole('searchbox', { name: t('groups:picker.search') }).fill(name);
		await page.getByRole('option', { name: new RegExp(name) }).click();
	}
	await page.getByRole('button', { name: t('groups:new.next') }).click();
	await page.getByRole('textbox', { name: t('groups:new.name') }).fill(title);
	await page.getByRole('button', { name: t('groups:new.create') }).click();
	await expect(composer(page, t, title)).toBeVisible();
}

/** The button with what can be done about a member. */
export function menuOf(page: Page, t: TFunction, name: string): Locator {
	return page.getByRole('button', {
		name: new RegExp(t('groups:members.menu', { name: `\\W?${name}\\W?` })),
	});
}

/** Between the messages it says what happened, and whose doing it was. */
export async function readsThat(page: Page, t: TFunction, title: string, words: string): Promise<void> {
	const log = page.getByRole('log', { name: t('timeline:log', { title }) });
	await expect(log.getByText(words, { exact: true })).toBeVisible();
}

/** In the details of a group: adds somebody, who will see what it says there. */
export async function adds(
	page: Page,
	t: TFunction,
	name: string,
	sees: 'historyAll' | 'fromNow',
	look: () => Promise<void> = async () => {},
): Promise<void> {
	await page.getByRole('button', { name: t('groups:members.add') }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('searchbox', { name: t('groups:picker.search') }).fill(name);
	await dialog.getByRole('option', { name: new RegExp(name) }).click();
	await expect(dialog.getByText(t(`groups:add.${sees}`))).toBeVisible();
	await look();
	await dialog.getByRole('button', { name: t('groups:add.confirmCount', { count: 1 }) }).click();
	await expect(dialog).toBeHidden();
	await expect(menuOf(page, t, name)).toBeVisible();
}
