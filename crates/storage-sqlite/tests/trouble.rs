//! When the database can't be written: units are refused with a reason, nothing is half there, reading goes on, and
//! writing resumes by itself.
#![allow(clippy::unwrap_used)]

use std::{path::Path, sync::Arc, time::Duration};

use futures_util::future::join_all;
use storage::{Health, Storage, StorageError, read, write};
use storage_sqlite::{DATABASE_FILE, Options, SqliteStorage, Work};
use storage_sqlite_faults::{Disk, Fault, register};

fn open(folder: &Path, vfs: Option<&str>, work: Work) -> SqliteStorage {
    let options = Options {
        vfs: vfs.map(str::to_owned),
        work,
        readers: 1,
        probe_every: Duration::from_millis(20),
        carry_over_pages: 20,
        ..Options::default()
    };
    SqliteStorage::open(folder, &options).unwrap()
}

async fn put(storage: &SqliteStorage, n: u32) -> Result<(), StorageError> {
    write(storage, move |unit| {
        unit.set_value(&format!("a{n}"), Some(&[7; 5000]))?;
        unit.set_value(&format!("b{n}"), Some(&[7; 5000]))
    })
    .await
}

async fn there(storage: &SqliteStorage, n: u32) -> (bool, bool) {
    let pair = read(storage, move |r| {
        let is = |name: String| r.value(&name).map(|value| value.is_some());
        Ok::<_, StorageError>((is(format!("a{n}"))?, is(format!("b{n}"))?))
    });
    pair.await.unwrap()
}

async fn becomes(storage: &SqliteStorage, writable: bool) -> Health {
    let mut changes = storage.health_changes();
    let found = changes
        .wait_for(|health| (*health == Health::Writable) == writable)
        .await;
    found.unwrap().clone()
}

async fn refuses_and_recovers(name: &str, fault: Fault, words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Disk::new(1));
    register(name, Arc::clone(&disk));
    let storage = open(folder.path(), Some(name), Work::Threads);
    put(&storage, 0).await.unwrap();
    for round in 0..3u32 {
        disk.fail(Some(fault));
        let outcomes = join_all((1..40).map(|n| put(&storage, round * 100 + n))).await;
        for outcome in &outcomes {
            let Err(StorageError::ReadOnly { reason }) = outcome else {
                panic!("{outcome:?}");
            };
            assert!(reason.contains(words), "{reason}");
        }
        let Health::ReadOnly { reason } = becomes(&storage, false).await else {
            panic!("writable");
        };
        assert!(reason.contains(words), "{reason}");
        assert_eq!(there(&storage, 0).await, (true, true), "reading goes on");
        for n in 1..40 {
            assert_eq!(there(&storage, round * 100 + n).await, (false, false));
        }
        disk.fail(None);
        becomes(&storage, true).await;
        for n in 1..40 {
            put(&storage, round * 100 + n).await.unwrap();
        }
    }
    drop(storage);
    let again = open(folder.path(), None, Work::Threads);
    for round in 0..3 {
        assert_eq!(there(&again, round * 100 + 39).await, (true, true));
    }
}

#[tokio::test]
async fn a_full_disk() {
    refuses_and_recovers("full", Fault::NoSpace, "free some space").await;
}

#[tokio::test]
async fn a_disk_that_fails_on_writing() {
    refuses_and_recovers(
        "write",
        Fault::WriteFails,
        "the disk with the data folder fails",
    )
    .await;
}

#[tokio::test]
async fn a_disk_that_fails_on_sync() {
    refuses_and_recovers(
        "sync",
        Fault::SyncFails,
        "the disk with the data folder fails",
    )
    .await;
}

#[tokio::test]
async fn a_file_that_may_not_be_written_any_more() {
    refuses_and_recovers(
        "read-only",
        Fault::ReadOnly,
        "read-only; make both writable",
    )
    .await;
}

#[tokio::test]
async fn locked_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path(), None, Work::Threads);
    put(&storage, 1).await.unwrap();
    drop(storage);
    let other = rusqlite::Connection::open(folder.path().join(DATABASE_FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let storage = open(folder.path(), None, Work::Threads);
    let Health::ReadOnly { reason } = storage.health() else {
        panic!("writable");
    };
    assert!(reason.contains("another program"), "{reason}");
    assert_eq!(there(&storage, 1).await, (true, true));
    other.execute_batch("ROLLBACK").unwrap();
    becomes(&storage, true).await;
    put(&storage, 2).await.unwrap();
}

#[tokio::test]
async fn locked_by_another_program() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path(), None, Work::Threads);
    put(&storage, 1).await.unwrap();
    let other = rusqlite::Connection::open(folder.path().join(DATABASE_FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let Err(StorageError::ReadOnly { reason }) = put(&storage, 2).await else {
        panic!("written under a foreign lock");
    };
    assert!(reason.contains("another program"), "{reason}");
    assert_eq!(there(&storage, 1).await, (true, true));
    other.execute_batch("ROLLBACK").unwrap();
    becomes(&storage, true).await;
    put(&storage, 2).await.unwrap();
}

/// In place there is no thread that tries again: the next unit does.
#[tokio::test]
async fn in_place_the_next_unit_tries_again() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Disk::new(1));
    register("in place", Arc::clone(&disk));
    let storage = open(folder.path(), Some("in place"), Work::InPlace);
    disk.fail(Some(Fault::NoSpace));
    for _ in 0..2 {
        assert!(matches!(
            put(&storage, 1).await,
            Err(StorageError::ReadOnly { .. })
        ));
        assert!(matches!(storage.health(), Health::ReadOnly { .. }));
    }
    disk.fail(None);
    put(&storage, 1).await.unwrap();
    assert_eq!(storage.health(), Health::Writable);
}
