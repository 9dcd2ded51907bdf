import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Command, Doing, Engine, Failure, Settings, Update } from '../engine/contract';
import type { Arrival } from './arrival';
import { whyNotKept } from './room';
import {
	type AppState,
	asFailure,
	endedBy,
	INITIAL,
	isTrouble,
	isUntold,
	lookOf,
	partsOf,
	reduce,
	whenLocked,
	whenOpened,
} from './state';
import type { Look } from './theme';
import { type Outcome, Waiting } from './waiting';

export type { AppState, Phase } from './state';
export { asFailure, DEFAULT_SETTINGS } from './state';
export type { Outcome } from './waiting';

export interface AppActions {
	/** Opens the engine, at the start, with an unlock, or again for a public computer. */
	open(options?: { inMemory?: boolean; unlock?: string }): Promise<void>;
	/** Keeps nothing in this browser from now on, or things as usual: said before somebody comes in. */
	keepNothing(nothing: boolean): Promise<void>;
	/** Sends a command and waits for how it ends. Those of one kind that wait at the same time end together. */
	perform(command: Command): Promise<Outcome>;
	/** Waits for how commands of that name end, of which one is sent next. */
	awaitEnd(doing: Doing): Promise<Outcome>;
	/** Makes an account; language and theme that were chosen before become its settings. */
	enter(command: Extract<Command, { do: 'setUp' | 'register' | 'beginAnew' }>): Promise<Outcome>;
	/** Sends a command whose end nobody waits for. */
	send(command: Command): void;
	/** Forgets everything in this browser and begins anew. */
	wipe(): Promise<void>;
	/** Opens what is kept anew, after it took nothing more. */
	restart(): Promise<void>;
	saveSettings(change: Partial<Settings>): void;
	/** Language or theme, also before anybody is signed in. */
	setLook(change: Partial<Look>): void;
	setAppLock(unlock: string | null): Promise<void>;
	forgetTrouble(): void;
	/** The person has read that what was kept was removed, and needs what was not sent no more. */
	forgetCleared(): void;
	/** Asks the person what to do about a changed identity (again). */
	askIdentity(member: string): void;
	/** The person has answered, or will later. */
	answerIdentity(member: string): void;
	forgetArrival(): void;
	showNotices(shown: boolean): void;
	/** The dialog about the sign-in of a device that waits; null: none. */
	showApproval(device: string | null): void;
	/** One was refused, and the person is told what to do then; null: they have heard it. */
	setRefused(refused: AppState['refused']): void;
	/** Hands the code that somebody came by over to where the new passphrase is chosen; null: it is of no more use. */
	cameBy(code: string | null): void;
}

export type AppStore = StoreApi<AppState> & { actions: AppActions; stop(): void };

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
	const waiting = new Waiting();
	const stop = listen(engine, store, waiting);
	return Object.assign(store, { actions: actionsOf(engine, store, waiting), stop });
}

/** Reads the whole state: what hello says (organisation, set-up needed) is in no update. */
async function readState(engine: Engine, store: StoreApi<AppState>): Promise<void> {
	try {
		store.setState(partsOf(await engine.state()));
	} catch {
		// the engine ended meanwhile; its health says so, and the next one is read anew
	}
}

/** Keeps what the engine tells; gives how to stop that. */
function listen(engine: Engine, store: StoreApi<AppState>, waiting: Waiting): () => void {
	function trouble(failure: Failure): void {
		store.setState({ trouble: failure });
		void whyNotKept(failure).then((known) => {
			if (store.getState().trouble === failure) store.setState({ trouble: known });
		});
	}
	function onUpdate(update: Update): void {
		if (update.is === 'failed') {
			if (isUntold(update)) {
				// everything here is wiped all the same, as the next update says
				store.setState({ leftUntold: true });
				return;
			}
			if (store.getState().progress === update.doing) store.setState({ progress: null });
			const awaited = waiting.end(update.doing, { ok: false, failure: update.failure });
			if (!awaited && isTrouble(update.failure)) trouble(update.failure);
			return;
		}
		store.setState((state) => reduce(state, update));
		for (const doing of endedBy(update)) waiting.end(doing, { ok: true });
		const known = update.is === 'connection' && update.connection.is === 'online';
		if (known || update.is === 'signedIn' || update.is === 'wiped') void readState(engine, store);
	}
	const offUpdates = engine.subscribe(onUpdate);
	const offHealth = engine.onHealth((health) => {
		const before = store.getState().health;
		store.setState({ health });
		if (health.is === 'locked') store.setState((state) => whenLocked(state, false));
		if (health.is === 'failed') store.setState({ phase: { is: 'failed', failure: health.failure } });
		const back = health.is === 'leading' || health.is === 'following';
		if (before?.is !== 'restarting' || !back) return;
		store.setState({ trouble: null });
		void readState(engine, store);
	});
	return () => {
		offUpdates();
		offHealth();
	};
}

function actionsOf(engine: Engine, store: StoreApi<AppState>, waiting: Waiting): AppActions {
	const { getState, setState } = store;
	/** Commands wait until the engine is open. */
	let opening: Promise<void> = Promise.resolve();
	const actions: AppActions = {
		open({ inMemory = false, unlock } = {}) {
			opening = engine.open(unlock === undefined ? { inMemory } : { inMemory, unlock }).then(
				(opened) => setState(whenOpened(opened)),
				(error) => setState({ phase: { is: 'failed', failure: asFailure(error) } }),
			);
			return opening;
		},
		async keepNothing(nothing) {
			await opening;
			if (nothing !== (getState().storage.why === 'public')) await actions.open({ inMemory: nothing });
		},
		async perform(command) {
			await opening;
			const outcome = waiting.begin(command.do);
			engine.command(command);
			return outcome;
		},
		awaitEnd: (doing) => waiting.begin(doing),
		async enter(command) {
			const { look } = getState();
			const outcome = await actions.perform(command);
			const chosen = look.language !== 'system' || look.theme !== 'system';
			if (outcome.ok && chosen) actions.saveSettings(look);
			return outcome;
		},
		send: (command) => engine.command(command),
		async wipe() {
			await engine.wipe();
			setState({ ...INITIAL, health: getState().health });
			await actions.open();
		},
		async restart() {
			setState({ trouble: null });
			await engine.restart();
		},
		saveSettings(change) {
			const settings = { ...getState().settings, ...change };
			setState({ settings, look: lookOf(settings) });
			engine.command({ do: 'saveSettings', settings });
		},
		setLook(change) {
			if (getState().session) actions.saveSettings(change);
			else setState({ look: { ...getState().look, ...change } });
		},
		async setAppLock(unlock) {
			await engine.setAppLock(unlock);
			await readState(engine, store);
		},
		forgetTrouble: () => setState({ trouble: null }),
		forgetCleared: () => setState({ cleared: null }),
		askIdentity: (member) =>
			setState(({ identityChanged }) => ({
				identityChanged: [member, ...identityChanged.filter((one) => one !== member)],
			})),
		answerIdentity: (member) =>
			setState(({ identityChanged }) => ({
				identityChanged: identityChanged.filter((one) => one !== member),
			})),
		showNotices: (noticesShown) => setState({ noticesShown }),
		showApproval: (approvalShown) => setState({ approvalShown }),
		setRefused: (refused) => setState({ refused }),
		cameBy: (cameBy) => setState({ cameBy }),
		forgetArrival: () => setState({ arrival: INITIAL.arrival }),
	};
	return actions;
}
