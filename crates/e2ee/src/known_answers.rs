//! Known answers of the RFCs for what this crate composes.

use aes_gcm::Aes256Gcm;
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};

use crate::{
    kdf::{self, hmac},
    signing::{PublicKey, SigningKey},
};

fn bytes<const N: usize>(hex_text: &str) -> [u8; N] {
    hex::decode(hex_text).unwrap().try_into().unwrap()
}

/// HKDF-SHA-256 by RFC 5869's own words, from HMAC alone.
fn hkdf_by_hand(salt: &[u8; 32], ikm: &[u8], info: &[u8], len: usize) -> Vec<u8> {
    let prk = hmac(salt, &[ikm]);
    let mut out = Vec::new();
    let mut block = Vec::new();
    let mut counter = 1u8;
    while out.len() < len {
        block = hmac(&prk, &[&block, info, &[counter]]).to_vec();
        out.extend_from_slice(&block);
        counter += 1;
    }
    out.truncate(len);
    out
}

/// RFC 9180, section 5.1, base mode: AEAD key and base nonce from a shared secret, by the RFC's own words.
fn hpke_key_and_nonce(shared: &[u8], info: &[u8]) -> ([u8; 32], [u8; 12]) {
    // X-Wing, HKDF-SHA-256, ChaCha20-Poly1305
    let suite = [b"HPKE".as_slice(), &[0x64, 0x7a, 0, 1, 0, 3]].concat();
    let extract =
        |salt: &[u8; 32], label: &[u8], ikm: &[u8]| hmac(salt, &[b"HPKE-v1", &suite, label, ikm]);
    let psk_id = extract(&[0; 32], b"psk_id_hash", b"");
    let info = extract(&[0; 32], b"info_hash", info);
    let context = [&[0], psk_id.as_slice(), info.as_slice()].concat();
    let shared: &[u8; 32] = shared.try_into().unwrap();
    let secret = extract(shared, b"secret", b"");
    let expand = |label: &[u8], len: u8| {
        let info = [&[0, len], b"HPKE-v1".as_slice(), &suite, label, &context].concat();
        hmac(&secret, &[&info, &[1]])
    };
    let nonce = expand(b"base_nonce", 12);
    (expand(b"key", 32), nonce[..12].try_into().unwrap())
}

test_everywhere! {
    fn aes_256_gcm_of_the_gcm_specification_cases_13_and_14() {
        let cipher = Aes256Gcm::new(&[0; 32].into());
        let sealed = |msg: &[u8]| hex::encode(cipher.encrypt(&[0; 12].into(), msg).unwrap());
        assert_eq!(sealed(b""), "530f8afbc74536b9a963b4f1c4cb738b");
        assert_eq!(
            sealed(&[0; 16]),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
        );
    }

    fn xwing_of_the_draft_in_hpke_of_rfc9180() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../vectors/xwing_draft06.json")).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let [sk, pk, ct, ss] =
                ["sk", "pk", "ct", "ss"].map(|key| hex::decode(case[key].as_str().unwrap()).unwrap());
            let pair = crate::hpke::KeyPair::of_vectors(&sk, &pk);
            let (key, nonce) = hpke_key_and_nonce(&ss, b"info");
            let payload = Payload { msg: b"secret", aad: b"aad" };
            let ciphertext = ChaCha20Poly1305::new(&key.into())
                .encrypt(&nonce.into(), payload)
                .unwrap();
            let sealed = crate::hpke::Sealed { enc: ct, ciphertext };
            assert_eq!(pair.open(b"info", b"aad", &sealed).unwrap().as_slice(), b"secret");
            // and the public key belongs to the private one
            let sealed = crate::hpke::seal(&pk, b"", b"", b"to it").unwrap();
            assert_eq!(pair.open(b"", b"", &sealed).unwrap().as_slice(), b"to it");
        }
    }

    fn hkdf_rfc5869_case_3() {
        let okm = hkdf_by_hand(&[0; 32], &[0x0b; 22], &[], 42);
        assert_eq!(
            hex::encode(okm),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        );
    }

    fn kdf_is_hkdf_with_our_label() {
        let mut info = b"chatalk v1 some label\0".to_vec();
        info.extend_from_slice(b"context");
        let expected = hkdf_by_hand(&[0; 32], b"secret", &info, 100);
        assert_eq!(kdf::kdf::<100>(b"secret", "some label", b"context").as_slice(), expected);
    }

    fn hash_is_sha256_with_our_label() {
        use sha2::Digest;
        let expected: [u8; 32] = sha2::Sha256::digest(b"chatalk v1 x\0message").into();
        assert_eq!(kdf::hash("x", b"message").0, expected);
        assert_ne!(kdf::hash("x", b"message"), kdf::hash("y", b"message"));
    }

    fn ed25519_rfc8032_test_1_and_2() {
        let key = SigningKey::from_seed(&bytes(
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        ));
        assert_eq!(
            hex::encode(key.public().0),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
        assert_eq!(
            hex::encode(key.sign_unlabelled(b"")),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
        let key = SigningKey::from_seed(&bytes(
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        ));
        assert_eq!(
            hex::encode(key.sign_unlabelled(&[0x72])),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
    }

    fn labelled_signatures_do_not_serve_elsewhere() {
        let key = SigningKey::from_seed(&[7; 32]);
        let signature = key.sign("a", b"message");
        key.public().verify("a", b"message", &signature).unwrap();
        assert!(key.public().verify("b", b"message", &signature).is_err());
        assert!(key.public().verify("a", b"Message", &signature).is_err());
        assert!(PublicKey([9; 32]).verify("a", b"message", &signature).is_err());
    }

    fn small_order_keys_sign_nothing() {
        // The neutral element as key and R, s = 0: "valid" for every message unless verification is strict.
        let mut neutral = [0u8; 32];
        neutral[0] = 1;
        let mut signature = [0u8; 64];
        signature[0] = 1;
        assert!(PublicKey(neutral).verify("a", b"anything", &signature).is_err());
    }

    fn xchacha20_poly1305_draft_irtf_cfrg_xchacha_a_3_1() {
        let key: [u8; 32] =
            bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
        let nonce: [u8; 24] = bytes("404142434445464748494a4b4c4d4e4f5051525354555657");
        let aad: [u8; 12] = bytes("50515253c0c1c2c3c4c5c6c7");
        let msg = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let sealed = XChaCha20Poly1305::new(&key.into())
            .encrypt(&nonce.into(), Payload { msg, aad: &aad })
            .unwrap();
        assert_eq!(
            hex::encode(sealed),
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"
        );
    }

    fn hpke_round_trip_and_refusals() {
        let pair = crate::hpke::KeyPair::derive(&[1; 32]).unwrap();
        let other = crate::hpke::KeyPair::derive(&[2; 32]).unwrap();
        let sealed = crate::hpke::seal(pair.public(), b"info", b"aad", b"secret").unwrap();
        assert_eq!(sealed.enc.len(), crate::hpke::ENC_LEN);
        assert_eq!(pair.public().len(), crate::hpke::PUBLIC_KEY_LEN);
        assert_eq!(pair.open(b"info", b"aad", &sealed).unwrap().as_slice(), b"secret");
        assert!(other.open(b"info", b"aad", &sealed).is_err());
        assert!(pair.open(b"inf0", b"aad", &sealed).is_err());
        assert!(pair.open(b"info", b"aae", &sealed).is_err());
        for i in [0, 1087, 1088, 1119] {
            let mut bad = sealed.clone();
            bad.enc[i] ^= 1;
            assert!(pair.open(b"info", b"aad", &bad).is_err());
        }
        for i in 0..sealed.ciphertext.len() {
            let mut bad = sealed.clone();
            bad.ciphertext[i] ^= 1;
            assert!(pair.open(b"info", b"aad", &bad).is_err());
            bad.ciphertext.truncate(i);
            assert!(pair.open(b"info", b"aad", &bad).is_err());
        }
        assert!(crate::hpke::seal(&pair.public()[1..], b"", b"", b"").is_err());
    }
}
