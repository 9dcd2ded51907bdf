//! Who is signed in on this device: identity, device keys, vault keys.

use e2ee::{
    device::DeviceKeys,
    identity::{AccountCertificate, AccountKey},
    signing::PublicKey,
    vault::VaultKeys,
};
use protocol::{
    Bytes, IncarnationId, InstanceId, MemberId, decode, encode, methods::account::OrganisationRole,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Engine, Failure, Space, Store};

const KEY: &[u8] = b"own";

/// Who is signed in on this device.
pub(crate) struct Own {
    pub(crate) instance: InstanceId,
    /// The incarnation that the cursors belong to.
    pub(crate) incarnation: IncarnationId,
    pub(crate) member: MemberId,
    pub(crate) device: DeviceKeys,
    pub(crate) vault_keys: VaultKeys,
    pub(crate) account: AccountKey,
    pub(crate) certificate: AccountCertificate,
    /// This member's roots before the one in force, the newest last.
    pub(crate) former: Vec<PublicKey>,
    pub(crate) role: OrganisationRole,
    pub(crate) organisation: String,
    /// The server's last backup mark that sealed entries were purged for.
    pub(crate) backup_mark: u64,
    /// The device's wrap is in the vault.
    pub(crate) wrapped: bool,
    /// Version of the wraps whose keys these are; 0 = to be looked at again.
    pub(crate) wraps_version: u64,
    /// Version of the identity record that account and certificate are from.
    pub(crate) identity_version: u64,
    /// When this device knows all key packages to have been made afresh (ms since 1970; 0 = not known).
    pub(crate) packages_renewed: u64,
    /// The number of the suite that all key packages on offer are known to be of, or of a higher one; 0 = not known.
    pub(crate) packages_of: u16,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    instance: InstanceId,
    incarnation: IncarnationId,
    member: MemberId,
    device: Bytes,
    vault_keys: Bytes,
    account_seed: Bytes,
    generation: u32,
    certificate: Bytes,
    role: OrganisationRole,
    organisation: String,
    backup_mark: u64,
    wrapped: bool,
    packages_renewed: u64,
    #[serde(default)]
    wraps_version: u64,
    #[serde(default)]
    identity_version: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<PublicKey>,
    #[serde(default)]
    packages_of: u16,
}

impl Own {
    pub(crate) fn load(store: &impl Store) -> Result<Option<Self>, Failure> {
        let Some(bytes) = store.get(Space::Own, KEY)? else {
            return Ok(None);
        };
        let bytes = Zeroizing::new(bytes);
        let stored: Stored = decode(&bytes)?;
        if stored.v != 1 {
            return Err(Failure::from(crate::StoreError::Newer));
        }
        let seed = <[u8; 32]>::try_from(&stored.account_seed[..])
            .map_err(|_| Failure::Store("account key".into()))?;
        Ok(Some(Self {
            instance: stored.instance,
            incarnation: stored.incarnation,
            member: stored.member,
            device: DeviceKeys::from_bytes(&stored.device)?,
            vault_keys: VaultKeys::from_bytes(&stored.vault_keys)?,
            account: AccountKey::from_seed(&seed, stored.generation),
            certificate: AccountCertificate::kept(&stored.certificate)?,
            former: stored.former,
            role: stored.role,
            organisation: stored.organisation,
            backup_mark: stored.backup_mark,
            wrapped: stored.wrapped,
            packages_renewed: stored.packages_renewed,
            packages_of: stored.packages_of,
            wraps_version: stored.wraps_version,
            identity_version: stored.identity_version,
        }))
    }

    fn stored(&self) -> Zeroizing<Vec<u8>> {
        let stored = Stored {
            v: 1,
            instance: self.instance,
            incarnation: self.incarnation,
            member: self.member,
            device: Bytes::copy_from_slice(&self.device.to_bytes()),
            vault_keys: Bytes::copy_from_slice(&self.vault_keys.to_bytes()),
            account_seed: Bytes::copy_from_slice(&*self.account.seed()),
            generation: self.account.generation(),
            certificate: Bytes::copy_from_slice(self.certificate.bytes()),
            role: self.role,
            organisation: self.organisation.clone(),
            backup_mark: self.backup_mark,
            wrapped: self.wrapped,
            packages_renewed: self.packages_renewed,
            wraps_version: self.wraps_version,
            identity_version: self.identity_version,
            former: self.former.clone(),
            packages_of: self.packages_of,
        };
        Zeroizing::new(encode(&stored).to_vec())
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn save_own(&mut self) {
        if let Some(own) = &self.own {
            let value = own.stored().to_vec();
            self.batch.put(Space::Own, KEY, value);
            self.batch.durable = true;
        }
    }

    /// Who is signed in; zero for nobody.
    pub(crate) fn my_id(&self) -> MemberId {
        self.own
            .as_ref()
            .map_or_else(MemberId::default, |own| own.member)
    }
}
