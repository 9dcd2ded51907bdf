//! Following the log backwards, page by page, as a person scrolls.

use protocol::{
    ConversationId, Hash32,
    methods::conversations::{Entries, Entry, GetEntries, kind},
};

use super::{
    Older,
    chain::Secret,
    forward::Opening,
    load::Step,
    rows::{Content, PREVIEW, Row, body_fits, done_by, transcript_after},
};
use crate::{
    Doing, Engine, Failure, Store, Update,
    pending::{HOLD_MS, Pending},
};

/// Entries asked for at a time.
const PAGE: u64 = 50;

impl<S: Store> Engine<S> {
    pub(crate) fn load_older(&mut self, id: ConversationId) -> Result<(), Failure> {
        let conversation = self
            .conversations
            .get_mut(&id)
            .ok_or(Failure::NoConversation)?;
        if !conversation.rec.anchored || conversation.rec.low <= conversation.rec.first_seq {
            return Ok(());
        }
        conversation.wants_older = true;
        if self.connection.synced() {
            Ok(())
        } else {
            Err(Failure::Offline)
        }
    }

    /// Takes the next older entry, or asks for more if somebody wants them.
    pub(crate) fn step_back(&mut self, id: ConversationId) -> Result<Step, Failure> {
        let can_ask = self.connection.synced() && !self.is_asking(&Pending::Backward(id));
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Step::Wait);
        };
        let rec = &conversation.rec;
        if rec.log_restart != rec.restart {
            return Ok(Step::Wait); // the way back leads from the new group, which the log has not reached yet
        }
        if let Some(older) = &conversation.older
            && let Some((entry, before, after)) = older.verified.back().cloned()
        {
            return self.take_back(id, &entry, before, after);
        }
        let rec = &conversation.rec;
        let more = rec.low > rec.first_seq;
        if conversation.wants_older && !more {
            conversation.wants_older = false;
        }
        let wanted = conversation.wants_older && conversation.older.is_none();
        if wanted && can_ask {
            let from = rec.first_seq.max(rec.low.saturating_sub(PAGE)).max(1);
            conversation.older = Some(Older {
                from,
                ..Older::default()
            });
            self.ask_back(id, from);
        }
        Ok(Step::Wait)
    }

    fn ask_back(&mut self, id: ConversationId, from: u64) {
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        let limit = conversation.rec.low.saturating_sub(from);
        let params = GetEntries {
            conversation: id,
            from,
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            commits_only: false,
        };
        self.request(&params, Pending::Backward(id));
    }

    pub(crate) fn backward_came(&mut self, id: ConversationId, result: Result<Entries, Failure>) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let Some(mut older) = conversation.older.take() else {
            return;
        };
        let low = conversation.rec.low;
        let page = match result {
            Ok(page) => page,
            Err(failure) => {
                conversation.wants_older = failure.may_pass();
                conversation.held = Some(self.now + HOLD_MS);
                if !failure.may_pass() {
                    self.fail(Doing::LoadingOlder, failure);
                }
                return;
            }
        };
        if older.coming.is_empty() {
            older.before = page.before;
        }
        let had = older.coming.len();
        older
            .coming
            .extend(page.entries.into_iter().filter(|e| e.seq < low));
        let next = older.coming.last().map_or(older.from, |e| e.seq + 1);
        if next < low && older.coming.len() > had {
            conversation.older = Some(older); // the page ended early: the rest
            self.ask_back(id, next);
            return;
        }
        match verify(
            &older,
            low,
            conversation.rec.low_transcript,
            conversation.rec.first_seq,
        ) {
            Some(verified) => {
                older.verified = verified.into();
                older.coming.clear();
                conversation.older = Some(older);
                self.advance(id);
            }
            None => {
                conversation.wants_older = false;
                let failure = Failure::Unverified("the server changed the history".into());
                self.fail(Doing::LoadingOlder, failure);
            }
        }
    }

    fn take_back(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        before: Hash32,
        after: Hash32,
    ) -> Result<Step, Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let low_epoch = conversation.rec.low_epoch;
        let rec = &conversation.rec;
        let direct = rec.direct;
        let current = (rec.low_restart, low_epoch) == (rec.restart, rec.log_epoch);
        let mut epoch_before = low_epoch;
        if entry.kind == kind::RESTART && entry.restart != conversation.rec.low_restart {
            return self.take_back_restart(id, entry, (before, after));
        }
        if entry.restart != conversation.rec.low_restart {
            return Err(Failure::Unverified("an entry of another group".into()));
        }
        let mut given = None;
        let content = match entry.kind {
            kind::COMMIT => {
                if entry.epoch + 1 != low_epoch {
                    return Err(Failure::Unverified("a commit out of its turn".into()));
                }
                epoch_before = entry.epoch;
                self.began(id, entry);
                if entry.epoch > 0 && self.reach_back(id, entry)? == Step::Wait {
                    return Ok(Step::Wait);
                }
                done_by(entry)
            }
            kind::MESSAGE if self.is_over(entry) => Content::Gone,
            kind::MESSAGE if entry.body.is_none() => Content::Removed,
            kind::MESSAGE if entry.epoch != low_epoch => Content::Unverified,
            kind::MESSAGE => match self.open_entry(id, entry)? {
                Opening::Wait => return Ok(Step::Wait),
                Opening::Refused => Content::Unverified,
                Opening::Newer => Content::Newer,
                Opening::Gone => Content::Gone,
                Opening::Opened(content, body) => {
                    given = content.given(&body).map(|given| (given, body.given_at));
                    *content
                }
            },
            kind::COMPLAINT => match self.complaint_in(id, entry) {
                Ok(_) => Content::Complaint { about: None },
                Err(Opening::Wait) => return Ok(Step::Wait),
                Err(Opening::Newer) => Content::Newer,
                Err(_) => Content::Unverified,
            },
            kind::REPLACEMENT_LINK if entry.epoch != low_epoch => Content::Unverified,
            kind::REPLACEMENT_LINK => match self.replacement_in(id, entry) {
                Ok(content) => content,
                Err(Opening::Wait) => return Ok(Step::Wait),
                Err(Opening::Newer) => Content::Newer,
                Err(_) => Content::Unverified,
            },
            kind::LEAVE | kind::ACCOUNT_CLOSED if entry.epoch != low_epoch => Content::Unverified,
            kind::LEAVE | kind::ACCOUNT_CLOSED => match self.departure_in(id, entry) {
                Ok(content) => content,
                Err(Opening::Wait) => return Ok(Step::Wait),
                Err(Opening::Newer) => Content::Newer,
                Err(_) => Content::Unverified,
            },
            _ => Content::Newer,
        };
        if current || direct {
            self.departed_before(id, entry, &content);
        }
        if content == Content::Gone {
            self.gone_arrived(entry);
        }
        self.kept_back(id, entry, content, (before, after), epoch_before);
        if let Some((given, given_at)) = given {
            // for where nothing that was kept tells it
            self.given_said(entry, &given, given_at);
        }
        Ok(Step::On)
    }

    /// The commit that began the epoch in force says when that was.
    fn began(&mut self, id: ConversationId, commit: &Entry) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let rec = &mut conversation.rec;
            if commit.epoch + 1 == rec.log_epoch {
                (rec.epoch_since, rec.epoch_from) = (commit.time, commit.seq);
            }
        }
    }

    /// Gets the secret of the epoch that a commit closed: by its link, or from the vault. `On` also when there is no way.
    fn reach_back(&mut self, id: ConversationId, commit: &Entry) -> Result<Step, Failure> {
        if self.follow_link(id, commit)? {
            return Ok(Step::On);
        }
        // a state from the vault may be ahead of the log: then the links above this commit come first
        match self.find_secret(id, (commit.restart, commit.epoch + 1))? {
            Secret::Wait => return Ok(Step::Wait),
            Secret::Known(_) if self.follow_link(id, commit)? => return Ok(Step::On),
            Secret::Known(_) | Secret::Lost => {}
        }
        Ok(self.pass_cut(id, commit))
    }

    pub(super) fn kept_back(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        content: Content,
        (before, after): (Hash32, Hash32),
        epoch_before: u64,
    ) {
        let mut row = Row::new(entry, after, content, self.expiry_of(entry));
        let me = self.my_id();
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        if entry.timed && entry.epoch == rec.log_epoch {
            rec.timed_in = entry.epoch;
        }
        row.count = rec.low_count;
        if row.counts(entry, me) {
            rec.low_count -= 1;
            rec.unread += u64::from(entry.seq > rec.read);
        }
        if rec.last.is_none()
            && let Some(text) = row.text()
        {
            rec.last = Some((entry.time, text.chars().take(PREVIEW).collect()));
            (rec.last_seq, rec.last_own) = (entry.seq, entry.sender == me);
            rec.last_expiry = row.expiry;
        }
        if row.seen() {
            rec.newest = rec.newest.max(entry.time);
        }
        self.keep_row(entry, &row);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        rec.low = entry.seq;
        rec.low_transcript = before;
        rec.low_epoch = epoch_before;
        rec.low_restart = entry.restart;
        let first = entry.kind == kind::COMMIT && entry.epoch == 0;
        rec.low_commit = first.then_some(entry.body_hash);
        if let Some(older) = &mut conversation.older {
            older.verified.pop_back();
            if older.verified.is_empty() {
                conversation.older = None;
                conversation.wants_older = false;
            }
        }
        let ended = conversation.older.is_none();
        self.save_record(id);
        self.outbox_passed(id, entry.seq);
        let below = ended && self.outbox_waits_below(id, entry.seq);
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.wants_older |= below;
        }
        self.tell(Update::Timeline(id));
        self.tell(Update::Conversations);
    }
}

/// Checks a run of entries that ends just before `low` against the transcript hash there.
fn verify(
    older: &Older,
    low: u64,
    low_transcript: Hash32,
    first_seq: u64,
) -> Option<Vec<(Entry, Hash32, Hash32)>> {
    let first = older.coming.first()?;
    if first.seq != older.from || first.seq < first_seq {
        return None;
    }
    let mut hash = older.before;
    let mut verified = Vec::with_capacity(older.coming.len());
    for (entry, seq) in older.coming.iter().zip(older.from..) {
        if entry.seq != seq || !body_fits(entry) {
            return None;
        }
        let after = transcript_after(hash, entry);
        verified.push((entry.clone(), hash, after));
        hash = after;
    }
    (hash == low_transcript && older.from + older.coming.len() as u64 == low).then_some(verified)
}
