import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppStore } from '../../app/store';
import type { Engine, Failure } from '../../engine/contract';

export interface RecoveryState {
	/** Why one has a code; the code, to be written down; typing it once more; done. */
	step: 'why' | 'write' | 'again' | 'made' | 'removed';
	passphrase: string;
	/** The code that was made, as it is shown; in memory only, until it counts. */
	code: string;
	typed: string;
	problem: 'passphraseNeeded' | 'codeNeeded' | 'codeMistyped' | 'anotherCode' | null;
	/** The passphrase was not the right one: it is asked for where one is. */
	passphraseWrong: boolean;
	failure: Failure | null;
	busy: boolean;
}

export interface RecoveryModel extends StoreApi<RecoveryState> {
	setPassphrase(passphrase: string): void;
	setTyped(typed: string): void;
	/** Makes a code. It counts for nothing before it was typed again. */
	make(): Promise<void>;
	/** It is written down or printed. */
	next(): void;
	/** Shows it again. */
	back(): void;
	/** From here on it counts, and the one before does not. */
	confirm(): Promise<void>;
	remove(): Promise<void>;
}

const BEGIN: RecoveryState = {
	step: 'why',
	passphrase: '',
	code: '',
	typed: '',
	problem: null,
	passphraseWrong: false,
	failure: null,
	busy: false,
};

/** Making a recovery code, in the place of the one before, and removing it. */
export function createRecoveryModel(engine: Engine, app: AppStore): RecoveryModel {
	const store = createStore<RecoveryState>(() => BEGIN);
	const { getState, setState } = store;

	function hasPassphrase(): boolean {
		const there = getState().passphrase !== '';
		setState({ problem: there ? null : 'passphraseNeeded', failure: null });
		return there;
	}

	/** What is wrong with the code that was typed again. */
	async function wrongCode(): Promise<RecoveryState['problem']> {
		const { typed, code } = getState();
		if (typed.trim() === '') return 'codeNeeded';
		const read = await engine.readRecoveryCode(typed);
		if (read === null) return 'codeMistyped';
		return read === code ? null : 'anotherCode';
	}

	async function set(code: string | null, done: 'made' | 'removed'): Promise<void> {
		setState({ busy: true });
		const { passphrase } = getState();
		const outcome = await app.actions.perform({
			do: 'setRecovery',
			passphrase,
			...(code !== null && { code }),
		});
		if (outcome.ok) return setState({ ...BEGIN, step: done });
		const passphraseWrong = outcome.failure.is === 'passphrase';
		setState({
			busy: false,
			failure: outcome.failure,
			passphraseWrong,
			...(passphraseWrong && { passphrase: '' }),
		});
	}

	return Object.assign(store, {
		setPassphrase: (passphrase: string) => setState({ passphrase, problem: null }),
		setTyped: (typed: string) => setState({ typed, problem: null }),
		async make() {
			if (getState().busy || !hasPassphrase()) return;
			setState({ busy: true });
			const code = await engine.generateRecoveryCode();
			setState({ busy: false, step: 'write', code, typed: '' });
		},
		next: () => setState({ step: 'again' }),
		back: () => setState({ step: 'write', problem: null, failure: null }),
		async confirm() {
			const { busy, code } = getState();
			if (busy || !hasPassphrase()) return;
			const problem = await wrongCode();
			setState({ problem });
			if (problem === null) await set(code, 'made');
		},
		async remove() {
			if (getState().busy || !hasPassphrase()) return;
			await set(null, 'removed');
		},
	});
}
