//! Entry headers and the transcript hash of a conversation's log (`docs/crypto.md`, section 6).

use protocol::{ConversationId, Hash32, InstanceId, MemberId};
use sha2::{Digest, Sha256};

use crate::{
    error::Result,
    kdf::hash,
    suite::{Reader, VERSION, Writer},
};

const WHAT: &str = "entry header";

/// What an entry is. Unknown numbers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A sealed message.
    Message,
    /// An MLS commit.
    Commit,
    /// A message's body is taken back.
    Redaction,
    /// The sender leaves.
    Leave,
    /// The server states that the sender's account was closed.
    AccountClosed,
    /// The sender cannot process a commit.
    Complaint,
    /// A link in place of a bad or missing one.
    ReplacementLink,
    /// The conversation was founded anew.
    Restart,
    /// Of a newer version: show "update the app to see this".
    Other(u8),
}

impl From<u8> for EntryKind {
    fn from(value: u8) -> Self {
        match value {
            1 => Self::Message,
            2 => Self::Commit,
            3 => Self::Redaction,
            4 => Self::Leave,
            5 => Self::AccountClosed,
            6 => Self::Complaint,
            7 => Self::ReplacementLink,
            8 => Self::Restart,
            other => Self::Other(other),
        }
    }
}

impl From<EntryKind> for u8 {
    fn from(value: EntryKind) -> Self {
        match value {
            EntryKind::Message => 1,
            EntryKind::Commit => 2,
            EntryKind::Redaction => 3,
            EntryKind::Leave => 4,
            EntryKind::AccountClosed => 5,
            EntryKind::Complaint => 6,
            EntryKind::ReplacementLink => 7,
            EntryKind::Restart => 8,
            EntryKind::Other(other) => other,
        }
    }
}

/// Flag: no unread count and no push.
pub const QUIET: u8 = 1;
/// Flag: sealed under the secret of timed messages; the body goes at `expiry`.
pub const TIMED: u8 = 2;

/// The flags of an entry.
#[must_use]
pub fn flags(quiet: bool, timed: bool) -> u8 {
    (u8::from(quiet) * QUIET) | (u8::from(timed) * TIMED)
}

/// The clear header of one entry; stays when the body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryHeader {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its restart number.
    pub restart: u32,
    /// The position in the log, gapless from 1.
    pub seq: u64,
    /// What the entry is.
    pub kind: EntryKind,
    /// Who made it.
    pub sender: MemberId,
    /// The MLS epoch; for a commit the one it closes.
    pub epoch: u64,
    /// When the server took it, in milliseconds since 1970.
    pub server_time: u64,
    /// When the body goes, in milliseconds since 1970; 0 = never.
    pub expiry: u64,
    /// [`QUIET`], [`TIMED`]; unknown bits are kept.
    pub flags: u8,
    /// [`body_hash`] of the body.
    pub body: Hash32,
}

/// SHA-256 of an entry's body, as the header holds it.
#[must_use]
pub fn body_hash(body: &[u8]) -> Hash32 {
    Hash32(Sha256::digest(body).into())
}

impl EntryHeader {
    /// The header's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::new()
            .u8(VERSION)
            .bytes(self.conversation.as_bytes())
            .u32(self.restart)
            .u64(self.seq)
            .u8(self.kind.into())
            .bytes(self.sender.as_bytes())
            .u64(self.epoch)
            .u64(self.server_time)
            .u64(self.expiry)
            .u8(self.flags)
            .bytes(self.body.as_bytes())
            .finish()
    }

    /// Reads a header's bytes.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`], [`crate::Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(bytes, WHAT);
        let version = r.u8()?;
        if version != VERSION {
            return Err(crate::Error::UnknownVersion { version, suite: 0 });
        }
        let header = Self {
            conversation: ConversationId(r.array()?),
            restart: r.u32()?,
            seq: r.u64()?,
            kind: r.u8()?.into(),
            sender: MemberId(r.array()?),
            epoch: r.u64()?,
            server_time: r.u64()?,
            expiry: r.u64()?,
            flags: r.u8()?,
            body: Hash32(r.array()?),
        };
        r.finish()?;
        Ok(header)
    }

    /// HASH("entry", header).
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        hash("entry", &self.encode())
    }
}

/// The running hash over a log: equal at two members exactly when they have seen the same entries in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Transcript(Hash32);

impl Transcript {
    /// t_0, before the first entry.
    #[must_use]
    pub fn start(instance: InstanceId, conversation: ConversationId) -> Self {
        let ids = [*instance.as_bytes(), *conversation.as_bytes()].concat();
        Self(hash("transcript", &ids))
    }

    /// Goes on from a stored value.
    #[must_use]
    pub fn resume(at: Hash32) -> Self {
        Self(at)
    }

    /// The value now.
    #[must_use]
    pub fn value(&self) -> Hash32 {
        self.0
    }

    /// Takes the next entry in and gives the new value.
    pub fn next(&mut self, header: &EntryHeader) -> Hash32 {
        let both = [*self.0.as_bytes(), *header.hash().as_bytes()].concat();
        self.0 = hash("transcript", &both);
        self.0
    }
}

#[cfg(test)]
#[path = "transcript_tests.rs"]
mod tests;
