import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../app/language';
import type { AppStore } from '../../app/store';
import type { Engine, Failure, ResetFor } from '../../engine/contract';
import { type AccountModel, createAccountModel, type PassphraseProblem } from '../register/account-model';

export interface ResetState {
	/** Whom the link is for; null until the server was asked. */
	member: ResetFor | null;
	/** Why nobody can use it. */
	refused: Failure | null;
	publicComputer: boolean;
	problem: PassphraseProblem | null;
	failure: Failure | null;
	busy: boolean;
	/** It is done: the app lock is offered, as after a registration. */
	done: boolean;
}

export interface ResetModel extends StoreApi<ResetState> {
	chooser: AccountModel;
	/** Asks the server about a link; the one that the app was opened with, or one that was pasted. */
	read(link: string): Promise<void>;
	setPublicComputer(isPublic: boolean): void;
	submit(deviceName: string): Promise<void>;
}

/** Whether a link is of no use; with anything else, it may still work. */
function isFinal(failure: Failure): boolean {
	if (failure.is === 'server') return failure.code === 'reset_invalid';
	return failure.is === 'resetLink' || failure.is === 'unverified';
}

/** The way of somebody whose access an admin has reset. */
export function createResetModel(engine: Engine, app: AppStore, words: Language): ResetModel {
	const chooser = createAccountModel(engine, words);
	const store = createStore<ResetState>(() => ({
		member: null,
		refused: null,
		publicComputer: false,
		problem: null,
		failure: null,
		busy: false,
		done: false,
	}));
	const { getState, setState } = store;
	let link = '';

	return Object.assign(store, {
		chooser,
		async read(text: string) {
			link = text.trim();
			const asked = link;
			setState({ member: null, refused: null, failure: null });
			const outcome = await app.actions.perform({ do: 'checkReset', link: asked });
			if (asked !== link || getState().busy || getState().done) return;
			if (outcome.ok) setState({ member: app.getState().resetFor });
			else if (isFinal(outcome.failure)) setState({ refused: outcome.failure });
			else setState({ failure: outcome.failure });
		},
		setPublicComputer: (publicComputer: boolean) => setState({ publicComputer }),
		async submit(deviceName: string) {
			const problem = chooser.passphraseProblem();
			setState({ problem, failure: null });
			if (problem || getState().busy) return;
			setState({ busy: true });
			await app.actions.keepNothing(getState().publicComputer);
			const passphrase = chooser.passphrase();
			const outcome = await app.actions.enter({ do: 'beginAnew', link, passphrase, deviceName });
			if (!outcome.ok) {
				const refused = isFinal(outcome.failure) ? outcome.failure : null;
				return setState({ busy: false, refused, failure: outcome.failure });
			}
			setState({ busy: false, done: true });
			app.actions.forgetArrival();
		},
	});
}
