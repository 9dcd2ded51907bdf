//! Changing the keys: a new vault key, then new key packages, then a new leaf in every conversation. What is still to be
//! done stands in the vault itself, so that any device goes on with it, after any crash (`docs/crypto.md`, section 4).

use std::collections::BTreeSet;

use ambient::Millis;
use e2ee::vault::{
    IdentityRecord, KeyChange, Recipient, RecordKind, RecordName, VaultKeys, WrapKey, Wraps,
    open_record, seal_record,
};
use protocol::{
    Bytes, ConversationId, DeviceId, decode, encode,
    methods::vault::{GetRecords, Records, VaultWrite},
};
use rand::Rng;

use super::{Job, Write, keys::NewKeys, wire_name};
use crate::{
    Engine, Failure, Space, Store, Update, conversation::load::state_name, pending::Pending,
};

const CHANGE: &[u8] = b"change of keys";
/// Who did not begin a change of keys waits at least so long for those who did.
const OTHERS_MS: Millis = 5_000;

/// A change of keys, as far as this device knows it.
#[derive(Default)]
pub(crate) struct Change {
    /// What is to be done; none = nothing.
    record: Option<KeyChange>,
    /// Version of the vault's record that this is.
    version: u64,
    /// Devices that were signed out.
    revoked: BTreeSet<DeviceId>,
    /// From when on this device takes part.
    from: Option<Millis>,
    /// The progress that was told last; none = that there is nothing to do.
    told: Option<(u64, u64)>,
}

/// Said of wraps that should be known when they are used; they are fetched again then.
pub(crate) fn unknown_wraps() -> Failure {
    Failure::Unverified("the vault's wraps are not known".into())
}

fn name() -> RecordName {
    RecordName::only(RecordKind::KeyChange)
}

impl Change {
    pub(super) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        if let Some(bytes) = store.get(Space::Own, CHANGE)? {
            let (version, record): (u64, Bytes) = decode(&bytes)?;
            self.version = version;
            self.record = Some(KeyChange::decode(&record)?);
        }
        Ok(())
    }

    /// How far it has come; `stuck` are states whose conversations nobody can write to.
    fn progress(&self, stuck: impl Fn(&[u8]) -> bool) -> Option<(u64, u64)> {
        let record = self.record.as_ref()?;
        let left = record.left.iter().filter(|state| !stuck(state)).count() as u64;
        if left == 0 && !record.packages {
            return None;
        }
        let done = record.total.saturating_sub(left);
        // the key packages are a part of it as well
        let last = record.total.saturating_sub(u64::from(record.packages));
        Some((done.min(last), record.total))
    }
}

impl<S: Store> Engine<S> {
    /// How far a change of keys has come: so many conversations of so many; none = nothing can be done any more. What
    /// does not verify, or stands still, gets no new keys: it stays on the vault's list, for when it does, and nothing waits for
    /// it.
    #[must_use]
    pub fn changing_keys(&self) -> Option<(u64, u64)> {
        self.vault.change.progress(|state| self.is_stuck(state))
    }

    /// A conversation in which something does not verify, or whose last commit can't be followed.
    fn is_stuck(&self, state: &[u8]) -> bool {
        let id = state
            .get(..16)
            .and_then(|id| ConversationId::from_slice(id).ok());
        let conversation = id.and_then(|id| self.conversations.get(&id));
        // who alone can't follow gets new keys with a new leaf: that is waited for
        let by_all = |stuck: &crate::conversation::restart::Stuck| !stuck.is_alone();
        let stands = |c: &crate::conversation::Conversation| {
            c.broken.is_some() || c.rec.stuck.as_ref().is_some_and(by_all)
        };
        conversation.is_some_and(|c| stands(c) && !c.rec.gone)
    }

    /// Tells the progress when it is another than was told.
    pub(crate) fn tell_change(&mut self) {
        let now = self.changing_keys();
        let before = std::mem::replace(&mut self.vault.change.told, now);
        if before != now {
            let total = before.map_or(0, |(_, total)| total);
            let (done, total) = now.unwrap_or((total, total));
            self.tell(Update::ChangingKeys { done, total });
        }
    }

    /// The server has told which devices were signed out. `mine`: this device did it.
    pub(crate) fn signed_out_devices(&mut self, devices: &[DeviceId], mine: bool) {
        self.vault.change.revoked.extend(devices);
        if mine && self.must_rotate() {
            self.vault.change.from = Some(self.now);
        }
        self.join_change();
    }

    /// The vault key is still sealed to a device that was signed out.
    pub(crate) fn must_rotate(&self) -> bool {
        let revoked = &self.vault.change.revoked;
        let gone = |r: &Recipient| r.kind == WrapKey::DEVICE && revoked.contains(&DeviceId(r.id));
        let wraps = self.vault.wraps.as_ref();
        wraps.is_some_and(|(_, wraps)| wraps.recipients().any(|r| gone(&r)))
    }

    /// Takes part in what is to be done, after the others had time to.
    pub(crate) fn join_change(&mut self) {
        let to_do = self.vault.change.record.is_some() || self.must_rotate();
        if !to_do {
            self.vault.change.from = None;
        } else if self.vault.change.from.is_none() {
            self.leave_to_others();
        }
    }

    /// Somebody else is at it.
    fn leave_to_others(&mut self) {
        let wait = OTHERS_MS + self.rng.gen_range(0..OTHERS_MS);
        self.vault.change.from = Some(self.now + wait);
    }

    fn takes_part(&self) -> bool {
        self.vault.change.from.is_some_and(|from| from <= self.now)
    }

    /// Nothing can be done any more.
    pub(crate) fn keys_are_changed(&self) -> bool {
        self.changing_keys().is_none() && !self.must_rotate()
    }

    /// When this device is to take part.
    pub(crate) fn change_deadline(&self) -> Option<Millis> {
        self.vault.change.from.filter(|from| *from > self.now)
    }

    /// Fetches what is to be done, if the vault's list names another version than the one known.
    pub(crate) fn want_change(&mut self) {
        let standing = self.vault.manifest.version(&name());
        if standing == self.vault.change.version {
            return;
        }
        if standing == 0 {
            self.change_is(0, None, false);
        } else if !self.is_asking(&Pending::KeyChange) {
            let names = vec![wire_name(&name())];
            self.request(&GetRecords { names }, Pending::KeyChange);
        }
    }

    pub(crate) fn change_came(&mut self, result: Result<Records, Failure>) {
        let (Ok(found), Some(own)) = (result, &self.own) else {
            self.vault.stale = true; // and the list once more
            return;
        };
        let opened = found.records.first().and_then(|record| {
            let (version, bytes) = (record.version, &record.bytes);
            self.vault.manifest.check(&name(), version, bytes).ok()?;
            let plain = open_record(&own.vault_keys, own.member, &name(), version, bytes).ok()?;
            Some((version, KeyChange::decode(&plain).ok()?))
        });
        match opened {
            Some((version, change)) => self.change_is(version, Some(change), false),
            None => self.vault.stale = true,
        }
    }

    /// What is to be done is this now, by this device (`mine`) or by another.
    pub(super) fn change_is(&mut self, version: u64, record: Option<KeyChange>, mine: bool) {
        match &record {
            Some(change) => {
                let kept = encode(&(version, Bytes::copy_from_slice(&change.encode()))).to_vec();
                self.batch.put(Space::Own, CHANGE.to_vec(), kept);
            }
            None => self.batch.delete(Space::Own, CHANGE.to_vec()),
        }
        self.vault.change.version = version;
        self.vault.change.record = record;
        if self.vault.change.record.is_none() {
            self.join_change();
        } else if mine {
            self.vault.change.from = Some(self.now);
        } else {
            self.leave_to_others();
        }
        self.tell_change();
    }

    /// The write that takes something off the list, and the list after it. None without a list.
    pub(crate) fn change_write(
        &self,
        edit: impl FnOnce(&mut KeyChange),
    ) -> Option<(Write, (u64, Option<KeyChange>))> {
        let change = &self.vault.change;
        let mut record = change.record.clone()?;
        edit(&mut record);
        if record.left.is_empty() && !record.packages {
            return Some((Write::Delete(name(), change.version), (0, None)));
        }
        let version = change.version + 1;
        let write = Write::Put(name(), change.version, version, record.encode());
        Some((write, (version, Some(record))))
    }

    /// Whether a conversation still has a leaf that a signed-out device knows.
    pub(crate) fn has_old_leaf(&self, id: ConversationId, restart: u32) -> bool {
        let record = self.vault.change.record.as_ref();
        record.is_some_and(|record| record.left.contains(&state_name(id, restart).id))
    }

    /// Conversations that get a new leaf now, direct ones first.
    pub(crate) fn leaves_to_change(&self) -> Vec<ConversationId> {
        if self.vault.change.record.is_none() || !self.takes_part() {
            return Vec::new();
        }
        let old = self
            .conversations
            .iter()
            .filter(|(id, c)| self.has_old_leaf(**id, c.rec.restart));
        let mut old: Vec<_> = old.map(|(id, c)| (!c.rec.direct, *id)).collect();
        old.sort_unstable();
        old.into_iter().map(|(_, id)| id).collect()
    }

    /// The next thing that a change of keys asks of the vault, but for the conversations.
    pub(super) fn change_job(&self) -> Option<Job> {
        let takes_part = self.takes_part() && self.own.as_ref().is_some_and(|own| own.wrapped);
        // what the passphrase's recipient is mixed with stays
        let takes_part = takes_part && self.knows_approval();
        if !takes_part {
            return None;
        }
        if self.must_rotate() {
            return Some(Job::Rotate);
        }
        let record = self.vault.change.record.as_ref()?;
        if record.packages {
            return Some(Job::ReplacePackages);
        }
        let hopeless = record.left.iter().any(|id| self.is_hopeless(id));
        hopeless.then_some(Job::Tidy)
    }

    /// A conversation that this member is in no more needs no new leaf.
    fn is_hopeless(&self, state: &[u8]) -> bool {
        let (Some(id), Some(restart)) = (state.get(..16), state.get(16..)) else {
            return true;
        };
        let known = ConversationId::from_slice(id)
            .ok()
            .and_then(|id| self.conversations.get(&id));
        known.is_none_or(|c| c.rec.gone || c.rec.restart.to_be_bytes() != restart)
    }

    pub(super) fn tidy_write(&mut self) -> Result<Option<VaultWrite>, Failure> {
        let record = self.vault.change.record.as_ref();
        let hopeless: Vec<_> = record
            .into_iter()
            .flat_map(|record| record.left.iter())
            .filter(|id| self.is_hopeless(id))
            .cloned()
            .collect();
        let write = self.change_write(|change| {
            for id in &hopeless {
                change.left.remove(id);
            }
        });
        let Some((write, change)) = write else {
            return Ok(None);
        };
        let new = NewKeys {
            change: Some(change),
            ..NewKeys::default()
        };
        self.seal_write_with(vec![write], vec![], new).map(Some)
    }

    /// The write with a new vault key for everybody who remains.
    pub(super) fn rotation_write(&mut self) -> Result<Option<VaultWrite>, Failure> {
        if !self.must_rotate() {
            return Ok(None);
        }
        if self.standing_wraps().is_none() {
            self.keys_are_stale();
            return Ok(None);
        }
        let (writes, new) = self.rotate(None)?;
        self.seal_write_with(writes, vec![], new).map(Some)
    }

    /// A new vault key, and the list of what is to be done then. `passphrase`: its new recipient, if it has changed, and
    /// the next account key with its certificate.
    pub(crate) fn rotate(
        &mut self,
        passphrase: Option<(&WrapKey, IdentityRecord)>,
    ) -> Result<(Vec<Write>, NewKeys), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (version, wraps) = self.standing_wraps().ok_or_else(unknown_wraps)?;
        let revoked = &self.vault.change.revoked;
        // the recovery code ends where the root changes: its root key is not at hand
        let root = passphrase.as_ref().map(|(_, next)| next.certificate.root);
        let code_stays = root.is_none_or(|root| root == own.certificate.root);
        let keep = |r: &Recipient| match r.kind {
            WrapKey::DEVICE => !revoked.contains(&DeviceId(r.id)),
            WrapKey::RECOVERY_CODE => code_stays,
            WrapKey::PASSPHRASE => root.is_none(), // the new one comes below
            _ => true,
        };
        let approval = self.approval_secret()?;
        let (keys, mut wraps) = wraps.rotate(
            &own.vault_keys,
            own.member,
            keep,
            approval.as_ref(),
            &mut self.rng,
        )?;
        let mut identity = None;
        if let Some((passphrase, next)) = passphrase {
            wraps = wraps.with_key(&keys, own.member, passphrase, &mut self.rng)?;
            identity = Some(next);
        }
        let (change_version, change, sealed) = self.new_change(&keys)?;
        let mut writes = vec![
            Write::Raw(
                RecordName::only(RecordKind::Wraps),
                version,
                version + 1,
                wraps.encode(),
            ),
            Write::Raw(name(), change_version, change_version + 1, sealed),
        ];
        let identity = identity
            .map(|identity| {
                let (write, version) = self.identity_write(&keys, &identity)?;
                writes.push(write);
                Ok::<_, Failure>((version, identity))
            })
            .transpose()?;
        let new = NewKeys {
            vault_keys: Some(keys),
            wraps: Some((version + 1, wraps)),
            identity,
            change: Some((change_version + 1, Some(change))),
            approval: None,
        };
        Ok((writes, new))
    }

    /// The identity record, sealed under these keys, and its version.
    fn identity_write(
        &mut self,
        keys: &VaultKeys,
        identity: &IdentityRecord,
    ) -> Result<(Write, u64), Failure> {
        let name = RecordName::only(RecordKind::Identity);
        let standing = self.vault.manifest.version(&name);
        let version = standing + 1;
        let plain = identity.encode();
        let member = self.my_id();
        let sealed = seal_record(keys, member, &name, version, &plain, &mut self.rng)?;
        Ok((Write::Raw(name, standing, version, sealed), version))
    }

    /// The wraps as they stand, if they are known.
    pub(crate) fn standing_wraps(&self) -> Option<(u64, Wraps)> {
        let name = RecordName::only(RecordKind::Wraps);
        let standing = self.vault.manifest.version(&name);
        let wraps = self.vault.wraps.clone();
        wraps.filter(|(version, _)| *version == standing)
    }

    /// Everything is to be done, sealed under the new key already.
    fn new_change(&mut self, keys: &VaultKeys) -> Result<(u64, KeyChange, Vec<u8>), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let states = self.vault.manifest.entries();
        let states = states.filter(|(name, ..)| name.kind == RecordKind::MlsState);
        let left: BTreeSet<Vec<u8>> = states.map(|(name, ..)| name.id.clone()).collect();
        let change = KeyChange {
            key_number: keys.number(),
            total: left.len() as u64,
            packages: true,
            left,
        };
        let standing = self.vault.manifest.version(&name());
        let sealed = seal_record(
            keys,
            own.member,
            &name(),
            standing + 1,
            &change.encode(),
            &mut self.rng,
        )?;
        Ok((standing, change, sealed))
    }

    /// A conversation that was joined by a key package which a signed-out device knows: it is added to the list.
    pub(crate) fn old_leaf_write(
        &self,
        id: ConversationId,
        restart: u32,
    ) -> Option<(Write, (u64, Option<KeyChange>))> {
        let own = self.own.as_ref()?;
        let state = state_name(id, restart).id;
        if self.vault.change.record.is_some() {
            return self.change_write(|change| {
                change.total += u64::from(change.left.insert(state));
            });
        }
        let standing = self.vault.change.version; // if there is one that is not known here, the server refuses
        let change = KeyChange {
            key_number: own.vault_keys.number(),
            total: 1,
            packages: false,
            left: [state].into(),
        };
        let write = Write::Put(name(), standing, standing + 1, change.encode());
        Some((write, (standing + 1, Some(change))))
    }
}
