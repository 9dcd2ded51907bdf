import { readdirSync, readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

/** Pictures to look at go here. */
const SHOTS = new URL('./shots/', import.meta.url).pathname;
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
/** Only the stories that begin so (several: with commas), where not all are wanted. */
const only = (process.env.ONLY ?? '').split(',');

const here = new URL('.', import.meta.url);
const ids = readdirSync(here)
	.filter((name) => name.endsWith('.stories.tsx'))
	.flatMap((name) => [
		...readFileSync(new URL(name, here), 'utf8').matchAll(/\bid: '([a-z0-9-]+\/[a-z0-9-]+)'/g),
	])
	.map((match) => match[1] ?? '')
	.filter((id) => only.some((one) => id.startsWith(one)));

/** One page for all: what the browser has loaded once, it need not load for each story. */
const test = base.extend<object, { stage: Page }>({
	stage: [
		async ({ browser }, use) => {
			const context = await browser.newContext({ reducedMotion: 'reduce' });
			await use(await context.newPage());
			await context.close();
		},
		{ scope: 'worker' },
	],
});

for (const [index, id] of ids.entries()) {
	for (const size of ['wide', 'phone'] as const) {
		for (const theme of ['light', 'dark'] as const) {
			for (const lang of ['en', 'fr'] as const) {
				// two of the eight looks go through both sizes, themes and languages; `stories:steady` sees these
				const light = (index % 2 === 0) === (size === 'wide') ? 'light' : 'dark';
				const steady = theme === light && lang === (index % 4 < 2 === (size === 'wide') ? 'en' : 'fr');
				const tag = steady ? ['@steady'] : [];
				test(`${id} ${size} ${theme} ${lang}`, { tag }, async ({ stage, baseURL }) => {
					const errors: string[] = [];
					const onError = (error: Error) => errors.push(error.message);
					stage.on('pageerror', onError);
					await stage.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
					await stage.setViewportSize(SIZES[size]);
					await stage.goto(`${baseURL}/?story=${id}&theme=${theme}&lang=${lang}`);
					await stage.locator('html[data-ready]').waitFor();
					await stage.evaluate(() => document.fonts.ready);
					if (process.env.SHOTS !== 'none') {
						await stage.screenshot({ path: `${SHOTS}${id.replace('/', '--')}.${size}.${theme}.${lang}.png` });
					}
					await check(stage);
					stage.off('pageerror', onError);
					expect(errors).toEqual([]);
				});
			}
		}
	}
}

/** Nothing that axe finds, and nothing wider than the window. */
async function check(page: Page): Promise<void> {
	// what react-aria says aloud stays there for some seconds, also after the button that it names is gone
	const axe = new AxeBuilder({ page }).exclude('[data-live-announcer]');
	// of hundreds of rows the first are looked at: the others are like them, and took half a minute
	const { violations } = await axe.exclude('li:nth-child(n + 40)').analyze();
	expect(violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html}`)).toEqual([]);
	const [wanted, there] = await page.evaluate(() => {
		const { scrollWidth, clientWidth } = document.documentElement;
		return [scrollWidth, clientWidth];
	});
	expect(wanted, 'as wide as the window').toBe(there);
}
