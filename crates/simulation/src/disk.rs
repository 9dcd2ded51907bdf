//! Disks: a device's, whose newest unsynced writes a power cut takes, and the server's, which can become read-only.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use client::{
    Batch, MemoryStore, Space, Store, StoreError,
    store::{Change, Rows},
};
use storage::{AfterJob, Health, ReadJob, Storage, StorageError, WriteJob};

/// A device's store. As in SQLite, a durable batch makes those before it durable too.
#[derive(Default)]
pub struct Disk {
    rows: MemoryStore,
    /// What was there before each batch since the last durable one.
    undo: Vec<Batch>,
    full: Arc<AtomicBool>,
}

impl Disk {
    /// How many batches a power cut may take.
    #[must_use]
    pub fn unsynced(&self) -> usize {
        self.undo.len()
    }

    /// The power goes: the newest `lost` batches that were not synced are gone.
    pub fn power_cut(&mut self, lost: usize) {
        for _ in 0..lost {
            if let Some(before) = self.undo.pop() {
                self.rows.commit(before).unwrap();
            }
        }
        self.undo.clear();
    }

    /// Set to make every write fail.
    #[must_use]
    pub fn full(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.full)
    }

    fn before(&self, batch: &Batch) -> Result<Batch, StoreError> {
        let mut before = Batch::default();
        for change in &batch.changes {
            before.changes.push(Change {
                space: change.space,
                key: change.key.clone(),
                value: self.rows.get(change.space, &change.key)?,
            });
        }
        Ok(before)
    }
}

impl Store for Disk {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.rows.get(space, key)
    }

    fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
        limit: usize,
        reverse: bool,
    ) -> Result<Rows, StoreError> {
        self.rows.range(space, from, to, limit, reverse)
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(StoreError::Full);
        }
        if batch.durable {
            self.undo.clear();
        } else {
            let before = self.before(&batch)?;
            self.undo.push(before);
        }
        self.rows.commit(batch)
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.undo.clear();
        self.rows.wipe()
    }
}

/// The server's database behind a switch.
pub struct Switched<S> {
    inner: S,
    read_only: Mutex<Option<String>>,
}

impl<S: Storage> Switched<S> {
    /// A database that can be written.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            read_only: Mutex::default(),
        }
    }

    /// Refuses to write for this reason, or takes writes again.
    pub fn set_read_only(&self, reason: Option<String>) {
        *self.reason() = reason;
    }

    fn reason(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.read_only
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn writable(&self) -> Result<(), StorageError> {
        match self.reason().clone() {
            Some(reason) => Err(StorageError::ReadOnly { reason }),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl<S: Storage> Storage for Switched<S> {
    async fn write_job(&self, job: WriteJob) -> Result<(), StorageError> {
        self.writable()?;
        self.inner.write_job(job).await
    }

    async fn write_job_then(&self, job: WriteJob, after: AfterJob) -> Result<(), StorageError> {
        self.writable()?;
        self.inner.write_job_then(job, after).await
    }

    async fn read_job(&self, job: ReadJob) -> Result<(), StorageError> {
        self.inner.read_job(job).await
    }

    fn health(&self) -> Health {
        match self.reason().clone() {
            Some(reason) => Health::ReadOnly { reason },
            None => self.inner.health(),
        }
    }
}
