//! Stories of members' own accounts: devices signed out, keys changed, passphrase and name changed, sign-ins announced.
#![allow(clippy::unwrap_used)]

use std::{cell::Cell, rc::Rc};

use client::{Command, Doing, Failure, Update, view::SignInNotice};
use e2ee::passphrase::{Passphrase, prepare};
use protocol::{ConversationId, DeviceId, ServerFrame, methods::vault::VaultWritten};
use simulation::{
    play::Play,
    story::{direct, fresh_device, pass, say, say_on, see_notices, story},
};

fn device_id(play: &Play, device: usize) -> DeviceId {
    play.world.engine(device).device().unwrap()
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

fn texts(play: &Play, device: usize, id: ConversationId) -> usize {
    let page = play.world.engine(device).timeline(id, None, 1_000);
    page.unwrap()
        .items
        .iter()
        .filter(|i| i.message.is_some())
        .count()
}

/// The key number of the vault as the server has it, and how many records tell of an unfinished change of keys.
async fn vault(play: &Play, member: usize) -> (u32, usize) {
    let id = play.members[member].id;
    let records = storage::read(play.world.server.storage(), move |reader| {
        let name = |kind: u8| protocol::methods::vault::RecordName {
            kind,
            id: protocol::Bytes::new(),
        };
        Ok::<_, storage::StorageError>((
            reader.record(id, &name(1))?,
            reader.record(id, &name(12))?,
        ))
    });
    let (wraps, change) = records.await.unwrap();
    let wraps = e2ee::vault::Wraps::decode(&wraps.unwrap().bytes).unwrap();
    (wraps.key_number(), usize::from(change.is_some()))
}

/// The key generation that the server has registered.
async fn generation(play: &Play, member: usize) -> u32 {
    let id = play.members[member].id;
    let account = storage::read(play.world.server.storage(), move |reader| {
        reader.account(id)
    });
    let account: Option<storage::accounts::Account> = account.await.unwrap();
    account.unwrap().generation
}

async fn epochs(play: &Play, ids: &[ConversationId]) -> Vec<u64> {
    let mut epochs = Vec::new();
    for id in ids.iter().copied() {
        let stored = storage::read(play.world.server.storage(), move |reader| {
            reader.conversation(id)
        });
        let stored: Option<storage::conversations::Conversation> = stored.await.unwrap();
        epochs.push(stored.unwrap().epoch);
    }
    epochs
}

/// Signs a device out from another one of the same member.
async fn sign_out(play: &mut Play, by: usize, device: usize) {
    let device = device_id(play, device);
    play.world
        .command(by, Command::SignOutDevice { device })
        .await;
}

fn change(old: &Passphrase, new: &str, may_be_known: bool) -> Command {
    Command::ChangePassphrase {
        old: old.clone(),
        new: prepare(new).unwrap(),
        may_be_known,
    }
}

#[test]
fn a_device_that_is_signed_out_learns_nothing_any_more_and_all_keys_are_new() {
    story(async {
        let mut play = Play::begin(60, 3).await;
        let ids = [direct(&mut play, 0, 1).await, direct(&mut play, 0, 2).await];
        let a = play.members[0].devices[0];
        let stolen = fresh_device(&mut play, 0).await;
        for id in ids {
            say(&mut play, 0, id, "before").await;
        }
        pass(&mut play.world, 10_000).await;
        assert_eq!(texts(&play, stolen, ids[0]), 1);
        let before = epochs(&play, &ids).await;
        assert_eq!(vault(&play, 0).await, (1, 0));

        sign_out(&mut play, a, stolen).await;
        pass(&mut play.world, 60_000).await;
        assert!(told(&play, a, &Update::Done(Doing::SigningOutDevice)));
        assert!(told(&play, a, &Update::ChangingKeys { done: 0, total: 2 }));
        assert!(told(&play, a, &Update::ChangingKeys { done: 1, total: 2 }));
        assert!(told(&play, a, &Update::ChangingKeys { done: 2, total: 2 }));
        assert_eq!(play.world.engine(a).changing_keys(), None);
        assert_eq!(vault(&play, 0).await, (2, 0));
        let after = epochs(&play, &ids).await;
        assert_eq!(after, before.iter().map(|e| e + 1).collect::<Vec<_>>());
        assert!(told(&play, stolen, &Update::SignedOut));

        for id in ids {
            say(&mut play, 0, id, "after").await;
        }
        say(&mut play, 1, ids[0], "and from the other").await;
        pass(&mut play.world, 20_000).await;
        assert_eq!(texts(&play, stolen, ids[0]), 1, "nothing new");
        play.sign_out_in_story(0, stolen);
        play.heal_and_check().await;
    });
}

#[test]
fn a_change_of_keys_is_ended_by_another_device_when_the_first_one_dies() {
    story(async {
        let mut play = Play::begin(61, 4).await;
        let mut ids = Vec::new();
        for other in 1..4 {
            ids.push(direct(&mut play, 0, other).await);
        }
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        let stolen = fresh_device(&mut play, 0).await;
        let before = epochs(&play, &ids).await;
        sign_out(&mut play, a, stolen).await;
        // dies as soon as the new vault key stands
        let until = play.world.now() + 10_000;
        let begun = |w: &simulation::World| w.engine(a).changing_keys().is_some();
        assert!(play.world.run(until, begun).await);
        play.world.crash_device(a);
        pass(&mut play.world, 120_000).await;
        assert_eq!(vault(&play, 0).await, (2, 0));
        let after = epochs(&play, &ids).await;
        assert_eq!(after, before.iter().map(|e| e + 1).collect::<Vec<_>>());
        assert_eq!(play.world.engine(second).changing_keys(), None);
        play.world.start_device(a).await;
        play.sign_out_in_story(0, stolen);
        play.heal_and_check().await;
    });
}

#[test]
fn whoever_remains_changes_the_keys_although_nobody_clicked() {
    story(async {
        let mut play = Play::begin(62, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let other = fresh_device(&mut play, 0).await;
        play.world.crash_device(a);
        // signs itself out, and nobody else is there
        play.world.command(other, Command::SignOut).await;
        assert!(play.world.engine(other).me().is_none(), "wiped at once");
        assert!(play.world.engine(other).conversations().is_empty());
        pass(&mut play.world, 10_000).await;
        assert!(told(&play, other, &Update::Wiped));
        assert_eq!(failed(&play, other, Doing::SigningOut), None);
        assert_eq!(vault(&play, 0).await.0, 1);
        play.world.start_device(a).await;
        pass(&mut play.world, 60_000).await;
        assert_eq!(vault(&play, 0).await, (2, 0));
        say(&mut play, 0, id, "under new keys").await;
        play.sign_out_in_story(0, other);
        play.heal_and_check().await;
    });
}

#[test]
fn signing_out_without_a_connection_wipes_and_says_that_the_server_does_not_know() {
    story(async {
        let mut play = Play::begin(63, 1).await;
        let a = play.members[0].devices[0];
        let other = fresh_device(&mut play, 0).await;
        let id = device_id(&play, other);
        play.world.crash_server().await;
        pass(&mut play.world, 5_000).await;
        play.world.command(other, Command::SignOut).await;
        assert_eq!(
            failed(&play, other, Doing::SigningOut),
            Some(Failure::Offline)
        );
        let at = |wanted: &dyn Fn(&Update) -> bool| {
            let updates = &play.world.devices[other].updates;
            updates.iter().position(wanted).unwrap()
        };
        let failed_at = at(&|u| {
            matches!(
                u,
                Update::Failed {
                    doing: Doing::SigningOut,
                    ..
                }
            )
        });
        assert!(failed_at < at(&|u| *u == Update::Wiped), "first why");
        assert!(play.world.engine(other).me().is_none());
        let kept = play.world.devices[other].engine.as_ref().unwrap();
        assert_eq!(
            kept.vault_head_time(),
            None,
            "nothing is kept that could tell later"
        );
        play.world.crash_device(other);
        play.world.start_device(other).await;
        assert!(
            play.world.engine(other).me().is_none(),
            "also after a start"
        );
        play.world.server.start().await;
        pass(&mut play.world, 30_000).await;
        let list = Command::ListDevices;
        play.world.command(a, list).await;
        pass(&mut play.world, 5_000).await;
        let listed = play.world.devices[a]
            .updates
            .iter()
            .rev()
            .find_map(|u| match u {
                Update::Devices(devices) => Some(devices.clone()),
                _ => None,
            });
        let listed = listed.unwrap();
        assert_eq!(listed.len(), 2);
        assert!(
            listed
                .iter()
                .any(|d| d.device == id && !d.current && d.name == "a fresh device")
        );
        assert!(
            listed
                .iter()
                .any(|d| d.device == device_id(&play, a) && d.current)
        );
        // and can be used by somebody else then
        let sign_in = Command::SignIn {
            login_name: play.members[0].name.clone(),
            passphrase: play.members[0].passphrase.clone(),
            device_name: "the same machine".to_owned(),
        };
        play.world.command(other, sign_in).await;
        pass(&mut play.world, 30_000).await;
        assert!(play.world.engine(other).is_idle());
    });
}

#[test]
fn all_others_are_signed_out_at_once() {
    story(async {
        let mut play = Play::begin(64, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let others = [
            fresh_device(&mut play, 0).await,
            fresh_device(&mut play, 0).await,
        ];
        play.world.command(a, Command::SignOutOthers).await;
        pass(&mut play.world, 60_000).await;
        assert!(told(&play, a, &Update::Done(Doing::SigningOutOthers)));
        for device in others {
            assert!(told(&play, device, &Update::SignedOut));
            play.sign_out_in_story(0, device);
        }
        assert!(!told(&play, a, &Update::SignedOut));
        assert_eq!(vault(&play, 0).await, (2, 0), "one new key for both");
        say(&mut play, 0, id, "alone").await;
        play.heal_and_check().await;
    });
}

#[test]
fn sign_ins_are_announced_also_to_devices_that_were_away() {
    story(async {
        let mut play = Play::begin(65, 1).await;
        let a = play.members[0].devices[0];
        let away = fresh_device(&mut play, 0).await;
        let names = |notices: Vec<SignInNotice>| -> Vec<DeviceId> {
            notices.into_iter().map(|n| n.device).collect()
        };
        let notices = |play: &Play, device: usize| names(play.world.engine(device).notices());
        assert_eq!(notices(&play, a), [device_id(&play, away)]);
        assert_eq!(notices(&play, away), [], "those before are no news");
        see_notices(&mut play, a).await;
        assert_eq!(notices(&play, a), []);
        play.world.crash_device(away);
        let new = fresh_device(&mut play, 0).await;
        play.world.start_device(away).await;
        pass(&mut play.world, 10_000).await;
        for device in [a, away] {
            assert_eq!(notices(&play, device), [device_id(&play, new)]);
        }
        play.world.crash_device(away);
        play.world.start_device(away).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(
            notices(&play, away),
            [device_id(&play, new)],
            "until it was seen"
        );
        see_notices(&mut play, away).await;
        assert!(told(&play, away, &Update::Notices(vec![])));
        play.world.crash_device(away);
        play.world.start_device(away).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(notices(&play, away), []);
    });
}

#[test]
fn a_device_that_came_and_went_while_this_one_was_away_is_announced_too() {
    story(async {
        let mut play = Play::begin(73, 1).await;
        let a = play.members[0].devices[0];
        let gone_before = fresh_device(&mut play, 0).await;
        sign_out(&mut play, a, gone_before).await;
        play.sign_out_in_story(0, gone_before);
        pass(&mut play.world, 20_000).await;
        let away = fresh_device(&mut play, 0).await;
        assert_eq!(play.world.engine(away).notices(), [], "no news");
        play.world.crash_device(away);
        let came = play.world.now();
        let thief = fresh_device(&mut play, 0).await;
        let id = device_id(&play, thief);
        play.world.command(thief, Command::SignOut).await;
        play.sign_out_in_story(0, thief);
        pass(&mut play.world, 60_000).await;
        for _ in 0..2 {
            play.world.start_device(away).await;
            pass(&mut play.world, 20_000).await;
            let notices = play.world.engine(away).notices();
            assert_eq!(notices.len(), 1, "once");
            let notice = &notices[0];
            assert_eq!((notice.device, &*notice.name), (id, "a fresh device"));
            assert!(notice.time >= came && notice.signed_out >= Some(notice.time));
            play.world.crash_device(away);
        }
        play.world.start_device(away).await;
        see_notices(&mut play, away).await;
        pass(&mut play.world, 10_000).await;
        play.world.cut(away);
        pass(&mut play.world, 20_000).await;
        assert_eq!(play.world.engine(away).notices(), []);
    });
}

#[test]
fn a_new_passphrase_opens_everything_and_the_old_one_nothing() {
    story(async {
        for may_be_known in [false, true] {
            let mut play = Play::begin(66, 2).await;
            let id = direct(&mut play, 0, 1).await;
            say(&mut play, 0, id, "before").await;
            pass(&mut play.world, 10_000).await;
            let a = play.members[0].devices[0];
            let second = fresh_device(&mut play, 0).await;
            let old = play.members[0].passphrase.clone();
            let wrong = prepare("not the passphrase").unwrap();
            play.world
                .command(a, change(&wrong, "tired violin market", false))
                .await;
            pass(&mut play.world, 10_000).await;
            assert_eq!(
                failed(&play, a, Doing::ChangingPassphrase),
                Some(Failure::Passphrase)
            );
            assert_eq!(vault(&play, 0).await.0, 1);

            play.world
                .command(a, change(&old, "tired violin market", may_be_known))
                .await;
            pass(&mut play.world, 60_000).await;
            assert!(told(&play, a, &Update::Done(Doing::ChangingPassphrase)));
            let number = if may_be_known { 2 } else { 1 };
            assert_eq!(vault(&play, 0).await, (number, 0));
            assert_eq!(generation(&play, 0).await, number);
            let thief = play.world.add_device(0).await;
            let sign_in = |passphrase: &Passphrase| Command::SignIn {
                login_name: play.members[0].name.clone(),
                passphrase: passphrase.clone(),
                device_name: "thief".to_owned(),
            };
            let with_old = sign_in(&old);
            play.world.command(thief, with_old).await;
            pass(&mut play.world, 10_000).await;
            assert!(play.world.engine(thief).me().is_none());
            play.members[0].passphrase = prepare("tired violin market").unwrap();
            let a_third = fresh_device(&mut play, 0).await;
            assert_eq!(texts(&play, a_third, id), 1);
            say_on(&mut play, 0, second, id, "the others go on").await;
            play.members[0].devices.push(thief);
            play.heal_and_check().await;
        }
    });
}

#[test]
fn all_other_devices_tell_that_the_passphrase_was_changed() {
    story(async {
        let mut play = Play::begin(71, 2).await;
        direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let second = fresh_device(&mut play, 0).await;
        let away = fresh_device(&mut play, 0).await;
        play.world.crash_device(away);
        let old = play.members[0].passphrase.clone();
        play.world
            .command(a, change(&old, "tired violin market", true))
            .await;
        pass(&mut play.world, 60_000).await;
        play.members[0].passphrase = prepare("tired violin market").unwrap();
        play.world.start_device(away).await;
        pass(&mut play.world, 20_000).await;
        let tells = |play: &Play, device: usize| {
            let updates = &play.world.devices[device].updates;
            let tells = |u: &Update| matches!(u, Update::PassphraseChanged { .. });
            let told = updates.iter().filter(|u| tells(u)).count();
            let standing = play.world.engine(device).passphrase_changed();
            assert_eq!(told > 0, standing.is_some(), "device {device}");
            told
        };
        assert_eq!(tells(&play, a), 0, "who did it knows");
        assert_eq!(tells(&play, b), 0, "it is nobody else's business");
        assert_eq!(tells(&play, second), 1);
        assert_eq!(tells(&play, away), 1);
        // until it was seen, over any start
        for device in [second, away] {
            play.world.crash_device(device);
            play.world.start_device(device).await;
            pass(&mut play.world, 20_000).await;
            assert!(play.world.engine(device).passphrase_changed().is_some());
            see_notices(&mut play, device).await;
            play.world.crash_device(device);
            play.world.start_device(device).await;
            pass(&mut play.world, 20_000).await;
            assert_eq!(play.world.engine(device).passphrase_changed(), None);
        }
        // the server keeps it to itself
        play.world.lie = Some(Box::new(|_, name, frame| {
            (name != "passphrase_changed").then_some(frame)
        }));
        let old = play.members[0].passphrase.clone();
        play.world
            .command(a, change(&old, "another one to come", false))
            .await;
        pass(&mut play.world, 60_000).await;
        play.members[0].passphrase = prepare("another one to come").unwrap();
        assert!(play.world.engine(second).passphrase_changed().is_some());
        play.heal_and_check().await;
    });
}

#[test]
fn a_passphrase_that_may_be_known_ends_the_account_key_and_contacts_notice_nothing() {
    story(async {
        let mut play = Play::begin(72, 3).await;
        let ids = [direct(&mut play, 0, 1).await, direct(&mut play, 1, 2).await];
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let member = play.members[0].id;
        let verify = Command::SetVerified {
            member,
            verified: true,
        };
        play.world.command(b, verify).await;
        say(&mut play, 0, ids[0], "under the first account key").await;
        // somebody adds the member while no device of theirs is there: the Welcome is for a package of the first key
        play.world.crash_device(a);
        let c = play.members[2].devices[0];
        play.world.command(c, Command::OpenDirect { member }).await;
        pass(&mut play.world, 10_000).await;
        let hold = |w: &mut simulation::World| {
            w.lie = Some(Box::new(|_, name, frame| {
                (name != "conversations.welcome").then_some(frame)
            }));
        };
        hold(&mut play.world);
        play.world.start_device(a).await;
        pass(&mut play.world, 5_000).await;
        let before = epochs(&play, &ids).await;
        let old = play.members[0].passphrase.clone();
        play.world
            .command(a, change(&old, "tired violin market", true))
            .await;
        pass(&mut play.world, 20_000).await;
        assert!(told(&play, a, &Update::Done(Doing::ChangingPassphrase)));
        play.world.lie = None;
        play.world.lied = true; // answers were held back
        play.members[0].passphrase = prepare("tired violin market").unwrap();
        play.world.cut(a);
        pass(&mut play.world, 120_000).await;
        assert_eq!(generation(&play, 0).await, 2);
        assert_eq!(vault(&play, 0).await, (2, 0));
        let after = epochs(&play, &ids).await;
        assert_eq!(after[0], before[0] + 1, "a new leaf by the new key");
        assert_eq!(after[1], before[1], "not theirs");
        let seen = play.world.engine(b).conversation(ids[0]).unwrap();
        assert!(seen.verified && !seen.identity_changed);
        assert!(!told(
            &play,
            b,
            &Update::IdentityChanged(member, client::view::IdentityChange::Unknown)
        ));
        // and is added by packages of the second
        let d = fresh_device(&mut play, 0).await;
        say_on(&mut play, 0, d, ids[0], "under the second").await;
        say(&mut play, 1, ids[0], "it is still you").await;
        play.heal_and_check().await;
    });
}

#[test]
fn a_crash_at_any_step_of_a_change_of_passphrase_leaves_one_of_two_whole_states() {
    story(async {
        // the requests of a change in their order: the device dies as the answer is on its way, or the question
        let steps = [
            "account.prove_start",
            "vault.get",
            "account.passphrase_start",
            "account.passphrase_finish",
            "key_packages.publish",
            "conversations.commit",
        ];
        for (n, step) in steps.into_iter().enumerate() {
            let mut play = Play::begin(80 + n as u64, 2).await;
            let id = direct(&mut play, 0, 1).await;
            let a = play.members[0].devices[0];
            let old = play.members[0].passphrase.clone();
            let reached = Rc::new(Cell::new(false));
            let seen = reached.clone();
            play.world.lie = Some(Box::new(move |device, name, frame| {
                seen.set(seen.get() || (device == a && name == step));
                (!seen.get() || device != a).then_some(frame)
            }));
            play.world
                .command(a, change(&old, "tired violin market", true))
                .await;
            let until = play.world.now() + 60_000;
            play.world.run(until, |_| reached.get()).await;
            assert!(reached.get(), "{step}");
            play.world.crash_device(a);
            play.world.lie = None;
            play.world.start_device(a).await;
            pass(&mut play.world, 60_000).await;
            let taken = n >= 3;
            let number = if taken { 2 } else { 1 };
            assert_eq!(vault(&play, 0).await, (number, 0), "{step}");
            assert_eq!(generation(&play, 0).await, number, "{step}");
            assert_eq!(play.world.engine(a).passphrase_changed(), None, "{step}");
            if taken {
                play.members[0].passphrase = prepare("tired violin market").unwrap();
            }
            fresh_device(&mut play, 0).await;
            say(&mut play, 0, id, "after the crash").await;
            play.heal_and_check().await;
        }
    });
}

#[test]
fn a_lost_answer_to_a_change_of_passphrase_is_settled_by_what_the_vault_holds() {
    story(async {
        let mut play = Play::begin(67, 1).await;
        let a = play.members[0].devices[0];
        let old = play.members[0].passphrase.clone();
        // taken, but the answer never comes; the device even dies meanwhile
        let mut lost = false;
        play.world.lie = Some(Box::new(move |_, name, frame| {
            lost |= name == "account.passphrase_finish";
            (!lost).then_some(frame)
        }));
        play.world
            .command(a, change(&old, "tired violin market", false))
            .await;
        pass(&mut play.world, 5_000).await;
        play.world.lie = None;
        play.world.devices[a].updates.clear();
        play.world.crash_device(a);
        play.world.start_device(a).await;
        pass(&mut play.world, 60_000).await;
        assert!(told(&play, a, &Update::Done(Doing::ChangingPassphrase)));
        assert_eq!(failed(&play, a, Doing::ChangingPassphrase), None);
        let old = prepare("tired violin market").unwrap();
        play.members[0].passphrase = old.clone();
        fresh_device(&mut play, 0).await;

        // not taken: the request never arrives
        let never = ServerFrame::ok(0, &VaultWritten { head: 0 });
        play.world.swallow = Some((a, "account.passphrase_finish".to_owned(), never));
        play.world.faults.cut = 0;
        play.world.devices[a].updates.clear();
        play.world.lie = Some(Box::new(move |_, _, frame| Some(frame)));
        play.world
            .command(a, change(&old, "another one to come", false))
            .await;
        // the swallowed answer would say that it was taken: it is lost with the connection
        let until = play.world.now() + 10_000;
        play.world.run(until, |w| w.swallow.is_none()).await;
        play.world.cut(a);
        pass(&mut play.world, 60_000).await;
        assert_eq!(
            failed(&play, a, Doing::ChangingPassphrase),
            Some(Failure::Offline)
        );
        assert!(!told(&play, a, &Update::Done(Doing::ChangingPassphrase)));
        fresh_device(&mut play, 0).await;
        play.heal_and_check().await;
    });
}

#[test]
fn a_new_name_is_seen_by_everybody() {
    story(async {
        let mut play = Play::begin(68, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let second = fresh_device(&mut play, 0).await;
        let away = fresh_device(&mut play, 1).await;
        play.world.crash_device(away);
        let rename = |passphrase: &Passphrase, name: &str| Command::Rename {
            passphrase: passphrase.clone(),
            display_name: name.to_owned(),
        };
        let right = play.members[0].passphrase.clone();
        let wrong = prepare("not the passphrase").unwrap();
        play.world.command(a, rename(&wrong, "Nova")).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(failed(&play, a, Doing::Renaming), Some(Failure::Passphrase));
        play.world.command(a, rename(&right, "\u{301}")).await;
        assert!(matches!(
            failed(&play, a, Doing::Renaming),
            Some(Failure::Name(_))
        ));
        play.world.command(a, rename(&right, "Nova")).await;
        pass(&mut play.world, 20_000).await;
        assert!(told(&play, a, &Update::Done(Doing::Renaming)));
        let me = |play: &Play, device| play.world.engine(device).me().unwrap().display_name;
        assert_eq!(me(&play, a), "Nova");
        assert_eq!(me(&play, second), "Nova");
        let seen =
            |play: &Play, device: usize| play.world.engine(device).conversation(id).unwrap().title;
        assert_eq!(seen(&play, b), "Nova");
        play.world.start_device(away).await;
        pass(&mut play.world, 20_000).await;
        assert_eq!(seen(&play, away), "Nova", "also for who was away");
        say(&mut play, 0, id, "it is still me").await;
        play.heal_and_check().await;
    });
}
