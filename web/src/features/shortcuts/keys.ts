/** What a key stroke means. */

export type Shortcut =
	| 'goTo'
	| 'previous'
	| 'next'
	| 'previousUnread'
	| 'nextUnread'
	| 'back'
	| 'search'
	| 'help';

/** A key stroke, as browsers tell it. */
export interface Stroke {
	key: string;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
	shiftKey: boolean;
}

/** `typing`: the focus is in a text field, where characters are text. `mac`: ⌘ in place of Ctrl. */
export function shortcutOf(
	stroke: Stroke,
	{ typing, mac }: { typing: boolean; mac: boolean },
): Shortcut | null {
	const { key, ctrlKey, metaKey, altKey, shiftKey } = stroke;
	const command = mac ? metaKey && !ctrlKey : ctrlKey && !metaKey;
	if (command && !altKey && !shiftKey && key.toLowerCase() === 'k') return 'goTo';
	if (ctrlKey || metaKey) return null;
	if (altKey && key === 'ArrowUp') return shiftKey ? 'previousUnread' : 'previous';
	if (altKey && key === 'ArrowDown') return shiftKey ? 'nextUnread' : 'next';
	if (altKey) return null;
	if (key === 'Escape') return 'back';
	if (typing) return null;
	if (key === '/') return 'search';
	if (key === '?') return 'help';
	return null;
}

/** Whether what has the focus takes text. */
export function takesText(element: Element | null): boolean {
	if (!(element instanceof HTMLElement)) return false;
	if (element.isContentEditable || element instanceof HTMLTextAreaElement) return true;
	const buttons = ['button', 'checkbox', 'radio', 'submit', 'reset', 'image', 'range', 'color', 'file'];
	return element instanceof HTMLInputElement && !buttons.includes(element.type);
}

/** Whether the keys of a Mac are meant. */
export function onMac(): boolean {
	return /mac|iphone|ipad/i.test(navigator.platform);
}
