//! Founding a conversation anew: key packages are claimed, the group is founded, and one request makes it all stand.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Millis;
use e2ee::{identity::Roster, mls, restart::might_remove};
use protocol::{
    Bytes, ConversationId, ErrorCode, MemberId, WireError, decode,
    details::EpochMoved,
    methods::{
        conversations::Accepted,
        people::{ClaimKeyPackage, ClaimedKeyPackage},
    },
};

use super::{TURN_MS, TURNS, WAIT_MS};
use crate::{
    Doing, Engine, Failure, Store,
    conversation::{Conversation, load::Step},
    pending::{HOLD_MS, Pending},
    vault::Job,
};

/// A founding that could not be made is tried again after this time.
const AGAIN_MS: Millis = 30_000;

/// People have apps of different ages, and no suite is common to the key packages of all: tried again after this time.
const APPS_MS: Millis = 3_600_000;

/// How far founding anew has got. Nothing is kept: after a start it begins again.
#[derive(Default)]
pub(crate) struct Founding {
    /// When it is this device's turn.
    due: Option<Millis>,
    /// Nothing is asked of the server before this time.
    held: Option<Millis>,
    /// Key packages of those who are in the new group.
    pub(super) packages: BTreeMap<MemberId, Bytes>,
    /// Who that is, once it has begun.
    pub(super) wanted: Option<Vec<MemberId>>,
    /// Of whom no key package is to be had, and who need not be in it.
    pub(super) without: BTreeSet<MemberId>,
}

impl Founding {
    /// A person has decided.
    pub(super) fn hurry(&mut self) {
        self.due = Some(0);
    }

    /// When it is this device's turn: after this time, if that is not known yet.
    pub(super) fn due_after(&mut self, now: Millis, wait: Millis) -> Millis {
        *self.due.get_or_insert(now.saturating_add(wait))
    }

    /// These are to be in the new group.
    pub(super) fn is_for(&mut self, wanted: Vec<MemberId>) {
        self.wanted = Some(wanted);
    }

    pub(super) fn is_held(&self, now: Millis) -> bool {
        self.held.is_some_and(|at| at > now)
    }

    pub(super) fn hold(&mut self, until: Millis) {
        self.held = Some(until);
    }

    pub(super) fn deadlines(&self) -> [Option<Millis>; 2] {
        [self.due, self.held]
    }

    /// A key package of somebody.
    pub(super) fn has_package(&mut self, member: MemberId, package: Bytes) {
        self.packages.insert(member, package);
    }

    /// What was claimed is older than what has to be looked at now, perhaps.
    fn forget(&mut self) {
        self.wanted = None;
        self.packages.clear();
        self.without.clear();
    }

    /// It goes on without somebody of whom no key package is to be had.
    fn leave_out(&mut self, member: MemberId) {
        self.without.insert(member);
        if let Some(wanted) = &mut self.wanted {
            wanted.retain(|m| *m != member);
        }
    }

    pub(super) fn wants(&self, member: MemberId) -> bool {
        let wanted = self.wanted.as_ref().is_some_and(|w| w.contains(&member));
        wanted && !self.packages.contains_key(&member)
    }

    pub(super) fn is_ready(&self) -> bool {
        let all = |w: &Vec<MemberId>| w.iter().all(|m| self.packages.contains_key(m));
        self.wanted.as_ref().is_some_and(all)
    }
}

impl Conversation {
    /// Whether no key package is to be had of somebody, and this member may found it anew without them.
    fn goes_on_without(&self, me: MemberId, member: MemberId, failure: &Failure) -> bool {
        let none = failure.is(ErrorCode::KeyPackagesExhausted) || failure.is(ErrorCode::NotFound);
        let around = self.around().filter(|_| none);
        around.is_some_and(|(linked, current)| might_remove(&linked, &current, me, member))
    }
}

impl<S: Store> Engine<S> {
    /// Moves the founding of a conversation in which this device is stuck, if it is to be founded anew by it.
    pub(super) fn work_founding(&mut self, id: ConversationId) -> Result<(), Failure> {
        let (me, now) = (self.my_id(), self.now);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(());
        };
        if !conversation.may_restart(me) {
            return Ok(());
        }
        let decided = conversation.rec.stuck.as_ref().and_then(|s| s.decided);
        if decided.is_none() && !conversation.restarts_by_itself() {
            return Ok(()); // a person is asked
        }
        let turn = conversation.turn(me).min(TURNS) as Millis;
        let due = *conversation
            .founding
            .due
            .get_or_insert(now + WAIT_MS + turn * TURN_MS);
        let by_itself = conversation.restarts_by_itself();
        let goes = decided == Some(true) || (by_itself && due <= now);
        if !goes || conversation.founding.is_held(now) {
            return Ok(());
        }
        self.claim_for_restart(id)
    }

    fn claim_for_restart(&mut self, id: ConversationId) -> Result<(), Failure> {
        let me = self.my_id();
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(());
        };
        let Some(ground) = conversation.ground() else {
            return Ok(());
        };
        let mut stays = ground.others(me, &conversation.rec.departed);
        let without = |m: &MemberId| conversation.founding.without.contains(m);
        stays.retain(|m| !without(m));
        if stays.iter().any(|m| self.has_another_root(id, *m)) {
            // the link would hand what was said before to a new identity: theirs is looked at first, by people
            self.hold_founding(id, AGAIN_MS);
            return Ok(());
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(());
        };
        conversation.founding.is_for(stays.clone());
        for member in stays {
            if self.need_person(member, 0)? == Step::Wait {
                continue;
            }
            let here = self.conversations.get(&id);
            let wants = here.is_some_and(|c| c.founding.wants(member));
            let question = Pending::Claim(member);
            if wants && !self.is_asking(&question) {
                self.request(&ClaimKeyPackage { member }, question);
            }
        }
        Ok(())
    }

    /// Whether a member has another root identity than their leaf has.
    pub(super) fn has_another_root(&self, id: ConversationId, member: MemberId) -> bool {
        self.people.has_changed(member) || self.is_another_now(id, member)
    }

    fn hold_founding(&mut self, id: ConversationId, time: Millis) {
        let until = self.now + time;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.founding.hold(until);
        }
    }

    /// Whether a member's leaf is of another root identity than the newest one.
    fn is_another_now(&self, id: ConversationId, member: MemberId) -> bool {
        let state = self.conversations.get(&id).and_then(|c| c.mls.as_ref());
        let leaves = state.map(mls::Conversation::members).unwrap_or_default();
        let leaf = leaves.into_iter().find(|(m, _)| *m == member);
        let Some((_, leaf)) = leaf else {
            return false;
        };
        let then = self.people.certificate(member, leaf.generation);
        let newest = self.people.newest(member);
        // who is not known at all is asked for first
        newest.is_some_and(|newest| then.is_none_or(|then| then.root != newest.root))
    }

    /// A key package that a founding waits for. False: none does.
    pub(crate) fn claimed_for_restart(
        &mut self,
        member: MemberId,
        result: &Result<ClaimedKeyPackage, Failure>,
    ) -> bool {
        let (me, until) = (self.my_id(), self.now + AGAIN_MS);
        let mut waited = false;
        if let Ok(claimed) = result
            && self.claimed_to_go_over(member, claimed)
        {
            return true;
        }
        for id in self.stuck.clone() {
            let Some(conversation) = self.conversations.get_mut(&id) else {
                continue;
            };
            if !conversation.founding.wants(member) {
                continue;
            }
            match result {
                Ok(claimed) => {
                    let package = claimed.package.clone();
                    conversation.founding.packages.insert(member, package);
                    return true; // each serves once
                }
                Err(failure) if conversation.goes_on_without(me, member, failure) => {
                    conversation.founding.leave_out(member);
                    self.more_to_do = true;
                }
                Err(_) => conversation.founding.hold(until),
            }
            waited = true;
        }
        match result {
            Ok(_) => waited,
            Err(_) => self.not_claimed_to_go_over(member) | waited,
        }
    }

    /// Conversations whose founding anew can be sent.
    pub(crate) fn restarts_to_send(&self) -> impl Iterator<Item = ConversationId> {
        let ready = |id: &&ConversationId| {
            self.conversations.get(*id).is_some_and(|c| {
                let open = c.has_read_all() && c.broken.is_none();
                open && c.founding.is_ready() && !c.founding.is_held(self.now)
            })
        };
        let over = self.over.iter().filter(|id| self.goes_over(**id));
        self.stuck.iter().chain(over).filter(ready).copied()
    }

    pub(crate) fn send_restart(&mut self, id: ConversationId) -> Result<(), Failure> {
        match self.prepare_restart(id) {
            Ok(Some(request)) => self.request(&request, Pending::VaultWrite(Job::Restart(id))),
            Ok(None) => {
                self.vault_free();
                self.hold_founding(id, HOLD_MS); // what is asked for has to come first
            }
            Err(failure) => {
                self.vault_free();
                if self.over.contains(&id) {
                    self.over_later(id, None); // nobody waits for that
                } else {
                    self.founding_failed(id, &failure);
                    self.fail(Doing::Restarting, failure);
                }
            }
        }
        Ok(())
    }

    /// Taken; the state changes when it comes by in the log.
    pub(crate) fn restart_taken(&mut self, id: ConversationId, bytes: &Bytes) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.founding = Founding::default();
        conversation.founding.hold(self.now + AGAIN_MS);
        if let Ok(accepted) = decode::<Accepted>(bytes) {
            conversation.rec.head_seq = conversation.rec.head_seq.max(accepted.seq);
        }
    }

    /// Somebody else was first, or something has changed: the log is followed first, then it is looked at anew.
    pub(crate) fn restart_refused(&mut self, id: ConversationId, error: WireError) {
        self.drop_pending(id);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.founding.forget();
        match error.code {
            ErrorCode::EpochMoved => {
                let moved = error.data.and_then(|d| decode::<EpochMoved>(&d).ok());
                let rec = &mut conversation.rec;
                rec.head_seq = moved.map_or(rec.head_seq, |m| rec.head_seq.max(m.head_seq));
                conversation.founding.hold(self.now + HOLD_MS);
            }
            ErrorCode::KeyPackageInvalid => conversation.founding.hold(self.now + HOLD_MS),
            _ if self.over.contains(&id) => self.over_later(id, None),
            _ => {
                conversation.founding.hold(self.now + AGAIN_MS);
                self.fail(Doing::Restarting, error.into());
            }
        }
    }

    /// It could not be made: later again. Where that is because of one person, what was claimed of the others still serves.
    pub(super) fn founding_failed(&mut self, id: ConversationId, failure: &Failure) {
        let apps = failure.is(ErrorCode::KeyPackagesExhausted);
        let until = self.now + if apps { APPS_MS } else { AGAIN_MS };
        if let Some(conversation) = self.conversations.get_mut(&id) {
            match failure {
                Failure::IdentityChanged(_) | Failure::NoPerson => {
                    conversation.founding.wanted = None;
                }
                _ => conversation.founding.forget(),
            }
            conversation.founding.hold(until);
        }
    }
}
