//! What a person asks of the engine, and what the engine tells them.

use std::fmt;

use e2ee::passphrase::Passphrase;
use protocol::{ConversationId, ErrorCode, MemberId};

use crate::view::{ConnectionView, PersonView};

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
    /// Makes an invitation.
    Invite,
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
    /// Makes a group. (The screens for groups come later; tests and bots use it now.)
    CreateGroup {
        /// Whom to add.
        members: Vec<MemberId>,
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
    /// Goes on with somebody whose identity has changed.
    AcceptIdentity {
        /// Who.
        member: MemberId,
    },
}

impl Command {
    /// What it belongs to, for its failures.
    #[must_use]
    pub fn doing(&self) -> Doing {
        match self {
            Self::SetUp { .. } | Self::Register { .. } => Doing::Registering,
            Self::SignIn { .. } => Doing::SigningIn,
            Self::Invite => Doing::Inviting,
            Self::FindPeople { .. } => Doing::Finding,
            Self::OpenDirect { .. } | Self::CreateGroup { .. } => Doing::Opening,
            Self::SendText { .. } => Doing::Sending,
            Self::LoadOlder { .. } => Doing::LoadingOlder,
            Self::UpdateKeys { .. } => Doing::UpdatingKeys,
            _ => Doing::Background,
        }
    }
}

/// Which command something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Set-up or registration.
    Registering,
    /// Sign-in.
    SigningIn,
    /// Making an invitation.
    Inviting,
    /// Looking for people.
    Finding,
    /// Opening or making a conversation.
    Opening,
    /// Sending.
    Sending,
    /// Fetching older messages.
    LoadingOlder,
    /// Changing keys.
    UpdatingKeys,
    /// Anything the engine does by itself.
    Background,
}

/// Why something did not work; each says what to do in the app's language by its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server refused.
    #[error("{message}")]
    Server {
        /// Its code.
        code: ErrorCode,
        /// Its message, in English.
        message: String,
        /// The same request may succeed later.
        retryable: bool,
    },
    /// There is no connection, and this can't wait for one.
    #[error("there is no connection to the server")]
    Offline,
    /// Somebody is signed in on this device already.
    #[error("somebody is signed in already")]
    AlreadySignedIn,
    /// Nobody is signed in on this device.
    #[error("sign in first")]
    SignInFirst,
    /// A name can't be used as it is.
    #[error("{0}")]
    Name(String),
    /// The invitation's link can't be read.
    #[error("that is not an invitation: copy the whole link")]
    Invitation,
    /// Text too long or empty.
    #[error("a message has between 1 and 16,384 bytes of text")]
    Text,
    /// The conversation is unknown.
    #[error("there is no such conversation")]
    NoConversation,
    /// The person is unknown.
    #[error("there is no such person")]
    NoPerson,
    /// Something from the server does not verify: it is lying, or has been tampered with.
    #[error("what the server sent does not verify: {0}")]
    Unverified(String),
    /// The identity of somebody has changed; accept it first.
    #[error("the identity of this person has changed: check it before you write")]
    IdentityChanged(MemberId),
    /// The local store failed.
    #[error("{0}")]
    Store(String),
}

impl Failure {
    /// Whether the same may work later without anybody doing anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Server { retryable, .. } => *retryable,
            Self::Offline => true,
            _ => false,
        }
    }

    /// Whether the server said exactly this.
    #[must_use]
    pub fn is(&self, wanted: ErrorCode) -> bool {
        matches!(self, Self::Server { code, .. } if *code == wanted)
    }
}

/// What the engine tells. Details are read from the engine's views.
#[derive(Clone, PartialEq, Eq)]
pub enum Update {
    /// The state of the connection changed.
    Connection(ConnectionView),
    /// Keys are being unlocked or made; a truthful progress line.
    Progress(Doing),
    /// Somebody is signed in now.
    SignedIn {
        /// Who.
        member: MemberId,
    },
    /// This device was signed out by the server: sign in again. Local data stay until then.
    SignedOut,
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
    /// Somebody's identity is not the one pinned.
    IdentityChanged(MemberId),
    /// Another device signed in to this account.
    DeviceSignedIn {
        /// Its name.
        name: String,
        /// When (ms since 1970).
        time: u64,
    },
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
            Self::Conversations => f.write_str("Conversations"),
            Self::Timeline(id) => f.debug_tuple("Timeline").field(id).finish(),
            Self::Opened(id) => f.debug_tuple("Opened").field(id).finish(),
            Self::IdentityChanged(id) => f.debug_tuple("IdentityChanged").field(id).finish(),
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
