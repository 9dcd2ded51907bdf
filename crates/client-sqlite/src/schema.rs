//! Versions of the schema: new stores, older ones, newer ones.
//!
//! An upgrade keeps what only this device has and drops what the server gives again: formats of kept values stay
//! readable for ever, all others may change from one version to the next.

use client::{Space, StoreError};
use rusqlite::Connection;

use crate::{Values, failed, sql_failed};

/// Version of the schema, in `PRAGMA user_version`.
pub const SCHEMA: i64 = 1;

/// What leads from one version to the next.
pub(crate) struct Step {
    /// The version that it starts from.
    pub(crate) from: i64,
    /// What changes besides dropping what can be fetched again.
    pub(crate) sql: &'static str,
}

/// In ascending order, without gaps.
const STEPS: &[Step] = &[];

/// What only this device has: who is signed in with their keys and the head of the vault, the mirror of the vault
/// that belongs to that head with the people pinned in it, what waits to be sent, drafts and settings that were not
/// told yet, and the entries that a server restored from a backup may have lost.
pub(crate) const KEPT: [Space; 6] = [
    Space::Own,
    Space::Manifest,
    Space::People,
    Space::Outbox,
    Space::Loose,
    Space::Sealed,
];

pub(crate) fn prepare(connection: &Connection, values: &Values) -> Result<(), StoreError> {
    prepare_as(connection, values, SCHEMA, STEPS)
}

/// As [`prepare`], for a schema of some version.
pub(crate) fn prepare_as(
    connection: &Connection,
    values: &Values,
    schema: i64,
    steps: &[Step],
) -> Result<(), StoreError> {
    // no other process comes near: no shared memory needed, which browsers do not have; said before anything is read
    connection
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE;")
        .map_err(sql_failed)?;
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(sql_failed)?;
    if version > schema {
        return Err(StoreError::Newer);
    }
    // sealed values leave keys and sizes in clear; where pages are encrypted, what was deleted can't be read either
    let erase = match values {
        Values::Sealed { .. } => "ON",
        Values::Plain => "OFF",
    };
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA secure_delete = {erase};"
        ))
        .map_err(sql_failed)?;
    match version {
        0 => create(connection, schema),
        old if old < schema => upgrade(connection, old, schema, steps),
        _ => Ok(()),
    }
}

fn create(connection: &Connection, schema: i64) -> Result<(), StoreError> {
    connection
        .execute_batch(&format!(
            "BEGIN;
             CREATE TABLE entries (
                 space INTEGER NOT NULL,
                 key BLOB NOT NULL,
                 value BLOB NOT NULL,
                 PRIMARY KEY (space, key)
             ) STRICT, WITHOUT ROWID;
             PRAGMA user_version = {schema};
             COMMIT;"
        ))
        .map_err(sql_failed)
}

/// All steps together or none.
fn upgrade(
    connection: &Connection,
    old: i64,
    schema: i64,
    steps: &[Step],
) -> Result<(), StoreError> {
    let kept = KEPT.map(|space| (space as u8).to_string()).join(", ");
    let transaction = connection.unchecked_transaction().map_err(sql_failed)?;
    let mut version = old;
    while version < schema {
        let step = steps
            .iter()
            .find(|step| step.from == version)
            .ok_or_else(|| failed(format!("there is no way from version {version}")))?;
        transaction
            .execute_batch(&format!(
                "DELETE FROM entries WHERE space NOT IN ({kept}); {}",
                step.sql
            ))
            .map_err(sql_failed)?;
        version += 1;
    }
    transaction
        .pragma_update(None, "user_version", schema)
        .map_err(sql_failed)?;
    transaction.commit().map_err(sql_failed)
}
