//! The real server without sockets.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use accounts::Ports;
use ambient::{ManualClock, Random, SeededRandom};
use bus::LocalBus;
use e2ee::opaque::{OprfSeed, Stretching};
use gateway::{Gateway, Origin, Services};
use storage::Storage;
use storage_sqlite::{Options, SqliteStorage, Synchronous, Work};

use crate::disk::Switched;

type Database = Switched<SqliteStorage>;

/// So few events may wait for a connection that one which is not read is soon told to fetch anew.
const WAITING_EVENTS: usize = 4;

/// The server: its disk stays through crashes, everything else goes.
pub struct Server {
    folder: PathBuf,
    clock: ManualClock,
    random: Arc<SeededRandom>,
    oprf_seed: Vec<u8>,
    /// Printed at first start.
    pub set_up_code: Option<String>,
    /// How many members a conversation may have, from the next start on.
    pub members_max: usize,
    running: Option<(Arc<Gateway>, Arc<Database>)>,
    conversations: Option<conversations::Service>,
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
            members_max: protocol::limits::CONVERSATION_MEMBERS_MAX,
            running: None,
            conversations: None,
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
        let storage = Arc::new(Switched::new(storage));
        let ports = Ports {
            storage: Arc::clone(&storage) as Arc<dyn Storage>,
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
            conversations::Config {
                members_max: self.members_max,
                ..conversations::Config::default()
            },
        );
        let vault = vault::Service::new(Arc::clone(&ports.storage), Arc::clone(&ports.bus));
        let services = Services {
            accounts: Arc::new(accounts),
            vault: Arc::new(vault),
            conversations: Arc::new(conversations.clone()),
        };
        let config = gateway::Config {
            modules: vec!["receipts".to_owned()],
            waiting_events: WAITING_EVENTS,
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
        drop(ports);
        self.running = Some((gateway, storage));
        self.conversations = Some(conversations);
    }

    /// The disk takes no more writes, for this reason, or takes them again.
    pub fn set_read_only(&self, reason: Option<&str>) {
        if let Some((gateway, storage)) = &self.running {
            let reason = reason.map(str::to_owned);
            storage.set_read_only(reason.clone());
            gateway.set_read_only(reason);
        }
    }

    /// Where its disk is, to be copied while it is crashed.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The power goes: connections and everything in memory are lost.
    pub async fn crash(&mut self) {
        self.conversations = None;
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

    /// Takes out what has expired, and whose account is closed, as it does every minute.
    pub async fn sweep(&self) {
        if let Some(conversations) = &self.conversations {
            // what a full disk refuses comes out the next time
            let _ = conversations.sweep().await;
            let _ = conversations.sweep_closed().await;
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
