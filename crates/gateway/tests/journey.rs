//! The whole server behind connections, with real members: registration, sign-in attempts, order of storing, events.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;
mod real;

use fakes::Client;
use protocol::{
    Bytes, ErrorCode, Event,
    events::ServerState,
    methods::{
        account::{NewDevice, SignInFinish, SignInStarted},
        conversations::{GetEntries, GetWelcome},
        people::ClaimKeyPackage,
    },
};
use real::{START, server};
use testkit::{Member, SigningIn};

async fn begin(client: &mut Client, member: &Member, seed: u64) -> (SignInStarted, SigningIn) {
    let (start, signing_in) = SigningIn::start(seed, "anna", &member.passphrase);
    (client.ask(&start).await.unwrap(), signing_in)
}

fn finish(started: &SignInStarted, signing_in: SigningIn, member: &Member) -> SignInFinish {
    let (ke3, device, _) = signing_in
        .finish(&started.ke2, started.stretching, member.instance)
        .unwrap();
    SignInFinish {
        attempt: started.attempt,
        ke3,
        device,
    }
}

#[tokio::test]
async fn a_sign_in_serves_once_for_a_minute_and_the_newest_only() {
    let server = server().await;
    let (mut first_device, anna) = server.set_up().await;
    let mut client = server.connect();
    client.hello().await;
    // An older attempt is void when a newer one has begun.
    let (old, old_state) = begin(&mut client, &anna, 10).await;
    let (new, new_state) = begin(&mut client, &anna, 11).await;
    assert_ne!(old.attempt, new.attempt);
    let error = client
        .ask(&finish(&old, old_state, &anna))
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    // After a minute it is too late.
    server.clock.advance(60_000);
    let late = finish(&new, new_state, &anna);
    let error = client.ask(&late).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Expired);
    // A wrong end uses it up.
    let (started, state) = begin(&mut client, &anna, 12).await;
    let right = finish(&started, state, &anna);
    let wrong = SignInFinish {
        ke3: Bytes::from(vec![0; right.ke3.len()]),
        ..right.clone()
    };
    let error = client.ask(&wrong).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::WrongNameOrPassphrase);
    let error = client.ask(&right).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    // Another connection can't use it either.
    let (started, state) = begin(&mut client, &anna, 13).await;
    let right = finish(&started, state, &anna);
    let mut thief = server.connect();
    thief.hello().await;
    let error = thief.ask(&right).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    // And in time, on its connection, it opens the session; the other device is told.
    let signed_in = client.ask(&right).await.unwrap();
    assert_eq!(signed_in.member, anna.member);
    let NewDevice { device, .. } = right.device;
    loop {
        if let Event::DeviceSignedIn(told) = first_device.event().await {
            assert_eq!(told.device, device);
            break;
        }
    }
}

#[tokio::test]
async fn a_registered_device_resumes_on_its_own_challenge_only() {
    let server = server().await;
    assert_eq!(server.connect().hello().await.state, ServerState::SetUp);
    let (_client, anna) = server.set_up().await;
    let mut client = server.connect();
    let hello = client.hello().await;
    assert_eq!(
        (hello.state, hello.organisation.as_str()),
        (ServerState::Ready, "Newsroom")
    );
    let proof = anna.resume(hello.incarnation, hello.challenge);
    client.ask(&proof).await.unwrap();
    let mut thief = server.connect();
    thief.hello().await;
    let error = thief.ask(&proof).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::SessionRefused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_stored_in_the_order_of_their_frames() {
    const MESSAGES: usize = 300;
    let server = server().await;
    let (mut anna_client, mut anna) = server.set_up().await;
    let invited = anna.invite();
    anna_client.ask(&invited.params).await.unwrap();
    let (mut ben_client, mut ben) = server.register(2, "ben", invited.ticket.clone()).await;
    anna.learn(&ben.certificate);
    ben.learn(&anna.certificate);
    let package = anna_client
        .ask(&ClaimKeyPackage { member: ben.member })
        .await
        .unwrap();
    let id = anna.conversation_id();
    let create = anna.found_direct(id, ben.member, package, START);
    anna_client.ask(&create).await.unwrap();
    // Ben hears of it without asking: his session follows the conversation from now on.
    loop {
        if let Event::Conversation(told) = ben_client.event().await {
            assert_eq!(told.summary.conversation, id);
            break;
        }
    }
    let welcome = ben_client
        .ask(&GetWelcome { conversation: id })
        .await
        .unwrap();
    let joined = ben.join(id, &welcome, START);
    ben_client.ask(&joined).await.unwrap();
    let page = GetEntries {
        conversation: id,
        from: 1,
        limit: 10,
        commits_only: false,
    };
    let page = anna_client.ask(&page).await.unwrap();
    anna.follow(&page.entries[0]);
    // Many in flight; the outbox is read beside.
    let messages: Vec<_> = (0..MESSAGES)
        .map(|n| anna.seal(id, &n.to_string(), START))
        .collect();
    let Client {
        mut connection,
        mut outbox,
        ..
    } = anna_client;
    let reading = tokio::spawn(async move {
        let mut accepted = 0;
        while accepted < MESSAGES {
            let frame: protocol::ServerFrame =
                protocol::decode(&outbox.next().await.unwrap()).unwrap();
            assert!(frame.err.is_none(), "{:?}", frame.err);
            accepted += usize::from(frame.ok.is_some());
        }
    });
    for (n, message) in messages.iter().enumerate() {
        // The test's clock stands still, and the rate of messages is not what is tested here.
        server.clock.advance(10);
        let request = protocol::Request::new(1000 + n as u64, message);
        connection
            .receive(protocol::encode(&request))
            .await
            .unwrap();
    }
    reading.await.unwrap();
    for (n, message) in messages.iter().enumerate() {
        let entry = loop {
            if let Event::Entry(new) = ben_client.event().await {
                break new.entry;
            }
        };
        assert_eq!(
            (entry.seq, entry.message),
            (n as u64 + 2, Some(message.message))
        );
        assert_eq!(ben.follow(&entry), Some(n.to_string()));
    }
}
