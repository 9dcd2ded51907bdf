//! The rules of a connection: hello, order, malformed and oversized frames, limits, silence.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;

use std::{sync::Arc, time::Duration};

use fakes::{Client, FakeAccounts, World, device, message};
use gateway::{Closed, Config, Rate};
use protocol::{
    Bytes, ConversationId, ErrorCode, Event, Hash32, InvitationId, MemberId, Request, ServerFrame,
    encode,
    events::ServerState,
    limits::Limits,
    methods::{
        account::{
            CheckInvitation, NewDevice, Ping, RegisterFinish, ResumeSession, RevokeInvitation,
            SignInFinish, Stretching, Ticket,
        },
        conversations::{CommitConversation, GetReceipts, PutReceipt},
        people::FindPeople,
        vault::{GetManifest, VaultWrite},
    },
};

fn refusal(frame: &ServerFrame) -> ErrorCode {
    frame.err.as_ref().expect("a refusal").code
}

#[tokio::test]
async fn hello_comes_first_with_a_fresh_challenge_and_the_limits() {
    let config = Config {
        modules: vec!["receipts".into()],
        version: "7.1".into(),
        ..Config::default()
    };
    let world = World::new(config).await;
    let first = world.connect().hello().await;
    let second = world.connect().hello().await;
    assert_eq!(first.protocol, 1);
    assert_eq!(first.instance, fakes::INSTANCE);
    assert_eq!(first.organisation, "Newsroom");
    assert_eq!(first.server, "7.1");
    assert_eq!(first.capabilities, ["receipts"]);
    assert_eq!(first.limits.frame_bytes, Limits::default().frame_bytes);
    assert_eq!(first.time, 1_000_000);
    assert_eq!(first.state, ServerState::Ready);
    assert_ne!(first.challenge, second.challenge);
}

#[tokio::test]
async fn requests_come_at_their_time() {
    let world = World::new(Config::default()).await;
    let mut client = world.connect();
    let hello = client.hello().await;
    let error = client.ask(&message(1)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::SignInFirst);
    client.ask(&Ping {}).await.unwrap();
    let wrong = ResumeSession {
        device: device(1, 1),
        proof: Bytes::copy_from_slice(Hash32::default().as_bytes()),
    };
    let error = client.ask(&wrong).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::SessionRefused);
    let right = ResumeSession {
        device: device(1, 1),
        proof: Bytes::copy_from_slice(hello.challenge.as_bytes()),
    };
    // Two at once: the second finds the first at work.
    let first = client.send(&right).await;
    let second = client.send(&right).await;
    let refused = client.frame().await;
    assert_eq!(
        (refused.id, refusal(&refused)),
        (Some(second), ErrorCode::AlreadySignedIn)
    );
    client.reply::<ResumeSession>(first).await.unwrap();
    let error = client.ask(&right).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AlreadySignedIn);
    client.ask(&Ping {}).await.unwrap();
    client.ask(&GetManifest {}).await.unwrap();
    assert!(world.conversations.arrived.lock().unwrap().is_empty());
    let counts = world.gateway.counts();
    assert_eq!((counts.out_of_order, counts.sign_ins_refused), (3, 1));
}

#[tokio::test]
async fn a_replayed_proof_does_not_open_another_connection() {
    let world = World::new(Config::default()).await;
    let mut first = world.connect();
    let hello = first.hello().await;
    let proof = ResumeSession {
        device: device(1, 1),
        proof: Bytes::copy_from_slice(hello.challenge.as_bytes()),
    };
    first.ask(&proof).await.unwrap();
    let mut thief = world.connect();
    let error = thief.ask(&proof).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::SessionRefused);
}

#[tokio::test]
async fn a_sign_in_that_was_never_begun_can_not_be_finished() {
    let world = World::new(Config::default()).await;
    let mut client = world.connect();
    let finish = SignInFinish {
        attempt: 1,
        ke3: Bytes::new(),
        device: new_device(),
    };
    let error = client.ask(&finish).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    assert_eq!(world.gateway.counts().out_of_order, 1);
}

fn new_device() -> NewDevice {
    NewDevice {
        device: device(5, 1),
        name: "terminal".into(),
        signing_key: Bytes::new(),
        wrap_key: Bytes::new(),
    }
}

#[tokio::test]
async fn a_malformed_frame_is_answered_and_ends_the_connection() {
    let good = encode(&Request::new(1, &Ping {}));
    let mut trailing = good.to_vec();
    trailing.push(0);
    #[derive(serde::Serialize)]
    struct WrongTypes {
        id: &'static str,
        method: u8,
        params: bool,
    }
    let wrong_types = encode(&WrongTypes {
        id: "one",
        method: 2,
        params: true,
    });
    let mut bad: Vec<Vec<u8>> = (0..good.len()).map(|n| good[..n].to_vec()).collect();
    bad.extend([
        trailing,
        wrong_types.to_vec(),
        vec![0xc1; 100],
        vec![0xdd, 0xff, 0xff, 0xff, 0xff],
        vec![0x91; 100_000],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
    ]);
    let world = World::new(Config::default()).await;
    let count = bad.len() as u64;
    let mut bystander = world.sign_in(device(3, 1)).await;
    for frame in bad {
        let mut client = world.connect();
        client.hello().await;
        let verdict = client.connection.receive(Bytes::from(frame.clone())).await;
        assert_eq!(verdict, Err(Closed), "{frame:02x?}");
        let frames = client.until_the_end().await;
        assert_eq!(frames.len(), 1);
        assert_eq!(
            (frames[0].id, refusal(&frames[0])),
            (None, ErrorCode::BadFrame)
        );
        let after = client.connection.receive(good.clone()).await;
        assert_eq!(after, Err(Closed), "nothing is taken after the end");
    }
    assert_eq!(world.gateway.counts().bad_frames, count);
    bystander.ask(&Ping {}).await.unwrap();
}

#[tokio::test]
async fn a_frame_beyond_the_limit_is_answered_and_ends_the_connection() {
    let mut config = Config::default();
    config.limits.frame_bytes = 1000;
    let world = World::new(config).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let mut large = message(1);
    large.body = Bytes::from(vec![0; 990]);
    let frame = encode(&Request::new(9, &large));
    assert_eq!(client.connection.receive(frame).await, Err(Closed));
    let frames = client.until_the_end().await;
    assert_eq!(refusal(&frames[0]), ErrorCode::TooLarge);
    assert_eq!(world.gateway.counts().too_large, 1);
}

#[tokio::test]
async fn an_unknown_method_and_bad_parameters_are_refused_with_the_id() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let unknown = Request {
        id: 77,
        method: "conversations.teleport".into(),
        params: Bytes::new(),
    };
    client.connection.receive(encode(&unknown)).await.unwrap();
    let frame = client.frame().await;
    assert_eq!(
        (frame.id, refusal(&frame)),
        (Some(77), ErrorCode::UnknownMethod)
    );
    for params in [
        Bytes::new(),
        Bytes::from_static(&[0xc0]),
        encode(&"text"),
        encode(&Ping {}),
    ] {
        let bad = Request {
            id: 78,
            method: "conversations.send".into(),
            params,
        };
        client.connection.receive(encode(&bad)).await.unwrap();
        let frame = client.frame().await;
        assert_eq!(
            (frame.id, refusal(&frame)),
            (Some(78), ErrorCode::BadRequest)
        );
    }
    let counts = world.gateway.counts();
    assert_eq!((counts.unknown_methods, counts.bad_requests), (1, 4));
    client.ask(&Ping {}).await.unwrap();
}

#[tokio::test]
async fn every_method_of_the_protocol_has_a_handler() {
    let mut known: Vec<&str> = protocol::catalogue::METHODS
        .iter()
        .map(|m| m.name)
        .collect();
    known.sort_unstable();
    assert_eq!(gateway::method_names(), known);
}

#[tokio::test]
async fn a_module_that_is_off_refuses() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let put = PutReceipt {
        conversation: message(1).conversation,
        epoch: 1,
        body: Bytes::new(),
    };
    let error = client.ask(&put).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::ModuleOff);
    let get = GetReceipts {
        conversation: message(1).conversation,
    };
    let error = client.ask(&get).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::ModuleOff);
    let on = Config {
        modules: vec!["receipts".into()],
        ..Config::default()
    };
    let world = World::new(on).await;
    let mut client = world.sign_in(device(1, 1)).await;
    client.ask(&put).await.unwrap();
}

#[tokio::test]
async fn errors_of_services_reach_the_client_typed() {
    let world = World::new(Config::default()).await;
    let mut client = world.connect();
    let check = CheckInvitation {
        secret: Bytes::from_static(&[0; 16]),
    };
    let error = client.ask(&check).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvitationInvalid);
    assert!(!error.message.is_empty());
}

#[tokio::test]
async fn a_panic_in_a_service_is_answered_and_harms_nobody() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let revoke = RevokeInvitation {
        invitation: InvitationId::default(),
    };
    let frame = encode(&Request::new(5, &revoke));
    let Client {
        mut connection,
        mut outbox,
        ..
    } = client;
    let task = tokio::spawn(async move { connection.receive(frame).await });
    assert!(task.await.is_err());
    // The task of that session died with its connection; the others go on.
    assert!(outbox.next().await.is_none());
    client = world.sign_in(device(1, 1)).await;
    client.ask(&Ping {}).await.unwrap();
}

#[tokio::test]
async fn an_account_beyond_its_rate_waits_and_others_do_not() {
    let mut config = Config::default();
    config.limits.requests_per_second = 100;
    config.limits.messages_per_second = 2;
    config.receipts = Rate::per_second(1);
    config.modules = vec!["receipts".into()];
    let world = World::new(config).await;
    world.conversations.gate.add_permits(100);
    let mut phone = world.sign_in(device(1, 1)).await;
    let mut laptop = world.sign_in(device(1, 2)).await;
    for n in 0..4 {
        let client = if n % 2 == 0 { &mut phone } else { &mut laptop };
        client.ask(&message(n)).await.unwrap();
    }
    let error = laptop.ask(&message(9)).await.unwrap_err();
    assert_eq!(
        (error.code, error.retry_after_ms, error.retryable),
        (ErrorCode::RateLimited, Some(500), true)
    );
    let mut other = world.sign_in(device(2, 1)).await;
    other.ask(&message(10)).await.unwrap();
    world.clock.advance(500);
    laptop.ask(&message(9)).await.unwrap();
    let put = PutReceipt {
        conversation: message(1).conversation,
        epoch: 1,
        body: Bytes::new(),
    };
    for _ in 0..2 {
        phone.ask(&put).await.unwrap();
    }
    let error = phone.ask(&put).await.unwrap_err();
    assert_eq!(
        (error.code, error.retry_after_ms),
        (ErrorCode::RateLimited, Some(1000))
    );
    assert_eq!(world.gateway.counts().rate_limited, 2);
    assert_eq!(world.conversations.arrived.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn an_address_beyond_its_rate_before_sign_in_waits() {
    let config = Config {
        guest_requests: Rate {
            per_second: 1,
            burst: 3,
        },
        ..Config::default()
    };
    let world = World::new(config).await;
    let check = CheckInvitation {
        secret: Bytes::new(),
    };
    for _ in 0..3 {
        let mut client = world.connect();
        let error = client.ask(&check).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvitationInvalid);
    }
    let mut client = world.connect();
    let error = client.ask(&check).await.unwrap_err();
    assert_eq!(
        (error.code, error.retry_after_ms),
        (ErrorCode::RateLimited, Some(1000))
    );
    let mut elsewhere = world.connect_from("198.51.100.1").unwrap();
    let error = elsewhere.ask(&check).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvitationInvalid);
}

#[tokio::test]
async fn connections_are_limited_by_address_and_come_back() {
    let mut config = Config {
        guests_per_address: 2,
        ..Config::default()
    };
    config.limits.connections_per_address = 3;
    let world = World::new(config).await;
    let first = world.sign_in(device(1, 1)).await;
    let _second = world.connect();
    let third = world.connect();
    let error = world.connect_from("192.0.2.7").err().unwrap();
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert!(error.retry_after_ms.is_some());
    assert!(world.connect_from("192.0.2.8").is_ok());
    drop(third);
    let mut third = world.connect_from("192.0.2.7").unwrap();
    third.resume(device(1, 2)).await.unwrap();
    assert!(world.connect_from("192.0.2.7").is_err(), "three in all");
    drop(first);
    assert!(world.connect_from("192.0.2.7").is_ok());
    assert_eq!(world.gateway.counts().connections_refused, 2);
}

#[tokio::test(start_paused = true)]
async fn a_silent_session_ends_and_a_ping_keeps_it() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let heartbeat = Duration::from_millis(u64::from(Limits::default().heartbeat_ms));
    for _ in 0..5 {
        tokio::time::sleep(heartbeat).await;
        client.ask(&Ping {}).await.unwrap();
    }
    let since = tokio::time::Instant::now();
    let frames = client.until_the_end().await;
    assert_eq!(frames[0].event.as_deref(), Some("goodbye"));
    let waited = since.elapsed();
    assert!(waited >= 2 * heartbeat && waited < 2 * heartbeat + Duration::from_secs(1));
    assert_eq!(world.gateway.counts().silent, 1);
}

#[tokio::test(start_paused = true)]
async fn a_guest_who_asks_for_nothing_ends_after_five_minutes_though_pinging() {
    let world = World::new(Config::default()).await;
    let Client {
        mut connection,
        mut outbox,
        ..
    } = world.connect();
    let since = tokio::time::Instant::now();
    let pings = tokio::spawn(async move {
        let ping = encode(&Request::new(1, &Ping {}));
        while connection.receive(ping.clone()).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
    });
    while outbox.next().await.is_some() {}
    let waited = since.elapsed().as_secs();
    assert!((300..302).contains(&waited), "{waited}");
    pings.await.unwrap();
}

#[tokio::test]
async fn read_only_and_set_up_are_told() {
    let accounts = Arc::new(FakeAccounts {
        set_up_needed: true.into(),
        people_bytes: 1,
        ..FakeAccounts::default()
    });
    let world = World::with_accounts(Config::default(), accounts).await;
    let mut watcher = world.connect();
    assert_eq!(watcher.hello().await.state, ServerState::SetUp);
    let mut admin = world.connect();
    admin.hello().await;
    let register = RegisterFinish {
        ticket: Ticket::SetUp {
            code: "code".into(),
        },
        member: MemberId([8; 16]),
        upload: Bytes::new(),
        stretching: Stretching {
            memory_kib: 1,
            passes: 1,
            lanes: 1,
        },
        certificate: Bytes::new(),
        device: new_device(),
        vault: VaultWrite::default(),
        key_packages: vec![],
        organisation: Some("Newsroom".into()),
    };
    admin.ask(&register).await.unwrap();
    admin.ask(&GetManifest {}).await.unwrap();
    let Event::State(state) = watcher.event().await else {
        panic!("no state");
    };
    assert_eq!(state.state, ServerState::Ready);
    world.gateway.set_read_only(Some("disk full".into()));
    let read_only = ServerState::ReadOnly {
        reason: "disk full".into(),
    };
    let Event::State(state) = watcher.event().await else {
        panic!("no state");
    };
    assert_eq!(state.state, read_only);
    assert_eq!(world.connect().hello().await.state, read_only);
    world.gateway.set_read_only(None);
    let Event::State(state) = watcher.event().await else {
        panic!("no state");
    };
    assert_eq!(state.state, ServerState::Ready);
}

#[tokio::test]
async fn shutting_down_answers_what_is_at_work_and_says_goodbye() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    client.send(&message(1)).await;
    let gateway = Arc::clone(&world.gateway);
    let done = tokio::spawn(async move { gateway.shut_down(Duration::from_secs(60)).await });
    let Event::Goodbye(goodbye) = client.event().await else {
        panic!("no goodbye");
    };
    assert!(goodbye.reconnect_after_ms > 0);
    assert!(world.connect_from("192.0.2.9").is_err());
    assert!(!done.is_finished());
    world.conversations.gate.add_permits(1);
    let frames = client.until_the_end().await;
    assert_eq!(frames.len(), 1);
    assert!(frames[0].ok.is_some());
    drop(client);
    done.await.unwrap();
}

#[tokio::test]
async fn killing_ends_at_once() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    client.send(&message(1)).await;
    world.gateway.kill();
    assert!(client.outbox.next().await.is_none());
    let find = FindPeople {
        query: String::new(),
        limit: 1,
    };
    let frame = encode(&Request::new(2, &find));
    assert_eq!(client.connection.receive(frame).await, Err(Closed));
}

#[tokio::test]
async fn commits_of_one_member_to_one_conversation_are_limited() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let mut other = world.sign_in(device(2, 1)).await;
    let commit = |n: u8| CommitConversation {
        conversation: ConversationId([n; 16]),
        epoch: 1,
        commit: Bytes::new(),
        welcomes: vec![],
        link: None,
        vault: VaultWrite::default(),
    };
    for _ in 0..20 {
        let error = client.ask(&commit(1)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::NotAMember, "it reached the service");
    }
    let limited = client.ask(&commit(1)).await.unwrap_err();
    assert_eq!(
        (limited.code, limited.retry_after_ms),
        (ErrorCode::RateLimited, Some(1000))
    );
    assert_eq!(world.gateway.counts().rate_limited, 1);
    for error in [
        client.ask(&commit(2)).await.unwrap_err(),
        other.ask(&commit(1)).await.unwrap_err(),
    ] {
        assert_eq!(error.code, ErrorCode::NotAMember);
    }
    world.clock.advance(1000);
    for code in [ErrorCode::NotAMember, ErrorCode::RateLimited] {
        assert_eq!(client.ask(&commit(1)).await.unwrap_err().code, code);
    }
}
