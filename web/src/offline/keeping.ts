import { trustedUrl } from '../engine/trusted';

/** Served at the root, as it may look after what is below it. */
const SERVICE_WORKER = '/service-worker.js';

/** Said to a service worker that is to keep nothing after all; it has the same word. */
const FORGET = 'forget';

/**
 * Chromium puts code that it has compiled beside the file that the code came from, when it has the time: in a cache of the same
 * name, which it makes anew if it is not there.
 */
const AGAIN_MS = [1_000, 5_000, 15_000, 60_000];
const later: ReturnType<typeof setTimeout>[] = [];

/** What this needs of the browser. */
export interface Offline {
	serviceWorkers: Pick<ServiceWorkerContainer, 'register' | 'getRegistrations'>;
	caches: Pick<CacheStorage, 'keys' | 'delete'>;
}

/** Of this browser; null where it has none (over HTTPS with a certificate that it does not know, for instance). */
export function offlineHere(): Offline | null {
	const { serviceWorker } = navigator;
	if (!serviceWorker || typeof caches === 'undefined') return null;
	return { serviceWorkers: serviceWorker, caches };
}

/**
 * Keeps the app in this browser so that it starts without a network, or forgets it: where nothing may stay, nothing of the
 * app stays either. What the browser refuses is left: the app then needs its server to start, as before.
 */
export async function keepApp(offline: Offline | null, kept: boolean): Promise<void> {
	for (const timer of later.splice(0)) clearTimeout(timer);
	if (!offline) return;
	try {
		if (kept) await offline.serviceWorkers.register(trustedUrl(SERVICE_WORKER), { scope: '/' });
		else await forget(offline);
	} catch {
		// a browser that keeps nothing
	}
}

async function forget({ serviceWorkers, caches }: Offline): Promise<void> {
	const registrations = await serviceWorkers.getRegistrations();
	const beginning = registrations.map(({ installing }) => installing);
	// one that is just fetching what it is to keep goes on with that, also without this page
	for (const worker of beginning) worker?.postMessage(FORGET);
	for (const registration of registrations) await registration.unregister();
	await clear(caches);
	await Promise.all(beginning.map(ended));
	await clear(caches);
	for (const ms of AGAIN_MS) later.push(setTimeout(() => clear(caches).catch(() => {}), ms));
}

async function clear(caches: Offline['caches']): Promise<void> {
	for (const name of await caches.keys()) await caches.delete(name);
}

/** When it has kept what it wanted to, or given up. */
async function ended(worker: ServiceWorker | null): Promise<void> {
	if (worker?.state !== 'installing') return;
	await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
}
