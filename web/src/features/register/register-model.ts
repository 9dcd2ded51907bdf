import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../app/language';
import type { AppStore, Outcome } from '../../app/store';
import type { Engine, Failure, InvitationInfo, Inviter } from '../../engine/contract';
import {
	type AccountModel,
	createAccountModel,
	type NamesProblem,
	type PassphraseProblem,
} from './account-model';

export type RegisterStep = 'names' | 'passphrase' | 'lock';

export interface RegisterState {
	step: RegisterStep;
	/** null: not read yet. */
	invitation: InvitationInfo | 'none' | null;
	/** Who made it; null until the server was asked, which needs a connection. */
	inviter: Inviter | null;
	/** Why nobody can use it. */
	refused: Failure | null;
	publicComputer: boolean;
	namesProblem: NamesProblem | null;
	passphraseProblem: PassphraseProblem | null;
	/** About the login name; belongs to its field. */
	refusedName: Failure | null;
	/** About anything else. */
	failure: Failure | null;
	busy: boolean;
}

export interface RegisterModel extends StoreApi<RegisterState> {
	account: AccountModel;
	/** Reads a link; the one that the app was opened with, or one that was pasted. */
	read(link: string): Promise<void>;
	setPublicComputer(isPublic: boolean): void;
	/** From the names to the passphrase. */
	next(): void;
	back(): void;
	/** Makes the account. */
	finish(deviceName: string): Promise<void>;
}

/** Whether the server has something against the login name. */
export function isAboutName(failure: Failure): boolean {
	if (failure.is === 'name') return true;
	return failure.is === 'server' && ['name_taken', 'name_invalid', 'member_exists'].includes(failure.code);
}

/** Whether an invitation is of no use; with anything else, registering may still work. */
function isFinal(failure: Failure): boolean {
	if (failure.is === 'server') return failure.code === 'invitation_invalid';
	return failure.is === 'invitation' || failure.is === 'unverified';
}

/** The way of somebody who was invited. */
export function createRegisterModel(engine: Engine, app: AppStore, words: Language): RegisterModel {
	const account = createAccountModel(engine, words);
	const store = createStore<RegisterState>(() => ({
		step: 'names',
		invitation: null,
		inviter: null,
		refused: null,
		publicComputer: false,
		namesProblem: null,
		passphraseProblem: null,
		refusedName: null,
		failure: null,
		busy: false,
	}));
	const { getState, setState } = store;
	let link = '';

	function onOutcome(outcome: Outcome): void {
		if (outcome.ok) {
			setState({ busy: false, step: 'lock' });
			app.actions.forgetArrival();
		} else if (isAboutName(outcome.failure)) {
			setState({ busy: false, step: 'names', refusedName: outcome.failure });
		} else {
			setState({ busy: false, failure: outcome.failure });
		}
	}

	/** Who made the invitation: known as soon as there is a connection, and nothing waits for it. */
	async function ask(asked: string): Promise<void> {
		const outcome = await app.actions.perform({ do: 'checkInvitation', invitation: asked });
		// the answer to another link, or to one that was used meanwhile
		if (asked !== link || getState().step === 'lock' || getState().busy) return;
		if (outcome.ok) setState({ inviter: app.getState().inviter });
		else if (isFinal(outcome.failure)) setState({ refused: outcome.failure });
	}

	return Object.assign(store, {
		account,
		async read(text: string) {
			link = text.trim();
			const asked = link;
			const invitation = await engine.readInvitation(asked);
			if (asked !== link) return;
			setState({ invitation: invitation ?? 'none', inviter: null, refused: null });
			if (invitation) void ask(asked);
		},
		setPublicComputer: (publicComputer: boolean) => setState({ publicComputer }),
		next() {
			const namesProblem = account.namesProblem();
			setState({ namesProblem, refusedName: null, step: namesProblem ? 'names' : 'passphrase' });
		},
		back: () => setState({ step: 'names', failure: null, passphraseProblem: null }),
		async finish(deviceName: string) {
			const passphraseProblem = account.passphraseProblem();
			setState({ passphraseProblem, failure: null });
			if (passphraseProblem || getState().busy) return;
			setState({ busy: true });
			await app.actions.keepNothing(getState().publicComputer);
			onOutcome(
				await app.actions.enter({ do: 'register', invitation: link, account: account.account(deviceName) }),
			);
		},
	});
}
