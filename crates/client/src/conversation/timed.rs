//! Secrets of messages that disappear. That of the present epoch is in the MLS state; those of epochs before are in the vault until
//! the last message of their epoch has gone, and mirrored here.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Millis;
use e2ee::{
    content::{Body, TimedSecret},
    mls,
    policy::{EXPIRY_SLACK_MS, MAX_TIMER_S, MIN_TIMER_S, latest_expiry},
    vault::{RecordKind, RecordName, open_record, record_key_number},
};
use protocol::{
    Bytes, ConversationId, decode, encode,
    methods::{
        conversations::Entry,
        vault::{GetRecords, Records, VaultWrite},
    },
};
use rand::Rng;

use super::{Conversation, chain::secret_key};
use crate::{
    Engine, Failure, Space, Store,
    pending::{HOLD_MS, Pending},
    vault::{Write, own_name, wire_name},
};

/// Records fetched, or deleted, at once.
const AT_ONCE: usize = 100;
/// Devices of a member delete after a random time below this, so that usually one does.
const APART_MS: Millis = 30_000;
/// Members renew the keys one after the other, so that usually one does: each waits so long for those before them.
const RANK_MS: u64 = 30_000;
/// Nobody waits for more members than so many.
const RANKS: u64 = 20;

/// What looking for a secret came to.
pub(crate) enum Timed {
    Known(TimedSecret),
    /// It has been asked for.
    Wait,
    /// It is gone, or never was for this member: so is what it opens.
    Gone,
}

/// The secrets of earlier epochs, by the ids of their vault records.
#[derive(Default)]
pub(crate) struct TimedSecrets {
    /// Until when they are kept (server's time); without the secret when that is over and the vault still has the record.
    records: BTreeMap<Vec<u8>, (u64, Option<TimedSecret>)>,
    /// Records that this device can't read.
    unreadable: BTreeSet<Vec<u8>>,
    /// The vault's head when its list was last compared with this.
    looked: u64,
    /// How long this device leaves deleting to others.
    apart: Millis,
    /// Not asked for before this time.
    held: Option<Millis>,
}

pub(crate) fn timed_name(id: ConversationId, restart: u32, epoch: u64) -> RecordName {
    RecordName::new(RecordKind::TimedSecret, &secret_key(id, restart, epoch))
}

impl TimedSecrets {
    pub(crate) fn load(&mut self, store: &impl Store, rng: &mut impl Rng) -> Result<(), Failure> {
        *self = Self {
            apart: rng.gen_range(0..APART_MS),
            ..Self::default()
        };
        for (key, value) in store.range(Space::Timed, &[], &[0xff; 29], usize::MAX, false)? {
            let (until, secret): (u64, Bytes) = decode(&value)?;
            self.records
                .insert(key, (until, TimedSecret::from_slice(&secret)));
        }
        Ok(())
    }
}

impl Conversation {
    /// The server's time from which on the keys are to be renewed, so that no state leads for long to the secret of what has
    /// disappeared: half a timer after the epoch began, if anything in it disappears, or is about to be `written`.
    fn renewal(&self, me: protocol::MemberId, written: bool) -> Option<u64> {
        let state = self.mls.as_ref()?;
        let timer_s = state.policy().timer_s;
        let used = self.rec.timed_in == state.epoch();
        if timer_s == 0 || !(used || written) || self.rec.gone {
            return None;
        }
        let half = self.rec.epoch_since.saturating_add(timer_s * 500);
        if written {
            return Some(half);
        }
        let members = state.members().into_iter();
        let before = members.take_while(|(m, _)| *m != me).count() as u64;
        Some(half + before.min(RANKS) * RANK_MS)
    }
}

impl<S: Store> Engine<S> {
    /// The secret for timed messages of an epoch.
    pub(super) fn find_timed(&mut self, entry: &Entry) -> Timed {
        let id = entry.conversation;
        let Some(conversation) = self.conversations.get(&id) else {
            return Timed::Gone;
        };
        if conversation.mls.is_none() {
            return Timed::Wait;
        }
        if let Some(state) = conversation.tree_of(entry) {
            return Timed::Known(state.timed_secret().clone());
        }
        let name = timed_name(id, entry.restart, entry.epoch);
        if let Some((_, secret)) = self.timed.records.get(&name.id) {
            return secret.clone().map_or(Timed::Gone, Timed::Known);
        }
        if !self.connection.synced() || !self.knows_vault() {
            return Timed::Wait;
        }
        let there = self.vault.manifest.version(&name) > 0;
        if there && !self.timed.unreadable.contains(&name.id) {
            return Timed::Wait;
        }
        Timed::Gone
    }

    /// Whether a message disappears as the rules of its epoch want it, as far as those are known here.
    pub(super) fn fits_timer(&self, entry: &Entry, body: &Body) -> bool {
        let state = self.conversations.get(&entry.conversation);
        let state = state.and_then(|c| c.tree_of(entry));
        let timer_s = state.map(|state| state.policy().timer_s);
        if !entry.timed {
            return body.kind.is_of_group() || timer_s.is_none_or(|timer_s| timer_s == 0);
        }
        let said = body.timer_s.unwrap_or(0);
        let fits = (MIN_TIMER_S..=MAX_TIMER_S).contains(&said)
            && timer_s.is_none_or(|timer_s| timer_s == said);
        let in_time = entry.expiry != 0 && entry.expiry <= latest_expiry(entry.time, said);
        fits && in_time && !body.kind.is_of_group()
    }

    /// An epoch in which messages disappear was closed by a commit that the server took at `time`: its secret is kept as long as
    /// any of them may stand.
    pub(super) fn keep_timed(&mut self, id: ConversationId, closed: &mls::Conversation, time: u64) {
        if closed.policy().timer_s == 0 {
            return;
        }
        let until = latest_expiry(time, closed.policy().timer_s);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let name = timed_name(id, rec.restart, closed.epoch());
        if self.timed.records.contains_key(&name.id) {
            return;
        }
        if self.vault.manifest.version(&name) == 0 {
            rec.unsaved_timed.push(closed.epoch());
        }
        let secret = closed.timed_secret().clone();
        self.put_timed(name.id, until, Some(secret));
    }

    fn put_timed(&mut self, id: Vec<u8>, until: u64, secret: Option<TimedSecret>) {
        let bytes = secret.as_ref().map_or(&[][..], |s| s.as_bytes());
        let value = encode(&(until, Bytes::copy_from_slice(bytes))).to_vec();
        self.batch.put(Space::Timed, id.clone(), value);
        self.batch.durable = true;
        self.timed.records.insert(id, (until, secret));
    }

    /// The records that keep these epochs' secrets in the vault, where it does not hold them and it is not too late.
    pub(super) fn timed_puts(&self, id: ConversationId, restart: u32, most: usize) -> Vec<Write> {
        let unsaved = self.conversations.get(&id).map(|c| &c.rec.unsaved_timed);
        let names = unsaved.into_iter().flatten();
        let names = names.map(|epoch| timed_name(id, restart, *epoch));
        let missing = names.filter(|name| self.vault.manifest.version(name) == 0);
        let puts = missing.filter_map(|name| match self.timed.records.get(&name.id)? {
            (until, Some(secret)) => {
                let plain = secret.to_record(*until);
                Some(Write::Put(name, 0, 1, plain))
            }
            (_, None) => None,
        });
        puts.take(most).collect()
    }

    /// The record for the epoch that a commit made here closes; when the server will take it is not known yet.
    pub(super) fn timed_put_of(&self, state: &mls::Conversation) -> Option<Write> {
        let timer_s = state.policy().timer_s;
        let name = timed_name(state.id(), state.restart(), state.epoch());
        if timer_s == 0 || self.vault.manifest.version(&name) != 0 {
            return None;
        }
        let until = latest_expiry(self.server_now().saturating_add(EXPIRY_SLACK_MS), timer_s);
        let plain = state.timed_secret().to_record(until);
        Some(Write::Put(name, 0, 1, plain))
    }

    /// Forgets to save what the vault holds, and what is over.
    pub(super) fn timed_saved(&mut self, id: ConversationId) {
        let (manifest, timed) = (&self.vault.manifest, &self.timed);
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let rec = &mut conversation.rec;
            let restart = rec.restart;
            rec.unsaved_timed.retain(|epoch| {
                let name = timed_name(id, restart, *epoch);
                let here = matches!(timed.records.get(&name.id), Some((_, Some(_))));
                here && manifest.version(&name) == 0
            });
        }
    }

    /// Mirrors what the vault holds of them: any device deletes what is over, so each knows when that is.
    pub(crate) fn want_timed(&mut self) {
        let head = self.vault.head_number();
        if self.timed.looked == head || !self.knows_vault() || self.is_asking(&Pending::Timed) {
            return;
        }
        if self.timed.held.is_some_and(|at| at > self.now) {
            return;
        }
        self.drop_deleted();
        let known =
            |id: &[u8]| self.timed.records.contains_key(id) || self.timed.unreadable.contains(id);
        let all = self.vault.manifest.entries();
        let missing = all.filter(|(n, ..)| n.kind == RecordKind::TimedSecret && !known(&n.id));
        let names: Vec<_> = missing.map(|(n, ..)| wire_name(n)).take(AT_ONCE).collect();
        if names.is_empty() {
            self.timed.looked = head;
        } else {
            self.request(&GetRecords { names }, Pending::Timed);
        }
    }

    /// What another device has deleted because it was over.
    fn drop_deleted(&mut self) {
        let manifest = &self.vault.manifest;
        let there = |id: &[u8]| manifest.version(&RecordName::new(RecordKind::TimedSecret, id)) > 0;
        let over = |(_, secret): &(u64, Option<TimedSecret>)| secret.is_none();
        let records = self.timed.records.iter();
        let gone = records.filter(|(id, record)| over(record) && !there(id));
        let gone: Vec<Vec<u8>> = gone.map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.timed.records.remove(&id);
            self.batch.delete(Space::Timed, id);
        }
    }

    pub(crate) fn timed_came(&mut self, result: Result<Records, Failure>) {
        let (Ok(found), Some(own)) = (result, &self.own) else {
            self.timed.held = Some(self.now + HOLD_MS);
            return;
        };
        if found.records.is_empty() {
            self.vault_is_stale(true); // deleted meanwhile
            self.timed.held = Some(self.now + HOLD_MS);
            return;
        }
        let (mut opened, mut refused, mut newer) = (Vec::new(), Vec::new(), false);
        for record in &found.records {
            let Some(name) = own_name(&record.name) else {
                continue;
            };
            let (version, bytes) = (record.version, &record.bytes);
            newer |= record_key_number(bytes).is_ok_and(|n| n > own.vault_keys.number());
            let plain = self
                .vault
                .manifest
                .check(&name, version, bytes)
                .and_then(|()| open_record(&own.vault_keys, own.member, &name, version, bytes))
                .and_then(|plain| TimedSecret::from_record(&plain));
            match plain {
                Ok((secret, until)) => opened.push((name.id, until, secret)),
                Err(_) => refused.push(name.id),
            }
        }
        if newer {
            self.keys_are_stale(); // another device has made a new vault key
            self.timed.held = Some(self.now + HOLD_MS);
            return;
        }
        self.timed.unreadable.extend(refused);
        for (id, until, secret) in opened {
            self.put_timed(id, until, Some(secret));
        }
    }

    /// Forgets secrets whose messages have all disappeared.
    pub(crate) fn sweep_timed(&mut self) {
        let Some(now) = self.sure_server_now() else {
            return;
        };
        let records = self.timed.records.iter();
        let over = records.filter(|(_, (until, secret))| *until <= now && secret.is_some());
        let over: Vec<_> = over.map(|(id, (until, _))| (id.clone(), *until)).collect();
        for (id, until) in over {
            self.put_timed(id, until, None);
            self.timed.looked = 0;
        }
    }

    /// Records in the vault whose time is over for this device too.
    fn over_in_vault(&self) -> impl Iterator<Item = (u64, RecordName, u64)> {
        self.timed.records.iter().filter_map(|(id, (until, _))| {
            let name = RecordName::new(RecordKind::TimedSecret, id);
            let version = self.vault.manifest.version(&name);
            (version > 0).then_some((until.saturating_add(self.timed.apart), name, version))
        })
    }

    pub(crate) fn timed_is_over(&self) -> bool {
        let now = self.sure_server_now();
        now.is_some_and(|now| self.over_in_vault().any(|(at, ..)| at <= now))
    }

    /// The write that deletes what is over.
    pub(crate) fn timed_over_write(&mut self) -> Result<Option<VaultWrite>, Failure> {
        let Some(now) = self.sure_server_now() else {
            return Ok(None);
        };
        let over = self.over_in_vault().filter(|(at, ..)| *at <= now);
        let deletes = over.map(|(_, name, version)| Write::Delete(name, version));
        let writes: Vec<Write> = deletes.take(AT_ONCE).collect();
        if writes.is_empty() {
            return Ok(None);
        }
        self.seal_write(writes, vec![]).map(Some)
    }

    /// Whether the keys have to be renewed before anything that disappears is written.
    pub(crate) fn is_too_old_to_send(&self, conversation: &Conversation) -> bool {
        let due = conversation.renewal(self.my_id(), true);
        due.is_some_and(|at| at <= self.server_now())
    }

    /// How long this device leaves to other ones what any device of the member may do.
    pub(super) fn apart(&self) -> Millis {
        self.timed.apart
    }

    /// Whether the keys are to be renewed because of a timer.
    pub(super) fn renewal_is_due(&self, id: ConversationId, conversation: &Conversation) -> bool {
        let Some(now) = self.sure_server_now() else {
            return false;
        };
        if conversation.rec.rules.timer_s == 0 {
            return false;
        }
        let mut waiting = self.outbox.messages();
        let written = waiting.any(|w| w.conversation == id && w.seq.is_none());
        let due = |written| conversation.renewal(self.my_id(), written);
        due(false).is_some_and(|at| at + self.timed.apart <= now)
            || written && due(true).is_some_and(|at| at <= now)
    }

    /// When something is due because of timers.
    pub(crate) fn timed_deadline(&self) -> Option<Millis> {
        let with_timer = self.conversations.values();
        let with_timer = with_timer.filter(|c| c.rec.rules.timer_s != 0 && c.broken.is_none());
        let renewals = with_timer.filter_map(|c| c.renewal(self.my_id(), false));
        let renewals = renewals.map(|at| at + self.timed.apart);
        let held = self.timed.records.values();
        let secrets = held.filter(|(_, s)| s.is_some()).map(|(until, _)| *until);
        let over = self.over_in_vault().map(|(at, ..)| at);
        let later = |at: &u64| self.sure_server_now().is_some_and(|now| *at > now);
        let next = renewals.chain(secrets).chain(over).filter(later).min();
        let next = next.and_then(|at| self.when_server_has(at));
        let held = self.timed.held.filter(|at| *at > self.now);
        next.into_iter().chain(held).min()
    }
}
