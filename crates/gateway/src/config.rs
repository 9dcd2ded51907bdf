//! What an operator or a test chooses.

use std::{net::IpAddr, sync::Arc, time::Duration};

use protocol::limits::{Limits, VAULT_BYTES_MAX};

/// A token bucket: `burst` requests at once, then `per_second` on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Refilled in a second.
    pub per_second: u32,
    /// Held at most.
    pub burst: u32,
}

impl Rate {
    /// `per_second`, and twice as many at once.
    #[must_use]
    pub const fn per_second(per_second: u32) -> Self {
        Self {
            per_second,
            burst: per_second.saturating_mul(2),
        }
    }
}

/// Sees each decrypted frame. For tests that search them; never in everyday use.
pub trait FrameTap: Send + Sync {
    /// A frame went in (from a client) or out (to a client) on the connection of that number.
    fn frame(&self, connection: u64, direction: Direction, frame: &[u8]);
}

const MIB: u32 = 1024 * 1024;

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From a client.
    In,
    /// To a client.
    Out,
}

/// Configuration of a gateway.
#[derive(Clone)]
pub struct Config {
    /// What hello announces, and what is enforced.
    pub limits: Limits,
    /// Names of the modules that are switched on: the capabilities in hello.
    pub modules: Vec<String>,
    /// Requests of an address before sign-in.
    pub guest_requests: Rate,
    /// Receipts of one account.
    pub receipts: Rate,
    /// Receipts of one account in one conversation.
    pub receipts_of_one: Rate,
    /// Commits of one account to one conversation: each takes its senders' next messages through another round.
    pub commits: Rate,
    /// What makes the server work through trees, of one account: creations, commits, trees, Welcomes.
    pub changes: Rate,
    /// Bytes of one frame before sign-in. A registration has about a quarter of it.
    pub guest_frame_bytes: u32,
    /// Bytes of large frames of one address before sign-in, unfinished or at work.
    pub guest_bytes_per_address: u32,
    /// The same of all addresses together.
    pub guest_bytes: u32,
    /// Bytes of large frames of one account, unfinished or at work, waiting for the database included.
    pub request_bytes_per_account: u32,
    /// The same of all accounts together.
    pub request_bytes: u32,
    /// Connections that are not signed in, of one address.
    pub guests_per_address: u32,
    /// Connections that are not signed in, in total.
    pub guests: u32,
    /// Connections in total.
    pub connections: u32,
    /// A connection that is not signed in and asks nothing for so long is closed. Long enough to type a passphrase.
    pub guest_idle: Duration,
    /// Events that may wait for one connection.
    pub waiting_events: usize,
    /// Bytes of events that may wait for one connection. One event always may, whatever its size.
    pub waiting_bytes: usize,
    /// Notices of the bus that may wait for the fan-out.
    pub waiting_notices: usize,
    /// Accounts and addresses whose use is remembered.
    pub remembered: usize,
    /// A connection on which writing makes no progress for so long is closed.
    pub write_timeout: Duration,
    /// TLS handshake and HTTP request must be done within this.
    pub handshake_timeout: Duration,
    /// Version of the program, for hello.
    pub version: String,
    /// Sees each decrypted frame.
    pub tap: Option<Arc<dyn FrameTap>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            modules: Vec::new(),
            guest_requests: Rate {
                per_second: 50,
                burst: 500,
            },
            receipts: Rate::per_second(50),
            receipts_of_one: Rate {
                per_second: 1,
                burst: 5,
            },
            commits: Rate {
                per_second: 1,
                burst: 20,
            },
            changes: Rate {
                per_second: 5,
                burst: 100,
            },
            guest_frame_bytes: MIB,
            guest_bytes_per_address: 16 * MIB,
            guest_bytes: 128 * MIB,
            request_bytes_per_account: 32 * MIB,
            request_bytes: 256 * MIB,
            guests_per_address: 500,
            guests: 4_000,
            connections: 20_000,
            guest_idle: Duration::from_secs(5 * 60),
            waiting_events: 512,
            waiting_bytes: 1024 * 1024,
            waiting_notices: 8192,
            remembered: 100_000,
            write_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            tap: None,
        }
    }
}

impl Config {
    /// What hello announces.
    pub(crate) fn announced(&self) -> Limits {
        Limits {
            guest_frame_bytes: Some(self.guest_frame_bytes),
            guest_requests_per_second: Some(self.guest_requests.per_second),
            guests_per_address: Some(self.guests_per_address),
            changes_per_second: Some(self.changes.per_second),
            receipts_per_second: Some(self.receipts.per_second),
            vault_bytes: Some(VAULT_BYTES_MAX),
            ..self.limits
        }
    }
}

/// The part of an address by which clients are told apart: IPv4 whole, IPv6 by its /64 network.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let mut octets = v6.octets();
            octets[8..].fill(0);
            IpAddr::V6(octets.into())
        }
        v4 => v4,
    }
}
