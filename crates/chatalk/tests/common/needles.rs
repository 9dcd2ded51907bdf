//! Looks for bytes in every form in which a program may have written them.

use std::{fs, path::Path};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;

/// Shorter forms are found by chance.
const SHORTEST: usize = 8;

/// What must not be found.
#[derive(Default)]
pub struct Needles {
    names: Vec<String>,
    forms: Vec<(usize, &'static str, Vec<u8>)>,
}

impl Needles {
    /// Adds bytes in all their forms.
    pub fn add(&mut self, name: impl Into<String>, secret: &[u8]) {
        assert!(secret.len() >= SHORTEST, "found by chance");
        let index = self.names.len();
        self.names.push(name.into());
        for (form, bytes) in forms(secret) {
            if bytes.len() >= SHORTEST {
                self.forms.push((index, form, bytes));
            }
        }
    }

    /// Adds a text in all its forms.
    pub fn add_text(&mut self, name: impl Into<String>, text: &str) {
        let name = name.into();
        let mut cases = vec![text.to_owned(), text.to_lowercase(), text.to_uppercase()];
        cases.dedup();
        for text in cases {
            self.add(name.clone(), text.as_bytes());
        }
    }

    /// A search for all of them at once.
    pub fn search(&self) -> Search<'_> {
        let patterns = self.forms.iter().map(|(_, _, bytes)| bytes);
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(patterns)
            .unwrap();
        Search {
            needles: self,
            automaton,
        }
    }
}

pub struct Search<'a> {
    needles: &'a Needles,
    automaton: AhoCorasick,
}

impl Search<'_> {
    /// What is found in these bytes: names and forms.
    pub fn found(&self, bytes: &[u8]) -> Vec<String> {
        let matches = self.automaton.find_overlapping_iter(bytes);
        let mut found: Vec<String> = matches
            .map(|found| {
                let (name, form, _) = &self.needles.forms[found.pattern().as_usize()];
                format!("{} as {form}", self.needles.names[*name])
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// What is found in the files below a folder, and how many bytes were looked at.
    pub fn found_below(&self, folder: &Path, but: &[&str]) -> (Vec<String>, usize) {
        let (mut found, mut size) = (Vec::new(), 0);
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                let (below, bytes) = self.found_below(&path, but);
                found.extend(below);
                size += bytes;
            } else if !but.iter().any(|name| *name == entry.file_name()) {
                let bytes = fs::read(&path).unwrap();
                let here = self.found(&bytes).into_iter();
                found.extend(here.map(|what| format!("{}: {what}", path.display())));
                size += bytes.len();
            }
        }
        (found, size)
    }
}

/// The bytes in every usual form.
pub fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![("raw", secret.to_vec())];
    let mut reversed = secret.to_vec();
    reversed.reverse();
    forms.push(("reversed", reversed));
    forms.extend(in_digits(secret));
    forms.extend(in_base64(secret));
    if let Ok(text) = std::str::from_utf8(secret) {
        forms.extend(of_text(text));
    }
    forms
}

fn each(bytes: &[u8], write: impl Fn(u8) -> String) -> Vec<u8> {
    bytes.iter().map(|b| write(*b)).collect::<String>().into()
}

fn in_digits(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let list = |separator: &str, write: fn(&u8) -> String| {
        let digits: Vec<String> = secret.iter().map(write).collect();
        digits.join(separator).into_bytes()
    };
    let packed = secret.iter().flat_map(|b| match b {
        0..0x80 => vec![*b],
        _ => vec![0xcc, *b],
    });
    vec![
        ("hex", hex::encode(secret).into()),
        ("HEX", hex::encode_upper(secret).into()),
        ("hex with colons", list(":", |b| format!("{b:02x}"))),
        ("hex with spaces", list(" ", |b| format!("{b:02x}"))),
        ("a list of numbers", list(", ", u8::to_string)),
        ("a dense list of numbers", list(",", u8::to_string)),
        ("an array of MessagePack", packed.collect()),
        ("Rust's bytes", secret.escape_ascii().to_string().into()),
    ]
}

fn in_base64(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let mut forms = Vec::new();
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(secret);
        // only the digits that depend on nothing before or behind
        let (from, to) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
        forms.push(("base64", STANDARD_NO_PAD.encode(&bytes)[from..to].into()));
        forms.push(("base64url", URL_SAFE_NO_PAD.encode(&bytes)[from..to].into()));
    }
    forms
}

fn of_text(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let units: Vec<u16> = text.encode_utf16().collect();
    let escaped = |all: bool| -> Vec<u8> {
        let write = |u: &u16| match char::from_u32(u32::from(*u)) {
            Some(c) if !all && c.is_ascii() => c.to_string(),
            _ => format!("\\u{u:04x}"),
        };
        units.iter().map(write).collect::<String>().into()
    };
    vec![
        (
            "UTF-16 LE",
            units.iter().flat_map(|u| u.to_le_bytes()).collect(),
        ),
        (
            "UTF-16 BE",
            units.iter().flat_map(|u| u.to_be_bytes()).collect(),
        ),
        (
            "UTF-32 LE",
            text.chars()
                .flat_map(|c| (c as u32).to_le_bytes())
                .collect(),
        ),
        (
            "URL",
            each(text.as_bytes(), |b| {
                if plain(b) {
                    char::from(b).into()
                } else {
                    format!("%{b:02X}")
                }
            }),
        ),
        (
            "url",
            each(text.as_bytes(), |b| {
                if plain(b) {
                    char::from(b).into()
                } else {
                    format!("%{b:02x}")
                }
            }),
        ),
        (
            "a form",
            each(text.as_bytes(), |b| match b {
                b' ' => "+".into(),
                b if plain(b) => char::from(b).into(),
                b => format!("%{b:02X}"),
            }),
        ),
        ("JSON", escaped(false)),
        ("JSON throughout", escaped(true)),
        ("Rust's text", text.escape_default().to_string().into()),
        (
            "quoted-printable",
            each(text.as_bytes(), |b| match b {
                b'=' | 0x80.. => format!("={b:02X}"),
                b => char::from(b).into(),
            }),
        ),
        (
            "reversed letters",
            text.chars().rev().collect::<String>().into(),
        ),
    ]
}
