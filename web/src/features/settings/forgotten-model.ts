import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../app/language';
import type { AppStore } from '../../app/store';
import type { Command, Engine, Failure } from '../../engine/contract';
import { type AccountModel, createAccountModel, type PassphraseProblem } from '../register/account-model';

export interface ForgottenState {
	chosen: PassphraseProblem | null;
	failure: Failure | null;
	busy: boolean;
	done: boolean;
}

export interface ForgottenModel extends StoreApi<ForgottenState> {
	/** Where the new one is chosen. */
	chooser: AccountModel;
	ask(): Promise<void>;
	cancel(): Promise<void>;
	/** By another device than the one that asks. */
	approve(): Promise<void>;
	submit(): Promise<void>;
}

/** A new passphrase without the old one, where one is still signed in. */
export function createForgottenModel(engine: Engine, app: AppStore, words: Language): ForgottenModel {
	const me = app.getState().session?.me;
	const chooser = createAccountModel(engine, words, me && [me.displayName, me.loginName]);
	const store = createStore<ForgottenState>(() => ({
		chosen: null,
		failure: null,
		busy: false,
		done: false,
	}));
	const { getState, setState } = store;

	async function perform(command: Command): Promise<boolean> {
		if (getState().busy) return false;
		setState({ busy: true, failure: null });
		const outcome = await app.actions.perform(command);
		setState({ busy: false, failure: outcome.ok ? null : outcome.failure });
		return outcome.ok;
	}

	return Object.assign(store, {
		chooser,
		async ask() {
			await perform({ do: 'askForgotten' });
		},
		async cancel() {
			await perform({ do: 'cancelForgotten' });
		},
		async approve() {
			await perform({ do: 'approveForgotten' });
		},
		async submit() {
			const chosen = chooser.passphraseProblem();
			setState({ chosen });
			if (chosen || getState().busy) return;
			setState({ busy: true, failure: null });
			// it is answered as any change of the passphrase is
			const changed = app.actions.awaitEnd('changePassphrase');
			app.actions.send({ do: 'replaceForgotten', new: chooser.passphrase() });
			const outcome = await changed;
			if (outcome.ok) setState({ busy: false, done: true });
			else setState({ busy: false, failure: outcome.failure });
		},
	});
}
