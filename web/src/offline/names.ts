/** Caches of the app begin with this; the number of the build follows. */
export const CACHE_PREFIX = 'chatalk-';
/** Where the service worker is served: at the root, as it may look after what is below it. */
export const SERVICE_WORKER = '/service-worker.js';
