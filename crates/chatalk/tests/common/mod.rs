//! A real server process, members over real sockets, and people with real clients.
#![allow(dead_code, unused_imports)]

pub mod needles;
mod person;
mod server;
mod wire;

pub use person::{Person, passphrase};
pub use server::{Endpoint, FAST, Server};
pub use wire::{
    Wire, direct, entries, founded, invite, invited, now, register, set_up, sign_in, signed_in,
};
