import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppStore } from '../../app/store';
import type { Failure } from '../../engine/contract';

export interface SignInState {
	loginName: string;
	passphrase: string;
	publicComputer: boolean;
	/** A field was left empty. */
	missing: 'loginName' | 'passphrase' | null;
	failure: Failure | null;
	busy: boolean;
	done: boolean;
}

export interface SignInModel extends StoreApi<SignInState> {
	setLoginName(name: string): void;
	setPassphrase(passphrase: string): void;
	setPublicComputer(isPublic: boolean): void;
	submit(deviceName: string): Promise<void>;
	/** Gives up waiting for another device. */
	cancel(): void;
}

/** Name and passphrase, and what comes of them. */
export function createSignInModel(app: AppStore): SignInModel {
	const store = createStore<SignInState>(() => ({
		loginName: app.getState().session?.me.loginName ?? '',
		passphrase: '',
		publicComputer: false,
		missing: null,
		failure: null,
		busy: false,
		done: false,
	}));
	const { getState, setState } = store;
	/** The one that counts: one that was given up ends later, with the next. */
	let attempt = 0;
	return Object.assign(store, {
		setLoginName: (loginName: string) => setState({ loginName, missing: null }),
		setPassphrase: (passphrase: string) => setState({ passphrase, missing: null }),
		setPublicComputer: (publicComputer: boolean) => setState({ publicComputer }),
		async submit(deviceName: string) {
			const { loginName, passphrase, publicComputer, busy } = getState();
			const missing = loginName.trim() === '' ? 'loginName' : passphrase === '' ? 'passphrase' : null;
			setState({ missing, failure: null });
			if (missing || busy) return;
			attempt += 1;
			const mine = attempt;
			setState({ busy: true });
			await app.actions.keepNothing(publicComputer);
			const outcome = await app.actions.perform({
				do: 'signIn',
				loginName: loginName.trim(),
				passphrase,
				deviceName,
			});
			if (mine !== attempt) return;
			// the passphrase stays for another try, and goes once it is of no more use
			if (outcome.ok) setState({ busy: false, done: true, passphrase: '' });
			else setState({ busy: false, failure: outcome.failure });
		},
		cancel() {
			attempt += 1;
			app.actions.send({ do: 'cancelSignIn' });
			setState({ busy: false, passphrase: '' });
		},
	});
}
