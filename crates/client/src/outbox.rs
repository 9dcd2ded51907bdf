//! The outbox: what was typed is kept at once, sent in order, and goes when the log has it.

use std::collections::BTreeMap;

use ambient::Millis;
use e2ee::content::{Body, BodyKind, Seen};
use protocol::{
    Bytes, ConversationId, ErrorCode, MessageId, WireError, decode,
    details::EpochMoved,
    encode,
    limits::TEXT_BYTES_MAX,
    methods::conversations::{Accepted, SendMessage},
};
use rand::RngCore;
use serde::{Deserialize, Serialize};

use crate::{
    Doing, Engine, Failure, Space, Store, Update,
    conversation::given::{About, Given},
    pending::Pending,
    view::SendState,
};

/// After a refusal that may pass, wait this long unless the server says otherwise.
const RETRY_MS: Millis = 2_000;
/// Others were first: what they did is on its way.
const MOVED_MS: Millis = 50;
/// The server wants something else to happen first, of which the log has nothing new to tell.
const STILL_MS: Millis = 2_000;
/// After any other refusal.
const REFUSED_MS: Millis = 60_000;

/// A message that waits.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) conversation: ConversationId,
    pub(crate) message: MessageId,
    /// Author's time.
    pub(crate) time: u64,
    pub(crate) text: String,
    /// The text is the conversation's title.
    #[serde(default)]
    pub(crate) title: bool,
    /// It is the conversation's picture: a JPEG, or empty where it is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) picture: Option<Bytes>,
    /// Of a title or picture that stands already: the seq at which it was given.
    #[serde(default)]
    pub(crate) given_at: Option<u64>,
    /// When it was written, by the server's clock (0 = not known).
    #[serde(default)]
    pub(crate) written: u64,
    /// The server has it at this seq; it goes from here when the log has brought it.
    pub(crate) seq: Option<u64>,
}

impl Waiting {
    fn kind(&self) -> BodyKind {
        match self.given() {
            None => BodyKind::Text,
            Some(given) => match given.about() {
                About::Title => BodyKind::Title,
                About::Picture => BodyKind::Picture,
            },
        }
    }

    /// What it says of the conversation as a whole; none: it is a message of a person.
    fn given(&self) -> Option<Given> {
        let title = || self.title.then(|| Given::Title(self.text.clone()));
        let picture = self.picture.clone().map(Given::Picture);
        picture.or_else(title)
    }

    fn is_of_group(&self) -> bool {
        self.title || self.picture.is_some()
    }

    pub(crate) fn state(&self) -> SendState {
        match self.seq {
            Some(_) => SendState::Sent,
            None => SendState::Waiting,
        }
    }
}

#[derive(Default)]
pub(crate) struct Outbox {
    /// By local number, in the order of typing.
    pub(crate) waiting: BTreeMap<u64, Waiting>,
    in_flight: Vec<(ConversationId, MessageId)>,
    retry_at: BTreeMap<ConversationId, Millis>,
}

impl Outbox {
    pub(crate) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        for (key, value) in store.range(Space::Outbox, &[], &[0xff; 9], usize::MAX, false)? {
            let Ok(number) = key.try_into().map(u64::from_be_bytes) else {
                continue;
            };
            self.waiting.insert(number, decode(&value)?);
        }
        Ok(())
    }

    pub(crate) fn deadline(&self) -> Option<Millis> {
        self.retry_at.values().min().copied()
    }

    /// Forgets holds that are over.
    pub(crate) fn release(&mut self, now: Millis) {
        self.retry_at.retain(|_, at| *at > now);
    }

    /// What a conversation is to be called, and how it is to look, in the order in which it was said here.
    pub(crate) fn given(&self, id: ConversationId) -> impl Iterator<Item = Given> {
        let waiting = self.waiting.values();
        let new = move |w: &&Waiting| w.conversation == id && w.given_at.is_none();
        waiting.filter(new).filter_map(Waiting::given)
    }

    /// What was said of it here and need not be sent (again) any more, as something else is said in its place. (What the server
    /// has all the same, the log brings.)
    fn outdated(&self, id: ConversationId, about: About) -> Vec<MessageId> {
        let unsent = self.waiting.values().filter(|w| w.seq.is_none());
        let new = unsent.filter(|w| w.conversation == id && w.given_at.is_none());
        let same = |w: &&Waiting| w.given().is_some_and(|given| given.about() == about);
        new.filter(same).map(|w| w.message).collect()
    }

    /// Conversations in which something waits.
    pub(crate) fn conversations(&self) -> impl Iterator<Item = ConversationId> {
        self.waiting.values().map(|w| w.conversation)
    }

    /// Messages of people.
    pub(crate) fn messages(&self) -> impl DoubleEndedIterator<Item = &Waiting> {
        self.waiting.values().filter(|w| !w.is_of_group())
    }

    fn next_number(&self) -> u64 {
        self.waiting.last_key_value().map_or(1, |(n, _)| n + 1)
    }

    fn number_of(&self, message: MessageId) -> Option<u64> {
        self.waiting
            .iter()
            .find(|(_, w)| w.message == message)
            .map(|(n, _)| *n)
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn send_text(&mut self, id: ConversationId, text: String) -> Result<(), Failure> {
        if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX {
            return Err(Failure::Text);
        }
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        if !conversation.rec.anchored {
            return Err(Failure::NoConversation); // who is in it is not known yet
        }
        if conversation.rec.gone {
            return Err(Failure::NoConversation);
        }
        let rec = &conversation.rec;
        if rec.is_closed() {
            return Err(Failure::AccountClosed);
        }
        if let Some(failure) = conversation.stopped_by(&self.people) {
            return Err(failure);
        }
        if !rec.direct && !rec.rules.let_write(self.my_id()) {
            return Err(Failure::NotAllowed);
        }
        self.put_into_outbox(id, text, |_| {});
        self.clear_draft(id);
        self.tell(Update::Timeline(id));
        Ok(())
    }

    /// Says what a conversation is called, or how it looks; `given_at`: it does so already, since this seq.
    pub(crate) fn say_given(&mut self, id: ConversationId, given: Given, given_at: Option<u64>) {
        if given_at.is_none() {
            for message in self.outbox.outdated(id, given.about()) {
                self.outbox_arrived(id, message);
            }
        }
        let (text, picture) = match given {
            Given::Title(title) => (title, None),
            Given::Picture(picture) => (String::new(), Some(picture)),
        };
        self.put_into_outbox(id, text, |waiting| {
            (waiting.title, waiting.given_at) = (picture.is_none(), given_at);
            waiting.picture = picture;
        });
    }

    fn put_into_outbox(
        &mut self,
        id: ConversationId,
        text: String,
        kind: impl FnOnce(&mut Waiting),
    ) {
        let mut message = MessageId::default();
        self.rng.fill_bytes(&mut message.0);
        let number = self.outbox.next_number();
        let mut waiting = Waiting {
            conversation: id,
            message,
            time: self.now,
            text,
            title: false,
            picture: None,
            given_at: None,
            written: self.server_now(),
            seq: None,
        };
        kind(&mut waiting);
        self.save_waiting(number, &waiting);
        self.outbox.waiting.insert(number, waiting);
        self.tell(Update::Conversations);
    }

    fn save_waiting(&mut self, number: u64, waiting: &Waiting) {
        let key = number.to_be_bytes().to_vec();
        self.batch.put(Space::Outbox, key, encode(waiting).to_vec());
        self.batch.durable = true;
    }

    /// Sends the first waiting message of each conversation that can take one: one at a time keeps their order.
    pub(crate) fn work_outbox(&mut self) {
        if self.connection.read_only().is_some() {
            return;
        }
        self.drop_given();
        let mut seen = Vec::new();
        let mut ready = Vec::new();
        for waiting in self.outbox.waiting.values().filter(|w| w.seq.is_none()) {
            let id = waiting.conversation;
            if !seen.contains(&id) {
                seen.push(id);
                if self.can_send(id) {
                    ready.push(waiting.clone());
                }
            }
        }
        for waiting in ready {
            if let Err(failure) = self.send_waiting(&waiting) {
                self.fail(Doing::Sending, failure);
            }
        }
    }

    /// Titles and pictures by somebody who is no admin any more: nobody would take them.
    fn drop_given(&mut self) {
        let settled = |id: &ConversationId| {
            let conversation = self.conversations.get(id);
            conversation.is_some_and(|c| c.rec.gone || (c.caught_up() && c.broken.is_none()))
        };
        let given = self.outbox.waiting.values().filter(|w| w.is_of_group());
        let dropped: Vec<_> = given
            .filter(|w| settled(&w.conversation) && self.check_admin(w.conversation).is_err())
            .map(|w| (w.conversation, w.message))
            .collect();
        for (id, message) in dropped {
            self.outbox_arrived(id, message);
            self.tell(Update::Conversations);
        }
    }

    fn can_send(&self, id: ConversationId) -> bool {
        let Some(conversation) = self.conversations.get(&id) else {
            return false;
        };
        let held = self
            .outbox
            .retry_at
            .get(&id)
            .is_some_and(|at| *at > self.now);
        let flying = self.outbox.in_flight.iter().any(|(c, _)| *c == id);
        let changed = conversation
            .rec
            .members
            .iter()
            .any(|m| self.people.has_changed(*m));
        let rec = &conversation.rec;
        let allowed = rec.direct || rec.rules.let_write(self.my_id());
        // who is alone with somebody that waits for a new leaf would write what nobody can read
        let awaited = rec.direct && conversation.repairs.is_asked(self.my_id());
        let settled = conversation.caught_up() && !conversation.is_departing() && !awaited;
        let fresh = !self.is_too_old_to_send(conversation);
        let fit = settled && fresh && conversation.broken.is_none();
        fit && allowed && !held && !flying && !changed
    }

    fn send_waiting(&mut self, waiting: &Waiting) -> Result<(), Failure> {
        let id = waiting.conversation;
        self.outbox.retry_at.remove(&id);
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let (Some(state), Some(own)) = (&conversation.mls, &self.own) else {
            return Ok(());
        };
        let seen = Seen {
            seq: conversation.rec.cursor,
            hash: conversation.rec.transcript,
        };
        let mut body = Body::new(
            waiting.message,
            waiting.kind(),
            waiting.time,
            seen,
            own.device.id(),
            self.vault.head_number(),
        );
        match &waiting.picture {
            Some(picture) => body.picture = Some(picture.to_vec().into()),
            None => body.text = Some(waiting.text.clone()),
        }
        body.given_at = waiting.given_at;
        let timer_s = state.policy().timer_s;
        let timed = timer_s != 0 && !waiting.is_of_group();
        let (sealed, expiry) = if timed {
            body.timer_s = Some(timer_s);
            let expiry = self.server_now().saturating_add(timer_s * 1000);
            (state.seal_timed(&mut self.rng, &body), expiry)
        } else {
            (state.seal_message(&mut self.rng, &body), 0)
        };
        let sealed = sealed.map_err(|e| Failure::Unverified(e.to_string()))?;
        let params = SendMessage {
            conversation: id,
            restart: state.restart(),
            message: waiting.message,
            epoch: state.epoch(),
            body: sealed.into(),
            expiry,
            quiet: waiting.is_of_group(),
            timed,
        };
        self.outbox.in_flight.push((id, waiting.message));
        self.request(&params, Pending::Send(id, waiting.message));
        Ok(())
    }

    pub(crate) fn sent(
        &mut self,
        id: ConversationId,
        message: MessageId,
        result: Result<Bytes, WireError>,
    ) {
        self.send_unanswered(message);
        match result {
            Ok(bytes) => {
                let Ok(accepted) = decode::<Accepted>(&bytes) else {
                    return;
                };
                self.accepted(id, message, accepted.seq);
            }
            Err(error) => self.send_refused(id, error),
        }
    }

    fn accepted(&mut self, id: ConversationId, message: MessageId, seq: u64) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let rec = &mut conversation.rec;
            if (rec.low..=rec.cursor).contains(&seq) || seq < rec.first_seq {
                // if the message stood there it would have arrived, and would not wait any more
                if self.outbox.number_of(message).is_some() {
                    self.not_kept(id, REFUSED_MS);
                }
                return;
            }
            // where it stands among what this device does not hold yet shows when it has fetched that
            conversation.wants_older |= seq < rec.low;
            conversation.acknowledged |= seq > rec.cursor;
            rec.head_seq = rec.head_seq.max(seq);
        }
        if let Some(number) = self.outbox.number_of(message)
            && let Some(waiting) = self.outbox.waiting.get_mut(&number)
        {
            waiting.seq = Some(seq);
            let waiting = waiting.clone();
            self.save_waiting(number, &waiting);
        }
        self.tell(Update::Timeline(id));
    }

    fn send_refused(&mut self, id: ConversationId, error: WireError) {
        if error.code == ErrorCode::EpochMoved {
            let moved = error
                .data
                .as_ref()
                .and_then(|d| decode::<EpochMoved>(d).ok());
            let mut wait = MOVED_MS;
            if let (Some(moved), Some(conversation)) = (moved, self.conversations.get_mut(&id)) {
                let known = conversation.rec.cursor >= moved.head_seq;
                conversation.rec.head_seq = conversation.rec.head_seq.max(moved.head_seq);
                if known {
                    wait = STILL_MS; // there is nothing to follow: something else has to happen first
                }
            }
            self.outbox.retry_at.insert(id, self.now + wait);
            return;
        }
        if error.retryable {
            let wait = error.retry_after_ms.map_or(RETRY_MS, Millis::from);
            self.outbox.retry_at.insert(id, self.now + wait);
            return;
        }
        // refused for good: the text stays where the person can see it, and they are told why
        if error.code == ErrorCode::NotAMember {
            self.conversation_gone(id);
        }
        self.outbox.retry_at.insert(id, self.now + REFUSED_MS);
        self.fail(Doing::Sending, error.into());
        self.tell(Update::Timeline(id));
    }

    /// No answer is awaited any more; if there was none, it is sent again, and the server knows it by its id.
    pub(crate) fn send_unanswered(&mut self, message: MessageId) {
        self.outbox.in_flight.retain(|(_, m)| *m != message);
    }

    /// The log has passed the place that the server had given to a message: if it did not bring it, the server lied or
    /// lost it, and it is sent again under the same id.
    pub(crate) fn outbox_passed(&mut self, id: ConversationId, seq: u64) {
        self.outbox_lost(id, |stands_at| stands_at == seq);
    }

    /// The log ends at `end`: what was acknowledged beyond it is not there.
    pub(crate) fn outbox_ends(&mut self, id: ConversationId, end: u64) {
        self.outbox_lost(id, |stands_at| stands_at > end);
    }

    fn outbox_lost(&mut self, id: ConversationId, lost: impl Fn(u64) -> bool) {
        let lost = |w: &Waiting| w.conversation == id && w.seq.is_some_and(&lost);
        let waiting = self.outbox.waiting.iter();
        let lost: Vec<u64> = waiting.filter(|(_, w)| lost(w)).map(|(n, _)| *n).collect();
        for number in &lost {
            self.unsend(*number);
        }
        if !lost.is_empty() {
            self.not_kept(id, RETRY_MS);
        }
    }

    /// Whether an acknowledged message stands before what this device holds of the log, if it stands anywhere.
    pub(crate) fn outbox_waits_below(&self, id: ConversationId, low: u64) -> bool {
        let mut waiting = self.outbox.waiting.values();
        waiting.any(|w| w.conversation == id && w.seq.is_some_and(|seq| seq < low))
    }

    /// An acknowledgement that is not true: the message waits, and is sent again after a while.
    fn not_kept(&mut self, id: ConversationId, wait: Millis) {
        self.outbox.retry_at.insert(id, self.now + wait);
        let reason = "the server acknowledged a message and then did not keep it";
        self.fail(Doing::Background, Failure::Unverified(reason.into()));
        self.tell(Update::Timeline(id));
    }

    /// After a restore from backup no acknowledgement counts that the log has not confirmed.
    pub(crate) fn outbox_unsend_all(&mut self) {
        let numbers: Vec<u64> = self.outbox.waiting.keys().copied().collect();
        for number in numbers {
            self.unsend(number);
        }
    }

    fn unsend(&mut self, number: u64) {
        if let Some(waiting) = self.outbox.waiting.get_mut(&number) {
            waiting.seq = None;
            let waiting = waiting.clone();
            self.save_waiting(number, &waiting);
        }
    }

    /// The log has brought an own message: it waits no more.
    pub(crate) fn outbox_arrived(&mut self, _id: ConversationId, message: MessageId) {
        if let Some(number) = self.outbox.number_of(message) {
            self.outbox.waiting.remove(&number);
            self.batch
                .delete(Space::Outbox, number.to_be_bytes().to_vec());
        }
    }
}
