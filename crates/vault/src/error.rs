//! Why a request was refused.

use protocol::{ErrorCode, WireError};
use storage::StorageError;

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
    /// The write breaks a rule of the vault.
    #[error("vault: {0}")]
    Refused(WireError),
}

impl From<Error> for WireError {
    fn from(error: Error) -> Self {
        match error {
            Error::Storage(StorageError::Busy { retry_after_ms }) => {
                WireError::new(ErrorCode::Busy).after(retry_after_ms)
            }
            Error::Storage(StorageError::ReadOnly { reason }) => {
                WireError::new(ErrorCode::ReadOnly).with_message(reason)
            }
            Error::Storage(other) => {
                tracing::error!(%other, "vault");
                WireError::new(ErrorCode::Internal)
            }
            Error::TooMany { .. } => {
                WireError::new(ErrorCode::BadRequest).with_message(error.to_string())
            }
            Error::Refused(error) => error,
        }
    }
}
