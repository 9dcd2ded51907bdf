//! The keys of one signed-in device: made at sign-in, never leave it (`docs/crypto.md`, sections 3 and 8).

use std::fmt;

use protocol::{DeviceId, IncarnationId, InstanceId};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use crate::{
    error::Result,
    hpke,
    signing::{PublicKey, SigningKey},
    suite::{Reader, Writer},
};

const PROOF: &str = "session";

/// The device key (Ed25519, proves the session) and the device wrap key (X-Wing, receives the vault key).
#[derive(Clone)]
pub struct DeviceKeys {
    id: DeviceId,
    signing: SigningKey,
    wrap_ikm: Zeroizing<[u8; 32]>,
    wrap: hpke::KeyPair,
}

impl DeviceKeys {
    /// New keys for a device that signs in.
    ///
    /// # Errors
    /// [`crate::Error::Library`] when the provider refuses.
    pub fn generate(rng: &mut (impl CryptoRng + RngCore), id: DeviceId) -> Result<Self> {
        let signing = SigningKey::generate(rng);
        let mut ikm = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(ikm.as_mut_slice());
        Self::assemble(id, signing, ikm)
    }

    fn assemble(id: DeviceId, signing: SigningKey, wrap_ikm: Zeroizing<[u8; 32]>) -> Result<Self> {
        let wrap = hpke::KeyPair::derive(&wrap_ikm)?;
        Ok(Self {
            id,
            signing,
            wrap_ikm,
            wrap,
        })
    }

    /// For the device's own (encrypted) store.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Writer::new()
            .header()
            .bytes(self.id.as_bytes())
            .bytes(self.signing.seed().as_slice())
            .bytes(self.wrap_ikm.as_slice())
            .finish_secret()
    }

    /// From the device's own store.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`], [`crate::Error::UnknownVersion`], [`crate::Error::Library`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(bytes, "device keys");
        r.header()?;
        let id = DeviceId(r.array()?);
        let seed = Zeroizing::new(r.array()?);
        let ikm = Zeroizing::new(r.array()?);
        r.finish()?;
        Self::assemble(id, SigningKey::from_seed(&seed), ikm)
    }

    /// The device.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        self.id
    }

    /// The public device key, which the server stores.
    #[must_use]
    pub fn signing_public(&self) -> PublicKey {
        self.signing.public()
    }

    /// The public device wrap key, which the wraps record lists.
    #[must_use]
    pub fn wrap_public(&self) -> &[u8] {
        self.wrap.public()
    }

    pub(crate) fn wrap_pair(&self) -> &hpke::KeyPair {
        &self.wrap
    }

    /// Proves possession of the device key on one connection: `challenge` is the server's, fresh every time.
    #[must_use]
    pub fn session_proof(
        &self,
        instance: InstanceId,
        incarnation: IncarnationId,
        challenge: &[u8; 32],
    ) -> [u8; 64] {
        self.signing
            .sign(PROOF, &proved(instance, incarnation, self.id, challenge))
    }
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKeys({:?}, ..)", self.id)
    }
}

/// The server's check of [`DeviceKeys::session_proof`].
///
/// # Errors
/// [`crate::Error::BadSignature`].
pub fn verify_session_proof(
    device_public: &PublicKey,
    instance: InstanceId,
    incarnation: IncarnationId,
    device: DeviceId,
    challenge: &[u8; 32],
    signature: &[u8; 64],
) -> Result<()> {
    device_public.verify(
        PROOF,
        &proved(instance, incarnation, device, challenge),
        signature,
    )
}

fn proved(
    instance: InstanceId,
    incarnation: IncarnationId,
    device: DeviceId,
    challenge: &[u8; 32],
) -> Vec<u8> {
    Writer::new()
        .bytes(instance.as_bytes())
        .bytes(incarnation.as_bytes())
        .bytes(device.as_bytes())
        .bytes(challenge)
        .finish()
}

#[cfg(test)]
mod tests;
