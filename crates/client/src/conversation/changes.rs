//! Changing a conversation's keys, and keeping its state in the vault.

use e2ee::{
    mls::{Change, CommitContext},
    vault::{RecordKind, RecordName},
};
use protocol::{
    Bytes, ConversationId, ErrorCode, WireError, decode,
    details::EpochMoved,
    methods::{
        conversations::{Accepted, CommitConversation},
        vault::VaultWrite,
    },
};

use super::{
    Conversation, chain::segment_head_name, load::state_name, mls_failure, opening::welcomes_of,
};
use crate::{
    Doing, Engine, Failure, Store,
    pending::Pending,
    vault::{Job, NewKeys, Write},
};

/// Secrets before cuts written at once.
const HEADS_AT_ONCE: usize = 100;

impl<S: Store> Engine<S> {
    /// Conversations with secrets before cuts that the vault does not hold.
    pub(crate) fn unsaved_heads(&self) -> impl Iterator<Item = ConversationId> {
        let unsaved =
            |c: &&Conversation| !(c.rec.unsaved_heads.is_empty() && c.rec.unsaved_timed.is_empty());
        let all = self.conversations.iter();
        all.filter(move |(_, c)| unsaved(c)).map(|(id, _)| *id)
    }

    /// The write that keeps secrets before cuts, before any state that has moved past them is written.
    pub(crate) fn heads_write(
        &mut self,
        id: ConversationId,
    ) -> Result<Option<VaultWrite>, Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(None);
        };
        let restart = conversation.rec.restart;
        let mut writes = Vec::new();
        for epoch in conversation.rec.unsaved_heads.clone() {
            let name = segment_head_name(id, restart, epoch);
            if self.vault.manifest.version(&name) == 0 && writes.len() < HEADS_AT_ONCE {
                let secret = self.known_secret(id, (restart, epoch))?;
                let secret = secret.ok_or_else(|| Failure::Store("an epoch's secret".into()))?;
                writes.push(Write::Put(name, 0, 1, secret.to_segment_head()));
            }
        }
        writes.extend(self.timed_puts(id, restart, HEADS_AT_ONCE));
        if writes.is_empty() {
            self.heads_saved(id);
            return Ok(None);
        }
        self.seal_write(writes, vec![]).map(Some)
    }

    /// Forgets to save what the vault holds.
    pub(crate) fn heads_saved(&mut self, id: ConversationId) {
        let manifest = &self.vault.manifest;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let rec = &mut conversation.rec;
            let restart = rec.restart;
            rec.unsaved_heads
                .retain(|epoch| manifest.version(&segment_head_name(id, restart, *epoch)) == 0);
        }
        self.timed_saved(id);
        self.save_record(id);
    }

    /// The old group's state goes when that of the new one is kept: the link leads to what it opens.
    pub(super) fn old_state_delete(&self, id: ConversationId, restart: u32) -> Option<Write> {
        let name = state_name(id, restart);
        let standing = self.vault.manifest.version(&name);
        (standing > 0).then_some(Write::Delete(name, standing))
    }

    /// Conversations whose newest MLS state the vault does not hold.
    pub(crate) fn unsaved_states(&self) -> impl Iterator<Item = (ConversationId, u64)> {
        self.conversations.iter().filter_map(|(id, c)| {
            let epoch = c.mls.as_ref()?.epoch();
            let heads = c.rec.unsaved_heads.is_empty() && c.rec.unsaved_timed.is_empty();
            let place = (c.rec.log_restart, c.rec.log_epoch + 1);
            let near = place >= (c.rec.restart, epoch);
            let here = near && c.rec.anchored && !c.rec.creating && heads;
            (here && epoch > c.rec.saved_epoch).then_some((*id, epoch))
        })
    }

    /// The write that keeps a state, with what belongs to it; none when another device has done it.
    pub(crate) fn state_write(
        &mut self,
        id: ConversationId,
    ) -> Result<Option<VaultWrite>, Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(None);
        };
        let Some(state) = &conversation.mls else {
            return Ok(None);
        };
        let rec = &conversation.rec;
        let name = state_name(id, rec.restart);
        let standing = self.vault.manifest.version(&name);
        if standing >= state.epoch() {
            self.state_saved(id, standing);
            return Ok(None);
        }
        let plain = state.record_at(conversation.anchor());
        let mut writes = vec![Write::Put(name, standing, state.epoch(), plain)];
        if let Some(package) = rec.join_package {
            let name = RecordName::new(RecordKind::KeyPackage, package.as_bytes());
            let standing = self.vault.manifest.version(&name);
            if standing > 0 {
                writes.push(Write::Delete(name, standing));
            }
        }
        if let Some(before) = rec.restart.checked_sub(1) {
            writes.extend(self.old_state_delete(id, before));
        }
        let joined = if rec.saved_epoch == 0 {
            vec![id]
        } else {
            vec![]
        };
        let mut new = NewKeys::default();
        if rec.old_package
            && let Some((write, change)) = self.old_leaf_write(id, rec.restart)
        {
            writes.push(write);
            new.change = Some(change);
        }
        self.seal_write_with(writes, joined, new).map(Some)
    }

    pub(crate) fn state_saved(&mut self, id: ConversationId, epoch: u64) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        rec.saved_epoch = rec.saved_epoch.max(epoch);
        rec.join_package = None;
        rec.old_package = false;
        self.save_record(id);
    }

    pub(crate) fn update_keys(&mut self, id: ConversationId) -> Result<(), Failure> {
        let conversation = self
            .conversations
            .get_mut(&id)
            .ok_or(Failure::NoConversation)?;
        conversation.wants_update = true;
        conversation.update_asked = true;
        Ok(())
    }

    /// Conversations whose keys are to be changed, where that is possible now; first those whose leaf a signed-out device
    /// knows, direct ones before groups.
    pub(crate) fn commits_wanted(&self) -> Vec<ConversationId> {
        let renewed = |id, c: &Conversation| {
            c.wants_update || self.renewal_is_due(id, c) || self.keys_are_old(c)
        };
        let wanted = self.conversations.iter().filter(|(id, c)| renewed(**id, c));
        let wanted = wanted.map(|(id, _)| *id);
        let planned = |id: &&ConversationId| {
            let conversation = self.conversations.get(id);
            conversation.is_some_and(|c| {
                let state = c.mls.as_ref();
                let departing = c.is_departing();
                c.departure_is_due(self.now)
                    || !departing && state.is_some_and(|m| c.planned(m, self.now).is_some())
            })
        };
        let groups = self.groups_at_work.iter().filter(planned).copied();
        let groups = groups.chain(self.repairs_to_make());
        let all = self
            .leaves_to_change()
            .into_iter()
            .chain(wanted)
            .chain(groups);
        all.filter(|id| self.can_commit(*id)).collect()
    }

    fn can_commit(&self, id: ConversationId) -> bool {
        self.conversations.get(&id).is_some_and(|c| {
            let state_kept = c
                .mls
                .as_ref()
                .is_some_and(|m| m.epoch() == c.rec.saved_epoch);
            c.caught_up() && state_kept && c.broken.is_none() && !self.waits_for_others(c)
        })
    }

    /// Members complain of what this one did last: nothing is done by itself now. What a person asks for the server refuses.
    fn waits_for_others(&self, conversation: &Conversation) -> bool {
        let asked = !conversation.rec.wanted.is_nothing() || conversation.update_asked;
        // who left is taken out first, whoever has to do it
        let first = conversation.is_departing() && !conversation.rec.run.is_full();
        conversation.is_blamed(self.my_id()) && !asked && !first
    }

    pub(crate) fn send_commit(&mut self, id: ConversationId) -> Result<(), Failure> {
        let departing = |c: &Conversation| c.is_departing();
        let repair = match self.conversations.get(&id).is_some_and(departing) {
            true => None,
            false => self.next_repair(id),
        };
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let (Some(state), Some(own)) = (&conversation.mls, &self.own) else {
            return Err(Failure::NoConversation);
        };
        let anchor = conversation.anchor();
        let context = CommitContext {
            seen_seq: anchor.seq,
            seen_hash: anchor.transcript,
            vault_head: self.vault.head_number(),
            device: own.device.id(),
        };
        let restart = conversation.rec.restart;
        let departing = conversation.departing(state);
        let departs = departing.is_some();
        // who left goes first; a repair, too, does nothing else
        let planned = match repair {
            Some(_) => None,
            None => departing.or_else(|| conversation.planned(state, self.now)),
        };
        let changes = planned.is_some() && !departs;
        let renewal = self.renewal_is_due(id, conversation) || self.keys_are_old(conversation);
        let update = conversation.wants_update || renewal || self.has_old_leaf(id, restart);
        let mut change = Change {
            update: update.then_some(&own.account),
            ..Change::default()
        };
        let mut link = planned.as_ref().is_none_or(|p| !p.cut);
        if let Some(repair) = repair {
            link = !repair.cut;
            change.remove = vec![repair.member];
            change.add = vec![(repair.member, repair.package)];
        } else if let Some(planned) = planned {
            (change.add, change.remove) = (planned.add, planned.remove);
            (change.policy, change.departures) = (planned.policy, planned.departures);
        } else if !update {
            self.vault_free();
            return Ok(());
        }
        // others compare it with their own dates: a wrong clock here must not reach into these
        let now = self.server_now();
        let prepared = state.prepare(
            &mut self.rng,
            &change,
            context,
            link,
            &self.people.to_commit(),
            now,
        );
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                self.vault_free();
                if departs {
                    self.departure_refused(id);
                    return Err(mls_failure(error));
                }
                if self.repair_failed(id) {
                    return Ok(());
                }
                return self.change_failed(id, error);
            }
        };
        let name = state_name(id, restart);
        let standing = self.vault.manifest.version(&name);
        let epoch = state.epoch();
        let plain = prepared.next.record_at(anchor);
        let mut writes = vec![Write::Put(name, standing, prepared.next.epoch(), plain)];
        if let Some(secret) = &prepared.segment_head {
            let head = segment_head_name(id, restart, epoch);
            if self.vault.manifest.version(&head) == 0 {
                writes.push(Write::Put(head, 0, 1, secret.to_segment_head()));
            }
        }
        writes.extend(self.timed_put_of(state));
        let mut new = NewKeys::default();
        if self.has_old_leaf(id, restart) {
            let state = state_name(id, restart).id;
            if let Some((write, change)) = self.change_write(|c| {
                c.left.remove(&state);
            }) {
                writes.push(write);
                new.change = Some(change);
            }
        }
        self.save_pending(id, &prepared.commit, &prepared.next)?;
        let vault = self.seal_write_with(writes, vec![], new)?;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.change_sent = changes;
        }
        let params = CommitConversation {
            conversation: id,
            epoch,
            commit: prepared.commit.into(),
            welcomes: welcomes_of(prepared.welcomes),
            link: prepared.link.map(Bytes::from),
            vault,
        };
        self.request(&params, Pending::VaultWrite(Job::Commit(id)));
        Ok(())
    }

    /// Taken; the state changes when the commit comes by in the log.
    pub(crate) fn committed(&mut self, id: ConversationId, bytes: &Bytes) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.wants_update = false;
        conversation.change_sent = false;
        conversation.tries = 0;
        conversation.repairs.repair_is_sent();
        if let Ok(accepted) = decode::<Accepted>(bytes) {
            conversation.rec.head_seq = conversation.rec.head_seq.max(accepted.seq);
        }
        if std::mem::take(&mut conversation.update_asked) {
            self.done(Doing::UpdatingKeys);
        }
    }

    /// Refused while another device's changes of the vault are not known here: it was made with keys that are not the
    /// newest any more, perhaps.
    pub(crate) fn refused_by_age(&self, error: &WireError) -> bool {
        error.code == ErrorCode::CommitRefused && !self.knows_vault()
    }

    /// Somebody else was first: catch up, then make it again from the new state.
    pub(crate) fn commit_refused(&mut self, id: ConversationId, error: WireError) {
        self.drop_pending(id);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        if error.code == ErrorCode::EpochMoved {
            let moved = error
                .data
                .as_ref()
                .and_then(|d| decode::<EpochMoved>(d).ok());
            if let Some(moved) = moved {
                conversation.rec.head_seq = conversation.rec.head_seq.max(moved.head_seq);
            }
            conversation.repairs.repair_is_sent();
            return;
        }
        if self.refused_by_age(&error) {
            return; // made again with the keys that another device has changed
        }
        if self.repair_failed(id) {
            return; // others may
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.wants_update = false;
        let asked = std::mem::take(&mut conversation.update_asked);
        self.departure_refused(id);
        let failure = Failure::from(error);
        let told = self.change_refused(id, &failure);
        if asked {
            self.fail(Doing::UpdatingKeys, failure);
        } else if !told {
            self.fail(Doing::Background, failure);
        }
    }
}
