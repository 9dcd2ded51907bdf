//! Changing names: what it changes, whose names are free, and certificates that are refused.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Error};
use bus::Topic;
use common::{HOUR, START, Server, heard, start};
use e2ee::identity::{AccountCertificate, AccountKey, RootIdentity};
use protocol::{
    Bytes, ConversationId, Event, Hash32, InstanceId, MemberId,
    methods::{
        own_account::{Rename, Renamed},
        people::{FindPeople, GetPeople, People},
    },
};
use storage::{
    StorageError,
    conversations::{Conversation, Membership},
    vault::VaultRefusal,
};
use testkit::Member;

/// Renames; when it is refused the member is as before.
async fn rename(
    server: &Server,
    member: &mut Member,
    login_name: &str,
    display_name: &str,
    change: impl FnOnce(&mut Rename),
) -> Result<Renamed, Error> {
    let before = (member.vault.clone(), member.certificate.clone());
    let (proof, ke3) = server.prove(member).await?;
    let mut params = member.rename((1, ke3), login_name, display_name, START);
    change(&mut params);
    let (id, device) = (member.member, member.device_id());
    let result = server.accounts.rename(id, device, proof, params).await;
    if result.is_err() {
        (member.vault, member.certificate) = before;
    }
    result
}

async fn get(server: &Server, member: MemberId) -> People {
    let params = GetPeople {
        members: vec![member],
    };
    server.accounts.get_people(member, params).await.unwrap()
}

/// The two are in a conversation.
async fn talk(server: &Server, id: ConversationId, members: Vec<MemberId>) {
    storage::write(server.storage.as_ref(), move |unit| {
        unit.insert_conversation(&Conversation {
            conversation: id,
            restart: 0,
            direct: None,
            epoch: 0,
            head_seq: 0,
            transcript: Hash32::default(),
            created: 0,
        })?;
        members.into_iter().try_for_each(|member| {
            unit.insert_member(Membership {
                conversation: id,
                member,
                first_seq: 1,
            })
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn new_names_are_found_signed_in_with_and_told() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    let (here, there) = (ConversationId([1; 16]), ConversationId([2; 16]));
    talk(&server, here, vec![anna.member, ben.member]).await;
    talk(&server, there, vec![ben.member]).await;
    let mut told = server.listen(Topic::Member(anna.member));
    let mut told_here = server.listen(Topic::Conversation(here));
    let mut told_there = server.listen(Topic::Conversation(there));
    let before = server.storage.counts();
    let renamed = rename(&server, &mut anna, "annika", "Annika Ö.", |_| ())
        .await
        .unwrap();
    assert_eq!(server.storage.counts().1, before.1 + 1, "one unit of work");
    assert_eq!(renamed.certificate, anna.certificate.bytes());
    assert_eq!(renamed.head, 2);
    let events = heard(&mut told);
    let [Event::Vault(vault), Event::PersonChanged(changed)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((vault.head, changed.member), (2, anna.member));
    let events = heard(&mut told_here);
    assert!(
        matches!(&events[..], [Event::PersonChanged(changed)] if changed.member == anna.member),
        "{events:?}"
    );
    assert!(heard(&mut told_there).is_empty());

    let found = get(&server, anna.member).await;
    let newest = [Bytes::copy_from_slice(anna.certificate.bytes())];
    assert_eq!(found.people[0].certificates, newest);
    for (query, count) in [("annik", 1), ("ö", 1), ("anna", 0)] {
        let query = FindPeople {
            query: query.to_owned(),
            limit: 10,
        };
        let found = server.accounts.find_people(ben.member, query).await;
        assert_eq!(found.unwrap().people.len(), count);
    }
    let refused = server.sign_in("anna", &anna.passphrase, 5).await;
    assert_eq!(refused.err(), Some(Error::WrongNameOrPassphrase));
    server.sign_in("annika", &anna.passphrase, 6).await.unwrap();
    let challenge = Hash32([3; 32]);
    let resume = anna.resume(server.accounts.incarnation(), challenge);
    let signed_in = server.accounts.resume(resume, challenge).await.unwrap();
    assert_eq!(signed_in.certificate, anna.certificate.bytes());

    // The name that she had is free, and what looks like it too.
    rename(&server, &mut ben, "anna", "Ben", |_| ())
        .await
        .unwrap();
    // Back and forth, there is one certificate, the newest.
    rename(&server, &mut anna, "annika", "A", |_| ())
        .await
        .unwrap();
    rename(&server, &mut anna, "annika", "Annika Ö.", |_| ())
        .await
        .unwrap();
    let found = get(&server, anna.member).await;
    assert_eq!(found.people[0].certificates, newest);
}

#[tokio::test]
async fn taken_look_alike_and_bad_names_are_refused() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    server.join(&mut anna, 2, "ben").await;
    server.join(&mut anna, 3, "paypal").await;
    let before = server.account(anna.member).await;
    let mut told = server.listen(Topic::Member(anna.member));
    for name in ["ben", "paypa1"] {
        let refused = rename(&server, &mut anna, name, "Anna", |_| ()).await;
        assert_eq!(refused.unwrap_err(), Error::NameTaken, "{name}");
    }
    for (login, display) in [
        ("Ben2", "Anna"),
        ("a", "Anna"),
        ("an na", "Anna"),
        ("anna", ""),
        ("anna", "  Anna "),
        ("anna", "An\u{202e}na"),
    ] {
        let refused = rename(&server, &mut anna, login, display, |_| ()).await;
        assert!(
            matches!(refused, Err(Error::NameInvalid(_))),
            "{login:?} {display:?}: {refused:?}"
        );
    }
    assert_eq!(server.account(anna.member).await, before);
    assert_eq!(server.head(anna.member).await, 1);
    assert!(heard(&mut told).is_empty());
    // One's own name, and one that looks like it, are no obstacle.
    rename(&server, &mut anna, "anna", "Anna B.", |_| ())
        .await
        .unwrap();
    rename(&server, &mut anna, "paul", "Anna B.", |_| ())
        .await
        .unwrap();
    rename(&server, &mut anna, "pau1", "Anna B.", |_| ())
        .await
        .unwrap();
}

#[tokio::test]
async fn certificates_of_another_root_generation_key_member_or_instance_are_refused() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    let (instance, me) = (anna.instance, anna.member);
    let own = anna.account.public();
    let rng = &mut anna.rng;
    let other_root = RootIdentity::generate(rng);
    let other_key = AccountKey::generate(rng, 1).public();
    let certify = |root: &RootIdentity, instance, member, key, generation| -> AccountCertificate {
        root.certify(instance, member, "anna", "New", key, generation)
            .unwrap()
    };
    let root = &anna.root;
    let mut broken = certify(root, instance, me, &own, 1).bytes().to_vec();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    let certificates = [
        certify(&other_root, instance, me, &own, 1).bytes().to_vec(),
        certify(root, instance, me, &own, 2).bytes().to_vec(),
        certify(root, instance, me, &other_key, 1).bytes().to_vec(),
        certify(root, instance, ben.member, &own, 1)
            .bytes()
            .to_vec(),
        certify(root, InstanceId([9; 16]), me, &own, 1)
            .bytes()
            .to_vec(),
        ben.certificate.bytes().to_vec(),
        broken,
        Vec::new(),
    ];
    let before = server.account(me).await;
    for (n, bytes) in certificates.into_iter().enumerate() {
        let refused = rename(&server, &mut anna, "anna", "New", |params| {
            params.certificate = bytes.into();
        })
        .await;
        assert!(
            matches!(refused, Err(Error::CertificateInvalid(_))),
            "{n}: {refused:?}"
        );
    }
    assert_eq!(server.account(me).await, before);
    assert_eq!(server.head(me).await, 1);
}

#[tokio::test]
async fn names_and_vault_change_together_or_not_at_all() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let before = server.account(anna.member).await;
    let refused = rename(&server, &mut anna, "annika", "Annika", |params| {
        params.vault.puts.clear();
    })
    .await;
    let missing = VaultRefusal::Invalid("the identity record with the new certificate is missing");
    assert_eq!(refused.unwrap_err(), Error::Vault(missing));
    let refused = rename(&server, &mut anna, "annika", "Annika", |params| {
        params.vault.head.as_mut().unwrap().expected = 7;
    })
    .await;
    let conflict = VaultRefusal::Conflict { head: 1 };
    assert_eq!(refused.unwrap_err(), Error::Vault(conflict));
    let full = StorageError::ReadOnly {
        reason: "the disk is full".to_owned(),
    };
    let (proof, ke3) = server.prove(&mut anna).await.unwrap();
    let vault = anna.vault.clone();
    let params = anna.rename((1, ke3), "annika", "Annika", START);
    *server.storage.refusal.lock().unwrap() = Some(full.clone());
    let refused = server
        .accounts
        .rename(anna.member, anna.device_id(), proof, params)
        .await;
    assert_eq!(refused.unwrap_err(), Error::Storage(full));
    *server.storage.refusal.lock().unwrap() = None;
    anna.vault = vault;
    assert_eq!(server.account(anna.member).await, before);
    assert_eq!(server.head(anna.member).await, 1);
    rename(&server, &mut anna, "annika", "Annika", |_| ())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_member_is_renamed_so_often_in_an_hour() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    for n in 0..30 {
        let name = format!("Anna {n}");
        rename(&server, &mut anna, "anna", &name, |_| ())
            .await
            .unwrap();
    }
    let refused = rename(&server, &mut anna, "anna", "Anna", |_| ()).await;
    assert!(matches!(refused, Err(Error::TooManyAttempts { .. })));
    server.clock.advance(HOUR / 30);
    rename(&server, &mut anna, "anna", "Anna", |_| ())
        .await
        .unwrap();
}
