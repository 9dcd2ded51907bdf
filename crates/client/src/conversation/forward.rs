//! Following the log forward, entry by entry, without gaps.

use e2ee::{
    content::{Body, ContentError, Context, EpochSecret, TimedSecret, open_message, open_timed},
    identity::Roster,
    links::open_link,
    mls,
};
use protocol::{
    ConversationId, Hash32,
    methods::conversations::{Entries, Entry, kind},
};

use super::{
    chain::Secret,
    load::Step,
    mls_failure,
    rows::{Content, PREVIEW, Row, body_fits, done_by, transcript_after},
    timed::Timed,
};
use crate::{Doing, Engine, Failure, Store, Update};

/// Entries kept beyond a gap; more are fetched again when it is their turn.
const INBOX_MAX: usize = 1_000;

/// What opening a message came to.
pub(crate) enum Opening {
    Opened(Box<Content>, Box<Body>),
    Refused,
    /// Written by a newer version: kept for the update.
    Newer,
    /// It has disappeared, or never was for this member.
    Gone,
    Wait,
}

impl<S: Store> Engine<S> {
    /// An entry arrived as an event.
    pub(crate) fn entry_came(&mut self, entry: Entry) {
        let id = entry.conversation;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.live_from.get_or_insert(entry.seq);
        }
        self.take_entry(entry);
        self.advance(id);
    }

    fn take_entry(&mut self, entry: Entry) {
        let Some(conversation) = self.conversations.get_mut(&entry.conversation) else {
            return; // its summary comes with the next sync
        };
        let rec = &mut conversation.rec;
        rec.head_seq = rec.head_seq.max(entry.seq);
        if rec.anchored && entry.seq <= rec.cursor {
            return;
        }
        conversation.inbox.insert(entry.seq, entry);
        if conversation.inbox.len() > INBOX_MAX {
            conversation.inbox.pop_last(); // it is fetched when it is its turn
        }
    }

    pub(crate) fn forward_came(&mut self, id: ConversationId, result: Result<Entries, Failure>) {
        match result {
            Ok(page) => {
                let last = page.entries.last().map_or(0, |e| e.seq);
                for entry in page.entries {
                    if entry.conversation == id {
                        self.take_entry(entry);
                    }
                }
                let Some(conversation) = self.conversations.get_mut(&id) else {
                    return;
                };
                let rec = &mut conversation.rec;
                let held = conversation.inbox.keys().last().copied().unwrap_or(0);
                // nothing there: whatever was said of newer entries, this is how far the log goes
                let ends = last == 0 && !conversation.acknowledged;
                rec.head_seq = if ends {
                    page.head_seq.max(held).max(rec.cursor)
                } else {
                    rec.head_seq.max(page.head_seq)
                };
                let end = rec.head_seq;
                let next = rec.cursor + 1;
                let missing = last >= next || (last == 0 && page.head_seq >= next);
                if rec.anchored && missing && !conversation.inbox.contains_key(&next) {
                    let reason = "the server withholds entries of this conversation";
                    self.break_conversation(id, reason.to_owned());
                    return;
                }
                if ends {
                    self.outbox_ends(id, end);
                }
                self.advance(id);
            }
            Err(failure) => self.refused(id, failure),
        }
    }

    /// Follows the next entry, if it is at hand.
    pub(crate) fn step_forward(&mut self, id: ConversationId) -> Result<Step, Failure> {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Step::Wait);
        };
        let next = conversation.rec.cursor + 1;
        conversation.inbox = conversation.inbox.split_off(&next);
        let Some(entry) = conversation.inbox.get(&next).cloned() else {
            if self.connection.synced() {
                self.want_entries(id);
            }
            return Ok(Step::Wait);
        };
        if entry.restart != conversation.rec.log_restart || !body_fits(&entry) {
            return Err(Failure::Unverified(
                "an entry does not fit its header".into(),
            ));
        }
        self.note_passed(&entry);
        match entry.kind {
            kind::COMMIT => self.follow_commit(id, entry),
            kind::COMPLAINT => self.follow_complaint(id, &entry),
            kind::RESTART => self.follow_restart(id, &entry),
            kind::MESSAGE => self.follow_message(id, &entry),
            kind::LEAVE | kind::ACCOUNT_CLOSED => self.follow_departure(id, &entry),
            kind::REPLACEMENT_LINK => self.follow_replacement(id, &entry),
            _ => {
                self.follow(&entry, Content::Newer);
                Ok(Step::On)
            }
        }
    }

    /// Takes an entry into the log that this device has followed.
    pub(super) fn follow(&mut self, entry: &Entry, content: Content) {
        let id = entry.conversation;
        let me = self.my_id();
        let expiry = self.expiry_of(entry);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let state = conversation.tree_of(entry);
        let state = state.filter(|_| entry.kind == kind::COMMIT);
        let before = state.map(|s| s.policy().clone());
        let rec = &mut conversation.rec;
        rec.transcript = transcript_after(rec.transcript, entry);
        rec.cursor = entry.seq;
        if entry.timed && entry.epoch == rec.log_epoch {
            rec.timed_in = entry.epoch;
        }
        if entry.kind == kind::COMMIT {
            (rec.log_epoch, rec.epoch_since) = (entry.epoch + 1, entry.time);
            rec.epoch_from = entry.seq;
            if !rec.direct {
                rec.departed.clear(); // of two nobody is taken out
            }
            rec.run.goes_on(entry, before.as_ref());
        }
        let mut row = Row::new(entry, rec.transcript, content, expiry);
        if row.counts(entry, me) {
            rec.count += 1;
            rec.unread += u64::from(entry.seq > rec.read);
        }
        row.count = rec.count;
        if row.seen() {
            rec.newest = rec.newest.max(entry.time);
        }
        conversation.inbox.remove(&entry.seq);
        self.keep_row(entry, &row);
        self.save_record(id);
        self.batch.durable = true;
        self.outbox_passed(id, entry.seq);
        self.tell(Update::Timeline(id));
    }

    fn follow_message(&mut self, id: ConversationId, entry: &Entry) -> Result<Step, Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let log_epoch = conversation.rec.log_epoch;
        if self.is_over(entry) {
            self.gone_arrived(entry);
            self.follow(entry, Content::Gone);
            return Ok(Step::On);
        }
        if entry.body.is_none() {
            self.follow(entry, Content::Removed);
            return Ok(Step::On);
        }
        if entry.epoch != log_epoch {
            self.follow(entry, Content::Unverified);
            return Ok(Step::On);
        }
        if conversation.rec.stuck.is_some() {
            self.follow(entry, Content::Unreadable);
            return Ok(Step::On);
        }
        match self.open_entry(id, entry)? {
            Opening::Wait => Ok(Step::Wait),
            Opening::Refused => {
                self.follow(entry, Content::Unverified);
                Ok(Step::On)
            }
            Opening::Gone => {
                self.gone_arrived(entry);
                self.follow(entry, Content::Gone);
                Ok(Step::On)
            }
            Opening::Newer => {
                self.follow(entry, Content::Newer);
                Ok(Step::On)
            }
            Opening::Opened(content, body) => {
                if self.saw_the_same(id, entry.seq, body.seen.seq, body.seen.hash)? {
                    self.new_message(id, entry, *content, &body);
                } else {
                    // a lying member or a lying server: the message counts for nothing, the conversation goes on
                    self.tell_fork();
                    self.follow(entry, Content::Unverified);
                }
                Ok(Step::On)
            }
        }
    }

    /// Opens a message with the secret of its epoch and a verified certificate.
    pub(crate) fn open_entry(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Opening, Failure> {
        let secret = match self.find_secret(id, (entry.restart, entry.epoch))? {
            Secret::Known(secret) => secret,
            Secret::Wait => return Ok(Opening::Wait),
            Secret::Lost if self.is_cut_off(id, (entry.restart, entry.epoch)) => {
                return Ok(Opening::Gone);
            }
            Secret::Lost => return Ok(Opening::Refused),
        };
        let Some(sealed) = &entry.body else {
            return Ok(Opening::Refused);
        };
        let timed = match entry.timed.then(|| self.find_timed(entry)) {
            Some(Timed::Wait) => return Ok(Opening::Wait),
            Some(Timed::Gone) => return Ok(Opening::Gone),
            Some(Timed::Known(timed)) => Some(timed),
            None => None,
        };
        match self.open_sealed((&secret, timed.as_ref()), entry, sealed) {
            Ok(opened) if !self.fits_timer(entry, &opened.body) => Ok(Opening::Refused),
            Ok(opened) if !self.may_write(id, entry, opened.certificate) => Ok(Opening::Refused),
            Ok(opened) if self.given_in(id, entry, &opened.body).is_err() => Ok(Opening::Refused),
            Ok(opened) => {
                let content = self.place_message(id, entry, &opened)?;
                Ok(Opening::Opened(Box::new(content), Box::new(opened.body)))
            }
            Err(ContentError::UnknownVersion) => Ok(Opening::Newer),
            Err(ContentError::UnknownCertificate(name)) => Ok(match self.want_leaf(name) {
                Some(true) => return self.open_entry(id, entry),
                Some(false) => Opening::Refused,
                None => Opening::Wait,
            }),
            Err(_) => Ok(Opening::Refused),
        }
    }

    /// A message stands where it was said first; what the server repeats later is not shown.
    fn place_message(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        opened: &e2ee::content::Opened,
    ) -> Result<Content, Failure> {
        let message = opened.body.id;
        if entry.sender == self.my_id() {
            self.vault_was_seen(opened.body.vault_head);
            self.outbox_arrived(id, message);
        }
        match self.seq_of_message(id, entry.sender, message)? {
            Some(seq) if seq < entry.seq => return Ok(Content::Repeated),
            Some(seq) if seq > entry.seq => self.mark_repeated(id, seq)?,
            _ => {}
        }
        if let Ok(Some(given)) = self.given_in(id, entry, &opened.body) {
            return Ok(self.given_row(id, entry, &opened.body, &given));
        }
        Ok(Content::Message {
            id: message,
            body: opened.bytes.clone().into(),
        })
    }

    /// In the epoch that this device has the tree of, the author must be in it, by this leaf, and may not be read-only.
    fn may_write(&self, id: ConversationId, entry: &Entry, certificate: Hash32) -> bool {
        let Some(state) = self.conversations.get(&id).and_then(|c| c.tree_of(entry)) else {
            return true;
        };
        let leaf = state.certificate(certificate);
        leaf.is_some_and(|leaf| leaf.member == entry.sender)
            && state.policy().may_write(entry.sender)
    }

    fn open_sealed(
        &self,
        (secret, timed): (&EpochSecret, Option<&TimedSecret>),
        entry: &Entry,
        sealed: &[u8],
    ) -> Result<e2ee::content::Opened, ContentError> {
        let context = self.context_of(entry, entry.epoch);
        let leaf = |name| self.leaf(name);
        match timed {
            Some(timed) => open_timed((timed, secret), &context, sealed, &leaf),
            None => open_message(secret, &context, sealed, &leaf),
        }
    }

    /// Where an entry's content stands.
    pub(super) fn context_of(&self, entry: &Entry, epoch: u64) -> Context {
        let own = self.own.as_ref();
        Context {
            instance: own.map_or_else(Default::default, |own| own.instance),
            conversation: entry.conversation,
            restart: entry.restart,
            epoch,
            sender: entry.sender,
        }
    }

    /// Authors sign what they had seen of the log: it must be what this device has seen (fork consistency).
    pub(super) fn saw_the_same(
        &self,
        id: ConversationId,
        seq: u64,
        seen: u64,
        hash: Hash32,
    ) -> Result<bool, Failure> {
        if seen >= seq {
            return Ok(false);
        }
        let here = match seen {
            0 => Some(self.transcript_start(id)),
            seen => self.row(id, seen)?.map(|row| row.transcript),
        };
        Ok(here.is_none_or(|here| here == hash))
    }

    pub(super) fn tell_fork(&mut self) {
        let reason = "somebody was shown another history of this conversation";
        self.fail(Doing::Background, Failure::Unverified(reason.into()));
    }

    fn new_message(&mut self, id: ConversationId, entry: &Entry, content: Content, body: &Body) {
        let me = self.my_id();
        let given = content.given(body);
        let fresh = matches!(content, Content::Message { .. });
        let expiry = self.expiry_of(entry);
        self.follow(entry, content);
        if let Some(given) = given {
            self.given_said(entry, &given, body.given_at);
        }
        if !fresh {
            return;
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let preview = body.text.as_deref().unwrap_or_default();
        rec.last = Some((entry.time, preview.chars().take(PREVIEW).collect()));
        (rec.last_seq, rec.last_own) = (entry.seq, entry.sender == me);
        rec.last_expiry = expiry;
        self.save_record(id);
        if entry.sender != me {
            self.receipt_wanted(id);
        }
        self.tell(Update::Conversations);
    }

    fn follow_commit(&mut self, id: ConversationId, entry: Entry) -> Result<Step, Failure> {
        let ready = |c: &super::Conversation| c.mls.is_some();
        if entry.epoch == 0 && self.conversations.get(&id).is_some_and(ready) {
            self.check_first_commit(id, &entry)?;
        }
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let Some(state) = &conversation.mls else {
            return Ok(Step::Wait);
        };
        if entry.epoch != conversation.rec.log_epoch {
            return Err(Failure::Unverified("a commit out of its turn".into()));
        }
        if (state.restart(), state.epoch()) > (entry.restart, entry.epoch) {
            return self.pass_commit(id, &entry);
        }
        if conversation.rec.stuck.is_some() {
            return self.follow_stuck(id, &entry);
        }
        let Some(commit) = entry.body.clone() else {
            return Err(Failure::Unverified("a commit is missing".into()));
        };
        if let Some(pending) = self.pending_commit(id)? {
            if pending.hash == entry.body_hash {
                return self.adopt_pending(id, &entry, &pending);
            }
            self.drop_pending(id);
        }
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let live = conversation.live_from.is_some_and(|from| entry.seq >= from);
        let Some(state) = &conversation.mls else {
            return Ok(Step::Wait);
        };
        let newest = self.people.to_judge(self.now);
        let of_before = self.people.of_before();
        let roster: &dyn Roster = match (live, conversation.rec.direct) {
            (true, _) => &newest,
            (false, true) => &self.people,
            (false, false) => &of_before,
        };
        let departures = state.departures(&conversation.rec.departed);
        match state.process(&commit, entry.sender, roster, &departures) {
            Ok(processed) => self.processed(id, &entry, processed),
            Err(mls::MlsError::UnknownMember(member, generation)) => {
                self.need_person_to_go_on(id, member, generation)
            }
            Err(mls::MlsError::OwnCommit) => {
                // made by another device of this member: the state after it is in the vault
                if let Some(conversation) = self.conversations.get_mut(&id) {
                    conversation.wants_state = true;
                }
                Ok(Step::On)
            }
            Err(error) if error.is_unfollowable() => self.is_stuck_at(id, &entry),
            Err(error) => Err(mls_failure(error)),
        }
    }

    /// A commit whose state this device has already (from the vault).
    fn pass_commit(&mut self, id: ConversationId, entry: &Entry) -> Result<Step, Failure> {
        self.follow_link(id, entry)?;
        self.follow_done(entry, done_by(entry));
        Ok(Step::On)
    }

    /// Follows a commit, and has newcomers told what the conversation is called.
    pub(super) fn follow_done(&mut self, entry: &Entry, content: Content) {
        let mut came = matches!(&content, Content::Members { added, .. } if !added.is_empty());
        if let Content::Members { restored, .. } = &content {
            self.repairs_done(entry.conversation, restored);
            // who is back under another identity reads nothing of before either
            came |= !restored.is_empty() && entry.link.is_none();
        }
        if let Content::Members {
            added,
            removed,
            roles,
            ..
        } = &content
            && let Some(conversation) = self.conversations.get_mut(&entry.conversation)
        {
            let roles = roles.iter().map(|(member, _)| member);
            let all = added.iter().chain(removed).chain(roles);
            conversation.rec.wanted.decided(all);
            let rec = &mut conversation.rec;
            // people have decided about them since: nobody is let in again by the app
            rec.left_out
                .retain(|m| !added.contains(m) && !removed.contains(m));
        }
        self.follow(entry, content);
        if came {
            self.given_for_newcomers(entry.conversation, entry.sender);
        }
    }

    fn adopt_pending(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        pending: &super::PendingCommit,
    ) -> Result<Step, Failure> {
        let (next, _) =
            mls::Conversation::restore_at(&pending.record, &pending.tree).map_err(mls_failure)?;
        self.cut_or_link(id, entry, &next);
        self.drop_pending(id);
        let mut founded = false;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            // the commit request has written the state to the vault
            conversation.rec.saved_epoch = next.epoch();
            founded = std::mem::take(&mut conversation.rec.creating);
        }
        self.follow_done(entry, done_by(entry));
        for (_, leaf) in next.members() {
            self.keep_leaf(leaf);
        }
        self.state_is(id, next);
        if founded {
            self.opened(id);
        }
        Ok(Step::On)
    }

    fn processed(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        processed: mls::Processed,
    ) -> Result<Step, Failure> {
        let content = Content::of(processed.data.said);
        let me = self.my_id();
        let repaired =
            matches!(&content, Content::Members { restored, .. } if restored.contains(&me));
        let seen = processed.data.context;
        if entry.sender == self.my_id() {
            self.vault_was_seen(seen.vault_head);
        }
        if !self.saw_the_same(id, entry.seq, seen.seen_seq, seen.seen_hash)? {
            self.tell_fork();
        }
        for leaf in processed.certificates {
            self.keep_leaf(leaf);
        }
        let Some(next) = processed.next else {
            if repaired {
                self.keep_closed(id, entry);
            }
            self.follow(entry, content);
            return Ok(self.leaf_gone(id, repaired, entry.epoch + 1));
        };
        self.cut_or_link(id, entry, &next);
        self.follow_done(entry, content);
        self.state_is(id, next);
        Ok(Step::On)
    }

    /// The commit took this member's leaf: they are out; or in again with a new one, if the same commit gave it, by the Welcome
    /// that waits or by what another device made of it.
    fn leaf_gone(&mut self, id: ConversationId, repaired: bool, next: u64) -> Step {
        let invited = self.conversations.get(&id).is_some_and(|c| c.invited);
        if !invited && !repaired {
            self.conversation_gone(id);
            return Step::Wait;
        }
        if repaired {
            self.begin_anew(id);
        } else {
            self.come_back(id);
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.invited = invited;
            conversation.repairs.needs((conversation.rec.restart, next));
            conversation.invited_to = conversation.rec.restart;
        }
        self.save_record(id);
        Step::On
    }

    /// A commit takes this member's leaf and gives them another one: what the epoch that it closes leads to is kept, as past a
    /// cut. Their other devices, and those to come, may have no other way to what was written before.
    fn keep_closed(&mut self, id: ConversationId, entry: &Entry) {
        let conversation = self.conversations.get_mut(&id);
        let Some(conversation) = conversation.filter(|_| entry.epoch > 0) else {
            return;
        };
        let Some(state) = conversation.mls.clone() else {
            return;
        };
        conversation.rec.unsaved_heads.push(entry.epoch);
        self.keep_timed(id, &state, entry.time);
        self.keep_secret(id, (entry.restart, entry.epoch), state.epoch_secret());
    }

    /// Past a commit without a good link the closed epoch's secret has to be kept in the vault.
    fn cut_or_link(&mut self, id: ConversationId, entry: &Entry, next: &mls::Conversation) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let Some(state) = conversation.mls.clone().filter(|_| entry.epoch > 0) else {
            return;
        };
        let closed = state.epoch_secret().clone();
        // an epoch in which nothing disappears leaves no record: others could fill this member's vault with them
        let rec = &conversation.rec;
        let seen_whole = (rec.low_restart, rec.low_epoch) < (entry.restart, entry.epoch);
        if rec.timed_in == entry.epoch || !seen_whole {
            self.keep_timed(id, &state, entry.time);
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let linked = entry.link.as_ref().is_some_and(|link| {
            let c_n = closed.commitment();
            open_link(
                next.epoch_secret(),
                entry.epoch,
                id,
                entry.restart,
                link,
                c_n,
            )
            .is_ok()
        });
        if !linked {
            conversation.rec.unsaved_heads.push(entry.epoch);
            self.link_missing(id, entry, next);
        }
        self.keep_secret(id, (entry.restart, entry.epoch), &closed);
    }
}
