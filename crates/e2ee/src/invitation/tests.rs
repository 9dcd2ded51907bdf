//! Invitation links.

use serde_json::json;

use super::*;
use crate::testing::{check_vectors, rng};

fn invitation(addresses: &[&str]) -> Result<Invitation> {
    Invitation::generate(
        &mut rng(1),
        MemberId([0xa1; 16]),
        Hash32([2; 32]),
        Hash32([3; 32]),
        addresses.iter().map(ToString::to_string).collect(),
    )
}

test_everywhere! {
    fn vectors() {
        let made = invitation(&["chat.example.org:8443", "[2001:db8::1]:8443"]).unwrap();
        let made = json!({
            "secret": hex::encode(made.secret()),
            "secret_hash": secret_hash(made.secret()).to_string(),
            "inviter": made.inviter.to_string(),
            "root": made.root.to_string(),
            "ca": made.ca.to_string(),
            "addresses": made.addresses,
            "link": made.link().as_str(),
            "six_words_of_ca": crate::passphrase::six_words(&[
                0x3a, 0x6e, 0x01, 0xfc, 0x10, 0x77, 0x88, 0x99, 0xaa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ]),
        });
        check_vectors("invitation.json", include_str!("../../vectors/invitation.json"), &made);
    }

    fn round_trip() {
        let made = invitation(&["127.0.0.1:8443", "chat.example.org:443"]).unwrap();
        let link = made.link();
        assert!(link.starts_with("https://127.0.0.1:8443/i#"));
        assert!(Invitation::decode(&link).unwrap() == made);
        assert!(Invitation::decode(&format!("  {}\n", link.as_str())).unwrap() == made);
        // Any of its addresses may stand in front, no other.
        let elsewhere = link.replacen("127.0.0.1:8443", "chat.example.org:443", 1);
        assert!(Invitation::decode(&elsewhere).is_ok());
        let evil = link.replacen("127.0.0.1:8443", "evil.example.org:443", 1);
        assert!(Invitation::decode(&evil).is_err());
        assert!(!format!("{made:?}").contains(&hex::encode(made.secret())));
    }

    fn browsers_show_links_in_their_own_way() {
        let link = invitation(&["chat.example.org:443", "[2001:db8::1]:443", "a:4430"]).unwrap().link();
        let (_, rest) = link.split_once("/i#").unwrap();
        let opened = |front: &str| Invitation::decode(&format!("{front}/i#{rest}")).is_ok();
        for own in [
            "https://chat.example.org", "https://chat.example.org:443", "https://[2001:db8::1]", "https://a:4430",
            "http://localhost:7480", "http://127.0.0.1:1", "http://[::1]:65535",
        ] {
            assert!(opened(own), "{own}");
        }
        for foreign in [
            "https://a", "https://localhost:7480", "http://chat.example.org", "http://chat.example.org:443", "http://localhost",
            "http://localhost:", "http://localhost:0", "http://localhost:080", "http://localhost:65536", "http://localhost:+1",
            "http://localhost:1@evil.example", "http://localhost:1/x", "http://evil.example/http://localhost:1",
            "http://127.0.0.2:1", "ws://localhost:1", "localhost:1", "",
        ] {
            assert!(!opened(foreign), "{foreign}");
        }
    }

    fn addresses_are_strict() {
        for good in ["a:1", "1.2.3.4:65535", "[::1]:443", "host_name-x.example:8443"] {
            assert!(invitation(&[good]).is_ok(), "{good}");
        }
        let long = format!("{}:1", "x".repeat(300));
        for bad in [
            "", "a", "a:", ":1", "a:0", "a:01", "a:65536", "a:-1", "a:1/x", "a/b:1", "a#b:1", "u@a:1", "a b:1",
            "[::1:443", "::1:443", "[zz]:1", "é:1", "a?:1", &long,
        ] {
            assert!(invitation(&[bad]).is_err(), "{bad}");
        }
        assert!(invitation(&[]).is_err());
        assert!(invitation(&["a:1"; 9]).is_err());
    }

    fn cut_changed_and_foreign_links_are_refused() {
        let link = invitation(&["a:1"]).unwrap().link();
        for i in 0..link.len() {
            assert!(Invitation::decode(&link[..i]).is_err(), "{i}");
        }
        for bad in ["", "https://a:1/i#", "http://a:1/i#xx", "https://a:1/i#!!!!", "https://a:1/i"] {
            assert!(Invitation::decode(bad).is_err(), "{bad}");
        }
        let http = link.replacen("https", "http", 1);
        assert!(Invitation::decode(&http).is_err());
        assert!(Invitation::decode(&format!("{}=", link.as_str())).is_err());
        assert_eq!(Invitation::decode(&"x".repeat(100_000)), Err(Error::TooLong(WHAT)));
    }

    fn secrets_hash_with_a_label() {
        assert_eq!(secret_hash(&[1; 16]), crate::kdf::hash("invitation", &[1; 16]));
        assert_ne!(secret_hash(&[1; 16]), secret_hash(&[2; 16]));
    }
}
