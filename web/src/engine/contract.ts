/**
 * What the app and the engine in the worker say to each other. The types are those of `crates/client-wasm`; nothing here
 * is protocol or cryptography. Ids are lower-case hexadecimal, times are milliseconds since 1970, `seq` counts from 1.
 */

import type { Need } from './needs';

export type Id = string;

/** What a person asks; answers come as {@link Update}s. `doing` of the answers is the `do` of the command. */
export type Command =
	| { do: 'setUp'; code: string; organisation: string; account: NewAccount }
	| { do: 'register'; invitation: string; account: NewAccount }
	/** By passphrase, or by recovery code (`code`) where it is forgotten: a new one is to be chosen then. */
	| { do: 'signIn'; loginName: string; passphrase?: string; code?: string; deviceName: string }
	/**
	 * This device leaves: everything kept here is wiped, and it is removed from the account. Without a connection `failed`
	 * (`offline`) comes before `wiped`: the server does not know, and never will from here. Another device must sign it out.
	 */
	| { do: 'signOut' }
	| { do: 'invite' }
	/** Looks at an invitation before it is used, as soon as there is a connection; the one asked about last counts. */
	| { do: 'checkInvitation'; invitation: string }
	| { do: 'findPeople'; query: string }
	| { do: 'openDirect'; member: Id }
	/** `title` empty: it is called by the names of its members. Answered by `opened`. */
	| { do: 'createGroup'; title: string; members: Id[] }
	/** Kept at once, and said as soon as it can be. */
	| { do: 'setTitle'; conversation: Id; title: string }
	/** The same of its picture: a JPEG of at most 24 KiB and 512 pixels each way; empty: none any more. */
	| { do: 'setPicture'; conversation: Id; jpeg: Uint8Array }
	/** Done when all are in; those who can't be added fail one by one. */
	| { do: 'addMembers'; conversation: Id; members: Id[] }
	| { do: 'removeMember'; conversation: Id; member: Id }
	/** Leaves a group, for this member's other devices too. */
	| { do: 'leaveGroup'; conversation: Id }
	/** Puts a direct conversation, or one that is over, out of sight until something is written there, or back. */
	| { do: 'hide'; conversation: Id; hidden: boolean }
	| { do: 'setRole'; conversation: Id; member: Id; role: GroupRole }
	/** Messages disappear after so many seconds, an hour to a year; 0: not any more. */
	| { do: 'setTimer'; conversation: Id; seconds: number }
	/** What the person decides who is asked whether to begin a conversation anew (`stuck`). `start`: to do it; otherwise to wait. */
	| { do: 'decideRestart'; conversation: Id; start: boolean }
	/** `announcements`: only admins write. `historyAll`: who is added reads everything written before. */
	| { do: 'setRules'; conversation: Id; announcements: boolean; historyAll: boolean }
	| { do: 'sendText'; conversation: Id; text: string }
	/** What is on the screen is made ready before everything else; null: no conversation. */
	| { do: 'lookAt'; conversation: Id | null }
	| { do: 'markRead'; conversation: Id; seq: number }
	| { do: 'loadOlder'; conversation: Id }
	/** Kept at once, told to the other devices a little later. */
	| { do: 'saveDraft'; conversation: Id; text: string }
	/** `number`: the safety number that was compared before; no other identity than its own is accepted. */
	| { do: 'acceptIdentity'; member: Id; number?: string }
	| { do: 'setVerified'; member: Id; verified: boolean }
	/**
	 * By the old one, or by the recovery code (`code`) where it is forgotten. `mayBeKnown`: somebody may know the old one, so all
	 * keys are changed as well.
	 */
	| { do: 'changePassphrase'; old?: string; code?: string; new: string; mayBeKnown: boolean }
	/** Without `code` it is removed. Send one only after the person has entered it again. */
	| { do: 'setRecovery'; passphrase: string; code?: string }
	/** Gives a sign-in up that is under way. */
	| { do: 'cancelSignIn' }
	/**
	 * Whether new sign-ins need the approval of a device; answered as `changePassphrase`. `new` is another passphrase where it is
	 * switched on, and may be the same where it ends.
	 */
	| { do: 'setApproval'; old: string; new: string; required: boolean }
	/** Shows the code of a sign-in that waits. */
	| { do: 'claimApproval'; device: Id }
	/** Lets it in: the codes are the same. */
	| { do: 'grantApproval'; device: Id }
	/** Refuses it. */
	| { do: 'denyApproval'; device: Id }
	/** The passphrase is forgotten, and this device is still signed in: asks the other devices and the admins. */
	| { do: 'askForgotten' }
	/** By another device of the same member, or of somebody else (`member`) by an admin. */
	| { do: 'approveForgotten'; member?: Id }
	| { do: 'cancelForgotten' }
	/** A new passphrase without the old one, on the device that asked, once it may; answered as `changePassphrase`. */
	| { do: 'replaceForgotten'; new: string }
	/** Makes a link by which somebody begins anew; answered by `resetLink`. By admins. */
	| { do: 'resetMember'; member: Id }
	/** Looks at a reset link before it is used; answered by `resetFor`. */
	| { do: 'checkReset'; link: string }
	/** Begins anew by a reset link. */
	| { do: 'beginAnew'; link: string; passphrase: string; deviceName: string }
	| { do: 'rename'; passphrase: string; displayName: string }
	/** For good; this device is wiped then, as after `signOut`. */
	| { do: 'closeAccount'; passphrase: string }
	/** For good. This and what follows: as an admin of the organisation, of others. */
	| { do: 'closeAccountOf'; member: Id }
	| { do: 'suspend'; member: Id; suspended: boolean }
	| { do: 'setAdmin'; member: Id; admin: boolean }
	| { do: 'listDevices' }
	| { do: 'signOutDevice'; device: Id }
	| { do: 'signOutOthers' }
	/**
	 * What is named here was seen, as it was shown: of sign-ins which devices and when, of a changed passphrase or recovery code
	 * when. Nothing else counts as seen.
	 */
	| {
			do: 'noticesSeen';
			signIns: { device: Id; time: number }[];
			passphraseChanged?: number;
			recoveryChanged?: number;
	  }
	| { do: 'saveSettings'; settings: Settings }
	/** Try the connection now; after the store took nothing more, which stops the engine, go on from what it holds. */
	| { do: 'retryNow' };

/** The engine never answers `lookAt`; what goes wrong with it is of the `background`. */
export type Doing = Command['do'] | 'background';

export interface NewAccount {
	loginName: string;
	/** Empty: the login name. */
	displayName: string;
	passphrase: string;
	deviceName: string;
}

export type Update =
	| { is: 'connection'; connection: Connection }
	/** Somebody is signed in, or something of them changed (name, role). */
	| { is: 'signedIn'; session: Session }
	/** The server refuses this device: sign in again, or clear it. */
	| { is: 'signedOut' }
	/** This device was cleared; the engine is as new. */
	/** `cleared`: nobody asked for it, what the browser kept was removed under the running app; this was not sent, and is nowhere else. */
	| { is: 'wiped'; cleared?: Unsent[] }
	| { is: 'conversations'; conversations: Conversation[] }
	/** The timeline of a conversation changed: read it again. */
	| { is: 'timeline'; conversation: Id }
	/** A conversation that was asked for is there. */
	| { is: 'opened'; conversation: Id }
	| { is: 'people'; people: Person[] }
	| { is: 'invitation'; link: string; expires: number }
	/** Who made the invitation that was asked about, verified against the fingerprint in it. */
	| { is: 'invitedBy'; inviter: Inviter }
	/** This member's request for a new passphrase in the place of a forgotten one; without: there is none. */
	| { is: 'forgotten'; request?: Forgotten }
	/** Others who ask for approval of such a request, told to admins. */
	| { is: 'forgottenOthers'; people: Person[] }
	| { is: 'resetLink'; member: Id; link: string; expires: number }
	/** Whom a reset link is for, as the server says. */
	| { is: 'resetFor'; member: ResetFor }
	| { is: 'identityChanged'; member: Id }
	/** What the person has not acknowledged: sign-ins of other devices, and when another device changed passphrase or recovery code. */
	| { is: 'notices'; signIns: SignInNotice[]; passphraseChanged?: number; recoveryChanged?: number }
	/** The sign-in here waits for approval; without: it does not any more. */
	| { is: 'signInApproval'; approval?: SignInApproval }
	| { is: 'approvals'; approvals: Approvals }
	| { is: 'recovery'; recovery: Recovery }
	| { is: 'devices'; devices: Device[] }
	| { is: 'settings'; settings: Settings }
	/** Keys are being changed after a sign-out, or because a passphrase may be known: so many conversations of so many; done when equal. */
	| { is: 'changingKeys'; done: number; total: number }
	/** A truthful line while something takes its time: unlocking, for instance. */
	| { is: 'progress'; doing: Doing }
	| { is: 'done'; doing: Doing }
	| { is: 'failed'; doing: Doing; failure: Failure };

export type Connection =
	| { is: 'connecting' }
	| { is: 'online' }
	| { is: 'catchingUp' }
	| { is: 'offline'; retryAt: number }
	/** An admin has suspended this member: the server lets them in no more, and is asked again every minute. */
	| { is: 'suspended' }
	| { is: 'readOnly'; reason: string };

export interface Session {
	me: Person;
	organisation: string;
	role: 'admin' | 'member' | 'guest' | 'unknown';
	device: Id;
	/** Nothing is kept on the disk: a public computer, or a browser without storage. */
	inMemory: boolean;
}

export interface Person {
	member: Id;
	loginName: string;
	displayName: string;
	/** The identity is not the one pinned: writing is stopped until the person accepts it. */
	identityChanged: boolean;
	/** How that came, as far as it is known. */
	change?: IdentityChange;
	/** Checked by safety number. */
	verified: boolean;
	/** An admin of the organisation, as the server says. */
	admin: boolean;
	/** Suspended by an admin, as the server says. */
	suspended: boolean;
}

/**
 * How an identity came to be another: a device that they already used has confirmed it, which was verified; an admin reset their
 * access, as the server says; or nobody says.
 */
export type IdentityChange = 'confirmed' | 'reset' | 'unknown';

/** A request for a new passphrase in the place of a forgotten one. */
export interface Forgotten {
	/** The name of the device that asks. */
	name: string;
	asked: number;
	/** From when on it may go on without approval. */
	readyAt: number;
	approved: boolean;
	/** This device asks. */
	mine: boolean;
	/** The device that asks may go on. */
	ready: boolean;
}

/** Whom a reset link is for, as the server says. */
export interface ResetFor {
	loginName: string;
	displayName: string;
	organisation: string;
	/** When the link expires. */
	expires: number;
}

/** Who invites. */
export interface Inviter {
	loginName: string;
	displayName: string;
	/** As the server says it. */
	organisation: string;
	/** When the invitation expires. */
	expires: number;
}

export interface Conversation {
	conversation: Id;
	direct: boolean;
	/** The other's name; a group's title, or the names of its first members. */
	title: string;
	members: Person[];
	unread: number;
	last: { time: number; text: string; own: boolean; state: SendState | null } | null;
	draft: string;
	/** Read up to here; the "new messages" line stands after it. */
	read: number;
	/** Ready to be read and written. */
	ready: boolean;
	/** What opens it is lost; it is asked for, and somebody else must be online. */
	restoring: boolean;
	/** null: every change in it can be read. */
	stuck: Stuck | null;
	/** Something in it does not verify, or needs a newer app; writing is stopped. */
	broken: boolean;
	/** That is because it needs a newer app. */
	outdated: boolean;
	/** The person is no longer in it. */
	gone: boolean;
	/** They have left by themselves. */
	left: boolean;
	/** Direct, and the other one's account was closed: nobody reads here any more. */
	closed: boolean;
	/** The person has put it out of sight, and nothing was written there since. */
	hidden: boolean;
	/** Messages disappear after so many seconds; 0: they don't. */
	timer: number;
	/** One may change that. */
	maySetTimer: boolean;
	/** null: it is direct. */
	group: Group | null;
}

/** Somebody's last change can't be read on this device; writing waits. */
export interface Stuck {
	/** The name of who made it. */
	by: string;
	/** Others can read it: the person's access is being restored. */
	alone: boolean;
	/** The conversation begins anew by itself. */
	byItself: boolean;
	/** The person is asked whether to begin it anew. */
	asked: boolean;
	/** They may, also after they decided to wait. */
	may: boolean;
	/** They have decided to. */
	started: boolean;
	/** Whether who made the change will be out then. */
	without: boolean;
}

/** What only groups have. */
export interface Group {
	/** Somebody has given it a title. */
	named: boolean;
	/** Another name for each picture; null: it has none. `picture` gives what is to be seen. */
	picture: string | null;
	/** Of each member, in the order of `members`. */
	roles: GroupRole[];
	/** One's own. */
	role: GroupRole;
	/** Only admins write. */
	announcements: boolean;
	/** Who is added reads everything that was written before. */
	historyAll: boolean;
	/** One may write messages. */
	mayWrite: boolean;
	/** Something that was asked here is being changed. */
	changing: boolean;
	/** While many are added, some at a time. */
	adding: Adding | null;
}

/** How many of those who are being added to a group are in it already. */
export interface Adding {
	done: number;
	total: number;
}

/** What somebody may do in a group; later ones may do more. */
export type GroupRole = 'readOnly' | 'member' | 'admin' | 'owner';

/** Text that was not sent. */
export interface Unsent {
	/** Of the conversation. */
	title: string;
	text: string;
}

export type SendState = 'waiting' | 'sent' | 'delivered' | 'read';

export interface Item {
	/** Stable while the message goes from waiting to sent. */
	key: string;
	/** null while waiting. */
	seq: number | null;
	sender: Id;
	senderName: string;
	own: boolean;
	/** The author's time. */
	time: number;
	/** 0 while waiting. Both times are shown when they differ by more than 5 minutes. */
	serverTime: number;
	/** When it disappears; 0: never, or not known while it waits. */
	expires: number;
	body: ItemBody;
	/** Of own messages. */
	state: SendState | null;
}

export type ItemBody =
	| { is: 'text'; text: string }
	| { is: 'created' }
	| { is: 'title'; title: string }
	| { is: 'picture'; takenAway: boolean }
	| {
			is: 'members';
			added: string[];
			removed: string[];
			roles: { name: string; role: GroupRole }[];
			/** null: as before. */
			announcements: boolean | null;
			/** null: as before. */
			historyAll: boolean | null;
			/** The roles follow from the last admin's leaving, whoever the sender is. */
			left: boolean;
			/** Messages disappear after so many seconds from now on; 0: they don't any more; null: as before. */
			timer: number | null;
			/** Whose lost access was restored. */
			restored: string[];
	  }
	/** The sender has left. */
	| { is: 'left' }
	/** The sender's account was closed, as the server says. */
	| { is: 'accountClosed' }
	/** The sender's app can't read somebody's last change. `about` null: that is not known here. */
	| { is: 'complaint'; about: string | null }
	/** The sender began the conversation anew. `complaint`: because a change could not be read; `out`: who is in it no more. */
	| { is: 'restarted'; complaint: boolean; out: string[] }
	/** This device can't read it, because of a change that it could not read. */
	| { is: 'unreadable' }
	/** The sender has repaired the way back to what was written before. */
	| { is: 'relinked' }
	| { is: 'keysUpdated' }
	/** "Update the app to see this." */
	| { is: 'newer' }
	| { is: 'removedByServer' }
	| { is: 'unverified' };

/** In ascending order. */
export interface Page {
	items: Item[];
	/** There are older ones, here or on the server. */
	older: boolean;
	/** Older ones have to come from the server: `loadOlder`, then read again. */
	olderOnServer: boolean;
	/** There are newer ones than those of this page. */
	newer: boolean;
}

export interface Device {
	device: Id;
	name: string;
	created: number;
	lastSeen: number;
	current: boolean;
}

export interface SignInNotice {
	device: Id;
	name: string;
	time: number;
	/** When it was signed out again, if that was before this device came back. */
	signedOut?: number;
}

/** Kept in the vault, so alike on all devices. */
export interface Settings {
	language: 'system' | 'en' | 'fr';
	theme: 'system' | 'light' | 'dark';
	/** false: Ctrl+Enter sends. */
	enterSends: boolean;
	/** Tell others what was delivered and read. */
	receipts: boolean;
	/** The person was reminded that they have no recovery code. */
	recoveryReminded: boolean;
	/** Sign-ins of other devices are told loudly. */
	signInNotices: boolean;
}

/** A sign-in here that waits until another device lets it in. */
export interface SignInApproval {
	/** To be compared with what the other device shows: nine digits in three groups. */
	code?: string;
	/** It was let in. */
	letIn: boolean;
}

/** Approval of new sign-ins. */
export interface Approvals {
	/** New sign-ins need it. */
	required: boolean;
	/** Those that wait. */
	waiting: WaitingSignIn[];
}

/** A sign-in on another device that waits. */
export interface WaitingSignIn {
	device: Id;
	name: string;
	asked: number;
	step: ApprovalStep;
	/** At the step `code`. */
	code?: string;
}

/** `differs`: what came does not fit, somebody stands between. */
export type ApprovalStep = 'asked' | 'elsewhere' | 'preparing' | 'code' | 'differs';

/** The recovery code, as far as it is told: the code itself is kept nowhere. */
export interface Recovery {
	there: boolean;
	/** When it was made. */
	made: number | null;
	/** The person is to be reminded, this once, that there is none. */
	remind: boolean;
	/** Somebody signed in by the code here, and has not chosen a new passphrase yet. */
	passphraseWanted: boolean;
}

export type Failure =
	/** `code` as in docs/errors.md. */
	| { is: 'server'; code: string; message: string; retryable: boolean; retryAfterMs: number | null }
	| { is: 'offline' }
	| { is: 'alreadySignedIn' }
	| { is: 'signInFirst' }
	| { is: 'name'; message: string }
	| { is: 'invitation' }
	| { is: 'text' }
	| { is: 'pictureTooLarge' }
	| { is: 'notAPicture' }
	| { is: 'passphrase' }
	/** Not the recovery code of this account, or mistyped. */
	| { is: 'recoveryCode' }
	/** Another passphrase than the present one is needed. */
	| { is: 'samePassphrase' }
	/** Refused on another device, or nobody let it in in time. */
	| { is: 'notLetIn' }
	/** Not a reset link. */
	| { is: 'resetLink' }
	/** Nobody asks for what was to be approved any more. */
	| { is: 'noRequest' }
	| { is: 'noConversation' }
	/** The other one's account was closed. */
	| { is: 'accountClosed' }
	| { is: 'noPerson' }
	/** All who were to be added are in the group. */
	| { is: 'alreadyMember' }
	/** One's role in the group does not allow it. */
	| { is: 'notAllowed' }
	/** A group keeps at least one admin. */
	| { is: 'lastAdmin' }
	/** What the server sent does not verify. */
	| { is: 'unverified'; message: string }
	/** It was made by a newer app. */
	| { is: 'outdated' }
	| { is: 'identityChanged'; member: Id }
	| { is: 'storeFull' }
	| { is: 'storeNewer' }
	| { is: 'store'; message: string };

/** The store takes nothing more; told of the `background`, it has stopped the engine until a restart. */
export function isStoreFailure(failure: Failure): boolean {
	return failure.is === 'storeFull' || failure.is === 'store';
}

/** How the engine begins. */
export interface OpenOptions {
	/** Keep nothing on the disk. */
	inMemory: boolean;
	/** Opens the local store where an app lock is set. */
	unlock?: string;
}

/** What is there when the app starts. */
export type Opened =
	| { is: 'ready'; state: State }
	/** An app lock is set: open again with `unlock`. `wrong`: the one given is not it. */
	| { is: 'locked'; wrong: boolean }
	/** What is kept here can't be opened: written by a newer version, damaged, or no room. `wipe` begins anew. */
	| { is: 'failed'; failure: Failure };

export interface State {
	session: Session | null;
	/** The server refused this device. */
	signedOut: boolean;
	/** null until the server said hello. */
	server: { organisation: string; setUpNeeded: boolean; unaudited: true; version: string } | null;
	connection: Connection;
	conversations: Conversation[];
	notices: SignInNotice[];
	/** When another device changed the passphrase, until the person acknowledges it. */
	passphraseChanged?: number;
	/** The same of the recovery code. */
	recoveryChanged?: number;
	recovery: Recovery;
	approvals: Approvals;
	/** This member's request for a new passphrase in the place of a forgotten one. */
	forgotten?: Forgotten;
	/** Others who ask for approval of one, told to admins. */
	forgottenOthers: Person[];
	settings: Settings;
	storage: StorageState;
}

export interface StorageState {
	/** Where things are kept. */
	kept: 'disk' | 'memory';
	/** Why not on the disk although that was wanted. */
	why: 'public' | 'unsupported' | null;
	/** The browser promised not to evict it. */
	persistent: boolean;
	appLock: boolean;
}

export interface InvitationInfo {
	addresses: string[];
	/** The instance's certificate authority, in six words. */
	words: string[];
}

export type SafetyCheck = 'match' | 'mismatch' | 'notASafetyCode' | 'otherPerson';

/** The engine as the app sees it, whichever tab or worker it runs in. */
export interface Engine {
	open(options: OpenOptions): Promise<Opened>;
	command(command: Command): void;
	/** Returns how to stop listening. */
	subscribe(listener: (update: Update) => void): () => void;
	state(): Promise<State>;
	/** Up to `limit` rows before `before`, or after `after`; neither: the newest, with what waits. */
	timeline(at: { conversation: Id; before?: number; after?: number; limit: number }): Promise<Page>;
	/** The picture of a group, a JPEG; null where it has none of that name. */
	picture(conversation: Id, name: string): Promise<Uint8Array | null>;
	/** The 60 digits that two people compare. */
	safetyNumber(member: Id): Promise<string | null>;
	/** What the QR code of the safety number holds. */
	safetyCode(member: Id): Promise<Uint8Array | null>;
	checkSafetyCode(member: Id, code: Uint8Array): Promise<SafetyCheck>;
	/** Five words. */
	generatePassphrase(language: 'en' | 'fr'): Promise<string>;
	/** Six groups of five letters and digits; it counts once `setRecovery` was done with it. */
	generateRecoveryCode(): Promise<string>;
	/** What was typed, as it is shown; null: that is no recovery code, or mistyped. */
	readRecoveryCode(typed: string): Promise<string | null>;
	/** 0 to 4; own passphrases need 4. */
	passphraseStrength(passphrase: string, hints: string[]): Promise<number>;
	/** null: that is not an invitation. */
	readInvitation(link: string): Promise<InvitationInfo | null>;
	/** Sets or (null) removes the app lock of this browser. */
	setAppLock(unlock: string | null): Promise<void>;
	/** Forgets everything that is kept in this browser, without asking the server. */
	wipe(): Promise<void>;
	/**
	 * Ends the worker and starts another, which opens what is kept anew: the way on after the store took nothing more
	 * (`storeFull`, `store`), which stops the engine.
	 */
	restart(): Promise<void>;
	/** How the worker and tabs are: for notices such as "another tab does the work" and "the worker had to be restarted". */
	onHealth(listener: (health: Health) => void): () => void;
}

export type Health =
	| { is: 'leading' }
	| { is: 'following' }
	/** The worker ended unexpectedly and is started again; nothing that was kept is lost. */
	| { is: 'restarting' }
	/** It was started again and an app lock is set: open again with `unlock`. */
	| { is: 'locked' }
	/** It was started again, and what is kept can't be opened. */
	| { is: 'failed'; failure: Failure }
	/** Another tab holds the worker, of a build that this one can't talk to: it goes on once that tab is gone, or must be loaded anew. */
	| { is: 'otherBuild'; own: 'older' | 'newer' }
	/** It can't be started. */
	| { is: 'dead'; message: string }
	/** It can't be started in this browser. */
	| { is: 'unsupported'; lacks: Need[] };
