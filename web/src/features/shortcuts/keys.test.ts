import { describe, expect, it } from 'vitest';
import { type Stroke, shortcutOf } from './keys';

const stroke = (key: string, held: Partial<Stroke> = {}): Stroke => ({
	key,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	shiftKey: false,
	...held,
});
const reading = { typing: false, mac: false };
const typing = { typing: true, mac: false };

describe('key strokes', () => {
	it('go to anything by Ctrl K, on a Mac by ⌘ K', () => {
		expect(shortcutOf(stroke('k', { ctrlKey: true }), typing)).toBe('goTo');
		expect(shortcutOf(stroke('K', { metaKey: true }), { typing: true, mac: true })).toBe('goTo');
		expect(shortcutOf(stroke('k', { ctrlKey: true }), { typing: true, mac: true })).toBeNull();
		expect(shortcutOf(stroke('k', { ctrlKey: true, shiftKey: true }), reading)).toBeNull();
	});

	it('step through the conversations, also while typing', () => {
		expect(shortcutOf(stroke('ArrowUp', { altKey: true }), typing)).toBe('previous');
		expect(shortcutOf(stroke('ArrowDown', { altKey: true }), typing)).toBe('next');
		expect(shortcutOf(stroke('ArrowUp', { altKey: true, shiftKey: true }), typing)).toBe('previousUnread');
		expect(shortcutOf(stroke('ArrowDown', { altKey: true, shiftKey: true }), typing)).toBe('nextUnread');
		expect(shortcutOf(stroke('ArrowDown', { altKey: true, ctrlKey: true }), typing)).toBeNull();
	});

	it('leave characters to text fields', () => {
		expect(shortcutOf(stroke('/'), reading)).toBe('search');
		expect(shortcutOf(stroke('?', { shiftKey: true }), reading)).toBe('help');
		expect(shortcutOf(stroke('/'), typing)).toBeNull();
		expect(shortcutOf(stroke('?', { shiftKey: true }), typing)).toBeNull();
		expect(shortcutOf(stroke('Escape'), typing)).toBe('back');
		expect(shortcutOf(stroke('k'), reading)).toBeNull();
	});
});
