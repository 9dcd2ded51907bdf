//! Changing the passphrase: what it changes, what it must not be able to, and limits on guessing by who is signed in.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Authority, Error};
use bus::Topic;
use common::{HOUR, START, Server, from, heard, start};
use e2ee::{
    identity::{AccountKey, RootIdentity},
    opaque::{KE3_LEN, OpaqueError},
    passphrase::{Passphrase, prepare},
};
use protocol::{
    Bytes, Event, Hash32,
    methods::{
        account::Stretching,
        own_account::{FinishPassphrase, StartPassphrase},
        people::{ClaimKeyPackage, GetPeople},
        vault::kind,
    },
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use storage::{StorageError, vault::VaultRefusal};
use testkit::{Member, SigningIn};

fn new_one() -> Passphrase {
    prepare("another one, quite different").unwrap()
}

/// Nothing was changed: the passphrase signs in, another does not, and the vault stands where it stood.
async fn unchanged(server: &Server, member: &Member, passphrase: &Passphrase, head: u64) {
    let name = &member.certificate.login_name;
    server.sign_in(name, passphrase, 70).await.unwrap();
    let refused = server.sign_in(name, &new_one(), 71).await;
    assert_eq!(refused.err(), Some(Error::WrongNameOrPassphrase));
    assert_eq!(server.head(member.member).await, head);
}

#[tokio::test]
async fn the_new_passphrase_opens_the_account_and_the_old_one_does_not() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let old = anna.passphrase.clone();
    anna.stretching.passes += 1;
    let (proof, params) = server.prepare_passphrase(&mut anna, &new_one()).await;
    let stretching = params.stretching;
    let mut told = server.listen(Topic::Member(anna.member));
    let before = server.storage.counts();
    let written = server.finish_passphrase(&anna, proof, params).await;
    assert_eq!(written.unwrap().head, 2);
    assert_eq!(server.storage.counts().1, before.1 + 1, "one unit of work");
    let events = heard(&mut told);
    let [Event::Vault(vault), Event::PassphraseChanged(changed)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((vault.head, changed.time), (2, START));
    let kinds: Vec<u8> = vault.changes.iter().map(|c| c.name.kind).collect();
    assert_eq!(kinds, [kind::WRAPS, kind::ROOT]);

    let refused = server.sign_in("anna", &old, 5).await;
    assert_eq!(refused.err(), Some(Error::WrongNameOrPassphrase));
    server.sign_in("anna", &new_one(), 6).await.unwrap();
    let account = server.account(anna.member).await;
    assert_eq!(account.stretching, stretching);
    // The device that changed it stays signed in.
    let challenge = Hash32([3; 32]);
    let resume = anna.resume(server.accounts.incarnation(), challenge);
    server.accounts.resume(resume, challenge).await.unwrap();
    // And it can be changed again.
    let (proof, params) = server.prepare_passphrase(&mut anna, &old).await;
    server
        .finish_passphrase(&anna, proof, params)
        .await
        .unwrap();
    server.sign_in("anna", &old, 7).await.unwrap();
}

#[tokio::test]
async fn what_began_with_the_old_passphrase_does_not_end_after_its_change() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    // Somebody who knows the old passphrase is just signing in, and proves it on a device.
    let (params, signing_in) = SigningIn::start(9, "anna", &anna.passphrase);
    let opened = server
        .accounts
        .sign_in_start(&from(1), params)
        .await
        .unwrap();
    let (ke3, device, keys) = signing_in
        .finish(&opened.ke2, opened.stretching, anna.instance)
        .unwrap();
    let (old_proof, old_ke3) = server.prove(&mut anna).await.unwrap();
    let (proof, params) = server.prepare_passphrase(&mut anna, &new_one()).await;
    server
        .finish_passphrase(&anna, proof, params)
        .await
        .unwrap();

    let late = server
        .accounts
        .sign_in_finish(&from(1), opened.attempt, ke3, device)
        .await;
    assert_eq!(late.unwrap_err(), Error::WrongNameOrPassphrase);
    let listed = server.accounts.devices(anna.member).await.unwrap();
    assert!(listed.devices.iter().all(|d| d.device != keys.id()));

    let before = anna.vault.clone();
    let rename = anna.rename((1, old_ke3), "thief", "Thief", START);
    anna.vault = before;
    let late = server
        .accounts
        .rename(anna.member, anna.device_id(), old_proof, rename)
        .await;
    assert_eq!(late.unwrap_err(), Error::WrongNameOrPassphrase);
    assert_eq!(server.account(anna.member).await.login_name, "anna");
    assert_eq!(server.head(anna.member).await, 2);
}

#[tokio::test]
async fn a_wrong_proof_changes_nothing() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    let phone = server.sign_in("anna", &anna.passphrase, 5).await.unwrap();
    let right = anna.passphrase.clone();
    let (old_vault, device) = (anna.vault.clone(), anna.device_id());

    // Guessed: the client notices by itself, and what it could send is refused.
    let (start, proving) = anna.prove(&new_one());
    let opened = server
        .accounts
        .prove_start(anna.member, device, start)
        .await;
    let opened = opened.unwrap();
    let guess = anna.proved(proving, &opened.ke2, opened.stretching);
    assert_eq!(guess.unwrap_err(), OpaqueError::WrongNameOrPassphrase);
    let (_, good) = server.prepare_passphrase(&mut anna, &new_one()).await;
    anna.passphrase = right.clone();
    for (ke3, expected) in [
        (Bytes::from(vec![0; KE3_LEN]), Error::WrongNameOrPassphrase),
        // of another attempt
        (good.ke3.clone().unwrap(), Error::WrongNameOrPassphrase),
        (Bytes::from_static(b"short"), Error::BadRequest("")),
    ] {
        let (proof, _) = server.prove(&mut anna).await.unwrap();
        let mut params = good.clone();
        params.ke3 = Some(ke3);
        let refused = server.finish_passphrase(&anna, proof, params).await;
        match (refused.unwrap_err(), expected) {
            (Error::BadRequest(_), Error::BadRequest(_)) => {}
            (error, expected) => assert_eq!(error, expected),
        }
    }
    // Another member's proof, which they made rightly with their own passphrase; another device's.
    let (bens, ke3) = server.prove(&mut ben).await.unwrap();
    let mut params = good.clone();
    params.ke3 = Some(ke3);
    let refused = server.finish_passphrase(&anna, bens, params).await;
    assert_eq!(refused.unwrap_err(), Error::WrongNameOrPassphrase);
    let (proof, ke3) = server.prove(&mut anna).await.unwrap();
    let mut params = good.clone();
    params.ke3 = Some(ke3);
    let refused = server
        .accounts
        .passphrase_finish(
            anna.member,
            phone.id(),
            Authority::Passphrase(proof),
            params,
        )
        .await;
    assert_eq!(refused.unwrap_err(), Error::WrongNameOrPassphrase);
    anna.vault = old_vault;
    unchanged(&server, &anna, &right, 1).await;
}

#[tokio::test]
async fn a_change_that_would_lock_its_member_out_is_refused() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let right = anna.passphrase.clone();
    let before = anna.vault.clone();
    let (_, good) = server.prepare_passphrase(&mut anna, &new_one()).await;
    let floor = common::config().stretching_floor;
    let weak = Stretching {
        memory_kib: floor.memory_kib - 1,
        ..floor
    };
    let absurd = Stretching {
        passes: 1000,
        ..floor
    };
    let mut cases = Vec::new();
    for stretching in [weak, absurd] {
        let mut params = good.clone();
        params.stretching = stretching;
        cases.push((params, Error::StretchingTooWeak(floor)));
    }
    let missing =
        VaultRefusal::Invalid("the wraps and the root record for the new passphrase are missing");
    for left_out in [kind::WRAPS, kind::ROOT] {
        let mut params = good.clone();
        params.vault.puts.retain(|put| put.name.kind != left_out);
        cases.push((params, Error::Vault(missing.clone())));
    }
    let mut params = good.clone();
    params.vault.head = None;
    let headless = VaultRefusal::Invalid("a head is missing");
    cases.push((params, Error::Vault(headless)));
    let mut params = good.clone();
    params.upload = Bytes::from(vec![0xff; 192]);
    cases.push((params, Error::BadRequest("registration upload")));
    for (mut params, expected) in cases {
        anna.passphrase = right.clone();
        let (proof, ke3) = server.prove(&mut anna).await.unwrap();
        params.ke3 = Some(ke3);
        let refused = server.finish_passphrase(&anna, proof, params).await;
        match (refused.unwrap_err(), expected) {
            (Error::BadRequest(_), Error::BadRequest(_)) => {}
            (error, expected) => assert_eq!(error, expected),
        }
    }
    anna.vault = before;
    unchanged(&server, &anna, &right, 1).await;
}

#[tokio::test]
async fn a_vault_conflict_leaves_the_passphrase_as_it_was() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let right = anna.passphrase.clone();
    let behind = anna.vault.clone();
    // Another device writes the vault meanwhile.
    let publish = anna.publish(1, false, START);
    let published = server
        .accounts
        .publish_key_packages(anna.member, anna.device_id(), publish)
        .await;
    published.unwrap();
    let ahead = std::mem::replace(&mut anna.vault, behind);
    let mut told = server.listen(Topic::Member(anna.member));
    let (proof, params) = server.prepare_passphrase(&mut anna, &new_one()).await;
    let refused = server.finish_passphrase(&anna, proof, params).await;
    let conflict = VaultRefusal::Conflict { head: 2 };
    assert_eq!(refused.unwrap_err(), Error::Vault(conflict));
    assert!(heard(&mut told).is_empty());
    anna.passphrase = right.clone();
    unchanged(&server, &anna, &right, 2).await;

    // Nor when the database can't be written.
    anna.vault = ahead;
    let (proof, params) = server.prepare_passphrase(&mut anna, &new_one()).await;
    let full = StorageError::ReadOnly {
        reason: "the disk is full".to_owned(),
    };
    *server.storage.refusal.lock().unwrap() = Some(full.clone());
    let refused = server.finish_passphrase(&anna, proof, params).await;
    assert_eq!(refused.unwrap_err(), Error::Storage(full));
    *server.storage.refusal.lock().unwrap() = None;
    unchanged(&server, &anna, &right, 2).await;
}

#[tokio::test]
async fn where_the_old_one_may_be_known_the_keys_are_of_the_next_generation() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    let published = anna.publish(2, true, START);
    let device = anna.device_id();
    let published = server
        .accounts
        .publish_key_packages(anna.member, device, published);
    published.await.unwrap();
    let first = anna.certificate.clone();
    let mut told = server.listen(Topic::Member(anna.member));
    let (proof, params) = server.prepare_new_keys(&mut anna, &new_one()).await;
    let before = server.storage.counts();
    let written = server.finish_passphrase(&anna, proof, params).await;
    written.unwrap();
    assert_eq!(server.storage.counts().1, before.1 + 1, "one unit of work");
    let events = heard(&mut told);
    let [
        Event::Vault(vault),
        Event::PassphraseChanged(_),
        Event::PersonChanged(person),
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    let mut kinds: Vec<u8> = vault.changes.iter().map(|c| c.name.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [kind::WRAPS, kind::ROOT, kind::IDENTITY]);
    assert_eq!(person.member, anna.member);
    let account = server.account(anna.member).await;
    assert_eq!(account.generation, 2);
    assert_eq!(account.certificate, *anna.certificate.bytes());
    // what she signed before stays verifiable
    let members = vec![anna.member];
    let found = server
        .accounts
        .get_people(ben.member, GetPeople { members });
    let found = found.await.unwrap();
    let bytes = [first.bytes(), anna.certificate.bytes()].map(Bytes::copy_from_slice);
    assert_eq!(found.people[0].certificates, bytes);
    // key packages of before serve nobody
    let claim = ClaimKeyPackage {
        member: anna.member,
    };
    let claimed = server.accounts.claim_key_package(ben.member, claim).await;
    assert_eq!(claimed.unwrap_err(), Error::KeyPackagesExhausted);
    server.sign_in("anna", &new_one(), 6).await.unwrap();
}

#[tokio::test]
async fn no_other_certificate_than_the_next_of_the_same_person_is_taken() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let right = anna.passphrase.clone();
    let before = anna.vault.clone();
    let known = AccountKey::from_seed(&anna.account.seed(), 2);
    let (_, good) = server.prepare_new_keys(&mut anna, &new_one()).await;
    let seeded = |seed: u32| ChaCha20Rng::seed_from_u64(u64::from(seed));
    let certify = |name: &str, key: &AccountKey| {
        let certificate = anna.root.certify(
            anna.instance,
            anna.member,
            name,
            &anna.certificate.display_name,
            &key.public(),
            key.generation(),
        );
        Bytes::copy_from_slice(certificate.unwrap().bytes())
    };
    let fresh = |generation| AccountKey::generate(&mut seeded(generation), generation);
    let stranger = RootIdentity::generate(&mut seeded(9)).certify(
        anna.instance,
        anna.member,
        "anna",
        &anna.certificate.display_name,
        &fresh(2).public(),
        2,
    );
    let wrong = Error::CertificateInvalid("the account certificate");
    let cases = [
        // the same generation, and one left out
        (certify("anna", &fresh(1)), wrong.clone()),
        (certify("anna", &fresh(3)), wrong.clone()),
        // another name, another root
        (certify("anne", &fresh(2)), wrong.clone()),
        (
            Bytes::copy_from_slice(stranger.unwrap().bytes()),
            wrong.clone(),
        ),
        // the key that may be known, under a new number
        (certify("anna", &known), wrong.clone()),
        (Bytes::from_static(b"nothing"), wrong),
    ];
    let mut spoilt: Vec<(FinishPassphrase, Error)> = Vec::new();
    for (certificate, error) in cases {
        let certificate = Some(certificate);
        spoilt.push((
            FinishPassphrase {
                certificate,
                ..good.clone()
            },
            error,
        ));
    }
    let mut without = good.clone();
    without
        .vault
        .puts
        .retain(|put| put.name.kind != kind::IDENTITY);
    let missing = VaultRefusal::Invalid("the identity record with the new certificate is missing");
    spoilt.push((without, Error::Vault(missing)));
    for (mut params, expected) in spoilt {
        anna.passphrase = right.clone();
        let (proof, ke3) = server.prove(&mut anna).await.unwrap();
        params.ke3 = Some(ke3);
        let refused = server.finish_passphrase(&anna, proof, params).await;
        assert_eq!(refused.unwrap_err(), expected);
        assert_eq!(server.account(anna.member).await.generation, 1);
    }
    anna.vault = before;
    unchanged(&server, &anna, &right, 1).await;
}

fn is_limited<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::TooManyAttempts { .. }))
}

/// A wrong guess on the member's device.
async fn guess(server: &Server, member: &mut Member) -> Result<(), Error> {
    let (params, _) = member.prove(&new_one());
    let (id, device) = (member.member, member.device_id());
    let opened = server.accounts.prove_start(id, device, params).await?;
    let ke3 = Bytes::from(vec![0; KE3_LEN]);
    let finish = member.rename((1, ke3), "x", "X", START);
    let refused = server
        .accounts
        .rename(id, device, opened.proof, finish)
        .await;
    assert_eq!(refused.unwrap_err(), Error::WrongNameOrPassphrase);
    Ok(())
}

#[tokio::test]
async fn guesses_of_a_thief_are_limited_and_lock_no_one_else_out() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let phone = server.sign_in("anna", &anna.passphrase, 5).await.unwrap();
    // For who has a KE2, answers of the OPRF are guesses as well.
    let (start, _) = anna.start_passphrase(&new_one());
    let (id, device) = (anna.member, anna.device_id());
    for _ in 0..10 {
        server
            .accounts
            .passphrase_start(id, device, start.clone())
            .await
            .unwrap();
    }
    for _ in 10..30 {
        guess(&server, &mut anna).await.unwrap();
    }
    assert!(is_limited(&guess(&server, &mut anna).await));
    assert!(is_limited(&server.prove(&mut anna).await), "also rightly");
    let again = server.accounts.passphrase_start(id, device, start).await;
    assert!(is_limited(&again));
    // The device stays signed in; another one proves; a fresh one signs in.
    let challenge = Hash32([3; 32]);
    let resume = anna.resume(server.accounts.incarnation(), challenge);
    server.accounts.resume(resume, challenge).await.unwrap();
    let (params, _) = anna.prove(&anna.passphrase.clone());
    let elsewhere = server.accounts.prove_start(id, phone.id(), params).await;
    elsewhere.unwrap();
    server.sign_in("anna", &anna.passphrase, 6).await.unwrap();
    // After an hour's thirtieth there is one more attempt.
    server.clock.advance(HOUR / 30);
    server.prove(&mut anna).await.unwrap();
    assert!(is_limited(&server.prove(&mut anna).await));
}

#[tokio::test]
async fn guests_that_guess_do_not_lock_the_member_out_and_right_proofs_are_no_guesses() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    for n in 0..30 {
        let refused = server.sign_in("anna", &new_one(), n).await;
        assert_eq!(refused.err(), Some(Error::WrongNameOrPassphrase));
    }
    assert!(is_limited(&server.sign_in("anna", &new_one(), 99).await));
    let right = anna.passphrase.clone();
    for _ in 0..40 {
        let before = anna.vault.clone();
        let (proof, mut params) = server.prepare_passphrase(&mut anna, &new_one()).await;
        params.vault.head = None;
        let refused = server.finish_passphrase(&anna, proof, params).await;
        assert!(matches!(refused, Err(Error::Vault(_))), "{refused:?}");
        (anna.vault, anna.passphrase) = (before, right.clone());
    }
}

#[tokio::test]
async fn rubbish_is_refused_and_counts_as_an_attempt() {
    let (server, _folder) = start().await;
    let anna = server.set_up().await;
    let (id, device) = (anna.member, anna.device_id());
    for n in 0..30usize {
        let request = Bytes::from(vec![0xff; n]);
        let refused = server
            .accounts
            .passphrase_start(id, device, StartPassphrase { request });
        assert!(matches!(refused.await, Err(Error::BadRequest(_))));
    }
    let ke1 = Bytes::new();
    let params = protocol::methods::own_account::StartProof { ke1 };
    let refused = server.accounts.prove_start(id, device, params).await;
    assert!(is_limited(&refused));
}
