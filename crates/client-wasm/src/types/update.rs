use serde::Serialize;

use super::{
    Approvals, Connection, Conversation, Device, Doing, Failure, Forgotten, Id, Inviter, Person,
    Recovery, ResetFor, Session, Settings, SignInApproval, SignInNotice, Unsent,
};

/// What the engine tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub enum Update {
    Connection {
        connection: Connection,
    },
    /// Somebody is signed in, or something of them changed (name, role).
    SignedIn {
        session: Session,
    },
    /// The server refuses this device: sign in again, or clear it.
    SignedOut,
    /// This device was cleared; the engine is as new.
    Wiped {
        /// Nobody asked for it: what the browser kept was removed under the running app. This was not sent, and is nowhere else.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "types", ts(optional))]
        cleared: Option<Vec<Unsent>>,
    },
    Conversations {
        conversations: Vec<Conversation>,
    },
    /// The timeline of a conversation changed: read it again.
    Timeline {
        conversation: Id,
    },
    /// A conversation that was asked for is there.
    Opened {
        conversation: Id,
    },
    People {
        people: Vec<Person>,
    },
    Invitation {
        link: String,
        expires: u64,
    },
    /// Who made the invitation that was asked about, verified against the fingerprint in it.
    InvitedBy {
        inviter: Inviter,
    },
    /// This member's request for a new passphrase in the place of a forgotten one; without: there is none.
    Forgotten {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "types", ts(optional))]
        request: Option<Forgotten>,
    },
    /// Others who ask for approval of such a request, told to admins.
    ForgottenOthers {
        people: Vec<Person>,
    },
    ResetLink {
        member: Id,
        link: String,
        expires: u64,
    },
    /// Whom a reset link is for, as the server says.
    ResetFor {
        member: ResetFor,
    },
    IdentityChanged {
        member: Id,
    },
    /// What the person has not acknowledged: sign-ins of other devices, and when another device changed passphrase or recovery code.
    Notices {
        sign_ins: Vec<SignInNotice>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "types", ts(optional))]
        passphrase_changed: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "types", ts(optional))]
        recovery_changed: Option<u64>,
    },
    /// The sign-in here waits for approval; without: it does not any more.
    SignInApproval {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "types", ts(optional))]
        approval: Option<SignInApproval>,
    },
    Approvals {
        approvals: Approvals,
    },
    Recovery {
        recovery: Recovery,
    },
    Devices {
        devices: Vec<Device>,
    },
    Settings {
        settings: Settings,
    },
    /// Keys are being changed after a sign-out, or because a passphrase may be known: so many conversations of so many; done when equal.
    ChangingKeys {
        done: u64,
        total: u64,
    },
    /// A truthful line while something takes its time: unlocking, for instance.
    Progress {
        doing: Doing,
    },
    Done {
        doing: Doing,
    },
    Failed {
        doing: Doing,
        failure: Failure,
    },
}
