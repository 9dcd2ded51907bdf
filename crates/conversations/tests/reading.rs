//! Reading: pages, commits only, receipts and their module, catching up.
#![allow(clippy::unwrap_used)]

mod common;

use bus::Topic;
use common::{INCARNATION, INSTANCE, NOBODY, START, Server, heard};
use conversations::{Config, Conversations, Error, Modules, RECEIPTS};
use e2ee::transcript::Transcript;
use protocol::{
    ConversationId, Hash32, IncarnationId,
    events::Event,
    limits::{CURSORS_MAX, RECEIPT_BYTES_MAX},
    methods::{
        conversations::{GetEntries, GetReceipts, GetTree, GetWelcome},
        sync::{Cursor, StartSync},
    },
};

fn page(conversation: ConversationId, from: u64, limit: u32) -> GetEntries {
    GetEntries {
        conversation,
        from,
        limit,
        commits_only: false,
    }
}

#[tokio::test]
async fn pages_carry_the_transcript_before_them() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    for i in 0..5 {
        server
            .send(&mut anna, id, &format!("message {i}"))
            .await
            .unwrap();
    }
    let service = &server.service;
    let whole = service
        .entries(ben.member, page(id, 1, 1000))
        .await
        .unwrap();
    assert_eq!(whole.entries.len(), 6);
    assert_eq!(whole.before, Transcript::start(INSTANCE, id).value());
    assert_eq!(whole.head_seq, 6);
    let first = service.entries(ben.member, page(id, 2, 2)).await.unwrap();
    assert_eq!(first.before, ben.transcript(id), "after the founding");
    let seqs: Vec<u64> = first.entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [2, 3]);
    for entry in &first.entries {
        ben.follow(entry);
    }
    let next = service.entries(ben.member, page(id, 4, 200)).await.unwrap();
    assert_eq!(next.before, ben.transcript(id));
    for entry in &next.entries {
        ben.follow(entry);
    }
    let end = service.entries(ben.member, page(id, 7, 10)).await.unwrap();
    assert!(end.entries.is_empty());
    assert_eq!(end.before, ben.transcript(id));

    let mut commits = page(id, 1, 10);
    commits.commits_only = true;
    let commits = service.entries(ben.member, commits).await.unwrap();
    assert_eq!(commits.entries.len(), 1);
    assert_eq!(commits.before, Hash32::default());
    let zero = service.entries(ben.member, page(id, 0, 10)).await;
    assert!(matches!(zero, Err(Error::BadRequest(_))));
}

#[tokio::test]
async fn strangers_read_nothing() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, cleo) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let receipt = anna.seal_receipt(id, 1, START);
    let service = &server.service;
    let tree = GetTree {
        conversation: id,
        epoch: 1,
        restart: None,
    };
    for who in [cleo.member, NOBODY] {
        let get = GetWelcome { conversation: id };
        let receipts = GetReceipts { conversation: id };
        let refusals = [
            service.entries(who, page(id, 1, 10)).await.err(),
            service.tree(who, tree.clone()).await.err(),
            service.welcome(who, get).await.err(),
            service.receipts(who, receipts).await.err(),
            service.put_receipt(who, receipt.clone()).await.err(),
            service.summary(who, id).await.err(),
        ];
        for refusal in refusals {
            assert_eq!(refusal, Some(Error::NotAMember));
        }
        assert!(service.conversations_of(who).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn receipts_are_overwritten_and_bounded() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let mut told = server.listen(Topic::Conversation(id));
    let service = &server.service;
    for read in [1, 2] {
        let receipt = ben.seal_receipt(id, read, START);
        service.put_receipt(ben.member, receipt).await.unwrap();
    }
    let events = heard(&mut told);
    let [Event::Receipt(_), Event::Receipt(second)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(anna.open_receipt(&second.receipt), 2);
    let get = GetReceipts { conversation: id };
    let receipts = service.receipts(anna.member, get).await.unwrap().receipts;
    assert_eq!(receipts, std::slice::from_ref(&second.receipt));

    let mut future = ben.seal_receipt(id, 3, START);
    future.epoch += 1;
    let refused = service.put_receipt(ben.member, future).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
    let mut large = ben.seal_receipt(id, 3, START);
    large.body = vec![0; RECEIPT_BYTES_MAX + 1].into();
    let refused = service.put_receipt(ben.member, large).await;
    assert!(matches!(refused, Err(Error::TooLarge(_))));
}

#[tokio::test]
async fn a_module_that_is_off_touches_no_table() {
    let mut server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let mut modules = Modules::default();
    assert_eq!(modules.names(), [RECEIPTS]);
    modules.switch(RECEIPTS, false).unwrap();
    assert!(modules.names().is_empty());
    modules.switch("nonsense", true).unwrap_err();
    server.restart(Config {
        modules,
        ..Config::default()
    });
    let before = server.storage.counts();
    let receipt = ben.seal_receipt(id, 1, START);
    let put = server.service.put_receipt(ben.member, receipt).await;
    assert_eq!(put.unwrap_err(), Error::ModuleOff(RECEIPTS));
    let get = GetReceipts { conversation: id };
    let got = server.service.receipts(ben.member, get).await;
    assert_eq!(got.unwrap_err(), Error::ModuleOff(RECEIPTS));
    assert_eq!(server.storage.counts(), before);
}

#[tokio::test]
async fn syncing_tells_what_differs_and_when_to_begin_anew() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let one = server.direct(&mut anna, &mut ben).await;
    let two = server.group(&mut anna, &mut cleo).await;
    server.send(&mut anna, one, "hello").await.unwrap();
    let service = &server.service;
    let sync = |incarnation: Option<IncarnationId>, cursors: &[(ConversationId, u64)]| {
        let cursors = cursors
            .iter()
            .map(|&(conversation, seq)| Cursor { conversation, seq });
        StartSync {
            incarnation,
            cursors: cursors.collect(),
        }
    };
    let changed = async |params| {
        let synced = service.sync(anna.member, params).await.unwrap();
        let mut ids: Vec<_> = synced.changed.iter().map(|c| c.conversation).collect();
        ids.sort();
        (synced.snapshot_needed, ids, synced.gone)
    };
    let mut both = vec![one, two];
    both.sort();
    let nowhere = ConversationId([9; 16]);
    let here = Some(INCARNATION);
    assert_eq!(
        changed(sync(None, &[])).await,
        (false, both.clone(), vec![])
    );
    let current = sync(here, &[(one, 2), (two, 1), (nowhere, 5)]);
    assert_eq!(changed(current).await, (false, vec![], vec![nowhere]));
    let behind = sync(here, &[(one, 1), (two, 1)]);
    assert_eq!(changed(behind).await, (false, vec![one], vec![]));
    let ahead = sync(here, &[(one, 3), (two, 1)]);
    assert_eq!(changed(ahead).await, (false, vec![one], vec![]));
    let other = sync(Some(IncarnationId([9; 16])), &[(one, 2), (nowhere, 1)]);
    assert_eq!(changed(other).await, (true, both, vec![]));
    let many = StartSync {
        incarnation: here,
        cursors: vec![
            Cursor {
                conversation: one,
                seq: 1
            };
            CURSORS_MAX + 1
        ],
    };
    let refused = service.sync(anna.member, many).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
    let mut mine = service.conversations_of(anna.member).await.unwrap();
    mine.sort();
    assert_eq!(mine.len(), 2);
    let summary = service.summary(anna.member, two).await.unwrap();
    assert!(!summary.direct && !summary.welcome);
    assert_eq!(
        (summary.epoch, summary.head_seq, summary.first_seq),
        (1, 1, 1)
    );
}
