//! The MLS profile (`docs/crypto.md`, section 5; RFC 9420): one leaf per member, handshakes as PublicMessages with
//! by-value Add, Remove and GroupContextExtensions, nothing else. Everything here is functional: an operation leaves its
//! conversation untouched and gives the next state.

mod check;
mod commit;
mod conversation;
mod join;
mod key_package;
mod peek;
mod profile;
mod provider;
pub mod public;
mod record;
mod said;
mod store;
mod welcome;

use protocol::MemberId;

pub use check::{CommitContext, CommitData};
pub use commit::{Change, Prepared, Processed};
pub use conversation::{Conversation, Founded};
pub use join::Expected;
pub use key_package::{InspectedKeyPackage, KeyPackage, NewKeyPackage};
pub use profile::MlsSuite;
pub use record::Anchor;
pub use said::Said;
pub use store::StoreError;

use crate::{error::Error, policy::RightsError};

/// Why an MLS operation was refused. The state is unchanged in every case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MlsError {
    /// Not the layout it should have; the text names the structure.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// Written by a newer version or for another suite.
    #[error("{0} of a newer version: update the app")]
    UnknownVersion(&'static str),
    /// For another conversation, restart number or instance.
    #[error("this belongs to another conversation")]
    WrongConversation,
    /// For another epoch: process what lies between, or drop it.
    #[error("epoch {found} where {expected} is current")]
    WrongEpoch {
        /// The current epoch.
        expected: u64,
        /// The epoch found.
        found: u64,
    },
    /// Not sent by a member of the conversation: external commits and external senders are refused.
    #[error("only members commit")]
    NotAMember,
    /// The leaf that signed is not the stated author's.
    #[error("the commit was made by somebody else than its stated author")]
    WrongAuthor,
    /// Something outside the profile.
    #[error("not allowed here: {0}")]
    Forbidden(&'static str),
    /// The author oversteps their rights.
    #[error(transparent)]
    Rights(#[from] RightsError),
    /// The account certificate of this member and generation is not at hand: fetch it, check it against the pins, try
    /// again.
    #[error("the account certificate of {0}, generation {1}, is not known")]
    UnknownMember(MemberId, u32),
    /// A leaf's certificate does not certify it.
    #[error("a leaf is not certified: {0}")]
    Certificate(Error),
    /// A key package too old, or dated in the future.
    #[error("the key package is not fresh")]
    NotFresh,
    /// The commit's commitment is not that of the epoch it closes: its author lies, or knows another epoch.
    #[error("the commit does not know the epoch it closes")]
    WrongCommitment,
    /// A commit with a path by another device of the same member: load the vault's newest state instead.
    #[error(
        "this commit was made by another of the member's devices: load the state from the vault"
    )]
    OwnCommit,
    /// The state that was just made does not load or is not the same when loaded: nothing may be sent.
    #[error("the new state does not survive being stored")]
    BrokenRecord,
    /// A stored state that does not fit the tree, the conversation or itself.
    #[error("the stored state does not fit")]
    WrongState,
    /// What the server can't check of a commit is wrong: confirmation tag, membership tag, what its path is sealed to. Nobody
    /// can follow it, or this member alone can't.
    #[error("nobody can follow this commit: {0}")]
    Unfollowable(String),
    /// Refused by the MLS library: signatures, tree, keys.
    #[error("refused by MLS: {0}")]
    Refused(String),
}

impl MlsError {
    /// Wraps an error of the MLS library, whose texts hold no secrets.
    fn refused(error: impl std::fmt::Display) -> Self {
        Self::Refused(error.to_string())
    }
}

impl MlsError {
    /// Whether a commit that was accepted can't be followed for a reason that the server could not see.
    #[must_use]
    pub fn is_unfollowable(&self) -> bool {
        matches!(self, Self::Unfollowable(_) | Self::WrongCommitment)
    }
}

impl From<Error> for MlsError {
    fn from(error: Error) -> Self {
        match error {
            Error::Malformed(what) => Self::Malformed(what),
            Error::UnknownVersion { .. } => Self::UnknownVersion("structure"),
            other => Self::Certificate(other),
        }
    }
}

#[cfg(test)]
mod tests;
