//! Links that commits came without, or with ones that do not open: who notices says them anew, for those who follow the
//! chain back later (`docs/crypto.md`, section 5).

use ambient::Millis;
use e2ee::{
    content::Seen,
    identity::Roster,
    links::{open_link, seal_link},
    mls::{self, CommitData},
    policy::History,
    statement::ReplacementLink,
    transcript::EntryKind,
};
use protocol::{
    Bytes, ConversationId, ErrorCode, WireError, decode,
    details::EpochMoved,
    methods::conversations::{Declare, Entry, kind},
};
use rand::Rng;

use super::{forward::Opening, load::Step, rows::Content};
use crate::{
    Engine, Failure, Store,
    pending::{HOLD_MS, Pending},
};

/// Each waits so long for every member before it in the tree, at most for so many.
const TURN_MS: Millis = 1_000;
const TURNS: u64 = 60;
/// After a link was said, its entry is waited for.
const SAID_MS: Millis = 60_000;
/// Links kept for commits that were not reached yet, and epochs whose links are to be said.
const KEPT_MAX: usize = 64;

impl<S: Store> Engine<S> {
    /// A commit came without a good link, and was not meant to cut anybody off: its link is to be said anew.
    pub(super) fn link_missing(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        next: &mls::Conversation,
    ) {
        let said = entry
            .body
            .as_ref()
            .and_then(|body| CommitData::peek(body).ok());
        let Some((_, data)) = said else { return };
        let (added, removed) = (&data.said.added, &data.said.removed);
        let comes = added.iter().any(|m| !removed.contains(m));
        let cut = comes && next.policy().history == History::SinceJoined;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let before = conversation.mls.as_ref().map(mls::Conversation::members);
        let before = before.unwrap_or_default();
        let newest = |member| self.people.newest(member).map(|c| c.root);
        let another_root = before.iter().any(|(member, leaf)| {
            let root = self
                .people
                .certificate(*member, leaf.generation)
                .map(|c| c.root);
            added.contains(member) && root != newest(*member)
        });
        let unlinked = &mut conversation.rec.unlinked;
        if !cut && !another_root && unlinked.len() < KEPT_MAX {
            unlinked.push(entry.epoch);
            conversation.link_due = None;
            self.unlinked.insert(id);
        }
    }

    /// Says links that are missing, each member in turn, so that usually one does.
    pub(crate) fn work_links(&mut self) {
        for id in self.unlinked.clone() {
            if !self.work_link(id) {
                self.unlinked.remove(&id);
            }
        }
    }

    /// False: nothing is left to be said.
    fn work_link(&mut self, id: ConversationId) -> bool {
        let (me, now) = (self.my_id(), self.now);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return false;
        };
        let Some(epoch) = conversation.rec.unlinked.first().copied() else {
            return false;
        };
        if conversation.rec.gone {
            return false;
        }
        let Some(state) = &conversation.mls else {
            return true;
        };
        if !conversation.caught_up() || conversation.broken.is_some() {
            return true;
        }
        let Some(due) = conversation.link_due else {
            let before = state.members().iter().take_while(|(m, _)| *m != me).count();
            let turn = u64::try_from(before).unwrap_or(TURNS).min(TURNS);
            conversation.link_due = Some(now + turn * TURN_MS + self.rng.gen_range(0..=TURN_MS));
            return true;
        };
        if due > now || self.is_asking(&Pending::Link(id, epoch)) {
            return true;
        }
        if !self.say_link(id, epoch).unwrap_or(false) {
            self.link_said(id, epoch);
        }
        true
    }

    /// False: what it takes is not here.
    fn say_link(&mut self, id: ConversationId, epoch: u64) -> Result<bool, Failure> {
        let Some(restart) = self.conversations.get(&id).map(|c| c.rec.restart) else {
            return Ok(false);
        };
        let (Some(e_n), Some(after)) = (
            self.known_secret(id, (restart, epoch))?,
            self.known_secret(id, (restart, epoch + 1))?,
        ) else {
            return Ok(false);
        };
        let (Some(conversation), Some(own)) = (self.conversations.get(&id), &self.own) else {
            return Ok(false);
        };
        let Some(state) = &conversation.mls else {
            return Ok(false);
        };
        let rec = &conversation.rec;
        let said = ReplacementLink {
            epoch,
            link: seal_link(&after, epoch, id, restart, &e_n),
        };
        let seen = Seen {
            seq: rec.cursor,
            hash: rec.transcript,
        };
        let kind = EntryKind::ReplacementLink;
        let statement = state.declare(kind, seen, own.device.id(), said.encode());
        let params = Declare {
            conversation: id,
            epoch: state.epoch(),
            kind: kind::REPLACEMENT_LINK,
            statement: statement.into(),
        };
        self.request(&params, Pending::Link(id, epoch));
        Ok(true)
    }

    pub(crate) fn link_answered(
        &mut self,
        id: ConversationId,
        epoch: u64,
        result: Result<Bytes, WireError>,
    ) {
        let now = self.now;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        match result {
            Ok(_) => conversation.link_due = Some(now + SAID_MS),
            Err(error) if error.code == ErrorCode::EpochMoved => {
                let moved = error.data.and_then(|d| decode::<EpochMoved>(&d).ok());
                let rec = &mut conversation.rec;
                rec.head_seq = moved.map_or(rec.head_seq, |m| rec.head_seq.max(m.head_seq));
                conversation.link_due = Some(now + HOLD_MS);
            }
            Err(error) if error.retryable => {
                let wait = error.retry_after_ms.map_or(HOLD_MS, Millis::from);
                conversation.link_due = Some(now + wait.max(HOLD_MS));
            }
            Err(_) => self.link_said(id, epoch),
        }
    }

    /// Somebody has said the link to this epoch, or nobody here can.
    fn link_said(&mut self, id: ConversationId, epoch: u64) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.rec.unlinked.retain(|n| *n != epoch);
            conversation.link_due = None;
        }
        self.save_record(id);
    }

    /// Somebody says a link anew.
    pub(super) fn follow_replacement(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Step, Failure> {
        let log_epoch = self.conversations.get(&id).map(|c| c.rec.log_epoch);
        if log_epoch != Some(entry.epoch) {
            self.follow(entry, Content::Unverified);
            return Ok(Step::On);
        }
        match self.replacement_in(id, entry) {
            Ok(content) => self.follow(entry, content),
            Err(Opening::Wait) => return Ok(Step::Wait),
            Err(Opening::Newer) => self.follow(entry, Content::Newer),
            Err(_) => self.follow(entry, Content::Unverified),
        }
        Ok(Step::On)
    }

    /// What an entry with a link comes to. One that leads to a known secret must open to it; others are kept until their
    /// commit is reached.
    pub(super) fn replacement_in(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Content, Opening> {
        if entry.body.is_none() {
            return Ok(Content::Removed);
        }
        let statement = self.statement_in(id, entry, EntryKind::ReplacementLink)?;
        let said = ReplacementLink::decode(&statement.content).map_err(|_| Opening::Refused)?;
        let (epoch, restart) = (said.epoch, entry.restart);
        let known = |engine: &mut Self, n| engine.known_secret(id, (restart, n)).ok().flatten();
        let (e_n, after) = (known(self, epoch), known(self, epoch + 1));
        match (e_n, after) {
            (Some(e_n), Some(after)) => {
                let c_n = e_n.commitment();
                if open_link(&after, epoch, id, restart, &said.link, c_n).is_err() {
                    return Err(Opening::Refused);
                }
                self.link_said(id, epoch);
            }
            (Some(_), None) => {}
            (None, _) => {
                if let Some(conversation) = self.conversations.get_mut(&id) {
                    let kept = &mut conversation.rec.replacements;
                    kept.retain(|(n, link)| *n != epoch || *link != said.link);
                    if kept.len() < KEPT_MAX {
                        kept.push((epoch, said.link.into()));
                    }
                }
            }
        }
        Ok(Content::Relinked)
    }

    /// Links that were said anew and may lead from a commit to the epoch that it closed.
    pub(super) fn replacements(&self, id: ConversationId, epoch: u64) -> Vec<Bytes> {
        let rec = self.conversations.get(&id).map(|c| &c.rec);
        let kept = rec.map_or(&[][..], |rec| &rec.replacements);
        let fits = kept.iter().filter(|(n, _)| *n == epoch);
        fits.map(|(_, link)| link.clone()).collect()
    }

    /// When a link is due to be said.
    pub(crate) fn links_deadline(&self) -> Option<Millis> {
        let all = self
            .unlinked
            .iter()
            .filter_map(|id| self.conversations.get(id));
        all.filter_map(|c| c.link_due)
            .filter(|at| *at > self.now)
            .min()
    }
}
