//! Commits that can't be followed: this device says so, and waits; an admin's founds the conversation anew (`docs/crypto.md`,
//! section 5). `found` does that, `follow` goes on in the new group, `back` reads back over it, `run` is what it is about.

mod around;
mod back;
mod complaint;
mod follow;
mod found;
mod later;
mod over;
mod prepare;
mod run;

use ambient::Millis;
use e2ee::{
    identity::Roster,
    mls::{self, public::PublicConversation},
    policy::Kind,
    restart::{Standing, may_restart, who_stays},
};
use protocol::{
    ConversationId, MemberId,
    methods::conversations::{Entry, kind},
};
use serde::{Deserialize, Serialize};

use super::{
    BEYOND, Conversation, key,
    load::{Step, state_name},
    mls_failure,
    rows::{Content, done_by},
};
use crate::{Doing, Engine, Failure, Space, Store, Update};

pub(crate) use follow::Anew;
pub(crate) use found::Founding;
pub(crate) use run::Run;

/// So long it is waited whether anybody is past the commit.
const WAIT_MS: Millis = 30_000;
/// Admins found anew one after the other, so that usually one does: each waits so long for those before them, at most for
/// so many.
const TURN_MS: Millis = 5_000;
const TURNS: usize = 24;

/// This device can't follow a commit, nor any after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stuck {
    /// The epoch that it closed, whose state this device has.
    epoch: u64,
    /// Its author.
    pub(crate) by: MemberId,
    /// The server would not have the complaint.
    refused: bool,
    /// Somebody else is past it: this member alone needs help.
    passed: bool,
    /// What the person has decided: to found the conversation anew, or to wait.
    pub(crate) decided: Option<bool>,
}

impl Stuck {
    /// Whether only this member can't follow.
    pub(crate) fn is_alone(&self) -> bool {
        self.passed
    }
}

impl Conversation {
    /// How the conversation stood in the epoch of the state.
    pub(super) fn standing(&self) -> Option<Standing> {
        let state = self.mls.as_ref()?;
        Some(around::standing(state.policy(), state.members()))
    }

    /// How it stood before and after the commits that can't be followed.
    pub(super) fn around(&self) -> Option<(Standing, Standing)> {
        let linked = self.standing()?;
        let beyond = self.beyond.as_ref()?;
        let current = around::standing(beyond.policy(), beyond.members());
        Some((linked, current))
    }

    /// Whether somebody complains who is still in it.
    pub(super) fn is_complained_of(&self) -> bool {
        let mut all = self.rec.run.complaints().iter();
        all.any(|m| self.is_in_now(*m))
    }

    /// Members say that they can't follow what this one did last.
    pub(super) fn is_blamed(&self, member: MemberId) -> bool {
        self.rec.run.author() == Some(member) && self.is_complained_of()
    }

    /// Whether somebody is in it by the newest that is known, and has not left.
    fn is_in_now(&self, member: MemberId) -> bool {
        let left = !self.rec.direct && self.rec.departed.contains(&member);
        let there = match &self.beyond {
            Some(beyond) => beyond.members().iter().any(|(m, _)| *m == member),
            None => self.rec.members.contains(&member),
        };
        there && !left
    }

    /// Everything was looked at, and this device is stuck before the end of it.
    pub(super) fn is_stuck_at_the_end(&self) -> bool {
        self.has_read_all() && self.rec.stuck.is_some() && self.mls.is_some()
    }

    /// Whether this member may found the conversation anew, because they are stuck.
    pub(crate) fn may_restart(&self, me: MemberId) -> bool {
        let open = self
            .rec
            .stuck
            .as_ref()
            .is_some_and(|s| !s.passed && s.by != me);
        let around = self.around().filter(|_| open && !self.rec.gone);
        around.is_some_and(|(linked, current)| may_restart(&linked, &current, me).is_ok())
    }

    /// Whether who made the commits is out, if this member founds the conversation anew.
    pub(crate) fn goes_without(&self, me: MemberId) -> bool {
        let Some((linked, current)) = self.around() else {
            return false;
        };
        let by = self.rec.stuck.as_ref().map(|stuck| stuck.by);
        let anew = e2ee::restart::Anew {
            by: me,
            reason: e2ee::statement::Reason::Complaint,
            offender: by,
            left: &[],
        };
        let stays = who_stays(&linked, &current, &anew);
        by.is_some_and(|by| !stays.contains(&by))
    }

    /// Whether nobody has to be asked: there are two, or at least half of all others can't follow either.
    pub(crate) fn restarts_by_itself(&self) -> bool {
        let (Some(state), Some(stuck)) = (self.standing(), &self.rec.stuck) else {
            return false;
        };
        let others = state.members.iter();
        // whom the run took out has no say
        let others = others.filter(|m| **m != stuck.by && self.is_in_now(**m));
        let complain = |m: &&MemberId| self.rec.run.is_complained_of_by(**m);
        let most = 2 * others.clone().filter(complain).count() >= others.count();
        state.policy.kind == Kind::Direct || most
    }

    /// How many admins come before this member.
    fn turn(&self, me: MemberId) -> usize {
        let Some((linked, current)) = self.around() else {
            return 0;
        };
        let by = self.rec.stuck.as_ref().map(|stuck| stuck.by);
        let may = |m: &&MemberId| Some(**m) != by && may_restart(&linked, &current, **m).is_ok();
        let admins = linked.members.iter().filter(may);
        admins.take_while(|m| **m != me).count()
    }
}

impl<S: Store> Engine<S> {
    /// A commit that was accepted can't be followed here. The log is, and the state stays as it is.
    pub(super) fn is_stuck_at(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Step, Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let Some(closed) = conversation.mls.clone() else {
            return Ok(Step::Wait);
        };
        let public = PublicConversation::of_member(&closed).map_err(mls_failure)?;
        let next = match self.beyond(id, entry, &public) {
            Ok(next) => next,
            Err(mls::MlsError::UnknownMember(member, generation)) => {
                return self.need_person_to_go_on(id, member, generation);
            }
            Err(error) => return Err(mls_failure(error)),
        };
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.rec.stuck = Some(Stuck {
                epoch: entry.epoch,
                by: entry.sender,
                refused: false,
                passed: false,
                decided: None,
            });
        }
        if entry.epoch > 0 {
            self.keep_timed(id, &closed, entry.time);
        }
        self.stuck.insert(id);
        self.follow(entry, Content::Unreadable);
        self.tell_change(); // nothing waits for new keys here
        Ok(self.is_beyond(id, next))
    }

    /// Another commit after one that this device can't follow: looked at as the server does, by what is public.
    pub(super) fn follow_stuck(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Step, Failure> {
        let before = self.conversations.get(&id).and_then(|c| c.beyond.clone());
        let Some(before) = before else {
            self.follow_done(entry, done_by(entry)); // by an earlier version of the app: it asks for a new leaf
            return Ok(Step::On);
        };
        let next = match self.beyond(id, entry, &before) {
            Ok(next) => next,
            Err(mls::MlsError::UnknownMember(member, generation)) => {
                let unreadable = self.people.unreadable.contains(&member);
                return match self.need_person(member, generation) {
                    Err(Failure::NoPerson) if !unreadable => Ok(self.lose_sight(id, entry)),
                    other => other,
                };
            }
            Err(error) => return Err(mls_failure(error)),
        };
        self.follow_done(entry, done_by(entry));
        Ok(self.is_beyond(id, next))
    }

    /// Somebody's account was closed before this device knew them: it can't tell any more what is public of the conversation,
    /// nor found it anew. At the end of the log it asks for a new leaf.
    fn lose_sight(&mut self, id: ConversationId, entry: &Entry) -> Step {
        self.batch.delete(Space::Conversations, key(id, BEYOND));
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.beyond = None;
        }
        self.follow_done(entry, done_by(entry));
        Step::On
    }

    /// What is public of the conversation after a commit.
    fn beyond(
        &self,
        id: ConversationId,
        entry: &Entry,
        before: &PublicConversation,
    ) -> Result<PublicConversation, mls::MlsError> {
        let left = self.conversations.get(&id).map(|c| c.rec.departed.clone());
        let departures = before.departures(&left.unwrap_or_default());
        let commit = entry.body.clone().unwrap_or_default();
        let of_before = self.people.of_before();
        let roster: &dyn Roster = match before.policy().kind {
            Kind::Direct => &self.people,
            Kind::Group => &of_before,
        };
        let checked = before.check_commit(&commit, entry.sender, roster, &departures)?;
        Ok(checked.next)
    }

    fn is_beyond(&mut self, id: ConversationId, next: PublicConversation) -> Step {
        let me = self.my_id();
        for (_, leaf) in next.members() {
            self.keep_leaf(leaf);
        }
        let there = next.members().iter().any(|(m, _)| *m == me);
        self.batch
            .put(Space::Conversations, key(id, BEYOND), next.to_bytes());
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.beyond = Some(next);
        }
        self.tell(Update::Conversations);
        if there {
            return Step::On;
        }
        self.conversation_gone(id);
        Step::Wait
    }

    /// Somebody else shows that they are past the commit that this device can't follow.
    pub(super) fn note_passed(&mut self, entry: &Entry) {
        let me = self.my_id();
        let Some(conversation) = self.conversations.get_mut(&entry.conversation) else {
            return;
        };
        let Some(stuck) = &mut conversation.rec.stuck else {
            return;
        };
        // who only leaves or complains is not past it
        let clear = [
            kind::COMPLAINT,
            kind::RESTART,
            kind::ACCOUNT_CLOSED,
            kind::LEAVE,
        ];
        let says = !clear.contains(&entry.kind);
        if says && entry.epoch > stuck.epoch && entry.sender != stuck.by && entry.sender != me {
            stuck.passed = true;
        }
    }

    /// What a person decides who is asked: to found the conversation anew, or to wait.
    pub(crate) fn decide_restart(
        &mut self,
        id: ConversationId,
        start: bool,
    ) -> Result<(), Failure> {
        let me = self.my_id();
        let synced = self.connection.synced();
        let conversation = self
            .conversations
            .get_mut(&id)
            .ok_or(Failure::NoConversation)?;
        if start && !conversation.may_restart(me) {
            return Err(Failure::NotAllowed);
        }
        if start && !synced {
            return Err(Failure::Offline);
        }
        let stuck = conversation.rec.stuck.as_mut().ok_or(Failure::NotAllowed)?;
        stuck.decided = Some(start);
        if start {
            conversation.founding.hurry();
        }
        self.save_record(id);
        self.batch.durable = true;
        self.tell(Update::Conversations);
        Ok(())
    }

    /// Does what is to be done where this device is stuck.
    pub(crate) fn work_stuck(&mut self) {
        for id in self.stuck.clone() {
            match self.work_stuck_in(id) {
                Ok(true) => {}
                Ok(false) => {
                    self.stuck.remove(&id);
                }
                Err(failure) => {
                    self.founding_failed(id, &failure);
                    self.fail(Doing::Restarting, failure);
                }
            }
        }
    }

    /// False: it is stuck no more.
    fn work_stuck_in(&mut self, id: ConversationId) -> Result<bool, Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(false);
        };
        let rec = &conversation.rec;
        let Some(stuck) = rec.stuck.clone() else {
            return Ok(false);
        };
        if rec.gone {
            return Ok(false);
        }
        if conversation.broken.is_some() || !conversation.has_read_all() || !self.knows_vault() {
            return Ok(true);
        }
        let kept = self.vault.manifest.version(&state_name(id, rec.restart));
        if kept > stuck.epoch {
            // another device of this member is past it
            self.begin_anew(id);
            self.save_record(id);
            self.more_to_do = true;
            return Ok(false);
        }
        if conversation.mls.is_none() {
            return Ok(true); // its turn comes
        }
        let in_reach = rec.run.hash_of(stuck.epoch).is_some() && conversation.beyond.is_some();
        if stuck.passed || !in_reach {
            self.state_is_of_no_use(id);
            return Ok(true);
        }
        let complained = rec.run.is_complained_of_by(self.my_id()) || stuck.refused;
        if !complained {
            self.complain(id, &stuck);
            return Ok(true);
        }
        self.work_founding(id)?;
        Ok(true)
    }

    /// When something is to be done where this device is stuck.
    pub(crate) fn restarts_deadline(&self) -> Option<Millis> {
        let all = self
            .stuck
            .iter()
            .filter_map(|id| self.conversations.get(id));
        let over = self.over.iter().filter_map(|id| self.conversations.get(id));
        let due = all.chain(over).flat_map(|c| c.founding.deadlines());
        due.flatten().filter(|at| *at > self.now).min()
    }
}
