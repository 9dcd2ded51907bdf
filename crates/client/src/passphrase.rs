//! What needs the passphrase once more on a signed-in device: changing it, changing the name, making a recovery code.
//!
//! The passphrase is proved (OPAQUE), which also gives the key that opens the root record; then one request carries the
//! proof's last message, what is to change at the server, and the vault write that goes with it. Nothing has changed
//! before that request is taken, and everything after. A forgotten passphrase is changed by the recovery code: its proof
//! needs no answer of the server, and its root key opens the root record.

mod asked;
mod requests;

pub(crate) use asked::Asked;

use e2ee::{
    opaque::{ExportKey, OpaqueError, Registration, SignIn},
    passphrase::Passphrase,
    recovery::{RecoveryCode, RecoveryKeys},
    vault::{RecordKind, RecordName, WrapKey},
};
use protocol::{
    Bytes, ErrorCode, MemberId, WireError,
    methods::{
        account::{RegisterStarted, SignInStarted, Stretching},
        own_account::{CloseAccount, StartPassphrase, StartProof},
        vault::{GetRecords, Records},
    },
    names,
};

use crate::{
    Doing, Engine, Failure, Store, Update,
    account::{dearer, name_failure, stretching},
    pending::Pending,
    sign_in::{By, find},
    vault::{Job, wire_name},
};

/// How often it is begun again because another device wrote the vault meanwhile.
const ROUNDS: u32 = 5;

/// What the passphrase is needed for.
enum Purpose {
    Change {
        new: Passphrase,
        may_be_known: bool,
        /// Whether new sign-ins need approval from then on; none: as before.
        approval: Option<bool>,
    },
    /// None: the code is to be removed.
    Recovery {
        code: Option<RecoveryCode>,
    },
    Rename {
        display_name: String,
    },
    /// Closing the account, which needs nothing else.
    Close,
    /// The passphrase is forgotten, and the server has let this device go on: nothing is proved.
    Replace {
        new: Passphrase,
    },
}

/// What allows the last step, and opens the root.
enum Proved {
    Passphrase {
        attempt: u64,
        ke3: Bytes,
        export_key: ExportKey,
    },
    Code(Box<RecoveryKeys>),
}

impl Proved {
    fn wrap(&self, member: MemberId) -> Result<WrapKey, Failure> {
        match self {
            Self::Passphrase { export_key, .. } => {
                Ok(WrapKey::from_export_key(export_key, member)?)
            }
            Self::Code(keys) => Ok(keys.wrap().clone()),
        }
    }

    /// Attempt and last message, for what the passphrase alone allows.
    fn by_passphrase(&self) -> Result<(u64, Bytes), Failure> {
        match self {
            Self::Passphrase { attempt, ke3, .. } => Ok((*attempt, ke3.clone())),
            Self::Code(_) => Err(Failure::Passphrase),
        }
    }
}

/// A proof of the passphrase, or of the recovery code, under way, and what comes after it.
pub(crate) struct Proof {
    purpose: Purpose,
    by: Option<By>,
    sign_in: Option<SignIn>,
    proved: Option<Proved>,
    registration: Option<Registration>,
    /// For the server, its cost, and what opens the vault from then on.
    registered: Option<(Bytes, Stretching, ExportKey)>,
    root_record: Option<(u64, Bytes)>,
    rounds: u32,
}

impl Proof {
    fn doing(&self) -> Doing {
        match self.purpose {
            Purpose::Change { .. } | Purpose::Replace { .. } => Doing::ChangingPassphrase,
            Purpose::Recovery { .. } => Doing::ChangingRecovery,
            Purpose::Rename { .. } => Doing::Renaming,
            Purpose::Close => Doing::ClosingAccount,
        }
    }

    fn proved(&self) -> Result<&Proved, Failure> {
        self.proved.as_ref().ok_or(Failure::Offline)
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn change_passphrase(
        &mut self,
        by: By,
        new: Passphrase,
        may_be_known: bool,
    ) -> Result<(), Failure> {
        let purpose = Purpose::Change {
            new,
            may_be_known,
            approval: None,
        };
        self.begin_proof(Some(by), purpose)
    }

    /// What the server keeps of before opens with the old passphrase alone: approval begins with another one.
    pub(crate) fn set_approval(
        &mut self,
        old: Passphrase,
        new: Passphrase,
        required: bool,
    ) -> Result<(), Failure> {
        if required && !self.approval_is_required() && old.reveal() == new.reveal() {
            return Err(Failure::SamePassphrase);
        }
        let purpose = Purpose::Change {
            new,
            may_be_known: false,
            approval: Some(required),
        };
        self.begin_proof(Some(By::Passphrase(old)), purpose)
    }

    /// On the device whose request was approved, or is old enough.
    pub(crate) fn replace_forgotten(&mut self, new: Passphrase) -> Result<(), Failure> {
        self.begin_proof(None, Purpose::Replace { new })
    }

    pub(crate) fn set_recovery(
        &mut self,
        passphrase: Passphrase,
        code: Option<RecoveryCode>,
    ) -> Result<(), Failure> {
        self.begin_proof(Some(By::Passphrase(passphrase)), Purpose::Recovery { code })
    }

    pub(crate) fn rename(
        &mut self,
        passphrase: Passphrase,
        display_name: &str,
    ) -> Result<(), Failure> {
        let display_name = names::prepare_display_name(display_name).map_err(name_failure)?;
        let by = Some(By::Passphrase(passphrase));
        self.begin_proof(by, Purpose::Rename { display_name })
    }

    pub(crate) fn close_account(&mut self, passphrase: Passphrase) -> Result<(), Failure> {
        self.begin_proof(Some(By::Passphrase(passphrase)), Purpose::Close)
    }

    fn begin_proof(&mut self, by: Option<By>, purpose: Purpose) -> Result<(), Failure> {
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
            by,
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
        let (Some(proof), Some(own)) = (&mut self.proof, &self.own) else {
            return Ok(());
        };
        (proof.registration, proof.registered) = (None, None);
        proof.root_record = None;
        match &proof.by {
            Some(By::Passphrase(passphrase)) => {
                let (sign_in, ke1) =
                    SignIn::start(&mut self.rng, passphrase).map_err(unverified)?;
                (proof.sign_in, proof.proved) = (Some(sign_in), None);
                self.request(&StartProof { ke1: ke1.into() }, Pending::Proof);
                Ok(())
            }
            Some(By::Code(code)) => {
                proof.proved = Some(Proved::Code(Box::new(code.keys(own.instance)?)));
                self.proved()
            }
            None => self.begin_registration(),
        }
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
        proof.proved = Some(Proved::Passphrase {
            attempt: started.attempt,
            ke3: outcome.ke3.into(),
            export_key: outcome.export_key,
        });
        self.proved()
    }

    /// Asks for what the last step needs besides.
    fn proved(&mut self) -> Result<(), Failure> {
        let proof = self.proof.as_ref().ok_or(Failure::Offline)?;
        if let Purpose::Close = proof.purpose {
            let (attempt, ke3) = proof.proved()?.by_passphrase()?;
            self.request(&CloseAccount { attempt, ke3 }, Pending::CloseAccount);
            return Ok(());
        }
        let names = vec![wire_name(&RecordName::only(RecordKind::Root))];
        self.request(&GetRecords { names }, Pending::ProofRoot);
        self.begin_registration()
    }

    /// The OPAQUE registration of a new passphrase, where there is to be one.
    fn begin_registration(&mut self) -> Result<(), Failure> {
        let proof = self.proof.as_mut().ok_or(Failure::Offline)?;
        if let Purpose::Change { new, .. } | Purpose::Replace { new } = &proof.purpose {
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
        let wrapped = wrapped && self.knows_approval();
        let ready = wrapped && proof.proved.is_some() && proof.root_record.is_some();
        match proof.purpose {
            Purpose::Change { .. } => {
                (ready && proof.registered.is_some()).then_some(Job::Passphrase)
            }
            Purpose::Recovery { .. } => ready.then_some(Job::Recovery),
            Purpose::Rename { .. } => ready.then_some(Job::Rename),
            Purpose::Close => None,
            Purpose::Replace { .. } => {
                (wrapped && proof.registered.is_some()).then_some(Job::ReplaceRoot)
            }
        }
    }

    /// The server has taken the last step.
    pub(crate) fn proof_done(&mut self) {
        self.forget_asked();
        if let Some(proof) = self.proof.take() {
            if let Purpose::Change { .. } | Purpose::Replace { .. } = proof.purpose {
                self.want_passphrase(false);
            }
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
        self.proof_failed(match error.code {
            ErrorCode::WrongNameOrPassphrase => Failure::Passphrase,
            ErrorCode::WrongNameOrCode => Failure::RecoveryCode,
            _ => error.into(),
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
