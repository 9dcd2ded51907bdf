//! One member's private state of a conversation.

use openmls::prelude::{MlsGroup, PublicGroup};
use openmls_traits::OpenMlsProvider;
use protocol::{ConversationId, DeviceId, Hash32, InstanceId, MemberId};
use rand::{CryptoRng, RngCore};

use super::{
    MlsError,
    check::{Leaves, check_roles, leaves},
    profile::{self, MlsSuite, capabilities, credential, extensions, policy_of},
    provider::{LeafSigner, Provider},
    store::Values,
};
use crate::{
    content::{self, Body, ContentError, Context, EpochSecret, Receipt, Seen, TimedSecret},
    identity::{AccountKey, LeafCertificate, Purpose},
    policy::{Departures, Policy, RightsError, Role},
    signing::SigningKey,
    statement::Statement,
    transcript::EntryKind,
};

/// The private state of one member in one conversation, in one epoch. Operations give the next state.
#[derive(Clone)]
pub struct Conversation {
    pub(super) values: Values,
    pub(super) leaf: SigningKey,
    pub(super) group_info: Vec<u8>,
    pub(super) policy: Policy,
    pub(super) leaves: Leaves,
    own_index: u32,
    own: LeafCertificate,
    epoch: u64,
    suite: MlsSuite,
    secret: EpochSecret,
    timed: TimedSecret,
}

/// A conversation that was just founded.
#[derive(Debug)]
pub struct Founded {
    /// The founder's state in epoch 0.
    pub conversation: Conversation,
    /// The GroupInfo with the tree, for the server.
    pub group_info: Vec<u8>,
}

impl std::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conversation")
            .field("id", &self.id())
            .field("restart", &self.restart())
            .field("epoch", &self.epoch)
            .field("members", &self.leaves.len())
            .finish_non_exhaustive()
    }
}

impl Conversation {
    /// Founds a conversation; the founder is its only member until the first commit. `now` in milliseconds.
    ///
    /// # Errors
    /// [`MlsError::Rights`] when the policy is not one a conversation may have or the founder is no admin in it.
    pub fn found(
        rng: &mut (impl CryptoRng + RngCore),
        account: &AccountKey,
        founder: MemberId,
        policy: &Policy,
        now: u64,
    ) -> Result<Founded, MlsError> {
        Self::found_in(MlsSuite::default(), rng, account, founder, policy, now)
    }

    /// The same in this suite.
    ///
    /// # Errors
    /// As [`Self::found`].
    pub fn found_in(
        suite: MlsSuite,
        rng: &mut (impl CryptoRng + RngCore),
        account: &AccountKey,
        founder: MemberId,
        policy: &Policy,
        now: u64,
    ) -> Result<Founded, MlsError> {
        policy.check()?;
        if policy.role_of(founder) < Role::GroupAdmin {
            return Err(RightsError::Role.into());
        }
        let leaf = SigningKey::generate(rng);
        let (instance, public) = (policy.instance, leaf.public());
        let purpose = Purpose::Conversation;
        let certificate = LeafCertificate::issue(account, instance, founder, &public, now, purpose);
        let provider = Provider::with_rng(Values::new(), rng)?;
        let group_id = profile::group_id(policy.conversation, policy.restart);
        MlsGroup::builder()
            .with_group_id(group_id.clone())
            .ciphersuite(suite.mls())
            .with_wire_format_policy(profile::join_config().wire_format_policy())
            .padding_size(0)
            .number_of_resumption_psks(0)
            .use_ratchet_tree_extension(false)
            .lifetime(profile::lifetime())
            .with_capabilities(capabilities(suite))
            .with_group_context_extensions(extensions(policy)?)
            .build(&provider, &LeafSigner(&leaf), credential(&certificate))
            .map_err(MlsError::refused)?;
        provider
            .storage()
            .keep_no_resumption_secrets()
            .map_err(MlsError::refused)?;
        let group = MlsGroup::load(provider.storage(), &group_id)
            .map_err(MlsError::refused)?
            .ok_or(MlsError::BrokenRecord)?;
        let group_info = group
            .export_group_info(provider.crypto(), &LeafSigner(&leaf), true)
            .map_err(MlsError::refused)?;
        let group_info = profile::write(&group_info)?;
        Ok(Founded {
            conversation: Self::assemble(&group, provider, leaf, None)?,
            group_info,
        })
    }

    /// Gathers what a loaded group says about itself; signs a new GroupInfo if none is given.
    pub(super) fn assemble(
        group: &MlsGroup,
        provider: Provider<'_>,
        leaf: SigningKey,
        group_info: Option<Vec<u8>>,
    ) -> Result<Self, MlsError> {
        let policy = policy_of(group.public_group().group_context())?;
        let leaves = leaves(group.public_group())?;
        let own_index = group.own_leaf_index().u32();
        let own = leaves.get(&own_index).ok_or(MlsError::WrongState)?.clone();
        if own.leaf != leaf.public() || !group.is_active() {
            return Err(MlsError::WrongState);
        }
        let epoch = group.epoch().as_u64();
        let suite = MlsSuite::of(group.ciphersuite());
        let suite = suite.ok_or(MlsError::UnknownVersion("MLS suite"))?;
        let members: Vec<_> = leaves.values().map(|c| c.member).collect();
        check_roles(&policy, epoch, &members)?;
        let exporter =
            |label: &str, len: usize| group.export_secret(provider.crypto(), label, &[], len);
        let (secret, timed) = (export(exporter)?, export_timed(exporter)?);
        let group_info = match group_info {
            Some(info) => info,
            None => profile::write(
                &group
                    .export_group_info(provider.crypto(), &LeafSigner(&leaf), false)
                    .map_err(MlsError::refused)?,
            )?,
        };
        Ok(Self {
            values: provider.into_values(),
            leaf,
            group_info,
            policy,
            leaves,
            own_index,
            own,
            epoch,
            suite,
            secret,
            timed,
        })
    }

    /// The MLS group over a copy of the entries.
    pub(super) fn load(&self, provider: &Provider<'_>) -> Result<MlsGroup, MlsError> {
        MlsGroup::load(provider.storage(), &self.group_id())
            .map_err(MlsError::refused)?
            .ok_or(MlsError::WrongState)
    }

    pub(super) fn group_id(&self) -> openmls::group::GroupId {
        profile::group_id(self.id(), self.restart())
    }

    pub(super) fn own_index(&self) -> u32 {
        self.own_index
    }

    /// The MLS epoch.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The suite of the group, which never changes.
    #[must_use]
    pub fn suite(&self) -> MlsSuite {
        self.suite
    }

    /// The secret e_n of this epoch.
    #[must_use]
    pub fn epoch_secret(&self) -> &EpochSecret {
        &self.secret
    }

    /// The secret d_n of this epoch, for messages that disappear. Nothing but this state leads to it.
    #[must_use]
    pub fn timed_secret(&self) -> &TimedSecret {
        &self.timed
    }

    /// Who is in the conversation, in the order of their leaves.
    #[must_use]
    pub fn members(&self) -> Vec<(MemberId, LeafCertificate)> {
        let leaves = self.leaves.values();
        leaves.map(|c| (c.member, c.clone())).collect()
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

    /// The instance.
    #[must_use]
    pub fn instance(&self) -> InstanceId {
        self.policy.instance
    }

    /// The conversation's id.
    #[must_use]
    pub fn id(&self) -> ConversationId {
        self.policy.conversation
    }

    /// The restart number.
    #[must_use]
    pub fn restart(&self) -> u32 {
        self.policy.restart
    }

    /// Whose state this is.
    #[must_use]
    pub fn me(&self) -> MemberId {
        self.own.member
    }

    /// The own leaf's certificate.
    #[must_use]
    pub fn own_certificate(&self) -> &LeafCertificate {
        &self.own
    }

    /// The public tree of this epoch, as the server serves it.
    ///
    /// # Errors
    /// [`MlsError::WrongState`] when the state is damaged.
    pub fn tree(&self) -> Result<Vec<u8>, MlsError> {
        let provider = Provider::new(self.values.clone())?;
        let group = PublicGroup::load(provider.storage(), &self.group_id())
            .map_err(MlsError::refused)?
            .ok_or(MlsError::WrongState)?;
        profile::write(&group.export_ratchet_tree())
    }

    /// Where content stands that `sender` writes in this epoch.
    #[must_use]
    pub fn context(&self, sender: MemberId) -> Context {
        Context {
            instance: self.instance(),
            conversation: self.id(),
            restart: self.restart(),
            epoch: self.epoch,
            sender,
        }
    }

    /// Seals a message in this epoch with the own leaf key.
    ///
    /// # Errors
    /// [`ContentError::TooLong`].
    pub fn seal_message(
        &self,
        rng: &mut (impl CryptoRng + RngCore),
        body: &Body,
    ) -> Result<Vec<u8>, ContentError> {
        let (context, name) = (self.context(self.me()), self.own.name());
        content::seal_message(rng, &self.secret, &context, &self.leaf, name, body)
    }

    /// Seals a message that disappears in this epoch with the own leaf key.
    ///
    /// # Errors
    /// [`ContentError::TooLong`].
    pub fn seal_timed(
        &self,
        rng: &mut (impl CryptoRng + RngCore),
        body: &Body,
    ) -> Result<Vec<u8>, ContentError> {
        let (context, name) = (self.context(self.me()), self.own.name());
        let under = (&self.timed, &self.secret);
        content::seal_timed(rng, under, &context, &self.leaf, name, body)
    }

    /// Seals a receipt in this epoch with the own leaf key.
    ///
    /// # Errors
    /// [`ContentError::TooLong`] (not with receipts of version 1).
    pub fn seal_receipt(
        &self,
        rng: &mut (impl CryptoRng + RngCore),
        receipt: &Receipt,
    ) -> Result<Vec<u8>, ContentError> {
        let (context, name) = (self.context(self.me()), self.own.name());
        content::seal_receipt(rng, &self.secret, &context, &self.leaf, name, receipt)
    }

    /// Says something in clear in this epoch, signed by the own leaf key: the body of an entry of this kind.
    #[must_use]
    pub fn declare(
        &self,
        kind: EntryKind,
        seen: Seen,
        device: DeviceId,
        content: Vec<u8>,
    ) -> Vec<u8> {
        self.declare_in(self.epoch, kind, seen, device, content)
    }

    /// The same in a later epoch, which this state can't reach, for who still has the leaf of this one in it.
    #[must_use]
    pub fn declare_in(
        &self,
        epoch: u64,
        kind: EntryKind,
        seen: Seen,
        device: DeviceId,
        content: Vec<u8>,
    ) -> Vec<u8> {
        let statement = Statement {
            kind,
            seen,
            device,
            certificate: self.own.name(),
            content,
        };
        let context = Context {
            epoch,
            ..self.context(self.me())
        };
        statement.sign(&context, &self.leaf)
    }

    /// Opens a message of this epoch. For older epochs, and for authors whose leaf has changed since, see
    /// [`content::open_message`].
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn open_message(
        &self,
        sender: MemberId,
        sealed: &[u8],
    ) -> Result<content::Opened, ContentError> {
        let find = |name| self.certificate(name);
        content::open_message(&self.secret, &self.context(sender), sealed, &find)
    }

    /// Opens a message of this epoch that disappears; otherwise as [`Self::open_message`].
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn open_timed(
        &self,
        sender: MemberId,
        sealed: &[u8],
    ) -> Result<content::Opened, ContentError> {
        let find = |name| self.certificate(name);
        let under = (&self.timed, &self.secret);
        content::open_timed(under, &self.context(sender), sealed, &find)
    }

    /// Opens a receipt of this epoch.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn open_receipt(
        &self,
        sender: MemberId,
        sealed: &[u8],
    ) -> Result<content::OpenedReceipt, ContentError> {
        let find = |name| self.certificate(name);
        content::open_receipt(&self.secret, &self.context(sender), sealed, &find)
    }

    /// The certificate of this name, if it is that of a leaf of this epoch.
    #[must_use]
    pub fn certificate(&self, name: Hash32) -> Option<LeafCertificate> {
        self.leaves.values().find(|c| c.name() == name).cloned()
    }
}

/// The epoch secret, by the plain exporter: the safe exporter can be asked only once.
pub(super) fn export<E: std::fmt::Display>(
    exporter: impl FnOnce(&str, usize) -> Result<Vec<u8>, E>,
) -> Result<EpochSecret, MlsError> {
    let bytes = zeroize::Zeroizing::new(exporter("chatalk epoch", 32).map_err(MlsError::refused)?);
    EpochSecret::from_slice(&bytes).ok_or(MlsError::WrongState)
}

/// The secret of timed messages, by the same exporter under another label.
fn export_timed<E: std::fmt::Display>(
    exporter: impl FnOnce(&str, usize) -> Result<Vec<u8>, E>,
) -> Result<TimedSecret, MlsError> {
    let bytes = zeroize::Zeroizing::new(exporter("chatalk timed", 32).map_err(MlsError::refused)?);
    TimedSecret::from_slice(&bytes).ok_or(MlsError::WrongState)
}
