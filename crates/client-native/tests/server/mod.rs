//! A small server of the transport: TLS 1.3, the subprotocol, and answers by a rule.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use client_native::{Fingerprint, ServerAddress};
use futures_util::{SinkExt, StreamExt};
use protocol::limits::{SOCKET_PATH, SUBPROTOCOL};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer},
        version::TLS13,
    },
};
use tokio_tungstenite::tungstenite::{
    Message,
    handshake::server::{ErrorResponse, Request, Response},
    http::{HeaderValue, StatusCode, header::SEC_WEBSOCKET_PROTOCOL},
};

/// What the server does with frames.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Sends each back.
    Echo,
    /// Keeps silent, as a host behind a dead network does.
    Nothing,
    /// Refuses the WebSocket.
    NotFound,
    /// After the first frame, sends that many.
    Flood(usize),
}

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "test authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der())
    }
}

#[derive(Default)]
struct Seen {
    sessions: AtomicUsize,
    goodbye: Notify,
}

pub struct Server {
    address: SocketAddr,
    authority: Fingerprint,
    seen: Arc<Seen>,
    tasks: JoinSet<()>,
}

/// A certificate that signed itself, as an operator may give one.
fn self_signed() -> (TlsAcceptor, Fingerprint) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = params.self_signed(&key).unwrap();
    let shown = Fingerprint::of(leaf.der());
    (acceptor(vec![leaf.der().clone()], &key), shown)
}

fn config(signer: &Authority, shown: &Authority, names: &[&str]) -> TlsAcceptor {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &signer.0)
        .unwrap();
    let chain = vec![leaf.der().clone(), shown.der()];
    acceptor(chain, &key)
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

impl Server {
    pub async fn start(authority: &Authority, answer: Answer) -> Self {
        Self::start_named(authority, answer, &["127.0.0.1"]).await
    }

    pub async fn start_named(authority: &Authority, answer: Answer, names: &[&str]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self::serve(
            listener,
            authority.fingerprint(),
            config(authority, authority, names),
            answer,
        )
    }

    /// Signed by one authority, but showing another one in its chain.
    pub async fn start_pretending(signer: &Authority, shown: &Authority, answer: Answer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self::serve(
            listener,
            shown.fingerprint(),
            config(signer, shown, &["127.0.0.1"]),
            answer,
        )
    }

    pub async fn start_self_signed(answer: Answer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (tls, shown) = self_signed();
        Self::serve(listener, shown, tls, answer)
    }

    pub async fn start_at(authority: &Authority, answer: Answer, at: &ServerAddress) -> Self {
        let listener = TcpListener::bind((at.host(), at.port())).await.unwrap();
        Self::serve(
            listener,
            authority.fingerprint(),
            config(authority, authority, &["127.0.0.1"]),
            answer,
        )
    }

    fn serve(
        listener: TcpListener,
        authority: Fingerprint,
        tls: TlsAcceptor,
        answer: Answer,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let mut tasks = JoinSet::new();
        let in_task = seen.clone();
        tasks.spawn(async move {
            let mut sessions = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                sessions.spawn(session(stream, tls.clone(), answer, in_task.clone()));
            }
        });
        Self {
            address,
            authority,
            seen,
            tasks,
        }
    }

    pub fn address(&self) -> ServerAddress {
        self.address.to_string().parse().unwrap()
    }

    pub fn authority(&self) -> Fingerprint {
        self.authority
    }

    /// WebSocket sessions opened until now.
    pub fn sessions(&self) -> usize {
        self.seen.sessions.load(Ordering::SeqCst)
    }

    /// Waits until a session was closed in order by its client.
    pub async fn saw_goodbye(&self) {
        let goodbye = self.seen.goodbye.notified();
        tokio::time::timeout(Duration::from_secs(20), goodbye)
            .await
            .unwrap();
    }

    /// Drops all connections and stops listening, as a killed process does.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

#[allow(clippy::result_large_err)] // the signature that the WebSocket crate wants
fn check(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    assert_eq!(request.uri().path(), SOCKET_PATH);
    assert_eq!(
        request.headers().get(SEC_WEBSOCKET_PROTOCOL).unwrap(),
        SUBPROTOCOL
    );
    assert!(!request.headers().contains_key("origin"));
    let protocol = HeaderValue::from_static(SUBPROTOCOL);
    response
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    Ok(response)
}

#[allow(clippy::result_large_err)]
fn refuse(_: &Request, _: Response) -> Result<Response, ErrorResponse> {
    let mut refusal = ErrorResponse::new(None);
    *refusal.status_mut() = StatusCode::NOT_FOUND;
    Err(refusal)
}

async fn session(stream: TcpStream, tls: TlsAcceptor, answer: Answer, seen: Arc<Seen>) {
    let Ok(stream) = tls.accept(stream).await else {
        return;
    };
    let accepted = if answer == Answer::NotFound {
        tokio_tungstenite::accept_hdr_async(stream, refuse).await
    } else {
        tokio_tungstenite::accept_hdr_async(stream, check).await
    };
    let Ok(mut socket) = accepted else {
        return;
    };
    seen.sessions.fetch_add(1, Ordering::SeqCst);
    while let Some(Ok(message)) = socket.next().await {
        match (message, answer) {
            (Message::Close(_), _) => seen.goodbye.notify_one(),
            (message @ Message::Binary(_), Answer::Echo) => socket.send(message).await.unwrap(),
            (Message::Binary(_), Answer::Flood(frames)) => {
                for n in 0..frames {
                    let frame = format!("flood {n}").into_bytes();
                    socket.send(Message::binary(frame)).await.unwrap();
                }
            }
            _ => {}
        }
    }
}

/// An address where connections are taken and never answered.
pub struct Deaf(TcpListener);

pub async fn deaf_address() -> Deaf {
    Deaf(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap())
}

impl Deaf {
    pub fn address(&self) -> ServerAddress {
        self.0.local_addr().unwrap().to_string().parse().unwrap()
    }

    /// Waits until somebody has connected; the connection stays open and silent until the process ends.
    pub async fn somebody_came(&self) {
        let accepted = tokio::time::timeout(Duration::from_secs(20), self.0.accept()).await;
        std::mem::forget(accepted.unwrap().unwrap());
    }

    /// Stops listening.
    pub fn close(self) -> ServerAddress {
        self.address()
    }
}
