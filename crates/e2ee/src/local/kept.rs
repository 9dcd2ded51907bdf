//! The key of a client's store, as the platform keeps it: as it is, or locked by what the person types.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    kdf::{kdf, label},
    opaque::Stretching,
    passphrase::Passphrase,
    suite::{Reader, Writer},
};

const WHAT: &str = "kept store key";
const OPEN: u8 = 0;
const LOCKED: u8 = 1;

/// The key of a client's store.
#[derive(Clone)]
pub struct StoreKey(Zeroizing<[u8; 32]>);

impl StoreKey {
    /// A new one.
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut_slice());
        Self(key)
    }

    /// Its bytes, for what encrypts the store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(..)")
    }
}

/// A store key as the platform keeps it. The platform protects it besides, as well as it can.
#[derive(Debug, Clone)]
pub enum KeptKey {
    /// As it is.
    Open(StoreKey),
    /// Locked: an app lock is set.
    Locked(LockedKey),
}

impl KeptKey {
    /// The bytes to keep.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let writer = Writer::new().header();
        match self {
            Self::Open(key) => writer.u8(OPEN).bytes(key.as_bytes()),
            Self::Locked(locked) => writer
                .bytes(&locked.beginning()[3..])
                .bytes(&locked.nonce)
                .bytes(&locked.sealed),
        }
        .finish_secret()
    }

    /// Reads kept bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(bytes, WHAT);
        r.header()?;
        let kept = match r.u8()? {
            OPEN => Self::Open(StoreKey(Zeroizing::new(r.array()?))),
            LOCKED => Self::Locked(LockedKey {
                cost: Stretching {
                    memory_kib: r.u32()?,
                    passes: r.u32()?,
                    lanes: r.u32()?,
                },
                salt: r.array()?,
                nonce: r.array()?,
                sealed: r.array()?,
            }),
            _ => return Err(Error::Malformed(WHAT)),
        };
        r.finish()?;
        Ok(kept)
    }
}

/// A store key under what the person types to unlock the app.
#[derive(Debug, Clone)]
pub struct LockedKey {
    cost: Stretching,
    salt: [u8; 16],
    nonce: [u8; 24],
    sealed: [u8; 48],
}

impl LockedKey {
    /// Locks a key.
    ///
    /// # Errors
    /// [`Error::Library`] for a cost that Argon2id can't do.
    pub fn lock(
        rng: &mut (impl CryptoRng + RngCore),
        key: &StoreKey,
        unlock: &Passphrase,
        cost: Stretching,
    ) -> Result<Self> {
        let mut locked = Self {
            cost,
            salt: [0; 16],
            nonce: [0; 24],
            sealed: [0; 48],
        };
        rng.fill_bytes(&mut locked.salt);
        rng.fill_bytes(&mut locked.nonce);
        let sealed = locked
            .cipher(unlock)?
            .encrypt(
                XNonce::from_slice(&locked.nonce),
                Payload {
                    msg: key.as_bytes(),
                    aad: &locked.aad(),
                },
            )
            .map_err(|_| Error::Library("XChaCha20-Poly1305"))?;
        locked.sealed.copy_from_slice(&sealed);
        Ok(locked)
    }

    /// Unlocks it.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] when `unlock` is not it.
    pub fn open(&self, unlock: &Passphrase) -> Result<StoreKey> {
        let opened = self
            .cipher(unlock)?
            .decrypt(
                XNonce::from_slice(&self.nonce),
                Payload {
                    msg: &self.sealed,
                    aad: &self.aad(),
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| Error::CannotOpen(WHAT))?;
        let key: [u8; 32] = opened
            .as_slice()
            .try_into()
            .map_err(|_| Error::Malformed(WHAT))?;
        Ok(StoreKey(Zeroizing::new(key)))
    }

    fn cipher(&self, unlock: &Passphrase) -> Result<XChaCha20Poly1305> {
        let stretched = self.cost.stretch(unlock, &self.salt)?;
        let key = kdf::<32>(stretched.as_slice(), "store lock", b"");
        Ok(XChaCha20Poly1305::new(key.as_slice().into()))
    }

    /// Everything before the nonce.
    fn beginning(&self) -> Vec<u8> {
        Writer::new()
            .header()
            .u8(LOCKED)
            .u32(self.cost.memory_kib)
            .u32(self.cost.passes)
            .u32(self.cost.lanes)
            .bytes(&self.salt)
            .finish()
    }

    fn aad(&self) -> Vec<u8> {
        Writer::new()
            .bytes(&label("store lock"))
            .bytes(&self.beginning())
            .finish()
    }
}

#[cfg(test)]
mod tests;
