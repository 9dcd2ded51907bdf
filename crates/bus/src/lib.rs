//! The bus port: a wake-up call between components. Nothing durable lives in it; losing it costs latency, never a message.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod contract;
mod deliveries;
mod local;

pub use deliveries::{Deliveries, Inlet, WAITING_BYTES_MAX, channel};
pub use local::LocalBus;

use bytes::Bytes;
use protocol::{ConversationId, MemberId};

/// What something is about; subscribers choose by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Events for everybody in a conversation.
    Conversation(ConversationId),
    /// Events for all devices of a member.
    Member(MemberId),
    /// Events for everybody.
    Everyone,
}

/// An event on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub topic: Topic,
    /// The server frame, encoded once and shared.
    pub frame: Bytes,
    /// What the carrying component must know without decoding the frame.
    pub hint: Hint,
}

impl Notice {
    /// An event, encoded.
    pub fn event<E: protocol::EventData>(topic: Topic, event: &E) -> Self {
        Self {
            topic,
            frame: protocol::encode(&protocol::ServerFrame::event(event)),
            hint: Hint::None,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: Hint) -> Self {
        self.hint = hint;
        self
    }
}

/// What a gateway must do besides passing the frame on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Nothing.
    None,
    /// The member is now in this conversation: its sessions subscribe to it.
    Joined(ConversationId),
    /// The member is no longer in this conversation: its sessions unsubscribe.
    Left(ConversationId),
    /// A device of the member is signed out: its sessions end.
    SignedOut(protocol::DeviceId),
    /// The frame is for this device of the member too, whose session hears of nothing else because it waits to be let in.
    Waits(protocol::DeviceId),
    /// The member may not be here any more (suspended, or their account is closed): all their sessions end.
    Ended,
}

/// Carries notices between components.
pub trait Bus: Send + Sync {
    /// Passes a notice to all subscribers of its topic. Never waits; a full subscriber loses it and is told so.
    fn publish(&self, notice: Notice);
    /// A new subscriber without topics, whose queue holds `capacity` notices, and [`WAITING_BYTES_MAX`] of their frames.
    fn subscribe(&self, capacity: usize) -> Subscription;
}

/// What a subscriber gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A notice.
    Notice(Notice),
    /// At least one notice was lost since the last delivery.
    Lost,
}

/// Changes the topics of one subscriber.
pub trait Topics: Send + Sync {
    /// Adds a topic.
    fn add(&self, topic: Topic);
    /// Removes a topic.
    fn remove(&self, topic: Topic);
}

/// A subscriber's two halves.
pub struct Subscription {
    /// Which topics it gets.
    pub topics: Box<dyn Topics>,
    /// What arrives. Ends when the bus ends.
    pub deliveries: Deliveries,
}
