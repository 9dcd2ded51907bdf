//! Sessions that are stolen, replayed, or over.

use protocol::{Bytes, ErrorCode, IncarnationId, Request, encode, methods::account::ResumeSession};
use rusqlite::Connection;

use super::{World, code, refusal};
use crate::common::{sign_in, signed_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_resume_opens_no_other_connection() {
    let mut world = World::start().await;
    let mut first = world.guest().await;
    let params = world
        .anna
        .0
        .resume(first.hello.incarnation, first.hello.challenge);
    let recorded = encode(&Request::new(1, &params));
    assert!(first.raw(recorded.clone()).await);
    assert!(first.reply(1).await.ok.is_some(), "good where it was made");
    // While the first is open, and after it has gone; byte for byte, and as a new request.
    for open in [true, false] {
        let mut thief = world.guest().await;
        assert_ne!(thief.hello.challenge, first.hello.challenge);
        assert!(thief.raw(recorded.clone()).await);
        let refused = thief.reply(1).await.err.unwrap();
        assert_eq!(refused.code, ErrorCode::SessionRefused, "open: {open}");
        assert_eq!(code(&mut thief, &params).await, ErrorCode::SessionRefused);
        if open {
            first = world.guest().await;
        }
    }
    world.signed_in().await;
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_by_wrong_keys_are_refused_alike() {
    let mut world = World::start().await;
    let (anna, ben) = (&world.anna.0, &world.talkers[0].0);
    let mut wire = world.guest().await;
    let (incarnation, challenge) = (wire.hello.incarnation, wire.hello.challenge);
    let good = anna.resume(incarnation, challenge);
    let with = |device, proof: &Bytes| ResumeSession {
        device,
        proof: proof.clone(),
    };
    let mut flipped = good.proof.to_vec();
    flipped[40] ^= 1;
    let bens = ben.resume(incarnation, challenge).proof;
    let elsewhere = anna.resume(IncarnationId([1; 16]), challenge).proof;
    let bad = [
        with(anna.device_id(), &bens),
        with(ben.device_id(), &good.proof),
        with(protocol::DeviceId([3; 16]), &good.proof),
        with(anna.device_id(), &flipped.into()),
        with(anna.device_id(), &elsewhere),
        with(anna.device_id(), &vec![0; 64].into()),
    ];
    let mut refusals = Vec::new();
    for params in &bad {
        refusals.push(refusal(&mut wire, params).await);
    }
    assert_eq!(refusals[0].code, ErrorCode::SessionRefused);
    assert!(refusals.iter().all(|r| *r == refusals[0]), "{refusals:?}");
    wire.call(&good).await.unwrap();
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_signed_out_does_not_come_back_and_the_others_do() {
    let mut world = World::start().await;
    let mut wire = world.guest().await;
    let phrase = world.anna.0.passphrase.clone();
    let (_, keys) = sign_in(&mut wire, 70, "anna", &phrase).await.unwrap();
    let file = world.server.folder.join(storage_sqlite::DATABASE_FILE);
    let database = Connection::open(file).unwrap();
    let changed = database.execute(
        "UPDATE devices SET revoked = 1 WHERE device = ?1",
        [keys.id().as_bytes()],
    );
    assert_eq!(changed, Ok(1));
    drop(database);
    let mut again = world.guest().await;
    let proof = keys.session_proof(
        world.anna.0.instance,
        again.hello.incarnation,
        again.hello.challenge.as_bytes(),
    );
    let params = ResumeSession {
        device: keys.id(),
        proof: Bytes::copy_from_slice(&proof),
    };
    assert_eq!(code(&mut again, &params).await, ErrorCode::SessionRefused);
    signed_in(&world.server, &world.anna.0).await;
    world.talk_on().await;
}
