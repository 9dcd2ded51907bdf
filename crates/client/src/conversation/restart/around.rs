//! How a conversation stood before and after the commits that it was founded anew because of.

use e2ee::{
    restart::{Anew, Standing, left_out},
    statement::{Reason, Restart},
};
use protocol::MemberId;

use crate::conversation::Conversation;

/// How the conversation stood in the epoch that the link leads to, and in the last one.
pub(super) struct Around {
    pub(super) linked: Standing,
    pub(super) current: Standing,
    /// Part of it is a guess.
    pub(super) unsure: bool,
}

impl Around {
    /// Who is out, if these may be the people of a new group, and of them who was left out for want of a key package; none when
    /// they may not. Who made the commits is not known where this device has not followed them: whoever the founder might remove
    /// may be missing then.
    pub(super) fn without(
        &self,
        anew: &Anew<'_>,
        members: &[MemberId],
    ) -> Option<(Vec<MemberId>, Vec<MemberId>)> {
        let all = Anew {
            offender: anew.offender.filter(|_| !self.unsure),
            ..*anew
        };
        let mut left = left_out(&self.linked, &self.current, &all, members).ok()?;
        if self.unsure {
            left.clear(); // one of them may have made the commits
        }
        let old = self.linked.members.iter().chain(&self.current.members);
        let mut out: Vec<MemberId> = old.filter(|m| !members.contains(m)).copied().collect();
        out.sort_unstable();
        out.dedup();
        Some((out, left))
    }
}

impl Conversation {
    /// How the conversation stood in this epoch, as far as this device can tell from the log.
    fn standing_at(&self, epoch: u64) -> Option<(Standing, bool)> {
        let beyond = self.beyond.as_ref().filter(|b| b.epoch() == epoch);
        if let Some(beyond) = beyond {
            return Some((standing(beyond.policy(), beyond.members()), true));
        }
        let state = self.mls.as_ref()?;
        let from = (state.epoch(), self.standing()?);
        Some(self.rec.run.standing_at(epoch, from))
    }

    pub(super) fn around_restart(&self, said: &Restart) -> Option<Around> {
        let complaint = said.reason == Reason::Complaint;
        let (linked, then) = self.standing_at(said.epoch)?;
        let (current, now) = self.standing_at(self.rec.log_epoch)?;
        Some(Around {
            linked,
            current,
            unsure: !then || !now || complaint && self.rec.run.author().is_none(),
        })
    }
}

/// A conversation's policy and members.
pub(super) fn standing<T>(
    policy: &e2ee::policy::Policy,
    members: impl IntoIterator<Item = (MemberId, T)>,
) -> Standing {
    Standing {
        policy: policy.clone(),
        members: members.into_iter().map(|(m, _)| m).collect(),
    }
}
