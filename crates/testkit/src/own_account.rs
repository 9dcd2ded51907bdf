//! Changing one's own account: the passphrase proved again, another one, other names, other key packages.

use e2ee::{
    identity::{AccountKey, RootIdentity, Succession},
    opaque::{ExportKey, OpaqueError, Registration, SignIn, Stretching},
    passphrase::Passphrase,
    recovery::{Connection, RecoveryCode, RecoveryKeys},
    vault::{IdentityRecord, RecordKind, RecordName, WrapKey},
};
use protocol::{
    Bytes,
    methods::{
        account::{RegisterStarted, Stretching as WireStretching},
        own_account::{
            FinishPassphrase, Rename, ReplaceRoot, SetRecovery, StartPassphrase, StartProof,
        },
        people::PublishKeyPackages,
    },
};

use crate::{Member, registration::wire, vault::Draft};

/// A proof of a passphrase that has begun.
pub struct Proving(SignIn);

impl Member {
    /// Begins to prove a passphrase, which may be a wrong one.
    pub fn prove(&mut self, passphrase: &Passphrase) -> (StartProof, Proving) {
        let (state, ke1) = SignIn::start(&mut self.rng, passphrase).unwrap();
        (StartProof { ke1: ke1.into() }, Proving(state))
    }

    /// KE3 for the request that needs the proof.
    ///
    /// # Errors
    /// [`OpaqueError::WrongNameOrPassphrase`]: then nothing is to be sent.
    pub fn proved(
        &mut self,
        proving: Proving,
        ke2: &[u8],
        stretching: WireStretching,
    ) -> Result<Bytes, OpaqueError> {
        Ok(self.proved_and_opened(proving, ke2, stretching)?.0)
    }

    /// The same, with what opens the vault.
    ///
    /// # Errors
    /// As [`Member::proved`].
    pub fn proved_and_opened(
        &mut self,
        proving: Proving,
        ke2: &[u8],
        stretching: WireStretching,
    ) -> Result<(Bytes, ExportKey), OpaqueError> {
        let stretching = Stretching {
            memory_kib: stretching.memory_kib,
            passes: stretching.passes,
            lanes: stretching.lanes,
        };
        let outcome = proving
            .0
            .finish(&mut self.rng, ke2, self.instance, &stretching)?;
        Ok((outcome.ke3.into(), outcome.export_key))
    }

    /// Begins to register another passphrase.
    pub fn start_passphrase(&mut self, new: &Passphrase) -> (StartPassphrase, Registration) {
        let (registration, request) = Registration::start(&mut self.rng, new).unwrap();
        let request = request.into();
        (StartPassphrase { request }, registration)
    }

    /// The change of the passphrase, with new wraps and root record. The member counts on its being accepted.
    pub fn finish_passphrase(
        &mut self,
        proof: (u64, Bytes),
        registration: Registration,
        started: &RegisterStarted,
        new: Passphrase,
        now: u64,
    ) -> FinishPassphrase {
        let draft = Draft::default();
        self.change_passphrase(proof, registration, started, new, draft, now)
    }

    /// The same with the next generation of keys, because the old passphrase may be known.
    pub fn finish_passphrase_with_new_keys(
        &mut self,
        proof: (u64, Bytes),
        registration: Registration,
        started: &RegisterStarted,
        new: Passphrase,
        now: u64,
    ) -> FinishPassphrase {
        self.account = AccountKey::generate(&mut self.rng, self.account.generation() + 1);
        let certificate = self.certificate.clone();
        let draft = self.certified(&certificate.login_name, &certificate.display_name);
        let change = self.change_passphrase(proof, registration, started, new, draft, now);
        FinishPassphrase {
            certificate: Some(Bytes::copy_from_slice(self.certificate.bytes())),
            ..change
        }
    }

    fn change_passphrase(
        &mut self,
        (attempt, ke3): (u64, Bytes),
        registration: Registration,
        started: &RegisterStarted,
        new: Passphrase,
        mut draft: Draft,
        now: u64,
    ) -> FinishPassphrase {
        let outcome = registration
            .finish(
                &mut self.rng,
                &started.response,
                self.instance,
                &self.stretching,
            )
            .unwrap();
        let wrap = WrapKey::from_export_key(&outcome.export_key, self.member).unwrap();
        self.wraps_and_root(&mut draft, &wrap);
        self.passphrase = new;
        FinishPassphrase {
            attempt: Some(attempt),
            ke3: Some(ke3),
            recovery: None,
            upload: outcome.upload.into(),
            stretching: wire(&self.stretching),
            certificate: None,
            approval: None,
            vault: self.vault.write(&self.account, draft, now),
        }
    }

    /// Makes a recovery code, replaces it, or removes it. The member counts on its being accepted.
    pub fn set_recovery(
        &mut self,
        (attempt, ke3): (u64, Bytes),
        export_key: &ExportKey,
        code: Option<&RecoveryCode>,
        now: u64,
    ) -> SetRecovery {
        self.recovery = code.map(|code| code.keys(self.instance).unwrap());
        let key = self.recovery.as_ref().map(RecoveryKeys::public);
        let mut draft = Draft::default();
        let wrap = WrapKey::from_export_key(export_key, self.member).unwrap();
        self.wraps_and_root(&mut draft, &wrap);
        SetRecovery {
            attempt,
            ke3,
            key: key.map(|key| Bytes::copy_from_slice(key.as_bytes())),
            vault: self.vault.write(&self.account, draft, now),
        }
    }

    /// A change of the passphrase by the recovery code, on this connection. The member counts on its being accepted.
    pub fn finish_passphrase_by_code(
        &mut self,
        on: &Connection,
        registration: Registration,
        started: &RegisterStarted,
        new: Passphrase,
        now: u64,
    ) -> FinishPassphrase {
        let proof = (0, Bytes::new());
        let change = self.finish_passphrase(proof, registration, started, new, now);
        let keys = self.recovery.as_ref().unwrap();
        let proof = keys.passphrase_proof(on, &change.upload);
        FinishPassphrase {
            attempt: None,
            ke3: None,
            recovery: Some(Bytes::copy_from_slice(&proof)),
            ..change
        }
    }

    /// A new root identity with a new passphrase, for which the account key in force vouches. The member counts on its being
    /// accepted.
    pub fn replace_root(
        &mut self,
        registration: Registration,
        started: &RegisterStarted,
        new: Passphrase,
        now: u64,
    ) -> ReplaceRoot {
        let (account, before) = (self.account.clone(), self.certificate.clone());
        self.root = RootIdentity::generate(&mut self.rng);
        self.account = AccountKey::generate(&mut self.rng, account.generation() + 1);
        self.recovery = None;
        let draft = self.certified(&before.login_name, &before.display_name);
        let succession = Succession::sign(&account, &before, &self.certificate);
        let proof = (0, Bytes::new());
        let change = self.change_passphrase(proof, registration, started, new, draft, now);
        ReplaceRoot {
            upload: change.upload,
            stretching: change.stretching,
            certificate: Bytes::copy_from_slice(self.certificate.bytes()),
            succession: succession.into(),
            vault: change.vault,
        }
    }

    /// Certifies these names and the account key anew, and drafts the identity record with that.
    fn certified(&mut self, login_name: &str, display_name: &str) -> Draft {
        let certificate = self
            .root
            .certify(
                self.instance,
                self.member,
                login_name,
                display_name,
                &self.account.public(),
                self.account.generation(),
            )
            .unwrap();
        self.learn(&certificate);
        self.certificate = certificate;
        let identity = IdentityRecord {
            account: self.account.clone(),
            certificate: self.certificate.clone(),
            former: vec![],
        };
        let mut draft = Draft::default();
        let name = RecordName::only(RecordKind::Identity);
        draft.put(&self.vault, &mut self.rng, name, &identity.encode());
        draft
    }

    /// The change of names, with the new identity record. The member counts on its being accepted.
    pub fn rename(
        &mut self,
        (attempt, ke3): (u64, Bytes),
        login_name: &str,
        display_name: &str,
        now: u64,
    ) -> Rename {
        let draft = self.certified(login_name, display_name);
        Rename {
            attempt,
            ke3,
            certificate: Bytes::copy_from_slice(self.certificate.bytes()),
            vault: self.vault.write(&self.account, draft, now),
        }
    }

    /// Withdraws all key packages and publishes others; the private parts of the old ones go from the vault.
    pub fn replace_key_packages(&mut self, count: usize, now: u64) -> PublishKeyPackages {
        let mut draft = Draft::default();
        for (id, _) in std::mem::take(&mut self.key_packages) {
            draft.delete(RecordName::new(RecordKind::KeyPackage, id.as_bytes()));
        }
        let packages = self.new_key_packages(&mut draft, count, true, now);
        PublishKeyPackages {
            withdraw_all: true,
            packages,
            vault: self.vault.write(&self.account, draft, now),
        }
    }
}
