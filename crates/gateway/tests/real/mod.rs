//! The whole server behind connections without sockets, on SQLite, with members of the test kit.
#![allow(clippy::unwrap_used, dead_code, missing_docs)]

use std::sync::Arc;

use accounts::{Origin, Ports};
use ambient::{ManualClock, SeededRandom};
use bus::LocalBus;
use e2ee::opaque::{OprfSeed, Stretching};
use gateway::{Config, Gateway, Services};
use protocol::methods::account::{Stretching as WireStretching, Ticket};
use rand::SeedableRng;
use storage_sqlite::SqliteStorage;
use testkit::{Member, Newcomer};

use crate::fakes::Client;

pub const START: u64 = 1_790_000_000_000;

pub struct Server {
    pub gateway: Arc<Gateway>,
    pub clock: ManualClock,
    pub storage: Arc<dyn storage::Storage>,
    code: String,
    _folder: tempfile::TempDir,
}

pub async fn server() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(folder.path(), &storage_sqlite::Options::default()).unwrap();
    let clock = ManualClock::new(START);
    let ports = Ports {
        storage: Arc::new(storage),
        bus: Arc::new(LocalBus::new()),
        clock: Arc::new(clock.clone()),
        random: Arc::new(SeededRandom::new(7)),
    };
    let seed = OprfSeed::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(8)).unwrap();
    let config = accounts::Config {
        stretching_floor: WireStretching {
            memory_kib: Stretching::MINIMUM.memory_kib,
            passes: Stretching::MINIMUM.passes,
            lanes: Stretching::MINIMUM.lanes,
        },
        ..accounts::Config::default()
    };
    let (accounts, code) = accounts::Service::prepare(ports.clone(), seed, config)
        .await
        .unwrap();
    let conversations = conversations::Service::new(
        ports.storage.clone(),
        ports.bus.clone(),
        ports.clock.clone(),
        accounts.instance(),
        accounts.incarnation(),
        conversations::Config::default(),
    );
    let services = Services {
        vault: Arc::new(vault::Service::new(
            ports.storage.clone(),
            ports.bus.clone(),
        )),
        conversations: Arc::new(conversations),
        accounts: Arc::new(accounts),
    };
    let storage = ports.storage.clone();
    let (bus, clock_port, random) = (ports.bus, ports.clock, ports.random);
    let gateway = Gateway::start(
        services,
        bus.as_ref(),
        clock_port,
        random,
        Config::default(),
    );
    Server {
        gateway: gateway.await.unwrap(),
        clock,
        storage,
        code: code.unwrap().reveal().to_string(),
        _folder: folder,
    }
}

impl Server {
    pub fn connect(&self) -> Client {
        let address = [192, 0, 2, 1].into();
        Client::over(self.gateway.connect(Origin { address }).unwrap())
    }

    /// Registers on a connection, which then is signed in and live.
    pub async fn register(&self, seed: u64, name: &str, ticket: Ticket) -> (Client, Member) {
        let mut client = self.connect();
        let hello = client.hello().await;
        let mut newcomer = Newcomer::new(seed, hello.instance, name, name);
        let (start, registration) = newcomer.start(&ticket);
        let started = client.ask(&start).await.unwrap();
        let organisation = matches!(ticket, Ticket::SetUp { .. }).then_some("Newsroom");
        let (finish, member) =
            newcomer.finish(&ticket, registration, &started, organisation, START);
        client.ask(&finish).await.unwrap();
        client.sync().await;
        (client, member)
    }

    pub async fn set_up(&self) -> (Client, Member) {
        let code = self.code.clone();
        self.register(1, "anna", Ticket::SetUp { code }).await
    }
}
