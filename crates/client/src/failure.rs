//! Why something did not work.

use protocol::{ErrorCode, MemberId};

use crate::StoreError;

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
        /// After this many milliseconds, if the server says.
        retry_after_ms: Option<u32>,
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
    /// The reset link can't be read.
    #[error("that is not a reset link: copy the whole link")]
    ResetLink,
    /// There is no such request any more.
    #[error("nobody asks for this any more")]
    NoRequest,
    /// Text too long or empty.
    #[error("a message has between 1 and 16,384 bytes of text")]
    Text,
    /// A picture has too many bytes or pixels.
    #[error("the picture is too large: at most 24 KiB, and 512 by 512 pixels")]
    PictureTooLarge,
    /// Something is no picture that members could be shown.
    #[error("that is not a picture: a JPEG is needed")]
    NotAPicture,
    /// The passphrase is not the one in force.
    #[error("that is not your passphrase")]
    Passphrase,
    /// The new passphrase is the old one, where another is needed.
    #[error("choose another passphrase than the present one")]
    SamePassphrase,
    /// A sign-in was refused on another device of the member, or nobody let it in in time.
    #[error("this sign-in was refused, or nobody answered in time")]
    NotLetIn,
    /// The recovery code is not the one of this account, or there is none.
    #[error("that is not the recovery code of this account")]
    RecoveryCode,
    /// The conversation is unknown.
    #[error("there is no such conversation")]
    NoConversation,
    /// This member's role in the group does not allow it.
    #[error("only admins of this group may do that")]
    NotAllowed,
    /// A group keeps at least one admin.
    #[error("a group keeps at least one admin: name another one first")]
    LastAdmin,
    /// All who were to be added are in the group.
    #[error("already in the group")]
    AlreadyMember,
    /// The account of the other one was closed.
    #[error("the account of this person was closed: nobody would read it")]
    AccountClosed,
    /// The person is unknown.
    #[error("there is no such person")]
    NoPerson,
    /// Something from the server does not verify: it is lying, or has been tampered with.
    #[error("what the server sent does not verify: {0}")]
    Unverified(String),
    /// It was made by a newer version of the app, which this one can't follow.
    #[error("this was made by a newer version of the app: update the app")]
    Outdated,
    /// The identity of somebody has changed; accept it first.
    #[error("the identity of this person has changed: check it before you write")]
    IdentityChanged(MemberId),
    /// There is no room for the local store.
    #[error("there is no room left on this device: make room, and try again")]
    StoreFull,
    /// The local store was written by a newer version.
    #[error("this device's data were written by a newer version of the app: update the app")]
    StoreNewer,
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

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::StoreFull,
            StoreError::Newer => Self::StoreNewer,
            other => Self::Store(other.to_string()),
        }
    }
}

impl From<e2ee::Error> for Failure {
    fn from(error: e2ee::Error) -> Self {
        Self::Unverified(error.to_string())
    }
}

impl From<protocol::WireError> for Failure {
    fn from(error: protocol::WireError) -> Self {
        Self::Server {
            code: error.code,
            message: error.message,
            retryable: error.retryable,
            retry_after_ms: error.retry_after_ms,
        }
    }
}

impl From<protocol::DecodeError> for Failure {
    fn from(error: protocol::DecodeError) -> Self {
        Self::Unverified(error.to_string())
    }
}
