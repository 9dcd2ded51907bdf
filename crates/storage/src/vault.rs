//! Vault records: the ports keep rows, [`apply`] has the rules (compare-and-swap, heads).

mod rules;

use protocol::{
    Bytes, MemberId,
    methods::vault::{ManifestLine, Record, RecordName},
};

use crate::StorageError;

pub use rules::{HEAD_BYTES_MAX, NUMBER_MAX, VaultRefusal, apply, apply_within};

/// A head of a member's vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHead {
    /// Its number.
    pub number: u64,
    /// As signed.
    pub bytes: Bytes,
}

/// Reads vaults.
#[allow(clippy::missing_errors_doc)] // each fails only when the database does
pub trait VaultReader {
    /// Newest head.
    fn vault_head(&self, member: MemberId) -> Result<Option<StoredHead>, StorageError>;
    /// Heads from number `from` on, ascending, at most `limit`. All that were ever written are kept.
    fn vault_heads(
        &self,
        member: MemberId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<StoredHead>, StorageError>;
    /// Names, versions, hashes of all records, in order of (kind, id).
    fn vault_manifest(&self, member: MemberId) -> Result<Vec<ManifestLine>, StorageError>;
    /// Version of a record; 0 = none.
    fn record_version(&self, member: MemberId, name: &RecordName) -> Result<u64, StorageError>;
    /// A record.
    fn record(&self, member: MemberId, name: &RecordName) -> Result<Option<Record>, StorageError>;
    /// How many records a member has.
    fn record_count(&self, member: MemberId) -> Result<u64, StorageError>;
    /// Bytes of all records of a member.
    fn vault_bytes(&self, member: MemberId) -> Result<u64, StorageError>;
}

/// Writes vaults.
#[allow(clippy::missing_errors_doc)] // each fails only when the database does
pub trait VaultWriter: VaultReader {
    /// Writes a record (insert or replace).
    fn put_record(&mut self, member: MemberId, record: &Record) -> Result<(), StorageError>;
    /// Deletes a record; nothing when there is none.
    fn delete_record(&mut self, member: MemberId, name: &RecordName) -> Result<(), StorageError>;
    /// Deletes all records of a member; the heads stay.
    fn clear_vault(&mut self, member: MemberId) -> Result<(), StorageError>;
    /// Writes a head beside those before it.
    fn put_head(&mut self, member: MemberId, head: &StoredHead) -> Result<(), StorageError>;
}
