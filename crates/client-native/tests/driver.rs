//! The driver against a small TLS and WebSocket server, with a scripted engine: what happens on the network reaches the
//! engine, what the engine wants happens on the network, and nothing waits for an app that does not listen.
#![allow(clippy::unwrap_used)]

mod server;

use std::{sync::Arc, time::Duration};

use ambient::SystemClock;
use client::{Command, Output, Update, view::ConnectionView};
use client_native::{Core, Driver, Fingerprint, Handle, LinkError, Peer, Pin, ServerAddress};
use protocol::Bytes;
use server::{Answer, Authority, Server};
use tokio::sync::mpsc::Receiver;

/// Milliseconds between attempts, and of patience for an answer.
const RETRY: u64 = 50;
const PATIENCE: u64 = 200;

/// Sends the query of every `FindPeople`, and tells every frame as the name of a device that signed in.
#[derive(Default)]
struct Scripted {
    outputs: std::collections::VecDeque<Output>,
    retry_at: Option<u64>,
    answer_by: Option<u64>,
    slow: bool,
    frames: u32,
}

impl Scripted {
    fn new() -> Self {
        Self {
            outputs: [Output::Connect].into(),
            ..Self::default()
        }
    }

    /// Tries again only after a minute, unless the network returns.
    fn slow() -> Self {
        Self {
            slow: true,
            ..Self::new()
        }
    }

    fn tell(&mut self, view: ConnectionView) {
        self.outputs
            .push_back(Output::Update(Update::Connection(view)));
    }
}

impl Core for Scripted {
    fn connected(&mut self, _: u64) {
        self.tell(ConnectionView::Online);
    }
    fn disconnected(&mut self, now: u64) {
        let retry_at = now + if self.slow { 60_000 } else { RETRY };
        self.retry_at = Some(retry_at);
        self.answer_by = None;
        self.tell(ConnectionView::Offline { retry_at });
    }
    fn network_returned(&mut self, _: u64) {
        if self.retry_at.take().is_some() {
            self.outputs.push_back(Output::Connect);
        }
    }
    fn frame(&mut self, now: u64, bytes: &[u8]) {
        self.answer_by = None;
        self.frames += 1;
        let name = String::from_utf8(bytes.to_vec()).unwrap();
        self.outputs
            .push_back(Output::Update(Update::DeviceSignedIn {
                device: protocol::DeviceId([9; 16]),
                name,
                time: now,
            }));
    }
    fn command(&mut self, now: u64, command: Command) {
        if let Command::FindPeople { query } = command {
            self.answer_by = Some(now + PATIENCE);
            self.outputs.push_back(Output::Send(Bytes::from(query)));
        }
    }
    fn tick(&mut self, now: u64) {
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
            self.outputs.push_back(Output::Connect);
        }
        if self.answer_by.is_some_and(|at| at <= now) {
            self.answer_by = None;
            self.outputs.push_back(Output::Disconnect);
        }
    }
    fn next_deadline(&self) -> Option<u64> {
        self.retry_at.into_iter().chain(self.answer_by).min()
    }
    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}

struct Client {
    handle: Handle<Scripted>,
    updates: Receiver<Update>,
}

impl Client {
    fn start(core: Scripted, address: ServerAddress, authority: Fingerprint) -> Self {
        let peer = Peer {
            addresses: vec![address],
            authority,
        };
        let (driver, handle, updates) = Driver::new(core, peer, Arc::new(SystemClock)).unwrap();
        driver.spawn().unwrap();
        Self { handle, updates }
    }

    async fn say(&self, query: &str) {
        let query = query.to_owned();
        self.handle
            .command(Command::FindPeople { query })
            .await
            .unwrap();
    }

    async fn next(&mut self) -> Update {
        tokio::time::timeout(Duration::from_secs(20), self.updates.recv())
            .await
            .expect("an update within 20 seconds")
            .unwrap()
    }

    /// Skips updates until the connection is there, or is not.
    async fn until(&mut self, online: bool) {
        loop {
            match self.next().await {
                Update::Connection(ConnectionView::Online) if online => return,
                Update::Connection(ConnectionView::Offline { .. }) if !online => return,
                _ => {}
            }
        }
    }

    async fn hears(&mut self, text: &str) {
        loop {
            if let Update::DeviceSignedIn { name, .. } = self.next().await {
                assert_eq!(name, text);
                return;
            }
        }
    }
}

#[tokio::test]
async fn frames_go_both_ways_in_order() {
    let server = Server::start(&Authority::new(), Answer::Echo).await;
    let mut client = Client::start(Scripted::new(), server.address(), server.authority());
    client.until(true).await;
    for n in 0..500 {
        client.say(&format!("frame {n}")).await;
    }
    for n in 0..500 {
        client.hears(&format!("frame {n}")).await;
    }
    client.handle.stop().await;
    server.saw_goodbye().await;
}

#[tokio::test]
async fn a_server_that_goes_away_and_comes_back_is_found_again() {
    let authority = Authority::new();
    let server = Server::start(&authority, Answer::Echo).await;
    let address = server.address();
    let mut client = Client::start(Scripted::new(), address.clone(), server.authority());
    client.until(true).await;
    server.stop().await;
    client.until(false).await;
    let problem = client.handle.problem();
    let unreachable = |p: &Option<LinkError>| matches!(p, Some(LinkError::Unreachable(_)));
    tokio::time::timeout(
        Duration::from_secs(20),
        problem.clone().wait_for(unreachable),
    )
    .await
    .unwrap()
    .unwrap();
    let _server = Server::start_at(&authority, Answer::Echo, &address).await;
    client.until(true).await;
    assert_eq!(*problem.borrow(), None, "the problem is gone");
    client.say("again").await;
    client.hears("again").await;
}

#[tokio::test]
async fn a_half_open_connection_is_given_up() {
    let server = Server::start(&Authority::new(), Answer::Nothing).await;
    let mut client = Client::start(Scripted::new(), server.address(), server.authority());
    client.until(true).await;
    client.say("anybody there?").await;
    client.until(false).await;
    client.until(true).await;
}

#[tokio::test]
async fn the_network_returning_means_at_once() {
    let authority = Authority::new();
    let server = Server::start(&authority, Answer::Echo).await;
    let address = server.address();
    let mut client = Client::start(Scripted::slow(), address.clone(), server.authority());
    client.until(true).await;
    server.stop().await;
    client.until(false).await;
    let _server = Server::start_at(&authority, Answer::Echo, &address).await;
    client.handle.network_returned().await.unwrap();
    // its own next attempt would come after a minute; `next` gives up after 20 seconds
    client.until(true).await;
}

#[tokio::test]
async fn a_dead_address_does_not_delay_a_living_one() {
    let server = Server::start(&Authority::new(), Answer::Echo).await;
    let stranger = Server::start(&Authority::new(), Answer::Echo).await;
    let deaf = server::deaf_address().await;
    let peer = Peer {
        addresses: vec![deaf.address(), stranger.address(), server.address()],
        authority: server.authority(),
    };
    let (driver, handle, updates) =
        Driver::new(Scripted::new(), peer, Arc::new(SystemClock)).unwrap();
    driver.spawn().unwrap();
    let mut client = Client { handle, updates };
    client.until(true).await;
    client.say("found").await;
    client.hears("found").await;
    assert_eq!(stranger.sessions(), 0);
}

#[tokio::test]
async fn an_attempt_of_the_old_network_is_not_waited_for() {
    let authority = Authority::new();
    let address = server::deaf_address().await;
    let mut client = Client::start(Scripted::slow(), address.address(), authority.fingerprint());
    // accepted by the kernel, never answered: the handshake hangs
    address.somebody_came().await;
    let address = address.close();
    let _server = Server::start_at(&authority, Answer::Echo, &address).await;
    client.handle.network_returned().await.unwrap();
    client.until(true).await;
}

#[tokio::test]
async fn another_authority_is_refused_and_said() {
    let server = Server::start(&Authority::new(), Answer::Echo).await;
    let pinned = Authority::new().fingerprint();
    let mut client = Client::start(Scripted::new(), server.address(), pinned);
    client.until(false).await;
    assert_eq!(
        *client.handle.problem().borrow(),
        Some(LinkError::NotTrusted)
    );
    client.until(false).await;
    assert_eq!(server.sessions(), 0, "no WebSocket was opened");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = Server::start_named(&authority, Answer::Echo, &["other.example"]).await;
    let refused = client_native::probe(&server.address(), None).await;
    assert!(
        matches!(refused, Err(LinkError::Certificate(_))),
        "{refused:?}"
    );
    let mut client = Client::start(Scripted::new(), server.address(), server.authority());
    client.until(false).await;
    let problem = client.handle.problem().borrow().clone();
    assert!(
        matches!(problem, Some(LinkError::Certificate(_))),
        "{problem:?}"
    );
}

#[tokio::test]
async fn a_leaf_that_the_pinned_authority_did_not_sign_is_refused() {
    // the chain shows the pinned authority, but another one signed
    let (pinned, other) = (Authority::new(), Authority::new());
    let server = Server::start_pretending(&other, &pinned, Answer::Echo).await;
    let pin = Pin::Whole(pinned.fingerprint());
    assert!(
        client_native::probe(&server.address(), Some(pin))
            .await
            .is_err()
    );
    assert!(client_native::probe(&server.address(), None).await.is_err());
}

#[tokio::test]
async fn probing_shows_the_authority_and_checks_words() {
    let server = Server::start(&Authority::new(), Answer::Echo).await;
    let seen = client_native::probe(&server.address(), None).await.unwrap();
    assert_eq!(seen, server.authority());
    let words: Pin = seen.words().join(" ").parse().unwrap();
    assert_eq!(
        client_native::probe(&server.address(), Some(words)).await,
        Ok(seen)
    );
    let wrong: Pin = "abandon abandon abandon abandon abandon abandon"
        .parse()
        .unwrap();
    let refused = client_native::probe(&server.address(), Some(wrong)).await;
    assert_eq!(refused, Err(LinkError::NotTrusted));
    assert_eq!(server.sessions(), 0, "looking opens no session");
}

#[tokio::test]
async fn a_certificate_that_signed_itself_can_be_pinned() {
    let server = Server::start_self_signed(Answer::Echo).await;
    let seen = client_native::probe(&server.address(), None).await;
    assert_eq!(seen, Ok(server.authority()));
    let mut client = Client::start(Scripted::new(), server.address(), server.authority());
    client.until(true).await;
}

#[tokio::test]
async fn what_is_no_such_server_is_said() {
    let server = Server::start(&Authority::new(), Answer::NotFound).await;
    let mut client = Client::start(Scripted::new(), server.address(), server.authority());
    client.until(false).await;
    let problem = client.handle.problem().borrow().clone();
    assert!(
        matches!(problem, Some(LinkError::NotAServer(_))),
        "{problem:?}"
    );
}

#[tokio::test]
async fn an_app_that_does_not_listen_can_still_ask() {
    let server = Server::start(&Authority::new(), Answer::Flood(5_000)).await;
    let mut client = Client::start(Scripted::new(), server.address(), server.authority());
    client.until(true).await;
    client.say("go").await;
    // the flood is larger than every queue; queries are answered all the same
    let mut seen = 0;
    while seen < 300 {
        seen = client.handle.query(|core| core.frames).await.unwrap();
        tokio::task::yield_now().await;
    }
    let frames = client.handle.query(|core| core.frames).await.unwrap();
    assert!(frames < 5_000, "frames wait in the network, not in memory");
    for n in 0..5_000 {
        client.hears(&format!("flood {n}")).await;
    }
}

#[tokio::test]
async fn it_stops_when_nobody_holds_it() {
    let server = Server::start(&Authority::new(), Answer::Echo).await;
    let mut client = Client::start(Scripted::new(), server.address(), server.authority());
    client.until(true).await;
    drop(client);
    server.saw_goodbye().await;
}
