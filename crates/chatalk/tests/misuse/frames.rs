//! Frames that are none, too large, cut short, of another version, of wrong types, or out of turn.

use protocol::{
    Bytes, ErrorCode, Request, ServerFrame, encode,
    methods::{
        account::{Ping, RegisterFinish, SignInFinish, SignInStart, Stretching, Ticket},
        people::{FindPeople, GetPeople},
        vault::VaultWrite,
    },
};
use rmpv::Value;

use super::{World, code};
use crate::common::{Wire, now};

fn packed(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn map(fields: &[(&str, Value)]) -> Value {
    Value::Map(
        fields
            .iter()
            .map(|(k, v)| ((*k).into(), v.clone()))
            .collect(),
    )
}

/// The error that ends a connection.
async fn last_words(wire: &mut Wire, bytes: impl Into<Bytes>) -> ErrorCode {
    wire.raw(bytes).await;
    let error = loop {
        let frame = wire.next().await.expect("it says why it closes");
        if frame.event.is_none() {
            assert_eq!(frame.id, None);
            break frame.err.unwrap();
        }
    };
    assert!(!error.message.is_empty());
    while let Some(frame) = wire.next().await {
        assert!(frame.event.is_some(), "only events before the end");
    }
    error.code
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_frame_ends_its_connection_alone() {
    let mut world = World::start().await;
    let request = encode(&Request::new(7, &Ping {})).to_vec();
    let id = ("id", Value::from(7));
    let method = ("method", Value::from("ping"));
    let params = ("params", Value::Binary(vec![0x80]));
    let mut bad = vec![
        Vec::new(),
        vec![0xc1],
        vec![0xff; 5000],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        [&request[..], &[0]].concat(),
        [&request[..], &request[..]].concat(),
        // claims four gigabytes
        vec![0xdf, 0xff, 0xff, 0xff, 0xff],
        vec![0xc6, 0xff, 0xff, 0xff, 0xff, 1],
        // a tower
        vec![0x91; 200_000],
        // wrong types
        packed(&map(&[("id", "7".into()), method.clone(), params.clone()])),
        packed(&map(&[("id", (-1).into()), method.clone(), params.clone()])),
        packed(&map(&[id.clone(), ("method", 5.into()), params.clone()])),
        packed(&map(&[id.clone(), method.clone(), ("params", 5.into())])),
        packed(&map(&[id.clone(), method.clone()])),
        // what servers say
        encode(&ServerFrame::ok(7, &Ping {})).to_vec(),
    ];
    bad.extend((1..request.len()).map(|end| request[..end].to_vec()));
    for bytes in bad {
        for mut wire in [world.guest().await, world.signed_in().await] {
            let said = last_words(&mut wire, bytes.clone()).await;
            assert_eq!(
                said,
                ErrorCode::BadFrame,
                "{:02x?}",
                &bytes[..bytes.len().min(40)]
            );
        }
    }
    world.talk_on().await;
    world.anna.1.call(&Ping {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_too_large_ends_its_connection_alone() {
    let mut world = World::start().await;
    let limit = world.anna.1.hello.limits.frame_bytes as usize;
    for mut wire in [world.guest().await, world.signed_in().await] {
        assert_eq!(
            last_words(&mut wire, vec![0; limit + 1]).await,
            ErrorCode::TooLarge
        );
    }
    // Parts that are too large are refused by themselves.
    let mut wire = world.signed_in().await;
    let (ben, _) = &mut world.talkers[0];
    let mut send = ben.seal(world.talk, "large", now());
    let body = wire.hello.limits.body_bytes as usize;
    send.body = vec![0; body + 1].into();
    assert_eq!(
        code(&mut world.talkers[0].1, &send).await,
        ErrorCode::TooLarge
    );
    wire.call(&Ping {}).await.unwrap();
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn later_versions_and_wrong_parameters_are_refused_and_the_connection_goes_on() {
    let mut world = World::start().await;
    for mut wire in [world.guest().await, world.signed_in().await] {
        let mut ask = async |method: &str, params: Vec<u8>, more: &[(&str, Value)]| {
            let mut fields = vec![
                ("id", Value::from(1_000_000)),
                ("method", method.into()),
                ("params", Value::Binary(params)),
            ];
            fields.extend_from_slice(more);
            assert!(wire.raw(packed(&map(&fields))).await);
            wire.reply(1_000_000).await.err.map(|error| error.code)
        };
        let empty = vec![0x80];
        assert_eq!(ask("ping", empty.clone(), &[]).await, None);
        assert_eq!(
            ask("ping", empty.clone(), &[("later", true.into())]).await,
            None
        );
        let with_more = packed(&map(&[("later", 5.into())]));
        assert_eq!(ask("ping", with_more, &[]).await, None);
        let unknown = Some(ErrorCode::UnknownMethod);
        for method in [
            "",
            "conversations.send.v2",
            "Ping",
            &"x".repeat(100_000),
            "\u{202e}gnip",
        ] {
            assert_eq!(ask(method, empty.clone(), &[]).await, unknown);
        }
        let bad = Some(ErrorCode::BadRequest);
        for params in [
            Vec::new(),
            vec![0xc0],
            packed(&Value::Array(vec![
                "anna".into(),
                Value::Binary(vec![0; 96]),
            ])),
            packed(&map(&[
                ("login_name", 5.into()),
                ("ke1", Value::Binary(vec![0; 96])),
            ])),
            packed(&map(&[("login_name", "anna".into())])),
            [
                packed(&map(&[
                    ("login_name", "anna".into()),
                    ("ke1", Value::Binary(vec![])),
                ])),
                vec![0],
            ]
            .concat(),
            vec![0x91; 100_000],
        ] {
            let said = ask("account.sign_in_start", params.clone(), &[]).await;
            assert!(
                said == bad || said == Some(ErrorCode::AlreadySignedIn),
                "{said:?} to {:02x?}",
                &params[..params.len().min(40)]
            );
        }
    }
    let mut wire = world.signed_in().await;
    let crowd = GetPeople {
        members: vec![world.anna.0.member; protocol::limits::LOOKUP_MAX + 1],
    };
    assert_eq!(code(&mut wire, &crowd).await, ErrorCode::BadRequest);
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_out_of_turn_is_refused() {
    let mut world = World::start().await;
    let mut guest = world.guest().await;
    let device = testkit::SigningIn::start(9, "anna", &world.anna.0.passphrase)
        .1
        .device;
    let device = protocol::methods::account::NewDevice {
        device: device.id(),
        name: "early".into(),
        signing_key: Bytes::copy_from_slice(device.signing_public().as_bytes()),
        wrap_key: Bytes::copy_from_slice(device.wrap_public()),
    };
    // Guests ask for what members may, and finish what was never begun.
    let find = FindPeople {
        query: String::new(),
        limit: 10,
    };
    assert_eq!(code(&mut guest, &find).await, ErrorCode::SignInFirst);
    let finish = SignInFinish {
        attempt: 1,
        ke3: vec![0; 64].into(),
        device: device.clone(),
    };
    assert_eq!(code(&mut guest, &finish).await, ErrorCode::BadRequest);
    let finish = RegisterFinish {
        ticket: Ticket::SetUp {
            code: world.server.set_up_code.clone().unwrap(),
        },
        member: protocol::MemberId([7; 16]),
        upload: vec![0; 192].into(),
        stretching: Stretching {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        },
        certificate: Bytes::new(),
        device,
        vault: VaultWrite::default(),
        key_packages: Vec::new(),
        organisation: None,
    };
    assert_eq!(code(&mut guest, &finish).await, ErrorCode::SetUpCodeWrong);
    // Members sign in once more.
    let mut wire = world.signed_in().await;
    let again = world
        .anna
        .0
        .resume(wire.hello.incarnation, wire.hello.challenge);
    assert_eq!(code(&mut wire, &again).await, ErrorCode::AlreadySignedIn);
    let start = SignInStart {
        login_name: "anna".into(),
        ke1: vec![0; 96].into(),
    };
    assert_eq!(code(&mut wire, &start).await, ErrorCode::AlreadySignedIn);
    guest.call(&Ping {}).await.unwrap();
    wire.call(&Ping {}).await.unwrap();
    world.talk_on().await;
}
