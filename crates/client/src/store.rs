//! The store port: an ordered key-value store with atomic batches (ADR 0001).
//!
//! Natively it is SQLite, in the browser SQLite on OPFS; both are synchronous. Values are opaque: adapters seal them at
//! rest with `e2ee::local` before they reach the disk.

pub mod contract;
mod memory;

pub use memory::MemoryStore;

/// A region of keys. The numbers are stored; they never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Space {
    /// Who is signed in, device keys, vault keys, counters: few values by name.
    Own = 1,
    /// Mirror of the vault's manifest.
    Manifest = 2,
    /// People by member id: certificates and pin.
    People = 3,
    /// Conversations by id: cursors, MLS state, public tree.
    Conversations = 4,
    /// Epoch secrets by conversation, restart number, epoch.
    Secrets = 5,
    /// Opened entries by conversation and seq.
    Timeline = 6,
    /// Entries as the server sent them since its last backup mark, by conversation and seq.
    Sealed = 7,
    /// What waits to be sent, by local number.
    Outbox = 8,
    /// Cursors of members by conversation and member.
    Receipts = 9,
    /// Verified leaf certificates by name.
    Certificates = 10,
    /// Seq of every message by conversation, sender and message id.
    Messages = 11,
    /// Settings, drafts and read cursors, by kind and id of their vault records.
    Loose = 12,
    /// Secrets of messages that disappear, by the ids of their vault records.
    Timed = 13,
    /// Rows by the time at which they disappear, conversation and seq.
    Expiries = 14,
}

impl Space {
    /// Every region.
    pub const ALL: &[Self] = &[
        Self::Own,
        Self::Manifest,
        Self::People,
        Self::Conversations,
        Self::Secrets,
        Self::Timeline,
        Self::Sealed,
        Self::Outbox,
        Self::Receipts,
        Self::Certificates,
        Self::Messages,
        Self::Loose,
        Self::Timed,
        Self::Expiries,
    ];
}

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full or a quota is used up.
    #[error("there is no room left on this device")]
    Full,
    /// Another process has the store open.
    #[error("the app is running already with this folder")]
    InUse,
    /// The store was written by a newer version.
    #[error("this folder was written by a newer version of the app: update the app")]
    Newer,
    /// Anything else.
    #[error("the local store failed: {0}")]
    Failed(String),
}

/// One change: a value to write, or none to delete the key.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// Region.
    pub space: Space,
    /// Key.
    pub key: Vec<u8>,
    /// New value.
    pub value: Option<Vec<u8>>,
}

/// Changes that happen together or not at all.
#[derive(Clone, Default)]
pub struct Batch {
    /// In order; later ones win.
    pub changes: Vec<Change>,
    /// Must survive a power cut before `commit` returns (key state, outbox, cursors). Otherwise a crash may lose the
    /// batch, never tear it.
    pub durable: bool,
}

impl Batch {
    /// Adds a value to write.
    pub fn put(&mut self, space: Space, key: impl Into<Vec<u8>>, value: Vec<u8>) {
        self.changes.push(Change {
            space,
            key: key.into(),
            value: Some(value),
        });
    }

    /// Adds a key to delete.
    pub fn delete(&mut self, space: Space, key: impl Into<Vec<u8>>) {
        self.changes.push(Change {
            space,
            key: key.into(),
            value: None,
        });
    }
}

/// Keys and values, in order of key.
pub type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// An ordered key-value store.
pub trait Store {
    /// One value.
    ///
    /// # Errors
    /// When the store fails.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Values with `from <= key < to`, at most `limit`; ascending, or descending from the end when `reverse`.
    ///
    /// # Errors
    /// When the store fails.
    fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
        limit: usize,
        reverse: bool,
    ) -> Result<Rows, StoreError>;

    /// Writes a batch, wholly or not at all.
    ///
    /// # Errors
    /// When the store fails; then nothing of the batch is written.
    fn commit(&mut self, batch: Batch) -> Result<(), StoreError>;

    /// Deletes everything, for good.
    ///
    /// # Errors
    /// When the store fails.
    fn wipe(&mut self) -> Result<(), StoreError>;
}
