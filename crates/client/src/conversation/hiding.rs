//! A conversation that nobody leaves (a direct one), or that is over, can be put out of sight: until something new is written there. Kept
//! in the vault (kind 129), so that all devices of the member show the same list.

use e2ee::vault::{Hidden, RecordKind, RecordName};
use protocol::{Bytes, ConversationId};

use super::Record;
use crate::{Engine, Failure, Store, Update};

pub(crate) fn hidden_name(id: ConversationId) -> RecordName {
    RecordName::new(RecordKind::Hidden, id.as_bytes())
}

impl<S: Store> Engine<S> {
    /// Puts a conversation out of sight, or back. A group that one is in can't be: it can be left.
    pub(crate) fn hide(&mut self, id: ConversationId, hidden: bool) -> Result<(), Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let rec = &conversation.rec;
        if hidden && !(rec.direct || rec.gone) {
            return Err(Failure::NotAllowed);
        }
        let record = match hidden {
            true => {
                let seq = rec.cursor.max(rec.last_seq);
                Bytes::copy_from_slice(&Hidden::new(seq).encode())
            }
            false => Bytes::new(),
        };
        self.want_loose(hidden_name(id), record, 0);
        self.tell(Update::Conversations);
        Ok(())
    }

    /// Whether it is out of sight: nothing was written since, nor waits to be sent.
    pub(crate) fn is_out_of_sight(&self, id: ConversationId, rec: &Record, waits: bool) -> bool {
        let kept = self.loose.get(&hidden_name(id));
        let hidden = kept.and_then(|kept| Hidden::decode(kept.effective()).ok());
        let up_to = hidden.is_some_and(|hidden| rec.last_seq <= hidden.seq);
        up_to && !waits && (rec.direct || rec.gone)
    }
}
