//! Approval of a sign-in by a device that is signed in already (`docs/crypto.md`, section 4).
//!
//! Where it is required, what the passphrase opens is sealed once more under the [`ApprovalSecret`], which devices hold and
//! hand over. Both people (usually one, with two devices) compare a short code of nine digits: commitment and nonces see to
//! it that a server between the two has one guess at it, and can't look for keys that fit.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use protocol::{DeviceId, Hash32, InstanceId, MemberId};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    device::DeviceKeys,
    error::{Error, Result},
    hpke,
    kdf::{hash, kdf, label},
    suite::{Reader, VERSION, Writer, from_msgpack, to_msgpack},
};

const RECORD: &str = "approval record";
const HANDOVER: &str = "approval";
/// Codes have nine digits.
const CODES: u64 = 1_000_000_000;
/// Longest sealed handover, bytes: far more than its plaintext takes.
const HANDOVER_MAX: usize = hpke::ENC_LEN + 1024;

/// What devices hold, and the passphrase's recipients of wraps and root record are mixed with. Wiped when dropped, never
/// printed.
#[derive(Clone)]
pub struct ApprovalSecret(Zeroizing<[u8; 32]>);

#[derive(Serialize, Deserialize)]
struct RecordWire {
    v: u8,
    #[serde(with = "serde_bytes")]
    secret: [u8; 32],
}

impl Drop for RecordWire {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl ApprovalSecret {
    /// A new secret.
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Self {
        let mut secret = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(secret.as_mut_slice());
        Self(secret)
    }

    /// The plaintext of its vault record (kind 13).
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        to_msgpack(&RecordWire {
            v: VERSION,
            secret: *self.0,
        })
    }

    /// Reads the plaintext of its vault record.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let wire: RecordWire = from_msgpack(bytes, RECORD)?;
        Ok(Self(Zeroizing::new(wire.secret)))
    }

    /// `nonce (24) || XChaCha20-Poly1305(KDF(secret, s, member, 32), nonce, inner, LABEL(s) || member || more)`.
    fn mix(
        &self,
        s: &'static str,
        member: MemberId,
        more: &[u8],
        inner: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<u8>> {
        let mut nonce = [0u8; 24];
        rng.fill_bytes(&mut nonce);
        let payload = Payload {
            msg: inner,
            aad: &aad(s, member, more),
        };
        let sealed = self
            .cipher(s, member)
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| Error::Library("XChaCha20-Poly1305"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn unmix(
        &self,
        s: &'static str,
        member: MemberId,
        more: &[u8],
        mixed: &[u8],
    ) -> Result<Vec<u8>> {
        let (nonce, sealed) = mixed.split_at_checked(24).ok_or(Error::CannotOpen(s))?;
        let payload = Payload {
            msg: sealed,
            aad: &aad(s, member, more),
        };
        self.cipher(s, member)
            .decrypt(XNonce::from_slice(nonce), payload)
            .map_err(|_| Error::CannotOpen(s))
    }

    fn cipher(&self, s: &str, member: MemberId) -> XChaCha20Poly1305 {
        let key = kdf::<32>(self.0.as_slice(), s, member.as_bytes());
        XChaCha20Poly1305::new((&*key).into())
    }

    pub(crate) fn mix_wrap(
        &self,
        member: MemberId,
        key_number: u32,
        inner: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<u8>> {
        self.mix(WRAP, member, &key_number.to_be_bytes(), inner, rng)
    }

    pub(crate) fn unmix_wrap(
        &self,
        member: MemberId,
        key_number: u32,
        mixed: &[u8],
    ) -> Result<Vec<u8>> {
        self.unmix(WRAP, member, &key_number.to_be_bytes(), mixed)
    }

    pub(crate) fn mix_root(
        &self,
        member: MemberId,
        inner: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<u8>> {
        self.mix(ROOT, member, &[], inner, rng)
    }

    pub(crate) fn unmix_root(&self, member: MemberId, mixed: &[u8]) -> Result<Vec<u8>> {
        self.unmix(ROOT, member, &[], mixed)
    }
}

const WRAP: &str = "approval wrap";
const ROOT: &str = "approval root";

fn aad(s: &str, member: MemberId, more: &[u8]) -> Vec<u8> {
    Writer::new()
        .bytes(&label(s))
        .bytes(member.as_bytes())
        .bytes(more)
        .finish()
}

impl PartialEq for ApprovalSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for ApprovalSecret {}

impl fmt::Debug for ApprovalSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApprovalSecret(..)")
    }
}

/// Random bytes that one side gives to the code: of the new device hidden in its commitment at first, of the approving one
/// in the open once it has seen that commitment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nonce(pub [u8; 32]);

impl Nonce {
    /// New ones.
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Self {
        let mut nonce = [0u8; 32];
        rng.fill_bytes(&mut nonce);
        Self(nonce)
    }
}

/// A device that asks to be let in, by what the server says of it, or by its own keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asking {
    /// On which instance.
    pub instance: InstanceId,
    /// Whose.
    pub member: MemberId,
    /// Which device.
    pub device: DeviceId,
    /// Its Ed25519 public key.
    pub signing_key: [u8; 32],
    /// Its X-Wing public key.
    pub wrap_key: Vec<u8>,
}

impl Asking {
    /// The device with these keys.
    #[must_use]
    pub fn of(instance: InstanceId, member: MemberId, keys: &DeviceKeys) -> Self {
        Self {
            instance,
            member,
            device: keys.id(),
            signing_key: *keys.signing_public().as_bytes(),
            wrap_key: keys.wrap_public().to_vec(),
        }
    }

    fn who(&self) -> Writer {
        Writer::new()
            .bytes(self.instance.as_bytes())
            .bytes(self.member.as_bytes())
            .bytes(self.device.as_bytes())
            .bytes(&self.signing_key)
            .bytes(&self.wrap_key)
    }

    /// What the device says before it knows anything of the approving one.
    #[must_use]
    pub fn commitment(&self, new: &Nonce) -> Hash32 {
        hash("approval commitment", self.who().bytes(&new.0).as_bytes())
    }
}

/// One exchange between two devices: what the code is made of, and what is handed over is bound to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// The device that asks.
    pub asking: Asking,
    /// The device that approves.
    pub approver: DeviceId,
    /// Of the device that asks.
    pub new: Nonce,
    /// Of the device that approves.
    pub approving: Nonce,
}

impl Exchange {
    fn input(&self) -> Vec<u8> {
        self.asking
            .who()
            .bytes(self.approver.as_bytes())
            .bytes(&self.new.0)
            .bytes(&self.approving.0)
            .finish()
    }

    /// The code that both show: nine digits in three groups.
    #[must_use]
    pub fn code(&self) -> String {
        let [a, b, c, d, e, f, g, h, ..] = hash("approval code", &self.input()).0;
        let code = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % CODES;
        let group = |power| code / power % 1000;
        format!("{:03} {:03} {:03}", group(1_000_000), group(1000), group(1))
    }

    fn info(&self) -> Vec<u8> {
        Writer::new()
            .bytes(&label(HANDOVER))
            .bytes(self.asking.instance.as_bytes())
            .bytes(self.asking.member.as_bytes())
            .finish()
    }

    /// Seals what is handed over to the device that asks: `u8 1 || u16 suite || enc || ciphertext`.
    ///
    /// # Errors
    /// [`Error::Library`] for a wrap key that is none.
    pub fn seal(&self, handover: &Handover) -> Result<Vec<u8>> {
        let plain = to_msgpack(&HandoverWire {
            v: VERSION,
            secret: *handover.secret.0,
            head_number: handover.head_number,
            head_hash: handover.head_hash.0,
        });
        let sealed = hpke::seal(&self.asking.wrap_key, &self.info(), &self.input(), &plain)?;
        Ok(Writer::new()
            .header()
            .bytes(&sealed.enc)
            .bytes(&sealed.ciphertext)
            .finish())
    }

    /// Opens what was handed over to this device in this exchange.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for another device or exchange, [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn open(&self, keys: &DeviceKeys, sealed: &[u8]) -> Result<Handover> {
        if sealed.len() > HANDOVER_MAX {
            return Err(Error::Malformed(HANDOVER));
        }
        let mut reader = Reader::new(sealed, HANDOVER);
        reader.header()?;
        let sealed = hpke::Sealed {
            enc: reader.take(hpke::ENC_LEN)?.to_vec(),
            ciphertext: reader.rest().to_vec(),
        };
        let plain = keys
            .wrap_pair()
            .open(&self.info(), &self.input(), &sealed)?;
        let wire: HandoverWire = from_msgpack(&plain, HANDOVER)?;
        Ok(Handover {
            secret: ApprovalSecret(Zeroizing::new(wire.secret)),
            head_number: wire.head_number,
            head_hash: Hash32(wire.head_hash),
        })
    }
}

/// What the approving device hands over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handover {
    /// Without it neither wraps nor root record open to the passphrase.
    pub secret: ApprovalSecret,
    /// Number of the newest vault head that the approving device knows: the new device takes no older one.
    pub head_number: u64,
    /// Its hash.
    pub head_hash: Hash32,
}

#[derive(Serialize, Deserialize)]
struct HandoverWire {
    v: u8,
    #[serde(with = "serde_bytes")]
    secret: [u8; 32],
    head_number: u64,
    #[serde(with = "serde_bytes")]
    head_hash: [u8; 32],
}

impl Drop for HandoverWire {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

#[cfg(test)]
mod tests;
