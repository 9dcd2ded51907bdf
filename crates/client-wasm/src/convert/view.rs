use client::{Engine, Store, view};
use serde::Deserialize;

use crate::types::{
    Connection, Conversation, Id, Item, ItemBody, Language, Last, Page, Person, Role, SendState,
    Server, Session, Settings, State, StorageState, Theme,
};

/// The connection.
#[must_use]
pub fn connection(connection: view::ConnectionView) -> Connection {
    match connection {
        view::ConnectionView::Connecting => Connection::Connecting,
        view::ConnectionView::Online => Connection::Online,
        view::ConnectionView::CatchingUp => Connection::CatchingUp,
        view::ConnectionView::Offline { retry_at } => Connection::Offline { retry_at },
        view::ConnectionView::ReadOnly { reason } => Connection::ReadOnly { reason },
    }
}

/// A person.
#[must_use]
pub fn person(person: view::PersonView) -> Person {
    Person {
        member: person.member.to_string(),
        login_name: person.login_name,
        display_name: person.display_name,
        identity_changed: person.identity_changed,
        verified: person.verified,
    }
}

/// Who is signed in.
#[must_use]
pub fn session<S: Store>(engine: &Engine<S>, in_memory: bool) -> Option<Session> {
    let me = engine.me()?;
    Some(Session {
        organisation: engine.organisation(),
        role: Role::Unknown,
        device: String::new(),
        me: person(me),
        in_memory,
    })
}

/// The list of conversations.
#[must_use]
pub fn conversations<S: Store>(engine: &Engine<S>) -> Vec<Conversation> {
    let people = |members: Vec<_>| {
        let known = members.into_iter().filter_map(|m| engine.person(m));
        known.map(person).collect()
    };
    let views = engine.conversations().into_iter();
    views
        .map(|c| Conversation {
            conversation: c.conversation.to_string(),
            direct: c.direct,
            title: c.title,
            members: people(c.members),
            unread: c.unread,
            last: c.last.map(|(time, text)| Last {
                time,
                text,
                own: false,
                state: None,
            }),
            draft: String::new(),
            read: 0,
            ready: c.ready,
            broken: c.broken,
            gone: false,
        })
        .collect()
}

/// Everything that the first screen needs.
#[must_use]
pub fn state<S: Store>(engine: &Engine<S>, storage: StorageState) -> State {
    let server = engine.is_set_up().map(|set_up| Server {
        organisation: engine.organisation(),
        set_up_needed: !set_up,
        unaudited: true,
        version: String::new(),
    });
    State {
        session: session(engine, storage.kept == "memory"),
        signed_out: false,
        server,
        connection: connection(engine.connection()),
        conversations: conversations(engine),
        notices: Vec::new(),
        settings: Settings {
            language: Language::System,
            theme: Theme::System,
            enter_sends: true,
            receipts: true,
        },
        storage,
    }
}

/// Which rows of a timeline are wanted.
#[derive(Debug, Deserialize)]
pub struct At {
    conversation: Id,
    #[serde(default)]
    before: Option<u64>,
    limit: usize,
}

/// A page of a timeline.
///
/// # Errors
/// When there is no such conversation, or the store fails; in words for developers.
pub fn timeline<S: Store>(engine: &Engine<S>, at: &At) -> Result<Page, String> {
    let conversation = at
        .conversation
        .parse()
        .map_err(|_| "no such conversation")?;
    let page = engine
        .timeline(conversation, at.before, at.limit)
        .map_err(|failure| failure.to_string())?;
    Ok(Page {
        items: page.items.into_iter().map(item).collect(),
        older: page.older,
        older_on_server: page.older_on_server,
        newer: false,
    })
}

fn item(item: view::Item) -> Item {
    let key = match (item.message, item.seq) {
        (Some(message), _) => message.to_string(),
        (None, seq) => seq.unwrap_or_default().to_string(),
    };
    Item {
        key,
        seq: item.seq,
        sender: item.sender.to_string(),
        sender_name: item.sender_name,
        own: item.own,
        time: item.time,
        server_time: item.server_time,
        body: body(item.body),
        state: item.state.map(send_state),
    }
}

fn send_state(state: view::SendState) -> SendState {
    match state {
        view::SendState::Waiting => SendState::Waiting,
        view::SendState::Sent => SendState::Sent,
        view::SendState::Delivered => SendState::Delivered,
        view::SendState::Read => SendState::Read,
    }
}

fn body(body: view::ItemBody) -> ItemBody {
    match body {
        view::ItemBody::Text(text) => ItemBody::Text { text },
        view::ItemBody::Created => ItemBody::Created,
        view::ItemBody::Members { added, removed } => ItemBody::Members { added, removed },
        view::ItemBody::KeysUpdated => ItemBody::KeysUpdated,
        view::ItemBody::Newer => ItemBody::Newer,
        view::ItemBody::RemovedByServer => ItemBody::RemovedByServer,
        view::ItemBody::Unverified => ItemBody::Unverified,
    }
}
