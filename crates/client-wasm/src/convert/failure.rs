use client::{Failure as Engine, StoreError};

use crate::types::Failure;

/// Why something did not work, in the app's words.
#[must_use]
pub fn failure(failure: Engine) -> Failure {
    match failure {
        Engine::Server {
            code,
            message,
            retryable,
            retry_after_ms,
        } => Failure::Server {
            code: code.code().to_owned(),
            message,
            retryable,
            retry_after_ms,
        },
        Engine::Offline => Failure::Offline,
        Engine::AlreadySignedIn => Failure::AlreadySignedIn,
        Engine::SignInFirst => Failure::SignInFirst,
        Engine::Name(message) => Failure::Name { message },
        Engine::Invitation => Failure::Invitation,
        Engine::Text => Failure::Text,
        Engine::PictureTooLarge => Failure::PictureTooLarge,
        Engine::NotAPicture => Failure::NotAPicture,
        Engine::Passphrase => Failure::Passphrase,
        Engine::RecoveryCode => Failure::RecoveryCode,
        Engine::SamePassphrase => Failure::SamePassphrase,
        Engine::NotLetIn => Failure::NotLetIn,
        Engine::ResetLink => Failure::ResetLink,
        Engine::NoRequest => Failure::NoRequest,
        Engine::StoreFull => Failure::StoreFull,
        Engine::StoreNewer => Failure::StoreNewer,
        Engine::NoConversation => Failure::NoConversation,
        Engine::AccountClosed => Failure::AccountClosed,
        Engine::NoPerson => Failure::NoPerson,
        Engine::AlreadyMember => Failure::AlreadyMember,
        Engine::NotAllowed => Failure::NotAllowed,
        Engine::LastAdmin => Failure::LastAdmin,
        Engine::Unverified(message) => Failure::Unverified { message },
        Engine::Outdated => Failure::Outdated,
        Engine::IdentityChanged(member) => Failure::IdentityChanged {
            member: member.to_string(),
        },
        Engine::Store(message) => Failure::Store { message },
    }
}

/// Why the store can't be used, in the app's words.
#[must_use]
pub fn store_failure(failure: StoreError) -> Failure {
    match failure {
        StoreError::Full => Failure::StoreFull,
        StoreError::Newer => Failure::StoreNewer,
        other => Failure::Store {
            message: other.to_string(),
        },
    }
}
