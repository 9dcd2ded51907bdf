//! Following a conversation into the group that was founded anew, and reading back over that.

use std::cmp::Ordering;

use e2ee::{
    links::open_link,
    mls::{self, CommitData},
    policy::Policy,
    restart::{Anew as Judged, may_go_over, may_restart, new_policy},
    statement::{Reason, Restart},
    transcript::EntryKind,
};
use protocol::{
    Bytes, ConversationId, Hash32, MemberId,
    methods::conversations::{Entry, kind},
};
use serde::{Deserialize, Serialize};

use crate::{
    Engine, Failure, Space, Store, Update,
    conversation::{
        self, Chain, Conversation, chain::segment_head_name, forward::Opening, load::Step,
        rows::Content,
    },
};

/// A group founded anew, as the log says, until its state is here and its first commit followed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Anew {
    /// Who is in it.
    members: Vec<MemberId>,
    /// Its policy, where the old group's is known well enough.
    policy: Option<Bytes>,
    /// The old group's restart number, and the epoch that the link leads to.
    old: (u32, u64),
    c_n: Hash32,
    link: Bytes,
    /// SHA-256 of the first commit.
    commit: Hash32,
    /// The number of its suite; none where an earlier version of the app has kept this.
    #[serde(default)]
    suite: Option<u16>,
}

/// Who is not in the new group.
struct Out {
    /// All of them but who has left.
    all: Vec<MemberId>,
    /// Of them, who belongs in it, and of whom no key package was to be had.
    later: Vec<MemberId>,
}

pub(super) fn refuse<T>(why: &str) -> Result<T, Failure> {
    Err(Failure::Unverified(why.to_owned()))
}

impl<S: Store> Engine<S> {
    /// The conversation is founded anew. Its new group's first commit stands right behind, and both are looked at together.
    pub(in crate::conversation) fn follow_restart(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Step, Failure> {
        let said = match self.restart_in(id, entry) {
            Ok(said) => said,
            Err(Opening::Wait) => return Ok(Step::Wait),
            Err(Opening::Newer) => return Err(Failure::Outdated),
            Err(_) => return refuse("founded anew by nobody of this conversation"),
        };
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let Some(state) = &conversation.mls else {
            return Ok(Step::Wait);
        };
        if entry.epoch != conversation.rec.log_epoch {
            return refuse("founded anew out of its turn");
        }
        let Some(first) = conversation.inbox.get(&(entry.seq + 1)).cloned() else {
            if self.connection.synced() && conversation.rec.head_seq > entry.seq {
                self.want_entries(id);
            }
            return Ok(Step::Wait);
        };
        let members = first_members(entry, &said, &first)?;
        if state.restart() > entry.restart {
            // from the vault, where a device of this member has put it: only the way to it is left
            return self.reach_restart(id, entry, &said);
        }
        let out = self.judge_restart(id, entry, &said, &members)?;
        if self.keep_old(id, entry, &said) == Step::Wait {
            return Ok(Step::Wait);
        }
        self.go_over(id, entry, &said, members, out)
    }

    /// What the statement of an entry says that founds the conversation anew.
    pub(super) fn restart_in(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Restart, Opening> {
        let statement = self.statement_in(id, entry, EntryKind::Restart)?;
        let said = Restart::decode(&statement.content).map_err(|_| Opening::Refused)?;
        let suite = mls::MlsSuite::from_number(said.suite);
        if suite.is_none_or(|suite| self.takes(suite).is_err()) {
            return Err(Opening::Newer);
        }
        let next = Some(said.restart) == entry.restart.checked_add(1);
        let fits = next && self.leads_to_here(id, &said);
        fits.then_some(said).ok_or(Opening::Refused)
    }

    /// Whether the suite that was said may have led to that of the group which this device has, if that is a later one.
    fn leads_to_here(&self, id: ConversationId, said: &Restart) -> bool {
        let conversation = self.conversations.get(&id);
        let Some(state) = conversation.and_then(|c| c.mls.as_ref()) else {
            return true;
        };
        match said.restart.cmp(&state.restart()) {
            Ordering::Less => said.suite <= state.suite().number(),
            Ordering::Equal => said.suite == state.suite().number(),
            Ordering::Greater => true,
        }
    }

    /// Whether it might be founded so, as far as this device knows the epochs before it.
    fn judge_restart(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        said: &Restart,
        members: &[MemberId],
    ) -> Result<Out, Failure> {
        let complaint = said.reason == Reason::Complaint;
        let run = self.conversations.get(&id).map(|c| &c.rec.run);
        let back = complaint && run.is_some_and(|run| run.leads_to(said.epoch, entry.epoch));
        if said.epoch != entry.epoch && !back {
            return refuse("founded anew from an epoch that lies further back");
        }
        let known = self.known_secret(id, (entry.restart, said.epoch))?;
        if known.is_some_and(|e_n| !e_n.commits_to(&said.c_n)) {
            return refuse("founded anew by somebody who does not know the conversation");
        }
        let Some(conversation) = self.conversations.get(&id) else {
            return refuse("no conversation");
        };
        let rec = &conversation.rec;
        let known = rec.run.author().is_some();
        if known && complaint && !conversation.is_complained_of() {
            return refuse("founded anew though nobody has complained");
        }
        if known && !complaint && conversation.is_complained_of() {
            return refuse("taken over to another suite though members complain");
        }
        let suite = conversation
            .mls
            .as_ref()
            .map(|state| state.suite().number());
        if suite.is_none_or(|suite| !may_go_over(said.reason, suite, said.suite)) {
            return refuse("founded anew under a suite that it does not go over to");
        }
        let Some(around) = conversation.around_restart(said) else {
            return refuse("founded anew where this device knows nothing of it");
        };
        if may_restart(&around.linked, &around.current, entry.sender).is_err() {
            return refuse("founded anew by somebody who may not");
        }
        let judged = Judged {
            by: entry.sender,
            reason: said.reason,
            offender: rec.run.author().filter(|_| complaint),
            left: &rec.departed,
        };
        let leaves = |out: &MemberId| !rec.departed.contains(out);
        match around.without(&judged, members) {
            Some((all, later)) => Ok(Out {
                all: all.into_iter().filter(leaves).collect(),
                later,
            }),
            None => refuse("founded anew with other people than before"),
        }
    }

    /// What the link does not lead to is kept in the vault, before the state that opens it goes.
    fn keep_old(&mut self, id: ConversationId, entry: &Entry, said: &Restart) -> Step {
        let Some(conversation) = self.conversations.get(&id) else {
            return Step::Wait;
        };
        // also one that lies before the commits that can't be followed
        let state = conversation.mls.clone();
        let state = state.filter(|state| state.restart() == entry.restart && state.epoch() > 0);
        if let Some(state) = state {
            if state.epoch() == entry.epoch {
                self.keep_timed(id, &state, entry.time); // of earlier ones that was done when they ended
            }
            let head = segment_head_name(id, state.restart(), state.epoch());
            let kept = said.epoch == state.epoch() || self.vault.manifest.version(&head) > 0;
            if let Some(conversation) = self.conversations.get_mut(&id) {
                let unsaved = &mut conversation.rec.unsaved_heads;
                if !kept && !unsaved.contains(&state.epoch()) {
                    unsaved.push(state.epoch());
                    self.save_record(id);
                }
            }
        }
        self.heads_saved(id);
        let rec = self.conversations.get(&id).map(|c| &c.rec);
        let saved = rec.is_none_or(|r| r.unsaved_heads.is_empty() && r.unsaved_timed.is_empty());
        if saved { Step::On } else { Step::Wait }
    }

    /// Leaves the old group. The new one's state comes from this device if it founded it, from the vault, or by a Welcome.
    fn go_over(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        said: &Restart,
        members: Vec<MemberId>,
        out: Out,
    ) -> Result<Step, Failure> {
        let complaint = said.reason == Reason::Complaint;
        let pending = self.pending_commit(id)?.filter(|p| p.hash == said.commit);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Step::Wait);
        };
        let around = conversation.around_restart(said);
        let policy = around
            .filter(|a| !a.unsure)
            .map(|a| new_policy(&a.linked.policy, &a.current.policy, entry.sender, &members));
        let anew = Anew {
            policy: policy.map(|p| p.encode().into()),
            old: (entry.restart, said.epoch),
            c_n: said.c_n,
            link: said.link.clone().into(),
            commit: said.commit,
            members: members.clone(),
            suite: Some(said.suite),
        };
        let restarted = Content::Restarted {
            complaint,
            out: out.all,
        };
        self.follow(entry, restarted);
        let me = self.my_id();
        self.let_in_later(id, entry.sender == me, &out.later);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Step::Wait);
        };
        conversation.enter(anew, said, entry.time);
        self.stuck.remove(&id);
        self.over.remove(&id);
        for part in [conversation::STATE, conversation::BEYOND] {
            self.batch
                .delete(Space::Conversations, conversation::key(id, part));
        }
        self.forgotten_states.insert(id);
        if !members.contains(&me) {
            self.conversation_gone(id);
            return Ok(Step::Wait);
        }
        match pending {
            Some(pending) => {
                let (state, _) = mls::Conversation::restore_at(&pending.record, &pending.tree)
                    .map_err(conversation::mls_failure)?;
                self.follows_on(id, &state)?;
                for (_, leaf) in state.members() {
                    self.keep_leaf(leaf);
                }
                if let Some(conversation) = self.conversations.get_mut(&id) {
                    conversation.rec.saved_epoch = state.epoch(); // by the request that founded it
                }
                self.state_is(id, state);
            }
            None => self.save_record(id),
        }
        self.drop_pending(id);
        self.batch.durable = true;
        self.tell(Update::Conversations);
        Ok(Step::On)
    }

    /// Whether a state of a group founded anew is the one that the log says, and hangs on to the old group.
    pub(in crate::conversation) fn follows_on(
        &mut self,
        id: ConversationId,
        state: &mls::Conversation,
    ) -> Result<(), Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(());
        };
        let Some(anew) = conversation.rec.anew.clone() else {
            return Ok(());
        };
        let suite = state.suite().number();
        if anew.suite.is_some_and(|said| said != suite) {
            return refuse("the new group is of another suite than was said");
        }
        if state.epoch() != 1 {
            return Ok(()); // how it was founded, those who joined then have looked at
        }
        let mut members: Vec<MemberId> = state.members().into_iter().map(|(m, _)| m).collect();
        members.sort_unstable();
        let mut wanted = anew.members.clone();
        wanted.sort_unstable();
        let policy = anew
            .policy
            .as_ref()
            .and_then(|bytes| Policy::decode(bytes).ok());
        if members != wanted || policy.is_some_and(|policy| policy != *state.policy()) {
            return refuse("the new group is not the one that was to be founded");
        }
        let (restart, epoch) = anew.old;
        let opened = open_link(
            state.epoch_secret(),
            epoch,
            id,
            restart,
            &anew.link,
            anew.c_n,
        );
        match opened {
            Ok(e_n) => {
                self.keep_secret(id, anew.old, &e_n);
                Ok(())
            }
            Err(_) => refuse("no way leads back from the new group"),
        }
    }

    /// The first commit of a group founded anew is the one that the restart named.
    pub(in crate::conversation) fn check_first_commit(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<(), Failure> {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(());
        };
        match conversation.rec.anew.take() {
            Some(anew) if anew.commit != entry.body_hash => {
                conversation.rec.anew = Some(anew);
                refuse("another first commit than the one that was said")
            }
            _ => Ok(()),
        }
    }
}

/// Who is in the new group by its first commit, which is the one that the restart names.
fn first_members(entry: &Entry, said: &Restart, first: &Entry) -> Result<Vec<MemberId>, Failure> {
    let place = (first.kind, first.restart, first.epoch, first.sender);
    let fits = place == (kind::COMMIT, said.restart, 0, entry.sender);
    if !fits || first.body_hash != said.commit {
        return refuse("founded anew without the group that is named");
    }
    let peeked = first.body.as_ref().map(|body| CommitData::peek(body));
    let Some(Ok((0, data))) = peeked else {
        return refuse("founded anew by a commit that says nothing");
    };
    Ok([vec![entry.sender], data.said.added].concat())
}

impl Conversation {
    /// Into the new group, of which nothing is here yet.
    fn enter(&mut self, anew: Anew, said: &Restart, time: u64) {
        let rec = &mut self.rec;
        let restart = said.restart;
        (rec.suite, rec.over_at, rec.behind) = (said.suite, 0, None);
        rec.members.clone_from(&anew.members);
        rec.anew = Some(anew);
        (rec.restart, rec.log_restart, rec.log_epoch) = (restart, restart, 0);
        (rec.saved_epoch, rec.epoch_since, rec.timed_in) = (0, time, 0);
        (rec.join_package, rec.old_package, rec.told) = (None, false, (0, 0));
        (rec.stuck, rec.run) = (None, Default::default());
        rec.departed.clear();
        rec.unlinked.clear();
        (self.mls, self.beyond) = (None, None);
        self.wants_state = false;
        self.restoring = None;
        self.welcome = None;
        self.key_package = None;
        self.secrets.clear();
        self.chain = Chain::default();
        self.heads_tried.clear();
        self.early_receipts.clear();
        // those of the old group went with it: what was read is told again, after what other devices have told
        (self.receipts_asked, self.rec.marks_known) = (false, false);
        self.founding = super::Founding::default();
        self.repairs = std::mem::take(&mut self.repairs).begun_anew();
    }
}
