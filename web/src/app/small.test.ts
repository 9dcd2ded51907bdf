import { describe, expect, it } from 'vitest';
import { CLOCK_TOLERANCE, clockDifference } from './clock';
import { deviceParts } from './device-name';
import { formatFor, localeOf } from './format';
import { languageOf } from './language';
import { tabTitle } from './title';

describe('the name of this device', () => {
	it.each([
		['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox', 'Linux'],
		[
			'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36',
			'Chrome',
			'Android',
		],
		[
			'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0',
			'Edge',
			'Windows',
		],
		[
			'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
			'Safari',
			'iPhone',
		],
		['something else', '', ''],
	])('%s', (userAgent, browser, system) => {
		expect(deviceParts(userAgent)).toEqual({ browser, system });
	});
});

describe('the clock', () => {
	const now = Date.UTC(2026, 10, 27, 12);
	const header = (difference: number) => new Date(now - difference).toUTCString();

	it('is fine within the tolerance', () => {
		expect(clockDifference(header(CLOCK_TOLERANCE - 1_000), now)).toBeNull();
	});

	it('is wrong beyond it, in either direction', () => {
		expect(clockDifference(header(2 * CLOCK_TOLERANCE), now)).toBe(2 * CLOCK_TOLERANCE);
		expect(clockDifference(header(-2 * CLOCK_TOLERANCE), now)).toBe(-2 * CLOCK_TOLERANCE);
	});

	it('is not judged without knowing', () => {
		expect(clockDifference(null, now)).toBeNull();
		expect(clockDifference('yesterday', now)).toBeNull();
	});
});

describe('the language', () => {
	it('is the one that was chosen', () => {
		expect(languageOf('fr', ['en-GB'])).toBe('fr');
	});

	it('is otherwise the first of the browser that there is', () => {
		expect(languageOf('system', ['de-CH', 'fr-CH', 'en'])).toBe('fr');
		expect(languageOf('system', ['de'])).toBe('en');
	});
});

describe('formats', () => {
	const now = Date.UTC(2026, 10, 27, 12);
	const en = formatFor('en');
	const fr = formatFor('fr');

	it('say how long ago', () => {
		expect(en.ago(now - 3 * 3_600_000, now)).toBe('3 hours ago');
		expect(fr.ago(now - 86_400_000, now)).toBe('hier');
		expect(en.ago(now + 5_000, now)).toBe('this minute');
		expect(en.ago(now - 30 * 86_400_000, now)).toMatch(/October 28, 2026/);
	});

	it('are those of where one is, in the language that one reads', () => {
		expect(localeOf('en', ['en-GB', 'en'])).toBe('en-GB');
		expect(localeOf('fr', ['en-US', 'fr-CA'])).toBe('fr-CA');
		expect(localeOf('en', ['fr-FR', 'fr'])).toBe('en-FR');
		expect(localeOf('en', ['de'])).toBe('en');
	});

	it('say how much', () => {
		expect(en.bytes(0)).toBe('0 byte');
		expect(en.bytes(12_400_000)).toBe('12.4 MB');
		expect(fr.bytes(12_400_000)).toMatch(/12,4.Mo/);
	});

	it('say how long', () => {
		expect(en.duration(7 * 60_000)).toBe('7 minutes');
		expect(fr.duration(2 * 3_600_000)).toMatch(/^2\sheures$/);
	});
});

describe('the title of the tab', () => {
	it('counts what is unread', () => {
		expect(tabTitle('Settings', 0)).toBe('Settings · ChaTalK');
		expect(tabTitle('', 3)).toBe('(3) ChaTalK');
	});
});
