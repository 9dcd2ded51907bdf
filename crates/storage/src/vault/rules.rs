//! The rules of a vault write (`docs/crypto.md` section 4): compare-and-swap on each record's version and on the
//! head's number, states of conversations only forward, everything or nothing. Used by every service whose requests
//! carry vault records.

use std::collections::HashSet;

use protocol::{
    ErrorCode, MemberId, WireError,
    details::VaultConflict,
    limits::{
        LOOKUP_MAX, RECORD_BYTES_MAX, RECORD_ID_MAX, RECORDS_PER_MEMBER_MAX, RECORDS_PER_WRITE_MAX,
        VAULT_BYTES_MAX,
    },
    methods::vault::{HeadPut, Record, RecordName, RecordPut, VaultWrite, kind},
};

use crate::{StorageError, UnitOfWork, vault::StoredHead};

/// Bytes of a signed head; version 1 has 183.
pub const HEAD_BYTES_MAX: usize = 1024;
/// The greatest version, epoch and head number: every client can hold it exactly, also in a JSON number.
pub const NUMBER_MAX: u64 = (1 << 53) - 1;

/// Why a vault write is refused. The unit of work must then be rolled back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultRefusal {
    /// Something has changed since the writer read the vault.
    #[error("the vault has changed; head {head} stands")]
    Conflict {
        /// Number of the head that stands.
        head: u64,
    },
    /// The write could never be right.
    #[error("invalid vault write: {0}")]
    Invalid(&'static str),
    /// A part is larger than its limit, or there are too many.
    #[error("too large: {0}")]
    TooLarge(&'static str),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<VaultRefusal> for WireError {
    fn from(refusal: VaultRefusal) -> Self {
        match refusal {
            VaultRefusal::Conflict { head } => Self::new(ErrorCode::VaultConflict)
                .with_data(protocol::encode(&VaultConflict { head })),
            VaultRefusal::Invalid(why) => Self::new(ErrorCode::VaultInvalid)
                .with_message(format!("The vault write is invalid: {why}.")),
            VaultRefusal::TooLarge(what) => {
                Self::new(ErrorCode::TooLarge).with_message(format!("Too large: {what}."))
            }
            VaultRefusal::Storage(error) => error.into(),
        }
    }
}

/// Applies a write of `member`, inside the unit of work of its request. Returns the number of the head that stands afterwards.
///
/// - A record's `expected` must be the version that stands; its new version is one more. That of a new key package is the
///   number of its suite.
/// - A conversation's MLS state takes any version (its epoch) above the standing one. The standing or an older epoch
///   is not written and is no error, whatever its bytes. But a head covers every record of its write: where a head is
///   there and a state beside it is not taken, the whole write is a conflict, and the client reads the vault anew.
/// - Where a covered kind changes, a head must be there; its number is the standing one plus one.
/// - A deletion's `expected` must be the version that stands, which is at least 1.
/// - The Welcomes of `joined` are dropped.
/// - A vault does not grow beyond [`VAULT_BYTES_MAX`].
///
/// # Errors
/// [`VaultRefusal`].
pub fn apply(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    write: &VaultWrite,
) -> Result<u64, VaultRefusal> {
    apply_within(unit, member, write, VAULT_BYTES_MAX)
}

/// As [`apply`], with another limit for the bytes of all records.
///
/// # Errors
/// [`VaultRefusal`].
pub fn apply_within(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    write: &VaultWrite,
    bytes_max: u64,
) -> Result<u64, VaultRefusal> {
    check_form(write)?;
    let standing = unit.vault_head(member)?.map_or(0, |head| head.number);
    let conflict = VaultRefusal::Conflict { head: standing };
    if write
        .head
        .as_ref()
        .is_some_and(|head| head.expected != standing)
    {
        return Err(conflict);
    }

    let mut puts = Vec::with_capacity(write.puts.len());
    let mut added = 0;
    for put in &write.puts {
        let version = unit.record_version(member, &put.name)?;
        match verdict(put, version) {
            Verdict::Write => puts.push(put),
            Verdict::AlreadyThere if write.head.is_none() => continue,
            Verdict::AlreadyThere | Verdict::Conflict => return Err(conflict),
        }
        added += u64::from(version == 0);
    }
    for delete in &write.deletes {
        if unit.record_version(member, &delete.name)? != delete.expected {
            return Err(conflict);
        }
    }
    let changed = puts.iter().map(|put| &put.name);
    let mut changed = changed.chain(write.deletes.iter().map(|delete| &delete.name));
    if write.head.is_none() && changed.any(|name| kind::covered(name.kind)) {
        return Err(VaultRefusal::Invalid("a head is missing"));
    }
    if added > 0 && unit.record_count(member)? + added > RECORDS_PER_MEMBER_MAX as u64 {
        return Err(VaultRefusal::TooLarge(
            "the vault holds as many records as it may",
        ));
    }

    let before = unit.vault_bytes(member)?;
    perform(unit, member, write, puts)?;
    let after = unit.vault_bytes(member)?;
    // One that is full may still change, and shrink.
    if after > bytes_max && after > before {
        return Err(VaultRefusal::TooLarge(
            "the vault holds as many bytes as it may",
        ));
    }
    Ok(standing + u64::from(write.head.is_some()))
}

fn perform(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    write: &VaultWrite,
    puts: Vec<&RecordPut>,
) -> Result<(), StorageError> {
    for delete in &write.deletes {
        unit.delete_record(member, &delete.name)?;
    }
    for put in puts {
        let record = Record {
            name: put.name.clone(),
            version: put.version,
            bytes: put.bytes.clone(),
        };
        unit.put_record(member, &record)?;
    }
    if let Some(HeadPut { expected, bytes }) = &write.head {
        let head = StoredHead {
            number: expected + 1,
            bytes: bytes.clone(),
        };
        unit.put_head(member, &head)?;
    }
    for conversation in &write.joined {
        unit.delete_welcome(*conversation, member)?;
    }
    Ok(())
}

enum Verdict {
    Write,
    /// A state of this epoch or a later one stands.
    AlreadyThere,
    Conflict,
}

fn verdict(put: &RecordPut, standing: u64) -> Verdict {
    if put.name.kind == kind::MLS_STATE {
        if put.version > standing {
            Verdict::Write
        } else {
            Verdict::AlreadyThere
        }
    } else if put.expected == standing {
        Verdict::Write
    } else {
        Verdict::Conflict
    }
}

/// What can be judged without the database.
fn check_form(write: &VaultWrite) -> Result<(), VaultRefusal> {
    if write.puts.len() + write.deletes.len() > RECORDS_PER_WRITE_MAX {
        return Err(VaultRefusal::TooLarge("records in one write"));
    }
    if write.joined.len() > LOOKUP_MAX {
        return Err(VaultRefusal::TooLarge("joined conversations in one write"));
    }
    let mut names = HashSet::new();
    for put in &write.puts {
        check_name(&put.name, &mut names)?;
        check_put(put)?;
    }
    for delete in &write.deletes {
        check_name(&delete.name, &mut names)?;
        if !(1..=NUMBER_MAX).contains(&delete.expected) {
            return Err(VaultRefusal::Invalid("a version is out of range"));
        }
    }
    write.head.as_ref().map_or(Ok(()), check_head)
}

fn check_name<'w>(
    name: &'w RecordName,
    names: &mut HashSet<&'w RecordName>,
) -> Result<(), VaultRefusal> {
    if name.kind == 0 {
        return Err(VaultRefusal::Invalid("a record has no kind"));
    }
    if name.id.len() > RECORD_ID_MAX {
        return Err(VaultRefusal::TooLarge("a record's id"));
    }
    if names.insert(name) {
        Ok(())
    } else {
        Err(VaultRefusal::Invalid("a record is named twice"))
    }
}

fn check_put(put: &RecordPut) -> Result<(), VaultRefusal> {
    if put.bytes.len() > RECORD_BYTES_MAX {
        return Err(VaultRefusal::TooLarge("a record"));
    }
    if !(1..=NUMBER_MAX).contains(&put.version) {
        return Err(VaultRefusal::Invalid("a version is out of range"));
    }
    let new_package = put.name.kind == kind::KEY_PACKAGE && put.expected == 0;
    let free = put.name.kind == kind::MLS_STATE || new_package;
    // The version is at least 1, so this does not overflow.
    if !free && put.expected != put.version - 1 {
        return Err(VaultRefusal::Invalid(
            "a version is not the one after the expected",
        ));
    }
    Ok(())
}

fn check_head(head: &HeadPut) -> Result<(), VaultRefusal> {
    if head.bytes.is_empty() {
        return Err(VaultRefusal::Invalid("the head is empty"));
    }
    if head.bytes.len() > HEAD_BYTES_MAX {
        return Err(VaultRefusal::TooLarge("the head"));
    }
    if head.expected >= NUMBER_MAX {
        return Err(VaultRefusal::Invalid("the head's number is out of range"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_tells_the_head_that_stands() {
        let wire = WireError::from(VaultRefusal::Conflict { head: 41 });
        assert_eq!(wire.code, ErrorCode::VaultConflict);
        let data = protocol::decode(&wire.data.unwrap());
        assert_eq!(data, Ok(VaultConflict { head: 41 }));
    }

    #[test]
    fn refusals_say_what_is_wrong_and_storage_errors_stay_what_they_are() {
        let busy = StorageError::Busy { retry_after_ms: 9 };
        for (refusal, code, words) in [
            (
                VaultRefusal::Invalid("the head is empty"),
                ErrorCode::VaultInvalid,
                "head is empty",
            ),
            (
                VaultRefusal::TooLarge("a record"),
                ErrorCode::TooLarge,
                "a record",
            ),
            (busy.into(), ErrorCode::Busy, "queue"),
        ] {
            let wire = WireError::from(refusal);
            assert_eq!(wire.code, code);
            assert!(wire.message.contains(words), "{}", wire.message);
        }
    }
}
