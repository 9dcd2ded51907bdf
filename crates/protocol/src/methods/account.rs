//! Registration, sign-in, sessions, invitations.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Done, method, people::NewKeyPackage, vault::VaultWrite};
use crate::ids::{DeviceId, Hash32, InvitationId, MemberId};

/// Cost of key stretching (Argon2id), stored per account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretching {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// What allows a registration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Ticket {
    /// The first member: the code that the server printed at first start.
    SetUp {
        /// The code, as typed.
        code: String,
    },
    /// Everybody else.
    Invitation {
        /// The secret of the invitation (16 bytes).
        secret: Bytes,
    },
    /// A member whose access an admin has reset: the same member with a new identity.
    Reset {
        /// The secret of the reset link (16 bytes).
        secret: Bytes,
    },
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetUp { .. } => "SetUp(..)",
            Self::Invitation { .. } => "Invitation(..)",
            Self::Reset { .. } => "Reset(..)",
        })
    }
}

/// A device at its sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDevice {
    /// Chosen by the device.
    pub device: DeviceId,
    /// A name that its owner recognises.
    pub name: String,
    /// Ed25519 public key that proves sessions (32 bytes).
    pub signing_key: Bytes,
    /// X-Wing public key for vault wraps.
    pub wrap_key: Bytes,
}

/// Looks at an invitation before using it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInvitation {
    /// The secret (16 bytes).
    pub secret: Bytes,
}

impl fmt::Debug for CheckInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckInvitation(..)")
    }
}

/// What an invitation leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationInfo {
    /// Name of the organisation.
    pub organisation: String,
    /// Account certificate of who invites.
    pub inviter: Bytes,
    /// When it expires (ms since 1970).
    pub expires: u64,
}
method!(CheckInvitation, "invitations.check", signed_in: false, InvitationInfo);

/// Looks at a reset link before using it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReset {
    /// The secret (16 bytes).
    pub secret: Bytes,
}

impl fmt::Debug for CheckReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckReset(..)")
    }
}

/// What a reset link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetInfo {
    /// Name of the organisation.
    pub organisation: String,
    /// The account certificate in force: the names that stay, and the generation that the new one follows.
    pub certificate: Bytes,
    /// The newest head of the vault, which the first one of the new vault follows; the rest of the vault goes.
    pub head: Bytes,
    /// When it expires (ms since 1970).
    pub expires: u64,
}
method!(CheckReset, "account.reset_check", signed_in: false, ResetInfo);

/// First step of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterStart {
    /// What allows it.
    pub ticket: Ticket,
    /// Chosen by the client.
    pub member: MemberId,
    /// OPAQUE registration request.
    pub request: Bytes,
}

/// Answer to [`RegisterStart`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterStarted {
    /// OPAQUE registration response.
    pub response: Bytes,
    /// The least stretching that the server accepts.
    pub stretching_floor: Stretching,
}
method!(RegisterStart, "account.register_start", signed_in: false, RegisterStarted);

/// Last step of a registration: everything in one transaction. Afterwards the connection is signed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterFinish {
    /// The same as at the start.
    pub ticket: Ticket,
    /// The same as at the start.
    pub member: MemberId,
    /// OPAQUE registration upload.
    pub upload: Bytes,
    /// Cost that was used.
    pub stretching: Stretching,
    /// Account certificate: names, account key, root key.
    pub certificate: Bytes,
    /// The device that registers.
    pub device: NewDevice,
    /// First vault records.
    pub vault: VaultWrite,
    /// First key packages, one of them last-resort.
    pub key_packages: Vec<NewKeyPackage>,
    /// Name of the organisation; with the set-up code only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

impl fmt::Debug for RegisterFinish {
    /// Without what passphrases could be tried against.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterFinish")
            .field("ticket", &self.ticket)
            .field("member", &self.member)
            .field("stretching", &self.stretching)
            .field("device", &self.device)
            .field("key_packages", &self.key_packages.len())
            .finish_non_exhaustive()
    }
}
method!(RegisterFinish, "account.register_finish", signed_in: false, SignedIn);

/// First step of a sign-in with name and passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInStart {
    /// Login name, prepared.
    pub login_name: String,
    /// OPAQUE KE1.
    pub ke1: Bytes,
}

/// Answer to [`SignInStart`], the same for names that do not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInStarted {
    /// Names this attempt on this connection; good for 60 seconds.
    pub attempt: u64,
    /// OPAQUE KE2.
    pub ke2: Bytes,
    /// Cost to use.
    pub stretching: Stretching,
}
method!(SignInStart, "account.sign_in_start", signed_in: false, SignInStarted);

/// Last step of a sign-in. Afterwards the connection is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInFinish {
    /// From [`SignInStarted`].
    pub attempt: u64,
    /// OPAQUE KE3.
    pub ke3: Bytes,
    /// The device that signs in.
    pub device: NewDevice,
}
method!(SignInFinish, "account.sign_in_finish", signed_in: false, SignedIn);

/// Signs in with name and recovery code, where the passphrase is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recover {
    /// Login name, prepared.
    pub login_name: String,
    /// The device that signs in.
    pub device: NewDevice,
    /// Proof of the recovery code on this connection (64 bytes).
    pub proof: Bytes,
}
method!(Recover, "account.recover", signed_in: false, SignedIn);

/// Role in the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationRole {
    /// Invites, suspends, resets, switches modules.
    Admin,
    /// Everybody else.
    Member,
    /// Sees only people they share a conversation with (reserved).
    Guest,
    /// A role that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A session has begun on this connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who is signed in.
    pub member: MemberId,
    /// Their newest account certificate.
    pub certificate: Bytes,
    /// Their role.
    pub role: OrganisationRole,
    /// Name of the organisation.
    pub organisation: String,
    /// The device waits for the approval of another one (`approval.ask`), and may do nothing else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waiting: bool,
}

/// Signs a known device in again by proof of its key; the challenge is in this connection's hello.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeSession {
    /// The device.
    pub device: DeviceId,
    /// Signature, 64 bytes (`docs/crypto.md` section 3).
    pub proof: Bytes,
}
method!(ResumeSession, "session.resume", signed_in: false, SignedIn);

/// Keeps the connection alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {}
method!(Ping, "ping", signed_in: false, Done);

/// Makes an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateInvitation {
    /// Chosen by the client; the same again is the same invitation.
    pub invitation: InvitationId,
    /// Hash of the secret; the server never sees the secret before it is used.
    pub secret_hash: Hash32,
}

/// Answer to [`CreateInvitation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationCreated {
    /// When it expires (ms since 1970).
    pub expires: u64,
    /// Addresses under which this server can be reached, `HOST:PORT`.
    pub addresses: Vec<String>,
    /// SHA-256 of the instance's certificate authority's certificate.
    pub ca: Hash32,
}
method!(CreateInvitation, "invitations.create", signed_in: true, InvitationCreated);

/// Withdraws an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeInvitation {
    /// Which.
    pub invitation: InvitationId,
}
method!(RevokeInvitation, "invitations.revoke", signed_in: true, Done);
