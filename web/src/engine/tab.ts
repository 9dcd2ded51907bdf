import type {
	Command,
	Doing,
	Engine,
	Failure,
	Health,
	InvitationInfo,
	Opened,
	OpenOptions,
	Page,
	SafetyCheck,
	State,
	Update,
} from './contract';
import {
	type Answer,
	type Asked,
	type FromWorker,
	PROTOCOL,
	type Question,
	type Reopen,
	randomId,
	type TabId,
	type ToWorker,
} from './protocol';

/** Questions and commands of one tab that may be open at a time. */
const OPEN = 256;

const BUSY: Failure = {
	is: 'server',
	code: 'busy',
	message: 'Too much at once. Try again.',
	retryable: true,
	retryAfterMs: 1000,
};

/** Commands whose answer comes from the server: it goes with the worker that waited for it. */
const ANSWERED: ReadonlySet<Doing> = new Set<Doing>([
	'setUp',
	'register',
	'signIn',
	'invite',
	'findPeople',
	'openDirect',
	'loadOlder',
	'changePassphrase',
	'setRecovery',
	'rename',
	'listDevices',
	'signOutDevice',
	'signOutOthers',
]);

/** So often something is said to one worker after the other: what ends each of them is given up. */
const TRIES = 3;

interface Asking {
	tries: number;
	question: Question;
	asked: unknown[];
	resolve(answer: unknown): void;
	reject(error: Error): void;
}

/**
 * The engine as one tab has it, whichever tab runs the worker. What was not answered is said again to the next worker:
 * questions as they are, commands by their name, so that they run once.
 */
export class TabEngine implements Engine {
	readonly tab: TabId = randomId();
	readonly #listeners = new Set<(update: Update) => void>();
	readonly #healthListeners = new Set<(health: Health) => void>();
	readonly #asking = new Map<number, Asking>();
	readonly #commands = new Map<string, { tries: number; command: Command }>();
	/** Taken by the worker and not answered yet. */
	readonly #unanswered = new Set<Doing>();
	#send: ((message: ToWorker) => void) | null = null;
	#run: string | null = null;
	#next = 0;
	/** How this tab opened the engine; opened again so with the next worker. */
	#opened: OpenOptions | null = null;
	/** What this tab shows; the next worker is told. */
	#lookedAt: string | null = null;
	#signedIn = false;
	#health: Health | null = null;
	/** Whether this tab holds the worker or follows. */
	#place: Health | null = null;
	/** The worker is of a build with which this one can't talk. */
	#apart = false;

	/** Where messages go from now on. */
	connect(send: (message: ToWorker) => void): void {
		this.#send = send;
		send({ t: 'hello', v: PROTOCOL, tab: this.tab });
	}

	receive(message: FromWorker): void {
		// what the other build says may mean something else
		if (this.#apart && message.t !== 'ready') return;
		switch (message.t) {
			case 'ready':
				this.#ready(message.v, message.run);
				return;
			case 'answer':
				if (message.tab === this.tab) this.#answered(message);
				return;
			case 'taken':
				if (message.tab === this.tab) this.#taken(message.id);
				return;
			case 'update':
				if (message.tab === null || message.tab === this.tab) this.#update(message.update);
				return;
			case 'health':
				this.health(message.health);
		}
	}

	health(health: Health): void {
		this.#health = health;
		if (health.is === 'leading' || health.is === 'following') this.#place = health;
		for (const listener of this.#healthListeners) listener(health);
	}

	#ready(version: number, run: string): void {
		const wasApart = this.#apart;
		this.#apart = version !== PROTOCOL;
		if (this.#apart) {
			this.health({ is: 'otherBuild', own: PROTOCOL < version ? 'older' : 'newer' });
			return;
		}
		if (wasApart && this.#place && this.#health !== this.#place) this.health(this.#place);
		if (run === this.#run) return;
		const first = this.#run === null;
		this.#run = run;
		// the app itself asks for it at the moment, perhaps otherwise than before: then that counts
		const asks = [...this.#asking.values()].some(({ question }) => question === 'open');
		if (!first && this.#opened && !asks) void this.#again(this.#opened);
		this.#repeat();
		if (first) return;
		const lost = [...this.#unanswered];
		this.#unanswered.clear();
		for (const doing of lost) this.#update({ is: 'failed', doing, failure: { is: 'offline' } });
	}

	/** Says what was not answered to a worker that has not heard it. */
	#repeat(): void {
		for (const [id, asking] of this.#asking) {
			if (asking.tries < TRIES) this.#askNow(id, asking);
			else {
				this.#asking.delete(id);
				asking.reject(new Error('the engine ended whenever it was asked this'));
			}
		}
		for (const [id, entry] of this.#commands) {
			if (entry.tries < TRIES) this.#commandNow(id, entry);
			else {
				this.#commands.delete(id);
				const failure: Failure = { is: 'store', message: 'the engine ended whenever it was told this' };
				this.#tell({ is: 'failed', doing: entry.command.do, failure });
			}
		}
	}

	/** Another worker began: opens the engine again, and tells the app what may have changed meanwhile. */
	async #again(options: OpenOptions): Promise<void> {
		const wasSignedIn = this.#signedIn;
		let opened: Opened;
		try {
			const again: Reopen = { inMemory: options.inMemory, again: true };
			opened = await this.#ask('open', again);
		} catch (error) {
			this.health({ is: 'dead', message: error instanceof Error ? error.message : String(error) });
			return;
		}
		if (opened.is !== 'ready') {
			this.health(opened.is === 'locked' ? { is: 'locked' } : { is: 'failed', failure: opened.failure });
			return;
		}
		// the tab that leads has said it already; those that follow only heard of the restart
		if (this.#place && this.#health !== this.#place) this.health(this.#place);
		const { state } = opened;
		this.#signedIn = state.session !== null;
		if (wasSignedIn && !state.session) this.#tell({ is: 'wiped' });
		if (state.session) this.#tell({ is: 'signedIn', session: state.session });
		if (state.signedOut) this.#tell({ is: 'signedOut' });
		this.#tell({ is: 'connection', connection: state.connection });
		this.#tell({ is: 'conversations', conversations: state.conversations });
		const { notices: signIns, passphraseChanged } = state;
		this.#tell({ is: 'notices', signIns, ...(passphraseChanged !== undefined && { passphraseChanged }) });
		this.#tell({ is: 'forgotten', ...(state.forgotten && { request: state.forgotten }) });
		this.#tell({ is: 'settings', settings: state.settings });
		if (this.#lookedAt !== null) this.command({ do: 'lookAt', conversation: this.#lookedAt });
		for (const { conversation } of state.conversations) this.#tell({ is: 'timeline', conversation });
	}

	#answered(message: FromWorker & { t: 'answer' }): void {
		const asking = this.#asking.get(message.id);
		if (!asking) return;
		this.#asking.delete(message.id);
		if (message.ok) asking.resolve(message.answer);
		else asking.reject(new Error(message.error));
	}

	#taken(id: string): void {
		const doing = this.#commands.get(id)?.command.do;
		this.#commands.delete(id);
		if (doing && ANSWERED.has(doing)) this.#unanswered.add(doing);
	}

	#update(update: Update): void {
		if (update.is === 'done' || update.is === 'failed') this.#unanswered.delete(update.doing);
		if (update.is === 'signedIn') {
			this.#signedIn = true;
			if (!update.session.inMemory) void navigator.storage?.persist?.();
		}
		if (update.is === 'wiped') this.#signedIn = false;
		this.#tell(update);
	}

	#tell(update: Update): void {
		for (const listener of this.#listeners) listener(update);
	}

	#askNow(id: number, asking: Asking): void {
		// without a worker it waits for the next one
		if (this.#run === null || this.#apart) return;
		asking.tries += 1;
		const { question, asked } = asking;
		this.#send?.({ t: 'ask', v: PROTOCOL, tab: this.tab, id, question, asked });
	}

	#commandNow(id: string, entry: { tries: number; command: Command }): void {
		if (this.#run === null || this.#apart) return;
		entry.tries += 1;
		this.#send?.({ t: 'command', v: PROTOCOL, tab: this.tab, id, command: entry.command });
	}

	#ask<Q extends Question>(question: Q, ...asked: Asked<Q>): Promise<Answer<Q>> {
		if (this.#asking.size >= OPEN) return Promise.reject(new Error('too much at once'));
		const id = this.#next++;
		return new Promise((resolve, reject) => {
			const asking = { tries: 0, question, asked, resolve: resolve as (answer: unknown) => void, reject };
			this.#asking.set(id, asking);
			this.#askNow(id, asking);
		});
	}

	async open(options: OpenOptions): Promise<Opened> {
		const opened = await this.#ask('open', options);
		if (opened.is === 'ready') {
			this.#signedIn = opened.state.session !== null;
			const { kept, why } = opened.state.storage;
			this.#opened = { inMemory: kept === 'memory' && why === 'public' };
		}
		return opened;
	}

	command(command: Command): void {
		if (command.do === 'lookAt') this.#lookedAt = command.conversation;
		if (this.#commands.size >= OPEN) {
			this.#tell({ is: 'failed', doing: command.do, failure: BUSY });
			return;
		}
		const id = randomId();
		const entry = { tries: 0, command };
		this.#commands.set(id, entry);
		this.#commandNow(id, entry);
	}

	subscribe(listener: (update: Update) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	onHealth(listener: (health: Health) => void): () => void {
		this.#healthListeners.add(listener);
		if (this.#health) listener(this.#health);
		return () => this.#healthListeners.delete(listener);
	}

	state(): Promise<State> {
		return this.#ask('state');
	}

	timeline(at: Asked<'timeline'>[0]): Promise<Page> {
		return this.#ask('timeline', at);
	}

	picture(conversation: string, name: string): Promise<Uint8Array | null> {
		return this.#ask('picture', conversation, name);
	}

	safetyNumber(member: string): Promise<string | null> {
		return this.#ask('safetyNumber', member);
	}

	safetyCode(member: string): Promise<Uint8Array | null> {
		return this.#ask('safetyCode', member);
	}

	checkSafetyCode(member: string, code: Uint8Array): Promise<SafetyCheck> {
		return this.#ask('checkSafetyCode', member, code);
	}

	generatePassphrase(language: 'en' | 'fr'): Promise<string> {
		return this.#ask('generatePassphrase', language);
	}

	generateRecoveryCode(): Promise<string> {
		return this.#ask('generateRecoveryCode');
	}

	readRecoveryCode(typed: string): Promise<string | null> {
		return this.#ask('readRecoveryCode', typed);
	}

	passphraseStrength(passphrase: string, hints: string[]): Promise<number> {
		return this.#ask('passphraseStrength', passphrase, hints);
	}

	readInvitation(link: string): Promise<InvitationInfo | null> {
		return this.#ask('readInvitation', link);
	}

	setAppLock(unlock: string | null): Promise<void> {
		return this.#ask('setAppLock', unlock);
	}

	wipe(): Promise<void> {
		return this.#ask('wipe');
	}

	restart(): Promise<void> {
		return this.#ask('restart');
	}
}
