/** The keyboard alone: nothing is clicked, and wherever one is can be seen. */
import { expect, type Locator, type Page } from '@playwright/test';

/** More stops than any screen has. */
const STOPS = 60;

/** Goes on with Tab (or back with Shift+Tab) until that has the focus; each stop on the way can be seen. */
export async function tabsTo(page: Page, wanted: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
	const passed: string[] = [];
	for (let presses = 0; presses < STOPS; presses++) {
		await page.keyboard.press(key);
		passed.push(await seesFocus(page));
		if (await wanted.evaluate((element) => element === document.activeElement)) return;
	}
	throw new Error(`${wanted} is not reached by ${key}; passed: ${passed.join(' | ')}`);
}

/** Expects that what has the focus looks so; returns what it is, for messages. */
export async function seesFocus(page: Page): Promise<string> {
	const seen = () =>
		page.evaluate(() => {
			const focused = document.activeElement;
			if (!focused || focused === document.body) return { what: 'nothing', visible: true };
			// the ring may be drawn on the label of a hidden field, or on a part such as the bubble of a message
			const around = focused.closest('label') ?? focused;
			const parts = [around, ...around.querySelectorAll('*')];
			const visible = parts.some((part) => {
				const { outlineStyle, outlineWidth, opacity } = getComputedStyle(part);
				const { width, height, right, bottom, left, top } = part.getBoundingClientRect();
				const inSight = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
				const ring = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
				return ring && opacity !== '0' && width > 8 && height > 8 && inSight;
			});
			const name = focused.getAttribute('aria-label') ?? focused.textContent?.trim().slice(0, 40);
			return { what: `${focused.tagName.toLowerCase()} “${name}”`, visible };
		});
	// a browser scrolls what is focused into sight a moment later
	await expect.poll(async () => (await seen()).visible, `focus is seen on ${(await seen()).what}`).toBe(true);
	return (await seen()).what;
}
