//! The one list of errors that the server tells clients.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $retryable:literal, $meaning:literal;)*) => {
        /// Why a request was refused. Sent by its name; names never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[doc = $meaning] #[serde(rename = $code)] $name,)*
            /// A code that this version does not know.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl ErrorCode {
            /// Every code that this version knows.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            /// Its name on the wire.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* Self::Unknown => "unknown" }
            }

            /// What it means and what to do, in English, for `docs/errors.md` and as default message.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* Self::Unknown => "An error that this version does not know. Update the app." }
            }

            /// Whether the same request may succeed later without change.
            #[must_use]
            pub fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable,)* Self::Unknown => false }
            }
        }
    };
}

error_codes! {
    BadFrame = "bad_frame", false, "The frame is not valid MessagePack of the protocol. The connection is closed.";
    BadRequest = "bad_request", false, "The parameters are missing, of a wrong type or outside their limits.";
    UnknownMethod = "unknown_method", false, "This server does not know that method. Update the server or the app.";
    ModuleOff = "module_off", false, "The operator of this server has switched that capability off.";
    TooLarge = "too_large", false, "The frame or one of its parts is larger than the limit announced in hello.";
    RateLimited = "rate_limited", true, "Too many requests from this account or address. Wait for the time given, then try again.";
    Busy = "busy", true, "The server has more to do than it can queue. Wait for the time given, then try again.";
    ReadOnly = "read_only", true, "The server can't write at the moment (see the reason in hello or the state event). Reading works; keep what you want to send.";
    Internal = "internal", true, "Something went wrong in the server. It is written in the server's log under the time of the request.";
    SignInFirst = "sign_in_first", false, "This request needs a signed-in session.";
    SessionRefused = "session_refused", false, "This device is not signed in any more. Sign in again.";
    AccountSuspended = "account_suspended", false, "This account is suspended. Ask an administrator of your organisation.";
    LastAdmin = "last_admin", false, "You are the only administrator of the organisation. Make somebody else one first.";
    AlreadySignedIn = "already_signed_in", false, "This connection is signed in already.";
    Forbidden = "forbidden", false, "Your role does not allow this.";
    NotFound = "not_found", false, "There is nothing of that name, or nothing that you may see.";
    WrongNameOrPassphrase = "wrong_name_or_passphrase", false, "Name or passphrase is wrong.";
    WrongNameOrCode = "wrong_name_or_code", false, "Name or recovery code is wrong.";
    SetUpCodeWrong = "set_up_code_wrong", false, "The set-up code is wrong, or the set-up is done already.";
    ResetInvalid = "reset_invalid", false, "The reset link is unknown, used up or expired. Ask an administrator of your organisation for a new one.";
    RequestPending = "request_pending", false, "Another device of this account has begun this already. Go on there if it is at hand; otherwise cancel or refuse what it asks for, and sign it out.";
    ApprovalNeeded = "approval_needed", false, "Nobody has approved this yet, and the waiting time is not over; or this device waits to be let in by another one.";
    InvitationInvalid = "invitation_invalid", false, "The invitation is unknown, used up or expired. Ask for a new one.";
    NameTaken = "name_taken", false, "That name is taken, or looks too much like one that is. Choose another.";
    NameInvalid = "name_invalid", false, "That name has characters that names can't have, or is too long or too short.";
    MemberExists = "member_exists", false, "This member is registered already. Sign in instead.";
    CertificateInvalid = "certificate_invalid", false, "A certificate in the request does not verify.";
    StretchingTooWeak = "stretching_too_weak", false, "The key-stretching cost is below what this server accepts.";
    KeyPackageInvalid = "key_package_invalid", false, "A key package does not verify, is too old, was published before or was used already.";
    KeyPackagesExhausted = "key_packages_exhausted", true, "That member has no key package left. It works again when one of their devices has been online.";
    VaultConflict = "vault_conflict", false, "The vault has changed since it was read. Fetch the manifest and try again.";
    VaultInvalid = "vault_invalid", false, "The vault write is malformed, goes back in versions or does not match its head.";
    NotAMember = "not_a_member", false, "You are not in that conversation.";
    ConversationExists = "conversation_exists", false, "A conversation with that id exists already.";
    DirectExists = "direct_exists", false, "You two have a direct conversation already; its id is in the data.";
    ConversationFull = "conversation_full", false, "The conversation has as many members as this server allows.";
    EpochMoved = "epoch_moved", false, "The conversation's keys have changed since. Catch up, seal again, send again.";
    CommitRefused = "commit_refused", false, "The change of the conversation does not verify or oversteps the author's rights.";
    ComplainedOf = "complained_of", false, "Members say that they can't follow your last change. You can change something again when somebody else has, or when an admin has started the conversation anew.";
    MessageIdReused = "message_id_reused", false, "This message id was used for something else already.";
    Expired = "expired", false, "The request came too late; start again.";
}

/// An error as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireError {
    /// What happened.
    pub code: ErrorCode,
    /// For a person, in English: what to do. Apps translate by code.
    pub message: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// When to try again, in milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
    /// For some codes, a MessagePack structure of its own (see [`crate::details`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Bytes>,
}

impl WireError {
    /// An error with its code's standard message.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            message: code.meaning().to_owned(),
            retryable: code.retryable(),
            retry_after_ms: None,
            data: None,
        }
    }

    /// The same with a more exact message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// The same with a waiting time in milliseconds.
    #[must_use]
    pub fn after(mut self, ms: u32) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }

    /// The same with details.
    #[must_use]
    pub fn with_data(mut self, data: Bytes) -> Self {
        self.data = Some(data);
        self
    }
}

impl From<ErrorCode> for WireError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.code(), self.message)
    }
}

impl std::error::Error for WireError {}
