import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../app/language';
import type { AppStore } from '../../app/store';
import type { Engine, Failure } from '../../engine/contract';
import { type AccountModel, createAccountModel, type PassphraseProblem } from '../register/account-model';

export interface ApprovalModelState {
	/** Whether it is being switched on. */
	on: boolean;
	old: string;
	problem: 'oldNeeded' | null;
	chosen: PassphraseProblem | null;
	failure: Failure | null;
	busy: boolean;
	done: boolean;
}

export interface ApprovalModel extends StoreApi<ApprovalModelState> {
	/** Where the new passphrase is chosen, for switching it on. */
	chooser: AccountModel;
	setOld(old: string): void;
	submit(): Promise<void>;
}

/**
 * Whether new sign-ins need one of the other devices: switched on with another passphrase, and off with the one there is. `after`: how
 * they are told once it is off.
 */
export function createApprovalModel(
	engine: Engine,
	app: AppStore,
	words: Language,
	after?: 'off' | 'notify',
): ApprovalModel {
	const { session, approvals } = app.getState();
	const me = session?.me;
	const chooser = createAccountModel(engine, words, me && [me.displayName, me.loginName]);
	const store = createStore<ApprovalModelState>(() => ({
		on: !approvals.required,
		old: '',
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
		async submit() {
			const { on, old, busy } = getState();
			if (busy) return;
			const problem = old === '' ? 'oldNeeded' : null;
			const chosen = on ? chooser.passphraseProblem() : null;
			setState({ problem, chosen, failure: null });
			if (problem || chosen) return;
			setState({ busy: true });
			// it is answered as any change of the passphrase is
			const changed = app.actions.awaitEnd('changePassphrase');
			app.actions.send({ do: 'setApproval', old, new: on ? chooser.passphrase() : old, required: on });
			const outcome = await changed;
			if (!outcome.ok) return setState({ busy: false, failure: outcome.failure });
			setState({ busy: false, done: true, old: '' });
			// not before: who gives it up half-way hears of sign-ins as before
			if (!on && after !== undefined) app.actions.saveSettings({ signInNotices: after === 'notify' });
		},
	});
}
