//! What a group is called. A title is a sealed message of a group admin, said again for those who come later; each member keeps it in
//! the vault for devices that were not there.

use ambient::Millis;
use e2ee::{
    content::{Body, BodyKind},
    policy::{Kind, Role},
    vault::{RecordKind, RecordName, Title},
};
use protocol::{
    Bytes, ConversationId, MemberId, methods::conversations::Entry, names::prepare_title,
};
use rand::Rng;

use super::rows::Content;
use crate::{Engine, Failure, Store, Update};

/// A title is written to the vault this long after it was said.
const KEEP_MS: Millis = 2_000;
/// Who added nobody waits at least so long before saying the title to those who came.
const OTHERS_MS: Millis = 30_000;

pub(crate) fn title_name(id: ConversationId) -> RecordName {
    RecordName::new(RecordKind::Title, id.as_bytes())
}

impl<S: Store> Engine<S> {
    /// Calls a group something.
    pub(crate) fn set_title(&mut self, id: ConversationId, title: &str) -> Result<(), Failure> {
        self.check_admin(id)?;
        let title = prepare_title(title).map_err(|e| Failure::Name(e.to_string()))?;
        if self.title_of(id).as_deref() != Some(title.as_str()) {
            self.say_title(id, title, None);
        }
        Ok(())
    }

    /// What it is called here: as somebody has just named it on this device, or as the log says.
    pub(crate) fn title_of(&self, id: ConversationId) -> Option<String> {
        let admin = self.check_admin(id).is_ok();
        let said = self.outbox.titles(id).last().filter(|_| admin).cloned();
        let known = || self.conversations.get(&id)?.rec.title.clone();
        said.or_else(|| known().map(|(_, title)| title))
    }

    /// The title that a message gives, if it may: none for any other message, `Err` for one that must not.
    pub(crate) fn title_in(
        &self,
        id: ConversationId,
        entry: &Entry,
        body: &Body,
    ) -> Result<Option<String>, ()> {
        if body.kind != BodyKind::Title {
            return Ok(None);
        }
        let text = body.text.clone().unwrap_or_default();
        let clean = prepare_title(&text).is_ok_and(|title| title == text);
        let stands = |seq| seq < entry.seq && self.stands_there(id, seq, &text);
        let clean = clean && body.given_at.is_none_or(stands);
        let state = self.conversations.get(&id).and_then(|c| c.mls.as_ref());
        // where the tree of that time is not at hand, those who had it have judged
        let allowed = state.is_none_or(|state| {
            let policy = state.policy();
            let admin = policy.role_of(entry.sender) >= Role::GroupAdmin;
            let then = (state.restart(), state.epoch()) == (entry.restart, entry.epoch);
            policy.kind == Kind::Group && (admin || !then)
        });
        (clean && allowed).then_some(Some(text)).ok_or(())
    }

    /// Whether this title was given at that place, as far as this device can tell.
    fn stands_there(&self, id: ConversationId, seq: u64, wanted: &str) -> bool {
        let held = self.conversations.get(&id).is_some_and(|c| {
            let rec = &c.rec;
            rec.anchored && (rec.low..=rec.cursor).contains(&seq)
        });
        let row = self.row(id, seq).ok().flatten().filter(|_| held);
        row.is_none_or(|row| match row.content {
            Content::Title { title, .. } => title == wanted,
            // of before this member's identity: others have judged
            content => matches!(content, Content::Unreadable | Content::Gone),
        })
    }

    /// The row of a title. It tells people nothing where it is said again and known; nor where the tree of its time is not
    /// here to say that its author was an admin, and they are none now.
    pub(crate) fn title_row(
        &self,
        id: ConversationId,
        entry: &Entry,
        body: &Body,
        title: String,
    ) -> Content {
        let conversation = self.conversations.get(&id);
        let known = conversation.and_then(|c| c.rec.title.as_ref());
        let backwards = conversation.is_some_and(|c| entry.seq < c.rec.low);
        let known = backwards || known.is_some_and(|(_, known)| *known == title);
        Content::Title {
            id: body.id,
            hidden: (body.given_at.is_some() && known) || !self.is_sure(id, entry),
            given_at: body.given_at,
            title,
        }
    }

    /// Whether an author was an admin when they wrote, or is one now where that is all that is known.
    fn is_sure(&self, id: ConversationId, entry: &Entry) -> bool {
        let state = self.conversations.get(&id).and_then(|c| c.mls.as_ref());
        state.is_some_and(|state| {
            let then = (state.restart(), state.epoch()) == (entry.restart, entry.epoch);
            then || state.policy().role_of(entry.sender) >= Role::GroupAdmin
        })
    }

    /// The log says what the group is called. What was given last counts, whenever it is said again.
    pub(crate) fn title_said(&mut self, entry: &Entry, title: &str, given_at: Option<u64>) {
        let id = entry.conversation;
        let seq = given_at.unwrap_or(entry.seq);
        if !self.is_sure(id, entry) {
            return;
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let said = (seq, title.to_owned());
        if rec.title.as_ref() == Some(&said) {
            rec.title_due = None; // newcomers have heard it
        }
        if rec.title.as_ref().is_some_and(|(known, _)| *known >= seq) {
            return;
        }
        rec.title_due = None;
        rec.title = Some(said);
        self.save_record(id);
        if let Ok(plain) = Title::new(title, seq).encode() {
            self.want_loose(title_name(id), Bytes::copy_from_slice(&plain), KEEP_MS);
        }
        self.tell(Update::Conversations);
    }

    /// Another device of this member has kept a title.
    pub(crate) fn title_elsewhere(&mut self, id: ConversationId, title: &Title) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let clean = prepare_title(&title.title).is_ok_and(|clean| clean == title.title);
        let newer = rec.title.as_ref().is_none_or(|(seq, _)| *seq < title.seq);
        if clean && newer {
            rec.title = Some((title.seq, title.title.clone()));
            self.save_record(id);
            self.tell(Update::Conversations);
        }
    }

    /// Members came: they are told what the group is called, by who added them, or by another admin if that does not happen.
    pub(crate) fn title_for_newcomers(&mut self, id: ConversationId, author: MemberId) {
        let own = author == self.my_id();
        let wait = if own {
            0
        } else {
            OTHERS_MS + self.rng.gen_range(0..OTHERS_MS)
        };
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        if conversation.rec.title.is_none() {
            return;
        }
        conversation.rec.title_due = Some(self.now + wait);
        self.groups_at_work.insert(id);
        self.save_record(id);
    }

    /// Says a title that is due. Whether one is still to be said later.
    pub(crate) fn work_title(&mut self, id: ConversationId) -> bool {
        let now = self.now;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return false;
        };
        let rec = &mut conversation.rec;
        if rec.creating || !rec.anchored {
            return rec.title_wanted.is_some();
        }
        let first = rec.title_wanted.take();
        let due = rec.title_due.filter(|at| *at <= now).is_some();
        if due {
            rec.title_due = None;
        }
        let later = rec.title_due.is_some();
        let known = rec.title.clone();
        if first.is_some() || due {
            self.save_record(id);
        }
        if self.check_admin(id).is_err() {
            return later;
        }
        if let Some(title) = first {
            self.say_title(id, title, None);
        } else if let (true, Some((seq, title))) = (due, known) {
            self.say_title(id, title, Some(seq));
        }
        later
    }
}
