//! What clients are told of the database's errors.

use protocol::{ErrorCode, WireError};

use crate::StorageError;

impl From<StorageError> for WireError {
    /// Waiting times and reasons that a person can act on go out; what is inside the database does not. A unique row
    /// that no service expected is an internal error: services map the conflicts that mean something themselves.
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Busy { retry_after_ms } => {
                Self::new(ErrorCode::Busy).after(retry_after_ms)
            }
            StorageError::ReadOnly { reason } => {
                let meaning = ErrorCode::ReadOnly.meaning();
                Self::new(ErrorCode::ReadOnly).with_message(format!("{meaning} Reason: {reason}"))
            }
            StorageError::Conflict { .. } | StorageError::Database(_) => {
                Self::new(ErrorCode::Internal)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_says_when_and_read_only_says_why() {
        let busy = WireError::from(StorageError::Busy { retry_after_ms: 40 });
        assert_eq!(
            (busy.code, busy.retry_after_ms),
            (ErrorCode::Busy, Some(40))
        );
        let read_only = WireError::from(StorageError::ReadOnly {
            reason: "the disk is full".into(),
        });
        assert_eq!(read_only.code, ErrorCode::ReadOnly);
        assert!(read_only.retryable && read_only.message.contains("the disk is full"));
    }

    #[test]
    fn internals_stay_inside() {
        for error in [
            StorageError::Database("no such table: secrets".into()),
            StorageError::Conflict { what: "secrets" },
        ] {
            let wire = WireError::from(error);
            assert_eq!(wire, WireError::new(ErrorCode::Internal));
        }
    }
}
