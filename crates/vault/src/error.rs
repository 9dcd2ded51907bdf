//! Why a request was refused.

use protocol::{ErrorCode, WireError};
use storage::{StorageError, vault::VaultRefusal};

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// More names than one look-up may have.
    #[error("at most {max} records in one request")]
    TooMany {
        /// How many it may have.
        max: usize,
    },
    /// The device was signed out since its request came.
    #[error("the device is not signed in any more")]
    SessionRefused,
    /// The write breaks a rule of the vault.
    #[error("vault: {0}")]
    Refused(VaultRefusal),
}

impl From<VaultRefusal> for Error {
    fn from(refusal: VaultRefusal) -> Self {
        match refusal {
            VaultRefusal::Storage(error) => Self::Storage(error),
            other => Self::Refused(other),
        }
    }
}

impl From<Error> for WireError {
    fn from(error: Error) -> Self {
        match error {
            Error::Storage(error) => {
                if let StorageError::Database(_) | StorageError::Conflict { .. } = &error {
                    tracing::error!(%error, "vault");
                }
                error.into()
            }
            Error::TooMany { .. } => {
                WireError::new(ErrorCode::BadRequest).with_message(error.to_string())
            }
            Error::SessionRefused => ErrorCode::SessionRefused.into(),
            Error::Refused(refusal) => refusal.into(),
        }
    }
}
