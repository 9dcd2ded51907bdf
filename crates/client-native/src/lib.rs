//! Drives the client engine natively: its store in SQLite, its connection over TLS on tokio, its timers.
//!
//! [`spawn`] opens a folder and gives a [`Handle`] to command and query the engine and a receiver of its updates. The
//! server is trusted by the fingerprint of its certificate authority alone ([`trust`]); the system's list of
//! authorities is never used.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod address;
mod clock;
mod core;
mod dialer;
pub mod driver;
mod engine;
pub mod folder;
mod handle;
mod link;
mod network;
pub mod store;
pub mod trust;

pub use crate::core::Core;
pub use address::ServerAddress;
pub use dialer::{Dialer, Socket, is_resumed};
pub use driver::{Driver, Peer};
pub use engine::Running;
pub use folder::{Folder, FolderError, Known};
pub use handle::{Handle, Stopped};
pub use link::{LinkError, probe};
pub use store::SqliteStore;
pub use trust::{Fingerprint, Pin};
