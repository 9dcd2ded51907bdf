//! The service on SQLite in a temporary folder, with a clock that stands still and a database that counts.
#![allow(dead_code)] // each test file uses a part of it

use std::{
    net::IpAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use accounts::{Accounts, Authority, Config, Error, Origin, Ports, Proof, Service, SetUpCode};
use ambient::{ManualClock, SeededRandom};
use bus::{Bus, Delivery, LocalBus, Subscription, Topic};
use e2ee::{
    device::DeviceKeys,
    opaque::{OprfSeed, Registration, Stretching},
    passphrase::Passphrase,
    recovery::RecoveryCode,
};
use protocol::{
    Bytes, MemberId, ServerFrame, decode,
    events::Event,
    methods::{
        account::{RegisterFinish, Stretching as WireStretching, Ticket},
        own_account::{FinishPassphrase, SetRecovery},
        vault::VaultWritten,
    },
};
use rand::SeedableRng;
use storage::{AfterJob, Health, ReadJob, Storage, StorageError, WriteJob, accounts::Account};
use storage_sqlite::{Options, SqliteStorage, Synchronous, Work};
use testkit::{Member, Newcomer, SigningIn};

pub const START: u64 = 1_790_000_000_000;
pub const HOUR: u64 = 3_600_000;
pub const DAY: u64 = 24 * HOUR;
/// Every start has randomness of its own.
static STARTS: AtomicU64 = AtomicU64::new(7);

/// An address of the documentation range (RFC 5737).
pub fn from(last: u8) -> Origin {
    Origin {
        address: IpAddr::from([192, 0, 2, last]),
    }
}

/// A database that counts what it is asked, and refuses to write when told to.
pub struct Counting {
    inner: SqliteStorage,
    pub reads: AtomicUsize,
    pub writes: AtomicUsize,
    pub refusal: Mutex<Option<StorageError>>,
}

impl Counting {
    pub fn counts(&self) -> (usize, usize) {
        (
            self.reads.load(Ordering::SeqCst),
            self.writes.load(Ordering::SeqCst),
        )
    }
}

#[async_trait::async_trait]
impl Storage for Counting {
    async fn write_job(&self, job: WriteJob) -> Result<(), StorageError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        if let Some(error) = self.refusal.lock().unwrap().clone() {
            return Err(error);
        }
        self.inner.write_job(job).await
    }

    async fn write_job_then(&self, job: WriteJob, after: AfterJob) -> Result<(), StorageError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let refusal = self.refusal.lock().unwrap().clone();
        match refusal {
            Some(error) => Err(error),
            None => self.inner.write_job_then(job, after).await,
        }
    }

    async fn read_job(&self, job: ReadJob) -> Result<(), StorageError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        // Others come in between, as they do where readers are threads.
        tokio::task::yield_now().await;
        self.inner.read_job(job).await
    }

    fn health(&self) -> Health {
        match &*self.refusal.lock().unwrap() {
            Some(StorageError::ReadOnly { reason }) => Health::ReadOnly {
                reason: reason.clone(),
            },
            _ => Health::Writable,
        }
    }
}

pub struct Server {
    pub accounts: Service,
    pub storage: Arc<Counting>,
    pub bus: Arc<LocalBus>,
    pub clock: ManualClock,
    pub set_up_code: Option<SetUpCode>,
}

pub fn oprf_seed(seed: u64) -> OprfSeed {
    OprfSeed::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(seed)).unwrap()
}

pub fn config() -> Config {
    let minimum = Stretching::MINIMUM;
    Config {
        addresses: vec!["chat.example:7443".to_owned()],
        stretching_floor: WireStretching {
            memory_kib: minimum.memory_kib,
            passes: minimum.passes,
            lanes: minimum.lanes,
        },
        ..Config::default()
    }
}

/// Starts on the database in `folder`.
pub async fn open(folder: &Path, seed: OprfSeed, config: Config) -> Result<Server, Error> {
    open_refusing(folder, seed, config, None).await
}

/// Starts on the database in `folder`, which refuses to write.
pub async fn open_refusing(
    folder: &Path,
    seed: OprfSeed,
    config: Config,
    refusal: Option<StorageError>,
) -> Result<Server, Error> {
    let options = Options {
        synchronous: Synchronous::Off,
        work: Work::InPlace,
        ..Options::default()
    };
    let storage = Arc::new(Counting {
        inner: SqliteStorage::open(folder, &options).unwrap(),
        reads: AtomicUsize::new(0),
        writes: AtomicUsize::new(0),
        refusal: Mutex::new(refusal),
    });
    let bus = Arc::new(LocalBus::new());
    let clock = ManualClock::new(START);
    let ports = Ports {
        storage: Arc::clone(&storage) as Arc<dyn Storage>,
        bus: Arc::clone(&bus) as Arc<dyn Bus>,
        clock: Arc::new(clock.clone()),
        random: Arc::new(SeededRandom::new(STARTS.fetch_add(1, Ordering::SeqCst))),
    };
    let (accounts, set_up_code) = Service::prepare(ports, seed, config).await?;
    Ok(Server {
        accounts,
        storage,
        bus,
        clock,
        set_up_code,
    })
}

/// A fresh instance. The folder goes with the guard.
pub async fn start() -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path(), oprf_seed(8), config()).await.unwrap();
    (server, folder)
}

impl Server {
    pub fn set_up_ticket(&self) -> Ticket {
        Ticket::SetUp {
            code: self.set_up_code.as_ref().unwrap().reveal().to_string(),
        }
    }

    pub fn newcomer(&self, seed: u64, login_name: &str) -> Newcomer {
        Newcomer::new(seed, self.accounts.instance(), login_name, login_name)
    }

    /// The last request of a registration, ready to be sent or spoilt.
    pub async fn prepare(
        &self,
        mut newcomer: Newcomer,
        ticket: &Ticket,
        organisation: Option<&str>,
    ) -> (RegisterFinish, Member) {
        let (start, registration): (_, Registration) = newcomer.start(ticket);
        let started = self.accounts.register_start(&from(1), start).await.unwrap();
        newcomer.finish(ticket, registration, &started, organisation, START)
    }

    pub async fn finish(&self, params: RegisterFinish) -> Result<(), Error> {
        self.accounts
            .register_finish(&from(1), params)
            .await
            .map(drop)
    }

    /// The first member.
    pub async fn set_up(&self) -> Member {
        let ticket = self.set_up_ticket();
        let newcomer = self.newcomer(1, "anna");
        let (params, member) = self.prepare(newcomer, &ticket, Some("Example")).await;
        self.finish(params).await.unwrap();
        member
    }

    /// A ticket made by `by`.
    pub async fn invite(&self, by: &mut Member) -> Ticket {
        let invited = by.invite();
        self.accounts
            .create_invitation(by.member, invited.params)
            .await
            .unwrap();
        invited.ticket
    }

    /// One more member.
    pub async fn join(&self, by: &mut Member, seed: u64, login_name: &str) -> Member {
        let ticket = self.invite(by).await;
        let newcomer = self.newcomer(seed, login_name);
        let (params, member) = self.prepare(newcomer, &ticket, None).await;
        self.finish(params).await.unwrap();
        member
    }

    /// A proof by this member on their device, ready to be finished.
    pub async fn prove(&self, member: &mut Member) -> Result<(Proof, Bytes), Error> {
        let (params, proving) = member.prove(&member.passphrase.clone());
        let (id, device) = (member.member, member.device_id());
        let opened = self.accounts.prove_start(id, device, params).await?;
        let ke3 = member
            .proved(proving, &opened.ke2, opened.stretching)
            .map_err(|_| Error::WrongNameOrPassphrase)?;
        Ok((opened.proof, ke3))
    }

    /// The request that changes the passphrase, and its proof, ready to be sent or spoilt.
    pub async fn prepare_passphrase(
        &self,
        member: &mut Member,
        new: &Passphrase,
    ) -> (Proof, FinishPassphrase) {
        let (proof, ke3) = self.prove(member).await.unwrap();
        let (start, registration) = member.start_passphrase(new);
        let (id, device) = (member.member, member.device_id());
        let started = self.accounts.passphrase_start(id, device, start);
        let started = started.await.unwrap();
        let params = member.finish_passphrase((1, ke3), registration, &started, new.clone(), START);
        (proof, params)
    }

    /// The same where the old passphrase may be known: with the next generation of keys.
    pub async fn prepare_new_keys(
        &self,
        member: &mut Member,
        new: &Passphrase,
    ) -> (Proof, FinishPassphrase) {
        let (proof, ke3) = self.prove(member).await.unwrap();
        let (start, registration) = member.start_passphrase(new);
        let (id, device) = (member.member, member.device_id());
        let started = self.accounts.passphrase_start(id, device, start);
        let started = started.await.unwrap();
        let proved = (1, ke3);
        let new = new.clone();
        let params =
            member.finish_passphrase_with_new_keys(proved, registration, &started, new, START);
        (proof, params)
    }

    /// The request that makes a recovery code (none: removes it), and its proof, ready to be sent or spoilt.
    pub async fn prepare_recovery(
        &self,
        member: &mut Member,
        code: Option<&RecoveryCode>,
    ) -> (Proof, SetRecovery) {
        let (params, proving) = member.prove(&member.passphrase.clone());
        let (id, device) = (member.member, member.device_id());
        let opened = self.accounts.prove_start(id, device, params).await.unwrap();
        let (ke3, export_key) = member
            .proved_and_opened(proving, &opened.ke2, opened.stretching)
            .unwrap();
        let params = member.set_recovery((1, ke3), &export_key, code, START);
        (opened.proof, params)
    }

    /// Makes a recovery code, or removes it.
    pub async fn set_recovery(&self, member: &mut Member, code: Option<&RecoveryCode>) {
        let (proof, params) = self.prepare_recovery(member, code).await;
        let (id, device) = (member.member, member.device_id());
        let set = self.accounts.set_recovery(id, device, proof, params);
        set.await.unwrap();
    }

    pub async fn finish_passphrase(
        &self,
        member: &Member,
        proof: Proof,
        params: FinishPassphrase,
    ) -> Result<VaultWritten, Error> {
        self.accounts
            .passphrase_finish(
                member.member,
                member.device_id(),
                Authority::Passphrase(proof),
                params,
            )
            .await
    }

    /// Signs in on a fresh device.
    pub async fn sign_in(
        &self,
        login_name: &str,
        passphrase: &Passphrase,
        seed: u64,
    ) -> Result<DeviceKeys, Error> {
        let (params, signing_in) = SigningIn::start(seed, login_name, passphrase);
        let opened = self.accounts.sign_in_start(&from(1), params).await?;
        let (ke3, device, keys) = signing_in
            .finish(&opened.ke2, opened.stretching, self.accounts.instance())
            .map_err(|_| Error::WrongNameOrPassphrase)?;
        self.accounts
            .sign_in_finish(&from(1), opened.attempt, ke3, device)
            .await?;
        Ok(keys)
    }

    /// The stored account.
    pub async fn account(&self, member: MemberId) -> Account {
        storage::read(self.storage.as_ref(), move |reader| reader.account(member))
            .await
            .unwrap()
            .unwrap()
    }

    /// Number of the vault's head that stands.
    pub async fn head(&self, member: MemberId) -> u64 {
        let head = storage::read(self.storage.as_ref(), move |reader| {
            reader.vault_head(member)
        });
        head.await.unwrap().map_or(0, |head| head.number)
    }

    pub fn listen(&self, topic: Topic) -> Subscription {
        let subscription = self.bus.subscribe(1000);
        subscription.topics.add(topic);
        subscription
    }
}

/// Everything that has arrived.
pub fn heard(subscription: &mut Subscription) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(delivery) = subscription.deliveries.try_recv() {
        let Delivery::Notice(notice) = delivery else {
            panic!("a notice was lost");
        };
        let frame: ServerFrame = decode(&notice.frame).unwrap();
        events.push(Event::decode(&frame.event.unwrap(), &frame.data.unwrap()).unwrap());
    }
    events
}
