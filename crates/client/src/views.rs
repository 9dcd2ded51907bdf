//! What screens read from the engine.

use e2ee::{
    content::{Body, BodyKind},
    identity::safety_number,
};
use protocol::{ConversationId, MemberId, events::ServerState};

use crate::{
    Engine, Failure, Store,
    conversation::{
        rows::{Content, Row},
        seq_key,
    },
    store::Space,
    view::{ConnectionView, ConversationView, Item, ItemBody, Page, PersonView, SendState},
};

impl<S: Store> Engine<S> {
    /// Who is signed in.
    #[must_use]
    pub fn me(&self) -> Option<PersonView> {
        self.own
            .as_ref()
            .and_then(|own| self.people.view(own.member))
    }

    /// Name of the organisation, as far as known.
    #[must_use]
    pub fn organisation(&self) -> String {
        let hello = self
            .connection
            .hello
            .as_ref()
            .map(|h| h.organisation.clone());
        let own = self.own.as_ref().map(|own| own.organisation.clone());
        own.filter(|name| !name.is_empty())
            .or(hello)
            .unwrap_or_default()
    }

    /// The connection, for one quiet line.
    #[must_use]
    pub fn connection(&self) -> ConnectionView {
        self.connection_view()
    }

    /// Whether the server has its first admin; none before it said hello.
    #[must_use]
    pub fn is_set_up(&self) -> Option<bool> {
        let hello = self.connection.hello.as_ref()?;
        Some(hello.state != ServerState::SetUp)
    }

    /// The conversations, the newest first.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationView> {
        let me = self.my_id();
        let mut views: Vec<ConversationView> = self
            .conversations
            .iter()
            .filter(|(_, c)| !c.rec.creating)
            .map(|(id, c)| ConversationView {
                conversation: *id,
                direct: c.rec.direct,
                title: if c.rec.anchored {
                    self.title(&c.rec.members, me)
                } else {
                    "…".to_owned()
                },
                members: if c.rec.anchored {
                    c.rec.members.clone()
                } else {
                    Vec::new()
                },
                unread: c.rec.unread,
                last: c.rec.last.clone(),
                ready: c.mls.is_some() && c.rec.anchored,
                broken: c.broken.is_some(),
            })
            .collect();
        views.sort_by_key(|v| {
            (
                std::cmp::Reverse(v.last.as_ref().map(|(t, _)| *t)),
                v.conversation,
            )
        });
        views
    }

    fn title(&self, members: &[MemberId], me: MemberId) -> String {
        let names: Vec<String> = members
            .iter()
            .filter(|m| **m != me)
            .take(4)
            .map(|m| self.people.name(*m))
            .collect();
        names.join(", ")
    }

    /// A page of the timeline: the newest `limit` rows before `before` (none = from the end, with what waits).
    ///
    /// # Errors
    /// [`Failure::NoConversation`], [`Failure::Store`].
    pub fn timeline(
        &self,
        id: ConversationId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let rec = &conversation.rec;
        let end = before.unwrap_or(rec.cursor.saturating_add(1));
        let rows = self.store.range(
            Space::Timeline,
            &seq_key(id, 0),
            &seq_key(id, end),
            limit,
            true,
        )?;
        let mut page = Page::default();
        let mut oldest = end;
        for (_, value) in rows.into_iter().rev() {
            let row: Row = protocol::decode(&value)?;
            oldest = oldest.min(row.seq);
            if row.content != Content::Repeated {
                page.items.push(self.item(id, &rec.members, &row));
            }
        }
        page.older_on_server = rec.anchored && rec.low > rec.first_seq;
        page.older = page.older_on_server || oldest > rec.low;
        if before.is_none() {
            self.add_waiting(id, &mut page);
        }
        Ok(page)
    }

    fn add_waiting(&self, id: ConversationId, page: &mut Page) {
        let me = self.my_id();
        for waiting in self
            .outbox
            .waiting
            .values()
            .filter(|w| w.conversation == id)
        {
            page.items.push(Item {
                seq: None,
                message: Some(waiting.message),
                sender: me,
                sender_name: self.people.name(me),
                own: true,
                time: waiting.time,
                server_time: 0,
                body: ItemBody::Text(waiting.text.clone()),
                state: Some(match waiting.seq {
                    Some(_) => SendState::Sent,
                    None => SendState::Waiting,
                }),
            });
        }
    }

    fn item(&self, id: ConversationId, members: &[MemberId], row: &Row) -> Item {
        let own = row.sender == self.my_id();
        let mut item = Item {
            seq: Some(row.seq),
            message: None,
            sender: row.sender,
            sender_name: self.people.name(row.sender),
            own,
            time: row.time,
            server_time: row.time,
            body: ItemBody::KeysUpdated,
            state: None,
        };
        let names = |members: &[MemberId]| members.iter().map(|m| self.people.name(*m)).collect();
        item.body = match &row.content {
            Content::Message { id: message, body } => {
                item.message = Some(*message);
                item.state = own.then(|| self.send_state(id, members, row.seq));
                match Body::decode(body) {
                    Ok(body) => {
                        item.time = body.time;
                        match (body.kind, body.text) {
                            (BodyKind::Text, Some(text)) => ItemBody::Text(text),
                            _ => ItemBody::Newer,
                        }
                    }
                    Err(_) => ItemBody::Newer,
                }
            }
            Content::Created => ItemBody::Created,
            Content::Members { added, removed } => ItemBody::Members {
                added: names(added),
                removed: names(removed),
            },
            Content::Keys => ItemBody::KeysUpdated,
            Content::Newer => ItemBody::Newer,
            Content::Removed => ItemBody::RemovedByServer,
            Content::Unverified | Content::Repeated => ItemBody::Unverified,
        };
        item
    }

    /// A person, as far as this device knows them.
    #[must_use]
    pub fn person(&self, member: MemberId) -> Option<PersonView> {
        self.people.view(member)
    }

    /// The 60 digits that two people compare: equal on both sides when nobody stands between them.
    #[must_use]
    pub fn safety_number(&self, member: MemberId) -> Option<String> {
        let own = self.own.as_ref()?;
        let other = self.people.pin(member)?.root();
        Some(safety_number(
            (&own.certificate.root, own.member),
            (&other, member),
        ))
    }

    /// How far each conversation's log has been followed, and the transcript hash there: equal on all devices that
    /// have followed the same log.
    #[must_use]
    pub fn followed(&self) -> Vec<(ConversationId, u64, protocol::Hash32)> {
        self.conversations
            .iter()
            .map(|(id, c)| (*id, c.rec.cursor, c.rec.transcript))
            .collect()
    }

    /// Nothing is under way: caught up everywhere, and nothing waits to be written or sent.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.connection.synced()
            && self.outbox.waiting.is_empty()
            && self.openings.is_empty()
            && self.unsaved_states().next().is_none()
            && self.unsaved_heads().next().is_none()
            && self.people.unsaved_pins.is_empty()
            && self
                .conversations
                .values()
                .all(|c| (c.caught_up() && !c.wants_older && !c.wants_update) || c.broken.is_some())
    }
}
