//! The public half of a conversation: what the server keeps, checks commits with, and serves trees from.

use openmls::prelude::{ProcessedMessageContent, PublicGroup, RatchetTreeIn, StagedCommit};
use openmls_traits::OpenMlsProvider;
use protocol::{ConversationId, Hash32, InstanceId, MemberId};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

pub use super::MlsError as CheckError;
use super::{
    CommitData,
    check::{
        Leaves, check_newest, check_roles, check_said, check_staged, check_tree, leaves,
        read_commit,
    },
    key_package,
    profile::{self, MlsSuite, policy_of},
    provider::{Provider, crypto},
    record::{load_public, read_group_info, read_of_suite},
    store::{self, Values},
    welcome,
};
use crate::{
    content::{ContentError, Context},
    identity::{LeafCertificate, Roster},
    policy::{CommitChange, Departures, Policy, RightsError, Role},
    statement::Statement,
    suite::{VERSION, to_msgpack},
    transcript::EntryKind,
};

/// A conversation as its public messages show it. Checking a commit gives the next one.
#[derive(Clone)]
pub struct PublicConversation {
    values: Values,
    policy: Policy,
    leaves: Leaves,
    epoch: u64,
    suite: MlsSuite,
}

/// A commit that the server may accept, if its epoch is still the current one.
pub struct Checked {
    /// The conversation after it.
    pub next: PublicConversation,
    /// What it does.
    pub change: CommitChange,
    /// The epoch it closes.
    pub epoch_before: u64,
    /// What its author stated.
    pub data: CommitData,
    /// Who is added, by which key package.
    pub packages: Vec<(MemberId, Hash32)>,
    /// Leaf certificates that were not in the conversation before.
    pub certificates: Vec<LeafCertificate>,
}

#[derive(Serialize, Deserialize)]
struct Checkpoint {
    v: u8,
    suite: u16,
    conversation: ConversationId,
    restart: u32,
    entries: Vec<(ByteBuf, ByteBuf)>,
}

impl std::fmt::Debug for PublicConversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublicConversation")
            .field("conversation", &self.policy.conversation)
            .field("epoch", &self.epoch)
            .field("members", &self.leaves.len())
            .finish_non_exhaustive()
    }
}

impl PublicConversation {
    /// Takes in a conversation that `founder` just founded: epoch 0, the founder its only member and an admin.
    ///
    /// # Errors
    /// [`CheckError`].
    pub fn found(
        group_info: &[u8],
        conversation: ConversationId,
        instance: InstanceId,
        founder: MemberId,
        roster: &dyn Roster,
    ) -> Result<Self, CheckError> {
        let info = read_group_info(group_info)?;
        let tree: RatchetTreeIn = info
            .extensions()
            .ratchet_tree()
            .ok_or(CheckError::Malformed("group info"))?
            .ratchet_tree()
            .clone();
        // First of all: verifying a large tree is work, and a founder is alone.
        if tree.leaves().count() != 1 {
            return Err(CheckError::WrongAuthor);
        }
        let provider = Provider::new(Values::new())?;
        let group = load_public(&provider, tree, info)?;
        let policy = policy_of(group.group_context())?;
        if (policy.conversation, policy.instance) != (conversation, instance) {
            return Err(CheckError::WrongConversation);
        }
        if group.group_context().epoch().as_u64() != 0 {
            return Err(CheckError::Forbidden("founding in a later epoch"));
        }
        let leaves = check_tree(&group, instance, roster)?;
        if leaves.values().any(|c| c.member != founder) {
            return Err(CheckError::WrongAuthor);
        }
        if policy.role_of(founder) < Role::GroupAdmin {
            return Err(RightsError::Role.into());
        }
        for certificate in leaves.values() {
            check_newest(certificate, roster)?;
        }
        check_roles(&policy, 0, &[founder])?;
        Ok(Self {
            suite: suite_of(&group)?,
            values: provider.into_values(),
            policy,
            leaves,
            epoch: 0,
        })
    }

    /// Checks a commit by `author`: signature, tree, epoch, sender, proposals, leaves, rights. Confirmation tags, path
    /// ciphertexts and links cannot be checked here.
    ///
    /// # Errors
    /// [`CheckError`].
    pub fn check_commit(
        &self,
        commit: &[u8],
        author: MemberId,
        roster: &dyn Roster,
        departures: &Departures,
    ) -> Result<Checked, CheckError> {
        let provider = Provider::new(self.values.clone())?;
        let mut group = self.load(&provider)?;
        let (message, sender) = read_commit(commit, &group, &self.leaves, author)?;
        let processed = group
            .process_message(&crypto()?, message)
            .map_err(CheckError::refused)?;
        let data = CommitData::decode(processed.aad())?;
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(CheckError::Forbidden("other than a commit"));
        };
        let effect = check_staged(
            &self.policy,
            &self.leaves,
            &staged,
            sender,
            roster,
            departures,
        )?;
        check_said(&self.policy, &effect.change, departures, &data.said)?;
        let packages = packages(&staged)?;
        group
            .merge_commit(provider.storage(), *staged)
            .map_err(CheckError::refused)?;
        let next = Self {
            leaves: leaves(&group)?,
            policy: effect.policy,
            epoch: group.group_context().epoch().as_u64(),
            suite: self.suite,
            values: provider.into_values(),
        };
        Ok(Checked {
            next,
            change: effect.change,
            epoch_before: self.epoch,
            data,
            packages,
            certificates: effect.new,
        })
    }

    /// The public half of a member's own state: to look at commits as the server does.
    ///
    /// # Errors
    /// [`CheckError::WrongState`] when the state is damaged.
    pub fn of_member(state: &super::Conversation) -> Result<Self, CheckError> {
        let mut values = state.values.clone();
        values.retain(|key, _| !store::is_private(key));
        let provider = Provider::new(values)?;
        let id = profile::group_id(state.id(), state.restart());
        let group = PublicGroup::load(provider.storage(), &id)
            .map_err(CheckError::refused)?
            .ok_or(CheckError::WrongState)?;
        Ok(Self {
            suite: suite_of(&group)?,
            values: provider.into_values(),
            policy: state.policy.clone(),
            leaves: state.leaves.clone(),
            epoch: state.epoch(),
        })
    }

    fn load(&self, provider: &Provider<'_>) -> Result<PublicGroup, CheckError> {
        let id = profile::group_id(self.policy.conversation, self.policy.restart);
        PublicGroup::load(provider.storage(), &id)
            .map_err(CheckError::refused)?
            .ok_or(CheckError::WrongState)
    }

    /// The MLS epoch.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Who is in the conversation, in the order of their leaves.
    #[must_use]
    pub fn members(&self) -> Vec<(MemberId, LeafCertificate)> {
        let leaves = self.leaves.values();
        leaves.map(|c| (c.member, c.clone())).collect()
    }

    /// Reads what a member states in clear in this epoch, and checks that it is by the leaf they have.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn open_statement(
        &self,
        sender: MemberId,
        kind: EntryKind,
        bytes: &[u8],
    ) -> Result<Statement, ContentError> {
        let context = Context {
            instance: self.policy.instance,
            conversation: self.policy.conversation,
            restart: self.policy.restart,
            epoch: self.epoch,
            sender,
        };
        Statement::open(bytes, &context, kind, &|name| self.certificate(name))
    }

    /// A leaf certificate of the tree, by its name.
    #[must_use]
    pub fn certificate(&self, name: Hash32) -> Option<LeafCertificate> {
        self.leaves.values().find(|c| c.name() == name).cloned()
    }

    /// What follows from these having left.
    #[must_use]
    pub fn departures(&self, left: &[MemberId]) -> Departures {
        let in_order: Vec<MemberId> = self.leaves.values().map(|c| c.member).collect();
        Departures::new(&self.policy, &in_order, left)
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The suite, by its number.
    #[must_use]
    pub fn suite(&self) -> u16 {
        self.suite.number()
    }

    /// The tree of this epoch, which members restore and join with.
    ///
    /// # Errors
    /// [`CheckError::WrongState`] when the stored state is damaged.
    pub fn tree(&self) -> Result<Vec<u8>, CheckError> {
        let provider = Provider::new(self.values.clone())?;
        profile::write(&self.load(&provider)?.export_ratchet_tree())
    }

    /// A checkpoint, to be stored by the server.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let entry = |(k, v): (&Vec<u8>, &Zeroizing<Vec<u8>>)| {
            (ByteBuf::from(k.clone()), ByteBuf::from(v.to_vec()))
        };
        to_msgpack(&Checkpoint {
            v: VERSION,
            suite: self.suite.number(),
            conversation: self.policy.conversation,
            restart: self.policy.restart,
            entries: self.values.iter().map(entry).collect(),
        })
        .to_vec()
    }

    /// Reads a checkpoint that this server stored.
    ///
    /// # Errors
    /// [`CheckError::Malformed`], [`CheckError::UnknownVersion`], [`CheckError::WrongState`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckError> {
        let checkpoint: Checkpoint = read_of_suite(bytes, "checkpoint")?;
        let entries = checkpoint.entries.into_iter();
        let values: Values = entries
            .map(|(k, v)| (k.into_vec(), Zeroizing::new(v.into_vec())))
            .collect();
        if values.keys().any(|key| store::is_private(key)) {
            return Err(CheckError::WrongState);
        }
        let provider = Provider::new(values)?;
        let id = profile::group_id(checkpoint.conversation, checkpoint.restart);
        let group = PublicGroup::load(provider.storage(), &id)
            .map_err(CheckError::refused)?
            .ok_or(CheckError::WrongState)?;
        Ok(Self {
            policy: policy_of(group.group_context())?,
            leaves: leaves(&group)?,
            epoch: group.group_context().epoch().as_u64(),
            suite: suite_of(&group)?,
            values: provider.into_values(),
        })
    }
}

fn suite_of(group: &PublicGroup) -> Result<MlsSuite, CheckError> {
    MlsSuite::of(group.group_context().ciphersuite()).ok_or(CheckError::UnknownVersion("MLS suite"))
}

/// Who is added by a commit whose leaves were checked, by which key package.
fn packages(staged: &StagedCommit) -> Result<Vec<(MemberId, Hash32)>, CheckError> {
    let crypto = crypto()?;
    let added = staged.add_proposals();
    added
        .map(|add| {
            let package = add.add_proposal().key_package();
            let certificate = profile::leaf_certificate(package.leaf_node())?;
            Ok((
                certificate.member,
                key_package::reference(package, &crypto)?,
            ))
        })
        .collect()
}

/// The key packages that a Welcome is for: all that a server can check of one, beyond its size.
///
/// # Errors
/// [`CheckError::Malformed`].
pub fn welcome_references(welcome: &[u8]) -> Result<Vec<Hash32>, CheckError> {
    welcome::references(welcome)
}

/// The restart number of the group that a commit says to be of; none when it is no commit of ours.
#[must_use]
pub fn commit_restart(commit: &[u8]) -> Option<u32> {
    CommitData::peek_restart(commit).ok()
}
