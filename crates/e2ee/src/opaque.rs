//! Sign-in by name and passphrase: OPAQUE (RFC 9807), `docs/crypto.md`, section 2. The server never learns the
//! passphrase; the client gets the same 64-byte export key at registration and at every sign-in.

mod client;
pub mod server;

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use opaque_ke::{
    CipherSuite, Identifiers, Ristretto255, TripleDh,
    errors::{InternalError, ProtocolError},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::passphrase::Passphrase;

pub use client::{Registration, RegistrationOutcome, SignIn, SignInOutcome};
pub use server::OprfSeed;

/// Both sides must agree on it (RFC 9807, section 3.1).
const CONTEXT: &[u8] = b"chatalk v1";

/// ristretto255, SHA-512, 3DH, Argon2id.
pub(crate) struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = Argon2<'static>;
}

/// Why a registration or sign-in failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpaqueError {
    /// The name is unknown or the passphrase is wrong; nobody can tell which.
    #[error("wrong name or passphrase")]
    WrongNameOrPassphrase,
    /// The bytes are not such a message.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// The stretching would take more memory or passes than any server may ask for.
    #[error("the server asks for an unreasonable key-stretching cost")]
    TooCostly,
    /// The stretching is cheaper than this client accepts for a new passphrase.
    #[error("the server asks for too cheap a key-stretching cost")]
    TooCheap,
    /// The cryptographic library refused.
    #[error("the cryptographic library refused: {0}")]
    Library(&'static str),
}

impl OpaqueError {
    fn from_protocol(error: &ProtocolError, what: &'static str) -> Self {
        match error {
            ProtocolError::InvalidLoginError => Self::WrongNameOrPassphrase,
            ProtocolError::SerializationError
            | ProtocolError::SizeError { .. }
            | ProtocolError::ReflectedValueError
            // bytes that are no group element, or the neutral one
            | ProtocolError::LibraryError(InternalError::OprfError(_)) => Self::Malformed(what),
            ProtocolError::LibraryError(_) | ProtocolError::Custom(_) => Self::Library(what),
        }
    }
}

/// The cost of Argon2id, stored with every account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretching {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Stretching {
    /// What servers set for real accounts: 64 MiB, three passes.
    pub const PRODUCTION: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };
    /// The least that Argon2id can do; for tests only.
    pub const MINIMUM: Self = Self {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
    /// The most that a client computes, whatever the server says: 1 GiB, 16 passes, 16 lanes.
    pub const LIMIT: Self = Self {
        memory_kib: 1024 * 1024,
        passes: 16,
        lanes: 16,
    };

    /// Checks that a client can compute this and does not choke on it.
    ///
    /// # Errors
    /// [`OpaqueError::TooCostly`] above [`Stretching::LIMIT`], [`OpaqueError::Malformed`] for what Argon2id cannot do.
    pub fn validate_for_login(&self) -> Result<(), OpaqueError> {
        if self.memory_kib > Self::LIMIT.memory_kib
            || self.passes > Self::LIMIT.passes
            || self.lanes > Self::LIMIT.lanes
        {
            return Err(OpaqueError::TooCostly);
        }
        if self.passes == 0 || self.lanes == 0 || self.memory_kib < 8 * self.lanes {
            return Err(OpaqueError::Malformed("key-stretching parameters"));
        }
        Ok(())
    }

    /// Checks that a new passphrase may be registered with this: at least `minimum` in memory and passes.
    ///
    /// # Errors
    /// As [`Stretching::validate_for_login`], and [`OpaqueError::TooCheap`].
    pub fn validate_for_registration(&self, minimum: &Self) -> Result<(), OpaqueError> {
        self.validate_for_login()?;
        if self.memory_kib < minimum.memory_kib || self.passes < minimum.passes {
            return Err(OpaqueError::TooCheap);
        }
        Ok(())
    }

    fn argon2(&self) -> Result<Argon2<'static>, OpaqueError> {
        self.validate_for_login()?;
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None)
            .map_err(|_| OpaqueError::Malformed("key-stretching parameters"))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

impl Stretching {
    /// Argon2id alone, for what is locked on one device.
    pub(crate) fn stretch(
        &self,
        typed: &Passphrase,
        salt: &[u8; 16],
    ) -> crate::error::Result<Zeroizing<[u8; 32]>> {
        let mut out = Zeroizing::new([0; 32]);
        self.argon2()
            .map_err(|_| crate::Error::Library("Argon2id"))?
            .hash_password_into(typed.as_bytes(), salt, out.as_mut_slice())
            .map_err(|_| crate::Error::Library("Argon2id"))?;
        Ok(out)
    }
}

/// 64 bytes that only the passphrase (and the server's OPRF seed) can give; never leave the client.
#[derive(Clone)]
pub struct ExportKey(Zeroizing<[u8; 64]>);

impl ExportKey {
    fn from_slice(bytes: &[u8]) -> Result<Self, OpaqueError> {
        bytes
            .try_into()
            .map(|b| Self(Zeroizing::new(b)))
            .map_err(|_| OpaqueError::Library("export key"))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// Compares in constant time.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }

    #[cfg(test)]
    pub(crate) fn for_tests(bytes: [u8; 64]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for ExportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExportKey(..)")
    }
}

/// The server identity is the instance id; the client identity is left out, which RFC 9807 reads as the client's
/// public key (the client does not know its member id before it signs in).
fn identifiers(instance: &protocol::InstanceId) -> Identifiers<'_> {
    Identifiers {
        client: None,
        server: Some(instance.as_bytes()),
    }
}

/// Exact lengths: the library itself ignores trailing bytes.
fn exactly(bytes: &[u8], len: usize, what: &'static str) -> Result<(), OpaqueError> {
    if bytes.len() == len {
        Ok(())
    } else {
        Err(OpaqueError::Malformed(what))
    }
}

/// Length of a registration request.
pub const REGISTRATION_REQUEST_LEN: usize = 32;
/// Length of a registration response.
pub const REGISTRATION_RESPONSE_LEN: usize = 64;
/// Length of a registration upload, and of the record the server keeps.
pub const REGISTRATION_UPLOAD_LEN: usize = 192;
/// Length of a sign-in's first message.
pub const KE1_LEN: usize = 96;
/// Length of the server's answer to it.
pub const KE2_LEN: usize = 320;
/// Length of a sign-in's last message.
pub const KE3_LEN: usize = 64;

#[cfg(test)]
mod tests;
