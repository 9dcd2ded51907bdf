//! Measures the gateway alone, with services that do nothing: memory of idle TLS sessions and deliveries a second.
//!
//! `cargo run --profile fast -p gateway --example measure -- [SESSIONS]` starts a server in a process of its own, opens
//! the sessions (2,000 if not told otherwise) over TLS, and prints resident memory for each; then sends events to 100
//! of them, the next 64 (then: the next one) whenever all have arrived, and prints deliveries and processor time of the
//! server.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs
)]

#[path = "../tests/fakes/mod.rs"]
mod fakes;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Instant,
};

use bus::{Bus, Hint, Notice, Topic};
use fakes::World;
use futures_util::{SinkExt, StreamExt, stream::FuturesUnordered};
use gateway::{
    Config,
    server::{Site, bind, serve},
    tls::{Authority, Current, Names, server_config},
};
use protocol::{
    Bytes, DeviceId, Request, ServerFrame, decode, encode,
    events::{Hello, NewEntry},
    limits::{SOCKET_PATH, SUBPROTOCOL},
    methods::{account::ResumeSession, conversations::Entry, sync::StartSync},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match arguments.get(1).map(String::as_str) {
        Some("server") => runtime.block_on(server()),
        sessions => {
            let sessions = sessions.map_or(2000, |s| s.parse().unwrap());
            runtime.block_on(client(sessions));
        }
    }
}

async fn server() {
    let names = Names {
        hosts: vec!["localhost".into()],
        addresses: vec![],
    };
    let now = ambient::Clock::now(&ambient::SystemClock);
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::load_or_make(folder.path(), &names, now).unwrap();
    let identity = authority.issue(&names, now).unwrap().0;
    let tls = server_config(Current::new(identity).unwrap()).unwrap();
    let mut config = Config {
        guests_per_address: 100_000,
        guests: 100_000,
        guest_requests: gateway::Rate::per_second(1_000_000),
        ..Config::default()
    };
    config.limits.connections_per_address = 100_000;
    config.limits.heartbeat_ms = 10 * 60 * 1000;
    let world = World::new(config).await;
    let listener = bind(Some(([127, 0, 0, 1], 0).into()), 0).await.unwrap();
    println!(
        "{} {}",
        listener.local_addr().unwrap().port(),
        hex(authority.certificate())
    );
    tokio::spawn(serve(
        listener,
        tls,
        Site {
            gateway: Arc::clone(&world.gateway),
            web: Arc::default(),
        },
        false,
        std::future::pending(),
    ));
    let commands = tokio::task::spawn_blocking(move || {
        let frame = event();
        for line in std::io::stdin().lines() {
            if let Ok(round) = line.unwrap().parse::<usize>() {
                for _ in 0..round {
                    world.bus.publish(Notice {
                        topic: Topic::Member(fakes::member_of(device(0))),
                        frame: frame.clone(),
                        hint: Hint::None,
                    });
                }
            } else {
                println!(
                    "{} {} {}",
                    rss_kb(),
                    cpu_ms(),
                    world.gateway.counts().resyncs
                );
            }
        }
    });
    commands.await.unwrap();
}

/// An entry of the size of a short message.
fn event() -> Bytes {
    let entry = Entry {
        conversation: protocol::ConversationId::default(),
        restart: 0,
        seq: 1000,
        kind: 1,
        sender: protocol::MemberId::default(),
        epoch: 3,
        time: 1_795_305_600_000,
        expiry: 0,
        quiet: false,
        timed: false,
        message: Some(protocol::MessageId::default()),
        body_hash: protocol::Hash32::default(),
        body: Some(Bytes::from(vec![0; 400])),
        link: None,
    };
    encode(&ServerFrame::event(&NewEntry { entry }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

fn rss_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    ticks * 10
}

/// The device of session number `n`: the first hundred are one member's.
fn device(n: usize) -> DeviceId {
    let (member, own) = if n < 100 { (0, n) } else { (n, 0) };
    let mut id = [0; 16];
    id[..8].copy_from_slice(&(member as u64).to_be_bytes());
    id[15] = u8::try_from(own).unwrap();
    DeviceId(id)
}

struct Server {
    _child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    port: u16,
    tls: Arc<ClientConfig>,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let (port, authority) = line.trim().split_once(' ').unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(unhex(authority))).unwrap();
        let provider = Arc::new(gateway::tls::provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            commands: child.stdin.take().unwrap(),
            port: port.parse().unwrap(),
            tls: Arc::new(tls),
            answers,
            _child: child,
        }
    }

    /// (resident KB, processor ms, resyncs)
    fn figures(&mut self) -> (u64, u64, u64) {
        self.say("figures");
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let n: Vec<u64> = line
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        (n[0], n[1], n[2])
    }

    fn say(&mut self, word: &str) {
        writeln!(self.commands, "{word}").unwrap();
        self.commands.flush().unwrap();
    }
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;

async fn open(port: u16, tls: Arc<ClientConfig>, number: usize) -> Socket {
    let mut request = format!("wss://localhost:{port}{SOCKET_PATH}")
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert(
        "sec-websocket-protocol",
        HeaderValue::from_static(SUBPROTOCOL),
    );
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(tls).connect(name, stream).await.unwrap();
    let mut socket = client_async(request, stream).await.unwrap().0;
    let hello: Hello = decode(&frame(&mut socket).await.data.unwrap()).unwrap();
    let resume = ResumeSession {
        device: device(number),
        proof: Bytes::copy_from_slice(hello.challenge.as_bytes()),
    };
    let start = StartSync {
        incarnation: None,
        cursors: vec![],
    };
    for request in [Request::new(1, &resume), Request::new(2, &start)] {
        socket
            .send(Message::Binary(encode(&request)))
            .await
            .unwrap();
        assert!(frame(&mut socket).await.ok.is_some());
    }
    socket
}

async fn frame(socket: &mut Socket) -> ServerFrame {
    let message = socket.next().await.unwrap().unwrap();
    decode(&message.into_data()).unwrap()
}

async fn client(sessions: usize) {
    let mut server = Server::start();
    let (empty, _, _) = server.figures();
    let begun = Instant::now();
    let mut sockets = Vec::new();
    let mut opening = FuturesUnordered::new();
    for number in 0..sessions.max(100) {
        opening.push(open(server.port, Arc::clone(&server.tls), number));
        if opening.len() >= 32 {
            sockets.push(opening.next().await.unwrap());
        }
    }
    while let Some(socket) = opening.next().await {
        sockets.push(socket);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (full, cpu, _) = server.figures();
    println!(
        "{} sessions opened and signed in: {seconds:.2} s, server {cpu} ms",
        sockets.len()
    );
    println!(
        "resident: {empty} KB empty, {full} KB with them: {:.1} KB each",
        (full - empty) as f64 / sockets.len() as f64
    );
    drop(sockets);
    deliveries(&mut server, 64, 100).await;
    deliveries(&mut server, 1, 1000).await;
}

/// Only 100 sessions, all of one member.
async fn deliveries(server: &mut Server, round: usize, rounds: usize) {
    let (done, mut all_done) = tokio::sync::mpsc::channel::<()>(1000);
    let mut tasks = Vec::new();
    for number in 0..100 {
        let mut socket = open(server.port, Arc::clone(&server.tls), number).await;
        let done = done.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..rounds {
                for _ in 0..round {
                    socket.next().await.unwrap().unwrap();
                }
                done.send(()).await.unwrap();
            }
        }));
    }
    let (_, cpu_before, _) = server.figures();
    let begun = Instant::now();
    for _ in 0..rounds {
        server.say(&round.to_string());
        for _ in 0..100 {
            all_done.recv().await.unwrap();
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (_, cpu, resyncs) = server.figures();
    let deliveries = (rounds * round * 100) as f64;
    println!(
        "{round} at a time: {deliveries} deliveries to 100 sessions in {seconds:.2} s: {:.0}/s; server {:.4} CPU s per 1,000; {resyncs} resyncs",
        deliveries / seconds,
        (cpu - cpu_before) as f64 / deliveries,
    );
}
