import { renderHook, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { renderApp } from '../test/render';
import { aSession } from '../test/scripted-engine';
import { ownBuild, useNewerBuild } from './newer-build';

const OWN = '0123456789abcdef';

function page(build: string): void {
	document.head.innerHTML = `<meta name="chatalk-build" content="${build}">`;
}

function serve(answer: () => Promise<Response>): ReturnType<typeof vi.fn> {
	const asked = vi.fn(answer);
	vi.stubGlobal('fetch', asked);
	return asked;
}

const told = (build: string) => () => Promise.resolve(Response.json({ build }));

afterEach(() => {
	vi.unstubAllGlobals();
	document.head.innerHTML = '';
});

test('a page knows its build, and none while developing', () => {
	page(OWN);
	expect(ownBuild()).toBe(OWN);
	page('__CHATALK_BUILD__');
	expect(ownBuild()).toBeNull();
	document.head.innerHTML = '';
	expect(ownBuild()).toBeNull();
});

test('another build is noticed when the connection comes', async () => {
	page(OWN);
	const asked = serve(told('fedcba9876543210'));
	const { result, rerender } = renderHook(({ online }) => useNewerBuild(online), {
		initialProps: { online: false },
	});
	expect(asked).not.toHaveBeenCalled();
	rerender({ online: true });
	await waitFor(() => expect(result.current).toBe(true));
});

test('the own build, and no answer, are no news', async () => {
	page(OWN);
	for (const answer of [
		told(OWN),
		() => Promise.reject(new TypeError('offline')),
		() => Promise.resolve(new Response('', { status: 404 })),
		() => Promise.resolve(Response.json(null)),
	]) {
		const asked = serve(answer);
		const { result, unmount } = renderHook(() => useNewerBuild(true));
		await asked.mock.results[0]?.value.catch(() => {});
		await Promise.resolve();
		expect(result.current).toBe(false);
		unmount();
	}
});

test('a part that does not come is a newer build where the server says so, and nothing without a connection', async () => {
	page(OWN);
	const away = serve(() => Promise.reject(new TypeError('offline')));
	const { result } = renderHook(() => useNewerBuild(false));
	window.dispatchEvent(new Event('vite:preloadError'));
	await away.mock.results[0]?.value.catch(() => {});
	await Promise.resolve();
	expect(result.current).toBe(false);
	serve(told('fedcba9876543210'));
	window.dispatchEvent(new Event('vite:preloadError'));
	await waitFor(() => expect(result.current).toBe(true));
});

test.each([
	['/', aSession(), /what you typed is kept/],
	['/settings/passphrase', aSession(), /what you typed here is not kept/],
	['/sign-in', null, /what you typed here is not kept/],
	['/', aSession({ inMemory: true }), /sign in again/],
])('what becomes of what was typed is said as it is: %s', async (path, session, words) => {
	page(OWN);
	serve(told('fedcba9876543210'));
	await renderApp(path, { state: { session } });
	await screen.findByText(words);
});
