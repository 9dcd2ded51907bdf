//! The writes that the state asks for, one at a time, and what becomes of them.

use ambient::Millis;
use e2ee::vault::{Recipient, RecordKind, RecordName};
use protocol::{
    Bytes, ErrorCode, WireError, decode,
    methods::{people::KeyPackagesLeft, vault::VaultWrite},
};

use super::{Job, NewKeys, OLD_SERVER_MS, REFUSED_MS, RETRY_MS, Write};
use crate::{Doing, Engine, Failure, Store, pending::Pending};

impl<S: Store> Engine<S> {
    pub(super) fn next_job(&mut self) -> Option<Job> {
        let now = self.now;
        self.vault.held.retain(|(_, until)| *until > now);
        let free = |job: &Job| !self.vault.holds(job, now);
        // pins first: what is built on a person must not reach the vault before who they are
        let pins = self.writable_pins();
        let pins = (!pins.is_empty()).then_some(Job::Pins(pins));
        let wrap = self.own.as_ref().is_some_and(|own| !own.wrapped);
        let change = self.change_job();
        let packages = self.vault.key_packages > 0 || self.vault.last_resort;
        let old = self.packages_are_old().then_some(Job::ReplacePackages);
        // they take their time, and somebody waits for the conversations
        let fetches = self.fetches_conversations();
        let packages = packages && !fetches;
        let old = old.filter(|_| !fetches && !wrap);
        self.proof_job()
            .into_iter()
            .chain(pins)
            .chain(self.creations().map(Job::Create))
            .chain(self.unsaved_heads().map(Job::Heads))
            .chain(
                self.unsaved_states()
                    .map(|(id, epoch)| Job::State(id, epoch)),
            )
            .chain(self.timed_is_over().then_some(Job::TimedOver))
            .chain(wrap.then_some(Job::DeviceWrap))
            .chain(change)
            .chain(self.loose_due().then_some(Job::Loose))
            .chain(self.repairs_to_ask().map(Job::AskRepair))
            .chain(self.restarts_to_send().map(Job::Restart))
            .chain(self.commits_wanted().into_iter().map(Job::Commit))
            .chain(old)
            .chain(packages.then_some(Job::KeyPackages))
            .chain(self.drop_packages_job())
            .find(free)
    }

    /// Pins to write: only over versions whose contents are known here.
    fn writable_pins(&self) -> Vec<protocol::MemberId> {
        let known = |member: &&protocol::MemberId| {
            let name = RecordName::new(RecordKind::Pin, member.as_bytes());
            self.people.pin_is_writable(**member)
                && self.vault.manifest.version(&name) == self.people.pin_version(**member)
        };
        let unsaved = self.people.unsaved_pins.iter().filter(known);
        unsaved.copied().take(100).collect()
    }

    /// Not this one for a while.
    pub(super) fn hold(&mut self, job: Job, wait: Millis) {
        self.vault.held.push((job, self.now + wait));
    }

    pub(super) fn start_job(&mut self, job: Job) -> Result<(), Failure> {
        self.vault.busy = true;
        match &job {
            Job::DeviceWrap => {
                let write = self.write_device_wrap()?;
                self.send_write(write, job);
                Ok(())
            }
            Job::Rotate => {
                let write = self.rotation_write()?;
                self.send_write(write, job);
                Ok(())
            }
            Job::Tidy => {
                let write = self.tidy_write()?;
                self.send_write(write, job);
                Ok(())
            }
            Job::DropPackages => {
                let write = self.drop_packages_write()?;
                self.send_write(write, job);
                Ok(())
            }
            Job::Passphrase => self.send_passphrase(),
            Job::ReplaceRoot => self.send_replacement(),
            Job::Recovery => self.send_recovery(),
            Job::Rename => self.send_rename(),
            Job::Pins(members) => {
                let writes = members
                    .iter()
                    .filter_map(|m| {
                        let name = RecordName::new(RecordKind::Pin, m.as_bytes());
                        let standing = self.vault.manifest.version(&name);
                        let pin = self.people.pin(*m)?.clone();
                        let plain = pin.encode();
                        self.people.sent_pins.insert(*m, pin);
                        Some(Write::Put(name, standing, standing + 1, plain))
                    })
                    .collect();
                let write = self.seal_write(writes, vec![])?;
                self.request(&write, Pending::VaultWrite(job));
                Ok(())
            }
            Job::State(id, _) => {
                let write = self.state_write(*id)?;
                self.send_write(write, job);
                Ok(())
            }
            Job::Heads(id) => {
                let write = self.heads_write(*id)?;
                self.send_write(write, job);
                Ok(())
            }
            Job::TimedOver => {
                let write = self.timed_over_write()?;
                self.send_write(write, job);
                Ok(())
            }
            Job::Create(id) => self.send_creation(*id),
            Job::Commit(id) => self.send_commit(*id),
            Job::AskRepair(id) => self.send_ask_repair(*id),
            Job::Restart(id) => self.send_restart(*id),
            Job::KeyPackages => {
                let (fresh, last_resort) = (self.vault.key_packages, self.vault.last_resort);
                self.publish_key_packages(job, fresh, last_resort)
            }
            Job::ReplacePackages => self.publish_key_packages(job, self.config.key_packages, true),
            Job::Loose => {
                let write = self.loose_write()?;
                self.send_write(write, job);
                Ok(())
            }
        }
    }

    /// Sends a write; without one there was nothing to do after all.
    fn send_write(&mut self, write: Option<VaultWrite>, job: Job) {
        match write {
            Some(write) => self.request(&write, Pending::VaultWrite(job)),
            None => self.vault.busy = false,
        }
    }

    fn write_device_wrap(&mut self) -> Result<Option<VaultWrite>, Failure> {
        let (Some((standing, wraps)), Some(own)) = (self.standing_wraps(), &self.own) else {
            self.keys_are_stale();
            return Ok(None);
        };
        let name = RecordName::only(RecordKind::Wraps);
        let recipient = Recipient::device(own.device.id(), own.device.wrap_public());
        let wraps = wraps.with(&own.vault_keys, own.member, &recipient)?;
        let raw = Write::Raw(name, standing, standing + 1, wraps.encode());
        let new = NewKeys {
            wraps: Some((standing + 1, wraps)),
            ..NewKeys::default()
        };
        self.seal_write_with(vec![raw], vec![], new).map(Some)
    }

    pub(crate) fn vault_written(&mut self, job: Job, result: Result<Bytes, WireError>) {
        self.vault.busy = false;
        match result {
            Ok(bytes) => {
                self.adopt_candidate();
                self.job_done(job, &bytes);
            }
            Err(error) => {
                self.vault.candidate = None;
                self.job_refused(job, error);
            }
        }
    }

    fn job_done(&mut self, job: Job, bytes: &Bytes) {
        match job {
            Job::DeviceWrap => {
                self.vault.unlocked_by = None;
                if let Some(own) = &mut self.own {
                    own.wrapped = true;
                }
                self.save_own();
            }
            Job::Pins(members) => {
                for member in members {
                    let name = RecordName::new(RecordKind::Pin, member.as_bytes());
                    let version = self.vault.manifest.version(&name);
                    self.people.pin_is_at(member, version);
                    let sent = self.people.sent_pins.remove(&member);
                    if sent.as_ref() == self.people.pin(member) {
                        self.people.unsaved_pins.remove(&member);
                        self.people.decided.remove(&member);
                    }
                    self.save_person(member);
                }
            }
            Job::State(id, epoch) => self.state_saved(id, epoch),
            Job::Heads(id) => self.heads_saved(id),
            Job::Create(id) => self.created(id),
            Job::Commit(id) => self.committed(id, bytes),
            Job::AskRepair(id) => self.repair_was_asked(id),
            Job::Restart(id) => self.restart_taken(id, bytes),
            Job::Loose => self.loose_written(),
            Job::Rotate | Job::Tidy | Job::TimedOver => {}
            Job::DropPackages => self.packages_dropped(),
            Job::Passphrase | Job::ReplaceRoot | Job::Recovery | Job::Rename => self.proof_done(),
            Job::KeyPackages | Job::ReplacePackages => {
                self.vault.key_packages = 0;
                let last_resort = std::mem::take(&mut self.vault.last_resort);
                if last_resort || job == Job::ReplacePackages {
                    self.packages_replaced();
                    let now = self.server_now();
                    if let Some(own) = &mut self.own {
                        own.packages_renewed = now;
                        if job == Job::ReplacePackages {
                            own.packages_of = self.config.suite.number();
                        }
                    }
                    self.save_own();
                }
                if let Ok(left) = decode::<KeyPackagesLeft>(bytes) {
                    self.key_packages_left(left.left);
                }
            }
        }
    }

    fn job_refused(&mut self, job: Job, error: WireError) {
        if job == Job::Loose {
            self.loose_refused();
        }
        if error.code == ErrorCode::VaultConflict && job != Job::Loose {
            self.vault.stale = true; // the head covers all but these
        }
        if matches!(
            job,
            Job::Passphrase | Job::ReplaceRoot | Job::Recovery | Job::Rename
        ) {
            return self.proof_refused(error);
        }
        if error.code == ErrorCode::VaultConflict {
            return;
        }
        if error.retryable {
            let wait = error.retry_after_ms.map_or(RETRY_MS, Millis::from);
            self.hold(job, wait.max(100));
            return;
        }
        match job {
            Job::Create(id) => self.creation_refused(id, error),
            Job::Commit(id) => {
                let again = matches!(
                    error.code,
                    ErrorCode::EpochMoved | ErrorCode::KeyPackageInvalid
                );
                if !again && !self.refused_by_age(&error) {
                    self.hold(job, REFUSED_MS);
                }
                self.commit_refused(id, error);
            }
            Job::Restart(id) => self.restart_refused(id, error),
            Job::AskRepair(id) => {
                self.repair_was_asked(id);
                // a wrong clock, or a newer account key: the next request is another one
                if error.code == ErrorCode::NotAMember {
                    self.refused(id, error.into());
                }
            }
            Job::KeyPackages => {
                self.vault.key_packages = 0;
                self.vault.last_resort = false;
            }
            Job::ReplacePackages
                if self.packages_are_old() && error.code == ErrorCode::KeyPackageInvalid =>
            {
                self.hold(job, OLD_SERVER_MS);
            }
            _ => {
                self.vault.stale = true;
                self.hold(job, REFUSED_MS);
                self.fail(Doing::Background, error.into());
            }
        }
    }

    /// The connection went away under a write: it may have happened or not.
    pub(crate) fn vault_unanswered(&mut self, job: Job) {
        if job == Job::Loose {
            self.loose_refused();
        }
        self.vault.busy = false;
        self.vault.candidate = None;
    }

    pub(crate) fn vault_reset_for_connection(&mut self) {
        self.vault.busy = false;
        self.vault.candidate = None;
        self.vault.retry_at = None;
        self.vault.held.clear();
        self.vault.pin_rounds = 0;
        self.vault.heir_rounds = 0;
        self.vault.pins_again = None;
        self.vault.chain.arrived();
    }

    /// What held a job back is no more.
    pub(crate) fn vault_lets_go(&mut self, job: &Job) {
        self.vault.held.retain(|(held, _)| held != job);
    }

    /// What was begun is not sent after all.
    pub(crate) fn vault_free(&mut self) {
        self.vault.busy = false;
    }
}
