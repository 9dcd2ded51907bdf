/** Talking, as people do it. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { TFunction } from 'i18next';

/** A text as it is, within a pattern. */
function literal(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Finds somebody by name and opens the conversation with them. */
export async function writesTo(page: Page, t: TFunction, name: string): Promise<void> {
	await page.goto('/new');
	await finds(page, t, name);
}

/** Where people are looked for: finds somebody and opens the conversation with them. */
export async function finds(page: Page, t: TFunction, name: string): Promise<void> {
	await page.getByRole('searchbox', { name: t('people:new.search') }).fill(name);
	await page.getByRole('option', { name: new RegExp(literal(name)) }).click();
	await expect(composer(page, t, name)).toBeVisible();
}

/** Opens a conversation from the list. */
export async function opens(page: Page, t: TFunction, title: string): Promise<void> {
	await page
		.getByRole('navigation', { name: t('home:title') })
		.getByRole('link', { name: new RegExp(literal(title)) })
		.click();
	await expect(composer(page, t, title)).toBeVisible();
}

export function composer(page: Page, t: TFunction, title: string): Locator {
	return page.getByRole('textbox', { name: t('composer:label', { title }) });
}

export async function says(page: Page, t: TFunction, title: string, text: string): Promise<void> {
	const field = composer(page, t, title);
	await field.fill(text);
	await field.press('Enter');
	await expect(field).toHaveValue('');
	await expect(message(page, text)).toBeVisible();
}

/** The row of the message with this text. */
export function message(page: Page, text: string): Locator {
	return page.getByRole('article', { name: new RegExp(`: ${literal(text)}$`) });
}

/** An own message stands so: waiting, sent, delivered, read. */
export async function stands(
	page: Page,
	t: TFunction,
	text: string,
	...states: ('waiting' | 'sent' | 'delivered' | 'read')[]
): Promise<void> {
	const words = states.map((state) => t(`timeline:state.${state}`)).join('|');
	await expect(message(page, text)).toHaveAccessibleName(new RegExp(`, (${words})\\s?:`));
}
