//! Many senders at once, on the writer's own thread: one gapless log, told in its order, also when senders hang up.
#![allow(clippy::unwrap_used)]

mod common;

use std::{collections::BTreeSet, future::poll_fn, sync::Arc, task::Poll, time::Duration};

use bus::Topic;
use common::{START, Server, heard};
use conversations::{Config, Conversations};
use futures_util::future::join_all;
use protocol::{events::Event, methods::conversations::GetTree};
use storage_sqlite::Work;
use testkit::Change;
use tokio::sync::Semaphore;

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
async fn what_one_sends_keeps_its_order_while_the_rules_are_looked_up() {
    let mut server = Server::start_with(Config::default(), Work::Threads);
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    // A server that remembers nothing, and whose first read takes longest.
    server.restart(Config {
        checks_at_once: 2,
        ..Config::default()
    });
    let first = Arc::new(Semaphore::new(0));
    server
        .storage
        .gates
        .lock()
        .unwrap()
        .push_back(Arc::clone(&first));
    let service = &server.service;
    let mut sends = Vec::new();
    for i in 0..10 {
        let send = anna.seal(id, &format!("message {i}"), START);
        let mut sent = Box::pin(service.send(anna.member, anna.device_id(), send));
        // As the gateway does: up to its first wait, in the order of the frames.
        let waits = poll_fn(|context| Poll::Ready(sent.as_mut().poll(context).is_pending())).await;
        assert!(waits);
        sends.push(tokio::time::timeout(Duration::from_secs(30), sent));
    }
    // Ben's are not held up.
    let bens = server.send(&mut ben, id, "at once").await.unwrap();
    assert_eq!(bens.seq, 2);
    first.add_permits(1);
    let sent = join_all(sends).await;
    let seqs: Vec<u64> = sent.into_iter().map(|s| s.unwrap().unwrap().seq).collect();
    assert_eq!(seqs, (3..13).collect::<Vec<_>>());
    // Then there is nothing to look up, and nobody to wait for.
    let before = server.storage.counts();
    server.send(&mut anna, id, "once more").await.unwrap();
    assert_eq!(server.storage.counts(), (before.0, before.1 + 1));
}

#[tokio::test]
async fn work_on_trees_leaves_readers_to_others() {
    let config = Config {
        checks_at_once: 2,
        ..Config::default()
    };
    let server = Server::start_with(config, Work::Threads);
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let gate = Arc::new(Semaphore::new(0));
    let gates = std::iter::repeat_n(Arc::clone(&gate), 2);
    server.storage.gates.lock().unwrap().extend(gates);
    let before = server.storage.counts().0;
    let (bens, annas) = (ben.member, anna.member);
    let update = anna.change(
        id,
        Change {
            update: true,
            ..Change::default()
        },
        START,
    );
    let service = &server.service;
    let tree = |member| {
        let tree = GetTree {
            conversation: id,
            epoch: 1,
            restart: None,
        };
        service.tree(member, tree)
    };
    // Of one member one at a time, of all together two.
    let of = [bens, bens, bens, annas, annas];
    let mut trees = join_all(of.map(tree));
    let mut commit = Box::pin(service.commit(anna.member, anna.device_id(), update));
    let waits = |context: &mut std::task::Context<'_>| {
        let trees = std::pin::Pin::new(&mut trees).poll(context).is_pending();
        Poll::Ready(trees && commit.as_mut().poll(context).is_pending())
    };
    assert!(poll_fn(waits).await);
    assert_eq!(server.storage.counts().0 - before, 2, "one of each");
    assert_eq!(server.log(&ben, id).await.len(), 1, "all other reads go on");
    gate.add_permits(2);
    assert!(trees.await.iter().all(Result::is_ok));
    commit.await.unwrap();
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
