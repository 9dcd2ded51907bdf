import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../app/language';
import type { AppStore, Outcome } from '../../app/store';
import type { Engine, Failure } from '../../engine/contract';
import {
	type AccountModel,
	createAccountModel,
	type NamesProblem,
	type PassphraseProblem,
} from '../register/account-model';
import { isAboutName } from '../register/register-model';

export type FirstRunStep = 'organisation' | 'names' | 'passphrase' | 'invite';

export interface FirstRunState {
	step: FirstRunStep;
	organisation: string;
	code: string;
	/** A field of the first step was left empty. */
	missing: 'organisation' | 'code' | null;
	namesProblem: NamesProblem | null;
	passphraseProblem: PassphraseProblem | null;
	/** Each about its own field: the code, the login name, or anything else. */
	refusedCode: Failure | null;
	refusedName: Failure | null;
	failure: Failure | null;
	busy: boolean;
}

export interface FirstRunModel extends StoreApi<FirstRunState> {
	account: AccountModel;
	setOrganisation(name: string): void;
	setCode(code: string): void;
	next(): void;
	back(): void;
	/** Founds the organisation. */
	finish(deviceName: string): Promise<void>;
}

/** The way from a new server to an organisation with its first admin. */
export function createFirstRunModel(engine: Engine, app: AppStore, words: Language): FirstRunModel {
	const account = createAccountModel(engine, words);
	const store = createStore<FirstRunState>(() => ({
		step: 'organisation',
		organisation: '',
		code: app.getState().arrival.code ?? '',
		missing: null,
		namesProblem: null,
		passphraseProblem: null,
		refusedCode: null,
		refusedName: null,
		failure: null,
		busy: false,
	}));
	const { getState, setState } = store;

	function onOutcome(outcome: Outcome): void {
		setState({ busy: false });
		if (outcome.ok) {
			setState({ step: 'invite', code: '' });
			app.actions.forgetArrival();
		} else if (outcome.failure.is === 'server' && outcome.failure.code === 'set_up_code_wrong') {
			setState({ step: 'organisation', refusedCode: outcome.failure });
		} else if (isAboutName(outcome.failure)) {
			setState({ step: 'names', refusedName: outcome.failure });
		} else {
			setState({ failure: outcome.failure });
		}
	}

	return Object.assign(store, {
		account,
		setOrganisation: (organisation: string) => setState({ organisation, missing: null }),
		setCode: (code: string) => setState({ code, missing: null, refusedCode: null }),
		next() {
			const { step, organisation, code } = getState();
			if (step === 'organisation') {
				const missing = organisation.trim() === '' ? 'organisation' : code.trim() === '' ? 'code' : null;
				setState({ missing, step: missing ? 'organisation' : 'names' });
			} else if (step === 'names') {
				const namesProblem = account.namesProblem();
				setState({ namesProblem, refusedName: null, step: namesProblem ? 'names' : 'passphrase' });
			}
		},
		back: () =>
			setState({ step: getState().step === 'passphrase' ? 'names' : 'organisation', failure: null }),
		async finish(deviceName: string) {
			const passphraseProblem = account.passphraseProblem();
			setState({ passphraseProblem, failure: null });
			if (passphraseProblem || getState().busy) return;
			setState({ busy: true });
			const { code, organisation } = getState();
			onOutcome(
				await app.actions.enter({
					do: 'setUp',
					code: code.trim(),
					organisation: organisation.trim(),
					account: account.account(deviceName),
				}),
			);
		},
	});
}
