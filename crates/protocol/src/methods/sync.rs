//! Catching up: what has changed since the client's cursors.

use serde::{Deserialize, Serialize};

use super::{conversations::Repair, method};
use crate::ids::{ConversationId, IncarnationId, MemberId};

/// How far a client has read one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Last seq it has, without gaps before it.
    pub seq: u64,
}

/// Begins the flow of events on this connection, and asks what was missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartSync {
    /// The incarnation that the cursors belong to; absent on a fresh device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incarnation: Option<IncarnationId>,
    /// Cursors of all conversations that the client holds.
    pub cursors: Vec<Cursor>,
}

/// A conversation of the signed-in member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationSummary {
    /// Which.
    pub conversation: ConversationId,
    /// Restart number.
    pub restart: u32,
    /// Direct (two) or group.
    pub direct: bool,
    /// Members now.
    pub members: Vec<MemberId>,
    /// Current epoch.
    pub epoch: u64,
    /// Newest seq.
    pub head_seq: u64,
    /// First seq that this member may fetch.
    pub first_seq: u64,
    /// Whether a Welcome waits for this member.
    pub welcome: bool,
    /// Members who have lately asked for a new leaf, this one included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<Repair>,
}

/// What was missed. Entries themselves are fetched by `conversations.entries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStarted {
    /// True when the cursors belong to another incarnation: forget them and take this as a fresh start.
    pub snapshot_needed: bool,
    /// Conversations whose newest seq differs from the cursor sent, new ones included.
    pub changed: Vec<ConversationSummary>,
    /// Conversations of the cursors that the member is in no more.
    pub gone: Vec<ConversationId>,
    /// Number of the vault's newest head.
    pub vault_head: u64,
    /// Unclaimed key packages, without the last-resort one.
    pub key_packages_left: u32,
    /// Number of the server's last backup mark (0 = none yet).
    pub backup_mark: u64,
}
method!(StartSync, "sync.start", signed_in: true, SyncStarted);
