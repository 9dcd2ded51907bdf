//! Frames as readable text, for `chatalk decode`.

use std::fmt::Write;

use rmpv::Value;

use crate::{
    catalogue::{find_event, find_method},
    frame::{DecodeError, Request, ServerFrame, decode},
    guard,
};

/// Lines of one description; the rest is only counted.
const LINES_MAX: usize = 2000;
/// Characters of a text that are shown.
const TEXT_MAX: usize = 200;
/// Byte strings up to this length are shown whole: ids and hashes.
const WHOLE_BYTES: usize = 32;
/// So much is shown of longer ones.
const FIRST_BYTES: usize = 16;

/// Describes any frame in readable text of several lines, whatever the bytes are.
///
/// What the envelope carries as opaque bytes is taken apart as well. Ids and hashes are printed in hexadecimal, longer
/// byte strings shortened with their length. Text from the frame is escaped, so that it can't steer a terminal.
#[must_use]
pub fn describe(frame: &[u8]) -> String {
    let mut page = Page::default();
    match read(frame) {
        Ok(Value::Map(fields)) => describe_envelope(&mut page, frame, &fields),
        Ok(other) => {
            page.line(0, "not a frame: MessagePack, but not a map");
            page.value(1, "value", &other);
        }
        Err(DecodeError(why)) => {
            page.line(0, &format!("not a frame: {why}"));
            page.line(1, &hex_of(frame));
        }
    }
    page.finish()
}

fn describe_envelope(page: &mut Page, frame: &[u8], fields: &[(Value, Value)]) {
    let id = find(fields, "id").map_or_else(|| "without id".to_owned(), inline);
    if let Some(method) = find(fields, "method") {
        let known = method.as_str().and_then(find_method);
        page.line(0, &format!("request {id} {}", name(method)));
        page.note(decode::<Request>(frame).err(), "request");
        page.opaque(
            find(fields, "params"),
            "params",
            known.map(|m| m.check_params),
        );
        page.unknown(
            fields,
            &["id", "method", "params"],
            known.is_none(),
            "method",
        );
    } else if let Some(event) = find(fields, "event") {
        let known = event.as_str().and_then(find_event);
        page.line(0, &format!("event {}", name(event)));
        page.note(decode::<ServerFrame>(frame).err(), "frame");
        page.opaque(find(fields, "data"), "data", known.map(|e| e.check_data));
        page.unknown(fields, &["event", "data"], known.is_none(), "event");
    } else if let Some(ok) = find(fields, "ok") {
        page.line(0, &format!("reply {id} ok"));
        page.note(decode::<ServerFrame>(frame).err(), "frame");
        page.opaque(Some(ok), "ok", None);
        page.unknown(fields, &["id", "ok"], false, "");
    } else if let Some(err) = find(fields, "err") {
        page.line(0, &format!("reply {id} error"));
        page.note(decode::<ServerFrame>(frame).err(), "frame");
        describe_error(page, err);
        page.unknown(fields, &["id", "err"], false, "");
    } else {
        page.line(0, "not a frame: neither method, event, ok nor err");
        page.unknown(fields, &[], false, "");
    }
}

fn describe_error(page: &mut Page, err: &Value) {
    let Value::Map(fields) = err else {
        page.value(1, "err", err);
        return;
    };
    for (key, value) in fields {
        match key.as_str() {
            Some("data") => page.opaque(Some(value), "data", None),
            _ => page.value(1, &name(key), value),
        }
    }
}

/// Reads MessagePack of any shape that the guard allows.
fn read(bytes: &[u8]) -> Result<Value, DecodeError> {
    guard::check(bytes)?;
    // rmpv counts each value as a level of its own
    rmpv::decode::read_value_with_max_depth(&mut &bytes[..], 2 * guard::DEPTH_MAX + 8)
        .map_err(|error| DecodeError(error.to_string()))
}

fn find<'a>(fields: &'a [(Value, Value)], key: &str) -> Option<&'a Value> {
    let found = fields.iter().find(|(k, _)| k.as_str() == Some(key));
    found.map(|(_, value)| value)
}

/// A name as it stands when it is plain, otherwise quoted and escaped.
fn name(value: &Value) -> String {
    match value.as_str() {
        Some(text)
            if !text.is_empty()
                && text.len() <= 64
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) =>
        {
            text.to_owned()
        }
        _ => inline(value),
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => match text.as_str() {
            Some(text) => text_of(text),
            None => format!("text that is not UTF-8, {}", hex_of(text.as_bytes())),
        },
        Value::Binary(bytes) => hex_of(bytes),
        Value::Ext(kind, bytes) => format!("extension {kind}, {}", hex_of(bytes)),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => format!("{} items", items.len()),
        Value::Map(fields) if fields.is_empty() => "empty".to_owned(),
        Value::Map(fields) => format!("{} fields", fields.len()),
        Value::Nil => "nothing".to_owned(),
        plain => plain.to_string(),
    }
}

fn text_of(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{:?}… ({} bytes)", &text[..end], text.len()),
        None => format!("{text:?}"),
    }
}

fn hex_of(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "0 bytes".to_owned(),
        n if n <= WHOLE_BYTES => hex::encode(bytes),
        n => format!("{}… ({n} bytes)", hex::encode(&bytes[..FIRST_BYTES])),
    }
}

/// The text so far.
#[derive(Default)]
struct Page {
    text: String,
    lines: usize,
}

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        self.lines += 1;
        if self.lines <= LINES_MAX {
            // writing to a String can't fail
            let _ = writeln!(self.text, "{:1$}{text}", "", 2 * indent);
        }
    }

    fn finish(mut self) -> String {
        if self.lines > LINES_MAX {
            let _ = writeln!(self.text, "… {} more lines", self.lines - LINES_MAX);
        }
        self.text
    }

    fn note(&mut self, error: Option<DecodeError>, what: &str) {
        if let Some(DecodeError(why)) = error {
            self.line(1, &format!("(not a valid {what}: {why})"));
        }
    }

    /// One value under its name, with what it contains below.
    fn value(&mut self, indent: usize, key: &str, value: &Value) {
        self.line(indent, &format!("{key}: {}", inline(value)));
        match value {
            Value::Map(fields) => {
                for (key, value) in fields {
                    self.value(indent + 1, &name(key), value);
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.value(indent + 1, &format!("[{i}]"), item);
                }
            }
            _ => {}
        }
    }

    /// MessagePack that is carried as bytes.
    fn opaque(&mut self, value: Option<&Value>, key: &str, check: Option<crate::catalogue::Check>) {
        let Some(Value::Binary(bytes)) = value else {
            if let Some(other) = value {
                self.value(1, key, other);
            }
            return;
        };
        if let Some(check) = check {
            self.note(check(bytes).err(), key);
        }
        match read(bytes) {
            Ok(Value::Map(fields)) => {
                for (key, value) in &fields {
                    self.value(1, &name(key), value);
                }
            }
            Ok(other) => self.value(1, key, &other),
            Err(_) => self.line(1, &format!("{key}: {}", hex_of(bytes))),
        }
    }

    /// What this version does not know of the envelope.
    fn unknown(
        &mut self,
        fields: &[(Value, Value)],
        known: &[&str],
        unknown_name: bool,
        what: &str,
    ) {
        if unknown_name {
            self.line(1, &format!("(this version does not know that {what})"));
        }
        for (key, value) in fields {
            if !key.as_str().is_some_and(|key| known.contains(&key)) {
                self.value(1, &name(key), value);
            }
        }
    }
}
