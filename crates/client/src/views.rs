//! What screens read from the engine.

use std::collections::BTreeMap;

use protocol::{
    ConversationId, DeviceId, MemberId, events::ServerState, methods::account::OrganisationRole,
};

use crate::{
    Engine, Store,
    conversation::{Conversation, Record, rows::PREVIEW},
    outbox::Waiting,
    receipts::Reached,
    view::{
        ConnectionView, ConversationView, GroupView, LastView, PersonView, ServerView, StuckView,
    },
};

fn last_time(view: &ConversationView) -> u64 {
    view.last.as_ref().map_or(0, |last| last.time)
}

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

    /// The server, once it said hello.
    #[must_use]
    pub fn server(&self) -> Option<ServerView> {
        let hello = self.connection.hello.as_ref()?;
        Some(ServerView {
            organisation: hello.organisation.clone(),
            set_up_needed: hello.state == ServerState::SetUp,
            version: hello.server.clone(),
        })
    }

    /// The role in the organisation of who is signed in.
    #[must_use]
    pub fn role(&self) -> Option<OrganisationRole> {
        self.own.as_ref().map(|own| own.role)
    }

    /// This device, where somebody is signed in.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        self.own.as_ref().map(|own| own.device.id())
    }

    /// Whether the server has refused this device: sign in again, or sign out.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.signed_out
    }

    /// The conversations, the liveliest first.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationView> {
        let mut waiting = BTreeMap::new();
        for message in self.outbox.messages() {
            waiting.insert(message.conversation, message); // the last one counts
        }
        let shown = self.conversations.iter().filter(|(_, c)| !c.rec.creating);
        let mut views: Vec<(u64, ConversationView)> = shown
            .map(|(id, c)| {
                let view = self.conversation_view(*id, c, waiting.get(id).copied());
                let waits = waiting.get(id).map_or(0, |w| w.time);
                (c.rec.newest.max(waits).max(last_time(&view)), view)
            })
            .collect();
        views.sort_by_key(|(newest, view)| (std::cmp::Reverse(*newest), view.conversation));
        views.into_iter().map(|(_, view)| view).collect()
    }

    /// One conversation.
    #[must_use]
    pub fn conversation(&self, id: ConversationId) -> Option<ConversationView> {
        let conversation = self.conversations.get(&id).filter(|c| !c.rec.creating)?;
        let mut waiting = self.outbox.messages().rev();
        let waiting = waiting.find(|w| w.conversation == id);
        Some(self.conversation_view(id, conversation, waiting))
    }

    fn conversation_view(
        &self,
        id: ConversationId,
        conversation: &Conversation,
        waiting: Option<&Waiting>,
    ) -> ConversationView {
        let rec = &conversation.rec;
        let me = self.my_id();
        // before it is ready the server alone says who is in it
        let members: &[MemberId] = if rec.anchored { &rec.members } else { &[] };
        let members = members.iter().filter(|m| rec.has(**m));
        let members: Vec<PersonView> = members.map(|m| self.somebody(*m)).collect();
        let others = || members.iter().filter(|m| m.member != me);
        let named = self.title_of(id).filter(|_| rec.anchored && !rec.direct);
        let is_named = named.is_some();
        let title = if let Some(named) = named {
            named
        } else if rec.anchored {
            let names: Vec<&str> = others().take(4).map(|m| m.display_name.as_str()).collect();
            names.join(", ")
        } else {
            "…".to_owned()
        };
        ConversationView {
            conversation: id,
            direct: rec.direct,
            title,
            identity_changed: others().any(|m| m.identity_changed),
            verified: others().next().is_some() && others().all(|m| m.verified),
            unread: rec.unread,
            read: rec.read,
            last: self.last_view(id, conversation, waiting),
            draft: self.draft(id),
            ready: rec.anchored,
            restoring: conversation.repairs.is_restoring(),
            stuck: self.stuck_view(conversation),
            broken: conversation.broken.is_some() && !rec.gone,
            outdated: conversation.stopped_by(&self.people) == Some(crate::Failure::Outdated)
                && !rec.gone,
            gone: rec.gone,
            left: rec.left,
            closed: rec.is_closed(),
            hidden: self.is_out_of_sight(id, rec, waiting.is_some()),
            timer_s: rec.rules.timer_s,
            may_set_timer: self.check_governs(id).is_ok(),
            group: (!rec.direct).then(|| self.group_view(id, rec, is_named)),
            members,
        }
    }

    fn stuck_view(&self, conversation: &Conversation) -> Option<StuckView> {
        let stuck = conversation.rec.stuck.as_ref();
        let stuck = stuck.filter(|_| conversation.broken.is_none())?;
        let by_itself = !stuck.is_alone() && conversation.restarts_by_itself();
        let may = conversation.may_restart(self.my_id());
        Some(StuckView {
            by: self.people.name(stuck.by),
            alone: stuck.is_alone(),
            by_itself,
            asked: may && !by_itself && stuck.decided.is_none(),
            may: may && !by_itself,
            started: may && stuck.decided == Some(true),
            without: may && conversation.goes_without(self.my_id()),
        })
    }

    fn group_view(&self, id: ConversationId, rec: &Record, named: bool) -> GroupView {
        let role_of = |m: &MemberId| (*m, rec.rules.role_of(*m));
        GroupView {
            named,
            picture: self.picture_of(id).filter(|_| rec.anchored),
            roles: rec
                .members
                .iter()
                .filter(|m| rec.has(**m))
                .map(role_of)
                .collect(),
            role: rec.rules.role_of(self.my_id()),
            announcements: rec.rules.announcements,
            history_all: rec.rules.history_all,
            may_write: rec.rules.let_write(self.my_id()),
            changing: !rec.wanted.is_nothing(),
            adding: rec.wanted.progress(),
        }
    }

    fn last_view(
        &self,
        id: ConversationId,
        conversation: &Conversation,
        waiting: Option<&Waiting>,
    ) -> Option<LastView> {
        if let Some(waiting) = waiting {
            return Some(LastView {
                time: waiting.time,
                text: waiting.text.chars().take(PREVIEW).collect(),
                own: true,
                state: Some(waiting.state()),
            });
        }
        let rec = &conversation.rec;
        let (time, text) = rec.last.clone()?;
        if rec.last_expiry != 0 && rec.last_expiry <= self.server_now() {
            return None;
        }
        let state = || Reached::state_of(self.reached_by_all(id, conversation), rec.last_seq);
        Some(LastView {
            time,
            text,
            own: rec.last_own,
            state: rec.last_own.then(state),
        })
    }

    /// A person, as far as this device knows them.
    #[must_use]
    pub fn person(&self, member: MemberId) -> Option<PersonView> {
        self.people.view(member)
    }

    /// Everybody whose identity is another than the pinned one, and was not accepted.
    #[must_use]
    pub fn changed_identities(&self) -> Vec<MemberId> {
        self.people.changed.keys().copied().collect()
    }

    /// A member of a conversation: nameless as long as their certificate is not here.
    fn somebody(&self, member: MemberId) -> PersonView {
        self.people.view(member).unwrap_or_else(|| PersonView {
            member,
            login_name: String::new(),
            display_name: "…".to_owned(),
            identity_changed: self.people.has_changed(member),
            change: self.people.change_of(member),
            verified: false,
            admin: false,
            suspended: false,
        })
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

    /// Whether this member may write there, as far as is known.
    fn may_send(&self, id: ConversationId) -> bool {
        self.conversations.get(&id).is_none_or(|c| {
            let allowed = c.rec.direct || c.rec.rules.let_write(self.my_id());
            allowed && c.broken.is_none()
        })
    }

    /// Nothing is under way: caught up everywhere, and nothing waits to be written or sent.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.connection.synced()
            && !self.outbox.conversations().any(|id| self.may_send(id))
            && self.openings.is_empty()
            && self.groups_at_work.is_empty()
            && self.unsaved_states().next().is_none()
            && self.unsaved_heads().next().is_none()
            && self.people.unsaved_pins.is_empty()
            && self.loose.is_idle()
            && self.proof.is_none()
            && self.keys_are_changed()
            && self
                .conversations
                .values()
                .all(|c| (c.caught_up() && !c.wants_older && !c.wants_update) || c.broken.is_some())
    }
}
