//! Closed accounts: their conversations are told, once each, also after a crash in the middle.
#![allow(clippy::unwrap_used)]

mod common;

use bus::Topic;
use common::{START, Server, heard};
use conversations::{Config, Conversations, Error};
use protocol::{MemberId, events::Event, methods::conversations::kind};
use storage::StorageError;
use testkit::{Change, Member};

async fn close(server: &Server, member: MemberId) {
    storage::write(server.storage.as_ref(), move |unit| {
        unit.close_account(member, START)
    })
    .await
    .unwrap();
}

async fn kinds(server: &Server, who: &Member, id: protocol::ConversationId) -> Vec<u8> {
    server.log(who, id).await.iter().map(|e| e.kind).collect()
}

#[tokio::test]
async fn groups_take_them_out_and_direct_conversations_stay_with_the_other() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let group = server.group(&mut anna, &mut ben).await;
    let direct = server.direct(&mut ben, &mut cleo).await;
    let mut told = server.listen(Topic::Conversation(group));
    let mut told_direct = server.listen(Topic::Conversation(direct));
    // nothing happens to who is not closed
    server.service.depart(ben.member).await.unwrap();
    assert_eq!(
        (heard(&mut told), heard(&mut told_direct)),
        (vec![], vec![])
    );

    close(&server, ben.member).await;
    server.service.depart(ben.member).await.unwrap();
    for told in [&mut told, &mut told_direct] {
        let said = heard(told);
        let [Event::Entry(new)] = &said[..] else {
            panic!("one entry: {said:?}");
        };
        let entry = &new.entry;
        assert_eq!(
            (entry.kind, entry.sender),
            (kind::ACCOUNT_CLOSED, ben.member)
        );
        assert_eq!(entry.body.as_deref(), Some(&[1][..]));
        assert!(entry.quiet);
    }
    // again is nothing
    server.service.depart(ben.member).await.unwrap();
    assert_eq!(server.service.sweep_closed().await, Ok(0));
    let of = |m: &Member| server.service.conversations_of(m.member);
    assert_eq!(of(&ben).await, Ok(vec![]));
    assert_eq!(of(&cleo).await, Ok(vec![direct]));

    // in the group nobody writes before his leaf is gone
    let early = server.send(&mut anna, group, "hello?").await.unwrap_err();
    assert!(matches!(early, Error::EpochMoved { .. }), "{early:?}");
    let entry = server.log(&anna, group).await.pop().unwrap();
    anna.follow(&entry);
    let change = Change {
        remove: vec![ben.member],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [], group, change).await;
    assert_eq!(anna.members(group), [anna.member]);
    // the direct one is still read, and by its pair still found: there is no second one
    let closed = kind::ACCOUNT_CLOSED;
    assert_eq!(kinds(&server, &cleo, direct).await, [kind::COMMIT, closed]);
}

#[tokio::test]
async fn what_a_crash_has_left_is_done_by_the_next_sweep() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let group = server.group(&mut anna, &mut ben).await;
    let direct = server.direct(&mut ben, &mut cleo).await;
    close(&server, ben.member).await;
    *server.storage.refusal.lock().unwrap() = Some(StorageError::Busy { retry_after_ms: 5 });
    assert!(server.service.depart(ben.member).await.is_err());
    *server.storage.refusal.lock().unwrap() = None;
    assert_eq!(server.service.sweep_closed().await, Ok(2));
    assert_eq!(server.service.sweep_closed().await, Ok(0));
    assert_eq!(
        kinds(&server, &anna, group).await.last(),
        Some(&kind::ACCOUNT_CLOSED)
    );
    assert_eq!(
        kinds(&server, &cleo, direct).await.last(),
        Some(&kind::ACCOUNT_CLOSED)
    );
}

/// The key package that somebody claimed before the account was closed adds nobody after.
#[tokio::test]
async fn a_package_claimed_before_adds_nobody_after() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let group = server.group(&mut anna, &mut ben).await;
    let package = server.package(&mut cleo).await;
    let change = Change {
        add: vec![(cleo.member, package)],
        ..Change::default()
    };
    let params = anna.change(group, change, START);
    close(&server, cleo.member).await;
    let refused = server
        .service
        .commit(anna.member, anna.device_id(), params)
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::CommitRefused(_)), "{refused:?}");
}
