import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../app/language';
import type { AppStore } from '../../app/store';
import type { Engine, Failure } from '../../engine/contract';
import { type AccountModel, createAccountModel, type PassphraseProblem } from '../register/account-model';

export interface PassphraseState {
	/** What shows that it is one's own account: the old passphrase, or the recovery code where that is forgotten. */
	by: 'passphrase' | 'code';
	old: string;
	code: string;
	/** Somebody has just signed in by the code, and need not type it again. */
	cameByCode: boolean;
	/** Whether somebody may know the old one; null: not answered. */
	mayBeKnown: boolean | null;
	problem: 'oldNeeded' | 'codeNeeded' | 'codeMistyped' | 'knownNeeded' | null;
	chosen: PassphraseProblem | null;
	failure: Failure | null;
	busy: boolean;
	done: boolean;
}

export interface PassphraseModel extends StoreApi<PassphraseState> {
	/** Where the new one is chosen. */
	chooser: AccountModel;
	setBy(by: PassphraseState['by']): void;
	setOld(old: string): void;
	setCode(code: string): void;
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
	const { session, cameBy, recovery } = app.getState();
	const me = session?.me;
	// the first that somebody else would guess
	const chooser = createAccountModel(engine, words, me && [me.displayName, me.loginName]);
	const store = createStore<PassphraseState>(() => ({
		by: cameBy !== null || recovery.passphraseWanted ? 'code' : 'passphrase',
		old: '',
		code: cameBy ?? '',
		cameByCode: cameBy !== null,
		mayBeKnown,
		problem: null,
		chosen: null,
		failure: null,
		busy: false,
		done: false,
	}));
	const { getState, setState } = store;

	/** What is missing or mistyped before the new one. */
	async function wrongProof(): Promise<PassphraseState['problem']> {
		const { by, old, code } = getState();
		if (by === 'passphrase') return old === '' ? 'oldNeeded' : null;
		if (code.trim() === '') return 'codeNeeded';
		return (await engine.readRecoveryCode(code)) === null ? 'codeMistyped' : null;
	}

	return Object.assign(store, {
		chooser,
		setBy: (by: PassphraseState['by']) => setState({ by, problem: null, failure: null }),
		setOld: (old: string) => setState({ old, problem: null }),
		setCode: (code: string) => setState({ code, problem: null }),
		setMayBeKnown: (known: boolean) => setState({ mayBeKnown: known, problem: null }),
		async submit() {
			const { by, old, code, mayBeKnown: known, busy } = getState();
			if (busy) return;
			const problem = (await wrongProof()) ?? (known === null ? 'knownNeeded' : null);
			const chosen = chooser.passphraseProblem();
			setState({ problem, chosen, failure: null });
			if (problem || chosen || known === null) return;
			setState({ busy: true });
			const outcome = await app.actions.perform({
				do: 'changePassphrase',
				...(by === 'code' ? { code } : { old }),
				new: chooser.passphrase(),
				mayBeKnown: known,
			});
			if (outcome.ok) {
				app.actions.cameBy(null);
				setState({ busy: false, done: true, old: '', code: '' });
			} else {
				// a code that is not the one can be typed again
				const again = outcome.failure.is === 'recoveryCode';
				setState({ busy: false, failure: outcome.failure, ...(again && { cameByCode: false }) });
			}
		},
	});
}
