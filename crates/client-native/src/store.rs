//! The engine's store in SQLite: one file, one table, values sealed.
//!
//! The key of the values is in a file of its own beside it (`store.key`, readable by its owner alone). That protects a
//! copied database file and makes wiping quick and sure; it does not protect against who can read the whole folder:
//! the operating system's disk encryption does.

pub(crate) mod private;

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use ambient::Random;
use client::{Batch, Space, Store, StoreError, store::Rows};
use e2ee::local::LocalCipher;
use rand_chacha::ChaCha20Rng;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params,
};
use zeroize::Zeroizing;

/// Version of the schema, in `PRAGMA user_version`.
const SCHEMA: i64 = 1;
const DATABASE: &str = "store.sqlite";
const KEY: &str = "store.key";
const LOCK: &str = "store.lock";

/// A store in a folder. One process at a time.
pub struct SqliteStore {
    folder: PathBuf,
    database: Connection,
    cipher: LocalCipher,
    rng: ChaCha20Rng,
    /// Whether `PRAGMA synchronous` is FULL.
    full: bool,
    /// Held until the store is closed.
    _lock: File,
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Failed(error.to_string())
}

fn io_failed(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => failed(error),
    }
}

fn sql_failed(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::InUse,
        _ => failed(error),
    }
}

/// The name under which a space's values are sealed. It is the space's number: numbers never change their meaning.
fn seal_name(space: Space) -> String {
    (space as u8).to_string()
}

impl SqliteStore {
    /// Opens the store of a folder; makes both when they are not there.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it open, [`StoreError::Newer`] when a newer version wrote it.
    pub fn open(folder: &Path, random: &dyn Random) -> Result<Self, StoreError> {
        private::make_folder(folder).map_err(io_failed)?;
        let lock = private::create(&folder.join(LOCK)).map_err(io_failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::InUse,
            TryLockError::Error(error) => io_failed(error),
        })?;
        let path = folder.join(DATABASE);
        let key = key(folder, path.exists(), random)?;
        // made before SQLite does, so that its mode is ours
        private::create(&path).map_err(io_failed)?;
        let database = Connection::open(&path).map_err(sql_failed)?;
        prepare(&database)?;
        Ok(Self {
            folder: folder.to_owned(),
            database,
            cipher: LocalCipher::new(&key),
            rng: ambient::generator(random),
            full: true,
            _lock: lock,
        })
    }

    fn opened(&self, space: Space, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.cipher
            .open(&seal_name(space), key, sealed)
            .map(|value| value.to_vec())
            .map_err(failed)
    }

    /// Every commit is synced when `full`; otherwise a power cut may lose the last ones.
    fn synchronous(&mut self, full: bool) -> Result<(), StoreError> {
        if self.full != full {
            let level = if full { "FULL" } else { "NORMAL" };
            self.database
                .pragma_update(None, "synchronous", level)
                .map_err(sql_failed)?;
            self.full = full;
        }
        Ok(())
    }
}

fn prepare(database: &Connection) -> Result<(), StoreError> {
    let version: i64 = database
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(sql_failed)?;
    if version > SCHEMA {
        return Err(StoreError::Newer);
    }
    // no other process comes near: no shared memory needed
    database
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA secure_delete = ON;",
        )
        .map_err(sql_failed)?;
    if version == 0 {
        database
            .execute_batch(&format!(
                "BEGIN;
                 CREATE TABLE entries (
                     space INTEGER NOT NULL,
                     key BLOB NOT NULL,
                     value BLOB NOT NULL,
                     PRIMARY KEY (space, key)
                 ) STRICT, WITHOUT ROWID;
                 PRAGMA user_version = {SCHEMA};
                 COMMIT;"
            ))
            .map_err(sql_failed)?;
    }
    Ok(())
}

fn key(
    folder: &Path,
    store_exists: bool,
    random: &dyn Random,
) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    match private::read(&folder.join(KEY)) {
        Ok(bytes) => bytes
            .as_slice()
            .try_into()
            .map(Zeroizing::new)
            .map_err(|_| failed("the file store.key is damaged")),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !store_exists => {
            new_key(folder, random)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(failed("the file store.key is missing"))
        }
        Err(error) => Err(io_failed(error)),
    }
}

fn new_key(folder: &Path, random: &dyn Random) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill(key.as_mut_slice());
    private::replace(folder, KEY, key.as_slice()).map_err(io_failed)?;
    Ok(key)
}

impl Store for SqliteStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed: Option<Vec<u8>> = self
            .database
            .prepare_cached("SELECT value FROM entries WHERE space = ?1 AND key = ?2")
            .and_then(|mut query| {
                query
                    .query_row(params![space as u8, key], |row| row.get(0))
                    .optional()
            })
            .map_err(sql_failed)?;
        sealed
            .map(|sealed| self.opened(space, key, &sealed))
            .transpose()
    }

    fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
        limit: usize,
        reverse: bool,
    ) -> Result<Rows, StoreError> {
        let sql = if reverse {
            "SELECT key, value FROM entries WHERE space = ?1 AND key >= ?2 AND key < ?3
             ORDER BY key DESC LIMIT ?4"
        } else {
            "SELECT key, value FROM entries WHERE space = ?1 AND key >= ?2 AND key < ?3
             ORDER BY key LIMIT ?4"
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut query = self.database.prepare_cached(sql).map_err(sql_failed)?;
        let mut rows = query
            .query(params![space as u8, from, to, limit])
            .map_err(sql_failed)?;
        let mut out = Rows::new();
        while let Some(row) = rows.next().map_err(sql_failed)? {
            let key: Vec<u8> = row.get(0).map_err(sql_failed)?;
            let sealed: Vec<u8> = row.get(1).map_err(sql_failed)?;
            let value = self.opened(space, &key, &sealed)?;
            out.push((key, value));
        }
        Ok(out)
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.synchronous(batch.durable)?;
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql_failed)?;
        for change in batch.changes {
            let (space, key) = (change.space, change.key.as_slice());
            match change.value {
                Some(value) => {
                    let name = seal_name(space);
                    let sealed = self.cipher.seal(&mut self.rng, &name, key, &value);
                    put(&transaction, space, key, &sealed)
                }
                None => delete(&transaction, space, key),
            }
            .map_err(sql_failed)?;
        }
        transaction.commit().map_err(sql_failed)
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.synchronous(true)?;
        self.database
            .execute_batch("DELETE FROM entries; PRAGMA wal_checkpoint(TRUNCATE); VACUUM;")
            .map_err(sql_failed)?;
        // what the disk may still hold of the old values can't be opened any more
        let mut key = Zeroizing::new([0; 32]);
        rand_chacha::rand_core::RngCore::fill_bytes(&mut self.rng, key.as_mut_slice());
        private::replace(&self.folder, KEY, key.as_slice()).map_err(io_failed)?;
        self.cipher = LocalCipher::new(&key);
        Ok(())
    }
}

fn put(
    transaction: &Transaction<'_>,
    space: Space,
    key: &[u8],
    sealed: &[u8],
) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached(
            "INSERT INTO entries (space, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![space as u8, key, sealed])
}

fn delete(transaction: &Transaction<'_>, space: Space, key: &[u8]) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached("DELETE FROM entries WHERE space = ?1 AND key = ?2")?
        .execute(params![space as u8, key])
}

#[cfg(test)]
mod tests;
