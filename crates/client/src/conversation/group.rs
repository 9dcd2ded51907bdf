//! What a person changes in a group. It is asked for once and kept until the log has it; each attempt is made from member ids
//! and the state of that moment, so that after a lost race only what still makes sense is done.

mod wanted;

use ambient::Millis;
use e2ee::{
    mls::{KeyPackage, MlsError},
    policy::{History, MAX_TIMER_S, MIN_TIMER_S, RightsError, Role},
};
use protocol::{
    ConversationId, MemberId,
    methods::people::{ClaimKeyPackage, ClaimedKeyPackage},
};

use super::{Conversation, load::Step, mls_failure, opening::no_package_fits};
use crate::{
    Doing, Engine, Failure, Store, Update,
    pending::{HOLD_MS, Pending},
    vault::Job,
};

pub(crate) use wanted::{ADDED_AT_ONCE, Packages, Planned, Rules, Wanted};

/// A server that goes on giving key packages that can't be used is not asked for ever.
const TRIES: u8 = 3;

impl<S: Store> Engine<S> {
    pub(crate) fn add_members(
        &mut self,
        id: ConversationId,
        members: Vec<MemberId>,
    ) -> Result<(), Failure> {
        self.check_admin(id)?;
        if members.is_empty() {
            return Err(Failure::NoPerson);
        }
        let rec = self.conversations.get(&id).map(|c| &c.rec);
        // who is on their way out is to stay: that is a change
        let stays = |rec: &super::Record, m| rec.has(m) && !rec.wanted.remove.contains(&m);
        if rec.is_some_and(|rec| members.iter().all(|m| stays(rec, *m))) {
            return Err(Failure::AlreadyMember);
        }
        self.change_group(id, Doing::AddingMembers, |wanted, rec| {
            for member in &members {
                wanted.remove.remove(member);
                if !rec.has(*member) {
                    wanted.also_add(*member);
                }
            }
        })
    }

    pub(crate) fn remove_member(
        &mut self,
        id: ConversationId,
        member: MemberId,
    ) -> Result<(), Failure> {
        if member == self.my_id() {
            return Err(Failure::NotAllowed);
        }
        self.check_admin(id)?;
        let coming = self.conversations.get_mut(&id);
        if coming.is_some_and(|c| c.rec.wanted.not_add(member)) {
            self.save_record(id);
            self.done(Doing::RemovingMember);
            self.more_to_do = true;
            return Ok(());
        }
        self.may_change_role(id, member, Role::ReadOnly)?;
        self.change_group(id, Doing::RemovingMember, |wanted, _| {
            wanted.not_add(member);
            wanted.remove.insert(member);
        })
    }

    pub(crate) fn set_role(
        &mut self,
        id: ConversationId,
        member: MemberId,
        role: Role,
    ) -> Result<(), Failure> {
        self.may_change_role(id, member, role)?;
        self.change_group(id, Doing::SettingRole, |wanted, _| {
            wanted.roles.retain(|(m, _)| *m != member);
            wanted.roles.push((member, role));
        })
    }

    pub(crate) fn set_rules(
        &mut self,
        id: ConversationId,
        announcements: bool,
        history_all: bool,
    ) -> Result<(), Failure> {
        self.change_group(id, Doing::SettingRules, |wanted, _| {
            wanted.announcements = Some(announcements);
            wanted.history = Some(if history_all {
                History::All
            } else {
                History::SinceJoined
            });
        })
    }

    /// After how many seconds messages disappear from now on; 0 = they don't. In a direct conversation both may say so.
    pub(crate) fn set_timer(&mut self, id: ConversationId, seconds: u64) -> Result<(), Failure> {
        if seconds != 0 && !(MIN_TIMER_S..=MAX_TIMER_S).contains(&seconds) {
            return Err(Failure::NotAllowed);
        }
        self.check_governs(id)?;
        self.ask_change(id, Doing::SettingTimer, |wanted, _| {
            wanted.timer_s = Some(seconds);
        })
    }

    /// Whether this member governs the conversation, as both do in a direct one.
    pub(crate) fn check_governs(&self, id: ConversationId) -> Result<(), Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let rec = &conversation.rec;
        let ready = rec.anchored && !rec.gone && conversation.broken.is_none();
        if rec.direct && ready {
            return Ok(());
        }
        self.check_admin(id)
    }

    /// Nobody changes the role of somebody above themselves, or gives one above their own.
    fn may_change_role(
        &self,
        id: ConversationId,
        member: MemberId,
        role: Role,
    ) -> Result<(), Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let rec = &conversation.rec;
        if !rec.has(member) {
            return Err(Failure::NoPerson);
        }
        let own = rec.rules.role_of(self.my_id());
        let above = rec.rules.role_of(member).max(role) > own;
        (!above).then_some(()).ok_or(Failure::NotAllowed)
    }

    /// Whether this member governs the group.
    pub(crate) fn check_admin(&self, id: ConversationId) -> Result<(), Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let rec = &conversation.rec;
        if !rec.anchored || rec.gone {
            return Err(Failure::NoConversation); // who is in it is not known
        }
        if let Some(failure) = conversation.stopped_by(&self.people) {
            return Err(failure);
        }
        let admin = !rec.direct && rec.rules.role_of(self.my_id()) >= Role::GroupAdmin;
        admin.then_some(()).ok_or(Failure::NotAllowed)
    }

    fn change_group(
        &mut self,
        id: ConversationId,
        doing: Doing,
        ask: impl FnOnce(&mut Wanted, &super::Record),
    ) -> Result<(), Failure> {
        self.check_admin(id)?;
        self.ask_change(id, doing, ask)
    }

    fn ask_change(
        &mut self,
        id: ConversationId,
        doing: Doing,
        ask: impl FnOnce(&mut Wanted, &super::Record),
    ) -> Result<(), Failure> {
        if !self.connection.synced() {
            return Err(Failure::Offline); // people wait for it, and others may change the group meanwhile
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Err(Failure::NoConversation);
        };
        let mut wanted = std::mem::take(&mut conversation.rec.wanted);
        ask(&mut wanted, &conversation.rec);
        conversation.rec.wanted = wanted;
        conversation.tries = 0;
        self.vault_lets_go(&Job::Commit(id));
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Err(Failure::NoConversation);
        };
        if !conversation.changes_asked.contains(&doing) {
            conversation.changes_asked.push(doing);
        }
        self.groups_at_work.insert(id);
        self.save_record(id);
        self.batch.durable = true;
        Ok(())
    }

    /// Moves on what was asked of groups, and what they are to be called.
    pub(crate) fn work_groups(&mut self) {
        for id in self.groups_at_work.clone() {
            match self.work_group(id) {
                Ok(true) => {}
                Ok(false) => {
                    self.groups_at_work.remove(&id);
                }
                Err(failure) => self.give_up_change(id, failure),
            }
        }
    }

    /// False when there is nothing more to do.
    fn work_group(&mut self, id: ConversationId) -> Result<bool, Failure> {
        let moving = self.work_leaving(id) | self.work_departures(id);
        let given_waits = self.work_given(id) | moving;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(false);
        };
        if conversation.rec.gone {
            let nothing = conversation.rec.wanted.is_nothing();
            return if nothing {
                Ok(false)
            } else {
                Err(Failure::NoConversation)
            };
        }
        if let Some(failure) = conversation.stopped_by(&self.people) {
            let nothing = conversation.rec.wanted.is_nothing();
            return if nothing { Ok(true) } else { Err(failure) };
        }
        if conversation.rec.creating || !conversation.caught_up() {
            return Ok(true);
        }
        let Some(state) = &conversation.mls else {
            return Ok(true);
        };
        if conversation.is_departing() {
            return Ok(true); // what else was asked comes after that
        }
        let members = state.members().into_iter().map(|(m, _)| m).collect();
        let before = conversation.rec.wanted.clone();
        conversation.rec.wanted.prune(&members, state.policy());
        let changed = conversation.rec.wanted != before;
        if conversation.rec.wanted.is_nothing() {
            conversation.packages.clear();
            conversation.add_at_once = ADDED_AT_ONCE;
            let asked = std::mem::take(&mut conversation.changes_asked);
            if changed {
                self.save_record(id);
            }
            for doing in asked {
                self.done(doing);
            }
            return Ok(given_waits);
        }
        if changed {
            self.save_record(id);
        }
        self.check_governs(id)?;
        self.claim_for_group(id)?;
        Ok(true)
    }

    /// Gets what is needed to add those who are next.
    fn claim_for_group(&mut self, id: ConversationId) -> Result<(), Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(());
        };
        if conversation.claims_held.is_some_and(|at| at > self.now) {
            return Ok(());
        }
        let missing: Vec<MemberId> = conversation
            .rec
            .wanted
            .next_added(conversation.add_at_once)
            .filter(|m| !conversation.packages.contains_key(m))
            .collect();
        for member in missing {
            if self.people.has_changed(member) {
                self.cannot_add(id, member, Failure::IdentityChanged(member));
                continue;
            }
            match self.need_person(member, 0) {
                Ok(Step::On) => {
                    let question = Pending::Claim(member);
                    if !self.is_asking(&question) {
                        self.request(&ClaimKeyPackage { member }, question);
                    }
                }
                Ok(Step::Wait) => {}
                Err(failure) => self.cannot_add(id, member, failure),
            }
        }
        Ok(())
    }

    /// Somebody can't be added: the others still are.
    fn cannot_add(&mut self, id: ConversationId, member: MemberId, failure: Failure) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.rec.wanted.not_add(member);
            conversation.packages.remove(&member);
            conversation
                .changes_asked
                .retain(|d| *d != Doing::AddingMembers); // told here
        }
        self.save_record(id);
        self.fail(Doing::AddingMembers, failure);
        self.more_to_do = true;
    }

    /// A key package that a group waits for. False: none does.
    pub(crate) fn claimed_for_group(
        &mut self,
        member: MemberId,
        result: &Result<ClaimedKeyPackage, Failure>,
    ) -> bool {
        let waits = |c: &Conversation| {
            let wanted = c.rec.wanted.add.contains(&member) || c.waits_to_let_in(member);
            wanted && !c.packages.contains_key(&member)
        };
        let groups = self.groups_at_work.union(&self.left_out);
        let waiting: Vec<ConversationId> = groups
            .filter(|id| self.conversations.get(id).is_some_and(waits))
            .copied()
            .collect();
        let wait = match result {
            Err(Failure::Server {
                retry_after_ms: Some(ms),
                ..
            }) => Millis::from(*ms),
            _ => HOLD_MS,
        };
        let until = self.now + wait.max(HOLD_MS);
        for id in &waiting {
            let Some(conversation) = self.conversations.get_mut(id) else {
                continue;
            };
            let suite = conversation.mls.as_ref().map(|state| state.suite());
            // who has another app than the group, older or newer, waits until that is over
            let fits = |claimed: &ClaimedKeyPackage| {
                suite.is_none_or(|suite| KeyPackage::suite(&claimed.package) == Ok(suite))
            };
            let fitting = match result {
                Ok(claimed) if !fits(claimed) => Err(no_package_fits()),
                other => other.clone(),
            };
            match &fitting {
                Ok(claimed) => {
                    let package = claimed.package.clone();
                    conversation.packages.insert(member, package);
                    conversation.rec.wanted.add.insert(member);
                    self.groups_at_work.insert(*id);
                    self.save_record(*id);
                    return true; // each serves once
                }
                Err(_) if conversation.waits_to_let_in(member) => {} // later again
                // it may pass, but when depends on the other's devices: nobody waits for that
                Err(failure)
                    if failure.may_pass()
                        && !failure.is(protocol::ErrorCode::KeyPackagesExhausted) =>
                {
                    conversation.claims_held = Some(until);
                }
                Err(failure) => self.cannot_add(*id, member, failure.clone()),
            }
        }
        !waiting.is_empty()
    }

    /// A commit of what was asked could not even be made.
    pub(crate) fn change_failed(
        &mut self,
        id: ConversationId,
        error: MlsError,
    ) -> Result<(), Failure> {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(());
        };
        let until = self.now + HOLD_MS;
        match error {
            MlsError::UnknownMember(member, generation) if conversation.tries < TRIES => {
                // they have newer keys than are known here
                conversation.tries += 1;
                conversation.packages.clear();
                conversation.claims_held = Some(until);
                if let Err(failure) = self.need_person(member, generation) {
                    self.cannot_add(id, member, failure);
                }
                Ok(())
            }
            MlsError::Rights(rights) => {
                self.give_up_change(id, failure_of(rights));
                Ok(())
            }
            other if !conversation.rec.wanted.adds_anybody() => Err(mls_failure(other)),
            _ if conversation.tries < TRIES => {
                conversation.tries += 1;
                conversation.packages.clear(); // claimed anew
                conversation.claims_held = Some(until);
                Ok(())
            }
            other => {
                self.give_up_adding(id, &mls_failure(other));
                Ok(())
            }
        }
    }

    /// Nobody of those who were asked for can be added; all else is still done.
    fn give_up_adding(&mut self, id: ConversationId, failure: &Failure) {
        let added = self
            .conversations
            .get(&id)
            .map(|c| c.rec.wanted.add.clone());
        for member in added.unwrap_or_default() {
            self.cannot_add(id, member, failure.clone());
        }
    }

    /// The server has refused a commit of what was asked. False: nothing was asked.
    pub(crate) fn change_refused(&mut self, id: ConversationId, failure: &Failure) -> bool {
        let until = self.now + HOLD_MS;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return false;
        };
        if !std::mem::take(&mut conversation.change_sent) || conversation.rec.wanted.is_nothing() {
            return false;
        }
        let used = failure.is(protocol::ErrorCode::KeyPackageInvalid);
        // somebody who was to be added may be there no more: claimed anew, that is said of them alone
        let adds = conversation.rec.wanted.adds_anybody();
        let refused = failure.is(protocol::ErrorCode::CommitRefused) && adds;
        if (used || refused) && conversation.tries < TRIES {
            conversation.tries += 1;
            conversation.packages.clear();
            conversation.claims_held = Some(until);
            self.vault_lets_go(&Job::Commit(id));
        } else if used {
            self.give_up_adding(id, failure);
        } else if failure.is(protocol::ErrorCode::ConversationFull) {
            self.add_fewer(id, failure);
        } else {
            self.give_up_change(id, failure.clone());
        }
        true
    }

    /// There is no room for all who were to be added by one commit: some of them may still fit.
    fn add_fewer(&mut self, id: ConversationId, failure: &Failure) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let fewer = conversation.rec.wanted.next_added(conversation.add_at_once);
        let fewer = fewer.count() / 2;
        if fewer == 0 {
            conversation.add_at_once = ADDED_AT_ONCE;
            return self.give_up_adding(id, failure);
        }
        conversation.add_at_once = fewer;
        self.vault_lets_go(&Job::Commit(id));
        self.more_to_do = true;
    }

    pub(super) fn give_up_change(&mut self, id: ConversationId, failure: Failure) {
        let mut asked = Vec::new();
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.rec.wanted = Wanted::default();
            conversation.packages.clear();
            asked = std::mem::take(&mut conversation.changes_asked);
        }
        self.save_record(id);
        if asked.is_empty() {
            asked.push(Doing::Background); // asked for before the app was started again
        }
        for doing in asked {
            self.fail(doing, failure.clone());
        }
        self.tell(Update::Conversations);
    }

    /// When something of a group is due again.
    pub(crate) fn groups_deadline(&self) -> Option<Millis> {
        let groups = self.groups_at_work.iter();
        let groups = groups.filter_map(|id| self.conversations.get(id));
        let due = groups.flat_map(|c| {
            let claims = c.claims_held.filter(|at| *at > self.now);
            [claims, c.rec.given_due(), self.departure_deadline(c)]
        });
        due.flatten().min()
    }
}

fn failure_of(rights: RightsError) -> Failure {
    match rights {
        RightsError::NoAdmin => Failure::LastAdmin,
        _ => Failure::NotAllowed,
    }
}
