//! Failures in words that say what to do.

use client::{Doing, Failure, StoreError};
use client_native::{FolderError, LinkError};
use protocol::ErrorCode;

use super::{Language, Text};
use crate::clean;

fn code(code: ErrorCode) -> Text {
    match code {
        ErrorCode::BadFrame => Text::ErrBadFrame,
        ErrorCode::BadRequest => Text::ErrBadRequest,
        ErrorCode::UnknownMethod => Text::ErrUnknownMethod,
        ErrorCode::ModuleOff => Text::ErrModuleOff,
        ErrorCode::TooLarge => Text::ErrTooLarge,
        ErrorCode::RateLimited => Text::ErrRateLimited,
        ErrorCode::Busy => Text::ErrBusy,
        ErrorCode::ReadOnly => Text::ErrReadOnly,
        ErrorCode::Internal => Text::ErrInternal,
        ErrorCode::SignInFirst => Text::ErrSignInFirst,
        ErrorCode::SessionRefused => Text::ErrSessionRefused,
        ErrorCode::AccountSuspended => Text::ErrAccountSuspended,
        ErrorCode::LastAdmin => Text::ErrLastAdmin,
        ErrorCode::AlreadySignedIn => Text::ErrAlreadySignedIn,
        ErrorCode::Forbidden => Text::ErrForbidden,
        ErrorCode::NotFound => Text::ErrNotFound,
        ErrorCode::WrongNameOrPassphrase => Text::ErrWrongNameOrPassphrase,
        ErrorCode::WrongNameOrCode => Text::ErrWrongNameOrCode,
        ErrorCode::SetUpCodeWrong => Text::ErrSetUpCodeWrong,
        ErrorCode::ResetInvalid => Text::ErrResetInvalid,
        ErrorCode::RequestPending => Text::ErrRequestPending,
        ErrorCode::ApprovalNeeded => Text::ErrApprovalNeeded,
        ErrorCode::InvitationInvalid => Text::ErrInvitationInvalid,
        ErrorCode::NameTaken => Text::ErrNameTaken,
        ErrorCode::NameInvalid => Text::ErrNameInvalid,
        ErrorCode::MemberExists => Text::ErrMemberExists,
        ErrorCode::CertificateInvalid => Text::ErrCertificateInvalid,
        ErrorCode::StretchingTooWeak => Text::ErrStretchingTooWeak,
        ErrorCode::KeyPackageInvalid => Text::ErrKeyPackageInvalid,
        ErrorCode::KeyPackagesExhausted => Text::ErrKeyPackagesExhausted,
        ErrorCode::VaultConflict => Text::ErrVaultConflict,
        ErrorCode::VaultInvalid => Text::ErrVaultInvalid,
        ErrorCode::NotAMember => Text::ErrNotAMember,
        ErrorCode::ConversationExists => Text::ErrConversationExists,
        ErrorCode::DirectExists => Text::ErrDirectExists,
        ErrorCode::ConversationFull => Text::ErrConversationFull,
        ErrorCode::EpochMoved => Text::ErrEpochMoved,
        ErrorCode::CommitRefused => Text::ErrCommitRefused,
        ErrorCode::ComplainedOf => Text::ErrComplainedOf,
        ErrorCode::MessageIdReused => Text::ErrMessageIdReused,
        ErrorCode::Expired => Text::ErrExpired,
        // a test looks that every code has its own text
        _ => Text::ErrUnknown,
    }
}

fn why(language: Language, failure: &Failure) -> String {
    let text = match failure {
        Failure::Server { code: refused, .. } => code(*refused),
        Failure::Offline => Text::FailOffline,
        Failure::AlreadySignedIn => Text::FailAlreadySignedIn,
        Failure::SignInFirst => Text::FailSignInFirst,
        Failure::Name(_) => Text::FailName,
        Failure::Invitation => Text::InvitationBad,
        Failure::Text => Text::FailText,
        Failure::PictureTooLarge => Text::FailPictureTooLarge,
        Failure::NotAPicture => Text::FailNotAPicture,
        Failure::Passphrase => Text::FailPassphrase,
        Failure::RecoveryCode => Text::FailRecoveryCode,
        Failure::ResetLink => Text::FailResetLink,
        Failure::NoRequest => Text::FailNoRequest,
        Failure::SamePassphrase => Text::FailSamePassphrase,
        Failure::NotLetIn => Text::FailNotLetIn,
        Failure::NoConversation => Text::FailNoConversation,
        Failure::NoPerson => Text::FailNoPerson,
        Failure::NotAllowed => Text::FailNotAllowed,
        Failure::AlreadyMember => Text::FailAlreadyMember,
        Failure::AccountClosed => Text::FailAccountClosed,
        Failure::LastAdmin => Text::FailLastAdmin,
        Failure::Unverified(what) => {
            return language.fill(Text::FailUnverified, &[&clean::line(what)]);
        }
        Failure::IdentityChanged(_) => Text::FailIdentity,
        Failure::StoreFull => Text::FailFull,
        Failure::Outdated => Text::FailOutdated,
        Failure::StoreNewer => Text::FailNewer,
        Failure::Store(what) => return language.fill(Text::FailStore, &[&clean::line(what)]),
        #[allow(unreachable_patterns)] // new kinds of failures come with new versions of the engine
        _ => Text::ErrUnknown,
    };
    language.say(text).to_owned()
}

/// What did not work, and why. Nothing of what the server wrote is shown: it is translated by its code.
#[must_use]
pub fn failure(language: Language, doing: Doing, failure: &Failure) -> String {
    let what = match doing {
        Doing::Inviting => Some(Text::FailedInviting),
        Doing::Finding => Some(Text::FailedFinding),
        Doing::Opening => Some(Text::FailedOpening),
        Doing::CreatingGroup => Some(Text::FailedGroup),
        Doing::SettingTitle
        | Doing::SettingPicture
        | Doing::AddingMembers
        | Doing::RemovingMember
        | Doing::SettingRole
        | Doing::Leaving
        | Doing::Hiding
        | Doing::SettingTimer
        | Doing::Restarting
        | Doing::SettingRules => Some(Text::FailedChange),
        Doing::Sending => Some(Text::FailedSending),
        Doing::ChangingPassphrase => Some(Text::FailedPassphrase),
        Doing::ChangingRecovery => Some(Text::FailedRecovery),
        Doing::Suspending | Doing::ResettingMember | Doing::ApprovingForgotten => {
            Some(Text::FailedMember)
        }
        Doing::SigningOut | Doing::SigningOutDevice | Doing::SigningOutOthers => {
            Some(Text::FailedSigningOut)
        }
        Doing::ListingDevices => Some(Text::FailedDevices),
        Doing::Verifying | Doing::Accepting => Some(Text::FailedVerdict),
        Doing::LoadingOlder => Some(Text::FailedLoading),
        _ => None,
    };
    let why = why(language, failure);
    what.map_or(why.clone(), |what| format!("{} {why}", language.say(what)))
}

/// Why there is no connection, when there is more to say than that.
#[must_use]
pub fn link_problem(language: Language, problem: &LinkError) -> &'static str {
    language.say(match problem {
        LinkError::Unreachable(_) => Text::LinkUnreachable,
        LinkError::Slow => Text::LinkSlow,
        LinkError::NotTrusted => Text::LinkNotTrusted,
        LinkError::Certificate(_) => Text::LinkCertificate,
        LinkError::NotAServer(_) => Text::LinkNotAServer,
    })
}

/// Why a folder can't be used.
#[must_use]
pub fn folder_problem(language: Language, problem: &FolderError) -> String {
    match problem {
        FolderError::Io(path, error) => {
            let path = clean::line(&path.display().to_string());
            language.fill(Text::FailFolder, &[&path, &error.to_string()])
        }
        FolderError::Store(StoreError::Full) => language.say(Text::FailFull).to_owned(),
        FolderError::Store(StoreError::InUse) => language.say(Text::FailInUse).to_owned(),
        FolderError::Store(StoreError::Newer) => language.say(Text::FailNewer).to_owned(),
        FolderError::Store(StoreError::Failed(what)) => {
            language.fill(Text::FailStore, &[&clean::line(what)])
        }
        FolderError::Engine(failure) => why(language, failure),
        FolderError::Link(problem) => link_problem(language, problem).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_server_has_its_own_words() {
        for known in ErrorCode::ALL {
            assert_ne!(code(*known), Text::ErrUnknown, "{}", known.code());
        }
    }

    #[test]
    fn what_the_server_wrote_is_not_shown() {
        let refused = Failure::Server {
            code: ErrorCode::NameTaken,
            message: "\x1b[2J evil".to_owned(),
            retryable: false,
            retry_after_ms: None,
        };
        for language in Language::ALL {
            assert!(!failure(language, Doing::Registering, &refused).contains("evil"));
        }
        let lied = Failure::Unverified("\x1b[31m".to_owned());
        assert!(!failure(Language::French, Doing::Background, &lied).contains('\x1b'));
    }
}
