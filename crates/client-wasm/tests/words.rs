//! What the app says to the engine and hears from it, as the app sees it: JSON of the types, and nothing lost on the way.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use ambient::SystemRandom;
use client::{
    Command as EngineCommand, Config, Doing as EngineDoing, Engine, Failure as EngineFailure,
    MemoryStore, StoreError, Update as EngineUpdate, view,
};
use client_wasm::{
    convert,
    types::{Command, Doing, Failure, OpenOptions, StorageState, Unsent, Update},
};
use protocol::{ConversationId, DeviceId, ErrorCode, MemberId, WireError};
use serde_json::{Value, from_value, json, to_value};

const ID: &str = "0123456789abcdef0123456789abcdef";
const NOW: u64 = 1_764_252_120_000;

fn read(command: Value) -> Command {
    from_value(command).unwrap()
}

/// The engine of a device on which nobody is signed in, without connection.
fn engine() -> Engine<MemoryStore> {
    let random = Arc::new(SystemRandom);
    Engine::open(MemoryStore::new(), Config::cheapest(), random, NOW).unwrap()
}

fn told(update: EngineUpdate) -> Option<Value> {
    convert::update(&engine(), false, update).map(|update| to_value(update).unwrap())
}

/// Every command in the app's words.
fn commands() -> Vec<Value> {
    let account = json!({
        "loginName": "zoe", "displayName": "Zoë", "passphrase": "five words of a list", "deviceName": "Firefox",
    });
    let settings = json!({ "language": "fr", "theme": "dark", "enterSends": false, "receipts": true, "recoveryReminded": true, "signInNotices": false });
    let code = e2ee::recovery::RecoveryCode::generate(&mut ambient::generator(&SystemRandom));
    let code = code.reveal().to_string();
    vec![
        json!({ "do": "setUp", "code": "AB", "organisation": "Example", "account": account }),
        json!({ "do": "register", "invitation": "https://a/i#b", "account": account }),
        json!({ "do": "signIn", "loginName": "zoe", "passphrase": "five words of a list", "deviceName": "Firefox" }),
        json!({ "do": "signOut" }),
        json!({ "do": "invite" }),
        json!({ "do": "checkInvitation", "invitation": "https://a/i#b" }),
        json!({ "do": "findPeople", "query": "a" }),
        json!({ "do": "openDirect", "member": ID }),
        json!({ "do": "hide", "conversation": ID, "hidden": true }),
        json!({ "do": "sendText", "conversation": ID, "text": "hello" }),
        json!({ "do": "lookAt", "conversation": ID }),
        json!({ "do": "markRead", "conversation": ID, "seq": 7 }),
        json!({ "do": "loadOlder", "conversation": ID }),
        json!({ "do": "saveDraft", "conversation": ID, "text": "hel" }),
        json!({ "do": "acceptIdentity", "member": ID, "number": "12345" }),
        json!({ "do": "setVerified", "member": ID, "verified": true }),
        json!({ "do": "closeAccount", "passphrase": "the old one" }),
        json!({ "do": "closeAccountOf", "member": ID }),
        json!({ "do": "suspend", "member": ID, "suspended": true }),
        json!({ "do": "setAdmin", "member": ID, "admin": true }),
        json!({ "do": "changePassphrase", "old": "the old one", "new": "the new one", "mayBeKnown": true }),
        json!({ "do": "setRecovery", "passphrase": "the old one", "code": code }),
        json!({ "do": "cancelSignIn" }),
        json!({ "do": "setApproval", "old": "the old one", "new": "the new one", "required": true }),
        json!({ "do": "claimApproval", "device": ID }),
        json!({ "do": "grantApproval", "device": ID }),
        json!({ "do": "denyApproval", "device": ID }),
        json!({ "do": "askForgotten" }),
        json!({ "do": "approveForgotten", "member": ID }),
        json!({ "do": "cancelForgotten" }),
        json!({ "do": "replaceForgotten", "new": "the new one" }),
        json!({ "do": "resetMember", "member": ID }),
        json!({ "do": "checkReset", "link": "https://a:1/r#b" }),
        json!({ "do": "beginAnew", "link": "https://a:1/r#b", "passphrase": "the new one", "deviceName": "Firefox" }),
        json!({ "do": "rename", "passphrase": "the old one", "displayName": "Zoé" }),
        json!({ "do": "listDevices" }),
        json!({ "do": "signOutDevice", "device": ID }),
        json!({ "do": "signOutOthers" }),
        json!({ "do": "noticesSeen", "signIns": [{ "device": ID, "time": 1 }], "passphraseChanged": 2 }),
        json!({ "do": "saveSettings", "settings": settings }),
        json!({ "do": "retryNow" }),
    ]
}

#[test]
fn an_identity_may_be_accepted_without_having_compared() {
    let command = read(json!({ "do": "acceptIdentity", "member": ID }));
    assert!(matches!(
        command,
        Command::AcceptIdentity { number: None, .. }
    ));
}

#[test]
fn a_recovery_code_stands_in_the_place_of_a_passphrase_and_shows_typing_errors_at_once() {
    let made = commands();
    let made = made.iter().find(|c| c["do"] == "setRecovery").unwrap();
    let code = made["code"].as_str().unwrap().to_lowercase();
    let sign_in =
        json!({ "do": "signIn", "loginName": "zoe", "code": code, "deviceName": "Firefox" });
    let change = json!({ "do": "changePassphrase", "code": code, "new": "the new one", "mayBeKnown": false });
    let remove = json!({ "do": "setRecovery", "passphrase": "the old one" });
    let as_engine = |spoken: &Value| convert::command(read(spoken.clone()));
    assert!(matches!(
        as_engine(&sign_in),
        Ok(EngineCommand::SignInByCode { .. })
    ));
    assert!(matches!(
        as_engine(&change),
        Ok(EngineCommand::ChangePassphraseByCode {
            may_be_known: false,
            ..
        })
    ));
    assert!(matches!(
        as_engine(&remove),
        Ok(EngineCommand::SetRecovery { code: None, .. })
    ));
    let mut mistyped = code.clone().into_bytes();
    mistyped[3] = if mistyped[3] == b'7' { b'8' } else { b'7' };
    let mistyped = String::from_utf8(mistyped).unwrap();
    for spoken in [sign_in, change, made.clone()] {
        let mut spoken = spoken;
        spoken["code"] = mistyped.clone().into();
        assert_eq!(as_engine(&spoken).err(), Some(Failure::RecoveryCode));
    }
    let neither = json!({ "do": "signIn", "loginName": "zoe", "deviceName": "Firefox" });
    assert_eq!(as_engine(&neither).err(), Some(Failure::Passphrase));
}

#[test]
fn each_command_reaches_the_engine_and_is_answered_by_its_name() {
    for spoken in commands() {
        let name = match spoken["do"].as_str().unwrap() {
            "replaceForgotten" | "setApproval" => "changePassphrase", // another way to the same
            other => other,
        };
        let name = name.to_owned();
        let command = read(spoken);
        let doing = convert::of(&command);
        let engine = convert::command(command).unwrap();
        if name == "lookAt" {
            assert_eq!(doing, Doing::Background, "nobody waits for it");
            continue;
        }
        assert_eq!(to_value(doing).unwrap(), name);
        // and what the engine says of it carries the same name
        let failed = told(EngineUpdate::Failed {
            doing: engine.doing(),
            failure: EngineFailure::Offline,
        });
        assert_eq!(
            failed.unwrap(),
            json!({ "is": "failed", "doing": name, "failure": { "is": "offline" } })
        );
    }
}

#[test]
fn nothing_of_a_command_is_lost() {
    let id: ConversationId = ID.parse().unwrap();
    let at = |name: &str| {
        let mut all = commands().into_iter();
        convert::command(read(all.find(|c| c["do"] == name).unwrap())).unwrap()
    };
    let EngineCommand::Register {
        invitation,
        account,
    } = at("register")
    else {
        panic!()
    };
    assert_eq!(invitation, "https://a/i#b");
    assert_eq!(account.login_name, "zoe");
    assert_eq!(account.display_name, "Zoë");
    assert_eq!(account.device_name, "Firefox");
    assert_eq!(account.passphrase.reveal(), "five words of a list");
    let EngineCommand::ChangePassphrase {
        old,
        new,
        may_be_known,
    } = at("changePassphrase")
    else {
        panic!()
    };
    assert_eq!((old.reveal(), new.reveal()), ("the old one", "the new one"));
    assert!(may_be_known);
    let EngineCommand::MarkRead { conversation, seq } = at("markRead") else {
        panic!()
    };
    assert_eq!((conversation, seq), (id, 7));
    let EngineCommand::SaveSettings(settings) = at("saveSettings") else {
        panic!()
    };
    assert_eq!(settings.language, view::Language::French);
    assert_eq!(settings.theme, view::Theme::Dark);
    assert!(!settings.enter_sends && settings.receipts);
    let nothing = convert::command(read(json!({ "do": "lookAt", "conversation": null }))).unwrap();
    assert!(matches!(
        nothing,
        EngineCommand::LookAt { conversation: None }
    ));
}

#[test]
fn ids_and_passphrases_that_are_none_are_refused_in_words() {
    let refused = |command: Value| convert::command(read(command)).err().unwrap();
    for bad in ["", "xyz", &ID[1..], &format!("{ID}0"), "é"] {
        let send = json!({ "do": "sendText", "conversation": bad, "text": "x" });
        assert_eq!(refused(send), Failure::NoConversation, "{bad}");
        let open = json!({ "do": "openDirect", "member": bad });
        assert_eq!(refused(open), Failure::NoPerson, "{bad}");
        let device = refused(json!({ "do": "signOutDevice", "device": bad }));
        assert!(matches!(device, Failure::Server { code, .. } if code == "not_found"));
    }
    let long = "x".repeat(2_000);
    for bad in ["", "   ", "\u{0}", &long] {
        let rename = json!({ "do": "rename", "passphrase": bad, "displayName": "Z" });
        assert_eq!(refused(rename), Failure::Passphrase);
    }
}

#[test]
fn what_is_no_command_can_not_be_read() {
    for bad in [
        json!({}),
        json!({ "do": "fly" }),
        json!({ "do": "sendText", "conversation": ID }),
        json!({ "do": "markRead", "conversation": ID, "seq": -1 }),
        json!({ "do": "markRead", "conversation": ID, "seq": 1.5 }),
        json!({ "do": "setVerified", "member": ID, "verified": "yes" }),
    ] {
        assert!(from_value::<Command>(bad.clone()).is_err(), "{bad}");
    }
    let options: OpenOptions = from_value(json!({ "inMemory": true })).unwrap();
    assert!(options.in_memory && options.unlock.is_none());
}

#[test]
fn what_was_cleared_names_what_was_not_sent_and_prints_nothing_of_it() {
    assert_eq!(convert::unsent(&engine()), []);
    let unsent = Unsent {
        title: "Zoë".to_owned(),
        text: "at nine".to_owned(),
    };
    assert!(!format!("{unsent:?}").contains("nine"));
    let cleared = Update::Wiped {
        cleared: Some(vec![unsent]),
    };
    let said = json!({ "is": "wiped", "cleared": [{ "title": "Zoë", "text": "at nine" }] });
    assert_eq!(to_value(cleared).unwrap(), said);
}

#[test]
fn secrets_are_not_printed() {
    for command in commands() {
        let printed = format!("{:?}", read(command));
        for secret in [
            "five words",
            "the old one",
            "the new one",
            "a/i#b",
            "\"AB\"",
        ] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
    let options: OpenOptions =
        from_value(json!({ "inMemory": false, "unlock": "my lock" })).unwrap();
    assert!(!format!("{options:?}").contains("my lock"));
    assert_eq!(options.unlock.unwrap().reveal(), "my lock");
}

#[test]
fn updates_are_what_the_app_reads() {
    let (conversation, member) = (ID.parse::<ConversationId>().unwrap(), MemberId([1; 16]));
    let sign_in = view::SignInNotice {
        device: DeviceId([2; 16]),
        name: "Chromium".into(),
        time: NOW,
        signed_out: None,
    };
    let gone = view::SignInNotice {
        signed_out: Some(NOW + 1),
        ..sign_in.clone()
    };
    let person = view::PersonView {
        member,
        login_name: "ada".into(),
        display_name: "Ada".into(),
        identity_changed: false,
        change: None,
        verified: true,
        admin: true,
        suspended: false,
    };
    let changed = view::PersonView {
        identity_changed: true,
        change: Some(view::IdentityChange::Confirmed),
        verified: false,
        ..person.clone()
    };
    let device = view::DeviceView {
        device: DeviceId([2; 16]),
        name: "Chromium".into(),
        created: 1,
        last_seen: 2,
        current: true,
    };
    let inviter = view::InviterView {
        login_name: "ada".into(),
        display_name: "Ada".into(),
        organisation: "Example".into(),
        expires: NOW,
    };
    let (m, d) = ("01".repeat(16), "02".repeat(16));
    let cases = [
        (
            EngineUpdate::Connection(view::ConnectionView::Offline { retry_at: NOW }),
            json!({ "is": "connection", "connection": { "is": "offline", "retryAt": NOW } }),
        ),
        (
            EngineUpdate::Connection(view::ConnectionView::ReadOnly {
                reason: "full".into(),
            }),
            json!({ "is": "connection", "connection": { "is": "readOnly", "reason": "full" } }),
        ),
        (
            EngineUpdate::Connection(view::ConnectionView::Suspended),
            json!({ "is": "connection", "connection": { "is": "suspended" } }),
        ),
        (EngineUpdate::SignedOut, json!({ "is": "signedOut" })),
        (EngineUpdate::Wiped, json!({ "is": "wiped" })),
        (
            EngineUpdate::Conversations,
            json!({ "is": "conversations", "conversations": [] }),
        ),
        (
            EngineUpdate::Timeline(conversation),
            json!({ "is": "timeline", "conversation": ID }),
        ),
        (
            EngineUpdate::Opened(conversation),
            json!({ "is": "opened", "conversation": ID }),
        ),
        (
            EngineUpdate::People(vec![person]),
            json!({ "is": "people", "people": [{
                "member": m, "loginName": "ada", "displayName": "Ada", "identityChanged": false, "verified": true,
                "admin": true, "suspended": false,
            }] }),
        ),
        (
            EngineUpdate::Invitation {
                link: "https://a/i#b".into(),
                expires: NOW,
            },
            json!({ "is": "invitation", "link": "https://a/i#b", "expires": NOW }),
        ),
        (
            EngineUpdate::InvitedBy(inviter),
            json!({ "is": "invitedBy", "inviter": {
                "loginName": "ada", "displayName": "Ada", "organisation": "Example", "expires": NOW,
            } }),
        ),
        (
            EngineUpdate::Forgotten(Some(view::ForgottenView {
                name: "Chromium".into(),
                asked: NOW,
                ready_at: NOW + 1,
                approved: true,
                mine: false,
                ready: true,
            })),
            json!({ "is": "forgotten", "request": {
                "name": "Chromium", "asked": NOW, "readyAt": NOW + 1, "approved": true, "mine": false, "ready": true,
            } }),
        ),
        (EngineUpdate::Forgotten(None), json!({ "is": "forgotten" })),
        (
            EngineUpdate::ForgottenOthers(vec![changed]),
            json!({ "is": "forgottenOthers", "people": [{
                "member": m, "loginName": "ada", "displayName": "Ada", "identityChanged": true,
                "change": "confirmed", "verified": false, "admin": true, "suspended": false,
            }] }),
        ),
        (
            EngineUpdate::ResetLink {
                member,
                link: "https://a/r#b".into(),
                expires: NOW,
            },
            json!({ "is": "resetLink", "member": m, "link": "https://a/r#b", "expires": NOW }),
        ),
        (
            EngineUpdate::ResetFor(view::ResetView {
                login_name: "ada".into(),
                display_name: "Ada".into(),
                organisation: "Example".into(),
                expires: NOW,
            }),
            json!({ "is": "resetFor", "member": {
                "loginName": "ada", "displayName": "Ada", "organisation": "Example", "expires": NOW,
            } }),
        ),
        (
            EngineUpdate::IdentityChanged(member, view::IdentityChange::Unknown),
            json!({ "is": "identityChanged", "member": m }),
        ),
        (
            EngineUpdate::Notices(vec![sign_in, gone]),
            json!({ "is": "notices", "signIns": [
                { "device": d, "name": "Chromium", "time": NOW },
                { "device": d, "name": "Chromium", "time": NOW, "signedOut": NOW + 1 },
            ] }),
        ),
        (
            EngineUpdate::Devices(vec![device]),
            json!({ "is": "devices", "devices": [
                { "device": d, "name": "Chromium", "created": 1, "lastSeen": 2, "current": true },
            ] }),
        ),
        (
            EngineUpdate::ChangingKeys { done: 1, total: 3 },
            json!({ "is": "changingKeys", "done": 1, "total": 3 }),
        ),
        (
            EngineUpdate::Progress(EngineDoing::SigningIn),
            json!({ "is": "progress", "doing": "signIn" }),
        ),
        (
            EngineUpdate::Done(EngineDoing::UpdatingKeys),
            json!({ "is": "done", "doing": "background" }),
        ),
    ];
    for (update, expected) in cases {
        assert_eq!(told(update), Some(expected));
    }
    // they are among the notices, and nobody is signed in
    for silent in [
        EngineUpdate::DeviceSignedIn {
            device: protocol::DeviceId([9; 16]),
            name: "x".into(),
            time: NOW,
        },
        EngineUpdate::PassphraseChanged { time: NOW },
        EngineUpdate::RecoveryChanged { time: NOW },
        EngineUpdate::SignedIn { member },
    ] {
        assert_eq!(told(silent), None);
    }
}

#[test]
fn settings_come_back_as_they_went() {
    for (language, theme) in [("system", "system"), ("en", "light"), ("fr", "dark")] {
        let settings = json!({
            "language": language, "theme": theme, "enterSends": true, "receipts": false, "recoveryReminded": true,
            "signInNotices": language == "fr",
        });
        let save = read(json!({ "do": "saveSettings", "settings": settings }));
        let EngineCommand::SaveSettings(kept) = convert::command(save).unwrap() else {
            panic!()
        };
        let expected = json!({ "is": "settings", "settings": settings });
        assert_eq!(told(EngineUpdate::Settings(kept)), Some(expected));
    }
}

#[test]
fn approvals_keep_what_is_to_be_compared() {
    let waiting = |step| view::WaitingSignIn {
        device: DeviceId([9; 16]),
        name: "Library".to_owned(),
        asked: NOW,
        step,
    };
    let code = "123 456 789".to_owned();
    let steps = [
        view::ApprovalStep::Asked,
        view::ApprovalStep::Code(code.clone()),
    ];
    let approvals = EngineUpdate::Approvals(view::ApprovalsView {
        required: true,
        waiting: steps.map(waiting).into(),
    });
    let device = "09".repeat(16);
    let expected = json!({ "is": "approvals", "approvals": { "required": true, "waiting": [
        { "device": device, "name": "Library", "asked": NOW, "step": "asked" },
        { "device": device, "name": "Library", "asked": NOW, "step": "code", "code": code },
    ] } });
    assert_eq!(told(approvals), Some(expected));
    let here = view::SignInApproval {
        code: Some(code.clone()),
        let_in: false,
    };
    assert_eq!(
        told(EngineUpdate::SignInApproval(Some(here))),
        Some(json!({ "is": "signInApproval", "approval": { "code": code, "letIn": false } }))
    );
    assert_eq!(
        told(EngineUpdate::SignInApproval(None)),
        Some(json!({ "is": "signInApproval" }))
    );
}

#[test]
fn failures_keep_what_a_person_needs() {
    let busy = WireError {
        retry_after_ms: Some(500),
        ..WireError::new(ErrorCode::Busy)
    };
    let said = to_value(convert::failure(busy.clone().into())).unwrap();
    assert_eq!(
        said,
        json!({ "is": "server", "code": "busy", "message": busy.message, "retryable": true, "retryAfterMs": 500 })
    );
    let plain = [
        (EngineFailure::Offline, "offline"),
        (EngineFailure::AlreadySignedIn, "alreadySignedIn"),
        (EngineFailure::SignInFirst, "signInFirst"),
        (EngineFailure::Invitation, "invitation"),
        (EngineFailure::Text, "text"),
        (EngineFailure::Passphrase, "passphrase"),
        (EngineFailure::RecoveryCode, "recoveryCode"),
        (EngineFailure::NoConversation, "noConversation"),
        (EngineFailure::NoPerson, "noPerson"),
        (EngineFailure::Outdated, "outdated"),
        (EngineFailure::StoreFull, "storeFull"),
        (EngineFailure::StoreNewer, "storeNewer"),
    ];
    for (failure, name) in plain {
        assert_eq!(
            to_value(convert::failure(failure)).unwrap(),
            json!({ "is": name })
        );
    }
    let worded = [
        (EngineFailure::Name("too long".into()), "name"),
        (EngineFailure::Unverified("too long".into()), "unverified"),
        (EngineFailure::Store("too long".into()), "store"),
    ];
    for (failure, name) in worded {
        let said = to_value(convert::failure(failure)).unwrap();
        assert_eq!(said, json!({ "is": name, "message": "too long" }));
    }
    let changed = convert::failure(EngineFailure::IdentityChanged(MemberId([1; 16])));
    let member = "01".repeat(16);
    assert_eq!(
        to_value(changed).unwrap(),
        json!({ "is": "identityChanged", "member": member })
    );
    assert_eq!(convert::store_failure(StoreError::Full), Failure::StoreFull);
    assert_eq!(
        convert::store_failure(StoreError::Newer),
        Failure::StoreNewer
    );
    let other = convert::store_failure(StoreError::InUse);
    assert!(matches!(other, Failure::Store { message } if !message.is_empty()));
}

#[test]
fn the_first_state_says_that_nobody_is_here() {
    let storage = StorageState {
        kept: "disk",
        why: None,
        persistent: true,
        app_lock: false,
    };
    let state = to_value(convert::state(&engine(), storage)).unwrap();
    assert_eq!(
        state,
        json!({
            "session": null, "signedOut": false, "server": null, "connection": { "is": "connecting" },
            "conversations": [], "notices": [],
            "recovery": { "there": false, "made": null, "remind": false, "passphraseWanted": false },
            "approvals": { "required": false, "waiting": [] },
            "forgottenOthers": [],
            "settings": {
                "language": "system", "theme": "system", "enterSends": true, "receipts": true, "recoveryReminded": false,
                "signInNotices": true,
            },
            "storage": { "kept": "disk", "why": null, "persistent": true, "appLock": false },
        })
    );
}

#[test]
fn a_timeline_that_is_not_there_is_an_error_or_empty() {
    let at = |conversation: &str| -> convert::At {
        from_value(json!({ "conversation": conversation, "before": 3, "limit": 10 })).unwrap()
    };
    assert!(convert::timeline(&engine(), &at("nonsense")).is_err());
    let page = convert::timeline(&engine(), &at(ID));
    assert!(page.is_err() || page.unwrap().items.is_empty());
    let unread: Result<convert::At, _> = from_value(json!({ "conversation": ID }));
    assert!(unread.is_err(), "a limit is needed");
}

#[test]
fn comparing_safety_codes_has_four_ends() {
    for (check, said) in [
        (view::SafetyCheck::Match, "match"),
        (view::SafetyCheck::Mismatch, "mismatch"),
        (view::SafetyCheck::NotASafetyCode, "notASafetyCode"),
        (view::SafetyCheck::OtherPerson, "otherPerson"),
    ] {
        assert_eq!(to_value(convert::safety_check(check)).unwrap(), said);
    }
}

/// `doing` of every answer is the `do` of a command, or the background.
#[test]
fn no_update_is_of_a_command_that_the_app_does_not_have() {
    let names: Vec<String> = commands()
        .iter()
        .map(|c| c["do"].as_str().unwrap().to_owned())
        .collect();
    let update = Update::Done {
        doing: Doing::Background,
    };
    assert_eq!(to_value(update).unwrap()["doing"], "background");
    assert_eq!(names.len(), 41, "one of each");
}
