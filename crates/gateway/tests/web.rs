//! The web app and its entrance on this machine, over real sockets.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;

use std::{net::Ipv6Addr, sync::Arc};

use fakes::World;
use gateway::{
    Asset, Config, WebApp,
    server::{Site, bind, bind_local, serve, serve_local},
    tls::{Authority, Current, Names, server_config},
};
use protocol::limits::{SOCKET_PATH, SUBPROTOCOL};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// `console.log("chat");` and a line break, forty times, in Brotli.
const SCRIPT: &[u8] = &[
    0x1b, 0x47, 0x03, 0xf8, 0x9d, 0x07, 0x76, 0xec, 0x62, 0xba, 0x62, 0xb2, 0xce, 0x91, 0xd7, 0x0a,
    0x29, 0x3b, 0x63, 0x52, 0x04, 0x25, 0x2c, 0xd1, 0xd8, 0xde, 0xd2, 0xe5, 0x8c, 0xae, 0x0a, 0x69,
    0xb0, 0x48, 0xe0, 0xc5, 0x4b, 0x3b, 0x5d, 0xf6, 0x0c,
];

const fn plain(path: &'static str, bytes: &'static [u8]) -> Asset {
    Asset {
        path,
        bytes,
        brotli: false,
    }
}

const ASSETS: [Asset; 5] = [
    plain("index.html", b"<!doctype html>the app"),
    plain("icon.svg", b"<svg/>"),
    plain("assets/inter-1a.woff2", b"font"),
    plain("assets/unknown-1a.strange", b"<script>"),
    Asset {
        path: "assets/app-1a.js",
        bytes: SCRIPT,
        brotli: true,
    },
];

struct Local {
    _world: World,
    port: u16,
}

async fn local(assets: &[Asset]) -> Local {
    let world = World::new(Config::default()).await;
    let site = Site {
        gateway: Arc::clone(&world.gateway),
        web: Arc::new(WebApp::new(assets)),
    };
    let listeners = bind_local(0).await.unwrap();
    let port = listeners[0].local_addr().unwrap().port();
    for listener in listeners {
        tokio::spawn(serve_local(listener, site.clone(), std::future::pending()));
    }
    Local {
        _world: world,
        port,
    }
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

async fn ask(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
    let end = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(all[..end].to_vec()).unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: all[end + 4..].to_vec(),
    }
}

impl Local {
    async fn raw(&self, request: &str) -> Answer {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        ask(stream, request).await
    }

    async fn request(&self, method: &str, path: &str, headers: &[&str]) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n",
            self.port
        );
        for header in headers {
            request += header;
            request += "\r\n";
        }
        self.raw(&(request + "\r\n")).await
    }

    async fn get(&self, path: &str, headers: &[&str]) -> Answer {
        self.request("GET", path, headers).await
    }

    async fn upgrade(&self, host: &str, origin: Option<&str>) -> Answer {
        let mut request = format!(
            "GET {SOCKET_PATH} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n"
        );
        if let Some(origin) = origin {
            request += &format!("Origin: {origin}\r\n");
        }
        request += "\r\n";
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            body: Vec::new(),
        }
    }
}

const PAGE: &str = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

#[tokio::test]
async fn files_have_their_types_and_are_kept_as_long_as_their_names_allow() {
    let server = local(&ASSETS).await;
    let index = server.get("/", &[PAGE]).await;
    assert_eq!(index.status, 200);
    assert_eq!(index.body, b"<!doctype html>the app");
    assert_eq!(
        index.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(index.header("cache-control"), Some("no-cache"));
    let icon = server.get("/icon.svg", &[]).await;
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
    assert_eq!(icon.header("cache-control"), Some("no-cache"));
    let font = server.get("/assets/inter-1a.woff2", &[]).await;
    assert_eq!(font.header("content-type"), Some("font/woff2"));
    let immutable = "public, max-age=31536000, immutable";
    assert_eq!(font.header("cache-control"), Some(immutable));
    let strange = server.get("/assets/unknown-1a.strange", &[]).await;
    let bytes = Some("application/octet-stream");
    assert_eq!(strange.header("content-type"), bytes, "nothing to run");
}

#[tokio::test]
async fn what_is_kept_compressed_is_sent_so_or_opened() {
    let server = local(&ASSETS).await;
    let path = "/assets/app-1a.js";
    let small = server
        .get(path, &["Accept-Encoding: gzip, deflate, br, zstd"])
        .await;
    assert_eq!(small.header("content-encoding"), Some("br"));
    assert_eq!(small.body, SCRIPT);
    let text = "console.log(\"chat\");\n".repeat(40);
    for refusal in ["Accept-Encoding: gzip", "Accept-Encoding: br;q=0"] {
        let plain = server.get(path, &[refusal]).await;
        assert_eq!(plain.header("content-encoding"), None, "{refusal}");
        assert_eq!(plain.body, text.as_bytes());
        assert_ne!(plain.header("etag"), small.header("etag"));
        assert_eq!(plain.header("vary"), Some("accept-encoding"));
    }
}

#[tokio::test]
async fn what_one_has_is_not_sent_again() {
    let server = local(&ASSETS).await;
    for path in ["/", "/assets/app-1a.js"] {
        let whole = server.get(path, &[PAGE, "Accept-Encoding: br"]).await;
        let have = format!("If-None-Match: {}", whole.header("etag").unwrap());
        let again = server
            .get(path, &[PAGE, "Accept-Encoding: br", &have])
            .await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), whole.header("etag"));
        assert_eq!(again.header("cache-control"), whole.header("cache-control"));
        let other = server
            .get(path, &[PAGE, "If-None-Match: \"another\""])
            .await;
        assert_eq!(other.status, 200, "{path}");
    }
}

#[tokio::test]
async fn head_answers_as_get_without_the_bytes_and_other_methods_are_refused() {
    let server = local(&ASSETS).await;
    for path in ["/", "/assets/app-1a.js", "/icon.svg"] {
        let accept = [PAGE, "Accept-Encoding: br"];
        let get = server.get(path, &accept).await;
        let head = server.request("HEAD", path, &accept).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        for name in ["content-length", "content-type", "etag"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = server.request(method, "/", &[]).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn routes_of_the_app_begin_with_its_page_and_files_that_are_not_there_are_not_found() {
    let server = local(&ASSETS).await;
    for route in ["/i", "/first-run", "/c/0a1b", "/settings/devices?x=1.js"] {
        let answer = server.get(route, &[PAGE]).await;
        assert_eq!(answer.status, 200, "{route}");
        assert_eq!(answer.body, b"<!doctype html>the app");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        // Not a person that goes there: a page that fetches something, or a program.
        assert_eq!(server.get(route, &["Accept: */*"]).await.status, 404);
    }
    for gone in [
        "/assets/app-0f.js",
        "/assets/",
        "/assets",
        "/assets/x",
        "/favicon.ico",
        "/old.css",
        "/v1/unknown",
    ] {
        let answer = server.get(gone, &[PAGE]).await;
        assert_eq!(answer.status, 404, "{gone}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{gone}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_table() {
    let server = local(&ASSETS).await;
    for path in [
        "/../Cargo.toml",
        "/assets/../index.html",
        "/assets/%2e%2e/index.html",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd.txt",
        "//index.html",
        "/index.html/",
        "/INDEX.HTML",
        "/assets/app-1a.js%00.html",
        "/etc/passwd.",
    ] {
        let answer = server.get(path, &["Accept: */*"]).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn without_the_app_a_page_says_how_to_get_it() {
    let server = local(&[]).await;
    let answer = server.get("/", &[PAGE]).await;
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("cargo xtask run") && text.contains("chatalk chat"));
    assert_eq!(server.get("/i", &[PAGE]).await.status, 404);
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let server = local(&ASSETS).await;
    let host = format!("localhost:{}", server.port);
    let foreign = server.upgrade(&host, Some("https://evil.example")).await;
    let answers = [
        server.get("/", &[PAGE]).await,
        server.get("/assets/app-1a.js", &[]).await,
        server.get("/nothing.js", &[]).await,
        server.get("/healthz", &[]).await,
        server.get(SOCKET_PATH, &[]).await,
        server.request("POST", "/", &[]).await,
        server.upgrade(&host, None).await,
        server
            .raw("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
            .await,
        foreign,
    ];
    for answer in &answers {
        let policy = answer.header("content-security-policy").unwrap();
        let rules: Vec<&str> = policy.split("; ").collect();
        for rule in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types chatalk-worker",
        ] {
            assert!(rules.contains(&rule), "{rule}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        for (name, value) in [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{}", answer.head);
        }
        let permissions = answer.header("permissions-policy").unwrap();
        assert!(permissions.contains("camera=(self)") && permissions.contains("geolocation=()"));
        assert_eq!(answer.header("strict-transport-security"), None);
        assert_eq!(answer.header("server"), None);
    }
    assert_eq!(answers[6].status, 101);
    assert_eq!(answers[7].status, 421);
    assert_eq!(answers[8].status, 403);
}

#[tokio::test]
async fn pages_under_other_names_get_nothing_on_the_local_entrance() {
    let server = local(&ASSETS).await;
    let port = server.port;
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("localhost:{}", port ^ 1),
        format!("localhost.evil.example:{port}"),
        "localhost".to_owned(),
    ] {
        for path in ["/", "/assets/app-1a.js", "/healthz", SOCKET_PATH] {
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let answer = server.raw(&request).await;
            assert_eq!(answer.status, 421, "{host} {path}");
            assert!(!String::from_utf8_lossy(&answer.body).contains("the app"));
        }
        assert_eq!(server.upgrade(&host, None).await.status, 421, "{host}");
    }
    for host in [format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(server.raw(&request).await.status, 200, "{host}");
    }
    let two = format!(
        "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    );
    assert_ne!(server.raw(&two).await.status, 200);
}

#[tokio::test]
async fn sessions_on_the_local_entrance_are_for_its_own_pages() {
    let server = local(&ASSETS).await;
    let port = server.port;
    let host = format!("localhost:{port}");
    let own = format!("http://localhost:{port}");
    assert_eq!(server.upgrade(&host, Some(&own)).await.status, 101);
    for origin in [
        format!("https://localhost:{port}"),
        format!("http://127.0.0.1:{port}"),
        format!("http://localhost:{}", port ^ 1),
        "http://localhost".to_owned(),
        "http://evil.example".to_owned(),
        "null".to_owned(),
        String::new(),
    ] {
        let answer = server.upgrade(&host, Some(&origin)).await;
        assert_eq!(answer.status, 403, "{origin}");
    }
}

#[tokio::test]
async fn the_local_entrance_is_on_loopback_alone_and_has_both_families() {
    let listeners = bind_local(0).await.unwrap();
    let port = listeners[0].local_addr().unwrap().port();
    for listener in &listeners {
        let address = listener.local_addr().unwrap();
        assert!(address.ip().is_loopback() && address.port() == port);
    }
    assert!(bind_local(port).await.is_err(), "it is taken");
    drop(listeners);
    // Somebody else on ::1 would be taken for this server.
    if let Ok(other) = tokio::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await {
        let port = other.local_addr().unwrap().port();
        assert!(bind_local(port).await.is_err());
    }
}

#[tokio::test]
async fn strict_transport_is_told_over_tls_where_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let names = Names {
        hosts: vec!["localhost".into()],
        addresses: Vec::new(),
    };
    let now = ambient::Clock::now(&ambient::SystemClock);
    let authority = Authority::load_or_make(folder.path(), &names, now).unwrap();
    let (identity, _) = authority.issue(&names, now).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).unwrap();
    let tls = server_config(Current::new(identity).unwrap()).unwrap();
    let world = World::new(Config::default()).await;
    for strict in [true, false] {
        let listener = bind(Some(([127, 0, 0, 1], 0).into()), 0).await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site {
            gateway: Arc::clone(&world.gateway),
            web: Arc::new(WebApp::new(&ASSETS)),
        };
        tokio::spawn(serve(
            listener,
            Arc::clone(&tls),
            site,
            strict,
            std::future::pending(),
        ));
        let config = ClientConfig::builder_with_provider(Arc::new(gateway::tls::provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config))
            .connect(ServerName::try_from("localhost").unwrap(), stream)
            .await
            .unwrap();
        let answer = ask(
            stream,
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        )
        .await;
        assert_eq!(answer.body, b"<!doctype html>the app");
        let told = answer.header("strict-transport-security").is_some();
        assert_eq!(told, strict);
    }
}
