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
            Accepted, AskRepair, CommitConversation, CreateConversation, Declare, Entries,
            GetEntries, GetReceipts, GetTree, GetWelcome, PutReceipt, Receipts,
            RestartConversation, SendMessage, Tree, Welcome,
        },
        sync::{ConversationSummary, StartSync, SyncStarted},
    },
};
use storage::{Reader, Storage};
use tokio::sync::Semaphore;

use crate::{Conversations, Error, Modules, cache::Cache, turns::Turns};

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
    /// Reads that work through trees (checks of commits, trees, Welcomes) at the same time: fewer than the database has
    /// readers, so that all other reads find one.
    pub checks_at_once: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            modules: Modules::default(),
            members_max: limits::CONVERSATION_MEMBERS_MAX,
            body_bytes_max: limits::BODY_BYTES_MAX,
            cached_leaves: 20_000,
            checks_at_once: 1,
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
    pub(crate) turns: Arc<Turns<(ConversationId, MemberId)>>,
    checks_of: Arc<Turns<MemberId>>,
    checks: Arc<Semaphore>,
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
            turns: Arc::default(),
            checks_of: Arc::default(),
            checks: Arc::new(Semaphore::new(config.checks_at_once.max(1))),
            config: Arc::new(config),
        }
    }

    /// A read that works through trees: waits while as many as may are at work, and while another one for the same
    /// member waits or is at work.
    pub(crate) async fn read_trees<T: Send + 'static>(
        &self,
        member: MemberId,
        f: impl FnOnce(&dyn Reader) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _turn = self.checks_of.take(member).await;
        let place = Arc::clone(&self.checks).acquire_owned().await;
        storage::read(self.storage.as_ref(), move |reader| {
            let result = f(reader);
            // Given back when it is done, also when nobody waits for it any more.
            drop(place);
            result
        })
        .await
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

    async fn restart(
        &self,
        member: MemberId,
        device: DeviceId,
        params: RestartConversation,
    ) -> Result<Accepted, Error> {
        self.do_restart(member, device, params).await
    }

    async fn declare(
        &self,
        member: MemberId,
        device: DeviceId,
        params: Declare,
    ) -> Result<Accepted, Error> {
        self.do_declare(member, device, params).await
    }

    async fn depart(&self, member: MemberId) -> Result<(), Error> {
        self.do_depart(member).await
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

    async fn ask_repair(
        &self,
        member: MemberId,
        device: DeviceId,
        params: AskRepair,
    ) -> Result<Done, Error> {
        self.do_ask_repair(member, device, params).await
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
