//! Devices: signing in on fresh ones, resuming, and sessions that are stolen, replayed or revoked.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Error};
use bus::Topic;
use common::{HOUR, Server, from, heard, start};
use protocol::{
    Bytes, DeviceId, ErrorCode, Hash32, IncarnationId, WireError,
    events::Event,
    methods::account::{NewDevice, ResumeSession},
};
use storage::StorageError;
use testkit::{Member, SigningIn};

async fn sign_in(
    server: &Server,
    member: &Member,
    seed: u64,
    change: impl FnOnce(&mut NewDevice),
) -> Result<SigningInDone, Error> {
    let name = &member.certificate.login_name;
    let (params, signing_in) = SigningIn::start(seed, name, &member.passphrase);
    let opened = server
        .accounts
        .sign_in_start(&from(1), params)
        .await
        .unwrap();
    let (ke3, mut device, keys) = signing_in
        .finish(&opened.ke2, opened.stretching, server.accounts.instance())
        .unwrap();
    change(&mut device);
    let signed_in = server
        .accounts
        .sign_in_finish(&from(1), opened.attempt, ke3, device)
        .await?;
    assert_eq!(signed_in.member, member.member);
    assert_eq!(signed_in.certificate, member.certificate.bytes());
    Ok(SigningInDone { keys })
}

struct SigningInDone {
    keys: e2ee::device::DeviceKeys,
}

#[tokio::test]
async fn a_fresh_device_signs_in_and_the_others_are_told() {
    let (server, _folder) = start().await;
    let anna = server.set_up().await;
    let mut told = server.listen(Topic::Member(anna.member));
    let done = sign_in(&server, &anna, 5, |_| ()).await.unwrap();
    let events = heard(&mut told);
    let [Event::DeviceSignedIn(event)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((event.device, event.time), (done.keys.id(), common::START));

    let challenge = Hash32([4; 32]);
    let incarnation = server.accounts.incarnation();
    let proof = done
        .keys
        .session_proof(anna.instance, incarnation, challenge.as_bytes());
    let resume = ResumeSession {
        device: done.keys.id(),
        proof: Bytes::copy_from_slice(&proof),
    };
    let signed_in = server.accounts.resume(resume, challenge).await.unwrap();
    assert_eq!(signed_in.organisation, "Example");
    assert_eq!(
        signed_in.role,
        protocol::methods::account::OrganisationRole::Admin
    );
}

#[tokio::test]
async fn the_same_device_may_sign_in_again_but_nobody_takes_its_id() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    sign_in(&server, &anna, 5, |_| ()).await.unwrap();
    sign_in(&server, &anna, 5, |_| ()).await.unwrap();
    let taken = |result: Result<SigningInDone, Error>| {
        assert!(matches!(result.err(), Some(Error::BadRequest(_))));
    };
    taken(sign_in(&server, &ben, 5, |_| ()).await);
    taken(sign_in(&server, &anna, 6, |device| device.device = anna.device_id()).await);
    taken(
        sign_in(&server, &anna, 6, |d| {
            d.signing_key = Bytes::from_static(&[1; 31])
        })
        .await,
    );
    taken(
        sign_in(&server, &anna, 6, |d| {
            d.wrap_key = Bytes::from_static(&[1; 32])
        })
        .await,
    );
    let named = sign_in(&server, &anna, 6, |device| {
        device.name = "x".repeat(100_000)
    })
    .await;
    assert!(matches!(named.err(), Some(Error::NameInvalid(_))));
}

#[tokio::test]
async fn proofs_are_good_for_their_connection_only() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    let incarnation = server.accounts.incarnation();
    let (mine, other) = (Hash32([1; 32]), Hash32([2; 32]));
    let good = anna.resume(incarnation, mine);
    server.accounts.resume(good.clone(), mine).await.unwrap();

    let mut flipped = good.clone();
    let mut bytes = flipped.proof.to_vec();
    bytes[5] ^= 1;
    flipped.proof = bytes.into();
    let mut stolen_id = ben.resume(incarnation, mine);
    stolen_id.device = anna.device_id();
    let mut unknown = good.clone();
    unknown.device = protocol::DeviceId([9; 16]);
    for (params, challenge) in [
        (good.clone(), other), // replayed on another connection
        (anna.resume(IncarnationId([9; 16]), mine), mine),
        (flipped, mine),
        (stolen_id, mine),
        (unknown, mine),
    ] {
        let refused = server.accounts.resume(params, challenge).await;
        assert_eq!(refused.unwrap_err(), Error::SessionRefused);
    }
    let mut short = good;
    short.proof = Bytes::from_static(b"x");
    let refused = server.accounts.resume(short, mine).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
}

#[tokio::test]
async fn a_device_that_was_signed_out_is_refused() {
    let (server, _folder) = start().await;
    let anna = server.set_up().await;
    let device = anna.device_id();
    storage::write(server.storage.as_ref(), move |unit| {
        unit.revoke_device(device, common::START)
    })
    .await
    .unwrap();
    let challenge = Hash32([1; 32]);
    let resume = anna.resume(server.accounts.incarnation(), challenge);
    let refused = server.accounts.resume(resume, challenge).await;
    assert_eq!(refused.unwrap_err(), Error::SessionRefused);
    let asked = vec![DeviceId([9; 16]), device];
    let out = server.accounts.signed_out(asked).await.unwrap();
    assert!(out.contains(&device));
}

#[tokio::test]
async fn resuming_works_while_nothing_can_be_written() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    server.clock.advance(2 * HOUR);
    let challenge = Hash32([1; 32]);
    for refusal in [
        StorageError::ReadOnly {
            reason: "the disk is full".to_owned(),
        },
        StorageError::Busy { retry_after_ms: 30 },
    ] {
        *server.storage.refusal.lock().unwrap() = Some(refusal.clone());
        let resume = anna.resume(server.accounts.incarnation(), challenge);
        server.accounts.resume(resume, challenge).await.unwrap();
        let invited = anna.invite();
        let refused = server
            .accounts
            .create_invitation(anna.member, invited.params)
            .await
            .unwrap_err();
        assert_eq!(refused, Error::Storage(refusal));
        let wire = WireError::from(refused);
        match wire.code {
            ErrorCode::ReadOnly => assert!(wire.message.contains("the disk is full")),
            code => assert_eq!((code, wire.retry_after_ms), (ErrorCode::Busy, Some(30))),
        }
    }
}
