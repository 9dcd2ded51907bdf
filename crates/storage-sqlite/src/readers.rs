//! The reader pool.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;
use storage::{ReadJob, StorageError};
use tokio::sync::oneshot;

use crate::{BUSY_RETRY_MS, error::of_read, rows::Rows};

/// Reads that may wait.
const QUEUE: usize = 8192;

struct Queued {
    job: ReadJob,
    answer: oneshot::Sender<Result<(), StorageError>>,
}

/// Threads that read, each on a connection of its own.
pub(crate) struct Readers {
    queue: Option<SyncSender<Queued>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts a thread for each connection.
    pub fn start(connections: Vec<Connection>) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        let start = |connection| {
            let waiting = Arc::clone(&waiting);
            std::thread::Builder::new()
                .name("sqlite reader".into())
                .spawn(move || serve(&connection, &waiting))
        };
        let threads = connections
            .into_iter()
            .map(start)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    /// Hands a job over.
    pub async fn read(&self, job: ReadJob) -> Result<(), StorageError> {
        let (answer, answered) = oneshot::channel();
        let closed = || StorageError::Database("the readers have ended".into());
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        match queue.try_send(Queued { job, answer }) {
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

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        crate::join(self.threads.drain(..));
    }
}

fn serve(connection: &Connection, waiting: &Mutex<Receiver<Queued>>) {
    loop {
        // One thread waits at the queue, the others for it: an arrival wakes one.
        let next = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(Queued { job, answer }) = next else {
            return;
        };
        // Nobody waits for the answer of a request that was given up.
        let _ = answer.send(read(connection, job));
    }
}

/// Runs a read on one snapshot.
pub(crate) fn read(connection: &Connection, job: ReadJob) -> Result<(), StorageError> {
    let run = |sql| {
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute([])
    };
    run("BEGIN").map_err(|e| of_read(&e))?;
    let rows = Rows::reading(connection);
    let outcome = catch_unwind(AssertUnwindSafe(|| job(&rows)));
    run("COMMIT").map_err(|e| of_read(&e))?;
    outcome.map_err(|_| StorageError::Database("the read panicked".into()))
}
