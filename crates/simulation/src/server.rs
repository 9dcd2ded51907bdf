//! The real server without sockets.

use std::{path::PathBuf, sync::Arc};

use accounts::Ports;
use ambient::{ManualClock, Random, SeededRandom};
use bus::LocalBus;
use e2ee::opaque::{OprfSeed, Stretching};
use gateway::{Gateway, Origin, Services};
use storage::Storage;
use storage_sqlite::{Options, SqliteStorage, Synchronous, Work};

/// The server: its disk stays through crashes, everything else goes.
pub struct Server {
    folder: PathBuf,
    clock: ManualClock,
    random: Arc<SeededRandom>,
    oprf_seed: Vec<u8>,
    /// Printed at first start.
    pub set_up_code: Option<String>,
    running: Option<(Arc<Gateway>, Arc<dyn Storage>)>,
}

fn wire(stretching: Stretching) -> protocol::methods::account::Stretching {
    protocol::methods::account::Stretching {
        memory_kib: stretching.memory_kib,
        passes: stretching.passes,
        lanes: stretching.lanes,
    }
}

impl Server {
    /// A server on an empty disk, not started.
    pub fn new(folder: PathBuf, clock: ManualClock, random: Arc<SeededRandom>) -> Self {
        let mut rng = ambient::generator(random.as_ref());
        let seed = OprfSeed::generate(&mut rng).unwrap();
        Self {
            folder,
            clock,
            random,
            oprf_seed: seed.to_bytes().to_vec(),
            set_up_code: None,
            running: None,
        }
    }

    /// Starts it on what its disk holds.
    pub async fn start(&mut self) {
        let options = Options {
            work: Work::InPlace,
            // a crash here is the end of a process, which needs no fsync; power cuts are storage-sqlite's tests
            synchronous: Synchronous::Off,
            ..Options::default()
        };
        let storage = SqliteStorage::open(&self.folder, &options).unwrap();
        let ports = Ports {
            storage: Arc::new(storage),
            bus: Arc::new(LocalBus::new()),
            clock: Arc::new(self.clock.clone()),
            random: Arc::clone(&self.random) as Arc<dyn Random>,
        };
        let seed = OprfSeed::from_bytes(&self.oprf_seed).unwrap();
        let config = accounts::Config {
            addresses: vec!["chatalk.test:7443".to_owned()],
            stretching_floor: wire(Stretching::MINIMUM),
            ..accounts::Config::default()
        };
        let (accounts, code) = accounts::Service::prepare(ports.clone(), seed, config)
            .await
            .unwrap();
        if let Some(code) = code {
            self.set_up_code = Some(code.reveal().to_string());
        }
        let conversations = conversations::Service::new(
            Arc::clone(&ports.storage),
            Arc::clone(&ports.bus),
            Arc::clone(&ports.clock),
            accounts.instance(),
            accounts.incarnation(),
            conversations::Config::default(),
        );
        let vault = vault::Service::new(Arc::clone(&ports.storage), Arc::clone(&ports.bus));
        let services = Services {
            accounts: Arc::new(accounts),
            vault: Arc::new(vault),
            conversations: Arc::new(conversations),
        };
        let config = gateway::Config {
            modules: vec!["receipts".to_owned()],
            ..gateway::Config::default()
        };
        let gateway = Gateway::start(
            services,
            ports.bus.as_ref(),
            Arc::clone(&ports.clock),
            Arc::clone(&ports.random),
            config,
        )
        .await
        .unwrap();
        self.running = Some((gateway, ports.storage));
    }

    /// The power goes: connections and everything in memory are lost.
    pub async fn crash(&mut self) {
        if let Some((gateway, storage)) = self.running.take() {
            gateway.kill();
            drop(gateway);
            settle().await;
            assert_eq!(
                Arc::strong_count(&storage),
                1,
                "something of the dead server is still alive"
            );
        }
    }

    /// Whether it runs.
    pub fn is_up(&self) -> bool {
        self.running.is_some()
    }

    /// A new connection, if it runs.
    pub fn connect(&self) -> Option<(gateway::Connection, gateway::Outbox)> {
        let (gateway, _) = self.running.as_ref()?;
        let address = std::net::IpAddr::from([127, 0, 0, 1]);
        gateway.connect(Origin { address }).ok()
    }

    /// The database, for checks.
    pub fn storage(&self) -> &dyn Storage {
        self.running.as_ref().unwrap().1.as_ref()
    }
}

/// Lets everything that can run on this thread run.
pub async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}
