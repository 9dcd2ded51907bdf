import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppStore } from '../../app/store';
import type { Engine, Failure } from '../../engine/contract';

export interface RecoverState {
	loginName: string;
	code: string;
	publicComputer: boolean;
	problem: 'loginName' | 'code' | 'codeMistyped' | null;
	failure: Failure | null;
	busy: boolean;
}

export interface RecoverModel extends StoreApi<RecoverState> {
	setLoginName(name: string): void;
	setCode(code: string): void;
	setPublicComputer(isPublic: boolean): void;
	submit(deviceName: string): Promise<void>;
}

/** Name and recovery code, where the passphrase is forgotten. The code goes on to where a new passphrase is chosen. */
export function createRecoverModel(engine: Engine, app: AppStore): RecoverModel {
	const store = createStore<RecoverState>(() => ({
		loginName: app.getState().session?.me.loginName ?? '',
		code: '',
		publicComputer: false,
		problem: null,
		failure: null,
		busy: false,
	}));
	const { getState, setState } = store;

	async function problemOf(): Promise<RecoverState['problem']> {
		const { loginName, code } = getState();
		if (loginName.trim() === '') return 'loginName';
		if (code.trim() === '') return 'code';
		return (await engine.readRecoveryCode(code)) === null ? 'codeMistyped' : null;
	}

	return Object.assign(store, {
		setLoginName: (loginName: string) => setState({ loginName, problem: null }),
		setCode: (code: string) => setState({ code, problem: null }),
		setPublicComputer: (publicComputer: boolean) => setState({ publicComputer }),
		async submit(deviceName: string) {
			if (getState().busy) return;
			setState({ busy: true, failure: null });
			// a question to the engine: it has to be open, as it is to stay
			await app.actions.keepNothing(getState().publicComputer);
			const problem = await problemOf();
			setState({ problem });
			if (problem) return setState({ busy: false });
			const { loginName, code } = getState();
			// before the screen changes, which it does as soon as somebody is signed in
			app.actions.cameBy(code);
			const outcome = await app.actions.perform({
				do: 'signIn',
				loginName: loginName.trim(),
				code,
				deviceName,
			});
			if (outcome.ok) return setState({ busy: false, code: '' });
			app.actions.cameBy(null);
			setState({ busy: false, failure: outcome.failure });
		},
	});
}
