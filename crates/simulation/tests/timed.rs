//! Messages that disappear: everybody reads them before, nobody after, and nothing that leads to them is left.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Failure, Update,
    view::{ConversationView, Item, ItemBody},
};
use e2ee::vault::RecordKind;
use protocol::{ConversationId, decode, encode, events::NewEntry, methods::conversations::Entry};
use simulation::{
    play::Play,
    story::{direct, fresh_device, pass, say, story},
};
use storage::conversations::Range;

const SOON: u64 = 10_000;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const YEAR: i64 = 365 * 24 * 3_600_000;

async fn set_timer(play: &mut Play, member: usize, conversation: ConversationId, seconds: u64) {
    let device = play.members[member].devices[0];
    let command = Command::SetTimer {
        conversation,
        seconds,
    };
    play.world.command(device, command).await;
    pass(&mut play.world, SOON).await;
}

fn items(play: &Play, device: usize, id: ConversationId) -> Vec<Item> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    page.items
}

fn texts(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let text = |item: Item| match item.body {
        ItemBody::Text(text) => Some(text),
        _ => None,
    };
    items(play, device, id)
        .into_iter()
        .filter_map(text)
        .collect()
}

fn row(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

/// What a device says of timers, in order.
fn timers(play: &Play, device: usize, id: ConversationId) -> Vec<u64> {
    let timer = |item: Item| match item.body {
        ItemBody::Members { timer_s, .. } => timer_s,
        _ => None,
    };
    items(play, device, id)
        .into_iter()
        .filter_map(timer)
        .collect()
}

fn nothing_is_wrong(play: &Play, device: usize, id: ConversationId) {
    for item in items(play, device, id) {
        assert!(
            !matches!(
                item.body,
                ItemBody::Unverified | ItemBody::Newer | ItemBody::RemovedByServer
            ),
            "device {device} has {:?} at {:?}",
            item.body,
            item.seq
        );
    }
}

async fn log(play: &Play, id: ConversationId) -> Vec<Entry> {
    let range = Range {
        from: 1,
        limit: 10_000,
        max_bytes: usize::MAX,
        commits_only: false,
    };
    let read = storage::read(play.world.server.storage(), move |reader| {
        reader.entries(id, range)
    });
    read.await.unwrap()
}

/// How many secrets of timed messages the vault of a member holds.
async fn secrets(play: &Play, member: usize) -> usize {
    let id = play.members[member].id;
    let read = storage::read(play.world.server.storage(), move |reader| {
        reader.vault_manifest(id)
    });
    let lines: Vec<_> = read.await.unwrap();
    let timed = RecordKind::TimedSecret as u8;
    lines.iter().filter(|line| line.name.kind == timed).count()
}

/// The server, the vaults and all devices have nothing of this text any more.
async fn is_gone_everywhere(play: &mut Play, id: ConversationId, text: &str) {
    play.world.server.sweep().await;
    for entry in log(play, id).await {
        assert!(!entry.timed || entry.body.is_none(), "seq {}", entry.seq);
    }
    for member in 0..play.members.len() {
        assert_eq!(
            secrets(play, member).await,
            0,
            "in the vault of member {member}"
        );
        for device in play.members[member].devices.clone() {
            assert!(
                !texts(play, device, id).iter().any(|t| t == text),
                "device {device} shows it"
            );
            assert!(
                !play.world.stores(device, text.as_bytes()),
                "device {device} keeps it"
            );
            nothing_is_wrong(play, device, id);
        }
    }
    assert!(
        play.world.lied || play.world.alarms.is_empty(),
        "{:?}",
        play.world.alarms
    );
}

#[test]
fn a20_everybody_reads_a_timed_message_before_and_nobody_after() {
    story(async {
        let mut play = Play::begin(1, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        say(&mut play, 0, id, "stays for ever").await;
        set_timer(&mut play, 1, id, DAY / 1000).await;
        assert_eq!(row(&play, a, id).timer_s, DAY / 1000);
        assert!(row(&play, a, id).may_set_timer);
        say(&mut play, 0, id, "gone by tomorrow").await;
        pass(&mut play.world, SOON).await;
        let both = ["stays for ever", "gone by tomorrow"];
        let one = ["stays for ever"];
        for device in [a, b] {
            assert_eq!(texts(&play, device, id), both);
            assert_eq!(timers(&play, device, id), [DAY / 1000]);
            assert!(play.world.stores(device, b"gone by tomorrow"));
        }
        assert_eq!(row(&play, b, id).unread, 2);
        let last = items(&play, b, id).pop().unwrap();
        assert!(last.expires.abs_diff(last.server_time + DAY) < MINUTE);
        // A fresh device in the same epoch reads it by the state, one in a later epoch by the vault.
        let c = fresh_device(&mut play, 1).await;
        assert_eq!(texts(&play, c, id), both);
        let update = Command::UpdateKeys { conversation: id };
        play.world.command(a, update).await;
        pass(&mut play.world, MINUTE).await;
        assert_eq!(secrets(&play, 0).await, 1);
        assert_eq!(secrets(&play, 1).await, 1);
        let d = fresh_device(&mut play, 1).await;
        assert_eq!(texts(&play, d, id), both);
        assert_eq!(timers(&play, d, id), [DAY / 1000]);
        // An hour before its time it is still there, a minute after it nowhere.
        pass(&mut play.world, DAY - HOUR).await;
        assert_eq!(texts(&play, a, id), both);
        pass(&mut play.world, HOUR).await;
        for device in [a, b, c, d] {
            assert_eq!(texts(&play, device, id), one, "device {device}");
        }
        assert_eq!(row(&play, b, id).unread, 1);
        assert_eq!(row(&play, b, id).last.unwrap().text, "stays for ever");
        pass(&mut play.world, HOUR).await;
        is_gone_everywhere(&mut play, id, "gone by tomorrow").await;
        // A fresh device sees nothing broken, and what is said goes on.
        let e = fresh_device(&mut play, 0).await;
        assert_eq!(texts(&play, e, id), one);
        assert_eq!(timers(&play, e, id), [DAY / 1000]);
        nothing_is_wrong(&play, e, id);
        set_timer(&mut play, 0, id, 0).await;
        say(&mut play, 1, id, "stays again").await;
        pass(&mut play.world, SOON).await;
        for device in [a, b, c, d, e] {
            assert_eq!(texts(&play, device, id), ["stays for ever", "stays again"]);
            assert_eq!(timers(&play, device, id), [DAY / 1000, 0]);
        }
    });
}

#[test]
fn a_wrong_clock_neither_deletes_early_nor_keeps_for_ever() {
    for off in [YEAR, -YEAR] {
        story(async {
            let mut play = Play::begin(2, 2).await;
            let id = direct(&mut play, 0, 1).await;
            let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
            set_timer(&mut play, 0, id, DAY / 1000).await;
            say(&mut play, 0, id, "read in time").await;
            pass(&mut play.world, SOON).await;
            // The clock is set while the device runs, and is so when it starts again.
            play.world.devices[b].clock_off = off;
            pass(&mut play.world, MINUTE).await;
            assert_eq!(texts(&play, b, id), ["read in time"]);
            play.world.crash_device(b);
            play.world.start_device(b).await;
            pass(&mut play.world, MINUTE).await;
            assert_eq!(texts(&play, b, id), ["read in time"]);
            say(&mut play, 1, id, "written by a wrong clock").await;
            pass(&mut play.world, DAY - HOUR).await;
            let both = ["read in time", "written by a wrong clock"];
            assert_eq!(texts(&play, a, id), both);
            assert_eq!(texts(&play, b, id), both);
            pass(&mut play.world, 2 * HOUR).await;
            for device in [a, b] {
                assert!(texts(&play, device, id).is_empty());
                assert!(!play.world.stores(device, b"read in time"));
            }
            // The secret goes when the last message that could have been in its epoch has.
            pass(&mut play.world, DAY).await;
            is_gone_everywhere(&mut play, id, "read in time").await;
            is_gone_everywhere(&mut play, id, "written by a wrong clock").await;
        });
    }
}

#[test]
fn a_device_that_was_away_over_the_end_deletes_when_it_is_back() {
    story(async {
        let mut play = Play::begin(3, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        set_timer(&mut play, 0, id, DAY / 1000).await;
        say(&mut play, 0, id, "one that was seen").await;
        pass(&mut play.world, SOON).await;
        play.world.crash_device(b);
        say(&mut play, 0, id, "one that was not").await;
        pass(&mut play.world, 2 * DAY).await;
        play.world.start_device(b).await;
        pass(&mut play.world, HOUR).await;
        assert_eq!(row(&play, b, id).unread, 0);
        is_gone_everywhere(&mut play, id, "one that was seen").await;
        is_gone_everywhere(&mut play, id, "one that was not").await;
        say(&mut play, 1, id, "and it goes on").await;
        pass(&mut play.world, MINUTE).await;
        assert_eq!(
            texts(&play, play.members[0].devices[0], id),
            ["and it goes on"]
        );
    });
}

#[test]
fn what_waits_is_sealed_by_the_rules_of_the_moment_it_is_sent() {
    story(async {
        let mut play = Play::begin(4, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        // Written without a connection before the timer is on, and the other way round.
        play.world.stall(b, 5 * MINUTE);
        say(&mut play, 1, id, "written before").await;
        set_timer(&mut play, 0, id, HOUR / 1000).await;
        pass(&mut play.world, 10 * MINUTE).await;
        let message = |log: Vec<Entry>| log.into_iter().rfind(|e| e.message.is_some()).unwrap();
        let entry = message(log(&play, id).await);
        assert!(entry.timed && entry.expiry > entry.time);
        play.world.stall(b, 5 * MINUTE);
        say(&mut play, 1, id, "written with the timer").await;
        set_timer(&mut play, 0, id, 0).await;
        pass(&mut play.world, 10 * MINUTE).await;
        let entry = message(log(&play, id).await);
        assert!(!entry.timed && entry.expiry == 0);
        pass(&mut play.world, 2 * HOUR).await;
        let a = play.members[0].devices[0];
        assert_eq!(texts(&play, a, id), ["written with the timer"]);
        assert_eq!(texts(&play, b, id), ["written with the timer"]);
        is_gone_everywhere(&mut play, id, "written before").await;
    });
}

#[test]
fn what_never_could_be_sent_disappears_as_well() {
    story(async {
        let mut play = Play::begin(5, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        set_timer(&mut play, 0, id, HOUR / 1000).await;
        play.world.crash_server().await;
        say(&mut play, 0, id, "into the void").await;
        pass(&mut play.world, 30 * MINUTE).await;
        assert_eq!(texts(&play, a, id), ["into the void"]);
        pass(&mut play.world, HOUR).await;
        assert!(texts(&play, a, id).is_empty());
        assert!(!play.world.stores(a, b"into the void"));
        play.world.server.start().await;
        pass(&mut play.world, MINUTE).await;
        assert!(!log(&play, id).await.iter().any(|e| e.timed));
    });
}

#[test]
fn in_a_quiet_conversation_the_keys_are_renewed_once() {
    story(async {
        let mut play = Play::begin(6, 3).await;
        let device = play.members[0].devices[0];
        let members = vec![play.members[1].id, play.members[2].id];
        let title = "A quiet one".to_owned();
        let found = Command::CreateGroup { title, members };
        play.world.command(device, found).await;
        pass(&mut play.world, SOON).await;
        let id = play.world.engine(device).conversations()[0].conversation;
        set_timer(&mut play, 0, id, HOUR / 1000).await;
        say(&mut play, 1, id, "the last word").await;
        pass(&mut play.world, MINUTE).await;
        let head = |play: &Play| play.world.engine(device).followed()[0].1;
        let before = head(&play);
        pass(&mut play.world, 20 * MINUTE).await;
        assert_eq!(head(&play), before, "not before half a timer");
        pass(&mut play.world, 20 * MINUTE).await;
        assert_eq!(head(&play), before + 1, "one member does it, once");
        for member in 0..3 {
            assert_eq!(secrets(&play, member).await, 1, "member {member}");
        }
        pass(&mut play.world, 4 * HOUR).await;
        assert_eq!(head(&play), before + 1, "and nothing more");
        is_gone_everywhere(&mut play, id, "the last word").await;
        // Who writes after a long silence renews the keys first.
        say(&mut play, 2, id, "a word more").await;
        pass(&mut play.world, MINUTE).await;
        assert_eq!(head(&play), before + 3);
        assert_eq!(texts(&play, device, id), ["a word more"]);
    });
}

#[test]
fn in_a_group_admins_say_whether_messages_disappear() {
    story(async {
        let mut play = Play::begin(7, 3).await;
        let device = play.members[0].devices[0];
        let members = vec![play.members[1].id];
        let title = "Rules".to_owned();
        let found = Command::CreateGroup { title, members };
        play.world.command(device, found).await;
        pass(&mut play.world, SOON).await;
        let id = play.world.engine(device).conversations()[0].conversation;
        set_timer(&mut play, 1, id, HOUR / 1000).await;
        let b = play.members[1].devices[0];
        let refused = |u: &Update| matches!(u, Update::Failed { failure, .. } if *failure == Failure::NotAllowed);
        assert!(play.world.devices[b].updates.iter().any(refused));
        assert_eq!(row(&play, b, id).timer_s, 0);
        assert!(!row(&play, b, id).may_set_timer);
        for seconds in [1, 3_599, 31_536_001] {
            set_timer(&mut play, 0, id, seconds).await;
            assert_eq!(row(&play, device, id).timer_s, 0);
        }
        set_timer(&mut play, 0, id, DAY / 1000).await;
        say(&mut play, 1, id, "for those who are here").await;
        // A title is said to newcomers, and disappears for nobody; who reads all from before has no secret of what disappears.
        let title = "Newer rules".to_owned();
        let named = Command::SetTitle {
            conversation: id,
            title,
        };
        play.world.command(device, named).await;
        let open = Command::SetRules {
            conversation: id,
            announcements: false,
            history_all: true,
        };
        play.world.command(device, open).await;
        pass(&mut play.world, SOON).await;
        let members = vec![play.members[2].id];
        let added = Command::AddMembers {
            conversation: id,
            members,
        };
        play.world.command(device, added).await;
        pass(&mut play.world, MINUTE).await;
        say(&mut play, 0, id, "for all").await;
        pass(&mut play.world, MINUTE).await;
        let c = play.members[2].devices[0];
        assert_eq!(texts(&play, b, id), ["for those who are here", "for all"]);
        assert_eq!(texts(&play, c, id), ["for all"]);
        nothing_is_wrong(&play, c, id);
        pass(&mut play.world, 2 * DAY).await;
        is_gone_everywhere(&mut play, id, "for all").await;
        assert_eq!(row(&play, c, id).title, "Newer rules");
    });
}

#[test]
fn a_crash_at_any_moment_loses_no_secret_and_keeps_none() {
    for seed in 10..16 {
        story(async move {
            let mut play = Play::begin(seed, 2).await;
            let id = direct(&mut play, 0, 1).await;
            let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
            set_timer(&mut play, 0, id, HOUR / 1000).await;
            say(&mut play, 0, id, "through it all").await;
            pass(&mut play.world, SOON).await;
            let update = Command::UpdateKeys { conversation: id };
            play.world.command(a, update).await;
            // the crash comes at another moment each time: commit, state and secret on their way
            pass(&mut play.world, (seed - 10) * 2).await;
            for device in [a, b] {
                play.world.crash_device(device);
                play.world.start_device(device).await;
            }
            pass(&mut play.world, MINUTE).await;
            for member in 0..2 {
                let fresh = fresh_device(&mut play, member).await;
                assert_eq!(texts(&play, fresh, id), ["through it all"]);
            }
            pass(&mut play.world, HOUR - 5 * MINUTE).await;
            for device in [a, b] {
                play.world.crash_device(device);
                play.world.start_device(device).await;
            }
            pass(&mut play.world, 2 * HOUR).await;
            is_gone_everywhere(&mut play, id, "through it all").await;
        });
    }
}

#[test]
fn a_server_that_keeps_a_message_longer_or_calls_it_untimed_is_not_believed() {
    let later = |entry: &mut Entry| entry.expiry += DAY;
    let never = |entry: &mut Entry| entry.expiry = 0;
    let untimed = |entry: &mut Entry| (entry.timed, entry.expiry) = (false, 0);
    let lies: [fn(&mut Entry); 3] = [later, never, untimed];
    for lie in lies {
        story(async {
            let mut play = Play::begin(20, 2).await;
            let id = direct(&mut play, 0, 1).await;
            let b = play.members[1].devices[0];
            set_timer(&mut play, 0, id, HOUR / 1000).await;
            play.world.lie = Some(Box::new(move |to, name, mut frame| {
                if let (true, "entry", Some(data)) = (to == b, name, &frame.data) {
                    let mut new: NewEntry = decode(data).unwrap();
                    if new.entry.timed {
                        lie(&mut new.entry);
                    }
                    frame.data = Some(encode(&new));
                }
                Some(frame)
            }));
            say(&mut play, 0, id, "not for longer").await;
            pass(&mut play.world, SOON).await;
            assert!(texts(&play, b, id).is_empty());
            let last = items(&play, b, id).pop().unwrap();
            assert_eq!(last.body, ItemBody::Unverified);
            assert!(!play.world.stores(b, b"not for longer"));
        });
    }
}
