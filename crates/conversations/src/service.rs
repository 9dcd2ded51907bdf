//! The service on its ports.

use std::sync::Arc;

use ambient::Clock;
use bus::Bus;
use protocol::{IncarnationId, InstanceId, limits};
use storage::Storage;

use crate::Modules;

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
            config: Arc::new(config),
        }
    }
}
