//! Structures in the `data` of errors.

use serde::{Deserialize, Serialize};

use crate::ids::ConversationId;

/// With `direct_exists`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectExists {
    /// The direct conversation that the two have.
    pub conversation: ConversationId,
}

/// With `vault_conflict`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultConflict {
    /// Number of the head that stands.
    pub head: u64,
}

/// With `epoch_moved`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochMoved {
    /// Current epoch.
    pub epoch: u64,
    /// Newest seq.
    pub head_seq: u64,
}
