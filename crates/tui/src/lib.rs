//! The terminal client: a thin view over `client`.
//!
//! [`app`] is the state and takes events; [`draw`] shows it; [`run`] ties both to a terminal and an engine. Every text
//! is in [`texts`], in every language.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod app;
pub mod calendar;
pub mod clean;
pub mod draw;
pub mod editor;
pub mod layout;
mod runner;
pub mod texts;
pub mod theme;

pub use runner::{Args, run};
