//! Single stories that random plays meet too rarely, or don't look at closely enough.
#![allow(clippy::unwrap_used)]

use client::{Command, Doing, Failure, Update, view::SendState};
use protocol::{ErrorCode, ServerFrame, WireError, methods::conversations::Accepted};
use simulation::{
    play::Play,
    story::{direct, fresh_device, pass, say, story},
};

#[test]
fn both_open_the_same_direct_conversation_at_once() {
    story(async {
        let mut play = Play::begin(21, 2).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let (alice, bob) = (play.members[0].id, play.members[1].id);
        play.world
            .command(a, Command::OpenDirect { member: bob })
            .await;
        play.world
            .command(b, Command::OpenDirect { member: alice })
            .await;
        pass(&mut play.world, 30_000).await;
        for device in [a, b] {
            assert_eq!(play.world.engine(device).conversations().len(), 1);
            let opened = |u: &&Update| matches!(u, Update::Opened(_));
            assert!(
                play.world.devices[device]
                    .updates
                    .iter()
                    .any(|u| opened(&u))
            );
        }
        let id = play.world.engine(a).conversations()[0].conversation;
        say(&mut play, 0, id, "from a").await;
        say(&mut play, 1, id, "from b").await;
        play.heal_and_check().await;
    });
}

#[test]
fn ticks_go_from_waiting_to_read() {
    story(async {
        let mut play = Play::begin(22, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let state = |play: &Play| {
            let page = play.world.engine(a).timeline(id, None, 10).unwrap();
            page.items.last().unwrap().state
        };
        play.world.crash_device(b);
        say(&mut play, 0, id, "hello").await;
        assert_eq!(state(&play), Some(SendState::Waiting));
        pass(&mut play.world, 5_000).await;
        assert_eq!(state(&play), Some(SendState::Sent));
        play.world.start_device(b).await;
        pass(&mut play.world, 5_000).await;
        assert_eq!(state(&play), Some(SendState::Delivered));
        assert_eq!(play.world.engine(b).conversations()[0].unread, 1);
        let seq = play.world.engine(b).followed()[0].1;
        let read = Command::MarkRead {
            conversation: id,
            seq,
        };
        play.world.command(b, read).await;
        assert_eq!(play.world.engine(b).conversations()[0].unread, 0);
        pass(&mut play.world, 5_000).await;
        assert_eq!(state(&play), Some(SendState::Read));
    });
}

#[test]
fn history_is_read_through_many_changes_of_keys() {
    story(async {
        let mut play = Play::begin(23, 2).await;
        let id = direct(&mut play, 0, 1).await;
        for round in 0..12 {
            for n in 0..15 {
                say(&mut play, n % 2, id, &format!("round {round}, message {n}")).await;
            }
            pass(&mut play.world, 5_000).await;
            let device = play.members[round % 2].devices[0];
            let change = Command::UpdateKeys { conversation: id };
            play.world.command(device, change).await;
            pass(&mut play.world, 5_000).await;
        }
        play.heal_and_check().await;
    });
}

#[test]
fn two_devices_change_keys_at_once() {
    story(async {
        let mut play = Play::begin(24, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        for n in 0..5 {
            let change = || Command::UpdateKeys { conversation: id };
            play.world.command(a, change()).await;
            play.world.command(b, change()).await;
            say(&mut play, n % 2, id, &format!("in the middle of it, {n}")).await;
            pass(&mut play.world, 20_000).await;
        }
        play.heal_and_check().await;
    });
}

#[test]
fn somebody_away_can_be_added_when_their_key_packages_have_run_out() {
    story(async {
        let mut play = Play::begin(25, 2).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let bob = play.members[1].id;
        play.world.crash_device(b);
        for _ in 0..8 {
            let group = Command::CreateGroup {
                title: String::new(),
                members: vec![bob],
            };
            play.world.command(a, group).await;
            pass(&mut play.world, 2_000).await;
        }
        let groups = play.world.engine(a).conversations();
        assert_eq!(groups.len(), 8);
        for (n, group) in groups.iter().enumerate() {
            say(&mut play, 0, group.conversation, &format!("group {n}")).await;
        }
        play.world.start_device(b).await;
        play.heal_and_check().await;
    });
}

#[test]
fn a_busy_server_breaks_nothing() {
    story(async {
        let mut play = Play::begin(27, 3).await;
        let id = direct(&mut play, 0, 1).await;
        let members = vec![play.members[1].id, play.members[2].id];
        let a = play.members[0].devices[0];
        play.world
            .command(
                a,
                Command::CreateGroup {
                    title: String::new(),
                    members,
                },
            )
            .await;
        for n in 0..6 {
            say(&mut play, n % 2, id, &format!("message {n}")).await;
        }
        pass(&mut play.world, 10_000).await;
        // every other answer to a reading request is "busy" from now on
        let mut count = 0;
        play.world.lie = Some(Box::new(move |_, name, frame| {
            let reading = ["vault.get", "vault.manifest", "people.", "conversations."];
            let hit = reading.iter().any(|r| name.starts_with(r)) && frame.id.is_some();
            count += usize::from(hit);
            let busy = WireError::new(ErrorCode::Busy).after(500);
            Some(match hit && count % 2 == 0 {
                true => ServerFrame::err(frame.id, busy),
                false => frame,
            })
        }));
        fresh_device(&mut play, 1).await;
        play.world.lie = None;
        play.heal_and_check().await;
    });
}

#[test]
fn a_message_acknowledged_and_then_dropped_is_sent_again() {
    story(async {
        let mut play = Play::begin(28, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        // the server says that it has the message, at a place where another one then stands
        let never = ServerFrame::ok(0, &Accepted { seq: 3, time: 1 });
        play.world.swallow = Some((a, "conversations.send".to_owned(), never));
        say(&mut play, 0, id, "said once").await;
        pass(&mut play.world, 5_000).await;
        say(&mut play, 1, id, "from the other side").await;
        say(&mut play, 1, id, "and again").await;
        pass(&mut play.world, 30_000).await;
        let warned = |u: &Update| matches!(u, Update::Failed { failure, .. } if failure.to_string().contains("did not keep"));
        assert!(play.world.devices[a].updates.iter().any(warned));
        play.heal_and_check().await;
    });
}

#[test]
fn a_device_that_was_signed_out_signs_in_again_over_what_it_keeps() {
    story(async {
        let mut play = Play::begin(29, 2).await;
        let id = direct(&mut play, 0, 1).await;
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, 5_000).await;
        let a = play.members[0].devices[0];
        play.world.cut(a);
        say(&mut play, 0, id, "typed without a connection").await;
        let member = play.members[0].id;
        storage::write::<_, storage::StorageError>(play.world.server.storage(), move |unit| {
            for device in unit.devices(member)? {
                unit.revoke_device(device.device, 0)?;
            }
            Ok(())
        })
        .await
        .unwrap();
        pass(&mut play.world, 10_000).await;
        assert!(play.world.devices[a].updates.contains(&Update::SignedOut));
        let sign_in = |play: &Play, member: usize| Command::SignIn {
            login_name: play.members[member].name.clone(),
            passphrase: play.members[member].passphrase.clone(),
            device_name: "the same device".to_owned(),
        };
        let other = sign_in(&play, 1);
        play.world.command(a, other).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(
            play.world.engine(a).me().unwrap().member,
            member,
            "no other member"
        );
        let same = sign_in(&play, 0);
        play.world.command(a, same).await;
        pass(&mut play.world, 30_000).await;
        assert!(play.world.engine(a).is_idle());
        play.heal_and_check().await;
    });
}

#[test]
fn a_wrong_passphrase_and_an_unknown_name_sound_the_same() {
    story(async {
        let mut play = Play::begin(26, 1).await;
        let mut failures = Vec::new();
        for name in ["member0", "nobody"] {
            let device = play.world.add_device(0).await;
            let sign_in = Command::SignIn {
                login_name: name.to_owned(),
                passphrase: e2ee::passphrase::prepare("not the passphrase").unwrap(),
                device_name: "thief".to_owned(),
            };
            play.world.command(device, sign_in).await;
            pass(&mut play.world, 10_000).await;
            assert!(play.world.engine(device).me().is_none());
            let failed = play.world.devices[device]
                .updates
                .iter()
                .find_map(|u| match u {
                    Update::Failed { failure, .. } => Some(failure.to_string()),
                    _ => None,
                });
            failures.push(failed.unwrap());
        }
        assert_eq!(failures[0], failures[1]);
    });
}

#[test]
fn what_is_asked_while_catching_up_is_done_then() {
    story(async {
        let mut play = Play::begin(29, 2).await;
        let a = play.members[0].devices[0];
        let invited = |world: &simulation::World| {
            let updates = world.devices[a].updates.iter();
            updates
                .filter(|u| matches!(u, Update::Invitation { .. }))
                .count()
        };
        let offline = |world: &simulation::World| {
            world.devices[a].updates.iter().any(|u| {
                matches!(
                    u,
                    Update::Failed {
                        doing: Doing::Inviting,
                        failure: Failure::Offline
                    }
                )
            })
        };
        // at each step of a connection that comes up
        for steps in 0..6 {
            play.world.crash_device(a);
            play.world.devices[a].updates.clear();
            play.world.start_device(a).await;
            let mut seen = 0;
            let until = play.world.now() + 5_000;
            play.world
                .run(until, |_| {
                    seen += 1;
                    seen > steps
                })
                .await;
            play.world.command(a, Command::Invite).await;
            pass(&mut play.world, 5_000).await;
            assert_eq!(invited(&play.world), 1, "{steps}");
            assert!(!offline(&play.world), "{steps}");
        }
        // where no connection comes, it is said
        play.world.devices[a].updates.clear();
        play.world.lie = Some(Box::new(move |to, _, frame| (to != a).then_some(frame)));
        play.world.cut(a);
        pass(&mut play.world, 2_000).await;
        play.world.command(a, Command::Invite).await;
        pass(&mut play.world, 60_000).await;
        assert!(offline(&play.world));
        assert_eq!(invited(&play.world), 0);
    });
}
