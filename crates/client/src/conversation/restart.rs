//! Commits that can't be followed: this device says so, and waits; an admin's founds the conversation anew (`docs/crypto.md`,
//! section 5). `found` does that, `follow` goes on in the new group, `back` reads back over it.

mod around;
mod back;
mod complaint;
mod follow;
mod found;

use ambient::Millis;
use e2ee::{
    mls::CommitData,
    policy::{CommitChange, Kind, Role},
    restart::{Standing, may_restart, who_stays},
};
use protocol::{
    ConversationId, Hash32, MemberId,
    methods::conversations::{Entry, kind},
};
use serde::{Deserialize, Serialize};

use super::{
    Conversation,
    load::{Step, state_name},
    rows::Content,
};
use crate::{Doing, Engine, Failure, Store, Update};

pub(crate) use follow::Anew;
pub(crate) use found::Founding;

/// So long it is waited whether anybody is past the commit.
const WAIT_MS: Millis = 30_000;
/// Admins found anew one after the other, so that usually one does: each waits so long for those before them, at most for
/// so many.
const TURN_MS: Millis = 5_000;
const TURNS: usize = 24;

/// A commit as it was followed, or could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastCommit {
    /// The epoch that it closed.
    epoch: u64,
    author: MemberId,
    hash: Hash32,
    added: Vec<MemberId>,
    removed: Vec<MemberId>,
    roles: Vec<(MemberId, Role)>,
    /// It changed other rules.
    rules: bool,
}

impl LastCommit {
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let (_, data) = CommitData::peek(entry.body.as_ref()?).ok()?;
        let said = data.said;
        Some(Self {
            epoch: entry.epoch,
            author: entry.sender,
            hash: entry.body_hash,
            rules: said.announcements.is_some() || said.history.is_some() || said.timer_s.is_some(),
            added: said.added,
            removed: said.removed,
            roles: said.roles,
        })
    }

    fn change(&self) -> CommitChange {
        CommitChange {
            added: self.added.clone(),
            removed: self.removed.clone(),
            ..CommitChange::default()
        }
    }
}

/// This device can't follow the last commit.
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
        Some(Standing {
            policy: state.policy().clone(),
            members: state.members().into_iter().map(|(m, _)| m).collect(),
        })
    }

    /// How it stood before and after the commit that can't be followed, as its author said.
    pub(super) fn around(&self) -> Option<(Standing, Standing)> {
        let last = self.rec.last_commit.as_ref()?;
        let linked = self.standing()?;
        let current = linked.after(&last.change(), &last.roles);
        Some((linked, current))
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

    /// Whether who made the commit is out, if this member founds the conversation anew.
    pub(crate) fn goes_without(&self, me: MemberId) -> bool {
        let Some((linked, current)) = self.around() else {
            return false;
        };
        let by = self.rec.stuck.as_ref().map(|stuck| stuck.by);
        let anew = e2ee::restart::Anew {
            by: me,
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
        let others = state.members.iter().filter(|m| **m != stuck.by);
        let complain = |m: &&MemberId| self.rec.complaints.contains(m);
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
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Step::Wait);
        };
        conversation.rec.stuck = Some(Stuck {
            epoch: entry.epoch,
            by: entry.sender,
            refused: false,
            passed: false,
            decided: None,
        });
        let closed = conversation.mls.clone();
        if let Some(closed) = closed.filter(|_| entry.epoch > 0) {
            self.keep_timed(id, &closed, entry.time);
        }
        self.stuck.insert(id);
        self.follow(entry, Content::Unreadable);
        self.tell(Update::Conversations);
        Ok(Step::On)
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
        let says = ![kind::COMPLAINT, kind::RESTART, kind::ACCOUNT_CLOSED].contains(&entry.kind);
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
                    self.founding_failed(id);
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
        let complained = rec.complaints.contains(&self.my_id()) || stuck.refused;
        if !complained {
            self.complain(id, &stuck);
            return Ok(true);
        }
        if stuck.passed {
            self.state_is_of_no_use(id);
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
        let due = all.flat_map(|c| c.founding.deadlines());
        due.flatten().filter(|at| *at > self.now).min()
    }
}
