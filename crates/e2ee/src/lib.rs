//! End-to-end encryption: keys, identity, passphrase sign-in, vault, MLS, content. No I/O and no clock.
//!
//! `docs/crypto.md` specifies every label, byte layout, key and associated data; the test vectors in
//! `vectors/` are made once and checked for ever. Unaudited.
//!
//! Randomness is passed in, with one exception: the HPKE encapsulation of the libcrux provider draws from the
//! operating system's (in the browser: the browser's) generator itself.
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(test)]
#[macro_use]
mod testing;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod decoders;
#[cfg(test)]
mod known_answers;

pub mod approval;
pub mod device;
pub mod error;
pub mod hpke;
pub mod identity;
pub mod invitation;
pub mod kdf;
pub mod local;
pub mod opaque;
pub mod passphrase;
pub mod recovery;
pub mod reset;
pub mod signing;
pub mod suite;
pub mod vault;

// conversations
pub mod content;
pub mod links;
pub mod mls;
pub mod policy;
pub mod repair;
pub mod restart;
pub mod statement;
pub mod transcript;

pub use error::Error;
