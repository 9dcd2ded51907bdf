//! What server and clients check of every commit beyond what MLS checks.

use std::collections::BTreeMap;

use openmls::prelude::{
    LeafNode, LeafNodeIndex, MlsMessageBodyIn, Proposal, ProposalOrRefType, ProtocolMessage,
    PublicGroup, Sender, StagedCommit,
};
use protocol::{DeviceId, Hash32, InstanceId, MemberId};

use super::{
    MlsError, Said,
    profile::{certificate_of, leaf_certificate, policy_of, read_message},
};
use crate::{
    content::EpochSecret,
    error::Error,
    identity::{LeafCertificate, Purpose, Roster},
    policy::{CommitChange, Departures, Kind, Policy, check_change},
    suite::{Reader, VERSION, Writer},
};

/// What the author of a commit states besides the change itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitContext {
    /// The newest seq that the author had seen.
    pub seen_seq: u64,
    /// The transcript hash there.
    pub seen_hash: Hash32,
    /// The number of the author's vault head.
    pub vault_head: u64,
    /// The author's device.
    pub device: DeviceId,
}

/// A commit's authenticated data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitData {
    /// The commitment c_n of the epoch that the commit closes.
    pub c_n: Hash32,
    /// What the author stated.
    pub context: CommitContext,
    /// What the commit does.
    pub said: Said,
}

impl CommitData {
    pub(super) fn new(secret: &EpochSecret, context: CommitContext, said: Said) -> Self {
        Self {
            c_n: secret.commitment(),
            context,
            said,
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let writer = Writer::new()
            .u8(VERSION)
            .bytes(self.c_n.as_bytes())
            .u64(self.context.seen_seq)
            .bytes(self.context.seen_hash.as_bytes())
            .u64(self.context.vault_head)
            .bytes(self.context.device.as_bytes());
        self.said.write(writer).finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, MlsError> {
        let mut r = Reader::new(bytes, "commit data");
        if r.u8()? != VERSION {
            return Err(MlsError::UnknownVersion("commit data"));
        }
        let data = Self {
            c_n: Hash32(r.array()?),
            context: CommitContext {
                seen_seq: r.u64()?,
                seen_hash: Hash32(r.array()?),
                vault_head: r.u64()?,
                device: DeviceId(r.array()?),
            },
            said: Said::read(&mut r)?,
        };
        r.finish()?;
        Ok(data)
    }
}

/// Members by leaf index.
pub(super) type Leaves = BTreeMap<u32, LeafCertificate>;

/// The leaves of a group whose certificates were checked when they came in.
pub(super) fn leaves(group: &PublicGroup) -> Result<Leaves, MlsError> {
    group
        .members()
        .map(|m| {
            Ok((
                m.index.u32(),
                certificate_of(&m.credential, &m.signature_key)?,
            ))
        })
        .collect()
}

/// Checks a leaf and its certificate against the member's account certificate.
pub(super) fn check_leaf(
    leaf: &LeafNode,
    instance: InstanceId,
    purposes: &[Purpose],
    roster: &dyn Roster,
) -> Result<LeafCertificate, MlsError> {
    let certificate = leaf_certificate(leaf)?;
    if certificate.instance != instance || !purposes.contains(&certificate.purpose) {
        return Err(MlsError::Certificate(Error::WrongOwner("leaf certificate")));
    }
    let (member, generation) = (certificate.member, certificate.generation);
    match roster.certificate(member, generation) {
        Some(account) => certificate
            .verify(&account)
            .map_err(MlsError::Certificate)?,
        None if roster.was_checked() => {}
        None => return Err(MlsError::UnknownMember(member, generation)),
    }
    Ok(certificate)
}

/// Checks that a leaf which comes in now is of its member's newest key generation, where the roster judges that.
pub(super) fn check_newest(
    certificate: &LeafCertificate,
    roster: &dyn Roster,
) -> Result<(), MlsError> {
    match roster.newest_generation(certificate.member) {
        Some(newest) if newest != certificate.generation => {
            Err(MlsError::Certificate(Error::NotNewer("leaf certificate")))
        }
        _ => Ok(()),
    }
}

/// Checks every leaf of a tree: certified, one per member.
pub(super) fn check_tree(
    group: &PublicGroup,
    instance: InstanceId,
    roster: &dyn Roster,
) -> Result<Leaves, MlsError> {
    const ANY: &[Purpose] = &[
        Purpose::KeyPackage,
        Purpose::LastResort,
        Purpose::Conversation,
    ];
    let mut found = Leaves::new();
    for (index, leaf) in group.treesync().full_leaves() {
        let certificate = check_leaf(leaf, instance, ANY, roster)?;
        if found.values().any(|c| c.member == certificate.member) {
            return Err(MlsError::Forbidden("two leaves of one member"));
        }
        found.insert(index.u32(), certificate);
    }
    Ok(found)
}

/// Whether policy and members fit: the listed are members, and a direct conversation has its two.
pub(super) fn check_roles(
    policy: &Policy,
    epoch: u64,
    members: &[MemberId],
) -> Result<(), MlsError> {
    // In epoch 0 only the founder is there; the policy may name those whom the first commit adds.
    let fits = match (epoch, policy.kind) {
        (0, _) => members
            .iter()
            .all(|m| policy.kind == Kind::Group || policy.roles.contains_key(m)),
        (_, Kind::Direct) => {
            members.len() == 2 && members.iter().all(|m| policy.roles.contains_key(m))
        }
        (_, Kind::Group) => policy.roles.keys().all(|m| members.contains(m)),
    };
    fits.then_some(())
        .ok_or(MlsError::Rights(crate::policy::RightsError::Roles))
}

/// Reads a commit for this group and finds the author's leaf.
pub(super) fn read_commit(
    commit: &[u8],
    group: &PublicGroup,
    leaves: &Leaves,
    author: MemberId,
) -> Result<(ProtocolMessage, LeafNodeIndex), MlsError> {
    let MlsMessageBodyIn::PublicMessage(message) = read_message(commit, "commit")? else {
        return Err(MlsError::Forbidden("other than a public message"));
    };
    let Sender::Member(sender) = *message.sender() else {
        return Err(MlsError::NotAMember);
    };
    let message = ProtocolMessage::from(message);
    if message.group_id() != group.group_id() {
        return Err(MlsError::WrongConversation);
    }
    let (expected, found) = (group.group_context().epoch(), message.epoch());
    if expected != found {
        return Err(MlsError::WrongEpoch {
            expected: expected.as_u64(),
            found: found.as_u64(),
        });
    }
    if message.content_type() != openmls::prelude::ContentType::Commit {
        return Err(MlsError::Forbidden("other than a commit"));
    }
    match leaves.get(&sender.u32()) {
        None => Err(MlsError::NotAMember),
        Some(leaf) if leaf.member != author => Err(MlsError::WrongAuthor),
        Some(_) => Ok((message, sender)),
    }
}

/// A commit's effect, checked.
pub(super) struct Effect {
    pub(super) change: CommitChange,
    pub(super) policy: Policy,
    /// Certificates that were not in the tree before.
    pub(super) new: Vec<LeafCertificate>,
}

/// Checks that a commit does what its author says.
pub(super) fn check_said(
    before: &Policy,
    change: &CommitChange,
    departures: &Departures,
    said: &Said,
) -> Result<(), MlsError> {
    let of = Said::of(before, change, departures);
    let may_cut = !of.left && Said::may_cut(before, change);
    let honest = *said
        == Said {
            cut: said.cut && may_cut,
            ..of
        };
    let other = MlsError::Forbidden("saying another change than it makes");
    honest.then_some(()).ok_or(other)
}

/// Checks proposals, leaves, identities, roles and rights of a staged commit.
pub(super) fn check_staged(
    before: &Policy,
    old: &Leaves,
    staged: &StagedCommit,
    sender: LeafNodeIndex,
    roster: &dyn Roster,
    departures: &Departures,
) -> Result<Effect, MlsError> {
    let author = old.get(&sender.u32()).ok_or(MlsError::NotAMember)?;
    let mut change = CommitChange::default();
    let mut leaves = old.clone();
    let mut new = Vec::new();
    let mut added = Vec::new();
    for queued in staged.queued_proposals() {
        if queued.proposal_or_ref_type() != ProposalOrRefType::Proposal {
            return Err(MlsError::Forbidden("a proposal by reference"));
        }
        match queued.proposal() {
            Proposal::Add(add) => added.push(add.key_package().leaf_node()),
            Proposal::Remove(remove) => {
                let gone = leaves.remove(&remove.removed().u32());
                change
                    .removed
                    .push(gone.ok_or(MlsError::Malformed("commit"))?.member);
            }
            Proposal::GroupContextExtensions(_) if change.policy.is_none() => {
                change.policy = Some(policy_of(staged.group_context())?);
            }
            _ => return Err(MlsError::Forbidden("a proposal of another kind")),
        }
    }
    if let Some(leaf) = staged.update_path_leaf_node() {
        let renewed = check_path_leaf(leaf, author, before.instance, roster)?;
        change.updated = renewed.is_some();
        new.extend(renewed);
    }
    let mut members: Vec<MemberId> = leaves.values().map(|c| c.member).collect();
    for leaf in added {
        let certificate = check_added(leaf, before.instance, old, roster)?;
        if members.contains(&certificate.member) {
            return Err(MlsError::Forbidden("two leaves of one member"));
        }
        members.push(certificate.member);
        change.added.push(certificate.member);
        new.push(certificate);
    }
    let policy = change.policy.clone().unwrap_or_else(|| before.clone());
    check_change(before, &change, author.member, departures)?;
    check_roles(&policy, staged.epoch().as_u64(), &members)?;
    Ok(Effect {
        change,
        policy,
        new,
    })
}

/// A path may renew the author's signature key, never change whose leaf it is. `Some` if the key is new.
fn check_path_leaf(
    leaf: &LeafNode,
    old: &LeafCertificate,
    instance: InstanceId,
    roster: &dyn Roster,
) -> Result<Option<LeafCertificate>, MlsError> {
    let certificate = leaf_certificate(leaf)?;
    if certificate.member != old.member {
        return Err(MlsError::Forbidden("another member's identity in a path"));
    }
    if certificate == *old {
        check_newest(&certificate, roster)?;
        return Ok(None);
    }
    if certificate.generation < old.generation {
        return Err(MlsError::Certificate(Error::NotNewer("leaf certificate")));
    }
    if certificate.leaf == old.leaf {
        return Err(MlsError::Forbidden("another certificate for the same key"));
    }
    // First whether it is known: a roster that has not heard of the newest keys yet says so, and is asked again.
    let certificate = check_leaf(leaf, instance, &[Purpose::Conversation], roster)?;
    check_newest(&certificate, roster)?;
    Ok(Some(certificate))
}

fn check_added(
    leaf: &LeafNode,
    instance: InstanceId,
    old: &Leaves,
    roster: &dyn Roster,
) -> Result<LeafCertificate, MlsError> {
    const ADDED: &[Purpose] = &[Purpose::KeyPackage, Purpose::LastResort];
    let certificate = check_leaf(leaf, instance, ADDED, roster)?;
    check_newest(&certificate, roster)?;
    let before = old.values().find(|c| c.member == certificate.member);
    if before.is_some_and(|c| c.generation > certificate.generation) {
        return Err(MlsError::Certificate(Error::NotNewer("leaf certificate")));
    }
    Ok(certificate)
}
