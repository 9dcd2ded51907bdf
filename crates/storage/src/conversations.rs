//! Conversations: logs, members, checkpoints of public MLS state, Welcomes, receipts.

use protocol::{
    Bytes, ConversationId, Hash32, MemberId, MessageId,
    methods::conversations::{Entry, Receipt},
};

use crate::StorageError;

/// A conversation as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Which.
    pub conversation: ConversationId,
    /// Restart number.
    pub restart: u32,
    /// The two members, in ascending order, when it is direct; unique.
    pub direct: Option<(MemberId, MemberId)>,
    /// Current epoch.
    pub epoch: u64,
    /// Newest seq; 0 = none yet.
    pub head_seq: u64,
    /// Transcript hash after it.
    pub transcript: Hash32,
    /// When it was made (ms).
    pub created: u64,
}

/// A member of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Who.
    pub member: MemberId,
    /// First seq that they may fetch.
    pub first_seq: u64,
}

/// A Welcome that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingWelcome {
    /// For whom.
    pub member: MemberId,
    /// The key package it was made for.
    pub key_package: Hash32,
    /// MLS Welcome.
    pub welcome: Bytes,
    /// Epoch it leads to.
    pub epoch: u64,
    /// Seq of the commit.
    pub seq: u64,
    /// Transcript hash after that commit.
    pub transcript: Hash32,
}

/// A member's newest request for a new leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// Who asks.
    pub member: MemberId,
    /// When it came (ms).
    pub time: u64,
    /// The signed request.
    pub request: Bytes,
    /// The key package that it names.
    pub package: Bytes,
}

/// A stored state of the public MLS group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Restart number.
    pub restart: u32,
    /// Its epoch.
    pub epoch: u64,
    /// Opaque to storage.
    pub bytes: Bytes,
}

/// What part of a log to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First seq.
    pub from: u64,
    /// At most so many entries.
    pub limit: u32,
    /// Stop after so many bytes of bodies (at least one entry is given).
    pub max_bytes: usize,
    /// Only commits, and what replaces their links.
    pub commits_only: bool,
}

/// Reads conversations.
#[allow(clippy::missing_errors_doc)] // each fails only when the database does
pub trait ConversationReader {
    /// By id.
    fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StorageError>;
    /// The direct conversation of two members, in either order.
    fn direct_between(
        &self,
        a: MemberId,
        b: MemberId,
    ) -> Result<Option<ConversationId>, StorageError>;
    /// A member's place in a conversation; none when they are not in it.
    fn membership(
        &self,
        id: ConversationId,
        member: MemberId,
    ) -> Result<Option<Membership>, StorageError>;
    /// Members of a conversation, in order of id.
    fn members(&self, id: ConversationId) -> Result<Vec<Membership>, StorageError>;
    /// Members who left, or whose account was closed, and who are still in the tree, in order of id.
    fn departures(&self, id: ConversationId) -> Result<Vec<MemberId>, StorageError>;
    /// Conversations of a member, in order of id.
    fn conversations_of(&self, member: MemberId) -> Result<Vec<Membership>, StorageError>;
    /// Entries in ascending order.
    fn entries(&self, id: ConversationId, range: Range) -> Result<Vec<Entry>, StorageError>;
    /// Transcript hash after `seq` (which is at least 1); none when there is no such entry.
    fn transcript_after(
        &self,
        id: ConversationId,
        seq: u64,
    ) -> Result<Option<Hash32>, StorageError>;
    /// The entry that a member made under this message id: (seq, time, hash of its body).
    fn entry_by_message(
        &self,
        id: ConversationId,
        sender: MemberId,
        message: MessageId,
    ) -> Result<Option<(u64, u64, Hash32)>, StorageError>;
    /// The commit that closes `epoch` under `restart`.
    fn commit_of_epoch(
        &self,
        id: ConversationId,
        restart: u32,
        epoch: u64,
    ) -> Result<Option<Entry>, StorageError>;
    /// Complaints from this seq on, in ascending order.
    fn complaints(&self, id: ConversationId, from: u64) -> Result<Vec<Entry>, StorageError>;
    /// The newest checkpoint at or before `epoch`.
    fn checkpoint(
        &self,
        id: ConversationId,
        restart: u32,
        epoch: u64,
    ) -> Result<Option<Checkpoint>, StorageError>;
    /// The Welcome that waits for a member.
    fn welcome(
        &self,
        id: ConversationId,
        member: MemberId,
    ) -> Result<Option<PendingWelcome>, StorageError>;
    /// Requests for a new leaf that came at `since` (ms) or later, the newest first, at most `limit`.
    fn repairs(
        &self,
        id: ConversationId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<Repair>, StorageError>;
    /// A member's request for a new leaf, however old.
    fn repair(&self, id: ConversationId, member: MemberId) -> Result<Option<Repair>, StorageError>;
    /// All receipts of a conversation.
    fn receipts(&self, id: ConversationId) -> Result<Vec<Receipt>, StorageError>;
}

/// Writes conversations.
#[allow(clippy::missing_errors_doc)] // `Conflict` where something unique is there already, else only the database's own
pub trait ConversationWriter: ConversationReader {
    /// Adds a conversation without entries.
    fn insert_conversation(&mut self, conversation: &Conversation) -> Result<(), StorageError>;
    /// Appends an entry and moves the conversation's head (seq, transcript) to it, and its epoch to `epoch_after`.
    /// `Conflict` unless `entry.seq` is head + 1.
    fn append_entry(
        &mut self,
        entry: &Entry,
        transcript: Hash32,
        epoch_after: u64,
    ) -> Result<(), StorageError>;
    /// The conversation goes on under this restart number, in epoch 0.
    fn begin_restart(&mut self, id: ConversationId, restart: u32) -> Result<(), StorageError>;
    /// Drops the bodies of up to `limit` entries whose expiry is `now` or before (ms since 1970), those that expired first
    /// first; headers and hashes stay. How many there were: as many as `limit` means that there may be more.
    fn drop_expired(&mut self, now: u64, limit: u32) -> Result<usize, StorageError>;
    /// Adds a member.
    fn insert_member(&mut self, membership: Membership) -> Result<(), StorageError>;
    /// Removes a member, with receipt, Welcome and request for a new leaf.
    fn delete_member(&mut self, id: ConversationId, member: MemberId) -> Result<(), StorageError>;
    /// Notes that a member has left.
    fn put_departure(&mut self, id: ConversationId, member: MemberId) -> Result<(), StorageError>;
    /// A commit has removed all who had left.
    fn clear_departures(&mut self, id: ConversationId) -> Result<(), StorageError>;
    /// Keeps a checkpoint.
    fn put_checkpoint(
        &mut self,
        id: ConversationId,
        checkpoint: &Checkpoint,
    ) -> Result<(), StorageError>;
    /// Keeps a Welcome (one per member and conversation).
    fn put_welcome(
        &mut self,
        id: ConversationId,
        welcome: &PendingWelcome,
    ) -> Result<(), StorageError>;
    /// Drops a Welcome; nothing when there is none.
    fn delete_welcome(&mut self, id: ConversationId, member: MemberId) -> Result<(), StorageError>;
    /// Keeps a request for a new leaf in the place of that member's one before.
    fn put_repair(&mut self, id: ConversationId, repair: &Repair) -> Result<(), StorageError>;
    /// Drops a request for a new leaf; nothing when there is none.
    fn delete_repair(&mut self, id: ConversationId, member: MemberId) -> Result<(), StorageError>;
    /// Overwrites a receipt.
    fn put_receipt(&mut self, receipt: &Receipt) -> Result<(), StorageError>;
}
