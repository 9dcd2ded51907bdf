import type {
	Command,
	Conversation,
	Engine,
	Group,
	GroupRole,
	Health,
	InvitationInfo,
	Inviter,
	ItemBody,
	Opened,
	OpenOptions,
	Page,
	Person,
	SafetyCheck,
	Session,
	State,
	Stuck,
	Update,
} from '../engine/contract';

/**
 * An engine for tests and stories: it says what its script says. It is no part of the product; what the real engine does is
 * tested with the real engine.
 */
export interface Script {
	/** What is there at the start. */
	state?: Partial<State>;
	/** What `open` answers, in place of `ready` with that state. */
	onOpen?: (options: OpenOptions) => Opened | Promise<Opened>;
	/** How commands are answered; by default with `done`. */
	onCommand?: (command: Command, engine: ScriptedEngine) => void;
	timeline?: (at: Parameters<Engine['timeline']>[0]) => Page | Promise<Page>;
	/** What every picture shows. */
	picture?: () => Promise<Uint8Array | null>;
	safetyNumber?: string | null;
	safetyCode?: Uint8Array | null;
	safetyCheck?: SafetyCheck;
	invitation?: InvitationInfo | null;
	strength?: (passphrase: string) => number;
	passphrases?: { en: string[]; fr: string[] };
	health?: Health;
}

export interface ScriptedEngine extends Engine {
	/** Everything that was asked, in order. */
	readonly commands: Command[];
	readonly opened: OpenOptions[];
	emit(update: Update): void;
	tellHealth(health: Health): void;
	/** Changes what `state` answers from now on. */
	become(change: Partial<State>): void;
	wiped: boolean;
	restarts: number;
}

const PASSPHRASES = {
	en: ['orbit-velvet-canyon-ladder-sunset', 'meadow-copper-violin-harbor-puzzle'],
	fr: ['abeille-couleur-montagne-fragile-voyage', 'lagune-sirop-bonheur-cerise-plume'],
};

/** Two codes that the engine takes for well typed; the first is the one that it makes. */
export const RECOVERY_CODE = '7QK2M-0ZV4T-9XH3B-C8D5F-6GJ1N-PRSWY';
export const OTHER_RECOVERY_CODE = 'ABCDE-FGHJK-MNPQR-STVWX-YZ012-34567';

/** A state in which nobody is signed in and the server is there. */
export function aState(change: Partial<State> = {}): State {
	return {
		session: null,
		signedOut: false,
		server: {
			organisation: 'Journalistes Sans Papiers',
			setUpNeeded: false,
			unaudited: true,
			version: '0.1.0',
		},
		connection: { is: 'online' },
		conversations: [],
		notices: [],
		recovery: { there: false, made: null, remind: false, passphraseWanted: false },
		approvals: { required: false, waiting: [] },
		forgottenOthers: [],
		settings: {
			language: 'system',
			theme: 'system',
			enterSends: true,
			receipts: true,
			recoveryReminded: false,
			signInNotices: true,
		},
		storage: { kept: 'disk', why: null, persistent: true, appLock: false },
		...change,
	};
}

export function aPerson(change: Partial<Person> = {}): Person {
	return {
		member: 'a1'.repeat(16),
		loginName: 'ada',
		displayName: 'Ada Lovelace',
		identityChanged: false,
		verified: false,
		admin: false,
		suspended: false,
		...change,
	};
}

export function anInviter(change: Partial<Inviter> = {}): Inviter {
	return {
		loginName: 'ada',
		displayName: 'Ada Lovelace',
		organisation: 'Journalistes Sans Papiers',
		expires: 1_764_252_120_000,
		...change,
	};
}

export function aSession(change: Partial<Session> = {}): Session {
	return {
		me: aPerson(),
		organisation: 'Journalistes Sans Papiers',
		role: 'admin',
		device: 'd0'.repeat(16),
		inMemory: false,
		...change,
	};
}

export function aConversation(change: Partial<Conversation> = {}): Conversation {
	const other = aPerson({ member: 'b2'.repeat(16), loginName: 'malik', displayName: 'Malik Benali' });
	return {
		conversation: 'c3'.repeat(16),
		direct: true,
		title: other.displayName,
		members: [aPerson(), other],
		unread: 0,
		last: null,
		draft: '',
		read: 0,
		ready: true,
		restoring: false,
		stuck: null,
		broken: false,
		outdated: false,
		gone: false,
		left: false,
		closed: false,
		hidden: false,
		timer: 0,
		maySetTimer: true,
		group: null,
		...change,
	};
}

/** A change by Ben that can't be read. */
export function aStuck(change: Partial<Stuck> = {}): Stuck {
	return {
		by: 'Ben',
		alone: false,
		byItself: false,
		asked: false,
		may: change.asked ?? false,
		started: false,
		without: false,
		...change,
	};
}

/** A change of members and rules, of nothing else than is given. */
export function aChange(change: Partial<Extract<ItemBody, { is: 'members' }>>): ItemBody {
	return {
		is: 'members',
		added: [],
		removed: [],
		roles: [],
		announcements: null,
		historyAll: null,
		left: false,
		timer: null,
		restored: [],
		...change,
	};
}

/** What a group has that direct conversations have not; by default of three, in which one is an admin. */
export function aGroup(change: Partial<Group> = {}): Group {
	const role = change.role ?? 'admin';
	return {
		named: true,
		picture: null,
		roles: [role, 'owner', 'member'],
		role,
		announcements: false,
		historyAll: false,
		mayWrite: true,
		changing: false,
		adding: null,
		...change,
	};
}

/** A group of these people with their roles, as somebody in it sees it who is the first of them. */
export function aGroupOf(
	people: readonly (readonly [Person, GroupRole])[],
	change: Partial<Conversation> = {},
	group: Partial<Group> = {},
): Conversation {
	const roles = people.map(([, role]) => role);
	return aConversation({
		direct: false,
		title: 'Desk',
		members: people.map(([person]) => person),
		...change,
		group: aGroup({ roles, role: roles[0] ?? 'member', ...group }),
	});
}

export function scriptedEngine(script: Script = {}): ScriptedEngine {
	let state = aState(script.state);
	const listeners = new Set<(update: Update) => void>();
	const healthListeners = new Set<(health: Health) => void>();
	const made = { en: 0, fr: 0 };

	const engine: ScriptedEngine = {
		commands: [],
		opened: [],
		wiped: false,
		restarts: 0,
		emit(update) {
			for (const listener of listeners) listener(update);
		},
		tellHealth(health) {
			for (const listener of healthListeners) listener(health);
		},
		become(change) {
			state = { ...state, ...change };
		},
		async open(options) {
			engine.opened.push(options);
			if (script.onOpen) return script.onOpen(options);
			if (options.inMemory)
				state = { ...state, storage: { ...state.storage, kept: 'memory', why: 'public' } };
			return { is: 'ready', state };
		},
		command(command) {
			engine.commands.push(command);
			if (script.onCommand) script.onCommand(command, engine);
			else if (command.do === 'checkInvitation')
				queueMicrotask(() => engine.emit({ is: 'invitedBy', inviter: anInviter() }));
			else queueMicrotask(() => engine.emit({ is: 'done', doing: command.do }));
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		state: async () => state,
		timeline: async (at) =>
			script.timeline?.(at) ?? { items: [], older: false, olderOnServer: false, newer: false },
		picture: async () => (await script.picture?.()) ?? null,
		safetyNumber: async () =>
			script.safetyNumber === undefined
				? '493020583712094857261839405726183940572618394057261839405726'
				: script.safetyNumber,
		safetyCode: async () => script.safetyCode ?? new Uint8Array([1, 2, 3, 250, 251, 252]),
		checkSafetyCode: async () => script.safetyCheck ?? 'match',
		async generatePassphrase(language) {
			const list = (script.passphrases ?? PASSPHRASES)[language];
			return list[made[language]++ % list.length] ?? '';
		},
		generateRecoveryCode: async () => RECOVERY_CODE,
		readRecoveryCode: async (typed) => {
			const shown = typed.toUpperCase().replaceAll(/[\s-]/g, '').match(/.{5}/g)?.join('-');
			return shown === RECOVERY_CODE || shown === OTHER_RECOVERY_CODE ? shown : null;
		},
		passphraseStrength: async (passphrase) =>
			script.strength?.(passphrase) ?? Math.min(4, Math.floor(passphrase.length / 6)),
		readInvitation: async () =>
			script.invitation === undefined
				? {
						addresses: ['chat.example.org:7443'],
						words: ['orbit', 'velvet', 'canyon', 'ladder', 'sunset', 'copper'],
					}
				: script.invitation,
		async setAppLock(unlock) {
			state = { ...state, storage: { ...state.storage, appLock: unlock !== null } };
		},
		async wipe() {
			engine.wiped = true;
			state = aState({ server: state.server });
		},
		async restart() {
			engine.restarts += 1;
		},
		onHealth(listener) {
			healthListeners.add(listener);
			if (script.health) listener(script.health);
			return () => healthListeners.delete(listener);
		},
	};
	return engine;
}
