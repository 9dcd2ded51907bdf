//! Names: hostile, foreign and ordinary.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use protocol::{
    ErrorCode, NameError, WireError,
    limits::{DEVICE_NAME_BYTES_MAX, DISPLAY_NAME_MAX, LOGIN_NAME_MAX, ORGANISATION_NAME_MAX},
    names::{
        prepare_device_name, prepare_display_name, prepare_login_name, prepare_organisation_name,
        prepare_title, search_words, skeleton,
    },
};

#[test]
fn ordinary_login_names() {
    for (given, prepared) in [
        ("Alice", "alice"),
        ("bob.smith-2_x", "bob.smith-2_x"),
        ("JOSÉ", "josé"),
        ("jose\u{301}", "josé"),
        ("Ａｌｉｃｅ", "alice"),
        ("Мария", "мария"),
        ("王小明", "王小明"),
        ("سارة", "سارة"),
        ("דנה", "דנה"),
        ("ไทย", "ไทย"),
        ("हिन्दी", "हिन्दी"),
        ("STRAẞE", "straße"),
    ] {
        assert_eq!(
            prepare_login_name(given).as_deref(),
            Ok(prepared),
            "{given}"
        );
    }
}

#[test]
fn refused_login_names() {
    assert_eq!(prepare_login_name(""), Err(NameError::TooShort { min: 2 }));
    assert_eq!(prepare_login_name("a"), Err(NameError::TooShort { min: 2 }));
    for space in ["a b", " ab", "ab\u{3000}", "a\u{a0}b", "a\tb", "a\nb"] {
        assert_eq!(
            prepare_login_name(space),
            Err(NameError::Space),
            "{space:?}"
        );
    }
    for (bad, position) in [
        ("al\u{200B}ice", 3), // zero-width space
        ("al\u{200D}ice", 3), // joiner between Latin letters
        ("al\u{FEFF}ice", 3), // zero-width no-break space
        ("al\u{AD}ice", 3),   // soft hyphen
        ("\u{202E}ecila", 1), // right-to-left override
        ("alice\u{2066}", 6), // isolate
        ("alice🦊", 6),       // emoji
        ("☃☃", 1),            // symbols
        ("al\u{0}ice", 3),    // control
        ("al\u{E000}ice", 3), // private use
        ("ﬁona", 1),          // ligature: compatibility form
        ("al\u{1F}ice", 3),
        ("\u{301}alice", 1), // a mark that sits on what stands before
        ("\u{301}\u{301}", 1),
    ] {
        let code = bad.chars().nth(position - 1).unwrap().into();
        assert_eq!(
            prepare_login_name(bad),
            Err(NameError::Character { code, position }),
            "{bad:?}"
        );
    }
    // letters from both directions, and a digit first in a name from the right
    assert_eq!(prepare_login_name("aliceדנה"), Err(NameError::Direction));
    assert_eq!(prepare_login_name("1דנה"), Err(NameError::Direction));
}

#[test]
fn lengths_of_login_names_count_after_preparation() {
    let longest = "é".repeat(LOGIN_NAME_MAX);
    assert_eq!(prepare_login_name(&longest), Ok(longest.clone()));
    let decomposed = "e\u{301}".repeat(LOGIN_NAME_MAX);
    assert_eq!(prepare_login_name(&decomposed), Ok(longest.clone()));
    assert_eq!(
        prepare_login_name(&format!("{longest}a")),
        Err(NameError::TooLong {
            max: LOGIN_NAME_MAX
        })
    );
}

#[test]
fn a_hundred_thousand_characters_are_refused_by_length_alone() {
    for c in ["a", "é", "🦊", "\u{202E}", " ", "\u{301}"] {
        let long = c.repeat(100_000);
        assert!(matches!(
            prepare_login_name(&long),
            Err(NameError::TooLong { .. })
        ));
        assert!(matches!(
            prepare_display_name(&long),
            Err(NameError::TooLong { .. })
        ));
        assert!(matches!(
            prepare_organisation_name(&long),
            Err(NameError::TooLong { .. })
        ));
        assert!(matches!(
            prepare_device_name(&long),
            Err(NameError::TooLong { .. })
        ));
        assert!(search_words(&long).is_empty());
    }
}

#[test]
fn ordinary_display_names() {
    for (given, prepared) in [
        ("Alice Smith", "Alice Smith"),
        ("  Alice \u{3000}  Smith ", "Alice Smith"),
        ("日  本", "日 本"), // two spaces after a letter of three bytes
        ("José", "José"),
        ("Ａｌｉｃｅ", "Alice"),
        ("王小明", "王小明"),
        ("سارة محمد", "سارة محمد"),
        ("דנה Cohen", "דנה Cohen"),
        ("O’Brien, M.", "O’Brien, M."),
        ("Łukasz ☕", "Łukasz ☕"),
        ("नेहा क्\u{200D}ष", "नेहा क्\u{200D}ष"), // joiner after a virama, as the script needs it
        ("𞤀𞤣𞤤𞤢𞤥", "𞤀𞤣𞤤𞤢𞤥"),                   // Adlam, younger than the profile's registry
    ] {
        assert_eq!(
            prepare_display_name(given).as_deref(),
            Ok(prepared),
            "{given}"
        );
    }
}

#[test]
fn emoji_in_display_names() {
    for name in [
        "🦊",
        "Ann 🦊🤖",
        "👩\u{200D}🚀 Ann",
        "👨\u{200D}👩\u{200D}👧\u{200D}👦",
        "👋🏽",
        "👩🏽\u{200D}🚀",
        "❤\u{FE0F}",
        "❤\u{FE0F}\u{200D}🔥",
        "🏳\u{FE0F}\u{200D}🌈",
        "🇫🇷",
        "1\u{FE0F}\u{20E3}",
    ] {
        assert_eq!(prepare_display_name(name).as_deref(), Ok(name), "{name}");
    }
    // tags hide text, so the flags spelt with them are refused
    assert!(
        prepare_display_name("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}").is_err()
    );
}

#[test]
fn refused_display_names() {
    for invisible in [
        "",
        " ",
        "\u{3000}\u{3000}",
        "\u{301}",
        "\u{2800}",
        " \u{301}\u{301} ",
    ] {
        assert_eq!(
            prepare_display_name(invisible),
            Err(NameError::Invisible),
            "{invisible:?}"
        );
    }
    for bad in [
        "\u{200B}",
        "\u{200B}\u{200C}",
        "\u{200D}",
        "\u{FEFF}",
        "\u{FE0F}",
        "\u{2060}",
        "\u{AD}",
        "Ann\u{200D}",
        "A\u{200D}nn",
        "Ann\u{FE0F}",
        "🦊\u{200D}",
        "\u{200D}🦊",
        "7\u{FE0F}",
        "\u{202E}nnA",
        "Ann\u{202D}",
        "Ann\u{2066}x\u{2069}",
        "Ann\u{200E}",
        "Ann\u{200F}",
        "Ann\u{61C}",
        "Ann\u{0}",
        "Ann\n",
        "Ann\tB",
        "Ann\u{2028}",
        "Ann\u{85}",
        "Ann\u{E000}",
        "Ann\u{10FFFF}",
        "Ann\u{378}",
        "\u{3164}",
        "\u{115F}",
        "Ann\u{E0041}",
        "Ann\u{13437}",
        "Ann\u{180F}",
    ] {
        assert!(
            matches!(prepare_display_name(bad), Err(NameError::Character { .. })),
            "{bad:?}: {:?}",
            prepare_display_name(bad)
        );
    }
}

#[test]
fn lengths_count_what_a_person_sees() {
    let family = "👨\u{200D}👩\u{200D}👧";
    assert!(prepare_display_name(&family.repeat(20)).is_ok());
    assert_eq!(
        prepare_display_name(&"a".repeat(DISPLAY_NAME_MAX + 1)),
        Err(NameError::TooLong {
            max: DISPLAY_NAME_MAX
        })
    );
    assert!(prepare_display_name(&"a".repeat(DISPLAY_NAME_MAX)).is_ok());
    assert!(prepare_organisation_name(&"a".repeat(ORGANISATION_NAME_MAX)).is_ok());
    assert!(prepare_organisation_name(&"a".repeat(ORGANISATION_NAME_MAX + 1)).is_err());
    assert!(prepare_device_name("Ann’s laptop (Firefox)").is_ok());
    assert_eq!(
        prepare_device_name(&"日".repeat(43)),
        Err(NameError::TooManyBytes {
            max: DEVICE_NAME_BYTES_MAX
        })
    );
    // one visible character, hundreds of bytes
    let zalgo = format!("a{}", "\u{301}".repeat(80));
    assert_eq!(
        prepare_device_name(&zalgo),
        Err(NameError::TooManyBytes {
            max: DEVICE_NAME_BYTES_MAX
        })
    );
    // NFKC makes 18 characters of this one
    assert!(prepare_display_name(&"\u{FDFA}".repeat(100)).is_err());
}

#[test]
fn look_alikes_meet() {
    for (one, other) in [
        ("paypal", "pаypal"), // Cyrillic а
        ("paypal", "paypa1"),
        ("paypal", "раураl"),
        ("modern", "modem"),
        ("bob0", "bobo"),
        ("alice", "аlісе"),
        ("ελενα", "ελεvα"),
    ] {
        let (one, other) = (
            prepare_login_name(one).unwrap(),
            prepare_login_name(other).unwrap(),
        );
        assert_ne!(one, other);
        assert_eq!(skeleton(&one), skeleton(&other), "{one} {other}");
    }
    for (one, other) in [("alice", "alicia"), ("bob", "rob"), ("王小明", "王小日")] {
        assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
    }
}

#[test]
fn words_for_the_search() {
    assert_eq!(search_words("Alice  van-Smith"), ["alice", "van", "smith"]);
    assert_eq!(search_words("bob.smith_2"), ["bob", "smith", "2"]);
    assert_eq!(search_words("José ÅNGSTRÖM"), ["jose", "angstrom"]);
    assert_eq!(search_words("Straße"), search_words("STRASSE"));
    assert_eq!(search_words("ΟΔΥΣΣΕΥΣ"), search_words("Οδυσσεύς"));
    assert_eq!(search_words("Мария"), ["мария"]);
    assert_eq!(search_words("王小明"), ["王", "小", "明"]);
    assert_eq!(search_words("हिन्दी"), ["हिन्दी"]);
    assert_eq!(search_words("ann Ann ANN"), ["ann"]);
    assert_eq!(search_words("Ann 🦊"), ["ann"]);
    assert_eq!(search_words("🦊"), ["🦊"]);
    assert!(search_words("").is_empty());
    assert!(search_words(" \u{3000} ").is_empty());
}

#[test]
fn refusals_tell_what_to_do_and_show_nothing_that_misleads() {
    let error = prepare_display_name("Ann\u{202E}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "The name can't have the character number 4 (U+202E). Leave it out."
    );
    let wire = WireError::from(error);
    assert_eq!(wire.code, ErrorCode::NameInvalid);
    assert!(wire.message.is_ascii());
}

/// Any text, with much of what makes names difficult.
fn any_name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "\\PC{0,6}",
        "[a-zA-Z0-9 ._-]{0,8}",
        prop::sample::select(vec![
            "\u{200D}",
            "\u{200C}",
            "\u{FE0F}",
            "\u{202E}",
            "👩",
            "🚀",
            "🏽",
            "❤",
            "1",
            "\u{20E3}",
            "\u{301}",
            "ﬁ",
            "ẞ",
            "İ",
            "ς",
            "Σ",
            "日",
            "\u{3000}",
            " ",
            "\u{A8}",
            "\u{FDFA}",
            "א",
            "ب",
            "क",
            "\u{94D}",
            "ｱ",
            "ﾞ",
            "™",
            "\u{1F202}",
            "ſ",
            "ŉ",
            "\u{1E9E}",
            "\u{130}",
            "\u{345}",
            "\u{FB03}",
            "·",
            "l",
            "ʹ",
            "\u{30FB}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn prepared_names_stay_as_they_are(name in any_name()) {
        for prepare in [prepare_login_name, prepare_display_name, prepare_organisation_name, prepare_device_name, prepare_title] {
            if let Ok(prepared) = prepare(&name) {
                prop_assert_eq!(prepare(&prepared), Ok(prepared));
            }
        }
    }

    #[test]
    fn skeletons_and_words_never_panic(name in any_name()) {
        let _ = skeleton(&name);
        if let Ok(name) = prepare_login_name(&name) {
            let once = skeleton(&name);
            prop_assert_eq!(skeleton(&once), once);
        }
        for word in search_words(&name) {
            prop_assert!(!word.is_empty() && !word.contains(char::is_whitespace));
        }
    }
}
