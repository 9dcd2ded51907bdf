import { readdirSync, readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';

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
			test(`${id} ${theme} ${lang}`, async ({ page }) => {
				const errors: string[] = [];
				page.on('pageerror', (error) => errors.push(error.message));
				await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
				for (const [size, viewport] of Object.entries(SIZES)) {
					await page.setViewportSize(viewport);
					await page.goto(`/?story=${id}&theme=${theme}&lang=${lang}`);
					await page.locator('html[data-ready]').waitFor();
					await page.evaluate(() => document.fonts.ready);
					await page.screenshot({ path: `${SHOTS}${id.replace('/', '--')}.${size}.${theme}.${lang}.png` });
					await check(page, size);
				}
				expect(errors).toEqual([]);
			});
		}
	}
}

/** Nothing that axe finds, and nothing wider than the window. */
async function check(page: Page, size: string): Promise<void> {
	// what react-aria says aloud stays there for some seconds, also after the button that it names is gone
	const { violations } = await new AxeBuilder({ page }).exclude('[data-live-announcer]').analyze();
	expect(
		violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html}`),
		size,
	).toEqual([]);
	const [wanted, there] = await page.evaluate(() => {
		const { scrollWidth, clientWidth } = document.documentElement;
		return [scrollWidth, clientWidth];
	});
	expect(wanted, `${size}: as wide as the window`).toBe(there);
}
