//! Appending to a log: the next seq, the transcript, the row.

use e2ee::transcript::{EntryHeader, Transcript, flags};
use protocol::{
    Bytes, DeviceId, Hash32, MemberId, MessageId,
    methods::conversations::{Accepted, Entry},
};
use storage::{UnitOfWork, conversations::Conversation};

use crate::Error;

/// An entry without its place.
pub(crate) struct Draft {
    pub(crate) kind: u8,
    pub(crate) sender: MemberId,
    /// The epoch it belongs to (a commit: the one it closes).
    pub(crate) epoch: u64,
    pub(crate) time: u64,
    pub(crate) expiry: u64,
    pub(crate) quiet: bool,
    pub(crate) timed: bool,
    pub(crate) message: Option<MessageId>,
    pub(crate) body: Bytes,
    pub(crate) body_hash: Hash32,
    pub(crate) link: Option<Bytes>,
}

/// Refuses the unit of a device that was signed out since its request came.
pub(crate) fn check_session(unit: &dyn UnitOfWork, device: DeviceId) -> Result<(), Error> {
    if unit.is_signed_out(device)? {
        Err(Error::SessionRefused)
    } else {
        Ok(())
    }
}

/// Appends an entry after the head of `at`; gives it with its place, and the transcript hash after it.
pub(crate) fn append(
    unit: &mut dyn UnitOfWork,
    at: &Conversation,
    draft: Draft,
    epoch_after: u64,
) -> Result<(Entry, Hash32), Error> {
    let entry = Entry {
        conversation: at.conversation,
        restart: at.restart,
        seq: at.head_seq + 1,
        kind: draft.kind,
        sender: draft.sender,
        epoch: draft.epoch,
        time: draft.time,
        expiry: draft.expiry,
        quiet: draft.quiet,
        timed: draft.timed,
        message: draft.message,
        body_hash: draft.body_hash,
        body: Some(draft.body),
        link: draft.link,
    };
    let transcript = Transcript::resume(at.transcript).next(&header(&entry));
    unit.append_entry(&entry, transcript, epoch_after)?;
    Ok((entry, transcript))
}

fn header(entry: &Entry) -> EntryHeader {
    EntryHeader {
        conversation: entry.conversation,
        restart: entry.restart,
        seq: entry.seq,
        kind: entry.kind.into(),
        sender: entry.sender,
        epoch: entry.epoch,
        server_time: entry.time,
        expiry: entry.expiry,
        flags: flags(entry.quiet, entry.timed),
        body: entry.body_hash,
    }
}

/// What its author is told.
pub(crate) fn accepted(entry: &Entry) -> Accepted {
    Accepted {
        seq: entry.seq,
        time: entry.time,
    }
}
