/** The worker: the engine in WebAssembly, served to the tab that holds it and to the others. */
import type { Command, OpenOptions, Update } from '../engine/contract';
import {
	type CoreModule,
	DOWN,
	type FromWorker,
	type Init,
	type Question,
	randomId,
	STORE_LOCK,
	type TabId,
	type ToWorker,
	UP,
} from '../engine/protocol';
import initialise, { Client } from './pkg/client.js';
import wasm from './pkg/client_bg.wasm?url';
import strengthWasm from './pkg/strength_bg.wasm?url';
import { type Core, Server } from './server';

const scope = self as unknown as {
	postMessage(message: FromWorker): void;
	onmessage: ((event: MessageEvent<Init | CoreModule | ToWorker>) => void) | null;
};

/** The names of the questions are those of the client's methods. */
class WasmCore implements Core {
	readonly #client: Client;

	constructor(tell: (update: Update) => void) {
		this.#client = new Client(tell);
	}

	open(options: OpenOptions): ReturnType<Core['open']> {
		return this.#client.open(options);
	}

	command(id: Uint8Array, command: Command): Promise<Update | null> {
		return this.#client.command(id, command);
	}

	look(): Promise<void> {
		return this.#client.look();
	}

	wipe(): Promise<void> {
		return this.#client.wipe();
	}

	ask(question: Question, asked: unknown[]): unknown {
		if (question === 'passphraseStrength') return this.#strength(...(asked as [string, string[]]));
		// what is not there is undefined for WebAssembly, and null for the app
		if (question === 'readRecoveryCode') return this.#client.readRecoveryCode(...(asked as [string])) ?? null;
		const methods = this.#client as unknown as Record<Question, (...asked: unknown[]) => unknown>;
		return methods[question](...asked);
	}

	/** The word lists behind this are loaded when somebody chooses a passphrase of their own. */
	async #strength(typed: string, hints: string[]): Promise<number> {
		const prepared = this.#client.preparePassphrase(typed);
		if (prepared === undefined) return 0;
		const { score } = await strengthModule();
		return score(prepared, hints);
	}
}

let strength: Promise<typeof import('./pkg/strength.js')> | null = null;

function strengthModule(): Promise<typeof import('./pkg/strength.js')> {
	strength ??= loadStrength();
	// without a network it is not there; the next time it may be
	strength.catch(() => {
		strength = null;
	});
	return strength;
}

async function loadStrength(): Promise<typeof import('./pkg/strength.js')> {
	const module = await import('./pkg/strength.js');
	await module.default({ module_or_path: strengthWasm });
	return module;
}

async function start(tab: TabId, compiled: Promise<WebAssembly.Module | null>): Promise<void> {
	const up = new BroadcastChannel(UP);
	const down = new BroadcastChannel(DOWN);
	const post = (message: FromWorker) => {
		const to = 'tab' in message ? message.tab : null;
		const own = message.t === 'pong' || message.t === 'end';
		if (to === null || to === tab) scope.postMessage(message);
		if (to !== tab && !own) down.postMessage(message);
	};
	await initialise({ module_or_path: (await compiled) ?? wasm });
	const core = new WasmCore((update) => server.update(update));
	const run = randomId();
	const server = new Server(core, run, post);
	up.onmessage = (event: MessageEvent<ToWorker>) => server.receive(event.data);
	scope.onmessage = (event) => {
		if (event.data.t !== 'init' && event.data.t !== 'core') server.receive(event.data);
	};
	server.receive({ t: 'hello', v: 0, tab });
}

let compiled: (core: WebAssembly.Module | null) => void = () => {};
const core = new Promise<WebAssembly.Module | null>((resolve) => {
	compiled = resolve;
});

scope.onmessage = (event) => {
	if (event.data.t === 'core') compiled(event.data.core);
	if (event.data.t !== 'init') return;
	const { tab } = event.data;
	// held until this worker is gone
	void navigator.locks.request(STORE_LOCK, async () => {
		await start(tab, core).catch(() => scope.postMessage({ t: 'end', why: 'crashed' }));
		await new Promise(() => {});
	});
};
