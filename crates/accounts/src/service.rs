//! The service's parts, and the trait's methods, each in the file of its subject.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use ambient::{Clock, Random, generator};
use async_trait::async_trait;
use bus::Bus;
use e2ee::{
    opaque::OprfSeed,
    signing::{PublicKey, SigningKey},
};
use protocol::{
    Bytes, DeviceId, Hash32, IncarnationId, InstanceId, MemberId,
    methods::{
        Done,
        account::{
            CheckInvitation, CheckReset, CreateInvitation, InvitationCreated, InvitationInfo,
            NewDevice, Recover, RegisterFinish, RegisterStart, RegisterStarted, ResetInfo,
            ResumeSession, RevokeInvitation, SignInStart, SignedIn,
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
use storage::{Storage, instance::key};
use tokio::sync::Semaphore;

use crate::{
    Accounts, Attempt, Authority, Config, Error, InstanceInfo, Origin, Proof, ProofOpened,
    SignInOpened, sign_in::fake_record, throttle::Throttle,
};

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
    pub(crate) oprf_seed: OprfSeed,
    pub(crate) instance: InstanceId,
    pub(crate) incarnation: IncarnationId,
    /// What unknown names are answered from.
    pub(crate) fake_record: Vec<u8>,
    /// What proofs of recovery codes that are not there are checked against.
    pub(crate) fake_recovery_key: PublicKey,
    pub(crate) limits: Limits,
    /// The organisation's name, once the set-up is done.
    organisation: Mutex<Option<String>>,
}

/// Tickets that are looked at at the same time: fewer than the guesses that one address has.
const TICKETS_AT_ONCE: usize = 8;

/// Limits on guessing.
pub(crate) struct Limits {
    pub(crate) names: Throttle<String>,
    pub(crate) addresses: Throttle<IpAddr>,
    pub(crate) tickets: Throttle<IpAddr>,
    pub(crate) proofs: Throttle<DeviceId>,
    pub(crate) renames: Throttle<MemberId>,
    pub(crate) forgotten: Throttle<MemberId>,
    pub(crate) approvals: Throttle<DeviceId>,
    pub(crate) resets: Throttle<MemberId>,
    pub(crate) tickets_at_once: Semaphore,
    pub(crate) claims: Throttle<MemberId>,
    pub(crate) claims_of_one: Throttle<(MemberId, MemberId)>,
}

impl Service {
    pub(crate) fn assemble(
        ports: Ports,
        oprf_seed: OprfSeed,
        config: Config,
        instance: InstanceId,
        incarnation: IncarnationId,
    ) -> Result<Self, Error> {
        let capacity = config.throttle_capacity;
        Ok(Self {
            limits: Limits {
                names: Throttle::new(config.sign_ins_per_hour, capacity),
                addresses: Throttle::new(config.sign_ins_per_hour_per_address, capacity),
                tickets: Throttle::new(config.ticket_guesses_per_hour, capacity),
                proofs: Throttle::new(config.sign_ins_per_hour, capacity),
                renames: Throttle::new(config.renames_per_hour, capacity),
                forgotten: Throttle::new(config.forgotten_per_hour, capacity),
                approvals: Throttle::new(config.approvals_per_hour, capacity),
                resets: Throttle::new(config.resets_per_hour, capacity),
                tickets_at_once: Semaphore::new(TICKETS_AT_ONCE),
                claims: Throttle::new(config.claims_per_hour, capacity),
                claims_of_one: Throttle::new(config.claims_of_one_per_hour, capacity),
            },
            fake_recovery_key: SigningKey::generate(&mut generator(ports.random.as_ref())).public(),
            fake_record: fake_record(&ports, &oprf_seed, instance)?,
            ports,
            config,
            oprf_seed,
            instance,
            incarnation,
            organisation: Mutex::default(),
        })
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

    pub(crate) fn now(&self) -> u64 {
        self.ports.clock.now()
    }

    pub(crate) fn storage(&self) -> &dyn Storage {
        self.ports.storage.as_ref()
    }

    /// The organisation's name; none before the set-up. Asks the database until there is one.
    async fn organisation_if_set_up(&self) -> Result<Option<String>, Error> {
        let known = self
            .organisation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if known.is_some() {
            return Ok(known);
        }
        let name = storage::read(self.storage(), |reader| {
            if reader.account_count()? == 0 {
                return Ok(None);
            }
            let name = reader.value(key::ORGANISATION)?.unwrap_or_default();
            Ok::<_, Error>(Some(String::from_utf8_lossy(&name).into_owned()))
        })
        .await?;
        self.organisation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&name);
        Ok(name)
    }

    pub(crate) async fn organisation(&self) -> Result<String, Error> {
        Ok(self.organisation_if_set_up().await?.unwrap_or_default())
    }
}

#[async_trait]
impl Accounts for Service {
    async fn hello(&self) -> Result<InstanceInfo, Error> {
        let organisation = self.organisation_if_set_up().await?;
        Ok(InstanceInfo {
            instance: self.instance,
            incarnation: self.incarnation,
            set_up_needed: organisation.is_none(),
            organisation: organisation.unwrap_or_default(),
        })
    }

    async fn check_invitation(
        &self,
        from: &Origin,
        params: CheckInvitation,
    ) -> Result<InvitationInfo, Error> {
        self.do_check_invitation(from, params).await
    }

    async fn register_start(
        &self,
        from: &Origin,
        params: RegisterStart,
    ) -> Result<RegisterStarted, Error> {
        self.do_register_start(from, params).await
    }

    async fn register_finish(
        &self,
        from: &Origin,
        params: RegisterFinish,
    ) -> Result<SignedIn, Error> {
        self.do_register_finish(from, params).await
    }

    async fn sign_in_start(
        &self,
        from: &Origin,
        params: SignInStart,
    ) -> Result<SignInOpened, Error> {
        self.do_sign_in_start(from, params).await
    }

    async fn sign_in_finish(
        &self,
        from: &Origin,
        attempt: Attempt,
        ke3: Bytes,
        device: NewDevice,
    ) -> Result<SignedIn, Error> {
        self.do_sign_in_finish(from, attempt, &ke3, device).await
    }

    async fn recover(
        &self,
        from: &Origin,
        params: Recover,
        challenge: Hash32,
    ) -> Result<SignedIn, Error> {
        self.do_recover(from, params, challenge).await
    }

    async fn resume(&self, params: ResumeSession, challenge: Hash32) -> Result<SignedIn, Error> {
        self.do_resume(params, challenge).await
    }

    async fn signed_out(&self, devices: Vec<DeviceId>) -> Result<Vec<DeviceId>, Error> {
        self.do_signed_out(devices).await
    }

    async fn prove_start(
        &self,
        member: MemberId,
        device: DeviceId,
        params: StartProof,
    ) -> Result<ProofOpened, Error> {
        self.do_prove_start(member, device, params).await
    }

    async fn passphrase_start(
        &self,
        member: MemberId,
        device: DeviceId,
        params: StartPassphrase,
    ) -> Result<RegisterStarted, Error> {
        self.do_passphrase_start(member, device, params).await
    }

    async fn passphrase_finish(
        &self,
        member: MemberId,
        device: DeviceId,
        by: Authority,
        params: FinishPassphrase,
    ) -> Result<VaultWritten, Error> {
        self.do_passphrase_finish(member, device, by, params).await
    }

    async fn set_recovery(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: SetRecovery,
    ) -> Result<VaultWritten, Error> {
        self.do_set_recovery(member, device, proof, params).await
    }

    async fn rename(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: Rename,
    ) -> Result<Renamed, Error> {
        self.do_rename(member, device, proof, params).await
    }

    async fn ask_forgotten(
        &self,
        member: MemberId,
        device: DeviceId,
    ) -> Result<ForgottenRequest, Error> {
        self.do_ask_forgotten(member, device).await
    }

    async fn approve_forgotten(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ApproveForgotten,
    ) -> Result<Done, Error> {
        self.do_approve_forgotten(member, device, params).await
    }

    async fn cancel_forgotten(&self, member: MemberId, device: DeviceId) -> Result<Done, Error> {
        self.do_cancel_forgotten(member, device).await
    }

    async fn replace_root(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ReplaceRoot,
    ) -> Result<VaultWritten, Error> {
        self.do_replace_root(member, device, params).await
    }

    async fn reset_member(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ResetMember,
    ) -> Result<ResetCreated, Error> {
        self.do_reset_member(member, device, params).await
    }

    async fn check_reset(&self, from: &Origin, params: CheckReset) -> Result<ResetInfo, Error> {
        self.do_check_reset(from, params).await
    }

    async fn ask_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: AskApproval,
    ) -> Result<ApprovalAsked, Error> {
        self.do_ask_approval(member, device, params).await
    }

    async fn approval_state(
        &self,
        member: MemberId,
        device: DeviceId,
    ) -> Result<ApprovalState, Error> {
        self.do_approval_state(member, device).await
    }

    async fn reveal_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: RevealApproval,
    ) -> Result<Done, Error> {
        self.do_reveal_approval(member, device, params).await
    }

    async fn claim_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ClaimApproval,
    ) -> Result<Done, Error> {
        self.do_claim_approval(member, device, params).await
    }

    async fn give_up_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: GiveUpApproval,
    ) -> Result<Done, Error> {
        self.do_give_up_approval(member, device, params).await
    }

    async fn grant_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: GrantApproval,
    ) -> Result<Done, Error> {
        self.do_grant_approval(member, device, params).await
    }

    async fn deny_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: DenyApproval,
    ) -> Result<Done, Error> {
        self.do_deny_approval(member, device, params).await
    }

    async fn devices(&self, member: MemberId) -> Result<Devices, Error> {
        self.do_devices(member).await
    }

    async fn sign_out_devices(
        &self,
        member: MemberId,
        device: DeviceId,
        params: SignOutDevices,
    ) -> Result<Done, Error> {
        self.do_sign_out_devices(member, device, params).await
    }

    async fn close_account(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: CloseAccount,
    ) -> Result<Done, Error> {
        self.do_close(member, device, proof, params).await
    }

    async fn close_account_of(
        &self,
        member: MemberId,
        device: DeviceId,
        params: CloseAccountOf,
    ) -> Result<Done, Error> {
        self.do_close_of((member, device), params).await
    }

    async fn suspend(
        &self,
        member: MemberId,
        device: DeviceId,
        params: Suspend,
    ) -> Result<Done, Error> {
        self.do_suspend((member, device), params).await
    }

    async fn set_role(
        &self,
        member: MemberId,
        device: DeviceId,
        params: SetOrganisationRole,
    ) -> Result<Done, Error> {
        self.do_set_role((member, device), params).await
    }

    async fn create_invitation(
        &self,
        member: MemberId,
        params: CreateInvitation,
    ) -> Result<InvitationCreated, Error> {
        self.do_create_invitation(member, params).await
    }

    async fn revoke_invitation(
        &self,
        member: MemberId,
        params: RevokeInvitation,
    ) -> Result<Done, Error> {
        self.do_revoke_invitation(member, params).await
    }

    async fn find_people(&self, member: MemberId, params: FindPeople) -> Result<People, Error> {
        self.do_find_people(member, params).await
    }

    async fn get_people(&self, member: MemberId, params: GetPeople) -> Result<People, Error> {
        self.do_get_people(member, params).await
    }

    async fn certificates(
        &self,
        _member: MemberId,
        params: GetCertificates,
    ) -> Result<Certificates, Error> {
        self.do_certificates(params).await
    }

    async fn publish_key_packages(
        &self,
        member: MemberId,
        device: DeviceId,
        params: PublishKeyPackages,
    ) -> Result<KeyPackagesLeft, Error> {
        self.do_publish_key_packages(member, device, params).await
    }

    async fn claim_key_package(
        &self,
        member: MemberId,
        params: ClaimKeyPackage,
    ) -> Result<ClaimedKeyPackage, Error> {
        self.do_claim_key_package(member, params).await
    }
}
