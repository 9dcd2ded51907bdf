//! Sealed messages and receipts under an epoch's secret (`docs/crypto.md`, section 6).

mod body;
pub(crate) mod padding;
mod picture;
mod sealed;
mod timed;

use std::fmt;

use protocol::{ConversationId, Hash32, InstanceId, MemberId};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use body::{Body, BodyKind, MAX_TEXT, MAX_TITLE, Reaction, Receipt, Seen, Target};
pub use padding::{LEAST_MESSAGE, LEAST_RECEIPT, padme};
pub use picture::{MAX_PICTURE, MAX_PICTURE_SIDE, picture_size};
pub use sealed::{
    MAX_SEALED, Opened, OpenedReceipt, open_message, open_receipt, open_timed, seal_message,
    seal_receipt, seal_timed,
};
pub use timed::TimedSecret;

use crate::{
    error::Error,
    kdf::kdf,
    suite::{VERSION, from_msgpack, to_msgpack},
};

/// The secret e_n of one epoch: opens everything that was written in it. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct EpochSecret(Zeroizing<[u8; 32]>);

#[derive(Serialize, Deserialize)]
struct SegmentHead {
    v: u8,
    secret: protocol::Hash32,
}

impl EpochSecret {
    /// The secret of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret of these bytes, if there are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The commitment c_n, which the commit that closes the epoch carries.
    #[must_use]
    pub fn commitment(&self) -> Hash32 {
        Hash32(*kdf::<32>(self.as_bytes(), "commitment", b""))
    }

    /// Whether `c_n` is the commitment of this secret, in constant time.
    #[must_use]
    pub fn commits_to(&self, c_n: &Hash32) -> bool {
        self.commitment().as_bytes().ct_eq(c_n.as_bytes()).into()
    }

    /// The plaintext of the vault record (kind 6) that keeps it at a cut.
    #[must_use]
    pub fn to_segment_head(&self) -> Zeroizing<Vec<u8>> {
        to_msgpack(&SegmentHead {
            v: VERSION,
            secret: Hash32(*self.as_bytes()),
        })
    }

    /// Reads the plaintext of a segment head's vault record.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn from_segment_head(bytes: &[u8]) -> crate::error::Result<Self> {
        from_msgpack::<SegmentHead>(bytes, "segment head").map(|head| Self::new(head.secret.0))
    }
}

impl PartialEq for EpochSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for EpochSecret {}

impl fmt::Debug for EpochSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochSecret(..)")
    }
}

/// Where a message stands: all of it is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Context {
    /// The instance.
    pub instance: InstanceId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Its restart number.
    pub restart: u32,
    /// The MLS epoch.
    pub epoch: u64,
    /// Who sends.
    pub sender: MemberId,
}

/// Why content was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// Not the layout it should have.
    #[error("malformed content")]
    Malformed,
    /// Written by a newer version: keep the bytes, show "update the app to see this".
    #[error("content of a newer version: update the app")]
    UnknownVersion,
    /// Longer than allowed.
    #[error("the content is too long")]
    TooLong,
    /// Another epoch, conversation or sender, or changed bytes.
    #[error("the content cannot be opened")]
    CannotOpen,
    /// The leaf certificate of this name is not at hand: fetch and verify it, then try again.
    #[error("the leaf certificate {0} is not known")]
    UnknownCertificate(Hash32),
    /// The certificate is somebody else's.
    #[error("the content was signed by somebody else")]
    WrongSender,
    /// The signature does not verify.
    #[error("the signature of the content does not verify")]
    BadSignature,
}

impl From<Error> for ContentError {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownVersion { .. } => Self::UnknownVersion,
            Error::CannotOpen(_) => Self::CannotOpen,
            Error::BadSignature(_) => Self::BadSignature,
            Error::TooLong(_) => Self::TooLong,
            _ => Self::Malformed,
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod timed_tests;
