//! Looks at frames from the server without opening or copying what is in them.

use protocol::{MemberId, MessageId, WireError};
use serde::Deserialize;
use serde_bytes::Bytes;

/// What a light connection reads of a frame.
#[derive(Deserialize)]
pub(crate) struct Peek<'a> {
    #[serde(default)]
    pub(crate) id: Option<u64>,
    #[serde(default, borrow)]
    pub(crate) ok: Option<&'a Bytes>,
    #[serde(default)]
    pub(crate) err: Option<WireError>,
    #[serde(default)]
    pub(crate) event: Option<&'a str>,
    #[serde(default, borrow)]
    pub(crate) data: Option<&'a Bytes>,
}

/// What a light connection reads of an entry.
#[derive(Deserialize, Clone, Copy)]
pub(crate) struct Heard {
    pub(crate) seq: u64,
    pub(crate) sender: MemberId,
    #[serde(default)]
    pub(crate) message: Option<MessageId>,
}

#[derive(Deserialize)]
struct NewEntry {
    entry: Heard,
}

/// The frame's outside; none when it is no frame. The server is trusted not to send hostile lengths: it is the one that
/// is measured.
pub(crate) fn peek(frame: &[u8]) -> Option<Peek<'_>> {
    rmp_serde::from_slice(frame).ok()
}

impl Peek<'_> {
    /// The entry of an entry event.
    pub(crate) fn entry(&self) -> Option<Heard> {
        if self.event != Some("entry") {
            return None;
        }
        let new: NewEntry = rmp_serde::from_slice(self.data?).ok()?;
        Some(new.entry)
    }
}

#[cfg(test)]
mod tests {
    use protocol::{
        ConversationId, Hash32, MemberId, ServerFrame, encode,
        events::{NewEntry, Resync},
        methods::conversations::{Accepted, Entry, kind},
    };

    use super::*;

    #[test]
    fn entries_replies_and_events_are_told_apart() {
        let entry = Entry {
            conversation: ConversationId::default(),
            restart: 0,
            seq: 70_000,
            kind: kind::MESSAGE,
            sender: MemberId::default(),
            epoch: 1,
            time: 5,
            expiry: 0,
            quiet: false,
            timed: false,
            message: Some(MessageId([9; 16])),
            body_hash: Hash32::default(),
            body: Some(vec![1; 600].into()),
            link: None,
        };
        let frame = encode(&ServerFrame::event(&NewEntry { entry }));
        let heard = peek(&frame).unwrap().entry().unwrap();
        assert_eq!(
            (heard.seq, heard.message),
            (70_000, Some(MessageId([9; 16])))
        );

        let frame = encode(&ServerFrame::event(&Resync {}));
        let peeked = peek(&frame).unwrap();
        assert_eq!((peeked.event, peeked.id), (Some("resync"), None));
        assert!(peeked.entry().is_none());

        let accepted = Accepted { seq: 3, time: 4 };
        let frame = encode(&ServerFrame::ok(17, &accepted));
        let peeked = peek(&frame).unwrap();
        assert_eq!(peeked.id, Some(17));
        assert_eq!(
            protocol::decode::<Accepted>(peeked.ok.unwrap()),
            Ok(accepted)
        );
        assert!(peek(b"\x93\x01\x02\x03").is_none());
    }
}
