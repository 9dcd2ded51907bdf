//! The recovery code: a way back in when the passphrase is forgotten, printed on one sheet (`docs/crypto.md`, section 2).
//!
//! From it come a key that opens the vault key, one that opens the root, and one that proves to the server that somebody
//! has it. The code itself is kept nowhere.

use std::fmt;

use protocol::{DeviceId, IncarnationId, InstanceId};
use rand::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    error::Result,
    kdf::{hash, kdf},
    signing::{PublicKey, SigningKey},
    suite::Writer,
    vault::WrapKey,
};

/// Crockford's base 32: no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 128 bits of the code and 22 of its check, five in each.
const CODE_DIGITS: usize = 30;
const GROUP: usize = 5;
const CHECK_BITS: u32 = 22;
const SIGN_IN: &str = "recovery sign in";
const PASSPHRASE: &str = "recovery passphrase";

/// Why something typed is no recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryCodeError {
    /// It has fewer or more than 30 letters and digits, or others than there can be.
    #[error("a recovery code has 30 letters and digits")]
    Shape,
    /// Its check does not fit: something is mistyped.
    #[error("something in this recovery code is mistyped")]
    Mistyped,
}

/// A recovery code; wiped when dropped, never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<[u8; 16]>);

impl RecoveryCode {
    /// A new code.
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Self {
        let mut bytes = Zeroizing::new([0u8; 16]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads what a person typed: upper and lower case, any dashes and spaces, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`RecoveryCodeError`].
    pub fn read(typed: &str) -> std::result::Result<Self, RecoveryCodeError> {
        if typed.len() > 8 * CODE_DIGITS {
            return Err(RecoveryCodeError::Shape);
        }
        let mut code = Zeroizing::new(0u128);
        let mut last = 0u32; // the check, and the three bits of the code beside it
        let mut count = 0;
        for c in typed.chars().filter(|c| *c != '-' && !c.is_whitespace()) {
            let value = digit(c).ok_or(RecoveryCodeError::Shape)?;
            match count {
                0..25 => *code = *code << 5 | u128::from(value),
                25..CODE_DIGITS => last = last << 5 | value,
                _ => return Err(RecoveryCodeError::Shape),
            }
            count += 1;
        }
        if count != CODE_DIGITS {
            return Err(RecoveryCodeError::Shape);
        }
        *code = *code << 3 | u128::from(last >> CHECK_BITS);
        let read = Self(Zeroizing::new(code.to_be_bytes()));
        if read.check() == last & ((1 << CHECK_BITS) - 1) {
            Ok(read)
        } else {
            Err(RecoveryCodeError::Mistyped)
        }
    }

    /// The first 22 bits of the code's hash.
    fn check(&self) -> u32 {
        let hash = hash("recovery code check", self.0.as_slice());
        let [a, b, c, d, ..] = hash.0;
        u32::from_be_bytes([a, b, c, d]) >> (32 - CHECK_BITS)
    }

    /// The code, to be shown to the person who will need it: six groups of five, joined by `-`.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let code = Zeroizing::new(u128::from_be_bytes(*self.0));
        let mut shown = Zeroizing::new(String::with_capacity(CODE_DIGITS + CODE_DIGITS / GROUP));
        // 125 bits in 25 digits, then the last three before the check
        let last = u32::try_from(*code & 7).unwrap_or(0) << CHECK_BITS | self.check();
        for i in 0..CODE_DIGITS {
            if i > 0 && i % GROUP == 0 {
                shown.push('-');
            }
            let value = match i {
                0..25 => usize::try_from(*code >> (3 + 5 * (24 - i)) & 31).unwrap_or(0),
                _ => (last >> (5 * (CODE_DIGITS - 1 - i)) & 31) as usize,
            };
            shown.push(char::from(DIGITS[value]));
        }
        shown
    }

    /// The keys of this code on one instance.
    ///
    /// # Errors
    /// [`crate::Error::Library`] when the provider refuses.
    pub fn keys(&self, instance: InstanceId) -> Result<RecoveryKeys> {
        let derive = |s| kdf::<32>(self.0.as_slice(), s, instance.as_bytes());
        Ok(RecoveryKeys {
            wrap: WrapKey::of_recovery_code(&derive("recovery wrap"), derive("recovery root"))?,
            signing: SigningKey::from_seed(&derive(SIGN_IN)),
        })
    }
}

fn digit(c: char) -> Option<u32> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let place = DIGITS.iter().position(|d| char::from(*d) == c)?;
    u32::try_from(place).ok()
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

/// What a recovery code opens and proves on one instance.
#[derive(Clone)]
pub struct RecoveryKeys {
    wrap: WrapKey,
    signing: SigningKey,
}

impl RecoveryKeys {
    /// Opens the vault's wraps and the root record.
    #[must_use]
    pub fn wrap(&self) -> &WrapKey {
        &self.wrap
    }

    /// What the server keeps, to check the proofs.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.signing.public()
    }

    /// Proves the code at the sign-in of a device.
    #[must_use]
    pub fn sign_in_proof(&self, on: &Connection) -> [u8; 64] {
        self.signing.sign(SIGN_IN, &on.bytes())
    }

    /// Proves the code when a new passphrase is set by it. `upload`: the OPAQUE registration of the new one.
    #[must_use]
    pub fn passphrase_proof(&self, on: &Connection, upload: &[u8]) -> [u8; 64] {
        self.signing.sign(PASSPHRASE, &with_upload(on, upload))
    }
}

impl fmt::Debug for RecoveryKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKeys(..)")
    }
}

/// The one connection that a proof is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Which instance.
    pub instance: InstanceId,
    /// Which life of it.
    pub incarnation: IncarnationId,
    /// The device that asks.
    pub device: DeviceId,
    /// The server's, fresh on every connection.
    pub challenge: [u8; 32],
}

impl Connection {
    fn bytes(&self) -> Vec<u8> {
        Writer::new()
            .bytes(self.instance.as_bytes())
            .bytes(self.incarnation.as_bytes())
            .bytes(self.device.as_bytes())
            .bytes(&self.challenge)
            .finish()
    }
}

fn with_upload(on: &Connection, upload: &[u8]) -> Vec<u8> {
    let mut message = on.bytes();
    message.extend_from_slice(&Sha256::digest(upload));
    message
}

/// The server's check of [`RecoveryKeys::sign_in_proof`].
///
/// # Errors
/// [`crate::Error::BadSignature`].
pub fn verify_sign_in(key: &PublicKey, on: &Connection, proof: &[u8; 64]) -> Result<()> {
    key.verify(SIGN_IN, &on.bytes(), proof)
}

/// The server's check of [`RecoveryKeys::passphrase_proof`].
///
/// # Errors
/// [`crate::Error::BadSignature`].
pub fn verify_passphrase(
    key: &PublicKey,
    on: &Connection,
    upload: &[u8],
    proof: &[u8; 64],
) -> Result<()> {
    key.verify(PASSPHRASE, &with_upload(on, upload), proof)
}

#[cfg(test)]
mod tests;
