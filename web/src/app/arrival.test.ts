import { describe, expect, it, vi } from 'vitest';
import { takeArrival } from './arrival';

function at(href: string) {
	const { pathname, search, hash } = new URL(href);
	const replaceState = vi.fn();
	return {
		arrival: takeArrival({ href, pathname, search, hash }, { state: null, replaceState }),
		replaceState,
	};
}

describe('the secret in the address', () => {
	it('is taken from an invitation, and removed', () => {
		const { arrival, replaceState } = at('https://chat.example.org:7443/i#c2VjcmV0');
		expect(arrival).toEqual({
			invitation: 'https://chat.example.org:7443/i#c2VjcmV0',
			code: null,
			reset: null,
		});
		expect(replaceState).toHaveBeenCalledWith(null, '', '/i');
	});

	it('is taken from the first address of a new server', () => {
		const { arrival, replaceState } = at('http://localhost:7443/start#7KQM-2XJD');
		expect(arrival.code).toBe('7KQM-2XJD');
		expect(replaceState).toHaveBeenCalledWith(null, '', '/start');
	});

	it('is not looked for elsewhere', () => {
		const { arrival, replaceState } = at('https://chat.example.org/c/1#main');
		expect(arrival).toEqual({ invitation: null, code: null, reset: null });
		expect(replaceState).not.toHaveBeenCalled();
	});

	it.each(['https://a/i', 'https://a/i#', 'https://a/start#%E0%A4%A'])(
		'may be missing or garbled: %s',
		(href) => {
			expect(() => at(href)).not.toThrow();
		},
	);
});
