//! Leaving a group, and what follows when others have left: the next commit, by whichever member is first, takes them out of the
//! tree, and until then nobody writes.

use ambient::Millis;
use e2ee::{
    content::{ContentError, Seen},
    mls,
    policy::Departures,
    statement::Statement,
    transcript::EntryKind,
};
use protocol::{
    Bytes, ConversationId, ErrorCode, Hash32, MemberId, WireError, decode,
    details::EpochMoved,
    methods::conversations::{Declare, Entry, kind},
};

use super::{Conversation, forward::Opening, group::Planned, load::Step, rows::Content};
use crate::{
    Doing, Engine, Failure, Store, Update,
    pending::{HOLD_MS, Pending},
};

/// Members take those who left out one after the other, so that usually one does: each waits so long for those before them.
const RANK_MS: Millis = 250;
/// Nobody waits longer.
const WAIT_MAX_MS: Millis = 5_000;
/// A removal that was refused is tried again after this time.
const AGAIN_MS: Millis = 10_000;

/// When the members who left are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Due {
    /// Not known yet.
    #[default]
    Open,
    /// At this time, or as soon as somebody here writes.
    At(Millis),
    /// It was refused: not before this time.
    Held(Millis),
}

impl Due {
    fn time(self) -> Option<Millis> {
        match self {
            Self::Open => None,
            Self::At(at) | Self::Held(at) => Some(at),
        }
    }
}

impl Conversation {
    /// The commit that takes those who left out; none when nobody has.
    pub(crate) fn departing(&self, state: &mls::Conversation) -> Option<Planned> {
        let departures = state.departures(&self.rec.departed);
        let any = !self.rec.direct && !departures.left.is_empty();
        any.then(|| Planned {
            remove: departures.left.clone(),
            departures,
            ..Planned::default()
        })
    }

    /// Somebody who left is still in the tree.
    pub(crate) fn is_departing(&self) -> bool {
        let state = self.mls.as_ref();
        !self.rec.departed.is_empty() && state.is_some_and(|state| self.departing(state).is_some())
    }

    pub(crate) fn departure_is_due(&self, now: Millis) -> bool {
        self.is_departing() && self.departure_due.time().is_some_and(|at| at <= now)
    }

    /// How many of those who stay come before this member.
    fn rank(&self, me: MemberId) -> Option<u64> {
        let members = self.mls.as_ref()?.members().into_iter().map(|(m, _)| m);
        let stay = members.filter(|m| !self.rec.departed.contains(m));
        let before = stay.take_while(|m| *m != me).count();
        u64::try_from(before).ok()
    }
}

impl<S: Store> Engine<S> {
    /// Leaves a group. What was read stays readable on this device.
    pub(crate) fn leave_group(&mut self, id: ConversationId) -> Result<(), Failure> {
        let synced = self.connection.synced();
        let conversation = self
            .conversations
            .get_mut(&id)
            .ok_or(Failure::NoConversation)?;
        let rec = &mut conversation.rec;
        if rec.direct {
            return Err(Failure::NotAllowed);
        }
        if rec.gone || !rec.anchored {
            return Err(Failure::NoConversation);
        }
        if let Some(failure) = conversation.stopped_by(&self.people) {
            return Err(failure);
        }
        if !synced {
            return Err(Failure::Offline); // people wait for it
        }
        conversation.rec.leaving = true;
        self.groups_at_work.insert(id);
        self.save_record(id);
        self.batch.durable = true;
        Ok(())
    }

    /// Says that this member leaves, when the conversation is caught up. True while that is under way.
    pub(crate) fn work_leaving(&mut self, id: ConversationId) -> bool {
        let Some(conversation) = self.conversations.get(&id) else {
            return false;
        };
        let rec = &conversation.rec;
        if !rec.leaving || rec.gone {
            return false;
        }
        let held = conversation.claims_held.is_some_and(|at| at > self.now);
        let (Some(state), Some(own)) = (&conversation.mls, &self.own) else {
            return true;
        };
        // who can't follow a commit can go all the same
        let ready = conversation.caught_up() || conversation.is_stuck_at_the_end();
        if held || !ready || self.is_asking(&Pending::Leave(id)) {
            return true;
        }
        let seen = Seen {
            seq: rec.cursor,
            hash: rec.transcript,
        };
        let device = own.device.id();
        let epoch = rec.log_epoch;
        let statement = state.declare_in(epoch, EntryKind::Leave, seen, device, Vec::new());
        let params = Declare {
            conversation: id,
            epoch,
            kind: kind::LEAVE,
            statement: statement.into(),
        };
        self.request(&params, Pending::Leave(id));
        true
    }

    /// The server's answer to a leave.
    pub(crate) fn leave_answered(&mut self, id: ConversationId, result: Result<Bytes, WireError>) {
        let until = self.now + HOLD_MS;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        match result {
            Ok(_) => self.has_left(id),
            Err(error) if error.code == ErrorCode::NotAMember => {
                self.has_left(id); // done before, and the answer was lost
                self.conversation_gone(id);
            }
            Err(error) if error.code == ErrorCode::EpochMoved => {
                let moved = error.data.and_then(|d| decode::<EpochMoved>(&d).ok());
                if let Some(moved) = moved {
                    let rec = &mut conversation.rec;
                    rec.head_seq = rec.head_seq.max(moved.head_seq);
                }
            }
            Err(error) if error.retryable => {
                let wait = error.retry_after_ms.map_or(HOLD_MS, Millis::from);
                conversation.claims_held = Some(until.max(self.now + wait));
            }
            Err(error) => {
                conversation.rec.leaving = false;
                self.save_record(id);
                self.fail(Doing::Leaving, error.into());
            }
        }
    }

    pub(super) fn has_left(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let asked = std::mem::take(&mut rec.leaving);
        rec.left = true;
        rec.wanted = Default::default();
        self.save_record(id);
        if asked {
            self.done(Doing::Leaving);
        }
        self.tell(Update::Conversations);
    }

    /// Somebody has left, as they have signed; or their account was closed, as the server says.
    pub(crate) fn follow_departure(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Step, Failure> {
        let log_epoch = self.conversations.get(&id).map(|c| c.rec.log_epoch);
        let content = match self.departure_in(id, entry) {
            _ if log_epoch != Some(entry.epoch) => Content::Unverified,
            Ok(content) => content,
            Err(Opening::Wait) => return Ok(Step::Wait),
            Err(Opening::Newer) => Content::Newer,
            Err(_) => Content::Unverified,
        };
        let counts = match content {
            Content::Left => true,
            Content::AccountClosed => self.closing_counts(id, entry.sender),
            _ => false,
        };
        self.follow(entry, content);
        if !counts {
            return Ok(Step::On);
        }
        if entry.sender == self.my_id() {
            self.has_left(id);
            self.conversation_gone(id);
            return Ok(Step::Wait);
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let rec = &mut conversation.rec;
            rec.wanted.decided([&entry.sender]);
            if !rec.departed.contains(&entry.sender) {
                rec.departed.push(entry.sender);
            }
            conversation.departure_due = Due::Open;
        }
        self.groups_at_work.insert(id);
        self.save_record(id);
        self.tell(Update::Conversations);
        Ok(Step::On)
    }

    /// Whether that an account was closed takes its member out here; in a direct conversation it ends the writing.
    fn closing_counts(&self, id: ConversationId, member: MemberId) -> bool {
        let Some(conversation) = self.conversations.get(&id) else {
            return false;
        };
        let rec = &conversation.rec;
        let roles = rec.rules.roles.iter().copied();
        rec.direct || Departures::closing_counts(roles, &rec.departed, member)
    }

    /// Somebody left in the epoch in force before this device's state begins, as the way back shows.
    pub(super) fn departed_before(&mut self, id: ConversationId, entry: &Entry, content: &Content) {
        // the entries come backwards: those of the same epoch that came before them are not known yet, and take nobody back in
        let counts = match content {
            Content::Left => true,
            Content::AccountClosed => self.closing_counts(id, entry.sender),
            _ => return,
        };
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let here = rec.direct || entry.epoch == rec.log_epoch;
        if !counts || rec.gone || !here || rec.departed.contains(&entry.sender) {
            return;
        }
        rec.departed.push(entry.sender);
        conversation.departure_due = Due::Open;
        self.groups_at_work.insert(id);
        self.tell(Update::Conversations);
    }

    /// What an entry by which somebody goes comes to. It is signed by a leaf of its epoch: where the tree of that is here,
    /// all members judge alike.
    pub(crate) fn departure_in(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Content, Opening> {
        let Some(body) = &entry.body else {
            return Ok(Content::Removed);
        };
        if entry.kind == kind::ACCOUNT_CLOSED {
            return if body.as_ref() == [1] {
                Ok(Content::AccountClosed)
            } else {
                Err(Opening::Newer)
            };
        }
        self.statement_in(id, entry, EntryKind::Leave)?;
        Ok(Content::Left)
    }

    /// What a member states in clear in an entry that has a body.
    pub(super) fn statement_in(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        kind: EntryKind,
    ) -> Result<Statement, Opening> {
        let body = entry.body.clone().unwrap_or_default();
        let context = self.context_of(entry, entry.epoch);
        let conversation = self.conversations.get(&id);
        let state = conversation.and_then(|c| c.tree_of(entry));
        let beyond = conversation.and_then(|c| c.beyond.as_ref());
        let beyond =
            beyond.filter(|b| (b.policy().restart, b.epoch()) == (entry.restart, entry.epoch));
        let there = state.is_some() || beyond.is_some();
        let leaf = |name: Hash32| match (state, beyond) {
            (Some(state), _) => state.certificate(name),
            (None, Some(beyond)) => beyond.certificate(name),
            (None, None) => self.leaf(name),
        };
        match Statement::open(&body, &context, kind, &leaf) {
            Ok(statement) => {
                let seen = statement.seen;
                let same = self.saw_the_same(id, entry.seq, seen.seq, seen.hash);
                if !same.unwrap_or(true) {
                    self.tell_fork();
                }
                Ok(statement)
            }
            Err(ContentError::UnknownVersion) => Err(Opening::Newer),
            Err(ContentError::UnknownCertificate(name)) if !there => match self.want_leaf(name) {
                Some(true) => self.statement_in(id, entry, kind),
                Some(false) => Err(Opening::Refused),
                None => Err(Opening::Wait),
            },
            Err(_) => Err(Opening::Refused),
        }
    }

    /// Decides when those who left are taken out by this device. True while somebody is still in the tree.
    pub(crate) fn work_departures(&mut self, id: ConversationId) -> bool {
        let (me, now) = (self.my_id(), self.now);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return false;
        };
        if conversation.rec.gone || !conversation.is_departing() {
            return false;
        }
        let waits = self
            .outbox
            .waiting
            .values()
            .any(|w| w.conversation == id && w.seq.is_none());
        let asked = waits || !conversation.rec.wanted.is_nothing();
        conversation.departure_due = match conversation.departure_due {
            Due::Held(at) if at > now => Due::Held(at),
            Due::At(at) if !asked => Due::At(at),
            _ if asked => Due::At(now),
            _ => {
                let wait = conversation.rank(me).unwrap_or_default() * RANK_MS;
                Due::At(now + wait.min(WAIT_MAX_MS))
            }
        };
        true
    }

    /// The commit that takes them out could not be made, or was refused.
    pub(crate) fn departure_refused(&mut self, id: ConversationId) {
        let until = self.now + AGAIN_MS;
        if let Some(conversation) = self.conversations.get_mut(&id)
            && !conversation.rec.departed.is_empty()
        {
            conversation.departure_due = Due::Held(until);
        }
    }

    /// When somebody is to be taken out, of these groups.
    pub(crate) fn departure_deadline(&self, of: &Conversation) -> Option<Millis> {
        let due = of.departure_due.time().filter(|at| *at > self.now);
        due.filter(|_| !of.rec.departed.is_empty() && !of.rec.gone)
    }
}
