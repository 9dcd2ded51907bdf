// Generated from crates/client-wasm/src/types by `cargo xtask gen`. Do not edit.
// biome-ignore-all format: generated

/**
 * What a person asks; answers come as {@link Update}s. `doing` of the answers is the `do` of the command.
 */
export type Command = { "do": "setUp", code: string, organisation: string, account: NewAccount, } | { "do": "register", invitation: string, account: NewAccount, } | { "do": "signIn", loginName: string, passphrase?: string, code?: string, deviceName: string, } | { "do": "signOut" } | { "do": "invite" } | { "do": "checkInvitation", invitation: string, } | { "do": "findPeople", query: string, } | { "do": "openDirect", member: string, } | { "do": "createGroup", title: string, members: Array<string>, } | { "do": "setTitle", conversation: string, title: string, } | { "do": "setPicture", conversation: string, jpeg: Uint8Array, } | { "do": "addMembers", conversation: string, members: Array<string>, } | { "do": "removeMember", conversation: string, member: string, } | { "do": "leaveGroup", conversation: string, } | { "do": "hide", conversation: string, hidden: boolean, } | { "do": "setRole", conversation: string, member: string, role: GroupRole, } | { "do": "setTimer", conversation: string, seconds: number, } | { "do": "decideRestart", conversation: string, start: boolean, } | { "do": "setRules", conversation: string, announcements: boolean, historyAll: boolean, } | { "do": "sendText", conversation: string, text: string, } | { "do": "lookAt", conversation: string | null, } | { "do": "markRead", conversation: string, seq: number, } | { "do": "loadOlder", conversation: string, } | { "do": "saveDraft", conversation: string, text: string, } | { "do": "acceptIdentity", member: string, number?: string, } | { "do": "setVerified", member: string, verified: boolean, } | { "do": "changePassphrase", old?: string, code?: string, new: string, mayBeKnown: boolean, } | { "do": "setRecovery", passphrase: string, code?: string, } | { "do": "cancelSignIn" } | { "do": "setApproval", old: string, new: string, required: boolean, } | { "do": "claimApproval", device: string, } | { "do": "grantApproval", device: string, } | { "do": "denyApproval", device: string, } | { "do": "askForgotten" } | { "do": "approveForgotten", member?: string, } | { "do": "cancelForgotten" } | { "do": "replaceForgotten", new: string, } | { "do": "resetMember", member: string, } | { "do": "checkReset", link: string, } | { "do": "beginAnew", link: string, passphrase: string, deviceName: string, } | { "do": "rename", passphrase: string, displayName: string, } | { "do": "closeAccount", passphrase: string, } | { "do": "closeAccountOf", member: string, } | { "do": "suspend", member: string, suspended: boolean, } | { "do": "setAdmin", member: string, admin: boolean, } | { "do": "listDevices" } | { "do": "signOutDevice", device: string, } | { "do": "signOutOthers" } | { "do": "noticesSeen", signIns: Array<SeenSignIn>, passphraseChanged?: number, recoveryChanged?: number, } | { "do": "saveSettings", settings: Settings, } | { "do": "retryNow" };

/**
 * Which command something belongs to.
 */
export type Doing = "setUp" | "register" | "signIn" | "signOut" | "invite" | "checkInvitation" | "findPeople" | "openDirect" | "createGroup" | "setTitle" | "setPicture" | "addMembers" | "removeMember" | "leaveGroup" | "hide" | "setRole" | "setTimer" | "decideRestart" | "setRules" | "sendText" | "markRead" | "loadOlder" | "saveDraft" | "acceptIdentity" | "setVerified" | "changePassphrase" | "setRecovery" | "cancelSignIn" | "claimApproval" | "grantApproval" | "denyApproval" | "askForgotten" | "approveForgotten" | "cancelForgotten" | "resetMember" | "checkReset" | "beginAnew" | "rename" | "closeAccount" | "closeAccountOf" | "suspend" | "setAdmin" | "listDevices" | "signOutDevice" | "signOutOthers" | "noticesSeen" | "saveSettings" | "retryNow" | "background";

/**
 * Names and passphrase of a new account.
 */
export type NewAccount = { 
/**
 * As typed.
 */
loginName: string, 
/**
 * Empty: the login name.
 */
displayName: string, 
/**
 * As typed, or as generated.
 */
passphrase: string, 
/**
 * A name for this browser.
 */
deviceName: string, };

/**
 * A sign-in that the person has seen.
 */
export type SeenSignIn = { 
/**
 * Which device.
 */
device: string, 
/**
 * When (ms since 1970).
 */
time: number, };

/**
 * What the engine tells.
 */
export type Update = { "is": "connection", connection: Connection, } | { "is": "signedIn", session: Session, } | { "is": "signedOut" } | { "is": "wiped", 
/**
 * Nobody asked for it: what the browser kept was removed under the running app. This was not sent, and is nowhere else.
 */
cleared?: Array<Unsent>, } | { "is": "conversations", conversations: Array<Conversation>, } | { "is": "timeline", conversation: string, } | { "is": "opened", conversation: string, } | { "is": "people", people: Array<Person>, } | { "is": "invitation", link: string, expires: number, } | { "is": "invitedBy", inviter: Inviter, } | { "is": "forgotten", request?: Forgotten, } | { "is": "forgottenOthers", people: Array<Person>, } | { "is": "resetLink", member: string, link: string, expires: number, } | { "is": "resetFor", member: ResetFor, } | { "is": "identityChanged", member: string, } | { "is": "notices", signIns: Array<SignInNotice>, passphraseChanged?: number, recoveryChanged?: number, } | { "is": "signInApproval", approval?: SignInApproval, } | { "is": "approvals", approvals: Approvals, } | { "is": "recovery", recovery: Recovery, } | { "is": "devices", devices: Array<Device>, } | { "is": "settings", settings: Settings, } | { "is": "changingKeys", done: number, total: number, } | { "is": "progress", doing: Doing, } | { "is": "done", doing: Doing, } | { "is": "failed", doing: Doing, failure: Failure, };

/**
 * The connection, for one quiet line.
 */
export type Connection = { "is": "connecting" } | { "is": "online" } | { "is": "catchingUp" } | { "is": "offline", retryAt: number, } | { "is": "suspended" } | { "is": "readOnly", reason: string, };

/**
 * Who is signed in here.
 */
export type Session = { me: Person, organisation: string, role: Role, device: string, 
/**
 * Nothing is kept on the disk: a public computer, or a browser without storage.
 */
inMemory: boolean, };

/**
 * What a person may do in the organisation.
 */
export type Role = "admin" | "member" | "guest" | "unknown";

/**
 * A person.
 */
export type Person = { member: string, loginName: string, displayName: string, 
/**
 * The identity is not the one pinned: writing is stopped until the person accepts it.
 */
identityChanged: boolean, 
/**
 * How that came, as far as it is known.
 */
change?: IdentityChange, 
/**
 * Checked by safety number.
 */
verified: boolean, 
/**
 * An admin of the organisation, as the server says.
 */
admin: boolean, 
/**
 * Suspended by an admin, as the server says.
 */
suspended: boolean, };

/**
 * A row of the list of conversations.
 */
export type Conversation = { conversation: string, direct: boolean, 
/**
 * The other's name; a group's title, or the names of its first members.
 */
title: string, members: Array<Person>, unread: number, last: Last | null, draft: string, 
/**
 * Read up to here; the "new messages" line stands after it.
 */
read: number, 
/**
 * Ready to be read and written.
 */
ready: boolean, 
/**
 * What opens it is lost; it is asked for, and somebody else must be online.
 */
restoring: boolean, 
/**
 * null: every change in it can be read.
 */
stuck: Stuck | null, 
/**
 * Something in it does not verify; writing is stopped.
 */
broken: boolean, 
/**
 * That is because it needs a newer app.
 */
outdated: boolean, 
/**
 * The person is no longer in it.
 */
gone: boolean, 
/**
 * They have left by themselves.
 */
left: boolean, 
/**
 * Direct, and the other one's account was closed: nobody reads here any more.
 */
closed: boolean, 
/**
 * The person has put it out of sight, and nothing was written there since.
 */
hidden: boolean, 
/**
 * Messages disappear after so many seconds; 0: they don't.
 */
timer: number, 
/**
 * One may change that.
 */
maySetTimer: boolean, 
/**
 * null: it is direct.
 */
group: Group | null, };

/**
 * The newest message of a conversation.
 */
export type Last = { time: number, text: string, own: boolean, state: SendState | null, };

/**
 * The true state of one's own message.
 */
export type SendState = "waiting" | "sent" | "delivered" | "read";

/**
 * A row of the timeline.
 */
export type Item = { 
/**
 * Stable while the message goes from waiting to sent.
 */
key: string, 
/**
 * null while waiting.
 */
seq: number | null, sender: string, senderName: string, own: boolean, 
/**
 * The author's time.
 */
time: number, 
/**
 * 0 while waiting. Both times are shown when they differ by more than 5 minutes.
 */
serverTime: number, 
/**
 * When it disappears; 0: never, or not known while it waits.
 */
expires: number, body: ItemBody, 
/**
 * Of own messages.
 */
state: SendState | null, };

/**
 * What a row of the timeline says.
 */
export type ItemBody = { "is": "text", text: string, } | { "is": "created" } | { "is": "title", title: string, } | { "is": "picture", takenAway: boolean, } | { "is": "members", added: Array<string>, removed: Array<string>, roles: Array<NewRole>, 
/**
 * null: as before.
 */
announcements: boolean | null, 
/**
 * null: as before.
 */
historyAll: boolean | null, 
/**
 * The roles follow from the last admin's leaving, whoever the sender is.
 */
left: boolean, 
/**
 * Messages disappear after so many seconds from now on; 0: they don't any more; null: as before.
 */
timer: number | null, 
/**
 * Whose lost access was restored.
 */
restored: Array<string>, } | { "is": "left" } | { "is": "accountClosed" } | { "is": "complaint", 
/**
 * null: that is not known here.
 */
about: string | null, } | { "is": "restarted", 
/**
 * Because a change could not be read.
 */
complaint: boolean, 
/**
 * Who is in it no more.
 */
out: Array<string>, } | { "is": "unreadable" } | { "is": "relinked" } | { "is": "keysUpdated" } | { "is": "newer" } | { "is": "removedByServer" } | { "is": "unverified" };

/**
 * In ascending order.
 */
export type Page = { items: Array<Item>, 
/**
 * There are older ones, here or on the server.
 */
older: boolean, 
/**
 * Older ones have to come from the server: `loadOlder`, then read again.
 */
olderOnServer: boolean, 
/**
 * There are newer ones than those of this page.
 */
newer: boolean, };

/**
 * A signed-in device of one's own.
 */
export type Device = { device: string, name: string, created: number, lastSeen: number, current: boolean, };

/**
 * Who invites.
 */
export type Inviter = { loginName: string, displayName: string, 
/**
 * As the server says it.
 */
organisation: string, 
/**
 * When the invitation expires.
 */
expires: number, };

/**
 * A sign-in of another device.
 */
export type SignInNotice = { device: string, name: string, time: number, 
/**
 * When it was signed out again, if that was before this device came back.
 */
signedOut?: number, };

/**
 * The recovery code, as far as it is told: the code itself is kept nowhere.
 */
export type Recovery = { 
/**
 * There is one.
 */
there: boolean, 
/**
 * When it was made.
 */
made: number | null, 
/**
 * The person is to be reminded, this once, that there is none.
 */
remind: boolean, 
/**
 * Somebody signed in by the code here, and has not chosen a new passphrase yet.
 */
passphraseWanted: boolean, };

/**
 * Kept in the vault, so alike on all devices.
 */
export type Settings = { language: Language, theme: Theme, 
/**
 * false: Ctrl+Enter sends.
 */
enterSends: boolean, 
/**
 * Tell others what was delivered and read.
 */
receipts: boolean, 
/**
 * The person was reminded that they have no recovery code.
 */
recoveryReminded: boolean, 
/**
 * Sign-ins of other devices are told loudly.
 */
signInNotices: boolean, };

/**
 * The language of the app.
 */
export type Language = "system" | "en" | "fr";

/**
 * The colours of the app.
 */
export type Theme = "system" | "light" | "dark";

/**
 * Why something did not work.
 */
export type Failure = { "is": "server", code: string, message: string, retryable: boolean, retryAfterMs: number | null, } | { "is": "offline" } | { "is": "alreadySignedIn" } | { "is": "signInFirst" } | { "is": "name", message: string, } | { "is": "invitation" } | { "is": "text" } | { "is": "pictureTooLarge" } | { "is": "notAPicture" } | { "is": "passphrase" } | { "is": "recoveryCode" } | { "is": "samePassphrase" } | { "is": "notLetIn" } | { "is": "resetLink" } | { "is": "noRequest" } | { "is": "noConversation" } | { "is": "accountClosed" } | { "is": "noPerson" } | { "is": "alreadyMember" } | { "is": "notAllowed" } | { "is": "lastAdmin" } | { "is": "unverified", message: string, } | { "is": "outdated" } | { "is": "identityChanged", member: string, } | { "is": "storeFull" } | { "is": "storeNewer" } | { "is": "store", message: string, };

/**
 * How the engine begins.
 */
export type OpenOptions = { 
/**
 * Keep nothing on the disk.
 */
inMemory: boolean, 
/**
 * Opens the local store where an app lock is set.
 */
unlock?: string, };

/**
 * What is there when the app starts.
 */
export type Opened = { "is": "ready", state: State, } | { "is": "locked", wrong: boolean, } | { "is": "failed", failure: Failure, };

/**
 * Everything that the first screen needs.
 */
export type State = { session: Session | null, 
/**
 * The server refused this device.
 */
signedOut: boolean, 
/**
 * null until the server said hello.
 */
server: Server | null, connection: Connection, conversations: Array<Conversation>, notices: Array<SignInNotice>, 
/**
 * When another device changed the passphrase, until the person acknowledges it.
 */
passphraseChanged?: number, 
/**
 * The same of the recovery code.
 */
recoveryChanged?: number, recovery: Recovery, approvals: Approvals, 
/**
 * This member's request for a new passphrase in the place of a forgotten one.
 */
forgotten?: Forgotten, 
/**
 * Others who ask for approval of one, told to admins.
 */
forgottenOthers: Array<Person>, settings: Settings, storage: StorageState, };

/**
 * The server, as it said hello.
 */
export type Server = { organisation: string, setUpNeeded: boolean, unaudited: true, version: string, };

/**
 * Where this browser keeps things.
 */
export type StorageState = { 
/**
 * Where things are kept.
 */
kept: 'disk' | 'memory', 
/**
 * Why not on the disk although that was wanted.
 */
why: Why | null, 
/**
 * The browser promised not to evict it.
 */
persistent: boolean, 
/**
 * The person must unlock the app.
 */
appLock: boolean, };

/**
 * Why nothing is kept on the disk.
 */
export type Why = "public" | "unsupported";

/**
 * What an invitation says of itself.
 */
export type InvitationInfo = { 
/**
 * `host:port`.
 */
addresses: Array<string>, 
/**
 * The instance's certificate authority, in six words.
 */
words: Array<string>, };

/**
 * What a scanned safety code says.
 */
export type SafetyCheck = "match" | "mismatch" | "notASafetyCode" | "otherPerson";

/**
 * How many of those who are being added to a group are in it already.
 */
export type Adding = { done: number, total: number, };

/**
 * What only groups have.
 */
export type Group = { 
/**
 * Somebody has given it a title.
 */
named: boolean, 
/**
 * Another name for each picture; null: it has none. `picture` gives what is to be seen.
 */
picture: string | null, 
/**
 * Of each member, in the order of `members`.
 */
roles: Array<GroupRole>, 
/**
 * One's own.
 */
role: GroupRole, 
/**
 * Only admins write.
 */
announcements: boolean, 
/**
 * Who is added reads everything that was written before.
 */
historyAll: boolean, 
/**
 * One may write messages.
 */
mayWrite: boolean, 
/**
 * Something that was asked here is being changed.
 */
changing: boolean, 
/**
 * While many are added, some at a time.
 */
adding: Adding | null, };

/**
 * What somebody may do in a group; later ones may do more.
 */
export type GroupRole = "readOnly" | "member" | "admin" | "owner";

/**
 * Somebody with another role than before.
 */
export type NewRole = { name: string, role: GroupRole, };

/**
 * How an identity came to be another than the pinned one.
 */
export type IdentityChange = "confirmed" | "reset" | "unknown";

/**
 * A request for a new passphrase in the place of a forgotten one.
 */
export type Forgotten = { 
/**
 * The name of the device that asks.
 */
name: string, asked: number, 
/**
 * From when on it may go on without approval.
 */
readyAt: number, approved: boolean, 
/**
 * This device asks.
 */
mine: boolean, 
/**
 * The device that asks may go on.
 */
ready: boolean, };

/**
 * Whom a reset link is for, as the server says.
 */
export type ResetFor = { loginName: string, displayName: string, organisation: string, 
/**
 * When the link expires.
 */
expires: number, };

/**
 * Somebody's last change can't be read on this device; writing waits.
 */
export type Stuck = { 
/**
 * The name of who made it.
 */
by: string, 
/**
 * Others can read it: the person's access is being restored.
 */
alone: boolean, 
/**
 * The conversation begins anew by itself.
 */
byItself: boolean, 
/**
 * The person is asked whether to begin it anew.
 */
asked: boolean, 
/**
 * They may, also after they decided to wait.
 */
may: boolean, 
/**
 * They have decided to.
 */
started: boolean, 
/**
 * Whether who made the change will be out then.
 */
without: boolean, };

/**
 * A sign-in here that waits until another device lets it in.
 */
export type SignInApproval = { 
/**
 * To be compared with what the other device shows: nine digits in three groups.
 */
code?: string, 
/**
 * It was let in.
 */
letIn: boolean, };

/**
 * Approval of new sign-ins.
 */
export type Approvals = { 
/**
 * New sign-ins need it.
 */
required: boolean, 
/**
 * Those that wait.
 */
waiting: Array<WaitingSignIn>, };

/**
 * A sign-in on another device that waits.
 */
export type WaitingSignIn = { device: string, name: string, asked: number, step: ApprovalStep, 
/**
 * At the step `code`.
 */
code?: string, };

/**
 * How far the approval of a sign-in is.
 */
export type ApprovalStep = "asked" | "elsewhere" | "preparing" | "code" | "differs";

/**
 * Text that was not sent.
 */
export type Unsent = { 
/**
 * Of the conversation.
 */
title: string, text: string, };
