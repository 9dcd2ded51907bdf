//! How a conversation stood before and after the commit that it was founded anew because of.

use e2ee::restart::{Anew, Standing, who_stays};
use protocol::MemberId;

use super::LastCommit;
use crate::conversation::Conversation;

/// How the conversation stood in the epoch that the link leads to, and in the last one.
pub(super) struct Around {
    pub(super) linked: Standing,
    pub(super) current: Standing,
    /// Part of it is a guess.
    pub(super) unsure: bool,
}

impl Around {
    /// Who is out, if these are the people that a new group has to have; none when they are not. Who made a commit that this
    /// device has not followed is not known: `one` may be left out then.
    pub(super) fn without(
        &self,
        anew: &Anew<'_>,
        members: &[MemberId],
        one: bool,
    ) -> Option<Vec<MemberId>> {
        let stays = who_stays(&self.linked, &self.current, anew);
        let all = Anew {
            offender: None,
            ..*anew
        };
        let all = who_stays(&self.linked, &self.current, &all);
        let missing = all.iter().filter(|m| !members.contains(m)).count();
        let added = members.iter().any(|m| !all.contains(m));
        let exact = members.len() == stays.len() && members.iter().all(|m| stays.contains(m));
        if added || !(exact || self.unsure && one && missing <= 1) {
            return None;
        }
        let old = self.linked.members.iter().chain(&self.current.members);
        let mut out: Vec<MemberId> = old.filter(|m| !members.contains(m)).copied().collect();
        out.sort_unstable();
        out.dedup();
        Some(out)
    }
}

impl Conversation {
    pub(super) fn around_restart(&self, epoch: u64) -> Option<Around> {
        let rec = &self.rec;
        let state = self.standing()?;
        let last = rec.last_commit.as_ref();
        if rec.stuck.is_some() {
            let (linked, current) = self.around()?;
            return Some(Around {
                linked,
                current,
                unsure: false,
            });
        }
        if epoch == rec.log_epoch {
            return Some(Around {
                linked: state.clone(),
                current: state,
                unsure: last.is_none(),
            });
        }
        let linked = last.map_or_else(|| state.clone(), |last| before(&state, last));
        let same = last
            .is_some_and(|last| last.roles.is_empty() && last.removed.is_empty() && !last.rules);
        Some(Around {
            linked,
            current: state,
            unsure: !same,
        })
    }
}

/// How it stood before a commit, as far as that can be told from what it did.
fn before(after: &Standing, last: &LastCommit) -> Standing {
    let mut before = after.clone();
    let repaired = |m: &MemberId| last.added.contains(m) && last.removed.contains(m);
    before
        .members
        .retain(|m| !last.added.contains(m) || repaired(m));
    before
        .members
        .extend(last.removed.iter().filter(|m| !repaired(m)));
    before
}
