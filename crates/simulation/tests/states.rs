//! States that a device gets into: ahead of its log, read-only, without a store, repaired.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::Ordering;

use client::{
    Command, Doing, Failure, Update,
    view::{ConnectionView, ItemBody},
};
use protocol::{ConversationId, decode, encode, methods::sync::SyncStarted};
use simulation::{
    Puppet,
    play::Play,
    story::{conversations, direct, fresh_device, pass, say, say_on, story},
};
use testkit::Change;

async fn change_keys(play: &mut Play, device: usize, conversation: ConversationId) {
    let change = Command::UpdateKeys { conversation };
    play.world.command(device, change).await;
    pass(&mut play.world, 5_000).await;
}

#[test]
fn a_state_that_jumps_again_and_again_leaves_no_message_behind() {
    story(async {
        let mut play = Play::begin(61, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        for round in 0..3 {
            // the second device hears of nothing while the first changes keys twice
            play.world.lie = Some(Box::new(move |to, name, frame| {
                (to != second || name != "entry").then_some(frame)
            }));
            change_keys(&mut play, a, id).await;
            say(&mut play, 0, id, &format!("between, {round}")).await;
            pass(&mut play.world, 5_000).await;
            change_keys(&mut play, a, id).await;
            play.world.lie = None;
            say(&mut play, 1, id, &format!("after, {round}")).await;
            pass(&mut play.world, 10_000).await;
            let page = play.world.engine(second).timeline(id, None, 50).unwrap();
            let bad = page.items.iter().filter(|i| i.body == ItemBody::Unverified);
            assert_eq!(bad.count(), 0, "round {round}");
        }
        play.heal_and_check().await;
    });
}

#[test]
fn history_is_read_from_a_state_that_is_ahead_of_the_log() {
    story(async {
        let mut play = Play::begin(62, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        say(&mut play, 0, id, "first").await;
        pass(&mut play.world, 5_000).await;
        change_keys(&mut play, b, id).await;
        change_keys(&mut play, a, id).await;
        // a fresh device asks for the list just before the second change, and for the state just after it
        play.world.lie = Some(Box::new(|_, name, mut frame| {
            if let ("sync.start", Some(ok)) = (name, &frame.ok) {
                let mut sync: SyncStarted = decode(ok).unwrap();
                sync.changed.iter_mut().for_each(|s| s.head_seq -= 1);
                frame.ok = Some(encode(&sync));
            }
            Some(frame)
        }));
        let fresh = fresh_device(&mut play, 0).await;
        play.world.lie = None;
        let page = play.world.engine(fresh).timeline(id, None, 50).unwrap();
        let bad = page.items.iter().filter(|i| i.body == ItemBody::Unverified);
        assert_eq!(bad.count(), 0);
        say_on(&mut play, 1, b, id, "last").await;
        play.heal_and_check().await;
    });
}

#[test]
fn a_read_only_server_lets_clients_rest() {
    story(async {
        let mut play = Play::begin(63, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        // what is on its way is refused; only then do the clients hear why
        play.world.server.set_read_only(Some("the disk is full"));
        let change = Command::UpdateKeys { conversation: id };
        play.world.command(a, change).await;
        say(&mut play, 0, id, "typed meanwhile").await;
        pass(&mut play.world, 60_000).await;
        let view = play.world.engine(a).connection();
        assert!(matches!(view, ConnectionView::ReadOnly { .. }));
        let next = play.world.engine(a).next_deadline().unwrap();
        assert!(next > play.world.now(), "nothing to do before {next}");
        play.world.server.set_read_only(None);
        play.heal_and_check().await;
    });
}

#[test]
fn without_a_store_nothing_is_promised() {
    story(async {
        let mut play = Play::begin(64, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        play.world.devices[a].full.store(true, Ordering::SeqCst);
        for text in ["one", "two"] {
            play.world.devices[a].updates.clear();
            let said = Command::SendText {
                conversation: id,
                text: text.to_owned(),
            };
            play.world.command(a, said).await;
            let lost = |u: &Update| {
                matches!(
                    u,
                    Update::Failed {
                        failure: Failure::StoreFull,
                        ..
                    }
                )
            };
            assert!(play.world.devices[a].updates.iter().any(lost), "{text}");
        }
        let last = play.world.devices[a].updates.last().unwrap();
        let sending = matches!(
            last,
            Update::Failed {
                doing: Doing::Sending,
                ..
            }
        );
        assert!(sending, "what failed is said: {last:?}");
        assert_eq!(play.world.engine(a).next_deadline(), None);
        pass(&mut play.world, 60_000).await;
        // with room again, and started again, all is as before
        play.world.devices[a].full.store(false, Ordering::SeqCst);
        play.world.crash_device(a);
        play.world.start_device(a).await;
        play.heal_and_check().await;
    });
}

#[test]
fn with_room_again_it_goes_on_from_what_was_kept() {
    story(async {
        let mut play = Play::begin(66, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        play.world.crash_server().await;
        say(&mut play, 0, id, "kept, and not sent yet").await;
        play.world.server.start().await;
        let texts = |play: &Play| -> Vec<String> {
            let page = play.world.engine(a).timeline(id, None, 100).unwrap();
            let texts = page.items.into_iter().filter_map(|item| match item.body {
                ItemBody::Text(text) => Some(text),
                _ => None,
            });
            texts.collect()
        };
        let send = |text: &str| Command::SendText {
            conversation: id,
            text: text.to_owned(),
        };
        play.world.devices[a].full.store(true, Ordering::SeqCst);
        play.world.devices[a].updates.clear();
        play.world
            .command(a, send("there is no room for this"))
            .await;
        let failed = |play: &Play, doing: Doing| {
            let full = Update::Failed {
                doing,
                failure: Failure::StoreFull,
            };
            play.world.devices[a].updates.contains(&full)
        };
        assert!(failed(&play, Doing::Sending), "what was asked for");
        assert!(failed(&play, Doing::Background), "and all else");
        assert_eq!(
            texts(&play),
            ["kept, and not sent yet"],
            "nothing is shown that is not kept"
        );
        // tried too early: it fails again, with the first thing that is to be kept
        play.world.command(a, Command::RetryNow).await;
        pass(&mut play.world, 30_000).await;
        assert!(play.world.engine(a).me().is_some());
        play.world.command(a, send("nor for this")).await;
        pass(&mut play.world, 30_000).await;
        assert_eq!(play.world.engine(a).next_deadline(), None, "stopped");
        assert_eq!(texts(&play), ["kept, and not sent yet"]);
        let elsewhere = fresh_device(&mut play, 0).await;
        say_on(&mut play, 0, elsewhere, id, "meanwhile, elsewhere").await;
        pass(&mut play.world, 10_000).await;
        // room again, and no restart
        play.world.devices[a].full.store(false, Ordering::SeqCst);
        play.world.command(a, Command::RetryNow).await;
        say(&mut play, 0, id, "and on it goes").await;
        pass(&mut play.world, 30_000).await;
        play.heal_and_check().await;
    });
}

#[test]
fn the_conversation_looked_at_is_ready_first() {
    story(async {
        let mut play = Play::begin(65, 2).await;
        let a = play.members[0].devices[0];
        // more than are fetched at the same time
        for _ in 0..24 {
            let members = vec![play.members[1].id];
            play.world
                .command(
                    a,
                    Command::CreateGroup {
                        title: String::new(),
                        members,
                    },
                )
                .await;
            pass(&mut play.world, 30_000).await;
        }
        let mut all = conversations(&play, a);
        all.sort();
        let last = *all.last().unwrap();
        play.world.faults.delay_ms = 200;
        let fresh = play.world.add_device(0).await;
        let look = Command::LookAt {
            conversation: Some(last),
        };
        play.world.command(fresh, look).await;
        let sign_in = Command::SignIn {
            login_name: play.members[0].name.clone(),
            passphrase: play.members[0].passphrase.clone(),
            device_name: "fresh".to_owned(),
        };
        play.world.command(fresh, sign_in).await;
        let ready = |engine: &client::Engine<simulation::disk::Disk>| {
            let rows = engine.conversations().into_iter();
            rows.filter(|row| row.ready)
                .map(|row| row.conversation)
                .collect::<Vec<_>>()
        };
        let until = play.world.now() + 60_000;
        assert!(
            play.world
                .run(until, |w| !ready(w.engine(fresh)).is_empty())
                .await
        );
        // perhaps with one that came with it
        assert!(ready(play.world.engine(fresh)).contains(&last));
    });
}

#[test]
fn a_repair_reaches_a_member_who_is_online() {
    story(async {
        let mut play = Play::begin(66, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let (a, alice) = (play.members[0].devices[0], play.members[0].id);
        let now = play.world.now();
        let id = eve.open_direct(alice, now).await;
        eve.say(id, "before", now).await;
        eve.follow(id, 2).await;
        pass(&mut play.world, 10_000).await;
        play.world.devices[a].updates.clear();
        let package = eve.claim(alice).await;
        eve.pretend_asked(&play, id, alice, &package).await;
        let add = vec![(alice, package)];
        let repair = Change {
            add,
            remove: vec![alice],
            ..Change::default()
        };
        eve.commit(id, repair, play.world.now()).await;
        eve.say(id, "after", now).await;
        pass(&mut play.world, 10_000).await;
        let row = &play.world.engine(a).conversations()[0];
        assert!(row.ready && !row.broken && row.unread == 2, "{row:?}");
        let lost = |u: &Update| matches!(u, Update::Connection(ConnectionView::Offline { .. }));
        assert!(!play.world.devices[a].updates.iter().any(lost));
        let page = play.world.engine(a).timeline(id, None, 10).unwrap();
        let texts: Vec<_> = page
            .items
            .into_iter()
            .filter_map(|item| match item.body {
                ItemBody::Text(text) => Some(text),
                _ => None,
            })
            .collect();
        assert_eq!(texts, ["before", "after"]);
        assert_eq!(play.world.alarms, []);
    });
}

#[test]
fn a_device_that_is_not_heard_for_long_fetches_anew() {
    story(async {
        let mut play = Play::begin(67, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        play.world.stall(b, 20_000);
        for n in 0..12 {
            say(&mut play, 0, id, &format!("message {n}")).await;
            pass(&mut play.world, 1_000).await;
        }
        pass(&mut play.world, 15_000).await;
        assert!(play.world.resyncs > 0, "events were dropped");
        play.heal_and_check().await;
    });
}

/// Somebody whom a device has never met is added while it is away, and closes their account: nothing tells any more whose leaf
/// that was. The device asks for a new leaf, and goes on.
#[test]
fn who_was_away_when_a_stranger_came_and_closed_their_account_goes_on() {
    story(async {
        let mut play = Play::begin(68, 3).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        let members = vec![play.members[1].id];
        let title = "Desk".to_owned();
        play.world
            .command(a, Command::CreateGroup { title, members })
            .await;
        pass(&mut play.world, 10_000).await;
        let id = play.world.engine(a).conversations()[0].conversation;
        say(&mut play, 0, id, "one").await;
        pass(&mut play.world, 10_000).await;
        play.world.crash_device(b);
        let members = vec![play.members[2].id];
        let add = Command::AddMembers {
            conversation: id,
            members,
        };
        play.world.command(a, add).await;
        pass(&mut play.world, 10_000).await;
        say(&mut play, 2, id, "by a stranger").await;
        pass(&mut play.world, 10_000).await;
        let member = play.members[2].id;
        play.world
            .command(a, Command::CloseAccountOf { member })
            .await;
        pass(&mut play.world, 10_000).await;
        play.world.crash_device(c);
        say(&mut play, 0, id, "two").await;
        pass(&mut play.world, 10_000).await;
        play.world.start_device(b).await;
        pass(&mut play.world, 180_000).await;
        let row = play.world.engine(b).conversation(id).unwrap();
        assert!(row.ready && !row.broken && !row.restoring, "{row:?}");
        say(&mut play, 1, id, "three").await;
        pass(&mut play.world, 10_000).await;
        for device in [a, b] {
            let page = play.world.engine(device).timeline(id, None, 50).unwrap();
            let texts = page.items.into_iter().filter_map(|item| match item.body {
                ItemBody::Text(text) => Some(text),
                _ => None,
            });
            let texts: Vec<_> = texts.filter(|text| text != "by a stranger").collect();
            assert_eq!(texts, ["one", "two", "three"], "{device}");
        }
    });
}
