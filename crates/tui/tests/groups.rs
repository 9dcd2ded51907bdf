//! Groups in the terminal: what is typed, and what is shown of those who come and go.
#![allow(clippy::unwrap_used)]

mod common;

use client::{
    Command, Doing, Failure, Update,
    view::{Item, ItemBody, PersonView, Role, StuckView},
};
use common::{
    ME, OTHER, TALK, at_home, commands, enter, flat, group, message, person, press, row, snapshot,
    talking,
};
use crossterm::event::KeyCode;
use protocol::MemberId;
use tui::{
    app::{App, Event},
    texts::Language,
};

fn told(seq: u64, body: ItemBody) -> Item {
    Item {
        message: None,
        body,
        ..message(seq, "", None)
    }
}

#[test]
fn leaving_is_asked_about() {
    for (language, first, sure) in [
        (Language::English, "/leave", "/yes"),
        (Language::English, "/leave", "/leave yes"),
        (Language::French, "/partir", "/oui"),
        (Language::French, "/partir", "/partir oui"),
    ] {
        let mut app = group(language, vec![]);
        enter(&mut app, first);
        assert!(commands(&mut app).is_empty());
        let text = flat(&mut app, 120, 24);
        let yes = match language {
            Language::English => "Leave “Desk”?",
            Language::French => "Quitter « Desk »",
        };
        assert!(text.contains(yes), "{text}");
        // another group is opened meanwhile: the answer is about the one that was named
        app.home.conversations.push(row(9, "Night desk", 0, "…"));
        if !sure.contains(' ') {
            app.home.current = Some(protocol::ConversationId([9; 16]));
        }
        enter(&mut app, sure);
        let asked = commands(&mut app);
        assert!(
            matches!(&asked[..], [Command::LeaveGroup { conversation }] if *conversation == TALK)
        );
        enter(&mut app, "/yes");
        assert!(commands(&mut app).is_empty(), "once");
    }
}

#[test]
fn giving_up_being_an_admin_is_asked_about() {
    for (language, typed, yes, role) in [
        (Language::English, "/member ada", "/yes", Role::Member),
        (Language::French, "/lecteur ada", "/oui", Role::ReadOnly),
    ] {
        let mut app = group(language, vec![]);
        enter(&mut app, typed);
        assert!(commands(&mut app).is_empty(), "asked first");
        assert!(flat(&mut app, 120, 24).contains("“Desk”") || language == Language::French);
        press(&mut app, KeyCode::Esc);
        enter(&mut app, yes);
        assert!(commands(&mut app).is_empty(), "Escape is no");
        enter(&mut app, typed);
        enter(&mut app, yes);
        assert!(matches!(
            &commands(&mut app)[..],
            [Command::SetRole { member, role: r, .. }] if *member == ME && *r == role
        ));
    }
    // an owner who becomes an admin stays one
    let mut app = group(Language::English, vec![]);
    enter(&mut app, "/admin ada");
    assert_eq!(commands(&mut app).len(), 1);
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
        told(4, ItemBody::Picture { taken_away: false }),
        told(5, ItemBody::Picture { taken_away: true }),
    ];
    let text = flat(&mut group(Language::English, rows.clone()), 120, 24);
    for line in [
        "Grace left",
        "Ben is an admin now, because the last one left",
        "The server says that the account of Grace was closed",
        "Grace changed the group’s picture",
        "Grace took the group’s picture away",
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
        may: true,
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
        may: false,
        ..asked.clone()
    };
    let mut app = stuck_group(Language::English, alone);
    let shown = flat(&mut app, 160, 24);
    assert!(shown.contains("your access is being restored"), "{shown}");
    enter(&mut app, "/restart yes");
    assert!(commands(&mut app).is_empty(), "nothing is asked");
    // who has chosen to wait may think better of it
    let waits = StuckView {
        asked: false,
        ..asked
    };
    let mut app = stuck_group(Language::English, waits);
    let shown = flat(&mut app, 160, 24);
    assert!(shown.contains("You are waiting; /restart yes"), "{shown}");
    enter(&mut app, "/restart yes");
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::DecideRestart { start: true, .. }]
    ));
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

const ANNA: MemberId = MemberId([3; 16]);
const BEN: MemberId = MemberId([4; 16]);

fn anna() -> PersonView {
    person(ANNA, "anna", "Anna Lind")
}

fn ben() -> PersonView {
    person(BEN, "ben", "Ben Okri")
}

/// The server's answer to a search.
fn found(app: &mut App, people: Vec<PersonView>) {
    app.on(Event::Update(Update::People(people)));
}

/// What is looked for, if that is all that is asked of the engine.
fn looked_for(app: &mut App) -> Option<String> {
    match &commands(app)[..] {
        [Command::FindPeople { query }] => Some(query.clone()),
        _ => None,
    }
}

#[test]
fn a_group_is_made_of_people_by_their_names_whatever_blanks_they_have() {
    for (language, typed) in [
        (Language::English, "/group \"Anna Lind\" ben"),
        (Language::English, "/group Anna Lind, ben"),
        (Language::French, "/groupe «\u{a0}Anna Lind\u{a0}» ben"),
        (Language::French, "/groupe Anna Lind, ben, Anna Lind"),
    ] {
        let mut app = at_home(language, vec![]);
        enter(&mut app, typed);
        assert_eq!(
            looked_for(&mut app).as_deref(),
            Some("Anna Lind"),
            "{typed}"
        );
        found(&mut app, vec![anna()]);
        assert_eq!(looked_for(&mut app).as_deref(), Some("ben"), "{typed}");
        found(&mut app, vec![ben()]);
        let mut asked = commands(&mut app);
        if matches!(&asked[..], [Command::FindPeople { .. }]) {
            found(&mut app, vec![anna()]); // named twice: in it once
            asked = commands(&mut app);
        }
        assert!(
            matches!(&asked[..], [Command::CreateGroup { title, members }]
                if title.is_empty() && *members == [ANNA, BEN]),
            "{typed}"
        );
    }
}

#[test]
fn people_are_added_to_the_group_that_is_open() {
    for (language, typed) in [
        (Language::English, "/add \"Anna Lind\""),
        (Language::French, "/ajouter «\u{a0}Anna Lind\u{a0}»"),
    ] {
        let mut app = group(language, vec![]);
        enter(&mut app, typed);
        assert_eq!(looked_for(&mut app).as_deref(), Some("Anna Lind"));
        found(&mut app, vec![anna()]);
        assert!(matches!(
            &commands(&mut app)[..],
            [Command::AddMembers { conversation, members }]
                if *conversation == TALK && *members == [ANNA]
        ));
    }
}

#[test]
fn who_is_not_found_or_is_several_makes_no_group() {
    for line in ["/group", "/group \"\"", "/group , ,", "/add"] {
        let mut app = group(Language::English, vec![]);
        enter(&mut app, line);
        assert!(commands(&mut app).is_empty(), "{line}");
        assert!(flat(&mut app, 120, 24).contains("“Anna Lind”"), "{line}");
    }
    let mut app = at_home(Language::English, vec![]);
    enter(&mut app, "/group nobody ben");
    commands(&mut app);
    found(&mut app, vec![]);
    assert!(commands(&mut app).is_empty());
    assert!(flat(&mut app, 120, 24).contains("Nobody by the name of nobody"));
    // two people are called so: nobody is guessed
    enter(&mut app, "/group Anna Lind, ben");
    commands(&mut app);
    found(
        &mut app,
        vec![anna(), person(MemberId([8; 16]), "anna2", "Anna Lind")],
    );
    assert!(commands(&mut app).is_empty());
    let text = flat(&mut app, 120, 24);
    assert!(text.contains("Say whom by login name"), "{text}");
    assert!(text.contains("anna2"), "both are shown: {text}");
    // no group is open
    let mut app = talking(Language::English, vec![]);
    for line in ["/add ben", "/remove ben", "/admin ben", "/title Desk"] {
        enter(&mut app, line);
        assert!(commands(&mut app).is_empty(), "{line}");
        assert!(flat(&mut app, 120, 24).contains("Open a group first"));
    }
}

/// Members of the group that is open, besides oneself: Ada Lovelace.
fn group_of(language: Language, members: Vec<PersonView>) -> App {
    let mut app = group(language, vec![]);
    let mut row = app.home.conversations[0].clone();
    row.members = vec![person(ME, "ada", "Ada Lovelace")];
    row.members.extend(members);
    app.on(Event::Snapshot(Box::new(snapshot(vec![row]))));
    app.take_effects();
    app
}

#[test]
fn members_are_removed_and_given_roles_by_name() {
    let role_of = |app: &mut App| match &commands(app)[..] {
        [Command::SetRole { member, role, .. }] => Some((*member, *role)),
        _ => None,
    };
    for (typed, member, role) in [
        ("/admin anna", ANNA, Role::GroupAdmin),
        ("/owner Anna Lind", ANNA, Role::Owner),
        ("/member \"Ben Okri\"", BEN, Role::Member),
        ("/reader BEN", BEN, Role::ReadOnly),
        ("/lecteur ben", BEN, Role::ReadOnly),
        ("/membre anna", ANNA, Role::Member),
    ] {
        let mut app = group_of(Language::English, vec![anna(), ben()]);
        enter(&mut app, typed);
        assert_eq!(role_of(&mut app), Some((member, role)), "{typed}");
    }
    let mut app = group_of(Language::French, vec![anna(), ben()]);
    enter(&mut app, "/retirer «\u{a0}Anna Lind\u{a0}»");
    assert!(commands(&mut app).is_empty(), "asked first");
    assert!(flat(&mut app, 120, 24).contains("Retirer Anna Lind de « Desk »"));
    enter(&mut app, "/oui");
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::RemoveMember { conversation, member }]
            if *conversation == TALK && *member == ANNA
    ));
}

#[test]
fn nobody_is_removed_or_changed_who_was_not_meant() {
    let other_anna = person(OTHER, "anna2", "Anna Lind");
    let mut app = group_of(Language::English, vec![anna(), other_anna]);
    for (line, words) in [
        ("/remove", "Say whom: /remove NAME"),
        ("/remove ann", "ann is not in this group"),
        ("/admin", "Say whom: /admin NAME"),
        ("/reader \"\"", "is not in this group"),
        ("/member 1", "1 is not in this group"),
        ("/remove Anna Lind", "Say whom by login name"),
    ] {
        enter(&mut app, line);
        assert!(commands(&mut app).is_empty(), "{line}");
        let text = flat(&mut app, 120, 24);
        assert!(text.contains(words), "{line}: {text}");
    }
    enter(&mut app, "/remove anna2");
    assert!(commands(&mut app).is_empty(), "asked first");
    enter(&mut app, "/yes");
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::RemoveMember { member, .. }] if *member == OTHER
    ));
}

#[test]
fn who_is_found_by_a_part_of_a_name_is_asked_about() {
    for (typed, told) in [
        ("/add ann", "Do you mean Anna Lind (anna)?"),
        ("/suspend ann", "Do you mean Anna Lind (anna)?"),
        ("/talk lind", "Do you mean Anna Lind (anna)?"),
    ] {
        let mut app = group(Language::English, vec![]);
        enter(&mut app, typed);
        assert!(looked_for(&mut app).is_some());
        found(&mut app, vec![anna()]);
        assert!(commands(&mut app).is_empty(), "{typed}: asked first");
        let text = flat(&mut app, 120, 24);
        assert!(text.contains(told), "{typed}: {text}");
        press(&mut app, KeyCode::Esc);
        enter(&mut app, "/yes");
        assert!(commands(&mut app).is_empty(), "{typed}: Escape is no");
        enter(&mut app, typed);
        found(&mut app, vec![anna()]);
        commands(&mut app);
        // somebody else is found meanwhile
        app.home.found = vec![ben()];
        enter(&mut app, "/yes");
        let asked = commands(&mut app);
        assert!(
            matches!(&asked[..], [
                Command::AddMembers { members, .. }] if *members == [ANNA])
                || matches!(&asked[..], [Command::Suspend { member, .. }
                    | Command::OpenDirect { member }] if *member == ANNA),
            "{typed}"
        );
    }
}

#[test]
fn each_search_gets_its_own_answer() {
    let mut app = group(Language::English, vec![]);
    enter(&mut app, "/suspend anna");
    enter(&mut app, "/add ben");
    enter(&mut app, "/find carol");
    enter(&mut app, "/readmit carol");
    assert_eq!(commands(&mut app).len(), 4);
    found(&mut app, vec![anna()]);
    let asked = commands(&mut app);
    assert!(
        matches!(&asked[..], [Command::Suspend { member, suspended: true }] if *member == ANNA)
    );
    // one of them fails, and something else, too
    for doing in [Doing::LoadingOlder, Doing::Finding] {
        app.on(Event::Update(Update::Failed {
            doing,
            failure: Failure::Offline,
        }));
    }
    let carol = person(OTHER, "carol", "Carol");
    found(&mut app, vec![carol.clone()]);
    assert!(commands(&mut app).is_empty(), "only shown");
    assert!(flat(&mut app, 120, 24).contains("1 person found"));
    found(&mut app, vec![carol]);
    let asked = commands(&mut app);
    assert!(
        matches!(&asked[..], [Command::Suspend { member, suspended: false }] if *member == OTHER)
    );
    for words in [
        "The account of Anna Lind is suspended now.",
        "The account of Carol is no longer suspended.",
    ] {
        app.on(Event::Update(Update::Done(Doing::Suspending)));
        let text = flat(&mut app, 120, 24);
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn title_and_rules_are_changed_and_nonsense_changes_nothing() {
    let mut app = group(Language::English, vec![]);
    enter(&mut app, "/title The  desk, \"at night\"");
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::SetTitle { title, .. }] if title == "The  desk, \"at night\""
    ));
    for (line, announcements, history_all) in [
        ("/announcements on", true, false),
        ("/announcements off", false, false),
        ("/earlier on", false, true),
        ("/annonces oui", true, false),
        ("/avant non", false, false),
    ] {
        enter(&mut app, line);
        assert!(
            matches!(
                &commands(&mut app)[..],
                [Command::SetRules { announcements: a, history_all: h, .. }]
                    if (*a, *h) == (announcements, history_all)
            ),
            "{line}"
        );
    }
    for line in [
        "/title",
        "/announcements",
        "/announcements perhaps",
        "/earlier 1",
        "/earlier",
    ] {
        enter(&mut app, line);
        assert!(commands(&mut app).is_empty(), "{line}");
    }
    assert!(flat(&mut app, 120, 24).contains("Say on or off: /earlier on"));
}

#[test]
fn two_are_put_out_of_sight_and_a_group_one_is_in_is_not() {
    let mut app = talking(Language::French, vec![]);
    enter(&mut app, "/masquer");
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::Hide { conversation, hidden: true }] if *conversation == TALK
    ));
    let mut app = group(Language::English, vec![]);
    enter(&mut app, "/hide");
    assert!(commands(&mut app).is_empty());
    assert!(flat(&mut app, 120, 24).contains("left, not hidden"));
    let mut over = app.home.conversations[0].clone();
    over.gone = true;
    app.on(Event::Snapshot(Box::new(snapshot(vec![over]))));
    app.take_effects();
    enter(&mut app, "/hide");
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::Hide { hidden: true, .. }]
    ));
    let mut app = at_home(Language::English, vec![]);
    enter(&mut app, "/hide");
    assert!(commands(&mut app).is_empty());
}

#[test]
fn a_group_that_is_still_coming_is_not_said_to_be_none() {
    let mut app = at_home(Language::English, vec![]);
    app.on(Event::Update(Update::Opened(TALK)));
    app.take_effects();
    enter(&mut app, "/title Desk");
    assert!(commands(&mut app).is_empty());
    assert!(flat(&mut app, 120, 24).contains("One moment…"));
}
