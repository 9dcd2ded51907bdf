//! What needs the passphrase once more on a signed-in device: changing it, and changing the name.
//!
//! The passphrase is proved (OPAQUE), which also gives the key that opens the root record; then one request carries the
//! proof's last message, what is to change at the server, and the vault write that goes with it. Nothing has changed
//! before that request is taken, and everything after.

mod asked;

pub(crate) use asked::Asked;

use e2ee::{
    identity::{AccountKey, RootIdentity},
    opaque::{ExportKey, OpaqueError, Registration, SignIn},
    passphrase::Passphrase,
    vault::{IdentityRecord, RecordKind, RecordName, RootRecord, WrapKey},
};
use protocol::{
    Bytes, ErrorCode, WireError,
    methods::{
        account::{RegisterStarted, SignInStarted, Stretching},
        own_account::{FinishPassphrase, Rename, StartPassphrase, StartProof},
        vault::{GetRecords, Records, VaultWrite},
    },
    names,
};

use crate::{
    Doing, Engine, Failure, Store, Update,
    account::{dearer, name_failure, stretching},
    pending::Pending,
    sign_in::find,
    vault::{Job, NewKeys, Write, change::unknown_wraps, wire_name},
};

/// How often it is begun again because another device wrote the vault meanwhile.
const ROUNDS: u32 = 5;

/// What the passphrase is needed for.
enum Purpose {
    Change { new: Passphrase, may_be_known: bool },
    Rename { display_name: String },
}

/// A proof of the passphrase under way, and what comes after it.
pub(crate) struct Proof {
    purpose: Purpose,
    passphrase: Passphrase,
    sign_in: Option<SignIn>,
    /// Attempt, last message, what opens the root.
    proved: Option<(u64, Bytes, ExportKey)>,
    registration: Option<Registration>,
    /// For the server, its cost, and what opens the vault from then on.
    registered: Option<(Bytes, Stretching, ExportKey)>,
    root_record: Option<(u64, Bytes)>,
    rounds: u32,
}

impl Proof {
    fn doing(&self) -> Doing {
        match self.purpose {
            Purpose::Change { .. } => Doing::ChangingPassphrase,
            Purpose::Rename { .. } => Doing::Renaming,
        }
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn change_passphrase(
        &mut self,
        old: Passphrase,
        new: Passphrase,
        may_be_known: bool,
    ) -> Result<(), Failure> {
        self.begin_proof(old, Purpose::Change { new, may_be_known })
    }

    pub(crate) fn rename(
        &mut self,
        passphrase: Passphrase,
        display_name: &str,
    ) -> Result<(), Failure> {
        let display_name = names::prepare_display_name(display_name).map_err(name_failure)?;
        self.begin_proof(passphrase, Purpose::Rename { display_name })
    }

    fn begin_proof(&mut self, passphrase: Passphrase, purpose: Purpose) -> Result<(), Failure> {
        if self.own.is_none() {
            return Err(Failure::SignInFirst);
        }
        if !self.connection.synced() {
            return Err(Failure::Offline);
        }
        if let Some(before) = self.proof.take() {
            self.fail(before.doing(), Failure::Offline); // asked for again: the last one counts
        }
        let proof = Proof {
            purpose,
            passphrase,
            sign_in: None,
            proved: None,
            registration: None,
            registered: None,
            root_record: None,
            rounds: 0,
        };
        self.tell(Update::Progress(proof.doing()));
        self.proof = Some(Box::new(proof));
        self.send_proof()
    }

    fn send_proof(&mut self) -> Result<(), Failure> {
        let Some(proof) = &mut self.proof else {
            return Ok(());
        };
        let (sign_in, ke1) = SignIn::start(&mut self.rng, &proof.passphrase).map_err(unverified)?;
        (proof.sign_in, proof.proved) = (Some(sign_in), None);
        (proof.registration, proof.registered) = (None, None);
        proof.root_record = None;
        self.request(&StartProof { ke1: ke1.into() }, Pending::Proof);
        Ok(())
    }

    pub(crate) fn proof_came(&mut self, result: Result<SignInStarted, Failure>) {
        let next = result.and_then(|started| self.prove(&started));
        self.go_on_with_proof(next);
    }

    fn prove(&mut self, started: &SignInStarted) -> Result<(), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let proof = self.proof.as_mut().ok_or(Failure::Offline)?;
        let sign_in = proof.sign_in.take().ok_or(Failure::Offline)?;
        let cost = stretching(started.stretching);
        let outcome = sign_in
            .finish(&mut self.rng, &started.ke2, own.instance, &cost)
            .map_err(|error| match error {
                OpaqueError::WrongNameOrPassphrase => Failure::Passphrase,
                other => unverified(other),
            })?;
        proof.proved = Some((started.attempt, outcome.ke3.into(), outcome.export_key));
        let names = vec![wire_name(&RecordName::only(RecordKind::Root))];
        self.request(&GetRecords { names }, Pending::ProofRoot);
        let proof = self.proof.as_mut().ok_or(Failure::Offline)?;
        if let Purpose::Change { new, .. } = &proof.purpose {
            let (registration, request) =
                Registration::start(&mut self.rng, new).map_err(unverified)?;
            proof.registration = Some(registration);
            let request = StartPassphrase {
                request: request.into(),
            };
            self.request(&request, Pending::ProofRegistration);
        }
        Ok(())
    }

    pub(crate) fn proof_registration_came(&mut self, result: Result<RegisterStarted, Failure>) {
        let next = result.and_then(|started| self.register_new(&started));
        self.go_on_with_proof(next);
    }

    fn register_new(&mut self, started: &RegisterStarted) -> Result<(), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let cost = dearer(self.config.stretching, started.stretching_floor);
        let proof = self.proof.as_mut().ok_or(Failure::Offline)?;
        let registration = proof.registration.take().ok_or(Failure::Offline)?;
        let outcome = registration
            .finish(
                &mut self.rng,
                &started.response,
                own.instance,
                &stretching(cost),
            )
            .map_err(unverified)?;
        proof.registered = Some((outcome.upload.into(), cost, outcome.export_key));
        Ok(())
    }

    pub(crate) fn proof_root_came(&mut self, result: Result<Records, Failure>) {
        let next = result.and_then(|records| {
            let record = find(&records, RecordKind::Root)?;
            let proof = self.proof.as_mut().ok_or(Failure::Offline)?;
            proof.root_record = Some((record.version, record.bytes.clone()));
            Ok(())
        });
        self.go_on_with_proof(next);
    }

    fn go_on_with_proof(&mut self, next: Result<(), Failure>) {
        if let Err(failure) = next {
            self.proof_failed(failure);
        }
    }

    pub(crate) fn proof_failed(&mut self, failure: Failure) {
        self.forget_asked();
        if let Some(proof) = self.proof.take() {
            self.fail(proof.doing(), failure);
        }
    }

    /// The last step, once everything for it is here.
    pub(crate) fn proof_job(&self) -> Option<Job> {
        let proof = self.proof.as_ref()?;
        let wrapped = self.own.as_ref().is_some_and(|own| own.wrapped);
        let ready = wrapped && proof.proved.is_some() && proof.root_record.is_some();
        match proof.purpose {
            Purpose::Change { .. } => {
                (ready && proof.registered.is_some()).then_some(Job::Passphrase)
            }
            Purpose::Rename { .. } => ready.then_some(Job::Rename),
        }
    }

    /// The root identity, which only the passphrase opens.
    fn open_root(&self, proof: &Proof) -> Result<(u64, RootRecord, RootIdentity), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (_, _, export_key) = proof.proved.as_ref().ok_or(Failure::Offline)?;
        let (version, bytes) = proof.root_record.as_ref().ok_or(Failure::Offline)?;
        let name = RecordName::only(RecordKind::Root);
        self.vault.manifest.check(&name, *version, bytes)?;
        let record = RootRecord::decode(bytes)?;
        let root = record.open(
            own.member,
            &WrapKey::from_export_key(export_key, own.member)?,
        )?;
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
        let (attempt, ke3, _) = proof.proved.as_ref().ok_or(Failure::Offline)?;
        let (upload, cost, export_key) = proof.registered.as_ref().ok_or(Failure::Offline)?;
        let Purpose::Change { may_be_known, .. } = &proof.purpose else {
            return Err(Failure::Offline);
        };
        let wrap = WrapKey::from_export_key(export_key, member)?;
        let record = record.with(&root, member, &wrap, &mut self.rng)?.encode();
        let root_name = RecordName::only(RecordKind::Root);
        let mut certificate = None;
        let (mut writes, new) = if *may_be_known {
            let next = self.next_identity(&root)?;
            certificate = Some(Bytes::copy_from_slice(next.certificate.bytes()));
            self.rotate(Some((&wrap.as_recipient(), next)))?
        } else {
            self.rewrapped(&wrap)?
        };
        writes.push(Write::Raw(root_name, version, version + 1, record.clone()));
        let vault = self.seal_write_with(writes, vec![], new)?;
        let request = FinishPassphrase {
            attempt: *attempt,
            ke3: ke3.clone(),
            upload: upload.clone(),
            stretching: *cost,
            certificate,
            vault,
        };
        Ok((request, version + 1, record.into()))
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
            certificate,
        })
    }

    /// The same vault key, sealed to the new passphrase in place of the old one.
    fn rewrapped(&self, wrap: &WrapKey) -> Result<(Vec<Write>, NewKeys), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (version, wraps) = self.standing_wraps().ok_or_else(unknown_wraps)?;
        let wraps = wraps.with(&own.vault_keys, own.member, &wrap.as_recipient())?;
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
        let (attempt, ke3, _) = proof.proved.as_ref().ok_or(Failure::Offline)?;
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
            attempt: *attempt,
            ke3: ke3.clone(),
            certificate,
            vault,
        })
    }

    /// The server has taken the last step.
    pub(crate) fn proof_done(&mut self) {
        self.forget_asked();
        if let Some(proof) = self.proof.take() {
            self.done(proof.doing());
        }
    }

    /// The server has not taken the last step. A proof serves once: what may still work is begun again.
    pub(crate) fn proof_refused(&mut self, error: WireError) {
        self.forget_asked();
        let again = matches!(error.code, ErrorCode::VaultConflict | ErrorCode::Expired);
        if let Some(proof) = self.proof.as_mut().filter(|_| again)
            && proof.rounds < ROUNDS
        {
            proof.rounds += 1;
            let begun = self.send_proof();
            return self.go_on_with_proof(begun);
        }
        let wrong = error.code == ErrorCode::WrongNameOrPassphrase;
        self.proof_failed(if wrong {
            Failure::Passphrase
        } else {
            error.into()
        });
    }

    /// The connection is gone. What was not sent has not happened; of what was sent the vault will tell.
    pub(crate) fn proof_lost(&mut self) {
        let Some(proof) = self.proof.take() else {
            return;
        };
        if self.asked_with_passphrase.is_none() {
            self.fail(proof.doing(), Failure::Offline);
        }
    }
}

fn unverified(error: OpaqueError) -> Failure {
    Failure::Unverified(error.to_string())
}
