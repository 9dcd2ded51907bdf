//! The rows, as the services' repositories see them: one folder per port.

mod accounts;
mod closing;
mod conversations;
mod instance;
mod logs;
mod people;
mod vault;
mod waiting;
mod ways_back;

use std::cell::RefCell;

use rusqlite::{Connection, OptionalExtension, Params, Row};
use storage::StorageError;

use crate::error::{self, Trouble};

/// Why a unit of work can't succeed any more.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    /// What its author gets.
    pub error: StorageError,
    /// Whether nothing at all can be written.
    pub everywhere: bool,
}

/// Reads and writes rows inside a transaction that others begin and end.
pub(crate) struct Rows<'c> {
    connection: &'c Connection,
    writing: bool,
    failed: RefCell<Option<Failed>>,
}

impl<'c> Rows<'c> {
    /// For reading only.
    pub fn reading(connection: &'c Connection) -> Self {
        Self {
            connection,
            writing: false,
            failed: RefCell::new(None),
        }
    }

    /// For a unit of work.
    pub fn writing(connection: &'c Connection) -> Self {
        Self {
            writing: true,
            ..Self::reading(connection)
        }
    }

    /// The first error of this unit that rules its success out.
    pub fn into_failure(self) -> Option<Failed> {
        self.failed.into_inner()
    }

    fn fail(&self, error: &rusqlite::Error) -> StorageError {
        if !self.writing {
            return error::of_read(error);
        }
        let failed = match error::of_write(error) {
            Trouble::Here(error) => Failed {
                error,
                everywhere: false,
            },
            Trouble::Everywhere(reason) => Failed {
                error: StorageError::ReadOnly { reason },
                everywhere: true,
            },
        };
        let error = failed.error.clone();
        self.failed.borrow_mut().get_or_insert(failed);
        error
    }

    /// A refusal of our own, in place of SQLite's.
    fn refuse<T>(&self, error: StorageError) -> Result<T, StorageError> {
        self.failed.borrow_mut().get_or_insert(Failed {
            error: error.clone(),
            everywhere: false,
        });
        Err(error)
    }

    /// At most one row.
    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        map: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StorageError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(params, map).optional())
            .map_err(|e| self.fail(&e))
    }

    /// All rows.
    fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StorageError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params, map)?.collect())
            .map_err(|e| self.fail(&e))
    }

    /// Changes rows; how many.
    fn run(&self, sql: &str, params: impl Params) -> Result<usize, StorageError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params))
            .map_err(|e| self.fail(&e))
    }
}

/// A number as SQLite keeps it. The bits stay, so that every number comes back as it was; order is right below 2^63,
/// where all times, epochs and versions are.
fn int(number: u64) -> i64 {
    number.cast_signed()
}

/// The number that [`int`] kept.
fn uint(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

/// Bytes of a column.
fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<protocol::Bytes> {
    row.get::<_, Vec<u8>>(column).map(protocol::Bytes::from)
}
