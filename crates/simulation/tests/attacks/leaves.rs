//! Leaves taken and given by those who should not, or by wrong clocks; what a state, once lost, comes back to.

use client::{Command, view::ItemBody};
use protocol::{
    Bytes, Method, decode, encode,
    methods::{
        conversations::{GetTree, SendMessage, kind as entry},
        people::ClaimedKeyPackage,
        vault::{Record, Records, kind},
    },
};
use simulation::{
    Puppet,
    play::Play,
    story::{direct, fresh_device, pass, say, story},
};
use storage::conversations::Range;
use testkit::Change;

use super::{SOON, bodies, group_with_eve, lie_to_all, row, scroll_back, texts, unverified};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 3_600_000;

fn asked<M: Method>(play: &Play, device: usize) -> usize {
    let all = play.world.overheard.iter().flatten();
    all.filter(|(by, request)| *by == device && request.method == M::NAME)
        .count()
}

fn spoilt(bytes: &[u8]) -> Bytes {
    let mut bytes = bytes.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    bytes.into()
}

/// Of this device the vault has no state up to this epoch.
fn lose_states(play: &mut Play, device: usize, up_to: u64) {
    play.world.lie = Some(Box::new(move |to, name, mut frame| {
        if let ("vault.get", true, Some(ok)) = (name, to == device, &frame.ok) {
            let mut found: Records = decode(ok).unwrap();
            let lost = |r: &Record| r.name.kind == kind::MLS_STATE && r.version <= up_to;
            found.records.retain(|r| !lost(r));
            frame.ok = Some(encode(&found));
        }
        Some(frame)
    }));
}

/// A plain member gives the owner and another one new leaves, with Welcomes that do not open. The server refuses that; where it
/// does not, they come back by themselves, and nothing runs in circles meanwhile.
#[test]
fn a13_a_leaf_that_is_taken_unasked_comes_back() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(901, 3).await;
        let devices = [0, 1].map(|n| play.members[n].devices[0]);
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        let seq = eve.entries(id, 1).await.last().unwrap().seq;
        eve.follow(id, seq).await;
        let now = play.world.now();
        let (ada, bob) = (play.members[0].id, play.members[1].id);
        let packages = [eve.claim(ada).await, eve.claim(bob).await];
        let change = |packages: &[ClaimedKeyPackage; 2]| Change {
            add: vec![(ada, packages[0].clone()), (bob, packages[1].clone())],
            remove: vec![ada, bob],
            ..Change::default()
        };
        let honest = eve.member.change(id, change(&packages), now);
        let refused = eve.ask(&honest).await.unwrap_err();
        assert_eq!(refused.code, protocol::ErrorCode::CommitRefused);
        eve.member.drop_change(id);

        for (of, package) in [ada, bob].into_iter().zip(&packages) {
            eve.pretend_asked(&play, id, of, package).await;
        }
        let mut commit = eve.member.change(id, change(&packages), now);
        for welcome in &mut commit.welcomes {
            welcome.welcome = spoilt(&welcome.welcome);
        }
        eve.ask(&commit).await.unwrap();
        play.world.overheard = Some(Vec::new());
        pass(&mut play.world, 5 * MINUTE).await;
        for device in devices {
            let row = row(&play, device, id);
            assert!(
                row.ready && !row.restoring && !row.broken && !row.gone,
                "{row:?}"
            );
            assert!(texts(&play, device, id).contains(&"before".to_owned()));
            assert!(asked::<GetTree>(&play, device) < 30);
        }
        say(&mut play, 0, id, "after").await;
        pass(&mut play.world, SOON).await;
        for member in [1, 2] {
            let device = play.members[member].devices[0];
            assert!(
                texts(&play, device, id).contains(&"after".to_owned()),
                "{member}"
            );
        }
    });
}

/// The other one of two gives a new leaf without a link: what was written before stays with this member, on fresh devices too.
#[test]
fn a21_a_new_leaf_without_a_link_takes_no_history() {
    story(async {
        let mut play = Play::begin(902, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let now = play.world.now();
        let ada = play.members[0].id;
        let id = eve.open_direct(ada, now).await;
        eve.say(id, "from eve", now).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "from ada").await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, 2).await;
        let package = eve.claim(ada).await;
        eve.pretend_asked(&play, id, ada, &package).await;
        let change = Change {
            add: vec![(ada, package)],
            remove: vec![ada],
            cut: true,
            ..Change::default()
        };
        let commit = eve.member.change(id, change, play.world.now());
        eve.ask(&commit).await.unwrap();
        pass(&mut play.world, 10 * MINUTE).await;
        let fresh = fresh_device(&mut play, 0).await;
        scroll_back(&mut play, fresh, id).await;
        for device in [play.members[0].devices[0], fresh] {
            assert_eq!(
                texts(&play, device, id),
                ["from eve", "from ada"],
                "{device}"
            );
        }
    });
}

/// Another device of a member had the state repaired: the healthy one keeps what disappears only tomorrow.
#[test]
fn timed_messages_stay_their_time_through_a_repair() {
    story(async {
        let mut play = Play::begin(903, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let timer = Command::SetTimer {
            conversation: id,
            seconds: 86_400,
        };
        play.world.command(a, timer).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "for a day").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, b, id), ["for a day"]);
        play.world.crash_device(b);
        let fresh = play.world.devices.len();
        lose_states(&mut play, fresh, 2);
        assert_eq!(fresh_device(&mut play, 1).await, fresh);
        pass(&mut play.world, 2 * MINUTE).await;
        assert!(row(&play, fresh, id).ready, "repaired");
        play.world.lie = None;
        play.world.start_device(b).await;
        pass(&mut play.world, MINUTE).await;
        assert_eq!(texts(&play, b, id), ["for a day"]);
        pass(&mut play.world, DAY).await;
        assert_eq!(texts(&play, b, id), [""; 0]);
    });
}

/// Somebody left before the state in the vault begins: a fresh device that is alone finds it, takes them out, and writes.
#[test]
fn a_fresh_device_that_is_alone_knows_who_left() {
    story(async {
        let mut play = Play::begin(905, 3).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        let members = vec![play.members[1].id, play.members[2].id];
        let title = String::new();
        let create = Command::CreateGroup { title, members };
        play.world.command(a, create).await;
        pass(&mut play.world, SOON).await;
        let id = play.world.engine(a).conversations()[0].conversation;
        let conversation = id;
        play.world.crash_device(b);
        let update = Command::UpdateKeys { conversation };
        play.world.command(a, update).await;
        pass(&mut play.world, SOON).await;
        play.world.crash_device(a);
        let leave = Command::LeaveGroup { conversation };
        play.world.command(c, leave).await;
        pass(&mut play.world, SOON).await;
        play.world.start_device(b).await;
        let me = play.members[1].id;
        // dies as soon as the state stands in the vault, before its turn to take them out
        for _ in 0..4_000 {
            pass(&mut play.world, 5).await;
            let manifest =
                storage::read(play.world.server.storage(), move |r| r.vault_manifest(me));
            let lines: Vec<_> = manifest.await.unwrap();
            let mut states = lines.iter().filter(|l| l.name.kind == kind::MLS_STATE);
            if states.next().is_some_and(|line| line.version == 2) {
                break;
            }
        }
        play.world.crash_device(b);
        let newest = storage::read(play.world.server.storage(), move |r| {
            let range = Range {
                from: 3,
                limit: 9,
                max_bytes: usize::MAX,
                commits_only: false,
            };
            r.entries(id, range)
        });
        let newest: Vec<_> = newest.await.unwrap();
        assert!(
            matches!(&newest[..], [last] if last.kind == entry::LEAVE),
            "{newest:?}"
        );
        let fresh = fresh_device(&mut play, 1).await;
        play.world.overheard = Some(Vec::new());
        let text = "anybody?".to_owned();
        let say = Command::SendText { conversation, text };
        play.world.command(fresh, say).await;
        pass(&mut play.world, 10 * MINUTE).await;
        assert_eq!(asked::<SendMessage>(&play, fresh), 1);
        assert_eq!(texts(&play, fresh, id), ["anybody?"]);
        play.world.start_device(a).await;
        pass(&mut play.world, MINUTE).await;
        assert_eq!(texts(&play, a, id), ["anybody?"]);
    });
}

/// A device whose clock is wrong by days has its state repaired all the same, and calls nobody a liar.
#[test]
fn a30_a_wrong_clock_is_in_the_way_of_no_repair() {
    for off in [2 * DAY as i64, -2 * DAY as i64] {
        story(async {
            let mut play = Play::begin(906, 2).await;
            let id = direct(&mut play, 0, 1).await;
            say(&mut play, 0, id, "one").await;
            pass(&mut play.world, SOON).await;
            play.world.crash_device(play.members[1].devices[0]);
            let device = play.world.devices.len();
            play.world.losing.insert(device, &[kind::MLS_STATE]);
            assert_eq!(play.world.add_device(1).await, device);
            play.world.devices[device].clock_off = off;
            let sign_in = Command::SignIn {
                login_name: play.members[1].name.clone(),
                passphrase: play.members[1].passphrase.clone(),
                device_name: "another".to_owned(),
            };
            play.members[1].devices.push(device);
            play.world.command(device, sign_in).await;
            pass(&mut play.world, 10 * MINUTE).await;
            let row = row(&play, device, id);
            assert!(row.ready && !row.broken, "{off}: {row:?}");
        });
    }
}

/// A clock was a year ahead when keys were changed: what is lost later is repaired today, not next year.
#[test]
fn a30_a_clock_that_was_ahead_once_is_in_the_way_of_no_repair() {
    story(async {
        let mut play = Play::begin(908, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        say(&mut play, 0, id, "one").await;
        pass(&mut play.world, SOON).await;
        play.world.devices[b].clock_off = 365 * DAY as i64;
        pass(&mut play.world, MINUTE).await;
        let update = Command::UpdateKeys { conversation: id };
        play.world.command(b, update).await;
        pass(&mut play.world, MINUTE).await;
        play.world.devices[b].clock_off = 0;
        pass(&mut play.world, MINUTE).await;
        play.world.crash_device(b);
        let fresh = play.world.devices.len();
        lose_states(&mut play, fresh, 2);
        assert_eq!(fresh_device(&mut play, 1).await, fresh);
        pass(&mut play.world, 10 * MINUTE).await;
        assert!(row(&play, fresh, id).ready);
    });
}

/// The server says of messages and commits that their time was over long ago, where nothing disappears: messages are shown all the
/// same, and so is who was added.
#[test]
fn a24_what_does_not_disappear_is_hidden_by_no_expiry() {
    story(async {
        let mut play = Play::begin(904, 3).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let members = vec![play.members[1].id];
        let title = String::new();
        let create = Command::CreateGroup { title, members };
        play.world.command(a, create).await;
        pass(&mut play.world, SOON).await;
        let id = play.world.engine(a).conversations()[0].conversation;
        say(&mut play, 0, id, "one").await;
        pass(&mut play.world, SOON).await;
        lie_to_all(&mut play, |e| {
            if [entry::MESSAGE, entry::COMMIT].contains(&e.kind) && e.seq > 2 {
                e.expiry = 1;
            }
        });
        say(&mut play, 0, id, "two").await;
        pass(&mut play.world, SOON).await;
        let members = vec![play.members[2].id];
        let add = Command::AddMembers {
            conversation: id,
            members,
        };
        play.world.command(a, add).await;
        pass(&mut play.world, SOON).await;
        for device in [a, b] {
            assert_eq!(texts(&play, device, id), ["one", "two"], "{device}");
            assert_eq!(unverified(&play, device, id), 0);
            let added = bodies(&play, device, id).into_iter().filter(
                |body| matches!(body, ItemBody::Members { added, .. } if !added.is_empty()),
            );
            assert_eq!(added.count(), 1, "everybody sees who was added");
            assert_eq!(row(&play, device, id).last.unwrap().text, "two");
        }
        // said to be timed as well, it does not open
        lie_to_all(&mut play, |e| {
            if e.kind == entry::MESSAGE && e.seq > 4 {
                (e.expiry, e.timed) = (1, true);
            }
        });
        say(&mut play, 0, id, "three").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, b, id), ["one", "two"]);
        assert_eq!(unverified(&play, b, id), 1, "and that is told");
    });
}
