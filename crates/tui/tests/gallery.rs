//! Every screen in every language and size: nothing is cut that a person needs, nothing is empty, nothing panics.
//! `CHATALK_SHOW_SCREENS=1 cargo test -p tui --test gallery -- --nocapture` prints them.
#![allow(clippy::unwrap_used)]

mod common;

use client::{
    Command, Doing, Failure, Update,
    view::{
        ApprovalStep, ApprovalsView, ConnectionView, ForgottenView, IdentityChange, ItemBody,
        RecoveryView, SendState, SignInApproval, WaitingSignIn,
    },
};
use client_native::{Fingerprint, LinkError};
use common::*;
use crossterm::event::{KeyCode, KeyModifiers};
use e2ee::recovery::RecoveryCode;
use protocol::{DeviceId, ErrorCode, Hash32};
use tui::{
    app::{App, Entry, Event, Screen},
    texts::Language,
};

fn welcome(language: Language, set_up: Option<bool>) -> App {
    let entry = Entry {
        known: Some(peer()),
        ..Entry::default()
    };
    let mut app = app_with(language, entry);
    let mut shown = snapshot(vec![]);
    shown.me = None;
    shown.set_up = set_up;
    shown.organisation = String::new();
    app.on(Event::Started);
    app.on(Event::Snapshot(Box::new(shown)));
    app
}

fn setting_up(language: Language, answers: &[&str]) -> App {
    let mut app = welcome(language, Some(false));
    press(&mut app, KeyCode::Enter);
    let words = e2ee::passphrase::prepare("amateur-citron-fable-jaguar-outil").unwrap();
    app.on(Event::Passphrase(words));
    for answer in answers {
        enter(&mut app, answer);
    }
    app
}

fn trust(language: Language) -> App {
    let entry = Entry {
        server: Some("https://chat.example:7443".parse().unwrap()),
        ..Entry::default()
    };
    let mut app = app_with(language, entry);
    let address = "https://chat.example:7443".parse().unwrap();
    app.on(Event::Probed(address, Ok(Fingerprint(Hash32([0xa7; 32])))));
    app
}

const FILLED: [&str; 4] = [
    "ABCD-EFGH-JKMN-PQRS",
    "Journalistes Sans Papiers",
    "ada",
    "Ada Lovelace",
];

fn conversation(language: Language) -> App {
    let mut created = message(1, "", None);
    created.message = None;
    created.body = ItemBody::Created;
    let mut skewed = message(9, "my clock is wrong", None);
    skewed.time -= 26 * 60 * MINUTE;
    let mut removed = message(10, "", None);
    removed.body = ItemBody::RemovedByServer;
    let items = vec![
        created,
        message(2, "Good morning! The parcel has arrived.", None),
        message(
            3,
            "The train leaves at noon, platform four, and I will carry a red umbrella.",
            None,
        ),
        message(4, "Merci, à tout à l’heure", Some(SendState::Read)),
        message(
            5,
            "我们在车站见面。你好，世界！",
            Some(SendState::Delivered),
        ),
        message(6, "مرحبا بالعالم، أراك في المحطة", None),
        message(7, "👩‍👩‍👧‍👦 नमस्ते दुनिया é", Some(SendState::Sent)),
        skewed,
        removed,
        message(60, "on its way", Some(SendState::Waiting)),
    ];
    talking(language, items)
}

fn code() -> RecoveryCode {
    RecoveryCode::generate(&mut ambient::generator(&ambient::SeededRandom::new(7)))
}

/// At the step where the code that is shown is typed again.
fn making_a_code(language: Language) -> App {
    let mut app = at_home(language, vec![]);
    enter(&mut app, "/recovery");
    app.on(Event::RecoveryCode(code()));
    enter(&mut app, "five words that I know");
    app
}

#[test]
fn a_recovery_code_counts_once_it_was_typed_again() {
    let mut app = making_a_code(Language::English);
    let shown = code().reveal().to_string();
    let seen = screen(&mut app, 80, 24).join(" ");
    assert!(seen.contains(&shown), "{seen}");
    let other = RecoveryCode::generate(&mut ambient::generator(&ambient::SeededRandom::new(8)));
    enter(&mut app, &other.reveal());
    assert!(commands(&mut app).is_empty());
    press_with(&mut app, KeyCode::Char('u'), KeyModifiers::CONTROL);
    enter(&mut app, &shown.to_lowercase());
    let asked = commands(&mut app);
    assert!(matches!(
        &asked[..],
        [Command::SetRecovery { code: Some(_), .. }]
    ));
    // the passphrase was a wrong one: it is asked for again, and the code on paper stays good
    app.on(Event::Update(Update::Failed {
        doing: Doing::ChangingRecovery,
        failure: Failure::Passphrase,
    }));
    enter(&mut app, "the right one this time");
    assert!(screen(&mut app, 80, 24).join(" ").contains(&shown));
    press(&mut app, KeyCode::Enter); // what was typed is still there
    assert_eq!(commands(&mut app).len(), 1);
    app.on(Event::Update(Update::Done(Doing::ChangingRecovery)));
    assert!(matches!(app.screen, Screen::Home));
}

fn forgotten_by(mine: bool, ready: bool) -> ForgottenView {
    ForgottenView {
        name: "Terminal on laptop".to_owned(),
        asked: NOW - MINUTE,
        ready_at: NOW + 24 * 60 * MINUTE,
        approved: ready,
        mine,
        ready,
    }
}

#[test]
fn a_forgotten_passphrase_is_asked_for_approved_and_replaced() {
    let mut app = at_home(Language::English, vec![]);
    enter(&mut app, "/forgotten");
    assert!(matches!(commands(&mut app)[..], [Command::AskForgotten]));
    app.on(Event::Update(Update::Forgotten(Some(forgotten_by(
        true, false,
    )))));
    assert!(flat(&mut app, 80, 24).contains("/forgotten approve"));
    enter(&mut app, "/forgotten cancel");
    assert!(matches!(commands(&mut app)[..], [Command::CancelForgotten]));
    // on another device
    app.on(Event::Update(Update::Forgotten(Some(forgotten_by(
        false, false,
    )))));
    enter(&mut app, "/forgotten approve");
    let told = commands(&mut app);
    assert!(matches!(
        told[..],
        [Command::ApproveForgotten { member: None }]
    ));
    // and on the one that asked, once it may
    app.on(Event::Update(Update::Forgotten(Some(forgotten_by(
        true, true,
    )))));
    enter(&mut app, "/forgotten");
    assert!(
        commands(&mut app).is_empty(),
        "a passphrase is chosen first"
    );
    let words = "amateur-citron-fable-jaguar-outil";
    let passphrase = e2ee::passphrase::prepare(words).unwrap();
    app.on(Event::Passphrase(passphrase));
    press(&mut app, KeyCode::Enter); // take the one that is offered
    press(&mut app, KeyCode::Tab); // it is written down
    let told = commands(&mut app);
    let [Command::ReplaceForgotten { new }] = &told[..] else {
        panic!("{} commands", told.len());
    };
    assert_eq!(new.reveal(), words);
    app.on(Event::Update(Update::Done(Doing::ChangingPassphrase)));
    assert!(matches!(app.screen, Screen::Home));
}

fn approval_steps() -> [(&'static str, ApprovalStep); 5] {
    [
        ("approval: asked", ApprovalStep::Asked),
        ("approval: elsewhere", ApprovalStep::Elsewhere),
        ("approval: preparing", ApprovalStep::Preparing),
        (
            "approval: code",
            ApprovalStep::Code("123 456 789".to_owned()),
        ),
        ("approval: differs", ApprovalStep::Differs),
    ]
}

/// A device called so waits to be let in.
fn waits(step: ApprovalStep) -> Event {
    Event::Update(Update::Approvals(ApprovalsView {
        required: true,
        waiting: vec![WaitingSignIn {
            device: DeviceId([9; 16]),
            name: "Library, seat 4".to_owned(),
            asked: NOW,
            step,
        }],
    }))
}

/// Two wait: one that asked long ago, and one that asks now.
fn two_wait() -> Event {
    let waiting = [
        ([8; 16], "Old one", NOW - MINUTE),
        ([9; 16], "New one", NOW),
    ];
    Event::Update(Update::Approvals(ApprovalsView {
        required: true,
        waiting: waiting
            .map(|(device, name, asked)| WaitingSignIn {
                device: DeviceId(device),
                name: name.to_owned(),
                asked,
                step: ApprovalStep::Asked,
            })
            .to_vec(),
    }))
}

#[test]
fn of_several_that_wait_the_newest_is_told_and_each_can_be_turned_to() {
    let mut app = at_home(Language::English, vec![]);
    app.on(two_wait());
    let seen = flat(&mut app, 80, 24);
    assert!(
        seen.contains("“New one” wants") && seen.contains("2 Old one"),
        "{seen}"
    );
    enter(&mut app, "/letin 2");
    assert!(flat(&mut app, 80, 24).contains("“Old one” wants"));
    assert!(commands(&mut app).is_empty());
    // it stays that one, whatever comes
    app.on(two_wait());
    enter(&mut app, "/refuse");
    let told = commands(&mut app);
    let [Command::DenyApproval { device }] = &told[..] else {
        panic!("{} commands", told.len());
    };
    assert_eq!(*device, DeviceId([8; 16]));
    // the other is told once that one is gone
    app.on(waits(ApprovalStep::Asked));
    enter(&mut app, "/letin");
    let told = commands(&mut app);
    let [Command::ClaimApproval { device }] = &told[..] else {
        panic!("{} commands", told.len());
    };
    assert_eq!(*device, DeviceId([9; 16]));
    enter(&mut app, "/letin 7");
    assert!(commands(&mut app).is_empty());
}

/// Where somebody signs in and waits for one of their devices.
fn signing_in(language: Language, code: Option<String>) -> App {
    let mut app = welcome(language, Some(true));
    press(&mut app, KeyCode::Enter);
    enter(&mut app, "ada");
    enter(&mut app, "five words that I know");
    let let_in = false;
    app.on(Event::Update(Update::SignInApproval(Some(
        SignInApproval { code, let_in },
    ))));
    app
}

#[test]
fn a_device_is_let_in_once_the_codes_were_compared_or_refused() {
    let mut app = at_home(Language::English, vec![]);
    enter(&mut app, "/letin");
    assert!(flat(&mut app, 80, 24).contains("Nobody waits"));
    app.on(waits(ApprovalStep::Asked));
    let seen = flat(&mut app, 80, 24);
    assert!(
        seen.contains("Library, seat 4") && seen.contains("/refuse"),
        "{seen}"
    );
    enter(&mut app, "/letin");
    assert!(matches!(
        commands(&mut app)[..],
        [Command::ClaimApproval { .. }]
    ));
    app.on(waits(ApprovalStep::Code("123 456 789".to_owned())));
    assert!(flat(&mut app, 80, 24).contains("123 456 789"));
    enter(&mut app, "/letin");
    assert!(matches!(
        commands(&mut app)[..],
        [Command::GrantApproval { .. }]
    ));
    app.on(waits(ApprovalStep::Differs));
    enter(&mut app, "/refuse");
    assert!(matches!(
        commands(&mut app)[..],
        [Command::DenyApproval { .. }]
    ));
    app.on(Event::Update(Update::Done(Doing::RefusingSignIn)));
    assert!(flat(&mut app, 80, 24).contains("knows your passphrase"));
}

#[test]
fn a_sign_in_that_waits_shows_the_code_and_can_be_given_up() {
    let mut app = signing_in(Language::English, None);
    assert!(flat(&mut app, 80, 24).contains("recovery code"));
    let mut app = signing_in(Language::English, Some("123 456 789".to_owned()));
    commands(&mut app);
    assert!(flat(&mut app, 80, 24).contains("123 456 789"));
    press(&mut app, KeyCode::Esc);
    assert!(matches!(commands(&mut app)[..], [Command::CancelSignIn]));
    assert!(matches!(app.screen, Screen::Welcome(_)));
    let mut refused = signing_in(Language::English, None);
    refused.on(Event::Update(Update::SignInApproval(None)));
    refused.on(Event::Update(Update::Failed {
        doing: Doing::SigningIn,
        failure: Failure::NotLetIn,
    }));
    assert!(flat(&mut refused, 80, 24).contains("not let in"));
}

#[test]
fn approval_is_switched_on_with_another_passphrase_and_off_with_the_same() {
    let mut app = at_home(Language::English, vec![]);
    enter(&mut app, "/approval");
    assert!(flat(&mut app, 80, 24).contains("/approval on"));
    enter(&mut app, "/approval on");
    assert!(flat(&mut app, 80, 24).contains("your history is gone"));
    enter(&mut app, "five words that I know");
    let words = "amateur-citron-fable-jaguar-outil";
    app.on(Event::Passphrase(e2ee::passphrase::prepare(words).unwrap()));
    press(&mut app, KeyCode::Enter); // take the one that is offered
    press(&mut app, KeyCode::Tab); // it is written down
    let told = commands(&mut app);
    let [
        Command::SetApproval {
            old,
            new,
            required: true,
        },
    ] = &told[..]
    else {
        panic!("{} commands", told.len());
    };
    assert_eq!(
        (old.reveal(), new.reveal()),
        ("five words that I know", words)
    );
    app.on(Event::Update(Update::Approvals(ApprovalsView {
        required: true,
        waiting: vec![],
    })));
    app.on(Event::Update(Update::Done(Doing::ChangingPassphrase)));
    assert!(flat(&mut app, 80, 24).contains("need the approval"));
    enter(&mut app, "/approval off");
    enter(&mut app, words);
    let told = commands(&mut app);
    let [
        Command::SetApproval {
            old,
            new,
            required: false,
        },
    ] = &told[..]
    else {
        panic!("{} commands", told.len());
    };
    assert_eq!(old.reveal(), new.reveal());
}

#[test]
fn a_reset_link_in_the_place_of_the_passphrase_leads_to_a_new_beginning() {
    let mut app = welcome(Language::English, Some(true));
    press(&mut app, KeyCode::Enter);
    enter(&mut app, "ada");
    let link = "https://chat.example:7443/r#AQcHBwcHBwcHBwcHBwcHBwc";
    enter(&mut app, link);
    assert!(
        commands(&mut app).is_empty(),
        "a passphrase is chosen first"
    );
    app.on(Event::Passphrase(
        e2ee::passphrase::prepare("amateur-citron-fable-jaguar-outil").unwrap(),
    ));
    let seen = screen(&mut app, 80, 24).concat();
    assert!(!seen.contains("AQcHBw"), "the secret is not shown again");
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Tab);
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::BeginAnew { link: used, .. }] if used == link
    ));
    app.on(Event::Update(Update::SignedIn { member: ME }));
    assert!(matches!(app.screen, Screen::Home));
}

#[test]
fn a_recovery_code_in_the_place_of_the_passphrase_signs_in_and_leads_to_a_new_one() {
    let mut app = welcome(Language::English, Some(true));
    press(&mut app, KeyCode::Enter);
    enter(&mut app, "ada");
    enter(&mut app, &code().reveal());
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::SignInByCode { login_name, .. }] if login_name == "ada"
    ));
    app.on(Event::Update(Update::SignedIn { member: ME }));
    app.on(Event::Passphrase(
        e2ee::passphrase::prepare("amateur-citron-fable-jaguar-outil").unwrap(),
    ));
    enter(&mut app, "no"); // nobody knows the old one
    press(&mut app, KeyCode::Enter); // take the one that is offered
    press(&mut app, KeyCode::Tab); // it is written down
    assert!(matches!(
        &commands(&mut app)[..],
        [Command::ChangePassphraseByCode {
            may_be_known: false,
            ..
        }]
    ));
    app.on(Event::Update(Update::SignedIn { member: ME })); // other keys
    app.on(Event::Update(Update::Done(Doing::ChangingPassphrase)));
    assert!(matches!(app.screen, Screen::Home));
}

/// With somebody who was verified, and somebody whose identity has changed.
fn verified(language: Language) -> App {
    let mut app = conversation(language);
    let mut first = app.home.conversations[0].clone();
    first.verified = true;
    first.members[1].verified = true;
    first.timer_s = 3_600;
    let mut second = row(4, "祖冲之", 0, "");
    second.last = None;
    second.identity_changed = true;
    let rows = vec![first, second];
    app.on(Event::Snapshot(Box::new(snapshot(rows))));
    app.on(Event::Safety(OTHER, Some("0123456789".repeat(6)), false));
    enter(&mut app, "/verified");
    app.on(Event::Safety(OTHER, Some("0123456789".repeat(6)), false));
    app.on(Event::Update(Update::Done(Doing::Verifying)));
    app
}

/// Devices, the change of keys, resets, and what is asked about them.
fn access(language: Language) -> Vec<(&'static str, App)> {
    let mut out = Vec::new();
    let listed = || {
        let mut app = conversation(language);
        enter(&mut app, "/devices");
        app.on(Event::Update(Update::Devices(devices())));
        app
    };
    let changing = Event::Update(Update::ChangingKeys { done: 3, total: 12 });
    let mut waiting = conversation(language);
    enter(&mut waiting, "/devices");
    out.push(("devices: to come", waiting));
    out.push(("devices", listed()));
    let mut keys = listed();
    keys.on(Event::Update(Update::Done(Doing::SigningOutDevice)));
    keys.on(changing);
    out.push(("devices: keys change", keys));
    for (name, command) in [
        ("sign out: this one", "/signout"),
        ("sign out: another one", "/signout 2"),
        ("sign out: all others", "/signout others"),
        ("sign out: none of that number", "/signout 9"),
    ] {
        let mut app = listed();
        enter(&mut app, command);
        out.push((name, app));
    }
    let mut left = conversation(language);
    left.on(Event::Update(Update::Wiped));
    out.push(("signed out", left));
    let mut reset = conversation(language);
    enter(&mut reset, "/reset grace");
    let grace = person(OTHER, "grace", "Grace Hopper");
    reset.on(Event::Update(Update::People(vec![grace])));
    out.push(("reset: asked", reset));
    let mut link = conversation(language);
    link.on(Event::Update(Update::ResetLink {
        member: OTHER,
        link: format!(
            "https://192.168.1.20:7443/r#{}",
            "gqF2AaZzZWNyZXTEEJ3k".repeat(3)
        ),
        expires: NOW + 24 * 60 * MINUTE,
    }));
    out.push(("reset: link", link));
    let mut approve = conversation(language);
    let grace = person(OTHER, "grace", "Grace Hopper");
    approve.on(Event::Update(Update::ForgottenOthers(vec![grace])));
    enter(&mut approve, "/forgotten approve grace");
    out.push(("forgotten: approve", approve));
    let mut remind = conversation(language);
    remind.on(Event::Update(Update::Recovery(RecoveryView {
        remind: true,
        ..RecoveryView::default()
    })));
    out.push(("recovery: reminded", remind));
    out
}

fn screens(language: Language) -> Vec<(&'static str, App)> {
    let mut out = Vec::new();
    out.push(("server", app(language)));
    let mut bad = app(language);
    enter(&mut bad, "what is that");
    out.push(("server, bad", bad));
    out.push(("trust", trust(language)));
    let mut waiting = welcome(language, None);
    waiting.on(Event::Problem(Some(LinkError::Unreachable(String::new()))));
    let offline = ConnectionView::Offline {
        retry_at: NOW + 1900,
    };
    waiting.on(Event::Update(Update::Connection(offline)));
    out.push(("welcome, offline", waiting));
    out.push(("welcome", welcome(language, Some(true))));
    out.push(("welcome, new", welcome(language, Some(false))));
    out.push(("set up: code", setting_up(language, &[])));
    out.push(("set up: display name", setting_up(language, &FILLED[..3])));
    out.push(("set up: passphrase", setting_up(language, &FILLED)));
    let mut own = setting_up(language, &FILLED);
    press(&mut own, KeyCode::Tab);
    enter(&mut own, "ada lovelace");
    out.push(("set up: own passphrase", own));
    let mut again = setting_up(language, &FILLED);
    press(&mut again, KeyCode::Enter);
    out.push(("set up: again", again));
    let mut working = setting_up(language, &FILLED);
    press(&mut working, KeyCode::Enter);
    press(&mut working, KeyCode::Tab);
    out.push(("set up: working", working));
    let mut sign_in = welcome(language, Some(true));
    press(&mut sign_in, KeyCode::Enter);
    enter(&mut sign_in, "ada");
    enter(&mut sign_in, "wrong horse");
    let refused = Failure::Server {
        code: ErrorCode::WrongNameOrPassphrase,
        message: String::new(),
        retryable: false,
        retry_after_ms: None,
    };
    sign_in.on(Event::Update(Update::Failed {
        doing: Doing::SigningIn,
        failure: refused,
    }));
    out.push(("sign in: refused", sign_in));
    let mut recovery = at_home(language, vec![]);
    enter(&mut recovery, "/recovery");
    out.push(("recovery: passphrase", recovery));
    let mut code = making_a_code(language);
    enter(&mut code, "7QK2M");
    out.push(("recovery: mistyped", code));
    let mut new = at_home(language, vec![]);
    enter(&mut new, "/passphrase code");
    out.push(("new passphrase: code", new));
    let mut new = at_home(language, vec![]);
    enter(&mut new, "/passphrase");
    out.push(("new passphrase: the old one", new));
    let mut new = at_home(language, vec![]);
    enter(&mut new, "/passphrase");
    enter(&mut new, "five words that I know");
    enter(&mut new, "perhaps");
    out.push(("new passphrase: known", new));
    out.push(("home, empty", at_home(language, vec![])));
    let many = vec![
        row(
            2,
            "Grace Hopper",
            3,
            "see you at the station, and bring the maps with you",
        ),
        row(3, "محمد بن موسى الخوارزمي", 0, "مرحبا بالعالم"),
        row(4, "祖冲之", 12, "圆周率是多少？"),
        row(
            5,
            "A-name-that-is-much-too-long-for-any-list-of-conversations",
            0,
            "ok",
        ),
    ];
    out.push(("home, list", at_home(language, many)));
    out.push(("conversation", conversation(language)));
    for (name, command) in [
        ("help", "/help"),
        ("unknown", "/frobnicate"),
        ("inviting", "/invite"),
    ] {
        let mut app = conversation(language);
        enter(&mut app, command);
        out.push((name, app));
    }
    let mut invitation = conversation(language);
    invitation.on(Event::Update(Update::Invitation {
        link: format!(
            "https://192.168.1.20:7443/i#{}",
            "gqF2AaZzZWNyZXTEEJ3k".repeat(12)
        ),
        expires: NOW + 7 * 24 * 60 * MINUTE,
    }));
    out.push(("invitation", invitation));
    let mut found = conversation(language);
    found.on(Event::Update(Update::People(vec![
        person(OTHER, "grace", "Grace Hopper"),
        person(
            protocol::MemberId([5; 16]),
            "khwarizmi",
            "محمد بن موسى الخوارزمي",
        ),
    ])));
    out.push(("people", found));
    let mut who = conversation(language);
    who.on(Event::Who(vec![
        person(ME, "ada", "Ada Lovelace"),
        person(OTHER, "grace", "Grace"),
    ]));
    out.push(("who", who));
    let mut safety = conversation(language);
    safety.on(Event::Safety(OTHER, Some("0123456789".repeat(6)), false));
    out.push(("safety", safety));
    out.push(("safety: verified", verified(language)));
    out.extend(access(language));
    let mut changed = conversation(language);
    changed.on(Event::Update(Update::IdentityChanged(
        OTHER,
        IdentityChange::Unknown,
    )));
    out.push(("identity changed", changed));
    for (name, change) in [
        ("identity confirmed", IdentityChange::Confirmed),
        ("identity reset", IdentityChange::Reset),
    ] {
        let mut changed = conversation(language);
        changed.on(Event::Update(Update::IdentityChanged(OTHER, change)));
        out.push((name, changed));
    }
    for (name, mine, ready) in [
        ("forgotten: waits", true, false),
        ("forgotten: ready", true, true),
        ("forgotten: elsewhere", false, false),
        ("forgotten: elsewhere, approved", false, true),
    ] {
        let mut forgotten = conversation(language);
        forgotten.on(Event::Update(Update::Forgotten(Some(forgotten_by(
            mine, ready,
        )))));
        out.push((name, forgotten));
    }
    for (name, step) in approval_steps() {
        let mut app = conversation(language);
        app.on(waits(step));
        out.push((name, app));
    }
    let mut several = conversation(language);
    several.on(two_wait());
    out.push(("approval: several", several));
    out.push(("sign in: waits", signing_in(language, None)));
    let code = Some("123 456 789".to_owned());
    out.push(("sign in: code", signing_in(language, code)));
    let mut approval = at_home(language, vec![]);
    enter(&mut approval, "/approval on");
    out.push(("approval: passphrase", approval));
    let mut others = conversation(language);
    others.on(Event::Update(Update::ForgottenOthers(vec![person(
        OTHER,
        "grace",
        "Grace Hopper",
    )])));
    out.push(("forgotten: others", others));
    let mut device = conversation(language);
    device.on(Event::Update(Update::DeviceSignedIn {
        device: protocol::DeviceId([9; 16]),
        name: "Terminal on laptop".to_owned(),
        time: NOW - MINUTE,
    }));
    out.push(("device signed in", device));
    let mut passphrase = conversation(language);
    passphrase.on(Event::Update(Update::PassphraseChanged {
        time: NOW - MINUTE,
    }));
    out.push(("passphrase changed", passphrase));
    let mut recovery = conversation(language);
    recovery.on(Event::Update(Update::RecoveryChanged {
        time: NOW - MINUTE,
    }));
    out.push(("recovery code changed", recovery));
    let mut read_only = conversation(language);
    read_only.on(Event::Update(Update::Connection(
        ConnectionView::ReadOnly {
            reason: "the disk is full: free some space on it".to_owned(),
        },
    )));
    out.push(("read-only", read_only));
    out
}

#[test]
fn every_screen_in_every_language_and_size() {
    let show = std::env::var_os("CHATALK_SHOW_SCREENS").is_some();
    for language in Language::ALL {
        for (columns, rows) in [(80, 24), (40, 20), (200, 50), (20, 8), (1, 1)] {
            for (name, mut app) in screens(language) {
                let lines = screen(&mut app, columns, rows);
                if show && columns != 200 && columns > 20 {
                    println!("── {name} {language:?} {columns}×{rows}");
                    let edge = |line: &String| format!("{line:<0$}▕", 0);
                    println!("{}", lines.iter().map(edge).collect::<Vec<_>>().join("\n"));
                }
                let text = lines.join("");
                assert!(!text.contains(char::is_control), "{name}: {text:?}");
                if columns >= 40 {
                    assert!(lines[0].starts_with("ChaTalK"), "{name}: {lines:?}");
                    assert!(
                        lines.iter().filter(|l| !l.is_empty()).count() >= 2,
                        "{name}: {lines:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_two_languages_share_no_sentence() {
    for ((name, mut english), (_, mut french)) in screens(Language::English)
        .into_iter()
        .zip(screens(Language::French))
    {
        let sentences = |app: &mut App| {
            let lines = screen(app, 200, 50);
            let long = lines
                .into_iter()
                .filter(|line| line.split_whitespace().count() > 8);
            long.filter(|line| !line.contains("umbrella"))
                .collect::<Vec<_>>()
        };
        let (english, french) = (sentences(&mut english), sentences(&mut french));
        assert!(
            english.iter().all(|line| !french.contains(line)),
            "{name}: {english:?}"
        );
    }
}

#[test]
fn control_c_ends_every_screen() {
    for (name, mut app) in screens(Language::English) {
        app.take_effects();
        press_with(&mut app, KeyCode::Char('c'), KeyModifiers::CONTROL);
        let effects = app.take_effects();
        assert!(
            matches!(effects.last(), Some(tui::app::Effect::Quit)),
            "{name}"
        );
    }
}

#[test]
fn registration_gives_the_engine_what_was_typed() {
    let mut app = setting_up(Language::English, &FILLED);
    press(&mut app, KeyCode::Enter);
    enter(&mut app, "something else");
    assert!(flat(&mut app, 80, 24).contains("That is not the same passphrase."));
    press_with(&mut app, KeyCode::Char('u'), KeyModifiers::CONTROL);
    app.take_effects();
    enter(&mut app, "amateur-citron-fable-jaguar-outil");
    let commands = commands(&mut app);
    let [
        Command::SetUp {
            code,
            organisation,
            account,
        },
    ] = commands.as_slice()
    else {
        panic!("one set-up");
    };
    assert_eq!(code, FILLED[0]);
    assert_eq!(organisation, FILLED[1]);
    assert_eq!(
        (account.login_name.as_str(), account.display_name.as_str()),
        ("ada", "Ada Lovelace")
    );
    assert_eq!(
        account.passphrase.reveal(),
        "amateur-citron-fable-jaguar-outil"
    );
}
