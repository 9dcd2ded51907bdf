import { expect, test } from '@playwright/test';

/** A4, at 96 px an inch. */
const A4 = { width: 794, height: 1123 };
const DESTROY = { en: 'Destroy this sheet', fr: 'Détruisez cette feuille' };

for (const lang of ['en', 'fr'] as const) {
	for (const theme of ['light', 'dark'] as const) {
		test(`the sheet with an invitation, ${lang} ${theme}: one page, dark on white, nothing of the app`, async ({
			page,
		}) => {
			await page.goto(`/?story=first-run/invite&theme=${theme}&lang=${lang}`);
			await page.locator('html[data-ready]').waitFor();
			await page.emulateMedia({ media: 'print' });
			await page.setViewportSize(A4);
			await page.screenshot({
				path: new URL(`./shots/sheet.${theme}.${lang}.png`, import.meta.url).pathname,
			});
			await expect(page.locator('#root')).toBeHidden();
			await expect(page.getByText(DESTROY[lang])).toBeVisible();
			const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
			expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1);
			const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
			expect(ground).toBe('rgb(255, 255, 255)');
		});
	}
}
