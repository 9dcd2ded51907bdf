import { expect, test } from 'vitest';
import { lacking, type Scope } from './needs';

const BROWSER: Scope = {
	isSecureContext: true,
	WebAssembly: {},
	Worker: class {},
	BroadcastChannel: class {},
	navigator: { locks: {} },
};

test('a browser of today lacks nothing', () => {
	expect(lacking(BROWSER)).toEqual([]);
});

test('each thing that is missing is named', () => {
	expect(lacking({ ...BROWSER, WebAssembly: undefined })).toEqual(['wasm']);
	expect(lacking({ ...BROWSER, Worker: undefined })).toEqual(['workers']);
	expect(lacking({ ...BROWSER, BroadcastChannel: undefined, navigator: {} })).toEqual(['locks', 'channels']);
});

test('over an open connection that alone is said, as the rest follows from it', () => {
	expect(lacking({ Worker: class {}, isSecureContext: false })).toEqual(['secure']);
});
