//! The engine's store in SQLite: one table, the same natively and in browsers.
//!
//! Whoever opens the database decides where it is and how it is protected: natively each value is sealed by
//! `e2ee::local`, in a browser SQLite encrypts whole pages below this crate.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod schema;

use client::{Batch, Space, Store, StoreError, store::Rows};
use e2ee::local::LocalCipher;
use rand_chacha::ChaCha20Rng;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params,
};

pub use rusqlite;
pub use schema::SCHEMA;

/// How values are protected on the disk.
#[allow(clippy::large_enum_variant, reason = "there is one for each store")]
pub enum Values {
    /// Each one is sealed for its place.
    Sealed {
        /// What seals them.
        cipher: LocalCipher,
        /// Gives the nonces.
        rng: ChaCha20Rng,
    },
    /// As they are: SQLite encrypts the pages, or nothing reaches a disk.
    Plain,
}

/// A store in an SQLite database. It must be the only connection to it.
pub struct Database {
    connection: Connection,
    values: Values,
    /// Whether `PRAGMA synchronous` is FULL.
    full: bool,
}

/// Any error, as the store port tells it.
#[must_use]
pub fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Failed(error.to_string())
}

/// An error of SQLite, as the store port tells it.
#[must_use]
pub fn sql_failed(error: rusqlite::Error) -> StoreError {
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

impl Database {
    /// Takes an open connection; makes the table when it is not there, and brings an older schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when a newer version wrote it.
    pub fn open(connection: Connection, values: Values) -> Result<Self, StoreError> {
        schema::prepare(&connection, &values)?;
        Ok(Self {
            connection,
            values,
            full: true,
        })
    }

    /// Seals values with another key from now on. For an empty store only: what is there does not open any more.
    pub fn seal_with(&mut self, new: LocalCipher) {
        if let Values::Sealed { cipher, .. } = &mut self.values {
            *cipher = new;
        }
    }

    /// Writes what is still in the journal into the database file.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")
            .map_err(sql_failed)
    }

    /// The connection, for tests that look below the store.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    fn opened(&self, space: Space, key: &[u8], kept: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        match &self.values {
            Values::Sealed { cipher, .. } => cipher
                .open(&seal_name(space), key, &kept)
                .map(|value| value.to_vec())
                .map_err(failed),
            Values::Plain => Ok(kept),
        }
    }

    /// Every commit is synced when `full`; otherwise a power cut may lose the last ones.
    fn synchronous(&mut self, full: bool) -> Result<(), StoreError> {
        if self.full != full {
            let level = if full { "FULL" } else { "NORMAL" };
            self.connection
                .pragma_update(None, "synchronous", level)
                .map_err(sql_failed)?;
            self.full = full;
        }
        Ok(())
    }
}

impl Store for Database {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let kept: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT value FROM entries WHERE space = ?1 AND key = ?2")
            .and_then(|mut query| {
                query
                    .query_row(params![space as u8, key], |row| row.get(0))
                    .optional()
            })
            .map_err(sql_failed)?;
        kept.map(|kept| self.opened(space, key, kept)).transpose()
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
        let mut query = self.connection.prepare_cached(sql).map_err(sql_failed)?;
        let mut rows = query
            .query(params![space as u8, from, to, limit])
            .map_err(sql_failed)?;
        let mut out = Rows::new();
        while let Some(row) = rows.next().map_err(sql_failed)? {
            let key: Vec<u8> = row.get(0).map_err(sql_failed)?;
            let kept: Vec<u8> = row.get(1).map_err(sql_failed)?;
            let value = self.opened(space, &key, kept)?;
            out.push((key, value));
        }
        Ok(out)
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.synchronous(batch.durable)?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql_failed)?;
        for change in batch.changes {
            let (space, key) = (change.space, change.key.as_slice());
            match change.value {
                Some(value) => {
                    let kept = match &mut self.values {
                        Values::Sealed { cipher, rng } => {
                            cipher.seal(rng, &seal_name(space), key, &value)
                        }
                        Values::Plain => value,
                    };
                    put(&transaction, space, key, &kept)
                }
                None => delete(&transaction, space, key),
            }
            .map_err(sql_failed)?;
        }
        transaction.commit().map_err(sql_failed)
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.synchronous(true)?;
        self.connection
            .execute_batch("DELETE FROM entries; PRAGMA wal_checkpoint(TRUNCATE); VACUUM;")
            .map_err(sql_failed)
    }
}

fn put(
    transaction: &Transaction<'_>,
    space: Space,
    key: &[u8],
    kept: &[u8],
) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached(
            "INSERT INTO entries (space, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![space as u8, key, kept])
}

fn delete(transaction: &Transaction<'_>, space: Space, key: &[u8]) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached("DELETE FROM entries WHERE space = ?1 AND key = ?2")?
        .execute(params![space as u8, key])
}

#[cfg(test)]
mod tests;
