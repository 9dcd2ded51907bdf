import { expect, test } from 'vitest';
import type { StorageState } from '../../engine/contract';
import { abilitiesOf, type Browser } from './abilities';

const BROWSER: Browser = {
	isSecureContext: true,
	WebAssembly: {},
	Worker: class {},
	BroadcastChannel: class {},
	trustedTypes: {},
	caches: {},
	navigator: {
		locks: {},
		storage: { getDirectory: () => {} },
		serviceWorker: {},
		mediaDevices: { getUserMedia: () => {} },
	},
};
const KEPT: StorageState = { kept: 'disk', why: null, persistent: true, appLock: false };

/** What it can't do. */
function lacks(browser: Browser, storage: StorageState | null): string[] {
	return Object.entries(abilitiesOf(browser, storage))
		.filter(([, has]) => !has)
		.map(([ability]) => ability);
}

test('a browser that has everything can do everything', () => {
	expect(lacks(BROWSER, KEPT)).toEqual([]);
});

test('nothing stays where the browser has not promised it', () => {
	expect(lacks(BROWSER, { ...KEPT, persistent: false })).toEqual(['stays']);
});

test('a private window has a file system and refuses it', () => {
	const refused: StorageState = { ...KEPT, kept: 'memory', why: 'unsupported', persistent: false };
	expect(lacks(BROWSER, refused)).toEqual(['keeps', 'stays']);
});

test('a public computer could keep things', () => {
	const asked: StorageState = { ...KEPT, kept: 'memory', why: 'public', persistent: false };
	expect(lacks(BROWSER, asked)).toEqual(['stays']);
});

test('a browser without anything can do nothing', () => {
	expect(Object.values(abilitiesOf({}, null))).not.toContain(true);
});
