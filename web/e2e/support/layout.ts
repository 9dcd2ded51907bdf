import type { Page } from '@playwright/test';

/** What stands out of the window to the side, in words; nothing of a good layout does. */
export function standsOut(page: Page): Promise<string[]> {
	return page.evaluate(() => {
		const wide = document.documentElement.clientWidth;
		const out: string[] = [];
		if (document.documentElement.scrollWidth > wide) out.push('the page scrolls sideways');
		const clipped = (element: Element): boolean => {
			for (let above = element.parentElement; above; above = above.parentElement) {
				if (getComputedStyle(above).overflowX !== 'visible') return true;
			}
			return false;
		};
		for (const element of document.querySelectorAll('main *, [role=dialog] *, [role=alertdialog] *')) {
			const { left, right, width, height } = element.getBoundingClientRect();
			if (width < 2 || height < 2) continue;
			const scrolls = element.scrollWidth > element.clientWidth + 1;
			const how = getComputedStyle(element).overflowX;
			const told = `${element.tagName.toLowerCase()}.${element.className} “${element.textContent?.slice(0, 30)}”`;
			if (scrolls && (how === 'auto' || how === 'scroll')) out.push(`scrolls sideways: ${told}`);
			if ((left < -1 || right > wide + 1) && !clipped(element)) out.push(`stands out: ${told}`);
		}
		return out;
	});
}
