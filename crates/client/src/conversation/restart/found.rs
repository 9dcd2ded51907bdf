//! Founding a conversation anew: key packages are claimed, the group is founded, and one request makes it all stand.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Millis;
use e2ee::{
    identity::Roster,
    links::seal_link,
    mls::{self, Change, CommitContext},
    restart::{Anew, might_remove, new_policy, who_stays},
    statement::{Reason, Restart},
    suite::SUITE,
    transcript::{EntryKind, body_hash},
};
use protocol::{
    Bytes, ConversationId, ErrorCode, MemberId, WireError, decode,
    details::EpochMoved,
    methods::{
        conversations::{Accepted, RestartConversation},
        people::{ClaimKeyPackage, ClaimedKeyPackage},
    },
};

use super::{TURN_MS, TURNS, WAIT_MS};
use crate::{
    Doing, Engine, Failure, Store,
    conversation::{Conversation, load::Step, load::state_name, mls_failure, opening::welcomes_of},
    pending::{HOLD_MS, Pending},
    vault::{Job, Write},
};

/// A founding that could not be made is tried again after this time.
const AGAIN_MS: Millis = 30_000;

/// How far founding anew has got. Nothing is kept: after a start it begins again.
#[derive(Default)]
pub(crate) struct Founding {
    /// When it is this device's turn.
    due: Option<Millis>,
    /// Nothing is asked of the server before this time.
    held: Option<Millis>,
    /// Key packages of those who are in the new group.
    packages: BTreeMap<MemberId, Bytes>,
    /// Who that is, once it has begun.
    wanted: Option<Vec<MemberId>>,
    /// Of whom no key package is to be had, and who need not be in it.
    without: BTreeSet<MemberId>,
}

impl Founding {
    /// A person has decided.
    pub(super) fn hurry(&mut self) {
        self.due = Some(0);
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

    fn wants(&self, member: MemberId) -> bool {
        let wanted = self.wanted.as_ref().is_some_and(|w| w.contains(&member));
        wanted && !self.packages.contains_key(&member)
    }

    fn is_ready(&self) -> bool {
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
        let (Some((linked, current)), Some(stuck)) =
            (conversation.around(), &conversation.rec.stuck)
        else {
            return Ok(());
        };
        let anew = Anew {
            by: me,
            offender: Some(stuck.by),
            left: &conversation.rec.departed,
        };
        let mut stays = who_stays(&linked, &current, &anew);
        let without = |m: &MemberId| conversation.founding.without.contains(m);
        stays.retain(|m| *m != me && !without(m));
        let another = |m: &MemberId| self.people.has_changed(*m) || self.is_another_now(id, *m);
        if stays.iter().any(another) {
            // the link would hand what was said before to a new identity: theirs is looked at first, by people
            self.hold_founding(id, AGAIN_MS);
            return Ok(());
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(());
        };
        conversation.founding.wanted = Some(stays.clone());
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
        waited
    }

    /// Conversations whose founding anew can be sent.
    pub(crate) fn restarts_to_send(&self) -> impl Iterator<Item = ConversationId> {
        let ready = |id: &&ConversationId| {
            self.conversations.get(*id).is_some_and(|c| {
                let open = c.has_read_all() && c.broken.is_none();
                open && c.founding.is_ready() && !c.founding.is_held(self.now)
            })
        };
        self.stuck.iter().filter(ready).copied()
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
                self.founding_failed(id, &failure);
                self.fail(Doing::Restarting, failure);
            }
        }
        Ok(())
    }

    /// Founds the group and keeps everything that is needed if the answer never comes. None: somebody's certificate is
    /// asked for first, or there is nothing to do any more.
    fn prepare_restart(
        &mut self,
        id: ConversationId,
    ) -> Result<Option<RestartConversation>, Failure> {
        let head = self.vault.head_number();
        let now = self.server_now();
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let (Some(own), Some(state)) = (&self.own, &conversation.mls) else {
            return Ok(None);
        };
        let anchor = conversation.anchor();
        let founding = &conversation.founding;
        let wanted = founding.wanted.clone().unwrap_or_default();
        let packages = wanted
            .iter()
            .filter_map(|m| Some((*m, founding.packages.get(m)?.to_vec())));
        let change = Change {
            add: packages.collect(),
            ..Change::default()
        };
        let stays: Vec<MemberId> = wanted.iter().copied().chain([own.member]).collect();
        let Some((linked, current)) = conversation.around() else {
            return Ok(None);
        };
        let policy = new_policy(&linked.policy, &current.policy, own.member, &stays);
        let founded =
            mls::Conversation::found(&mut self.rng, &own.account, own.member, &policy, now)
                .map_err(mls_failure)?;
        let context = CommitContext {
            seen_seq: anchor.seq,
            seen_hash: anchor.transcript,
            vault_head: head,
            device: own.device.id(),
        };
        let roster = self.people.to_commit();
        let prepared =
            founded
                .conversation
                .prepare(&mut self.rng, &change, context, false, &roster, now);
        let prepared = match prepared {
            Err(mls::MlsError::UnknownMember(member, generation)) => {
                let asked = self.need_person(member, generation);
                if asked.is_err()
                    && let Some(conversation) = self.conversations.get_mut(&id)
                {
                    conversation.founding.packages.remove(&member); // of an identity that does not count
                }
                asked?;
                return Ok(None);
            }
            Err(error) => return Err(mls_failure(error)),
            Ok(prepared) => prepared,
        };
        let (e_n, e_first) = (state.epoch_secret(), prepared.next.epoch_secret());
        let said = Restart {
            restart: policy.restart,
            reason: Reason::Complaint,
            suite: SUITE,
            epoch: state.epoch(),
            c_n: e_n.commitment(),
            commit: body_hash(&prepared.commit),
            link: seal_link(e_first, state.epoch(), id, state.restart(), e_n),
        };
        let seen = e2ee::content::Seen {
            seq: anchor.seq,
            hash: anchor.transcript,
        };
        let (kind, device) = (EntryKind::Restart, own.device.id());
        let statement = state.declare_in(anchor.log_epoch, kind, seen, device, said.encode());
        let (restart, epoch) = (state.restart(), anchor.log_epoch);
        let name = state_name(id, policy.restart);
        let plain = prepared.next.record_at(anchor);
        let standing = self.vault.manifest.version(&name);
        let mut writes = vec![Write::Put(name, standing, prepared.next.epoch(), plain)];
        writes.extend(self.old_state_delete(id, restart));
        self.save_pending(id, &prepared.commit, &prepared.next)?;
        let vault = self.seal_write(writes, vec![])?;
        Ok(Some(RestartConversation {
            conversation: id,
            restart,
            epoch,
            statement: statement.into(),
            group_info: founded.group_info.into(),
            commit: prepared.commit.into(),
            welcomes: welcomes_of(prepared.welcomes),
            vault,
        }))
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
            _ => {
                conversation.founding.hold(self.now + AGAIN_MS);
                self.fail(Doing::Restarting, error.into());
            }
        }
    }

    /// It could not be made: later again. Where that is because of one person, what was claimed of the others still serves.
    pub(super) fn founding_failed(&mut self, id: ConversationId, failure: &Failure) {
        let until = self.now + AGAIN_MS;
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
