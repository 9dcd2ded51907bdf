//! Headers and the running hash.

use serde_json::json;

use super::*;
use crate::testing::check_vectors;

fn header(seq: u64, kind: EntryKind) -> EntryHeader {
    EntryHeader {
        conversation: ConversationId([1; 16]),
        restart: 2,
        seq,
        kind,
        sender: MemberId([3; 16]),
        epoch: 4,
        server_time: 1_795_000_000_000,
        expiry: 0,
        flags: QUIET,
        body: body_hash(b"body"),
    }
}

test_everywhere! {
    fn the_bytes_are_those_of_the_vectors() {
        let mut transcript = Transcript::start(InstanceId([9; 16]), ConversationId([1; 16]));
        let start = transcript.value().to_string();
        let entries: Vec<_> = (1..=9u8)
            .map(|n| {
                let header = header(n.into(), n.into());
                json!({
                    "header": hex::encode(header.encode()),
                    "entry": header.hash().to_string(),
                    "transcript": transcript.next(&header).to_string(),
                })
            })
            .collect();
        let made = json!({ "start": start, "body_hash_of_body": body_hash(b"body").to_string(), "entries": entries });
        check_vectors("transcript.json", include_str!("../vectors/transcript.json"), &made);
    }

    fn headers_come_back_and_unknown_kinds_are_kept() {
        for kind in 0..=255u8 {
            let header = header(1, kind.into());
            assert_eq!(u8::from(header.kind), kind);
            assert_eq!(EntryHeader::decode(&header.encode()).unwrap(), header);
        }
        let bytes = header(1, EntryKind::Message).encode();
        for len in 0..bytes.len() {
            assert!(EntryHeader::decode(&bytes[..len]).is_err());
        }
        assert!(EntryHeader::decode(&[&bytes[..], &[0]].concat()).is_err());
        assert!(EntryHeader::decode(&[&[2][..], &bytes[1..]].concat()).is_err());
    }

    fn every_bit_of_every_header_counts() {
        let bytes = header(1, EntryKind::Message).encode();
        let start = Transcript::start(InstanceId([9; 16]), ConversationId([1; 16]));
        let after = |bytes: &[u8]| start.clone().next(&EntryHeader::decode(bytes).unwrap());
        // The first byte is the version.
        for at in 1..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x80;
            assert_ne!(after(&changed), after(&bytes), "byte {at}");
        }
    }

    fn order_and_gaps_show() {
        let (a, b) = (header(1, EntryKind::Message), header(2, EntryKind::Commit));
        let run = |entries: &[&EntryHeader]| {
            let mut t = Transcript::start(InstanceId([9; 16]), ConversationId([1; 16]));
            entries.iter().for_each(|e| { t.next(e); });
            t.value()
        };
        let values = [run(&[]), run(&[&a]), run(&[&b]), run(&[&a, &b]), run(&[&b, &a])];
        for (i, x) in values.iter().enumerate() {
            assert!(values[i + 1..].iter().all(|y| x != y));
        }
        let mut resumed = Transcript::resume(run(&[&a]));
        assert_eq!(resumed.next(&b), run(&[&a, &b]));
    }
}

#[cfg(not(target_arch = "wasm32"))]
proptest::proptest! {
    #[test]
    fn any_bytes_can_be_offered(bytes: Vec<u8>) {
        if let Ok(header) = EntryHeader::decode(&bytes) {
            proptest::prop_assert_eq!(header.encode(), bytes);
        }
    }
}
