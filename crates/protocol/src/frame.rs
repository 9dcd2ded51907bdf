//! Frames: the envelope of requests, replies and events.
//!
//! Parameters, results and event data are MessagePack structures carried as opaque `bin`, so that an unknown method or
//! event never breaks the decoding of its frame (ADR 0005).

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    error::{ErrorCode, WireError},
    guard, msgpack,
};

/// A frame could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a frame of this protocol: {0}")]
pub struct DecodeError(pub String);

/// Encodes any structure of the protocol as MessagePack with named fields.
///
/// # Panics
/// Never for the types of this crate: they have string keys and no unserialisable parts.
pub fn encode<T: Serialize>(value: &T) -> Bytes {
    match rmp_serde::to_vec_named(value) {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) => unreachable!("protocol types always encode: {error}"),
    }
}

/// Decodes one MessagePack structure; trailing bytes are refused.
///
/// Hostile lengths, nesting and crowds of tiny values are refused before anything is allocated for them.
///
/// # Errors
/// [`DecodeError`] when the bytes are not exactly one such structure. Its message has none of the content.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    guard::check(bytes)?;
    msgpack::from_slice(bytes, guard::DEPTH_MAX + 1).map_err(|error| DecodeError(error.to_string()))
}

/// What a client sends.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the client, unique among its unanswered requests of this connection.
    pub id: u64,
    /// Name of the method, such as `conversations.send`.
    pub method: String,
    /// MessagePack of the method's parameters.
    pub params: Bytes,
}

impl fmt::Debug for Request {
    /// Without the parameters: some are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("params", &format_args!("{} bytes", self.params.len()))
            .finish()
    }
}

/// What the server sends: a reply (`id` and `ok` or `err`) or an event (`event` and `data`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ServerFrame {
    /// The request that this replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// MessagePack of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<Bytes>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<WireError>,
    /// Name of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// MessagePack of the event's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Bytes>,
}

/// A method: its parameters' type knows its name and its result.
pub trait Method: Serialize + DeserializeOwned {
    /// Name on the wire.
    const NAME: &'static str;
    /// Whether it needs a signed-in session.
    const SIGNED_IN: bool;
    /// Type of the result.
    type Reply: Serialize + DeserializeOwned;
}

/// An event that the server sends by itself.
pub trait EventData: Serialize + DeserializeOwned {
    /// Name on the wire.
    const NAME: &'static str;
}

impl Request {
    /// Packs a method's parameters.
    pub fn new<M: Method>(id: u64, params: &M) -> Self {
        Self {
            id,
            method: M::NAME.to_owned(),
            params: encode(params),
        }
    }
}

impl ServerFrame {
    /// A reply with a result.
    pub fn ok<T: Serialize>(id: u64, value: &T) -> Self {
        Self {
            id: Some(id),
            ok: Some(encode(value)),
            ..Self::default()
        }
    }

    /// A refusal. `id` is absent when the request's id could not be read.
    #[must_use]
    pub fn err(id: Option<u64>, error: WireError) -> Self {
        Self {
            id,
            err: Some(error),
            ..Self::default()
        }
    }

    /// An event.
    pub fn event<E: EventData>(data: &E) -> Self {
        Self {
            event: Some(E::NAME.to_owned()),
            data: Some(encode(data)),
            ..Self::default()
        }
    }
}

impl From<DecodeError> for WireError {
    fn from(error: DecodeError) -> Self {
        WireError::new(ErrorCode::BadRequest).with_message(error.to_string())
    }
}
