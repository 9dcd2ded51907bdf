//! Measures any running instance from outside: sends a second, deliveries, catching up, reconnecting, idle sessions.
//!
//! Members are real ones: they register with keys of their own, and everything that the server checks is genuine.
//! Where it is the server that is measured the connections are *light*: they send bodies that were sealed before and
//! count the frames that arrive, without opening them. Where a client is measured it is the real core
//! (`client::Engine`, its store in memory).
//!
//! [`run`] gives a [`Report`], a table for people and JSON for programs. What the server itself used is read from
//! `/proc` when its process id is given, because client and server often share a machine.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod crowd;
mod error;
mod figures;
mod machine;
mod options;
mod pairs;
mod peek;
mod process;
mod real;
mod run;
mod scenarios;
mod session;
mod talk;

pub use error::Error;
pub use figures::{Figure, Report};
pub use options::{Options, Scenario};
pub use run::run;
