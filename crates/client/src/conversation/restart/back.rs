//! Over a restart without the old group's state: reading back, and which group's state is to be had at all.

use e2ee::{
    links::open_link,
    statement::{Reason, Restart},
    vault::RecordKind,
};
use protocol::{ConversationId, Hash32, methods::conversations::Entry};

use super::follow::refuse;
use crate::{
    Engine, Failure, Store,
    conversation::{chain::Secret, forward::Opening, load::Step, rows::Content},
};

impl<S: Store> Engine<S> {
    /// This device has the new group's state already: the log goes over to it.
    pub(super) fn reach_restart(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        said: &Restart,
    ) -> Result<Step, Failure> {
        self.open_restart(id, entry, said)?;
        let complaint = said.reason == Reason::Complaint;
        let out = Vec::new();
        self.follow(entry, Content::Restarted { complaint, out });
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let rec = &mut conversation.rec;
            (rec.log_restart, rec.log_epoch) = (said.restart, 0);
            rec.departed.clear();
            rec.run = Default::default();
        }
        self.save_record(id);
        Ok(Step::On)
    }

    /// Opens the link over a restart with the new group's first secret, if that is here.
    fn open_restart(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        said: &Restart,
    ) -> Result<bool, Failure> {
        let place = (entry.restart, said.epoch);
        if let Some(e_n) = self.known_secret(id, place)? {
            return Ok(e_n.commits_to(&said.c_n));
        }
        let Some(e_first) = self.known_secret(id, (said.restart, 1))? else {
            return Ok(false);
        };
        let opened = open_link(
            &e_first,
            said.epoch,
            id,
            entry.restart,
            &said.link,
            said.c_n,
        );
        if let Ok(e_n) = &opened {
            self.keep_secret(id, place, e_n);
        }
        Ok(opened.is_ok())
    }

    /// Reads back over a restart, into the old group.
    pub(in crate::conversation) fn take_back_restart(
        &mut self,
        id: ConversationId,
        entry: &Entry,
        around: (Hash32, Hash32),
    ) -> Result<Step, Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let rec = &conversation.rec;
        let (low_restart, low_commit) = (rec.low_restart, rec.low_commit);
        if rec.low_epoch != 0 || Some(low_restart) != entry.restart.checked_add(1) {
            return refuse("founded anew out of its turn");
        }
        let content = match self.restart_in(id, entry) {
            Err(Opening::Wait) => return Ok(Step::Wait),
            Err(Opening::Newer) => Content::Newer,
            Err(_) => Content::Unverified,
            Ok(said) if low_commit.is_some_and(|hash| hash != said.commit) => Content::Unverified,
            Ok(said) => {
                let first = (said.restart, 1);
                // a state that is further on does not have it: the chain leads there, or the vault
                if matches!(self.find_secret(id, first)?, Secret::Wait) {
                    return Ok(Step::Wait);
                }
                let opened = self.open_restart(id, entry, &said)?;
                let last = (entry.restart, entry.epoch);
                if said.epoch != entry.epoch && self.want_segment_head(id, last) == Step::Wait {
                    return Ok(Step::Wait);
                }
                match opened {
                    true => Content::Restarted {
                        complaint: said.reason == Reason::Complaint,
                        out: Vec::new(),
                    },
                    false => Content::Unverified,
                }
            }
        };
        self.kept_back(id, entry, content, around, entry.epoch);
        Ok(Step::On)
    }

    /// Which group's state is to be had, where none is here: another device of this member may have gone over to a later one
    /// already; and where none has, an old state in the vault leads there by the log. True: that has changed.
    pub(in crate::conversation) fn settle_restart(&mut self, id: ConversationId) -> bool {
        let Some(conversation) = self.conversations.get(&id) else {
            return false;
        };
        let wanted = conversation.mls.is_none() || conversation.wants_state;
        let under_way = conversation.restoring.is_some() || conversation.welcome.is_some();
        if !wanted || under_way || conversation.rec.creating || !self.knows_vault() {
            return false;
        }
        let states = self.vault.manifest.entries().filter(|(name, version, _)| {
            let here = name.id.starts_with(id.as_bytes());
            name.kind == RecordKind::MlsState && here && *version > 0
        });
        let numbers = states
            .filter_map(|(name, ..)| Some(u32::from_be_bytes(name.id.get(16..)?.try_into().ok()?)));
        let Some(newest) = numbers.max() else {
            return false;
        };
        let rec = &conversation.rec;
        let by_log = newest < rec.restart && !rec.anchored && !conversation.skips_old;
        if newest <= rec.restart && !by_log {
            return false;
        }
        if newest > rec.restart {
            let (invited, to) = (conversation.invited, conversation.invited_to);
            self.begin_anew(id);
            if let Some(conversation) = self.conversations.get_mut(&id) {
                (conversation.invited, conversation.invited_to) = (invited, to);
            }
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.rec.restart = newest;
            conversation.rec.anew = None;
        }
        self.save_record(id);
        true
    }

    /// The own state of the old group is lost, and the conversation was founded anew: in by the Welcome that waits.
    pub(in crate::conversation) fn join_anew(&mut self, id: ConversationId) -> Step {
        let Some(to) = self.conversations.get(&id).map(|c| c.invited_to) else {
            return Step::Wait;
        };
        self.begin_anew(id);
        if let Some(conversation) = self.conversations.get_mut(&id) {
            (conversation.rec.restart, conversation.rec.anew) = (to, None);
            (conversation.invited, conversation.invited_to) = (true, to);
            conversation.skips_old = true;
        }
        self.save_record(id);
        Step::On
    }
}
