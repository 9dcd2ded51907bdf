//! Messages whose time is over: they go from this device, row, sealed entry, preview and index together.

use ambient::Millis;
use protocol::{
    ConversationId, MessageId, decode, encode,
    methods::conversations::{Entry, kind},
};

use super::{
    rows::{Content, PREVIEW, Row, message_key},
    seq_key,
};
use crate::{Engine, Failure, Space, Store, Update};

/// Rows that one input takes out: the next one is due at once while there are more.
const AT_ONCE: usize = 200;
/// The server drops a body when its own clock says so: what is missing this shortly before is no removal.
const EARLY_MS: u64 = 60_000;
/// So many that disappeared unread are known one by one. Of more the oldest are forgotten: they count as unread again while
/// somebody has read up to before them and no further.
const UNREAD_KEPT: usize = 1_000;
/// Rows looked at for what is the newest message now.
const LOOKED_AT: u64 = 50;

/// Rows by the time at which they go.
fn expiry_key(expiry: u64, id: ConversationId, seq: u64) -> Vec<u8> {
    [&expiry.to_be_bytes()[..], &seq_key(id, seq)].concat()
}

fn read_key(key: &[u8]) -> Option<(ConversationId, u64)> {
    let (id, seq) = key.get(8..)?.split_at_checked(16)?;
    let seq = u64::from_be_bytes(seq.try_into().ok()?);
    Some((ConversationId::from_slice(id).ok()?, seq))
}

impl<S: Store> Engine<S> {
    pub(crate) fn load_expiries(&mut self) -> Result<(), Failure> {
        self.next_expiry = self.expiry_from(&[])?;
        Ok(())
    }

    /// The first time at or after a key at which something goes.
    fn expiry_from(&self, from: &[u8]) -> Result<Option<u64>, Failure> {
        let first = self
            .store
            .range(Space::Expiries, from, &[0xff; 33], 1, false)?;
        let time = |key: &Vec<u8>| Some(u64::from_be_bytes(*key.first_chunk()?));
        Ok(first.first().and_then(|(key, _)| time(key)))
    }

    /// Notes when a row goes, and whether it counts as unread until then.
    pub(super) fn expires_at(&mut self, entry: &Entry, row: &Row) {
        if row.expiry == 0 || row.content == Content::Gone || entry.body.is_none() {
            return;
        }
        let counts = u8::from(row.counts(entry, self.my_id()));
        let key = expiry_key(row.expiry, entry.conversation, entry.seq);
        self.batch.put(Space::Expiries, key, vec![counts]);
        let next = self.next_expiry.unwrap_or(u64::MAX);
        self.next_expiry = Some(next.min(row.expiry));
    }

    /// When an entry disappears; 0 = never. Only timed messages do, whatever the server says of others; and none where the
    /// rules of their epoch, if they are at hand, have no timer.
    pub(super) fn expiry_of(&self, entry: &Entry) -> u64 {
        if entry.kind != kind::MESSAGE || !entry.timed {
            return 0;
        }
        let conversation = self.conversations.get(&entry.conversation);
        let state = conversation.and_then(|c| c.mls.as_ref());
        let here = (entry.restart, entry.epoch);
        let state = state.filter(|state| (state.restart(), state.epoch()) == here);
        let allowed = state.is_none_or(|state| state.policy().timer_s > 0);
        if allowed { entry.expiry } else { 0 }
    }

    /// Whether the time of an entry is over: nothing of it is shown, whether the server still gives it or not.
    pub(super) fn is_over(&self, entry: &Entry) -> bool {
        let early = if entry.body.is_none() { EARLY_MS } else { 0 };
        let expiry = self.expiry_of(entry);
        expiry != 0 && expiry <= self.server_now().saturating_add(early)
    }

    /// An own message came too late to be read: it waits no more.
    pub(super) fn gone_arrived(&mut self, entry: &Entry) {
        if let Some(message) = entry.message.filter(|_| entry.sender == self.my_id()) {
            self.outbox_arrived(entry.conversation, message);
        }
    }

    /// Takes out what has expired. Called before an input is worked on, so that the store has all that is known.
    pub(crate) fn sweep_expired(&mut self) {
        let Some(now) = self.sure_server_now() else {
            return;
        };
        self.sweep_outbox(now);
        if self.next_expiry.is_none_or(|at| at > now) {
            return;
        }
        if let Err(failure) = self.sweep_rows(now) {
            self.fail(crate::Doing::Background, failure);
        }
    }

    fn sweep_rows(&mut self, now: u64) -> Result<(), Failure> {
        let end = now.saturating_add(1).to_be_bytes();
        let due = self
            .store
            .range(Space::Expiries, &[], &end, AT_ONCE, false)?;
        let mut next = Vec::new();
        for (key, counts) in due {
            if let Some((id, seq)) = read_key(&key) {
                self.expire_row(id, seq, counts == [1])?;
            }
            next = [&key[..], &[0]].concat();
            self.batch.delete(Space::Expiries, key);
        }
        self.next_expiry = self.expiry_from(&next)?;
        self.batch.durable = true;
        Ok(())
    }

    fn expire_row(&mut self, id: ConversationId, seq: u64, counts: bool) -> Result<(), Failure> {
        let Some(mut row) = self.row(id, seq)? else {
            return Ok(());
        };
        if let Content::Message { id: message, .. } = &row.content {
            let index = message_key(id, row.sender, *message);
            self.batch.delete(Space::Messages, index);
        }
        row.content = Content::Gone;
        let key = seq_key(id, seq);
        self.batch
            .put(Space::Timeline, key.clone(), encode(&row).to_vec());
        if let Some(bytes) = self.store.get(Space::Sealed, &key)? {
            let mut entry: Entry = decode(&bytes)?;
            entry.body = None;
            self.batch.put(Space::Sealed, key, encode(&entry).to_vec());
        }
        self.expired_in(id, seq, counts);
        self.tell(Update::Timeline(id));
        self.tell(Update::Conversations);
        Ok(())
    }

    /// What the list of conversations says follows.
    fn expired_in(&mut self, id: ConversationId, seq: u64, counts: bool) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        if counts && seq > rec.read {
            rec.unread = rec.unread.saturating_sub(1);
            rec.expired_unread.push(seq);
            if rec.expired_unread.len() > UNREAD_KEPT {
                rec.expired_unread.remove(0);
            }
        }
        if rec.last_seq == seq {
            (rec.last, rec.last_seq, rec.last_own) = (None, 0, false);
            self.find_last(id, seq);
        }
        self.save_record(id);
    }

    /// The newest message before `seq`, if one is near.
    fn find_last(&mut self, id: ConversationId, seq: u64) {
        let low = self.conversations.get(&id).map_or(seq, |c| c.rec.low);
        let seqs = (low.max(seq.saturating_sub(LOOKED_AT))..seq).rev();
        let now = self.server_now();
        let mut rows = seqs.filter_map(|seq| self.row(id, seq).ok().flatten());
        let found = rows.find_map(|row| {
            let text = row.text().filter(|_| !row.is_over(now))?;
            Some((row, text))
        });
        let me = self.my_id();
        if let (Some((row, text)), Some(conversation)) = (found, self.conversations.get_mut(&id)) {
            let rec = &mut conversation.rec;
            rec.last = Some((row.time, text.chars().take(PREVIEW).collect()));
            (rec.last_seq, rec.last_own) = (row.seq, row.sender == me);
            rec.last_expiry = row.expiry;
        }
    }

    /// What was never sent goes as well, a timer after it was written.
    fn sweep_outbox(&mut self, now: u64) {
        let over: Vec<(ConversationId, MessageId)> = self
            .waiting_expiries()
            .filter(|(at, ..)| *at <= now)
            .map(|(_, id, message)| (id, message))
            .collect();
        for (id, message) in over {
            self.outbox_arrived(id, message);
            self.batch.durable = true;
            self.tell(Update::Timeline(id));
            self.tell(Update::Conversations);
        }
    }

    fn waiting_expiries(&self) -> impl Iterator<Item = (u64, ConversationId, MessageId)> {
        self.outbox.messages().filter_map(|w| {
            let rec = &self.conversations.get(&w.conversation)?.rec;
            let timer_ms = rec.rules.timer_s.saturating_mul(1000);
            let at = w.written.saturating_add(timer_ms);
            (timer_ms != 0 && w.written != 0).then_some((at, w.conversation, w.message))
        })
    }

    /// When something goes from this device next.
    pub(crate) fn expiry_deadline(&self) -> Option<Millis> {
        let waiting = self.waiting_expiries().map(|(at, ..)| at);
        let next = waiting.chain(self.next_expiry).min()?;
        // more than one input takes out: the rest at once
        Some(self.when_server_has(next)?.max(self.now + 1))
    }
}
