//! What a founding anew is made of: from what, with whom, in which suite; and the one request that makes it all stand.

use e2ee::{
    content::Seen,
    links::seal_link,
    mls::{self, Change, CommitContext, MlsSuite, Prepared},
    policy::Policy,
    restart::{Anew, Standing, may_go_over, new_policy, who_stays},
    statement::{Reason, Restart},
    transcript::{EntryKind, body_hash},
};
use protocol::{ConversationId, MemberId, methods::conversations::RestartConversation};

use crate::{
    Engine, Failure, Store,
    conversation::{
        Conversation,
        load::state_name,
        mls_failure,
        opening::{no_package_fits, welcomes_of},
    },
    vault::Write,
};

/// What a conversation is founded anew from, and why.
pub(super) struct Ground {
    pub(super) linked: Standing,
    pub(super) current: Standing,
    pub(super) offender: Option<MemberId>,
    pub(super) reason: Reason,
}

/// What is to be founded.
struct Plan {
    policy: Policy,
    suite: MlsSuite,
    reason: Reason,
    /// The first commit.
    change: Change<'static>,
}

impl Ground {
    /// Who is in the new group besides this member.
    pub(super) fn others(&self, me: MemberId, left: &[MemberId]) -> Vec<MemberId> {
        let anew = Anew {
            by: me,
            reason: self.reason,
            offender: self.offender,
            left,
        };
        let mut stays = who_stays(&self.linked, &self.current, &anew);
        stays.retain(|m| *m != me);
        stays
    }
}

impl Conversation {
    /// What it would be founded anew from by this device: it is stuck, or else goes over to another suite.
    pub(super) fn ground(&self) -> Option<Ground> {
        let Some(stuck) = &self.rec.stuck else {
            let here = self.standing()?;
            return Some(Ground {
                linked: here.clone(),
                current: here,
                offender: None,
                reason: Reason::Suite,
            });
        };
        let (linked, current) = self.around()?;
        Some(Ground {
            linked,
            current,
            offender: Some(stuck.by),
            reason: Reason::Complaint,
        })
    }
}

impl<S: Store> Engine<S> {
    /// Founds the group and keeps everything that is needed if the answer never comes. None: somebody's certificate is
    /// asked for first, or there is nothing to do any more.
    pub(super) fn prepare_restart(
        &mut self,
        id: ConversationId,
    ) -> Result<Option<RestartConversation>, Failure> {
        let Some(plan) = self.plan_of(id)? else {
            return Ok(None);
        };
        let Some((group_info, prepared)) = self.founded(id, &plan)? else {
            return Ok(None);
        };
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let (Some(own), Some(state)) = (&self.own, &conversation.mls) else {
            return Ok(None);
        };
        let anchor = conversation.anchor();
        let (e_n, e_first) = (state.epoch_secret(), prepared.next.epoch_secret());
        let said = Restart {
            restart: plan.policy.restart,
            reason: plan.reason,
            suite: plan.suite.number(),
            epoch: state.epoch(),
            c_n: e_n.commitment(),
            commit: body_hash(&prepared.commit),
            link: seal_link(e_first, state.epoch(), id, state.restart(), e_n),
        };
        let seen = Seen {
            seq: anchor.seq,
            hash: anchor.transcript,
        };
        let (kind, device) = (EntryKind::Restart, own.device.id());
        let statement = state.declare_in(anchor.log_epoch, kind, seen, device, said.encode());
        let (restart, epoch) = (state.restart(), anchor.log_epoch);
        let name = state_name(id, plan.policy.restart);
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
            group_info: group_info.into(),
            commit: prepared.commit.into(),
            welcomes: welcomes_of(prepared.welcomes),
            vault,
        }))
    }

    /// With whom, by which key packages and in which suite. None: that has changed since they were claimed.
    fn plan_of(&self, id: ConversationId) -> Result<Option<Plan>, Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let (Some(state), Some(ground)) = (&conversation.mls, conversation.ground()) else {
            return Ok(None);
        };
        let (me, founding) = (self.my_id(), &conversation.founding);
        let wanted = founding.wanted.clone().unwrap_or_default();
        let mut belong = ground.others(me, &conversation.rec.departed);
        belong.retain(|m| !founding.without.contains(m));
        if belong != wanted {
            return Ok(None);
        }
        let claimed = wanted.iter().filter_map(|m| founding.packages.get(m));
        let alone = match ground.reason {
            Reason::Complaint => state.suite(),
            Reason::Suite => self.config.suite,
        };
        let suite = self.common_suite(claimed, alone)?;
        if !may_go_over(ground.reason, state.suite().number(), suite.number()) {
            return Err(no_package_fits());
        }
        let stays: Vec<MemberId> = wanted.iter().copied().chain([me]).collect();
        let (linked, current) = (&ground.linked.policy, &ground.current.policy);
        let package = |m: MemberId| Some((m, founding.packages.get(&m)?.to_vec()));
        Ok(Some(Plan {
            policy: new_policy(linked, current, me, &stays),
            suite,
            reason: ground.reason,
            change: Change {
                add: wanted.into_iter().filter_map(package).collect(),
                ..Change::default()
            },
        }))
    }

    /// The group, as the server is told of it, and its first commit. None: somebody's certificate is asked for first.
    fn founded(
        &mut self,
        id: ConversationId,
        plan: &Plan,
    ) -> Result<Option<(Vec<u8>, Prepared)>, Failure> {
        let (head, now) = (self.vault.head_number(), self.server_now());
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let anchor = conversation.anchor();
        let (rng, account, policy) = (&mut self.rng, &own.account, &plan.policy);
        let founded =
            mls::Conversation::found_in(plan.suite, rng, account, own.member, policy, now)
                .map_err(mls_failure)?;
        let context = CommitContext {
            seen_seq: anchor.seq,
            seen_hash: anchor.transcript,
            vault_head: head,
            device: own.device.id(),
        };
        let (group, roster) = (&founded.conversation, self.people.to_commit());
        let prepared = group.prepare(&mut self.rng, &plan.change, context, false, &roster, now);
        match prepared {
            Err(mls::MlsError::UnknownMember(member, generation)) => {
                let asked = self.need_person(member, generation);
                if asked.is_err()
                    && let Some(conversation) = self.conversations.get_mut(&id)
                {
                    conversation.founding.packages.remove(&member); // of an identity that does not count
                }
                asked?;
                Ok(None)
            }
            Err(error) => Err(mls_failure(error)),
            Ok(prepared) => Ok(Some((founded.group_info, prepared))),
        }
    }
}
