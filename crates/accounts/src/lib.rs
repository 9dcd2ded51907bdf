//! The service `accounts`: registration, sign-in, sessions, invitations, people, key packages.
//!
//! [`Accounts`] is what the gateway calls; [`Service`] does it on the ports of `storage` and `bus`. It never sees a
//! passphrase or a private key: sign-in is OPAQUE (`docs/crypto.md`, section 2), everything else is certificates and
//! sealed records.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod approval;
mod config;
mod devices;
mod error;
mod forgotten;
mod key_packages;
mod members;
mod passphrase;
mod people;
mod proof;
mod recovery;
mod register;
mod rename;
mod reset;
mod service;
mod set_up;
mod sign_in;
mod throttle;
mod tickets;

use std::net::IpAddr;

use async_trait::async_trait;
use protocol::{
    Bytes, DeviceId, Hash32, IncarnationId, InstanceId, MemberId,
    methods::{
        Done,
        account::{
            CheckInvitation, CheckReset, CreateInvitation, InvitationCreated, InvitationInfo,
            NewDevice, Recover, RegisterFinish, RegisterStart, RegisterStarted, ResetInfo,
            ResumeSession, RevokeInvitation, SignInStart, SignedIn, Stretching,
        },
        approval::{
            ApprovalAsked, ApprovalState, AskApproval, ClaimApproval, DenyApproval, GiveUpApproval,
            GrantApproval, RevealApproval,
        },
        own_account::{
            ApproveForgotten, CloseAccount, Devices, FinishPassphrase, ForgottenRequest, Rename,
            Renamed, ReplaceRoot, ResetCreated, ResetMember, SetRecovery, SignOutDevices,
            StartPassphrase, StartProof,
        },
        people::{
            Certificates, ClaimKeyPackage, ClaimedKeyPackage, CloseAccountOf, FindPeople,
            GetCertificates, GetPeople, KeyPackagesLeft, People, PublishKeyPackages,
            SetOrganisationRole, Suspend,
        },
        vault::VaultWritten,
    },
};

pub use config::{Config, InvitationPolicy};
pub use error::Error;
pub use proof::Proof;
pub use service::{Ports, Service};
pub use set_up::SetUpCode;
pub use sign_in::Attempt;

/// Where an unauthenticated request comes from; guesses are limited by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The client's address. IPv6 addresses are taken together by their /64 network.
    pub address: IpAddr,
}

/// What hello tells about the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceInfo {
    /// Which instance.
    pub instance: InstanceId,
    /// Which life of it.
    pub incarnation: IncarnationId,
    /// Name of the organisation; empty before set-up.
    pub organisation: String,
    /// No member yet: registration needs the set-up code.
    pub set_up_needed: bool,
}

/// A sign-in that has begun. The connection keeps `attempt` for [`Accounts::sign_in_finish`].
pub struct SignInOpened {
    /// Goes back with the client's last message. Holds secrets: neither printed nor sent.
    pub attempt: Attempt,
    /// OPAQUE KE2, for the client.
    pub ke2: Bytes,
    /// Cost of key stretching that the client is to use.
    pub stretching: Stretching,
}

/// A proof of the passphrase that has begun. The connection keeps `proof` for the method that needs it.
pub struct ProofOpened {
    /// Goes back with the client's last message. Holds secrets: neither printed nor sent.
    pub proof: Proof,
    /// OPAQUE KE2, for the client.
    pub ke2: Bytes,
    /// Cost of key stretching that the client is to use.
    pub stretching: Stretching,
}

/// What allows a new passphrase.
pub enum Authority {
    /// The one in force.
    Passphrase(Proof),
    /// The recovery code, proved on the connection whose hello carried this challenge.
    RecoveryCode {
        /// The challenge.
        challenge: Hash32,
    },
}

/// What the gateway asks of accounts. `member` and `device` are those of the signed-in session; `from` is where an
/// unauthenticated request came from.
///
/// Every method fails with [`Error::Storage`] when the database does, besides what is named.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// What hello says about the instance.
    async fn hello(&self) -> Result<InstanceInfo, Error>;

    /// Looks at an invitation before it is used.
    ///
    /// # Errors
    /// [`Error::InvitationInvalid`]; [`Error::TooManyAttempts`] after many wrong guesses from one address.
    async fn check_invitation(
        &self,
        from: &Origin,
        params: CheckInvitation,
    ) -> Result<InvitationInfo, Error>;

    /// Answers the first message of an OPAQUE registration, for who has a valid ticket. Writes nothing.
    ///
    /// # Errors
    /// [`Error::InvitationInvalid`], [`Error::SetUpCodeWrong`], [`Error::TooManyAttempts`],
    /// [`Error::MemberExists`], [`Error::BadRequest`].
    async fn register_start(
        &self,
        from: &Origin,
        params: RegisterStart,
    ) -> Result<RegisterStarted, Error>;

    /// Registers a member and their first device: all in one unit of work.
    ///
    /// # Errors
    /// As [`Accounts::register_start`], and what is wrong with names, certificate, device, vault or key packages.
    /// The same again after a lost reply is [`Error::MemberExists`].
    async fn register_finish(
        &self,
        from: &Origin,
        params: RegisterFinish,
    ) -> Result<SignedIn, Error>;

    /// Answers the first message of a sign-in. Unknown names are answered like known ones.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`], [`Error::BadRequest`].
    async fn sign_in_start(
        &self,
        from: &Origin,
        params: SignInStart,
    ) -> Result<SignInOpened, Error>;

    /// Ends a sign-in: the passphrase was right. Registers the device and tells the member's other devices.
    ///
    /// # Errors
    /// [`Error::WrongNameOrPassphrase`], [`Error::BadRequest`] for a malformed or known device.
    async fn sign_in_finish(
        &self,
        from: &Origin,
        attempt: Attempt,
        ke3: Bytes,
        device: NewDevice,
    ) -> Result<SignedIn, Error>;

    /// Signs in by name and recovery code, proved over `challenge`, which this connection's hello carried. Registers the
    /// device and tells the member's other devices.
    ///
    /// # Errors
    /// [`Error::WrongNameOrCode`] for unknown names, members without code and wrong proofs alike;
    /// [`Error::TooManyAttempts`], counted together with sign-ins; [`Error::BadRequest`] for a malformed or known device.
    async fn recover(
        &self,
        from: &Origin,
        params: Recover,
        challenge: Hash32,
    ) -> Result<SignedIn, Error>;

    /// Signs a known device in by its proof over `challenge`, which this connection's hello carried.
    ///
    /// # Errors
    /// [`Error::SessionRefused`] for unknown and signed-out devices and wrong proofs alike.
    async fn resume(&self, params: ResumeSession, challenge: Hash32) -> Result<SignedIn, Error>;

    /// Which of these devices are signed out: for sessions that may not have heard of it.
    ///
    /// # Errors
    /// None of its own.
    async fn signed_out(&self, devices: Vec<DeviceId>) -> Result<Vec<DeviceId>, Error>;

    /// Answers the first message of a proof of the passphrase.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`] after many failed proofs on this device, [`Error::BadRequest`].
    async fn prove_start(
        &self,
        member: MemberId,
        device: DeviceId,
        params: StartProof,
    ) -> Result<ProofOpened, Error>;

    /// Answers the first message of the OPAQUE registration of a new passphrase. Writes nothing.
    ///
    /// # Errors
    /// As [`Accounts::prove_start`]; both count together.
    async fn passphrase_start(
        &self,
        member: MemberId,
        device: DeviceId,
        params: StartPassphrase,
    ) -> Result<RegisterStarted, Error>;

    /// Replaces the passphrase, with the vault write that fits it: all in one unit of work. What was begun with the old
    /// one can't be finished any more. The member's devices are told.
    ///
    /// # Errors
    /// [`Error::WrongNameOrPassphrase`] for a wrong proof, or one of a passphrase that was changed meanwhile;
    /// [`Error::WrongNameOrCode`] for a wrong proof of the recovery code, or without one;
    /// [`Error::CertificateInvalid`] for one that is not of the next key generation, or of another member, root or name;
    /// [`Error::StretchingTooWeak`], [`Error::BadRequest`], [`Error::Vault`], [`Error::SessionRefused`].
    async fn passphrase_finish(
        &self,
        member: MemberId,
        device: DeviceId,
        by: Authority,
        params: FinishPassphrase,
    ) -> Result<VaultWritten, Error>;

    /// Makes, replaces or removes the recovery code, with the vault write that fits it: all in one unit of work. The
    /// member's devices are told.
    ///
    /// # Errors
    /// [`Error::WrongNameOrPassphrase`] as above; [`Error::BadRequest`], [`Error::Vault`], [`Error::SessionRefused`].
    async fn set_recovery(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: SetRecovery,
    ) -> Result<VaultWritten, Error>;

    /// Replaces the member's names by those of a new certificate, with the vault write that holds it. The member's
    /// devices and their conversations are told.
    ///
    /// # Errors
    /// [`Error::WrongNameOrPassphrase`] as above; [`Error::CertificateInvalid`] for one of another member, root, key
    /// generation or account key; [`Error::NameInvalid`], [`Error::NameTaken`], [`Error::TooManyAttempts`],
    /// [`Error::Vault`], [`Error::SessionRefused`].
    async fn rename(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: Rename,
    ) -> Result<Renamed, Error>;

    /// Asks for a new passphrase in the place of a forgotten one. The member's devices and the admins are told; the same
    /// device again is the same request.
    ///
    /// # Errors
    /// [`Error::RequestPending`] where another device has asked; [`Error::TooManyAttempts`], [`Error::SessionRefused`].
    async fn ask_forgotten(
        &self,
        member: MemberId,
        device: DeviceId,
    ) -> Result<ForgottenRequest, Error>;

    /// Approves a request: one's own by another device that was signed in before it, or anybody's as an admin.
    ///
    /// # Errors
    /// [`Error::NotFound`] without a request of that device; [`Error::Forbidden`], [`Error::SessionRefused`].
    async fn approve_forgotten(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ApproveForgotten,
    ) -> Result<Done, Error>;

    /// Takes the member's request back; nothing when there is none.
    ///
    /// # Errors
    /// [`Error::SessionRefused`].
    async fn cancel_forgotten(&self, member: MemberId, device: DeviceId) -> Result<Done, Error>;

    /// Replaces root identity, keys and passphrase by the device whose request is approved or a day old: all in one unit of
    /// work. The recovery code ends. The member's devices and their conversations are told.
    ///
    /// # Errors
    /// [`Error::ApprovalNeeded`] without such a request; [`Error::CertificateInvalid`] when certificate or statement do
    /// not follow the certificate in force; [`Error::StretchingTooWeak`], [`Error::BadRequest`], [`Error::Vault`],
    /// [`Error::SessionRefused`].
    async fn replace_root(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ReplaceRoot,
    ) -> Result<VaultWritten, Error>;

    /// Makes a link by which a member begins a new identity; the one before it ends.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is no admin, for oneself and for who stands as high; [`Error::NotFound`],
    /// [`Error::ResetInvalid`] for a known secret, [`Error::TooManyAttempts`], [`Error::SessionRefused`].
    async fn reset_member(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ResetMember,
    ) -> Result<ResetCreated, Error>;

    /// Looks at a reset link before it is used. The use itself is a registration with it as the ticket.
    ///
    /// # Errors
    /// [`Error::ResetInvalid`]; [`Error::TooManyAttempts`] after many wrong guesses from one address.
    async fn check_reset(&self, from: &Origin, params: CheckReset) -> Result<ResetInfo, Error>;

    /// A device that waits asks the member's devices for approval. They are told.
    ///
    /// # Errors
    /// [`Error::SessionRefused`] when it waits no longer, [`Error::NotFound`] when it is let in; [`Error::TooManyAttempts`].
    async fn ask_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: AskApproval,
    ) -> Result<ApprovalAsked, Error>;

    /// How the approval of this device stands.
    ///
    /// # Errors
    /// [`Error::SessionRefused`] when it neither waits nor is let in.
    async fn approval_state(
        &self,
        member: MemberId,
        device: DeviceId,
    ) -> Result<ApprovalState, Error>;

    /// A waiting device shows its nonce, once for each commitment.
    ///
    /// # Errors
    /// [`Error::NotFound`] without a claim that stands; [`Error::BadRequest`] for a second nonce; as
    /// [`Accounts::ask_approval`].
    async fn reveal_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: RevealApproval,
    ) -> Result<Done, Error>;

    /// A signed-in device begins to approve.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nobody waits with this commitment; [`Error::RequestPending`] when it was claimed before;
    /// [`Error::SessionRefused`], [`Error::ApprovalNeeded`] for a device that waits itself.
    async fn claim_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ClaimApproval,
    ) -> Result<Done, Error>;

    /// Gives the own claim up; nothing when there is none.
    ///
    /// # Errors
    /// As [`Accounts::claim_approval`].
    async fn give_up_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: GiveUpApproval,
    ) -> Result<Done, Error>;

    /// Lets a waiting device in, by the device that claimed it. All devices are told.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not wait with this commitment, or the claim has lapsed; [`Error::Forbidden`] when
    /// another device has claimed it; [`Error::BadRequest`] before its nonce was shown; [`Error::SessionRefused`],
    /// [`Error::ApprovalNeeded`].
    async fn grant_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: GrantApproval,
    ) -> Result<Done, Error>;

    /// Sends a waiting device away.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not wait; [`Error::SessionRefused`], [`Error::ApprovalNeeded`].
    async fn deny_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: DenyApproval,
    ) -> Result<Done, Error>;

    /// Lists the member's devices.
    ///
    /// # Errors
    /// None of its own.
    async fn devices(&self, member: MemberId) -> Result<Devices, Error>;

    /// Signs devices of the member out: their sessions end, the others are told.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of them is not the member's: then none is; [`Error::BadRequest`],
    /// [`Error::SessionRefused`].
    async fn sign_out_devices(
        &self,
        member: MemberId,
        device: DeviceId,
        params: SignOutDevices,
    ) -> Result<Done, Error>;

    /// Closes the member's own account: everything personal goes, all sessions end. The conversations are told by
    /// `conversations`, which finds the account among the closed ones.
    ///
    /// # Errors
    /// [`Error::WrongNameOrPassphrase`]; [`Error::LastAdmin`]; [`Error::SessionRefused`].
    async fn close_account(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: CloseAccount,
    ) -> Result<Done, Error>;

    /// Closes somebody else's account, as an admin.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is no admin, and of admins; [`Error::NotFound`]; [`Error::SessionRefused`].
    async fn close_account_of(
        &self,
        member: MemberId,
        device: DeviceId,
        params: CloseAccountOf,
    ) -> Result<Done, Error>;

    /// Suspends somebody, or no longer, as an admin: their sessions end and are refused. The same again is nothing.
    ///
    /// # Errors
    /// As [`Accounts::close_account_of`].
    async fn suspend(
        &self,
        member: MemberId,
        device: DeviceId,
        params: Suspend,
    ) -> Result<Done, Error>;

    /// Makes somebody else an admin, or no longer, as an admin.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is no admin, of oneself, the owner and suspended members, and for taking the role from
    /// an admin, which the owner alone does; [`Error::NotFound`];
    /// [`Error::BadRequest`] for other roles; [`Error::SessionRefused`].
    async fn set_role(
        &self,
        member: MemberId,
        device: DeviceId,
        params: SetOrganisationRole,
    ) -> Result<Done, Error>;

    /// Makes an invitation; the same id again is the same invitation.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who may not invite; [`Error::InvitationInvalid`] for another id with a known secret.
    async fn create_invitation(
        &self,
        member: MemberId,
        params: CreateInvitation,
    ) -> Result<InvitationCreated, Error>;

    /// Withdraws an invitation.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`] when it is neither one's own nor one is an admin.
    async fn revoke_invitation(
        &self,
        member: MemberId,
        params: RevokeInvitation,
    ) -> Result<Done, Error>;

    /// Finds people by the beginning of a word of their names.
    ///
    /// # Errors
    /// [`Error::BadRequest`] beyond the limits.
    async fn find_people(&self, member: MemberId, params: FindPeople) -> Result<People, Error>;

    /// Looks people up by id.
    ///
    /// # Errors
    /// [`Error::BadRequest`] beyond the limits.
    async fn get_people(&self, member: MemberId, params: GetPeople) -> Result<People, Error>;

    /// Looks leaf certificates up by name.
    ///
    /// # Errors
    /// [`Error::BadRequest`] beyond the limits.
    async fn certificates(
        &self,
        member: MemberId,
        params: GetCertificates,
    ) -> Result<Certificates, Error>;

    /// Publishes key packages together with the vault write that holds their private parts.
    ///
    /// # Errors
    /// [`Error::KeyPackageInvalid`], [`Error::Vault`].
    async fn publish_key_packages(
        &self,
        member: MemberId,
        device: DeviceId,
        params: PublishKeyPackages,
    ) -> Result<KeyPackagesLeft, Error>;

    /// Takes one key package of a member. Their devices are told when few are left.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::KeyPackagesExhausted`], [`Error::TooManyAttempts`].
    async fn claim_key_package(
        &self,
        member: MemberId,
        params: ClaimKeyPackage,
    ) -> Result<ClaimedKeyPackage, Error>;
}
