//! Many senders at once, on the writer's own thread: one gapless log, told in its order, also when senders hang up.
#![allow(clippy::unwrap_used)]

mod common;

use std::{collections::BTreeSet, sync::Arc};

use bus::Topic;
use common::{START, Server, heard};
use conversations::{Config, Conversations};
use protocol::events::Event;
use storage_sqlite::Work;

fn seqs(events: Vec<Event>) -> Vec<u64> {
    let seq = |event| match event {
        Event::Entry(new) => new.entry.seq,
        other => panic!("{other:?}"),
    };
    events.into_iter().map(seq).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_at_once_make_one_log_that_is_told_in_order() {
    let server = Server::start_with(Config::default(), Work::Threads);
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let mut told = server.listen(Topic::Conversation(id));
    let service = Arc::new(server.service.clone());
    let sends: Vec<_> = (0..200)
        .map(|i| {
            let author = if i % 2 == 0 { &mut anna } else { &mut ben };
            let send = author.seal(id, &format!("message {i}"), START);
            let (member, device) = (author.member, author.device_id());
            let service = Arc::clone(&service);
            tokio::spawn(async move { service.send(member, device, send).await.unwrap().seq })
        })
        .collect();
    let mut accepted = BTreeSet::new();
    for send in sends {
        assert!(accepted.insert(send.await.unwrap()));
    }
    let all: Vec<u64> = (2..=201).collect();
    assert!(accepted.iter().eq(&all));
    assert_eq!(seqs(heard(&mut told)), all);
    let stored: Vec<u64> = server.log(&anna, id).await.iter().map(|e| e.seq).collect();
    assert_eq!(stored[1..], all[..199]);
}

#[tokio::test]
async fn a_sender_who_hangs_up_is_heard_all_the_same() {
    let server = Server::start_with(Config::default(), Work::Threads);
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    server.send(&mut anna, id, "first").await.unwrap();
    let mut told = server.listen(Topic::Conversation(id));
    let send = anna.seal(id, "and gone", START);
    // The writer is kept busy, so that the first poll finds no answer.
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let storage = Arc::clone(&server.storage);
    let busy = tokio::spawn(async move {
        storage::write(storage.as_ref(), move |_| {
            wait.recv().unwrap();
            Ok::<_, storage::StorageError>(())
        })
        .await
    });
    tokio::task::yield_now().await;
    let mut given_up = false;
    tokio::select! {
        biased;
        sent = server.service.send(anna.member, anna.device_id(), send) => { sent.unwrap(); }
        () = std::future::ready(()) => given_up = true,
    }
    assert!(given_up, "the first poll queues and waits");
    go_on.send(()).unwrap();
    busy.await.unwrap().unwrap();
    // The writer works in order: when this one is done, so is the one before.
    let last = server.send(&mut ben, id, "last").await.unwrap();
    assert_eq!(last.seq, 4);
    assert_eq!(seqs(heard(&mut told)), [3, 4]);
}
