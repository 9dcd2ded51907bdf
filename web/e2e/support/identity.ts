/** How sure one is of somebody, and what is said when their identity is another. */
import { expect, type Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import type { IdentityChange } from '../../src/engine/contract';
import { isolate } from '../../src/features/timeline/model/clean';
import { composer } from './talk';

/** A dialog interrupts, and says what is known of how it came, what to do, and that nothing is sent until then. */
export async function isTold(page: Page, t: TFunction, name: string, cause: IdentityChange): Promise<void> {
	const dialog = page.getByRole('alertdialog');
	const who = { name: isolate(name) };
	await expect(dialog.getByRole('heading')).toHaveText(t(`safety:changed.${cause}.title`, who));
	for (const words of [`${cause}.why`, `${cause}.what`, 'stopped'])
		await expect(dialog.getByText(t(`safety:changed.${words}`, who), { exact: true })).toBeVisible();
}

/** In place of the field it says why nothing can be written; and nobody is shown as verified. */
export async function isBlocked(
	page: Page,
	t: TFunction,
	name: string,
	cause: IdentityChange,
): Promise<void> {
	const words = t(`composer:blocked.identity.${cause}`, { name: isolate(name) });
	await expect(page.getByText(words, { exact: true })).toBeVisible();
	await expect(composer(page, t, name)).toHaveCount(0);
	await isUnmarked(page, t, name);
}

/** Where one writes with somebody: nothing says that they are verified. */
export async function isUnmarked(page: Page, t: TFunction, name: string): Promise<void> {
	await expect(page.getByRole('log', { name: t('timeline:log', { title: name }) })).toBeVisible();
	await expect(page.getByRole('img', { name: t('home:row.verified') })).toHaveCount(0);
}

/** The dialog about a changed identity; accepted without comparing. */
export async function accepts(page: Page, t: TFunction): Promise<void> {
	await page.getByRole('button', { name: t('safety:changed.accept') }).click();
	await page.getByRole('button', { name: t('safety:changed.acceptQuestion') }).click();
	await expect(page.getByRole('alertdialog')).toHaveCount(0);
}
