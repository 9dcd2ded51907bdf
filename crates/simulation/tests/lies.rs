//! A server that lies: about what it keeps, about the vault, about numbers.
#![allow(clippy::unwrap_used)]

use client::{Command, view::SendState};
use protocol::{
    Bytes, ServerFrame, decode, encode,
    events::NewEntry,
    methods::{conversations::Accepted, vault::Heads},
};
use simulation::{
    Puppet,
    play::Play,
    story::{direct, pass, say, story, was_told},
};

const NOT_KEPT: &str = "did not keep";

#[test]
fn an_acknowledgement_of_the_past_keeps_nothing_from_being_sent() {
    story(async {
        let mut play = Play::begin(51, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        say(&mut play, 1, id, "one").await;
        say(&mut play, 1, id, "two").await;
        pass(&mut play.world, 5_000).await;
        // the server says that it has the message, at a place where this device knows another one
        let never = ServerFrame::ok(0, &Accepted { seq: 2, time: 1 });
        play.world.swallow = Some((a, "conversations.send".to_owned(), never));
        say(&mut play, 0, id, "said once").await;
        pass(&mut play.world, 5_000).await;
        assert!(was_told(&play.world, a, NOT_KEPT));
        let page = play.world.engine(a).timeline(id, None, 10).unwrap();
        let state = page.items.last().unwrap().state;
        assert_eq!(state, Some(SendState::Waiting), "not shown as sent");
        pass(&mut play.world, 60_000).await;
        play.heal_and_check().await;
    });
}

#[test]
fn an_acknowledgement_of_a_far_future_keeps_nothing_from_being_sent() {
    story(async {
        let mut play = Play::begin(52, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let seq = protocol::limits::NUMBER_MAX;
        let never = ServerFrame::ok(0, &Accepted { seq, time: 1 });
        play.world.swallow = Some((a, "conversations.send".to_owned(), never));
        say(&mut play, 0, id, "said once").await;
        pass(&mut play.world, 20_000).await;
        assert!(was_told(&play.world, a, NOT_KEPT));
        play.heal_and_check().await;
    });
}

#[test]
fn numbers_beyond_all_counting_are_refused() {
    story(async {
        let mut play = Play::begin(53, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        play.world.lie = Some(Box::new(move |to, name, mut frame| {
            if let (true, "entry", Some(data)) = (to == a, name, &frame.data) {
                let mut new: NewEntry = decode(data).unwrap();
                new.entry.seq = u64::MAX;
                frame.data = Some(encode(&new));
            }
            Some(frame)
        }));
        for n in 0..3 {
            say(&mut play, 1, id, &format!("message {n}")).await;
            pass(&mut play.world, 5_000).await;
        }
        play.world.lie = None;
        play.heal_and_check().await;
    });
}

/// An engine on a new device of a member who is played by hand, and at rest.
async fn with_engine(play: &mut Play) -> (Puppet, usize) {
    let mut puppet = Puppet::register(play, "eve").await;
    let engine = puppet.sign_in(play).await;
    assert!(play.world.engine(engine).is_idle());
    puppet.read_vault().await;
    (puppet, engine)
}

#[test]
fn a_vault_that_moved_on_by_many_heads_is_followed() {
    story(async {
        let mut play = Play::begin(54, 1).await;
        let (mut eve, device) = with_engine(&mut play).await;
        let before = play.world.engine(device).vault_head_time().unwrap();
        for round in 0..2 {
            play.world.crash_device(device);
            for n in 0..5 {
                let now = play.world.now() + n;
                eve.write_pin(play.members[0].id, b"of a later version", now)
                    .await;
            }
            play.world.start_device(device).await;
            pass(&mut play.world, 10_000).await;
            assert!(play.world.engine(device).is_idle(), "round {round}");
            let after = play.world.engine(device).vault_head_time().unwrap();
            assert!(after > before, "the newest head was taken");
        }
        assert_eq!(play.world.alarms, []);
    });
}

#[test]
fn a_forked_vault_is_never_joined_again() {
    story(async {
        let mut play = Play::begin(55, 1).await;
        let (mut eve, device) = with_engine(&mut play).await;
        let somebody = play.members[0].id;
        let now = play.world.now();
        let before = eve.member.vault.clone();
        eve.write_pin(somebody, b"shown to this device", now).await;
        pass(&mut play.world, 5_000).await;
        let known = eve.member.vault.head_number();
        // another device was shown the vault without that write, and has written three times
        let truth = std::mem::replace(&mut eve.member.vault, before);
        let mut heads = Vec::new();
        for n in 0..3 {
            let write = eve.member.write_pin(&[n; 16], b"not shown", now);
            heads.push(write.head.unwrap().bytes);
        }
        let fork = std::mem::replace(&mut eve.member.vault, truth).listed();
        assert_eq!(eve.member.vault.head_number(), known);
        play.world.lie = Some(Box::new(move |to, name, frame| {
            let after_known: Vec<Bytes> = heads[1..].to_vec();
            Some(match name {
                "vault.manifest" if to == device => ServerFrame::ok(frame.id.unwrap(), &fork),
                "vault.heads" if to == device => {
                    ServerFrame::ok(frame.id.unwrap(), &Heads { heads: after_known })
                }
                _ => frame,
            })
        }));
        eve.write_pin(somebody, b"to make it look", now).await;
        pass(&mut play.world, 5_000).await;
        assert!(was_told(&play.world, device, "the vault went back"));
        play.world.lie = None;
        pass(&mut play.world, 120_000).await;
        assert!(play.world.engine(device).is_idle(), "the truth is taken");
    });
}

#[test]
fn a_vault_that_is_older_than_what_an_own_device_has_seen_is_refused() {
    story(async {
        let mut play = Play::begin(56, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let now = play.world.now();
        let id = eve.open_direct(play.members[0].id, now).await;
        let device = eve.sign_in(&mut play).await;
        assert!(play.world.engine(device).is_idle());
        eve.read_vault().await;
        // from now on this device is kept away from what the others write to the vault
        let mut old = None;
        play.world.lie = Some(Box::new(move |to, name, mut frame| match name {
            "vault" if to == device => None,
            "vault.manifest" if to == device => {
                let old = old.get_or_insert_with(|| frame.ok.clone().unwrap());
                frame.ok = Some(old.clone());
                Some(frame)
            }
            _ => Some(frame),
        }));
        play.world.cut(device);
        eve.write_pin(play.members[0].id, b"first", now).await;
        pass(&mut play.world, 10_000).await;
        eve.write_pin(play.members[0].id, b"second", now).await;
        eve.say(id, "I have seen it", now).await;
        pass(&mut play.world, 10_000).await;
        assert!(was_told(&play.world, device, "has seen a newer vault"));
        play.world.crash_device(device);
        play.world.devices[device].updates.clear();
        play.world.start_device(device).await;
        pass(&mut play.world, 10_000).await;
        let still = was_told(&play.world, device, "has seen a newer vault");
        assert!(still, "it is not forgotten");
        play.world.lie = None;
        pass(&mut play.world, 120_000).await;
        assert!(play.world.engine(device).is_idle(), "the truth is taken");
    });
}

#[test]
fn a_sign_in_over_what_is_kept_follows_the_heads_between() {
    story(async {
        let mut play = Play::begin(57, 1).await;
        let (mut eve, device) = with_engine(&mut play).await;
        let member = eve.member.member;
        let own = eve.member.device_id();
        storage::write::<_, storage::StorageError>(play.world.server.storage(), move |unit| {
            for device in unit.devices(member)? {
                if device.device != own {
                    unit.revoke_device(device.device, 1)?;
                }
            }
            Ok(())
        })
        .await
        .unwrap();
        play.world.cut(device);
        pass(&mut play.world, 10_000).await;
        let now = play.world.now();
        for _ in 0..4 {
            eve.write_pin(play.members[0].id, b"meanwhile", now).await;
        }
        let sign_in = Command::SignIn {
            login_name: eve.name.clone(),
            passphrase: eve.member.passphrase.clone(),
            device_name: "the same device".to_owned(),
        };
        play.world.command(device, sign_in).await;
        pass(&mut play.world, 20_000).await;
        assert!(play.world.engine(device).is_idle());
        assert_eq!(play.world.alarms, []);
    });
}
