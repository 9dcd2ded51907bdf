//! Small services with behaviour that tests choose, and a client without sockets.
#![allow(clippy::unwrap_used, dead_code, missing_docs)]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use accounts::{
    Accounts, Attempt, Authority, Error as AccountsError, InstanceInfo, Origin, Proof, ProofOpened,
    SignInOpened,
};
use ambient::{Clock, ManualClock, SeededRandom};
use async_trait::async_trait;
use bus::LocalBus;
use conversations::{Conversations, Error as ConversationsError};
use gateway::{Config, Connection, Gateway, Outbox, Services};
use protocol::{
    Bytes, ConversationId, DeviceId, Event, Hash32, IncarnationId, InstanceId, MemberId, MessageId,
    Method, Request, ServerFrame, WireError, decode, encode,
    events::Hello,
    methods::{
        Done,
        account::*,
        approval::{
            ApprovalAsked, ApprovalState, AskApproval, ClaimApproval, DenyApproval, GiveUpApproval,
            GrantApproval, RevealApproval,
        },
        conversations::*,
        own_account::{
            ApproveForgotten, CloseAccount, Devices, FinishPassphrase, ForgottenRequest, Rename,
            Renamed, ReplaceRoot, ResetCreated, ResetMember, SetRecovery, SignOutDevices,
            StartPassphrase, StartProof,
        },
        people::*,
        sync::{ConversationSummary, StartSync, SyncStarted},
        vault::{GetHeads, GetRecords, Heads, Manifest, Records, VaultWrite, VaultWritten},
    },
};
use tokio::sync::Semaphore;
use vault::{Error as VaultError, Vault};

pub const INSTANCE: InstanceId = InstanceId([1; 16]);

#[derive(Default)]
pub struct FakeAccounts {
    pub set_up_needed: AtomicBool,
    /// Bytes of every answer of `people.find`.
    pub people_bytes: usize,
    /// Devices that are signed out; they resume all the same, as if that had come in between.
    pub out: Mutex<Vec<DeviceId>>,
    /// So often `signed_out` fails first.
    pub failures: AtomicUsize,
    /// Called while `signed_out` reads, after the gateway has subscribed.
    #[allow(clippy::type_complexity)]
    pub during_signed_out: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

fn signed_in(member: MemberId) -> SignedIn {
    SignedIn {
        member,
        certificate: Bytes::new(),
        role: OrganisationRole::Member,
        organisation: "Newsroom".into(),
        waiting: false,
    }
}

#[async_trait]
impl Accounts for FakeAccounts {
    async fn hello(&self) -> Result<InstanceInfo, AccountsError> {
        let set_up_needed = self.set_up_needed.load(Ordering::SeqCst);
        Ok(InstanceInfo {
            instance: INSTANCE,
            incarnation: IncarnationId([2; 16]),
            organisation: if set_up_needed { "" } else { "Newsroom" }.into(),
            set_up_needed,
        })
    }
    async fn check_invitation(
        &self,
        _: &Origin,
        _: CheckInvitation,
    ) -> Result<InvitationInfo, AccountsError> {
        Err(AccountsError::InvitationInvalid)
    }
    async fn register_start(
        &self,
        _: &Origin,
        _: RegisterStart,
    ) -> Result<RegisterStarted, AccountsError> {
        Err(AccountsError::SetUpCodeWrong)
    }
    async fn register_finish(
        &self,
        _: &Origin,
        params: RegisterFinish,
    ) -> Result<SignedIn, AccountsError> {
        self.set_up_needed.store(false, Ordering::SeqCst);
        Ok(signed_in(params.member))
    }
    async fn sign_in_start(
        &self,
        _: &Origin,
        _: SignInStart,
    ) -> Result<SignInOpened, AccountsError> {
        Err(AccountsError::TooManyAttempts {
            retry_after_ms: 1000,
        })
    }
    async fn sign_in_finish(
        &self,
        _: &Origin,
        _: Attempt,
        _: Bytes,
        _: NewDevice,
    ) -> Result<SignedIn, AccountsError> {
        Err(AccountsError::WrongNameOrPassphrase)
    }
    /// The proof is the challenge; the member has the id of the device, without its last byte.
    async fn recover(&self, _: &Origin, _: Recover, _: Hash32) -> Result<SignedIn, AccountsError> {
        Err(AccountsError::WrongNameOrCode)
    }
    async fn resume(
        &self,
        params: ResumeSession,
        challenge: Hash32,
    ) -> Result<SignedIn, AccountsError> {
        tokio::task::yield_now().await;
        if params.proof.as_ref() != challenge.as_bytes() {
            return Err(AccountsError::SessionRefused);
        }
        Ok(signed_in(member_of(params.device)))
    }
    async fn signed_out(&self, devices: Vec<DeviceId>) -> Result<Vec<DeviceId>, AccountsError> {
        let hook = self.during_signed_out.lock().unwrap().take();
        if let Some(hook) = hook {
            hook();
            // Long enough for the fan-out to have carried what the hook published.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        }
        let failing = self.failures.load(Ordering::SeqCst);
        if failing > 0 {
            self.failures.store(failing - 1, Ordering::SeqCst);
            return Err(AccountsError::Internal("the database is away".into()));
        }
        let out = self.out.lock().unwrap();
        let asked = devices.into_iter();
        Ok(asked.filter(|device| out.contains(device)).collect())
    }
    async fn prove_start(
        &self,
        _: MemberId,
        _: DeviceId,
        _: StartProof,
    ) -> Result<ProofOpened, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn passphrase_start(
        &self,
        _: MemberId,
        _: DeviceId,
        _: StartPassphrase,
    ) -> Result<RegisterStarted, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn passphrase_finish(
        &self,
        _: MemberId,
        _: DeviceId,
        _: Authority,
        _: FinishPassphrase,
    ) -> Result<VaultWritten, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn set_recovery(
        &self,
        _: MemberId,
        _: DeviceId,
        _: Proof,
        _: SetRecovery,
    ) -> Result<VaultWritten, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn rename(
        &self,
        _: MemberId,
        _: DeviceId,
        _: Proof,
        _: Rename,
    ) -> Result<Renamed, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn ask_forgotten(
        &self,
        _: MemberId,
        _: DeviceId,
    ) -> Result<ForgottenRequest, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn approve_forgotten(
        &self,
        _: MemberId,
        _: DeviceId,
        _: ApproveForgotten,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn cancel_forgotten(&self, _: MemberId, _: DeviceId) -> Result<Done, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn replace_root(
        &self,
        _: MemberId,
        _: DeviceId,
        _: ReplaceRoot,
    ) -> Result<VaultWritten, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn reset_member(
        &self,
        _: MemberId,
        _: DeviceId,
        _: ResetMember,
    ) -> Result<ResetCreated, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn check_reset(&self, _: &Origin, _: CheckReset) -> Result<ResetInfo, AccountsError> {
        Err(AccountsError::ResetInvalid)
    }
    async fn ask_approval(
        &self,
        _: MemberId,
        _: DeviceId,
        _: AskApproval,
    ) -> Result<ApprovalAsked, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn approval_state(
        &self,
        _: MemberId,
        _: DeviceId,
    ) -> Result<ApprovalState, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn reveal_approval(
        &self,
        _: MemberId,
        _: DeviceId,
        _: RevealApproval,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn claim_approval(
        &self,
        _: MemberId,
        _: DeviceId,
        _: ClaimApproval,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn give_up_approval(
        &self,
        _: MemberId,
        _: DeviceId,
        _: GiveUpApproval,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn grant_approval(
        &self,
        _: MemberId,
        _: DeviceId,
        _: GrantApproval,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn deny_approval(
        &self,
        _: MemberId,
        _: DeviceId,
        _: DenyApproval,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn devices(&self, _: MemberId) -> Result<Devices, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn sign_out_devices(
        &self,
        _: MemberId,
        _: DeviceId,
        _: SignOutDevices,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn close_account(
        &self,
        _: MemberId,
        _: DeviceId,
        _: Proof,
        _: CloseAccount,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::LastAdmin)
    }
    async fn close_account_of(
        &self,
        _: MemberId,
        _: DeviceId,
        _: CloseAccountOf,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::Forbidden)
    }
    async fn suspend(&self, _: MemberId, _: DeviceId, _: Suspend) -> Result<Done, AccountsError> {
        Err(AccountsError::Forbidden)
    }
    async fn set_role(
        &self,
        _: MemberId,
        _: DeviceId,
        _: SetOrganisationRole,
    ) -> Result<Done, AccountsError> {
        Err(AccountsError::Forbidden)
    }
    async fn create_invitation(
        &self,
        _: MemberId,
        _: CreateInvitation,
    ) -> Result<InvitationCreated, AccountsError> {
        Err(AccountsError::Forbidden)
    }
    async fn revoke_invitation(
        &self,
        _: MemberId,
        _: RevokeInvitation,
    ) -> Result<Done, AccountsError> {
        panic!("a bug in a service");
    }
    async fn find_people(&self, _: MemberId, _: FindPeople) -> Result<People, AccountsError> {
        Ok(People {
            people: vec![Person {
                member: MemberId::default(),
                certificates: vec![Bytes::from(vec![7; self.people_bytes])],
                role: OrganisationRole::Member,
                suspended: false,
                successions: vec![],
                reset: None,
                forgotten: None,
            }],
        })
    }
    async fn get_people(&self, _: MemberId, _: GetPeople) -> Result<People, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn certificates(
        &self,
        _: MemberId,
        _: GetCertificates,
    ) -> Result<Certificates, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn publish_key_packages(
        &self,
        _: MemberId,
        _: DeviceId,
        _: PublishKeyPackages,
    ) -> Result<KeyPackagesLeft, AccountsError> {
        Err(AccountsError::NotFound)
    }
    async fn claim_key_package(
        &self,
        _: MemberId,
        _: ClaimKeyPackage,
    ) -> Result<ClaimedKeyPackage, AccountsError> {
        Err(AccountsError::KeyPackagesExhausted)
    }
}

pub struct FakeVault;

#[async_trait]
impl Vault for FakeVault {
    async fn write(
        &self,
        _: MemberId,
        _: DeviceId,
        _: VaultWrite,
    ) -> Result<VaultWritten, VaultError> {
        Ok(VaultWritten { head: 1 })
    }
    async fn manifest(&self, _: MemberId) -> Result<Manifest, VaultError> {
        Ok(Manifest {
            head: None,
            records: vec![],
        })
    }
    async fn heads(&self, _: MemberId, _: GetHeads) -> Result<Heads, VaultError> {
        Ok(Heads { heads: Vec::new() })
    }

    async fn get(&self, _: MemberId, _: GetRecords) -> Result<Records, VaultError> {
        Ok(Records {
            records: vec![],
            more: false,
        })
    }
}

pub struct FakeConversations {
    /// Messages in the order in which they reached the service.
    pub arrived: Mutex<Vec<MessageId>>,
    /// A permit lets one send be answered.
    pub gate: Semaphore,
    pub lists: Mutex<HashMap<MemberId, Vec<ConversationId>>>,
    /// Called while `sync` reads, after the gateway has subscribed; and before the list is given.
    #[allow(clippy::type_complexity)]
    pub during_list: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    #[allow(clippy::type_complexity)]
    pub during_sync: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

type Answer<T> = Result<T, ConversationsError>;

#[async_trait]
impl Conversations for FakeConversations {
    async fn create(&self, _: MemberId, _: DeviceId, _: CreateConversation) -> Answer<Accepted> {
        Err(ConversationsError::NotAMember)
    }
    async fn commit(&self, _: MemberId, _: DeviceId, _: CommitConversation) -> Answer<Accepted> {
        Err(ConversationsError::NotAMember)
    }
    async fn restart(&self, _: MemberId, _: DeviceId, _: RestartConversation) -> Answer<Accepted> {
        Err(ConversationsError::NotAMember)
    }
    async fn declare(&self, _: MemberId, _: DeviceId, _: Declare) -> Answer<Accepted> {
        Err(ConversationsError::NotAMember)
    }
    async fn depart(&self, _: MemberId) -> Answer<()> {
        Ok(())
    }
    async fn send(&self, _: MemberId, _: DeviceId, params: SendMessage) -> Answer<Accepted> {
        let seq = {
            let mut arrived = self.arrived.lock().unwrap();
            arrived.push(params.message);
            arrived.len() as u64
        };
        self.gate.acquire().await.unwrap().forget();
        Ok(Accepted { seq, time: 0 })
    }
    async fn entries(&self, _: MemberId, _: GetEntries) -> Answer<Entries> {
        Err(ConversationsError::NotAMember)
    }
    async fn tree(&self, _: MemberId, _: GetTree) -> Answer<Tree> {
        Err(ConversationsError::NotAMember)
    }
    async fn welcome(&self, _: MemberId, _: GetWelcome) -> Answer<Welcome> {
        Err(ConversationsError::NotAMember)
    }
    async fn ask_repair(&self, _: MemberId, _: DeviceId, _: AskRepair) -> Answer<Done> {
        Err(ConversationsError::NotAMember)
    }
    async fn put_receipt(&self, _: MemberId, _: PutReceipt) -> Answer<Done> {
        Ok(Done {})
    }
    async fn receipts(&self, _: MemberId, _: GetReceipts) -> Answer<Receipts> {
        Ok(Receipts { receipts: vec![] })
    }
    async fn sync(&self, _: MemberId, _: StartSync) -> Answer<SyncStarted> {
        if let Some(hook) = self.during_sync.lock().unwrap().take() {
            hook();
        }
        Ok(SyncStarted {
            snapshot_needed: false,
            changed: vec![],
            gone: vec![],
            vault_head: 0,
            key_packages_left: 0,
            backup_mark: 0,
        })
    }
    async fn conversations_of(&self, member: MemberId) -> Answer<Vec<ConversationId>> {
        let list = self.lists.lock().unwrap().get(&member).cloned();
        let hook = self.during_list.lock().unwrap().take();
        if let Some(hook) = hook {
            hook();
            // Long enough for the fan-out to have carried what the hook published.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        }
        Ok(list.unwrap_or_default())
    }
    async fn summary(&self, _: MemberId, _: ConversationId) -> Answer<ConversationSummary> {
        Err(ConversationsError::NotAMember)
    }
}

/// The member that a device resumes as.
pub fn member_of(device: DeviceId) -> MemberId {
    let mut id = device.0;
    id[15] = 0;
    MemberId(id)
}

/// Device number `d` of member number `m`.
pub fn device(m: u8, d: u8) -> DeviceId {
    let mut id = [m; 16];
    id[15] = d;
    DeviceId(id)
}

pub struct World {
    pub gateway: Arc<Gateway>,
    pub bus: LocalBus,
    pub clock: ManualClock,
    pub accounts: Arc<FakeAccounts>,
    pub conversations: Arc<FakeConversations>,
}

impl World {
    pub async fn new(config: Config) -> Self {
        let accounts = Arc::new(FakeAccounts {
            set_up_needed: AtomicBool::new(false),
            people_bytes: 10,
            ..FakeAccounts::default()
        });
        Self::with_accounts(config, accounts).await
    }

    /// One whose gateway reads another clock.
    pub async fn with_clock(config: Config, clock: Arc<dyn Clock>) -> Self {
        let accounts = Arc::new(FakeAccounts {
            people_bytes: 10,
            ..FakeAccounts::default()
        });
        Self::start(config, accounts, Some(clock)).await
    }

    pub async fn with_accounts(config: Config, accounts: Arc<FakeAccounts>) -> Self {
        Self::start(config, accounts, None).await
    }

    async fn start(
        config: Config,
        accounts: Arc<FakeAccounts>,
        other: Option<Arc<dyn Clock>>,
    ) -> Self {
        let conversations = Arc::new(FakeConversations {
            arrived: Mutex::default(),
            gate: Semaphore::new(0),
            lists: Mutex::default(),
            during_list: Mutex::default(),
            during_sync: Mutex::default(),
        });
        let services = Services {
            accounts: accounts.clone(),
            vault: Arc::new(FakeVault),
            conversations: conversations.clone(),
        };
        let bus = LocalBus::new();
        let clock = ManualClock::new(1_000_000);
        let gateway = Gateway::start(
            services,
            &bus,
            other.unwrap_or_else(|| Arc::new(clock.clone())),
            Arc::new(SeededRandom::new(1)),
            config,
        )
        .await
        .unwrap();
        Self {
            gateway,
            bus,
            clock,
            accounts,
            conversations,
        }
    }

    pub fn connect(&self) -> Client {
        self.connect_from("192.0.2.7").unwrap()
    }

    pub fn connect_from(&self, address: &str) -> Result<Client, WireError> {
        let origin = Origin {
            address: address.parse().unwrap(),
        };
        let (connection, outbox) = self.gateway.connect(origin)?;
        Ok(Client {
            connection,
            outbox,
            next_id: 0,
        })
    }

    /// A client that is signed in as that device.
    pub async fn sign_in(&self, device: DeviceId) -> Client {
        let mut client = self.connect();
        client.resume(device).await.unwrap();
        client
    }

    /// A client that is signed in and has called `sync.start`.
    pub async fn live(&self, device: DeviceId) -> Client {
        let mut client = self.sign_in(device).await;
        client.sync().await;
        client
    }

    pub fn member_of_conversation(&self, device: DeviceId, conversation: ConversationId) {
        let mut lists = self.conversations.lists.lock().unwrap();
        lists
            .entry(member_of(device))
            .or_default()
            .push(conversation);
    }
}

pub struct Client {
    pub connection: Connection,
    pub outbox: Outbox,
    next_id: u64,
}

impl Client {
    pub fn over((connection, outbox): (Connection, Outbox)) -> Self {
        Self {
            connection,
            outbox,
            next_id: 0,
        }
    }

    /// Sends a request without waiting for its reply; gives its id.
    pub async fn send<M: Method>(&mut self, params: &M) -> u64 {
        self.next_id += 1;
        let frame = encode(&Request::new(self.next_id, params));
        self.connection.receive(frame).await.unwrap();
        self.next_id
    }

    /// The next frame.
    pub async fn frame(&mut self) -> ServerFrame {
        decode(&self.outbox.next().await.expect("the connection ended")).unwrap()
    }

    /// The next frame, which must be an event.
    pub async fn event(&mut self) -> Event {
        let frame = self.frame().await;
        let name = frame
            .event
            .unwrap_or_else(|| panic!("not an event: {:?}", frame.id));
        Event::decode(&name, &frame.data.unwrap()).unwrap()
    }

    pub async fn hello(&mut self) -> Hello {
        match self.event().await {
            Event::Hello(hello) => *hello,
            other => panic!("not hello: {other:?}"),
        }
    }

    /// Sends a request and waits for its reply; events before it are passed over.
    pub async fn ask<M: Method>(&mut self, params: &M) -> Result<M::Reply, WireError> {
        let id = self.send(params).await;
        self.reply::<M>(id).await
    }

    /// Waits for a reply; events before it are passed over.
    pub async fn reply<M: Method>(&mut self, id: u64) -> Result<M::Reply, WireError> {
        loop {
            let frame = self.frame().await;
            if frame.event.is_some() {
                continue;
            }
            assert_eq!(frame.id, Some(id));
            return match frame.err {
                Some(error) => Err(error),
                None => Ok(decode(&frame.ok.unwrap()).unwrap()),
            };
        }
    }

    /// Takes hello and resumes.
    pub async fn resume(&mut self, device: DeviceId) -> Result<SignedIn, WireError> {
        let hello = self.hello().await;
        let proof = Bytes::copy_from_slice(hello.challenge.as_bytes());
        self.ask(&ResumeSession { device, proof }).await
    }

    pub async fn sync(&mut self) {
        let start = StartSync {
            incarnation: None,
            cursors: vec![],
        };
        self.ask(&start).await.unwrap();
    }

    /// Whether nothing waits.
    pub fn nothing_waits(&mut self) -> bool {
        self.outbox.try_next().is_none()
    }

    /// Takes everything until the end.
    pub async fn until_the_end(&mut self) -> Vec<ServerFrame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.outbox.next().await {
            frames.push(decode(&frame).unwrap());
        }
        frames
    }
}

/// A message with a number for a name.
pub fn message(number: u8) -> SendMessage {
    SendMessage {
        conversation: ConversationId([9; 16]),
        restart: 0,
        message: MessageId([number; 16]),
        epoch: 1,
        body: Bytes::from_static(b"sealed"),
        expiry: 0,
        quiet: false,
        timed: false,
    }
}
