import coreUrl from '../worker/pkg/client_bg.wasm?url';
import workerUrl from '../worker/worker.ts?worker&url';
import type { Engine } from './contract';
import { Leader, type WorkerLike } from './leader';
import { lacking } from './needs';
import { type CoreModule, DOWN, type FromWorker, LEADER_LOCK, UP } from './protocol';
import { TabEngine } from './tab';
import { trustedUrl } from './trusted';

/** An engine, and when its place is known: its worker begins, another tab holds it, or this browser can't have one. */
export interface Begun {
	engine: Engine;
	placed: Promise<void>;
}

/**
 * The engine of this tab. One for each page: call it once. The worker begins `after` that, and compiles the core by itself; without it the
 * worker begins at once, and the tab, which has nothing else to do yet, compiles meanwhile.
 */
export function createEngine(after?: Promise<void>): Begun {
	const spawn = after ? spawnWorker : spawnWithCore;
	const engine = new TabEngine();
	const placed = new Promise<void>((resolve) => {
		elect(engine, spawn, after, resolve).catch((error) => {
			engine.health({ is: 'dead', message: String(error) });
			resolve();
		});
	});
	return { engine, placed };
}

/** Follows the tab that holds the worker, until this one does. */
async function elect(
	engine: TabEngine,
	spawn: () => WorkerLike,
	after: Promise<void> | undefined,
	placed: () => void,
): Promise<void> {
	const lacks = lacking();
	if (lacks.length > 0) {
		engine.health({ is: 'unsupported', lacks });
		placed();
		return;
	}
	await after;
	// until this tab is gone, or has given up: then another one may have better luck
	const lead = () => {
		leading = true;
		return new Promise<void>((over) => {
			new Leader(engine, spawn, over).start();
			placed();
		});
	};
	let leading = false;
	const down = new BroadcastChannel(DOWN);
	down.onmessage = (event: MessageEvent<FromWorker>) => {
		if (!leading) engine.receive(event.data);
	};
	await navigator.locks.request(LEADER_LOCK, { ifAvailable: true }, (lock) => (lock ? lead() : undefined));
	if (leading) return;
	const up = new BroadcastChannel(UP);
	engine.health({ is: 'following' });
	engine.connect((message) => up.postMessage(message));
	placed();
	await navigator.locks.request(LEADER_LOCK, lead);
}

function spawnWorker(): Worker {
	const worker = start();
	post(worker, null);
	return worker;
}

let first = true;

/** The same; the first of this tab gets the core that the tab compiles. */
function spawnWithCore(): Worker {
	if (!first) return spawnWorker();
	first = false;
	const worker = start();
	WebAssembly.compileStreaming(fetch(coreUrl)).then(
		(core) => post(worker, core),
		// it tries by itself, and says what is wrong
		() => post(worker, null),
	);
	return worker;
}

function start(): Worker {
	return new Worker(trustedUrl(workerUrl), { type: 'module', name: 'engine' });
}

function post(worker: Worker, core: CoreModule['core']): void {
	worker.postMessage({ t: 'core', core } satisfies CoreModule);
}
