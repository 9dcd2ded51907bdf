//! The storage port on SQLite: one writer with group commit and full fsync, a pool of readers, forward migrations.
//!
//! [`SqliteStorage::open`] takes a folder and keeps everybody else out of it. What was answered is on the disk; what
//! was not answered may or may not be there, whole. When the disk is full or can't be written, units are refused with
//! a reason, reading goes on, and writing resumes by itself; so it is also when it can't be written when it is opened
//! (but for a folder that is read-only then: it is opened anew to be written).
//!
//! One case is weaker than the port says: when the disk fails on the sync itself, the refused units may come back, whole,
//! if the machine dies before the next successful write. Message ids and versions make such a return harmless.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod migrations;
mod open;
mod readers;
mod rows;
mod writer;

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use async_trait::async_trait;
use rusqlite::Connection;
use storage::{AfterJob, Health, ReadJob, Storage, StorageError, WriteJob};
use tokio::sync::{oneshot, watch};

pub use error::OpenError;
pub use open::{DATABASE_FILE, LOCK_FILE, Options, Synchronous, Work};

use open::Folder;
use readers::Readers;
use writer::{Queued, Writer};

/// After how long somebody who met a full queue tries again: about as long as half a queue takes.
const BUSY_RETRY_MS: u32 = 250;

/// A database in a folder of its own. Dropping it ends its threads, after what waits, and frees the folder.
pub struct SqliteStorage {
    worker: Worker,
    health: watch::Receiver<Health>,
    /// Freed last.
    _folder: Folder,
}

enum Worker {
    Threads {
        readers: Readers,
        writer: WriterThread,
    },
    InPlace {
        reader: Mutex<Connection>,
        writer: Mutex<Writer>,
    },
}

impl SqliteStorage {
    /// Opens the database in `folder`; makes both where they are missing, and brings an older database up to date.
    /// Blocks for as long as that takes.
    ///
    /// # Errors
    /// [`OpenError`], in words for who runs the server.
    pub fn open(folder: &Path, options: &Options) -> Result<Self, OpenError> {
        let opened = Folder::lock(folder)?;
        let (told, health) = watch::channel(Health::Writable);
        let failed = |reason: String| OpenError::Database {
            folder: folder.display().to_string(),
            reason,
        };
        let connection = opened.writer(options)?;
        let writer = Writer::new(connection, told, options.carry_over_pages)
            .map_err(|e| failed(e.to_string()))?;
        // Whether writing is possible is known from the first moment on.
        writer.probe();
        let worker = match options.work {
            Work::InPlace => Worker::InPlace {
                reader: Mutex::new(opened.reader(options)?),
                writer: Mutex::new(writer),
            },
            Work::Threads => {
                let connections = (0..options.readers.max(1))
                    .map(|_| opened.reader(options))
                    .collect::<Result<_, _>>()?;
                Worker::Threads {
                    readers: Readers::start(connections).map_err(|e| failed(e.to_string()))?,
                    writer: WriterThread::start(writer, options)
                        .map_err(|e| failed(e.to_string()))?,
                }
            }
        };
        Ok(Self {
            worker,
            health,
            _folder: opened,
        })
    }

    async fn queue(&self, job: WriteJob, after: Option<AfterJob>) -> Result<(), StorageError> {
        match &self.worker {
            Worker::InPlace { writer, .. } => writer
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .run(job, after),
            Worker::Threads { writer, .. } => {
                if let Health::ReadOnly { reason } = self.health() {
                    return Err(StorageError::ReadOnly { reason });
                }
                writer.write(job, after).await
            }
        }
    }

    /// Tells whenever [`Storage::health`] changes.
    #[must_use]
    pub fn health_changes(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }
}

#[async_trait]
impl Storage for SqliteStorage {
    async fn write_job(&self, job: WriteJob) -> Result<(), StorageError> {
        self.queue(job, None).await
    }

    async fn write_job_then(&self, job: WriteJob, after: AfterJob) -> Result<(), StorageError> {
        self.queue(job, Some(after)).await
    }

    async fn read_job(&self, job: ReadJob) -> Result<(), StorageError> {
        match &self.worker {
            Worker::InPlace { reader, .. } => {
                readers::read(&reader.lock().unwrap_or_else(PoisonError::into_inner), job)
            }
            Worker::Threads { readers, .. } => readers.read(job).await,
        }
    }

    fn health(&self) -> Health {
        self.health.borrow().clone()
    }
}

/// The thread that writes.
struct WriterThread {
    queue: Option<SyncSender<Queued>>,
    thread: Option<JoinHandle<()>>,
}

impl WriterThread {
    fn start(writer: Writer, options: &Options) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(options.queue);
        let probe_every = options.probe_every;
        let thread = std::thread::Builder::new()
            .name("sqlite writer".into())
            .spawn(move || writer.serve(&waiting, probe_every))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    async fn write(&self, job: WriteJob, after: Option<AfterJob>) -> Result<(), StorageError> {
        let (answer, answered) = oneshot::channel();
        let closed = || StorageError::Database("the writer has ended".into());
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        match queue.try_send(Queued { job, after, answer }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(StorageError::Busy {
                    retry_after_ms: BUSY_RETRY_MS,
                });
            }
            Err(TrySendError::Disconnected(_)) => return Err(closed()),
        }
        answered.await.unwrap_or_else(|_| Err(closed()))
    }
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        self.queue = None;
        join(self.thread.take());
    }
}

/// Waits for threads to end; not for the one that asks, which ends when it has done what it does.
fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    for thread in threads {
        if thread.thread().id() != std::thread::current().id() {
            // A panic there was reported where it happened.
            let _ = thread.join();
        }
    }
}
