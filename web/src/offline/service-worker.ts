/**
 * Keeps the app of one build in the browser, so that it starts without a network. What people write and read is not in
 * here: that is the engine's, in a store of its own.
 *
 * Builds never mix: the page comes from the server whenever it answers, and names the files of its own build; only when it
 * does not answer, page and files come from the one build that is kept.
 *
 * Nothing is imported: what two entries share becomes a file of its own, which a classic script can't load.
 */

/** Both are filled in by `scripts/pack.mjs`. */
const BUILD = '__CHATALK_BUILD__';
const FILES = '__CHATALK_FILES__'.split(' ');

const CACHE = `chatalk-${BUILD}`;
/** The page that every route of the app begins with. */
const PAGE = '/';
/** Opened to see what the browser itself says of the server, of its certificate for instance: never of what is kept. */
const DIRECT = '/reached';
/** A server that has not answered by then (ms) is not there, or too slow to wait for. */
const PATIENCE = 3000;

/** What this needs of a service worker's scope: the types of pages and of workers can't be had in one project. */
interface Extendable extends Event {
	waitUntil(promise: Promise<unknown>): void;
	/** Chromium: files are then found, and the page is asked for, without waiting for this worker to start. */
	addRoutes?(routes: unknown[]): Promise<void>;
}
interface Fetching extends Event {
	readonly request: Request;
	respondWith(response: Promise<Response>): void;
}
interface Told extends Event {
	readonly data: unknown;
}
interface Scope {
	addEventListener(type: 'message', listener: (event: Told) => void): void;
	addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void;
	addEventListener(type: 'fetch', listener: (event: Fetching) => void): void;
}
const scope = self as unknown as Scope;

scope.addEventListener('install', (event) => {
	event.waitUntil(keep());
	const kept = { condition: { urlPattern: '/assets/*' }, source: { cacheName: CACHE } };
	const page = { condition: { requestMode: 'navigate' }, source: 'race-network-and-fetch-handler' };
	const direct = { condition: { urlPattern: DIRECT }, source: 'network' };
	event.waitUntil(addRoutes(event, [[direct, kept, page], [kept]]));
});

/** Whoever was signed in has left while this began. */
let unwanted = false;

scope.addEventListener('message', ({ data }) => {
	unwanted ||= data === 'forget';
});

scope.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));

scope.addEventListener('fetch', (event) => {
	const { request } = event;
	const { origin, pathname } = new URL(request.url);
	if (request.method !== 'GET' || origin !== self.location.origin || pathname === DIRECT) return;
	if (request.mode === 'navigate') event.respondWith(page(request));
	else if (FILES.includes(pathname)) event.respondWith(file(request));
});

/** The first of these that this browser takes. It does without. */
async function addRoutes(event: Extendable, choices: unknown[][]): Promise<void> {
	for (const routes of choices) {
		try {
			await event.addRoutes?.(routes);
			return;
		} catch {
			// it knows the method, and not these routes
		}
	}
}

/** All or nothing: a server that has another build by now has not all of these files. */
async function keep(): Promise<void> {
	const cache = await caches.open(CACHE);
	await cache.addAll(FILES);
	const page = await cache.match(PAGE);
	const whole = (await page?.text())?.includes(BUILD);
	if (!whole || unwanted) {
		await caches.delete(CACHE);
		throw new Error(whole ? 'nobody is signed in any more' : 'the server has another build by now');
	}
}

async function forgetOthers(): Promise<void> {
	const others = (await caches.keys()).filter((name) => name !== CACHE);
	await Promise.all(others.map((name) => caches.delete(name)));
}

async function page(request: Request): Promise<Response> {
	try {
		return await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
	} catch (error) {
		const kept = isRoute(request) ? await caches.match(PAGE, { cacheName: CACHE }) : undefined;
		if (kept) return kept;
		throw error;
	}
}

/** As the server has it: what looks like a file, and what the protocol speaks over, is no page of the app. */
function isRoute(request: Request): boolean {
	const [, first = '', ...rest] = new URL(request.url).pathname.split('/');
	const last = rest.at(-1) ?? first;
	return first !== 'v1' && first !== 'assets' && !last.includes('.');
}

async function file(request: Request): Promise<Response> {
	const kept = await caches.match(request, { cacheName: CACHE });
	return kept ?? fetch(request);
}

export {};
