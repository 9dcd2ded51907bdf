import { expect, type Page, test } from '@playwright/test';

async function show(page: Page, story: string): Promise<void> {
	await page.goto(`/?story=${story}&theme=light&lang=fr`);
	await page.locator('html[data-ready]').waitFor();
}

/** What reaches over the edges of the window and is not cut off on purpose, as the end of a long name is. */
const over = (page: Page) =>
	page.evaluate(() => {
		const { clientWidth, scrollWidth } = document.documentElement;
		const cut = (element: Element): boolean => {
			const around = element.parentElement;
			if (!around) return false;
			const { overflowX, position } = getComputedStyle(around);
			// a screen that can be scrolled sideways is what must not be
			return (overflowX === 'hidden' && position !== 'static') || overflowX === 'clip' || cut(around);
		};
		const out = [...document.querySelectorAll('button, a, p, li, label, input, h1, h2, [role=status]')]
			.filter((element) => {
				const { left, right, width } = element.getBoundingClientRect();
				return width > 1 && (left < -1 || right > clientWidth + 1) && !cut(element);
			})
			.map((element) => element.outerHTML.slice(0, 120));
		return scrollWidth > clientWidth ? [`the page: ${scrollWidth}`, ...out] : out;
	});

/** Long words, many buttons, pictures of a fixed size. */
const CROWDED = [
	'home/list',
	'talk/everyday',
	'talk/emoji',
	'talk/identity',
	'talk/details-group',
	'keys/help',
	'register/not-written-down',
	'settings/appearance',
	'settings/devices',
	'settings/profile',
	'settings/storage',
	'shell/everything-at-once',
	'verify/changed',
];

test.describe('letters twice as large on a phone', () => {
	test.use({ viewport: { width: 390, height: 844 } });
	for (const story of CROWDED) {
		test(story, async ({ page }) => {
			await page.addInitScript(() => {
				new MutationObserver((_, observer) => {
					if (!document.documentElement) return;
					document.documentElement.style.fontSize = '200%';
					observer.disconnect();
				}).observe(document, { childList: true });
			});
			await show(page, story);
			expect(await over(page)).toEqual([]);
			// the page itself never scrolls: its screens do
			expect(await page.evaluate(() => window.scrollY)).toBe(0);
		});
	}
});

test.describe('the narrowest phone', () => {
	test.use({ viewport: { width: 320, height: 640 } });
	for (const story of CROWDED) {
		test(story, async ({ page }) => {
			await show(page, story);
			expect(await over(page)).toEqual([]);
		});
	}
});

test('with forced colours a box that is not ticked does not look ticked', async ({ page }) => {
	await page.emulateMedia({ forcedColors: 'active' });
	await show(page, 'register/passphrase');
	const box = page.getByRole('checkbox').first();
	const tick = page.locator('label:has(input[type=checkbox]) svg').first();
	await expect(tick).toBeHidden();
	await box.check({ force: true });
	await expect(tick).toBeVisible();
});
