//! What was acknowledged survives a power cut, whole; what was not is there whole or not at all.
//!
//! The disk is one that loses what was not synced (crate `storage-sqlite-faults`). The power is cut at a random write
//! or sync under load; the files are then what such a disk would hold, with none, some, or torn unsynced writes.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

use protocol::{
    Bytes, ConversationId, Hash32, MemberId, MessageId,
    methods::{
        conversations::{Entry, kind},
        vault::{HeadPut, RecordName, RecordPut, VaultWrite},
    },
};
use storage::{
    Reader, StorageError, UnitOfWork,
    conversations::{Conversation, Range},
    read, vault, write,
};
use storage_sqlite::{DATABASE_FILE, Options, SqliteStorage, Synchronous};
use storage_sqlite_faults::{Dice, Disk, Fault, Image, Survive, register};

const CONVERSATIONS: u8 = 5;
const WRITERS: u64 = 20;
const ME: MemberId = MemberId([1; 16]);

fn conversation(n: u8) -> ConversationId {
    ConversationId([n; 16])
}

fn message(n: u64) -> MessageId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    MessageId(id)
}

/// A unit that touches several tables: an entry of some size, a value, and now and then the vault with its head.
fn append(unit: &mut dyn UnitOfWork, n: u64) -> Result<u64, StorageError> {
    let of = conversation((n % u64::from(CONVERSATIONS)) as u8);
    let seq = unit.conversation(of)?.unwrap().head_seq + 1;
    let entry = Entry {
        conversation: of,
        restart: 0,
        seq,
        kind: kind::MESSAGE,
        sender: ME,
        epoch: 1,
        time: n,
        expiry: 0,
        quiet: false,
        timed: false,
        message: Some(message(n)),
        body_hash: Hash32([1; 32]),
        body: Some(Bytes::from(vec![n as u8; 100 + (n as usize * 37) % 9000])),
        link: None,
    };
    unit.append_entry(&entry, Hash32([seq as u8; 32]), 1)?;
    unit.set_value(&format!("unit {n}"), Some(&seq.to_be_bytes()))?;
    if n.is_multiple_of(3) {
        let expected = unit.vault_head(ME)?.map_or(0, |head| head.number);
        let state = RecordPut {
            name: RecordName {
                kind: 5,
                id: Bytes::from_static(b"state"),
            },
            expected: 0,
            version: expected + 1,
            bytes: Bytes::from(vec![n as u8; 6000]),
        };
        let vault_write = VaultWrite {
            head: Some(HeadPut {
                expected,
                bytes: Bytes::from((expected + 1).to_be_bytes().to_vec()),
            }),
            puts: vec![state],
            ..VaultWrite::default()
        };
        vault::apply(unit, ME, &vault_write).map_err(|e| StorageError::Database(e.to_string()))?;
    }
    Ok(seq)
}

async fn found_all(storage: &SqliteStorage) {
    let founded = write(storage, |unit| -> Result<(), StorageError> {
        for n in 0..CONVERSATIONS {
            if unit.conversation(conversation(n))?.is_none() {
                unit.insert_conversation(&Conversation {
                    conversation: conversation(n),
                    restart: 0,
                    direct: None,
                    epoch: 1,
                    head_seq: 0,
                    transcript: Hash32([0; 32]),
                    created: 0,
                })?;
            }
        }
        Ok(())
    });
    founded.await.unwrap();
}

/// What was promised: the seq of each acknowledged unit.
type Promises = Arc<Mutex<BTreeMap<u64, u64>>>;

/// Writes until the power is cut. Every seventh unit does everything and is then rolled back.
async fn load(storage: &Arc<SqliteStorage>, round: u64, promises: &Promises) {
    let writers = (0..WRITERS).map(|writer| {
        let (storage, promises) = (Arc::clone(storage), Arc::clone(promises));
        tokio::spawn(async move {
            for k in 0..u64::MAX {
                let n = (round << 40) | (k * WRITERS + writer);
                let undone = n % 7 == 6;
                let outcome = write(&*storage, move |unit| {
                    let seq = append(unit, n)?;
                    if undone {
                        Err(StorageError::Database("undone".into()))
                    } else {
                        Ok(seq)
                    }
                });
                match outcome.await {
                    Ok(seq) => {
                        promises.lock().unwrap().insert(n, seq);
                    }
                    Err(StorageError::Database(_)) if undone => {}
                    Err(_) => return,
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

/// Everything that is wrong with what is found.
fn faults(reader: &dyn Reader, promises: &BTreeMap<u64, u64>) -> Result<Vec<String>, StorageError> {
    let mut wrong = Vec::new();
    let mut found = BTreeMap::new();
    for n in 0..CONVERSATIONS {
        let all = Range {
            from: 1,
            limit: u32::MAX,
            max_bytes: usize::MAX,
            commits_only: false,
        };
        let Some(standing) = reader.conversation(conversation(n))? else {
            wrong.push(format!("conversation {n} is gone"));
            continue;
        };
        let log = reader.entries(conversation(n), all)?;
        if log.iter().map(|entry| entry.seq).ne(1..=standing.head_seq) {
            wrong.push(format!(
                "the log of {n} has a gap or another end than its head"
            ));
        }
        found.extend(log.iter().map(|entry| (entry.time, entry.seq)));
    }
    for (n, seq) in promises {
        if found.get(n) != Some(seq) {
            wrong.push(format!("unit {n} was acknowledged and is gone"));
        }
    }
    let mut vault_head = 0;
    for (n, seq) in &found {
        if n % 7 == 6 {
            wrong.push(format!("unit {n} was rolled back and is there"));
        }
        let value = reader.value(&format!("unit {n}"))?;
        let indexed = reader.entry_by_message(
            conversation((n % u64::from(CONVERSATIONS)) as u8),
            ME,
            message(*n),
        )?;
        if value != Some(seq.to_be_bytes().to_vec()) || indexed.map(|i| i.0) != Some(*seq) {
            wrong.push(format!("unit {n} is there in part"));
        }
        vault_head += u64::from(n.is_multiple_of(3));
    }
    let head = reader.vault_head(ME)?;
    let record = reader
        .vault_manifest(ME)?
        .first()
        .map_or(0, |line| line.version);
    if head.map_or(0, |head| head.number) != vault_head || record != vault_head {
        wrong.push("the vault is not as far as its units".into());
    }
    Ok(wrong)
}

fn options(vfs: Option<String>, synchronous: Synchronous) -> Options {
    Options {
        vfs,
        synchronous,
        readers: 1,
        carry_over_pages: 60,
        ..Options::default()
    }
}

/// What kind of disk, and what is asked of it.
#[derive(Debug, Clone, Copy)]
enum Trust {
    /// Writes are synced and the disk is honest.
    Well,
    /// Nothing is synced.
    WithoutSync,
    /// The disk says that it synced, and did not.
    InALiar,
}

/// Starts, writes, loses its power.
async fn until_cut(
    folder: &Path,
    seed: u64,
    round: u64,
    trust: Trust,
    promises: &Promises,
) -> Image {
    let mut dice = Dice(seed.wrapping_mul(1000) + round);
    let kinds = [Survive::Nothing, Survive::SomeSectors, Survive::TornTail];
    let survive = kinds[dice.below(3) as usize];
    let disk = Arc::new(Disk::new(seed));
    let vfs = format!("faults {seed} {round}");
    register(&vfs, Arc::clone(&disk));
    let synchronous = match trust {
        Trust::WithoutSync => Synchronous::Off,
        Trust::Well | Trust::InALiar => Synchronous::Full,
    };
    let options = options(Some(vfs), synchronous);
    let storage = Arc::new(SqliteStorage::open(folder, &options).unwrap());
    found_all(&storage).await;
    if let Trust::InALiar = trust {
        disk.fail(Some(Fault::SyncLies));
    }
    disk.cut_at(100 + dice.below(1500), survive);
    load(&storage, round, promises).await;
    disk.power_cut(survive)
}

/// Cuts the power several times in a row, each time going on with what the last cut left. Returns the number of
/// acknowledged units, and what is wrong with what is found.
async fn cuts(seed: u64, trust: Trust) -> (usize, Vec<String>) {
    let promises = Promises::default();
    let mut folder = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let image = until_cut(folder.path(), seed, round, trust, &promises).await;
        let after = tempfile::tempdir().unwrap();
        image.write_to(after.path()).unwrap();
        let promised = promises.lock().unwrap().clone();
        let kept = promised.len();
        let storage = match SqliteStorage::open(after.path(), &options(None, Synchronous::Off)) {
            Ok(storage) => storage,
            Err(error) => return (kept, vec![error.to_string()]),
        };
        let wrong = read(&storage, move |reader| faults(reader, &promised)).await;
        let mut wrong = wrong.unwrap_or_else(|error| vec![error.to_string()]);
        drop(storage);
        wrong.extend(damage(after.path()));
        if !wrong.is_empty() {
            wrong.insert(0, format!("seed {seed} round {round}"));
            return (kept, wrong);
        }
        folder = after;
    }
    let kept = promises.lock().unwrap().len();
    (kept, Vec::new())
}

/// What SQLite's own check finds.
fn damage(folder: &Path) -> Option<String> {
    let connection = rusqlite::Connection::open(folder.join(DATABASE_FILE)).unwrap();
    let found: Result<String, _> =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    (found != Ok("ok".to_owned())).then(|| format!("{found:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_units_survive_power_cuts() {
    let mut promised = 0;
    for seed in 0..15 {
        let (kept, wrong) = cuts(seed, Trust::Well).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
        promised += kept;
    }
    assert!(
        promised > 1000,
        "the load must be worth its name: {promised} units"
    );
}

/// The proof is one: without fsync the same cuts lose acknowledged units, and the same checks find it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_sync_the_loss_is_found() {
    for seed in 100..105 {
        let (promised, wrong) = cuts(seed, Trust::WithoutSync).await;
        assert!(
            promised > 0 && !wrong.is_empty(),
            "seed {seed}: {promised} units, nothing lost"
        );
    }
}

/// And fine enough: when only the last syncs were a lie, what is lost is found, unit by unit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lying_disk_is_found_out() {
    for seed in 200..205 {
        let (promised, wrong) = cuts(seed, Trust::InALiar).await;
        assert!(
            promised > 0 && !wrong.is_empty(),
            "seed {seed}: {promised} units, nothing lost"
        );
    }
}

/// A power cut at any moment of the first start leaves a folder that can be opened.
#[tokio::test]
async fn an_interrupted_first_start_does_no_harm() {
    for at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let disk = Arc::new(Disk::new(at));
        let vfs = format!("first start {at}");
        register(&vfs, Arc::clone(&disk));
        disk.cut_at(at, Survive::SomeSectors);
        let opened = SqliteStorage::open(folder.path(), &options(Some(vfs), Synchronous::Full));
        let whole = opened.is_ok() && !disk.is_cut();
        let after = tempfile::tempdir().unwrap();
        disk.power_cut(Survive::SomeSectors)
            .write_to(after.path())
            .unwrap();
        drop(opened);
        let storage = SqliteStorage::open(after.path(), &options(None, Synchronous::Off)).unwrap();
        found_all(&storage).await;
        if whole {
            assert!(
                at > 5,
                "the start must have been interrupted at several points"
            );
            return;
        }
    }
}
