use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::*;

const DEPTH: usize = 40;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Inner {
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    plain: Vec<u8>,
    pair: (u16, i64),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wrapped(u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Nothing;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Nothing,
    One(String),
    Two(u8, bool),
    Named { text: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
enum Tagged {
    Name { name: String },
    Number { number: i32 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    yes: bool,
    unsigned: u64,
    signed: i32,
    float: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maybe: Option<Inner>,
    wrapped: Wrapped,
    nothing: Nothing,
    unit: (),
    choices: Vec<Choice>,
    tagged: Tagged,
    by_number: BTreeMap<u32, String>,
    array: [u8; 4],
    letter: char,
}

fn inner() -> impl Strategy<Value = Inner> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..300);
    (bytes(), bytes(), any::<(u16, i64)>()).prop_map(|(bytes, plain, pair)| Inner {
        bytes,
        plain,
        pair,
    })
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        Just(Choice::Nothing),
        ".*".prop_map(Choice::One),
        any::<(u8, bool)>().prop_map(|(a, b)| Choice::Two(a, b)),
        proptest::option::of(".{0,40}").prop_map(|text| Choice::Named { text }),
    ]
}

fn tagged() -> impl Strategy<Value = Tagged> {
    prop_oneof![
        ".*".prop_map(|name| Tagged::Name { name }),
        any::<i32>().prop_map(|number| Tagged::Number { number }),
    ]
}

fn everything() -> impl Strategy<Value = Everything> {
    let numbers = (any::<bool>(), any::<u64>(), any::<i32>(), -1e9..1e9f64);
    let parts = (
        proptest::option::of(inner()),
        any::<u32>(),
        proptest::collection::vec(choice(), 0..40),
        tagged(),
        proptest::collection::btree_map(any::<u32>(), ".{0,9}", 0..20),
        any::<[u8; 4]>(),
        any::<char>(),
    );
    (numbers, parts).prop_map(|((yes, unsigned, signed, float), parts)| {
        let (maybe, wrapped, choices, tagged, by_number, array, letter) = parts;
        Everything {
            yes,
            unsigned,
            signed,
            float,
            maybe,
            wrapped: Wrapped(wrapped),
            nothing: Nothing,
            unit: (),
            choices,
            tagged,
            by_number,
            array,
            letter,
        }
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read(value in everything(), ends: [prop::sample::Index; 8]) {
        let bytes = rmp_serde::to_vec_named(&value).unwrap();
        let read = from_slice::<Everything>(&bytes, DEPTH);
        prop_assert_eq!(read.as_ref(), Ok(&value));
        prop_assert_eq!(from_slice::<IgnoredAny>(&bytes, DEPTH), Ok(IgnoredAny));
        for end in ends {
            let end = end.index(bytes.len());
            prop_assert!(from_slice::<Everything>(&bytes[..end], DEPTH).is_err());
            prop_assert!(from_slice::<IgnoredAny>(&bytes[..end], DEPTH).is_err());
        }
        let longer = [&bytes[..], &[0xC0]].concat();
        prop_assert!(from_slice::<Everything>(&longer, DEPTH).is_err());
        prop_assert!(from_slice::<IgnoredAny>(&longer, DEPTH).is_err());
    }

    /// Whatever this accepts, rmp-serde reads as the same.
    #[test]
    fn a_changed_byte_is_read_as_by_others(value in everything(), at in any::<prop::sample::Index>(), to: u8) {
        let mut bytes = rmp_serde::to_vec_named(&value).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(read) = from_slice::<Everything>(&bytes, DEPTH) {
            let theirs: Everything = rmp_serde::from_slice(&bytes).unwrap();
            // NaN is not itself
            if !read.float.is_nan() {
                prop_assert_eq!(read, theirs);
            }
        }
    }

    #[test]
    fn bytes_can_be_anything(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = from_slice::<Everything>(&bytes, DEPTH);
        let _ = from_slice::<IgnoredAny>(&bytes, DEPTH);
        let _ = from_slice::<Vec<Choice>>(&bytes, DEPTH);
        let _ = from_slice::<HashMap<String, Option<Tagged>>>(&bytes, DEPTH);
    }

    #[test]
    fn every_length_of_a_number_is_read(number: i64) {
        let mut forms = Vec::new();
        let mut bytes = vec![0xD3];
        bytes.extend(number.to_be_bytes());
        forms.push(bytes);
        if let Ok(short) = i32::try_from(number) {
            forms.push([&[0xD2][..], &short.to_be_bytes()].concat());
        }
        if let Ok(unsigned) = u64::try_from(number) {
            forms.push([&[0xCF][..], &unsigned.to_be_bytes()].concat());
        }
        for bytes in forms {
            prop_assert_eq!(from_slice::<i64>(&bytes, DEPTH), Ok(number));
        }
    }
}

#[test]
fn a_number_beyond_its_type_is_refused() {
    assert!(from_slice::<u8>(&[0xCD, 1, 0], DEPTH).is_err());
    assert!(from_slice::<u64>(&[0xFF], DEPTH).is_err());
    assert!(from_slice::<i8>(&[0xCC, 0x80], DEPTH).is_err());
}

#[test]
fn a_structure_is_never_a_list() {
    let bytes = rmp_serde::to_vec(&Inner {
        bytes: vec![],
        plain: vec![],
        pair: (0, 0),
    });
    assert!(from_slice::<Inner>(&bytes.unwrap(), DEPTH).is_err());
}

#[test]
fn levels_are_limited() {
    let nested = |levels| [vec![0x91; levels], vec![0xC0]].concat();
    #[derive(Debug, Deserialize)]
    struct List(#[allow(dead_code, reason = "its depth is what matters")] Vec<Option<List>>);
    assert!(from_slice::<List>(&nested(DEPTH), DEPTH).is_ok());
    assert!(from_slice::<List>(&nested(DEPTH + 1), DEPTH).is_err());
    // what nobody looks at is not walked by recursion
    assert!(from_slice::<IgnoredAny>(&nested(1_000_000), DEPTH).is_ok());
}

#[test]
fn no_room_is_made_for_lengths_that_are_only_claimed() {
    let claims = [0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0x00];
    assert!(from_slice::<Vec<[u64; 16]>>(&claims, DEPTH).is_err());
    assert!(from_slice::<IgnoredAny>(&claims, DEPTH).is_err());
}

#[test]
fn refusals_have_none_of_the_content() {
    let secret = rmp_serde::to_vec_named(&Choice::One("hunter2".into())).unwrap();
    let error = from_slice::<Tagged>(&secret, DEPTH)
        .unwrap_err()
        .to_string();
    assert!(!error.contains("hunter2"), "{error}");
    let error = from_slice::<u8>(&rmp_serde::to_vec("hunter2").unwrap(), DEPTH).unwrap_err();
    assert_eq!(error.to_string(), "wrong type or value, expected u8");
}
