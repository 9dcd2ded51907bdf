//! A world of clients and one server in one thread: real engines, real services, real database, but a virtual clock and
//! a network that delays, repeats and loses frames, and machines that crash. The same seed gives the same run.
#![allow(clippy::unwrap_used)] // test support: a broken world may panic
#![allow(clippy::missing_panics_doc)]

pub mod check;
pub mod disk;
pub mod forger;
pub mod play;
pub mod puppet;
mod server;
pub mod shrink;
pub mod story;
pub mod world;

pub use forger::Forged;
pub use puppet::Puppet;
pub use server::Server;
pub use world::{Device, Faults, World};
