import type { Health } from './contract';
import { DOWN, type FromWorker, type ToWorker } from './protocol';
import { Supervisor } from './supervisor';
import type { TabEngine } from './tab';

/** How often the worker is asked for a sign of life (ms). */
const PULSE = 15_000;

/** What the leader needs of a worker. */
export interface WorkerLike {
	postMessage(message: unknown): void;
	terminate(): void;
	onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
	onerror: ((event: ErrorEvent) => void) | null;
}

/** The tab that holds the worker: starts it, and starts another when it ends. */
export class Leader {
	readonly #engine: Pick<TabEngine, 'tab' | 'connect' | 'receive' | 'health'>;
	readonly #spawn: () => WorkerLike;
	readonly #gaveUp: () => void;
	readonly #supervisor = new Supervisor();
	readonly #down = new BroadcastChannel(DOWN);
	#worker: WorkerLike | null = null;
	#ready = false;

	/** `gaveUp` is called once no other worker will be started here. */
	constructor(
		engine: Pick<TabEngine, 'tab' | 'connect' | 'receive' | 'health'>,
		spawn: () => WorkerLike,
		gaveUp: () => void,
	) {
		this.#engine = engine;
		this.#spawn = spawn;
		this.#gaveUp = gaveUp;
		setInterval(() => this.#pulse(), PULSE);
		// whoever comes back may have removed what is kept here, which the worker looks at when it is asked
		document.addEventListener('visibilitychange', () => this.#worker?.postMessage({ t: 'ping' }));
	}

	start(): void {
		this.#ready = false;
		const worker = this.#spawn();
		this.#worker = worker;
		worker.onmessage = ({ data }) => this.#heard(worker, data);
		worker.onerror = (event) => {
			event.preventDefault();
			if (this.#worker === worker) this.#restart('crashed');
		};
		worker.postMessage({ t: 'init', tab: this.#engine.tab });
	}

	#heard(worker: WorkerLike, message: FromWorker): void {
		if (this.#worker !== worker) return;
		this.#supervisor.heard();
		if (message.t === 'end') {
			this.#restart(message.why);
			return;
		}
		if (message.t === 'ready' && !this.#ready) {
			this.#ready = true;
			this.#engine.connect((message: ToWorker) => this.#worker?.postMessage(message));
			this.#health({ is: 'leading' });
		}
		this.#engine.receive(message);
	}

	#restart(why: 'wiped' | 'crashed' | 'asked'): void {
		this.#worker?.terminate();
		this.#worker = null;
		const wait = why === 'crashed' ? this.#supervisor.ended(Date.now()) : 0;
		if (wait === null) {
			this.#health({ is: 'dead', message: 'The worker ends again and again.' });
			this.#gaveUp();
			return;
		}
		if (why !== 'wiped') this.#health({ is: 'restarting' });
		setTimeout(() => this.start(), wait);
	}

	#pulse(): void {
		if (!this.#worker) return;
		if (this.#supervisor.asks()) this.#restart('crashed');
		else this.#worker.postMessage({ t: 'ping' });
	}

	#health(health: Health): void {
		this.#engine.health(health);
		// the others follow as before; that it is under way again they see by `ready`
		if (health.is !== 'leading') this.#down.postMessage({ t: 'health', health });
	}
}
