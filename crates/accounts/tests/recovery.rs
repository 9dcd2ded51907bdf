//! The recovery code: made, replaced, removed; signing in by it; and what is not let in.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Authority, Error};
use bus::Topic;
use common::{HOUR, START, Server, from, heard, start};
use e2ee::{
    passphrase::{Passphrase, prepare},
    recovery::{Connection, RecoveryCode, RecoveryKeys},
};
use protocol::{
    Bytes, DeviceId, Event, Hash32,
    methods::{account::Recover, own_account::FinishPassphrase, vault::kind},
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use storage::vault::VaultRefusal;
use testkit::{Member, SigningIn};

const CHALLENGE: Hash32 = Hash32([3; 32]);

fn code(seed: u64) -> RecoveryCode {
    RecoveryCode::generate(&mut ChaCha20Rng::seed_from_u64(seed))
}

fn new_one() -> Passphrase {
    prepare("another one, quite different").unwrap()
}

fn keys(server: &Server, seed: u64) -> RecoveryKeys {
    code(seed).keys(server.accounts.instance()).unwrap()
}

/// A sign-in by code on a fresh device, on the connection of [`CHALLENGE`].
fn recover(server: &Server, name: &str, keys: &RecoveryKeys, device: u64) -> Recover {
    let (instance, incarnation) = (server.accounts.instance(), server.accounts.incarnation());
    SigningIn::recover(device, name, keys, (instance, incarnation, CHALLENGE)).0
}

async fn recovered(server: &Server, params: Recover) -> Result<(), Error> {
    let here = from(1);
    let signed_in = server.accounts.recover(&here, params, CHALLENGE);
    signed_in.await.map(drop)
}

/// A change of the passphrase by the code, on the connection of [`CHALLENGE`].
async fn prepare_by_code(server: &Server, anna: &mut Member) -> FinishPassphrase {
    let (start, registration) = anna.start_passphrase(&new_one());
    let (id, device) = (anna.member, anna.device_id());
    let started = server.accounts.passphrase_start(id, device, start);
    let started = started.await.unwrap();
    let on = Connection {
        instance: anna.instance,
        incarnation: server.accounts.incarnation(),
        device,
        challenge: CHALLENGE.0,
    };
    anna.finish_passphrase_by_code(&on, registration, &started, new_one(), START)
}

async fn finish_by_code(
    server: &Server,
    anna: &Member,
    device: DeviceId,
    challenge: Hash32,
    params: FinishPassphrase,
) -> Result<(), Error> {
    let by = Authority::RecoveryCode { challenge };
    let accounts = &server.accounts;
    let done = accounts.passphrase_finish(anna.member, device, by, params);
    done.await.map(drop)
}

#[tokio::test]
async fn a_code_signs_in_and_everybody_is_told() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut told = server.listen(Topic::Member(anna.member));
    let before = server.storage.counts();
    server.set_recovery(&mut anna, Some(&code(1))).await;
    assert_eq!(server.storage.counts().1, before.1 + 1, "one unit of work");
    let events = heard(&mut told);
    let [Event::Vault(vault), Event::RecoveryChanged(changed)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((vault.head, changed.time), (2, START));
    let kinds: Vec<u8> = vault.changes.iter().map(|c| c.name.kind).collect();
    assert_eq!(kinds, [kind::WRAPS, kind::ROOT]);
    let params = recover(&server, "anna", &keys(&server, 1), 5);
    let device = params.device.device;
    recovered(&server, params.clone()).await.unwrap();
    let events = heard(&mut told);
    let [Event::DeviceSignedIn(signed_in)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(signed_in.device, device);
    // after a lost answer, on another connection, the same device again is nothing new
    let mut again = params;
    let other = Hash32([4; 32]);
    let (instance, incarnation) = (server.accounts.instance(), server.accounts.incarnation());
    let on = (instance, incarnation, other);
    again.proof = SigningIn::recover(5, "anna", &keys(&server, 1), on).0.proof;
    server
        .accounts
        .recover(&from(1), again, other)
        .await
        .unwrap();
}

#[tokio::test]
async fn wrong_codes_unknown_names_and_members_without_code_are_answered_alike() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    server.join(&mut anna, 2, "ben").await;
    server.set_recovery(&mut anna, Some(&code(1))).await;
    for (name, seed) in [("anna", 2), ("ben", 1), ("nobody", 1), ("no name\u{0}", 1)] {
        let before = server.storage.counts();
        let refused = recovered(&server, recover(&server, name, &keys(&server, seed), 5)).await;
        assert_eq!(refused, Err(Error::WrongNameOrCode), "{name}");
        let after = server.storage.counts();
        assert_eq!((after.0 - before.0, after.1 - before.1), (1, 0), "{name}");
    }
    // what is malformed is refused before anybody is looked up
    let mut short = recover(&server, "anna", &keys(&server, 1), 5);
    short.proof = Bytes::from_static(b"short");
    assert!(matches!(
        recovered(&server, short).await,
        Err(Error::BadRequest(_))
    ));
}

#[tokio::test]
async fn a_proof_is_good_for_its_connection_and_device_only() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    server.set_recovery(&mut anna, Some(&code(1))).await;
    let good = recover(&server, "anna", &keys(&server, 1), 5);
    let replayed = server
        .accounts
        .recover(&from(1), good.clone(), Hash32([4; 32]))
        .await;
    assert_eq!(replayed.err(), Some(Error::WrongNameOrCode));
    let mut other_device = recover(&server, "anna", &keys(&server, 1), 6);
    other_device.proof = good.proof.clone();
    let refused = recovered(&server, other_device).await;
    assert_eq!(refused, Err(Error::WrongNameOrCode));
    let mut other_keys = good.clone();
    other_keys.device.signing_key = Bytes::from(vec![9; 31]);
    assert!(matches!(
        recovered(&server, other_keys).await,
        Err(Error::BadRequest(_))
    ));
    recovered(&server, good).await.unwrap();
}

#[tokio::test]
async fn guesses_are_limited_with_those_of_passphrases_and_lock_no_device_out() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    server.set_recovery(&mut anna, Some(&code(1))).await;
    let mut guesses = 0u8;
    let limited = loop {
        let mut guess = recover(&server, "anna", &keys(&server, 2), 5);
        guess.device.device = DeviceId([guesses; 16]);
        let from = from(guesses); // from everywhere
        match server.accounts.recover(&from, guess, CHALLENGE).await {
            Err(Error::WrongNameOrCode) => guesses += 1,
            other => break other.err().unwrap(),
        }
    };
    assert!(
        matches!(limited, Error::TooManyAttempts { .. }),
        "{limited:?}"
    );
    assert_eq!(u32::from(guesses), common::config().sign_ins_per_hour);
    let passphrase = anna.passphrase.clone();
    let refused = server.sign_in("anna", &passphrase, 7).await;
    assert!(matches!(refused, Err(Error::TooManyAttempts { .. })));
    let resume = anna.resume(server.accounts.incarnation(), CHALLENGE);
    server.accounts.resume(resume, CHALLENGE).await.unwrap();
    server.clock.advance(HOUR);
    for device in 8..60 {
        // right ones are no guesses
        let good = recover(&server, "anna", &keys(&server, 1), device);
        recovered(&server, good).await.unwrap();
    }
}

#[tokio::test]
async fn a_code_that_was_replaced_or_removed_opens_nothing() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    server.set_recovery(&mut anna, Some(&code(1))).await;
    server.set_recovery(&mut anna, Some(&code(2))).await;
    let old = recovered(&server, recover(&server, "anna", &keys(&server, 1), 5)).await;
    assert_eq!(old, Err(Error::WrongNameOrCode));
    recovered(&server, recover(&server, "anna", &keys(&server, 2), 6))
        .await
        .unwrap();
    let (passphrase, vault) = (anna.passphrase.clone(), anna.vault.clone());
    let by_old_code = prepare_by_code(&server, &mut anna).await;
    anna.passphrase = passphrase;
    anna.vault = vault;
    server.set_recovery(&mut anna, None).await;
    let device = anna.device_id();
    let refused = finish_by_code(&server, &anna, device, CHALLENGE, by_old_code).await;
    assert_eq!(refused, Err(Error::WrongNameOrCode));
    let gone = recovered(&server, recover(&server, "anna", &keys(&server, 2), 7)).await;
    assert_eq!(gone, Err(Error::WrongNameOrCode));
}

#[tokio::test]
async fn making_a_code_needs_the_passphrase_and_a_vault_that_fits() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let before = anna.vault.clone();
    let (proof, good) = server.prepare_recovery(&mut anna, Some(&code(1))).await;
    let (id, device) = (anna.member, anna.device_id());
    let mut spoilt = good.clone();
    spoilt.ke3 = Bytes::from(vec![0; e2ee::opaque::KE3_LEN]);
    let refused = server.accounts.set_recovery(id, device, proof, spoilt);
    assert_eq!(refused.await, Err(Error::WrongNameOrPassphrase));
    let missing =
        VaultRefusal::Invalid("the wraps and the root record for the recovery code are missing");
    for (left_out, key) in [
        (Some(kind::WRAPS), good.key.clone()),
        (Some(kind::ROOT), good.key.clone()),
        (None, Some(Bytes::from_static(b"short"))),
    ] {
        anna.vault = before.clone();
        let (proof, mut params) = server.prepare_recovery(&mut anna, Some(&code(1))).await;
        params
            .vault
            .puts
            .retain(|put| Some(put.name.kind) != left_out);
        params.key = key;
        let refused = server.accounts.set_recovery(id, device, proof, params);
        match (refused.await.unwrap_err(), left_out) {
            (Error::BadRequest(_), None) => {}
            (error, _) => assert_eq!(error, Error::Vault(missing.clone())),
        }
    }
    // another device wrote meanwhile: neither the key nor the vault is changed
    anna.vault = before.clone();
    let (proof, params) = server.prepare_recovery(&mut anna, Some(&code(1))).await;
    anna.vault = before;
    let pin = anna.write_pin(&[9; 16], b"pin", START);
    storage::write(server.storage.as_ref(), move |unit| {
        storage::vault::apply(unit, id, &pin).map_err(Error::from)
    })
    .await
    .unwrap();
    let refused = server.accounts.set_recovery(id, device, proof, params);
    assert!(matches!(
        refused.await,
        Err(Error::Vault(VaultRefusal::Conflict { .. }))
    ));
    let refused = recovered(&server, recover(&server, "anna", &keys(&server, 1), 5)).await;
    assert_eq!(refused, Err(Error::WrongNameOrCode));
}

#[tokio::test]
async fn the_code_sets_a_new_passphrase_once_on_its_connection() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    server.set_recovery(&mut anna, Some(&code(1))).await;
    let old = anna.passphrase.clone();
    let mut told = server.listen(Topic::Member(anna.member));
    let good = prepare_by_code(&server, &mut anna).await;
    let device = anna.device_id();
    // replayed on another connection, by another device, for another passphrase, without a proof
    let refused = finish_by_code(&server, &anna, device, Hash32([4; 32]), good.clone()).await;
    assert_eq!(refused, Err(Error::WrongNameOrCode));
    let refused = finish_by_code(&server, &anna, DeviceId([9; 16]), CHALLENGE, good.clone()).await;
    assert_eq!(refused, Err(Error::WrongNameOrCode));
    let mut other = good.clone();
    let mut upload = other.upload.to_vec();
    upload[100] ^= 1;
    other.upload = upload.into();
    let refused = finish_by_code(&server, &anna, device, CHALLENGE, other).await;
    assert_eq!(refused, Err(Error::WrongNameOrCode));
    let mut without = good.clone();
    without.recovery = None;
    let refused = finish_by_code(&server, &anna, device, CHALLENGE, without).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
    assert!(heard(&mut told).is_empty());
    server.sign_in("anna", &old, 20).await.unwrap();
    heard(&mut told);
    finish_by_code(&server, &anna, device, CHALLENGE, good.clone())
        .await
        .unwrap();
    let events = heard(&mut told);
    assert!(matches!(
        &events[..],
        [Event::Vault(_), Event::PassphraseChanged(_)]
    ));
    let again = finish_by_code(&server, &anna, device, CHALLENGE, good).await;
    assert!(
        matches!(again, Err(Error::Vault(_))),
        "the vault has moved on"
    );
    let refused = server.sign_in("anna", &old, 21).await;
    assert_eq!(refused.err(), Some(Error::WrongNameOrPassphrase));
    server.sign_in("anna", &new_one(), 22).await.unwrap();
    // and the code is still there
    recovered(&server, recover(&server, "anna", &keys(&server, 1), 23))
        .await
        .unwrap();
}
