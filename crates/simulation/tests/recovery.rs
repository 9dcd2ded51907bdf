//! Stories of recovery codes: made, replaced, removed; signed in by; each step interrupted; what the others are told.
#![allow(clippy::unwrap_used)]

use std::{cell::Cell, rc::Rc};

use client::{Command, Doing, Failure, SeenNotices, Update};
use e2ee::{
    passphrase::{Passphrase, prepare},
    recovery::RecoveryCode,
};
use protocol::ErrorCode;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use simulation::{
    play::Play,
    story::{direct, fresh_device, pass, say, say_on, see_notices, story},
};

fn code(seed: u64) -> RecoveryCode {
    RecoveryCode::generate(&mut ChaCha20Rng::seed_from_u64(seed))
}

fn set(play: &Play, code: Option<RecoveryCode>) -> Command {
    let passphrase = play.members[0].passphrase.clone();
    Command::SetRecovery { passphrase, code }
}

fn told(play: &Play, device: usize, update: &Update) -> bool {
    play.world.devices[device].updates.contains(update)
}

fn failed(play: &Play, device: usize, doing: Doing) -> Option<Failure> {
    let updates = play.world.devices[device].updates.iter().rev();
    let mut failures = updates.filter_map(|update| match update {
        Update::Failed { doing: d, failure } if *d == doing => Some(failure.clone()),
        _ => None,
    });
    failures.next()
}

/// Makes a code, or removes it, on a device of the first member.
async fn make(play: &mut Play, device: usize, code: Option<RecoveryCode>) {
    play.world.devices[device].updates.clear();
    let command = set(play, code.clone());
    play.world.command(device, command).await;
    play.members[0].codes = vec![code];
    pass(&mut play.world, 20_000).await;
    assert!(told(play, device, &Update::Done(Doing::ChangingRecovery)));
}

/// A fresh device of the first member that signs in by this code, successfully or not.
async fn recover(play: &mut Play, code: &RecoveryCode) -> usize {
    let device = play.world.add_device(0).await;
    let sign_in = Command::SignInByCode {
        login_name: play.members[0].name.clone(),
        code: code.clone(),
        device_name: "by the code".to_owned(),
    };
    play.world.command(device, sign_in).await;
    pass(&mut play.world, 60_000).await;
    device
}

fn change_by(code: &RecoveryCode, new: &Passphrase, may_be_known: bool) -> Command {
    Command::ChangePassphraseByCode {
        code: code.clone(),
        new: new.clone(),
        may_be_known,
    }
}

fn new_one() -> Passphrase {
    prepare("tired violin market").unwrap()
}

fn texts(play: &Play, device: usize, id: protocol::ConversationId) -> usize {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    page.items.iter().filter(|i| i.message.is_some()).count()
}

async fn can_sign_in(play: &mut Play, passphrase: &Passphrase) -> bool {
    let device = play.world.add_device(0).await;
    let sign_in = Command::SignIn {
        login_name: play.members[0].name.clone(),
        passphrase: passphrase.clone(),
        device_name: "trying".to_owned(),
    };
    play.world.command(device, sign_in).await;
    pass(&mut play.world, 60_000).await;
    play.members[0].devices.push(device);
    let signed_in = play.world.engine(device).me().is_some();
    if !signed_in {
        play.sign_out_in_story(0, device);
    }
    signed_in
}

#[test]
fn a_code_brings_everything_back_and_a_new_passphrase_with_it() {
    story(async {
        for may_be_known in [false, true] {
            let mut play = Play::begin(300, 2).await;
            let id = direct(&mut play, 0, 1).await;
            say(&mut play, 0, id, "before").await;
            say(&mut play, 1, id, "and an answer").await;
            let a = play.members[0].devices[0];
            assert!(!play.world.engine(a).recovery().there);
            let before = play.world.now();
            make(&mut play, a, Some(code(1))).await;
            let view = play.world.engine(a).recovery();
            assert!(view.there && view.made >= Some(before), "{view:?}");
            let old = play.members[0].passphrase.clone();

            let new = recover(&mut play, &code(1)).await;
            play.members[0].devices.push(new);
            assert!(play.world.engine(new).recovery().passphrase_wanted);
            assert_eq!(play.world.engine(new).recovery().made, view.made);
            assert_eq!(texts(&play, new, id), 2, "everything is readable");
            let notices = play.world.engine(a).notices();
            assert!(notices.iter().any(|n| n.name == "by the code"));

            play.world
                .command(new, change_by(&code(1), &new_one(), may_be_known))
                .await;
            pass(&mut play.world, 60_000).await;
            assert!(told(&play, new, &Update::Done(Doing::ChangingPassphrase)));
            assert!(!play.world.engine(new).recovery().passphrase_wanted);
            assert!(play.world.engine(a).passphrase_changed().is_some());
            assert_eq!(play.world.engine(a).recovery_changed(), None);
            assert!(!can_sign_in(&mut play, &old).await, "the old one is dead");
            play.members[0].passphrase = new_one();
            assert!(can_sign_in(&mut play, &new_one()).await);
            // the code is as good as before
            let again = recover(&mut play, &code(1)).await;
            play.members[0].devices.push(again);
            assert_eq!(texts(&play, again, id), 2);
            say_on(&mut play, 0, again, id, "it goes on").await;
            play.heal_and_check().await;
        }
    });
}

#[test]
fn wrong_codes_and_names_open_nothing() {
    story(async {
        let mut play = Play::begin(301, 2).await;
        let a = play.members[0].devices[0];
        let nothing = recover(&mut play, &code(1)).await;
        make(&mut play, a, Some(code(1))).await;
        let wrong = recover(&mut play, &code(2)).await;
        for device in [nothing, wrong] {
            assert!(play.world.engine(device).me().is_none());
            let failure = failed(&play, device, Doing::SigningIn).unwrap();
            assert!(failure.is(ErrorCode::WrongNameOrCode), "{failure:?}");
        }
        // on a device that is signed in another code shows before anything is sent
        let command = change_by(&code(2), &new_one(), false);
        play.world.command(a, command).await;
        pass(&mut play.world, 20_000).await;
        let failure = failed(&play, a, Doing::ChangingPassphrase);
        assert_eq!(failure, Some(Failure::RecoveryCode));
        // and a wrong passphrase makes no code
        let command = Command::SetRecovery {
            passphrase: new_one(),
            code: Some(code(3)),
        };
        play.world.command(a, command).await;
        pass(&mut play.world, 20_000).await;
        let failure = failed(&play, a, Doing::ChangingRecovery);
        assert_eq!(failure, Some(Failure::Passphrase));
        for device in [nothing, wrong] {
            play.members[0].devices.push(device);
            play.sign_out_in_story(0, device);
        }
        play.heal_and_check().await;
    });
}

#[test]
fn a_replaced_and_a_removed_code_open_nothing_any_more() {
    story(async {
        let mut play = Play::begin(302, 1).await;
        let a = play.members[0].devices[0];
        make(&mut play, a, Some(code(1))).await;
        make(&mut play, a, Some(code(2))).await;
        let by_old = recover(&mut play, &code(1)).await;
        assert!(play.world.engine(by_old).me().is_none());
        let by_new = recover(&mut play, &code(2)).await;
        play.members[0].devices.push(by_new);
        assert!(play.world.engine(by_new).me().is_some());
        make(&mut play, a, None).await;
        assert!(!play.world.engine(a).recovery().there);
        assert!(!play.world.engine(by_new).recovery().there);
        let by_none = recover(&mut play, &code(2)).await;
        assert!(play.world.engine(by_none).me().is_none());
        for device in [by_old, by_none] {
            play.members[0].devices.push(device);
            play.sign_out_in_story(0, device);
        }
        play.heal_and_check().await;
    });
}

#[test]
fn the_code_opens_the_vault_after_other_devices_were_signed_out_and_the_passphrase_changed() {
    story(async {
        let mut play = Play::begin(303, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        make(&mut play, a, Some(code(1))).await;
        let made = play.world.engine(a).recovery().made;
        let stolen = fresh_device(&mut play, 0).await;
        let device = play.world.engine(stolen).device().unwrap();
        play.world
            .command(a, Command::SignOutDevice { device })
            .await;
        pass(&mut play.world, 60_000).await;
        play.sign_out_in_story(0, stolen);
        for (new, may_be_known) in [("tired violin market", true), ("yet another one", false)] {
            let command = Command::ChangePassphrase {
                old: play.members[0].passphrase.clone(),
                new: prepare(new).unwrap(),
                may_be_known,
            };
            play.world.command(a, command).await;
            pass(&mut play.world, 60_000).await;
            play.members[0].passphrase = prepare(new).unwrap();
        }
        say(&mut play, 0, id, "under the newest keys").await;
        pass(&mut play.world, 10_000).await;
        let back = recover(&mut play, &code(1)).await;
        play.members[0].devices.push(back);
        assert_eq!(texts(&play, back, id), 1);
        assert_eq!(
            play.world.engine(back).recovery().made,
            made,
            "its date stays"
        );
        play.heal_and_check().await;
    });
}

#[test]
fn all_other_devices_tell_that_the_code_was_changed_and_tell_it_apart_from_the_passphrase() {
    story(async {
        let mut play = Play::begin(304, 2).await;
        direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let second = fresh_device(&mut play, 0).await;
        let away = fresh_device(&mut play, 0).await;
        play.world.crash_device(away);
        make(&mut play, a, Some(code(1))).await;
        play.world.start_device(away).await;
        pass(&mut play.world, 20_000).await;
        let said = |play: &Play, device: usize| {
            let engine = play.world.engine(device);
            let said = (engine.recovery_changed(), engine.passphrase_changed());
            (said.0.is_some(), said.1.is_some())
        };
        assert_eq!(said(&play, a), (false, false), "who did it knows");
        assert_eq!(said(&play, b), (false, false), "nobody else's business");
        for device in [second, away] {
            assert_eq!(said(&play, device), (true, false), "device {device}");
            // until it was seen, over any start
            play.world.crash_device(device);
            play.world.start_device(device).await;
            pass(&mut play.world, 20_000).await;
            assert_eq!(said(&play, device), (true, false));
            see_notices(&mut play, device).await;
            play.world.crash_device(device);
            play.world.start_device(device).await;
            pass(&mut play.world, 20_000).await;
            assert_eq!(said(&play, device), (false, false));
        }
        // the server keeps it to itself; both change while a device is away
        play.world.lie = Some(Box::new(|_, name, frame| {
            (name != "recovery_changed" && name != "passphrase_changed").then_some(frame)
        }));
        make(&mut play, a, Some(code(2))).await;
        assert_eq!(said(&play, second), (true, false));
        see_notices(&mut play, second).await;
        play.world.crash_device(second);
        make(&mut play, a, None).await;
        let command = Command::ChangePassphrase {
            old: play.members[0].passphrase.clone(),
            new: new_one(),
            may_be_known: false,
        };
        play.world.command(a, command).await;
        pass(&mut play.world, 60_000).await;
        play.members[0].passphrase = new_one();
        play.world.start_device(second).await;
        pass(&mut play.world, 20_000).await;
        assert_eq!(said(&play, second), (true, true));
        // who says of a sign-in, or of the passphrase, that it was them, has said nothing of the code
        let thief = fresh_device(&mut play, 0).await;
        let told = play.world.engine(second).unseen();
        let came = play.world.engine(thief).device().unwrap();
        assert_eq!(told.sign_ins.len(), 1);
        assert_eq!(told.sign_ins[0].0, came);
        let sign_in = SeenNotices {
            sign_ins: told.sign_ins.clone(),
            ..SeenNotices::default()
        };
        let passphrase = SeenNotices {
            passphrase: told.passphrase,
            ..SeenNotices::default()
        };
        let earlier = SeenNotices {
            sign_ins: vec![(came, told.sign_ins[0].1 - 1)],
            passphrase: told.passphrase.map(|time| time - 1),
            recovery: told.recovery.map(|time| time - 1),
        };
        for (seen, sign_ins, left) in [
            (earlier, 1, (true, true)),
            (sign_in, 0, (true, true)),
            (passphrase, 0, (true, false)),
        ] {
            play.world.command(second, Command::NoticesSeen(seen)).await;
            play.world.crash_device(second);
            play.world.start_device(second).await;
            pass(&mut play.world, 20_000).await;
            assert_eq!(play.world.engine(second).notices().len(), sign_ins);
            assert_eq!(said(&play, second), left);
        }
        play.heal_and_check().await;
    });
}

#[test]
fn a_crash_at_any_step_of_making_a_code_leaves_one_of_two_whole_states() {
    story(async {
        for (n, step) in ["account.prove_start", "vault.get", "account.recovery"]
            .into_iter()
            .enumerate()
        {
            let mut play = Play::begin(310 + n as u64, 2).await;
            let id = direct(&mut play, 0, 1).await;
            let a = play.members[0].devices[0];
            make(&mut play, a, Some(code(1))).await;
            crash_at(&mut play, a, step, |play| set(play, Some(code(2)))).await;
            let taken = step == "account.recovery";
            assert_eq!(
                told(&play, a, &Update::Done(Doing::ChangingRecovery)),
                taken,
                "{step}"
            );
            assert_eq!(play.world.engine(a).recovery_changed(), None, "{step}");
            let good = if taken { 2 } else { 1 };
            play.members[0].codes = vec![Some(code(good))];
            let bad = recover(&mut play, &code(3 - good)).await;
            assert!(play.world.engine(bad).me().is_none(), "{step}");
            play.members[0].devices.push(bad);
            play.sign_out_in_story(0, bad);
            let back = recover(&mut play, &code(good)).await;
            play.members[0].devices.push(back);
            say_on(&mut play, 0, back, id, "after the crash").await;
            play.heal_and_check().await;
        }
    });
}

/// The device dies as the answer to this request is on its way, and starts again.
async fn crash_at(
    play: &mut Play,
    device: usize,
    step: &'static str,
    command: fn(&Play) -> Command,
) {
    let reached = Rc::new(Cell::new(false));
    let seen = reached.clone();
    play.world.lie = Some(Box::new(move |d, name, frame| {
        seen.set(seen.get() || (d == device && name == step));
        (!seen.get() || d != device).then_some(frame)
    }));
    play.world.devices[device].updates.clear();
    let command = command(play);
    play.world.command(device, command).await;
    let until = play.world.now() + 60_000;
    play.world.run(until, |_| reached.get()).await;
    assert!(reached.get(), "{step}");
    play.world.crash_device(device);
    play.world.lie = None;
    play.world.start_device(device).await;
    pass(&mut play.world, 60_000).await;
}

#[test]
fn a_crash_at_any_step_of_coming_back_is_gone_on_from() {
    story(async {
        let steps = [
            "account.recover",
            "vault.manifest",
            "vault.get",
            "vault.write",
            "account.passphrase_start",
            "account.passphrase_finish",
        ];
        for (n, step) in steps.into_iter().enumerate() {
            let mut play = Play::begin(320 + n as u64, 2).await;
            let id = direct(&mut play, 0, 1).await;
            say(&mut play, 1, id, "before").await;
            let a = play.members[0].devices[0];
            make(&mut play, a, Some(code(1))).await;
            let signing_in = n < 4;
            let back = if signing_in {
                let back = play.world.add_device(0).await;
                crash_at(&mut play, back, step, |play| Command::SignInByCode {
                    login_name: play.members[0].name.clone(),
                    code: code(1),
                    device_name: "by the code".to_owned(),
                })
                .await;
                back
            } else {
                let back = recover(&mut play, &code(1)).await;
                let change = |_: &Play| change_by(&code(1), &new_one(), true);
                crash_at(&mut play, back, step, change).await;
                back
            };
            play.members[0].devices.push(back);
            if play.world.engine(back).me().is_none() {
                // nothing was kept yet: the person begins again
                assert!(signing_in, "{step}");
                let again = Command::SignInByCode {
                    login_name: play.members[0].name.clone(),
                    code: code(1),
                    device_name: "by the code".to_owned(),
                };
                play.world.command(back, again).await;
                pass(&mut play.world, 60_000).await;
            }
            let taken = step == "account.passphrase_finish";
            let wanted = play.world.engine(back).recovery().passphrase_wanted;
            assert_eq!(wanted, !taken, "{step}");
            if !taken {
                let command = change_by(&code(1), &new_one(), true);
                play.world.command(back, command).await;
                pass(&mut play.world, 60_000).await;
            }
            let done = Update::Done(Doing::ChangingPassphrase);
            assert!(told(&play, back, &done), "{step}");
            assert!(!play.world.engine(back).recovery().passphrase_wanted);
            play.members[0].passphrase = new_one();
            assert_eq!(texts(&play, back, id), 1, "{step}");
            say_on(&mut play, 0, back, id, "it goes on").await;
            play.heal_and_check().await;
        }
    });
}

#[test]
fn who_has_no_code_is_reminded_once_on_all_devices_together() {
    story(async {
        let mut play = Play::begin(305, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        let reminds = |play: &Play, device: usize| play.world.engine(device).recovery().remind;
        assert!(!reminds(&play, a), "not on the first day");
        for device in [a, second] {
            play.world.crash_device(device);
        }
        pass(&mut play.world, 4 * 24 * 3_600_000).await;
        for device in [a, second] {
            play.world.start_device(device).await;
        }
        pass(&mut play.world, 20_000).await;
        assert!(reminds(&play, a) && reminds(&play, second));
        let mut settings = play.world.engine(a).settings();
        settings.recovery_reminded = true;
        play.world.command(a, Command::SaveSettings(settings)).await;
        pass(&mut play.world, 20_000).await;
        assert!(!reminds(&play, a) && !reminds(&play, second));
        let third = fresh_device(&mut play, 0).await;
        assert!(!reminds(&play, third));
        play.heal_and_check().await;
    });
}
