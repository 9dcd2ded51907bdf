//! The service on SQLite in a temporary folder, with members put into the database by hand.
#![allow(dead_code)] // each test file uses a part of it

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use ambient::ManualClock;
use bus::{Bus, Delivery, LocalBus, Subscription, Topic};
use conversations::{Config, Conversations, Error, Service};
use e2ee::identity::AccountKey;
use protocol::{
    ConversationId, IncarnationId, InstanceId, MemberId, ServerFrame, decode,
    events::Event,
    methods::{
        account::{OrganisationRole, Stretching},
        conversations::{Accepted, Entry, GetEntries, GetWelcome},
        people::ClaimedKeyPackage,
        vault::VaultWrite,
    },
};
use storage::{
    AfterJob, Health, ReadJob, Storage, StorageError, WriteJob,
    accounts::{Account, KeyPackage},
};
use storage_sqlite::{Options, SqliteStorage, Synchronous, Work};
use testkit::{Change, Member, Newcomer};
use tokio::sync::Semaphore;

pub const START: u64 = 1_790_000_000_000;
pub const INSTANCE: InstanceId = InstanceId([1; 16]);
pub const INCARNATION: IncarnationId = IncarnationId([2; 16]);

/// A database that counts what it is asked, and refuses to write when told to.
pub struct Counting {
    inner: SqliteStorage,
    reads: AtomicUsize,
    writes: AtomicUsize,
    pub refusal: Mutex<Option<StorageError>>,
    /// The next reads wait for a permit each; none: they don't.
    pub gates: Mutex<VecDeque<Arc<Semaphore>>>,
}

impl Counting {
    /// Reads and writes so far.
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
        let refusal = self.refusal.lock().unwrap().clone();
        match refusal {
            Some(error) => Err(error),
            None => self.inner.write_job(job).await,
        }
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
        let gate = self.gates.lock().unwrap().pop_front();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        self.inner.read_job(job).await
    }

    fn health(&self) -> Health {
        self.inner.health()
    }
}

pub struct Server {
    pub service: Service,
    pub storage: Arc<Counting>,
    pub bus: Arc<LocalBus>,
    pub clock: ManualClock,
    _folder: tempfile::TempDir,
}

impl Server {
    pub fn start(config: Config) -> Self {
        Self::start_with(config, Work::InPlace)
    }

    pub fn start_with(config: Config, work: Work) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            synchronous: Synchronous::Off,
            work,
            ..Options::default()
        };
        let storage = Arc::new(Counting {
            inner: SqliteStorage::open(folder.path(), &options).unwrap(),
            reads: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
            refusal: Mutex::new(None),
            gates: Mutex::default(),
        });
        let bus = Arc::new(LocalBus::new());
        let clock = ManualClock::new(START);
        let mut server = Self {
            service: service(&storage, &bus, &clock, Config::default()),
            storage,
            bus,
            clock,
            _folder: folder,
        };
        server.restart(config);
        server
    }

    /// A service that remembers nothing, on the same database.
    pub fn restart(&mut self, config: Config) {
        self.service = service(&self.storage, &self.bus, &self.clock, config);
    }

    pub async fn member(&self, seed: u64, name: &str) -> Member {
        let member = Newcomer::new(seed, INSTANCE, name, name).into_member();
        let account = Account {
            member: member.member,
            login_name: name.to_owned(),
            skeleton: name.to_owned(),
            display_name: name.to_owned(),
            role: OrganisationRole::Member,
            opaque_record: Vec::new(),
            stretching: Stretching {
                memory_kib: 8,
                passes: 1,
                lanes: 1,
            },
            certificate: member.certificate.bytes().to_vec().into(),
            generation: 1,
            created: START,
        };
        storage::write(self.storage.as_ref(), move |unit| {
            unit.insert_account(&account)
        })
        .await
        .unwrap();
        member
    }

    /// "Change keys": a new account key, of the next generation, under the same root.
    pub async fn change_keys(&self, member: &mut Member) {
        let generation = member.account.generation() + 1;
        member.account = AccountKey::generate(&mut member.rng, generation);
        let old = &member.certificate;
        let (login, display) = (old.login_name.clone(), old.display_name.clone());
        let public = member.account.public();
        let certified = member.root.certify(
            INSTANCE,
            member.member,
            &login,
            &display,
            &public,
            generation,
        );
        member.certificate = certified.unwrap();
        member.learn(&member.certificate.clone());
        let (id, bytes) = (member.member, member.certificate.bytes().to_vec());
        storage::write(
            self.storage.as_ref(),
            move |unit| -> Result<_, StorageError> {
                let mut account = unit.account(id)?.unwrap();
                account.generation = generation;
                account.certificate = bytes.into();
                unit.update_certificate(&account)
            },
        )
        .await
        .unwrap();
    }

    /// Puts the checkpoint of one epoch in the place of a later one's, which then has to be replayed.
    pub async fn put_back_checkpoint(&self, id: ConversationId, from: u64, to: u64) {
        storage::write(
            self.storage.as_ref(),
            move |unit| -> Result<_, StorageError> {
                let mut checkpoint = unit.checkpoint(id, 0, from)?.unwrap();
                assert_eq!(checkpoint.epoch, from);
                checkpoint.epoch = to;
                unit.put_checkpoint(id, &checkpoint)
            },
        )
        .await
        .unwrap();
    }

    /// Anna, Ben and Cleo, who know each other.
    pub async fn three(&self) -> (Member, Member, Member) {
        let mut anna = self.member(1, "anna").await;
        let mut ben = self.member(2, "ben").await;
        let mut cleo = self.member(3, "cleo").await;
        let all = [&anna, &ben, &cleo].map(|member| member.certificate.clone());
        for certificate in &all {
            anna.learn(certificate);
            ben.learn(certificate);
            cleo.learn(certificate);
        }
        (anna, ben, cleo)
    }

    pub async fn apply(&self, by: &Member, write: VaultWrite) {
        let member = by.member;
        storage::write(self.storage.as_ref(), move |unit| {
            storage::vault::apply(unit, member, &write)
        })
        .await
        .unwrap();
    }

    /// A fresh key package, on offer.
    pub async fn offered(&self, of: &mut Member, last_resort: bool) -> ClaimedKeyPackage {
        let publish = of.publish(usize::from(!last_resort), last_resort, START);
        self.apply(of, publish.vault).await;
        let package = KeyPackage {
            id: publish.packages[0].id,
            package: publish.packages[0].package.clone(),
            last_resort,
            issued_at: START,
        };
        let claimed = ClaimedKeyPackage {
            id: package.id,
            package: package.package.clone(),
        };
        let member = of.member;
        storage::write(self.storage.as_ref(), move |unit| {
            unit.insert_key_package(member, &package)
        })
        .await
        .unwrap();
        claimed
    }

    /// The next key package of somebody.
    pub async fn claim(&self, of: &Member) -> ClaimedKeyPackage {
        let member = of.member;
        let claimed = storage::write(self.storage.as_ref(), move |unit| {
            unit.claim_key_package(member, START)
        });
        let package: Result<_, StorageError> = claimed.await;
        let package = package.unwrap().unwrap();
        ClaimedKeyPackage {
            id: package.id,
            package: package.package,
        }
    }

    /// A fresh key package, claimed.
    pub async fn package(&self, of: &mut Member) -> ClaimedKeyPackage {
        let offered = self.offered(of, false).await;
        assert_eq!(self.claim(of).await.id, offered.id);
        offered
    }

    /// A direct conversation that both are in.
    pub async fn direct(&self, anna: &mut Member, ben: &mut Member) -> ConversationId {
        let id = anna.conversation_id();
        let package = self.package(ben).await;
        let create = anna.found_direct(id, ben.member, package, START);
        self.service
            .create(anna.member, anna.device_id(), create)
            .await
            .unwrap();
        self.joined(anna, ben, id).await;
        id
    }

    /// A group that both are in; Anna owns it.
    pub async fn group(&self, anna: &mut Member, ben: &mut Member) -> ConversationId {
        let id = anna.conversation_id();
        let package = self.package(ben).await;
        let create = anna.found_group(id, vec![(ben.member, package)], START);
        self.service
            .create(anna.member, anna.device_id(), create)
            .await
            .unwrap();
        self.joined(anna, ben, id).await;
        id
    }

    async fn joined(&self, anna: &mut Member, ben: &mut Member, id: ConversationId) {
        anna.follow(&self.log(anna, id).await[0]);
        self.join(ben, id).await;
    }

    pub async fn join(&self, member: &mut Member, id: ConversationId) {
        let get = GetWelcome { conversation: id };
        let welcome = self.service.welcome(member.member, get).await.unwrap();
        let write = member.join(id, &welcome, START);
        self.apply(member, write).await;
    }

    /// All entries that a member may see.
    pub async fn log(&self, member: &Member, id: ConversationId) -> Vec<Entry> {
        let get = GetEntries {
            conversation: id,
            from: 1,
            limit: 200,
            commits_only: false,
        };
        self.service
            .entries(member.member, get)
            .await
            .unwrap()
            .entries
    }

    pub async fn send(
        &self,
        by: &mut Member,
        id: ConversationId,
        text: &str,
    ) -> Result<Accepted, Error> {
        let send = by.seal(id, text, START);
        self.service.send(by.member, by.device_id(), send).await
    }

    /// Commits, and lets all of `others` follow.
    pub async fn commit(
        &self,
        by: &mut Member,
        others: &mut [&mut Member],
        id: ConversationId,
        change: Change,
    ) -> Accepted {
        let commit = by.change(id, change, START);
        let accepted = self
            .service
            .commit(by.member, by.device_id(), commit)
            .await
            .unwrap();
        let entry = self
            .log(by, id)
            .await
            .into_iter()
            .find(|e| e.seq == accepted.seq);
        let entry = entry.unwrap();
        by.follow(&entry);
        for other in others {
            other.follow(&entry);
        }
        accepted
    }

    pub fn listen(&self, topic: Topic) -> Subscription {
        let subscription = self.bus.subscribe(1000);
        subscription.topics.add(topic);
        subscription
    }
}

fn service(
    storage: &Arc<Counting>,
    bus: &Arc<LocalBus>,
    clock: &ManualClock,
    config: Config,
) -> Service {
    Service::new(
        Arc::clone(storage) as Arc<dyn Storage>,
        Arc::clone(bus) as Arc<dyn Bus>,
        Arc::new(clock.clone()),
        INSTANCE,
        INCARNATION,
        config,
    )
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

/// Nobody.
pub const NOBODY: MemberId = MemberId([9; 16]);
