import type {
	Approvals,
	Connection,
	Conversation,
	Device,
	Doing,
	Failure,
	Forgotten,
	Health,
	Inviter,
	Opened,
	Person,
	Recovery,
	ResetFor,
	Session,
	Settings,
	SignInApproval,
	SignInNotice,
	State,
	StorageState,
	Unsent,
	Update,
	WaitingSignIn,
} from '../engine/contract';
import type { Arrival } from './arrival';
import {
	cleanConversation,
	cleanDevice,
	cleanInviter,
	cleanPerson,
	cleanServer,
	cleanSession,
	cleanUnsent,
} from './names';
import type { Look } from './theme';

/** How far the app is. */
export type Phase =
	/** The engine opens its store. */
	| { is: 'starting' }
	/** The app lock is set. */
	| { is: 'locked'; wrong: boolean }
	| { is: 'ready' }
	/** The engine can't be opened. */
	| { is: 'failed'; failure: Failure };

/** What was lost with what the browser kept. */
export interface Cleared {
	member: string | null;
	unsent: Unsent[];
}

export interface AppState {
	phase: Phase;
	session: Session | null;
	/** The server refused this device. */
	signedOut: boolean;
	server: State['server'];
	connection: Connection;
	/** null until they were read for the first time. */
	conversations: Conversation[] | null;
	notices: SignInNotice[];
	/** When another device changed the passphrase; null once the person has seen that. */
	passphraseChanged: number | null;
	/** The same of the recovery code. */
	recoveryChanged: number | null;
	recovery: Recovery;
	/** Whether new sign-ins need approval, and those that wait for it. */
	approvals: Approvals;
	/** The device that waits whose dialog is open. */
	approvalShown: string | null;
	/** One was refused just now, and why: the person is told what to do then. */
	refused: 'notMe' | 'differ' | null;
	/** The sign-in here waits to be let in. */
	waits: SignInApproval | null;
	/** This member's request for a new passphrase in the place of a forgotten one. */
	forgotten: Forgotten | null;
	/** Others who ask an admin for approval of one. */
	forgottenOthers: Person[];
	/** The reset link that was made last, and for whom. */
	resetLink: { member: string; link: string; expires: number } | null;
	/** Whom the reset link that was asked about last is for. */
	resetFor: ResetFor | null;
	/** The code that somebody signed in by just now: for the new passphrase, and nowhere but in memory. */
	cameBy: string | null;
	settings: Settings;
	storage: StorageState;
	health: Health | null;
	devices: Device[] | null;
	/** What the last search for people found. */
	people: Person[] | null;
	invitation: { link: string; expires: number } | null;
	/** Who made the invitation that was asked about last. */
	inviter: Inviter | null;
	/** Keys being changed after a sign-out; null when nothing is going on. */
	keyChange: { done: number; total: number } | null;
	/** What takes its time at the moment. */
	progress: Doing | null;
	/** The conversation that was last opened by `openDirect` or `createGroup`. */
	opened: string | null;
	/** Failures that nobody asked for: the store is full, something does not verify. */
	trouble: Failure | null;
	/** This browser was cleared by a sign-out that the server does not know of. */
	leftUntold: boolean;
	/** What was kept here was removed under the running app, whose it was, and what was not sent; null: no, or the person has read it. */
	cleared: Cleared | null;
	/** Members whose identity changed and about whom the person has not answered yet; the first is asked about. */
	identityChanged: string[];
	/** The dialog about sign-ins of other devices is open. */
	noticesShown: boolean;
	/** Language and theme: of the settings once somebody is signed in, of this browser before. */
	look: Look;
	/** What the address that the app was opened with brought along. */
	arrival: Arrival;
}

/** As the engine has them before a person chose. */
export const DEFAULT_SETTINGS: Settings = {
	language: 'system',
	theme: 'system',
	enterSends: true,
	receipts: true,
	recoveryReminded: false,
	signInNotices: true,
};

const NO_RECOVERY: Recovery = { there: false, made: null, remind: false, passphraseWanted: false };

export const INITIAL: AppState = {
	phase: { is: 'starting' },
	session: null,
	signedOut: false,
	server: null,
	connection: { is: 'connecting' },
	conversations: null,
	notices: [],
	passphraseChanged: null,
	recoveryChanged: null,
	recovery: NO_RECOVERY,
	approvals: { required: false, waiting: [] },
	approvalShown: null,
	refused: null,
	waits: null,
	forgotten: null,
	forgottenOthers: [],
	resetLink: null,
	resetFor: null,
	cameBy: null,
	settings: DEFAULT_SETTINGS,
	storage: { kept: 'disk', why: null, persistent: false, appLock: false },
	health: null,
	devices: null,
	people: null,
	invitation: null,
	inviter: null,
	keyChange: null,
	progress: null,
	opened: null,
	trouble: null,
	leftUntold: false,
	cleared: null,
	identityChanged: [],
	noticesShown: false,
	look: { theme: 'system', language: 'system' },
	arrival: { invitation: null, code: null, reset: null },
};

/** What an answer of the engine's `state` changes. */
export function partsOf(state: State): Partial<AppState> {
	const { signedOut, connection, settings, storage, recovery } = state;
	const session = state.session && cleanSession(state.session);
	const parts = {
		session,
		signedOut,
		server: cleanServer(state.server),
		connection,
		conversations: state.conversations.map(cleanConversation),
		notices: state.notices.map(cleanDevice),
		passphraseChanged: state.passphraseChanged ?? null,
		recoveryChanged: state.recoveryChanged ?? null,
		recovery,
		approvals: cleanApprovals(state.approvals),
		forgotten: state.forgotten ? cleanDevice(state.forgotten) : null,
		forgottenOthers: state.forgottenOthers.map(cleanPerson),
		settings,
		storage,
	};
	return session ? { ...parts, look: lookOf(settings) } : parts;
}

export function lookOf({ theme, language }: Settings): Look {
	return { theme, language };
}

/** What the state is once the engine has answered `open`. */
export function whenOpened(opened: Opened): Partial<AppState> {
	if (opened.is === 'locked') return { phase: { is: 'locked', wrong: opened.wrong } };
	if (opened.is === 'failed') return { phase: { is: 'failed', failure: opened.failure } };
	return {
		phase: { is: 'ready' },
		...partsOf(opened.state),
		noticesShown: isLoud(opened.state) && opened.state.notices.length > 0,
		approvalShown: newestOf(opened.state.approvals.waiting)?.device ?? null,
	};
}

/** What the state is once the app lock stands before everything: nothing of the person is left to be shown. */
export function whenLocked({ health, look, server, arrival }: AppState, wrong: boolean): AppState {
	return { ...INITIAL, health, look, server, arrival, phase: { is: 'locked', wrong } };
}

/** The commands that an update says the end of: their answer, or `done` where there is no other. */
export function endedBy(update: Update): Doing[] {
	switch (update.is) {
		case 'done':
			return [update.doing];
		case 'signedIn':
			return ['setUp', 'register', 'signIn', 'beginAnew'];
		case 'wiped':
			return ['signOut'];
		case 'invitation':
			return ['invite'];
		case 'invitedBy':
			return ['checkInvitation'];
		case 'resetLink':
			return ['resetMember'];
		case 'resetFor':
			return ['checkReset'];
		case 'people':
			return ['findPeople'];
		case 'opened':
			return ['openDirect', 'createGroup'];
		case 'devices':
			return ['listDevices'];
		default:
			return [];
	}
}

/** What the state is after an update. */
export function reduce(state: AppState, update: Exclude<Update, { is: 'failed' }>): Partial<AppState> {
	switch (update.is) {
		case 'connection':
			return { connection: update.connection };
		case 'signedIn':
			return {
				session: cleanSession(update.session),
				signedOut: false,
				leftUntold: false,
				progress: null,
				waits: null,
				cleared: leftFor(update.session, state.cleared),
			};
		case 'signedOut':
			return { signedOut: true };
		case 'wiped':
			return {
				...INITIAL,
				phase: { is: 'ready' },
				server: state.server,
				connection: state.connection,
				health: state.health,
				leftUntold: state.leftUntold,
				cleared: clearedBy(state, update.cleared),
			};
		case 'conversations':
			return { conversations: update.conversations.map(cleanConversation) };
		case 'opened':
			return { opened: update.conversation };
		case 'people':
			return { people: update.people.map(cleanPerson) };
		case 'invitation':
			return { invitation: { link: update.link, expires: update.expires } };
		case 'invitedBy':
			return { inviter: cleanInviter(update.inviter) };
		case 'forgotten':
			return { forgotten: update.request ? cleanDevice(update.request) : null };
		case 'forgottenOthers':
			return { forgottenOthers: update.people.map(cleanPerson) };
		case 'resetLink':
			return { resetLink: { member: update.member, link: update.link, expires: update.expires } };
		case 'resetFor':
			return { resetFor: cleanInviter(update.member) };
		case 'identityChanged':
			// whom one is being asked about never changes while one reads
			return state.identityChanged.includes(update.member)
				? {}
				: { identityChanged: [...state.identityChanged, update.member] };
		case 'notices':
			// a new one interrupts; one that was put off only stays in the strip
			return {
				notices: update.signIns.map(cleanDevice),
				passphraseChanged: update.passphraseChanged ?? null,
				recoveryChanged: update.recoveryChanged ?? null,
				noticesShown:
					update.signIns.length > 0 &&
					(state.noticesShown || (isLoud(state) && newOf(state.notices, update.signIns).length > 0)),
			};
		case 'signInApproval':
			return { waits: update.approval ?? null };
		case 'approvals': {
			const approvals = cleanApprovals(update.approvals);
			return { approvals, approvalShown: approvalShown(state, approvals.waiting) };
		}
		case 'recovery':
			return { recovery: update.recovery };
		case 'devices':
			return { devices: update.devices.map(cleanDevice) };
		case 'settings':
			return { settings: update.settings, look: lookOf(update.settings) };
		case 'changingKeys':
			return { keyChange: update.done < update.total ? { done: update.done, total: update.total } : null };
		case 'progress':
			return { progress: update.doing };
		case 'done':
			return state.progress === update.doing ? { progress: null } : {};
		case 'timeline':
			return {};
	}
}

function clearedBy({ cleared, session }: AppState, unsent: Unsent[] | undefined): Cleared | null {
	return unsent ? { member: session?.me.member ?? null, unsent: unsent.map(cleanUnsent) } : cleared;
}

/** Somebody else is not shown what another one wrote, and where nothing is lost nothing is to be said any more. */
function leftFor({ me }: Session, cleared: Cleared | null): Cleared | null {
	return cleared?.member === me.member && cleared.unsent.length > 0 ? cleared : null;
}

function cleanApprovals({ required, waiting }: Approvals): Approvals {
	return { required, waiting: waiting.map(cleanDevice) };
}

/** Whether sign-ins interrupt: always where they need approval, whatever was chosen before. */
export function isLoud({ approvals, settings }: Pick<AppState, 'approvals' | 'settings'>): boolean {
	return approvals.required || settings.signInNotices;
}

/** The one that asked last: what was left behind or is sent to be in the way stands behind one's own. */
export function newestOf(waiting: WaitingSignIn[]): WaitingSignIn | undefined {
	return [...waiting].sort((a, b) => b.asked - a.asked)[0];
}

/** Whose dialog is open now: what one looks at never changes into another by itself while it waits. */
function approvalShown({ approvalShown, approvals }: AppState, waiting: WaitingSignIn[]): string | null {
	if (waiting.some((one) => one.device === approvalShown)) return approvalShown;
	const candidates = approvalShown === null ? newOf(approvals.waiting, waiting) : waiting;
	return newestOf(candidates)?.device ?? null;
}

function newOf<T extends { device: string }>(before: { device: string }[], now: T[]): T[] {
	return now.filter((one) => !before.some((old) => old.device === one.device));
}

/** Failures that a person should hear of even if they asked for nothing. */
export function isTrouble(failure: Failure): boolean {
	return ['storeFull', 'storeNewer', 'store', 'unverified'].includes(failure.is);
}

/** A sign-out that the server could not be told of: what is kept here is wiped before it is told. */
export function isUntold({ doing, failure }: Extract<Update, { is: 'failed' }>): boolean {
	return doing === 'signOut' && (failure.is === 'offline' || failure.is === 'server');
}

/** What was thrown, as a failure: engines throw failures, browsers throw errors. */
export function asFailure(error: unknown): Failure {
	if (typeof error === 'object' && error !== null && 'is' in error) return error as Failure;
	return { is: 'store', message: error instanceof Error ? error.message : String(error) };
}
