//! Groups in the terminal: what is typed, and what is shown of those who come and go.
#![allow(clippy::unwrap_used)]

mod common;

use client::{
    Command, Update,
    view::{GroupView, Item, ItemBody, Role, StuckView},
};
use common::{TALK, at_home, commands, enter, flat, message, page, row, snapshot};
use tui::{
    app::{App, Event},
    texts::Language,
};

/// A group that is open, with these rows.
fn group(language: Language, items: Vec<Item>) -> App {
    let mut row = row(2, "Desk", 0, "…");
    row.conversation = TALK;
    row.direct = false;
    row.group = Some(GroupView {
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

fn told(seq: u64, body: ItemBody) -> Item {
    Item {
        message: None,
        body,
        ..message(seq, "", None)
    }
}

#[test]
fn leaving_is_asked_twice_about() {
    for (language, first, sure) in [
        (Language::English, "/leave", "/leave yes"),
        (Language::French, "/partir", "/partir oui"),
    ] {
        let mut app = group(language, vec![]);
        enter(&mut app, first);
        assert!(commands(&mut app).is_empty());
        assert!(
            flat(&mut app, 120, 24).contains(sure),
            "{}",
            flat(&mut app, 120, 24)
        );
        enter(&mut app, sure);
        let asked = commands(&mut app);
        assert!(
            matches!(&asked[..], [Command::LeaveGroup { conversation }] if *conversation == TALK)
        );
    }
}

#[test]
fn everybody_sees_who_left_and_who_follows() {
    let follows = ItemBody::Members {
        added: vec![],
        removed: vec![],
        roles: vec![("Ben".to_owned(), Role::GroupAdmin)],
        announcements: None,
        history_all: None,
        left: true,
        timer_s: None,
        restored: vec![],
    };
    let rows = vec![
        told(1, ItemBody::Left),
        told(2, follows),
        told(3, ItemBody::AccountClosed),
    ];
    let text = flat(&mut group(Language::English, rows.clone()), 120, 24);
    for line in [
        "Grace left",
        "Ben is an admin now, because the last one left",
        "The server says that the account of Grace was closed",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let text = flat(&mut group(Language::French, rows), 120, 24);
    assert!(
        text.contains("Grace est parti") && text.contains("Ben est maintenant admin"),
        "{text}"
    );
}

#[test]
fn a_timer_is_set_in_words_and_everybody_sees_it() {
    for (language, typed, bad, seconds) in [
        (Language::English, "/timer 1h", "/timer 1m", 3_600),
        (Language::English, "/timer 4w", "/timer", 28 * 24 * 3_600),
        (Language::English, "/timer off", "/timer 2y", 0),
        (Language::French, "/minuteur 1j", "/minuteur 90", 24 * 3_600),
        (Language::French, "/minuteur non", "/minuteur peut-être", 0),
    ] {
        let mut app = group(language, vec![]);
        enter(&mut app, bad);
        assert!(commands(&mut app).is_empty());
        enter(&mut app, typed);
        let asked = commands(&mut app);
        assert!(
            matches!(&asked[..], [Command::SetTimer { conversation, seconds: s }]
                if *conversation == TALK && *s == seconds),
            "{typed}"
        );
    }
    let timer = |timer_s| ItemBody::Members {
        added: vec![],
        removed: vec![],
        roles: vec![],
        announcements: None,
        history_all: None,
        left: false,
        timer_s: Some(timer_s),
        restored: vec![],
    };
    let rows = vec![told(1, timer(24 * 3_600)), told(2, timer(0))];
    let text = flat(&mut group(Language::English, rows.clone()), 120, 24);
    assert!(
        text.contains("Grace set messages to disappear after 1 day")
            && text.contains("Grace: messages no longer disappear"),
        "{text}"
    );
    let text = flat(&mut group(Language::French, rows), 120, 24);
    assert!(
        text.contains("Grace fait disparaître les messages après 1 jour"),
        "{text}"
    );
}

#[test]
fn everybody_sees_whose_access_was_restored_by_whom() {
    let restored = ItemBody::Members {
        added: vec![],
        removed: vec![],
        roles: vec![],
        announcements: None,
        history_all: None,
        left: false,
        timer_s: None,
        restored: vec!["Ben".to_owned()],
    };
    let rows = vec![told(1, restored)];
    for (language, words) in [
        (Language::English, "The access of Ben was restored by Grace"),
        (Language::French, "L’accès de Ben a été rétabli par Grace"),
    ] {
        let text = flat(&mut group(language, rows.clone()), 120, 24);
        assert!(text.contains(words), "{text}");
    }
}

/// A group that is open, in which Ben's last change can't be read.
fn stuck_group(language: Language, stuck: StuckView) -> App {
    let mut row = row(2, "Desk", 0, "…");
    row.conversation = TALK;
    row.stuck = Some(stuck);
    let mut app = at_home(language, vec![row.clone()]);
    app.on(Event::Update(Update::Opened(TALK)));
    app.on(Event::Snapshot(Box::new(snapshot(vec![row]))));
    app.take_effects();
    app
}

#[test]
fn a_person_is_asked_whether_to_start_anew() {
    let asked = StuckView {
        by: "Ben".to_owned(),
        alone: false,
        by_itself: false,
        asked: true,
        started: false,
        without: true,
    };
    for (language, question, typed, start) in [
        (Language::English, "anew without Ben?", "/restart yes", true),
        (Language::English, "anew without Ben?", "/restart no", false),
        (Language::French, "sans Ben ?", "/recommencer oui", true),
    ] {
        let mut app = stuck_group(language, asked.clone());
        let shown = flat(&mut app, 160, 24);
        assert!(shown.contains(question), "{shown}");
        enter(&mut app, "/restart");
        assert!(commands(&mut app).is_empty());
        enter(&mut app, typed);
        let asked = commands(&mut app);
        assert!(
            matches!(&asked[..], [Command::DecideRestart { conversation, start: s }]
                if *conversation == TALK && *s == start),
            "{typed}"
        );
    }
    let alone = StuckView {
        alone: true,
        asked: false,
        ..asked
    };
    let mut app = stuck_group(Language::English, alone);
    let shown = flat(&mut app, 160, 24);
    assert!(shown.contains("your access is being restored"), "{shown}");
    enter(&mut app, "/restart yes");
    assert!(commands(&mut app).is_empty(), "nothing is asked");
}

#[test]
fn everybody_sees_who_could_not_read_what_and_who_started_anew() {
    let about = Some("Ben".to_owned());
    let rows = vec![
        told(1, ItemBody::Unreadable),
        told(2, ItemBody::Complaint { about }),
        told(3, ItemBody::Complaint { about: None }),
        told(
            4,
            ItemBody::Restarted {
                complaint: true,
                out: vec!["Ben".to_owned()],
            },
        ),
        told(
            5,
            ItemBody::Restarted {
                complaint: true,
                out: vec![],
            },
        ),
        told(
            6,
            ItemBody::Restarted {
                complaint: false,
                out: vec![],
            },
        ),
    ];
    for (language, lines) in [
        (
            Language::English,
            [
                "Something by Grace can’t be read on this device",
                "The app of Grace could not read the last change by Ben",
                "The app of Grace could not read the last change",
                "Grace started the conversation anew, without Ben",
                "Grace started the conversation anew",
                "The encryption of this conversation was renewed",
            ],
        ),
        (
            Language::French,
            [
                "Quelque chose de Grace ne peut pas être lu",
                "la dernière modification faite par Ben",
                "L’application de Grace n’a pas pu lire",
                "Grace a recommencé la conversation, sans Ben",
                "Grace a recommencé la conversation",
                "Le chiffrement de cette conversation a été renouvelé",
            ],
        ),
    ] {
        let text = flat(&mut group(language, rows.clone()), 160, 24);
        for line in lines {
            assert!(text.contains(line), "{line}: {text}");
        }
    }
}
