//! Encryption of a client's own store (`docs/crypto.md`, section 8).

mod kept;

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
    suite::{Reader, Writer},
};

pub use kept::{KeptKey, LockedKey, StoreKey};

const WHAT: &str = "local value";

/// Seals the values of a client's store under a key that the platform keeps. The value's place (space and key) is
/// bound; that an older value of the same place is put back is not noticed.
#[derive(Clone)]
pub struct LocalCipher(Zeroizing<[u8; 32]>);

impl LocalCipher {
    /// With the store's 32-byte key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*key))
    }

    /// Seals a value for its place.
    pub fn seal(
        &self,
        rng: &mut (impl CryptoRng + RngCore),
        space: &str,
        key: &[u8],
        plaintext: &[u8],
    ) -> Vec<u8> {
        let mut nonce = [0u8; 24];
        rng.fill_bytes(&mut nonce);
        let aad = aad(space, key);
        let sealed = self
            .cipher(space)
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: plaintext,
                    aad: &aad,
                },
            )
            .expect("XChaCha20-Poly1305 takes up to 256 GiB");
        Writer::new().header().bytes(&nonce).bytes(&sealed).finish()
    }

    /// Opens a value of its place.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`], [`Error::CannotOpen`].
    pub fn open(&self, space: &str, key: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let mut r = Reader::new(sealed, WHAT);
        r.header()?;
        let nonce: [u8; 24] = r.array()?;
        self.cipher(space)
            .decrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: r.rest(),
                    aad: &aad(space, key),
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| Error::CannotOpen(WHAT))
    }

    fn cipher(&self, space: &str) -> XChaCha20Poly1305 {
        let key = kdf::<32>(self.0.as_slice(), "local value", space.as_bytes());
        XChaCha20Poly1305::new(key.as_slice().into())
    }
}

impl fmt::Debug for LocalCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalCipher(..)")
    }
}

fn aad(space: &str, key: &[u8]) -> Vec<u8> {
    Writer::new()
        .bytes(&label("local value"))
        .lp(space.as_bytes())
        .lp(key)
        .header()
        .finish()
}

#[cfg(test)]
mod tests;
