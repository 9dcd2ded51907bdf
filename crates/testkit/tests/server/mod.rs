//! The three services on SQLite in a temporary folder, with a clock that stands still.

use std::{net::IpAddr, sync::Arc};

use accounts::{Accounts, Origin, Ports, SetUpCode};
use ambient::{ManualClock, SeededRandom};
use bus::{Bus, Delivery, LocalBus, Subscription, Topic};
use e2ee::opaque::{OprfSeed, Stretching};
use protocol::{
    DeviceId, MemberId, ServerFrame, decode,
    events::Event,
    methods::{
        account::{Stretching as WireStretching, Ticket},
        people::{ClaimKeyPackage, ClaimedKeyPackage},
    },
};
use rand::SeedableRng;
use storage_sqlite::{Options, SqliteStorage, Synchronous, Work};
use testkit::{Member, Newcomer};

/// Where the clock begins.
pub const START: u64 = 1_790_000_000_000;

/// The services, wired as the binary wires them.
pub struct Server {
    pub accounts: accounts::Service,
    pub vault: vault::Service,
    pub conversations: conversations::Service,
    pub bus: Arc<LocalBus>,
    pub set_up_code: Option<SetUpCode>,
    _folder: tempfile::TempDir,
}

/// An address of the documentation range (RFC 5737).
pub fn from(last: u8) -> Origin {
    Origin {
        address: IpAddr::from([192, 0, 2, last]),
    }
}

impl Server {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            synchronous: Synchronous::Off,
            work: Work::InPlace,
            ..Options::default()
        };
        let storage: Arc<dyn storage::Storage> =
            Arc::new(SqliteStorage::open(folder.path(), &options).unwrap());
        let bus = Arc::new(LocalBus::new());
        let clock = ManualClock::new(START);
        let ports = Ports {
            storage: Arc::clone(&storage),
            bus: Arc::clone(&bus) as Arc<dyn Bus>,
            clock: Arc::new(clock.clone()),
            random: Arc::new(SeededRandom::new(7)),
        };
        let seed = OprfSeed::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(8)).unwrap();
        let minimum = Stretching::MINIMUM;
        let config = accounts::Config {
            addresses: vec!["chat.example:7443".to_owned()],
            stretching_floor: WireStretching {
                memory_kib: minimum.memory_kib,
                passes: minimum.passes,
                lanes: minimum.lanes,
            },
            ..accounts::Config::default()
        };
        let (accounts, set_up_code) = accounts::Service::prepare(ports, seed, config)
            .await
            .unwrap();
        Self {
            vault: vault::Service::new(Arc::clone(&storage), Arc::clone(&bus) as Arc<dyn Bus>),
            conversations: conversations::Service::new(
                storage,
                Arc::clone(&bus) as Arc<dyn Bus>,
                Arc::new(clock),
                accounts.instance(),
                accounts.incarnation(),
                conversations::Config::default(),
            ),
            accounts,
            bus,
            set_up_code,
            _folder: folder,
        }
    }

    pub async fn register(
        &self,
        seed: u64,
        login_name: &str,
        ticket: &Ticket,
        organisation: Option<&str>,
    ) -> Member {
        let mut newcomer = Newcomer::new(seed, self.accounts.instance(), login_name, login_name);
        let (start, registration) = newcomer.start(ticket);
        let started = self.accounts.register_start(&from(1), start).await.unwrap();
        let (finish, member) = newcomer.finish(ticket, registration, &started, organisation, START);
        let signed_in = self
            .accounts
            .register_finish(&from(1), finish)
            .await
            .unwrap();
        assert_eq!(signed_in.member, member.member);
        member
    }

    /// The first member, with the set-up code.
    pub async fn set_up(&self) -> Member {
        let code = self.set_up_code.as_ref().unwrap().reveal().to_string();
        self.register(1, "anna", &Ticket::SetUp { code }, Some("Example"))
            .await
    }

    /// One more member, invited by `admin`. Both learn each other's certificates.
    pub async fn invite(&self, admin: &mut Member, seed: u64, login_name: &str) -> Member {
        let invited = admin.invite();
        self.accounts
            .create_invitation(admin.member, invited.params)
            .await
            .unwrap();
        let mut member = self.register(seed, login_name, &invited.ticket, None).await;
        member.learn(&admin.certificate);
        admin.learn(&member.certificate);
        member
    }

    pub async fn claim(&self, by: &Member, of: MemberId) -> ClaimedKeyPackage {
        self.accounts
            .claim_key_package(by.member, ClaimKeyPackage { member: of })
            .await
            .unwrap()
    }

    /// Listens to one topic.
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

/// A device that did not sign in: services take it from the session, and these calls don't look at it.
pub fn device(member: &Member) -> DeviceId {
    member.device_id()
}
