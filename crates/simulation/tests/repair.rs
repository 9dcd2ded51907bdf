//! Members whose state of a conversation is lost: what is lost, who helps, and who does not get anything.
#![allow(clippy::unwrap_used)]

use client::{
    Command,
    view::{ConversationView, ItemBody},
};
use e2ee::{
    identity::{AccountCertificate, AccountKey, RootIdentity},
    repair::RepairRequest,
};
use protocol::{
    Bytes, ConversationId, ErrorCode, Hash32, ServerFrame, decode, encode,
    methods::{
        conversations::{AskRepair, Entry, GetWelcome, Repair},
        sync::SyncStarted,
        vault::{Record, Records, kind},
    },
};
use simulation::{
    Puppet, World,
    play::Play,
    story::{direct, fresh_device, look_around, pass, say, story},
};
use storage::conversations::Range;
use testkit::Change;

const SOON: u64 = 10_000;
const SOME_TIME: u64 = 120_000;

/// What the server does with records of a kind.
#[derive(Clone, Copy)]
enum Loss {
    Withheld,
    Garbled,
}

/// From now on these devices do not get the records of this kind that exist now.
fn lose(world: &mut World, devices: Vec<usize>, wanted: u8, until: u64, loss: Loss) {
    world.lie = Some(Box::new(move |to, name, mut frame| {
        if let ("vault.get", true, Some(ok)) = (name, devices.contains(&to), &frame.ok) {
            let mut found: Records = decode(ok).unwrap();
            let lost = |r: &Record| r.name.kind == wanted && r.version <= until;
            match loss {
                Loss::Withheld => found.records.retain(|r| !lost(r)),
                Loss::Garbled => {
                    for record in found.records.iter_mut().filter(|r| lost(r)) {
                        let mut bytes = record.bytes.to_vec();
                        *bytes.last_mut().unwrap() ^= 1;
                        record.bytes = bytes.into();
                    }
                }
            }
            frame.ok = Some(encode(&found));
        }
        Some(frame)
    }));
}

fn row(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

fn texts(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let items = page.items.into_iter();
    items
        .filter_map(|item| match item.body {
            ItemBody::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}

/// Who was restored by whom, as a device shows it.
fn restored(play: &Play, device: usize, id: ConversationId) -> Vec<(String, String)> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let items = page.items.into_iter();
    let by = items.flat_map(|item| match item.body {
        ItemBody::Members { restored, .. } => {
            let sender = item.sender_name;
            restored
                .into_iter()
                .map(|who| (who, sender.clone()))
                .collect()
        }
        _ => Vec::new(),
    });
    by.collect()
}

fn names(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    pairs.iter().map(own).collect()
}

/// A group of all members by the first one.
async fn group(play: &mut Play) -> ConversationId {
    let device = play.members[0].devices[0];
    let members = play.members[1..].iter().map(|m| m.id).collect();
    let title = "Desk".to_owned();
    play.world
        .command(device, Command::CreateGroup { title, members })
        .await;
    pass(&mut play.world, SOON).await;
    let rows = play.world.engine(device).conversations();
    rows.into_iter().find(|r| !r.direct).unwrap().conversation
}

/// A conversation of two in which both have said something; the second's first device is off.
async fn two(seed: u64) -> (Play, ConversationId, usize, usize) {
    let mut play = Play::begin(seed, 2).await;
    let id = direct(&mut play, 0, 1).await;
    say(&mut play, 0, id, "one").await;
    say(&mut play, 1, id, "two").await;
    pass(&mut play.world, SOON).await;
    let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
    play.world.crash_device(b);
    (play, id, a, b)
}

/// Signs in on a device that is lied to from the beginning.
async fn lost_device(play: &mut Play, member: usize, loss: Loss) -> usize {
    let next = play.world.devices.len();
    lose(&mut play.world, vec![next], kind::MLS_STATE, 1, loss);
    fresh_device(play, member).await
}

#[test]
fn a13_a_member_without_state_gets_a_new_leaf_with_all_history() {
    for loss in [Loss::Withheld, Loss::Garbled] {
        story(async {
            let (mut play, id, a, b) = two(301).await;
            play.world.crash_device(a);
            let fresh = lost_device(&mut play, 1, loss).await;
            let waits = row(&play, fresh, id);
            assert!(
                waits.restoring && !waits.ready && !waits.broken,
                "{waits:?}"
            );
            play.world.start_device(a).await;
            pass(&mut play.world, SOME_TIME).await;
            assert!(!row(&play, fresh, id).restoring);
            assert_eq!(texts(&play, fresh, id), ["one", "two"]);
            let by_ada = names(&[("Member 1", "Member 0")]);
            assert_eq!(restored(&play, fresh, id), by_ada);
            assert_eq!(restored(&play, a, id), by_ada);
            // their other device follows, and both write
            play.world.start_device(b).await;
            pass(&mut play.world, SOON).await;
            assert_eq!(restored(&play, b, id), by_ada);
            say(&mut play, 1, id, "three").await;
            say(&mut play, 0, id, "four").await;
            pass(&mut play.world, SOON).await;
            assert_eq!(play.world.alarms, []);
            play.world.lie = None;
            play.heal_and_check().await;
        });
    }
}

#[test]
fn a_device_of_the_same_member_that_has_the_state_helps_first() {
    story(async {
        let (mut play, id, a, b) = two(302).await;
        play.world.start_device(b).await;
        pass(&mut play.world, SOON).await;
        let fresh = lost_device(&mut play, 1, Loss::Withheld).await;
        pass(&mut play.world, SOME_TIME).await;
        assert!(!row(&play, fresh, id).restoring);
        assert_eq!(texts(&play, fresh, id), ["one", "two"]);
        assert_eq!(restored(&play, a, id), [], "nobody else had to do anything");
        assert_eq!(play.world.alarms, []);
        play.world.lie = None;
        play.heal_and_check().await;
    });
}

#[test]
fn a18_a_welcome_whose_key_package_is_gone_is_made_anew() {
    story(async {
        let mut play = Play::begin(303, 2).await;
        let b = play.members[1].devices[0];
        lose(
            &mut play.world,
            vec![b],
            kind::KEY_PACKAGE,
            1,
            Loss::Withheld,
        );
        let id = {
            let a = play.members[0].devices[0];
            let member = play.members[1].id;
            play.world.command(a, Command::OpenDirect { member }).await;
            pass(&mut play.world, SOON).await;
            play.world.engine(a).conversations()[0].conversation
        };
        say(&mut play, 0, id, "for you").await;
        pass(&mut play.world, SOON).await;
        // the answer to the request is of no use either, as long as the vault gives nothing
        assert!(row(&play, b, id).restoring);
        play.world.lie = None;
        pass(&mut play.world, SOME_TIME + 600_000).await;
        assert!(!row(&play, b, id).restoring);
        assert_eq!(texts(&play, b, id), ["for you"]);
        play.heal_and_check().await;
    });
}

#[test]
fn of_many_who_could_answer_one_does() {
    story(async {
        let mut play = Play::begin(304, 4).await;
        let id = group(&mut play).await;
        say(&mut play, 0, id, "hello").await;
        pass(&mut play.world, SOON).await;
        let last = play.members[3].devices[0];
        play.world.crash_device(last);
        let fresh = lost_device(&mut play, 3, Loss::Garbled).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(restored(&play, fresh, id).len(), 1);
        assert_eq!(texts(&play, fresh, id), ["hello"]);
        assert_eq!(play.world.alarms, []);
        play.world.lie = None;
        play.world.start_device(last).await;
        play.heal_and_check().await;
    });
}

#[test]
fn two_devices_that_ask_at_once_are_both_helped() {
    story(async {
        let (mut play, id, a, b) = two(305).await;
        play.world.crash_device(a);
        let next = play.world.devices.len();
        lose(
            &mut play.world,
            vec![next, next + 1],
            kind::MLS_STATE,
            1,
            Loss::Withheld,
        );
        let one = play.world.add_device(1).await;
        let two = play.world.add_device(1).await;
        for device in [one, two] {
            play.members[1].devices.push(device);
            let sign_in = Command::SignIn {
                login_name: play.members[1].name.clone(),
                passphrase: play.members[1].passphrase.clone(),
                device_name: "another".to_owned(),
            };
            play.world.command(device, sign_in).await;
        }
        pass(&mut play.world, SOME_TIME).await;
        play.world.start_device(a).await;
        pass(&mut play.world, SOME_TIME).await;
        for device in [one, two] {
            assert_eq!(texts(&play, device, id), ["one", "two"], "device {device}");
        }
        assert_eq!(restored(&play, a, id).len(), 1, "once for both");
        play.world.lie = None;
        play.world.start_device(b).await;
        play.heal_and_check().await;
    });
}

#[test]
fn a_crash_at_any_step_of_a_repair_loses_nothing() {
    for step in 0..8 {
        story(async {
            let (mut play, id, a, b) = two(310).await;
            let next = play.world.devices.len();
            lose(
                &mut play.world,
                vec![next],
                kind::MLS_STATE,
                1,
                Loss::Withheld,
            );
            let fresh = play.world.add_device(1).await;
            play.members[1].devices.push(fresh);
            let sign_in = Command::SignIn {
                login_name: play.members[1].name.clone(),
                passphrase: play.members[1].passphrase.clone(),
                device_name: "another".to_owned(),
            };
            play.world.command(fresh, sign_in).await;
            pass(&mut play.world, 300 + step * 700).await;
            for device in [fresh, a] {
                play.world.crash_device(device);
                play.world.start_device(device).await;
            }
            if play.world.engine(fresh).me().is_none() {
                let sign_in = Command::SignIn {
                    login_name: play.members[1].name.clone(),
                    passphrase: play.members[1].passphrase.clone(),
                    device_name: "another".to_owned(),
                };
                play.world.command(fresh, sign_in).await;
            }
            pass(&mut play.world, SOME_TIME + 600_000).await;
            assert_eq!(texts(&play, fresh, id), ["one", "two"], "step {step}");
            play.world.lie = None;
            play.world.start_device(b).await;
            play.heal_and_check().await;
        });
    }
}

/// A puppet in a direct conversation with the first member, who has their request for a new leaf.
async fn asking(seed: u64) -> (Play, Puppet, ConversationId) {
    let mut play = Play::begin(seed, 1).await;
    let mut eve = Puppet::register(&mut play, "eve").await;
    let now = play.world.now();
    let id = eve.open_direct(play.members[0].id, now).await;
    eve.say(id, "hello", now).await;
    pass(&mut play.world, SOON).await;
    (play, eve, id)
}

fn answered(play: &Play, id: ConversationId) -> usize {
    restored(play, play.members[0].devices[0], id).len()
}

#[test]
fn a13_a_request_is_answered_once_whatever_the_server_says_again() {
    story(async {
        let (mut play, mut eve, id) = asking(320).await;
        let now = play.world.now();
        let asked: AskRepair = eve.member.ask_repair(id, 0, now);
        eve.ask(&asked).await.unwrap();
        pass(&mut play.world, SOON).await;
        assert_eq!(answered(&play, id), 1);
        say_again(
            &mut play,
            vec![repair_of(&eve, asked.request, asked.package)],
        );
        let welcome = GetWelcome { conversation: id };
        let welcome = eve.ask(&welcome).await.unwrap();
        let join = eve.member.join(id, &welcome, now);
        eve.ask(&join).await.unwrap();
        eve.say(id, "here again", now).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(commits(&play, id).await.len(), 2, "replayed");
    });
}

fn repair_of(by: &Puppet, request: impl Into<Bytes>, package: Bytes) -> Repair {
    Repair {
        member: by.member.member,
        request: request.into(),
        package,
    }
}

/// All commits of a conversation: who made them, and whether they have a link.
async fn commits(play: &Play, id: ConversationId) -> Vec<bool> {
    let range = Range {
        from: 1,
        limit: 1_000,
        max_bytes: usize::MAX,
        commits_only: true,
    };
    let read = storage::read(play.world.server.storage(), move |reader| {
        reader.entries(id, range)
    });
    let entries: Vec<Entry> = read.await.unwrap();
    entries.iter().map(|entry| entry.link.is_some()).collect()
}

/// The server says these requests in every list of conversations, all of which have changed, and the first member's
/// device is made to look.
fn say_again(play: &mut Play, repairs: Vec<Repair>) {
    play.world.lie = Some(Box::new(move |_, name, mut frame: ServerFrame| {
        if let ("sync.start", Some(ok)) = (name, &frame.ok) {
            let mut synced: SyncStarted = decode(ok).unwrap();
            assert!(!synced.changed.is_empty(), "the request is told");
            for summary in &mut synced.changed {
                summary.repairs.clone_from(&repairs);
            }
            frame.ok = Some(encode(&synced));
        }
        Some(frame)
    }));
    let a = play.members[0].devices[0];
    play.world.cut(a);
}

#[test]
fn a13_forged_old_and_foreign_requests_are_not_answered() {
    story(async {
        let (mut play, mut eve, id) = asking(321).await;
        let now = play.world.now();
        let vault = eve.member.vault.clone();
        let good = eve.member.ask_repair(id, 0, now);
        let decoded = RepairRequest::decode(&good.request).unwrap().0;
        let stranger = AccountKey::generate(&mut eve.member.rng, 1);
        let forged = decoded.sign(&stranger);
        let old = RepairRequest {
            time: now - 25 * 3_600_000,
            ..decoded.clone()
        };
        let elsewhere = RepairRequest {
            conversation: ConversationId([7; 16]),
            ..decoded.clone()
        };
        let other_restart = RepairRequest {
            restart: 1,
            ..decoded.clone()
        };
        let other_package = RepairRequest {
            key_package: Hash32([7; 32]),
            ..decoded
        };
        let account = &eve.member.account;
        let cases = [
            forged,
            old.sign(account),
            elsewhere.sign(account),
            other_restart.sign(account),
            other_package.sign(account),
            b"nothing".to_vec(),
        ];
        eve.member.vault = vault;
        for (n, request) in cases.into_iter().enumerate() {
            say_again(
                &mut play,
                vec![repair_of(&eve, request, good.package.clone())],
            );
            // something new, so that the conversation is in the list
            eve.say(id, "still here", now).await;
            pass(&mut play.world, SOME_TIME).await;
            assert_eq!(answered(&play, id), 0, "case {n}");
        }
        // and one that is as it should be, said in the same way
        let now = play.world.now();
        let asked = eve.member.ask_repair(id, 0, now);
        play.world.crash_device(play.members[0].devices[0]);
        eve.ask(&asked).await.unwrap();
        play.world.start_device(play.members[0].devices[0]).await;
        say_again(
            &mut play,
            vec![repair_of(&eve, asked.request, asked.package)],
        );
        eve.say(id, "and I wait", now).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(answered(&play, id), 1);
    });
}

/// From now on the server has another certificate of a member.
async fn certify(play: &Play, certificate: &AccountCertificate) {
    let (member, generation) = (certificate.member, certificate.generation);
    let bytes = Bytes::copy_from_slice(certificate.bytes());
    storage::write::<_, storage::StorageError>(play.world.server.storage(), move |unit| {
        let mut account = unit.account(member)?.unwrap();
        (account.certificate, account.generation) = (bytes, generation);
        unit.update_certificate(&account)
    })
    .await
    .unwrap();
}

#[test]
fn a13_a_request_by_an_earlier_account_key_is_not_answered() {
    story(async {
        let (mut play, mut eve, id) = asking(322).await;
        let now = play.world.now();
        let vault = eve.member.vault.clone();
        let stolen = eve.member.ask_repair(id, 0, now);
        eve.member.vault = vault;
        let account = AccountKey::generate(&mut eve.member.rng, 2);
        let old = eve.member.certificate.clone();
        let names = (old.login_name.clone(), old.display_name.clone());
        let (public, member) = (account.public(), eve.member.member);
        let root = &eve.member.root;
        let newest = root.certify(old.instance, member, &names.0, &names.1, &public, 2);
        let newest = newest.unwrap();
        certify(&play, &newest).await;
        look_around(&mut play, 0).await;
        say_again(
            &mut play,
            vec![repair_of(&eve, stolen.request, stolen.package)],
        );
        eve.say(id, "the thief asks", now).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(answered(&play, id), 0);
        // the newest one is, also where it is not known yet
        play.world.lie = None;
        (eve.member.account, eve.member.certificate) = (account, newest);
        let now = play.world.now();
        let asked = eve.member.ask_repair(id, 0, now);
        eve.ask(&asked).await.unwrap();
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(answered(&play, id), 1);
        assert_eq!(
            commits(&play, id).await.last(),
            Some(&true),
            "the root is the same"
        );
    });
}

#[test]
fn a13_another_identity_waits_for_a_person_and_reads_nothing_from_before() {
    story(async {
        let (mut play, mut eve, id) = asking(323).await;
        let a = play.members[0].devices[0];
        let root = RootIdentity::generate(&mut eve.member.rng);
        let account = AccountKey::generate(&mut eve.member.rng, 2);
        let old = eve.member.certificate.clone();
        let names = (old.login_name.clone(), old.display_name.clone());
        let (public, member) = (account.public(), eve.member.member);
        let other = root.certify(old.instance, member, &names.0, &names.1, &public, 2);
        let other = other.unwrap();
        certify(&play, &other).await;
        (eve.member.account, eve.member.certificate) = (account, other);
        look_around(&mut play, a).await;
        let now = play.world.now();
        let asked = eve.member.ask_repair(id, 0, now);
        eve.ask(&asked).await.unwrap();
        pass(&mut play.world, SOME_TIME).await;
        assert!(row(&play, a, id).identity_changed, "a person is asked");
        assert_eq!(answered(&play, id), 0);
        let accept = Command::AcceptIdentity {
            member,
            number: None,
        };
        play.world.command(a, accept).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(answered(&play, id), 1);
        assert_eq!(commits(&play, id).await.last(), Some(&false), "a cut");
    });
}

#[test]
fn who_was_removed_is_not_restored() {
    story(async {
        let mut play = Play::begin(324, 2).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let a = play.members[0].devices[0];
        let members = vec![play.members[1].id, eve.member.member];
        let title = "Desk".to_owned();
        look_around(&mut play, a).await;
        play.world
            .command(a, Command::CreateGroup { title, members })
            .await;
        pass(&mut play.world, SOON).await;
        let id = play.world.engine(a).conversations()[0].conversation;
        let now = play.world.now();
        let asked = eve.member.ask_repair(id, 0, now);
        let remove = Command::RemoveMember {
            conversation: id,
            member: eve.member.member,
        };
        play.world.command(a, remove).await;
        pass(&mut play.world, SOON).await;
        let refused = eve.ask(&asked).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotAMember);
        // the server says it all the same
        say_again(
            &mut play,
            vec![repair_of(&eve, asked.request, asked.package)],
        );
        say(&mut play, 1, id, "without her").await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(answered(&play, id), 0);
        assert!(
            !row(&play, a, id)
                .members
                .iter()
                .any(|m| m.member == eve.member.member)
        );
    });
}

#[test]
fn a03_a_commit_without_a_good_link_gets_one_from_somebody_else() {
    for bad in [None, Some(Bytes::from_static(b"leads nowhere"))] {
        story(async {
            let mut play = Play::begin(330, 2).await;
            let mut eve = Puppet::register(&mut play, "eve").await;
            let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
            let id = group_with(&mut play, &mut eve).await;
            say(&mut play, 0, id, "before").await;
            pass(&mut play.world, SOON).await;
            let now = play.world.now();
            eve.follow(id, 2).await;
            let update = Change {
                update: true,
                ..Change::default()
            };
            let mut commit = eve.member.change(id, update, now);
            commit.link = bad;
            eve.ask(&commit).await.unwrap();
            pass(&mut play.world, SOME_TIME).await;
            for device in [a, b] {
                assert_eq!(relinked(&play, device, id), 1, "device {device}");
            }
            // a device that has nothing but that link to what was said before
            play.world.crash_device(b);
            let fresh = play.world.devices.len();
            let lost: &[u8] = &[kind::MLS_STATE, kind::SEGMENT_HEAD];
            play.world.losing.insert(fresh, lost);
            assert_eq!(fresh_device(&mut play, 1).await, fresh);
            pass(&mut play.world, SOME_TIME).await;
            assert_eq!(restored(&play, fresh, id).len(), 1);
            assert_eq!(texts(&play, fresh, id), ["before"]);
            assert_eq!(relinked(&play, fresh, id), 1);
        });
    }
}

fn relinked(play: &Play, device: usize, id: ConversationId) -> usize {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let items = page.items.iter();
    items.filter(|item| item.body == ItemBody::Relinked).count()
}

/// A group of both members and a puppet, by the first member.
async fn group_with(play: &mut Play, eve: &mut Puppet) -> ConversationId {
    let a = play.members[0].devices[0];
    look_around(play, a).await;
    let members = vec![play.members[1].id, eve.member.member];
    let title = "Desk".to_owned();
    play.world
        .command(a, Command::CreateGroup { title, members })
        .await;
    pass(&mut play.world, SOON).await;
    let id = play.world.engine(a).conversations()[0].conversation;
    for member in [play.members[0].id, play.members[1].id] {
        eve.meet(member).await;
    }
    let welcome = GetWelcome { conversation: id };
    let welcome = eve.ask(&welcome).await.unwrap();
    let now = play.world.now();
    let join = eve.member.join(id, &welcome, now);
    eve.ask(&join).await.unwrap();
    id
}
