//! What is inside a sealed message or receipt (`docs/crypto.md`, section 6).

use protocol::{DeviceId, Hash32, MemberId, MessageId};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{ContentError, MAX_PICTURE};
use crate::suite::{VERSION, from_msgpack, to_msgpack};

/// The longest text, in bytes of UTF-8.
pub const MAX_TEXT: usize = 16 * 1024;
/// The longest title, in bytes of UTF-8.
pub const MAX_TITLE: usize = 512;
const MAX_MENTIONS: usize = 1000;
const MAX_SMALL: usize = 256;

/// What a message is. Unknown kinds are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum BodyKind {
    /// A text.
    Text,
    /// A new text for one of the author's own messages, `edit_of`.
    Edit,
    /// A `reaction` to a message.
    Reaction,
    /// The title of the conversation, in `text`. Only of group admins.
    Title,
    /// The picture of the conversation, in `picture`. Only of group admins.
    Picture,
    /// Of a newer version: show "update the app to see this".
    Other(String),
}

impl From<String> for BodyKind {
    fn from(value: String) -> Self {
        match value.as_str() {
            "text" => Self::Text,
            "edit" => Self::Edit,
            "reaction" => Self::Reaction,
            "title" => Self::Title,
            "picture" => Self::Picture,
            _ => Self::Other(value),
        }
    }
}

impl From<BodyKind> for String {
    fn from(value: BodyKind) -> Self {
        match value {
            BodyKind::Text => "text".into(),
            BodyKind::Edit => "edit".into(),
            BodyKind::Reaction => "reaction".into(),
            BodyKind::Title => "title".into(),
            BodyKind::Picture => "picture".into(),
            BodyKind::Other(other) => other,
        }
    }
}

impl BodyKind {
    /// Whether it says something of the group as a whole, rather than to people: what it is called, how it looks. That never
    /// disappears.
    #[must_use]
    pub fn is_of_group(&self) -> bool {
        matches!(self, Self::Title | Self::Picture)
    }
}

/// A message named by its author and the author's id for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// Who wrote it.
    pub sender: MemberId,
    /// Its id.
    pub id: MessageId,
}

/// A reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reaction {
    /// Who wrote the message.
    pub sender: MemberId,
    /// The message's id.
    pub id: MessageId,
    /// The emoji; empty takes the reaction back.
    pub emoji: String,
}

/// The newest position of the log that an author had seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    /// Its seq.
    pub seq: u64,
    /// The transcript hash there.
    pub hash: Hash32,
}

/// The body of a message, version 1.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    v: u8,
    /// The author's name for the message, the same through retries and re-sealing.
    pub id: MessageId,
    /// What it is.
    pub kind: BodyKind,
    /// The author's time, in milliseconds since 1970.
    pub time: u64,
    /// The text, at most [`MAX_TEXT`] bytes; of a title at most [`MAX_TITLE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The own message that this replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_of: Option<MessageId>,
    /// The message that this answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Target>,
    /// Of a title or picture that stands already, and is said once more for those who came later: the seq at which it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_at: Option<u64>,
    /// The picture, at most [`MAX_PICTURE`] bytes; empty takes it away. There exactly in a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<ByteBuf>,
    /// A reaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Reaction>,
    /// Who is to be notified by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<MemberId>,
    /// Disappears after this many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer_s: Option<u64>,
    /// What the author had seen of the log.
    pub seen: Seen,
    /// The device that wrote.
    pub device: DeviceId,
    /// The number of the author's vault head.
    pub vault_head: u64,
    /// Reserved for key transparency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory_head: Option<ByteBuf>,
}

impl Body {
    /// A message of this kind and nothing optional; set the fields as needed.
    #[must_use]
    pub fn new(
        id: MessageId,
        kind: BodyKind,
        time: u64,
        seen: Seen,
        device: DeviceId,
        vault_head: u64,
    ) -> Self {
        Self {
            v: VERSION,
            id,
            kind,
            time,
            text: None,
            edit_of: None,
            reply_to: None,
            given_at: None,
            picture: None,
            reaction: None,
            mentions: Vec::new(),
            timer_s: None,
            seen,
            device,
            vault_head,
            directory_head: None,
        }
    }

    /// The body's bytes.
    ///
    /// # Errors
    /// [`ContentError::TooLong`]; [`ContentError::Malformed`] for a picture without one, or one in anything else.
    pub fn encode(&self) -> Result<Vec<u8>, ContentError> {
        self.check()?;
        Ok(to_msgpack(self).to_vec())
    }

    /// Reads a body's bytes. Fields of newer versions are ignored here: keep the bytes as well.
    ///
    /// # Errors
    /// [`ContentError::Malformed`], [`ContentError::UnknownVersion`], [`ContentError::TooLong`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let body: Self = from_msgpack(bytes, "message body")?;
        body.check()?;
        Ok(body)
    }

    fn check(&self) -> Result<(), ContentError> {
        if self.picture.is_some() != (self.kind == BodyKind::Picture) {
            return Err(ContentError::Malformed);
        }
        let small = |s: Option<usize>| s.unwrap_or(0) <= MAX_SMALL;
        let kind = match &self.kind {
            BodyKind::Other(kind) => kind.len(),
            _ => 0,
        };
        let longest = match self.kind {
            BodyKind::Title => MAX_TITLE,
            _ => MAX_TEXT,
        };
        let fits = self.text.as_ref().map_or(0, String::len) <= longest
            && self.picture.as_ref().map_or(0, |p| p.len()) <= MAX_PICTURE
            && self.mentions.len() <= MAX_MENTIONS
            && small(Some(kind))
            && small(self.reaction.as_ref().map(|r| r.emoji.len()))
            && small(self.directory_head.as_ref().map(|d| d.len()));
        fits.then_some(()).ok_or(ContentError::TooLong)
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What people write must not reach a log by accident.
        f.debug_struct("Body")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// How far a member has received and read; only moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Receipt {
    v: u8,
    /// Everything up to this seq has arrived.
    pub delivered: u64,
    /// Everything up to this seq was shown.
    pub read: u64,
    /// The author's time, in milliseconds since 1970.
    pub time: u64,
    /// The device that wrote.
    pub device: DeviceId,
}

impl Receipt {
    /// A receipt.
    #[must_use]
    pub fn new(delivered: u64, read: u64, time: u64, device: DeviceId) -> Self {
        Self {
            v: VERSION,
            delivered,
            read,
            time,
            device,
        }
    }

    /// The receipt's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        to_msgpack(self).to_vec()
    }

    /// Reads a receipt's bytes.
    ///
    /// # Errors
    /// [`ContentError::Malformed`], [`ContentError::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        Ok(from_msgpack(bytes, "receipt")?)
    }
}
