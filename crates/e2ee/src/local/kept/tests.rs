//! Kept store keys.

use serde_json::json;

use super::*;
use crate::{
    passphrase::prepare,
    testing::{check_vectors, rng},
};

fn locked() -> LockedKey {
    let mut rng = rng(1);
    let key = StoreKey::generate(&mut rng);
    let unlock = prepare("open, sesame").unwrap();
    LockedKey::lock(&mut rng, &key, &unlock, Stretching::MINIMUM).unwrap()
}

fn opened(kept: &KeptKey, unlock: &str) -> Result<StoreKey> {
    match kept {
        KeptKey::Open(key) => Ok(key.clone()),
        KeptKey::Locked(locked) => locked.open(&prepare(unlock).unwrap()),
    }
}

test_everywhere! {
    fn vectors() {
        let key = StoreKey::generate(&mut rng(1));
        let made = json!({
            "key": hex::encode(key.as_bytes()),
            "open": hex::encode(KeptKey::Open(key).encode()),
            "unlock": "open, sesame",
            "locked": hex::encode(KeptKey::Locked(locked()).encode()),
        });
        check_vectors("kept.json", include_str!("../../../vectors/kept.json"), &made);
    }

    fn keys_come_back_as_they_were_kept() {
        let key = StoreKey::generate(&mut rng(1));
        for kept in [KeptKey::Open(key.clone()), KeptKey::Locked(locked())] {
            let read = KeptKey::decode(&kept.encode()).unwrap();
            assert_eq!(opened(&read, "open, sesame").unwrap().as_bytes(), key.as_bytes());
        }
    }

    fn another_word_does_not_unlock() {
        let locked = locked();
        for wrong in ["open sesame", "Open, sesame", "o"] {
            let refused = locked.open(&prepare(wrong).unwrap());
            assert_eq!(refused.err(), Some(Error::CannotOpen(WHAT)), "{wrong}");
        }
    }

    fn changed_bytes_are_refused() {
        let kept = KeptKey::Locked(locked()).encode();
        for i in 0..kept.len() {
            assert!(KeptKey::decode(&kept[..i]).is_err());
            let mut bad = kept.to_vec();
            bad[i] ^= 1;
            // a cost that would take minutes is refused before it is computed
            let read = KeptKey::decode(&bad).and_then(|read| opened(&read, "open, sesame"));
            assert!(read.is_err(), "byte {i}");
        }
        let mut longer = kept.to_vec();
        longer.push(0);
        assert!(KeptKey::decode(&longer).is_err());
    }

    fn nothing_of_it_is_printed() {
        let key = StoreKey::generate(&mut rng(1));
        let printed = format!("{key:?} {:?}", KeptKey::Open(key.clone()));
        assert!(!printed.contains(&format!("{}", key.as_bytes()[0])) && printed.contains(".."));
    }
}
