//! Runs an engine: connection, timers, commands, updates. One loop, one owner, bounded queues.

use std::{collections::VecDeque, sync::Arc};

use ambient::{Clock, Millis};
use client::{Output, Update};
use protocol::Bytes;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::{Duration, sleep, timeout},
};

use crate::{
    Core,
    address::ServerAddress,
    clock::Steady,
    handle::{Handle, Message},
    link::{self, Link, LinkError},
    network,
    trust::{Fingerprint, Pin, Trust},
};

/// Commands and queries that may wait.
const COMMANDS: usize = 64;
/// Updates that may wait for the app. When there are as many again in the driver, it stops taking frames.
const UPDATES: usize = 256;
/// How often the routes are looked at.
const ROUTES: Duration = Duration::from_secs(1);

/// The server that a driver connects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Where it is; the first ones are preferred.
    pub addresses: Vec<ServerAddress>,
    /// Its certificate authority.
    pub authority: Fingerprint,
}

enum Connection {
    None,
    Opening(JoinHandle<Result<Link, LinkError>>),
    Open(Link),
}

/// What woke the loop.
enum Woken<C> {
    Message(Option<Message<C>>),
    Opened(Result<Link, LinkError>),
    Frame(Option<Bytes>),
    Wrote,
    Told,
    Routes,
    Timer,
}

/// Runs one engine. [`spawn`](Self::spawn) gives it a thread of its own; [`run`](Self::run) suits those who run many.
pub struct Driver<C> {
    core: C,
    addresses: Arc<[ServerAddress]>,
    trust: Arc<Trust>,
    clock: Steady,
    messages: mpsc::Receiver<Message<C>>,
    updates: mpsc::Sender<Update>,
    problem: watch::Sender<Option<LinkError>>,
    /// Updates that the app has not room for yet; the same thing is said once.
    untold: VecDeque<Update>,
    /// Frames that the connection has not room for yet; the engine bounds them by its requests in flight.
    unsent: VecDeque<Bytes>,
    connection: Connection,
    routes: String,
}

impl<C: Core + 'static> Driver<C> {
    /// A driver for an engine, with its handle and the updates for the app.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(
        core: C,
        peer: Peer,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Handle<C>, mpsc::Receiver<Update>), LinkError> {
        let (to_driver, messages) = mpsc::channel(COMMANDS);
        let (updates, to_app) = mpsc::channel(UPDATES);
        let (problem, problem_seen) = watch::channel(None);
        let driver = Self {
            core,
            addresses: peer.addresses.into(),
            trust: Arc::new(link::trust(Some(Pin::Whole(peer.authority)))?),
            clock: Steady::new(clock),
            messages,
            updates,
            problem,
            untold: VecDeque::new(),
            unsent: VecDeque::new(),
            connection: Connection::None,
            routes: network::routes(),
        };
        let handle = Handle {
            messages: to_driver,
            problem: problem_seen,
        };
        Ok((driver, handle, to_app))
    }

    /// Runs on a thread of its own: the engine computes for up to seconds at a sign-in.
    ///
    /// # Errors
    /// When the thread can't be started.
    pub fn spawn(self) -> std::io::Result<std::thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::Builder::new()
            .name("client".to_owned())
            .spawn(move || {
                runtime.block_on(self.run());
                // a name may be being looked up: that can't be interrupted, and nothing waits for it
                runtime.shutdown_background();
            })
    }

    /// Runs until it is stopped or all handles are dropped.
    pub async fn run(mut self) {
        loop {
            let (now, leapt) = self.clock.now();
            if leapt {
                self.core.network_returned(now);
            }
            if self.core.next_deadline().is_some_and(|at| at <= now) {
                self.core.tick(now);
            }
            self.carry_out();
            match self.wait().await {
                Woken::Message(None) => return self.finish(None).await,
                Woken::Message(Some(Message::Stop(done))) => return self.finish(Some(done)).await,
                Woken::Message(Some(message)) => self.message(message),
                Woken::Opened(Ok(link)) => self.opened(link),
                Woken::Opened(Err(error)) => self.lost(Some(error)),
                Woken::Frame(Some(frame)) => {
                    let now = self.now();
                    self.core.frame(now, &frame);
                }
                Woken::Frame(None) => self.lost(None),
                Woken::Routes => self.look_at_routes(),
                Woken::Wrote | Woken::Told | Woken::Timer => {}
            }
        }
    }

    fn now(&mut self) -> Millis {
        self.clock.now().0
    }

    async fn wait(&mut self) -> Woken<C> {
        let pause = self.clock.until(self.core.next_deadline());
        let room = self.untold.len() < UPDATES;
        let Self {
            messages,
            updates,
            untold,
            unsent,
            connection,
            ..
        } = self;
        tokio::select! {
            told = updates.reserve(), if !untold.is_empty() => {
                match (told, untold.pop_front()) {
                    (Ok(permit), Some(update)) => permit.send(update),
                    // nobody listens
                    _ => untold.clear(),
                }
                Woken::Told
            }
            message = messages.recv() => Woken::Message(message),
            woken = progress(connection, unsent, room) => woken,
            () = sleep(ROUTES) => Woken::Routes,
            () = sleep(pause) => Woken::Timer,
        }
    }

    /// Does what the engine wants, until it wants nothing more.
    fn carry_out(&mut self) {
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Connect => self.connect(),
                Output::Send(frame) => {
                    if matches!(self.connection, Connection::Open(_)) {
                        self.unsent.push_back(frame);
                    }
                }
                Output::Disconnect => self.lost(None),
                Output::Update(update) => self.tell(update),
            }
        }
    }

    fn connect(&mut self) {
        self.drop_connection();
        let open = Link::open(self.addresses.clone(), self.trust.clone());
        self.connection = Connection::Opening(tokio::spawn(open));
    }

    fn drop_connection(&mut self) {
        self.unsent.clear();
        if let Connection::Opening(attempt) =
            std::mem::replace(&mut self.connection, Connection::None)
        {
            attempt.abort();
        }
    }

    fn opened(&mut self, link: Link) {
        self.connection = Connection::Open(link);
        self.problem.send_replace(None);
        let now = self.now();
        self.core.connected(now);
    }

    fn lost(&mut self, why: Option<LinkError>) {
        if let Some(why) = why {
            tracing::info!(%why, "no connection");
            self.problem.send_replace(Some(why));
        }
        self.drop_connection();
        let now = self.now();
        self.core.disconnected(now);
    }

    fn message(&mut self, message: Message<C>) {
        let now = self.now();
        match message {
            Message::Command(command) => self.core.command(now, command),
            Message::Query(read) => read(&self.core),
            Message::NetworkReturned => self.network_returned(now),
            Message::Stop(_) => {}
        }
    }

    fn network_returned(&mut self, now: Millis) {
        self.core.network_returned(now);
        // an attempt from before would wait for answers that the old network lost
        if matches!(self.connection, Connection::Opening(_)) {
            self.connect();
        }
    }

    fn look_at_routes(&mut self) {
        let routes = network::routes();
        if routes != self.routes {
            self.routes = routes;
            let now = self.now();
            self.network_returned(now);
        }
    }

    fn tell(&mut self, update: Update) {
        match &update {
            Update::Connection(_) => {
                self.untold
                    .retain(|old| !matches!(old, Update::Connection(_)));
            }
            Update::People(_) => self.untold.retain(|old| !matches!(old, Update::People(_))),
            same if self.untold.contains(same) => return,
            _ => {}
        }
        self.untold.push_back(update);
    }

    async fn finish(mut self, done: Option<oneshot::Sender<()>>) {
        if let Connection::Open(link) = std::mem::replace(&mut self.connection, Connection::None) {
            let rest = async {
                for frame in self.unsent.drain(..) {
                    if link.outgoing.send(frame).await.is_err() {
                        break;
                    }
                }
            };
            // what was not sent is in the engine's outbox
            let _ = timeout(Duration::from_secs(1), rest).await;
            link.close().await;
        }
        self.drop_connection();
        // closes the store before anybody is told
        drop(self.core);
        if let Some(done) = done {
            let _ = done.send(());
        }
    }
}

/// The next thing that the connection has to say.
async fn progress<C>(
    connection: &mut Connection,
    unsent: &mut VecDeque<Bytes>,
    room: bool,
) -> Woken<C> {
    match connection {
        Connection::None => std::future::pending().await,
        Connection::Opening(attempt) => Woken::Opened(
            attempt
                .await
                .unwrap_or_else(|error| Err(LinkError::Unreachable(error.to_string()))),
        ),
        Connection::Open(link) => tokio::select! {
            permit = link.outgoing.reserve(), if !unsent.is_empty() => {
                match (permit, unsent.pop_front()) {
                    (Ok(permit), Some(frame)) => {
                        permit.send(frame);
                        Woken::Wrote
                    }
                    _ => Woken::Frame(None),
                }
            }
            frame = link.incoming.recv(), if room => Woken::Frame(frame),
            else => std::future::pending().await,
        },
    }
}
