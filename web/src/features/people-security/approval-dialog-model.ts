import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppStore } from '../../app/store';
import type { Command, Failure, WaitingSignIn } from '../../engine/contract';

/**
 * How long the code has to be in sight before anything is said of it, in milliseconds: a second press that was meant for
 * "show the code" must not let anybody in.
 */
export const lookMs = 2000;

/** The time, and being called later; gives how to take that back. */
export interface Clock {
	now(): number;
	after(ms: number, call: () => void): () => void;
}

export const browserClock: Clock = {
	now: () => performance.now(),
	after(ms, call) {
		const timer = setTimeout(call, ms);
		return () => clearTimeout(timer);
	},
};

type Act = Extract<Command, { do: 'claimApproval' | 'grantApproval' | 'denyApproval' }>['do'];

export interface ApprovalDialogState {
	busy: Act | null;
	failure: Failure | null;
	/** The code was in sight for long enough to be compared. */
	looked: boolean;
}

export interface ApprovalDialogModel extends StoreApi<ApprovalDialogState> {
	/** What is in sight now; gives how to stop. */
	sees(waiting: WaitingSignIn): () => void;
	claim(): Promise<void>;
	grant(): Promise<void>;
	/** Refuses it: somebody else knows the passphrase, or the codes differ. */
	deny(why: 'notMe' | 'differ'): Promise<void>;
}

/** What is decided of one sign-in that waits. */
export function createApprovalDialogModel(
	{ actions }: AppStore,
	device: string,
	clock: Clock = browserClock,
): ApprovalDialogModel {
	const store = createStore<ApprovalDialogState>(() => ({ busy: null, failure: null, looked: false }));
	const { getState, setState } = store;
	let code: string | undefined;
	let since = 0;
	const lookedEnough = () => code !== undefined && clock.now() - since >= lookMs;

	async function act(what: Act): Promise<boolean> {
		if (getState().busy !== null) return false;
		setState({ busy: what, failure: null });
		const outcome = await actions.perform({ do: what, device });
		setState({ busy: null, failure: outcome.ok ? null : outcome.failure });
		return outcome.ok;
	}

	return Object.assign(store, {
		sees(waiting: WaitingSignIn) {
			if (waiting.code !== code) {
				code = waiting.code;
				since = clock.now();
			}
			setState({ looked: lookedEnough() });
			if (code === undefined || getState().looked) return () => undefined;
			return clock.after(since + lookMs - clock.now(), () => setState({ looked: true }));
		},
		async claim() {
			await act('claimApproval');
		},
		async grant() {
			if (getState().looked) await act('grantApproval');
		},
		async deny(why: 'notMe' | 'differ') {
			if (code !== undefined && !getState().looked) return;
			if (await act('denyApproval')) actions.setRefused(why);
		},
	});
}
