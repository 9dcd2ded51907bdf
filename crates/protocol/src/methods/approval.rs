//! Approval of a sign-in by a device that is signed in already (`docs/crypto.md` section 4).
//!
//! A device that waits calls [`AskApproval`], [`RevealApproval`] and [`GetApproval`], and may sign itself out; nothing else.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Done, method};
use crate::ids::{DeviceId, Hash32};

/// A waiting device asks to be let in. Again: with another commitment, after a claim that came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskApproval {
    /// To its keys and its nonce.
    pub commitment: Hash32,
}

/// Answer to [`AskApproval`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalAsked {
    /// When it waits no longer, if nobody answers (server's time, ms since 1970).
    pub lapses: u64,
}
method!(AskApproval, "approval.ask", signed_in: true, ApprovalAsked);

/// How the approval of this device stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetApproval {}

/// A device that is at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalClaim {
    /// Which.
    pub by: DeviceId,
    /// Its nonce.
    pub nonce: Hash32,
    /// Until when (server's time, ms since 1970).
    pub until: u64,
}

/// Answer to [`GetApproval`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalState {
    /// It still waits.
    pub waiting: bool,
    /// While it waits: until when, at the longest (server's time, ms since 1970).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapses: Option<u64>,
    /// What it asked with last; none: it is to ask, again after a claim that was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Hash32>,
    /// The claim that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ApprovalClaim>,
    /// Once it is let in: what the approving device hands over, sealed. Kept for an hour, or until this device first
    /// writes the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Bytes>,
}
method!(GetApproval, "approval.state", signed_in: true, ApprovalState);

/// The waiting device shows its nonce to the device that has claimed it: once for each commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealApproval {
    /// The nonce behind the commitment.
    pub nonce: Hash32,
}
method!(RevealApproval, "approval.reveal", signed_in: true, Done);

/// A signed-in device begins to approve: one for each commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimApproval {
    /// The waiting device.
    pub device: DeviceId,
    /// What it asked with.
    pub commitment: Hash32,
    /// A nonce for this commitment alone.
    pub nonce: Hash32,
}
method!(ClaimApproval, "approval.claim", signed_in: true, Done);

/// Gives this device's own claim up: the waiting device asks anew, with another commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveUpApproval {
    /// The waiting device.
    pub device: DeviceId,
}
method!(GiveUpApproval, "approval.give_up", signed_in: true, Done);

/// Lets the waiting device in, by the device that has claimed it, once its nonce was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantApproval {
    /// The waiting device.
    pub device: DeviceId,
    /// What it asked with: nothing else is approved in its place.
    pub commitment: Hash32,
    /// What is handed over, sealed to the waiting device.
    pub sealed: Bytes,
}
method!(GrantApproval, "approval.grant", signed_in: true, Done);

/// Sends a waiting device away, by any signed-in device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenyApproval {
    /// The waiting device.
    pub device: DeviceId,
}
method!(DenyApproval, "approval.deny", signed_in: true, Done);

/// A device that waits, as `devices.list` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingDevice {
    /// Which.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// When it asked last (ms since 1970).
    pub asked: u64,
    /// When it waits no longer (ms since 1970).
    pub lapses: u64,
    /// Ed25519 public key.
    pub signing_key: Bytes,
    /// X-Wing public key.
    pub wrap_key: Bytes,
    /// What it asked with; none: it has not, or not yet again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Hash32>,
    /// The device that is at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<DeviceId>,
    /// Its nonce, once it has shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revealed: Option<Hash32>,
}
