import { trustedUrl } from '../engine/trusted';

/** Served at the root, as it may look after what is below it. */
const SERVICE_WORKER = '/service-worker.js';

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
	if (!offline) return;
	try {
		if (kept) await offline.serviceWorkers.register(trustedUrl(SERVICE_WORKER), { scope: '/' });
		else await forget(offline);
	} catch {
		// a browser that keeps nothing
	}
}

async function forget({ serviceWorkers, caches }: Offline): Promise<void> {
	for (const registration of await serviceWorkers.getRegistrations()) await registration.unregister();
	for (const name of await caches.keys()) await caches.delete(name);
}
