/** The Firefox of the system, as distributions ship it, driven by Playwright over WebDriver BiDi. */
import type { Browser, BrowserContext } from '@playwright/test';

interface Message {
	id: number;
	method: string;
}
interface Connection {
	rawSend(message: Message): void;
	_dispatchMessage(answer: { type: 'success'; id: number; result: object }): void;
}
interface Inside {
	_connection: { toImpl(outside: Browser): { _connection: Connection } };
}

/** Playwright says it to every new page, whatever is asked for, and Firefox ESR 153 does not know it. */
const UNKNOWN = 'emulation.setMediaFeaturesOverride';

/** Keeps back from Firefox what it does not know: its theme is a setting that it starts with. Other browsers stay as they are. */
export function drivable(browser: Browser): Browser {
	if (browser.browserType().name() !== 'firefox') return browser;
	const { _connection: connection } = (browser as unknown as Inside)._connection.toImpl(browser);
	const send = connection.rawSend.bind(connection);
	connection.rawSend = (message) => {
		if (message.method !== UNKNOWN) send(message);
		else queueMicrotask(() => connection._dispatchMessage({ type: 'success', id: message.id, result: {} }));
	};
	return browser;
}

/**
 * What `fill` writes goes through the editor of the browser, as typing does. Over BiDi, Playwright sets the value of a field behind the
 * back of React, which then takes it for its own and never hears of it.
 */
export async function fillsAsTyped(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		Object.defineProperty(window, '__pw_bidiInsertText', {
			get: () => (text: string) => {
				document.execCommand('insertText', false, text);
			},
			// Playwright's own
			set: () => {},
		});
	});
}

/**
 * Before a picture Playwright puts `<style>body {}</style>` into the page for a moment, which our policy forbids in Firefox to it as
 * well: told once as an event, whose source is an `eval` (which it forbids to the app), and once with the hash of that style.
 */
export const OF_PLAYWRIGHT =
	/^policy: style-src-elem inline \S+%20%3E%20eval:|sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT\+SmwNZWA=/;
