use serde::{Deserialize, Serialize};

use super::Id;

/// The connection, for one quiet line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Connection {
    Connecting,
    Online,
    CatchingUp,
    Offline {
        retry_at: u64,
    },
    /// An admin has suspended this member: the server lets them in no more.
    Suspended,
    ReadOnly {
        reason: String,
    },
}

/// Who is signed in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Session {
    pub me: Person,
    pub organisation: String,
    pub role: Role,
    pub device: Id,
    /// Nothing is kept on the disk: a public computer, or a browser without storage.
    pub in_memory: bool,
}

/// What a person may do in the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Role {
    Admin,
    Member,
    Guest,
    Unknown,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Person {
    pub member: Id,
    pub login_name: String,
    pub display_name: String,
    /// The identity is not the one pinned: writing is stopped until the person accepts it.
    pub identity_changed: bool,
    /// How that came, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub change: Option<IdentityChange>,
    /// Checked by safety number.
    pub verified: bool,
    /// An admin of the organisation, as the server says.
    pub admin: bool,
    /// Suspended by an admin, as the server says.
    pub suspended: bool,
}

/// How an identity came to be another than the pinned one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum IdentityChange {
    /// A device that they already used has confirmed it: verified.
    Confirmed,
    /// An admin reset their access, as the server says.
    Reset,
    /// Nobody says.
    Unknown,
}

/// A request for a new passphrase in the place of a forgotten one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Forgotten {
    /// The name of the device that asks.
    pub name: String,
    pub asked: u64,
    /// From when on it may go on without approval.
    pub ready_at: u64,
    pub approved: bool,
    /// This device asks.
    pub mine: bool,
    /// The device that asks may go on.
    pub ready: bool,
}

/// Whom a reset link is for, as the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct ResetFor {
    pub login_name: String,
    pub display_name: String,
    pub organisation: String,
    /// When the link expires.
    pub expires: u64,
}

/// Who invites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Inviter {
    pub login_name: String,
    pub display_name: String,
    /// As the server says it.
    pub organisation: String,
    /// When the invitation expires.
    pub expires: u64,
}

/// A row of the list of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Conversation {
    pub conversation: Id,
    pub direct: bool,
    /// The other's name; a group's title, or the names of its first members.
    pub title: String,
    pub members: Vec<Person>,
    pub unread: u64,
    pub last: Option<Last>,
    pub draft: String,
    /// Read up to here; the "new messages" line stands after it.
    pub read: u64,
    /// Ready to be read and written.
    pub ready: bool,
    /// What opens it is lost; it is asked for, and somebody else must be online.
    pub restoring: bool,
    /// null: every change in it can be read.
    pub stuck: Option<Stuck>,
    /// Something in it does not verify; writing is stopped.
    pub broken: bool,
    /// That is because it needs a newer app.
    pub outdated: bool,
    /// The person is no longer in it.
    pub gone: bool,
    /// They have left by themselves.
    pub left: bool,
    /// Direct, and the other one's account was closed: nobody reads here any more.
    pub closed: bool,
    /// The person has put it out of sight, and nothing was written there since.
    pub hidden: bool,
    /// Messages disappear after so many seconds; 0: they don't.
    pub timer: u64,
    /// One may change that.
    pub may_set_timer: bool,
    /// null: it is direct.
    pub group: Option<Group>,
}

/// Somebody's last change can't be read on this device; writing waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Stuck {
    /// The name of who made it.
    pub by: String,
    /// Others can read it: the person's access is being restored.
    pub alone: bool,
    /// The conversation begins anew by itself.
    pub by_itself: bool,
    /// The person is asked whether to begin it anew.
    pub asked: bool,
    /// They may, also after they decided to wait.
    pub may: bool,
    /// They have decided to.
    pub started: bool,
    /// Whether who made the change will be out then.
    pub without: bool,
}

/// What only groups have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Group {
    /// Somebody has given it a title.
    pub named: bool,
    /// Another name for each picture; null: it has none. `picture` gives what is to be seen.
    pub picture: Option<String>,
    /// Of each member, in the order of `members`.
    pub roles: Vec<GroupRole>,
    /// One's own.
    pub role: GroupRole,
    /// Only admins write.
    pub announcements: bool,
    /// Who is added reads everything that was written before.
    pub history_all: bool,
    /// One may write messages.
    pub may_write: bool,
    /// Something that was asked here is being changed.
    pub changing: bool,
    /// While many are added, some at a time.
    pub adding: Option<Adding>,
}

/// How many of those who are being added to a group are in it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub struct Adding {
    pub done: u32,
    pub total: u32,
}

/// What somebody may do in a group; later ones may do more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum GroupRole {
    ReadOnly,
    Member,
    Admin,
    Owner,
}

/// The newest message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the names say it")]
pub struct Last {
    pub time: u64,
    pub text: String,
    pub own: bool,
    pub state: Option<SendState>,
}

/// Text that was not sent.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the names say it")]
pub struct Unsent {
    /// Of the conversation.
    pub title: String,
    pub text: String,
}

impl std::fmt::Debug for Unsent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unsent")
    }
}

/// The true state of one's own message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SendState {
    Waiting,
    Sent,
    Delivered,
    Read,
}

/// A row of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Item {
    /// Stable while the message goes from waiting to sent.
    pub key: String,
    /// null while waiting.
    pub seq: Option<u64>,
    pub sender: Id,
    pub sender_name: String,
    pub own: bool,
    /// The author's time.
    pub time: u64,
    /// 0 while waiting. Both times are shown when they differ by more than 5 minutes.
    pub server_time: u64,
    /// When it disappears; 0: never, or not known while it waits.
    pub expires: u64,
    pub body: ItemBody,
    /// Of own messages.
    pub state: Option<SendState>,
}

/// What a row of the timeline says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub enum ItemBody {
    Text {
        text: String,
    },
    Created,
    Title {
        title: String,
    },
    Picture {
        taken_away: bool,
    },
    Members {
        added: Vec<String>,
        removed: Vec<String>,
        roles: Vec<NewRole>,
        /// null: as before.
        announcements: Option<bool>,
        /// null: as before.
        history_all: Option<bool>,
        /// The roles follow from the last admin's leaving, whoever the sender is.
        left: bool,
        /// Messages disappear after so many seconds from now on; 0: they don't any more; null: as before.
        timer: Option<u64>,
        /// Whose lost access was restored.
        restored: Vec<String>,
    },
    /// The sender has left.
    Left,
    /// The sender's account was closed, as the server says.
    AccountClosed,
    /// The sender's app can't read somebody's last change.
    Complaint {
        /// null: that is not known here.
        about: Option<String>,
    },
    /// The sender began the conversation anew.
    Restarted {
        /// Because a change could not be read.
        complaint: bool,
        /// Who is in it no more.
        out: Vec<String>,
    },
    /// This device can't read it, because of a change that it could not read.
    Unreadable,
    /// The sender has repaired the way back to what was written before.
    Relinked,
    KeysUpdated,
    /// "Update the app to see this."
    Newer,
    RemovedByServer,
    Unverified,
}

/// Somebody with another role than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the names say it")]
pub struct NewRole {
    pub name: String,
    pub role: GroupRole,
}

/// In ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Page {
    pub items: Vec<Item>,
    /// There are older ones, here or on the server.
    pub older: bool,
    /// Older ones have to come from the server: `loadOlder`, then read again.
    pub older_on_server: bool,
    /// There are newer ones than those of this page.
    pub newer: bool,
}

/// A signed-in device of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub struct Device {
    pub device: Id,
    pub name: String,
    pub created: u64,
    pub last_seen: u64,
    pub current: bool,
}

/// A sign-in of another device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct SignInNotice {
    pub device: Id,
    pub name: String,
    pub time: u64,
    /// When it was signed out again, if that was before this device came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub signed_out: Option<u64>,
}

/// Kept in the vault, so alike on all devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct Settings {
    pub language: Language,
    pub theme: Theme,
    /// false: Ctrl+Enter sends.
    pub enter_sends: bool,
    /// Tell others what was delivered and read.
    pub receipts: bool,
    /// The person was reminded that they have no recovery code.
    pub recovery_reminded: bool,
    /// Sign-ins of other devices are told loudly.
    pub sign_in_notices: bool,
}

/// A sign-in here that waits until another device lets it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SignInApproval {
    /// To be compared with what the other device shows: nine digits in three groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub code: Option<String>,
    /// It was let in.
    pub let_in: bool,
}

/// Approval of new sign-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Approvals {
    /// New sign-ins need it.
    pub required: bool,
    /// Those that wait.
    pub waiting: Vec<WaitingSignIn>,
}

/// A sign-in on another device that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct WaitingSignIn {
    pub device: Id,
    pub name: String,
    pub asked: u64,
    pub step: ApprovalStep,
    /// At the step `code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub code: Option<String>,
}

/// How far the approval of a sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ApprovalStep {
    /// Nobody has taken it up.
    Asked,
    /// Another device is at it.
    Elsewhere,
    /// This device is at it; the code is to come.
    Preparing,
    /// Both show the code.
    Code,
    /// What came does not fit: somebody stands between.
    Differs,
}

/// The recovery code, as far as it is told: the code itself is kept nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// There is one.
    pub there: bool,
    /// When it was made.
    pub made: Option<u64>,
    /// The person is to be reminded, this once, that there is none.
    pub remind: bool,
    /// Somebody signed in by the code here, and has not chosen a new passphrase yet.
    pub passphrase_wanted: bool,
}

/// The language of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Language {
    System,
    En,
    Fr,
}

/// The colours of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Theme {
    System,
    Light,
    Dark,
}
