//! A member's own account, changed from a signed-in device: passphrase, names, devices.
//!
//! What a thief of an unlocked device must not do needs the passphrase once more: [`StartProof`] begins the proof on this
//! connection, and its last message travels in the method that needs it.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    Done,
    account::{RegisterStarted, SignInStarted, Stretching},
    method,
    vault::{VaultWrite, VaultWritten},
};
use crate::ids::DeviceId;

/// First step of proving the passphrase again. Voids the proof begun before on this connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartProof {
    /// OPAQUE KE1.
    pub ke1: Bytes,
}
method!(StartProof, "account.prove_start", signed_in: true, SignInStarted);

/// First step of a change of the passphrase: the OPAQUE registration of the new one. Writes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartPassphrase {
    /// OPAQUE registration request.
    pub request: Bytes,
}
method!(StartPassphrase, "account.passphrase_start", signed_in: true, RegisterStarted);

/// Last step of a change of the passphrase: the new record and the vault's new wraps happen together or not at all.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishPassphrase {
    /// From [`StartProof`]; serves once. Without it, `recovery` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u64>,
    /// OPAQUE KE3 of the passphrase that is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ke3: Option<Bytes>,
    /// Instead of both, where the passphrase is forgotten: proof of the recovery code on this connection (64 bytes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Bytes>,
    /// OPAQUE registration upload of the new one.
    pub upload: Bytes,
    /// Cost that was used for the new one.
    pub stretching: Stretching,
    /// When the old one may be known: the account certificate of the next key generation, with the same root and names.
    /// All key packages of before are withdrawn with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Bytes>,
    /// The vault write with wraps and root record for the new passphrase; with a new certificate also the identity
    /// record that holds it.
    pub vault: VaultWrite,
}

impl fmt::Debug for FinishPassphrase {
    /// Without what passphrases could be tried against.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinishPassphrase")
            .field("attempt", &self.attempt)
            .field("stretching", &self.stretching)
            .field("by_recovery_code", &self.recovery.is_some())
            .field("new_keys", &self.certificate.is_some())
            .finish_non_exhaustive()
    }
}
method!(FinishPassphrase, "account.passphrase_finish", signed_in: true, VaultWritten);

/// Makes, replaces or removes the member's recovery code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRecovery {
    /// From [`StartProof`]; serves once.
    pub attempt: u64,
    /// OPAQUE KE3.
    pub ke3: Bytes,
    /// The public key of the new code (Ed25519, 32 bytes); none: the code is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Bytes>,
    /// The vault write with wraps and root record for the new code, or without one.
    pub vault: VaultWrite,
}
method!(SetRecovery, "account.recovery", signed_in: true, VaultWritten);

/// Changes the member's names: a new certificate of the same root, key generation and account key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// From [`StartProof`]; serves once.
    pub attempt: u64,
    /// OPAQUE KE3.
    pub ke3: Bytes,
    /// Account certificate with the new names.
    pub certificate: Bytes,
    /// The vault write with the identity record that holds it.
    pub vault: VaultWrite,
}

/// Answer to [`Rename`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamed {
    /// The newest account certificate: the one of the request.
    pub certificate: Bytes,
    /// Number of the vault's head that stands now.
    pub head: u64,
}
method!(Rename, "account.rename", signed_in: true, Renamed);

/// Closes the member's account for good: everything personal goes, what they wrote stays with those who have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseAccount {
    /// From [`StartProof`]; serves once.
    pub attempt: u64,
    /// OPAQUE KE3.
    pub ke3: Bytes,
}
method!(CloseAccount, "account.close", signed_in: true, Done);

/// Lists the devices of the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDevices {}

/// A device that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// Which; one's own is told by it.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// When it signed in (ms since 1970).
    pub created: u64,
    /// When it was last connected (ms since 1970), to the hour.
    pub last_seen: u64,
}

/// A device that was signed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedOutDevice {
    /// Which.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// When it signed in (ms since 1970).
    pub created: u64,
    /// When it was signed out (ms since 1970).
    pub signed_out: u64,
}

/// Devices of the member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// Those that are signed in, the one seen last first, at most [`crate::limits::DEVICES_LISTED_MAX`].
    pub devices: Vec<DeviceInfo>,
    /// Those that were signed out, the newest first, at most [`crate::limits::DEVICES_LISTED_MAX`]. A remaining device
    /// that finds one it did not know of changes the member's keys.
    pub revoked: Vec<DeviceId>,
    /// The same with their names and times. Servers before leave it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed_out: Vec<SignedOutDevice>,
}
method!(ListDevices, "devices.list", signed_in: true, Devices);

/// Signs devices of the member out, for ever; one's own is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutDevices {
    /// Which (up to [`crate::limits::LOOKUP_MAX`]); all or none.
    pub devices: Vec<DeviceId>,
}
method!(SignOutDevices, "devices.sign_out", signed_in: true, Done);
