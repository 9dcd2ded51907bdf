import { createStore, type StoreApi } from 'zustand/vanilla';
import { findPerson } from '../../app/people';
import type { AppStore } from '../../app/store';
import type { Command, Engine, Failure, SafetyCheck } from '../../engine/contract';

export interface VerificationState {
	/** 60 digits; null: not there (yet). */
	number: string | null;
	/** What the QR code holds. */
	code: Uint8Array | null;
	/** Nothing is known of this person's keys. */
	unknown: boolean;
	scanning: boolean;
	/** `unanswered`: the engine went away before it had compared. */
	result: SafetyCheck | 'unanswered' | null;
	/** Somebody else's keys were found in a code where this number should be: nobody says that they are the same until a code matches. */
	differs: boolean;
	/** The engine went away before it had told number and code. */
	unread: boolean;
	failure: Failure | null;
}

export interface VerificationModel extends StoreApi<VerificationState> {
	load(): Promise<void>;
	startScan(): void;
	stopScan(): void;
	scanned(code: Uint8Array): Promise<void>;
	/** They are the same, or that is taken back. Of an identity that has changed, it is accepted as well. */
	setVerified(verified: boolean): Promise<void>;
	/** Without having compared. */
	acceptIdentity(): Promise<void>;
}

/** Groups of five digits, as people read them to each other. */
export function groups(number: string): string[] {
	return number.match(/\d{1,5}/g) ?? [];
}

/** Comparing the keys of two people. */
export function createVerificationModel(engine: Engine, app: AppStore, member: string): VerificationModel {
	const store = createStore<VerificationState>(() => ({
		number: null,
		code: null,
		unknown: false,
		scanning: false,
		result: null,
		differs: false,
		unread: false,
		failure: null,
	}));
	const { setState } = store;

	async function perform(command: Command): Promise<boolean> {
		setState({ failure: null });
		const outcome = await app.actions.perform(command);
		if (!outcome.ok) {
			setState({ failure: outcome.failure, result: null });
			await load();
		}
		return outcome.ok;
	}

	/** The identity of the number on the screen is accepted, not one that came in its place meanwhile. */
	async function acceptCompared(): Promise<boolean> {
		const { number } = store.getState();
		const changed = findPerson(app.getState(), member)?.identityChanged ?? false;
		if (!changed || number === null) return true;
		return perform({ do: 'acceptIdentity', member, number });
	}

	async function setVerified(verified: boolean): Promise<void> {
		if (verified && (store.getState().differs || !(await acceptCompared()))) return;
		await perform({ do: 'setVerified', member, verified });
	}

	async function load(): Promise<void> {
		setState({ unread: false });
		try {
			const [number, code] = await Promise.all([engine.safetyNumber(member), engine.safetyCode(member)]);
			// what was found out about another number says nothing about this one
			const same = number === store.getState().number;
			setState({ number, code, unknown: number === null, ...(!same && { result: null, differs: false }) });
		} catch {
			setState({ unread: true });
		}
	}

	return Object.assign(store, {
		load,
		startScan: () => setState({ scanning: true, result: null }),
		// what was found before still stands
		stopScan: () => setState(({ differs }) => ({ scanning: false, result: differs ? 'mismatch' : null })),
		async scanned(code: Uint8Array) {
			const result = await engine.checkSafetyCode(member, code).catch(() => 'unanswered' as const);
			// a code of something else says nothing against what was found before
			const differs = result === 'mismatch' || (result !== 'match' && store.getState().differs);
			setState({ scanning: false, result, differs });
			// a match says all that a mark says
			if (result === 'match') await setVerified(true);
		},
		setVerified,
		async acceptIdentity() {
			if (!store.getState().differs) await perform({ do: 'acceptIdentity', member });
		},
	});
}
