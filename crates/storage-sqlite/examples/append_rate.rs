//! Measures durable one-message units per second: `cargo run --profile fast -p storage-sqlite --example append_rate`.
//!
//! Arguments: seconds of each run (default 5), conversations (default 200), a folder (default: a new one beside the
//! target folder; memory file systems give no meaningful figures).
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used)] // it measures, and says what it measured

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use protocol::{
    Bytes, ConversationId, Hash32, MemberId, MessageId,
    methods::conversations::{Entry, kind},
};
use storage::{
    StorageError,
    conversations::{Conversation, Membership},
    read, write,
};
use storage_sqlite::{Options, SqliteStorage};

const BODY_BYTES: usize = 420; // a sealed message of a line or two

fn id(n: u64) -> [u8; 16] {
    let mut id = [0x5a; 16];
    // Spread as random ids are.
    id[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id
}

/// What sending does: membership, conversation, idempotency, append.
async fn send(storage: &SqliteStorage, n: u64, conversations: u64) -> Result<u64, StorageError> {
    write(storage, move |unit| {
        let conversation = ConversationId(id(n % conversations));
        let sender = MemberId(id(n % conversations));
        let message = MessageId(id(n));
        unit.membership(conversation, sender)?;
        if let Some((seq, ..)) = unit.entry_by_message(conversation, sender, message)? {
            return Ok(seq);
        }
        let standing = unit.conversation(conversation)?.unwrap();
        let entry = Entry {
            conversation,
            restart: 0,
            seq: standing.head_seq + 1,
            kind: kind::MESSAGE,
            sender,
            epoch: 1,
            time: n,
            expiry: 0,
            quiet: false,
            timed: false,
            message: Some(message),
            body_hash: Hash32([n as u8; 32]),
            body: Some(Bytes::from(vec![n as u8; BODY_BYTES])),
            link: None,
        };
        unit.append_entry(&entry, Hash32([n as u8; 32]), 1)?;
        Ok(entry.seq)
    })
    .await
}

async fn prepare(storage: &SqliteStorage, conversations: u64) {
    let founded = write(storage, move |unit| {
        for n in 0..conversations {
            let conversation = ConversationId(id(n));
            unit.insert_conversation(&Conversation {
                conversation,
                restart: 0,
                direct: None,
                epoch: 1,
                head_seq: 0,
                transcript: Hash32([0; 32]),
                created: 0,
            })?;
            unit.insert_member(Membership {
                conversation,
                member: MemberId(id(n)),
                first_seq: 1,
            })?;
        }
        Ok::<_, StorageError>(())
    });
    founded.await.unwrap();
}

/// Keeps `in_flight` sends going for a while; prints rate and latencies.
async fn sends(
    storage: &Arc<SqliteStorage>,
    in_flight: u64,
    conversations: u64,
    seconds: u64,
    next: &Arc<AtomicU64>,
) {
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let tasks: Vec<_> = (0..in_flight)
        .map(|_| {
            let (storage, next) = (Arc::clone(storage), Arc::clone(next));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while Instant::now() < end {
                    let before = Instant::now();
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    send(&storage, n, conversations).await.unwrap();
                    latencies.push(before.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    let took = start.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at =
        |share: f64| latencies[(latencies.len() as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{in_flight:>4} in flight: {:>7.0} units/s, p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        latencies.len() as f64 / took,
        at(0.5),
        at(0.99),
        at(0.9999)
    );
}

/// Small reads, many at once.
async fn reads(storage: &Arc<SqliteStorage>, conversations: u64, seconds: u64) {
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let tasks: Vec<_> = (0..50u64)
        .map(|task| {
            let storage = Arc::clone(storage);
            tokio::spawn(async move {
                let mut count = 0u64;
                while Instant::now() < end {
                    let which = ConversationId(id((count + task) % conversations));
                    let found = read(&*storage, move |r| r.conversation(which)).await;
                    assert!(found.is_ok_and(|found: Option<Conversation>| found.is_some()));
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        total += task.await.unwrap();
    }
    let rate = total as f64 / start.elapsed().as_secs_f64();
    println!("  50 in flight: {rate:>7.0} small reads/s");
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(5, |s| s.parse().unwrap());
    let conversations = arguments.next().map_or(200, |s| s.parse().unwrap());
    let folder = arguments
        .next()
        .map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let storage = Arc::new(SqliteStorage::open(folder.path(), &Options::default()).unwrap());
    prepare(&storage, conversations).await;
    println!(
        "{conversations} conversations, bodies of {BODY_BYTES} bytes, every unit acknowledged after fsync"
    );
    let next = Arc::new(AtomicU64::new(0));
    for in_flight in [1, 50, 400] {
        sends(&storage, in_flight, conversations, seconds, &next).await;
    }
    reads(&storage, conversations, seconds).await;
    for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
        println!(
            "{:?}: {} KiB",
            file.file_name(),
            file.metadata().unwrap().len() / 1024
        );
    }
}
