//! The manifest: name, version and hash of every covered record; its hash stands in the head.

use std::collections::BTreeMap;

use protocol::Hash32;
use sha2::{Digest, Sha256};

use super::{RecordName, covered};
use crate::{
    error::{Error, Result},
    kdf::hash,
    suite::Writer,
};

/// All covered records of a vault, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(BTreeMap<RecordName, (u64, Hash32)>);

impl Manifest {
    /// Of an empty vault.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes over one write: the record's bytes at a version, or `None` when it is deleted. Kinds that are not
    /// covered change nothing.
    pub fn apply(&mut self, name: &RecordName, version: u64, bytes: Option<&[u8]>) {
        if !covered(name.kind) {
            return;
        }
        match bytes {
            Some(bytes) => {
                let sha256 = Hash32(Sha256::digest(bytes).into());
                self.0.insert(name.clone(), (version, sha256));
            }
            None => {
                self.0.remove(name);
            }
        }
    }

    /// Takes over one line of the server's list: a record's version and SHA-256. Kinds that are not covered change
    /// nothing. What it is worth shows when [`Self::hash`] is compared with the head.
    pub fn insert(&mut self, name: RecordName, version: u64, sha256: Hash32) {
        if covered(name.kind) {
            self.0.insert(name, (version, sha256));
        }
    }

    /// HASH("vault manifest", for every record ascending: `u8 kind || LP(id) || u64 version || SHA-256(bytes)`).
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        let all = self
            .0
            .iter()
            .fold(Writer::new(), |w, (name, (version, sha256))| {
                w.u8(name.kind as u8)
                    .lp(&name.id)
                    .u64(*version)
                    .bytes(sha256.as_bytes())
            });
        hash("vault manifest", all.as_bytes())
    }

    /// Checks one record that the server gave against the manifest.
    ///
    /// # Errors
    /// [`Error::NotNewer`] for another version or other bytes than the head covers, or a record it does not cover.
    pub fn check(&self, name: &RecordName, version: u64, bytes: &[u8]) -> Result<()> {
        let sha256 = Hash32(Sha256::digest(bytes).into());
        match self.0.get(name) {
            _ if !covered(name.kind) => Ok(()),
            Some(known) if *known == (version, sha256) => Ok(()),
            _ => Err(Error::NotNewer("vault record")),
        }
    }

    /// The version of a covered record (0 when absent).
    #[must_use]
    pub fn version(&self, name: &RecordName) -> u64 {
        self.0.get(name).map_or(0, |(version, _)| *version)
    }

    /// All covered records, ascending.
    pub fn entries(&self) -> impl Iterator<Item = (&RecordName, u64, &Hash32)> {
        self.0
            .iter()
            .map(|(name, (version, sha256))| (name, *version, sha256))
    }
}
