import { describe, expect, it } from 'vitest';
import { keepApp, type Offline } from './keeping';

function browser() {
	const seen: string[] = [];
	const registration = { unregister: async () => seen.push('unregistered') };
	const offline = {
		serviceWorkers: {
			register: async (url: string) => {
				seen.push(`registered ${url}`);
			},
			getRegistrations: async () => [registration],
		},
		caches: {
			keys: async () => ['chatalk-1', 'chatalk-2'],
			delete: async (name: string) => seen.push(`deleted ${name}`),
		},
	} as unknown as Offline;
	return { offline, seen };
}

describe('keeping the app', () => {
	it('asks the browser to keep it', async () => {
		const { offline, seen } = browser();
		await keepApp(offline, true);
		expect(seen).toEqual(['registered /service-worker.js']);
	});

	it('leaves nothing of it when nothing may stay', async () => {
		const { offline, seen } = browser();
		await keepApp(offline, false);
		expect(seen).toEqual(['unregistered', 'deleted chatalk-1', 'deleted chatalk-2']);
	});

	it('goes on where the browser refuses', async () => {
		const { offline } = browser();
		offline.serviceWorkers.register = () => Promise.reject(new Error('no'));
		await keepApp(offline, true);
		await keepApp(null, true);
	});
});
