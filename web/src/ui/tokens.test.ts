import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// vitest runs in web/
const css = readFileSync('src/ui/tokens.css', 'utf8');

type Theme = 'light' | 'dark';

/** The value of a token in a theme: `light-dark(A, B)`, or one colour for both. */
function colour(token: string, theme: Theme): string {
	const value = css.match(new RegExp(`--${token}:\\s*([^;]+);`))?.[1];
	if (!value) throw new Error(`no token --${token}`);
	const pair = value.match(/light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/);
	const found = pair ? pair[theme === 'light' ? 1 : 2] : value.match(/^#[0-9a-f]{6}$/)?.[0];
	if (!found) throw new Error(`--${token} is no colour: ${value}`);
	return found;
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
	const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
		const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
		return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
	const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
	return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ['surface', 'raised', 'sunken', 'hover'];

/** Which text stands on which ground. */
const TEXT: [string, string[]][] = [
	['text', [...GROUNDS, 'chosen', 'accent-soft', 'own-bubble', 'other-bubble']],
	['muted', [...GROUNDS, 'other-bubble', 'track']],
	['accent', ['surface', 'raised', 'sunken', 'other-bubble']],
	['good', ['surface', 'raised', 'sunken']],
	['warn', ['surface', 'raised']],
	['bad', ['surface', 'raised', 'sunken', 'hover']],
	['on-accent', ['accent', 'accent-strong']],
	['on-bad', ['bad']],
	['on-accent-soft', ['accent-soft']],
	['on-good-soft', ['good-soft']],
	['on-warn-soft', ['warn-soft']],
	['on-bad-soft', ['bad-soft']],
	['accent-on-own', ['own-bubble']],
	['good-on-own', ['own-bubble']],
	['warn-on-own', ['own-bubble']],
	['muted-on-own', ['own-bubble']],
	...Array.from({ length: 8 }, (_, index): [string, string[]] => [`name-${index}`, ['other-bubble']]),
	['surface', ['text']],
	['on-face', Array.from({ length: 8 }, (_, index) => `face-${index}`)],
];

/** What has to be seen without being read: borders of controls, bars, marks, the ring of the focus. */
const CONTROLS: [string, string[]][] = [
	['control-line', [...GROUNDS]],
	['accent', [...GROUNDS, 'own-bubble', 'other-bubble', 'accent-soft']],
	['good', ['raised']],
	['warn', ['raised']],
	['bad', ['raised']],
];

describe.each(['light', 'dark'] as const)('contrast in the %s theme', (theme) => {
	const pairs = (list: [string, string[]][]) =>
		list.flatMap(([on, grounds]) => grounds.map((ground) => [on, ground]));

	it.each(pairs(TEXT))('%s can be read on %s', (on = '', ground = '') => {
		expect(contrast(colour(on, theme), colour(ground, theme))).toBeGreaterThanOrEqual(4.5);
	});

	it.each(pairs(CONTROLS))('%s can be seen on %s', (on = '', ground = '') => {
		expect(contrast(colour(on, theme), colour(ground, theme))).toBeGreaterThanOrEqual(3);
	});
});

describe('the measure', () => {
	it('is that of WCAG', () => {
		expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
		expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
	});

	it('knows every colour of the page', () => {
		const named = [...css.matchAll(/--([a-z0-9-]+):\s*(light-dark\(#|#)/g)].map((match) => match[1] ?? '');
		const paired = new Set([...TEXT, ...CONTROLS].flatMap(([on, grounds]) => [on, ...grounds]));
		// lines that only decorate need none
		expect(named.filter((token) => !paired.has(token))).toEqual(['line']);
	});
});
