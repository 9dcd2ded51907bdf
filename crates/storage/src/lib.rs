//! The storage port: what the services need of a database, and the contract that every adapter must pass.
//!
//! Writing happens in a [`UnitOfWork`]: a closure that runs on the adapter's writer and happens wholly or not at all.
//! Units that arrive together may share one database transaction (group commit), each in a savepoint of its own; a
//! unit's future ends only when its writes are durable. Closures are short and never wait for anything (ADR 0002).
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod accounts;
pub mod contract;
pub mod conversations;
pub mod instance;
pub mod search;
pub mod unique;
pub mod vault;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

/// Why the database did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The queue of writes is full.
    #[error("busy: try again in {retry_after_ms} ms")]
    Busy {
        /// When to try again.
        retry_after_ms: u32,
    },
    /// Writing is impossible at the moment (disk full, read-only file system, locked by another).
    #[error("the database can't be written: {reason}")]
    ReadOnly {
        /// For a person.
        reason: String,
    },
    /// A row that must be unique exists already.
    #[error("already there: {what}")]
    Conflict {
        /// Which kind of row, one of [`unique`].
        what: &'static str,
    },
    /// Anything else; for the log, never for a client.
    #[error("database: {0}")]
    Database(String),
}

/// Everything that can be read.
pub trait Reader:
    instance::InstanceReader
    + accounts::AccountReader
    + vault::VaultReader
    + conversations::ConversationReader
{
}

impl<T> Reader for T where
    T: instance::InstanceReader
        + accounts::AccountReader
        + vault::VaultReader
        + conversations::ConversationReader
        + ?Sized
{
}

/// Everything that can be read and written, in one atomic unit.
pub trait UnitOfWork:
    instance::InstanceWriter
    + accounts::AccountWriter
    + vault::VaultWriter
    + conversations::ConversationWriter
{
}

impl<T> UnitOfWork for T where
    T: instance::InstanceWriter
        + accounts::AccountWriter
        + vault::VaultWriter
        + conversations::ConversationWriter
        + ?Sized
{
}

/// Tells the adapter to roll this unit back; the reason travels beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollBack;

/// A unit of work, as adapters run it. Once a writing method has failed, the unit can't succeed any more: adapters roll
/// it back and answer with that first error even if the job returns `Ok`.
pub type WriteJob = Box<dyn FnOnce(&mut dyn UnitOfWork) -> Result<(), RollBack> + Send>;
/// What follows a unit once it is durable, as adapters run it: short, and never waits.
pub type AfterJob = Box<dyn FnOnce() + Send>;
/// A read, as adapters run it, on one consistent snapshot.
pub type ReadJob = Box<dyn FnOnce(&dyn Reader) + Send>;

/// Whether the database can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Writable,
    /// It can't; reading works.
    ReadOnly {
        /// For a person.
        reason: String,
    },
}

/// A database. Use [`read`] and [`write`].
#[async_trait]
pub trait Storage: Send + Sync {
    /// Runs a unit of work. Returns when it is durable, or was rolled back because the job said so.
    ///
    /// # Errors
    /// When the unit could not be queued, run or made durable; then none of it happened.
    async fn write_job(&self, job: WriteJob) -> Result<(), StorageError>;

    /// As [`Storage::write_job`], and runs `after` when the unit is durable: before this returns, also when nobody
    /// waits for it any more, and in the order of the units. So events are published once and in order.
    ///
    /// What is given here does not keep that order, nor does it run `after` when it is dropped while it waits:
    /// adapters do better, on their writer.
    ///
    /// # Errors
    /// As [`Storage::write_job`]; `after` did not run then.
    async fn write_job_then(&self, job: WriteJob, after: AfterJob) -> Result<(), StorageError> {
        self.write_job(job).await?;
        after();
        Ok(())
    }

    /// Runs a read on a snapshot.
    ///
    /// # Errors
    /// When the database can't be read.
    async fn read_job(&self, job: ReadJob) -> Result<(), StorageError>;

    /// Whether it can be written now.
    fn health(&self) -> Health;
}

type Slot<T> = Arc<Mutex<Option<T>>>;

fn take<T>(slot: &Slot<T>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn fill<T>(slot: &Slot<T>, value: T) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
}

/// Runs `unit` atomically and returns what it returned once that is durable.
///
/// # Errors
/// What `unit` returned (it is then rolled back), or the database's error.
pub async fn write<T, E>(
    storage: &dyn Storage,
    unit: impl FnOnce(&mut dyn UnitOfWork) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let slot: Slot<Result<T, E>> = Arc::default();
    let out = Arc::clone(&slot);
    storage
        .write_job(Box::new(move |unit_of_work| {
            let result = unit(unit_of_work);
            let verdict = if result.is_ok() {
                Ok(())
            } else {
                Err(RollBack)
            };
            fill(&out, result);
            verdict
        }))
        .await?;
    take(&slot).unwrap_or_else(|| Err(StorageError::Database("the unit did not run".into()).into()))
}

/// As [`write`], and calls `after` with what `unit` returned once that is durable (see
/// [`Storage::write_job_then`]): also when the future is dropped meanwhile, and in the order of the units.
///
/// # Errors
/// As [`write`]; `after` was not called then.
pub async fn write_then<T, E>(
    storage: &dyn Storage,
    unit: impl FnOnce(&mut dyn UnitOfWork) -> Result<T, E> + Send + 'static,
    after: impl FnOnce(&T) + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let slot: Slot<Result<T, E>> = Arc::default();
    let (out, done) = (Arc::clone(&slot), Arc::clone(&slot));
    let job: WriteJob = Box::new(move |unit_of_work| {
        let result = unit(unit_of_work);
        let verdict = if result.is_ok() {
            Ok(())
        } else {
            Err(RollBack)
        };
        fill(&out, result);
        verdict
    });
    let then: AfterJob = Box::new(move || {
        if let Some(Ok(value)) = &*done.lock().unwrap_or_else(PoisonError::into_inner) {
            after(value);
        }
    });
    storage.write_job_then(job, then).await?;
    take(&slot).unwrap_or_else(|| Err(StorageError::Database("the unit did not run".into()).into()))
}

/// Runs `f` on a snapshot and returns what it returned.
///
/// # Errors
/// What `f` returned, or the database's error.
pub async fn read<T, E>(
    storage: &dyn Storage,
    f: impl FnOnce(&dyn Reader) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let slot: Slot<Result<T, E>> = Arc::default();
    let out = Arc::clone(&slot);
    storage
        .read_job(Box::new(move |reader| fill(&out, f(reader))))
        .await?;
    take(&slot).unwrap_or_else(|| Err(StorageError::Database("the read did not run".into()).into()))
}
