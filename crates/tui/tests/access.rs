//! Shutting devices out, new passphrases, what admins do for others, and identities: what is typed, and that nothing is done
//! that was not asked and answered.
#![allow(clippy::unwrap_used)]

mod common;

use client::{
    Command, Doing, Failure, SeenNotices, Update,
    view::{ForgottenView, IdentityChange, RecoveryView, SendState, Settings},
};
use common::*;
use crossterm::event::KeyCode;
use protocol::{DeviceId, MemberId};
use tui::{
    app::{App, Effect, Event, News, Screen},
    texts::Language,
};

const WORDS: &str = "amateur-citron-fable-jaguar-outil";

fn update(app: &mut App, update: Update) {
    app.on(Event::Update(update));
}

/// With the list of devices on the screen.
fn at_devices(language: Language) -> App {
    let mut app = talking(language, vec![]);
    enter(
        &mut app,
        match language {
            Language::English => "/devices",
            Language::French => "/appareils",
        },
    );
    assert!(matches!(commands(&mut app)[..], [Command::ListDevices]));
    update(&mut app, Update::Devices(devices()));
    app
}

#[test]
fn devices_are_listed_with_this_one_first() {
    let mut app = at_devices(Language::English);
    let text = flat(&mut app, 120, 30);
    for words in [
        "1 Terminal on laptop (this device)",
        "2 Library, seat 4",
        "3 Firefox on a phone",
        "Last connected: Today, 10:00 · Signed in: Friday 20 November, 11:00",
        "Last connected: Today, 08:00 · Signed in: Yesterday, 11:00",
        "/signout N signs one out",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("There now"));
    let mut app = at_devices(Language::French);
    assert!(flat(&mut app, 120, 30).contains("Terminal on laptop (cet appareil)"));
}

#[test]
fn another_device_is_signed_out_once_that_is_confirmed() {
    for (language, ask, yes) in [
        (Language::English, "/signout 2", "/yes"),
        (Language::English, "/signout 2", "/signout yes"),
        (Language::French, "/déconnecter 2", "/oui"),
    ] {
        let mut app = at_devices(language);
        enter(&mut app, ask);
        assert!(commands(&mut app).is_empty(), "asked first");
        let text = flat(&mut app, 120, 30);
        assert!(text.contains("Library, seat 4") && text.contains(yes.split(' ').next().unwrap()));
        // another device comes meanwhile, and takes the number: the answer is about the one that was named
        let mut more = devices();
        more[0].created = 0;
        update(&mut app, Update::Devices(more));
        enter(&mut app, yes);
        let asked = commands(&mut app);
        assert!(
            matches!(&asked[..], [Command::SignOutDevice { device }] if *device == DeviceId([7; 16])),
            "{yes}"
        );
        enter(&mut app, yes);
        assert!(commands(&mut app).is_empty(), "once");
    }
}

#[test]
fn nothing_is_signed_out_by_nonsense_or_a_late_yes() {
    let mut app = at_devices(Language::English);
    for line in [
        "/signout 9",
        "/signout 0",
        "/signout -1",
        "/signout everything",
        "/signout 99999999999999999999999",
        "/yes",
        "/signout yes",
    ] {
        enter(&mut app, line);
        assert!(commands(&mut app).is_empty(), "{line}");
        assert!(app.notice.as_ref().unwrap().bad, "{line}");
        enter(&mut app, "/yes");
        assert!(commands(&mut app).is_empty(), "{line}");
    }
    // Escape is no, and so is anything else that is asked for
    enter(&mut app, "/signout 2");
    press(&mut app, KeyCode::Esc);
    enter(&mut app, "/yes");
    enter(&mut app, "/signout 2");
    enter(&mut app, "/help");
    enter(&mut app, "/yes");
    assert!(commands(&mut app).is_empty());
    // and what is told meanwhile takes the question with it
    enter(&mut app, "/signout 2");
    update(&mut app, Update::ForgottenOthers(vec![grace()]));
    enter(&mut app, "/yes");
    assert!(commands(&mut app).is_empty());
}

#[test]
fn a_list_that_is_old_is_not_shown_for_the_one_of_now() {
    let mut app = at_devices(Language::English);
    press(&mut app, KeyCode::Esc);
    let came = Update::DeviceSignedIn {
        device: DeviceId([9; 16]),
        name: "Stranger".to_owned(),
        time: NOW,
    };
    update(&mut app, came.clone());
    enter(&mut app, "/devices");
    assert!(flat(&mut app, 120, 30).contains("One moment…"));
    commands(&mut app);
    update(&mut app, Update::Devices(devices()));
    // and one that comes while they are shown is shown, too
    update(&mut app, came);
    assert!(matches!(commands(&mut app)[..], [Command::ListDevices]));
}

#[test]
fn devices_are_asked_for_before_a_number_means_one() {
    let mut app = talking(Language::English, vec![]);
    enter(&mut app, "/signout 1");
    assert!(matches!(commands(&mut app)[..], [Command::ListDevices]));
    enter(&mut app, "/yes");
    assert!(commands(&mut app).is_empty());
    update(
        &mut app,
        Update::Failed {
            doing: Doing::ListingDevices,
            failure: Failure::Offline,
        },
    );
    assert!(flat(&mut app, 120, 24).contains("The devices can’t be shown."));
    assert!(app.home.panel.is_none());
}

#[test]
fn all_others_are_signed_out_and_the_change_of_keys_is_shown() {
    let mut app = at_devices(Language::English);
    enter(&mut app, "/signout others");
    assert!(flat(&mut app, 120, 30).contains("Really sign out all other devices?"));
    assert!(commands(&mut app).is_empty());
    enter(&mut app, "/yes");
    assert!(matches!(commands(&mut app)[..], [Command::SignOutOthers]));
    update(&mut app, Update::Done(Doing::SigningOutOthers));
    assert!(matches!(commands(&mut app)[..], [Command::ListDevices]));
    assert!(flat(&mut app, 120, 30).contains("/passphrase, and answer yes"));
    update(&mut app, Update::ChangingKeys { done: 3, total: 12 });
    let text = flat(&mut app, 120, 30);
    assert!(text.contains("● online · changing your keys: 3 of 12 conversations"));
    assert!(text.contains("If it does not move"));
    press(&mut app, KeyCode::Esc);
    let total = 12;
    update(&mut app, Update::ChangingKeys { done: 12, total });
    let text = flat(&mut app, 120, 30);
    assert!(text.contains("Your keys are changed in all conversations."));
    assert!(!text.contains("of 12"), "{text}");
    // what was known of them may be old: nobody is told that there are none
    let alone = devices().into_iter().filter(|one| one.current).collect();
    update(&mut app, Update::Devices(alone));
    enter(&mut app, "/signout others");
    enter(&mut app, "/yes");
    assert!(matches!(commands(&mut app)[..], [Command::SignOutOthers]));
}

#[test]
fn this_device_is_signed_out_and_nothing_of_before_is_left() {
    let mut rows = vec![row(2, "Grace", 0, "on its way")];
    let last = rows[0].last.as_mut().unwrap();
    (last.own, last.state) = (true, Some(SendState::Waiting));
    let mut app = at_home(Language::English, rows);
    enter(&mut app, "/signout");
    let text = flat(&mut app, 120, 24);
    assert!(text.contains("In 1 conversation, something of yours has not been sent yet"));
    assert!(commands(&mut app).is_empty());
    enter(&mut app, "/yes");
    assert!(matches!(commands(&mut app)[..], [Command::SignOut]));
    update(&mut app, Update::Wiped);
    assert!(matches!(app.screen, Screen::Welcome(_)));
    let text = flat(&mut app, 120, 24);
    assert!(text.contains("You are signed out.") && !text.contains("Grace"));
    assert!(app.home.conversations.is_empty() && app.me.is_none() && app.devices.is_none());
    // by its number it is the same
    let mut app = at_devices(Language::English);
    enter(&mut app, "/signout 1");
    enter(&mut app, "/yes");
    assert!(matches!(commands(&mut app)[..], [Command::SignOut]));
}

#[test]
fn a_sign_out_that_the_server_did_not_hear_says_what_to_do() {
    let mut app = talking(Language::English, vec![]);
    let failed = |failure| Update::Failed {
        doing: Doing::SigningOut,
        failure,
    };
    enter(&mut app, "/signout");
    enter(&mut app, "/yes");
    update(&mut app, failed(Failure::Offline));
    update(&mut app, Update::Wiped);
    assert!(flat(&mut app, 120, 24).contains("Sign this device out on another one of yours"));
    assert!(app.notice.as_ref().unwrap().stays);
    // where it could not be wiped, one is still there
    let mut app = talking(Language::English, vec![]);
    update(&mut app, failed(Failure::StoreFull));
    assert!(matches!(app.screen, Screen::Home));
    assert!(flat(&mut app, 120, 24).contains("The device was not signed out."));
}

/// Takes the passphrase that is offered, and has written it down.
fn take_the_offer(app: &mut App) {
    app.on(Event::Passphrase(e2ee::passphrase::prepare(WORDS).unwrap()));
    press(app, KeyCode::Enter);
    press(app, KeyCode::Tab);
}

#[test]
fn a_passphrase_is_changed_by_the_old_one_and_asked_whether_somebody_knows_it() {
    for (language, command, answer, known) in [
        (Language::English, "/passphrase", "yes", true),
        (Language::English, "/passphrase", "no", false),
        (Language::French, "/phrase", "oui", true),
    ] {
        let mut app = talking(language, vec![]);
        enter(&mut app, command);
        enter(&mut app, "five words that I know");
        enter(&mut app, "");
        enter(&mut app, "perhaps");
        assert!(app.notice.is_some(), "it needs an answer");
        for _ in 0.."perhaps".len() {
            press(&mut app, KeyCode::Backspace);
        }
        enter(&mut app, answer);
        take_the_offer(&mut app);
        let told = commands(&mut app);
        let [
            Command::ChangePassphrase {
                old,
                new,
                may_be_known,
            },
        ] = &told[..]
        else {
            panic!("{} commands", told.len());
        };
        assert_eq!(
            (old.reveal(), new.reveal()),
            ("five words that I know", WORDS)
        );
        assert_eq!(*may_be_known, known);
        update(&mut app, Update::Done(Doing::ChangingPassphrase));
        assert!(matches!(app.screen, Screen::Home));
    }
}

#[test]
fn a_wrong_passphrase_is_asked_for_again_and_the_rest_is_kept() {
    let mut app = talking(Language::English, vec![]);
    enter(&mut app, "/passphrase");
    enter(&mut app, "not the one");
    enter(&mut app, "yes");
    take_the_offer(&mut app);
    commands(&mut app);
    update(
        &mut app,
        Update::Failed {
            doing: Doing::ChangingPassphrase,
            failure: Failure::Passphrase,
        },
    );
    assert!(flat(&mut app, 80, 24).contains("That is not your passphrase."));
    enter(&mut app, "the right one");
    press(&mut app, KeyCode::Enter); // the answer stands
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Tab);
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::ChangePassphrase { old, may_be_known: true, .. }] if old.reveal() == "the right one"
    ));
}

#[test]
fn ones_own_names_make_no_passphrase() {
    let mut app = talking(Language::English, vec![]);
    enter(&mut app, "/passphrase");
    enter(&mut app, "five words that I know");
    enter(&mut app, "no");
    press(&mut app, KeyCode::Tab);
    enter(&mut app, "ada lovelace ada lovelace");
    assert!(flat(&mut app, 80, 24).contains("Too easy to guess."));
    assert!(commands(&mut app).is_empty());
}

#[test]
fn by_the_recovery_code_it_is_asked_as_well() {
    let code = e2ee::recovery::RecoveryCode::generate(&mut ambient::generator(
        &ambient::SeededRandom::new(7),
    ));
    let wanted = RecoveryView {
        there: true,
        passphrase_wanted: true,
        ..RecoveryView::default()
    };
    // asked for, or because one came in by it
    for (view, command) in [
        (RecoveryView::default(), "/passphrase code"),
        (wanted, "/passphrase"),
    ] {
        let mut app = talking(Language::English, vec![]);
        update(&mut app, Update::Recovery(view));
        if view.passphrase_wanted {
            assert!(flat(&mut app, 80, 24).contains("have no new passphrase yet"));
        }
        enter(&mut app, command);
        enter(&mut app, &code.reveal());
        assert!(flat(&mut app, 80, 24).contains("May somebody know the old passphrase?"));
        enter(&mut app, "yes");
        take_the_offer(&mut app);
        assert!(matches!(
            &commands(&mut app)[..],
            [Command::ChangePassphraseByCode {
                may_be_known: true,
                ..
            }]
        ));
    }
}

#[test]
fn who_has_no_recovery_code_is_reminded_once() {
    let remind = RecoveryView {
        remind: true,
        ..RecoveryView::default()
    };
    let reminded = |app: &mut App| {
        let told = commands(app).into_iter();
        told.filter(|command| {
            matches!(
                command,
                Command::SaveSettings(Settings {
                    recovery_reminded: true,
                    receipts: false,
                    ..
                })
            )
        })
        .count()
    };
    let start = || {
        let mut app = talking(Language::English, vec![]);
        // other settings stay as they are
        update(
            &mut app,
            Update::Settings(Settings {
                receipts: false,
                ..Settings::default()
            }),
        );
        // what is loud comes first
        update(&mut app, Update::PassphraseChanged { time: NOW });
        update(&mut app, Update::Recovery(remind));
        assert!(!flat(&mut app, 80, 24).contains("/recovery makes one"));
        press(&mut app, KeyCode::Esc);
        assert!(flat(&mut app, 80, 24).contains("/recovery makes one"));
        assert_eq!(reminded(&mut app), 0, "it has to be seen first");
        app
    };
    let mut app = start();
    press(&mut app, KeyCode::Esc);
    assert_eq!(reminded(&mut app), 1);
    assert!(app.notice.is_none());
    update(&mut app, Update::Recovery(remind));
    assert!(app.notice.is_none(), "once");
    for answer in ["/yes", "/recovery"] {
        let mut app = start();
        enter(&mut app, answer);
        assert!(matches!(app.screen, Screen::Account(_)), "{answer}");
        assert_eq!(reminded(&mut app), 1, "{answer}");
    }
}

fn grace() -> client::view::PersonView {
    person(OTHER, "grace", "Grace Hopper")
}

#[test]
fn an_admin_makes_a_reset_link_that_is_shown_once() {
    for (language, typed, yes) in [
        (Language::English, "/reset \"Grace Hopper\"", "/yes"),
        (Language::French, "/réinitialiser Grace Hopper", "/oui"),
    ] {
        let mut app = talking(language, vec![]);
        enter(&mut app, typed);
        assert!(matches!(
            &commands(&mut app)[..],
            [Command::FindPeople { query }] if query == "Grace Hopper"
        ));
        update(&mut app, Update::People(vec![grace()]));
        assert!(commands(&mut app).is_empty(), "asked first");
        enter(&mut app, yes);
        assert!(matches!(
            &commands(&mut app)[..],
            [Command::ResetMember { member }] if *member == OTHER
        ));
        let link = "https://chat.example:7443/r#AQcHBwcHBwcHBwcHBwcHBwc";
        let made = Update::ResetLink {
            member: OTHER,
            link: link.to_owned(),
            expires: NOW + 24 * 60 * MINUTE,
        };
        update(&mut app, made);
        let text = flat(&mut app, 120, 30);
        assert!(
            text.contains(link) && text.contains("Grace Hopper"),
            "{text}"
        );
        assert!(!format!("{:?}", app.home.panel).contains("AQcH"));
        press(&mut app, KeyCode::Esc);
        assert!(!flat(&mut app, 120, 30).contains(link));
    }
    let mut app = talking(Language::English, vec![]);
    enter(&mut app, "/reset");
    enter(&mut app, "/reset 1");
    assert!(
        matches!(&commands(&mut app)[..], [Command::FindPeople { query }] if query == "1"),
        "a number means nobody whom one does not see"
    );
    update(&mut app, Update::People(vec![]));
    enter(&mut app, "/yes");
    assert!(commands(&mut app).is_empty());
    let failed = Update::Failed {
        doing: Doing::ResettingMember,
        failure: Failure::Offline,
    };
    update(&mut app, failed);
    assert!(flat(&mut app, 120, 24).contains("That was not done."));
}

#[test]
fn of_several_of_a_name_one_is_chosen_by_number() {
    let two = || vec![grace(), person(MemberId([6; 16]), "grace2", "Grace Hopper")];
    let mut app = talking(Language::English, vec![]);
    enter(&mut app, "/reset Grace Hopper");
    commands(&mut app);
    update(&mut app, Update::People(two()));
    assert!(flat(&mut app, 120, 24).contains("Choose: /reset 1, /reset 2"));
    enter(&mut app, "/reset 2");
    assert!(commands(&mut app).is_empty());
    enter(&mut app, "/yes");
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::ResetMember { member }] if *member == MemberId([6; 16])
    ));
}

#[test]
fn an_admin_approves_a_forgotten_passphrase_of_who_asks() {
    let mut app = talking(Language::English, vec![]);
    for line in ["/forgotten approve grace", "/yes", "/forgotten perhaps"] {
        enter(&mut app, line);
        assert!(commands(&mut app).is_empty(), "{line}");
    }
    update(&mut app, Update::ForgottenOthers(vec![grace()]));
    assert!(flat(&mut app, 120, 24).contains("Grace Hopper"));
    enter(&mut app, "/forgotten approve nobody");
    assert!(flat(&mut app, 120, 24).contains("nobody does not ask"));
    enter(&mut app, "/forgotten approve grace hopper");
    assert!(commands(&mut app).is_empty(), "asked first");
    assert!(flat(&mut app, 120, 24).contains("Have you asked Grace Hopper"));
    enter(&mut app, "/yes");
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::ApproveForgotten { member: Some(member) }] if *member == OTHER
    ));
    let mut app = talking(Language::French, vec![]);
    update(&mut app, Update::ForgottenOthers(vec![grace()]));
    enter(&mut app, "/oubliée approuver grace");
    enter(&mut app, "/oui");
    assert_eq!(commands(&mut app).len(), 1);
}

const NUMBER: &str = "012345678901234567890123456789012345678901234567890123456789";

/// What is asked of the engine about a safety number.
fn asks_for_number(app: &mut App) -> bool {
    let effects = app.take_effects();
    matches!(&effects[..], [Effect::Safety(member)] if *member == OTHER)
}

#[test]
fn a_number_that_was_compared_is_noted_and_taken_back() {
    for (language, verified, no) in [
        (Language::English, "/verified", "/verified no"),
        (Language::French, "/vérifié", "/vérifié non"),
    ] {
        let mut app = talking(language, vec![]);
        enter(&mut app, verified);
        assert!(app.take_effects().is_empty(), "no number is shown");
        app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
        enter(&mut app, &format!("{verified} perhaps"));
        assert!(app.take_effects().is_empty());
        enter(&mut app, verified);
        assert!(asks_for_number(&mut app), "whether it is still the same");
        app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
        assert!(matches!(
            &commands(&mut app)[..],
            [Command::SetVerified { member, verified: true }] if *member == OTHER
        ));
        let (done, marked, unmarked) = match language {
            Language::English => (
                "You have verified Grace.",
                "You have compared this already",
                "Are all of them the same? /verified",
            ),
            Language::French => (
                "Vous avez vérifié l’identité de Grace.",
                "Vous l’avez déjà comparé",
                "Tout est identique",
            ),
        };
        assert!(!flat(&mut app, 120, 24).contains(marked));
        update(&mut app, Update::Done(Doing::Verifying));
        let text = flat(&mut app, 120, 24);
        assert!(text.contains(done) && text.contains(marked), "{text}");
        enter(&mut app, no);
        assert!(matches!(
            &commands(&mut app)[..],
            [Command::SetVerified {
                verified: false,
                ..
            }]
        ));
        update(&mut app, Update::Done(Doing::Verifying));
        let text = flat(&mut app, 120, 24);
        assert!(text.contains(unmarked) && !text.contains(marked), "{text}");
    }
}

#[test]
fn a_number_that_is_another_one_by_now_is_not_noted() {
    let mut app = talking(Language::English, vec![]);
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
    enter(&mut app, "/verified");
    app.take_effects();
    app.on(Event::Safety(OTHER, Some("9".repeat(60)), false));
    assert!(commands(&mut app).is_empty());
    let text = flat(&mut app, 120, 24);
    assert!(text.contains("another one by now") && text.contains("99999"));
}

#[test]
fn a_request_of_another_device_is_told_of_and_not_asked_against() {
    let mut app = talking(Language::English, vec![]);
    let request = ForgottenView {
        name: "Chromium on Windows".to_owned(),
        asked: NOW,
        mine: false,
        approved: false,
        ready: false,
        ready_at: NOW,
    };
    update(&mut app, Update::Forgotten(Some(request)));
    press(&mut app, KeyCode::Esc);
    enter(&mut app, "/forgotten");
    assert!(commands(&mut app).is_empty());
    let text = flat(&mut app, 120, 24);
    assert!(
        text.contains("“Chromium on Windows” asks for a new passphrase"),
        "{text}"
    );
    update(&mut app, Update::Forgotten(None));
    enter(&mut app, "/forgotten");
    assert!(matches!(commands(&mut app)[..], [Command::AskForgotten]));
}

#[test]
fn who_is_verified_has_a_mark_and_who_has_changed_another() {
    let mut app = talking(Language::English, vec![]);
    let mut verified = app.home.conversations[0].clone();
    verified.verified = true;
    let mut changed = row(4, "Ben", 0, "…");
    (changed.verified, changed.identity_changed) = (true, true);
    app.on(Event::Snapshot(Box::new(snapshot(vec![verified, changed]))));
    let rows = screen(&mut app, 80, 24);
    assert!(rows[1].contains("1 ✓ Grace") && rows[1].ends_with("✓ verified"));
    assert!(rows[3].contains("2 ! Ben"), "{rows:?}");
}

/// The identity of Grace has changed.
fn changed(language: Language) -> App {
    let mut app = talking(language, vec![]);
    update(
        &mut app,
        Update::IdentityChanged(OTHER, IdentityChange::Unknown),
    );
    now_changed(&mut app, vec![OTHER]);
    app
}

/// The engine says whose identity has changed.
fn now_changed(app: &mut App, changed: Vec<MemberId>) {
    let mut now = snapshot(app.home.conversations.clone());
    now.changed = changed;
    app.on(Event::Snapshot(Box::new(now)));
    app.take_effects();
}

const BEN: MemberId = MemberId([4; 16]);

#[test]
fn who_is_accepted_is_the_one_who_was_compared_or_is_in_the_open_conversation() {
    // Grace, whose conversation is open, has changed, and then Ben, who is told of last
    let both = || {
        let mut app = changed(Language::English);
        let mut grace = app.home.conversations[0].clone();
        grace.members[1].identity_changed = true;
        grace.identity_changed = true;
        let mut ben = row(4, "Ben", 0, "…");
        ben.members[1].identity_changed = true;
        ben.identity_changed = true;
        let mut now = snapshot(vec![grace, ben]);
        now.changed = vec![OTHER, BEN];
        app.on(Event::Snapshot(Box::new(now)));
        update(
            &mut app,
            Update::IdentityChanged(BEN, IdentityChange::Unknown),
        );
        app.take_effects();
        app
    };
    let accepts = |app: &mut App| match &commands(app)[..] {
        [Command::AcceptIdentity { member, number }] => Some((*member, number.clone())),
        _ => None,
    };
    let mut app = both();
    enter(&mut app, "/accept");
    assert_eq!(accepts(&mut app), Some((OTHER, None)), "who is open");
    let mut app = both();
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
    app.take_effects();
    enter(&mut app, "/accept");
    let compared = Some(NUMBER.to_owned());
    assert_eq!(accepts(&mut app), Some((OTHER, compared.clone())));
    // Ben's number is on the screen, over the conversation with Grace
    let mut app = both();
    app.on(Event::Safety(BEN, Some(NUMBER.to_owned()), false));
    app.take_effects();
    enter(&mut app, "/accept");
    assert_eq!(accepts(&mut app), Some((BEN, compared)));
    // it is there no more: what was compared is not whom one looks at
    let mut app = both();
    app.on(Event::Safety(BEN, Some(NUMBER.to_owned()), false));
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Esc);
    app.take_effects();
    enter(&mut app, "/accept");
    assert_eq!(accepts(&mut app), Some((OTHER, None)));
}

#[test]
fn an_identity_that_was_accepted_elsewhere_is_not_accepted_here() {
    let mut app = changed(Language::English);
    now_changed(&mut app, vec![]);
    enter(&mut app, "/accept");
    assert!(commands(&mut app).is_empty());
}

#[test]
fn a_new_number_is_not_shown_as_compared_by_what_was_found_before() {
    let mut app = at_home(Language::English, vec![]);
    let mut before = grace();
    before.verified = true;
    enter(&mut app, "/find grace");
    update(&mut app, Update::People(vec![before.clone()]));
    assert!(flat(&mut app, 120, 24).contains("✓ verified"));
    // her identity changes: neither the list nor the number says that it was compared
    update(
        &mut app,
        Update::IdentityChanged(OTHER, IdentityChange::Unknown),
    );
    assert!(!flat(&mut app, 120, 24).contains("✓ verified"));
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
    assert!(!flat(&mut app, 120, 24).contains("You have compared this already"));
    app.on(Event::Who(vec![before]));
    assert!(!flat(&mut app, 120, 24).contains("✓ verified"));
    // nor once it is accepted: what counts is what the engine says with the number
    update(&mut app, Update::Done(Doing::Accepting));
    now_changed(&mut app, vec![]);
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
    assert!(!flat(&mut app, 120, 24).contains("You have compared this already"));
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), true));
    assert!(flat(&mut app, 120, 24).contains("You have compared this already"));
}

/// The number that an acceptance names.
fn accepted(app: &mut App) -> Option<Option<String>> {
    match &commands(app)[..] {
        [Command::AcceptIdentity { member, number }] if *member == OTHER => Some(number.clone()),
        _ => None,
    }
}

#[test]
fn what_was_compared_is_what_is_accepted() {
    let mut app = changed(Language::English);
    enter(&mut app, "/accept");
    assert_eq!(accepted(&mut app), Some(None), "nothing was compared");
    update(&mut app, Update::Done(Doing::Accepting));
    assert!(flat(&mut app, 120, 24).contains("You accepted the new identity of Grace."));
    enter(&mut app, "/accept");
    assert_eq!(accepted(&mut app), None, "once");

    let mut app = changed(Language::English);
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
    // it changes again before it is accepted: the engine refuses what was not compared
    update(
        &mut app,
        Update::IdentityChanged(OTHER, IdentityChange::Unknown),
    );
    enter(&mut app, "/accept");
    assert_eq!(accepted(&mut app), Some(Some(NUMBER.to_owned())));
    let refused = Update::Failed {
        doing: Doing::Accepting,
        failure: Failure::IdentityChanged(OTHER),
    };
    update(&mut app, refused);
    assert!(flat(&mut app, 120, 24).contains("once more"));
    app.on(Event::Safety(OTHER, Some("9".repeat(60)), false));
    enter(&mut app, "/accept");
    assert_eq!(accepted(&mut app), Some(Some("9".repeat(60))));
}

#[test]
fn a_number_from_before_the_change_accepts_nothing() {
    let mut app = talking(Language::French, vec![]);
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
    update(
        &mut app,
        Update::IdentityChanged(OTHER, IdentityChange::Reset),
    );
    enter(&mut app, "/accepter");
    assert_eq!(accepted(&mut app), Some(None));
}

#[test]
fn a_changed_identity_is_accepted_where_it_stands_in_the_list() {
    let mut app = talking(Language::English, vec![]);
    let mut row = app.home.conversations[0].clone();
    row.identity_changed = true;
    row.members[1] = person(OTHER, "grace", "Grace");
    row.members[1].identity_changed = true;
    app.on(Event::Snapshot(Box::new(snapshot(vec![row]))));
    app.take_effects();
    enter(&mut app, "/accept");
    assert_eq!(accepted(&mut app), Some(None));
}

#[test]
fn who_was_signed_out_while_away_is_offered_to_sign_in_again() {
    let mut app = at_home(Language::English, vec![]);
    update(&mut app, Update::SignedOut);
    let effects = app.take_effects();
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Snapshot)),
        "what can be chosen is looked at anew"
    );
    app.on(Event::Snapshot(Box::new(snapshot(vec![]))));
    let text = flat(&mut app, 80, 24);
    assert!(text.contains("This device was signed out.") && text.contains("1 Sign in"));
}

/// Who came at that time.
fn strange(time: u64) -> DeviceId {
    DeviceId([u8::try_from(time % 251).unwrap(); 16])
}

fn stranger(time: u64) -> News {
    News::SignIn {
        device: strange(time),
        name: "Stranger".to_owned(),
        time,
    }
}

/// A device of that name came.
fn came(app: &mut App, time: u64) {
    update(
        app,
        Update::DeviceSignedIn {
            device: strange(time),
            name: "Stranger".to_owned(),
            time,
        },
    );
}

/// What the engine is told that the person has seen.
fn seen(app: &mut App) -> Option<SeenNotices> {
    match &commands(app)[..] {
        [Command::NoticesSeen(seen)] => Some(seen.clone()),
        _ => None,
    }
}

const CAME: &str = "Another device signed in to your account: Stranger";

#[test]
fn what_other_devices_did_is_told_until_it_is_acknowledged() {
    let mut app = talking(Language::English, vec![]);
    came(&mut app, NOW - MINUTE);
    came(&mut app, NOW);
    let text = flat(&mut app, 120, 30);
    assert!(
        text.contains(CAME) && text.contains("before it, too: 1"),
        "{text}"
    );
    // neither commands nor louder things take it away
    commands(&mut app);
    enter(&mut app, "/who");
    assert!(flat(&mut app, 120, 30).contains(CAME));
    update(&mut app, Update::ForgottenOthers(vec![grace()]));
    assert!(!flat(&mut app, 120, 30).contains(CAME));
    press(&mut app, KeyCode::Esc);
    assert!(flat(&mut app, 120, 30).contains(CAME));
    // another kind comes to it: each is answered, and the engine is told of that alone
    update(&mut app, Update::PassphraseChanged { time: NOW });
    assert!(flat(&mut app, 120, 30).contains("Your passphrase was changed"));
    app.take_effects();
    enter(&mut app, "/yes");
    let passphrase = SeenNotices {
        passphrase: Some(NOW),
        ..SeenNotices::default()
    };
    assert_eq!(seen(&mut app), Some(passphrase));
    assert!(flat(&mut app, 120, 30).contains(CAME));
    enter(&mut app, "/yes");
    let sign_ins = SeenNotices {
        sign_ins: vec![(strange(NOW - MINUTE), NOW - MINUTE), (strange(NOW), NOW)],
        ..SeenNotices::default()
    };
    assert_eq!(seen(&mut app), Some(sign_ins));
    assert!(app.notice.is_none());
}

#[test]
fn a_sign_in_that_comes_while_one_is_answered_is_not_answered_with_it() {
    let mut app = talking(Language::English, vec![]);
    came(&mut app, NOW - MINUTE);
    assert!(flat(&mut app, 120, 30).contains(CAME));
    app.take_effects();
    for c in "/yes".chars() {
        press(&mut app, KeyCode::Char(c));
    }
    came(&mut app, NOW);
    press(&mut app, KeyCode::Enter);
    let first = SeenNotices {
        sign_ins: vec![(strange(NOW - MINUTE), NOW - MINUTE)],
        ..SeenNotices::default()
    };
    assert_eq!(seen(&mut app), Some(first));
    let text = flat(&mut app, 120, 30);
    assert!(
        text.contains(CAME) && !text.contains("before it, too"),
        "the other one is asked about by itself: {text}"
    );
    // and so is one that comes before Escape
    press(&mut app, KeyCode::Char('x'));
    came(&mut app, NOW + 1);
    press(&mut app, KeyCode::Esc);
    assert!(flat(&mut app, 120, 30).contains(CAME));
    press(&mut app, KeyCode::Esc);
    assert!(app.notice.is_none());
}

#[test]
fn what_was_put_off_is_told_again_at_the_next_start() {
    let start = |news: Vec<News>| {
        let mut app = at_home(Language::French, vec![]);
        app.screen = Screen::Starting;
        let mut first = snapshot(vec![]);
        first.news = news;
        app.on(Event::Snapshot(Box::new(first)));
        app.take_effects();
        app
    };
    let mut app = start(vec![News::Recovery(NOW), stranger(NOW)]);
    assert!(flat(&mut app, 120, 30).contains("Un autre appareil"));
    came(&mut app, NOW); // the same, told again
    assert!(!flat(&mut app, 120, 30).contains("D’autres se sont"));
    press(&mut app, KeyCode::Esc);
    assert!(flat(&mut app, 120, 30).contains("Votre code de secours a été changé"));
    enter(&mut app, "/oui");
    let recovery = SeenNotices {
        recovery: Some(NOW),
        ..SeenNotices::default()
    };
    assert_eq!(
        seen(&mut app),
        Some(recovery),
        "the other one is still open"
    );
    assert!(app.notice.is_none());
}

#[test]
fn a_stranger_who_is_signed_out_is_not_told_of_any_more() {
    for (ask, done) in [
        ("/signout 2", Doing::SigningOutDevice),
        ("/signout others", Doing::SigningOutOthers),
    ] {
        let mut app = talking(Language::English, vec![]);
        enter(&mut app, "/devices");
        let mut list = devices();
        list[2].name = "Stranger".to_owned();
        let since = list[2].created;
        list[2].device = strange(since);
        came(&mut app, since);
        update(&mut app, Update::Devices(list));
        enter(&mut app, ask);
        commands(&mut app);
        enter(&mut app, "/yes");
        assert_eq!(commands(&mut app).len(), 1);
        update(&mut app, Update::Done(done));
        assert!(matches!(
            commands(&mut app)[..],
            [Command::NoticesSeen(_), Command::ListDevices]
        ));
        press(&mut app, KeyCode::Esc);
        assert!(app.notice.is_none(), "{ask}");
    }
}

#[test]
fn nobody_is_verified_whose_identity_has_just_changed() {
    let mut app = talking(Language::English, vec![]);
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
    enter(&mut app, "/verified");
    app.on(Event::Safety(OTHER, Some(NUMBER.to_owned()), false));
    update(
        &mut app,
        Update::Failed {
            doing: Doing::Verifying,
            failure: Failure::IdentityChanged(OTHER),
        },
    );
    let text = flat(&mut app, 160, 24);
    assert!(text.contains("The identity of Grace has changed"), "{text}");
    commands(&mut app);
    update(&mut app, Update::Done(Doing::Accepting));
    assert!(!flat(&mut app, 160, 24).contains("You have verified"));
}
