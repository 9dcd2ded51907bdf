//! The listening server: TCP, TLS, HTTP.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::{
    gateway::Gateway,
    meter::{Meter, Metered},
    seats::{Seat, Seats},
    socket::router,
};

/// Sockets of one address beyond its sessions: handshakes, plain requests.
const SPARE_SOCKETS: u32 = 64;
/// HTTP requests on one TLS connection must be done within this; WebSockets live longer.
const PLAIN_HTTP: Duration = Duration::from_secs(60);
/// Bytes of headers read at most.
const HEADER_BYTES: usize = 16 * 1024;

/// Who is on the other side of a socket. Its clones hold one seat together.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    pub(crate) meter: Arc<Meter>,
    _seat: Arc<Seat>,
}

/// Listens on `address`, or, when it is absent, on `port` of every address: IPv6 and IPv4 on one socket, or IPv4 alone
/// where there is no IPv6.
///
/// # Errors
/// When the port is taken or may not be used.
pub async fn bind(address: Option<SocketAddr>, port: u16) -> io::Result<TcpListener> {
    if let Some(address) = address {
        return TcpListener::bind(address).await;
    }
    match TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await
        }
        result => result,
    }
}

/// Accepts connections for `gateway` until `stop` is ready, then returns at once: sessions go on until
/// [`Gateway::shut_down`] ends them.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    gateway: Arc<Gateway>,
    stop: impl Future<Output = ()>,
) {
    let router = router(Arc::clone(&gateway));
    let acceptor = TlsAcceptor::from(tls);
    let limits = gateway.config.limits;
    let sockets = Seats::new(
        limits.connections_per_address.saturating_add(SPARE_SOCKETS),
        gateway.config.connections.saturating_add(SPARE_SOCKETS),
    );
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: waiting lets others end.
                tracing::warn!(%error, "accepting a connection");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let address = address.ip().to_canonical();
        let Some(seat) = sockets.take(address) else {
            gateway.counters.connections_refused.add(1);
            continue;
        };
        let peer = Peer {
            address,
            meter: Arc::default(),
            _seat: Arc::new(seat),
        };
        let patience = gateway.config.handshake_timeout;
        tokio::spawn(connection(
            stream,
            acceptor.clone(),
            router.clone(),
            peer,
            patience,
        ));
    }
}

/// One TCP connection until it ends or becomes a WebSocket.
async fn connection(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    router: axum::Router,
    peer: Peer,
    patience: Duration,
) {
    let _ = stream.set_nodelay(true);
    let handshake = acceptor.accept_with(stream, |tls| {
        // What may wait inside TLS; the rest waits in the outbox, where it is counted.
        tls.set_buffer_limit(Some(64 * 1024));
    });
    let Ok(Ok(stream)) = timeout(patience, handshake).await else {
        return;
    };
    let stream = Metered::new(stream, Arc::clone(&peer.meter));
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(HEADER_BYTES)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // Boxed, so that the task of a session does not carry the whole HTTP state machine.
    let _ = timeout(PLAIN_HTTP, Box::pin(http)).await;
}
