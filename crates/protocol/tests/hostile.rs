//! Bytes from somebody who means harm: refused without a panic, and before memory is given for what they claim.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use protocol::{
    DecodeError, Event, Method, Request, ServerFrame, catalogue, decode, describe, encode,
    ids::{ConversationId, DeviceId, Hash32, IncarnationId, MemberId},
    limits::{CURSORS_MAX, NUMBER_MAX, RECORDS_PER_MEMBER_MAX},
    methods::{
        account::{CheckInvitation, NewDevice, RegisterFinish, RegisterStart, Stretching, Ticket},
        sync::{Cursor, StartSync},
        vault::{GetManifest, Manifest, ManifestLine, RecordName, VaultWrite},
    },
};
use rmpv::Value;

fn to_bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    rmpv::encode::write_value(&mut out, value).unwrap();
    out
}

/// Everything that reads bytes from outside.
fn read_as_everything(bytes: &[u8]) {
    let _ = decode::<Request>(bytes);
    let _ = decode::<ServerFrame>(bytes);
    for method in catalogue::METHODS {
        let _ = (method.check_params)(bytes);
        let _ = (method.check_reply)(bytes);
    }
    for event in catalogue::EVENTS {
        let _ = (event.check_data)(bytes);
        let _ = Event::decode(event.name, &bytes.to_vec().into());
    }
    let text = describe(bytes);
    assert!(text.lines().count() <= 2001);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
}

fn refusal<T: serde::de::DeserializeOwned + std::fmt::Debug>(bytes: &[u8]) -> String {
    let DecodeError(why) = decode::<T>(bytes).unwrap_err();
    why
}

#[test]
fn lengths_of_gigabytes_are_refused_by_their_headers() {
    for header in [0xC6u8, 0xDB, 0xC9, 0xDD, 0xDF] {
        let claim = [header, 0xFF, 0xFF, 0xFF, 0xFF];
        for bytes in [
            claim.to_vec(),
            [&[0x91][..], &claim].concat(),
            // {cursors: <claim>}
            [&[0x81, 0xA7][..], b"cursors", &claim, &[0; 64]].concat(),
            // {by: "set_up", code: <claim>}, which is buffered while its tag is looked for
            [
                &[0x81, 0xA6][..],
                b"ticket",
                &[0x82, 0xA4],
                b"code",
                &claim,
                &[0; 64],
            ]
            .concat(),
        ] {
            let why = refusal::<StartSync>(&bytes);
            assert!(
                why == "truncated" || why == "a length beyond the end",
                "{why}"
            );
            assert_eq!(why, refusal::<RegisterStart>(&bytes));
            read_as_everything(&bytes);
        }
    }
}

#[test]
fn crowds_of_tiny_values_are_refused() {
    // each of these bytes would become a value of 32 bytes in the buffer of a tagged type
    let crowd = vec![Value::Nil; 1_000_000];
    let bytes = to_bytes(&Value::Map(vec![(
        "ticket".into(),
        Value::Map(vec![("zzz".into(), Value::Array(crowd))]),
    )]));
    assert_eq!(refusal::<RegisterStart>(&bytes), "too many values");
    assert!(describe(&bytes).starts_with("not a frame: too many values"));
}

#[test]
fn numbers_that_not_every_language_can_hold_are_refused() {
    let cursor = |seq: Value| {
        let cursor = Value::Map(vec![
            ("conversation".into(), Value::Binary(vec![7; 16])),
            ("seq".into(), seq),
        ]);
        to_bytes(&Value::Map(vec![(
            "cursors".into(),
            Value::Array(vec![cursor]),
        )]))
    };
    let most = decode::<StartSync>(&cursor(NUMBER_MAX.into())).unwrap();
    assert_eq!(most.cursors[0].seq, NUMBER_MAX);
    for number in [NUMBER_MAX + 1, i64::MAX as u64, u64::MAX] {
        let bytes = cursor(number.into());
        assert_eq!(refusal::<StartSync>(&bytes), "a number above 2^53 - 1");
        // the same written as a signed one, where it can be
        let mut signed = bytes.clone();
        let at = bytes.len() - 9;
        assert_eq!(signed[at], 0xCF);
        signed[at] = 0xD3;
        decode::<StartSync>(&signed).unwrap_err();
    }
    // in what is not known as well: it may be passed on
    let mut request = to_bytes(&Value::Map(vec![("later".into(), u64::MAX.into())]));
    assert!(decode::<GetManifest>(&request).is_err());
    request.truncate(request.len() - 9);
    request.push(7);
    decode::<GetManifest>(&request).unwrap();
}

#[test]
fn the_largest_honest_structures_pass() {
    let cursors = StartSync {
        incarnation: Some(IncarnationId([1; 16])),
        cursors: (0..CURSORS_MAX as u64)
            .map(|seq| Cursor {
                conversation: ConversationId([7; 16]),
                seq: seq % 100,
            })
            .collect(),
    };
    assert_eq!(decode(&encode(&cursors)), Ok(cursors));
    let line = ManifestLine {
        name: RecordName {
            kind: 1,
            id: protocol::Bytes::new(),
        },
        version: 1,
        hash: Hash32([1; 32]),
    };
    let manifest = Manifest {
        head: None,
        records: vec![line; RECORDS_PER_MEMBER_MAX],
    };
    assert_eq!(decode(&encode(&manifest)), Ok(manifest));
}

#[test]
fn depth_is_limited() {
    for opener in [&[0x91u8][..], &[0x81, 0xA1, b'x'], &[0xDD, 0, 0, 0, 1]] {
        for levels in [33, 1000, 300_000] {
            let mut bytes = opener.repeat(levels);
            bytes.push(0xC0);
            assert_eq!(refusal::<Request>(&bytes), "nested too deeply");
            assert!(describe(&bytes).starts_with("not a frame: nested too deeply"));
        }
        let mut bytes = opener.repeat(32);
        bytes.push(0xC0);
        read_as_everything(&bytes);
        // as parameters, where the limit begins anew
        let request = Request {
            id: 1,
            method: "sync.start".into(),
            params: opener.repeat(300_000).into(),
        };
        let text = describe(&encode(&request));
        assert!(
            text.starts_with("request 1 sync.start\n  (not a valid params"),
            "{text}"
        );
    }
}

#[test]
fn wrong_types_are_refused_without_quoting_them() {
    let secret = "correct-horse-battery-staple".repeat(1000);
    for (bytes, why) in [
        (
            to_bytes(&Value::Map(vec![("id".into(), secret.as_str().into())])),
            "wrong type or value, expected u64",
        ),
        (
            to_bytes(&Value::Map(vec![("id".into(), 1.into())])),
            "missing field `method`",
        ),
        (
            to_bytes(&Value::Map(vec![("id".into(), (-1).into())])),
            "wrong type or value, expected u64",
        ),
        (
            to_bytes(&Value::Map(vec![
                ("id".into(), 1.into()),
                ("id".into(), 1.into()),
            ])),
            "duplicate field `id`",
        ),
        (vec![0xC1], "a byte that MessagePack does not use"),
        (vec![], "truncated"),
        (vec![0xC0, 0xC0], "bytes after the end"),
    ] {
        assert_eq!(refusal::<Request>(&bytes), why);
    }
    let bytes = to_bytes(&Value::Map(vec![("by".into(), secret.as_str().into())]));
    assert!(!refusal::<Ticket>(&bytes).contains("horse"));
    for len in [0, 15, 17, 32] {
        let bytes = to_bytes(&Value::Map(vec![(
            "member".into(),
            Value::Binary(vec![1; len]),
        )]));
        assert_eq!(
            refusal::<protocol::methods::people::ClaimKeyPackage>(&bytes),
            "wrong type or value, expected 16 bytes"
        );
    }
}

#[test]
fn descriptions_escape_what_steers_terminals() {
    let evil = "\u{1b}[2J\u{202E}\r\nrequest 9 ping";
    let request = Request {
        id: 1,
        method: evil.into(),
        params: encode(&Value::from(evil)),
    };
    let text = describe(&encode(&request));
    assert!(!text.contains(['\u{1b}', '\u{202E}', '\r']));
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn descriptions_are_readable() {
    let params = protocol::methods::conversations::GetEntries {
        conversation: ConversationId([0xAB; 16]),
        from: 3,
        limit: 50,
        commits_only: false,
    };
    assert_eq!(
        describe(&encode(&Request::new(12, &params))),
        "request 12 conversations.entries\n  conversation: abababababababababababababababab\n  from: 3\n  limit: 50\n  commits_only: false\n"
    );
    let unknown = Request {
        id: 2,
        method: "jobs.start".into(),
        params: vec![1, 2, 3].into(),
    };
    assert_eq!(
        describe(&encode(&unknown)),
        "request 2 jobs.start\n  params: 010203\n  (this version does not know that method)\n"
    );
    let unknown = Request {
        id: 2,
        method: "jobs.start".into(),
        params: encode(&params),
    };
    assert!(describe(&encode(&unknown)).contains("  from: 3\n"));
    let long = Request {
        id: 2,
        method: GetManifest::NAME.into(),
        params: vec![0xC1; 100].into(),
    };
    assert!(describe(&encode(&long)).contains("c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1… (100 bytes)"));
}

fn any_value() -> impl Strategy<Value = Value> {
    let names: Vec<String> = catalogue::METHODS
        .iter()
        .map(|m| m.name)
        .chain(catalogue::EVENTS.iter().map(|e| e.name))
        .chain([
            "id",
            "method",
            "params",
            "ok",
            "err",
            "event",
            "data",
            "code",
            "message",
            "retryable",
            "ticket",
            "by",
            "set_up",
            "invitation",
            "secret",
            "vault",
            "puts",
            "name",
            "kind",
            "bytes",
            "member",
            "device",
            "state",
            "is",
            "read_only",
            "reason",
            "entry",
            "conversation",
            "seq",
            "names",
            "cursors",
            "head",
            "expected",
        ])
        .map(str::to_owned)
        .collect();
    let text = prop::sample::select(names);
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::from),
        Just(Value::Binary(vec![7; 16])),
        Just(Value::Binary(vec![7; 32])),
        (any::<i8>(), prop::collection::vec(any::<u8>(), 0..9)).prop_map(|(t, b)| Value::Ext(t, b)),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text.clone().prop_map(Value::from), inner.clone()), 0..6)
                .prop_map(Value::Map),
            prop::collection::vec((inner.clone(), inner.clone()), 0..3).prop_map(Value::Map),
            // opaque bytes with something inside
            inner.prop_map(|value| Value::Binary(to_bytes(&value))),
        ]
    })
}

#[test]
fn what_opens_a_registration_is_never_printed() {
    let secret = bytes::Bytes::from_static(b"an invitation's!");
    let code = Ticket::SetUp {
        code: "KQ7F-PX2M".into(),
    };
    let invitation = Ticket::Invitation {
        secret: secret.clone(),
    };
    for ticket in [code, invitation] {
        let start = RegisterStart {
            ticket: ticket.clone(),
            member: MemberId([1; 16]),
            request: bytes::Bytes::new(),
        };
        let request = Request::new(1, &start);
        let finish = RegisterFinish {
            ticket: ticket.clone(),
            member: MemberId([1; 16]),
            upload: bytes::Bytes::from_static(b"masking key"),
            stretching: Stretching {
                memory_kib: 8,
                passes: 1,
                lanes: 1,
            },
            certificate: bytes::Bytes::new(),
            device: NewDevice {
                device: DeviceId([2; 16]),
                name: "laptop".into(),
                signing_key: bytes::Bytes::new(),
                wrap_key: bytes::Bytes::new(),
            },
            vault: VaultWrite::default(),
            key_packages: vec![],
            organisation: None,
        };
        let check = CheckInvitation {
            secret: secret.clone(),
        };
        let printed = format!("{ticket:?} {start:?} {request:?} {finish:?} {check:?}");
        for needle in ["KQ7F", "invitation's", "masking"] {
            assert!(!printed.contains(needle), "{printed}");
        }
        assert!(printed.contains("account.register_start"), "still of use");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn any_messagepack(value in any_value()) {
        read_as_everything(&to_bytes(&value));
    }

    #[test]
    fn honest_frames_with_changed_bytes(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        value in any_value(),
        method in prop::sample::select(catalogue::METHODS.iter().map(|m| m.name).collect::<Vec<_>>()),
    ) {
        let request = Request { id: 5, method: method.into(), params: to_bytes(&value).into() };
        prop_assert_eq!(decode::<Request>(&encode(&request)), Ok(request.clone()));
        let mut bytes = encode(&request).to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        read_as_everything(&bytes);
    }

    #[test]
    fn requests_and_replies_come_back(id in 0..=NUMBER_MAX, seq in 0..=NUMBER_MAX, bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let cursor = Cursor { conversation: ConversationId([3; 16]), seq };
        let params = StartSync { incarnation: None, cursors: vec![cursor] };
        let request: Request = decode(&encode(&Request::new(id, &params))).unwrap();
        prop_assert_eq!((request.id, request.method.as_str()), (id, StartSync::NAME));
        prop_assert_eq!(decode::<StartSync>(&request.params), Ok(params));
        let frame = ServerFrame { id: Some(id), ok: Some(bytes.into()), ..ServerFrame::default() };
        prop_assert_eq!(decode::<ServerFrame>(&encode(&frame)), Ok(frame));
    }
}
