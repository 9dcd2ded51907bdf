//! The gateway: what all connections share.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use accounts::{Accounts, InstanceInfo, Origin};
use ambient::{Clock, Random, random_bytes};
use bus::{Bus, Delivery};
use conversations::Conversations;
use protocol::{
    Bytes, ConversationId, ErrorCode, Hash32, MemberId, ServerFrame, WireError, encode,
    events::{Goodbye, Hello, ServerState, StateChanged},
    limits::PROTOCOL_VERSION,
};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{Duration, Instant, sleep, timeout},
};
use vault::Vault;

use crate::{
    config::{Config, Rate},
    connection::Connection,
    counters::{Counters, Counts},
    fan_out::FanOut,
    lock,
    outgoing::Outbox,
    rates::Buckets,
    seats::Seats,
    session::{Shared, Who},
};

/// What connected clients do when the server goes: come back after this, with jitter.
const RECONNECT_AFTER_MS: u32 = 2_000;
/// How many devices are asked about in one read.
const DEVICES_AT_ONCE: usize = 256;
/// How long to wait when the database did not answer.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The services that requests go to.
#[derive(Clone)]
pub struct Services {
    /// Accounts.
    pub accounts: Arc<dyn Accounts>,
    /// Vault.
    pub vault: Arc<dyn Vault>,
    /// Conversations.
    pub conversations: Arc<dyn Conversations>,
}

/// What all connections of one gateway share: services, limits, fan-out.
pub struct Gateway {
    pub(crate) services: Services,
    pub(crate) clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    pub(crate) config: Config,
    pub(crate) fan_out: FanOut,
    pub(crate) counters: Counters,
    pub(crate) started: Instant,
    pub(crate) guest_requests: Buckets<std::net::IpAddr>,
    pub(crate) requests: Buckets<MemberId>,
    pub(crate) messages: Buckets<MemberId>,
    pub(crate) receipts: Buckets<MemberId>,
    pub(crate) receipts_of_one: Buckets<(MemberId, ConversationId)>,
    pub(crate) commits: Buckets<(MemberId, ConversationId)>,
    pub(crate) changes: Buckets<MemberId>,
    pub(crate) guest_bytes: Arc<Seats>,
    pub(crate) request_bytes: Arc<Seats<MemberId>>,
    connections: Arc<Seats>,
    guests: Arc<Seats>,
    info: Mutex<InstanceInfo>,
    read_only: Mutex<Option<String>>,
    next_number: AtomicU64,
    ending: AtomicBool,
    killed: AtomicBool,
    kill: Notify,
    /// Notices were lost on the bus.
    lost: Arc<Notify>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// The goodbye event.
pub(crate) fn goodbye(reason: &str, reconnect_after_ms: u32) -> Bytes {
    encode(&ServerFrame::event(&Goodbye {
        reason: reason.to_owned(),
        reconnect_after_ms,
    }))
}

impl Gateway {
    /// Starts a gateway: reads what hello tells, subscribes to the bus.
    ///
    /// # Errors
    /// What [`Accounts::hello`] fails with.
    ///
    /// # Panics
    /// Outside a tokio runtime with time.
    pub async fn start(
        services: Services,
        bus: &dyn Bus,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        config: Config,
    ) -> Result<Arc<Self>, accounts::Error> {
        let info = services.accounts.hello().await?;
        let subscription = bus.subscribe(config.waiting_notices);
        let limits = config.limits;
        let remembered = config.remembered;
        let gateway = Arc::new(Self {
            services,
            clock,
            random,
            fan_out: FanOut::new(subscription.topics),
            counters: Counters::default(),
            started: Instant::now(),
            guest_requests: Buckets::new(config.guest_requests, remembered),
            requests: Buckets::new(Rate::per_second(limits.requests_per_second), remembered),
            messages: Buckets::new(Rate::per_second(limits.messages_per_second), remembered),
            receipts: Buckets::new(config.receipts, remembered),
            receipts_of_one: Buckets::new(config.receipts_of_one, remembered),
            commits: Buckets::new(config.commits, remembered),
            changes: Buckets::new(config.changes, remembered),
            guest_bytes: Seats::new(config.guest_bytes_per_address, config.guest_bytes),
            request_bytes: Seats::new(config.request_bytes_per_account, config.request_bytes),
            connections: Seats::new(limits.connections_per_address, config.connections),
            guests: Seats::new(config.guests_per_address, config.guests),
            config,
            info: Mutex::new(info),
            read_only: Mutex::new(None),
            next_number: AtomicU64::new(0),
            ending: AtomicBool::new(false),
            killed: AtomicBool::new(false),
            kill: Notify::new(),
            lost: Arc::default(),
            tasks: Mutex::default(),
        });
        let carrier = tokio::spawn(carry(Arc::downgrade(&gateway), subscription.deliveries));
        let looking = look_for_signed_out(Arc::downgrade(&gateway), Arc::clone(&gateway.lost));
        lock(&gateway.tasks).extend([carrier, tokio::spawn(looking)]);
        Ok(gateway)
    }

    /// A new connection of a client at `origin`. Its outbox begins with hello.
    ///
    /// # Errors
    /// `rate_limited` when the address, or all together, hold too many connections; `busy` when the server is ending.
    ///
    /// # Panics
    /// Outside a tokio runtime with time.
    pub fn connect(self: &Arc<Self>, origin: Origin) -> Result<(Connection, Outbox), WireError> {
        if self.ending.load(Ordering::SeqCst) {
            return Err(WireError::new(ErrorCode::Busy).after(RECONNECT_AFTER_MS));
        }
        let seats = self
            .connections
            .take(origin.address)
            .zip(self.guests.take(origin.address));
        let Some((seat, guest_seat)) = seats else {
            self.counters.connections_refused.add(1);
            return Err(WireError::new(ErrorCode::RateLimited).after(RECONNECT_AFTER_MS));
        };
        self.counters.connected.add(1);
        let number = self.next_number.fetch_add(1, Ordering::Relaxed) + 1;
        let challenge = Hash32(random_bytes(self.random.as_ref()));
        let shared = Arc::new(Shared::new(
            self, number, origin, challenge, seat, guest_seat,
        ));
        let (hello, told) = self.hello(challenge);
        shared.queue.event(&hello);
        self.fan_out.enter(Arc::clone(&shared));
        if self.state() != told {
            shared.queue.event(&self.state_frame()); // it changed between hello and here, and nobody told this one
        }
        if self.ending.load(Ordering::SeqCst) {
            shared.queue.end(None); // it came between the goodbye to all and here
        }
        Ok((Connection::new(Arc::clone(&shared)), Outbox::new(shared)))
    }

    /// Says that writing is impossible, with the reason for a person, or (None) possible again. All clients are told.
    pub fn set_read_only(&self, reason: Option<String>) {
        {
            let mut now = lock(&self.read_only);
            if *now == reason {
                return;
            }
            match &reason {
                Some(reason) => tracing::error!(reason, "read-only"),
                None => tracing::info!("writable again"),
            }
            *now = reason;
        }
        self.fan_out.tell_all(&self.state_frame());
    }

    /// The verdict of a bucket as it goes on the wire, counted.
    pub(crate) fn limited(&self, verdict: Result<(), u32>) -> Result<(), WireError> {
        verdict.map_err(|wait| {
            self.counters.rate_limited.add(1);
            WireError::new(ErrorCode::RateLimited).after(wait)
        })
    }

    /// What has been carried and refused so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// Connections now: (all, of which not signed in).
    #[must_use]
    pub fn connection_count(&self) -> (u32, u32) {
        (self.connections.taken(), self.guests.taken())
    }

    /// Ends in good order: no new connections, goodbye to all, then waits until requests at work are answered and
    /// clients have read it, at most for `patience`.
    pub async fn shut_down(&self, patience: Duration) {
        self.ending.store(true, Ordering::SeqCst);
        let last = goodbye(
            "The server is restarting or shutting down.",
            RECONNECT_AFTER_MS,
        );
        for shared in self.fan_out.all() {
            shared.queue.end(Some(last.clone()));
        }
        if timeout(patience, self.connections.all_free())
            .await
            .is_err()
        {
            tracing::warn!("connections were still open at the end");
        }
        self.kill();
    }

    /// Ends at once, as a crash would: nobody is told, requests at work are dropped where they wait.
    pub fn kill(&self) {
        self.ending.store(true, Ordering::SeqCst);
        self.killed.store(true, Ordering::SeqCst);
        self.kill.notify_waiters();
        for shared in self.fan_out.all() {
            shared.queue.end_at_once();
        }
        for task in lock(&self.tasks).drain(..) {
            task.abort();
        }
    }

    /// Ends a connection whose device was signed out without its hearing of it.
    pub(crate) async fn check_device(&self, shared: &Shared, who: Who) -> Result<(), WireError> {
        let out = self.services.accounts.signed_out(vec![who.device]).await?;
        if out.is_empty() {
            return Ok(());
        }
        shared.sign_out();
        Err(ErrorCode::SessionRefused.into())
    }

    /// Ready once [`Gateway::kill`] was called.
    pub(crate) async fn killed(&self) {
        let notified = self.kill.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        if !self.killed.load(Ordering::SeqCst) {
            notified.await;
        }
    }

    /// Milliseconds since the start, by the runtime's clock.
    pub(crate) fn uptime(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn heartbeat(&self) -> Duration {
        Duration::from_millis(u64::from(self.config.limits.heartbeat_ms))
    }

    /// The state event as it would be sent now.
    pub(crate) fn state_frame(&self) -> Bytes {
        encode(&ServerFrame::event(&StateChanged {
            state: self.state(),
        }))
    }

    /// Ends the connections of all devices that are signed out.
    async fn end_signed_out(&self) -> Result<(), accounts::Error> {
        for devices in self.fan_out.devices().chunks(DEVICES_AT_ONCE) {
            let out = self.services.accounts.signed_out(devices.to_vec()).await?;
            self.fan_out.sign_out(&out);
        }
        Ok(())
    }

    /// Whether the first registration is still to come.
    pub(crate) fn set_up_needed(&self) -> bool {
        lock(&self.info).set_up_needed
    }

    /// Reads again what hello tells, after the first registration; all clients are told the new state.
    pub(crate) async fn refresh(&self) {
        match self.services.accounts.hello().await {
            Ok(info) => {
                *lock(&self.info) = info;
                self.fan_out.tell_all(&self.state_frame());
            }
            Err(error) => tracing::error!(%error, "reading the instance's name"),
        }
    }

    fn state(&self) -> ServerState {
        if let Some(reason) = lock(&self.read_only).clone() {
            ServerState::ReadOnly { reason }
        } else if self.set_up_needed() {
            ServerState::SetUp
        } else {
            ServerState::Ready
        }
    }

    /// Hello, and the state that it tells.
    fn hello(&self, challenge: Hash32) -> (Bytes, ServerState) {
        let state = self.state();
        let info = lock(&self.info).clone();
        let frame = encode(&ServerFrame::event(&Hello {
            protocol: PROTOCOL_VERSION,
            instance: info.instance,
            incarnation: info.incarnation,
            server: self.config.version.clone(),
            organisation: info.organisation,
            challenge,
            capabilities: self.config.modules.clone(),
            limits: self.config.announced(),
            time: self.clock.now(),
            state: state.clone(),
        }));
        (frame, state)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        for task in lock(&self.tasks).drain(..) {
            task.abort();
        }
    }
}

/// That a device was signed out may be among what was lost on the bus: then asks about all, until there is an answer.
async fn look_for_signed_out(gateway: std::sync::Weak<Gateway>, lost: Arc<Notify>) {
    loop {
        lost.notified().await;
        let Some(gateway) = gateway.upgrade() else {
            return;
        };
        if let Err(error) = gateway.end_signed_out().await {
            tracing::error!(%error, "looking for devices that were signed out");
            drop(gateway);
            sleep(ASK_AGAIN_AFTER).await;
            lost.notify_one();
        }
    }
}

/// Carries the bus's notices to the connections until bus or gateway end.
async fn carry(gateway: std::sync::Weak<Gateway>, mut deliveries: bus::Deliveries) {
    while let Some(delivery) = deliveries.recv().await {
        let Some(gateway) = gateway.upgrade() else {
            return;
        };
        gateway.fan_out.deliver(&delivery);
        if delivery == Delivery::Lost {
            gateway.lost.notify_one();
        }
    }
}
