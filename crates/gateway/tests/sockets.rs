//! Real sockets: TLS, HTTP, WebSocket.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use fakes::World;
use futures_util::{SinkExt, StreamExt};
use gateway::{
    Config,
    server::{Site, bind, serve},
    tls::{Authority, Current, Names, server_config},
};
use protocol::{
    Bytes, ErrorCode, Event, Request, ServerFrame, decode, encode,
    limits::{SOCKET_PATH, SUBPROTOCOL},
    methods::account::{Ping, ResumeSession},
};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName, version};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, StatusCode},
    },
};

/// 2026-11-22.
const NOW: u64 = 1_795_305_600_000;

struct Server {
    world: World,
    address: SocketAddr,
    roots: RootCertStore,
    _stop: oneshot::Sender<()>,
    _folder: tempfile::TempDir,
}

async fn server(config: Config) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let names = Names {
        hosts: vec!["localhost".into()],
        addresses: vec![[127, 0, 0, 1].into()],
    };
    let now = ambient::Clock::now(&ambient::SystemClock);
    let authority = Authority::load_or_make(folder.path(), &names, now).unwrap();
    let (identity, refused) = authority.issue(&names, now).unwrap();
    assert!(refused.is_empty());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).unwrap();
    let tls = server_config(Current::new(identity).unwrap()).unwrap();
    let world = World::new(config).await;
    let listener = bind(Some(([127, 0, 0, 1], 0).into()), 0).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let site = Site {
        gateway: Arc::clone(&world.gateway),
        web: Arc::default(),
    };
    tokio::spawn(serve(listener, tls, site, false, async {
        let _ = stopped.await;
    }));
    Server {
        world,
        address,
        roots,
        _stop: stop,
        _folder: folder,
    }
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;

impl Server {
    async fn tls(&self) -> TlsStream<TcpStream> {
        self.tls_with(&[&version::TLS13]).await.unwrap()
    }

    async fn tls_with(
        &self,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(gateway::tls::provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }

    async fn open(&self, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
        let url = format!("wss://localhost:{}{SOCKET_PATH}", self.address.port());
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, HeaderValue::from_str(value).unwrap());
        }
        Ok(client_async(request, self.tls().await).await?.0)
    }

    async fn socket(&self) -> Socket {
        self.open(&[("sec-websocket-protocol", SUBPROTOCOL)])
            .await
            .unwrap()
    }

    async fn get(&self, path: &str) -> String {
        let mut stream = self.tls().await;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }
}

async fn frame(socket: &mut Socket) -> ServerFrame {
    loop {
        match socket.next().await.expect("the socket ended").unwrap() {
            Message::Binary(bytes) => return decode(&bytes).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn ping(id: u64) -> Message {
    Message::Binary(encode(&Request::new(id, &Ping {})))
}

fn status(result: Result<Socket, Error>) -> StatusCode {
    match result {
        Err(Error::Http(response)) => response.status(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was let in"),
    }
}

#[tokio::test]
async fn a_session_speaks_over_tls_1_3_with_post_quantum_key_exchange() {
    let server = server(Config::default()).await;
    let mut socket = server.socket().await;
    let tls = socket.get_ref().get_ref().1;
    assert_eq!(
        tls.protocol_version(),
        Some(rustls::ProtocolVersion::TLSv1_3)
    );
    let group = tls.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
    let hello = frame(&mut socket).await;
    assert_eq!(hello.event.as_deref(), Some("hello"));
    for id in 0..200 {
        socket.feed(ping(id)).await.unwrap();
    }
    socket.flush().await.unwrap();
    for id in 0..200 {
        assert_eq!(frame(&mut socket).await.id, Some(id));
    }
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let server = server(Config::default()).await;
    assert!(server.tls_with(&[&version::TLS12]).await.is_err());
}

#[tokio::test]
async fn what_is_not_our_socket_is_refused_in_words() {
    let server = server(Config::default()).await;
    assert_eq!(status(server.open(&[]).await), StatusCode::BAD_REQUEST);
    let other = server
        .open(&[("sec-websocket-protocol", "chatalk.v9")])
        .await;
    assert_eq!(status(other), StatusCode::BAD_REQUEST);
    let foreign = [
        ("sec-websocket-protocol", SUBPROTOCOL),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(status(server.open(&foreign).await), StatusCode::FORBIDDEN);
    let own = format!("https://localhost:{}", server.address.port());
    let own = [
        ("sec-websocket-protocol", SUBPROTOCOL),
        ("origin", own.as_str()),
    ];
    assert!(server.open(&own).await.is_ok());
    assert!(server.get("/").await.contains("ChaTalk"));
    assert!(server.get("/healthz").await.ends_with("ok\n"));
    assert!(server.get("/v1/socket").await.starts_with("HTTP/1.1 4"));
    assert!(server.get("/nothing").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn an_oversized_frame_is_answered_and_ends_the_session() {
    let mut config = Config::default();
    config.limits.frame_bytes = 100_000;
    let server = server(config).await;
    // A little too large, and far too large: announced by its length alone.
    for size in [100_001, 10_000_000] {
        let mut socket = server.socket().await;
        frame(&mut socket).await;
        let large = Message::Binary(Bytes::from(vec![0; size]));
        if size > 1_000_000 {
            let mut header = vec![0x82, 0xff];
            header.extend((size as u64).to_be_bytes());
            header.extend([0; 4]);
            let stream = socket.get_mut();
            stream.write_all(&header).await.unwrap();
            stream.flush().await.unwrap();
        } else {
            socket.send(large).await.unwrap();
        }
        let refusal = frame(&mut socket).await;
        assert_eq!(refusal.err.unwrap().code, ErrorCode::TooLarge, "{size}");
        assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    }
    assert_eq!(server.world.gateway.counts().too_large, 2);
}

/// Sends the beginning of a frame of `announced` bytes.
async fn begin(socket: &mut Socket, announced: u64, bytes: usize) {
    let mut header = vec![0x82, 0xff];
    header.extend(announced.to_be_bytes());
    header.extend([0; 4]);
    let stream = socket.get_mut();
    stream.write_all(&header).await.unwrap();
    // Who is told off does not read the rest.
    let _ = stream.write_all(&vec![0; bytes]).await;
    let _ = stream.flush().await;
}

#[tokio::test]
async fn guests_may_leave_little_unfinished() {
    let config = Config {
        guest_frame_bytes: 100_000,
        guest_bytes_per_address: 200_000,
        request_bytes_per_account: 2_000_000,
        ..Config::default()
    };
    let server = server(config).await;
    // More than a guest's frame may have, though it is less than a member's.
    let mut large = server.socket().await;
    frame(&mut large).await;
    begin(&mut large, 1_000_000, 120_000).await;
    let refusal = frame(&mut large).await;
    assert_eq!(refusal.err.unwrap().code, ErrorCode::TooLarge);
    assert!(matches!(large.next().await, Some(Ok(Message::Close(_)))));
    // Each less, together more than one address may have.
    let mut waiting = Vec::new();
    loop {
        let mut socket = server.socket().await;
        frame(&mut socket).await;
        begin(&mut socket, 90_000, 80_000).await;
        waiting.push(socket);
        if waiting.len() < 4 {
            continue;
        }
        while server.world.gateway.counts().busy == 0 {
            tokio::task::yield_now().await;
        }
        break;
    }
    let told = waiting.iter_mut().map(|socket| Box::pin(frame(socket)));
    let (refusal, ..) = futures_util::future::select_all(told).await;
    let error = refusal.err.unwrap();
    assert_eq!((error.code, error.retryable), (ErrorCode::Busy, true));
    drop(waiting);
    // What they held comes back, and who is signed in is not concerned.
    while server.world.gateway.connection_count().0 > 0 {
        tokio::task::yield_now().await;
    }
    let mut member = server.socket().await;
    let hello = frame(&mut member).await;
    let Event::Hello(hello) = Event::decode("hello", &hello.data.unwrap()).unwrap() else {
        panic!("no hello");
    };
    let resume = ResumeSession {
        device: fakes::device(1, 1),
        proof: Bytes::copy_from_slice(hello.challenge.as_bytes()),
    };
    let resume = Message::Binary(encode(&Request::new(1, &resume)));
    member.send(resume).await.unwrap();
    assert!(frame(&mut member).await.ok.is_some());
    let mut body = fakes::message(1);
    body.body = Bytes::from(vec![0; 1_500_000]);
    server.world.conversations.gate.add_permits(1);
    let large = Message::Binary(encode(&Request::new(2, &body)));
    member.send(large).await.unwrap();
    assert!(frame(&mut member).await.ok.is_some());
    // Of one account together not more than the account may have at work.
    begin(&mut member, 4_000_000, 3_000_000).await;
    let refusal = frame(&mut member).await;
    assert_eq!(refusal.err.unwrap().code, ErrorCode::Busy);
}

#[tokio::test]
async fn a_malformed_frame_is_answered_and_ends_the_session() {
    let server = server(Config::default()).await;
    for message in [
        Message::Binary(Bytes::from_static(&[0xc1])),
        Message::text("{\"id\":1}"),
    ] {
        let mut socket = server.socket().await;
        frame(&mut socket).await;
        socket.send(message).await.unwrap();
        let refusal = frame(&mut socket).await;
        assert_eq!(refusal.err.unwrap().code, ErrorCode::BadFrame);
        assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    }
}

#[tokio::test]
async fn a_silent_guest_gets_goodbye() {
    let config = Config {
        guest_idle: Duration::from_millis(50),
        ..Config::default()
    };
    let server = server(config).await;
    let mut socket = server.socket().await;
    frame(&mut socket).await;
    let goodbye = frame(&mut socket).await;
    assert_eq!(goodbye.event.as_deref(), Some("goodbye"));
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn who_never_finishes_the_handshake_is_dropped() {
    let config = Config {
        handshake_timeout: Duration::from_millis(100),
        ..Config::default()
    };
    let server = server(config).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(silent.read(&mut [0; 16]).await.unwrap(), 0, "no TLS");
    let mut slow = server.tls().await;
    slow.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap();
    slow.flush().await.unwrap();
    let mut rest = Vec::new();
    let _ = slow.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP/1.1 200"), "no whole request");
}

#[tokio::test]
async fn too_many_connections_of_one_address_are_told_to_come_later() {
    let mut config = Config::default();
    config.limits.connections_per_address = 2;
    let server = server(config).await;
    let first = server.socket().await;
    let _second = server.socket().await;
    let third = server
        .open(&[("sec-websocket-protocol", SUBPROTOCOL)])
        .await;
    match third {
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()["retry-after"], "2");
        }
        other => panic!("{other:?}"),
    }
    drop(first);
    // The server notices the end of the first by itself.
    while server.world.gateway.connection_count().0 > 1 {
        tokio::task::yield_now().await;
    }
    server.socket().await;
}

#[tokio::test]
async fn shutting_down_says_goodbye_to_sockets() {
    let server = server(Config::default()).await;
    let mut socket = server.socket().await;
    frame(&mut socket).await;
    let gateway = Arc::clone(&server.world.gateway);
    let done = tokio::spawn(async move { gateway.shut_down(Duration::from_secs(60)).await });
    let goodbye = frame(&mut socket).await;
    let event = Event::decode("goodbye", &goodbye.data.unwrap()).unwrap();
    assert!(matches!(event, Event::Goodbye(_)));
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    drop(socket);
    done.await.unwrap();
}

#[test]
fn the_authority_is_made_once_and_signs_for_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let names = Names {
        hosts: vec!["chat.example".into()],
        addresses: vec!["203.0.113.5".parse().unwrap()],
    };
    let made = Authority::load_or_make(folder.path(), &names, NOW).unwrap();
    let later = Names {
        hosts: [
            "chat.example",
            "sub.chat.example",
            "localhost",
            "desk.local",
            "bank.example",
        ]
        .map(String::from)
        .to_vec(),
        addresses: [
            "203.0.113.5",
            "203.0.113.6",
            "192.168.7.7",
            "10.1.2.3",
            "127.0.0.1",
            "::1",
            "fd12::1",
        ]
        .map(|a| a.parse().unwrap())
        .to_vec(),
    };
    let loaded = Authority::load_or_make(folder.path(), &later, NOW).unwrap();
    assert_eq!(made.certificate(), loaded.certificate());
    let (identity, refused) = loaded.issue(&later, NOW).unwrap();
    assert_eq!(refused, ["bank.example", "203.0.113.6"]);
    assert_eq!(identity.chain.len(), 2);
    assert_eq!(identity.authority(), Some(made.certificate()));
    let nine_years = 9 * 365 * 24 * 3600 * 1000;
    assert!(loaded.issue(&names, NOW + nine_years).unwrap().1.is_empty());
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_only_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().join("tls");
    Authority::load_or_make(&tls, &Names::default(), NOW).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&tls) & 0o777, 0o700);
    let key = tls.join("authority.key");
    assert_eq!(mode(&key) & 0o777, 0o600);
    let before = std::fs::read(&key).unwrap();
    assert!(gateway::tls::write_private(&key, b"other").is_err());
    assert_eq!(std::fs::read(&key).unwrap(), before);
    std::fs::remove_file(&key).unwrap();
    let error = Authority::load_or_make(&tls, &Names::default(), NOW)
        .err()
        .unwrap();
    assert!(error.to_string().contains("authority.key"), "{error}");
}
