//! The member's vault as this device knows it, and the writes that wait for it.
//!
//! What has to be written is read off the state each time (nothing is queued that a crash could lose); one write is
//! under way at a time; a lost compare-and-swap fetches the manifest and starts again from the state.

pub(crate) mod approval;
mod chain;
pub(crate) mod change;
mod jobs;
mod keys;
mod packages;

pub(crate) use chain::After;
pub(crate) use keys::NewKeys;
pub(crate) use packages::package_write;

use ambient::Millis;
use e2ee::vault::{Head, Manifest, Recipient, RecordKind, RecordName, WrapKey, Wraps, seal_record};
use protocol::{
    Bytes, ConversationId, decode,
    methods::vault::{self as wire, GetRecords, HeadPut, RecordDelete, RecordPut, VaultWrite},
};

use crate::{Doing, Engine, Failure, Space, Store, pending::Pending};

/// After a refusal that may pass (busy, read-only, rate limit), wait this long unless the server says otherwise.
pub(crate) const RETRY_MS: Millis = 2_000;
/// After a refusal that will hardly pass by itself, or an answer that does not verify.
const REFUSED_MS: Millis = 60_000;
/// After a server that does not know this app's suite yet.
const OLD_SERVER_MS: Millis = 24 * 3_600_000;
/// Key packages are replaced when they are this old, well before anybody refuses them (90 days).
const RENEW_AFTER_MS: Millis = 45 * DAY_MS;
const DAY_MS: Millis = 24 * 3_600_000;

/// What a write is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Job {
    /// Seals the vault key to this device.
    DeviceWrap,
    /// Keeps pins.
    Pins(Vec<protocol::MemberId>),
    /// Keeps the MLS state of a conversation (and what belongs to it).
    State(ConversationId, u64),
    /// Keeps secrets of epochs before cuts.
    Heads(ConversationId),
    /// Makes a conversation.
    Create(ConversationId),
    /// Changes a conversation's keys.
    Commit(ConversationId),
    /// Founds a conversation anew.
    Restart(ConversationId),
    /// Asks the others of a conversation for a new leaf.
    AskRepair(ConversationId),
    /// Offers more key packages.
    KeyPackages,
    /// Writes settings, drafts and cursors.
    Loose,
    /// Makes a new vault key, because a device was signed out.
    Rotate,
    /// Withdraws the key packages that a signed-out device knows, and offers new ones.
    ReplacePackages,
    /// Forgets the private parts of key packages that nobody can use any more.
    DropPackages,
    /// Takes off a change of keys what can't be done any more.
    Tidy,
    /// Deletes secrets of messages that have disappeared.
    TimedOver,
    /// Changes the passphrase.
    Passphrase,
    /// Sets a new passphrase with a new root identity, the old one being forgotten.
    ReplaceRoot,
    /// Makes a recovery code, or removes it.
    Recovery,
    /// Changes the name.
    Rename,
}

/// What stands once the write under way has succeeded.
struct Candidate {
    manifest: Manifest,
    head: Head,
    new: NewKeys,
}

#[derive(Default)]
pub(crate) struct VaultMirror {
    pub(crate) head: Option<Head>,
    pub(crate) manifest: Manifest,
    candidate: Option<Candidate>,
    busy: bool,
    /// The server has another head than this one: fetch the manifest first.
    stale: bool,
    /// The wraps, at the version that this device has read last.
    pub(crate) wraps: Option<(u64, Wraps)>,
    /// A list that waits for its keys.
    coming: Option<keys::Coming>,
    key_rounds: u32,
    heir_rounds: u32,
    /// Which ways into the vault another device has changed, as the wraps tell.
    ways: keys::Ways,
    /// Opens the wraps until this device has its own.
    pub(crate) unlocked_by: Option<WrapKey>,
    pub(crate) change: change::Change,
    approval: approval::Kept,
    /// How many key packages are to be offered.
    key_packages: usize,
    /// The last-resort package is to be replaced as well.
    last_resort: bool,
    old_packages: packages::Old,
    /// Jobs that were refused, and until when: one must not starve the others.
    held: Vec<(Job, Millis)>,
    pub(crate) retry_at: Option<Millis>,
    /// How often pins were asked for on this connection.
    pub(crate) pin_rounds: u32,
    /// Pins did not fit the list: both are asked for again at this time.
    pub(crate) pins_again: Option<Millis>,
    /// How the chain of heads is followed beyond the one known.
    chain: chain::Chain,
}

/// One change of the vault, before sealing.
pub(crate) enum Write {
    /// A sealed record: name, version that stands, new version, plaintext.
    Put(RecordName, u64, u64, zeroize::Zeroizing<Vec<u8>>),
    /// A record that is not sealed under the vault key (wraps, root).
    Raw(RecordName, u64, u64, Vec<u8>),
    /// Deletes the version that stands.
    Delete(RecordName, u64),
}

pub(crate) fn wire_name(name: &RecordName) -> wire::RecordName {
    wire::RecordName {
        kind: name.kind as u8,
        id: Bytes::copy_from_slice(&name.id),
    }
}

pub(crate) fn own_name(name: &wire::RecordName) -> Option<RecordName> {
    let kind = RecordKind::try_from(name.kind).ok()?;
    Some(RecordName::new(kind, &name.id))
}

fn line_key(name: &RecordName) -> Vec<u8> {
    let mut key = vec![name.kind as u8];
    key.extend_from_slice(&name.id);
    key
}

impl VaultMirror {
    pub(crate) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        self.chain.load(store)?;
        self.load_wraps(store)?;
        self.change.load(store)?;
        self.approval.load(store)?;
        self.old_packages.load(store)?;
        if let Some(bytes) = store.get(Space::Own, b"head")? {
            self.head = Some(Head::decode(&bytes)?);
        }
        for (key, value) in store.range(Space::Manifest, &[], &[0xff], usize::MAX, false)? {
            let (version, hash) = decode(&value)?;
            let Some((kind, id)) = key.split_first() else {
                continue;
            };
            match RecordKind::try_from(*kind) {
                Ok(known) => self
                    .manifest
                    .insert(RecordName::new(known, id), version, hash),
                Err(_) => self.manifest.insert_unknown(*kind, id, version, hash),
            }
        }
        Ok(())
    }

    pub(crate) fn head_number(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.number)
    }

    pub(crate) fn of(manifest: Manifest, head: Head) -> Self {
        Self {
            manifest,
            head: Some(head),
            ..Self::default()
        }
    }

    /// Only the list, as it is kept in the store, and what entries say of it.
    pub(crate) fn without_head(self) -> Self {
        Self {
            manifest: self.manifest,
            chain: self.chain,
            change: self.change,
            approval: self.approval,
            old_packages: self.old_packages,
            unlocked_by: self.unlocked_by,
            ..Self::default()
        }
    }

    pub(crate) fn into_parts(self) -> (Manifest, Option<Head>, Option<(u64, Wraps)>) {
        (self.manifest, self.head, self.wraps)
    }

    pub(crate) fn take_candidate(&mut self) -> Option<(Manifest, Head)> {
        let candidate = self.candidate.take()?;
        Some((candidate.manifest, candidate.head))
    }

    /// When there is something to try again.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        let held = self.held.iter().map(|(_, until)| *until);
        held.chain(self.retry_at).chain(self.pins_again).min()
    }

    /// Forgets what is over.
    pub(crate) fn release(&mut self, now: Millis) {
        self.held.retain(|(_, until)| *until > now);
        self.retry_at = self.retry_at.filter(|at| *at > now);
        if self.pins_again.take_if(|at| *at <= now).is_some() {
            self.stale = true;
        }
    }

    fn free(&self, now: Millis) -> bool {
        !self.busy && self.retry_at.is_none_or(|at| at <= now)
    }

    fn holds(&self, job: &Job, now: Millis) -> bool {
        let mut held = self.held.iter();
        held.any(|(held, until)| held == job && *until > now)
    }
}

impl<S: Store> Engine<S> {
    /// Whether such a write could be sent now.
    pub(crate) fn can_write_vault(&self, job: &Job) -> bool {
        let free = self.vault.free(self.now) && !self.vault.holds(job, self.now);
        free && !self.vault.stale && self.connection.read_only().is_none()
    }

    /// Something is sealed under a vault key that is not known here.
    pub(crate) fn keys_are_stale(&mut self) {
        if let Some(own) = &mut self.own {
            own.wraps_version = 0; // fetched with the next list
        }
        self.vault.stale = true;
    }

    /// Starts the next write that the state asks for.
    pub(crate) fn work_vault(&mut self) {
        if !self.connection.synced() || !self.vault.free(self.now) || self.own.is_none() {
            return;
        }
        self.vault.retry_at = None;
        if self.vault.stale {
            self.vault.busy = true;
            self.ask_manifest(Pending::Manifest);
            return;
        }
        if self.connection.read_only().is_some() {
            return;
        }
        while !self.vault.stale
            && let Some(job) = self.next_job()
        {
            let started = self.start_job(job.clone());
            if self.vault.busy && started.is_ok() {
                return;
            }
            self.vault.busy = false;
            self.vault.candidate = None;
            match (started, job) {
                (Ok(()), _) => {}
                (
                    Err(failure),
                    Job::Passphrase | Job::ReplaceRoot | Job::Recovery | Job::Rename,
                ) => self.proof_failed(failure),
                (Err(failure), job) => {
                    self.hold(job, RETRY_MS);
                    self.fail(Doing::Background, failure);
                }
            }
        }
    }

    /// Seals changes and signs the head that goes with them; they stand when the server has taken them.
    pub(crate) fn seal_write(
        &mut self,
        writes: Vec<Write>,
        joined: Vec<ConversationId>,
    ) -> Result<VaultWrite, Failure> {
        self.seal_write_with(writes, joined, NewKeys::default())
    }

    /// The same, with what it changes of the keys.
    pub(crate) fn seal_write_with(
        &mut self,
        writes: Vec<Write>,
        joined: Vec<ConversationId>,
        new: NewKeys,
    ) -> Result<VaultWrite, Failure> {
        let Some(own) = &self.own else {
            return Err(Failure::SignInFirst);
        };
        let mut manifest = self.vault.manifest.clone();
        let mut out = VaultWrite {
            joined,
            ..VaultWrite::default()
        };
        for write in writes {
            let (name, expected, version, bytes) = match write {
                Write::Put(name, expected, version, plain) => {
                    let bytes = seal_record(
                        &own.vault_keys,
                        own.member,
                        &name,
                        version,
                        &plain,
                        &mut self.rng,
                    )?;
                    (name, expected, version, bytes)
                }
                Write::Raw(name, expected, version, bytes) => (name, expected, version, bytes),
                Write::Delete(name, expected) => {
                    manifest.apply(&name, expected, None);
                    let name = wire_name(&name);
                    out.deletes.push(RecordDelete { name, expected });
                    continue;
                }
            };
            manifest.apply(&name, version, Some(&bytes));
            out.puts.push(RecordPut {
                name: wire_name(&name),
                expected,
                version,
                bytes: bytes.into(),
            });
        }
        // a new account key signs the list that it is in
        let account = new
            .identity
            .as_ref()
            .map_or(&own.account, |(_, i)| &i.account);
        let head = match &self.vault.head {
            Some(head) => head.next(account, manifest.hash(), self.now)?,
            None => Head::first(
                &own.account,
                own.instance,
                own.member,
                manifest.hash(),
                self.now,
            ),
        };
        out.head = Some(HeadPut {
            expected: self.vault.head_number(),
            bytes: Bytes::copy_from_slice(head.bytes()),
        });
        self.vault.candidate = Some(Candidate {
            manifest,
            head,
            new,
        });
        Ok(out)
    }

    /// The write under way has been taken: what was sealed stands.
    pub(crate) fn adopt_candidate(&mut self) {
        if let Some(candidate) = self.vault.candidate.take() {
            self.adopt(candidate.manifest, candidate.head);
            self.apply_keys(candidate.new);
        }
    }

    pub(crate) fn adopt(&mut self, manifest: Manifest, head: Head) {
        let before = std::mem::replace(&mut self.vault.manifest, manifest);
        let after = &self.vault.manifest;
        for (name, version, hash) in after.entries() {
            if before.version(name) != version {
                let value = protocol::encode(&(version, *hash)).to_vec();
                self.batch.put(Space::Manifest, line_key(name), value);
            }
        }
        for (name, _, _) in before.entries() {
            if after.version(name) == 0 {
                self.batch.delete(Space::Manifest, line_key(name));
            }
        }
        for (kind, id, version, hash) in after.unknown() {
            let value = protocol::encode(&(version, *hash)).to_vec();
            self.batch
                .put(Space::Manifest, [&[kind], id].concat(), value);
        }
        for (kind, id, _, _) in before.unknown() {
            if !after.unknown().any(|(k, i, _, _)| (k, i) == (kind, id)) {
                self.batch.delete(Space::Manifest, [&[kind], id].concat());
            }
        }
        self.batch
            .put(Space::Own, b"head".to_vec(), head.bytes().to_vec());
        self.batch.durable = true;
        self.vault.head = Some(head);
        self.vault.chain.arrived();
    }

    /// Another device wrote, or this one did and the event came first.
    pub(crate) fn vault_changed(&mut self, head: u64) {
        let coming = self.vault.candidate.as_ref().map(|c| c.head.number);
        if head > self.vault.head_number() && coming != Some(head) {
            self.vault.stale = true;
        }
    }

    /// Whether what this device knows of the vault is the newest it has heard of.
    pub(crate) fn knows_vault(&self) -> bool {
        !self.vault.stale
    }

    pub(crate) fn vault_is_stale(&mut self, stale: bool) {
        self.vault.stale |= stale;
    }

    pub(crate) fn vault_head_is(&mut self, head: u64) {
        let other = head != self.vault.head_number() || self.vault_is_behind();
        self.vault.stale = other || self.vault.wraps.is_none();
    }

    /// When the newest head known was signed (ms since 1970, by the clock of the device that did): a server that shows
    /// an old state to a fresh device can't change it.
    #[must_use]
    pub fn vault_head_time(&self) -> Option<u64> {
        self.vault.head.as_ref().map(|head| head.time)
    }

    pub(crate) fn key_packages_left(&mut self, left: u32) {
        if self.packages_are_newer() {
            return;
        }
        let left = left as usize;
        if left * 2 < self.config.key_packages {
            self.vault.key_packages = self.config.key_packages - left;
        }
        // one that lies ahead was noted by a wrong clock
        let now = self.server_now();
        let renewed = self.own.as_ref().map_or(now, |own| own.packages_renewed);
        if renewed.saturating_add(RENEW_AFTER_MS) <= now || renewed > now.saturating_add(DAY_MS) {
            self.vault.key_packages = self.config.key_packages;
            self.vault.last_resort = true;
        }
    }

    pub(crate) fn manifest_failed(&mut self, failure: Failure) {
        let wait = match failure.may_pass() {
            true => RETRY_MS,
            false => REFUSED_MS,
        };
        self.vault.retry_at = Some(self.now + wait);
        self.fail(Doing::Background, failure);
    }

    pub(crate) fn fetch_pins(&mut self, names: Vec<wire::RecordName>) {
        for chunk in names.chunks(protocol::limits::LOOKUP_MAX) {
            let names = chunk.to_vec();
            self.request(&GetRecords { names }, Pending::UnlockPins);
        }
    }

    /// The passphrase's and this device's recipients, at registration.
    pub(crate) fn first_recipients(
        wrap: &WrapKey,
        device: &e2ee::device::DeviceKeys,
    ) -> [Recipient; 2] {
        [
            wrap.as_recipient(),
            Recipient::device(device.id(), device.wrap_public()),
        ]
    }
}
