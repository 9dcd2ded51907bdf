//! Sealed records (kinds 3 to 13) and the identity record.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use protocol::{InstanceId, MemberId};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{RecordKind, RecordName, VaultKeys, kind_and_id, label_and_member};
use crate::{
    error::{Error, Result},
    identity::{AccountCertificate, AccountKey, FORMER_ROOTS_MAX},
    kdf::kdf,
    signing::PublicKey,
    suite::{Reader, VERSION, Writer, from_msgpack, to_msgpack},
};

const WHAT: &str = "vault record";

/// Seals a record under the vault key in use. The member, name and version are bound to it.
///
/// # Errors
/// [`Error::TooLong`] for an id over 64 bytes; [`Error::Malformed`] for wraps and root, which are not sealed so.
pub fn seal_record(
    keys: &VaultKeys,
    member: MemberId,
    name: &RecordName,
    version: u64,
    plaintext: &[u8],
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Vec<u8>> {
    check_name(name)?;
    Ok(seal(
        keys.number(),
        keys.current(),
        member,
        name,
        version,
        plaintext,
        rng,
    ))
}

/// Opens a record with the vault key it names.
///
/// # Errors
/// [`Error::NoKey`] when that key is not known (any more), [`Error::CannotOpen`] when anything differs from what was
/// sealed, [`Error::Malformed`], [`Error::UnknownVersion`], [`Error::TooLong`].
pub fn open_record(
    keys: &VaultKeys,
    member: MemberId,
    name: &RecordName,
    version: u64,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    check_name(name)?;
    let number = Reader::new(sealed, WHAT).key_number()?;
    let key = keys.key(number).ok_or(Error::NoKey(WHAT))?;
    open(key, member, name, version, sealed)
}

/// The number of the vault key that a record is sealed under.
///
/// # Errors
/// [`Error::Malformed`], [`Error::UnknownVersion`].
pub fn record_key_number(sealed: &[u8]) -> Result<u32> {
    Reader::new(sealed, WHAT).key_number()
}

fn check_name(name: &RecordName) -> Result<()> {
    name.check()?;
    if matches!(name.kind, RecordKind::Wraps | RecordKind::Root) {
        return Err(Error::Malformed("record kind"));
    }
    Ok(())
}

impl Reader<'_> {
    fn key_number(&mut self) -> Result<u32> {
        self.header()?;
        self.u32()
    }
}

/// Seals under one numbered key.
pub(super) fn seal(
    number: u32,
    key: &[u8; 32],
    member: MemberId,
    name: &RecordName,
    version: u64,
    plaintext: &[u8],
    rng: &mut (impl CryptoRng + RngCore),
) -> Vec<u8> {
    let mut nonce = [0u8; 24];
    rng.fill_bytes(&mut nonce);
    let sealed = cipher(key, name)
        .encrypt(
            XNonce::from_slice(&nonce),
            Payload {
                msg: plaintext,
                aad: &aad(member, name, version, number),
            },
        )
        .expect("XChaCha20-Poly1305 takes up to 256 GiB");
    Writer::new()
        .header()
        .u32(number)
        .bytes(&nonce)
        .bytes(&sealed)
        .finish()
}

/// Opens with exactly this key.
pub(super) fn open(
    key: &[u8; 32],
    member: MemberId,
    name: &RecordName,
    version: u64,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let mut r = Reader::new(sealed, WHAT);
    let number = r.key_number()?;
    let nonce: [u8; 24] = r.array()?;
    cipher(key, name)
        .decrypt(
            XNonce::from_slice(&nonce),
            Payload {
                msg: r.rest(),
                aad: &aad(member, name, version, number),
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| Error::CannotOpen(WHAT))
}

fn cipher(key: &[u8; 32], name: &RecordName) -> XChaCha20Poly1305 {
    let context = kind_and_id(name.kind as u8, &name.id);
    XChaCha20Poly1305::new(kdf::<32>(key, WHAT, &context).as_slice().into())
}

fn aad(member: MemberId, name: &RecordName, version: u64, number: u32) -> Vec<u8> {
    label_and_member(WHAT, member)
        .u8(name.kind as u8)
        .lp(&name.id)
        .u64(version)
        .header()
        .u32(number)
        .finish()
}

/// What every device of a member holds: the account key and its certificate (kind 3).
#[derive(Clone, Debug)]
pub struct IdentityRecord {
    /// The account key.
    pub account: AccountKey,
    /// The root's certificate for it.
    pub certificate: AccountCertificate,
    /// The member's own roots before this one, the newest last (at most [`FORMER_ROOTS_MAX`]): what was signed under them
    /// stays verifiable.
    pub former: Vec<PublicKey>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    v: u8,
    #[serde(with = "serde_bytes")]
    account_seed: [u8; 32],
    generation: u32,
    #[serde(with = "serde_bytes")]
    certificate: Vec<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<PublicKey>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.account_seed.zeroize();
    }
}

impl IdentityRecord {
    /// The record's plaintext.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        to_msgpack(&Wire {
            v: VERSION,
            account_seed: *self.account.seed(),
            generation: self.account.generation(),
            certificate: self.certificate.bytes().to_vec(),
            former: self.former.clone(),
        })
    }

    /// Reads the record's plaintext and checks the chain of trust: `root` (from the root record, or known to this
    /// device already) certifies exactly this account key for this member of this instance.
    ///
    /// # Errors
    /// [`Error::WrongOwner`] for another root, member, instance, key or generation; [`Error::Malformed`],
    /// [`Error::UnknownVersion`], [`Error::BadSignature`].
    pub fn decode(
        bytes: &[u8],
        instance: InstanceId,
        member: MemberId,
        root: &PublicKey,
    ) -> Result<Self> {
        let wire: Wire = from_msgpack(bytes, "identity record")?;
        let certificate = AccountCertificate::decode(&wire.certificate)?;
        if wire.former.len() > FORMER_ROOTS_MAX {
            return Err(Error::Malformed("identity record"));
        }
        certificate.verify_for(instance, member)?;
        let account = AccountKey::from_seed(&wire.account_seed, wire.generation);
        if certificate.root != *root
            || certificate.generation != wire.generation
            || certificate.account != account.public()
        {
            return Err(Error::WrongOwner("identity record"));
        }
        Ok(Self {
            account,
            certificate,
            former: wire.former.clone(),
        })
    }
}
