//! What a commit does, in its author's words: members compare it with the commit when they follow it, so that whoever reads
//! the log later, without the tree of that time, can rely on it (`docs/crypto.md`, section 5).

use protocol::MemberId;

use super::MlsError;
use crate::{
    policy::{CommitChange, Departures, History, Policy, Role},
    suite::{Reader, Writer},
};

const WHAT: &str = "commit data";

/// What a commit does to members and policy. Nothing of it: it changes keys alone, or something that is not said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Who is added, in ascending order.
    pub added: Vec<MemberId>,
    /// Who is removed, in ascending order. Somebody in both lists has a new leaf.
    pub removed: Vec<MemberId>,
    /// Who of those who stay has another role, in ascending order.
    pub roles: Vec<(MemberId, Role)>,
    /// Whether only group admins write, if that changes.
    pub announcements: Option<bool>,
    /// What newcomers may read, if that changes.
    pub history: Option<History>,
    /// Those removed had left by the log, and the roles follow from that: the commit does nothing else.
    pub left: bool,
    /// After how many seconds new messages disappear (0: not any more), if that changes.
    pub timer_s: Option<u64>,
    /// No link goes with it, on purpose: who comes by it is not to read what was there before.
    pub cut: bool,
}

impl Said {
    /// What this change is, to a conversation with this policy and members who left it.
    #[must_use]
    pub fn of(before: &Policy, change: &CommitChange, departures: &Departures) -> Self {
        let sorted = |members: &[MemberId]| {
            let mut members = members.to_vec();
            members.sort_unstable();
            members
        };
        let mut said = Self {
            added: sorted(&change.added),
            removed: sorted(&change.removed),
            left: departures.count_in(before),
            ..Self::default()
        };
        let Some(after) = &change.policy else {
            return said;
        };
        let mut listed: Vec<MemberId> = before
            .roles
            .keys()
            .chain(after.roles.keys())
            .copied()
            .collect();
        listed.sort_unstable();
        listed.dedup();
        let gone = |m: &MemberId| change.removed.contains(m) && !change.repairs(*m);
        let changed = listed
            .into_iter()
            .filter(|m| !gone(m) && before.role_of(*m) != after.role_of(*m));
        said.roles = changed.map(|m| (m, after.role_of(m))).collect();
        said.announcements =
            (before.announcements != after.announcements).then_some(after.announcements);
        said.history = (before.history != after.history).then_some(after.history);
        said.timer_s = (before.timer_s != after.timer_s).then_some(after.timer_s);
        said
    }

    /// Whether a commit that does this may come without a link on purpose: somebody comes who is not to read what was there before,
    /// or somebody has a new leaf (where that is certified under another root, which is not to be seen here).
    pub(super) fn may_cut(before: &Policy, change: &CommitChange) -> bool {
        let after = change.policy.as_ref().unwrap_or(before);
        let comes = change.added.iter().any(|m| !change.repairs(*m));
        let restored = change.added.iter().any(|m| change.repairs(*m));
        restored || comes && after.history == History::SinceJoined
    }

    /// Whether there is anything that people are told of.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Nothing is written of nothing.
    pub(super) fn write(&self, writer: Writer) -> Writer {
        if self.is_nothing() {
            return writer;
        }
        let mut writer =
            members(members(writer, &self.added), &self.removed).u16(count(self.roles.len()));
        for (member, role) in &self.roles {
            writer = writer.bytes(member.as_bytes()).u8(role_number(*role));
        }
        writer
            .u8(choice(self.announcements))
            .u8(choice(self.history.map(|h| h == History::All)))
            .u8(how(self))
            .u64(self.timer_s.map_or(0, |seconds| seconds.saturating_add(1)))
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, MlsError> {
        if r.is_done() {
            return Ok(Self::default());
        }
        let malformed = || MlsError::Malformed(WHAT);
        let (added, removed) = (read_members(r)?, read_members(r)?);
        let mut roles = Vec::new();
        for _ in 0..r.u16()? {
            roles.push((
                MemberId(r.array()?),
                role_of(r.u8()?).ok_or_else(malformed)?,
            ));
        }
        let ascending = |all: &[MemberId]| all.is_sorted_by(|a, b| a < b);
        let in_order =
            roles.is_sorted_by(|a, b| a.0 < b.0) && ascending(&added) && ascending(&removed);
        if !in_order {
            return Err(malformed());
        }
        let announcements = read_choice(r.u8()?)?;
        let said = Self {
            added,
            removed,
            roles,
            announcements,
            history: read_choice(r.u8()?)?.map(|all| {
                if all {
                    History::All
                } else {
                    History::SinceJoined
                }
            }),
            ..read_how(r.u8()?)?
        };
        let timer_s = r.u64()?.checked_sub(1);
        let said = Self { timer_s, ..said };
        // one encoding of each
        (!said.is_nothing()).then_some(said).ok_or_else(malformed)
    }
}

/// A conversation has at most 1,000 members.
fn count(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

fn members(writer: Writer, all: &[MemberId]) -> Writer {
    let writer = writer.u16(count(all.len()));
    all.iter()
        .fold(writer, |w, member| w.bytes(member.as_bytes()))
}

fn read_members(r: &mut Reader<'_>) -> Result<Vec<MemberId>, MlsError> {
    let mut all = Vec::new();
    for _ in 0..r.u16()? {
        all.push(MemberId(r.array()?));
    }
    Ok(all)
}

fn role_number(role: Role) -> u8 {
    match role {
        Role::ReadOnly => 0,
        Role::Member => 1,
        Role::GroupAdmin => 2,
        Role::Owner => 3,
    }
}

fn role_of(number: u8) -> Option<Role> {
    [Role::ReadOnly, Role::Member, Role::GroupAdmin, Role::Owner]
        .get(usize::from(number))
        .copied()
}

/// Who adds somebody takes nobody out who had left, so that no commit is both.
fn how(said: &Said) -> u8 {
    match (said.left, said.cut) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    }
}

fn read_how(number: u8) -> Result<Said, MlsError> {
    let (left, cut) = match number {
        0 => (false, false),
        1 => (true, false),
        2 => (false, true),
        _ => return Err(MlsError::Malformed(WHAT)),
    };
    let said = Said::default();
    Ok(Said { left, cut, ..said })
}

fn choice(value: Option<bool>) -> u8 {
    value.map_or(0, |on| 1 + u8::from(on))
}

fn read_choice(number: u8) -> Result<Option<bool>, MlsError> {
    match number {
        0 => Ok(None),
        1 => Ok(Some(false)),
        2 => Ok(Some(true)),
        _ => Err(MlsError::Malformed(WHAT)),
    }
}
