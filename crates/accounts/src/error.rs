//! Why a request was refused.

use protocol::{ErrorCode, WireError, methods::account::Stretching};
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
    /// Too many attempts from this address, for this name or by this member.
    #[error("too many attempts: try again in {retry_after_ms} ms")]
    TooManyAttempts {
        /// When to try again.
        retry_after_ms: u32,
    },
    /// Unknown, used up or expired.
    #[error("the invitation is unknown, used up or expired")]
    InvitationInvalid,
    /// Unknown, used up or expired.
    #[error("the reset link is unknown, used up or expired")]
    ResetInvalid,
    /// Another device of the member has asked for a new passphrase already.
    #[error("another device has asked already")]
    RequestPending,
    /// Nobody has approved it, and the waiting time is not over.
    #[error("not approved yet")]
    ApprovalNeeded,
    /// Wrong, or the set-up is done already.
    #[error("the set-up code is wrong, or the set-up is done already")]
    SetUpCodeWrong,
    /// The member is registered already.
    #[error("this member is registered already")]
    MemberExists,
    /// Login name taken, or too like one that is.
    #[error("that name is taken, or looks too much like one that is")]
    NameTaken,
    /// Not a name; says why.
    #[error("{0}")]
    NameInvalid(String),
    /// A certificate does not verify; says which.
    #[error("{0} does not verify")]
    CertificateInvalid(&'static str),
    /// Key stretching below the floor.
    #[error("the key-stretching cost is below {} KiB and {} passes", .0.memory_kib, .0.passes)]
    StretchingTooWeak(Stretching),
    /// A key package does not verify, is too old, or was published before.
    #[error("key package: {0}")]
    KeyPackageInvalid(&'static str),
    /// No key package is left.
    #[error("no key package left")]
    KeyPackagesExhausted,
    /// The vault write was refused.
    #[error("vault: {0}")]
    Vault(VaultRefusal),
    /// Name unknown or passphrase wrong.
    #[error("wrong name or passphrase")]
    WrongNameOrPassphrase,
    /// Name unknown, without recovery code, or the code wrong.
    #[error("wrong name or recovery code")]
    WrongNameOrCode,
    /// The device is unknown or signed out, or its proof is wrong.
    #[error("the device is not signed in")]
    SessionRefused,
    /// An admin has suspended the member.
    #[error("the account is suspended")]
    Suspended,
    /// The only admin can't go.
    #[error("the organisation keeps at least one admin")]
    LastAdmin,
    /// The role does not allow it.
    #[error("the role does not allow this")]
    Forbidden,
    /// There is nothing of that name.
    #[error("not found")]
    NotFound,
    /// At the start: the OPRF seed file is not the one that the members' passphrases were registered with.
    #[error(
        "the OPRF seed file is not the one that this instance began with; bring the right one back from a backup"
    )]
    OtherOprfSeed,
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
        let code = match &error {
            Error::Storage(_) | Error::Vault(_) | Error::Internal(_) | Error::OtherOprfSeed => {
                ErrorCode::Internal
            }
            Error::BadRequest(_) => ErrorCode::BadRequest,
            Error::TooManyAttempts { .. } => ErrorCode::RateLimited,
            Error::InvitationInvalid => ErrorCode::InvitationInvalid,
            Error::ResetInvalid => ErrorCode::ResetInvalid,
            Error::RequestPending => ErrorCode::RequestPending,
            Error::ApprovalNeeded => ErrorCode::ApprovalNeeded,
            Error::SetUpCodeWrong => ErrorCode::SetUpCodeWrong,
            Error::MemberExists => ErrorCode::MemberExists,
            Error::NameTaken => ErrorCode::NameTaken,
            Error::NameInvalid(_) => ErrorCode::NameInvalid,
            Error::CertificateInvalid(_) => ErrorCode::CertificateInvalid,
            Error::StretchingTooWeak(_) => ErrorCode::StretchingTooWeak,
            Error::KeyPackageInvalid(_) => ErrorCode::KeyPackageInvalid,
            Error::KeyPackagesExhausted => ErrorCode::KeyPackagesExhausted,
            Error::WrongNameOrPassphrase => ErrorCode::WrongNameOrPassphrase,
            Error::WrongNameOrCode => ErrorCode::WrongNameOrCode,
            Error::SessionRefused => ErrorCode::SessionRefused,
            Error::Suspended => ErrorCode::AccountSuspended,
            Error::LastAdmin => ErrorCode::LastAdmin,
            Error::Forbidden => ErrorCode::Forbidden,
            Error::NotFound => ErrorCode::NotFound,
        };
        match error {
            Error::Storage(error) => {
                if let StorageError::Database(_) | StorageError::Conflict { .. } = &error {
                    tracing::error!(%error, "accounts");
                }
                error.into()
            }
            Error::Vault(refusal) => refusal.into(),
            Error::Internal(_) | Error::OtherOprfSeed => {
                tracing::error!(%error, "accounts");
                WireError::new(code)
            }
            Error::TooManyAttempts { retry_after_ms } => WireError::new(code).after(retry_after_ms),
            Error::BadRequest(_)
            | Error::NameInvalid(_)
            | Error::CertificateInvalid(_)
            | Error::StretchingTooWeak(_)
            | Error::KeyPackageInvalid(_) => WireError::new(code).with_message(error.to_string()),
            _ => WireError::new(code),
        }
    }
}
