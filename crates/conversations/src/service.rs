//! The service on its ports, and the trait's methods, each in the file of its subject.

use std::sync::Arc;

use ambient::Clock;
use async_trait::async_trait;
use bus::Bus;
use protocol::{
    ConversationId, DeviceId, IncarnationId, InstanceId, MemberId, limits,
    methods::{
        Done,
        conversations::{
            Accepted, CommitConversation, CreateConversation, Entries, GetEntries, GetReceipts,
            GetTree, GetWelcome, PutReceipt, Receipts, SendMessage, Tree, Welcome,
        },
        sync::{ConversationSummary, StartSync, SyncStarted},
    },
};
use storage::Storage;

use crate::{Conversations, Error, Modules, cache::Cache};

/// What an operator or a test chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Which modules are on.
    pub modules: Modules,
    /// Members of one conversation.
    pub members_max: usize,
    /// Bytes of one sealed message body.
    pub body_bytes_max: usize,
    /// Members, over all conversations, whose public trees are kept in memory (about 2.6 KB each).
    pub cached_leaves: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            modules: Modules::default(),
            members_max: limits::CONVERSATION_MEMBERS_MAX,
            body_bytes_max: limits::BODY_BYTES_MAX,
            cached_leaves: 20_000,
        }
    }
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) instance: InstanceId,
    pub(crate) incarnation: IncarnationId,
    pub(crate) config: Arc<Config>,
    pub(crate) cache: Arc<Cache>,
}

impl Service {
    /// The service of an instance (ids from `accounts`' first start) on a database and a bus.
    #[must_use]
    pub fn new(
        storage: Arc<dyn Storage>,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        instance: InstanceId,
        incarnation: IncarnationId,
        config: Config,
    ) -> Self {
        Self {
            storage,
            bus,
            clock,
            instance,
            incarnation,
            cache: Arc::new(Cache::new(config.cached_leaves)),
            config: Arc::new(config),
        }
    }
}

#[async_trait]
impl Conversations for Service {
    async fn create(
        &self,
        member: MemberId,
        device: DeviceId,
        params: CreateConversation,
    ) -> Result<Accepted, Error> {
        self.do_create(member, device, params).await
    }

    async fn commit(
        &self,
        member: MemberId,
        device: DeviceId,
        params: CommitConversation,
    ) -> Result<Accepted, Error> {
        self.do_commit(member, device, params).await
    }

    async fn send(
        &self,
        member: MemberId,
        device: DeviceId,
        params: SendMessage,
    ) -> Result<Accepted, Error> {
        self.do_send(member, device, params).await
    }

    async fn entries(&self, member: MemberId, params: GetEntries) -> Result<Entries, Error> {
        self.do_entries(member, params).await
    }

    async fn tree(&self, member: MemberId, params: GetTree) -> Result<Tree, Error> {
        self.do_tree(member, params).await
    }

    async fn welcome(&self, member: MemberId, params: GetWelcome) -> Result<Welcome, Error> {
        self.do_welcome(member, params).await
    }

    async fn put_receipt(&self, member: MemberId, params: PutReceipt) -> Result<Done, Error> {
        self.do_put_receipt(member, params).await
    }

    async fn receipts(&self, member: MemberId, params: GetReceipts) -> Result<Receipts, Error> {
        self.do_receipts(member, params).await
    }

    async fn sync(&self, member: MemberId, params: StartSync) -> Result<SyncStarted, Error> {
        self.do_sync(member, params).await
    }

    async fn conversations_of(&self, member: MemberId) -> Result<Vec<ConversationId>, Error> {
        self.do_conversations_of(member).await
    }

    async fn summary(
        &self,
        member: MemberId,
        conversation: ConversationId,
    ) -> Result<ConversationSummary, Error> {
        self.do_summary(member, conversation).await
    }
}
