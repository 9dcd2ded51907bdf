//! Members are added by key packages that were claimed, each once.
#![allow(clippy::unwrap_used)]

mod common;

use common::{START, Server};
use conversations::{Config, Conversations, Error};
use protocol::{ErrorCode, WireError, methods::people::ClaimedKeyPackage};
use testkit::{Change, Member};

/// Anna founds a group with somebody by this key package; takes it back when it is refused.
async fn group(
    server: &Server,
    anna: &mut Member,
    with: &Member,
    package: ClaimedKeyPackage,
) -> Result<protocol::ConversationId, Error> {
    let before = anna.vault.clone();
    let id = anna.conversation_id();
    let create = anna.found_group(id, vec![(with.member, package)], START);
    let service = &server.service;
    let created = service.create(anna.member, anna.device_id(), create).await;
    if created.is_err() {
        anna.vault = before;
    }
    created.map(|_| id)
}

#[tokio::test]
async fn one_claimed_key_package_serves_once() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, cleo) = server.three().await;
    let offered = server.offered(&mut ben, false).await;
    let refused = group(&server, &mut anna, &ben, offered.clone()).await;
    assert_eq!(refused, Err(Error::KeyPackageInvalid), "nobody claimed it");
    let claimed = server.claim(&ben).await;
    assert_eq!(claimed.id, offered.id);
    group(&server, &mut anna, &ben, claimed.clone())
        .await
        .unwrap();
    let refused = group(&server, &mut anna, &ben, claimed.clone()).await;
    assert_eq!(refused, Err(Error::KeyPackageInvalid), "it was used");
    let wire = WireError::from(refused.unwrap_err());
    assert_eq!(wire.code, ErrorCode::KeyPackageInvalid);
    assert!(wire.message.contains("claim another"), "{}", wire.message);
    assert_eq!(
        server.service.conversations_of(cleo.member).await,
        Ok(vec![])
    );
    // A direct conversation that could never be joined is not made: the pair can have theirs.
    let id = anna.conversation_id();
    let before = anna.vault.clone();
    let create = anna.found_direct(id, ben.member, claimed, START);
    let service = &server.service;
    let refused = service.create(anna.member, anna.device_id(), create).await;
    assert_eq!(refused, Err(Error::KeyPackageInvalid));
    anna.vault = before;
    server.direct(&mut anna, &mut ben).await;
}

#[tokio::test]
async fn the_last_resort_serves_again_and_again() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    server.offered(&mut ben, true).await;
    for _ in 0..2 {
        let claimed = server.claim(&ben).await;
        group(&server, &mut anna, &ben, claimed).await.unwrap();
    }
}

#[tokio::test]
async fn commits_use_key_packages_up_too() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let first = server.group(&mut anna, &mut ben).await;
    let second = server.group(&mut anna, &mut ben).await;
    let package = server.package(&mut cleo).await;
    let add = || Change {
        add: vec![(cleo.member, package.clone())],
        ..Change::default()
    };
    let commit = anna.change(first, add(), START);
    let (member, device) = (anna.member, anna.device_id());
    let service = &server.service;
    let accepted = service
        .commit(member, device, commit.clone())
        .await
        .unwrap();
    // The same again is answered as before, though the package is used up by now.
    assert_eq!(service.commit(member, device, commit).await, Ok(accepted));
    anna.follow(&server.log(&anna, first).await[1]);
    let again = anna.change(second, add(), START);
    let refused = service.commit(member, device, again).await;
    assert_eq!(refused, Err(Error::KeyPackageInvalid));
    assert_eq!(
        server.log(&anna, second).await.len(),
        1,
        "nothing was written"
    );
}

#[tokio::test]
async fn what_is_not_accepted_uses_nothing_up() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let package = server.package(&mut cleo).await;
    let cleos = cleo.member;
    let add = || Change {
        add: vec![(cleos, package.clone())],
        ..Change::default()
    };
    // Anna's other device writes to the vault meanwhile, then Ben commits first.
    let mut other = anna.vault.clone();
    let commit = anna.change(id, add(), START);
    std::mem::swap(&mut anna.vault, &mut other);
    let pin = anna.write_pin(b"somebody", b"pin", START);
    server.apply(&anna, pin).await;
    let service = &server.service;
    let refused = service.commit(anna.member, anna.device_id(), commit).await;
    assert!(matches!(refused, Err(Error::Vault(_))), "{refused:?}");
    let after = anna.vault.clone();
    anna.drop_change(id);
    anna.vault = after;
    let update = Change {
        update: true,
        ..Change::default()
    };
    let lost = anna.change(id, add(), START);
    server.commit(&mut ben, &mut [], id, update).await;
    let refused = service.commit(anna.member, anna.device_id(), lost).await;
    assert!(
        matches!(refused, Err(Error::EpochMoved { .. })),
        "{refused:?}"
    );
    anna.drop_change(id);
    anna.follow(&server.log(&anna, id).await[1]);
    server.commit(&mut anna, &mut [&mut ben], id, add()).await;
    server.join(&mut cleo, id).await;
}

#[tokio::test]
async fn a_welcome_for_another_key_package_than_the_commit_adds_is_refused() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let used = server.package(&mut ben).await;
    group(&server, &mut anna, &ben, used.clone()).await.unwrap();
    let fresh = server.package(&mut ben).await;
    // The commit adds the used one, the Welcome is for a fresh one.
    let id = anna.conversation_id();
    let before = anna.vault.clone();
    let other = anna.conversation_id();
    let honest = anna.found_group(other, vec![(ben.member, fresh)], START);
    anna.vault = before;
    let mut create = anna.found_group(id, vec![(ben.member, used)], START);
    create.welcomes = honest.welcomes;
    let refused = server
        .service
        .create(anna.member, anna.device_id(), create)
        .await;
    assert!(
        matches!(refused, Err(Error::CommitRefused(_))),
        "{refused:?}"
    );
}
