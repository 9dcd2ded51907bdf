//! Sending: once, in order, by those who may.
#![allow(clippy::unwrap_used)]

mod common;

use bus::Topic;
use common::{NOBODY, START, Server, heard};
use conversations::{Config, Conversations, Error};
use e2ee::policy::Role;
use protocol::{ConversationId, ErrorCode, WireError, details::EpochMoved, limits::BODY_BYTES_MAX};
use storage::{StorageError, accounts::Device};
use testkit::Change;

fn update() -> Change {
    Change {
        update: true,
        ..Change::default()
    }
}

#[tokio::test]
async fn a_message_is_written_once_however_often_it_is_sent() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let mut told = server.listen(Topic::Conversation(id));
    let send = anna.seal(id, "hello", START);
    let resealed = anna.seal_as(id, send.message, "hello", START);
    assert_ne!(send.body, resealed.body);
    let service = &server.service;
    let first = service
        .send(anna.member, anna.device_id(), send.clone())
        .await
        .unwrap();
    server.clock.advance(1000);
    for again in [&send, &resealed] {
        let answer = service
            .send(anna.member, anna.device_id(), again.clone())
            .await;
        assert_eq!(answer.unwrap(), first);
    }
    // Also when the epoch has moved since.
    let entry = server.log(&anna, id).await.pop().unwrap();
    assert_eq!(ben.follow(&entry).as_deref(), Some("hello"));
    anna.follow(&entry);
    server
        .commit(&mut ben, &mut [&mut anna], id, update())
        .await;
    let answer = service
        .send(anna.member, anna.device_id(), send.clone())
        .await;
    assert_eq!(answer.unwrap(), first);
    assert_eq!(server.log(&anna, id).await.len(), 3);
    assert_eq!(heard(&mut told).len(), 2, "one message, one commit");

    // Ben's message of the same id is another message.
    let bens = ben.seal_as(id, send.message, "hi", START);
    let accepted = service
        .send(ben.member, ben.device_id(), bens)
        .await
        .unwrap();
    assert_eq!(accepted.seq, 4);
}

#[tokio::test]
async fn only_the_current_epoch_is_written_in() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let old = anna.seal(id, "late", START);
    server
        .commit(&mut ben, &mut [&mut anna], id, update())
        .await;
    let mut future = anna.seal(id, "early", START);
    future.epoch += 1;
    for send in [old, future] {
        let refused = server
            .service
            .send(anna.member, anna.device_id(), send)
            .await;
        let refused = refused.unwrap_err();
        assert_eq!(
            refused,
            Error::EpochMoved {
                epoch: 2,
                head_seq: 2
            }
        );
        let wire = WireError::from(refused);
        assert_eq!(wire.code, ErrorCode::EpochMoved);
        let details: EpochMoved = protocol::decode(&wire.data.unwrap()).unwrap();
        assert_eq!((details.epoch, details.head_seq), (2, 2));
    }
    server.send(&mut anna, id, "again").await.unwrap();
}

#[tokio::test]
async fn strangers_get_the_same_answer_as_for_conversations_that_are_not() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, cleo) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let mut told = server.listen(Topic::Conversation(id));
    let send = anna.seal(id, "forged", START);
    let mut nowhere = send.clone();
    nowhere.conversation = ConversationId([9; 16]);
    for (who, send) in [
        (cleo.member, send.clone()),
        (NOBODY, send),
        (anna.member, nowhere),
    ] {
        let refused = server.service.send(who, cleo.device_id(), send).await;
        assert_eq!(refused.unwrap_err(), Error::NotAMember);
    }
    assert!(heard(&mut told).is_empty());
    assert_eq!(server.log(&anna, id).await.len(), 1);
}

#[tokio::test]
async fn a_removed_member_writes_no_more_but_learns_what_was_accepted() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let send = ben.seal(id, "in time", START);
    let service = &server.service;
    let accepted = service
        .send(ben.member, ben.device_id(), send.clone())
        .await
        .unwrap();
    anna.follow(&server.log(&anna, id).await[1]);
    let remove = Change {
        remove: vec![ben.member],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [], id, remove).await;
    let again = service.send(ben.member, ben.device_id(), send).await;
    assert_eq!(again.unwrap(), accepted);
    let refused = server.send(&mut ben, id, "too late").await;
    assert_eq!(refused.unwrap_err(), Error::NotAMember);
}

#[tokio::test]
async fn read_only_members_read() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let mut policy = anna.policy(id).clone();
    policy.roles.insert(ben.member, Role::ReadOnly);
    let lower = Change {
        policy: Some(policy),
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, lower).await;
    let refused = server.send(&mut ben, id, "may I?").await;
    assert_eq!(refused.unwrap_err(), Error::Forbidden);
    server.send(&mut anna, id, "no").await.unwrap();
}

#[tokio::test]
async fn bodies_have_a_size_and_an_expiry_within_the_policy() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let mut large = anna.seal(id, "large", START);
    large.body = vec![0; BODY_BYTES_MAX + 1].into();
    let mut expiring = anna.seal(id, "expiring", START);
    expiring.expiry = START + 1000;
    let service = &server.service;
    let refused = service.send(anna.member, anna.device_id(), large).await;
    assert_eq!(refused.unwrap_err(), Error::TooLarge("the message"));
    let refused = service.send(anna.member, anna.device_id(), expiring).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));

    let mut policy = anna.policy(id).clone();
    policy.timer_s = 3600;
    let timed = Change {
        policy: Some(policy),
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, timed).await;
    let hour = 3_600_000;
    let slack = 5 * 60 * 1000;
    for (timed, quiet, expiry, fits) in [
        (true, false, 0, false),
        (true, false, START - 1, false),
        (true, false, START, false),
        (true, false, START + 2 * hour, false),
        (true, false, START + hour + slack + 1, false),
        (true, false, u64::MAX, false),
        // Everything disappears, but for what is quiet: titles are.
        (false, false, 0, false),
        (false, false, START + hour, false),
        (false, true, START + hour, false),
        (false, true, 0, true),
        (true, false, START + hour + slack, true),
        (true, false, START + hour, true),
    ] {
        let mut send = anna.seal(id, "for a while", START);
        (send.timed, send.quiet, send.expiry) = (timed, quiet, expiry);
        let result = server
            .service
            .send(anna.member, anna.device_id(), send)
            .await;
        assert_eq!(result.is_ok(), fits, "{timed} {quiet} {expiry}: {result:?}");
    }
    // When its time is over the body goes, the header stays.
    assert!(server.log(&ben, id).await.last().unwrap().body.is_some());
    server.clock.advance(hour);
    let last = server.log(&ben, id).await.pop().unwrap();
    assert!(last.body.is_none() && last.expiry == START + hour && last.timed);
    // It goes out of the database too; what is not over yet stays, also when it is swept again.
    assert_eq!(server.service.sweep().await.unwrap(), 1);
    server.clock.advance(slack);
    assert_eq!(server.service.sweep().await.unwrap(), 1);
    assert_eq!(server.service.sweep().await.unwrap(), 0);
    let log = server.log(&ben, id).await;
    let gone: Vec<bool> = log.iter().rev().map(|e| e.body.is_none()).collect();
    assert_eq!(gone[..3], [true, true, false]);
}

#[tokio::test]
async fn messages_disappear_only_where_there_is_a_timer() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let mut send = anna.seal(id, "burn after reading", START);
    (send.timed, send.expiry) = (true, START + 3_600_000);
    let service = &server.service;
    let refused = service.send(anna.member, anna.device_id(), send).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
    // A timer is an hour to a year, whoever says something else.
    for seconds in [1, 3_599, 31_536_001, u64::MAX] {
        let mut policy = anna.policy(id).clone();
        policy.timer_s = seconds;
        assert!(policy.check().is_err(), "{seconds}");
        assert!(e2ee::policy::Policy::decode(&policy.encode()).is_err());
    }
}

#[tokio::test]
async fn sending_is_one_unit_of_work_and_no_read() {
    let mut server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    server.restart(Config::default());
    let before = server.storage.counts();
    for _ in 0..10 {
        server.send(&mut anna, id, "hello").await.unwrap();
    }
    let after = server.storage.counts();
    assert_eq!(
        (after.0 - before.0, after.1 - before.1),
        (1, 10),
        "the first reads the rules"
    );
}

#[tokio::test]
async fn a_database_that_cannot_write_says_so_and_nothing_happens() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let mut told = server.listen(Topic::Conversation(id));
    *server.storage.refusal.lock().unwrap() = Some(StorageError::ReadOnly {
        reason: "the disk is full".to_owned(),
    });
    let refused = server.send(&mut anna, id, "hello").await.unwrap_err();
    let wire = WireError::from(refused);
    assert_eq!(wire.code, ErrorCode::ReadOnly);
    assert!(wire.retryable && wire.message.contains("the disk is full"));
    assert!(heard(&mut told).is_empty());
    assert_eq!(server.log(&anna, id).await.len(), 1, "reading works");
}

#[tokio::test]
async fn a_device_that_was_signed_out_changes_nothing_more() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let package = server.package(&mut cleo).await;
    let (member, device) = (anna.member, anna.device_id());
    let known = Device {
        device,
        member,
        name: "Phone".to_owned(),
        signing_key: [1; 32],
        wrap_key: Vec::new(),
        created: 0,
        last_seen: 0,
        revoked: false,
    };
    storage::write(server.storage.as_ref(), move |unit| {
        unit.insert_device(&known)?;
        unit.revoke_device(device, START)
    })
    .await
    .unwrap();
    let service = &server.service;
    let send = anna.seal(id, "still here", START);
    let refused = service.send(member, device, send).await.unwrap_err();
    assert_eq!(refused, Error::SessionRefused);
    assert_eq!(WireError::from(refused).code, ErrorCode::SessionRefused);
    let commit = anna.change(id, update(), START);
    let refused = service.commit(member, device, commit).await;
    assert_eq!(refused.unwrap_err(), Error::SessionRefused);
    anna.drop_change(id);
    let other = anna.conversation_id();
    let create = anna.found_direct(other, cleo.member, package, START);
    let refused = service.create(member, device, create).await;
    assert_eq!(refused.unwrap_err(), Error::SessionRefused);
    anna.drop_change(other);
    assert_eq!(server.log(&ben, id).await.len(), 1, "the founding alone");
    // Another device of hers goes on.
    let send = anna.seal(id, "from the laptop", START);
    let elsewhere = protocol::DeviceId([9; 16]);
    service.send(member, elsewhere, send).await.unwrap();
}

#[tokio::test]
async fn in_a_group_for_announcements_the_server_takes_messages_of_admins_alone() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let mut policy = anna.policy(id).clone();
    policy.announcements = true;
    let change = Change {
        policy: Some(policy),
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, change).await;
    let service = &server.service;
    let of_ben = ben.seal(id, "may I?", START);
    let refused = service.send(ben.member, ben.device_id(), of_ben).await;
    assert_eq!(refused.unwrap_err(), Error::Forbidden);
    let of_anna = anna.seal(id, "hear", START);
    let taken = service.send(anna.member, anna.device_id(), of_anna).await;
    assert!(taken.is_ok(), "{taken:?}");
}
