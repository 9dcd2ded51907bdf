//! The vault: a member's sealed records on the server (`docs/crypto.md`, section 4).
//!
//! A device that opens a vault trusts it in this order: the root record (only who has the passphrase or recovery
//! code can have made it) or the root it already knows → the identity record's certificate → the head → the
//! manifest → everything covered. [`Wraps`] alone prove nothing: anybody can seal a key to a public key.

mod head;
mod manifest;
mod personal;
mod record;
mod root;
mod wraps;

use std::{collections::BTreeMap, fmt};

use protocol::MemberId;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

pub use head::Head;
pub use manifest::Manifest;
pub use personal::{Cursor, Draft, Hidden, KeyChange, Picture, Settings, Title};
pub use record::{IdentityRecord, open_record, record_key_number, seal_record};
pub use root::RootRecord;
pub use wraps::{Recipient, WrapKey, Wraps};

use crate::{
    error::{Error, Result},
    suite::Writer,
};

/// Longest id of a record, bytes.
pub const MAX_ID: usize = 64;

/// What a vault record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum RecordKind {
    /// The vault key, sealed to its recipients.
    Wraps = 1,
    /// The root identity's seed.
    Root = 2,
    /// The account key and its certificate.
    Identity = 3,
    /// The private part of a key package.
    KeyPackage = 4,
    /// The private MLS state of one conversation; its version is its epoch.
    MlsState = 5,
    /// The epoch secret kept at a cut.
    SegmentHead = 6,
    /// What is remembered of a contact.
    Pin = 7,
    /// Settings.
    Settings = 8,
    /// A draft.
    Draft = 9,
    /// A read cursor.
    Cursor = 10,
    /// The secret of timed messages (reserved).
    TimedSecret = 11,
    /// What a change of keys has still to do.
    KeyChange = 12,
    /// The approval secret; there exactly if new sign-ins need the approval of a device.
    Approval = 13,
    /// The title of a conversation.
    Title = 128,
    /// That a conversation is out of sight.
    Hidden = 129,
    /// The picture of a conversation.
    Picture = 130,
}

impl RecordKind {
    /// All kinds, ascending.
    pub const ALL: [Self; 16] = [
        Self::Wraps,
        Self::Root,
        Self::Identity,
        Self::KeyPackage,
        Self::MlsState,
        Self::SegmentHead,
        Self::Pin,
        Self::Settings,
        Self::Draft,
        Self::Cursor,
        Self::TimedSecret,
        Self::KeyChange,
        Self::Approval,
        Self::Title,
        Self::Hidden,
        Self::Picture,
    ];
}

impl TryFrom<u8> for RecordKind {
    type Error = Error;

    fn try_from(value: u8) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| *kind as u8 == value)
            .ok_or(Error::Malformed("record kind"))
    }
}

/// Whether the vault's head covers records of this kind: all but settings, drafts, cursors, titles, pictures, and what
/// is out of sight.
#[must_use]
pub fn covered(kind: RecordKind) -> bool {
    !matches!(
        kind,
        RecordKind::Settings
            | RecordKind::Draft
            | RecordKind::Cursor
            | RecordKind::Title
            | RecordKind::Hidden
            | RecordKind::Picture
    )
}

/// Which record of a member: kind and id (0 to 64 bytes, meaning by kind).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordName {
    /// The kind.
    pub kind: RecordKind,
    /// The id; empty where a member has only one such record.
    pub id: Vec<u8>,
}

impl RecordName {
    /// A record of this kind and id.
    #[must_use]
    pub fn new(kind: RecordKind, id: &[u8]) -> Self {
        Self {
            kind,
            id: id.to_vec(),
        }
    }

    /// The one record of a kind that has no id.
    #[must_use]
    pub fn only(kind: RecordKind) -> Self {
        Self::new(kind, &[])
    }

    fn check(&self) -> Result<()> {
        if self.id.len() > MAX_ID {
            return Err(Error::TooLong("record id"));
        }
        Ok(())
    }
}

/// The vault key in use, and the earlier ones under which older records may still be sealed.
#[derive(Clone)]
pub struct VaultKeys {
    number: u32,
    keys: BTreeMap<u32, Zeroizing<[u8; 32]>>,
}

impl VaultKeys {
    /// The first vault key of a member (number 1).
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Self {
        Self::of(1, random_key(rng), BTreeMap::new())
    }

    /// A new vault key after this one; earlier keys stay known.
    ///
    /// # Errors
    /// [`Error::TooLong`] after 2^32 − 1 keys.
    pub fn next(&self, rng: &mut (impl CryptoRng + RngCore)) -> Result<Self> {
        let number = self
            .number
            .checked_add(1)
            .ok_or(Error::TooLong("key number"))?;
        Ok(Self::of(number, random_key(rng), self.keys.clone()))
    }

    /// Forgets keys older than `number`, when no record is sealed under them any more.
    pub fn forget_before(&mut self, number: u32) {
        let current = self.number;
        self.keys.retain(|n, _| *n >= number || *n == current);
    }

    fn of(
        number: u32,
        key: Zeroizing<[u8; 32]>,
        mut keys: BTreeMap<u32, Zeroizing<[u8; 32]>>,
    ) -> Self {
        keys.insert(number, key);
        Self { number, keys }
    }

    /// The number of the key in use.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// For the device's own (encrypted) store: `u8 1 || u16 suite || u32 current number ||` for every key ascending:
    /// `u32 number || key`.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.keys
            .iter()
            .fold(Writer::new().header().u32(self.number), |w, (n, key)| {
                w.u32(*n).bytes(key.as_slice())
            })
            .finish_secret()
    }

    /// From the device's own store.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const WHAT: &str = "vault keys";
        let mut r = crate::suite::Reader::new(bytes, WHAT);
        r.header()?;
        let number = r.u32()?;
        let mut keys = BTreeMap::new();
        let mut last = 0;
        for entry in r.rest().chunks(36) {
            let mut r = crate::suite::Reader::new(entry, WHAT);
            let n = r.u32()?;
            if n <= last || n > number {
                return Err(Error::Malformed(WHAT));
            }
            keys.insert(n, Zeroizing::new(r.array()?));
            last = n;
        }
        if last != number || number == 0 {
            return Err(Error::Malformed(WHAT));
        }
        Ok(Self { number, keys })
    }

    fn current(&self) -> &[u8; 32] {
        &self.keys[&self.number]
    }

    fn key(&self, number: u32) -> Option<&[u8; 32]> {
        self.keys.get(&number).map(|key| &**key)
    }

    fn earlier(&self) -> impl Iterator<Item = (u32, &[u8; 32])> {
        self.keys
            .iter()
            .filter(|(n, _)| **n != self.number)
            .map(|(n, key)| (*n, &**key))
    }
}

impl fmt::Debug for VaultKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultKeys({}, ..)", self.number)
    }
}

fn random_key(rng: &mut (impl CryptoRng + RngCore)) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0u8; 32]);
    rng.fill_bytes(key.as_mut_slice());
    key
}

/// `u8 kind || id`.
fn kind_and_id(kind: u8, id: &[u8]) -> Vec<u8> {
    Writer::new().u8(kind).bytes(id).finish()
}

fn label_and_member(label: &str, member: MemberId) -> Writer {
    Writer::new()
        .bytes(&crate::kdf::label(label))
        .bytes(member.as_bytes())
}

#[cfg(test)]
mod tests;
