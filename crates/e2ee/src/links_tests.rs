//! Links: made once and for ever; forged, moved and cut.

use serde_json::json;

use super::*;
use crate::testing::check_vectors;

const CHAT: ConversationId = ConversationId([3; 16]);

fn secrets() -> (EpochSecret, EpochSecret) {
    (EpochSecret::new([1; 32]), EpochSecret::new([2; 32]))
}

test_everywhere! {
    fn a_link_leads_back() {
        let (next, e_n) = secrets();
        let link = seal_link(&next, 5, CHAT, 0, &e_n);
        assert_eq!(link.len(), LINK_LEN);
        assert_eq!(open_link(&next, 5, CHAT, 0, &link, e_n.commitment()).unwrap(), e_n);
    }

    fn the_bytes_are_those_of_the_vectors() {
        let (next, e_n) = secrets();
        let links = [(0u64, 0u32), (1, 0), (u64::MAX, 7)].map(|(n, restart)| json!({
            "n": n.to_string(),
            "restart": restart,
            "link": hex::encode(seal_link(&next, n, CHAT, restart, &e_n)),
        }));
        let made = json!({
            "e_next": hex::encode(next.as_bytes()),
            "e_n": hex::encode(e_n.as_bytes()),
            "c_n": e_n.commitment().to_string(),
            "conversation": CHAT.to_string(),
            "links": links,
        });
        check_vectors("links.json", include_str!("../vectors/links.json"), &made);
    }

    fn what_is_changed_or_moved_does_not_open() {
        let (next, e_n) = secrets();
        let c_n = e_n.commitment();
        let link = seal_link(&next, 5, CHAT, 0, &e_n);
        let cannot = Err(Error::CannotOpen("link"));
        assert_eq!(open_link(&next, 6, CHAT, 0, &link, c_n), cannot);
        assert_eq!(open_link(&next, 5, ConversationId([4; 16]), 0, &link, c_n), cannot);
        assert_eq!(open_link(&next, 5, CHAT, 1, &link, c_n), cannot);
        assert_eq!(open_link(&e_n, 5, CHAT, 0, &link, c_n), cannot);
        assert_eq!(open_link(&next, 5, CHAT, 0, &link, next.commitment()), Err(Error::WrongOwner("link")));
        for at in 0..link.len() {
            let mut changed = link.clone();
            changed[at] ^= 1;
            assert!(open_link(&next, 5, CHAT, 0, &changed, c_n).is_err(), "byte {at}");
            assert!(open_link(&next, 5, CHAT, 0, &link[..at], c_n).is_err());
        }
        assert!(open_link(&next, 5, CHAT, 0, &[&link[..], &[0]].concat(), c_n).is_err());
    }
}

#[cfg(not(target_arch = "wasm32"))]
proptest::proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
        let (next, e_n) = secrets();
        proptest::prop_assert!(open_link(&next, 1, CHAT, 0, &bytes, e_n.commitment()).is_err());
    }
}
