//! Accounts, devices, invitations, certificates, key packages.

use std::ops::RangeInclusive;

use protocol::{
    Bytes, DeviceId, Hash32, InvitationId, MemberId,
    methods::account::{OrganisationRole, Stretching},
};

use crate::StorageError;

/// A member's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub member: MemberId,
    /// Prepared login name; unique.
    pub login_name: String,
    /// Skeleton of the login name: names that look alike share it; unique.
    pub skeleton: String,
    /// Display name.
    pub display_name: String,
    /// Role in the organisation.
    pub role: OrganisationRole,
    /// OPAQUE record.
    pub opaque_record: Vec<u8>,
    /// Cost of its key stretching.
    pub stretching: Stretching,
    /// Newest account certificate.
    pub certificate: Bytes,
    /// Its key generation.
    pub generation: u32,
    /// When it was made (ms).
    pub created: u64,
}

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Which.
    pub device: DeviceId,
    /// Whose.
    pub member: MemberId,
    /// Its name.
    pub name: String,
    /// Ed25519 public key that proves its sessions.
    pub signing_key: [u8; 32],
    /// X-Wing public key for vault wraps.
    pub wrap_key: Vec<u8>,
    /// When it signed in (ms).
    pub created: u64,
    /// When it was last connected (ms).
    pub last_seen: u64,
    /// Signed out.
    pub revoked: bool,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Which.
    pub invitation: InvitationId,
    /// Hash of its secret; unique.
    pub secret_hash: Hash32,
    /// Who invites.
    pub inviter: MemberId,
    /// When it expires (ms).
    pub expires: u64,
    /// How often it can still be used.
    pub uses_left: u32,
}

/// A request for a new passphrase in the place of a forgotten one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Who asks.
    pub member: MemberId,
    /// On which of their devices.
    pub device: DeviceId,
    /// When (ms).
    pub asked: u64,
    /// When it was approved (ms).
    pub approved: Option<u64>,
}

/// A link by which a member begins a new identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResetLink {
    /// Whose access.
    pub member: MemberId,
    /// Hash of its secret; unique.
    pub secret_hash: Hash32,
    /// The admin who made it.
    pub by: MemberId,
    /// When it expires (ms).
    pub expires: u64,
}

/// A device that waits to be let in by another one of its member; afterwards, what was handed over to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The device; it is none of the member's others before it was let in. Created = when it signed in.
    pub device: Device,
    /// When it asked last (ms).
    pub asked: u64,
    /// What it asked with; none: it has not, or has to ask anew.
    pub commitment: Option<Hash32>,
    /// Which device is at it.
    pub claim: Option<Claim>,
    /// The nonce that the waiting device has shown to that one.
    pub revealed: Option<Hash32>,
    /// When it was let in (ms), and what was handed over to it.
    pub granted: Option<(u64, Bytes)>,
}

/// A device that approves a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub by: DeviceId,
    /// Its nonce.
    pub nonce: Hash32,
    /// Since when (ms).
    pub at: u64,
}

/// A key package on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPackage {
    /// Hash reference; unique for ever, also after its use.
    pub id: Hash32,
    /// The package.
    pub package: Bytes,
    /// Served when no other is left, and not used up.
    pub last_resort: bool,
    /// The date of its leaf certificate (ms); see [`servable`].
    pub issued_at: u64,
}

const DAY: u64 = 24 * 60 * 60 * 1000;

/// Which dates of key packages may be served at `now` (all in ms): at most 80 days old, so that adders, who refuse what
/// is older than 90, have time to use them, and at most a day ahead.
#[must_use]
pub fn servable(now: u64) -> RangeInclusive<u64> {
    now.saturating_sub(80 * DAY)..=now.saturating_add(DAY)
}

/// Reads accounts.
///
/// A closed account is none: nothing finds it.
#[allow(clippy::missing_errors_doc)] // each fails only when the database does
pub trait AccountReader {
    /// By id.
    fn account(&self, member: MemberId) -> Result<Option<Account>, StorageError>;
    /// By prepared login name.
    fn account_by_login_name(&self, login_name: &str) -> Result<Option<Account>, StorageError>;
    /// By skeleton.
    fn member_by_skeleton(&self, skeleton: &str) -> Result<Option<MemberId>, StorageError>;
    /// Whether an admin has suspended this member.
    fn is_suspended(&self, member: MemberId) -> Result<bool, StorageError>;
    /// Members whose account is closed and who are still in a conversation, at most `limit`.
    fn closed_in_conversations(&self, limit: u32) -> Result<Vec<MemberId>, StorageError>;
    /// How many accounts there ever were, closed ones included.
    fn account_count(&self) -> Result<u64, StorageError>;
    /// Accounts whose login or display name, from one of its words on, starts with `query` (case does not count, see
    /// [`crate::search`]; empty = all), in order of login name (by code points).
    fn find_accounts(&self, query: &str, limit: u32) -> Result<Vec<Account>, StorageError>;
    /// Account certificates of all generations, of each the newest one, the newest generation last.
    fn account_certificates(&self, member: MemberId) -> Result<Vec<Bytes>, StorageError>;
    /// The public key of a member's recovery code, if they have one.
    fn recovery_key(&self, member: MemberId) -> Result<Option<[u8; 32]>, StorageError>;
    /// Members with the role of an admin, those who came first first.
    fn admins(&self) -> Result<Vec<MemberId>, StorageError>;
    /// The request of a member who has forgotten their passphrase.
    fn forgotten(&self, member: MemberId) -> Result<Option<Forgotten>, StorageError>;
    /// Succession statements of a member, the newest last.
    fn successions(&self, member: MemberId) -> Result<Vec<Bytes>, StorageError>;
    /// A reset link by the hash of its secret.
    fn reset_link(&self, secret_hash: Hash32) -> Result<Option<ResetLink>, StorageError>;
    /// Who reset a member's access last, and when that was used (ms).
    fn reset_of(&self, member: MemberId) -> Result<Option<(MemberId, u64)>, StorageError>;
    /// A leaf certificate by its name.
    fn leaf_certificate(&self, name: Hash32) -> Result<Option<Bytes>, StorageError>;
    /// A device.
    fn device(&self, device: DeviceId) -> Result<Option<Device>, StorageError>;
    /// All devices of a member, signed-out ones included.
    fn devices(&self, member: MemberId) -> Result<Vec<Device>, StorageError>;
    /// Devices of a member that are signed in, the one seen last first, at most `limit`.
    fn devices_signed_in(&self, member: MemberId, limit: u32) -> Result<Vec<Device>, StorageError>;
    /// Devices of a member that were signed out, and when (ms), the newest sign-out first, at most `limit`.
    fn devices_signed_out(
        &self,
        member: MemberId,
        limit: u32,
    ) -> Result<Vec<(Device, u64)>, StorageError>;
    /// Whether new sign-ins of a member need the approval of a device.
    fn approval_required(&self, member: MemberId) -> Result<bool, StorageError>;
    /// A device that waits, or was let in a while ago.
    fn waiting_device(&self, device: DeviceId) -> Result<Option<Waiting>, StorageError>;
    /// All of a member, in the order in which they came.
    fn waiting_devices(&self, member: MemberId) -> Result<Vec<Waiting>, StorageError>;
    /// Whether this device was signed out, or its member is suspended; false for one that is not known.
    fn is_signed_out(&self, device: DeviceId) -> Result<bool, StorageError>;
    /// An invitation by the hash of its secret.
    fn invitation(&self, secret_hash: Hash32) -> Result<Option<Invitation>, StorageError>;
    /// An invitation by its id.
    fn invitation_by_id(
        &self,
        invitation: InvitationId,
    ) -> Result<Option<Invitation>, StorageError>;
    /// Unclaimed key packages of a member that are [`servable`] at `now` (ms), without the last-resort one.
    fn key_packages_left(&self, member: MemberId, now: u64) -> Result<u32, StorageError>;
    /// Whether a key package of a member would be given to who asks at `now` (ms), be it the last-resort one.
    fn has_key_package(&self, member: MemberId, now: u64) -> Result<bool, StorageError>;
}

/// Writes accounts.
#[allow(clippy::missing_errors_doc)] // `Conflict` where something unique is there already, else only the database's own
pub trait AccountWriter: AccountReader {
    /// Adds an account with its certificate.
    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError>;
    /// Replaces names, certificate and generation; keeps the old certificate for reading when it is of another
    /// generation.
    fn update_certificate(&mut self, account: &Account) -> Result<(), StorageError>;
    /// Replaces OPAQUE record and stretching.
    fn update_passphrase(
        &mut self,
        member: MemberId,
        opaque_record: &[u8],
        stretching: &Stretching,
    ) -> Result<(), StorageError>;
    /// Gives a member another role in the organisation.
    fn set_role(&mut self, member: MemberId, role: OrganisationRole) -> Result<(), StorageError>;
    /// Suspends a member, or no longer; the same again is nothing.
    fn set_suspended(&mut self, member: MemberId, suspended: bool) -> Result<(), StorageError>;
    /// Closes an account at `now` (ms): names, certificates, passphrase, recovery code, invitations, key packages and the
    /// whole vault are gone, its devices are signed out and have no name any more. Ids stay taken. Again is nothing.
    fn close_account(&mut self, member: MemberId, now: u64) -> Result<(), StorageError>;
    /// Replaces the public key of the recovery code; none = there is no code any more.
    fn set_recovery_key(
        &mut self,
        member: MemberId,
        key: Option<[u8; 32]>,
    ) -> Result<(), StorageError>;
    /// Keeps a request in the place of the member's one before.
    fn put_forgotten(&mut self, request: &Forgotten) -> Result<(), StorageError>;
    /// Drops a member's request; nothing when there is none.
    fn drop_forgotten(&mut self, member: MemberId) -> Result<(), StorageError>;
    /// Keeps a succession statement, and of those of the member the newest
    /// [`SUCCESSIONS_MAX`](protocol::limits::SUCCESSIONS_MAX).
    fn add_succession(&mut self, member: MemberId, statement: &[u8]) -> Result<(), StorageError>;
    /// Keeps a reset link in the place of the member's one before.
    fn put_reset_link(&mut self, link: &ResetLink) -> Result<(), StorageError>;
    /// Drops a member's reset link; nothing when there is none.
    fn drop_reset_link(&mut self, member: MemberId) -> Result<(), StorageError>;
    /// Notes who reset a member's access, and when that was used (ms), in the place of what was noted before.
    fn note_reset(&mut self, member: MemberId, by: MemberId, at: u64) -> Result<(), StorageError>;
    /// Keeps a leaf certificate; the same again is nothing.
    fn put_leaf_certificate(
        &mut self,
        name: Hash32,
        certificate: &[u8],
    ) -> Result<(), StorageError>;
    /// Adds a device.
    fn insert_device(&mut self, device: &Device) -> Result<(), StorageError>;
    /// Notes that a device is connected.
    fn touch_device(&mut self, device: DeviceId, now: u64) -> Result<(), StorageError>;
    /// Signs a device out, at `now` (ms); again is nothing.
    fn revoke_device(&mut self, device: DeviceId, now: u64) -> Result<(), StorageError>;
    /// From now on new sign-ins of a member need the approval of a device, or no longer.
    fn set_approval_required(
        &mut self,
        member: MemberId,
        required: bool,
    ) -> Result<(), StorageError>;
    /// Keeps a device that waits, in the place of what was known of it. Of its device name, keys and member stay as they
    /// were first.
    fn put_waiting(&mut self, waiting: &Waiting) -> Result<(), StorageError>;
    /// Forgets a device that waits; nothing when there is none.
    fn drop_waiting(&mut self, device: DeviceId) -> Result<(), StorageError>;
    /// Adds an invitation.
    fn insert_invitation(&mut self, invitation: &Invitation) -> Result<(), StorageError>;
    /// Takes one use of an invitation; false when there is none left.
    fn use_invitation(&mut self, secret_hash: Hash32) -> Result<bool, StorageError>;
    /// Withdraws an invitation.
    fn delete_invitation(&mut self, invitation: InvitationId) -> Result<(), StorageError>;
    /// Offers a key package. A last-resort one replaces the one before.
    fn insert_key_package(
        &mut self,
        member: MemberId,
        package: &KeyPackage,
    ) -> Result<(), StorageError>;
    /// Notes a key package that is never on offer, because it was made for one purpose: [`Self::spend_key_package`] takes
    /// it once. Its id stays taken.
    fn note_key_package(&mut self, member: MemberId, id: Hash32) -> Result<(), StorageError>;
    /// Drops the key packages that are not [`servable`] at `now` (ms), except the last-resort one. Their ids stay taken.
    fn drop_stale_key_packages(&mut self, member: MemberId, now: u64) -> Result<(), StorageError>;
    /// Drops all key packages of a member, the last-resort one included. Their ids stay taken.
    fn withdraw_key_packages(&mut self, member: MemberId) -> Result<(), StorageError>;
    /// Takes the oldest key package that is [`servable`] at `now` (ms), or gives the last-resort one if it is.
    fn claim_key_package(
        &mut self,
        member: MemberId,
        now: u64,
    ) -> Result<Option<KeyPackage>, StorageError>;
    /// Uses up a key package of this member that is on offer no more (claimed, that is); false when there is none, or
    /// it was used up before. The last-resort one may be used again and again.
    fn spend_key_package(&mut self, member: MemberId, id: Hash32) -> Result<bool, StorageError>;
}
