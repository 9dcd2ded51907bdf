//! Signing in with name and passphrase, and resuming with the device's key.

use e2ee::{
    device::DeviceKeys,
    opaque::{OpaqueError, SignIn, Stretching},
    passphrase::Passphrase,
    recovery::{Connection, RecoveryKeys},
};
use protocol::{
    Bytes, DeviceId, Hash32, IncarnationId, InstanceId,
    methods::account::{
        NewDevice, Recover, ResumeSession, SignInStart, Stretching as WireStretching,
    },
};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::{Member, registration::new_device};

/// A sign-in on a fresh device.
pub struct SigningIn {
    rng: ChaCha20Rng,
    state: SignIn,
    /// The fresh device's keys.
    pub device: DeviceKeys,
}

impl SigningIn {
    /// The first request.
    #[must_use]
    pub fn start(seed: u64, login_name: &str, passphrase: &Passphrase) -> (SignInStart, Self) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let (state, ke1) = SignIn::start(&mut rng, passphrase).unwrap();
        let mut id = DeviceId::default();
        rng.fill_bytes(&mut id.0);
        let device = DeviceKeys::generate(&mut rng, id).unwrap();
        let params = SignInStart {
            login_name: login_name.to_owned(),
            ke1: ke1.into(),
        };
        (params, Self { rng, state, device })
    }

    /// The one request of a sign-in by recovery code.
    #[must_use]
    pub fn recover(
        seed: u64,
        login_name: &str,
        keys: &RecoveryKeys,
        (instance, incarnation, challenge): (InstanceId, IncarnationId, Hash32),
    ) -> (Recover, DeviceKeys) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut id = DeviceId::default();
        rng.fill_bytes(&mut id.0);
        let device = DeviceKeys::generate(&mut rng, id).unwrap();
        let proof = keys.sign_in_proof(&Connection {
            instance,
            incarnation,
            device: id,
            challenge: challenge.0,
        });
        let params = Recover {
            login_name: login_name.to_owned(),
            device: new_device(&device),
            proof: Bytes::copy_from_slice(&proof),
        };
        (params, device)
    }

    /// KE3 and the device for the last request.
    ///
    /// # Errors
    /// [`OpaqueError::WrongNameOrPassphrase`]: then nothing is to be sent.
    pub fn finish(
        mut self,
        ke2: &[u8],
        stretching: WireStretching,
        instance: InstanceId,
    ) -> Result<(Bytes, NewDevice, DeviceKeys), OpaqueError> {
        let stretching = Stretching {
            memory_kib: stretching.memory_kib,
            passes: stretching.passes,
            lanes: stretching.lanes,
        };
        let outcome = self
            .state
            .finish(&mut self.rng, ke2, instance, &stretching)?;
        Ok((outcome.ke3.into(), new_device(&self.device), self.device))
    }
}

impl Member {
    /// Proves this member's device on a connection with this challenge.
    #[must_use]
    pub fn resume(&self, incarnation: IncarnationId, challenge: Hash32) -> ResumeSession {
        let proof = self
            .device
            .session_proof(self.instance, incarnation, challenge.as_bytes());
        ResumeSession {
            device: self.device.id(),
            proof: Bytes::copy_from_slice(&proof),
        }
    }
}
