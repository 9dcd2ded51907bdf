//! Receipts: one sealed cursor per member and conversation, told at most once a second.

use std::collections::BTreeMap;

use ambient::Millis;
use e2ee::content::{ContentError, Context, Receipt as Body, open_receipt};
use protocol::{
    ConversationId, MemberId, decode, encode,
    limits::NUMBER_MAX,
    methods::conversations::{GetReceipts, PutReceipt, Receipt, Receipts},
};
use serde::{Deserialize, Serialize};

use crate::{
    Engine, Failure, Space, Store, Update, conversation::chain::Secret, pending::Pending,
    view::SendState,
};

/// Gathers what happens within this time into one receipt.
const GATHER_MS: Millis = 200;
/// Between two receipts of a conversation.
const PAUSE_MS: Millis = 1_000;
const MODULE: &str = "receipts";

/// How far a member has got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Reached {
    delivered: u64,
    read: u64,
}

fn receipt_key(id: ConversationId, member: MemberId) -> Vec<u8> {
    [id.as_bytes().as_slice(), member.as_bytes()].concat()
}

impl<S: Store> Engine<S> {
    pub(crate) fn receipts_deadline(&self) -> Option<Millis> {
        self.conversations
            .values()
            .filter_map(|c| c.receipt_due)
            .min()
    }

    pub(crate) fn receipt_wanted(&mut self, id: ConversationId) {
        let due = self.now + GATHER_MS;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.receipt_due.get_or_insert(due);
        }
    }

    pub(crate) fn mark_read(&mut self, id: ConversationId, seq: u64) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let seq = seq.min(rec.cursor);
        if seq <= rec.read {
            return;
        }
        rec.read = seq;
        self.recount(id);
        self.receipt_wanted(id);
        self.tell(Update::Conversations);
    }

    fn recount(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        let (read, cursor) = (conversation.rec.read, conversation.rec.cursor);
        let me = self.my_id();
        let mut unread = 0;
        for seq in read + 1..=cursor {
            if let Ok(Some(row)) = self.row(id, seq)
                && row.sender != me
                && row.text().is_some()
            {
                unread += 1;
            }
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.rec.unread = unread;
        }
        self.save_record(id);
    }

    pub(crate) fn receipts_tick(&mut self) {
        if !self.connection.synced() {
            return;
        }
        let due: Vec<ConversationId> = self
            .conversations
            .iter()
            .filter(|(_, c)| c.receipt_due.is_some_and(|at| at <= self.now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.tell_receipt(id);
        }
    }

    fn tell_receipt(&mut self, id: ConversationId) {
        let on = self.connection.has_capability(MODULE) && self.connection.read_only().is_none();
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.receipt_due = None;
        let told = (conversation.rec.cursor, conversation.rec.read);
        let (Some(state), Some(own)) = (&conversation.mls, &self.own) else {
            return;
        };
        if !on || conversation.rec.told == told || conversation.broken.is_some() {
            return;
        }
        let body = Body::new(told.0, told.1, self.now, own.device.id());
        let Ok(sealed) = state.seal_receipt(&mut self.rng, &body) else {
            return;
        };
        let params = PutReceipt {
            conversation: id,
            epoch: state.epoch(),
            body: sealed.into(),
        };
        conversation.rec.told = told;
        self.request(&params, Pending::Receipt(id));
    }

    pub(crate) fn receipt_kept(&mut self, id: ConversationId, kept: bool) {
        let later = self.now + PAUSE_MS;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        if !kept {
            conversation.rec.told = (0, 0);
        }
        let rec = &conversation.rec;
        if rec.told != (rec.cursor, rec.read) {
            conversation.receipt_due = Some(later);
        }
        self.save_record(id);
    }

    /// Asks once per connection for everybody's cursors of a conversation.
    pub(crate) fn want_receipts(&mut self, id: ConversationId) {
        let on = self.connection.synced() && self.connection.has_capability(MODULE);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        if on && conversation.caught_up() && !conversation.receipts_asked {
            conversation.receipts_asked = true;
            self.request(&GetReceipts { conversation: id }, Pending::Receipts(id));
        }
    }

    pub(crate) fn receipts_came(&mut self, id: ConversationId, result: Result<Receipts, Failure>) {
        let Ok(found) = result else { return };
        for receipt in found.receipts {
            if receipt.conversation == id {
                self.receipt_came(receipt);
            }
        }
    }

    pub(crate) fn receipt_came(&mut self, receipt: Receipt) {
        let id = receipt.conversation;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let Some(state) = &conversation.mls else {
            return;
        };
        if receipt.epoch > state.epoch() || !conversation.rec.anchored {
            conversation.early_receipts.insert(receipt.member, receipt);
            return;
        }
        let Ok(Secret::Known(secret)) = self.find_secret(id, receipt.epoch) else {
            self.keep_early(receipt);
            return;
        };
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        let context = Context {
            instance: self
                .own
                .as_ref()
                .map_or_else(Default::default, |own| own.instance),
            conversation: id,
            restart: conversation.rec.restart,
            epoch: receipt.epoch,
            sender: receipt.member,
        };
        let people = &self.people;
        let opened = open_receipt(&secret, &context, &receipt.body, &|name| people.leaf(name));
        match opened {
            Ok(opened) => self.reached(id, receipt.member, &opened.receipt),
            Err(ContentError::UnknownCertificate(name)) => {
                if self.want_leaf(name) != Some(false) {
                    self.keep_early(receipt);
                }
            }
            Err(_) => {}
        }
    }

    fn keep_early(&mut self, receipt: Receipt) {
        if let Some(conversation) = self.conversations.get_mut(&receipt.conversation) {
            conversation.early_receipts.insert(receipt.member, receipt);
        }
    }

    /// Tries receipts again that came before what they need.
    pub(crate) fn retry_receipts(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let early: BTreeMap<_, _> = std::mem::take(&mut conversation.early_receipts);
        for receipt in early.into_values() {
            self.receipt_came(receipt);
        }
    }

    fn reached(&mut self, id: ConversationId, member: MemberId, body: &Body) {
        let before = self.how_far(id, member);
        let after = Reached {
            delivered: before.delivered.max(body.delivered.min(NUMBER_MAX)),
            read: before.read.max(body.read.min(NUMBER_MAX)),
        };
        if before == after {
            return;
        }
        let key = receipt_key(id, member);
        self.batch
            .put(Space::Receipts, key, encode(&after).to_vec());
        self.reached
            .insert((id, member), (after.delivered, after.read));
        if member == self.my_id() {
            self.read_elsewhere(id, after.read);
        }
        self.tell(Update::Timeline(id));
    }

    /// Another device of this member has read further.
    fn read_elsewhere(&mut self, id: ConversationId, read: u64) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        if read > conversation.rec.read {
            conversation.rec.read = read;
            self.recount(id);
            self.tell(Update::Conversations);
        }
    }

    fn how_far(&self, id: ConversationId, member: MemberId) -> Reached {
        if let Some((delivered, read)) = self.reached.get(&(id, member)) {
            return Reached {
                delivered: *delivered,
                read: *read,
            };
        }
        let key = receipt_key(id, member);
        let bytes = self.store.get(Space::Receipts, &key).ok().flatten();
        bytes.and_then(|b| decode(&b).ok()).unwrap_or_default()
    }

    /// The state of an own message at `seq`: how far everybody else has got.
    pub(crate) fn send_state(
        &self,
        id: ConversationId,
        members: &[MemberId],
        seq: u64,
    ) -> SendState {
        let me = self.my_id();
        let mut others = members
            .iter()
            .filter(|m| **m != me)
            .map(|m| self.how_far(id, *m))
            .peekable();
        if others.peek().is_none() {
            return SendState::Sent;
        }
        others.fold(SendState::Read, |state, reached| {
            state.min(if reached.read >= seq {
                SendState::Read
            } else if reached.delivered >= seq {
                SendState::Delivered
            } else {
                SendState::Sent
            })
        })
    }
}
