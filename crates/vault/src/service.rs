//! The service on its ports.

use std::sync::Arc;

use bus::Bus;
use storage::Storage;

/// The service.
#[derive(Clone)]
pub struct Service {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) bus: Arc<dyn Bus>,
}

impl Service {
    /// The service on a database and a bus.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, bus: Arc<dyn Bus>) -> Self {
        Self { storage, bus }
    }
}
