//! `docs/protocol.md` names everything that is on the wire.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, path::Path};

use protocol::{catalogue, limits};
use rmpv::Value;

const PAGE: &str = include_str!("../../../docs/protocol.md");
const SOURCES: [&str; 8] = [
    include_str!("../src/methods/account.rs"),
    include_str!("../src/methods/approval.rs"),
    include_str!("../src/methods/conversations.rs"),
    include_str!("../src/methods/own_account.rs"),
    include_str!("../src/methods/people.rs"),
    include_str!("../src/methods/sync.rs"),
    include_str!("../src/methods/vault.rs"),
    include_str!("../src/events.rs"),
];

fn section(number: u8) -> &'static str {
    let start = PAGE.find(&format!("\n## {number}. ")).unwrap();
    let rest = &PAGE[start + 1..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

#[test]
fn the_catalogue_has_every_method_and_event_of_the_sources() {
    let named = |start: &str| -> BTreeSet<&str> {
        SOURCES
            .iter()
            .flat_map(|source| source.lines())
            .filter(|line| line.starts_with(start))
            .map(|line| line.split('"').nth(1).unwrap())
            .collect()
    };
    let methods: BTreeSet<&str> = catalogue::METHODS.iter().map(|m| m.name).collect();
    let events: BTreeSet<&str> = catalogue::EVENTS.iter().map(|e| e.name).collect();
    assert_eq!(methods, named("method!("));
    assert_eq!(events, named("event!("));
    assert_eq!(methods.len(), catalogue::METHODS.len(), "a method twice");
    assert_eq!(events.len(), catalogue::EVENTS.len(), "an event twice");
}

#[test]
fn methods_events_and_errors_are_described_and_no_others() {
    let headings: BTreeSet<&str> = section(6)
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .collect();
    let methods: BTreeSet<&str> = catalogue::METHODS.iter().map(|m| m.name).collect();
    assert_eq!(headings, methods);
    let rows = |number| -> BTreeSet<&str> {
        let rows = section(number)
            .lines()
            .filter_map(|line| line.strip_prefix("| `"));
        rows.map(|line| line.split('`').next().unwrap()).collect()
    };
    let events: BTreeSet<&str> = catalogue::EVENTS.iter().map(|e| e.name).collect();
    assert_eq!(rows(7), events);
    let errors: BTreeSet<&str> = catalogue::ERRORS.iter().map(|e| e.code()).collect();
    assert_eq!(rows(10), errors);
}

#[test]
fn guests_and_retryable_errors_are_marked_as_they_are() {
    for method in catalogue::METHODS {
        let start = section(6).find(&format!("### `{}`", method.name)).unwrap();
        let text = section(6)[start..].lines().nth(1).unwrap();
        let open = text.starts_with("Guest") || text.starts_with("At any time");
        assert_eq!(open, !method.signed_in, "{}", method.name);
    }
    for code in catalogue::ERRORS {
        let start = section(10).find(&format!("| `{}` |", code.code())).unwrap();
        let line = section(10)[start..].lines().next().unwrap();
        assert_eq!(line.contains("*Retryable"), code.retryable(), "{code:?}");
    }
}

/// Names of all fields in a MessagePack value, inside opaque bytes too.
fn fields(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Map(pairs) => {
            for (key, value) in pairs {
                let key = key.as_str().unwrap();
                into.insert(key.to_owned());
                match value {
                    Value::Binary(inner) if ["params", "ok", "data"].contains(&key) => {
                        fields(&rmpv::decode::read_value(&mut &inner[..]).unwrap(), into);
                    }
                    other => fields(other, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, into)),
        _ => {}
    }
}

#[test]
fn every_field_is_named() {
    let mut names = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1");
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let bytes = hex::decode(text.split_whitespace().collect::<String>()).unwrap();
        fields(
            &rmpv::decode::read_value(&mut &bytes[..]).unwrap(),
            &mut names,
        );
    }
    assert!(names.len() > 80, "{names:?}");
    // those of tagged maps stand in the map's own notation
    for name in names
        .iter()
        .filter(|name| !["by", "code", "is", "reason"].contains(&name.as_str()))
    {
        assert!(
            PAGE.contains(&format!("`{name}`")),
            "docs/protocol.md does not name `{name}`"
        );
    }
}

#[test]
fn numbers_are_those_in_force() {
    let has = |text: String| {
        assert!(
            PAGE.contains(&text),
            "docs/protocol.md does not say {text:?}"
        )
    };
    has(format!("`{}`", limits::SUBPROTOCOL));
    has(format!("wss://HOST:PORT{}", limits::SOCKET_PATH));
    has(format!("`limit` u32 (up to {})", limits::LOOKUP_MAX));
    has(format!("`limit` u32 (up to {})", limits::PAGE_ENTRIES_MAX));
    has(format!("2 to {} characters", limits::LOGIN_NAME_MAX));
    has(format!(
        "up to {} grapheme clusters and {} bytes",
        limits::DISPLAY_NAME_MAX,
        limits::NAME_BYTES_MAX
    ));
    has(format!(
        "at most {} records of at most {} KiB",
        limits::RECORDS_PER_WRITE_MAX,
        limits::RECORD_BYTES_MAX / 1024
    ));
    has(format!("at most {} on offer", limits::KEY_PACKAGES_MAX));
    has(format!("key packages: {}", limits::KEY_PACKAGES_KEPT));
    has(format!("{} bytes.", limits::DEVICE_NAME_BYTES_MAX));
    has(format!("at most {} each", limits::DEVICES_LISTED_MAX));
    assert_eq!(limits::CURSORS_MAX, 10_000);
    has("(up to 10,000)".to_owned());
}
