//! What a person asks of the engine, and what the engine tells them.

use std::fmt;

use e2ee::{passphrase::Passphrase, policy::Role, recovery::RecoveryCode};
use protocol::{Bytes, ConversationId, DeviceId, MemberId};

use crate::{
    Failure,
    view::{
        ApprovalsView, ConnectionView, DeviceView, ForgottenView, IdentityChange, InviterView,
        PersonView, RecoveryView, ResetView, Settings, SignInApproval, SignInNotice,
    },
};

/// Names and passphrase of a new account.
pub struct NewAccount {
    /// Login name, as typed.
    pub login_name: String,
    /// Display name, as typed; empty = the login name.
    pub display_name: String,
    /// Passphrase.
    pub passphrase: Passphrase,
    /// A name for this device.
    pub device_name: String,
}

/// What a person asks. Answers come as [`Update`]s.
pub enum Command {
    /// First start of an instance: creates the organisation and its first admin.
    SetUp {
        /// The code that the server printed.
        code: String,
        /// Name of the organisation.
        organisation: String,
        /// The admin.
        account: NewAccount,
    },
    /// Registers with an invitation.
    Register {
        /// The invitation's link.
        invitation: String,
        /// The new member.
        account: NewAccount,
    },
    /// Signs in with name and passphrase.
    SignIn {
        /// Login name, as typed.
        login_name: String,
        /// Passphrase.
        passphrase: Passphrase,
        /// A name for this device.
        device_name: String,
    },
    /// Signs in with name and recovery code, where the passphrase is forgotten: a new one is to be chosen then
    /// ([`Command::ChangePassphraseByCode`]).
    SignInByCode {
        /// Login name, as typed.
        login_name: String,
        /// The code.
        code: RecoveryCode,
        /// A name for this device.
        device_name: String,
    },
    /// Gives a sign-in up that is under way.
    CancelSignIn,
    /// Whether new sign-ins need the approval of a device that is signed in already. It comes with a new passphrase, which must
    /// be another one where approval is switched on: what the server keeps of before opens with the old one alone.
    SetApproval {
        /// The passphrase in force.
        old: Passphrase,
        /// The passphrase to come.
        new: Passphrase,
        /// Approval is needed from now on, or no longer.
        required: bool,
    },
    /// Shows the code of a sign-in that waits ([`Update::Approvals`]), to be compared with what that device shows.
    ClaimApproval {
        /// Which device.
        device: DeviceId,
    },
    /// Lets it in: the codes are the same.
    GrantApproval {
        /// Which device.
        device: DeviceId,
    },
    /// Refuses it: the codes differ, or nobody knows of it.
    DenyApproval {
        /// Which device.
        device: DeviceId,
    },
    /// This device leaves: what is kept here is wiped at once, and the server is told to refuse the device. Without a
    /// connection it can't be told, then or later: [`Failure::Offline`] comes before [`Update::Wiped`], and another device
    /// has to sign this one out.
    SignOut,
    /// Makes an invitation.
    Invite,
    /// Looks at an invitation before it is used, which uses nothing up: [`Update::InvitedBy`] answers, as soon as there
    /// is a connection. The one asked for last counts.
    CheckInvitation {
        /// The invitation's link.
        invitation: String,
    },
    /// Looks for people by the beginning of a name.
    FindPeople {
        /// Beginning of a name; empty = everybody.
        query: String,
    },
    /// Opens the direct conversation with somebody, and makes it if there is none.
    OpenDirect {
        /// With whom.
        member: MemberId,
    },
    /// Makes a group.
    CreateGroup {
        /// What it is called; empty = by the names of its members.
        title: String,
        /// Whom to add.
        members: Vec<MemberId>,
    },
    /// Gives a group another title.
    SetTitle {
        /// Which.
        conversation: ConversationId,
        /// The title.
        title: String,
    },
    /// Gives a group another picture, or takes it away.
    SetPicture {
        /// Which.
        conversation: ConversationId,
        /// A JPEG of at most [`MAX_PICTURE`](e2ee::content::MAX_PICTURE) bytes and
        /// [`MAX_PICTURE_SIDE`](e2ee::content::MAX_PICTURE_SIDE) pixels each way; empty = none any more.
        jpeg: Bytes,
    },
    /// Adds members to a group.
    AddMembers {
        /// Which.
        conversation: ConversationId,
        /// Whom.
        members: Vec<MemberId>,
    },
    /// Removes somebody from a group.
    RemoveMember {
        /// Which.
        conversation: ConversationId,
        /// Whom.
        member: MemberId,
    },
    /// Leaves a group.
    LeaveGroup {
        /// Which.
        conversation: ConversationId,
    },
    /// Puts a direct conversation, or one that is over, out of sight until something is written there, or back.
    Hide {
        /// Which.
        conversation: ConversationId,
        /// Out of sight.
        hidden: bool,
    },
    /// Gives somebody another role in a group.
    SetRole {
        /// Which.
        conversation: ConversationId,
        /// Whom.
        member: MemberId,
        /// Which role.
        role: Role,
    },
    /// Changes the rules of a group.
    SetRules {
        /// Which.
        conversation: ConversationId,
        /// Only group admins write.
        announcements: bool,
        /// Who is added reads everything that was written before.
        history_all: bool,
    },
    /// Makes messages disappear from now on.
    SetTimer {
        /// Where.
        conversation: ConversationId,
        /// After how many seconds, an hour to a year; 0 = not any more.
        seconds: u64,
    },
    /// What a person decides who is asked whether to found a conversation anew, because a change can't be read
    /// ([`crate::view::StuckView`]).
    DecideRestart {
        /// Which.
        conversation: ConversationId,
        /// To do it; false: to wait.
        start: bool,
    },
    /// Sends a text.
    SendText {
        /// Where.
        conversation: ConversationId,
        /// What.
        text: String,
    },
    /// The person looks at this conversation (none = at none): it is made ready before all others.
    LookAt {
        /// Which.
        conversation: Option<ConversationId>,
    },
    /// The person has seen everything up to here.
    MarkRead {
        /// Where.
        conversation: ConversationId,
        /// Up to which seq.
        seq: u64,
    },
    /// Fetches older messages, if the store has none older than those shown.
    LoadOlder {
        /// Where.
        conversation: ConversationId,
    },
    /// Changes this member's keys of a conversation (new leaf and signature key).
    UpdateKeys {
        /// Where.
        conversation: ConversationId,
    },
    /// Keeps what is being written: at once on this device, a little later on the others.
    SaveDraft {
        /// Where.
        conversation: ConversationId,
        /// What; empty = there is nothing.
        text: String,
    },
    /// Goes on with somebody whose identity has changed.
    AcceptIdentity {
        /// Who.
        member: MemberId,
        /// The safety number that was compared before, if one was: no other identity than its own is accepted.
        number: Option<String>,
    },
    /// Notes that a safety number was compared, or takes that back.
    SetVerified {
        /// Whose.
        member: MemberId,
        /// Compared, and equal.
        verified: bool,
    },
    /// Changes the passphrase. All devices stay signed in; the others tell of it.
    ChangePassphrase {
        /// The one in force.
        old: Passphrase,
        /// The one to come.
        new: Passphrase,
        /// Somebody may know the old one: all keys are changed as well, the account key with its generation included.
        may_be_known: bool,
    },
    /// Sets a new passphrase by the recovery code, because the old one is forgotten. All devices stay signed in; the others
    /// tell of it.
    ChangePassphraseByCode {
        /// The code.
        code: RecoveryCode,
        /// The passphrase to come.
        new: Passphrase,
        /// As in [`Command::ChangePassphrase`].
        may_be_known: bool,
    },
    /// The passphrase is forgotten, and this device is still signed in: asks the other devices and the admins for approval.
    AskForgotten,
    /// Approves the request of another device of this member, or of somebody else as an admin.
    ApproveForgotten {
        /// Whose; none: one's own.
        member: Option<MemberId>,
    },
    /// Takes the request of this member back.
    CancelForgotten,
    /// Sets a new passphrase without the old one, on the device that asked, once that is approved or a day is over: with a
    /// new root identity, which contacts have to accept. The recovery code ends.
    ReplaceForgotten {
        /// The passphrase to come.
        new: Passphrase,
    },
    /// Makes a link by which somebody who has lost every way in begins anew: [`Update::ResetLink`] answers. By admins.
    ResetMember {
        /// Who.
        member: MemberId,
    },
    /// Looks at a reset link before it is used: [`Update::ResetFor`] answers.
    CheckReset {
        /// The link.
        link: String,
    },
    /// Begins anew by a reset link: a new identity and an empty vault under the same names.
    BeginAnew {
        /// The link.
        link: String,
        /// The passphrase to come.
        passphrase: Passphrase,
        /// A name for this device.
        device_name: String,
    },
    /// Makes a recovery code, in the place of the one before, or removes it. The other devices tell of it.
    SetRecovery {
        /// The passphrase.
        passphrase: Passphrase,
        /// The code, once the person has entered it again; none = there is to be none.
        code: Option<RecoveryCode>,
    },
    /// Changes the display name. Names are certified by what only the passphrase opens.
    Rename {
        /// The passphrase.
        passphrase: Passphrase,
        /// The new display name, as typed.
        display_name: String,
    },
    /// Closes this member's account for good. Then this device is wiped, as at [`Command::SignOut`].
    CloseAccount {
        /// The passphrase.
        passphrase: Passphrase,
    },
    /// Closes somebody else's account for good, as an admin of the organisation.
    CloseAccountOf {
        /// Whose.
        member: MemberId,
    },
    /// Suspends somebody, or no longer, as an admin of the organisation.
    Suspend {
        /// Whom.
        member: MemberId,
        /// Suspended from now on, or no longer.
        suspended: bool,
    },
    /// Makes somebody an admin of the organisation, or no longer.
    SetAdmin {
        /// Whom.
        member: MemberId,
        /// An admin from now on, or no longer.
        admin: bool,
    },
    /// Asks for the devices that are signed in.
    ListDevices,
    /// Signs another device out; the keys that it had are changed.
    SignOutDevice {
        /// Which.
        device: DeviceId,
    },
    /// Signs all other devices out.
    SignOutOthers,
    /// These notices of sign-ins and of a changed passphrase or recovery code were seen. Others stay, and so do newer ones.
    NoticesSeen(SeenNotices),
    /// Keeps settings, here and on the other devices.
    SaveSettings(Settings),
    /// Tries the connection now; after the store took nothing more (which stops the engine), goes on from what it holds.
    RetryNow,
}

impl Command {
    /// What the answers name it by.
    #[must_use]
    pub fn doing(&self) -> Doing {
        match self {
            Self::SetUp { .. } => Doing::SettingUp,
            Self::Register { .. } => Doing::Registering,
            Self::SignIn { .. } | Self::SignInByCode { .. } => Doing::SigningIn,
            Self::CancelSignIn => Doing::CancellingSignIn,
            Self::ClaimApproval { .. } => Doing::ApprovingSignIn,
            Self::GrantApproval { .. } => Doing::LettingIn,
            Self::DenyApproval { .. } => Doing::RefusingSignIn,
            Self::SignOut => Doing::SigningOut,
            Self::Invite => Doing::Inviting,
            Self::CheckInvitation { .. } => Doing::CheckingInvitation,
            Self::FindPeople { .. } => Doing::Finding,
            Self::OpenDirect { .. } => Doing::Opening,
            Self::CreateGroup { .. } => Doing::CreatingGroup,
            Self::SetTitle { .. } => Doing::SettingTitle,
            Self::SetPicture { .. } => Doing::SettingPicture,
            Self::AddMembers { .. } => Doing::AddingMembers,
            Self::RemoveMember { .. } => Doing::RemovingMember,
            Self::LeaveGroup { .. } => Doing::Leaving,
            Self::Hide { .. } => Doing::Hiding,
            Self::SetRole { .. } => Doing::SettingRole,
            Self::SetRules { .. } => Doing::SettingRules,
            Self::SetTimer { .. } => Doing::SettingTimer,
            Self::DecideRestart { .. } => Doing::Restarting,
            Self::SendText { .. } => Doing::Sending,
            Self::MarkRead { .. } => Doing::Reading,
            Self::LoadOlder { .. } => Doing::LoadingOlder,
            Self::UpdateKeys { .. } => Doing::UpdatingKeys,
            Self::SaveDraft { .. } => Doing::SavingDraft,
            Self::AcceptIdentity { .. } => Doing::Accepting,
            Self::SetVerified { .. } => Doing::Verifying,
            Self::ChangePassphrase { .. }
            | Self::ChangePassphraseByCode { .. }
            | Self::SetApproval { .. }
            | Self::ReplaceForgotten { .. } => Doing::ChangingPassphrase,
            Self::AskForgotten => Doing::AskingForgotten,
            Self::ApproveForgotten { .. } => Doing::ApprovingForgotten,
            Self::CancelForgotten => Doing::CancellingForgotten,
            Self::ResetMember { .. } => Doing::ResettingMember,
            Self::CheckReset { .. } => Doing::CheckingReset,
            Self::BeginAnew { .. } => Doing::BeginningAnew,
            Self::SetRecovery { .. } => Doing::ChangingRecovery,
            Self::Rename { .. } => Doing::Renaming,
            Self::CloseAccount { .. } => Doing::ClosingAccount,
            Self::CloseAccountOf { .. } => Doing::ClosingAccountOf,
            Self::Suspend { .. } => Doing::Suspending,
            Self::SetAdmin { .. } => Doing::SettingAdmin,
            Self::ListDevices => Doing::ListingDevices,
            Self::SignOutDevice { .. } => Doing::SigningOutDevice,
            Self::SignOutOthers => Doing::SigningOutOthers,
            Self::NoticesSeen(_) => Doing::SeeingNotices,
            Self::SaveSettings(_) => Doing::SavingSettings,
            Self::RetryNow => Doing::Retrying,
            Self::LookAt { .. } => Doing::Background,
        }
    }
}

/// What the person has acknowledged, as it was shown to them: nothing else counts as seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenNotices {
    /// Sign-ins: which devices, and when (ms since 1970).
    pub sign_ins: Vec<(DeviceId, u64)>,
    /// The change of the passphrase of this time (ms since 1970).
    pub passphrase: Option<u64>,
    /// The change of the recovery code of this time (ms since 1970).
    pub recovery: Option<u64>,
}

/// Which command something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// [`Command::SetUp`].
    SettingUp,
    /// [`Command::Register`].
    Registering,
    /// [`Command::SignIn`], [`Command::SignInByCode`].
    SigningIn,
    /// [`Command::CancelSignIn`].
    CancellingSignIn,
    /// [`Command::ClaimApproval`].
    ApprovingSignIn,
    /// [`Command::GrantApproval`].
    LettingIn,
    /// [`Command::DenyApproval`].
    RefusingSignIn,
    /// [`Command::SignOut`].
    SigningOut,
    /// [`Command::Invite`].
    Inviting,
    /// [`Command::CheckInvitation`].
    CheckingInvitation,
    /// [`Command::FindPeople`].
    Finding,
    /// [`Command::OpenDirect`].
    Opening,
    /// [`Command::CreateGroup`].
    CreatingGroup,
    /// [`Command::SetTitle`].
    SettingTitle,
    /// [`Command::SetPicture`].
    SettingPicture,
    /// [`Command::AddMembers`].
    AddingMembers,
    /// [`Command::RemoveMember`].
    RemovingMember,
    /// [`Command::LeaveGroup`].
    Leaving,
    /// [`Command::Hide`].
    Hiding,
    /// [`Command::SetRole`].
    SettingRole,
    /// [`Command::SetRules`].
    SettingRules,
    /// [`Command::SetTimer`].
    SettingTimer,
    /// [`Command::DecideRestart`], and founding a conversation anew without being asked.
    Restarting,
    /// [`Command::SendText`].
    Sending,
    /// [`Command::MarkRead`].
    Reading,
    /// [`Command::LoadOlder`].
    LoadingOlder,
    /// [`Command::SaveDraft`].
    SavingDraft,
    /// [`Command::UpdateKeys`].
    UpdatingKeys,
    /// [`Command::AcceptIdentity`].
    Accepting,
    /// [`Command::SetVerified`].
    Verifying,
    /// [`Command::ChangePassphrase`], [`Command::ChangePassphraseByCode`], [`Command::ReplaceForgotten`], [`Command::SetApproval`].
    ChangingPassphrase,
    /// [`Command::AskForgotten`].
    AskingForgotten,
    /// [`Command::ApproveForgotten`].
    ApprovingForgotten,
    /// [`Command::CancelForgotten`].
    CancellingForgotten,
    /// [`Command::ResetMember`].
    ResettingMember,
    /// [`Command::CheckReset`].
    CheckingReset,
    /// [`Command::BeginAnew`].
    BeginningAnew,
    /// [`Command::SetRecovery`].
    ChangingRecovery,
    /// [`Command::Rename`].
    Renaming,
    /// [`Command::CloseAccount`].
    ClosingAccount,
    /// [`Command::CloseAccountOf`].
    ClosingAccountOf,
    /// [`Command::Suspend`].
    Suspending,
    /// [`Command::SetAdmin`].
    SettingAdmin,
    /// [`Command::ListDevices`].
    ListingDevices,
    /// [`Command::SignOutDevice`].
    SigningOutDevice,
    /// [`Command::SignOutOthers`].
    SigningOutOthers,
    /// [`Command::NoticesSeen`].
    SeeingNotices,
    /// [`Command::SaveSettings`].
    SavingSettings,
    /// [`Command::RetryNow`].
    Retrying,
    /// Anything the engine does by itself.
    Background,
}

/// What the engine tells. Details are read from the engine's views.
#[derive(Clone, PartialEq, Eq)]
pub enum Update {
    /// The state of the connection changed.
    Connection(ConnectionView),
    /// Keys are being unlocked or made; a truthful progress line.
    Progress(Doing),
    /// Somebody is signed in now, or something of them changed: name, role.
    SignedIn {
        /// Who.
        member: MemberId,
    },
    /// This device was signed out by the server: sign in again. Local data stay until then.
    SignedOut,
    /// What was kept on this device is gone; the engine is as new.
    Wiped,
    /// The list of conversations changed.
    Conversations,
    /// The timeline of a conversation changed.
    Timeline(ConversationId),
    /// A conversation that was asked for is there.
    Opened(ConversationId),
    /// People found.
    People(Vec<PersonView>),
    /// An invitation was made.
    Invitation {
        /// Its link.
        link: String,
        /// When it expires (ms since 1970).
        expires: u64,
    },
    /// Who made the invitation that was asked about: verified against the fingerprint in it.
    InvitedBy(InviterView),
    /// This member's request for a new passphrase in the place of a forgotten one changed; none = there is none.
    Forgotten(Option<ForgottenView>),
    /// Others who ask for approval of such a request, told to admins.
    ForgottenOthers(Vec<PersonView>),
    /// A reset link was made.
    ResetLink {
        /// For whom.
        member: MemberId,
        /// The link.
        link: String,
        /// When it expires (ms since 1970).
        expires: u64,
    },
    /// Whom the reset link that was asked about is for, as the server says.
    ResetFor(ResetView),
    /// Somebody's identity is not the one pinned, and what is known of how that came.
    IdentityChanged(MemberId, IdentityChange),
    /// The sign-in on this device waits for approval, and how far that is; none = it does not any more.
    SignInApproval(Option<SignInApproval>),
    /// Whether new sign-ins need approval, and those that wait for it, changed.
    Approvals(ApprovalsView),
    /// Another device signed in to this account. It is among the [`Update::Notices`] too.
    DeviceSignedIn {
        /// Which.
        device: DeviceId,
        /// Its name.
        name: String,
        /// When (ms since 1970).
        time: u64,
    },
    /// Another device changed the passphrase. It stays among what [`Update::Notices`] tells of.
    PassphraseChanged {
        /// When (ms since 1970); at the latest, if this device was away.
        time: u64,
    },
    /// Another device made, replaced or removed the recovery code. It stays among what [`Update::Notices`] tells of.
    RecoveryChanged {
        /// When (ms since 1970); at the latest, if this device was away.
        time: u64,
    },
    /// Whether there is a recovery code, and what is to be said of it, changed.
    Recovery(RecoveryView),
    /// What the person has not acknowledged ([`Command::NoticesSeen`]) changed: sign-ins of other devices, these; a
    /// changed passphrase (`Engine::passphrase_changed`), a changed recovery code (`Engine::recovery_changed`).
    Notices(Vec<SignInNotice>),
    /// The devices that are signed in.
    Devices(Vec<DeviceView>),
    /// Settings changed, here or on another device.
    Settings(Settings),
    /// Keys are being changed after a sign-out, or because a passphrase may be known: so many conversations of so many; done when equal.
    ChangingKeys {
        /// Done.
        done: u64,
        /// Of these.
        total: u64,
    },
    /// What was asked for is done, where nothing else tells so.
    Done(Doing),
    /// Something did not work.
    Failed {
        /// What.
        doing: Doing,
        /// Why.
        failure: Failure,
    },
}

impl fmt::Debug for Update {
    /// Without links, names and texts: what opens something, or is personal, is not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(view) => f.debug_tuple("Connection").field(view).finish(),
            Self::Progress(doing) => f.debug_tuple("Progress").field(doing).finish(),
            Self::SignedIn { member } => f.debug_tuple("SignedIn").field(member).finish(),
            Self::SignedOut => f.write_str("SignedOut"),
            Self::Wiped => f.write_str("Wiped"),
            Self::Done(doing) => f.debug_tuple("Done").field(doing).finish(),
            Self::ChangingKeys { done, total } => write!(f, "ChangingKeys({done} of {total})"),
            Self::Conversations => f.write_str("Conversations"),
            Self::Timeline(id) => f.debug_tuple("Timeline").field(id).finish(),
            Self::Opened(id) => f.debug_tuple("Opened").field(id).finish(),
            Self::IdentityChanged(id, change) => f
                .debug_tuple("IdentityChanged")
                .field(id)
                .field(change)
                .finish(),
            Self::Invitation { expires, .. } => f
                .debug_struct("Invitation")
                .field("expires", expires)
                .finish_non_exhaustive(),
            Self::Failed { doing, failure } => {
                f.debug_tuple("Failed").field(doing).field(failure).finish()
            }
            _ => f.write_str("Update(..)"),
        }
    }
}
