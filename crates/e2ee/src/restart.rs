//! Who may found a conversation anew, and who is in it then (`docs/crypto.md`, section 5). Shared by server and clients.

use protocol::MemberId;

use crate::{
    policy::{CommitChange, Kind, Policy, RightsError, Role},
    statement::Reason,
};

/// So many commits, all by one author, may lie between the epoch that a complaint or a restart goes back to and the current
/// one: the *run* that can't be followed.
pub const RUN_MAX: usize = 16;

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
    /// Why.
    pub reason: Reason,
    /// Who made the commits that members complain of, if that is why.
    pub offender: Option<MemberId>,
    /// Who has left by the log.
    pub left: &'a [MemberId],
}

/// Whether a conversation may go from the suite of one number to that of another: never to a lower one, and for the suite's
/// sake alone only to a higher one. Because of a complaint it may go to a higher one too: where all have newer apps by now, key
/// packages of the old suite are not to be had any more.
#[must_use]
pub fn may_go_over(reason: Reason, from: u16, to: u16) -> bool {
    match reason {
        Reason::Complaint => to >= from,
        Reason::Suite => to > from,
    }
}

/// Whether they may: an admin then and now, so that nobody who was just removed comes back by it. Not who would leave an owner
/// behind, to whom the group was handed over since, and so rule it themselves.
///
/// # Errors
/// [`RightsError::Role`].
pub fn may_restart(linked: &Standing, current: &Standing, by: MemberId) -> Result<(), RightsError> {
    let mine = lower_role(&linked.policy, &current.policy, by);
    let lost = |(member, role): (&MemberId, &Role)| {
        *role > mine && current.members.contains(member) && !linked.members.contains(member)
    };
    let group = linked.policy.kind == Kind::Group;
    let loses = group && current.policy.roles.iter().any(lost);
    let may = linked.rules(by) && current.rules(by) && !loses;
    may.then_some(()).ok_or(RightsError::Role)
}

/// Whether who restarts might remove this member in both epochs: by the lower of their own roles and the higher of the other's.
/// Never in a direct conversation, and never themselves.
#[must_use]
pub fn might_remove(linked: &Standing, current: &Standing, by: MemberId, member: MemberId) -> bool {
    let (then, now) = (&linked.policy, &current.policy);
    let theirs = then.role_of(member).max(now.role_of(member));
    then.kind == Kind::Group && by != member && lower_role(then, now, by) >= theirs
}

/// Who belongs in the new group: all who were in it in the epoch that the link leads to and are in it now, save who has left,
/// and who made the commits that are complained of, if whoever restarts might remove them. In a direct conversation both.
#[must_use]
pub fn who_stays(linked: &Standing, current: &Standing, anew: &Anew<'_>) -> Vec<MemberId> {
    let both = linked.members.iter().copied();
    let both = both.filter(|m| current.members.contains(m));
    let group = linked.policy.kind == Kind::Group;
    let out = |m: &MemberId| {
        let offends = anew.offender == Some(*m);
        let left = group && anew.left.contains(m);
        left || offends && might_remove(linked, current, anew.by, *m)
    };
    both.filter(|m| !out(m)).collect()
}

/// The role that somebody has in the new group: what an owner took from them is not given back by founding anew, and what
/// somebody gave them by a commit that can't be followed is not kept.
fn lower_role(linked: &Policy, current: &Policy, member: MemberId) -> Role {
    linked.role_of(member).min(current.role_of(member))
}

/// The same, but nobody is lowered who stands above the founder by now: what an owner gave them no admin undoes.
fn new_role(linked: &Policy, current: &Policy, by: MemberId, member: MemberId) -> Role {
    let now = current.role_of(member);
    if now > lower_role(linked, current, by) {
        return now;
    }
    lower_role(linked, current, member)
}

/// The new group's policy, if `by` founds it: as it was in the epoch that the link leads to, under the next number; those who
/// are in it have the lower of their roles there and in the current epoch, or the current one where that is above the lower of
/// the founder's.
#[must_use]
pub fn new_policy(linked: &Policy, current: &Policy, by: MemberId, members: &[MemberId]) -> Policy {
    let mut policy = linked.clone();
    policy.restart = linked.restart.saturating_add(1);
    if policy.kind == Kind::Group {
        let roles = members
            .iter()
            .map(|m| (*m, new_role(linked, current, by, *m)));
        policy.roles = roles.filter(|(_, role)| *role != Role::Member).collect();
    }
    policy
}

/// Who belongs in the new group and is not in it, for want of a key package, if these may be its members: nobody else than who
/// belongs in it, and of these all whom the founder might not remove. For the suite's sake nobody is left out: who has an old
/// app is waited for.
///
/// # Errors
/// [`RightsError::Fixed`].
pub fn left_out(
    linked: &Standing,
    current: &Standing,
    anew: &Anew<'_>,
    members: &[MemberId],
) -> Result<Vec<MemberId>, RightsError> {
    let mut stays = who_stays(linked, current, anew);
    let belong = members.iter().all(|m| stays.contains(m));
    stays.retain(|m| !members.contains(m));
    let might = stays
        .iter()
        .all(|m| anew.reason == Reason::Complaint && might_remove(linked, current, anew.by, *m));
    let fits = belong && might && members.contains(&anew.by);
    fits.then_some(stays).ok_or(RightsError::Fixed)
}

/// Whether a new group is what follows from the old one, and whoever founded it might. Gives who was left out of it.
///
/// # Errors
/// [`RightsError::Role`]; [`RightsError::Fixed`] for another policy, or other members.
pub fn check_restart(
    linked: &Standing,
    current: &Standing,
    anew: &Anew<'_>,
    new: &Standing,
) -> Result<Vec<MemberId>, RightsError> {
    may_restart(linked, current, anew.by)?;
    let out = left_out(linked, current, anew, &new.members)?;
    let policy = new_policy(&linked.policy, &current.policy, anew.by, &new.members);
    (new.policy == policy)
        .then_some(out)
        .ok_or(RightsError::Fixed)
}

#[cfg(test)]
#[path = "restart_tests.rs"]
mod tests;
