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
    Engine, Failure, Space, Store, Update,
    conversation::{Conversation, chain::Secret},
    pending::{HOLD_MS, Pending},
    view::SendState,
};

/// Gathers what happens within this time into one receipt.
const GATHER_MS: Millis = 200;
/// Between two receipts of a conversation.
const PAUSE_MS: Millis = 1_000;
const MODULE: &str = "receipts";
/// Questions for receipts that wait for their answers at the same time.
const ASKED_AT_ONCE: usize = 8;
/// Where an earlier version has not kept counts, so many rows are counted.
const COUNTED: u64 = 1_000;

/// How far a member has got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reached {
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
        if self.tells_receipts() {
            self.receipt_wanted(id);
        } else {
            self.keep_cursor(id, seq);
        }
        self.tell(Update::Conversations);
    }

    /// Others are told what was delivered and read. If not, the own devices know it from each other by the vault.
    fn tells_receipts(&self) -> bool {
        let hello = self.connection.hello.is_some();
        self.settings().receipts && (!hello || self.connection.has_capability(MODULE))
    }

    /// Tells wherever less was told than there is to tell.
    pub(crate) fn tell_all_receipts(&mut self) {
        let untold = |c: &Conversation| c.mls.is_some() && c.rec.told != (c.rec.cursor, c.rec.read);
        let all = self.conversations.iter().filter(|(_, c)| untold(c));
        let all: Vec<ConversationId> = all.map(|(id, _)| *id).collect();
        for id in all {
            self.receipt_wanted(id);
        }
    }

    /// The read mark has moved: what is unread is the difference of two counts, however much lies between.
    fn recount(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        let rec = &conversation.rec;
        let unread = if rec.read >= rec.cursor {
            0
        } else if !rec.counted {
            self.count_rows(
                id,
                rec.read.max(rec.cursor.saturating_sub(COUNTED)),
                rec.cursor,
            )
        } else {
            let before = match self.row(id, rec.read) {
                Ok(Some(row)) if rec.read >= rec.low => row.count,
                _ => rec.low_count,
            };
            // what disappeared unread is in the counts, and is not unread any more
            let gone = rec.expired_unread.iter().filter(|seq| **seq > rec.read);
            let gone = i64::try_from(gone.count()).unwrap_or(i64::MAX);
            u64::try_from(rec.count - before - gone).unwrap_or(0)
        };
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let rec = &mut conversation.rec;
            rec.unread = unread;
            rec.expired_unread.retain(|seq| *seq > rec.read);
        }
        self.save_record(id);
    }

    /// Messages by others after `from`, up to `to`, one by one.
    fn count_rows(&self, id: ConversationId, from: u64, to: u64) -> u64 {
        let me = self.my_id();
        let rows = (from + 1..=to).filter_map(|seq| self.row(id, seq).ok().flatten());
        rows.filter(|row| row.sender != me && row.text().is_some())
            .count() as u64
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
        let tells = self.tells_receipts();
        let on = tells && self.connection.read_only().is_none();
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.receipt_due = None;
        let told = (conversation.rec.cursor, conversation.rec.read);
        if !tells && told.1 > conversation.rec.told.1 {
            // read when others were still to be told of it: now the own devices learn it from each other
            self.keep_cursor(id, told.1);
            return;
        }
        let (Some(state), Some(own)) = (&conversation.mls, &self.own) else {
            return;
        };
        // what another device has read must be known first: the server keeps one receipt of a member
        let known = conversation.rec.marks_known;
        if !on || !known || conversation.rec.told == told || conversation.broken.is_some() {
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
        let question = |p: &Pending| matches!(p, Pending::Receipts(_));
        let on = self.receipts_on() && self.connection.count(question) < ASKED_AT_ONCE;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let held = conversation.held.is_some_and(|at| at > self.now);
        if on && conversation.caught_up() && !conversation.receipts_asked && !held {
            conversation.receipts_asked = true;
            self.request(&GetReceipts { conversation: id }, Pending::Receipts(id));
        }
    }

    /// Receipts are exchanged on this connection.
    pub(crate) fn receipts_on(&self) -> bool {
        self.connection.synced() && self.connection.has_capability(MODULE)
    }

    pub(crate) fn receipts_came(&mut self, id: ConversationId, result: Result<Receipts, Failure>) {
        let found = match result {
            Ok(found) => found,
            Err(failure) => {
                if let Some(conversation) = self.conversations.get_mut(&id)
                    && failure.may_pass()
                {
                    conversation.receipts_asked = false;
                    conversation.held = Some(self.now + HOLD_MS);
                }
                return;
            }
        };
        for receipt in found.receipts {
            if receipt.conversation == id {
                self.receipt_came(receipt);
            }
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.rec.marks_known = true;
        let untold = conversation.rec.told != (conversation.rec.cursor, conversation.rec.read);
        self.save_record(id);
        if untold {
            self.receipt_wanted(id);
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
        let place = (state.restart(), receipt.epoch);
        let Ok(Secret::Known(secret)) = self.find_secret(id, place) else {
            self.keep_early(receipt);
            return;
        };
        let context = Context {
            instance: self
                .own
                .as_ref()
                .map_or_else(Default::default, |own| own.instance),
            conversation: id,
            restart: place.0,
            epoch: receipt.epoch,
            sender: receipt.member,
        };
        let opened = open_receipt(&secret, &context, &receipt.body, &|name| self.leaf(name));
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
        let known = self
            .conversations
            .get_mut(&id)
            .and_then(|c| c.reached.get_mut());
        if let Some(known) = known {
            known.insert(member, after);
        }
        if member == self.my_id() {
            self.read_elsewhere(id, after.read);
        }
        self.tell(Update::Timeline(id));
        // how far the last message has got stands in the list too
        self.tell(Update::Conversations);
    }

    /// Another device of this member has read further.
    pub(crate) fn read_elsewhere(&mut self, id: ConversationId, read: u64) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        if read > conversation.rec.read {
            conversation.rec.read = read;
            self.recount(id);
            self.tell(Update::Conversations);
        }
    }

    /// How far the members of a conversation have got; read from the store once.
    fn all_reached<'c>(
        &self,
        id: ConversationId,
        conversation: &'c Conversation,
    ) -> &'c BTreeMap<MemberId, Reached> {
        conversation.reached.get_or_init(|| {
            let to = [id.as_bytes().as_slice(), &[0xff; 17]].concat();
            let rows = self
                .store
                .range(Space::Receipts, id.as_bytes(), &to, usize::MAX, false);
            let rows = rows.unwrap_or_default().into_iter();
            rows.filter_map(|(key, value)| {
                let member = MemberId::from_slice(key.get(16..)?).ok()?;
                Some((member, decode(&value).ok()?))
            })
            .collect()
        })
    }

    fn how_far(&self, id: ConversationId, member: MemberId) -> Reached {
        let Some(conversation) = self.conversations.get(&id) else {
            return Reached::default();
        };
        let all = self.all_reached(id, conversation);
        all.get(&member).copied().unwrap_or_default()
    }

    /// How far everybody else has got; none = there is nobody else.
    pub(crate) fn reached_by_all(
        &self,
        id: ConversationId,
        conversation: &Conversation,
    ) -> Option<Reached> {
        let me = self.my_id();
        let all = self.all_reached(id, conversation);
        let others = conversation.rec.members.iter().filter(|m| **m != me);
        let others = others.map(|member| all.get(member).copied().unwrap_or_default());
        others.reduce(|a, b| Reached {
            delivered: a.delivered.min(b.delivered),
            read: a.read.min(b.read),
        })
    }
}

impl Reached {
    /// The state of an own message at `seq`, where everybody else has got at least here.
    pub(crate) fn state_of(reached: Option<Self>, seq: u64) -> SendState {
        match reached {
            Some(reached) if reached.read >= seq => SendState::Read,
            Some(reached) if reached.delivered >= seq => SendState::Delivered,
            _ => SendState::Sent,
        }
    }
}
