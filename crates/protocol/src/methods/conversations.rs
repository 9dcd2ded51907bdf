//! Conversations: one ordered log each.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Done, method, vault::VaultWrite};
use crate::ids::{ConversationId, Hash32, MemberId, MessageId};

/// Kinds of entries (`docs/crypto.md` section 6). Unknown kinds are kept.
pub mod kind {
    /// A sealed message.
    pub const MESSAGE: u8 = 1;
    /// An MLS commit.
    pub const COMMIT: u8 = 2;
    /// A signed deletion.
    pub const REDACTION: u8 = 3;
    /// A signed leave.
    pub const LEAVE: u8 = 4;
    /// A closed account, stated by the server.
    pub const ACCOUNT_CLOSED: u8 = 5;
    /// A complaint about a commit that can't be processed.
    pub const COMPLAINT: u8 = 6;
    /// A replacement for a bad or missing link.
    pub const REPLACEMENT_LINK: u8 = 7;
    /// The conversation goes on under a new restart number.
    pub const RESTART: u8 = 8;
}

#[expect(clippy::trivially_copy_pass_by_ref)] // as serde wants it
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// One item of a conversation's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Restart number.
    pub restart: u32,
    /// Position in the log, from 1, without gaps.
    pub seq: u64,
    /// See [`kind`].
    pub kind: u8,
    /// Author.
    pub sender: MemberId,
    /// MLS epoch it belongs to (a commit: the one it closes).
    pub epoch: u64,
    /// Server's time (ms since 1970).
    pub time: u64,
    /// When body disappears (ms since 1970; 0 = never).
    pub expiry: u64,
    /// No unread count, no push.
    pub quiet: bool,
    /// Sealed under the secret of timed messages; the body disappears at `expiry`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed: bool,
    /// Name that its author gave it (messages).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// SHA-256 of the body.
    pub body_hash: Hash32,
    /// Sealed message or commit; absent when it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Bytes>,
    /// Beside a commit: the link back to the epoch it closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Bytes>,
}

/// A Welcome for a newcomer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewWelcome {
    /// For whom.
    pub member: MemberId,
    /// The key package it was made for.
    pub key_package: Hash32,
    /// MLS Welcome.
    pub welcome: Bytes,
}

/// Founds a conversation: epoch 0 with its author alone, and the first commit, which adds the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateConversation {
    /// Chosen by the author.
    pub conversation: ConversationId,
    /// MLS GroupInfo of epoch 0 with its ratchet tree.
    pub group_info: Bytes,
    /// The first commit.
    pub commit: Bytes,
    /// Welcomes for all whom it adds.
    pub welcomes: Vec<NewWelcome>,
    /// The author's MLS state.
    pub vault: VaultWrite,
}
method!(CreateConversation, "conversations.create", signed_in: true, Accepted);

/// Changes a conversation's keys, members or policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitConversation {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Epoch that the commit closes.
    pub epoch: u64,
    /// The commit.
    pub commit: Bytes,
    /// Welcomes for all whom it adds.
    pub welcomes: Vec<NewWelcome>,
    /// Link back to the closed epoch; none = a cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Bytes>,
    /// The author's new MLS state.
    pub vault: VaultWrite,
}
method!(CommitConversation, "conversations.commit", signed_in: true, Accepted);

/// Founds a conversation anew under the next restart number: the log goes on, in a new group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartConversation {
    /// Which conversation.
    pub conversation: ConversationId,
    /// The old group's restart number.
    pub restart: u32,
    /// The old group's epoch, in which it ends.
    pub epoch: u64,
    /// The signed statement, of kind [`kind::RESTART`].
    pub statement: Bytes,
    /// MLS GroupInfo of the new group's epoch 0 with its ratchet tree.
    pub group_info: Bytes,
    /// The new group's first commit.
    pub commit: Bytes,
    /// Welcomes for all whom it adds.
    pub welcomes: Vec<NewWelcome>,
    /// The author's MLS state in the new group.
    pub vault: VaultWrite,
}
method!(RestartConversation, "conversations.restart", signed_in: true, Accepted);

/// States something in clear, signed: that the signed-in member leaves, say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declare {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Epoch in which it is said.
    pub epoch: u64,
    /// See [`kind`].
    pub kind: u8,
    /// The signed statement.
    pub statement: Bytes,
}
method!(Declare, "conversations.declare", signed_in: true, Accepted);

/// Sends a message. The same message id again gives the same answer again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendMessage {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Restart number under which the body is sealed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restart: u32,
    /// Chosen by the author, kept through retries.
    pub message: MessageId,
    /// Epoch under which the body is sealed.
    pub epoch: u64,
    /// Sealed body.
    pub body: Bytes,
    /// When the body disappears (ms since 1970; 0 = never).
    #[serde(default)]
    pub expiry: u64,
    /// No unread count, no push.
    #[serde(default)]
    pub quiet: bool,
    /// Sealed under the secret of timed messages, and disappears at `expiry`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed: bool,
}
method!(SendMessage, "conversations.send", signed_in: true, Accepted);

/// An entry was written and will survive a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Its place in the log.
    pub seq: u64,
    /// Server's time (ms since 1970).
    pub time: u64,
}

/// Fetches entries `from ..= from + limit - 1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetEntries {
    /// Which conversation.
    pub conversation: ConversationId,
    /// First seq wanted (from 1).
    pub from: u64,
    /// At most so many (up to [`crate::limits::PAGE_ENTRIES_MAX`]); ends early when large.
    pub limit: u32,
    /// Only commits, without message bodies in between: for walking the chain.
    #[serde(default)]
    pub commits_only: bool,
}

/// A page of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// Transcript hash before the first entry (not with `commits_only`).
    pub before: Hash32,
    /// In ascending order.
    pub entries: Vec<Entry>,
    /// Newest seq of the conversation.
    pub head_seq: u64,
}
method!(GetEntries, "conversations.entries", signed_in: true, Entries);

/// Fetches the public tree of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetTree {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Which epoch.
    pub epoch: u64,
    /// Of which group; none = the present one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<u32>,
}

/// A public tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// MLS ratchet tree.
    pub tree: Bytes,
}
method!(GetTree, "conversations.tree", signed_in: true, Tree);

/// Fetches the Welcome that waits for the signed-in member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetWelcome {
    /// Which conversation.
    pub conversation: ConversationId,
}

/// A Welcome with what is needed to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// MLS Welcome.
    pub welcome: Bytes,
    /// The key package it was made for.
    pub key_package: Hash32,
    /// Tree of the epoch it leads to.
    pub tree: Bytes,
    /// Epoch it leads to.
    pub epoch: u64,
    /// Seq of the commit that added the member.
    pub seq: u64,
    /// Transcript hash after that commit.
    pub transcript: Hash32,
    /// Restart number of the group that it leads into.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restart: u32,
}
method!(GetWelcome, "conversations.welcome", signed_in: true, Welcome);

/// Asks the other members for a new leaf: this member's own state of the conversation is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskRepair {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Signed repair request (`docs/crypto.md` section 5).
    pub request: Bytes,
    /// The key package that it names, made for this alone.
    pub package: Bytes,
    /// The key package's private part.
    pub vault: VaultWrite,
}
method!(AskRepair, "conversations.ask_repair", signed_in: true, Done);

/// A member who waits for a new leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// Who.
    pub member: MemberId,
    /// Their signed request.
    pub request: Bytes,
    /// The key package that it names.
    pub package: Bytes,
}

/// Overwrites the signed-in member's sealed cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutReceipt {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Epoch under which it is sealed; any epoch up to the current one.
    pub epoch: u64,
    /// Sealed cursor.
    pub body: Bytes,
}
method!(PutReceipt, "conversations.receipt", signed_in: true, Done);

/// One member's sealed cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Whose.
    pub member: MemberId,
    /// Epoch under which it is sealed.
    pub epoch: u64,
    /// Sealed cursor.
    pub body: Bytes,
}

/// Fetches all cursors of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetReceipts {
    /// Which conversation.
    pub conversation: ConversationId,
}

/// Cursors of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// One for each member who has one.
    pub receipts: Vec<Receipt>,
}
method!(GetReceipts, "conversations.receipts", signed_in: true, Receipts);
