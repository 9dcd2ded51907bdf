//! A conversation's policy and who may change what (`docs/crypto.md`, section 5). Shared by server and clients.

use std::collections::BTreeMap;

use protocol::{ConversationId, InstanceId, MemberId};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    suite::{VERSION, from_msgpack, to_msgpack},
};

/// The largest encoded policy, in bytes.
pub const MAX_POLICY: usize = 64 * 1024;

/// The shortest timer of disappearing messages, in seconds.
pub const MIN_TIMER_S: u64 = 3_600;
/// The longest timer of disappearing messages, in seconds.
pub const MAX_TIMER_S: u64 = 31_536_000;
/// How much later than the timer says a message may disappear, in milliseconds: clocks differ.
pub const EXPIRY_SLACK_MS: u64 = 5 * 60 * 1000;

/// Two people, or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Exactly two members for ever, both group admins.
    Direct,
    /// Any number of members.
    Group,
}

/// What newcomers may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// Everything: the commit that adds them carries a link.
    All,
    /// What is written from their joining on: the commit that adds them is a cut.
    SinceJoined,
}

/// What a member of a conversation may do. Ordered: later may do more.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads; may update the own leaf, nothing else.
    ReadOnly,
    /// Reads and writes. The role of everybody whom the policy does not list.
    #[default]
    Member,
    /// Adds, removes, changes the policy.
    GroupAdmin,
    /// As a group admin; only owners can lower or remove owners.
    Owner,
}

/// The policy of a conversation: the MLS GroupContext extension 0xF0A1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The instance it lives on.
    pub instance: InstanceId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Direct or group.
    pub kind: Kind,
    /// How often it was founded anew.
    pub restart: u32,
    /// What newcomers may read.
    pub history: History,
    /// Messages are deleted after this many seconds; 0 = kept.
    pub retention_s: u64,
    /// Timer of disappearing messages in seconds, from [`MIN_TIMER_S`] to [`MAX_TIMER_S`]; 0 = none.
    pub timer_s: u64,
    /// Only group admins write: a group for announcements.
    pub announcements: bool,
    /// The roles of those who are not plain members.
    pub roles: BTreeMap<MemberId, Role>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    member: MemberId,
    role: Role,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    v: u8,
    instance: InstanceId,
    conversation: ConversationId,
    kind: Kind,
    restart: u32,
    history: History,
    retention_s: u64,
    timer_s: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    announcements: bool,
    roles: Vec<Entry>,
}

impl Policy {
    /// The policy of a direct conversation between two members.
    #[must_use]
    pub fn direct(
        instance: InstanceId,
        conversation: ConversationId,
        a: MemberId,
        b: MemberId,
    ) -> Self {
        Self {
            instance,
            conversation,
            kind: Kind::Direct,
            restart: 0,
            history: History::All,
            retention_s: 0,
            timer_s: 0,
            announcements: false,
            roles: BTreeMap::from([(a, Role::GroupAdmin), (b, Role::GroupAdmin)]),
        }
    }

    /// The policy of a new group: one owner, newcomers read what is written from their joining on.
    #[must_use]
    pub fn group(instance: InstanceId, conversation: ConversationId, owner: MemberId) -> Self {
        Self {
            kind: Kind::Group,
            history: History::SinceJoined,
            roles: BTreeMap::from([(owner, Role::Owner)]),
            ..Self::direct(instance, conversation, owner, owner)
        }
    }

    /// A member's role. Says nothing about whether they are in the conversation.
    #[must_use]
    pub fn role_of(&self, member: MemberId) -> Role {
        self.roles.get(&member).copied().unwrap_or_default()
    }

    /// Whether somebody of this role may write messages.
    #[must_use]
    pub fn lets_write(&self, role: Role) -> bool {
        let least = if self.announcements {
            Role::GroupAdmin
        } else {
            Role::Member
        };
        role >= least
    }

    /// Whether a member may write messages. Says nothing about whether they are in the conversation.
    #[must_use]
    pub fn may_write(&self, member: MemberId) -> bool {
        self.lets_write(self.role_of(member))
    }

    /// The extension's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let roles = self.roles.iter();
        to_msgpack(&Wire {
            v: VERSION,
            instance: self.instance,
            conversation: self.conversation,
            kind: self.kind,
            restart: self.restart,
            history: self.history,
            retention_s: self.retention_s,
            timer_s: self.timer_s,
            announcements: self.announcements,
            roles: roles
                .map(|(&member, &role)| Entry { member, role })
                .collect(),
        })
        .to_vec()
    }

    /// Reads the extension's bytes.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::UnknownVersion`], or [`Error::Malformed`] for anything that [`Policy::encode`]
    /// does not write: roles out of order or twice, a listed plain member, a group without an admin, a direct
    /// conversation of other than two group admins.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_POLICY {
            return Err(Error::TooLong("policy"));
        }
        let wire: Wire = from_msgpack(bytes, "policy")?;
        if !wire.roles.is_sorted_by(|a, b| a.member < b.member) {
            return Err(Error::Malformed("policy"));
        }
        let policy = Self {
            instance: wire.instance,
            conversation: wire.conversation,
            kind: wire.kind,
            restart: wire.restart,
            history: wire.history,
            retention_s: wire.retention_s,
            timer_s: wire.timer_s,
            announcements: wire.announcements,
            roles: wire.roles.iter().map(|e| (e.member, e.role)).collect(),
        };
        policy.check().map_err(|_| Error::Malformed("policy"))?;
        Ok(policy)
    }

    /// Whether the policy is one that a conversation may have.
    ///
    /// # Errors
    /// [`RightsError::Direct`] or [`RightsError::NoAdmin`], [`RightsError::Roles`], [`RightsError::Timer`].
    pub fn check(&self) -> std::result::Result<(), RightsError> {
        if self.timer_s != 0 && !(MIN_TIMER_S..=MAX_TIMER_S).contains(&self.timer_s) {
            return Err(RightsError::Timer);
        }
        let all = |role| self.roles.values().all(|r| *r == role);
        match self.kind {
            Kind::Direct
                if self.announcements || self.roles.len() != 2 || !all(Role::GroupAdmin) =>
            {
                Err(RightsError::Direct)
            }
            Kind::Group if !self.has_admin() => Err(RightsError::NoAdmin),
            Kind::Group if self.roles.values().any(|r| *r == Role::Member) => {
                Err(RightsError::Roles)
            }
            _ => Ok(()),
        }
    }

    /// The latest time at which a message may disappear that the server takes at `time` (milliseconds); none where messages
    /// don't disappear.
    #[must_use]
    pub fn latest_expiry(&self, time: u64) -> Option<u64> {
        (self.timer_s != 0).then(|| latest_expiry(time, self.timer_s))
    }

    fn has_admin(&self) -> bool {
        self.roles.values().any(|r| *r >= Role::GroupAdmin)
    }
}

/// The latest time at which a message may disappear that the server takes at `time` (milliseconds), under this timer.
#[must_use]
pub fn latest_expiry(time: u64, timer_s: u64) -> u64 {
    time.saturating_add(timer_s.saturating_mul(1000))
        .saturating_add(EXPIRY_SLACK_MS)
}

/// What a commit does to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitChange {
    /// Who is added.
    pub added: Vec<MemberId>,
    /// Who is removed. Somebody in both lists gets a new leaf (*repair*).
    pub removed: Vec<MemberId>,
    /// Whether the author changed the own leaf's signature key.
    pub updated: bool,
    /// The new policy, if the commit carries one.
    pub policy: Option<Policy>,
}

impl CommitChange {
    /// Whether `member` only gets a new leaf.
    #[must_use]
    pub fn repairs(&self, member: MemberId) -> bool {
        self.added.contains(&member) && self.removed.contains(&member)
    }
}

/// Members who left by a log entry of the present epoch and are still in the tree; known from the log, not from the commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Departures {
    /// Those with a leave or account-closed entry: the next commit, anybody's, removes them and does nothing else.
    pub left: Vec<MemberId>,
    /// Who becomes group admin when no admin remains: the longest-standing member.
    pub successor: Option<MemberId>,
}

impl Departures {
    /// Of those who `left`, and the members in the order of their leaves. Who comes later takes the first free leaf, so the
    /// lowest is that of the longest-standing member, as far as the tree tells; who may only read comes last.
    #[must_use]
    pub fn new(policy: &Policy, in_order: &[MemberId], left: &[MemberId]) -> Self {
        let left: Vec<MemberId> = in_order
            .iter()
            .filter(|m| left.contains(m))
            .copied()
            .collect();
        let stay = || in_order.iter().filter(|m| !left.contains(m)).copied();
        let successor = stay().find(|m| policy.role_of(*m) > Role::ReadOnly);
        Self {
            successor: successor.or_else(|| stay().next()),
            left,
        }
    }

    /// Whether the server's word that an account was closed takes this member out of the tree, where these have left before
    /// them in the same epoch. Not the last admin: otherwise a server could make somebody an admin by its word alone.
    #[must_use]
    pub fn closing_counts(
        roles: impl IntoIterator<Item = (MemberId, Role)>,
        left: &[MemberId],
        member: MemberId,
    ) -> bool {
        let admins = roles
            .into_iter()
            .filter(|(_, role)| *role >= Role::GroupAdmin);
        let staying = admins.filter(|(m, _)| !left.contains(m));
        let admins: Vec<MemberId> = staying.map(|(m, _)| m).collect();
        admins != [member]
    }

    /// Whether anything follows from them: nobody leaves a direct conversation.
    pub(crate) fn count_in(&self, policy: &Policy) -> bool {
        policy.kind == Kind::Group && !self.left.is_empty()
    }
}

/// Why a commit oversteps its author's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RightsError {
    /// The author's role does not allow this.
    #[error("the author's role does not allow this change")]
    Role,
    /// Raises, lowers or removes somebody above the author.
    #[error("nobody may change a role above their own")]
    AboveSelf,
    /// No group admin would remain.
    #[error("a group keeps at least one group admin")]
    NoAdmin,
    /// Members or roles of a direct conversation never change.
    #[error("a direct conversation has the same two members for ever")]
    Direct,
    /// Instance, conversation, kind or restart number differ.
    #[error("instance, conversation, kind and restart number never change")]
    Fixed,
    /// Somebody has left: the next commit removes them, and does nothing else.
    #[error("members have left: the next commit removes them, and does nothing else")]
    Departed,
    /// A timer shorter than an hour, or longer than a year.
    #[error("messages disappear after an hour to a year, or not at all")]
    Timer,
    /// The roles do not fit the members.
    #[error("the listed roles do not fit the members")]
    Roles,
}

/// Whether `author` may make this change, given the policy before it. That members and roles fit together
/// afterwards is checked where the tree is known.
///
/// # Errors
/// [`RightsError`].
pub fn check_change(
    before: &Policy,
    change: &CommitChange,
    author: MemberId,
    departures: &Departures,
) -> std::result::Result<(), RightsError> {
    if departures.count_in(before) {
        return check_departure(before, change, departures);
    }
    let own = before.role_of(author);
    check_membership(before, change, own)?;
    let after = change.policy.as_ref().unwrap_or(before);
    check_policy(before, after, change, own)?;
    let gone = |m: &&MemberId| !change.repairs(**m) && after.roles.contains_key(m);
    if change.removed.iter().any(|m| gone(&m)) {
        return Err(RightsError::Roles);
    }
    Ok(())
}

/// Whoever commits first removes all who left, and does nothing else: so nobody who left gets into another epoch, and whose
/// roles change without an admin's doing is known from the log.
fn check_departure(
    before: &Policy,
    change: &CommitChange,
    departures: &Departures,
) -> std::result::Result<(), RightsError> {
    let mut removed = change.removed.clone();
    removed.sort_unstable();
    let mut left = departures.left.clone();
    left.sort_unstable();
    let after = change.policy.as_ref().unwrap_or(before);
    let only = change.added.is_empty() && removed == left;
    let follows = *after == tidied(before, change, departures);
    (only && follows).then_some(()).ok_or(RightsError::Departed)
}

fn check_membership(
    before: &Policy,
    change: &CommitChange,
    own: Role,
) -> std::result::Result<(), RightsError> {
    for member in &change.removed {
        if change.repairs(*member) {
            if own < Role::Member {
                return Err(RightsError::Role);
            }
        } else if before.kind == Kind::Direct {
            return Err(RightsError::Direct);
        } else {
            if own < Role::GroupAdmin {
                return Err(RightsError::Role);
            }
            if before.role_of(*member) > own {
                return Err(RightsError::AboveSelf);
            }
        }
    }
    for member in change.added.iter().filter(|m| !change.repairs(**m)) {
        // In a direct conversation this is the second member, added by the founder in epoch 0.
        if before.kind == Kind::Direct && !before.roles.contains_key(member) {
            return Err(RightsError::Direct);
        }
        if own < Role::GroupAdmin {
            return Err(RightsError::Role);
        }
    }
    Ok(())
}

fn check_policy(
    before: &Policy,
    after: &Policy,
    change: &CommitChange,
    own: Role,
) -> std::result::Result<(), RightsError> {
    if before == after {
        return Ok(());
    }
    let fixed = |p: &Policy| (p.instance, p.conversation, p.kind, p.restart);
    if fixed(before) != fixed(after) {
        return Err(RightsError::Fixed);
    }
    after.check()?;
    if before.kind == Kind::Direct && before.roles != after.roles {
        return Err(RightsError::Direct);
    }
    if *after == tidied(before, change, &Departures::default()) {
        return Ok(());
    }
    if own < Role::GroupAdmin {
        return Err(RightsError::Role);
    }
    let staying = before.roles.keys().chain(after.roles.keys());
    for member in staying.filter(|m| !change.removed.contains(m) || change.repairs(**m)) {
        let (old, new) = (before.role_of(*member), after.role_of(*member));
        if old != new && old.max(new) > own {
            return Err(RightsError::AboveSelf);
        }
    }
    Ok(())
}

/// The policy that follows from the removals alone: their roles go, and if no admin remains the successor is one.
#[must_use]
pub fn tidied(before: &Policy, change: &CommitChange, departures: &Departures) -> Policy {
    let mut after = before.clone();
    after
        .roles
        .retain(|m, _| !change.removed.contains(m) || change.repairs(*m));
    if let (false, Some(successor)) = (after.has_admin(), departures.successor) {
        after.roles.insert(successor, Role::GroupAdmin);
    }
    after
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
