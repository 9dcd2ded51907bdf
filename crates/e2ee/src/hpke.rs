//! HPKE (RFC 9180) in base mode with X-Wing, HKDF-SHA-256 and ChaCha20-Poly1305, through the same provider as MLS.
//!
//! The KEM is X-Wing, draft-connolly-cfrg-xwing-kem-06, HPKE KEM id 0x647a.

use std::fmt;

use openmls_libcrux_crypto::CryptoProvider;
use openmls_traits::{
    crypto::OpenMlsCrypto,
    types::{HpkeAeadType, HpkeCiphertext, HpkeConfig, HpkeKdfType, HpkeKemType, HpkePrivateKey},
};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Length of an X-Wing public key.
pub const PUBLIC_KEY_LEN: usize = 1216;
/// Length of an X-Wing encapsulation.
pub const ENC_LEN: usize = 1120;

const CONFIG: HpkeConfig = HpkeConfig(
    HpkeKemType::XWingKemDraft6,
    HpkeKdfType::HkdfSha256,
    HpkeAeadType::ChaCha20Poly1305,
);

/// An X-Wing key pair, derived from 32 bytes of key material.
#[derive(Clone)]
pub struct KeyPair {
    private: HpkePrivateKey,
    public: Vec<u8>,
}

impl KeyPair {
    /// RFC 9180 DeriveKeyPair of the KEM: decapsulation key = SHAKE-256(`ikm`), 32 bytes.
    ///
    /// # Errors
    /// [`Error::Library`] when the provider refuses (it has no randomness to start with).
    pub fn derive(ikm: &[u8; 32]) -> Result<Self> {
        let pair = provider()?
            .derive_hpke_keypair(CONFIG, ikm)
            .map_err(|_| Error::Library("X-Wing key pair"))?;
        Ok(Self {
            private: pair.private,
            public: pair.public,
        })
    }

    /// A key pair of published vectors, whose private key is the seed of the KEM itself.
    #[cfg(test)]
    pub(crate) fn of_vectors(seed: &[u8], public: &[u8]) -> Self {
        Self {
            private: seed.to_vec().into(),
            public: public.to_vec(),
        }
    }

    /// The public key, [`PUBLIC_KEY_LEN`] bytes.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// Opens what was sealed to this key.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for another key, `info`, `aad` or changed bytes.
    pub fn open(&self, info: &[u8], aad: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        if sealed.enc.len() != ENC_LEN {
            return Err(Error::CannotOpen("HPKE ciphertext"));
        }
        let input = HpkeCiphertext {
            kem_output: sealed.enc.clone().into(),
            ciphertext: sealed.ciphertext.clone().into(),
        };
        provider()?
            .hpke_open(CONFIG, &input, &self.private, info, aad)
            .map(Zeroizing::new)
            .map_err(|_| Error::CannotOpen("HPKE ciphertext"))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hpke::KeyPair(..)")
    }
}

/// What [`seal`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The encapsulated key.
    pub enc: Vec<u8>,
    /// The ciphertext with its tag.
    pub ciphertext: Vec<u8>,
}

/// Seals to a public key. The encapsulation's randomness is the provider's own (operating system).
///
/// # Errors
/// [`Error::Library`] for a public key of the wrong length or form, or without randomness.
pub fn seal(public: &[u8], info: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Sealed> {
    if public.len() != PUBLIC_KEY_LEN {
        return Err(Error::Library("X-Wing public key"));
    }
    let out = provider()?
        .hpke_seal(CONFIG, public, info, aad, plaintext)
        .map_err(|_| Error::Library("HPKE seal"))?;
    Ok(Sealed {
        enc: out.kem_output.as_slice().to_vec(),
        ciphertext: out.ciphertext.as_slice().to_vec(),
    })
}

fn provider() -> Result<CryptoProvider> {
    CryptoProvider::new().map_err(|_| Error::Library("randomness"))
}
