//! Joining by a Welcome.

use openmls::prelude::{MlsMessageBodyIn, RatchetTreeIn, StagedWelcome};
use openmls_traits::OpenMlsProvider;
use protocol::{ConversationId, InstanceId, MemberId};

use super::{
    Conversation, MlsError,
    check::check_tree,
    key_package::open_record,
    profile::{self, join_config, policy_of, read_message},
    provider::Provider,
};
use crate::{error::Error, identity::Roster, signing::SigningKey};

/// What a Welcome is expected to be for, as the server announced it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The instance.
    pub instance: InstanceId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Its restart number.
    pub restart: u32,
    /// Who joins.
    pub me: MemberId,
}

impl Conversation {
    /// Joins by a Welcome, with the tree of that epoch from the server and the vault record of the key package that the
    /// Welcome is for. Every leaf, the policy and the ids are checked. The state must be written, and the key package's
    /// record deleted, in one vault transaction.
    ///
    /// # Errors
    /// [`MlsError`]: with [`MlsError::UnknownMember`] fetch and check that certificate and try again.
    pub fn join(
        welcome: &[u8],
        tree: &[u8],
        key_package_record: &[u8],
        expected: Expected,
        roster: &dyn Roster,
    ) -> Result<Self, MlsError> {
        let (values, leaf, certificate) = open_record(key_package_record)?;
        if (certificate.instance, certificate.member) != (expected.instance, expected.me) {
            return Err(MlsError::Certificate(Error::WrongOwner("key package")));
        }
        let MlsMessageBodyIn::Welcome(welcome) = read_message(welcome, "welcome")? else {
            return Err(MlsError::Malformed("welcome"));
        };
        let tree = profile::read::<RatchetTreeIn>(tree, "tree")?;
        let provider = Provider::new(values)?;
        let staged = StagedWelcome::build_from_welcome(&provider, &join_config(), welcome)
            .map_err(MlsError::refused)?
            .with_ratchet_tree(tree)
            .skip_lifetime_validation()
            .build()
            .map_err(MlsError::refused)?;
        let policy = policy_of(staged.group_context())?;
        let found = (policy.instance, policy.conversation, policy.restart);
        if found != (expected.instance, expected.conversation, expected.restart) {
            return Err(MlsError::WrongConversation);
        }
        let group = staged.into_group(&provider).map_err(MlsError::refused)?;
        check_tree(group.public_group(), policy.instance, roster)?;
        let conversation = Self::assemble_joined(&group, provider, leaf)?;
        if *conversation.own_certificate() != certificate {
            return Err(MlsError::WrongState);
        }
        Ok(conversation)
    }

    fn assemble_joined(
        group: &openmls::prelude::MlsGroup,
        provider: Provider<'_>,
        leaf: SigningKey,
    ) -> Result<Self, MlsError> {
        // Read once more from storage, as every later operation will.
        let stored = openmls::prelude::MlsGroup::load(provider.storage(), group.group_id())
            .map_err(MlsError::refused)?
            .ok_or(MlsError::BrokenRecord)?;
        Self::assemble(&stored, provider, leaf, None)
    }
}
