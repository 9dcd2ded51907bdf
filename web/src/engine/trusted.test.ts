import { afterEach, expect, it, vi } from 'vitest';
import { ownUrl } from './trusted';

const PAGE = 'https://chat.example.org:7443/c/1234';

afterEach(() => {
	vi.unstubAllGlobals();
	vi.resetModules();
});

it.each(['/assets/worker.js', 'worker.js', 'https://chat.example.org:7443/service-worker.js'])(
	'%s is our own',
	(url) => expect(ownUrl(url, PAGE)).toBe(url),
);

it.each([
	'https://evil.example/worker.js',
	'//evil.example/worker.js',
	'https://chat.example.org/worker.js',
	'data:text/javascript,alert(1)',
	'javascript:alert(1)',
	'blob:https://evil.example/1',
	'blob:https://chat.example.org:7443/1',
])('%s is not', (url) => expect(() => ownUrl(url, PAGE)).toThrow(TypeError));

it('the policy of the page passes nothing else', async () => {
	const createPolicy = vi.fn((_: string, rules: object) => rules);
	vi.stubGlobal('trustedTypes', { createPolicy });
	vi.stubGlobal('location', { href: PAGE });
	const { trustedUrl } = await import('./trusted');
	expect(trustedUrl('/assets/worker.js')).toBe('/assets/worker.js');
	expect(() => trustedUrl('https://evil.example/worker.js')).toThrow(TypeError);
	expect(createPolicy).toHaveBeenCalledTimes(1);
});
