import { readdirSync, readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

/** Pictures to look at go here. */
const SHOTS = new URL('./shots/', import.meta.url).pathname;
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
/** Only the stories that begin so, where not all are wanted. */
const only = process.env.ONLY ?? '';

const here = new URL('.', import.meta.url);
const ids = readdirSync(here)
	.filter((name) => name.endsWith('.stories.tsx'))
	.flatMap((name) => [
		...readFileSync(new URL(name, here), 'utf8').matchAll(/\bid: '([a-z0-9-]+\/[a-z0-9-]+)'/g),
	])
	.map((match) => match[1] ?? '')
	.filter((id) => id.startsWith(only));

for (const id of ids) {
	for (const theme of ['light', 'dark'] as const) {
		for (const lang of ['en', 'fr'] as const) {
			for (const [size, viewport] of Object.entries(SIZES)) {
				test(`${id} ${theme} ${lang} ${size}`, async ({ page }) => {
					const errors: string[] = [];
					page.on('pageerror', (error) => errors.push(error.message));
					await page.setViewportSize(viewport);
					await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
					await page.goto(`/?story=${id}&theme=${theme}&lang=${lang}`);
					await page.locator('html[data-ready]').waitFor();
					await page.waitForLoadState('networkidle');
					await page.evaluate(() => document.fonts.ready);
					await page.screenshot({ path: `${SHOTS}${id.replace('/', '--')}.${size}.${theme}.${lang}.png` });
					const { violations } = await new AxeBuilder({ page }).exclude('[data-live-announcer]').analyze();
					expect(violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html}`)).toEqual([]);
					const sideways = await page.evaluate(
						() => document.documentElement.scrollWidth > document.documentElement.clientWidth,
					);
					expect(sideways, 'nothing is wider than the window').toBe(false);
					expect(errors).toEqual([]);
				});
			}
		}
	}
}
