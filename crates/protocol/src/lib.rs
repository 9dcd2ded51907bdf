//! The wire between clients and server: ids, frames, requests, events, errors, limits. No I/O.
//!
//! `docs/protocol.md` is the same in words.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalogue;
mod describe;
pub mod details;
pub mod error;
pub mod events;
pub mod frame;
mod guard;
pub mod ids;
pub mod limits;
pub mod methods;
pub mod msgpack;
pub mod names;

pub use bytes::Bytes;
pub use describe::describe;
pub use error::{ErrorCode, WireError};
pub use events::Event;
pub use frame::{DecodeError, EventData, Method, Request, ServerFrame, decode, encode};
pub use ids::{
    BadId, ConversationId, DeviceId, Hash32, IncarnationId, InstanceId, InvitationId, MemberId,
    MessageId,
};
pub use names::NameError;
