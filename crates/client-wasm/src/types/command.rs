use std::fmt;

use protocol::Bytes;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{GroupRole, Id, Settings};

/// What only the person may know; wiped when dropped, never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What a person asks; answers come as {@link Update}s. `doing` of the answers is the `do` of the command.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub enum Command {
    SetUp {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        code: Secret,
        organisation: String,
        account: NewAccount,
    },
    Register {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        invitation: Secret,
        account: NewAccount,
    },
    /// By passphrase, or by recovery code (`code`) where it is forgotten: a new one is to be chosen then.
    SignIn {
        login_name: String,
        #[serde(default)]
        #[cfg_attr(feature = "types", ts(optional, type = "string"))]
        passphrase: Option<Secret>,
        #[serde(default)]
        #[cfg_attr(feature = "types", ts(optional, type = "string"))]
        code: Option<Secret>,
        device_name: String,
    },
    /// This device leaves: everything kept here is wiped, and it is removed from the account. Without a connection
    /// `failed` (`offline`) comes before `wiped`: the server does not know, and never will from here. Another device must
    /// sign it out.
    SignOut,
    Invite,
    /// Looks at an invitation before it is used, as soon as there is a connection; the one asked about last counts.
    CheckInvitation {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        invitation: Secret,
    },
    FindPeople {
        query: String,
    },
    OpenDirect {
        member: Id,
    },
    /// `title` empty: it is called by the names of its members.
    CreateGroup {
        title: String,
        members: Vec<Id>,
    },
    /// Kept at once, and said as soon as it can be.
    SetTitle {
        conversation: Id,
        title: String,
    },
    /// The same of its picture: a JPEG of at most 24 KiB and 512 pixels each way; empty: none any more.
    SetPicture {
        conversation: Id,
        #[cfg_attr(feature = "types", ts(type = "Uint8Array"))]
        jpeg: Bytes,
    },
    /// Done when all are in; those who can't be added fail one by one.
    AddMembers {
        conversation: Id,
        members: Vec<Id>,
    },
    RemoveMember {
        conversation: Id,
        member: Id,
    },
    /// Leaves a group, for this member's other devices too.
    LeaveGroup {
        conversation: Id,
    },
    /// Puts a direct conversation, or one that is over, out of sight until something is written there, or back.
    Hide {
        conversation: Id,
        hidden: bool,
    },
    SetRole {
        conversation: Id,
        member: Id,
        role: GroupRole,
    },
    /// Messages disappear after so many seconds, an hour to a year; 0: not any more.
    SetTimer {
        conversation: Id,
        seconds: u64,
    },
    /// What the person decides who is asked whether to begin a conversation anew (`stuck`). `start`: to do it; otherwise
    /// to wait.
    DecideRestart {
        conversation: Id,
        start: bool,
    },
    /// `announcements`: only admins write. `historyAll`: who is added reads everything written before.
    SetRules {
        conversation: Id,
        announcements: bool,
        history_all: bool,
    },
    SendText {
        conversation: Id,
        text: String,
    },
    /// What is on the screen is made ready before everything else; null: no conversation.
    LookAt {
        conversation: Option<Id>,
    },
    MarkRead {
        conversation: Id,
        seq: u64,
    },
    LoadOlder {
        conversation: Id,
    },
    /// Kept at once, told to the other devices a little later.
    SaveDraft {
        conversation: Id,
        text: String,
    },
    /// `number`: the safety number that was compared before; no other identity than its own is accepted.
    AcceptIdentity {
        member: Id,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "types", ts(optional))]
        number: Option<String>,
    },
    SetVerified {
        member: Id,
        verified: bool,
    },
    /// By the old one, or by the recovery code (`code`) where it is forgotten. `mayBeKnown`: somebody may know the old one, so
    /// all keys are changed as well.
    ChangePassphrase {
        #[serde(default)]
        #[cfg_attr(feature = "types", ts(optional, type = "string"))]
        old: Option<Secret>,
        #[serde(default)]
        #[cfg_attr(feature = "types", ts(optional, type = "string"))]
        code: Option<Secret>,
        #[cfg_attr(feature = "types", ts(type = "string"))]
        new: Secret,
        may_be_known: bool,
    },
    /// Without `code` it is removed. Send one only after the person has entered it again.
    SetRecovery {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        passphrase: Secret,
        #[serde(default)]
        #[cfg_attr(feature = "types", ts(optional, type = "string"))]
        code: Option<Secret>,
    },
    /// Gives a sign-in up that is under way.
    CancelSignIn,
    /// Whether new sign-ins need the approval of a device. `new` is another passphrase where it is switched on.
    SetApproval {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        old: Secret,
        #[cfg_attr(feature = "types", ts(type = "string"))]
        new: Secret,
        required: bool,
    },
    /// Shows the code of a sign-in that waits.
    ClaimApproval {
        device: Id,
    },
    /// Lets it in: the codes are the same.
    GrantApproval {
        device: Id,
    },
    /// Refuses it.
    DenyApproval {
        device: Id,
    },
    /// The passphrase is forgotten, and this device is still signed in: asks the other devices and the admins.
    AskForgotten,
    /// By another device of the same member, or of somebody else (`member`) by an admin.
    ApproveForgotten {
        #[serde(default)]
        #[cfg_attr(feature = "types", ts(optional))]
        member: Option<Id>,
    },
    CancelForgotten,
    /// A new passphrase without the old one, on the device that asked, once it may.
    ReplaceForgotten {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        new: Secret,
    },
    /// Makes a link by which somebody begins anew. By admins.
    ResetMember {
        member: Id,
    },
    /// Looks at a reset link before it is used.
    CheckReset {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        link: Secret,
    },
    /// Begins anew by a reset link.
    BeginAnew {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        link: Secret,
        #[cfg_attr(feature = "types", ts(type = "string"))]
        passphrase: Secret,
        device_name: String,
    },
    Rename {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        passphrase: Secret,
        display_name: String,
    },
    /// For good; this device is wiped then.
    CloseAccount {
        #[cfg_attr(feature = "types", ts(type = "string"))]
        passphrase: Secret,
    },
    /// For good, as an admin of the organisation.
    CloseAccountOf {
        member: Id,
    },
    /// As an admin of the organisation.
    Suspend {
        member: Id,
        suspended: bool,
    },
    /// As an admin of the organisation.
    SetAdmin {
        member: Id,
        admin: bool,
    },
    ListDevices,
    SignOutDevice {
        device: Id,
    },
    SignOutOthers,
    /// What is named here was seen, as it was shown: of sign-ins which devices and when, of a changed passphrase or recovery code
    /// when. Nothing else counts as seen.
    NoticesSeen {
        sign_ins: Vec<SeenSignIn>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "types", ts(optional))]
        passphrase_changed: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "types", ts(optional))]
        recovery_changed: Option<u64>,
    },
    SaveSettings {
        settings: Settings,
    },
    /// Try the connection now; after the store took nothing more, which stops the engine, go on from what it holds.
    RetryNow,
}

/// A sign-in that the person has seen.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SeenSignIn {
    /// Which device.
    pub device: Id,
    /// When (ms since 1970).
    pub time: u64,
}

/// Names and passphrase of a new account.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct NewAccount {
    /// As typed.
    pub login_name: String,
    /// Empty: the login name.
    pub display_name: String,
    /// As typed, or as generated.
    #[cfg_attr(feature = "types", ts(type = "string"))]
    pub passphrase: Secret,
    /// A name for this browser.
    pub device_name: String,
}

/// Which command something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is the command of that name")]
pub enum Doing {
    SetUp,
    Register,
    SignIn,
    SignOut,
    Invite,
    CheckInvitation,
    FindPeople,
    OpenDirect,
    CreateGroup,
    SetTitle,
    SetPicture,
    AddMembers,
    RemoveMember,
    LeaveGroup,
    Hide,
    SetRole,
    SetTimer,
    DecideRestart,
    SetRules,
    SendText,
    MarkRead,
    LoadOlder,
    SaveDraft,
    AcceptIdentity,
    SetVerified,
    ChangePassphrase,
    SetRecovery,
    CancelSignIn,
    ClaimApproval,
    GrantApproval,
    DenyApproval,
    AskForgotten,
    ApproveForgotten,
    CancelForgotten,
    ResetMember,
    CheckReset,
    BeginAnew,
    Rename,
    CloseAccount,
    CloseAccountOf,
    Suspend,
    SetAdmin,
    ListDevices,
    SignOutDevice,
    SignOutOthers,
    NoticesSeen,
    SaveSettings,
    RetryNow,
    /// What the engine does by itself.
    Background,
}
