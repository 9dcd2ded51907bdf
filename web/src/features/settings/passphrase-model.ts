import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../app/language';
import type { AppStore } from '../../app/store';
import type { Engine, Failure } from '../../engine/contract';
import { type AccountModel, createAccountModel, type PassphraseProblem } from '../register/account-model';

export interface PassphraseState {
	old: string;
	/** Whether somebody may know the old one; null: not answered. */
	mayBeKnown: boolean | null;
	problem: 'oldNeeded' | 'knownNeeded' | null;
	chosen: PassphraseProblem | null;
	failure: Failure | null;
	busy: boolean;
	done: boolean;
}

export interface PassphraseModel extends StoreApi<PassphraseState> {
	/** Where the new one is chosen. */
	chooser: AccountModel;
	setOld(old: string): void;
	setMayBeKnown(known: boolean): void;
	submit(): Promise<void>;
}

/** A new passphrase in place of the old one. */
export function createPassphraseModel(
	engine: Engine,
	app: AppStore,
	words: Language,
	mayBeKnown: boolean | null,
): PassphraseModel {
	const me = app.getState().session?.me;
	// the first that somebody else would guess
	const chooser = createAccountModel(engine, words, me && [me.displayName, me.loginName]);
	const store = createStore<PassphraseState>(() => ({
		old: '',
		mayBeKnown,
		problem: null,
		chosen: null,
		failure: null,
		busy: false,
		done: false,
	}));
	const { getState, setState } = store;
	return Object.assign(store, {
		chooser,
		setOld: (old: string) => setState({ old, problem: null }),
		setMayBeKnown: (known: boolean) => setState({ mayBeKnown: known, problem: null }),
		async submit() {
			const { old, mayBeKnown: known, busy } = getState();
			const problem = old === '' ? 'oldNeeded' : known === null ? 'knownNeeded' : null;
			const chosen = chooser.passphraseProblem();
			setState({ problem, chosen, failure: null });
			if (problem || chosen || busy || known === null) return;
			setState({ busy: true });
			const outcome = await app.actions.perform({
				do: 'changePassphrase',
				old,
				new: chooser.passphrase(),
				mayBeKnown: known,
			});
			if (outcome.ok) setState({ busy: false, done: true, old: '' });
			else setState({ busy: false, failure: outcome.failure });
		},
	});
}
