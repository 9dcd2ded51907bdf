//! The last steps: what goes to the server, and the vault write with it.

use e2ee::{
    approval::ApprovalSecret,
    identity::{AccountKey, FORMER_ROOTS_MAX, RootIdentity, Succession},
    recovery::RecoveryKeys,
    signing::PublicKey,
    vault::{IdentityRecord, RecordKind, RecordName, RootRecord, WrapKey},
};
use protocol::{
    Bytes,
    methods::{
        own_account::{FinishPassphrase, Rename, ReplaceRoot, SetRecovery},
        vault::VaultWrite,
    },
};

use super::{Asked, Proof, Proved, Purpose, asked::code_recipient};
use crate::{
    Engine, Failure, Store,
    own::Own,
    pending::Pending,
    recovery::connection_of,
    vault::{Job, NewKeys, Write, change::unknown_wraps},
};

/// The own roots before `root`, the newest last.
fn former_roots(own: &Own, root: &PublicKey) -> Vec<PublicKey> {
    let mut former = own.former.clone();
    if own.certificate.root != *root {
        former.push(own.certificate.root);
    }
    let surplus = former.len().saturating_sub(FORMER_ROOTS_MAX);
    former.split_off(surplus)
}

impl<S: Store> Engine<S> {
    /// The root identity, which only passphrase and recovery code open.
    fn open_root(&self, proof: &Proof) -> Result<(u64, RootRecord, RootIdentity), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let wrap = proof.proved()?.wrap(own.member)?;
        let wrap = wrap.approved(self.approval_secret()?);
        let (version, bytes) = proof.root_record.as_ref().ok_or(Failure::Offline)?;
        let name = RecordName::only(RecordKind::Root);
        self.vault.manifest.check(&name, *version, bytes)?;
        let record = RootRecord::decode(bytes)?;
        let root = record
            .open(own.member, &wrap)
            .map_err(|error| match error {
                // of another code: the wrong passphrase would have shown before
                e2ee::Error::NoKey(_) | e2ee::Error::CannotOpen(_)
                    if wrap.is_of_recovery_code() =>
                {
                    Failure::RecoveryCode
                }
                other => other.into(),
            })?;
        if root.public() != own.certificate.root {
            return Err(Failure::Unverified(
                "another root identity than yours".into(),
            ));
        }
        Ok((*version, record, root))
    }

    pub(crate) fn send_passphrase(&mut self) -> Result<(), Failure> {
        let Some(proof) = self.proof.take() else {
            return Err(Failure::Offline);
        };
        let sent = self.passphrase_request(&proof);
        self.proof = Some(proof);
        let (request, version, record) = sent?;
        self.asked(Some(Asked::Passphrase(version, record)));
        self.request(&request, Pending::VaultWrite(Job::Passphrase));
        Ok(())
    }

    fn passphrase_request(
        &mut self,
        proof: &Proof,
    ) -> Result<(FinishPassphrase, u64, Bytes), Failure> {
        let (version, record, root) = self.open_root(proof)?;
        let member = self.my_id();
        let (upload, cost, export_key) = proof.registered.as_ref().ok_or(Failure::Offline)?;
        let Purpose::Change {
            may_be_known,
            approval,
            ..
        } = &proof.purpose
        else {
            return Err(Failure::Offline);
        };
        let secret = self.next_approval(*approval);
        let wrap = WrapKey::from_export_key(export_key, member)?.approved(secret.clone());
        let record = record.with(&root, member, &wrap, &mut self.rng)?.encode();
        let root_name = RecordName::only(RecordKind::Root);
        let mut certificate = None;
        let (mut writes, mut new) = if *may_be_known {
            let next = self.next_identity(&root)?;
            certificate = Some(Bytes::copy_from_slice(next.certificate.bytes()));
            self.rotate(Some((&wrap, next)))?
        } else {
            self.rewrapped(&wrap)?
        };
        writes.push(Write::Raw(root_name, version, version + 1, record.clone()));
        self.keep_approval(secret, &mut writes, &mut new)?;
        let vault = self.seal_write_with(writes, vec![], new)?;
        let (attempt, ke3, recovery) = match proof.proved()? {
            Proved::Passphrase { attempt, ke3, .. } => (Some(*attempt), Some(ke3.clone()), None),
            Proved::Code(keys) => (None, None, Some(self.code_proof(keys, upload)?)),
        };
        let request = FinishPassphrase {
            attempt,
            ke3,
            recovery,
            upload: upload.clone(),
            stretching: *cost,
            certificate,
            approval: *approval,
            vault,
        };
        Ok((request, version + 1, record.into()))
    }

    /// A new approval secret for a new passphrase, where approval is needed then.
    fn next_approval(&mut self, wanted: Option<bool>) -> Option<ApprovalSecret> {
        let required = wanted.unwrap_or_else(|| self.approval_is_required());
        required.then(|| ApprovalSecret::generate(&mut self.rng))
    }

    /// The same write leaves this approval secret in the vault, or none.
    fn keep_approval(
        &mut self,
        secret: Option<ApprovalSecret>,
        writes: &mut Vec<Write>,
        new: &mut NewKeys,
    ) -> Result<(), Failure> {
        if let Some((write, kept)) = self.approval_write(secret, new.vault_keys.as_ref())? {
            writes.push(write);
            new.approval = Some(kept);
        }
        Ok(())
    }

    /// Shows on this connection that somebody has the code, and wants this passphrase.
    fn code_proof(&self, keys: &RecoveryKeys, upload: &[u8]) -> Result<Bytes, Failure> {
        let (Some(own), Some(hello)) = (&self.own, &self.connection.hello) else {
            return Err(Failure::Offline);
        };
        let on = connection_of(hello, own.device.id());
        Ok(Bytes::copy_from_slice(&keys.passphrase_proof(&on, upload)))
    }

    /// The next account key, certified under the names in force: whoever had the passphrase may have the one before.
    fn next_identity(&mut self, root: &RootIdentity) -> Result<IdentityRecord, Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let before = &own.certificate;
        let generation = before.generation.checked_add(1);
        let generation = generation.ok_or(e2ee::Error::TooLong("key generation"))?;
        let account = AccountKey::generate(&mut self.rng, generation);
        let certificate = root.certify(
            own.instance,
            own.member,
            &before.login_name,
            &before.display_name,
            &account.public(),
            generation,
        )?;
        Ok(IdentityRecord {
            account,
            former: former_roots(own, &certificate.root),
            certificate,
        })
    }

    pub(crate) fn send_replacement(&mut self) -> Result<(), Failure> {
        let Some(proof) = self.proof.take() else {
            return Err(Failure::Offline);
        };
        let sent = self.replacement_request(&proof);
        self.proof = Some(proof);
        let (request, version, record) = sent?;
        self.asked(Some(Asked::Passphrase(version, record)));
        self.request(&request, Pending::VaultWrite(Job::ReplaceRoot));
        Ok(())
    }

    /// A new root, for which the account key in force vouches; everything under it is new.
    fn replacement_request(&mut self, proof: &Proof) -> Result<(ReplaceRoot, u64, Bytes), Failure> {
        let (upload, cost, export_key) = proof.registered.as_ref().ok_or(Failure::Offline)?;
        let root = RootIdentity::generate(&mut self.rng);
        let next = self.next_identity(&root)?;
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (member, before) = (own.member, &own.certificate);
        let succession = Succession::sign(&own.account, before, &next.certificate);
        let certificate = Bytes::copy_from_slice(next.certificate.bytes());
        let secret = self.next_approval(None);
        let wrap = WrapKey::from_export_key(export_key, member)?.approved(secret.clone());
        let record = RootRecord::seal(&root, member, &wrap, &mut self.rng)?.encode();
        let name = RecordName::only(RecordKind::Root);
        let standing = self.vault.manifest.version(&name);
        let (mut writes, mut new) = self.rotate(Some((&wrap, next)))?;
        writes.push(Write::Raw(name, standing, standing + 1, record.clone()));
        self.keep_approval(secret, &mut writes, &mut new)?;
        let vault = self.seal_write_with(writes, vec![], new)?;
        let request = ReplaceRoot {
            upload: upload.clone(),
            stretching: *cost,
            certificate,
            succession: succession.into(),
            vault,
        };
        Ok((request, standing + 1, record.into()))
    }

    /// The same vault key, sealed to the new passphrase in place of the old one.
    fn rewrapped(&mut self, wrap: &WrapKey) -> Result<(Vec<Write>, NewKeys), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (version, wraps) = self.standing_wraps().ok_or_else(unknown_wraps)?;
        let wraps = wraps.with_key(&own.vault_keys, own.member, wrap, &mut self.rng)?;
        let name = RecordName::only(RecordKind::Wraps);
        let write = Write::Raw(name, version, version + 1, wraps.encode());
        let new = NewKeys {
            wraps: Some((version + 1, wraps)),
            ..NewKeys::default()
        };
        Ok((vec![write], new))
    }

    pub(crate) fn send_rename(&mut self) -> Result<(), Failure> {
        let Some(proof) = self.proof.take() else {
            return Err(Failure::Offline);
        };
        let sent = self.rename_request(&proof);
        self.proof = Some(proof);
        let request = sent?;
        self.asked(Some(Asked::Name(request.certificate.clone())));
        self.request(&request, Pending::VaultWrite(Job::Rename));
        Ok(())
    }

    fn rename_request(&mut self, proof: &Proof) -> Result<Rename, Failure> {
        let (_, _, root) = self.open_root(proof)?;
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (attempt, ke3) = proof.proved()?.by_passphrase()?;
        let Purpose::Rename { display_name } = &proof.purpose else {
            return Err(Failure::Offline);
        };
        let certificate = root.certify(
            own.instance,
            own.member,
            &own.certificate.login_name,
            display_name,
            &own.account.public(),
            own.account.generation(),
        )?;
        let identity = IdentityRecord {
            account: own.account.clone(),
            former: own.former.clone(),
            certificate,
        };
        let certificate = Bytes::copy_from_slice(identity.certificate.bytes());
        let name = RecordName::only(RecordKind::Identity);
        let standing = self.vault.manifest.version(&name);
        let write = Write::Put(name, standing, standing + 1, identity.encode());
        let new = NewKeys {
            identity: Some((standing + 1, identity)),
            ..NewKeys::default()
        };
        let vault: VaultWrite = self.seal_write_with(vec![write], vec![], new)?;
        Ok(Rename {
            attempt,
            ke3,
            certificate,
            vault,
        })
    }

    pub(crate) fn send_recovery(&mut self) -> Result<(), Failure> {
        let Some(proof) = self.proof.take() else {
            return Err(Failure::Offline);
        };
        let sent = self.recovery_request(&proof);
        self.proof = Some(proof);
        let (request, asked) = sent?;
        self.asked(Some(asked));
        self.request(&request, Pending::VaultWrite(Job::Recovery));
        Ok(())
    }

    /// Wraps and root record with the new code in the place of the one before, or without one.
    fn recovery_request(&mut self, proof: &Proof) -> Result<(SetRecovery, Asked), Failure> {
        let (version, record, root) = self.open_root(proof)?;
        let Purpose::Recovery { code } = &proof.purpose else {
            return Err(Failure::Offline);
        };
        let (attempt, ke3) = proof.proved()?.by_passphrase()?;
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let member = own.member;
        let (wraps_version, wraps) = self.standing_wraps().ok_or_else(unknown_wraps)?;
        let keys = code.as_ref().map(|code| code.keys(own.instance));
        let keys = keys.transpose()?;
        let (record, wraps) = match &keys {
            Some(keys) => {
                let recipient = keys.wrap().as_recipient().made_at(self.server_now());
                (
                    record.with(&root, member, keys.wrap(), &mut self.rng)?,
                    wraps.with(&own.vault_keys, member, &recipient)?,
                )
            }
            None => (
                record.without(WrapKey::RECOVERY_CODE, &[0; 16]),
                wraps.without(&own.vault_keys, member, WrapKey::RECOVERY_CODE, &[0; 16])?,
            ),
        };
        let (record, only) = (record.encode(), RecordName::only);
        let writes = vec![
            Write::Raw(
                only(RecordKind::Wraps),
                wraps_version,
                wraps_version + 1,
                wraps.encode(),
            ),
            Write::Raw(only(RecordKind::Root), version, version + 1, record.clone()),
        ];
        let public = code_recipient(&wraps);
        let new = NewKeys {
            wraps: Some((wraps_version + 1, wraps)),
            ..NewKeys::default()
        };
        let vault = self.seal_write_with(writes, vec![], new)?;
        let key = keys.map(|keys| Bytes::copy_from_slice(keys.public().as_bytes()));
        let request = SetRecovery {
            attempt,
            ke3,
            key,
            vault,
        };
        Ok((request, Asked::Recovery(version + 1, record.into(), public)))
    }
}
