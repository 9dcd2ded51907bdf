//! What a data folder promises to who runs the server.
#![allow(clippy::unwrap_used)]

use storage::{Health, Storage, StorageError, read, write};
use storage_sqlite::{DATABASE_FILE, OpenError, Options, SqliteStorage, Work};

fn options(work: Work) -> Options {
    Options {
        work,
        readers: 2,
        ..Options::default()
    }
}

#[tokio::test]
async fn a_folder_is_opened_once_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("not").join("there yet");
    let first = SqliteStorage::open(&deep, &options(Work::Threads)).unwrap();
    let second = SqliteStorage::open(&deep, &options(Work::Threads))
        .err()
        .unwrap();
    assert!(matches!(second, OpenError::InUse { .. }));
    assert!(second.to_string().contains("another running server"));
    drop(first);
    SqliteStorage::open(&deep, &options(Work::Threads)).unwrap();
}

#[tokio::test]
async fn what_is_no_database_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(DATABASE_FILE), vec![7u8; 8192]).unwrap();
    let error = SqliteStorage::open(folder.path(), &options(Work::Threads))
        .err()
        .unwrap();
    assert!(error.to_string().contains("restore a backup"), "{error}");
}

#[tokio::test]
async fn in_place_and_threads_see_the_same_database() {
    let folder = tempfile::tempdir().unwrap();
    for (work, before) in [(Work::InPlace, None), (Work::Threads, Some(vec![1]))] {
        let storage = SqliteStorage::open(folder.path(), &options(work)).unwrap();
        assert_eq!(storage.health(), Health::Writable);
        let seen = read(&storage, |reader| reader.value("key")).await;
        assert_eq!(seen, Ok::<_, StorageError>(before));
        let written = write(&storage, |unit| unit.set_value("key", Some(&[1]))).await;
        assert_eq!(written, Ok::<_, StorageError>(()));
    }
}

#[tokio::test]
async fn a_panic_in_a_unit_ends_that_unit_alone() {
    let folder = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(folder.path(), &options(Work::Threads)).unwrap();
    let (panicked, fine) = tokio::join!(
        write(&storage, |unit| -> Result<(), StorageError> {
            unit.set_value("half", Some(b"done"))?;
            panic!("a bug")
        }),
        write(&storage, |unit| unit.set_value("whole", Some(b"done"))),
    );
    assert!(matches!(panicked, Err(StorageError::Database(_))));
    assert_eq!(fine, Ok::<_, StorageError>(()));
    let seen = read(&storage, |r| {
        Ok::<_, StorageError>((r.value("half")?, r.value("whole")?))
    })
    .await;
    assert_eq!(seen.unwrap(), (None, Some(b"done".to_vec())));
}
