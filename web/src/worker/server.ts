import type { Command, Opened, OpenOptions, Update } from '../engine/contract';
import {
	type FromWorker,
	PROTOCOL,
	type Question,
	type Reopen,
	type TabId,
	type ToWorker,
} from '../engine/protocol';
import { Routing } from './routing';

/** What the server needs of the engine in WebAssembly. */
export interface Core {
	/** `anew`: another worker must be started to open it so, after this one was wiped or not. */
	open(options: OpenOptions): Promise<Opened | { is: 'anew'; wipe: boolean }>;
	/** An update when it can't even begin; otherwise its updates come by themselves. */
	command(id: Uint8Array, command: Command): Promise<Update | null>;
	ask(question: Question, asked: unknown[]): Promise<unknown> | unknown;
	/** Looks whether what is kept is still there; an update where it is not. */
	look(): Promise<void>;
	/** Forgets everything. Nothing else may be asked afterwards. */
	wipe(): Promise<void>;
}

/** Messages that may wait until the engine is open; further ones are refused. */
const WAITING = 1024;

/** Serves tabs from one engine: questions and commands in, answers and updates out. */
export class Server {
	readonly #routing = new Routing();
	readonly #core: Core;
	readonly #post: (message: FromWorker) => void;
	readonly #run: string;
	/** What came before the engine was open. */
	#waiting: ToWorker[] | null = [];
	/** How it was opened. */
	#opened: OpenOptions | null = null;
	/** One after the other: openings and commands. */
	#turn: Promise<void> = Promise.resolve();
	#ended = false;

	constructor(core: Core, run: string, post: (message: FromWorker) => void) {
		this.#core = core;
		this.#run = run;
		this.#post = post;
	}

	/** To every tab, or to the one that asked. */
	update(update: Update): void {
		this.#post({ t: 'update', tab: this.#routing.of(update), update });
		// signing out has emptied the store: what is left of it goes as well
		if (update.is === 'wiped') this.#queue(() => this.#wipe());
	}

	receive(message: ToWorker): void {
		if (this.#ended) return;
		switch (message.t) {
			case 'hello':
				this.#post({ t: 'ready', v: PROTOCOL, run: this.#run });
				return;
			case 'ping':
				this.#post({ t: 'pong' });
				this.#core.look().catch((error: unknown) => this.#crashed(error));
				return;
			case 'ask':
				this.#ask(message);
				return;
			case 'command':
				this.#command(message);
		}
	}

	#ask(message: ToWorker & { t: 'ask' }): void {
		const { tab, id, question, asked } = message;
		if (question === 'open') {
			this.#queue(() => this.#open(tab, id, asked[0] as OpenOptions | Reopen));
		} else if (question === 'wipe') {
			// answered before the end, which another worker begins after
			this.#queue(async () => {
				await this.#reply(tab, id, () => this.#core.wipe());
				this.update({ is: 'wiped' });
				this.#end('wiped');
			});
		} else if (question === 'restart') {
			// answered before the end, or the next worker would be asked for another
			this.#queue(async () => {
				await this.#reply(tab, id, () => undefined);
				this.#end('asked');
			});
		} else if (!this.#wait(message)) {
			void this.#reply(tab, id, () => this.#core.ask(question, asked));
		}
	}

	#command(message: ToWorker & { t: 'command' }): void {
		if (this.#wait(message)) return;
		const { tab, id, command } = message;
		this.#queue(async () => {
			this.#routing.asked(tab, command);
			const refused = await this.#core.command(bytes(id), command);
			if (refused) this.update(refused);
			this.#post({ t: 'taken', tab, id });
		});
	}

	async #open(tab: TabId, id: number, wanted: OpenOptions | Reopen): Promise<void> {
		const options = 'again' in wanted ? (this.#opened ?? { inMemory: wanted.inMemory }) : wanted;
		const opened = await this.#core.open(options).catch((error: unknown) => {
			this.#failed(tab, id, error);
			return null;
		});
		if (opened?.is === 'anew') {
			// the question is asked again of the next worker
			if (opened.wipe) await this.#wipe();
			else this.#end('wiped');
			return;
		}
		if (opened) this.#post({ t: 'answer', tab, id, ok: true, answer: opened });
		if (opened?.is !== 'ready') return;
		this.#opened = { inMemory: options.inMemory };
		const waiting = this.#waiting ?? [];
		this.#waiting = null;
		for (const message of waiting) this.receive(message);
	}

	async #wipe(): Promise<void> {
		try {
			await this.#core.wipe();
		} finally {
			// what could not be removed is not in use by the next worker
			this.#end('wiped');
		}
	}

	/** Says no more: the tab starts another worker. */
	#end(why: 'wiped' | 'crashed' | 'asked'): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#post({ t: 'end', why });
	}

	/** Whether the message waits for the engine to be open. */
	#wait(message: ToWorker & { tab: TabId }): boolean {
		if (!this.#waiting) return false;
		if (this.#waiting.length < WAITING) this.#waiting.push(message);
		return true;
	}

	async #reply(tab: TabId, id: number, ask: () => unknown): Promise<void> {
		try {
			this.#post({ t: 'answer', tab, id, ok: true, answer: await ask() });
		} catch (error) {
			this.#failed(tab, id, error);
		}
	}

	#failed(tab: TabId, id: number, error: unknown): void {
		this.#crashed(error);
		// what a panic interrupted is asked again of the next worker
		if (!this.#ended) this.#post({ t: 'answer', tab, id, ok: false, error: text(error) });
	}

	#queue(work: () => Promise<void>): void {
		this.#turn = this.#turn.then(async () => {
			if (this.#ended) return;
			try {
				await work();
			} catch (error) {
				this.#crashed(error);
			}
		});
	}

	/** After a panic nothing in the engine can be called any more: the tab starts another worker. */
	#crashed(error: unknown): void {
		if (error instanceof WebAssembly.RuntimeError) this.#end('crashed');
	}
}

function bytes(id: string): Uint8Array {
	const pairs = id.match(/../g) ?? [];
	return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

function text(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
