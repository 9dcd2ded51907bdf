//! Golden frames: bytes made once, compared for ever.
//!
//! `CHATALK_WRITE_GOLDEN=1` writes frames that are missing; what exists is never overwritten. A frame that differs means
//! that the wire has changed for those who run an older version: repair the code, not the file.
#![allow(clippy::unwrap_used)]

mod approval;
mod cases;
mod members;
mod own_account;
mod samples;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use cases::{Case, all};
use protocol::{ErrorCode, Event, ServerFrame, WireError, catalogue, decode, describe, encode};
use rmpv::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/v1")
}

fn to_file(bytes: &[u8]) -> String {
    let hex = hex::encode(bytes);
    let lines: Vec<&str> = (0..hex.len())
        .step_by(64)
        .map(|i| &hex[i..hex.len().min(i + 64)])
        .collect();
    lines.join("\n") + "\n"
}

fn from_file(text: &str) -> Vec<u8> {
    hex::decode(text.split_whitespace().collect::<String>()).unwrap()
}

/// Adds a field that nobody knows to every map, in any depth, and inside the envelope's opaque bytes.
fn with_unknown_fields(bytes: &[u8]) -> Vec<u8> {
    fn add(value: Value) -> Value {
        match value {
            Value::Map(fields) => {
                let mut fields: Vec<_> = fields
                    .into_iter()
                    .map(|(key, value)| {
                        let opaque = matches!(key.as_str(), Some("params" | "ok" | "data"));
                        match value {
                            Value::Binary(inner) if opaque => {
                                (key, Value::Binary(with_unknown_fields(&inner)))
                            }
                            other => (key, add(other)),
                        }
                    })
                    .collect();
                let news = Value::Map(vec![(
                    "list".into(),
                    Value::Array(vec![1.into(), Value::Nil]),
                )]);
                fields.insert(0, ("a_field_of_the_future".into(), news));
                Value::Map(fields)
            }
            Value::Array(items) => Value::Array(items.into_iter().map(add).collect()),
            other => other,
        }
    }
    let value = rmpv::decode::read_value(&mut &bytes[..]).unwrap();
    let mut out = Vec::new();
    rmpv::encode::write_value(&mut out, &add(value)).unwrap();
    out
}

#[test]
fn frames_are_the_bytes_they_always_were() {
    let folder = folder();
    if std::env::var_os("CHATALK_WRITE_GOLDEN").is_some() {
        fs::create_dir_all(&folder).unwrap();
        for Case { name, bytes, .. } in all() {
            let path = folder.join(format!("{name}.hex"));
            if !path.exists() {
                fs::write(path, to_file(&bytes)).unwrap();
            }
        }
    }
    let mut files: BTreeMap<String, Vec<u8>> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "hex"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, from_file(&fs::read_to_string(path).unwrap()))
        })
        .collect();
    for Case { name, bytes, check } in all() {
        let golden = files
            .remove(&name)
            .unwrap_or_else(|| panic!("golden/v1/{name}.hex is missing"));
        assert_eq!(
            hex::encode(bytes),
            hex::encode(&golden),
            "{name} is encoded differently"
        );
        check(&golden);
    }
    assert!(
        files.is_empty(),
        "no test reads these golden frames: {:?}",
        files.keys()
    );
}

#[test]
fn unknown_fields_are_ignored_everywhere() {
    for Case { bytes, check, .. } in all() {
        let richer = with_unknown_fields(&bytes);
        assert_ne!(richer, bytes);
        check(&richer);
    }
}

#[test]
fn frames_cut_short_or_made_longer_are_refused() {
    for Case { name, bytes, .. } in all() {
        for end in 0..bytes.len() {
            assert!(
                decode::<protocol::Request>(&bytes[..end]).is_err(),
                "{name} cut at {end}"
            );
            assert!(
                decode::<ServerFrame>(&bytes[..end]).is_err(),
                "{name} cut at {end}"
            );
            let _ = describe(&bytes[..end]);
        }
        let longer = [&bytes[..], &[0xC0]].concat();
        assert!(decode::<protocol::Request>(&longer).is_err());
        assert!(decode::<ServerFrame>(&longer).is_err());
    }
}

#[test]
fn every_method_event_and_error_has_its_golden_frame() {
    let names: BTreeSet<String> = all().into_iter().map(|case| case.name).collect();
    let with_prefix = |prefix: String| {
        names
            .iter()
            .any(|n| *n == prefix || n.starts_with(&format!("{prefix}-")))
    };
    for method in catalogue::METHODS {
        assert!(
            with_prefix(format!("request-{}", method.name)),
            "{}",
            method.name
        );
        assert!(
            with_prefix(format!("reply-{}", method.name)),
            "{}",
            method.name
        );
    }
    for event in catalogue::EVENTS {
        assert!(
            with_prefix(format!("event-{}", event.name)),
            "{}",
            event.name
        );
    }
    for code in catalogue::ERRORS {
        assert!(
            names.contains(&format!("error-{}", code.code())),
            "{code:?}"
        );
    }
}

#[test]
fn what_a_later_version_says_is_kept_apart() {
    let later = "quantum_flux";
    let code = Value::Map(vec![
        ("code".into(), later.into()),
        ("message".into(), "…".into()),
        ("retryable".into(), true.into()),
    ]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &code).unwrap();
    let error: WireError = decode(&bytes).unwrap();
    assert_eq!((error.code, error.retryable), (ErrorCode::Unknown, true));

    let data = encode(&7u8);
    assert_eq!(
        Event::decode(later, &data),
        Ok(Event::Unknown(later.to_owned()))
    );
}

#[test]
fn every_golden_frame_is_described_without_doubt() {
    for Case { name, bytes, .. } in all() {
        let text = describe(&bytes);
        assert!(!text.contains("not a"), "{name}: {text}");
        assert!(!text.contains("does not know"), "{name}: {text}");
        let words: Vec<&str> = text.lines().next().unwrap().split(' ').collect();
        let (kind, rest) = name.split_once('-').unwrap();
        match kind {
            "request" => assert!(
                words[0] == "request" && rest.starts_with(words[2]),
                "{text}"
            ),
            "event" => assert!(words[0] == "event" && rest.starts_with(words[1]), "{text}"),
            "reply" => assert!(words[0] == "reply" && words[2] == "ok", "{text}"),
            _ => assert!(
                words[0] == "reply" && *words.last().unwrap() == "error",
                "{text}"
            ),
        }
    }
}
