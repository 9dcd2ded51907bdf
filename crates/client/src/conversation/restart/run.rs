//! The newest commits of a log, all by one author: the run that a complaint is about, and a restart goes back before.

use e2ee::{
    mls::CommitData,
    policy::{CommitChange, Policy, Role},
    restart::{RUN_MAX, Standing},
    statement::Complaint,
};
use protocol::{Bytes, Hash32, MemberId, methods::conversations::Entry};
use serde::{Deserialize, Serialize};

/// A commit as it was followed, or could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ran {
    /// The epoch that it closed.
    epoch: u64,
    hash: Hash32,
    added: Vec<MemberId>,
    removed: Vec<MemberId>,
    roles: Vec<(MemberId, Role)>,
    /// It changed other rules.
    rules: bool,
    /// The policy before it, where it changed that and this device knew it.
    before: Option<Bytes>,
}

/// The newest commits by one author, and who complained of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    author: Option<MemberId>,
    /// Oldest first, at most as many as a complaint may be about.
    commits: Vec<Ran>,
    /// What is before them is by somebody else, or out of reach: not only before this device's time.
    whole: bool,
    complaints: Vec<MemberId>,
}

impl Ran {
    fn of(entry: &Entry, before: Option<&Policy>) -> Option<Self> {
        let (_, data) = CommitData::peek(entry.body.as_ref()?).ok()?;
        let said = data.said;
        let rules =
            said.announcements.is_some() || said.history.is_some() || said.timer_s.is_some();
        let ran = Self {
            epoch: entry.epoch,
            hash: entry.body_hash,
            added: said.added,
            removed: said.removed,
            roles: said.roles,
            rules,
            before: None,
        };
        let before = before.filter(|_| ran.changes_policy());
        Some(Self {
            before: before.map(|policy| policy.encode().into()),
            ..ran
        })
    }

    fn changes_policy(&self) -> bool {
        self.rules || !self.roles.is_empty() || !self.removed.is_empty()
    }

    fn change(&self) -> CommitChange {
        CommitChange {
            added: self.added.clone(),
            removed: self.removed.clone(),
            ..CommitChange::default()
        }
    }

    /// How it stood after it, given how it stood before; whether that is all that is to be known.
    fn forward(&self, before: &Standing) -> (Standing, bool) {
        (before.after(&self.change(), &self.roles), !self.rules)
    }

    /// How it stood before it, given how it stood after; whether that is all that is to be known.
    fn back(&self, after: Standing) -> (Standing, bool) {
        let mut before = after;
        let repaired = |m: &MemberId| self.added.contains(m) && self.removed.contains(m);
        let newcomer = |m: &MemberId| self.added.contains(m) && !repaired(m);
        before.members.retain(|m| !newcomer(m));
        before.policy.roles.retain(|m, _| !newcomer(m));
        let removed = self.removed.iter().filter(|m| !repaired(m));
        before.members.extend(removed);
        if !self.changes_policy() {
            return (before, true);
        }
        let policy = self.before.as_ref().and_then(|p| Policy::decode(p).ok());
        let sure = policy.is_some();
        before.policy = policy.unwrap_or(before.policy);
        (before, sure)
    }
}

impl Run {
    /// The next commit of the log; with the policy that it was made under, where that is known.
    pub(crate) fn goes_on(&mut self, entry: &Entry, before: Option<&Policy>) {
        let ran = (entry.epoch > 0).then(|| Ran::of(entry, before)).flatten();
        let Some(ran) = ran else {
            *self = Self::default(); // nobody has to follow the one that founds a group
            return;
        };
        if self.author != Some(entry.sender) {
            *self = Self {
                author: Some(entry.sender),
                whole: self.author.is_some() || entry.epoch == 1,
                ..Self::default()
            };
        }
        self.commits.push(ran);
        if self.commits.len() > RUN_MAX {
            self.commits.remove(0);
            self.whole = true;
        }
    }

    /// Who made all of it.
    pub(super) fn author(&self) -> Option<MemberId> {
        self.author
    }

    /// Who complained of it.
    pub(super) fn complaints(&self) -> &[MemberId] {
        &self.complaints
    }

    pub(super) fn is_complained_of_by(&self, member: MemberId) -> bool {
        self.complaints.contains(&member)
    }

    /// Whether one more commit would put the first of it out of reach.
    pub(in crate::conversation) fn is_full(&self) -> bool {
        self.commits.len() >= RUN_MAX
    }

    /// Who is complained of, if a member may say this of them. None: they may not. The inner value is not known where the log
    /// is known from a later time on.
    pub(super) fn about(&self, said: &Complaint, by: MemberId) -> Option<Option<MemberId>> {
        if self.author == Some(by) {
            return None;
        }
        let mut commits = self.commits.iter();
        let known = commits.any(|c| (c.epoch, c.hash) == (said.epoch, said.commit));
        let earlier = !self.whole && self.first().is_none_or(|first| said.epoch < first);
        (known || earlier).then_some(self.author)
    }

    pub(super) fn complains(&mut self, member: MemberId) {
        if !self.complaints.contains(&member) {
            self.complaints.push(member);
        }
    }

    /// SHA-256 of the commit that closed this epoch, if it is in reach of a complaint.
    pub(super) fn hash_of(&self, epoch: u64) -> Option<Hash32> {
        let mut commits = self.commits.iter();
        commits.find(|c| c.epoch == epoch).map(|c| c.hash)
    }

    /// Whether a restart in the epoch `now` may go back to this one because of a complaint.
    pub(super) fn leads_to(&self, epoch: u64, now: u64) -> bool {
        let near = u64::try_from(RUN_MAX).is_ok_and(|most| now.saturating_sub(epoch) <= most);
        let least = self.first().filter(|_| self.whole).unwrap_or(1);
        near && epoch <= now && epoch >= least.max(1)
    }

    fn first(&self) -> Option<u64> {
        self.commits.first().map(|c| c.epoch)
    }

    /// How it stood in an epoch, from how it stood in another; whether no part of it is a guess.
    pub(super) fn standing_at(&self, epoch: u64, from: (u64, Standing)) -> (Standing, bool) {
        let (here, mut standing) = from;
        let between = here.min(epoch)..here.max(epoch);
        let commits = || self.commits.iter().filter(|c| between.contains(&c.epoch));
        let missing = between.end - between.start != commits().count() as u64;
        let mut sure = !missing;
        let mut walk = |c: &Ran| {
            let (next, exact) = match epoch > here {
                true => c.forward(&standing),
                false => c.back(standing.clone()),
            };
            (standing, sure) = (next, sure && exact);
        };
        match epoch > here {
            true => commits().for_each(&mut walk),
            false => commits().rev().for_each(&mut walk),
        }
        (standing, sure)
    }
}
