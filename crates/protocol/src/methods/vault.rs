//! The vault: sealed records of a member, compare-and-swap.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::method;
use crate::ids::{ConversationId, Hash32};

/// Kinds of records (`docs/crypto.md` section 4).
pub mod kind {
    /// The vault key, sealed to passphrase, recovery code, passkeys, devices.
    pub const WRAPS: u8 = 1;
    /// The root seed, sealed to passphrase and recovery code.
    pub const ROOT: u8 = 2;
    /// Account key.
    pub const IDENTITY: u8 = 3;
    /// Private part of a key package.
    pub const KEY_PACKAGE: u8 = 4;
    /// MLS state of a conversation; version = epoch.
    pub const MLS_STATE: u8 = 5;
    /// Epoch secret kept at a cut.
    pub const SEGMENT_HEAD: u8 = 6;
    /// A contact's pinned identity.
    pub const PIN: u8 = 7;
    /// Settings.
    pub const SETTINGS: u8 = 8;
    /// A draft.
    pub const DRAFT: u8 = 9;
    /// A read cursor.
    pub const CURSOR: u8 = 10;
    /// Reserved: secrets of timed messages.
    pub const TIMED_SECRET: u8 = 11;
    /// The secret that approval by a device hands over; there where new sign-ins need it.
    pub const APPROVAL: u8 = 13;

    /// Whether the signed head covers records of this kind, known or not: all but settings, drafts, cursors, and
    /// those from 128 on.
    #[must_use]
    pub fn covered(kind: u8) -> bool {
        !matches!(kind, SETTINGS | DRAFT | CURSOR | 128..)
    }
}

/// Name of a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordName {
    /// See [`kind`].
    pub kind: u8,
    /// Up to 64 bytes.
    pub id: Bytes,
}

/// A record to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPut {
    /// Which.
    pub name: RecordName,
    /// Version that stands now; 0 = none. Ignored for MLS states, which only move forward.
    pub expected: u64,
    /// New version: expected + 1, or the epoch for MLS states.
    pub version: u64,
    /// The sealed record.
    pub bytes: Bytes,
}

/// A record to delete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDelete {
    /// Which.
    pub name: RecordName,
    /// Version that stands now.
    pub expected: u64,
}

/// A head to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadPut {
    /// Number that stands now; 0 = none. The new one is expected + 1.
    pub expected: u64,
    /// The signed head.
    pub bytes: Bytes,
}

/// Changes that happen together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VaultWrite {
    /// New head; needed when a covered kind is touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadPut>,
    /// Records to write.
    #[serde(default)]
    pub puts: Vec<RecordPut>,
    /// Records to delete.
    #[serde(default)]
    pub deletes: Vec<RecordDelete>,
    /// Conversations whose Welcome this write has made good; the server then drops it.
    #[serde(default)]
    pub joined: Vec<ConversationId>,
}

/// Answer to a vault write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultWritten {
    /// Number of the head that stands now.
    pub head: u64,
}
method!(VaultWrite, "vault.write", signed_in: true, VaultWritten);

/// Lists the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetManifest {}

/// One line of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestLine {
    /// Which record.
    pub name: RecordName,
    /// Its version.
    pub version: u64,
    /// SHA-256 of its bytes.
    pub hash: Hash32,
}

/// The vault's list and head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Newest head, as signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Bytes>,
    /// All records, also those the head does not cover.
    pub records: Vec<ManifestLine>,
}
method!(GetManifest, "vault.manifest", signed_in: true, Manifest);

/// Fetches heads: the chain from the newest one that a client knows to the one that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetHeads {
    /// First number.
    pub from: u64,
    /// At most so many (up to [`crate::limits::HEADS_MAX`]).
    pub limit: u32,
}

/// Heads found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads {
    /// In ascending order of number, without gaps, as signed.
    pub heads: Vec<Bytes>,
}
method!(GetHeads, "vault.heads", signed_in: true, Heads);

/// Fetches records; missing ones are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetRecords {
    /// Which (up to [`crate::limits::LOOKUP_MAX`]).
    pub names: Vec<RecordName>,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which.
    pub name: RecordName,
    /// Its version.
    pub version: u64,
    /// The sealed record.
    pub bytes: Bytes,
}

/// Records found. Ends early when the answer grows too large: ask again for the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// Records.
    pub records: Vec<Record>,
    /// Whether the answer ended early.
    pub more: bool,
}
method!(GetRecords, "vault.get", signed_in: true, Records);
