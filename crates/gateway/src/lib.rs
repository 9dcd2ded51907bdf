//! The edge of the server: connections, their rules and limits, fan-out of events; TLS, WebSocket and HTTP around them.
//!
//! [`Gateway::connect`] gives a [`Connection`] and an [`Outbox`] that know nothing of sockets: frames go in, frames come
//! out. [`server`] carries them over TLS and WebSocket; a simulation carries them in memory.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod connection;
mod counters;
mod fan_out;
mod gateway;
mod meter;
mod methods;
mod outbox;
mod outgoing;
mod rates;
mod room;
mod routes;
mod seats;
pub mod server;
mod session;
mod socket;
pub mod tls;
mod web;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use accounts::Origin;
pub use config::{Config, Direction, FrameTap, Rate, network};
pub use connection::{Closed, Connection};
pub use counters::Counts;
pub use gateway::{Gateway, Services};
pub use methods::names as method_names;
pub use outgoing::Outbox;
pub use web::{Asset, WebApp};

/// Locks, also after another thread panicked: nothing here is left half-changed by a panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
