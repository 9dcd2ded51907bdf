//! The root record (kind 2): the root identity's seed, sealed by what only the person has.
//!
//! Sealed with symmetric keys, not to public keys: a server can seal to a public key as well as anybody, and could
//! give a fresh device a root (and with it a whole vault) of its own making.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use protocol::MemberId;
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{WrapKey, kind_and_id, label_and_member};
use crate::{
    error::{Error, Result},
    identity::RootIdentity,
    suite::{SUITE, VERSION, from_msgpack, to_msgpack},
};

const WHAT: &str = "root record";
const MAX_RECIPIENTS: usize = 16;

/// The sealed root seed. Knows nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootRecord {
    v: u8,
    suite: u16,
    recipients: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    kind: u8,
    #[serde(with = "serde_bytes")]
    id: [u8; 16],
    #[serde(with = "serde_bytes")]
    nonce: [u8; 24],
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
    /// The passphrase opens it only together with the approval secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    approval: bool,
}

impl RootRecord {
    /// Seals the root for the first recipient (the passphrase).
    ///
    /// # Errors
    /// [`Error::NoKey`] for a device's key: the root is never given to devices.
    pub fn seal(
        root: &RootIdentity,
        member: MemberId,
        recipient: &WrapKey,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self> {
        let empty = Self {
            v: VERSION,
            suite: SUITE,
            recipients: Vec::new(),
        };
        empty.with(root, member, recipient, rng)
    }

    /// The record with this recipient added, or sealed anew for it (a changed passphrase); mixed with the approval secret
    /// where the key has one.
    ///
    /// # Errors
    /// [`Error::NoKey`] for a device's key, [`Error::TooLong`] for too many recipients.
    pub fn with(
        &self,
        root: &RootIdentity,
        member: MemberId,
        recipient: &WrapKey,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self> {
        let key = recipient.root_key().ok_or(Error::NoKey(WHAT))?;
        let (kind, id) = recipient.recipient();
        let mut nonce = [0u8; 24];
        rng.fill_bytes(&mut nonce);
        let sealed = XChaCha20Poly1305::new(key.into())
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: root.seed().as_slice(),
                    aad: &aad(member, kind, &id),
                },
            )
            .map_err(|_| Error::Library("XChaCha20-Poly1305"))?;
        let approval = recipient.approval();
        let sealed = match approval {
            Some(secret) => secret.mix_root(member, &sealed, rng)?,
            None => sealed,
        };
        let mut next = self.clone();
        next.recipients.retain(|e| (e.kind, e.id) != (kind, id));
        if next.recipients.len() >= MAX_RECIPIENTS {
            return Err(Error::TooLong(WHAT));
        }
        next.recipients.push(Entry {
            kind,
            id,
            nonce,
            sealed,
            approval: approval.is_some(),
        });
        Ok(next)
    }

    /// The record without this recipient (kind and id).
    #[must_use]
    pub fn without(&self, kind: u8, id: &[u8; 16]) -> Self {
        let mut next = self.clone();
        next.recipients.retain(|e| (e.kind, &e.id) != (kind, id));
        next
    }

    /// Opens the root. Success proves that somebody who had this passphrase (or recovery code) sealed it.
    ///
    /// # Errors
    /// [`Error::NoKey`] when this recipient is not listed, or has no approval secret where one is needed,
    /// [`Error::CannotOpen`].
    pub fn open(&self, member: MemberId, recipient: &WrapKey) -> Result<RootIdentity> {
        let key = recipient.root_key().ok_or(Error::NoKey(WHAT))?;
        let (kind, id) = recipient.recipient();
        let entry = self
            .recipients
            .iter()
            .find(|e| (e.kind, e.id) == (kind, id))
            .ok_or(Error::NoKey(WHAT))?;
        let sealed = if entry.approval {
            let secret = recipient.approval().ok_or(Error::NoKey(WHAT))?;
            secret.unmix_root(member, &entry.sealed)?
        } else {
            entry.sealed.clone()
        };
        let seed = XChaCha20Poly1305::new(key.into())
            .decrypt(
                XNonce::from_slice(&entry.nonce),
                Payload {
                    msg: &sealed,
                    aad: &aad(member, kind, &id),
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| Error::CannotOpen(WHAT))?;
        let seed: &[u8; 32] = seed
            .as_slice()
            .try_into()
            .map_err(|_| Error::Malformed(WHAT))?;
        Ok(RootIdentity::from_seed(seed))
    }

    /// Whether the passphrase opens it only with the approval secret.
    #[must_use]
    pub fn needs_approval(&self) -> bool {
        let mut entries = self.recipients.iter();
        entries.any(|e| e.approval && e.kind == WrapKey::PASSPHRASE)
    }

    /// The record's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        to_msgpack(self).to_vec()
    }

    /// Reads the record's bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let record: Self = from_msgpack(bytes, WHAT)?;
        let mixed = |e: &Entry| !e.approval || e.kind == WrapKey::PASSPHRASE;
        if record.recipients.len() > MAX_RECIPIENTS || !record.recipients.iter().all(mixed) {
            return Err(Error::Malformed(WHAT));
        }
        Ok(record)
    }
}

fn aad(member: MemberId, kind: u8, id: &[u8; 16]) -> Vec<u8> {
    label_and_member("root wrap", member)
        .bytes(&kind_and_id(kind, id))
        .header()
        .finish()
}
