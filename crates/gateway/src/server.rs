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
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::{
    gateway::Gateway,
    meter::{Meter, Metered},
    routes::router,
    seats::{Seat, Seats},
    web::WebApp,
};

/// Sockets of one address beyond its sessions: handshakes, plain requests.
const SPARE_SOCKETS: u32 = 64;
/// HTTP requests on one connection must be done within this, the web app over a slow link too; WebSockets live longer.
const PLAIN_HTTP: Duration = Duration::from_secs(5 * 60);
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

/// Listens on `port` of this machine's loopback addresses and no other: one listener for IPv4, and one for IPv6 where there is
/// any. Port 0 takes a free one, the same for both.
///
/// # Errors
/// When the port is taken on either (whoever has the other one would be taken for this server), or may not be used.
pub async fn bind_local(port: u16) -> io::Result<Vec<TcpListener>> {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let port = v4.local_addr()?.port();
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(v6) => Ok(vec![v4, v6]),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(_) => Ok(vec![v4]),
    }
}

/// What is served: the sessions of a gateway, and the web app.
#[derive(Clone)]
pub struct Site {
    /// Where sessions go.
    pub gateway: Arc<Gateway>,
    /// The files of the app.
    pub web: Arc<WebApp>,
}

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// HTTPS, for everybody.
    Tls {
        /// Browsers are told to use nothing but HTTPS with this host for a year. They keep to it for all ports of the host, and
        /// then let nobody past a certificate that they do not know. That is right where a certificate that browsers know serves the
        /// whole host, on port 443. Elsewhere it would lock people out: of `http://localhost` beside `https://localhost`, of
        /// whatever else the machine serves, and of an instance whose own authority was made anew. There is nothing to be had for it
        /// either: no plain entrance is reachable from another machine, which somebody could lead people to.
        strict_transport: bool,
    },
    /// HTTP without TLS, for browsers on the machine itself: they trust it as they trust HTTPS, without a certificate.
    Local {
        /// The port that it is reached by.
        port: u16,
    },
}

impl Entrance {
    /// With what the addresses of its pages begin.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Tls { .. } => "https://",
            Self::Local { .. } => "http://",
        }
    }

    pub(crate) fn strict_transport(self) -> bool {
        matches!(
            self,
            Self::Tls {
                strict_transport: true
            }
        )
    }
}

/// Accepts connections over TLS for `site` until `stop` is ready, then returns at once: sessions go on until
/// [`Gateway::shut_down`] ends them.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    site: Site,
    strict_transport: bool,
    stop: impl Future<Output = ()>,
) {
    let entrance = Entrance::Tls { strict_transport };
    let acceptor = TlsAcceptor::from(tls);
    accept(listener, Some(acceptor), site, entrance, stop).await;
}

/// As [`serve`], without TLS: for listeners of [`bind_local`]. Requests that are not addressed to this machine by one of its own
/// names are refused.
///
/// # Errors
/// When the listener does not know its own port.
pub async fn serve_local(
    listener: TcpListener,
    site: Site,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let port = listener.local_addr()?.port();
    accept(listener, None, site, Entrance::Local { port }, stop).await;
    Ok(())
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    site: Site,
    entrance: Entrance,
    stop: impl Future<Output = ()>,
) {
    let gateway = Arc::clone(&site.gateway);
    let router = router(site, entrance);
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
        let (tls, router) = (tls.clone(), router.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match tls {
                Some(tls) => secured(stream, &tls, router, peer, patience).await,
                None => speak(stream, router, peer, patience).await,
            }
        });
    }
}

/// One TLS connection until it ends or becomes a WebSocket.
async fn secured(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    router: axum::Router,
    peer: Peer,
    patience: Duration,
) {
    let handshake = acceptor.accept_with(stream, |tls| {
        // What may wait inside TLS; the rest waits in the outbox, where it is counted.
        tls.set_buffer_limit(Some(64 * 1024));
    });
    if let Ok(Ok(stream)) = timeout(patience, handshake).await {
        speak(stream, router, peer, patience).await;
    }
}

/// HTTP on one connection until it ends or becomes a WebSocket.
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: axum::Router,
    peer: Peer,
    patience: Duration,
) {
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
