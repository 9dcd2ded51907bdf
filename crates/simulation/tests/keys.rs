//! Newer keys, newer pins: what a device that knows less, or more, does about them.
#![allow(clippy::unwrap_used)]

use std::{cell::Cell, rc::Rc};

use client::{Command, Update};
use e2ee::identity::{Pin, RootIdentity};
use protocol::{
    Bytes, ConversationId, encode,
    methods::vault::{GetRecords, RecordName, Records},
};
use simulation::{
    Puppet,
    play::Play,
    story::{conversations, direct, fresh_device, lie_about, look_around, pass, story, was_told},
};
use testkit::Change;

const PIN: u8 = 7;

/// From now on the server shows a newer certificate of this member, by their own root, to everybody who asks.
fn show_newer_keys(play: &mut Play, puppet: &mut Puppet) {
    let root = RootIdentity::from_seed(&puppet.member.root.seed());
    let newer = puppet.certified_by(&root, 2);
    let newer = Bytes::copy_from_slice(newer.bytes());
    lie_about(play, puppet.member.member, move |shown| {
        shown.push(newer.clone());
    });
}

#[test]
fn nobody_is_added_with_older_keys_than_are_known() {
    story(async {
        let mut play = Play::begin(71, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let a = play.members[0].devices[0];
        show_newer_keys(&mut play, &mut eve);
        let member = eve.member.member;
        play.world.command(a, Command::OpenDirect { member }).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(conversations(&play, a), []);
        assert!(was_told(&play.world, a, "leaf certificate is older"));
    });
}

/// Eve changes keys of a conversation with her old account key, so long after Alice has heard of a newer one.
async fn commit_with_old_keys(seed: u64, wait: u64) -> bool {
    let mut play = Play::begin(seed, 1).await;
    let mut eve = Puppet::register(&mut play, "eve").await;
    let (a, alice) = (play.members[0].devices[0], play.members[0].id);
    let now = play.world.now();
    let id: ConversationId = eve.open_direct(alice, now).await;
    pass(&mut play.world, 10_000).await;
    show_newer_keys(&mut play, &mut eve);
    look_around(&mut play, a).await;
    pass(&mut play.world, wait).await;
    let update = Change {
        update: true,
        ..Change::default()
    };
    eve.commit(id, update, now).await;
    pass(&mut play.world, 10_000).await;
    play.world.engine(a).conversations()[0].broken
}

#[test]
fn a_commit_with_keys_that_were_replaced_is_refused_when_it_comes_in() {
    story(async {
        assert!(commit_with_old_keys(72, 120_000).await);
        let crossing = commit_with_old_keys(73, 1_000).await;
        assert!(!crossing, "it was under way when the newer keys came");
    });
}

#[test]
fn a_conversation_that_does_not_verify_holds_no_change_of_keys_up() {
    story(async {
        let mut play = Play::begin(76, 2).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let (a, alice) = (play.members[0].devices[0], play.members[0].id);
        let now = play.world.now();
        direct(&mut play, 0, 1).await;
        let id = eve.open_direct(alice, now).await;
        pass(&mut play.world, 10_000).await;
        let stolen = fresh_device(&mut play, 0).await;
        show_newer_keys(&mut play, &mut eve);
        look_around(&mut play, a).await;
        pass(&mut play.world, 120_000).await;
        let update = Change {
            update: true,
            ..Change::default()
        };
        eve.commit(id, update, now).await;
        pass(&mut play.world, 10_000).await;
        let broken = |play: &Play| {
            let rows = play.world.engine(a).conversations();
            rows.iter().filter(|row| row.broken).count()
        };
        assert_eq!(broken(&play), 1);

        let device = play.world.engine(stolen).device().unwrap();
        play.world
            .command(a, Command::SignOutDevice { device })
            .await;
        pass(&mut play.world, 60_000).await;
        let told = play.world.devices[a].updates.iter();
        let mut told = told.filter_map(|update| match update {
            Update::ChangingKeys { done, total } => Some((*done, *total)),
            _ => None,
        });
        let (done, total) = told.next_back().unwrap();
        assert_eq!(done, total);
        assert_eq!(play.world.engine(a).changing_keys(), None);
        assert_eq!(broken(&play), 1, "and nothing says that it was mended");
    });
}

async fn pin_record(owner: &mut Puppet, of: &Puppet) -> (u64, Bytes) {
    let name = RecordName {
        kind: PIN,
        id: Bytes::copy_from_slice(of.member.member.as_bytes()),
    };
    let names = vec![name];
    let found = owner.ask(&GetRecords { names }).await.unwrap().records;
    (found[0].version, found[0].bytes.clone())
}

#[test]
fn a_pin_of_a_newer_version_is_never_written_over() {
    story(async {
        let mut play = Play::begin(74, 1).await;
        let mut contact = Puppet::register(&mut play, "contact").await;
        let mut owner = Puppet::register(&mut play, "owner").await;
        let (of, now) = (contact.member.member, play.world.now());
        let pin = Pin::first(&contact.member.certificate, now).encode();
        owner.write_pin(of, &pin, now).await;
        let device = owner.sign_in(&mut play).await;
        assert!(play.world.engine(device).safety_number(of).is_some());
        // a newer app of the same member writes what this one does not know
        owner.read_vault().await;
        let mut newer = pin.to_vec();
        newer[3] = 2;
        owner.write_pin(of, &newer, now).await;
        pass(&mut play.world, 10_000).await;
        let written = pin_record(&mut owner, &contact).await;
        show_newer_keys(&mut play, &mut contact);
        for _ in 0..2 {
            look_around(&mut play, device).await;
            pass(&mut play.world, 120_000).await;
            assert_eq!(pin_record(&mut owner, &contact).await, written);
            play.world.crash_device(device);
            play.world.start_device(device).await;
            pass(&mut play.world, 10_000).await;
        }
    });
}

#[test]
fn a_pin_that_never_opens_keeps_nothing_busy() {
    story(async {
        let mut play = Play::begin(75, 1).await;
        let contact = Puppet::register(&mut play, "contact").await;
        let mut owner = Puppet::register(&mut play, "owner").await;
        let (of, now) = (contact.member.member, play.world.now());
        owner.write_pin(of, b"this is no pin", now).await;
        let lists = Rc::new(Cell::new(0));
        let counter = Rc::clone(&lists);
        play.world.lie = Some(Box::new(move |_, name, frame| {
            counter.set(counter.get() + usize::from(name == "vault.manifest"));
            Some(frame)
        }));
        let device = owner.sign_in(&mut play).await;
        assert!(
            play.world.engine(device).is_idle(),
            "signed in all the same"
        );
        owner.read_vault().await;
        owner.write_pin(of, b"nor is this", now).await;
        pass(&mut play.world, 60_000).await;
        assert!(lists.get() < 10, "{} lists", lists.get());
        // and one that the server withholds
        let nothing = Records {
            records: vec![],
            more: false,
        };
        play.world.lie = Some(Box::new({
            let counter = Rc::clone(&lists);
            move |_, name, mut frame| {
                counter.set(counter.get() + usize::from(name == "vault.manifest"));
                if name == "vault.get" {
                    frame.ok = Some(encode(&nothing));
                }
                Some(frame)
            }
        }));
        lists.set(0);
        owner.write_pin(of, b"and this is kept back", now).await;
        pass(&mut play.world, 60_000).await;
        assert!(lists.get() < 60, "{} lists", lists.get());
        play.world.lie = None;
        pass(&mut play.world, 60_000).await;
        assert!(play.world.engine(device).is_idle());
    });
}
