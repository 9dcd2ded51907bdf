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
pub struct Manifest(
    BTreeMap<RecordName, (u64, Hash32)>,
    /// Records of kinds that a later version knows, by kind and id: counted, not understood.
    BTreeMap<(u8, Vec<u8>), (u64, Hash32)>,
);

/// Kinds that no version of this one knows, and that the head covers nevertheless.
fn covered_unknown(kind: u8) -> bool {
    (13..128).contains(&kind)
}

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

    /// The same for a record of a kind that this version does not know. Kinds 128–255 are never covered.
    pub fn insert_unknown(&mut self, kind: u8, id: &[u8], version: u64, sha256: Hash32) {
        if covered_unknown(kind) {
            self.1.insert((kind, id.to_vec()), (version, sha256));
        }
    }

    /// Records of kinds that this version does not know: kind, id, version, SHA-256.
    pub fn unknown(&self) -> impl Iterator<Item = (u8, &[u8], u64, &Hash32)> {
        self.1
            .iter()
            .map(|((kind, id), (version, sha256))| (*kind, id.as_slice(), *version, sha256))
    }

    /// HASH("vault manifest", for every record ascending: `u8 kind || LP(id) || u64 version || SHA-256(bytes)`).
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        let line = |w: Writer, kind: u8, id: &[u8], version: u64, sha256: &Hash32| {
            w.u8(kind).lp(id).u64(version).bytes(sha256.as_bytes())
        };
        // the kinds that are not known are higher than all that are
        let known = self
            .entries()
            .fold(Writer::new(), |w, (name, version, sha256)| {
                line(w, name.kind as u8, &name.id, version, sha256)
            });
        let all = self
            .unknown()
            .fold(known, |w, (kind, id, version, sha256)| {
                line(w, kind, id, version, sha256)
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
