//! The writer: one connection, units in group commits, and what happens when writing is impossible.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use rusqlite::Connection;
use storage::{AfterJob, Health, RollBack, StorageError, WriteJob};
use tokio::sync::{oneshot, watch};

use crate::{
    error::{OPENED_READ_ONLY, Trouble, of_write},
    rows::{Failed, Rows},
};

/// Units of one transaction.
const BATCH: usize = 512;
/// A unit that waits, and who waits for it.
pub(crate) struct Queued {
    pub job: WriteJob,
    /// Runs here, in the order of the units, once the unit is durable; also when nobody waits any more.
    pub after: Option<AfterJob>,
    pub answer: oneshot::Sender<Result<(), StorageError>>,
}

/// Writes on its connection.
pub(crate) struct Writer {
    connection: Connection,
    health: watch::Sender<Health>,
    /// Pages of the write-ahead log after the last commit.
    log_pages: Arc<AtomicUsize>,
    carry_over_pages: usize,
    /// The file could only be opened for reading, and stays so.
    read_only: bool,
}

impl Writer {
    pub fn new(
        mut connection: Connection,
        health: watch::Sender<Health>,
        carry_over_pages: usize,
    ) -> rusqlite::Result<Self> {
        let log_pages = Arc::new(AtomicUsize::new(0));
        let pages = Arc::clone(&log_pages);
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
            pages.store(usize::try_from(count).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        let read_only = connection.is_readonly(rusqlite::MAIN_DB)?;
        Ok(Self {
            connection,
            health,
            log_pages,
            carry_over_pages,
            read_only,
        })
    }

    /// Serves a queue until all its senders are gone and it is empty. Takes what waits, never waits for more: while
    /// one transaction becomes durable, the next one gathers.
    pub fn serve(mut self, queue: &Receiver<Queued>, probe_every: Duration) {
        loop {
            if self.is_writable() {
                let Ok(first) = queue.recv() else { return };
                let mut batch = vec![first];
                batch.extend(queue.try_iter().take(BATCH - 1));
                self.commit(batch);
                self.carry_over();
            } else {
                match queue.recv_timeout(probe_every) {
                    // Came in before the state was known; new ones are refused where they arrive.
                    Ok(queued) => self.refuse(queued),
                    Err(RecvTimeoutError::Timeout) => self.probe(),
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        }
    }

    /// Runs one unit at once.
    pub fn run(&mut self, job: WriteJob, after: Option<AfterJob>) -> Result<(), StorageError> {
        if !self.is_writable() {
            self.probe();
        }
        if let Health::ReadOnly { reason } = &*self.health.borrow() {
            return Err(StorageError::ReadOnly {
                reason: reason.clone(),
            });
        }
        let (answer, mut answered) = oneshot::channel();
        self.commit(vec![Queued { job, after, answer }]);
        self.carry_over();
        answered
            .try_recv()
            .unwrap_or_else(|_| Err(StorageError::Database("the unit was not answered".into())))
    }

    fn is_writable(&self) -> bool {
        *self.health.borrow() == Health::Writable
    }

    fn refuse(&self, queued: Queued) {
        let reason = match &*self.health.borrow() {
            Health::ReadOnly { reason } => reason.clone(),
            Health::Writable => String::new(),
        };
        let _ = queued.answer.send(Err(StorageError::ReadOnly { reason }));
    }

    fn set_health(&self, health: Health) {
        self.health.send_if_modified(|standing| {
            let changed = *standing != health;
            if changed {
                match &health {
                    Health::Writable => tracing::info!("the database can be written again"),
                    Health::ReadOnly { reason } => {
                        tracing::error!(reason, "the database can't be written");
                    }
                }
                *standing = health;
            }
            changed
        });
    }

    fn statement(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// Runs the units in one transaction and answers when it is durable.
    fn commit(&mut self, batch: Vec<Queued>) {
        let mut outcomes = Vec::with_capacity(batch.len());
        let (jobs, answers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|queued| (queued.job, (queued.after, queued.answer)))
            .unzip();
        let failed = self.transaction(jobs, &mut outcomes).err();
        if let Some(failed) = &failed {
            if !self.connection.is_autocommit() {
                // A failure here changes nothing: what is not committed is not there.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            if failed.everywhere
                && let StorageError::ReadOnly { reason } = &failed.error
            {
                self.set_health(Health::ReadOnly {
                    reason: reason.clone(),
                });
            }
        }
        let mut outcomes = outcomes.into_iter();
        for (after, answer) in answers {
            let outcome = match &failed {
                Some(failed) => Err(failed.error.clone()),
                None => outcomes.next().unwrap_or(Ok(())),
            };
            if let (Ok(()), Some(after)) = (&outcome, after) {
                // A panic there was reported; the unit is durable all the same.
                let _ = catch_unwind(AssertUnwindSafe(after));
            }
            // Who has given up waiting needs no answer.
            let _ = answer.send(outcome);
        }
    }

    fn transaction(
        &self,
        jobs: Vec<WriteJob>,
        outcomes: &mut Vec<Result<(), StorageError>>,
    ) -> Result<(), Failed> {
        self.statement("BEGIN IMMEDIATE").map_err(|e| failure(&e))?;
        for job in jobs {
            outcomes.push(self.unit(job)?);
        }
        self.statement("COMMIT").map_err(|e| failure(&e))
    }

    /// Runs one unit in a savepoint. The outer error ends the whole transaction.
    fn unit(&self, job: WriteJob) -> Result<Result<(), StorageError>, Failed> {
        self.statement("SAVEPOINT unit").map_err(|e| failure(&e))?;
        let mut rows = Rows::writing(&self.connection);
        let verdict = catch_unwind(AssertUnwindSafe(|| job(&mut rows)));
        let failed = rows.into_failure();
        if let Some(failed) = failed.as_ref().filter(|failed| failed.everywhere) {
            return Err(failed.clone());
        }
        let outcome = match (verdict, failed) {
            (Ok(Ok(())), None) => {
                self.statement("RELEASE unit").map_err(|e| failure(&e))?;
                return Ok(Ok(()));
            }
            (Ok(Ok(())), Some(failed)) => Err(failed.error),
            (Ok(Err(RollBack)), _) => Ok(()),
            (Err(_), _) => Err(StorageError::Database("the unit panicked".into())),
        };
        self.statement("ROLLBACK TO unit")
            .map_err(|e| failure(&e))?;
        self.statement("RELEASE unit").map_err(|e| failure(&e))?;
        Ok(outcome)
    }

    /// Sees by a small durable write whether writing works (again).
    pub fn probe(&self) {
        if self.read_only {
            let reason = OPENED_READ_ONLY.to_owned();
            return self.set_health(Health::ReadOnly { reason });
        }
        let attempt = self.statement("UPDATE probe SET count = count + 1 WHERE id = 1");
        match attempt {
            Ok(()) => self.set_health(Health::Writable),
            Err(e) => {
                if let Trouble::Everywhere(reason) = of_write(&e) {
                    self.set_health(Health::ReadOnly { reason });
                }
            }
        }
    }

    /// Carries the write-ahead log over to the database file when it has grown.
    fn carry_over(&self) {
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < self.carry_over_pages {
            return;
        }
        let sql = if pages < self.carry_over_pages.saturating_mul(10) {
            "PRAGMA wal_checkpoint(PASSIVE)"
        } else {
            "PRAGMA wal_checkpoint(TRUNCATE)"
        };
        // Not being able to is no error: the log keeps what it has, and it is tried again after the next commit.
        if let Err(e) = self.connection.query_row(sql, [], |_| Ok(())) {
            tracing::warn!(error = %e, pages, "the write-ahead log could not be carried over");
        }
    }
}

/// What a failed statement of the transaction itself means.
fn failure(error: &rusqlite::Error) -> Failed {
    match of_write(error) {
        Trouble::Here(error) => Failed {
            error,
            everywhere: false,
        },
        Trouble::Everywhere(reason) => Failed {
            error: StorageError::ReadOnly { reason },
            everywhere: true,
        },
    }
}
