//! The local store's cipher.

use serde_json::json;

use super::*;
use crate::testing::{check_vectors, rng};

test_everywhere! {
    fn vectors() {
        let sealed = LocalCipher::new(&[7; 32]).seal(&mut rng(1), "messages", b"key", b"plaintext");
        let made = json!({
            "key": hex::encode([7u8; 32]), "space": "messages", "name": hex::encode(b"key"),
            "plaintext": hex::encode(b"plaintext"), "sealed": hex::encode(sealed),
        });
        check_vectors("local.json", include_str!("../../vectors/local.json"), &made);
    }

    fn values_open_only_at_their_place() {
        let mut rng = rng(1);
        let cipher = LocalCipher::new(&[7; 32]);
        let sealed = cipher.seal(&mut rng, "a", b"k", b"value");
        assert_eq!(cipher.open("a", b"k", &sealed).unwrap().as_slice(), b"value");
        assert!(cipher.open("b", b"k", &sealed).is_err());
        assert!(cipher.open("a", b"l", &sealed).is_err());
        assert!(cipher.open("ak", b"", &sealed).is_err());
        assert!(LocalCipher::new(&[8; 32]).open("a", b"k", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(cipher.open("a", b"k", &bad).is_err());
            assert!(cipher.open("a", b"k", &sealed[..i]).is_err());
        }
        assert_ne!(sealed, cipher.seal(&mut rng, "a", b"k", b"value"));
    }
}
