//! A terminal with the real client in it, and a network that can fail.

pub mod proxy;
pub mod terminal;
