//! The secret of messages that disappear: no chain leads to it, and it is deleted with them.

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::suite::{VERSION, from_msgpack, to_msgpack};

/// The secret d_n of one epoch: opens the timed messages that were written in it. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct TimedSecret(Zeroizing<[u8; 32]>);

#[derive(Serialize, Deserialize)]
struct Record {
    v: u8,
    secret: protocol::Hash32,
    until: u64,
}

impl TimedSecret {
    /// The secret of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret of these bytes, if there are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The plaintext of the vault record (kind 11) that keeps it past its epoch. `until` (milliseconds since 1970): the latest
    /// time at which a message of that epoch can disappear.
    #[must_use]
    pub fn to_record(&self, until: u64) -> Zeroizing<Vec<u8>> {
        to_msgpack(&Record {
            v: VERSION,
            secret: protocol::Hash32(*self.as_bytes()),
            until,
        })
    }

    /// Reads the plaintext of a vault record: the secret, and until when it is kept.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`], [`crate::Error::UnknownVersion`].
    pub fn from_record(bytes: &[u8]) -> crate::error::Result<(Self, u64)> {
        let record: Record = from_msgpack(bytes, "timed secret")?;
        Ok((Self::new(record.secret.0), record.until))
    }
}

impl PartialEq for TimedSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for TimedSecret {}

impl fmt::Debug for TimedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimedSecret(..)")
    }
}
