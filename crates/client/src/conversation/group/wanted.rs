//! What is asked of a group, its rules, and the next change that follows from both. Nothing here knows of connections.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Millis;
use e2ee::{
    mls::Conversation as State,
    policy::{CommitChange, Departures, History, Policy, Role, tidied},
};
use protocol::{Bytes, MemberId};
use serde::{Deserialize, Serialize};

use crate::conversation::Conversation;

/// Members added by one commit: each takes about 4 KB of it, and as much beside it.
pub(crate) const ADDED_AT_ONCE: usize = 50;

/// Key packages by whom they are of.
pub(crate) type Packages = BTreeMap<MemberId, Bytes>;

/// What a person has asked for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(super) add: BTreeSet<MemberId>,
    pub(super) remove: BTreeSet<MemberId>,
    pub(super) roles: Vec<(MemberId, Role)>,
    pub(super) announcements: Option<bool>,
    pub(super) history: Option<History>,
    #[serde(default)]
    pub(super) timer_s: Option<u64>,
    /// How many were to be added when the first of them were; 0 when nobody is.
    #[serde(default)]
    adding: usize,
}

/// The rules of a group, as its newest known state has them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rules {
    /// Of those who are more, or less, than members.
    pub(crate) roles: Vec<(MemberId, Role)>,
    pub(crate) announcements: bool,
    pub(crate) history_all: bool,
    /// Messages disappear after so many seconds; 0 = they don't.
    #[serde(default)]
    pub(crate) timer_s: u64,
}

/// A change of a group, ready to be made a commit of.
#[derive(Default)]
pub(crate) struct Planned {
    pub(crate) add: Vec<(MemberId, Vec<u8>)>,
    pub(crate) remove: Vec<MemberId>,
    pub(crate) policy: Option<Policy>,
    /// Who is added does not read what was written before.
    pub(crate) cut: bool,
    /// Those removed have left: nothing else is done.
    pub(crate) departures: Departures,
}

impl Rules {
    pub(crate) fn of(policy: &Policy) -> Self {
        Self {
            roles: policy.roles.iter().map(|(m, r)| (*m, *r)).collect(),
            announcements: policy.announcements,
            history_all: policy.history == History::All,
            timer_s: policy.timer_s,
        }
    }

    pub(crate) fn role_of(&self, member: MemberId) -> Role {
        let mut listed = self.roles.iter();
        let found = listed.find(|(m, _)| *m == member);
        found.map_or_else(Role::default, |(_, role)| *role)
    }

    /// Whether somebody may write messages.
    pub(crate) fn let_write(&self, member: MemberId) -> bool {
        let least = if self.announcements {
            Role::GroupAdmin
        } else {
            Role::Member
        };
        self.role_of(member) >= least
    }
}

impl Wanted {
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether anybody is to be added.
    pub(super) fn adds_anybody(&self) -> bool {
        !self.add.is_empty()
    }

    /// Whether this one is to be added.
    pub(crate) fn adds(&self, member: MemberId) -> bool {
        self.add.contains(&member)
    }

    /// Who is added to a group that is being made, after its first members, who count as added.
    pub(crate) fn add_later(&mut self, first: usize, members: &[MemberId]) {
        self.add.extend(members);
        self.adding = if members.is_empty() {
            0
        } else {
            first + members.len()
        };
    }

    /// Somebody is to be added.
    pub(super) fn also_add(&mut self, member: MemberId) {
        self.adding += usize::from(self.add.insert(member));
    }

    /// Somebody is not to be added after all. False: they were not.
    pub(super) fn not_add(&mut self, member: MemberId) -> bool {
        let was = self.add.remove(&member);
        self.adding = self.adding.saturating_sub(usize::from(was));
        self.count_anew();
        was
    }

    fn count_anew(&mut self) {
        if self.add.is_empty() {
            self.adding = 0;
        }
    }

    /// How many of those who are being added are in already, and how many there are; none where one commit is enough.
    pub(crate) fn progress(&self) -> Option<(usize, usize)> {
        let long = self.adding > ADDED_AT_ONCE && !self.add.is_empty();
        long.then(|| (self.adding.saturating_sub(self.add.len()), self.adding))
    }

    /// Who is to be added by the next commit, of at most so many.
    pub(super) fn next_added(&self, most: usize) -> impl Iterator<Item = MemberId> {
        self.add.iter().take(most).copied()
    }

    /// Somebody has decided something else about these meanwhile: what was asked before counts no more.
    pub(crate) fn decided<'m>(&mut self, members: impl IntoIterator<Item = &'m MemberId>) {
        for member in members {
            self.add.remove(member);
            self.remove.remove(member);
            self.roles.retain(|(m, _)| m != member);
        }
        self.count_anew();
    }

    /// Drops what is so already, and what makes no sense any more.
    pub(super) fn prune(&mut self, members: &BTreeSet<MemberId>, policy: &Policy) {
        self.add.retain(|m| !members.contains(m));
        self.count_anew();
        self.remove.retain(|m| members.contains(m));
        let remove = &self.remove;
        self.roles.retain(|(m, role)| {
            members.contains(m) && !remove.contains(m) && policy.role_of(*m) != *role
        });
        self.announcements = self.announcements.filter(|on| *on != policy.announcements);
        self.history = self.history.filter(|history| *history != policy.history);
        self.timer_s = self.timer_s.filter(|timer_s| *timer_s != policy.timer_s);
    }

    fn policy(&self, before: &Policy) -> Option<Policy> {
        let removal = CommitChange {
            removed: self.remove.iter().copied().collect(),
            ..CommitChange::default()
        };
        let tidy = tidied(before, &removal, &Departures::default());
        let mut after = tidy.clone();
        for (member, role) in &self.roles {
            match role {
                Role::Member => after.roles.remove(member),
                role => after.roles.insert(*member, *role),
            };
        }
        after.announcements = self.announcements.unwrap_or(after.announcements);
        after.history = self.history.unwrap_or(after.history);
        after.timer_s = self.timer_s.unwrap_or(after.timer_s);
        (after != tidy).then_some(after)
    }
}

impl Conversation {
    /// The next change that was asked for, if what it needs is here. Nothing waits for people who can't be added just now.
    pub(crate) fn planned(&self, state: &State, now: Millis) -> Option<Planned> {
        if self.rec.wanted.is_nothing() {
            return None;
        }
        let members = state.members().into_iter().map(|(m, _)| m).collect();
        let mut wanted = self.rec.wanted.clone();
        wanted.prune(&members, state.policy());
        if wanted.is_nothing() {
            return None; // somebody else has done it
        }
        let package = |m: MemberId| Some((m, self.packages.get(&m)?.to_vec()));
        let add: Vec<_> = wanted
            .next_added(self.add_at_once)
            .filter_map(package)
            .collect();
        let policy = wanted.policy(state.policy());
        let held = self.claims_held.is_some_and(|at| at > now);
        let whole = held || add.len() == wanted.next_added(self.add_at_once).count();
        let only_adds = wanted.remove.is_empty() && policy.is_none();
        if only_adds && (add.is_empty() || !whole) {
            return None;
        }
        let history = policy.as_ref().unwrap_or(state.policy()).history;
        Some(Planned {
            cut: !add.is_empty() && history == History::SinceJoined,
            add,
            remove: wanted.remove.iter().copied().collect(),
            policy,
            departures: Departures::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(from: u8, to: u8) -> Vec<MemberId> {
        (from..to).map(|n| MemberId([n; 16])).collect()
    }

    #[test]
    fn the_progress_counts_who_came_and_forgets_who_cannot() {
        let mut wanted = Wanted::default();
        wanted.add_later(50, &people(50, 120));
        assert_eq!(wanted.progress(), Some((50, 120)));
        wanted.decided(&people(50, 100));
        assert_eq!(wanted.progress(), Some((100, 120)));
        assert!(wanted.not_add(MemberId([100; 16])));
        assert!(!wanted.not_add(MemberId([100; 16])));
        assert_eq!(wanted.progress(), Some((100, 119)));
        wanted.decided(&people(101, 120));
        assert_eq!(wanted.progress(), None);
        assert!(wanted.is_nothing());
    }

    #[test]
    fn one_commit_needs_no_progress() {
        let mut wanted = Wanted::default();
        for member in people(1, 51) {
            wanted.also_add(member);
            wanted.also_add(member);
        }
        assert_eq!(wanted.progress(), None);
        wanted.also_add(MemberId([51; 16]));
        assert_eq!(wanted.progress(), Some((0, 51)));
    }
}
