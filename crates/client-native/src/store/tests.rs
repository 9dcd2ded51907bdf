//! What the contract does not say: sealing, crashes, full disks, versions, locks.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use ambient::SystemRandom;
use client_sqlite::SCHEMA;

use super::*;

fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(folder, &SystemRandom)
}

fn batch(pairs: &[(&[u8], &[u8])], durable: bool) -> Batch {
    let mut batch = Batch {
        durable,
        ..Batch::default()
    };
    for (key, value) in pairs {
        batch.put(Space::Own, *key, value.to_vec());
    }
    batch
}

#[test]
fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    client::store::contract::run(&mut open(folder.path()).unwrap());
}

#[test]
fn keeps_everything_when_reopened() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path()).unwrap();
    store
        .commit(batch(&[(b"a", b"1"), (b"b", b"2")], false))
        .unwrap();
    drop(store);
    let store = open(folder.path()).unwrap();
    let rows = store.range(Space::Own, b"a", b"z", 9, false).unwrap();
    assert_eq!(
        rows,
        [
            (b"a".to_vec(), b"1".to_vec()),
            (b"b".to_vec(), b"2".to_vec())
        ]
    );
}

#[test]
fn a_second_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).unwrap();
    assert_eq!(open(folder.path()).err(), Some(StoreError::InUse));
    drop(first);
    assert!(open(folder.path()).is_ok());
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    store
        .database
        .connection()
        .pragma_update(None, "user_version", SCHEMA + 1)
        .unwrap();
    drop(store);
    let before = std::fs::read(folder.path().join(DATABASE)).unwrap();
    assert_eq!(open(folder.path()).err(), Some(StoreError::Newer));
    assert_eq!(std::fs::read(folder.path().join(DATABASE)).unwrap(), before);
}

#[test]
fn values_are_sealed_and_wiping_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let secret = b"a secret that stands in no file";
    let on_disk = || {
        let files = std::fs::read_dir(folder.path()).unwrap();
        files
            .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect::<Vec<u8>>()
    };
    let holds = |what: &[u8]| on_disk().windows(what.len()).any(|window| window == what);
    let mut store = open(folder.path()).unwrap();
    store
        .commit(batch(&[(b"find this key", secret)], true))
        .unwrap();
    assert!(
        holds(b"find this key"),
        "the search finds what is there in clear"
    );
    assert!(!holds(secret));
    let key = std::fs::read(folder.path().join(KEY)).unwrap();
    store.wipe().unwrap();
    assert!(!holds(b"find this key"));
    assert!(
        !holds(&key),
        "the key that could open what the disk may still hold"
    );
    drop(store);
    assert_eq!(
        open(folder.path())
            .unwrap()
            .get(Space::Own, b"find this key"),
        Ok(None)
    );
}

#[test]
fn values_do_not_open_in_another_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path()).unwrap();
    store
        .commit(batch(&[(b"a", b"1"), (b"b", b"2")], true))
        .unwrap();
    store
        .database
        .connection()
        .execute_batch(
            "UPDATE entries SET value = (SELECT value FROM entries WHERE key = x'61')
             WHERE key = x'62'",
        )
        .unwrap();
    assert!(matches!(
        store.get(Space::Own, b"b"),
        Err(StoreError::Failed(_))
    ));
    assert_eq!(store.get(Space::Own, b"a"), Ok(Some(b"1".to_vec())));
}

#[test]
fn a_missing_or_damaged_key_is_said_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path())
        .unwrap()
        .commit(batch(&[(b"a", b"1")], true))
        .unwrap();
    let key = std::fs::read(folder.path().join(KEY)).unwrap();
    std::fs::remove_file(folder.path().join(KEY)).unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::Failed(why)) if why.contains(KEY)));
    std::fs::write(folder.path().join(KEY), b"short").unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::Failed(why)) if why.contains(KEY)));
    std::fs::write(folder.path().join(KEY), key).unwrap();
    assert_eq!(
        open(folder.path()).unwrap().get(Space::Own, b"a"),
        Ok(Some(b"1".to_vec()))
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("new").join("folder");
    open(&folder)
        .unwrap()
        .commit(batch(&[(b"a", b"1")], true))
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_full_disk_leaves_the_batch_out_and_later_writes_work() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path()).unwrap();
    let pages: i64 = store
        .database
        .connection()
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    // SQLite answers the same way when the file system has no room
    store
        .database
        .connection()
        .pragma_update(None, "max_page_count", pages + 8)
        .unwrap();
    let big = vec![1; 100_000];
    let refused = store.commit(batch(&[(b"small", b"1"), (b"big", &big)], true));
    assert_eq!(refused, Err(StoreError::Full));
    assert_eq!(
        store.get(Space::Own, b"small"),
        Ok(None),
        "nothing half-written"
    );
    assert_eq!(store.commit(batch(&[(b"small", b"1")], true)), Ok(()));
}

/// Batches of a crashing writer: each writes its number under many keys, all of them or none.
const KEYS: u32 = 40;
const WRITER: &str = "CHATALK_CRASH_WRITER";

fn write_until_killed(folder: &Path) {
    let mut store = open(folder).unwrap();
    let start = newest(&store).map_or(0, |n| n + 1);
    for n in start.. {
        let durable = n % 3 == 0;
        let mut batch = Batch {
            durable,
            ..Batch::default()
        };
        for key in 0..KEYS {
            let value = [n.to_be_bytes().as_slice(), &[7; 500]].concat();
            batch.put(Space::Timeline, key.to_be_bytes(), value);
        }
        store.commit(batch).unwrap();
        println!("\nwrote {n}");
    }
}

/// The number that all keys hold.
fn newest(store: &SqliteStore) -> Option<u64> {
    let rows = store
        .range(Space::Timeline, &[], &[0xff], usize::MAX, false)
        .unwrap();
    let numbers: Vec<u64> = rows
        .iter()
        .map(|(_, value)| u64::from_be_bytes(value[..8].try_into().unwrap()))
        .collect();
    assert!(
        numbers.is_empty() || numbers.len() == KEYS as usize,
        "torn: {numbers:?}"
    );
    assert!(
        numbers.iter().all(|n| *n == numbers[0]),
        "torn: {numbers:?}"
    );
    numbers.first().copied()
}

#[test]
fn killed_in_the_middle_of_batches_it_never_tears() {
    if let Some(folder) = std::env::var_os(WRITER) {
        return write_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = None;
    for round in 0..12 {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("store::tests::killed_in_the_middle_of_batches_it_never_tears")
            .env(WRITER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let wrote = lines.filter_map(|line| line.unwrap().strip_prefix("wrote ")?.parse().ok());
        // a different moment every time: after that many batches, while the next is being written
        for n in wrote.take(3 + 7 * round) {
            acknowledged = Some(n);
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        let found = newest(&open(folder.path()).unwrap());
        assert!(
            found >= acknowledged,
            "{found:?} after {acknowledged:?} was acknowledged"
        );
    }
    assert!(acknowledged >= Some(100), "{acknowledged:?}");
}
