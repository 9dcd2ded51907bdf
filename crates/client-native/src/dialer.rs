//! Connections for programs that carry the frames by themselves, such as the load test.

use rustls::HandshakeKind;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;

use crate::{
    address::ServerAddress,
    link::{self, LinkError},
    trust::{Fingerprint, Pin, Trust},
};

/// An open connection: one binary message is one frame. The first one is the server's hello.
pub type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// Whether TLS took up an earlier session, which costs both sides less than a full handshake.
#[must_use]
pub fn is_resumed(socket: &Socket) -> bool {
    socket.get_ref().get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed)
}

/// Opens any number of connections to one server, all under the same trust.
pub struct Dialer {
    address: ServerAddress,
    trust: Trust,
}

impl Dialer {
    /// For a server with this certificate authority.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(address: ServerAddress, authority: Fingerprint) -> Result<Self, LinkError> {
        Ok(Self {
            address,
            trust: link::trust(Some(Pin::Whole(authority)))?,
        })
    }

    /// One connection, within the time that any client waits for a server.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn dial(&self) -> Result<Socket, LinkError> {
        link::within(link::socket(&self.address, &self.trust)).await
    }
}
