//! The client engine, sans-IO: connection, sign-in, sync, outbox, timeline. It runs in terminals, browsers and phones.
//!
//! A driver feeds it with what happened ([`Engine::connected`], [`Engine::frame`], [`Engine::command`], …) and then
//! takes [`Output`]s until there are none. The time is passed in; randomness comes from `ambient::Random`; everything
//! kept goes through the [`Store`] port, synchronously, and before anything that depends on it is sent.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
mod approval;
mod carry_out;
pub mod command;
mod connection;
mod conversation;
mod devices;
mod engine;
mod failure;
mod forgotten;
mod held;
mod invitations;
mod leaves;
mod leaving;
mod lookups;
mod loose;
mod members;
mod outbox;
mod own;
mod passphrase;
mod pending;
mod people;
mod personal;
mod receipts;
mod recovery;
mod resets;
mod server_time;
mod sign_in;
pub mod store;
mod timeline;
mod vault;
mod verification;
pub mod view;
mod views;

pub use command::{Command, Doing, NewAccount, SeenNotices, Update};
pub use engine::{Config, Engine};
pub use failure::Failure;
pub use store::{Batch, MemoryStore, Space, Store, StoreError};

use protocol::Bytes;

/// What the driver must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a connection, then call [`Engine::connected`] or [`Engine::disconnected`].
    Connect,
    /// Send a frame on the open connection.
    Send(Bytes),
    /// Close the connection, then call [`Engine::disconnected`].
    Disconnect,
    /// Tell the person.
    Update(Update),
}
