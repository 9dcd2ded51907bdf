//! Wires database, bus, services and gateway.

use std::{path::Path, sync::Arc};

use accounts::{Ports, SetUpCode};
use ambient::{SystemClock, SystemRandom};
use anyhow::Result;
use bus::LocalBus;
use e2ee::opaque::Stretching;
use gateway::{Gateway, Rate, Services};
use protocol::Hash32;
use storage::{Health, Storage};
use storage_sqlite::SqliteStorage;
use tokio::{sync::watch, task::JoinHandle};

use super::{certificates::Certificates, data, options::Options, tap::FileTap};

/// A server that is ready for connections.
pub struct Running {
    /// The gateway.
    pub gateway: Arc<Gateway>,
    /// The code for the first registration, while there is no member.
    pub set_up_code: Option<SetUpCode>,
    /// Addresses for people.
    pub addresses: Vec<String>,
    /// Why nothing can be written, if so it is.
    pub read_only: Option<String>,
    /// What runs beside.
    pub tasks: Vec<JoinHandle<()>>,
}

/// Starts everything behind the sockets.
pub async fn start(
    options: &Options,
    folder: &Path,
    storage: SqliteStorage,
    addresses: Vec<String>,
    certificates: &Certificates,
) -> Result<Running> {
    let health = storage.health_changes();
    let ports = Ports {
        storage: Arc::new(storage),
        bus: Arc::new(LocalBus::new()),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    let seed = data::seed(folder, ports.storage.as_ref(), ports.random.as_ref()).await?;
    let mut accounts_config = accounts::Config {
        addresses: addresses.clone(),
        ca: Hash32(certificates.fingerprint),
        ..accounts::Config::default()
    };
    accounts_config.stretching_floor = floor(options);
    let (accounts, set_up_code) =
        accounts::Service::prepare(ports.clone(), seed, accounts_config).await?;
    let (services, conversations) = services(&ports, options, accounts)?;
    let gateway = Gateway::start(
        services,
        ports.bus.as_ref(),
        Arc::clone(&ports.clock),
        Arc::clone(&ports.random),
        gateway_config(options)?,
    )
    .await?;
    let read_only = match &*health.borrow() {
        Health::Writable => None,
        Health::ReadOnly { reason } => Some(reason.clone()),
    };
    // Before anybody connects.
    gateway.set_read_only(read_only.clone());
    let watcher = tokio::spawn(watch_health(health, Arc::clone(&gateway)));
    let sweeper = tokio::spawn(conversations.keep_sweeping());
    Ok(Running {
        gateway,
        set_up_code,
        addresses,
        read_only,
        tasks: vec![watcher, sweeper],
    })
}

fn services(
    ports: &Ports,
    options: &Options,
    accounts: accounts::Service,
) -> Result<(Services, conversations::Service)> {
    let storage: Arc<dyn Storage> = Arc::clone(&ports.storage);
    let config = conversations::Config {
        modules: options.modules()?,
        checks_at_once: storage_sqlite::Options::default().readers.saturating_sub(1),
        ..conversations::Config::default()
    };
    let conversations = conversations::Service::new(
        Arc::clone(&storage),
        Arc::clone(&ports.bus),
        Arc::clone(&ports.clock),
        accounts.instance(),
        accounts.incarnation(),
        config,
    );
    let services = Services {
        vault: Arc::new(vault::Service::new(storage, Arc::clone(&ports.bus))),
        conversations: Arc::new(conversations.clone()),
        accounts: Arc::new(accounts),
    };
    Ok((services, conversations))
}

fn floor(options: &Options) -> protocol::methods::account::Stretching {
    let floor = if options.test_stretching {
        tracing::warn!(
            "--test-stretching: passphrases are NOT protected against guessing. For tests only."
        );
        Stretching::MINIMUM
    } else {
        Stretching::PRODUCTION
    };
    protocol::methods::account::Stretching {
        memory_kib: floor.memory_kib,
        passes: floor.passes,
        lanes: floor.lanes,
    }
}

fn gateway_config(options: &Options) -> Result<gateway::Config> {
    let mut config = gateway::Config {
        modules: options
            .modules()?
            .names()
            .iter()
            .map(|&name| name.to_owned())
            .collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..gateway::Config::default()
    };
    if let Some(n) = options.connections_per_address {
        config.limits.connections_per_address = n;
        config.guests_per_address = n;
        config.guests = config.guests.max(n);
        config.connections = config.connections.max(n);
    }
    if let Some(n) = options.requests_per_second {
        config.limits.requests_per_second = n;
    }
    if let Some(n) = options.messages_per_second {
        config.limits.messages_per_second = n;
    }
    if let Some(n) = options.changes_per_second {
        config.changes = Rate::per_second(n);
    }
    if let Some(n) = options.guest_requests_per_second {
        config.guest_requests = Rate::per_second(n);
    }
    if let Some(path) = &options.tap_frames {
        tracing::warn!(
            path = %path.display(),
            "--tap-frames: every frame is written to a file. For tests only."
        );
        config.tap = Some(Arc::new(FileTap::create(path)?));
    }
    Ok(config)
}

/// Tells the gateway whenever the database can't be written, and when it can again.
async fn watch_health(mut health: watch::Receiver<Health>, gateway: Arc<Gateway>) {
    loop {
        let reason = match &*health.borrow_and_update() {
            Health::Writable => None,
            Health::ReadOnly { reason } => Some(reason.clone()),
        };
        gateway.set_read_only(reason);
        if health.changed().await.is_err() {
            return;
        }
    }
}
