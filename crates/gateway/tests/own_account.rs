//! A member's own account over connections: proofs of the passphrase, devices that end, what the others hear.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;
mod real;

use e2ee::{
    opaque::KE3_LEN,
    passphrase::{Passphrase, prepare},
    recovery::{Connection, RecoveryCode},
};
use fakes::Client;
use protocol::{
    Bytes, DeviceId, ErrorCode, Event,
    methods::{
        account::{SignInFinish, SignInStarted},
        own_account::{FinishPassphrase, ListDevices, Rename, SignOutDevices, StartProof},
        people::GetPeople,
        vault::GetManifest,
    },
};
use real::{START, Server, server};
use testkit::{Member, SigningIn};

fn new_one() -> Passphrase {
    prepare("another one, quite different").unwrap()
}

/// Signs in on a fresh device; gives the live connection and the device.
async fn sign_in(
    server: &Server,
    login_name: &str,
    passphrase: &Passphrase,
    seed: u64,
) -> (Client, DeviceId) {
    let mut client = server.connect();
    let hello = client.hello().await;
    let (start, signing_in) = SigningIn::start(seed, login_name, passphrase);
    let started = client.ask(&start).await.unwrap();
    let (ke3, device, _) = signing_in
        .finish(&started.ke2, started.stretching, hello.instance)
        .unwrap();
    let id = device.device;
    let finish = SignInFinish {
        attempt: started.attempt,
        ke3,
        device,
    };
    client.ask(&finish).await.unwrap();
    client.sync().await;
    (client, id)
}

/// A right proof, ready for the request that needs it.
async fn prove(client: &mut Client, member: &mut Member) -> (u64, Bytes) {
    let (start, proving) = member.prove(&member.passphrase.clone());
    let started: SignInStarted = client.ask(&start).await.unwrap();
    let ke3 = member
        .proved(proving, &started.ke2, started.stretching)
        .unwrap();
    (started.attempt, ke3)
}

/// A change of the passphrase by this proof.
async fn change(client: &mut Client, member: &mut Member, proof: (u64, Bytes)) -> FinishPassphrase {
    let (start, registration) = member.start_passphrase(&new_one());
    let started = client.ask(&start).await.unwrap();
    member.finish_passphrase(proof, registration, &started, new_one(), START)
}

#[tokio::test]
async fn the_passphrase_is_changed_and_the_other_device_hears_of_it() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let old = anna.passphrase.clone();
    let (mut phone, _) = sign_in(&server, "anna", &old, 5).await;
    let proof = prove(&mut client, &mut anna).await;
    let finish = change(&mut client, &mut anna, proof).await;
    assert_eq!(client.ask(&finish).await.unwrap().head, 2);
    let Event::Vault(vault) = phone.event().await else {
        panic!("the vault comes first");
    };
    assert_eq!(vault.head, 2);
    assert!(matches!(phone.event().await, Event::PassphraseChanged(told) if told.time == START));
    sign_in(&server, "anna", &new_one(), 6).await;
    // The old one no more: the client notices by itself.
    let mut thief = server.connect();
    let hello = thief.hello().await;
    let (start, signing_in) = SigningIn::start(7, "anna", &old);
    let started = thief.ask(&start).await.unwrap();
    let outcome = signing_in.finish(&started.ke2, started.stretching, hello.instance);
    assert!(outcome.is_err());
}

#[tokio::test]
async fn a_proof_serves_once_for_a_minute_the_newest_only_and_on_its_connection() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let (mut phone, _) = sign_in(&server, "anna", &anna.passphrase, 5).await;
    let old = anna.passphrase.clone();
    let vault = anna.vault.clone();
    let proof = prove(&mut client, &mut anna).await;
    let good = change(&mut client, &mut anna, proof.clone()).await;
    (anna.passphrase, anna.vault) = (old.clone(), vault);
    let with = |(attempt, ke3): (u64, Bytes)| FinishPassphrase {
        attempt: Some(attempt),
        ke3: Some(ke3),
        ..good.clone()
    };
    // None was begun there, or another one was.
    let error = phone.ask(&with(proof.clone())).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    let phones = prove(&mut phone, &mut anna).await;
    let error = client.ask(&with(phones)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    // A newer one voids it, and is not it.
    let newer = prove(&mut client, &mut anna).await;
    let error = client.ask(&with(proof.clone())).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    let mixed = with((newer.0, proof.1));
    let error = client.ask(&mixed).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::WrongNameOrPassphrase);
    // That used it up.
    let error = client.ask(&with(newer)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    // After a minute it is too late, however right.
    let late = prove(&mut client, &mut anna).await;
    server.clock.advance(60_000);
    let error = client.ask(&with(late)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Expired);
    // One proof, two methods: the second is refused, also when the first was.
    let proof = prove(&mut client, &mut anna).await;
    let mut headless = with(proof.clone());
    headless.vault.head = None;
    let error = client.ask(&headless).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::VaultInvalid);
    let before = anna.vault.clone();
    let rename = anna.rename(proof, "thief", "Thief", START);
    anna.vault = before;
    let error = client.ask(&rename).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    // In time, on its connection, once.
    let proof = prove(&mut client, &mut anna).await;
    client.ask(&with(proof.clone())).await.unwrap();
    let error = client.ask(&with(proof)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    sign_in(&server, "anna", &new_one(), 6).await;
}

#[tokio::test]
async fn attempts_of_guests_and_proofs_of_members_are_not_each_other() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    // A guest's attempt, ended as a proof after the sign-in: the connection has forgotten it.
    let mut guest = server.connect();
    let hello = guest.hello().await;
    let (start, signing_in) = SigningIn::start(5, "anna", &anna.passphrase);
    let started = guest.ask(&start).await.unwrap();
    let (ke3, ..) = signing_in
        .finish(&started.ke2, started.stretching, hello.instance)
        .unwrap();
    let resume = anna.resume(hello.incarnation, hello.challenge);
    guest.ask(&resume).await.unwrap();
    let before = anna.vault.clone();
    let rename = anna.rename((started.attempt, ke3), "thief", "Thief", START);
    anna.vault = before;
    let error = guest.ask(&rename).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    // Guests have nothing to prove.
    let mut stranger = server.connect();
    stranger.hello().await;
    let (start, _) = anna.prove(&anna.passphrase.clone());
    let requests = [
        stranger.ask(&start).await.unwrap_err(),
        stranger.ask(&rename).await.unwrap_err(),
        stranger.ask(&ListDevices {}).await.unwrap_err(),
        stranger
            .ask(&SignOutDevices {
                devices: vec![anna.device_id()],
            })
            .await
            .unwrap_err(),
    ];
    assert!(requests.iter().all(|e| e.code == ErrorCode::SignInFirst));
    // A wrong end is refused and leaves the session as it is.
    let started = client.ask(&start).await.unwrap();
    let wrong = Rename {
        attempt: started.attempt,
        ke3: Bytes::from(vec![0; KE3_LEN]),
        ..rename
    };
    let error = client.ask(&wrong).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::WrongNameOrPassphrase);
    client.ask(&GetManifest {}).await.unwrap();
}

#[tokio::test]
async fn guessing_ends_in_waiting_and_the_device_stays_signed_in() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let (start, _) = anna.prove(&new_one());
    for _ in 0..30 {
        client.ask(&start).await.unwrap();
    }
    let error = client.ask(&start).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert_eq!(error.retry_after_ms, Some(120_000));
    let rubbish = StartProof { ke1: Bytes::new() };
    let error = client.ask(&rubbish).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::RateLimited);
    client.ask(&GetManifest {}).await.unwrap();
}

#[tokio::test]
async fn a_signed_out_device_ends_at_once_and_is_not_let_in_again() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let (mut phone, gone) = sign_in(&server, "anna", &anna.passphrase, 5).await;
    let (mut tablet, stays) = sign_in(&server, "anna", &anna.passphrase, 6).await;
    let devices = vec![gone];
    client.ask(&SignOutDevices { devices }).await.unwrap();
    let frames = phone.until_the_end().await;
    let last = frames.last().unwrap();
    assert_eq!(last.event.as_deref(), Some("goodbye"));
    loop {
        if tablet.event().await == Event::DevicesChanged {
            break;
        }
    }
    let listed = tablet.ask(&ListDevices {}).await.unwrap();
    let mut left: Vec<DeviceId> = listed.devices.iter().map(|d| d.device).collect();
    left.sort();
    let mut expected = vec![anna.device_id(), stays];
    expected.sort();
    assert_eq!((left, listed.revoked), (expected, vec![gone]));
    // Somebody else's device is nobody.
    let devices = vec![DeviceId([9; 16])];
    let error = client.ask(&SignOutDevices { devices }).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);

    // One's own: it is answered, and ends.
    let devices = vec![anna.device_id()];
    let id = client.send(&SignOutDevices { devices }).await;
    let frames = client.until_the_end().await;
    assert!(frames.iter().any(|f| f.id == Some(id) && f.ok.is_some()));
    assert!(frames.iter().any(|f| f.event.as_deref() == Some("goodbye")));
    let mut again = server.connect();
    let hello = again.hello().await;
    let resume = anna.resume(hello.incarnation, hello.challenge);
    let error = again.ask(&resume).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::SessionRefused);
    anna.device = SigningIn::start(6, "anna", &anna.passphrase).1.device;
    assert_eq!(anna.device_id(), stays);
    let resume = anna.resume(hello.incarnation, hello.challenge);
    again.ask(&resume).await.unwrap();
}

#[tokio::test]
async fn new_names_reach_who_shares_a_conversation() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let mut others = Vec::new();
    for (seed, name) in [(2, "ben"), (3, "cleo")] {
        let invited = anna.invite();
        client.ask(&invited.params).await.unwrap();
        others.push(server.register(seed, name, invited.ticket).await);
    }
    let (mut cleo_client, _) = others.pop().unwrap();
    let (mut ben_client, ben) = others.pop().unwrap();
    anna.learn(&ben.certificate);
    let claim = protocol::methods::people::ClaimKeyPackage { member: ben.member };
    let package = client.ask(&claim).await.unwrap();
    let id = anna.conversation_id();
    let create = anna.found_direct(id, ben.member, package, START);
    client.ask(&create).await.unwrap();
    loop {
        if matches!(ben_client.event().await, Event::Conversation(_)) {
            break;
        }
    }
    let proof = prove(&mut client, &mut anna).await;
    let rename = anna.rename(proof, "annika", "Annika", START);
    let renamed = client.ask(&rename).await.unwrap();
    assert_eq!(renamed.certificate, rename.certificate);
    loop {
        if let Event::PersonChanged(changed) = ben_client.event().await {
            assert_eq!(changed.member, anna.member);
            break;
        }
    }
    let get = GetPeople {
        members: vec![anna.member],
    };
    let found = ben_client.ask(&get).await.unwrap();
    assert_eq!(found.people[0].certificates, [rename.certificate]);
    // Cleo, who shares none, hears nothing: what comes next is what was asked next.
    let id = cleo_client.send(&get).await;
    assert_eq!(cleo_client.frame().await.id, Some(id));
    sign_in(&server, "annika", &anna.passphrase, 9).await;
}

#[tokio::test]
async fn a_recovery_code_signs_in_on_its_own_connection_and_sets_a_passphrase_there() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let code = RecoveryCode::generate(&mut anna.rng);
    let (start, proving) = anna.prove(&anna.passphrase.clone());
    let started: SignInStarted = client.ask(&start).await.unwrap();
    let (ke3, export_key) = anna
        .proved_and_opened(proving, &started.ke2, started.stretching)
        .unwrap();
    let set = anna.set_recovery((started.attempt, ke3), &export_key, Some(&code), START);
    assert_eq!(client.ask(&set).await.unwrap().head, 2);
    let again = client.ask(&set).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::BadRequest, "a proof serves once");

    let keys = code.keys(anna.instance).unwrap();
    let mut guest = server.connect();
    let hello = guest.hello().await;
    let on = (hello.instance, hello.incarnation, hello.challenge);
    let (recover, device) = SigningIn::recover(5, "anna", &keys, on);
    let mut other = server.connect();
    other.hello().await;
    let replayed = other.ask(&recover).await.unwrap_err();
    assert_eq!(replayed.code, ErrorCode::WrongNameOrCode);
    let signed_in = guest.ask(&recover).await.unwrap();
    assert_eq!(signed_in.member, anna.member);
    let twice = guest.ask(&recover).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::AlreadySignedIn);

    let (start, registration) = anna.start_passphrase(&new_one());
    let started = guest.ask(&start).await.unwrap();
    let here = Connection {
        instance: hello.instance,
        incarnation: hello.incarnation,
        device: device.id(),
        challenge: hello.challenge.0,
    };
    let finish = anna.finish_passphrase_by_code(&here, registration, &started, new_one(), START);
    let both = FinishPassphrase {
        attempt: Some(1),
        ke3: Some(Bytes::from(vec![0; KE3_LEN])),
        ..finish.clone()
    };
    let neither = FinishPassphrase {
        recovery: None,
        ..finish.clone()
    };
    for spoilt in [both, neither] {
        let refused = guest.ask(&spoilt).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::BadRequest);
    }
    let elsewhere = client.ask(&finish).await.unwrap_err();
    assert_eq!(elsewhere.code, ErrorCode::WrongNameOrCode);
    guest.ask(&finish).await.unwrap();
    sign_in(&server, "anna", &new_one(), 6).await;
}
