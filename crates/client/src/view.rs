//! View models: what a screen shows, ready to draw.

use std::fmt;

use protocol::{ConversationId, MemberId, MessageId};

/// The connection, for one quiet line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionView {
    /// Being made.
    Connecting,
    /// There, and up to date.
    Online,
    /// There, and catching up.
    CatchingUp,
    /// Not there; tried again at this time (ms since 1970).
    Offline {
        /// When it is tried again.
        retry_at: u64,
    },
    /// There, but nothing can be written now.
    ReadOnly {
        /// Why, in the server's words.
        reason: String,
    },
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Who.
    pub member: MemberId,
    /// Certified login name.
    pub login_name: String,
    /// Certified display name.
    pub display_name: String,
    /// The identity is not the one pinned.
    pub identity_changed: bool,
    /// Checked by safety number.
    pub verified: bool,
}

/// A row of the list of conversations.
#[derive(Clone, PartialEq, Eq)]
pub struct ConversationView {
    /// Which.
    pub conversation: ConversationId,
    /// Direct or group.
    pub direct: bool,
    /// The other's name, or the names of the first members.
    pub title: String,
    /// Members, oneself included.
    pub members: Vec<MemberId>,
    /// Messages by others that were not read.
    pub unread: u64,
    /// Newest message: when (ms) and its beginning.
    pub last: Option<(u64, String)>,
    /// Ready to be read and written.
    pub ready: bool,
    /// Something in it does not verify; writing is stopped.
    pub broken: bool,
}

impl fmt::Debug for ConversationView {
    /// Without title and text: they are personal, and not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationView")
            .field("conversation", &self.conversation)
            .field("direct", &self.direct)
            .field("members", &self.members)
            .field("unread", &self.unread)
            .field("ready", &self.ready)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

/// The true state of one's own message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SendState {
    /// Not yet with the server.
    Waiting,
    /// Kept by the server.
    Sent,
    /// On a device of everybody else.
    Delivered,
    /// Read by everybody else.
    Read,
}

/// What a row of the timeline says.
#[derive(Clone, PartialEq, Eq)]
pub enum ItemBody {
    /// A text.
    Text(String),
    /// The conversation was made.
    Created,
    /// Members were added or removed.
    Members {
        /// Names of the added.
        added: Vec<String>,
        /// Names of the removed.
        removed: Vec<String>,
    },
    /// Somebody's keys were renewed; usually not shown.
    KeysUpdated,
    /// Of a kind that this version does not know: "update the app to see this".
    Newer,
    /// The server does not give the body, and nobody allowed that.
    RemovedByServer,
    /// It does not verify, and is not shown.
    Unverified,
}

impl fmt::Debug for ItemBody {
    /// Without texts and names: they are personal, and not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Created => "Created",
            Self::Members { .. } => "Members(..)",
            Self::KeysUpdated => "KeysUpdated",
            Self::Newer => "Newer",
            Self::RemovedByServer => "RemovedByServer",
            Self::Unverified => "Unverified",
        })
    }
}

/// A row of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Position; none while waiting.
    pub seq: Option<u64>,
    /// Message id, for messages.
    pub message: Option<MessageId>,
    /// Author.
    pub sender: MemberId,
    /// Author's certified display name.
    pub sender_name: String,
    /// Written by oneself.
    pub own: bool,
    /// Author's time (ms since 1970).
    pub time: u64,
    /// Server's time (ms since 1970); 0 while waiting. Shown as well when it differs by more than 5 minutes.
    pub server_time: u64,
    /// What it says.
    pub body: ItemBody,
    /// For own messages.
    pub state: Option<SendState>,
}

/// A page of the timeline, in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows.
    pub items: Vec<Item>,
    /// Whether older ones exist, here or on the server.
    pub older: bool,
    /// Older ones have to come from the server: ask by `LoadOlder`.
    pub older_on_server: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Update;

    #[test]
    fn nothing_that_is_said_or_opens_something_is_printed() {
        let secret = "hush";
        let text = ItemBody::Text(secret.to_owned());
        let members = ItemBody::Members {
            added: vec![secret.to_owned()],
            removed: vec![],
        };
        let row = ConversationView {
            conversation: ConversationId::default(),
            direct: true,
            title: secret.to_owned(),
            members: vec![],
            unread: 0,
            last: Some((1, secret.to_owned())),
            ready: true,
            broken: false,
        };
        let invitation = Update::Invitation {
            link: secret.to_owned(),
            expires: 7,
        };
        let device = Update::DeviceSignedIn {
            name: secret.to_owned(),
            time: 7,
        };
        let printed = format!("{text:?} {members:?} {row:?} {invitation:?} {device:?}");
        assert!(!printed.contains(secret), "{printed}");
        assert!(printed.contains("Invitation"));
    }
}
