import { createStore, type StoreApi } from 'zustand/vanilla';
import type {
	Command,
	Connection,
	Conversation,
	Device,
	Doing,
	Engine,
	Failure,
	Health,
	Opened,
	Person,
	Session,
	Settings,
	SignInNotice,
	State,
	StorageState,
	Update,
} from '../engine/contract';
import type { Arrival } from './arrival';
import type { Look } from './theme';

/** How far the app is. */
export type Phase =
	/** The engine opens its store. */
	| { is: 'starting' }
	/** The app lock is set. */
	| { is: 'locked'; wrong: boolean }
	| { is: 'ready' }
	/** The engine can't be opened. */
	| { is: 'failed'; failure: Failure };

/** How a command ended. */
export type Outcome = { ok: true } | { ok: false; failure: Failure };

export interface AppState {
	phase: Phase;
	session: Session | null;
	/** The server refused this device. */
	signedOut: boolean;
	server: State['server'];
	connection: Connection;
	/** null until they were read for the first time. */
	conversations: Conversation[] | null;
	notices: SignInNotice[];
	settings: Settings;
	storage: StorageState;
	health: Health | null;
	devices: Device[] | null;
	/** What the last search for people found. */
	people: Person[] | null;
	invitation: { link: string; expires: number } | null;
	/** Keys being changed after a sign-out; null when nothing is going on. */
	keyChange: { done: number; total: number } | null;
	/** What takes its time at the moment. */
	progress: Doing | null;
	/** The conversation that was last opened by `openDirect`. */
	opened: string | null;
	/** Failures that nobody asked for: the store is full, something does not verify. */
	trouble: Failure | null;
	/** The identity of this member changed and the person has not answered yet. */
	identityChanged: string | null;
	/** The dialog about sign-ins of other devices is open. */
	noticesShown: boolean;
	/** Language and theme: of the settings once somebody is signed in, of this browser before. */
	look: Look;
	/** What the address that the app was opened with brought along. */
	arrival: Arrival;
}

export interface AppActions {
	/** Opens the engine, at the start, with an unlock, or again for a public computer. */
	open(options?: { inMemory?: boolean; unlock?: string }): Promise<void>;
	/** Sends a command and waits for how it ends. Those of one kind that wait at the same time end together. */
	perform(command: Command): Promise<Outcome>;
	/** Makes an account; language and theme that were chosen before become its settings. */
	enter(command: Extract<Command, { do: 'setUp' | 'register' }>): Promise<Outcome>;
	/** Sends a command whose end nobody waits for. */
	send(command: Command): void;
	/** Forgets everything in this browser and begins anew. */
	wipe(): Promise<void>;
	saveSettings(change: Partial<Settings>): void;
	/** Language or theme, also before anybody is signed in. */
	setLook(change: Partial<Look>): void;
	setAppLock(unlock: string | null): Promise<void>;
	forgetTrouble(): void;
	/** Asks the person what to do about a changed identity (again). */
	askIdentity(member: string): void;
	/** The person has answered, or will later. */
	answerIdentity(member: string): void;
	forgetArrival(): void;
	showNotices(shown: boolean): void;
}

export type AppStore = StoreApi<AppState> & { actions: AppActions; stop(): void };

/** As the engine has them before a person chose. */
export const DEFAULT_SETTINGS: Settings = {
	language: 'system',
	theme: 'system',
	enterSends: true,
	receipts: true,
};

const INITIAL: AppState = {
	phase: { is: 'starting' },
	session: null,
	signedOut: false,
	server: null,
	connection: { is: 'connecting' },
	conversations: null,
	notices: [],
	settings: DEFAULT_SETTINGS,
	storage: { kept: 'disk', why: null, persistent: false, appLock: false },
	health: null,
	devices: null,
	people: null,
	invitation: null,
	keyChange: null,
	progress: null,
	opened: null,
	trouble: null,
	identityChanged: null,
	noticesShown: false,
	look: { theme: 'system', language: 'system' },
	arrival: { invitation: null, code: null },
};

/** What the store begins with. */
export interface AppStoreOptions {
	look?: Look;
	arrival?: Arrival;
}

/** The view model of the app: what the engine told last, and how to ask it for something. */
export function createAppStore(engine: Engine, { look, arrival }: AppStoreOptions = {}): AppStore {
	const store = createStore<AppState>(() => ({
		...INITIAL,
		look: look ?? INITIAL.look,
		arrival: arrival ?? INITIAL.arrival,
	}));
	/** Commands wait until the engine is open. */
	let opening: Promise<void> = Promise.resolve();
	const waiting = new Map<Doing, ((outcome: Outcome) => void)[]>();

	/** Ends the waiting for a command; whether anybody waited. */
	function settle(doing: Doing, outcome: Outcome): boolean {
		const all = waiting.get(doing) ?? [];
		waiting.delete(doing);
		for (const resolve of all) resolve(outcome);
		return all.length > 0;
	}

	/** What hello says (organisation, set-up needed) is only in the state. */
	async function readState(): Promise<void> {
		const state = await engine.state();
		store.setState(partsOf(state));
	}

	function onUpdate(update: Update): void {
		if (update.is === 'failed') {
			if (store.getState().progress === update.doing) store.setState({ progress: null });
			const awaited = settle(update.doing, { ok: false, failure: update.failure });
			if (!awaited && isTrouble(update.failure)) store.setState({ trouble: update.failure });
			return;
		}
		store.setState((state) => reduce(state, update));
		for (const doing of endedBy(update)) settle(doing, { ok: true });
		if (update.is === 'connection' && update.connection.is === 'online') void readState();
		if (update.is === 'signedIn' || update.is === 'wiped') void readState();
	}

	const unsubscribe = engine.subscribe(onUpdate);
	const offHealth = engine.onHealth((health) => {
		const before = store.getState().health;
		store.setState({ health });
		if (health.is === 'locked') store.setState({ phase: { is: 'locked', wrong: false } });
		if (before?.is === 'restarting' && (health.is === 'leading' || health.is === 'following'))
			void readState();
	});

	const actions: AppActions = {
		open({ inMemory = false, unlock } = {}) {
			opening = engine.open(unlock === undefined ? { inMemory } : { inMemory, unlock }).then(
				(opened) => store.setState(whenOpened(opened)),
				(error) => store.setState({ phase: { is: 'failed', failure: asFailure(error) } }),
			);
			return opening;
		},
		async perform(command) {
			await opening;
			return new Promise((resolve) => {
				waiting.set(command.do, [...(waiting.get(command.do) ?? []), resolve]);
				engine.command(command);
			});
		},
		async enter(command) {
			const { look } = store.getState();
			const outcome = await actions.perform(command);
			const chosen = look.language !== 'system' || look.theme !== 'system';
			if (outcome.ok && chosen) actions.saveSettings(look);
			return outcome;
		},
		send: (command) => engine.command(command),
		async wipe() {
			await engine.wipe();
			const { health, look } = store.getState();
			store.setState({ ...INITIAL, health, look });
			await actions.open();
		},
		saveSettings(change) {
			const settings = { ...store.getState().settings, ...change };
			store.setState({ settings, look: lookOf(settings) });
			engine.command({ do: 'saveSettings', settings });
		},
		setLook(change) {
			if (store.getState().session) actions.saveSettings(change);
			else store.setState({ look: { ...store.getState().look, ...change } });
		},
		async setAppLock(unlock) {
			await engine.setAppLock(unlock);
			await readState();
		},
		forgetTrouble: () => store.setState({ trouble: null }),
		askIdentity: (member) => store.setState({ identityChanged: member }),
		answerIdentity(member) {
			if (store.getState().identityChanged === member) store.setState({ identityChanged: null });
		},
		showNotices: (noticesShown) => store.setState({ noticesShown }),
		forgetArrival: () => store.setState({ arrival: INITIAL.arrival }),
	};

	return Object.assign(store, {
		actions,
		stop() {
			unsubscribe();
			offHealth();
		},
	});
}

function partsOf(state: State): Partial<AppState> {
	const { session, signedOut, server, connection, conversations, notices, settings, storage } = state;
	const parts = { session, signedOut, server, connection, conversations, notices, settings, storage };
	return session ? { ...parts, look: lookOf(settings) } : parts;
}

function lookOf({ theme, language }: Settings): Look {
	return { theme, language };
}

function whenOpened(opened: Opened): Partial<AppState> {
	if (opened.is === 'locked') return { phase: { is: 'locked', wrong: opened.wrong } };
	if (opened.is === 'failed') return { phase: { is: 'failed', failure: opened.failure } };
	return {
		phase: { is: 'ready' },
		...partsOf(opened.state),
		noticesShown: opened.state.notices.length > 0,
	};
}

/** The commands that an update says the end of: their answer, or `done` where there is no other. */
function endedBy(update: Update): Doing[] {
	switch (update.is) {
		case 'done':
			return [update.doing];
		case 'signedIn':
			return ['setUp', 'register', 'signIn'];
		case 'wiped':
			return ['signOut'];
		case 'invitation':
			return ['invite'];
		case 'people':
			return ['findPeople'];
		case 'opened':
			return ['openDirect'];
		case 'devices':
			return ['listDevices'];
		default:
			return [];
	}
}

/** What the state is after an update. */
function reduce(state: AppState, update: Exclude<Update, { is: 'failed' }>): Partial<AppState> {
	switch (update.is) {
		case 'connection':
			return { connection: update.connection };
		case 'signedIn':
			return { session: update.session, signedOut: false, progress: null };
		case 'signedOut':
			return { signedOut: true };
		case 'wiped':
			return {
				...INITIAL,
				phase: { is: 'ready' },
				server: state.server,
				connection: state.connection,
				health: state.health,
				look: state.look,
			};
		case 'conversations':
			return { conversations: update.conversations };
		case 'opened':
			return { opened: update.conversation };
		case 'people':
			return { people: update.people };
		case 'invitation':
			return { invitation: { link: update.link, expires: update.expires } };
		case 'identityChanged':
			return { identityChanged: update.member };
		case 'notices':
			// a new one interrupts; one that was put off only stays in the strip
			return {
				notices: update.signIns,
				noticesShown:
					update.signIns.length > 0 && (state.noticesShown || isNew(state.notices, update.signIns)),
			};
		case 'devices':
			return { devices: update.devices };
		case 'settings':
			return { settings: update.settings, look: lookOf(update.settings) };
		case 'changingKeys':
			return { keyChange: update.done < update.total ? { done: update.done, total: update.total } : null };
		case 'progress':
			return { progress: update.doing };
		case 'done':
			return state.progress === update.doing ? { progress: null } : {};
		case 'timeline':
			return {};
	}
}

function isNew(before: SignInNotice[], now: SignInNotice[]): boolean {
	return now.some((one) => !before.some((old) => old.device === one.device));
}

/** Failures that a person should hear of even if they asked for nothing. */
function isTrouble(failure: Failure): boolean {
	return ['storeFull', 'storeNewer', 'store', 'unverified'].includes(failure.is);
}

/** What was thrown, as a failure: engines throw failures, browsers throw errors. */
export function asFailure(error: unknown): Failure {
	if (typeof error === 'object' && error !== null && 'is' in error) return error as Failure;
	return { is: 'store', message: error instanceof Error ? error.message : String(error) };
}
