//! The client engine in a browser's worker: thin bindings, no logic.
//!
//! [`types`] is what the app and the engine say to each other, and the source of `web/src/engine/generated.ts`.
//! `Client` (in WebAssembly alone) opens the store, runs the engine on the browser's socket, timers and clock, and
//! tells its updates.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod clock;
pub mod convert;
pub mod once;
pub mod types;

#[cfg(target_arch = "wasm32")]
mod browser;

#[cfg(target_arch = "wasm32")]
pub use browser::Client;
