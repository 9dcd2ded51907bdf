//! Who a member is: root identity, account key, certificates, pins, safety numbers (`docs/crypto.md`, section 3).

mod certificate;
mod leaf;
mod pin;
mod safety;
mod succession;

use std::{collections::BTreeMap, fmt};

use protocol::{Hash32, InstanceId, MemberId};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

pub use certificate::{AccountCertificate, MAX_DISPLAY_NAME, MAX_LOGIN_NAME};
pub use leaf::{LeafCertificate, Purpose};
pub use pin::{FORMER_ROOTS_MAX, Pin, PinVerdict};
pub use safety::{read_safety_qr, safety_number, safety_qr, safety_qr_matches};
pub use succession::{SUCCESSION_MAX, Succession, follow_successions};

use crate::{
    error::Result,
    kdf::hash,
    signing::{PublicKey, SigningKey},
};

/// What contacts pin: certifies names and account keys. Never kept on a device.
#[derive(Clone)]
pub struct RootIdentity(SigningKey);

impl RootIdentity {
    /// A new root identity.
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Self {
        Self(SigningKey::generate(rng))
    }

    /// The root identity of this seed (from the vault's root record).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_seed(seed))
    }

    /// The seed, to be sealed into the vault's root record.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        self.0.seed()
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.0.public()
    }

    /// The fingerprint that invitations and QR codes carry.
    #[must_use]
    pub fn fingerprint(&self) -> Hash32 {
        root_fingerprint(&self.public())
    }

    /// Certifies names and an account key.
    ///
    /// # Errors
    /// [`crate::Error::TooLong`] for a name over its limit, [`crate::Error::Malformed`] for generation 0.
    pub fn certify(
        &self,
        instance: InstanceId,
        member: MemberId,
        login_name: &str,
        display_name: &str,
        account: &PublicKey,
        generation: u32,
    ) -> Result<AccountCertificate> {
        AccountCertificate::issue(
            &self.0,
            instance,
            member,
            login_name,
            display_name,
            account,
            generation,
        )
    }
}

impl fmt::Debug for RootIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootIdentity(..)")
    }
}

/// HASH("root", root public key).
#[must_use]
pub fn root_fingerprint(root: &PublicKey) -> Hash32 {
    hash("root", root.as_bytes())
}

/// The key that a member's devices hold: certifies leaf keys, signs vault heads. Replaced by "change keys".
#[derive(Clone, Debug)]
pub struct AccountKey {
    key: SigningKey,
    generation: u32,
}

impl AccountKey {
    /// A new account key of this generation (1 at registration).
    pub fn generate(rng: &mut (impl CryptoRng + RngCore), generation: u32) -> Self {
        Self::from_seed(&SigningKey::generate(rng).seed(), generation)
    }

    /// The account key of this seed (from the vault's identity record).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32], generation: u32) -> Self {
        Self {
            key: SigningKey::from_seed(seed),
            generation,
        }
    }

    /// The seed, to be sealed into the vault's identity record.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        self.key.seed()
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// The key generation, from 1.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// SIGN(account key, s, m).
    #[must_use]
    pub fn sign(&self, s: &str, m: &[u8]) -> [u8; 64] {
        self.key.sign(s, m)
    }
}

/// Account certificates that the caller has checked against its pins.
///
/// The server's roster holds what members registered; a client's holds only what [`Pin::check`] let through.
pub trait Roster {
    /// The certificate of this member and key generation, where known and acceptable.
    fn certificate(&self, member: MemberId, generation: u32) -> Option<AccountCertificate>;

    /// The newest key generation of this member: leaves that come in now must be of exactly this one. `None` does not
    /// judge, which is right wherever history is followed: what comes in there was made when another was the newest.
    fn newest_generation(&self, member: MemberId) -> Option<u32> {
        let _ = member;
        None
    }

    /// Whether all of this was checked when it came in, so that an account certificate which is gone since, because its
    /// account was closed, need not be there: true for a server alone, and where it reads its own log again.
    fn was_checked(&self) -> bool {
        false
    }
}

impl Roster for BTreeMap<(MemberId, u32), AccountCertificate> {
    fn certificate(&self, member: MemberId, generation: u32) -> Option<AccountCertificate> {
        self.get(&(member, generation)).cloned()
    }

    fn newest_generation(&self, member: MemberId) -> Option<u32> {
        let of_member = self.range((member, 0)..=(member, u32::MAX));
        of_member.last().map(|((_, generation), _)| *generation)
    }
}

#[cfg(test)]
mod tests;
