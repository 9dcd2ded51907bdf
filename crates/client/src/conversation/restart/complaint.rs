//! Complaints: said once by whoever can't follow a commit, and followed by all.

use ambient::Millis;
use e2ee::{content::Seen, statement::Complaint, transcript::EntryKind};
use protocol::{
    Bytes, ConversationId, ErrorCode, WireError, decode,
    details::EpochMoved,
    methods::conversations::{Declare, Entry, kind},
};

use super::Stuck;
use crate::{
    Engine, Failure, Store, Update,
    conversation::{forward::Opening, load::Step, rows::Content},
    pending::{HOLD_MS, Pending},
};

impl<S: Store> Engine<S> {
    /// Somebody can't follow the newest commits by one author.
    pub(in crate::conversation) fn follow_complaint(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Step, Failure> {
        let said = match self.complaint_in(id, entry) {
            Ok(said) => said,
            Err(Opening::Wait) => return Ok(Step::Wait),
            Err(Opening::Newer) => {
                self.follow(entry, Content::Newer);
                return Ok(Step::On);
            }
            Err(_) => {
                self.follow(entry, Content::Unverified);
                return Ok(Step::On);
            }
        };
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Step::Wait);
        };
        let rec = &mut conversation.rec;
        let here = entry.epoch == rec.log_epoch;
        let about = rec.run.about(&said, entry.sender).filter(|_| here);
        let Some(about) = about else {
            self.follow(entry, Content::Unverified);
            return Ok(Step::On);
        };
        rec.run.complains(entry.sender);
        self.follow(entry, Content::Complaint { about });
        self.tell(Update::Conversations);
        Ok(Step::On)
    }

    pub(in crate::conversation) fn complaint_in(
        &mut self,
        id: ConversationId,
        entry: &Entry,
    ) -> Result<Complaint, Opening> {
        if entry.body.is_none() {
            return Err(Opening::Refused);
        }
        let statement = self.statement_in(id, entry, EntryKind::Complaint)?;
        Complaint::decode(&statement.content).map_err(|_| Opening::Refused)
    }

    /// Says that the commit can't be followed, nor any after it; once.
    pub(super) fn complain(&mut self, id: ConversationId, stuck: &Stuck) {
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        let rec = &conversation.rec;
        let held = conversation.founding.is_held(self.now);
        let commit = rec.run.hash_of(stuck.epoch);
        let (Some(state), Some(own), Some(commit)) = (&conversation.mls, &self.own, commit) else {
            return;
        };
        if held || self.is_asking(&Pending::Complaint(id)) {
            return;
        }
        let said = Complaint {
            epoch: stuck.epoch,
            commit,
        };
        let seen = Seen {
            seq: rec.cursor,
            hash: rec.transcript,
        };
        let (kind, device) = (EntryKind::Complaint, own.device.id());
        let statement = state.declare_in(rec.log_epoch, kind, seen, device, said.encode());
        let params = Declare {
            conversation: id,
            epoch: rec.log_epoch,
            kind: kind::COMPLAINT,
            statement: statement.into(),
        };
        self.request(&params, Pending::Complaint(id));
    }

    pub(crate) fn complaint_answered(
        &mut self,
        id: ConversationId,
        result: Result<Bytes, WireError>,
    ) {
        let now = self.now;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.founding.hold(now + HOLD_MS); // its entry is waited for
        match result {
            Ok(_) => {}
            Err(error) if error.code == ErrorCode::EpochMoved => {
                let moved = error.data.and_then(|d| decode::<EpochMoved>(&d).ok());
                let rec = &mut conversation.rec;
                rec.head_seq = moved.map_or(rec.head_seq, |m| rec.head_seq.max(m.head_seq));
            }
            Err(error) if error.retryable => {
                let wait = error.retry_after_ms.map_or(HOLD_MS, Millis::from);
                conversation.founding.hold(now + wait.max(HOLD_MS));
            }
            Err(_) => {
                // one's own leaf is another by that commit, say
                if let Some(stuck) = &mut conversation.rec.stuck {
                    stuck.refused = true;
                }
                self.save_record(id);
            }
        }
    }
}
