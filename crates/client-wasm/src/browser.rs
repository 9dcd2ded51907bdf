//! The engine on what a browser's worker offers.

mod client;
mod disk;
mod driver;
mod host;
mod idb;
mod js;
mod kept;
mod keys;
mod panic;
mod socket;
mod time;
mod updates;

pub use client::Client;
