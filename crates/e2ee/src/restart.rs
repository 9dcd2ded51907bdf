//! Who may found a conversation anew, and who is in it then (`docs/crypto.md`, section 5). Shared by server and clients.

use protocol::MemberId;

use crate::policy::{CommitChange, Kind, Policy, RightsError, Role};

/// A conversation in one epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its policy.
    pub policy: Policy,
    /// Its members.
    pub members: Vec<MemberId>,
}

impl Standing {
    /// How it stands after a commit that adds and removes these, with these new roles.
    #[must_use]
    pub fn after(&self, change: &CommitChange, roles: &[(MemberId, Role)]) -> Self {
        let mut after = self.clone();
        let gone = |m: &MemberId| change.removed.contains(m) && !change.repairs(*m);
        after.members.retain(|m| !gone(m));
        let added = change.added.iter().filter(|m| !change.repairs(**m));
        after.members.extend(added);
        after.policy.roles.retain(|m, _| !gone(m));
        for (member, role) in roles {
            match role {
                Role::Member => after.policy.roles.remove(member),
                role => after.policy.roles.insert(*member, *role),
            };
        }
        after
    }

    fn rules(&self, member: MemberId) -> bool {
        self.members.contains(&member) && self.policy.role_of(member) >= Role::GroupAdmin
    }
}

/// A founding anew.
#[derive(Debug, Clone, Copy)]
pub struct Anew<'a> {
    /// Who does it.
    pub by: MemberId,
    /// Who made the commit that members complain of, if that is why.
    pub offender: Option<MemberId>,
    /// Who has left by the log.
    pub left: &'a [MemberId],
}

/// Whether they may: an admin then and now, so that nobody who was just removed comes back by it.
///
/// # Errors
/// [`RightsError::Role`].
pub fn may_restart(linked: &Standing, current: &Standing, by: MemberId) -> Result<(), RightsError> {
    let may = linked.rules(by) && current.rules(by);
    may.then_some(()).ok_or(RightsError::Role)
}

/// Who is in the new group: all who were in it in the epoch that the link leads to and are in it now, save who has left,
/// and who made the commit that is complained of, if whoever restarts might remove them. In a direct conversation both.
#[must_use]
pub fn who_stays(linked: &Standing, current: &Standing, anew: &Anew<'_>) -> Vec<MemberId> {
    let both = linked.members.iter().copied();
    let both = both.filter(|m| current.members.contains(m));
    let group = linked.policy.kind == Kind::Group;
    let role = |m| linked.policy.role_of(m);
    let out = |m: &MemberId| {
        let offends = anew.offender == Some(*m) && *m != anew.by && role(anew.by) >= role(*m);
        group && (offends || anew.left.contains(m))
    };
    both.filter(|m| !out(m)).collect()
}

/// The new group's policy: as it was in the epoch that the link leads to, under the next number, with the roles of those
/// who are in it.
#[must_use]
pub fn new_policy(linked: &Policy, stays: &[MemberId]) -> Policy {
    let mut policy = linked.clone();
    policy.restart = linked.restart.saturating_add(1);
    if policy.kind == Kind::Group {
        policy.roles.retain(|m, _| stays.contains(m));
    }
    policy
}

/// Whether a new group is what follows from the old one, and whoever founded it might.
///
/// # Errors
/// [`RightsError::Role`]; [`RightsError::Fixed`] for another policy, or other members.
pub fn check_restart(
    linked: &Standing,
    current: &Standing,
    anew: &Anew<'_>,
    new: &Standing,
) -> Result<(), RightsError> {
    may_restart(linked, current, anew.by)?;
    let mut stays = who_stays(linked, current, anew);
    let mut members = new.members.clone();
    stays.sort_unstable();
    members.sort_unstable();
    let same = members == stays && new.policy == new_policy(&linked.policy, &stays);
    same.then_some(()).ok_or(RightsError::Fixed)
}

#[cfg(test)]
#[path = "restart_tests.rs"]
mod tests;
