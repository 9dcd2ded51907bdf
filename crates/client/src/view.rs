//! View models: what a screen shows, ready to draw.

use std::fmt;

pub use e2ee::policy::Role;
use protocol::{ConversationId, DeviceId, Hash32, MemberId, MessageId};

/// The connection, for one quiet line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionView {
    /// Being made.
    Connecting,
    /// There, and up to date.
    Online,
    /// There, and catching up.
    CatchingUp,
    /// Not there; tried again at this time (ms since 1970).
    Offline {
        /// When it is tried again.
        retry_at: u64,
    },
    /// An admin has suspended this member: the server lets them in no more until that is taken back, which is looked at
    /// every minute.
    Suspended,
    /// There, but nothing can be written now.
    ReadOnly {
        /// Why, in the server's words.
        reason: String,
    },
}

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Who.
    pub member: MemberId,
    /// Certified login name.
    pub login_name: String,
    /// Certified display name.
    pub display_name: String,
    /// The identity is not the one pinned.
    pub identity_changed: bool,
    /// What is known of how that came.
    pub change: Option<IdentityChange>,
    /// Checked by safety number.
    pub verified: bool,
    /// An admin of the organisation, as the server says.
    pub admin: bool,
    /// Suspended by an admin, as the server says: reads nothing until that is taken back.
    pub suspended: bool,
}

/// How an identity came to be another than the pinned one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityChange {
    /// A device that they already used has confirmed it, as was verified: they forgot their passphrase, and set a new one.
    Confirmed,
    /// An admin reset their access. The server says so; it can't be verified.
    Reset,
    /// Nobody says.
    Unknown,
}

/// A request for a new passphrase in the place of a forgotten one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgottenView {
    /// The name of the device that asks.
    pub name: String,
    /// When it asked (ms since 1970).
    pub asked: u64,
    /// From when on it may go on without approval (server's time, ms since 1970).
    pub ready_at: u64,
    /// It was approved.
    pub approved: bool,
    /// This device asks.
    pub mine: bool,
    /// The device that asks may go on.
    pub ready: bool,
}

/// A sign-in on this device that waits until another one lets it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInApproval {
    /// To be compared with what the other device shows, once that is at it.
    pub code: Option<String>,
    /// It was let in: the vault is being opened.
    pub let_in: bool,
}

/// Approval of new sign-ins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalsView {
    /// New sign-ins need it.
    pub required: bool,
    /// Those that wait.
    pub waiting: Vec<WaitingSignIn>,
}

/// A sign-in on another device that waits until one of those signed in lets it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingSignIn {
    /// Which.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// When it asked last (ms since 1970).
    pub asked: u64,
    /// How far it is.
    pub step: ApprovalStep,
}

/// How far the approval of a sign-in is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalStep {
    /// It waits for somebody to take it up.
    Asked,
    /// Another device is at it.
    Elsewhere,
    /// This device is at it; the code is to come.
    Preparing,
    /// Both devices show this code.
    Code(String),
    /// What came does not fit: somebody stands between.
    Differs,
}

/// Whom a reset link is for, as the server says.
#[derive(Clone, PartialEq, Eq)]
pub struct ResetView {
    /// Login name.
    pub login_name: String,
    /// Display name.
    pub display_name: String,
    /// Name of the organisation.
    pub organisation: String,
    /// When the link expires (ms since 1970).
    pub expires: u64,
}

impl fmt::Debug for ResetView {
    /// Without names: they are personal, and not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResetView")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PersonView {
    /// Without names: they are personal, and not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonView")
            .field("member", &self.member)
            .field("identity_changed", &self.identity_changed)
            .field("verified", &self.verified)
            .finish_non_exhaustive()
    }
}

/// Who invites.
#[derive(Clone, PartialEq, Eq)]
pub struct InviterView {
    /// Certified login name.
    pub login_name: String,
    /// Certified display name.
    pub display_name: String,
    /// Name of the organisation, as the server says it.
    pub organisation: String,
    /// When the invitation expires (ms since 1970).
    pub expires: u64,
}

impl fmt::Debug for InviterView {
    /// Without names: they are personal, and not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviterView")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// The server, as it said hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerView {
    /// Name of the organisation; empty before set-up.
    pub organisation: String,
    /// It has no member yet.
    pub set_up_needed: bool,
    /// Version of its program.
    pub version: String,
}

/// A row of the list of conversations.
#[derive(Clone, PartialEq, Eq)]
pub struct ConversationView {
    /// Which.
    pub conversation: ConversationId,
    /// Direct or group.
    pub direct: bool,
    /// The other's name; a group's title, or the names of its first members.
    pub title: String,
    /// Members, oneself included, as far as they are known.
    pub members: Vec<PersonView>,
    /// Somebody in it (but oneself) has another identity than the one pinned: writing is stopped.
    pub identity_changed: bool,
    /// Everybody in it (but oneself) was checked by safety number.
    pub verified: bool,
    /// Messages by others that were not read.
    pub unread: u64,
    /// Own read mark: everything up to this seq was read.
    pub read: u64,
    /// Newest message.
    pub last: Option<LastView>,
    /// What was being written.
    pub draft: String,
    /// Ready to be read and written.
    pub ready: bool,
    /// What opens it on this member's devices is lost; it is asked for, and somebody else must be online.
    pub restoring: bool,
    /// Somebody's last change can't be read on this device; writing waits.
    pub stuck: Option<StuckView>,
    /// Something in it does not verify, or needs a newer app; writing is stopped.
    pub broken: bool,
    /// It needs a newer app: whatever else is there is kept until then.
    pub outdated: bool,
    /// The person is no longer in it.
    pub gone: bool,
    /// They have left by themselves.
    pub left: bool,
    /// The account of the other one in this direct conversation was closed: nobody reads here any more.
    pub closed: bool,
    /// The person has put it out of sight, and nothing was written there since.
    pub hidden: bool,
    /// Messages disappear after so many seconds; 0 = they don't.
    pub timer_s: u64,
    /// One may change that.
    pub may_set_timer: bool,
    /// What only groups have.
    pub group: Option<GroupView>,
}

/// A change that can't be read.
#[derive(Clone, PartialEq, Eq)]
pub struct StuckView {
    /// The name of who made it.
    pub by: String,
    /// Others can read it: this member's access is being restored.
    pub alone: bool,
    /// The conversation is founded anew by itself, by this device or another one.
    pub by_itself: bool,
    /// The person is asked: founding it anew, without who made the change where that may be, or waiting.
    pub asked: bool,
    /// They may found it anew, also after they decided to wait.
    pub may: bool,
    /// They have decided to do it.
    pub started: bool,
    /// Whether who made the change will be out.
    pub without: bool,
}

impl fmt::Debug for StuckView {
    /// Without the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StuckView")
            .field("alone", &self.alone)
            .field("by_itself", &self.by_itself)
            .field("asked", &self.asked)
            .field("may", &self.may)
            .field("started", &self.started)
            .field("without", &self.without)
            .finish_non_exhaustive()
    }
}

/// What only groups have: a title and a picture of their own, roles, rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Somebody has given it a title.
    pub named: bool,
    /// The name (SHA-256) of its picture, which [`Engine::picture`](crate::Engine::picture) gives; none: it has none.
    pub picture: Option<Hash32>,
    /// The role of each member.
    pub roles: Vec<(MemberId, Role)>,
    /// One's own role.
    pub role: Role,
    /// Only group admins write.
    pub announcements: bool,
    /// Who is added reads everything that was written before.
    pub history_all: bool,
    /// One may write messages.
    pub may_write: bool,
    /// Something that was asked here is being changed.
    pub changing: bool,
    /// While many are added, some at a time: how many are in, of how many.
    pub adding: Option<(usize, usize)>,
}

/// The newest message of a conversation.
#[derive(Clone, PartialEq, Eq)]
pub struct LastView {
    /// Server's time, or the author's while it waits (ms since 1970).
    pub time: u64,
    /// Its beginning.
    pub text: String,
    /// Written by oneself.
    pub own: bool,
    /// For own messages.
    pub state: Option<SendState>,
}

impl fmt::Debug for LastView {
    /// Without the text: it is personal, and not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastView")
            .field("time", &self.time)
            .field("own", &self.own)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ConversationView {
    /// Without title and text: they are personal, and not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationView")
            .field("conversation", &self.conversation)
            .field("direct", &self.direct)
            .field("members", &self.members)
            .field("unread", &self.unread)
            .field("ready", &self.ready)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

/// The true state of one's own message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SendState {
    /// Not yet with the server.
    Waiting,
    /// Kept by the server.
    Sent,
    /// On a device of everybody else.
    Delivered,
    /// Read by everybody else.
    Read,
}

/// What a row of the timeline says.
#[derive(Clone, PartialEq, Eq)]
pub enum ItemBody {
    /// A text.
    Text(String),
    /// The conversation was made.
    Created,
    /// The conversation was given this title.
    Title(String),
    /// The conversation was given a picture.
    Picture {
        /// It was taken away instead.
        taken_away: bool,
    },
    /// Members or rules of a group were changed.
    Members {
        /// Names of the added.
        added: Vec<String>,
        /// Names of the removed.
        removed: Vec<String>,
        /// Names of those who have another role, and which.
        roles: Vec<(String, Role)>,
        /// Whether only group admins write from now on, if that changed.
        announcements: Option<bool>,
        /// Whether newcomers read everything from now on, if that changed.
        history_all: Option<bool>,
        /// The roles follow from the last group admin's leaving, whoever the author is.
        left: bool,
        /// After how many seconds messages disappear from now on (0: they don't any more), if that changed.
        timer_s: Option<u64>,
        /// Names of those whose lost access was restored.
        restored: Vec<String>,
    },
    /// The author has left.
    Left,
    /// The author's account was closed, as the server says.
    AccountClosed,
    /// The author's app can't read a change that somebody made.
    Complaint {
        /// The name of who made it, where that is known.
        about: Option<String>,
    },
    /// The author founded the conversation anew.
    Restarted {
        /// Because a change could not be read.
        complaint: bool,
        /// Names of those who are in it no more.
        out: Vec<String>,
    },
    /// This device can't read it, because it could not follow what it needs for that.
    Unreadable,
    /// The author has repaired the way back to what was written before.
    Relinked,
    /// Somebody's keys were renewed; usually not shown.
    KeysUpdated,
    /// Of a kind that this version does not know: "update the app to see this".
    Newer,
    /// The server does not give the body, and nobody allowed that.
    RemovedByServer,
    /// It does not verify, and is not shown.
    Unverified,
}

impl fmt::Debug for ItemBody {
    /// Without texts and names: they are personal, and not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Created => "Created",
            Self::Title(_) => "Title(..)",
            Self::Picture { .. } => "Picture",
            Self::Members { .. } => "Members(..)",
            Self::Left => "Left",
            Self::AccountClosed => "AccountClosed",
            Self::Complaint { .. } => "Complaint(..)",
            Self::Restarted { .. } => "Restarted(..)",
            Self::Unreadable => "Unreadable",
            Self::Relinked => "Relinked",
            Self::KeysUpdated => "KeysUpdated",
            Self::Newer => "Newer",
            Self::RemovedByServer => "RemovedByServer",
            Self::Unverified => "Unverified",
        })
    }
}

/// A row of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Position; none while waiting.
    pub seq: Option<u64>,
    /// Message id, for messages.
    pub message: Option<MessageId>,
    /// Author.
    pub sender: MemberId,
    /// Author's certified display name.
    pub sender_name: String,
    /// Written by oneself.
    pub own: bool,
    /// Author's time (ms since 1970).
    pub time: u64,
    /// Server's time (ms since 1970); 0 while waiting. Shown as well when it differs by more than 5 minutes.
    pub server_time: u64,
    /// When it disappears (server's time, ms since 1970); 0 = never, or not known while it waits.
    pub expires: u64,
    /// What it says.
    pub body: ItemBody,
    /// For own messages.
    pub state: Option<SendState>,
}

impl Item {
    /// Names the row among those of its conversation: it stays the same while a message goes from waiting to sent.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.message, self.seq) {
            (Some(message), _) => format!("{}-{message}", self.sender),
            (None, seq) => seq.unwrap_or_default().to_string(),
        }
    }
}

/// Which part of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum At {
    /// The newest rows, with what waits.
    #[default]
    Newest,
    /// The rows before this seq.
    Before(u64),
    /// The rows after this seq; with what waits, when they reach the end.
    After(u64),
}

impl From<Option<u64>> for At {
    /// Before a seq; none = the newest.
    fn from(before: Option<u64>) -> Self {
        before.map_or(Self::Newest, Self::Before)
    }
}

/// A page of the timeline, in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows.
    pub items: Vec<Item>,
    /// Whether older ones exist, here or on the server.
    pub older: bool,
    /// Older ones have to come from the server: ask by `LoadOlder`.
    pub older_on_server: bool,
    /// Whether there are newer ones than those of this page.
    pub newer: bool,
}

/// Text that the server does not have yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Of the conversation.
    pub title: String,
    /// What was written there.
    pub text: String,
}

impl std::fmt::Debug for Unsent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unsent")
    }
}

/// A device that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceView {
    /// Which.
    pub device: DeviceId,
    /// The name that its owner gave it.
    pub name: String,
    /// When it signed in (ms since 1970).
    pub created: u64,
    /// When it was last connected (ms since 1970).
    pub last_seen: u64,
    /// It is this one.
    pub current: bool,
}

/// A sign-in of another device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInNotice {
    /// Which.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// When (ms since 1970).
    pub time: u64,
    /// When it was signed out again (ms since 1970), if that was before this device came back.
    pub signed_out: Option<u64>,
}

/// The language of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// As the system says.
    #[default]
    System,
    /// English.
    English,
    /// French.
    French,
}

/// The colours of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Settings, alike on all devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Language.
    pub language: Language,
    /// Colours.
    pub theme: Theme,
    /// Enter sends; otherwise it begins a new line.
    pub enter_sends: bool,
    /// Others are told what was delivered and read.
    pub receipts: bool,
    /// The person was reminded that they have no recovery code: once is enough.
    pub recovery_reminded: bool,
    /// A sign-in of another device is told loudly, on all others; otherwise among the devices alone.
    pub sign_in_notices: bool,
}

/// The recovery code, as far as it is told. The code itself is kept nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecoveryView {
    /// There is one.
    pub there: bool,
    /// When it was made (ms since 1970).
    pub made: Option<u64>,
    /// The person is to be reminded, this once, that there is none.
    pub remind: bool,
    /// Somebody signed in by the code on this device, and has not chosen a new passphrase yet.
    pub passphrase_wanted: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: Theme::default(),
            enter_sends: true,
            receipts: true,
            recovery_reminded: false,
            sign_in_notices: true,
        }
    }
}

/// What came of comparing a scanned safety code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SafetyCheck {
    /// It is the other's, and both know the same identities.
    Match,
    /// The other's app knows other identities than this one: somebody may stand between.
    Mismatch,
    /// It is no safety code.
    NotASafetyCode,
    /// It is a safety code, but about somebody else.
    OtherPerson,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Update;

    #[test]
    fn nothing_that_is_said_or_opens_something_is_printed() {
        let secret = "hush";
        let text = ItemBody::Text(secret.to_owned());
        let members = ItemBody::Members {
            added: vec![secret.to_owned()],
            removed: vec![],
            roles: vec![],
            announcements: None,
            history_all: None,
            left: false,
            timer_s: None,
            restored: vec![secret.to_owned()],
        };
        let row = ConversationView {
            conversation: ConversationId::default(),
            direct: true,
            title: secret.to_owned(),
            members: vec![PersonView {
                member: MemberId::default(),
                login_name: secret.to_owned(),
                display_name: secret.to_owned(),
                identity_changed: false,
                change: None,
                verified: false,
                admin: false,
                suspended: false,
            }],
            identity_changed: false,
            verified: false,
            unread: 0,
            read: 0,
            last: Some(LastView {
                time: 1,
                text: secret.to_owned(),
                own: false,
                state: None,
            }),
            draft: secret.to_owned(),
            ready: true,
            restoring: true,
            stuck: None,
            broken: false,
            outdated: false,
            gone: false,
            left: false,
            closed: false,
            hidden: false,
            timer_s: 0,
            may_set_timer: true,
            group: None,
        };
        let invitation = Update::Invitation {
            link: secret.to_owned(),
            expires: 7,
        };
        let device = Update::DeviceSignedIn {
            device: DeviceId([3; 16]),
            name: secret.to_owned(),
            time: 7,
        };
        let last = &row.last;
        let printed = format!("{text:?} {members:?} {row:?} {last:?} {invitation:?} {device:?}");
        assert!(!printed.contains(secret), "{printed}");
        assert!(printed.contains("Invitation"));
    }
}
