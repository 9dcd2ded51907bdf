//! What the MLS library needs from outside: cryptography, randomness, storage, a signer.

use std::{cell::RefCell, fmt};

use openmls_libcrux_crypto::CryptoProvider;
use openmls_traits::{
    OpenMlsProvider,
    random::OpenMlsRand,
    signatures::{Signer, SignerError},
    types::SignatureScheme,
};
use rand::RngCore;

use super::{
    MlsError,
    store::{Store, Values},
};
use crate::signing::SigningKey;

/// The randomness given by the caller; without one, a request for randomness is refused.
pub(super) struct Rand<'a>(RefCell<Option<&'a mut dyn RngCore>>);

#[derive(Debug)]
pub(super) struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no randomness was given")
    }
}

impl std::error::Error for NoRandomness {}

impl OpenMlsRand for Rand<'_> {
    type Error = NoRandomness;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut out = [0; N];
        self.fill(&mut out)?;
        Ok(out)
    }

    fn random_vec(&self, len: usize) -> Result<Vec<u8>, NoRandomness> {
        let mut out = vec![0; len];
        self.fill(&mut out)?;
        Ok(out)
    }
}

impl Rand<'_> {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        match &mut *self.0.borrow_mut() {
            Some(rng) => rng.try_fill_bytes(out).map_err(|_| NoRandomness),
            None => Err(NoRandomness),
        }
    }
}

pub(super) struct Provider<'a> {
    crypto: CryptoProvider,
    rand: Rand<'a>,
    store: Store,
}

impl<'a> Provider<'a> {
    pub(super) fn new(values: Values) -> Result<Self, MlsError> {
        Self::build(values, None)
    }

    pub(super) fn with_rng(values: Values, rng: &'a mut dyn RngCore) -> Result<Self, MlsError> {
        Self::build(values, Some(rng))
    }

    fn build(values: Values, rng: Option<&'a mut dyn RngCore>) -> Result<Self, MlsError> {
        Ok(Self {
            crypto: crypto()?,
            rand: Rand(RefCell::new(rng)),
            store: Store::new(values),
        })
    }

    pub(super) fn into_values(self) -> Values {
        self.store.into_values()
    }
}

/// The library's cryptography alone.
pub(super) fn crypto() -> Result<CryptoProvider, MlsError> {
    CryptoProvider::new().map_err(|_| MlsError::Refused("no randomness from the system".into()))
}

impl<'a> OpenMlsProvider for Provider<'a> {
    type CryptoProvider = CryptoProvider;
    type RandProvider = Rand<'a>;
    type StorageProvider = Store;

    fn storage(&self) -> &Store {
        &self.store
    }

    fn crypto(&self) -> &CryptoProvider {
        &self.crypto
    }

    fn rand(&self) -> &Rand<'a> {
        &self.rand
    }
}

/// Signs for MLS, whose signed content has labels of its own.
pub(super) struct LeafSigner<'a>(pub(super) &'a SigningKey);

impl Signer for LeafSigner<'_> {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.0.sign_unlabelled(payload).to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}
