import { expect, type Locator, type Page, test } from '@playwright/test';

const top = async (message: Locator) => Math.round((await message.boundingBox())?.y ?? Number.NaN);

/** Rows are measured, then placed. */
const settled = (page: Page) =>
	page.evaluate(async () => {
		for (let turn = 0; turn < 12; turn += 1) await new Promise(requestAnimationFrame);
	});

async function open(page: Page): Promise<Locator> {
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.goto('/?story=talk/long&theme=light&lang=en');
	await page.locator('html[data-ready]').waitFor();
	return page.getByRole('log').getByRole('article');
}

test('the last message, opened, is read on where it was cut', async ({ page }) => {
	const messages = await open(page);
	const last = messages.last();
	const before = await top(last);
	const { height } = (await last.boundingBox()) ?? { height: Number.NaN };
	await last.getByRole('button', { name: 'Show more' }).click();
	await expect.poll(async () => (await last.boundingBox())?.height).toBeGreaterThan(height);
	await settled(page);
	expect(Math.abs((await top(last)) - before)).toBeLessThanOrEqual(1);
});

test('a message above others, opened, stays where it is', async ({ page }) => {
	const messages = await open(page);
	const first = messages.first();
	const more = first.getByRole('button', { name: 'Show more' });
	await page.getByRole('log').evaluate((log) => {
		log.scrollTop = 300;
	});
	await more.scrollIntoViewIfNeeded();
	await settled(page);
	const before = await top(first);
	await more.click();
	await expect(more).toBeHidden();
	await settled(page);
	expect(Math.abs((await top(first)) - before)).toBeLessThanOrEqual(1);
});
