//! Links: nobody without the next epoch's secret makes one that opens; entry headers are their own encoding; nobody states
//! anything without a leaf.
#![no_main]

use e2ee::{
    content::{Context, EpochSecret, TimedSecret},
    links::{open_link, seal_link},
    statement::{ReplacementLink, Statement},
    transcript::{EntryHeader, EntryKind},
};
use libfuzzer_sys::fuzz_target;
use protocol::{ConversationId, Hash32, InstanceId, MemberId};

fuzz_target!(|data: &[u8]| {
    let (next, e_n) = (EpochSecret::new([1; 32]), EpochSecret::new([2; 32]));
    let chat = ConversationId([3; 16]);
    assert!(open_link(&next, 4, chat, 0, data, e_n.commitment()).is_err());
    let _ = EpochSecret::from_segment_head(data);
    if let Ok((secret, until)) = TimedSecret::from_record(data) {
        let again = TimedSecret::from_record(&secret.to_record(until));
        assert!(again.is_ok_and(|read| read == (secret, until)));
    }
    let at = Context {
        instance: InstanceId([1; 16]),
        conversation: chat,
        restart: 0,
        epoch: 4,
        sender: MemberId([2; 16]),
    };
    assert!(Statement::open(data, &at, EntryKind::Leave, &|_| None).is_err());
    if let Ok(replacement) = ReplacementLink::decode(data) {
        assert_eq!(replacement.encode(), data);
    }
    if let Ok(header) = EntryHeader::decode(data) {
        assert_eq!(header.encode(), data);
    }
    // Any 32 bytes of the input as the earlier secret: sealed and opened again, and only as what it is.
    if let Some(secret) = data.first_chunk::<32>() {
        let secret = EpochSecret::new(*secret);
        let link = seal_link(&next, 4, chat, 0, &secret);
        let opened = open_link(&next, 4, chat, 0, &link, secret.commitment());
        assert!(opened.is_ok_and(|s| s == secret));
        assert!(open_link(&next, 4, chat, 0, &link, Hash32([0; 32])).is_err());
    }
});
