//! Passphrases and words.

use super::*;
use crate::testing::rng;

test_everywhere! {
    fn generated_ones_are_five_words_in_composed_form() {
        for (language, seed) in [(Language::English, 1), (Language::French, 2)] {
            let mut rng = rng(seed);
            for _ in 0..200 {
                let made = generate(&mut rng, language);
                assert_eq!(made.reveal().split('-').count(), 5);
                assert!(made.is_generated());
                assert!(!made.reveal().contains('\u{301}'), "accents are composed");
                // Typed again, it is the same.
                assert_eq!(prepare(made.reveal()).unwrap().as_bytes(), made.as_bytes());
            }
        }
        let (a, b) = (generate(&mut rng(1), Language::English), generate(&mut rng(2), Language::English));
        assert_ne!(a.as_bytes(), b.as_bytes());
    }

    fn every_word_of_both_lists_survives_preparation() {
        for language in [Language::English, Language::French] {
            for word in language.words() {
                let composed = prepare(word).unwrap();
                assert!(!composed.reveal().is_empty() && !composed.reveal().contains('-'));
                assert_eq!(prepare(composed.reveal()).unwrap().as_bytes(), composed.as_bytes());
            }
        }
    }

    fn preparation_by_rfc_8265() {
        // RFC 8265, section 4.3: case and spaces are kept, non-ASCII spaces become U+0020.
        assert_eq!(prepare("correct horse battery staple").unwrap().reveal(), "correct horse battery staple");
        assert_eq!(prepare("Correct Horse Battery Staple").unwrap().reveal(), "Correct Horse Battery Staple");
        assert_eq!(prepare("πßå").unwrap().reveal(), "πßå");
        assert_eq!(prepare("Jack of ♦s").unwrap().reveal(), "Jack of ♦s");
        assert_eq!(prepare("foo\u{1680}bar").unwrap().reveal(), "foo bar");
        assert_eq!(prepare("e\u{301}").unwrap().reveal(), "\u{e9}");
        assert_eq!(prepare("my cat is a \u{9}by").unwrap_err(), PassphraseError::NotAllowed);
        // becomes U+00B7, which is not allowed here: it could not be typed as it is shown
        assert_eq!(prepare("ano\u{387}teleia").unwrap_err(), PassphraseError::NotAllowed);
        assert_eq!(prepare("").unwrap_err(), PassphraseError::Empty);
        assert_eq!(prepare(" \u{a0}\t").unwrap_err(), PassphraseError::Empty);
        assert_eq!(prepare("  padded ").unwrap().reveal(), "padded");
    }

    fn lengths() {
        assert!(prepare(&"x".repeat(MAX_PASSPHRASE)).is_ok());
        assert_eq!(prepare(&"x".repeat(MAX_PASSPHRASE + 1)).unwrap_err(), PassphraseError::TooLong);
        assert_eq!(prepare(&"x".repeat(100_000)).unwrap_err(), PassphraseError::TooLong);
    }

    fn six_words_by_hand() {
        let mut fingerprint = [0u8; 32];
        assert_eq!(six_words(&fingerprint), ["abandon"; 6]);
        fingerprint = [0xff; 32];
        assert_eq!(six_words(&fingerprint), ["zoo"; 6]);
        // 00000000001 00000000010 0…: ability, able, then abandon.
        fingerprint = [0; 32];
        fingerprint[1] = 0b0010_0000;
        fingerprint[2] = 0b0000_1000;
        assert_eq!(six_words(&fingerprint)[..3], ["ability", "able", "abandon"]);
        // The 66th bit counts, the 67th does not.
        fingerprint = [0; 32];
        fingerprint[8] = 0b0100_0000;
        assert_eq!(six_words(&fingerprint)[5], "ability");
        fingerprint[8] = 0b0010_0000;
        assert_eq!(six_words(&fingerprint)[5], "abandon");
    }

    fn passphrases_are_not_printed() {
        let printed = format!("{:?}", prepare("very secret words").unwrap());
        assert!(!printed.contains("secret"));
    }
}
