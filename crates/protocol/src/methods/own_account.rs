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
    approval::WaitingDevice,
    method,
    vault::{VaultWrite, VaultWritten},
};
use crate::ids::{DeviceId, Hash32, MemberId};

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
    /// Whether new sign-ins need the approval of a device from now on; none: as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<bool>,
    /// The vault write with wraps and root record for the new passphrase; where approval is needed with a new approval
    /// record, and without one where it ends; with a new certificate also the identity
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

/// Asks for a new passphrase on a device that is signed in, where the old one is forgotten: another device of the member or
/// an admin approves it, or a day passes. One request of a member at a time; again by the same device is the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskForgotten {}
method!(AskForgotten, "account.forgotten", signed_in: true, ForgottenRequest);

/// A request of a member who has forgotten their passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgottenRequest {
    /// The device that asks.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// When it asked (ms since 1970).
    pub asked: u64,
    /// From when on it may go on without approval (ms since 1970).
    pub ready: u64,
    /// When it was approved (ms since 1970); none = not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<u64>,
}

/// Approves the request, by another device of the member that was signed in before it, or by an admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveForgotten {
    /// Whose; none: one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The device that the person saw asking: another one is not approved in its place.
    pub device: DeviceId,
}
method!(ApproveForgotten, "account.approve_forgotten", signed_in: true, Done);

/// Takes the member's request back, by any of their devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelForgotten {}
method!(CancelForgotten, "account.cancel_forgotten", signed_in: true, Done);

/// Sets a new passphrase without the old one, by the device whose request is approved or old enough: a new root identity,
/// the next key generation and a new vault key, all or nothing. The recovery code ends with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceRoot {
    /// OPAQUE registration upload of the new passphrase.
    pub upload: Bytes,
    /// Cost that was used for it.
    pub stretching: Stretching,
    /// Account certificate of the new root: the next key generation, the same names.
    pub certificate: Bytes,
    /// The statement of the account key in force that the new root follows (`docs/crypto.md` section 3).
    pub succession: Bytes,
    /// The vault write with wraps, root record and identity record.
    pub vault: VaultWrite,
}

impl fmt::Debug for ReplaceRoot {
    /// Without what passphrases could be tried against.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplaceRoot")
            .field("stretching", &self.stretching)
            .finish_non_exhaustive()
    }
}
method!(ReplaceRoot, "account.replace_root", signed_in: true, VaultWritten);

/// Makes a link by which a member who has lost every way in begins a new identity. By admins; the one before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetMember {
    /// Whose access.
    pub member: MemberId,
    /// Hash of the secret; the server never sees the secret before it is used.
    pub secret_hash: Hash32,
}

/// Answer to [`ResetMember`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetCreated {
    /// When the link expires (ms since 1970).
    pub expires: u64,
    /// Addresses under which this server can be reached, `HOST:PORT`.
    pub addresses: Vec<String>,
}
method!(ResetMember, "account.reset", signed_in: true, ResetCreated);

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
    /// The member's request for a new passphrase in the place of a forgotten one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten: Option<ForgottenRequest>,
    /// Those that wait to be let in by one of the signed-in ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<WaitingDevice>,
}
method!(ListDevices, "devices.list", signed_in: true, Devices);

/// Signs devices of the member out, for ever; one's own is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutDevices {
    /// Which (up to [`crate::limits::LOOKUP_MAX`]); all or none.
    pub devices: Vec<DeviceId>,
}
method!(SignOutDevices, "devices.sign_out", signed_in: true, Done);
