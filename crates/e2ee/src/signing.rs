//! Ed25519 with labels (`docs/crypto.md`, section 1): `SIGN(key, s, m)` = Ed25519 over `LABEL(s) || m`.

use std::fmt;

use ed25519_dalek::Signer;
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    kdf::label,
};

/// A private signing key; wiped when dropped, never printed.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key of this seed (the RFC 8032 private key).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// A new key.
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Self {
        let mut seed = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// `SIGN(self, s, m)`.
    #[must_use]
    pub fn sign(&self, s: &str, m: &[u8]) -> [u8; 64] {
        let mut message = label(s);
        message.extend_from_slice(m);
        self.0.sign(&message).to_bytes()
    }

    /// Plain Ed25519 without our label: only for what MLS itself signs (it has its own labels).
    #[must_use]
    pub fn sign_unlabelled(&self, m: &[u8]) -> [u8; 64] {
        self.0.sign(m).to_bytes()
    }

    /// The seed, to be stored sealed.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// A public Ed25519 key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Checks `SIGN(key, s, m)` strictly (RFC 8032; no small-order keys, canonical encodings only).
    ///
    /// # Errors
    /// [`Error::BadSignature`] with `s`.
    pub fn verify(&self, s: &'static str, m: &[u8], signature: &[u8; 64]) -> Result<()> {
        let mut message = label(s);
        message.extend_from_slice(m);
        ed25519_dalek::VerifyingKey::from_bytes(&self.0)
            .and_then(|key| {
                key.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(signature))
            })
            .map_err(|_| Error::BadSignature(s))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", hex::encode(&self.0[..4]))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        protocol::Hash32::deserialize(d).map(|bytes| Self(bytes.0))
    }
}
