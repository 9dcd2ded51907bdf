//! An app without terminal and engine, and the screen as text.
#![allow(dead_code, unreachable_pub)] // each test file uses a part

use client::{
    Update,
    view::{
        ConnectionView, ConversationView, DeviceView, GroupView, Item, ItemBody, LastView, Page,
        PersonView, Role, SendState,
    },
};
use client_native::{Fingerprint, Peer};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use protocol::{ConversationId, DeviceId, Hash32, MemberId, MessageId};
use ratatui::{Terminal, backend::TestBackend};
use tui::{
    app::{App, Effect, Entry, Event, Snapshot},
    calendar::Zone,
    clean,
    draw::draw,
    texts::Language,
    theme::Theme,
};

/// 22 November 2026, 11:00 UTC.
pub const NOW: u64 = 1_795_345_200_000;
pub const MINUTE: u64 = 60_000;
pub const ME: MemberId = MemberId([1; 16]);
pub const OTHER: MemberId = MemberId([2; 16]);
pub const TALK: ConversationId = ConversationId([7; 16]);

pub fn peer() -> Peer {
    Peer {
        addresses: vec!["https://127.0.0.1:7443".parse().unwrap()],
        authority: Fingerprint(Hash32([9; 32])),
    }
}

pub fn app_with(language: Language, entry: Entry) -> App {
    let theme = Theme { colour: true };
    App::new(language, Zone::Utc, theme, NOW, entry)
}

pub fn app(language: Language) -> App {
    app_with(language, Entry::default())
}

pub fn person(member: MemberId, login: &str, name: &str) -> PersonView {
    PersonView {
        member,
        login_name: login.to_owned(),
        display_name: name.to_owned(),
        identity_changed: false,
        change: None,
        verified: false,
        admin: false,
        suspended: false,
    }
}

pub fn row(n: u8, title: &str, unread: u64, last: &str) -> ConversationView {
    ConversationView {
        conversation: ConversationId([n; 16]),
        direct: true,
        title: title.to_owned(),
        members: vec![
            person(ME, "ada", "Ada Lovelace"),
            person(MemberId([n; 16]), "other", title),
        ],
        identity_changed: false,
        verified: false,
        unread,
        read: 0,
        last: Some(LastView {
            time: NOW - u64::from(n) * MINUTE,
            text: last.to_owned(),
            own: false,
            state: None,
        }),
        draft: String::new(),
        ready: true,
        restoring: false,
        stuck: None,
        broken: false,
        outdated: false,
        gone: false,
        left: false,
        closed: false,
        hidden: false,
        timer_s: 0,
        may_set_timer: true,
        group: None,
    }
}

pub fn snapshot(conversations: Vec<ConversationView>) -> Snapshot {
    Snapshot {
        me: Some(person(ME, "ada", "Ada Lovelace")),
        organisation: "Journalistes Sans Papiers".to_owned(),
        set_up: Some(true),
        connection: ConnectionView::Online,
        conversations,
        settings: client::view::Settings::default(),
        changed: vec![],
        news: vec![],
    }
}

/// Signed in, with the conversations.
pub fn at_home(language: Language, conversations: Vec<ConversationView>) -> App {
    let entry = Entry {
        known: Some(peer()),
        ..Entry::default()
    };
    let mut app = app_with(language, entry);
    app.on(Event::Started);
    app.on(Event::Snapshot(Box::new(snapshot(conversations))));
    app.take_effects();
    app
}

/// A message: by oneself when it has a state.
pub fn message(seq: u64, text: &str, state: Option<SendState>) -> Item {
    let own = state.is_some();
    let mut id = [0; 16];
    id[8..].copy_from_slice(&seq.to_be_bytes());
    let waiting = state == Some(SendState::Waiting);
    Item {
        seq: (!waiting).then_some(seq),
        message: Some(MessageId(id)),
        sender: if own { ME } else { OTHER },
        sender_name: if own { "Ada Lovelace" } else { "Grace" }.to_owned(),
        own,
        time: NOW - 100 * MINUTE + seq * MINUTE,
        server_time: if waiting {
            0
        } else {
            NOW - 100 * MINUTE + seq * MINUTE
        },
        expires: 0,
        body: ItemBody::Text(text.to_owned()),
        state,
    }
}

pub fn page(items: Vec<Item>, older: bool) -> Page {
    Page {
        items,
        older,
        older_on_server: false,
        newer: false,
    }
}

/// At home, with a conversation of these messages open.
pub fn talking(language: Language, items: Vec<Item>) -> App {
    let mut row = row(2, "Grace", 0, "…");
    row.conversation = TALK;
    let mut app = at_home(language, vec![row]);
    app.on(Event::Update(Update::Opened(TALK)));
    app.on(Event::Page(TALK, Ok(page(items, false))));
    app.take_effects();
    app
}

/// A group that is open, with these rows.
pub fn group(language: Language, items: Vec<Item>) -> App {
    let mut row = row(2, "Desk", 0, "…");
    row.conversation = TALK;
    row.direct = false;
    row.group = Some(GroupView {
        picture: None,
        named: true,
        roles: row
            .members
            .iter()
            .map(|m| (m.member, Role::Member))
            .collect(),
        role: Role::Owner,
        announcements: false,
        history_all: false,
        may_write: true,
        changing: false,
        adding: None,
    });
    let mut app = at_home(language, vec![row]);
    app.on(Event::Update(Update::Opened(TALK)));
    app.on(Event::Page(TALK, Ok(page(items, false))));
    app.take_effects();
    app
}

/// Three devices, in no order; the second one is this one.
pub fn devices() -> Vec<DeviceView> {
    let day = 24 * 60 * MINUTE;
    let device = |n: u8, name: &str, created, last_seen| DeviceView {
        device: DeviceId([n; 16]),
        name: name.to_owned(),
        created,
        last_seen,
        current: n == 5,
    };
    vec![
        device(9, "Firefox on a phone", NOW - day, NOW - 3 * 60 * MINUTE),
        device(5, "Terminal on laptop", NOW - 30 * day, NOW),
        device(7, "Library, seat 4", NOW - 2 * day, NOW - MINUTE),
    ]
}

pub fn press(app: &mut App, code: KeyCode) {
    app.on(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
}

pub fn press_with(app: &mut App, code: KeyCode, modifiers: KeyModifiers) {
    app.on(Event::Key(KeyEvent::new(code, modifiers)));
}

/// Types a line and presses Enter.
pub fn enter(app: &mut App, text: &str) {
    for c in text.chars() {
        press(app, KeyCode::Char(c));
    }
    press(app, KeyCode::Enter);
}

/// The commands to the engine among the effects.
pub fn commands(app: &mut App) -> Vec<client::Command> {
    let effects = app.take_effects().into_iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Command(command) => Some(command),
            _ => None,
        })
        .collect()
}

/// The screen as text, one string a row, without spaces at the ends.
pub fn screen(app: &mut App, columns: u16, rows: u16) -> Vec<String> {
    app.on(Event::Resize(columns, rows));
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| draw(app, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut out = Vec::new();
    for y in 0..rows {
        let mut line = String::new();
        let mut x = 0;
        while x < columns {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(clean::width(symbol).max(1)).unwrap();
        }
        assert!(
            clean::width(&line) <= usize::from(columns),
            "too wide: {line:?}"
        );
        out.push(line.trim_end().to_owned());
    }
    out
}

/// The same as one text.
pub fn shown(app: &mut App, columns: u16, rows: u16) -> String {
    screen(app, columns, rows).join("\n")
}

/// The same on one line, with every run of spaces as one: to look for texts that are wrapped.
pub fn flat(app: &mut App, columns: u16, rows: u16) -> String {
    let text = shown(app, columns, rows);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
