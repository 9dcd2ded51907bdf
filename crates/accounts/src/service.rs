//! The service's parts and its first start.

use std::{fmt, sync::Arc};

use ambient::{Clock, Random};
use bus::Bus;
use protocol::{IncarnationId, InstanceId, MemberId};
use storage::Storage;
use zeroize::Zeroizing;

use crate::{Config, Error};

/// What the service works with. Cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// The database.
    pub storage: Arc<dyn Storage>,
    /// Where events go.
    pub bus: Arc<dyn Bus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

/// The service. Made by [`Service::prepare`].
pub struct Service {
    pub(crate) ports: Ports,
    pub(crate) config: Config,
    pub(crate) instance: InstanceId,
    pub(crate) incarnation: IncarnationId,
}

/// A sign-in between its two steps. Kept by the connection, for a minute at most; wiped when dropped.
pub struct Attempt {
    pub(crate) state: Zeroizing<Vec<u8>>,
    /// None for names that do not exist.
    pub(crate) member: Option<MemberId>,
    /// The name as it counts for the limits.
    pub(crate) name: String,
}

/// The code that allows the first registration. Printed once; the database holds its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SetUpCode(Zeroizing<String>);

impl SetUpCode {
    /// The code, to be shown to the operator: eight groups of two characters, joined by `-`.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SetUpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetUpCode(..)")
    }
}

impl Service {
    /// Opens the instance: makes its ids at the first start, and a new set-up code as long as there is no member.
    /// `oprf_seed` is the content of the instance's OPRF seed file (`e2ee::opaque::OprfSeed`).
    ///
    /// # Errors
    /// [`Error::Storage`]; [`Error::Internal`] when the seed file's content is not one.
    pub async fn prepare(
        ports: Ports,
        oprf_seed: &[u8],
        config: Config,
    ) -> Result<(Self, Option<SetUpCode>), Error> {
        let _ = oprf_seed;
        Err(Error::Internal(format!(
            "{} {}",
            config.addresses.len(),
            ports.clock.now()
        )))
    }

    /// Which instance this is.
    #[must_use]
    pub fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Which life of it.
    #[must_use]
    pub fn incarnation(&self) -> IncarnationId {
        self.incarnation
    }
}
