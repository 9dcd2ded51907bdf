/** A page with an engine and no app: what the tests drive. */
import type { Engine, Health, Update } from '../../src/engine/contract';
import { createEngine } from '../../src/engine/index';

export interface Harness {
	engine: Engine;
	/** Everything told so far, in order. */
	updates: Update[];
	health: Health[];
	/** Waits until something told so far, or from now on, is as wanted. */
	told(wanted: (update: Update) => boolean, from?: number): Promise<Update>;
	healthy(wanted: (health: Health) => boolean, from?: number): Promise<Health>;
	/** Every worker that this page started, the newest last. */
	workers: Worker[];
}

declare global {
	interface Window {
		harness: Harness;
	}
}

/** A list that can be waited on. */
function log<T>(): {
	all: T[];
	push(item: T): void;
	find(wanted: (item: T) => boolean, from?: number): Promise<T>;
} {
	const all: T[] = [];
	let changed: (() => void)[] = [];
	return {
		all,
		push(item) {
			all.push(item);
			const waiting = changed;
			changed = [];
			for (const wake of waiting) wake();
		},
		async find(wanted, from = 0) {
			for (let next = from; ; next++) {
				while (next >= all.length) await new Promise<void>((resolve) => changed.push(resolve));
				const item = all[next] as T;
				if (wanted(item)) return item;
			}
		},
	};
}

const workers: Worker[] = [];
const Original = window.Worker;
window.Worker = class extends Original {
	constructor(...args: ConstructorParameters<typeof Worker>) {
		super(...args);
		workers.push(this);
	}
};

const updates = log<Update>();
const health = log<Health>();
const { engine } = createEngine();
engine.subscribe(updates.push);
engine.onHealth(health.push);
window.harness = {
	engine,
	updates: updates.all,
	health: health.all,
	told: updates.find,
	healthy: health.find,
	workers,
};
