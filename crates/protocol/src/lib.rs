//! The wire between clients and server: ids, frames, requests, events, errors, limits. No I/O.
//!
//! `docs/protocol.md` is the same in words.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod ids;

pub use ids::{
    BadId, ConversationId, DeviceId, Hash32, IncarnationId, InstanceId, InvitationId, MemberId,
    MessageId,
};
