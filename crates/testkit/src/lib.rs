//! For tests only: real members, made of the parts of `e2ee`, without storage and without network.
//!
//! A [`Member`] gives the parameters of requests and takes their answers, so that tests can carry them to services, to
//! a gateway or over a socket as they like: register, invite, sign in, found, add, seal, open. Everything is seeded:
//! the same seed gives the same ids and keys (HPKE encapsulations excepted, see `e2ee`).
//!
//! It is not a client: it has no outbox, no gap repair and no retries, and panics where a test has gone wrong.
#![allow(clippy::missing_panics_doc, clippy::unwrap_used)]

mod conversation;
mod member;
mod own_account;
mod picture;
mod registration;
mod sign_in;
mod vault;

pub use conversation::Change;
pub use member::{Invited, Member};
pub use own_account::Proving;
pub use picture::picture;
pub use registration::Newcomer;
pub use sign_in::SigningIn;
pub use vault::Vault;
