import { describe, expect, it, vi } from 'vitest';
import { keepApp, type Offline } from './keeping';

function browser() {
	const seen: string[] = [];
	const kept = new Set(['chatalk-1', 'chatalk-2']);
	const registration = { unregister: async () => seen.push('unregistered') };
	const offline = {
		serviceWorkers: {
			register: async (url: string) => {
				seen.push(`registered ${url}`);
			},
			getRegistrations: async () => [registration],
		},
		caches: {
			keys: async () => [...kept],
			delete: async (name: string) => {
				seen.push(`deleted ${name}`);
				return kept.delete(name);
			},
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

	it('leaves nothing either of what is just being kept', async () => {
		const { offline, seen } = browser();
		const worker = Object.assign(new EventTarget(), {
			state: 'installing',
			postMessage: (message: string) => seen.push(`told ${message}`),
		});
		const registration = { installing: worker, unregister: async () => seen.push('unregistered') };
		offline.serviceWorkers.getRegistrations = async () =>
			[registration] as unknown as ServiceWorkerRegistration[];
		let kept = ['chatalk-1'];
		offline.caches.keys = async () => kept;
		offline.caches.delete = async (name) => {
			kept = kept.filter((other) => other !== name);
			return true;
		};
		const done = keepApp(offline, false);
		await expect.poll(() => kept).toEqual([]);
		expect(seen).toEqual(['told forget', 'unregistered']);
		kept = ['chatalk-1']; // it was at it
		worker.state = 'redundant';
		worker.dispatchEvent(new Event('statechange'));
		await done;
		expect(kept).toEqual([]);
	});

	it('looks again after a while, as browsers put things there by themselves, unless somebody signs in', async () => {
		vi.useFakeTimers();
		const { offline, seen } = browser();
		await keepApp(offline, false);
		const made = async (name: string) => {
			offline.caches.keys = async () => [name];
			seen.length = 0;
			await vi.advanceTimersByTimeAsync(5_000);
			return seen;
		};
		expect(await made('chatalk-1')).toContain('deleted chatalk-1');
		await keepApp(offline, true);
		expect(await made('chatalk-2')).toEqual([]);
		vi.useRealTimers();
	});

	it('goes on where the browser refuses', async () => {
		const { offline } = browser();
		offline.serviceWorkers.register = () => Promise.reject(new Error('no'));
		await keepApp(offline, true);
		await keepApp(null, true);
	});
});
