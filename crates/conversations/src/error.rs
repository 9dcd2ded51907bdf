//! Why a request was refused.

use protocol::{ConversationId, ErrorCode, WireError, details};
use storage::{StorageError, vault::VaultRefusal};

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Parameters outside their limits; says which.
    #[error("{0}")]
    BadRequest(&'static str),
    /// A part is larger than its limit; says which.
    #[error("{0} is too large")]
    TooLarge(&'static str),
    /// The device was signed out since its request came.
    #[error("the device is not signed in any more")]
    SessionRefused,
    /// Not in that conversation, or there is none.
    #[error("not a member of that conversation")]
    NotAMember,
    /// There is nothing of that name.
    #[error("not found")]
    NotFound,
    /// The id is taken.
    #[error("a conversation with that id exists already")]
    ConversationExists,
    /// The two have a direct conversation already.
    #[error("the two have a direct conversation already")]
    DirectExists(ConversationId),
    /// More members than the server allows.
    #[error("the conversation has as many members as this server allows")]
    Full,
    /// Sealed or made for an epoch that is not the current one.
    #[error("the conversation is at epoch {epoch}")]
    EpochMoved {
        /// Current epoch.
        epoch: u64,
        /// Newest seq.
        head_seq: u64,
    },
    /// The commit does not verify or oversteps the author's rights; says why.
    #[error("{0}")]
    CommitRefused(String),
    /// Members can't follow the author's last commit, as they say.
    #[error("members say that they can't follow your last change")]
    ComplainedOf,
    /// A member is added by a key package that was not claimed, or was used already.
    #[error("a key package was not claimed or was used already: claim another")]
    KeyPackageInvalid,
    /// The same was asked a moment ago.
    #[error("the same was asked a moment ago")]
    TooSoon {
        /// When it may be asked again.
        retry_after_ms: u32,
    },
    /// The role in the conversation does not allow it.
    #[error("the role in the conversation does not allow this")]
    Forbidden,
    /// The vault write was refused.
    #[error("vault: {0}")]
    Vault(VaultRefusal),
    /// The operator has switched the module off; says which.
    #[error("the module \"{0}\" is switched off on this server")]
    ModuleOff(&'static str),
    /// Something that can't happen happened; for the log.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<VaultRefusal> for Error {
    fn from(refusal: VaultRefusal) -> Self {
        match refusal {
            VaultRefusal::Storage(error) => Self::Storage(error),
            other => Self::Vault(other),
        }
    }
}

impl From<Error> for WireError {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Storage(error) => {
                if let StorageError::Database(_) | StorageError::Conflict { .. } = &error {
                    tracing::error!(%error, "conversations");
                }
                error.into()
            }
            Error::Internal(_) => {
                tracing::error!(error = text, "conversations");
                ErrorCode::Internal.into()
            }
            Error::BadRequest(_) => WireError::new(ErrorCode::BadRequest).with_message(text),
            Error::TooLarge(_) => WireError::new(ErrorCode::TooLarge).with_message(text),
            Error::SessionRefused => ErrorCode::SessionRefused.into(),
            Error::NotAMember => ErrorCode::NotAMember.into(),
            Error::NotFound => ErrorCode::NotFound.into(),
            Error::ConversationExists => ErrorCode::ConversationExists.into(),
            Error::DirectExists(conversation) => WireError::new(ErrorCode::DirectExists)
                .with_data(protocol::encode(&details::DirectExists { conversation })),
            Error::Full => ErrorCode::ConversationFull.into(),
            Error::EpochMoved { epoch, head_seq } => WireError::new(ErrorCode::EpochMoved)
                .with_data(protocol::encode(&details::EpochMoved { epoch, head_seq })),
            Error::CommitRefused(_) => WireError::new(ErrorCode::CommitRefused).with_message(text),
            Error::ComplainedOf => ErrorCode::ComplainedOf.into(),
            Error::KeyPackageInvalid => {
                WireError::new(ErrorCode::KeyPackageInvalid).with_message(text)
            }
            Error::TooSoon { retry_after_ms } => {
                WireError::new(ErrorCode::RateLimited).after(retry_after_ms)
            }
            Error::Forbidden => ErrorCode::Forbidden.into(),
            Error::Vault(refusal) => refusal.into(),
            Error::ModuleOff(_) => WireError::new(ErrorCode::ModuleOff).with_message(text),
        }
    }
}
