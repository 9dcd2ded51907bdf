import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressHistory } from './address';

/** As much of a window as a history needs, with what a browser would have written down. */
function aWindow() {
	const entries = [{ href: '/sign-in', state: null as unknown }];
	const written = ['/sign-in'];
	let index = 0;
	const events = new EventTarget();
	const put = (at: number) => (state: unknown, _: string, href?: string | URL | null) => {
		index += at;
		entries.splice(index, entries.length, { href: String(href ?? entries[index]?.href), state });
		written.push(String(entries[index]?.href));
	};
	const win = {
		get location() {
			return new URL(entries[index]?.href ?? '', 'https://chat.example.org');
		},
		history: {
			get state() {
				return entries[index]?.state;
			},
			pushState: put(1),
			replaceState: put(0),
			back() {
				index -= 1;
				events.dispatchEvent(new Event('popstate'));
			},
		},
		addEventListener: events.addEventListener.bind(events),
		removeEventListener: events.removeEventListener.bind(events),
	};
	return { win: win as unknown as Window, written, entries };
}

afterEach(() => vi.restoreAllMocks());

describe('the address', () => {
	it('says where one is', async () => {
		const { win, written } = aWindow();
		const history = addressHistory(() => false, win);
		history.push('/c/1234');
		await Promise.resolve();
		expect(written.at(-1)).toBe('/c/1234');
		expect(history.location.pathname).toBe('/c/1234');
	});

	it('says nothing on a public computer, and back leads back all the same', async () => {
		const { win, written, entries } = aWindow();
		let hidden = false;
		const history = addressHistory(() => hidden, win);
		hidden = true;
		history.replace('/');
		await Promise.resolve();
		history.push('/c/1234');
		await Promise.resolve();
		history.push('/verify/5678?a=b');
		await Promise.resolve();
		expect(history.location).toMatchObject({ pathname: '/verify/5678', search: '?a=b' });
		expect([...new Set(written)]).toEqual(['/sign-in', '/']);
		history.back();
		expect(history.location.pathname).toBe('/c/1234');
		// whoever comes next has addresses again
		hidden = false;
		history.replace('/sign-in');
		await Promise.resolve();
		expect(history.location.pathname).toBe('/sign-in');
		expect(entries.at(-1)?.href).toBe('/sign-in');
		expect(entries.at(-1)?.state).not.toHaveProperty('at');
	});
});
