//! The approval secret (record kind 13), which is in the vault exactly if new sign-ins need the approval of a device.

use e2ee::{
    approval::ApprovalSecret,
    vault::{RecordKind, RecordName, VaultKeys, open_record, seal_record},
};
use protocol::{
    Bytes, decode, encode,
    methods::vault::{GetRecords, Records},
};

use super::{Write, wire_name};
use crate::{Engine, Failure, Space, Store, pending::Pending};

const KEY: &[u8] = b"approval";

/// The secret as this device knows it.
#[derive(Default)]
pub(crate) struct Kept {
    secret: Option<ApprovalSecret>,
    /// Version of the vault's record that this is; 0 = there was none.
    version: u64,
}

pub(crate) fn name() -> RecordName {
    RecordName::only(RecordKind::Approval)
}

impl Kept {
    pub(super) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        if let Some(bytes) = store.get(Space::Own, KEY)? {
            let (version, record): (u64, Bytes) = decode(&bytes)?;
            self.version = version;
            self.secret = Some(ApprovalSecret::decode(&record)?);
        }
        Ok(())
    }
}

impl<S: Store> Engine<S> {
    /// Whether new sign-ins need the approval of a device, as the vault's signed head says.
    pub(crate) fn approval_is_required(&self) -> bool {
        self.vault.manifest.version(&name()) > 0
    }

    /// What this device knows of the secret is what the vault holds.
    pub(crate) fn knows_approval(&self) -> bool {
        self.vault.manifest.version(&name()) == self.vault.approval.version
    }

    /// The secret that is in force; none = approval is not required.
    pub(crate) fn approval_secret(&self) -> Result<Option<ApprovalSecret>, Failure> {
        if self.knows_approval() {
            return Ok(self.vault.approval.secret.clone());
        }
        let reason = "the vault's approval secret is not known";
        Err(Failure::Unverified(reason.into()))
    }

    /// Fetches the secret, if the vault's list names another version than the one known.
    pub(crate) fn want_approval(&mut self) {
        if self.knows_approval() {
            return;
        }
        if !self.approval_is_required() {
            self.approval_is(0, None);
        } else if !self.is_asking(&Pending::ApprovalRecord) {
            let names = vec![wire_name(&name())];
            self.request(&GetRecords { names }, Pending::ApprovalRecord);
        }
    }

    pub(crate) fn approval_record_came(&mut self, result: Result<Records, Failure>) {
        let opened = result.and_then(|found| self.open_approval(&self.vault.manifest, &found));
        match opened {
            Ok((version, secret)) => self.approval_is(version, Some(secret)),
            Err(_) => self.vault.stale = true, // and the list once more
        }
    }

    fn open_approval(
        &self,
        manifest: &e2ee::vault::Manifest,
        found: &Records,
    ) -> Result<(u64, ApprovalSecret), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        open(&own.vault_keys, own.member, manifest, found)
    }

    /// The secret is this now.
    pub(crate) fn approval_is(&mut self, version: u64, secret: Option<ApprovalSecret>) {
        match &secret {
            Some(secret) => {
                let kept = encode(&(version, Bytes::copy_from_slice(&secret.encode()))).to_vec();
                self.batch.put(Space::Own, KEY.to_vec(), kept);
            }
            None => self.batch.delete(Space::Own, KEY.to_vec()),
        }
        self.vault.approval = Kept { secret, version };
    }

    /// The write that leaves this secret, or none, in the vault, sealed under these keys (none: those in force); and what
    /// is known of it then. None: nothing changes.
    #[allow(clippy::type_complexity)]
    pub(crate) fn approval_write(
        &mut self,
        secret: Option<ApprovalSecret>,
        keys: Option<&VaultKeys>,
    ) -> Result<Option<(Write, (u64, Option<ApprovalSecret>))>, Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let standing = self.vault.manifest.version(&name());
        let Some(secret) = secret else {
            let gone = || (Write::Delete(name(), standing), (0, None));
            return Ok((standing > 0).then(gone));
        };
        let version = standing + 1;
        let keys = keys.unwrap_or(&own.vault_keys);
        let plain = secret.encode();
        let sealed = seal_record(keys, own.member, &name(), version, &plain, &mut self.rng)?;
        let write = Write::Raw(name(), standing, version, sealed);
        Ok(Some((write, (version, Some(secret)))))
    }
}

/// Opens the record with the secret, which this list has to cover.
pub(crate) fn open(
    keys: &VaultKeys,
    member: protocol::MemberId,
    manifest: &e2ee::vault::Manifest,
    found: &Records,
) -> Result<(u64, ApprovalSecret), Failure> {
    let record = crate::sign_in::find(found, RecordKind::Approval)?;
    manifest.check(&name(), record.version, &record.bytes)?;
    let plain = open_record(keys, member, &name(), record.version, &record.bytes)?;
    Ok((record.version, ApprovalSecret::decode(&plain)?))
}
