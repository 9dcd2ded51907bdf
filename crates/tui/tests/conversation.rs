//! The open conversation: what is seen, how it scrolls, what is read, what is sent; and that nothing in a message or a
//! name reaches the terminal raw.
#![allow(clippy::unwrap_used)]

mod common;

use client::{
    Command, Update,
    view::{ConnectionView, SendState},
};
use common::*;
use crossterm::event::{KeyCode, KeyModifiers};
use tui::{
    app::{App, Effect, Event},
    clean,
    texts::Language,
};

fn many(from: u64, to: u64) -> Vec<client::view::Item> {
    (from..=to)
        .map(|n| message(n, &format!("message {n}"), None))
        .collect()
}

fn set(app: &mut App, items: Vec<client::view::Item>, older: bool) {
    app.on(Event::Page(TALK, Ok(page(items, older))));
}

#[test]
fn messages_are_grouped_by_sender_and_day() {
    let mut late = message(20, "later", None);
    late.time += 24 * 60 * MINUTE;
    late.server_time += 24 * 60 * MINUTE;
    let items = vec![
        message(1, "first", None),
        message(2, "second", None),
        message(9, "after a pause", None),
        message(10, "mine", Some(SendState::Sent)),
        late,
    ];
    let mut app = talking(Language::English, items);
    let text = shown(&mut app, 80, 40);
    assert_eq!(text.matches("│Grace  ").count(), 3, "{text}");
    assert_eq!(text.matches("│Ada Lovelace  ").count(), 1, "{text}");
    assert!(text.contains("─ Today ─"), "{text}");
    assert!(
        text.contains("This is the beginning of the conversation."),
        "{text}"
    );
    let first = text.find("first").unwrap();
    assert!(text.find("second").unwrap() > first);
}

#[test]
fn own_messages_show_their_true_state() {
    let states = [
        (SendState::Waiting, "mine ◷"),
        (SendState::Sent, "mine ✓\n"),
        (SendState::Delivered, "mine ✓✓"),
        (SendState::Read, "mine ✓✓"),
    ];
    for (state, mark) in states {
        let mut app = talking(Language::English, vec![message(1, "mine", Some(state))]);
        let text = shown(&mut app, 80, 24);
        assert!(text.contains(mark), "{state:?}: {text}");
    }
    let mut app = talking(
        Language::English,
        vec![message(1, "mine", Some(SendState::Read))],
    );
    app.theme.colour = false;
    assert!(
        shown(&mut app, 80, 24).contains("mine ✔✔"),
        "told apart without colours"
    );
}

#[test]
fn escape_sequences_never_reach_the_terminal() {
    let evil = "\x1b]0;owned\x07\x1b[2J\u{9b}31m\rover\u{202e}txt\x08";
    let mut grace = message(1, evil, None);
    grace.sender_name = evil.to_owned();
    let mut list = row(3, evil, 1, evil);
    list.members.push(person(OTHER, "grace", "Grace"));
    let mut app = talking(Language::English, vec![grace]);
    let mut shown = snapshot(vec![list]);
    shown.organisation = evil.to_owned();
    shown.me = Some(person(ME, evil, evil));
    shown.conversations.push(row(7, evil, 0, evil));
    shown.connection = ConnectionView::ReadOnly {
        reason: evil.to_owned(),
    };
    app.on(Event::Snapshot(Box::new(shown)));
    let check = |app: &mut App| {
        let text = screen(app, 80, 24).concat();
        assert!(!text.contains(|c: char| c.is_control()), "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
    };
    check(&mut app);
    app.on(Event::Update(Update::DeviceSignedIn {
        device: protocol::DeviceId([9; 16]),
        name: evil.to_owned(),
        time: NOW,
    }));
    check(&mut app);
    app.on(Event::Update(Update::People(vec![person(
        OTHER, evil, evil,
    )])));
    check(&mut app);
    app.on(Event::Update(Update::Invitation {
        link: evil.to_owned(),
        expires: NOW,
    }));
    check(&mut app);
    app.on(Event::Update(Update::IdentityChanged(
        OTHER,
        client::view::IdentityChange::Unknown,
    )));
    check(&mut app);
    app.on(Event::Paste(evil.to_owned()));
    check(&mut app);
    app.on(Event::Safety(OTHER, Some(evil.to_owned()), false));
    check(&mut app);
}

#[test]
fn scripts_of_the_world_stay_in_their_columns() {
    let texts = [
        "مرحبا بالعالم، كيف حالك اليوم يا صديقي العزيز؟ أراك في المحطة عند الظهر",
        "שלום עולם, ניפגש בתחנה בצהריים ונביא איתנו את המפות",
        "我们在车站见面。你好，世界！请把地图也带来，我们明天一早就出发。",
        "नमस्ते दुनिया, हम दोपहर को स्टेशन पर मिलेंगे",
        "👩‍👩‍👧‍👦👍🏽🇫🇷❤️ é̂̂ 한국어도 됩니다 ｆｕｌｌｗｉｄｔｈ",
        "aVeryLongWordWithoutAnySpaceThatGoesOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOn",
    ];
    for (n, text) in (1..).zip(texts) {
        for columns in [40, 60, 80, 200] {
            let mut app = talking(
                Language::English,
                vec![message(n, text, Some(SendState::Sent))],
            );
            let lines = screen(&mut app, columns, 24);
            let narrow = columns < 60;
            for line in &lines {
                assert!(clean::width(line) <= usize::from(columns), "{line:?}");
            }
            if !narrow {
                let bars = lines.iter().filter(|line| line.contains('│')).count();
                assert_eq!(bars, 21, "the separator stands in every row: {lines:?}");
                let at = |line: &String| clean::width(line.split('│').next().unwrap());
                let first = lines.iter().find(|line| line.contains('│')).map(at);
                let mut with = lines.iter().filter(|line| line.contains('│'));
                assert!(
                    with.all(|line| Some(at(line)) == first),
                    "in one column: {lines:?}"
                );
            }
            let squeeze = |s: &str| s.replace([' ', '\n', '│'], "");
            let seen: String = lines
                .iter()
                .map(|line| line.rsplit('│').next().unwrap())
                .collect();
            assert!(
                squeeze(&seen).contains(&squeeze(text)),
                "nothing is lost: {lines:?}"
            );
        }
    }
}

#[test]
fn pages_stay_where_they_are_when_more_comes() {
    let mut app = talking(Language::English, vec![]);
    set(&mut app, many(1, 100), false);
    assert!(shown(&mut app, 80, 24).contains("message 100"));
    press(&mut app, KeyCode::PageUp);
    let before = shown(&mut app, 80, 24);
    assert!(
        !before.contains("message 100") && before.contains("PgDn: newer"),
        "{before}"
    );
    let middle = |text: &str| {
        text.lines()
            .skip(3)
            .take(12)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    set(&mut app, many(1, 130), false);
    assert_eq!(
        middle(&shown(&mut app, 80, 24)),
        middle(&before),
        "newer ones do not push"
    );
    press(&mut app, KeyCode::PageDown);
    press(&mut app, KeyCode::PageDown);
    press(&mut app, KeyCode::PageDown);
    press(&mut app, KeyCode::PageDown);
    let after = shown(&mut app, 80, 24);
    assert!(
        after.contains("message 130") && !after.contains("PgDn: newer"),
        "{after}"
    );
    press(&mut app, KeyCode::PageUp);
    press(&mut app, KeyCode::End);
    assert!(shown(&mut app, 80, 24).contains("message 130"));
}

#[test]
fn older_messages_are_loaded_as_one_scrolls_and_the_view_stays() {
    let mut app = talking(Language::English, vec![]);
    set(&mut app, many(401, 500), true);
    shown(&mut app, 80, 24);
    app.take_effects();
    let mut limit = 0;
    for _ in 0..40 {
        press(&mut app, KeyCode::PageUp);
        let wanted = app
            .take_effects()
            .into_iter()
            .find_map(|effect| match effect {
                Effect::Load { limit, .. } => Some(limit),
                _ => None,
            });
        if let Some(wanted) = wanted {
            limit = wanted;
            break;
        }
    }
    assert_eq!(limit, 200, "a longer page is asked for at the top");
    let at_top = shown(&mut app, 80, 24);
    assert!(
        at_top.contains("message 401") && at_top.contains("Loading older"),
        "{at_top}"
    );
    set(&mut app, many(301, 500), true);
    let after = shown(&mut app, 80, 24);
    assert!(
        after.contains("message 401"),
        "the same message is still seen: {after}"
    );
    press(&mut app, KeyCode::PageUp);
    assert!(shown(&mut app, 80, 24).contains("message 395"));
}

#[test]
fn older_messages_on_the_server_are_asked_for_once() {
    let mut app = talking(Language::English, vec![]);
    let mut newest = page(many(90, 92), true);
    newest.older_on_server = true;
    app.on(Event::Page(TALK, Ok(newest.clone())));
    // the screen is not full: asked for by itself
    let asked = |app: &mut App| {
        let all = commands(app);
        all.iter()
            .filter(|c| matches!(c, Command::LoadOlder { .. }))
            .count()
    };
    assert_eq!(asked(&mut app), 1);
    press(&mut app, KeyCode::PageUp);
    app.on(Event::Page(TALK, Ok(newest)));
    assert_eq!(asked(&mut app), 0, "not again while it is on its way");
    set(&mut app, many(1, 92), false);
    assert!(shown(&mut app, 80, 24).contains("message 92"));
}

#[test]
fn a_line_shows_where_the_new_ones_begin() {
    let mut app = at_home(
        Language::English,
        vec![{
            let mut row = row(2, "Grace", 3, "…");
            row.conversation = TALK;
            row
        }],
    );
    app.on(Event::Update(Update::Opened(TALK)));
    let mut items = many(1, 10);
    items.push(message(11, "mine", Some(SendState::Sent)));
    set(&mut app, items, false);
    let text = shown(&mut app, 80, 50);
    let new = text.find("New messages").unwrap();
    assert!(
        text.find("message 7").unwrap() < new && new < text.find("message 8").unwrap(),
        "{text}"
    );
    enter(&mut app, "an answer");
    assert!(
        !shown(&mut app, 80, 50).contains("New messages"),
        "answered: nothing is new"
    );
}

#[test]
fn what_comes_while_one_reads_further_up_or_looks_away_is_new() {
    let mut app = talking(Language::English, vec![]);
    set(&mut app, many(1, 100), false);
    shown(&mut app, 80, 24);
    assert_eq!(read_up_to(&mut app), Some(100), "seen at once");
    press(&mut app, KeyCode::PageUp);
    set(&mut app, many(1, 103), false);
    assert_eq!(read_up_to(&mut app), None, "not seen yet");
    press(&mut app, KeyCode::End);
    assert_eq!(read_up_to(&mut app), Some(103));
    let text = shown(&mut app, 80, 24);
    let new = text.find("New messages").unwrap();
    assert!(new < text.find("message 101").unwrap(), "{text}");
    app.on(Event::Focus(false));
    set(&mut app, many(1, 104), false);
    assert_eq!(read_up_to(&mut app), None, "nobody looks");
    app.on(Event::Focus(true));
    assert_eq!(read_up_to(&mut app), Some(104));
}

fn read_up_to(app: &mut App) -> Option<u64> {
    commands(app).iter().find_map(|command| match command {
        Command::MarkRead {
            conversation: TALK,
            seq,
        } => Some(*seq),
        _ => None,
    })
}

#[test]
fn what_is_written_is_sent_and_slashes_are_commands() {
    let mut app = talking(Language::English, vec![]);
    let sent = |app: &mut App, line: &str| {
        enter(app, line);
        commands(app).into_iter().find_map(|command| match command {
            Command::SendText { text, .. } => Some(text),
            _ => None,
        })
    };
    assert_eq!(sent(&mut app, "hello"), Some("hello".to_owned()));
    assert_eq!(sent(&mut app, "//etc"), Some("/etc".to_owned()));
    assert_eq!(sent(&mut app, "   "), None);
    assert_eq!(sent(&mut app, "/nonsense"), None);
    app.on(Event::Paste("two\r\nlines".to_owned()));
    assert_eq!(sent(&mut app, ""), Some("two\nlines".to_owned()));
    press(&mut app, KeyCode::Char('a'));
    press_with(&mut app, KeyCode::Enter, KeyModifiers::ALT);
    assert_eq!(sent(&mut app, "b"), Some("a\nb".to_owned()));
    let long = "é".repeat(2048);
    for _ in 0..5 {
        app.on(Event::Paste(long.clone()));
    }
    assert!(
        app.home.editor.text().len() <= 16 * 1024,
        "what can't be sent can't be typed"
    );
}

#[test]
fn drafts_stay_with_their_conversations() {
    let other = row(5, "Linus", 0, "…");
    let mut app = talking(Language::English, vec![]);
    let mut shown = snapshot(vec![]);
    let mut grace = row(2, "Grace", 0, "…");
    grace.conversation = TALK;
    shown.conversations = vec![grace, other];
    app.on(Event::Snapshot(Box::new(shown)));
    for c in "half a thought".chars() {
        press(&mut app, KeyCode::Char(c));
    }
    press(&mut app, KeyCode::Tab);
    assert!(app.home.editor.is_empty());
    press_with(&mut app, KeyCode::Up, KeyModifiers::ALT);
    assert_eq!(app.home.editor.text(), "half a thought");
}

#[test]
fn people_are_found_and_talked_to_by_name_and_number() {
    let mut app = at_home(Language::French, vec![]);
    let grace = person(OTHER, "grace", "Grace Hopper");
    let gracie = person(protocol::MemberId([3; 16]), "gracie", "Gracie");
    let opened = |app: &mut App| {
        commands(app).into_iter().find_map(|command| match command {
            Command::OpenDirect { member } => Some(member),
            _ => None,
        })
    };
    enter(&mut app, "/parler grace");
    assert!(
        matches!(commands(&mut app).as_slice(), [Command::FindPeople { query }] if query == "grace")
    );
    let people = vec![person(ME, "ada", "Ada"), grace.clone(), gracie.clone()];
    app.on(Event::Update(Update::People(people)));
    assert_eq!(
        opened(&mut app),
        Some(OTHER),
        "the exact name among several"
    );
    enter(&mut app, "/talk gra");
    commands(&mut app);
    app.on(Event::Update(Update::People(vec![grace.clone(), gracie])));
    assert_eq!(opened(&mut app), None);
    assert!(flat(&mut app, 80, 24).contains("2 personnes trouvées"));
    enter(&mut app, "/talk 1");
    assert_eq!(opened(&mut app), Some(OTHER));
    enter(&mut app, "/talk 9");
    assert!(flat(&mut app, 80, 24).contains("Il n’y a pas de numéro 9."));
    enter(&mut app, "/talk nobody");
    app.on(Event::Update(Update::People(vec![])));
    assert!(flat(&mut app, 80, 24).contains("Personne du nom de nobody."));
}
