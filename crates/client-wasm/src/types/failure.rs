use serde::Serialize;

use super::Id;

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub enum Failure {
    /// `code` as in docs/errors.md.
    Server {
        code: String,
        message: String,
        retryable: bool,
        retry_after_ms: Option<u32>,
    },
    Offline,
    AlreadySignedIn,
    SignInFirst,
    Name {
        message: String,
    },
    Invitation,
    Text,
    PictureTooLarge,
    NotAPicture,
    Passphrase,
    /// Not the recovery code of this account, or mistyped.
    RecoveryCode,
    /// Another passphrase than the present one is needed.
    SamePassphrase,
    /// Refused on another device, or nobody let it in in time.
    NotLetIn,
    /// Not a reset link.
    ResetLink,
    /// Nobody asks for what was to be approved any more.
    NoRequest,
    NoConversation,
    /// The other one's account was closed.
    AccountClosed,
    NoPerson,
    /// All who were to be added are in the group.
    AlreadyMember,
    /// One's role in the group does not allow it.
    NotAllowed,
    /// A group keeps at least one admin.
    LastAdmin,
    /// What the server sent does not verify.
    Unverified {
        message: String,
    },
    /// It was made by a newer app.
    Outdated,
    IdentityChanged {
        member: Id,
    },
    StoreFull,
    StoreNewer,
    Store {
        message: String,
    },
}
