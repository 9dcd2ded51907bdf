//! A real server process, members over real sockets, and people with real clients.
#![allow(dead_code)]

mod person;
mod server;
mod wire;

pub use person::{Person, passphrase};
pub use server::{FAST, Server};
pub use wire::{Wire, direct, entries, founded, invite, set_up, sign_in, signed_in};
