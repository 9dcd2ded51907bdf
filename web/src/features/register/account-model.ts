import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../app/language';
import type { Engine, NewAccount } from '../../engine/contract';

/** Own passphrases need this strength. */
export const STRENGTH_NEEDED = 4;

export interface AccountState {
	displayName: string;
	loginName: string;
	/** The login name follows the name until it was typed. */
	loginTyped: boolean;
	/** Five words that were made, or the person's own. */
	kind: 'generated' | 'own';
	/** The language of the five words. */
	words: Language;
	/** Empty until it is there. */
	generated: string;
	own: string;
	/** Of the own one; null: nothing typed, or not known yet. */
	strength: number | null;
	writtenDown: boolean;
}

export type NamesProblem = 'nameNeeded' | LoginProblem;
export type LoginProblem = 'loginNeeded' | 'loginSpace' | 'loginShort' | 'loginLong';
export type PassphraseProblem = 'passphraseNeeded' | 'notEstimated' | 'tooWeak' | 'writeItDown';

export interface AccountModel extends StoreApi<AccountState> {
	setDisplayName(name: string): void;
	setLoginName(name: string): void;
	/** Five other words. */
	another(): Promise<void>;
	setWords(language: Language): Promise<void>;
	setKind(kind: AccountState['kind']): void;
	setOwn(passphrase: string): Promise<void>;
	setWrittenDown(writtenDown: boolean): void;
	namesProblem(): NamesProblem | null;
	passphraseProblem(): PassphraseProblem | null;
	passphrase(): string;
	account(deviceName: string): NewAccount;
}

/** Letters, digits and dots that a login name is suggested from: "Zoë O’Hara" gives "zoe.ohara". */
export function suggestLogin(name: string): string {
	return name
		.normalize('NFD')
		.replace(/[\p{M}'’]/gu, '')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '.')
		.replace(/^\.+|\.+$/g, '')
		.slice(0, 32);
}

/** Login names have so many characters once they are prepared (docs/protocol.md, section 9). */
const LOGIN_MIN = 2;
const LOGIN_MAX = 32;

/**
 * What is certainly wrong with a login name, so that it is told before a passphrase is written down. The engine has the last word: it
 * prepares names, and knows the letters that they can't have.
 */
export function loginProblem(loginName: string): LoginProblem | null {
	const name = loginName.trim();
	if (name === '') return 'loginNeeded';
	if (/\s/u.test(name)) return 'loginSpace';
	// preparing makes capitals small and wide letters ordinary, which can change how many there are
	const { length } = [...name.normalize('NFKC').toLowerCase().normalize('NFC')];
	if (length < LOGIN_MIN) return 'loginShort';
	return length > LOGIN_MAX ? 'loginLong' : null;
}

/**
 * The names and the passphrase of somebody who is about to have an account, or to change the passphrase: then their names are
 * `known`, and a passphrase that is made of them is weak.
 */
export function createAccountModel(engine: Engine, words: Language, known: string[] = []): AccountModel {
	const store = createStore<AccountState>(() => ({
		displayName: '',
		loginName: '',
		loginTyped: false,
		kind: 'generated',
		words,
		generated: '',
		own: '',
		strength: null,
		writtenDown: false,
	}));
	const { getState, setState } = store;

	async function generate(): Promise<void> {
		const language = getState().words;
		const generated = await engine.generatePassphrase(language);
		if (getState().words !== language) return;
		// whoever has one of their own by then has not written these down, and did not say so
		const writtenDown = getState().kind === 'own' && getState().writtenDown;
		setState({ generated, writtenDown });
	}

	return Object.assign(store, {
		setDisplayName(displayName: string) {
			const { loginTyped, loginName } = getState();
			setState({ displayName, loginName: loginTyped ? loginName : suggestLogin(displayName) });
		},
		setLoginName: (loginName: string) => setState({ loginName, loginTyped: loginName !== '' }),
		another: generate,
		setWords(language: Language) {
			setState({ words: language });
			return generate();
		},
		setKind: (kind: AccountState['kind']) => setState({ kind, writtenDown: false }),
		async setOwn(own: string) {
			setState({ own, strength: null });
			if (own === '') return;
			const { displayName, loginName } = getState();
			try {
				const strength = await engine.passphraseStrength(
					own,
					[...known, displayName, loginName].filter(Boolean),
				);
				// the answer to what was typed before is of no use
				if (getState().own === own) setState({ strength });
			} catch {
				// what estimates it is loaded for this, and can't be without a connection: the next key tries again
			}
		},
		setWrittenDown: (writtenDown: boolean) => setState({ writtenDown }),
		namesProblem(): NamesProblem | null {
			const { displayName, loginName } = getState();
			if (displayName.trim() === '') return 'nameNeeded';
			return loginProblem(loginName);
		},
		passphraseProblem(): PassphraseProblem | null {
			const { kind, own, generated, strength, writtenDown } = getState();
			if ((kind === 'own' ? own : generated) === '') return 'passphraseNeeded';
			if (kind === 'own') {
				if (strength === null) return 'notEstimated';
				if (strength < STRENGTH_NEEDED) return 'tooWeak';
			}
			return writtenDown ? null : 'writeItDown';
		},
		passphrase: () => (getState().kind === 'own' ? getState().own : getState().generated),
		account(deviceName: string): NewAccount {
			const { displayName, loginName, kind, own, generated } = getState();
			return {
				loginName: loginName.trim(),
				displayName: displayName.trim(),
				passphrase: kind === 'own' ? own : generated,
				deviceName,
			};
		},
	});
}
