//! Saying what a group is called and how it looks, and hearing it.

use ambient::Millis;
use e2ee::{
    content::{Body, ContentError, picture_size},
    policy::{Kind, Role},
    transcript::body_hash,
};
use protocol::{
    Bytes, ConversationId, Hash32, MemberId, methods::conversations::Entry, names::prepare_title,
};
use rand::Rng;

use super::{
    super::{PICTURE, key, rows::Content},
    About, Given, Said,
};
use crate::{Doing, Engine, Failure, Space, Store, Update};

/// What was said is written to the vault so long after.
const KEEP_MS: Millis = 2_000;
/// Who added nobody waits at least so long before saying it to those who came.
const OTHERS_MS: Millis = 30_000;

impl<S: Store> Engine<S> {
    /// Calls a group something.
    pub(crate) fn set_title(&mut self, id: ConversationId, title: &str) -> Result<(), Failure> {
        self.check_admin(id)?;
        let title = prepare_title(title).map_err(|e| Failure::Name(e.to_string()))?;
        if self.title_of(id).as_deref() != Some(title.as_str()) {
            self.say_given(id, Given::Title(title), None);
        }
        Ok(())
    }

    /// Gives a group a picture; an empty one takes it away.
    pub(crate) fn set_picture(&mut self, id: ConversationId, jpeg: Bytes) -> Result<(), Failure> {
        self.check_admin(id)?;
        if !jpeg.is_empty() {
            picture_size(&jpeg).map_err(|error| match error {
                ContentError::TooLong => Failure::PictureTooLarge,
                _ => Failure::NotAPicture,
            })?;
        }
        let given = Given::Picture(jpeg);
        if Said::Picture(self.picture_of(id)) != given.said() {
            self.say_given(id, given, None);
        }
        Ok(())
    }

    /// What it is called here: as somebody has just named it on this device, or as the log says.
    pub(crate) fn title_of(&self, id: ConversationId) -> Option<String> {
        if let Some(Given::Title(title)) = self.just_given(id, About::Title) {
            return Some(title);
        }
        let known = self.conversations.get(&id)?.rec.title.clone();
        known.map(|(_, title)| title)
    }

    /// The name of its picture, likewise.
    pub(crate) fn picture_of(&self, id: ConversationId) -> Option<Hash32> {
        if let Some(given) = self.just_given(id, About::Picture) {
            return match given.said() {
                Said::Picture(picture) => picture,
                Said::Title(_) => None,
            };
        }
        self.conversations.get(&id)?.rec.picture?.1
    }

    /// What somebody has said on this device, and may: it waits to be sent.
    fn just_given(&self, id: ConversationId, about: About) -> Option<Given> {
        let last = self.outbox.given(id).filter(|g| g.about() == about).last();
        last.filter(|_| self.check_admin(id).is_ok())
    }

    /// The picture of a group, a JPEG; none where it has none.
    ///
    /// # Errors
    /// [`Failure::NoConversation`], [`Failure::Store`].
    pub fn picture(&self, id: ConversationId) -> Result<Option<Bytes>, Failure> {
        if !self.conversations.contains_key(&id) {
            return Err(Failure::NoConversation);
        }
        match self.just_given(id, About::Picture) {
            Some(Given::Picture(picture)) => Ok(Some(picture).filter(|p| !p.is_empty())),
            _ => self.kept_picture(id),
        }
    }

    /// The picture that the log tells of.
    fn kept_picture(&self, id: ConversationId) -> Result<Option<Bytes>, Failure> {
        let known = self.conversations.get(&id).and_then(|c| c.rec.picture);
        let Some((_, Some(name))) = known else {
            return Ok(None);
        };
        let bytes = self.value(Space::Conversations, &key(id, PICTURE))?;
        Ok(bytes.filter(|b| body_hash(b) == name).map(Bytes::from))
    }

    fn keep_picture(&mut self, id: ConversationId, picture: &[u8]) {
        let key = key(id, PICTURE);
        if picture.is_empty() {
            self.batch.delete(Space::Conversations, key);
        } else {
            self.batch.put(Space::Conversations, key, picture.to_vec());
        }
    }

    /// What a message says of the group, if it may: none for any other message, `Err` for one that must not.
    pub(crate) fn given_in(
        &self,
        id: ConversationId,
        entry: &Entry,
        body: &Body,
    ) -> Result<Option<Given>, ()> {
        let Some(given) = Given::by(body) else {
            return Ok(None);
        };
        let stands = |seq| seq < entry.seq && self.stands_there(id, seq, &given);
        let clean = given.is_clean() && body.given_at.is_none_or(stands);
        let state = self.conversations.get(&id).and_then(|c| c.mls.as_ref());
        // where the tree of that time is not at hand, those who had it have judged
        let allowed = state.is_none_or(|state| {
            let policy = state.policy();
            let admin = policy.role_of(entry.sender) >= Role::GroupAdmin;
            let then = (state.restart(), state.epoch()) == (entry.restart, entry.epoch);
            policy.kind == Kind::Group && (admin || !then)
        });
        (clean && allowed).then_some(Some(given)).ok_or(())
    }

    /// Whether this was given at that place, as far as this device can tell.
    fn stands_there(&self, id: ConversationId, seq: u64, wanted: &Given) -> bool {
        let held = self.conversations.get(&id).is_some_and(|c| {
            let rec = &c.rec;
            rec.anchored && (rec.low..=rec.cursor).contains(&seq)
        });
        let row = self.row(id, seq).ok().flatten().filter(|_| held);
        row.is_none_or(|row| match row.content {
            // of before this member's identity: others have judged
            Content::Unreadable | Content::Gone => true,
            content => content.said() == Some(wanted.said()),
        })
    }

    /// The row of what was said. It tells people nothing where it is said again and known; nor where the tree of its time is not
    /// here to say that its author was an admin, and they are none now.
    pub(crate) fn given_row(
        &self,
        id: ConversationId,
        entry: &Entry,
        body: &Body,
        given: &Given,
    ) -> Content {
        let said = given.said();
        let conversation = self.conversations.get(&id);
        let known = conversation.and_then(|c| c.rec.given(said.about()));
        let backwards = conversation.is_some_and(|c| entry.seq < c.rec.low);
        let known = backwards || known.is_some_and(|(_, known)| known == said);
        let hidden = (body.given_at.is_some() && known) || !self.is_sure(id, entry);
        let (id, given_at) = (body.id, body.given_at);
        match said {
            Said::Title(title) => Content::Title {
                id,
                title,
                given_at,
                hidden,
            },
            Said::Picture(picture) => Content::Picture {
                id,
                picture,
                given_at,
                hidden,
            },
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

    /// The log says what the group is called, or how it looks. What was given last counts, whenever it is said again.
    pub(crate) fn given_said(&mut self, entry: &Entry, given: &Given, given_at: Option<u64>) {
        let id = entry.conversation;
        let seq = given_at.unwrap_or(entry.seq);
        if !self.is_sure(id, entry) {
            return;
        }
        let (about, said) = (given.about(), given.said());
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let known = rec.given(about);
        if known == Some((seq, said)) {
            *rec.due(about) = None; // newcomers have heard it
        }
        if known.is_some_and(|(known, _)| known >= seq) {
            return;
        }
        *rec.due(about) = None;
        self.take_given(id, seq, given);
        if let Some((name, plain)) = given.record(id, seq) {
            self.want_loose(name, plain, KEEP_MS);
        }
    }

    /// Another device of this member has kept it.
    pub(crate) fn given_elsewhere(&mut self, id: ConversationId, seq: u64, given: &Given) {
        let conversation = self.conversations.get(&id);
        let known = conversation.and_then(|c| c.rec.given(given.about()));
        let newer = known.is_none_or(|(known, _)| known < seq);
        if given.is_clean() && newer {
            self.take_given(id, seq, given);
        }
    }

    fn take_given(&mut self, id: ConversationId, seq: u64, given: &Given) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.rec.give(seq, given.said());
        if let Given::Picture(picture) = given {
            self.keep_picture(id, picture);
        }
        self.save_record(id);
        self.tell(Update::Conversations);
    }

    /// Members came: they are told what the group is called and how it looks, by who added them, or by another admin if that
    /// does not happen.
    pub(crate) fn given_for_newcomers(&mut self, id: ConversationId, author: MemberId) {
        let own = author == self.my_id();
        let wait = if own {
            0
        } else {
            OTHERS_MS + self.rng.gen_range(0..OTHERS_MS)
        };
        let at = self.now + wait;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &mut conversation.rec;
        let known = About::ALL
            .into_iter()
            .filter(|about| rec.given(*about).is_some());
        let known: Vec<About> = known.collect();
        if known.is_empty() {
            return;
        }
        for about in known {
            *rec.due(about) = Some(at);
        }
        self.groups_at_work.insert(id);
        self.save_record(id);
    }

    /// Says what is due. Whether something is still to be said later.
    pub(crate) fn work_given(&mut self, id: ConversationId) -> bool {
        let now = self.now;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return false;
        };
        let rec = &mut conversation.rec;
        if rec.creating || !rec.anchored {
            return rec.title_wanted.is_some();
        }
        let first = rec.title_wanted.take();
        let is_due = |about: &About| rec.due(*about).take_if(|at| *at <= now).is_some();
        let due: Vec<About> = About::ALL.into_iter().filter(is_due).collect();
        let later = rec.given_due().is_some();
        if first.is_some() || !due.is_empty() {
            self.save_record(id);
        }
        if self.check_admin(id).is_err() {
            return later;
        }
        let again = due
            .into_iter()
            .filter(|about| *about != About::Title || first.is_none());
        for about in again {
            if let Err(failure) = self.say_again(id, about) {
                self.fail(Doing::Background, failure);
            }
        }
        if let Some(title) = first {
            self.say_given(id, Given::Title(title), None);
        }
        later
    }

    fn say_again(&mut self, id: ConversationId, about: About) -> Result<(), Failure> {
        let known = self.conversations.get(&id).and_then(|c| c.rec.given(about));
        let Some((seq, said)) = known else {
            return Ok(());
        };
        let given = match said {
            Said::Title(title) => Given::Title(title),
            Said::Picture(None) => Given::Picture(Bytes::new()),
            Said::Picture(Some(_)) => match self.kept_picture(id)? {
                Some(picture) => Given::Picture(picture),
                None => return Ok(()),
            },
        };
        self.say_given(id, given, Some(seq));
        Ok(())
    }
}
