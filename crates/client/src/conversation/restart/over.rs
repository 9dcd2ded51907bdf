//! Going over to a higher suite: an admin's device founds the conversation anew as soon as everybody in it has an app that knows
//! that suite, which their key packages show (`docs/crypto.md`, section 5). Nobody is asked, and nobody left out.

use ambient::Millis;
use e2ee::{
    mls::{KeyPackage, MlsSuite},
    restart::may_restart,
};
use protocol::{
    ConversationId, MemberId,
    methods::people::{ClaimKeyPackage, ClaimedKeyPackage},
};
use rand::Rng;

use super::TURNS;
use crate::{
    Engine, Failure, Store,
    conversation::{Conversation, load::Step},
    pending::Pending,
};

/// Admins try one after the other, so that usually one does: each waits so long for those before them.
const TURN_MS: Millis = 30_000;
/// What is added by chance: members have several devices.
const JITTER_MS: Millis = 30_000;
/// Where somebody's app is too old, it is looked again after this time.
const AGAIN_MS: Millis = 24 * 3_600_000;

impl Conversation {
    /// Whether its suite is lower than this one, and this member might take it over. Never where an account was closed in a direct
    /// one: nobody writes there any more.
    fn may_take_over(&self, me: MemberId, to: MlsSuite) -> bool {
        let lower = self.mls.as_ref().is_some_and(|state| state.suite() < to);
        let rec = &self.rec;
        let there = lower && !rec.gone && !rec.creating && !rec.leaving && rec.departed.is_empty();
        let standing = self.standing().filter(|_| there);
        standing.is_some_and(|here| may_restart(&here, &here, me).is_ok())
    }

    /// Whether everything has been followed and kept, and nothing else is under way.
    fn is_at_peace(&self) -> bool {
        let rec = &self.rec;
        let kept = self.mls.as_ref().is_some_and(|state| {
            let place = (state.restart(), state.epoch());
            place == (rec.restart, rec.saved_epoch) && place == (rec.log_restart, rec.log_epoch)
        });
        let heads = rec.unsaved_heads.is_empty() && rec.unsaved_timed.is_empty();
        let asked = !rec.wanted.is_nothing() || self.update_asked || self.change_sent;
        let help = self.repairs.is_restoring() || self.repairs.has_open();
        let quiet = !asked && !help && !self.is_complained_of() && rec.anew.is_none();
        self.caught_up() && self.broken.is_none() && kept && heads && quiet
    }

    /// How many admins come before this member.
    fn admins_before(&self, me: MemberId) -> usize {
        let Some(here) = self.standing() else {
            return 0;
        };
        let admins = here.members.iter();
        let admins = admins.filter(|m| may_restart(&here, &here, **m).is_ok());
        admins.take_while(|m| **m != me).count()
    }
}

impl<S: Store> Engine<S> {
    /// Moves on what is to go over to this app's suite.
    pub(crate) fn work_over(&mut self) {
        let lowest = MlsSuite::KNOWN.first();
        if lowest.is_none_or(|lowest| *lowest >= self.config.suite) {
            return; // there is none to go over from
        }
        let (me, to, now) = (self.my_id(), self.config.suite, self.now);
        let all = self.conversations.iter();
        let ripe = |c: &Conversation| c.may_take_over(me, to) && c.rec.over_at <= now;
        let (due, rest): (Vec<_>, Vec<_>) = all.partition(|(_, c)| ripe(c) && c.is_at_peace());
        let (due, rest): (Vec<_>, Vec<_>) = (ids(&due), ids(&rest));
        for id in rest {
            if self.over.remove(&id)
                && let Some(conversation) = self.conversations.get_mut(&id)
            {
                conversation.founding = super::Founding::default();
            }
        }
        for id in due {
            self.over.insert(id);
            if self.work_over_in(id).is_err() {
                self.over_later(id, None);
            }
        }
    }

    fn work_over_in(&mut self, id: ConversationId) -> Result<(), Failure> {
        let (me, now) = (self.my_id(), self.now);
        let jitter = self.rng.gen_range(0..JITTER_MS);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(());
        };
        let turn = conversation.admins_before(me).min(TURNS) as Millis;
        let due = conversation
            .founding
            .due_after(now, turn * TURN_MS + jitter);
        if due > now || conversation.founding.is_held(now) || !self.knows_vault() {
            return Ok(());
        }
        self.claim_to_go_over(id)
    }

    /// Asks for one key package at a time: whoever's shows that it can't be yet costs nobody else one.
    fn claim_to_go_over(&mut self, id: ConversationId) -> Result<(), Failure> {
        let me = self.my_id();
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(());
        };
        let Some(ground) = conversation.ground() else {
            return Ok(());
        };
        let mut others = ground.others(me, &conversation.rec.departed);
        if others.iter().any(|m| self.has_another_root(id, *m)) {
            // the link would hand what was said before to a new identity: theirs is looked at first, by people
            self.over_later(id, None);
            return Ok(());
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(());
        };
        conversation.founding.is_for(others.clone());
        let behind = conversation.rec.behind;
        others.retain(|m| conversation.founding.wants(*m));
        others.sort_by_key(|m| Some(*m) != behind);
        let asking = |m: &MemberId| self.is_asking(&Pending::Claim(*m));
        if others.iter().any(asking) {
            return Ok(());
        }
        let Some(member) = others.first().copied() else {
            return Ok(()); // it goes with the next write to the vault
        };
        if self.need_person(member, 0)? == Step::On {
            self.request(&ClaimKeyPackage { member }, Pending::Claim(member));
        }
        Ok(())
    }

    /// Whether it is still to go over, now.
    pub(super) fn goes_over(&self, id: ConversationId) -> bool {
        let (me, to) = (self.my_id(), self.config.suite);
        let conversation = self.conversations.get(&id);
        conversation.is_some_and(|c| c.may_take_over(me, to) && c.is_at_peace())
    }

    /// A key package that a conversation waits for to go over. False: none does.
    pub(super) fn claimed_to_go_over(
        &mut self,
        member: MemberId,
        claimed: &ClaimedKeyPackage,
    ) -> bool {
        let Some(id) = self.waits_to_go_over(member).next() else {
            return false;
        };
        if KeyPackage::suite(&claimed.package) != Ok(self.config.suite) {
            self.over_later(id, Some(member));
            return false; // others may have use for it
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let package = claimed.package.clone();
            conversation.founding.has_package(member, package);
        }
        self.more_to_do = true;
        true
    }

    /// None was to be had. False: no conversation waits for one to go over.
    pub(super) fn not_claimed_to_go_over(&mut self, member: MemberId) -> bool {
        let waiting: Vec<ConversationId> = self.waits_to_go_over(member).collect();
        for id in &waiting {
            self.over_later(*id, Some(member));
        }
        !waiting.is_empty()
    }

    fn waits_to_go_over(&self, member: MemberId) -> impl Iterator<Item = ConversationId> {
        let over = self.over.iter().copied();
        over.filter(move |id| {
            let conversation = self.conversations.get(id);
            conversation.is_some_and(|c| c.founding.wants(member))
        })
    }

    /// It can't be yet, perhaps because of one member. No person is told.
    pub(super) fn over_later(&mut self, id: ConversationId, behind: Option<MemberId>) {
        self.over.remove(&id);
        let at = self.now + AGAIN_MS;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.founding = super::Founding::default();
            conversation.rec.over_at = at;
            conversation.rec.behind = behind;
            self.save_record(id);
        }
    }

    /// When it is looked again whether a conversation can go over.
    pub(crate) fn over_deadline(&self) -> Option<Millis> {
        let all = self.conversations.values();
        let due = all.map(|c| c.rec.over_at).filter(|at| *at > self.now);
        due.min()
    }
}

fn ids(conversations: &[(&ConversationId, &Conversation)]) -> Vec<ConversationId> {
    conversations.iter().map(|(id, _)| **id).collect()
}
