//! The wraps record (kind 1): the vault key, sealed to everyone who may open the vault.

use std::{collections::BTreeMap, fmt};

use protocol::{DeviceId, MemberId};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{RecordKind, RecordName, VaultKeys, kind_and_id, label_and_member, record};
use crate::{
    approval::ApprovalSecret,
    device::DeviceKeys,
    error::{Error, Result},
    hpke,
    kdf::{hmac, hmac_matches, kdf},
    opaque::ExportKey,
    suite::{SUITE, VERSION, from_msgpack, one_map, to_msgpack},
};

const WHAT: &str = "wraps record";
/// Most recipients of a vault key.
const MAX_RECIPIENTS: usize = 256;
/// Most earlier keys kept.
const MAX_PREVIOUS: usize = 1024;

/// A key that opens the vault: of a passphrase, of a recovery code, of a device (later: of a passkey).
#[derive(Clone)]
pub struct WrapKey {
    kind: u8,
    id: [u8; 16],
    pair: hpke::KeyPair,
    root: Option<Zeroizing<[u8; 32]>>,
    approval: Option<ApprovalSecret>,
}

impl WrapKey {
    /// Recipient kind of the passphrase; its id is zeros.
    pub const PASSPHRASE: u8 = 1;
    /// Recipient kind of the printed recovery code.
    pub const RECOVERY_CODE: u8 = 2;
    /// Recipient kind of a passkey.
    pub const PASSKEY: u8 = 3;
    /// Recipient kind of a device; its id is the device's.
    pub const DEVICE: u8 = 4;

    /// The passphrase's wrap key.
    ///
    /// # Errors
    /// [`Error::Library`].
    pub fn from_export_key(export: &ExportKey, member: MemberId) -> Result<Self> {
        let ikm = kdf::<32>(export.as_bytes(), "passphrase wrap", member.as_bytes());
        let root = kdf::<32>(export.as_bytes(), "passphrase root", member.as_bytes());
        Ok(Self {
            kind: Self::PASSPHRASE,
            id: [0; 16],
            pair: hpke::KeyPair::derive(&ikm)?,
            root: Some(root),
            approval: None,
        })
    }

    /// The wrap key of a recovery code, from what is derived of the code.
    pub(crate) fn of_recovery_code(ikm: &[u8; 32], root: Zeroizing<[u8; 32]>) -> Result<Self> {
        Ok(Self {
            kind: Self::RECOVERY_CODE,
            id: [0; 16],
            pair: hpke::KeyPair::derive(ikm)?,
            root: Some(root),
            approval: None,
        })
    }

    /// A device's wrap key.
    #[must_use]
    pub fn from_device(device: &DeviceKeys) -> Self {
        Self {
            kind: Self::DEVICE,
            id: device.id().0,
            pair: device.wrap_pair().clone(),
            root: None,
            approval: None,
        }
    }

    /// The passphrase's key together with what approval by a device hands over: opens what is mixed with it, and seals so.
    /// Nothing for other keys, which are never mixed.
    #[must_use]
    pub fn approved(self, secret: Option<ApprovalSecret>) -> Self {
        let approval = secret.filter(|_| self.kind == Self::PASSPHRASE);
        Self { approval, ..self }
    }

    /// Whether it is that of a recovery code.
    #[must_use]
    pub fn is_of_recovery_code(&self) -> bool {
        self.kind == Self::RECOVERY_CODE
    }

    /// This key as a recipient.
    #[must_use]
    pub fn as_recipient(&self) -> Recipient {
        Recipient {
            kind: self.kind,
            id: self.id,
            public_key: self.pair.public().to_vec(),
            made: None,
        }
    }

    pub(super) fn recipient(&self) -> (u8, [u8; 16]) {
        (self.kind, self.id)
    }

    pub(super) fn approval(&self) -> Option<&ApprovalSecret> {
        self.approval.as_ref()
    }

    pub(super) fn root_key(&self) -> Option<&[u8; 32]> {
        self.root.as_deref()
    }
}

impl fmt::Debug for WrapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrapKey(kind {}, ..)", self.kind)
    }
}

/// Whom the vault key is sealed to. Kinds that are not known here are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// One of the constants of [`WrapKey`].
    pub kind: u8,
    /// Which of that kind.
    pub id: [u8; 16],
    /// X-Wing public key.
    pub public_key: Vec<u8>,
    /// When it was made (ms since 1970), where that is shown: of a recovery code.
    pub made: Option<u64>,
}

impl Recipient {
    /// A device by its id and public wrap key.
    #[must_use]
    pub fn device(id: DeviceId, public_key: &[u8]) -> Self {
        Self {
            kind: WrapKey::DEVICE,
            id: id.0,
            public_key: public_key.to_vec(),
            made: None,
        }
    }

    /// The same, made at this time (ms since 1970).
    #[must_use]
    pub fn made_at(self, time: u64) -> Self {
        Self {
            made: Some(time),
            ..self
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    kind: u8,
    #[serde(with = "serde_bytes")]
    id: [u8; 16],
    #[serde(with = "serde_bytes")]
    public_key: Vec<u8>,
    #[serde(with = "serde_bytes")]
    enc: Vec<u8>,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made: Option<u64>,
    /// The passphrase opens it only together with the approval secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    approval: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Previous {
    key_number: u32,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct List {
    v: u8,
    suite: u16,
    key_number: u32,
    recipients: Vec<Entry>,
    previous: Vec<Previous>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(with = "serde_bytes")]
    list: Vec<u8>,
    #[serde(with = "serde_bytes")]
    tag: [u8; 32],
}

/// The wraps record. Read from the server it proves nothing until the vault's head covers it (see the module).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wraps {
    list: List,
    bytes: Vec<u8>,
    tag: [u8; 32],
}

impl Wraps {
    /// Seals the vault key in use to these recipients, and the earlier keys under it.
    ///
    /// # Errors
    /// [`Error::Library`] for a bad public key, [`Error::TooLong`] for too many or repeated recipients.
    pub fn build(
        keys: &VaultKeys,
        member: MemberId,
        recipients: &[Recipient],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self> {
        let entries = recipients
            .iter()
            .map(|r| seal_to(keys, member, r))
            .collect::<Result<_>>()?;
        let previous = keys
            .earlier()
            .map(|(number, key)| Previous {
                key_number: number,
                sealed: record::seal(
                    keys.number(),
                    keys.current(),
                    member,
                    &previous_name(number),
                    0,
                    key,
                    rng,
                ),
            })
            .collect();
        Self::tagged(
            keys,
            member,
            List {
                v: VERSION,
                suite: SUITE,
                key_number: keys.number(),
                recipients: entries,
                previous,
            },
        )
    }

    fn tagged(keys: &VaultKeys, member: MemberId, list: List) -> Result<Self> {
        check_list(&list).map_err(|_| Error::TooLong(WHAT))?;
        let bytes = to_msgpack(&list).to_vec();
        let tag = hmac(&tag_key(keys.current(), member), &[&bytes]);
        Ok(Self { list, bytes, tag })
    }

    /// The record with one more recipient, or with this recipient's new key.
    ///
    /// # Errors
    /// [`Error::BadSignature`] when the list was changed by somebody without the vault key; as [`Wraps::build`].
    pub fn with(&self, keys: &VaultKeys, member: MemberId, recipient: &Recipient) -> Result<Self> {
        self.verify(keys, member)?;
        let mut list = self.list.clone();
        list.recipients
            .retain(|e| (e.kind, e.id) != (recipient.kind, recipient.id));
        list.recipients.push(seal_to(keys, member, recipient)?);
        Self::tagged(keys, member, list)
    }

    /// The same with this key, mixed with the approval secret where the key has one.
    ///
    /// # Errors
    /// As [`Wraps::with`].
    pub fn with_key(
        &self,
        keys: &VaultKeys,
        member: MemberId,
        key: &WrapKey,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self> {
        let mut next = self.with(keys, member, &key.as_recipient())?;
        if let (Some(secret), Some(entry)) = (key.approval(), next.list.recipients.last_mut()) {
            mix(entry, keys.number(), member, secret, rng)?;
        }
        Self::tagged(keys, member, next.list)
    }

    /// The record without one recipient. Who held the vault key keeps it: a device that is signed out needs
    /// [`Wraps::rotate`].
    ///
    /// # Errors
    /// [`Error::BadSignature`].
    pub fn without(
        &self,
        keys: &VaultKeys,
        member: MemberId,
        kind: u8,
        id: &[u8; 16],
    ) -> Result<Self> {
        self.verify(keys, member)?;
        let mut list = self.list.clone();
        list.recipients.retain(|e| (e.kind, &e.id) != (kind, id));
        Self::tagged(keys, member, list)
    }

    /// A new vault key, sealed to the recipients that `keep` lets stay; earlier keys are sealed under it. `approval`: the
    /// secret that stays mixed in where it is.
    ///
    /// # Errors
    /// [`Error::BadSignature`]; [`Error::NoKey`] without a secret that is needed; as [`Wraps::build`].
    pub fn rotate(
        &self,
        keys: &VaultKeys,
        member: MemberId,
        keep: impl Fn(&Recipient) -> bool,
        approval: Option<&ApprovalSecret>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(VaultKeys, Self)> {
        self.verify(keys, member)?;
        let next = keys.next(rng)?;
        let remaining: Vec<_> = self.recipients().filter(keep).collect();
        let mut wraps = Self::build(&next, member, &remaining, rng)?;
        for entry in &mut wraps.list.recipients {
            if self.is_mixed(entry.kind, &entry.id) {
                let secret = approval.ok_or(Error::NoKey(WHAT))?;
                mix(entry, next.number(), member, secret, rng)?;
            }
        }
        let wraps = Self::tagged(&next, member, wraps.list)?;
        Ok((next, wraps))
    }

    fn is_mixed(&self, kind: u8, id: &[u8; 16]) -> bool {
        let mut entries = self.list.recipients.iter();
        entries.any(|e| e.approval && (e.kind, &e.id) == (kind, id))
    }

    /// Whether the passphrase opens it only with the approval secret.
    #[must_use]
    pub fn needs_approval(&self) -> bool {
        self.is_mixed(WrapKey::PASSPHRASE, &[0; 16])
    }

    /// Opens the vault key and the earlier ones, and checks the list's tag with it.
    ///
    /// # Errors
    /// [`Error::NoKey`] when this key is not listed, or has no approval secret where one is needed,
    /// [`Error::CannotOpen`], [`Error::BadSignature`] for a changed list.
    pub fn open_with(&self, key: &WrapKey, member: MemberId) -> Result<VaultKeys> {
        let entry = self
            .list
            .recipients
            .iter()
            .find(|e| (e.kind, e.id) == key.recipient() && e.public_key == key.pair.public())
            .ok_or(Error::NoKey(WHAT))?;
        let ciphertext = if entry.approval {
            let secret = key.approval().ok_or(Error::NoKey(WHAT))?;
            secret.unmix_wrap(member, self.list.key_number, &entry.sealed)?
        } else {
            entry.sealed.clone()
        };
        let sealed = hpke::Sealed {
            enc: entry.enc.clone(),
            ciphertext,
        };
        let opened = key.pair.open(
            &info(member, self.list.key_number),
            &kind_and_id(entry.kind, &entry.id),
            &sealed,
        )?;
        let current = to_key(&opened)?;
        let keys = VaultKeys::of(self.list.key_number, current, BTreeMap::new());
        self.verify(&keys, member)?;
        let mut all = BTreeMap::new();
        for p in &self.list.previous {
            let name = previous_name(p.key_number);
            let opened = record::open(keys.current(), member, &name, 0, &p.sealed)?;
            all.insert(p.key_number, to_key(&opened)?);
        }
        Ok(VaultKeys {
            number: keys.number,
            keys: {
                all.extend(keys.keys);
                all
            },
        })
    }

    /// Checks that the list is of this vault key and unchanged.
    ///
    /// # Errors
    /// [`Error::NoKey`] when it is of another key, [`Error::BadSignature`].
    pub fn verify(&self, keys: &VaultKeys, member: MemberId) -> Result<()> {
        if keys.number() != self.list.key_number {
            return Err(Error::NoKey(WHAT));
        }
        if hmac_matches(&tag_key(keys.current(), member), &[&self.bytes], &self.tag) {
            Ok(())
        } else {
            Err(Error::BadSignature(WHAT))
        }
    }

    /// The number of the vault key inside.
    #[must_use]
    pub fn key_number(&self) -> u32 {
        self.list.key_number
    }

    /// Whom the key is sealed to.
    pub fn recipients(&self) -> impl Iterator<Item = Recipient> {
        self.list.recipients.iter().map(|e| Recipient {
            kind: e.kind,
            id: e.id,
            public_key: e.public_key.clone(),
            made: e.made,
        })
    }

    /// The recipient of this kind, with id zero: passphrase or recovery code.
    #[must_use]
    pub fn recipient(&self, kind: u8) -> Option<Recipient> {
        self.recipients()
            .find(|r| (r.kind, r.id) == (kind, [0; 16]))
    }

    /// When the recipient of this kind, with id zero, was made; none = there is none.
    #[must_use]
    pub fn made(&self, kind: u8) -> Option<Option<u64>> {
        let mut entries = self.list.recipients.iter();
        let entry = entries.find(|e| (e.kind, e.id) == (kind, [0; 16]))?;
        Some(entry.made)
    }

    /// The record's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        to_msgpack(&Wire {
            list: self.bytes.clone(),
            tag: self.tag,
        })
        .to_vec()
    }

    /// Reads the record's bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] (also for repeated recipients), [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let wire: Wire = one_map(bytes, WHAT)?;
        let list: List = from_msgpack(&wire.list, WHAT)?;
        check_list(&list)?;
        Ok(Self {
            list,
            bytes: wire.list,
            tag: wire.tag,
        })
    }
}

fn check_list(list: &List) -> Result<()> {
    let mut names: Vec<_> = list.recipients.iter().map(|e| (e.kind, e.id)).collect();
    names.sort_unstable();
    names.dedup();
    let ascending = list
        .previous
        .windows(2)
        .all(|p| p[0].key_number < p[1].key_number);
    let older = list
        .previous
        .last()
        .is_none_or(|p| p.key_number < list.key_number);
    // recovery code and devices are a second factor themselves
    let mixed = |e: &Entry| !e.approval || e.kind == WrapKey::PASSPHRASE;
    if names.len() == list.recipients.len()
        && list.recipients.iter().all(mixed)
        && names.len() <= MAX_RECIPIENTS
        && list.previous.len() <= MAX_PREVIOUS
        && list.key_number > 0
        && ascending
        && older
    {
        Ok(())
    } else {
        Err(Error::Malformed(WHAT))
    }
}

fn seal_to(keys: &VaultKeys, member: MemberId, to: &Recipient) -> Result<Entry> {
    let sealed = hpke::seal(
        &to.public_key,
        &info(member, keys.number()),
        &kind_and_id(to.kind, &to.id),
        keys.current(),
    )?;
    Ok(Entry {
        kind: to.kind,
        id: to.id,
        public_key: to.public_key.clone(),
        enc: sealed.enc,
        sealed: sealed.ciphertext,
        made: to.made,
        approval: false,
    })
}

/// Seals the entry once more, under the approval secret.
fn mix(
    entry: &mut Entry,
    key_number: u32,
    member: MemberId,
    secret: &ApprovalSecret,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<()> {
    entry.sealed = secret.mix_wrap(member, key_number, &entry.sealed, rng)?;
    entry.approval = true;
    Ok(())
}

fn to_key(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
    bytes
        .try_into()
        .map(Zeroizing::new)
        .map_err(|_| Error::Malformed(WHAT))
}

fn info(member: MemberId, key_number: u32) -> Vec<u8> {
    label_and_member("vault wrap", member)
        .u32(key_number)
        .finish()
}

fn tag_key(vault_key: &[u8; 32], member: MemberId) -> Zeroizing<[u8; 32]> {
    kdf(vault_key, "wraps tag", member.as_bytes())
}

fn previous_name(number: u32) -> RecordName {
    RecordName::new(RecordKind::Wraps, &number.to_be_bytes())
}
