//! Rows of the timeline as they are kept on this device.

use e2ee::{
    content::{Body, BodyKind},
    mls::{CommitData, Said},
    policy::{History, Role},
    transcript::{EntryHeader, EntryKind, Transcript, flags},
};
use protocol::{
    Bytes, ConversationId, Hash32, MemberId, MessageId, decode, encode,
    methods::conversations::Entry,
};
use serde::{Deserialize, Serialize};

use super::seq_key;
use crate::{Engine, Failure, Space, Store};

/// Beginning of a message in the list of conversations, in characters.
pub(crate) const PREVIEW: usize = 120;

/// What became of an entry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Content {
    /// A message; the body as it was signed.
    Message {
        /// Message id.
        id: MessageId,
        /// Body v1.
        body: Bytes,
    },
    /// The conversation's first commit.
    Created,
    /// What the conversation is called.
    Title {
        /// Message id.
        id: MessageId,
        /// The title.
        title: String,
        /// It was given at this seq, and is said again for those who came later.
        given_at: Option<u64>,
        /// People are told nothing new by it.
        hidden: bool,
    },
    /// How the conversation looks.
    Picture {
        /// Message id.
        id: MessageId,
        /// The picture's name; none = it was taken away.
        picture: Option<Hash32>,
        /// It was given at this seq, and is said again for those who came later.
        given_at: Option<u64>,
        /// People are told nothing new by it.
        hidden: bool,
    },
    /// A commit that changed members or rules.
    Members {
        /// Added.
        added: Vec<MemberId>,
        /// Removed.
        removed: Vec<MemberId>,
        /// New roles.
        #[serde(default)]
        roles: Vec<(MemberId, Role)>,
        /// Whether only group admins write from now on.
        #[serde(default)]
        announcements: Option<bool>,
        /// What newcomers may read from now on.
        #[serde(default)]
        history: Option<History>,
        /// Those removed had left, and the roles follow from that.
        #[serde(default)]
        left: bool,
        /// After how many seconds messages disappear from now on; 0 = they don't.
        #[serde(default)]
        timer_s: Option<u64>,
        /// Who has a new leaf, because their state was lost.
        #[serde(default)]
        restored: Vec<MemberId>,
    },
    /// A commit that changed keys only, or took out those who had left.
    Keys,
    /// The sender has left.
    Left,
    /// The sender's account was closed, as the server says.
    AccountClosed,
    /// A link that a commit came without, said anew.
    Relinked,
    /// The sender can't follow a commit.
    Complaint {
        /// Its author, where that is known.
        about: Option<MemberId>,
    },
    /// The sender founded the conversation anew.
    Restarted {
        /// Because the commit before could not be followed.
        complaint: bool,
        /// Who is in it no more, where that is known.
        out: Vec<MemberId>,
    },
    /// This device could not follow what it needs for this.
    Unreadable,
    /// A kind that this version does not know.
    Newer,
    /// No body.
    Removed,
    /// Disappeared as it should, or never for this member; not shown.
    Gone,
    /// Does not verify.
    Unverified,
    /// A message that is in the log a second time; not shown.
    Repeated,
}

/// A row as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    pub(crate) sender: MemberId,
    pub(crate) epoch: u64,
    /// Server's time.
    pub(crate) time: u64,
    /// Transcript hash after it.
    pub(crate) transcript: Hash32,
    pub(crate) content: Content,
    /// Messages by others from the anchor up to here, this one included; 0 or less before the anchor.
    #[serde(default)]
    pub(crate) count: i64,
    /// When it disappears (server's time; 0 = never).
    #[serde(default)]
    pub(crate) expiry: u64,
}

impl Row {
    /// `expiry`: when it disappears; 0 = never, whatever the entry says.
    pub(crate) fn new(entry: &Entry, transcript: Hash32, content: Content, expiry: u64) -> Self {
        Self {
            seq: entry.seq,
            sender: entry.sender,
            epoch: entry.epoch,
            time: entry.time,
            transcript,
            content,
            count: 0,
            expiry,
        }
    }

    /// Whether it counts as unread until it is read: messages by others, unless they are quiet.
    pub(crate) fn counts(&self, entry: &Entry, me: MemberId) -> bool {
        matches!(self.content, Content::Message { .. }) && entry.sender != me && !entry.quiet
    }

    /// Whether people see it: the change of keys, which happens by itself, they don't.
    pub(crate) fn seen(&self) -> bool {
        self.content != Content::Keys && !self.is_hidden()
    }

    /// Rows that no page of the timeline has.
    pub(crate) fn is_hidden(&self) -> bool {
        matches!(
            self.content,
            Content::Repeated
                | Content::Gone
                | Content::Title { hidden: true, .. }
                | Content::Picture { hidden: true, .. }
        )
    }

    /// Whether its time is over, though it may not have been taken out yet.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        self.expiry != 0 && self.expiry <= now
    }

    /// Text of a message, as far as this version understands it.
    pub(crate) fn text(&self) -> Option<String> {
        match &self.content {
            Content::Message { body, .. } => {
                let body = Body::decode(body).ok()?;
                (body.kind == BodyKind::Text).then_some(body.text).flatten()
            }
            _ => None,
        }
    }
}

/// The header that the transcript covers (`docs/crypto.md`, section 6).
pub(crate) fn header(entry: &Entry) -> EntryHeader {
    EntryHeader {
        conversation: entry.conversation,
        restart: entry.restart,
        seq: entry.seq,
        kind: EntryKind::from(entry.kind),
        sender: entry.sender,
        epoch: entry.epoch,
        server_time: entry.time,
        expiry: entry.expiry,
        flags: flags(entry.quiet, entry.timed),
        body: entry.body_hash,
    }
}

/// Transcript hash after `entry`, if it was `before` it.
pub(crate) fn transcript_after(before: Hash32, entry: &Entry) -> Hash32 {
    Transcript::resume(before).next(&header(entry))
}

/// Whether the body is the one that the header names; none is neither right nor wrong.
pub(crate) fn body_fits(entry: &Entry) -> bool {
    entry
        .body
        .as_ref()
        .is_none_or(|body| e2ee::transcript::body_hash(body) == entry.body_hash)
}

/// What a commit did, as its author said and those who were there have checked.
pub(crate) fn done_by(entry: &Entry) -> Content {
    let said = entry
        .body
        .as_ref()
        .and_then(|body| CommitData::peek(body).ok());
    match said {
        _ if entry.epoch == 0 && entry.restart == 0 => Content::Created,
        _ if entry.epoch == 0 => Content::Keys, // the restart before it has told
        Some((_, data)) => Content::of(data.said),
        None => Content::Keys,
    }
}

impl Content {
    /// What people are told of a commit.
    pub(crate) fn of(said: Said) -> Self {
        let (added, removed) = (&said.added, &said.removed);
        let without = |these: &[MemberId], those: &[MemberId]| {
            let left = these.iter().filter(|m| !those.contains(m));
            left.copied().collect::<Vec<_>>()
        };
        let (added, removed) = (without(added, removed), without(removed, added));
        let both = said.added.iter().filter(|m| said.removed.contains(m));
        let restored: Vec<MemberId> = both.copied().collect();
        if said.left && said.roles.is_empty() {
            return Self::Keys; // who left has said so
        }
        let removed = if said.left { Vec::new() } else { removed };
        let said = Said {
            added,
            removed,
            ..said
        };
        if said.is_nothing() && restored.is_empty() {
            return Self::Keys;
        }
        Self::Members {
            added: said.added,
            removed: said.removed,
            roles: said.roles,
            announcements: said.announcements,
            history: said.history,
            left: said.left,
            timer_s: said.timer_s,
            restored,
        }
    }
}

pub(super) fn message_key(id: ConversationId, sender: MemberId, message: MessageId) -> Vec<u8> {
    [
        id.as_bytes().as_slice(),
        sender.as_bytes(),
        message.as_bytes(),
    ]
    .concat()
}

impl<S: Store> Engine<S> {
    /// Keeps a row, and the entry as the server sent it until the next backup mark.
    pub(crate) fn keep_row(&mut self, entry: &Entry, row: &Row) {
        let key = seq_key(entry.conversation, entry.seq);
        if let Content::Message { id, .. }
        | Content::Title { id, .. }
        | Content::Picture { id, .. } = &row.content
        {
            let index = message_key(entry.conversation, entry.sender, *id);
            self.batch
                .put(Space::Messages, index, entry.seq.to_be_bytes().to_vec());
            self.recent_messages
                .insert((entry.conversation, entry.sender, *id), entry.seq);
        }
        self.expires_at(entry, row);
        self.batch
            .put(Space::Sealed, key.clone(), encode(entry).to_vec());
        self.batch.put(Space::Timeline, key, encode(row).to_vec());
    }

    /// Where a message stands already, if it does: the server may repeat what was said, never what was heard.
    pub(crate) fn seq_of_message(
        &self,
        conversation: ConversationId,
        sender: MemberId,
        id: MessageId,
    ) -> Result<Option<u64>, Failure> {
        if let Some(seq) = self.recent_messages.get(&(conversation, sender, id)) {
            return Ok(Some(*seq));
        }
        let key = message_key(conversation, sender, id);
        let found = self.store.get(Space::Messages, &key)?;
        Ok(found
            .and_then(|v| v.try_into().ok())
            .map(u64::from_be_bytes))
    }

    /// A row that turns out to be the repetition of an earlier one.
    pub(crate) fn mark_repeated(&mut self, id: ConversationId, seq: u64) -> Result<(), Failure> {
        if let Some(mut row) = self.row(id, seq)? {
            row.content = Content::Repeated;
            self.batch
                .put(Space::Timeline, seq_key(id, seq), encode(&row).to_vec());
        }
        Ok(())
    }

    /// What is kept under a key, with what the input that is being worked on has changed of it.
    pub(crate) fn value(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let mut unwritten = self.batch.changes.iter().rev();
        match unwritten.find(|c| c.space == space && c.key == key) {
            Some(change) => Ok(change.value.clone()),
            None => Ok(self.store.get(space, key)?),
        }
    }

    /// A row by seq. Rows of the input that is being worked on are found too.
    pub(crate) fn row(&self, id: ConversationId, seq: u64) -> Result<Option<Row>, Failure> {
        let bytes = self.value(Space::Timeline, &seq_key(id, seq))?;
        Ok(bytes.map(|bytes| decode(&bytes)).transpose()?)
    }
}
