import workerUrl from '../worker/worker.ts?worker&url';
import type { Engine } from './contract';
import { Leader, type WorkerLike } from './leader';
import { lacking } from './needs';
import { DOWN, type FromWorker, LEADER_LOCK, UP } from './protocol';
import { TabEngine } from './tab';
import { trustedUrl } from './trusted';

/** The engine of this tab. One for each page: call it once. */
export function createEngine(): Engine {
	const engine = new TabEngine();
	void elect(engine);
	return engine;
}

/** Follows the tab that holds the worker, until this one does. */
async function elect(engine: TabEngine): Promise<void> {
	const lacks = lacking();
	if (lacks.length > 0) {
		engine.health({ is: 'unsupported', lacks });
		return;
	}
	// until this tab is gone, or has given up: then another one may have better luck
	const lead = () => {
		leading = true;
		return new Promise<void>((over) => new Leader(engine, spawn, over).start());
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
	await navigator.locks.request(LEADER_LOCK, lead);
}

function spawn(): WorkerLike {
	return new Worker(trustedUrl(workerUrl), { type: 'module', name: 'engine' });
}
