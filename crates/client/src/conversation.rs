//! A conversation as this device holds it: how far it has followed the log, its MLS state, what it waits for.

pub(crate) mod chain;
pub(crate) mod changes;
pub(crate) mod departures;
pub(crate) mod expiry;
pub(crate) mod forward;
mod freshness;
pub(crate) mod given;
pub(crate) mod group;
pub(crate) mod hiding;
pub(crate) mod history;
pub(crate) mod links;
pub(crate) mod load;
pub(crate) mod opening;
pub(crate) mod repair;
pub(crate) mod restart;
pub(crate) mod rows;
pub(crate) mod summary;
pub(crate) mod timed;

use std::{
    cell::OnceCell,
    collections::{BTreeMap, VecDeque},
};

use ambient::Millis;
use e2ee::{content::EpochSecret, identity::Purpose, mls};
use protocol::{
    Bytes, ConversationId, Hash32, MemberId, decode, encode,
    methods::conversations::{Entry, Welcome},
};
use serde::{Deserialize, Serialize};

use crate::{Engine, Failure, Space, Store, Update, people::People, receipts::Reached};

/// What is kept of a conversation besides its timeline.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) v: u8,
    /// Restart number of the group that the state is of, or is to be.
    pub(crate) restart: u32,
    pub(crate) direct: bool,
    pub(crate) members: Vec<MemberId>,
    pub(crate) first_seq: u64,
    /// Newest seq that the server is known to have.
    pub(crate) head_seq: u64,
    /// Last seq followed, without gaps since the anchor.
    pub(crate) cursor: u64,
    /// Transcript hash after it.
    pub(crate) transcript: Hash32,
    /// Epoch in force after it.
    pub(crate) log_epoch: u64,
    /// Restart number in force after it.
    #[serde(default)]
    pub(crate) log_restart: u32,
    /// Oldest seq held.
    pub(crate) low: u64,
    /// Transcript hash before it.
    pub(crate) low_transcript: Hash32,
    /// Epoch in force before it.
    pub(crate) low_epoch: u64,
    /// Restart number in force before it.
    #[serde(default)]
    pub(crate) low_restart: u32,
    /// Up to this epoch nothing leads back for this member, as it was meant: what was written before is not for them.
    #[serde(default)]
    pub(crate) cut_up_to: Option<chain::Place>,
    /// Where that is the beginning of a group founded anew: the first commit of it.
    #[serde(default)]
    pub(crate) low_commit: Option<Hash32>,
    /// The newest commits before the cursor, all by one author, where they were followed.
    #[serde(default)]
    pub(crate) run: restart::Run,
    /// Whom the group founded anew could not take along, and when key packages of theirs are asked for again.
    #[serde(default)]
    pub(crate) left_out: Vec<MemberId>,
    #[serde(default)]
    pub(crate) let_in_at: Millis,
    /// This device can't follow them.
    #[serde(default)]
    pub(crate) stuck: Option<restart::Stuck>,
    /// The number of the group's suite; 0 = not known yet.
    #[serde(default)]
    pub(crate) suite: u16,
    /// When this device looks again whether it can be taken over to a higher suite, and who was not ready for it.
    #[serde(default)]
    pub(crate) over_at: Millis,
    #[serde(default)]
    pub(crate) behind: Option<MemberId>,
    /// The conversation was founded anew, and its new group is not here yet.
    #[serde(default)]
    pub(crate) anew: Option<restart::Anew>,
    /// Own read mark.
    pub(crate) read: u64,
    /// What the other devices of this member have read is known: the receipts were seen once.
    #[serde(default)]
    pub(crate) marks_known: bool,
    /// What the last receipt said: (delivered, read).
    pub(crate) told: (u64, u64),
    /// Messages by others after the read mark.
    pub(crate) unread: u64,
    /// Newest message: server's time, beginning.
    pub(crate) last: Option<(u64, String)>,
    /// Its seq; 0 = not known.
    #[serde(default)]
    pub(crate) last_seq: u64,
    /// It is one's own.
    #[serde(default)]
    pub(crate) last_own: bool,
    /// When it disappears (server's time; 0 = never).
    #[serde(default)]
    pub(crate) last_expiry: u64,
    /// When something happened last that people see (server's time).
    #[serde(default)]
    pub(crate) newest: u64,
    /// Every row held has its count. (Rows of earlier versions have none.)
    #[serde(default)]
    pub(crate) counted: bool,
    /// Messages by others after the anchor.
    #[serde(default)]
    pub(crate) count: i64,
    /// The same before `low`: 0 or less.
    #[serde(default)]
    pub(crate) low_count: i64,
    /// The member is in it no more.
    pub(crate) gone: bool,
    /// The person has asked to leave.
    #[serde(default)]
    pub(crate) leaving: bool,
    /// They have left by themselves.
    #[serde(default)]
    pub(crate) left: bool,
    /// Members who left in the epoch in force at the cursor, and are still in the tree.
    #[serde(default)]
    pub(crate) departed: Vec<MemberId>,
    /// Epoch of the newest MLS state that the vault is known to hold.
    pub(crate) saved_epoch: u64,
    /// Key package whose private part goes when the joined state is saved.
    pub(crate) join_package: Option<Hash32>,
    /// A device that was signed out may know that key package: the leaf is to be changed.
    #[serde(default)]
    pub(crate) old_package: bool,
    /// Epochs whose secrets have to be kept as segment heads.
    pub(crate) unsaved_heads: Vec<u64>,
    /// Epochs whose secrets of timed messages have to be kept in the vault.
    #[serde(default)]
    pub(crate) unsaved_timed: Vec<u64>,
    /// The newest epoch in which a message that disappears was seen; 0 = none.
    #[serde(default)]
    pub(crate) timed_in: u64,
    /// When the epoch in force began (server's time; 0 = not known).
    #[serde(default)]
    pub(crate) epoch_since: u64,
    /// The seq of the commit that began it; 0 = not known yet.
    #[serde(default)]
    pub(crate) epoch_from: u64,
    /// Messages that disappeared unread, after the read mark.
    #[serde(default)]
    pub(crate) expired_unread: Vec<u64>,
    /// Epochs whose closing commits came without a good link, and were not meant to.
    #[serde(default)]
    pub(crate) unlinked: Vec<u64>,
    /// Links that were said anew, and the epochs that they lead to, until those are reached.
    #[serde(default)]
    pub(crate) replacements: Vec<(u64, Bytes)>,
    /// Made here, not confirmed by the server.
    pub(crate) creating: bool,
    /// The anchor is known: the log is followed from there.
    pub(crate) anchored: bool,
    /// Of a group: who may what.
    #[serde(default)]
    pub(crate) rules: group::Rules,
    /// Of a group: what a person has asked to be changed.
    #[serde(default)]
    pub(crate) wanted: group::Wanted,
    /// What it is called, and the seq at which that was said.
    #[serde(default)]
    pub(crate) title: Option<(u64, String)>,
    /// What it is to be called as soon as it is there.
    #[serde(default)]
    pub(crate) title_wanted: Option<String>,
    /// When the title is said again, because members came, unless somebody does before.
    #[serde(default)]
    pub(crate) title_due: Option<Millis>,
    /// The name of its picture (SHA-256; none: it was taken away), and the seq at which that was said.
    #[serde(default)]
    pub(crate) picture: Option<(u64, Option<Hash32>)>,
    /// When the picture is said again, likewise.
    #[serde(default)]
    pub(crate) picture_due: Option<Millis>,
}

/// A commit of this device that the server may or may not have taken.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingCommit {
    /// SHA-256 of the commit.
    pub(crate) hash: Hash32,
    /// The state after it.
    pub(crate) record: Bytes,
    /// Its public tree.
    pub(crate) tree: Bytes,
}

/// The MLS state as it is kept on this device.
#[derive(Serialize, Deserialize)]
struct StoredState {
    record: Bytes,
    tree: Bytes,
}

/// A page of older entries on its way into the timeline.
#[derive(Default)]
pub(crate) struct Older {
    /// First seq wanted.
    pub(crate) from: u64,
    /// Transcript hash before the first entry.
    pub(crate) before: Hash32,
    /// Entries that came so far, not yet verified.
    pub(crate) coming: Vec<Entry>,
    /// Verified entries with the transcript hashes before and after each; taken from the back.
    pub(crate) verified: VecDeque<(Entry, Hash32, Hash32)>,
}

/// Walking the links between the epoch in force at the cursor and that of the state.
#[derive(Default)]
pub(crate) struct Chain {
    /// Commits that came, and what replaces their links, in the order of the log.
    pub(crate) commits: Vec<Entry>,
    /// They are all there.
    pub(crate) whole: bool,
    /// Walked as far as it goes from this state: what is not reached now is not reached from it.
    pub(crate) walked: bool,
}

pub(crate) struct Conversation {
    pub(crate) rec: Record,
    /// Why nothing goes on here. Not kept: what fails is tried again at the next start, by a newer app perhaps, or when
    /// somebody's changed identity was accepted.
    pub(crate) broken: Option<String>,
    /// That is because a newer app has made what comes next.
    pub(crate) outdated: bool,
    /// Something was refused for the moment: not before this time again.
    pub(crate) held: Option<Millis>,
    pub(crate) mls: Option<mls::Conversation>,
    /// What is public of the epoch in force at the cursor, where this device is stuck in an earlier one.
    pub(crate) beyond: Option<mls::public::PublicConversation>,
    /// A Welcome waits at the server.
    pub(crate) invited: bool,
    /// Into the group of this restart number.
    pub(crate) invited_to: u32,
    pub(crate) welcome: Option<Welcome>,
    /// The plaintext key package record for the Welcome.
    pub(crate) key_package: Option<zeroize::Zeroizing<Vec<u8>>>,
    /// An MLS state record from the vault that waits for its tree.
    pub(crate) restoring: Option<(u64, zeroize::Zeroizing<Vec<u8>>)>,
    /// The state in the vault has to be fetched (again): another device of this member made the commit.
    pub(crate) wants_state: bool,
    /// From this seq on entries come in as they are written, on this connection; what is before is history.
    pub(crate) live_from: Option<u64>,
    /// A message was acknowledged beyond what is held since entries were last asked for.
    pub(crate) acknowledged: bool,
    /// Entries after the cursor.
    pub(crate) inbox: BTreeMap<u64, Entry>,
    pub(crate) secrets: BTreeMap<chain::Place, EpochSecret>,
    /// Commits fetched for the chain so far, on this connection.
    pub(crate) chain: Chain,
    pub(crate) heads_tried: BTreeMap<chain::Place, bool>,
    pub(crate) older: Option<Older>,
    pub(crate) wants_older: bool,
    pub(crate) wants_update: bool,
    /// A person has asked for it.
    pub(crate) update_asked: bool,
    /// What a person waits for that they asked to be changed in the group.
    pub(crate) changes_asked: Vec<crate::Doing>,
    /// Key packages of those who are to be added.
    pub(crate) packages: group::Packages,
    /// How many are added by one commit: fewer where the server said that there was no room for all.
    pub(crate) add_at_once: usize,
    /// A change that was asked for is on its way.
    pub(crate) change_sent: bool,
    /// How often they turned out to be of no use.
    pub(crate) tries: u8,
    /// When those who left are taken out by this device.
    pub(crate) departure_due: departures::Due,
    /// Not before this time any more.
    pub(crate) claims_held: Option<Millis>,
    pub(crate) receipt_due: Option<Millis>,
    pub(crate) receipts_asked: bool,
    /// Receipts under epochs that are not reached yet.
    pub(crate) early_receipts: BTreeMap<MemberId, protocol::methods::conversations::Receipt>,
    /// When this device says a missing link.
    pub(crate) link_due: Option<Millis>,
    /// One's own state is lost, or others ask for a new leaf.
    pub(crate) repairs: repair::Repairs,
    /// The old group's state is lost: the new one is joined without it.
    pub(crate) skips_old: bool,
    /// Founding the conversation anew, because this device is stuck.
    pub(crate) founding: restart::Founding,
    /// How far the members have got, once somebody has asked.
    pub(crate) reached: OnceCell<BTreeMap<MemberId, Reached>>,
}

impl Conversation {
    pub(crate) fn new(rec: Record) -> Self {
        Self {
            broken: rec.gone.then(gone),
            outdated: false,
            held: None,
            rec,
            mls: None,
            beyond: None,
            invited: false,
            invited_to: 0,
            welcome: None,
            key_package: None,
            restoring: None,
            wants_state: false,
            live_from: None,
            acknowledged: false,
            inbox: BTreeMap::new(),
            secrets: BTreeMap::new(),
            chain: Chain::default(),
            heads_tried: BTreeMap::new(),
            older: None,
            wants_older: false,
            wants_update: false,
            update_asked: false,
            changes_asked: Vec::new(),
            packages: group::Packages::new(),
            add_at_once: group::ADDED_AT_ONCE,
            change_sent: false,
            tries: 0,
            departure_due: departures::Due::default(),
            claims_held: None,
            receipt_due: None,
            receipts_asked: false,
            early_receipts: BTreeMap::new(),
            link_due: None,
            repairs: repair::Repairs::default(),
            skips_old: false,
            founding: restart::Founding::default(),
            reached: OnceCell::new(),
        }
    }

    pub(crate) fn connection_ended(&mut self) {
        self.welcome = None;
        self.older = None;
        self.inbox.clear();
        self.live_from = None;
        self.held = None;
        self.chain = Chain::default();
        self.heads_tried.clear();
        self.receipts_asked = false;
        self.receipt_due = None;
        self.claims_held = None;
        self.repairs.connection_ended();
        self.founding = restart::Founding::default();
    }

    /// There is nothing to do here until something comes; `receipts` = they are exchanged.
    pub(crate) fn at_rest(&self, receipts: bool) -> bool {
        let asked = self.receipts_asked || !receipts;
        let waits = self.wants_older || self.older.is_some() || self.wants_state;
        let quiet = self.inbox.is_empty() && self.early_receipts.is_empty();
        self.broken.is_some()
            || (self.caught_up() && asked && quiet && !waits && self.restoring.is_none())
    }

    /// Why nothing can be done here, if that is so: for want of an identity that is not accepted, perhaps; then that is what there
    /// is to say.
    pub(crate) fn stopped_by(&self, people: &People) -> Option<Failure> {
        let reason = self.broken.as_ref()?;
        if self.outdated {
            return Some(Failure::Outdated);
        }
        let changed = self.rec.members.iter().find(|m| people.has_changed(**m));
        let unverified = || Failure::Unverified(reason.clone());
        Some(changed.map_or_else(unverified, |m| Failure::IdentityChanged(*m)))
    }

    /// Everything that the server is known to have has been followed, and the state is that of now.
    pub(crate) fn caught_up(&self) -> bool {
        self.has_read_all() && self.rec.stuck.is_none() && self.mls.is_some()
    }

    /// Everything that the server is known to have has been looked at.
    pub(crate) fn has_read_all(&self) -> bool {
        self.rec.anchored && self.rec.cursor >= self.rec.head_seq
    }

    /// The state, if it is that of an entry's epoch.
    pub(crate) fn tree_of(&self, entry: &Entry) -> Option<&mls::Conversation> {
        let place = (entry.restart, entry.epoch);
        let state = self.mls.as_ref();
        state.filter(|state| (state.restart(), state.epoch()) == place)
    }
}

/// Words for a conversation that one is in no more.
pub(crate) fn gone() -> String {
    "you are no longer in this conversation".to_owned()
}

pub(crate) fn key(id: ConversationId, part: u8) -> Vec<u8> {
    let mut key = id.as_bytes().to_vec();
    key.push(part);
    key
}

/// Key of something at a seq of a conversation.
pub(crate) fn seq_key(id: ConversationId, seq: u64) -> Vec<u8> {
    let mut key = id.as_bytes().to_vec();
    key.extend_from_slice(&seq.to_be_bytes());
    key
}

pub(crate) const RECORD: u8 = 0;
pub(crate) const STATE: u8 = 1;
pub(crate) const PENDING: u8 = 2;
pub(crate) const BEYOND: u8 = 3;
pub(crate) const PICTURE: u8 = 4;

impl<S: Store> Engine<S> {
    pub(crate) fn load_conversations(&mut self) -> Result<(), Failure> {
        // the record is the first part of each; the others may be large, and are read when they are needed
        let mut from = Vec::new();
        while let Some((found, value)) = self
            .store
            .range(Space::Conversations, &from, &[0xff; 18], 1, false)?
            .pop()
        {
            let Some((part, id)) = found.split_last() else {
                break;
            };
            from = [id, &[0xff]].concat();
            let (RECORD, Ok(id)) = (*part, ConversationId::from_slice(id)) else {
                continue;
            };
            let rec: Record = decode(&value)?;
            if rec.v != 1 {
                return Err(crate::StoreError::Newer.into());
            }
            let given = rec.title_wanted.is_some() || rec.given_due().is_some();
            let moving = rec.leaving || !rec.departed.is_empty();
            if given || moving || !rec.wanted.is_nothing() {
                self.groups_at_work.insert(id);
            }
            if !rec.unlinked.is_empty() {
                self.unlinked.insert(id);
            }
            if rec.stuck.is_some() {
                self.stuck.insert(id);
            }
            if !rec.left_out.is_empty() {
                self.left_out.insert(id);
            }
            self.conversations.insert(id, Conversation::new(rec));
        }
        Ok(())
    }

    pub(crate) fn save_record(&mut self, id: ConversationId) {
        if let Some(conversation) = self.conversations.get(&id) {
            let value = encode(&conversation.rec).to_vec();
            self.batch.put(Space::Conversations, key(id, RECORD), value);
        }
    }

    /// Keeps the MLS state, durably: it is written before anything that depends on it is sent.
    pub(crate) fn save_state(&mut self, id: ConversationId) -> Result<(), Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(());
        };
        let Some(mls) = &conversation.mls else {
            return Ok(());
        };
        let stored = StoredState {
            record: Bytes::copy_from_slice(&mls.record_at(conversation.local_anchor(mls))),
            tree: mls.tree().map_err(mls_failure)?.into(),
        };
        let value = encode(&stored).to_vec();
        self.batch.put(Space::Conversations, key(id, STATE), value);
        self.batch.durable = true;
        self.save_record(id);
        Ok(())
    }

    /// Loads the MLS state that this device keeps, if it does.
    pub(crate) fn load_state(&mut self, id: ConversationId) -> Result<bool, Failure> {
        let Some(bytes) = self.store.get(Space::Conversations, &key(id, STATE))? else {
            return Ok(false);
        };
        let stored: StoredState = decode(&bytes)?;
        let (mls, _) =
            mls::Conversation::restore_at(&stored.record, &stored.tree).map_err(mls_failure)?;
        self.takes(mls.suite()).map_err(mls_failure)?;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.wants_update |= mls.own_certificate().purpose == Purpose::LastResort;
            conversation.rec.rules = group::Rules::of(mls.policy());
            conversation.rec.suite = mls.suite().number();
            conversation.mls = Some(mls);
        }
        self.load_beyond(id)?;
        Ok(true)
    }

    /// What is public beyond a state that is stuck.
    fn load_beyond(&mut self, id: ConversationId) -> Result<(), Failure> {
        let stuck = |c: &&mut Conversation| c.rec.stuck.is_some() && c.beyond.is_none();
        let Some(conversation) = self.conversations.get_mut(&id).filter(stuck) else {
            return Ok(());
        };
        let bytes = self.store.get(Space::Conversations, &key(id, BEYOND))?;
        let public = bytes.map(|bytes| mls::public::PublicConversation::from_bytes(&bytes));
        conversation.beyond = public.transpose().map_err(mls_failure)?;
        Ok(())
    }

    pub(crate) fn save_pending(
        &mut self,
        id: ConversationId,
        commit: &[u8],
        next: &mls::Conversation,
    ) -> Result<(), Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(());
        };
        let pending = PendingCommit {
            hash: e2ee::transcript::body_hash(commit),
            record: Bytes::copy_from_slice(&next.record_at(conversation.anchor())),
            tree: next.tree().map_err(mls_failure)?.into(),
        };
        let value = encode(&pending).to_vec();
        self.batch
            .put(Space::Conversations, key(id, PENDING), value);
        self.batch.durable = true;
        Ok(())
    }

    pub(crate) fn pending_commit(
        &self,
        id: ConversationId,
    ) -> Result<Option<PendingCommit>, Failure> {
        let bytes = self.value(Space::Conversations, &key(id, PENDING))?;
        Ok(bytes.map(|bytes| decode(&bytes)).transpose()?)
    }

    pub(crate) fn drop_pending(&mut self, id: ConversationId) {
        self.batch.delete(Space::Conversations, key(id, PENDING));
    }

    /// Whether this app takes part in groups of a suite: those of a higher one wait for a newer app.
    pub(crate) fn takes(&self, suite: mls::MlsSuite) -> Result<(), mls::MlsError> {
        let newer = mls::MlsError::UnknownVersion("MLS suite");
        (suite <= self.config.suite).then_some(()).ok_or(newer)
    }

    /// Stops a conversation that can't go on: for want of a newer app, or because something in it does not verify.
    pub(crate) fn stop_conversation(&mut self, id: ConversationId, failure: Failure) {
        if failure != Failure::Outdated {
            return self.break_conversation(id, failure.to_string());
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.broken = Some(failure.to_string());
            conversation.outdated = true;
        }
        self.fail(crate::Doing::Background, failure);
        self.tell(Update::Conversations);
        self.tell_change();
    }

    /// Stops a conversation in which something does not verify.
    pub(crate) fn break_conversation(&mut self, id: ConversationId, reason: String) {
        let mut failure = Failure::Unverified(reason.clone());
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.broken = Some(reason);
            conversation.outdated = false;
            failure = conversation.stopped_by(&self.people).unwrap_or(failure);
        }
        self.fail(crate::Doing::Background, failure);
        self.tell(Update::Conversations);
        self.tell_change();
    }
}

impl Conversation {
    /// As [`Self::anchor`], for a state from the vault that may be more than one epoch ahead of the log followed here.
    /// (This device keeps its cursor in the record beside it; the anchor inside is not used again.)
    fn local_anchor(&self, mls: &mls::Conversation) -> mls::Anchor {
        let mut anchor = self.anchor();
        if anchor.log_restart == mls.restart() || mls.epoch() > 1 {
            anchor.log_restart = mls.restart();
            let near = mls.epoch().saturating_sub(1)..=mls.epoch();
            anchor.log_epoch = anchor.log_epoch.clamp(*near.start(), *near.end());
        }
        anchor
    }

    /// The point of the log that the MLS state kept now belongs to.
    pub(crate) fn anchor(&self) -> mls::Anchor {
        mls::Anchor {
            seq: self.rec.cursor,
            transcript: self.rec.transcript,
            log_epoch: self.rec.log_epoch,
            log_restart: self.rec.log_restart,
        }
    }
}

pub(crate) fn mls_failure(error: mls::MlsError) -> Failure {
    match error {
        mls::MlsError::UnknownVersion(_) => Failure::Outdated,
        error => Failure::Unverified(error.to_string()),
    }
}
