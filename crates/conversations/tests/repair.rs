//! Members whose state is lost ask for a new leaf: what the server takes, keeps, and tells.
#![allow(clippy::unwrap_used)]

mod common;

use bus::Topic;
use common::{INCARNATION, START, Server, heard};
use conversations::{Config, Conversations, Error};
use protocol::{
    ConversationId, ErrorCode, WireError,
    events::Event,
    methods::{
        Done,
        conversations::{AskRepair, Repair},
        people::ClaimedKeyPackage,
        sync::{Cursor, StartSync},
    },
};
use testkit::{Change, Member};

async fn ask(server: &Server, by: &Member, asked: AskRepair) -> Result<Done, Error> {
    let service = &server.service;
    service.ask_repair(by.member, by.device_id(), asked).await
}

/// What is open, as a summary says it to somebody who has everything else.
async fn open(server: &Server, to: &Member, id: ConversationId) -> Vec<Repair> {
    let seq = server.log(to, id).await.last().unwrap().seq;
    let conversation = id;
    let sync = StartSync {
        incarnation: Some(INCARNATION),
        cursors: vec![Cursor { conversation, seq }],
    };
    let synced = server.service.sync(to.member, sync).await.unwrap();
    let summaries = synced.changed.into_iter();
    summaries.flat_map(|summary| summary.repairs).collect()
}

fn answer(asked: &AskRepair, who: &Member, cut: bool) -> Change {
    let claimed = ClaimedKeyPackage {
        id: e2ee::mls::KeyPackage::inspect(&asked.package, &who.certificate, START)
            .unwrap()
            .id,
        package: asked.package.clone(),
    };
    Change {
        remove: vec![who.member],
        add: vec![(who.member, claimed)],
        cut,
        ..Change::default()
    }
}

#[tokio::test]
async fn a_request_is_told_kept_and_answered_once() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let mut told = server.listen(Topic::Conversation(id));
    let mut own = server.listen(Topic::Member(ben.member));
    assert_eq!(open(&server, &anna, id).await, []);
    let asked = ben.ask_repair(id, 0, START);
    ask(&server, &ben, asked.clone()).await.unwrap();
    let events = heard(&mut told);
    assert!(matches!(&events[..], [Event::RepairAsked(e)]
            if e.member == ben.member && e.request == asked.request && e.package == asked.package));
    assert!(matches!(&heard(&mut own)[..], [Event::Vault(_)]));
    // The very same again, after a lost answer.
    assert_eq!(ask(&server, &ben, asked.clone()).await, Ok(Done {}));
    assert!(heard(&mut told).is_empty());
    let kept = open(&server, &anna, id).await;
    assert_eq!((kept.len(), kept[0].member), (1, ben.member));
    assert_eq!(open(&server, &ben, id).await, kept, "his other devices too");
    // Whoever answers: once, and nobody else may use that key package.
    server
        .commit(&mut anna, &mut [], id, answer(&asked, &ben, false))
        .await;
    assert_eq!(open(&server, &anna, id).await, []);
    server.join(&mut ben, id).await;
    let before = anna.vault.clone();
    let again = anna.change(id, answer(&asked, &ben, false), START);
    let (service, device) = (&server.service, anna.device_id());
    let refused = service.commit(anna.member, device, again).await;
    assert!(matches!(refused, Err(Error::CommitRefused(_))), "answered");
    anna.vault = before;
    anna.drop_change(id);
    assert_eq!(open(&server, &ben, id).await, [], "his own copy of it too");
}

#[tokio::test]
async fn requests_are_forgotten_with_time_a_new_leaf_and_membership() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let asked = ben.ask_repair(id, 0, START);
    ask(&server, &ben, asked).await.unwrap();
    server.clock.advance(25 * 3_600_000);
    assert_eq!(open(&server, &anna, id).await, [], "nobody answers it now");
    let asked = ben.ask_repair(id, 0, START + 25 * 3_600_000);
    ask(&server, &ben, asked).await.unwrap();
    assert_eq!(open(&server, &anna, id).await.len(), 1);
    // Another device of his still had the state.
    let update = Change {
        update: true,
        ..Change::default()
    };
    server.commit(&mut ben, &mut [&mut anna], id, update).await;
    assert_eq!(open(&server, &anna, id).await, []);
    server.clock.advance(3_600_000);
    let asked = ben.ask_repair(id, 0, START + 26 * 3_600_000);
    ask(&server, &ben, asked).await.unwrap();
    let remove = Change {
        remove: vec![ben.member],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [], id, remove).await;
    assert_eq!(open(&server, &anna, id).await, []);
    let asked = ben.ask_repair(id, 0, START + 27 * 3_600_000);
    let refused = ask(&server, &ben, asked).await;
    assert_eq!(refused, Err(Error::NotAMember), "removed");
}

#[tokio::test]
async fn a13_requests_that_do_not_verify_are_refused_and_change_nothing() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let mut told = server.listen(Topic::Conversation(id));
    let before = ben.vault.clone();
    let good = ben.ask_repair(id, 0, START);
    let mut forged = good.clone();
    let mut bytes = forged.request.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    forged.request = bytes.into();
    let other_package = AskRepair {
        package: ben.ask_repair(id, 0, START).package,
        ..good.clone()
    };
    ben.vault = before.clone();
    let late = ben.ask_repair(id, 0, START - 25 * 3_600_000);
    ben.vault = before.clone();
    let ahead = ben.ask_repair(id, 0, START + 25 * 3_600_000);
    ben.vault = before.clone();
    let elsewhere = AskRepair {
        conversation: id,
        ..ben.ask_repair(ConversationId([9; 16]), 0, START)
    };
    ben.vault = before.clone();
    let other_restart = ben.ask_repair(id, 1, START);
    ben.vault = before.clone();
    let of_cleo = cleo.ask_repair(id, 0, START);
    let cases = [
        ("forged", forged),
        ("another package", other_package),
        ("late", late),
        ("ahead", ahead),
        ("elsewhere", elsewhere),
        ("another restart", other_restart),
        ("cleo's", of_cleo.clone()),
    ];
    for (what, asked) in cases {
        let refused = ask(&server, &ben, asked).await.unwrap_err();
        let fits = matches!(refused, Error::BadRequest(_) | Error::KeyPackageInvalid);
        assert!(fits, "{what}: {refused:?}");
    }
    let refused = ask(&server, &cleo, of_cleo).await;
    assert_eq!(refused, Err(Error::NotAMember));
    // An account key that was replaced: by its holder, perhaps a thief.
    let stolen = good.clone();
    server.change_keys(&mut ben).await;
    let refused = ask(&server, &ben, stolen).await.unwrap_err();
    assert!(matches!(refused, Error::BadRequest(_)), "{refused:?}");
    assert!(heard(&mut told).is_empty());
    assert_eq!(open(&server, &anna, id).await, []);
    let asked = ben.ask_repair(id, 0, START);
    ask(&server, &ben, asked).await.unwrap();
}

#[tokio::test]
async fn one_member_asks_every_three_minutes() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let asked = ben.ask_repair(id, 0, START);
    ask(&server, &ben, asked).await.unwrap();
    server.clock.advance(179_999);
    let before = ben.vault.clone();
    let asked = ben.ask_repair(id, 0, START + 179_999);
    let refused = WireError::from(ask(&server, &ben, asked).await.unwrap_err());
    let told = (refused.code, refused.retry_after_ms);
    assert_eq!(told, (ErrorCode::RateLimited, Some(1)));
    ben.vault = before;
    server.clock.advance(1);
    let newer = ben.ask_repair(id, 0, START + 180_000);
    ask(&server, &ben, newer.clone()).await.unwrap();
    let kept = open(&server, &anna, id).await;
    let requests: Vec<_> = kept.into_iter().map(|repair| repair.request).collect();
    assert_eq!(requests, [newer.request], "the newest alone");
}
