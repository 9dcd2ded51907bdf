//! One connection to a server: TCP, TLS 1.3, WebSocket.

use std::{io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt, stream::FuturesUnordered};
use protocol::{
    Bytes,
    limits::{SOCKET_PATH, SUBPROTOCOL},
};
use rustls::{CertificateError, Error as TlsError};
use tokio::{net::TcpStream, sync::mpsc, task::JoinHandle, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
        protocol::WebSocketConfig,
    },
};

use crate::{
    address::ServerAddress,
    trust::{self, Fingerprint, Trust},
};

/// A server that does not answer within this time is tried again later.
const PATIENCE: Duration = Duration::from_secs(10);
/// The next address is tried beside the one before after this time (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);
/// The largest frame taken from a server: trees of a thousand members have 2.7 MB.
const FRAME_MAX: usize = 16 * 1024 * 1024;
/// Frames between the connection and the engine, each way.
const QUEUE: usize = 64;

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Nothing answers at that address.
    #[error("nothing answers at that address: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("the server does not answer")]
    Slow,
    /// The server's certificate authority is not the pinned one: another server, or somebody in between.
    #[error("the server's certificate is not the one that was trusted")]
    NotTrusted,
    /// The server's certificate is not valid: another name, or another time.
    #[error("the server's certificate is not valid: {0}")]
    Certificate(String),
    /// Something answers, but it is not such a server.
    #[error("this is not a ChaTalK server: {0}")]
    NotAServer(String),
}

type Tls = TlsStream<TcpStream>;
type Socket = WebSocketStream<Tls>;

/// Looks which certificate authority a server shows, and whether its certificate is in order under it. With a pin, a
/// server that shows another one is refused. Nothing is sent to the server beyond the TLS handshake.
///
/// # Errors
/// [`LinkError`].
pub async fn probe(
    address: &ServerAddress,
    pin: Option<trust::Pin>,
) -> Result<Fingerprint, LinkError> {
    let trust = trust(pin)?;
    within(async { tls(address, &trust).await.map(drop) }).await?;
    trust
        .seen()
        .ok_or_else(|| LinkError::Certificate("no certificate authority".to_owned()))
}

pub(crate) fn trust(pin: Option<trust::Pin>) -> Result<Trust, LinkError> {
    Trust::new(pin).map_err(|error| LinkError::Certificate(error.to_string()))
}

pub(crate) async fn within<T>(
    attempt: impl Future<Output = Result<T, LinkError>>,
) -> Result<T, LinkError> {
    timeout(PATIENCE, attempt)
        .await
        .unwrap_or(Err(LinkError::Slow))
}

fn unreachable(error: &io::Error) -> LinkError {
    LinkError::Unreachable(error.to_string())
}

/// Connects to whichever address of the host answers first.
async fn tcp(address: &ServerAddress) -> Result<TcpStream, LinkError> {
    let found = tokio::net::lookup_host((address.host(), address.port()))
        .await
        .map_err(|error| unreachable(&error))?;
    let delayed = |(n, to): (u32, SocketAddr)| async move {
        tokio::time::sleep(STAGGER * n).await;
        TcpStream::connect(to).await
    };
    let mut attempts: FuturesUnordered<_> = (0..).zip(found).map(delayed).collect();
    let mut failure = LinkError::Unreachable("the host has no address".to_owned());
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(|e| unreachable(&e))?;
                return Ok(stream);
            }
            Err(error) => failure = unreachable(&error),
        }
    }
    Err(failure)
}

async fn tls(address: &ServerAddress, trust: &Trust) -> Result<Tls, LinkError> {
    let stream = tcp(address).await?;
    TlsConnector::from(trust.tls.clone())
        .connect(address.name(), stream)
        .await
        .map_err(
            |error| match error.get_ref().and_then(|e| e.downcast_ref::<TlsError>()) {
                Some(TlsError::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                    LinkError::NotTrusted
                }
                Some(TlsError::InvalidCertificate(error)) => {
                    LinkError::Certificate(error.to_string())
                }
                Some(error) => LinkError::NotAServer(error.to_string()),
                None => unreachable(&error),
            },
        )
}

/// A connection that is ready for frames. Boxed: the handshakes need much room, and only for a moment.
pub(crate) fn socket<'a>(
    address: &'a ServerAddress,
    trust: &'a Trust,
) -> Pin<Box<dyn Future<Output = Result<Socket, LinkError>> + Send + 'a>> {
    Box::pin(handshakes(address, trust))
}

async fn handshakes(address: &ServerAddress, trust: &Trust) -> Result<Socket, LinkError> {
    let stream = tls(address, trust).await?;
    let not_a_server = |error: tokio_tungstenite::tungstenite::Error| match error {
        tokio_tungstenite::tungstenite::Error::Io(error) => unreachable(&error),
        error => LinkError::NotAServer(error.to_string()),
    };
    let mut request = format!("wss://{}{SOCKET_PATH}", address.authority())
        .into_client_request()
        .map_err(not_a_server)?;
    request.headers_mut().insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    let config = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .write_buffer_size(16 * 1024)
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX));
    client_async_with_config(request, stream, Some(config))
        .await
        .map(|(socket, _)| socket)
        .map_err(not_a_server)
}

/// An open connection; it ends when this is dropped.
pub(crate) struct Link {
    /// Frames from the server; none = the connection is closed.
    pub(crate) incoming: mpsc::Receiver<Bytes>,
    /// Frames to the server.
    pub(crate) outgoing: mpsc::Sender<Bytes>,
    task: JoinHandle<()>,
}

impl Link {
    /// Connects to whichever of these addresses answers first as the trusted server.
    pub(crate) async fn open(
        addresses: Arc<[ServerAddress]>,
        trust: Arc<Trust>,
    ) -> Result<Self, LinkError> {
        let delayed = |(n, address)| {
            let trust = &trust;
            let attempt = async move {
                tokio::time::sleep(STAGGER * n).await;
                within(socket(address, trust)).await
            };
            Box::pin(attempt)
        };
        let mut attempts: FuturesUnordered<_> = (0..).zip(addresses.iter()).map(delayed).collect();
        let mut failure = LinkError::Unreachable("no address".to_owned());
        while let Some(attempt) = attempts.next().await {
            match attempt {
                Ok(socket) => return Ok(Self::start(socket)),
                // that somebody else answers is told even if another address is only dead
                Err(_) if failure == LinkError::NotTrusted => {}
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn start(socket: Socket) -> Self {
        let (to_engine, incoming) = mpsc::channel(QUEUE);
        let (outgoing, from_engine) = mpsc::channel(QUEUE);
        Self {
            incoming,
            outgoing,
            task: tokio::spawn(pump(socket, to_engine, from_engine)),
        }
    }

    /// Sends what is queued, says goodbye and closes, within a second.
    pub(crate) async fn close(mut self) {
        let (closed, _) = mpsc::channel(1);
        self.outgoing = closed;
        // ends anyway: the task is aborted with `self`
        let _ = timeout(Duration::from_secs(1), &mut self.task).await;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries frames both ways until either side ends.
async fn pump(
    socket: Socket,
    to_engine: mpsc::Sender<Bytes>,
    mut from_engine: mpsc::Receiver<Bytes>,
) {
    let (mut sink, mut stream) = socket.split();
    let write = async {
        while let Some(frame) = from_engine.recv().await {
            sink.feed(Message::Binary(frame)).await?;
            while let Ok(frame) = from_engine.try_recv() {
                sink.feed(Message::Binary(frame)).await?;
            }
            sink.flush().await?;
        }
        sink.close().await
    };
    let read = async {
        while let Some(Ok(message)) = stream.next().await {
            let sent = match message {
                Message::Binary(frame) => to_engine.send(frame).await,
                Message::Close(_) | Message::Text(_) => break,
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
            };
            if sent.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        written = write => {
            if let Err(error) = written {
                tracing::debug!(%error, "the connection ended while writing");
            }
        }
        () = read => {}
    }
}
