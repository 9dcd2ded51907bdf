//! Founding anew: commits that the server takes and nobody can follow, and the way back from the new group.

use super::*;
use crate::{
    content::open_message,
    links::{open_link, seal_link},
    mls::{MlsError, profile::MlsSuite},
    restart::{Anew, Standing, check_restart, new_policy},
    statement::{Complaint, Reason, Restart, Statement},
    transcript::{EntryKind, body_hash},
};

fn standing(state: &PublicConversation) -> Standing {
    Standing {
        policy: state.policy().clone(),
        members: state.members().into_iter().map(|(m, _)| m).collect(),
    }
}

/// A key package of somebody in this suite.
fn package_in(world: &mut World, suite: MlsSuite, n: usize) -> NewKeyPackage {
    let p = &world.people[n];
    let whose = (&p.account, INSTANCE, p.id);
    KeyPackage::generate_in(suite, &mut world.rng, whose, NOW, false).unwrap()
}

/// The first member founds the group of `old` anew in this suite, with the second; the states of both, what the restart
/// says, and what the server has.
fn anew(
    world: &mut World,
    old: &Conversation,
    suite: MlsSuite,
    reason: Reason,
) -> ([Conversation; 2], Restart, PublicConversation) {
    let stays = [world.id(0), world.id(1)];
    let policy = new_policy(old.policy(), old.policy(), stays[0], &stays);
    let package = package_in(world, suite, 1);
    let p = &world.people[0];
    let founded =
        Conversation::found_in(suite, &mut world.rng, &p.account, p.id, &policy, NOW).unwrap();
    let info = &founded.group_info;
    let server = PublicConversation::found(info, CHAT, INSTANCE, p.id, &world.roster).unwrap();
    let change = Change {
        add: vec![(stays[1], package.public.clone())],
        ..Change::default()
    };
    let made = world.prepare(&founded.conversation, &change, false);
    let server = world.check(&server, &made.commit, 0).unwrap().next;
    let expected = Expected {
        restart: policy.restart,
        ..world.expected(1)
    };
    let tree = server.tree().unwrap();
    let welcome = &made.welcomes[0].2;
    let joined = Conversation::join(welcome, &tree, &package.record, expected, &world.roster);
    let (e_first, e_n) = (made.next.epoch_secret(), old.epoch_secret());
    let said = Restart {
        restart: policy.restart,
        reason,
        suite: suite.number(),
        epoch: old.epoch(),
        c_n: e_n.commitment(),
        commit: body_hash(&made.commit),
        link: seal_link(e_first, old.epoch(), CHAT, old.restart(), e_n),
    };
    ([made.next, joined.unwrap()], said, server)
}

/// Whoever has the new group's first secret reads what was sealed in the old one.
fn reads_back(new: &Conversation, old: &Conversation, said: &Restart, sealed: &[u8]) {
    let (n, restart) = (said.epoch, old.restart());
    let e_n = open_link(new.epoch_secret(), n, CHAT, restart, &said.link, said.c_n).unwrap();
    let find = |name| old.certificate(name);
    let opened = open_message(&e_n, &old.context(old.me()), sealed, &find).unwrap();
    assert_eq!(opened.body.text.as_deref(), Some("in the old group"));
    // the link is of that restart number and epoch alone
    for (n, restart) in [(n + 1, restart), (n, restart + 1)] {
        let other = open_link(new.epoch_secret(), n, CHAT, restart, &said.link, said.c_n);
        assert!(other.is_err());
    }
}

test_everywhere! {
    fn a05_what_the_server_can_not_check_is_told_apart() {
        let mut world = World::new(2);
        let (all, server) = world.pair();
        let account = world.people[1].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[1], &change, true);
        let mut tag = made.commit.clone();
        *tag.last_mut().unwrap() ^= 1;
        world.check(&server, &tag, 1).unwrap();
        let error = world.process(&all[0], &tag, 1).unwrap_err();
        assert!(error.is_unfollowable(), "{error}");
        // What the server checks as well is no reason to complain.
        let signature = made.commit.len() - 33 - 33 - 10;
        let mut signed = made.commit.clone();
        signed[signature] ^= 1;
        assert!(world.check(&server, &signed, 1).is_err());
        // Neither is what nobody made: without the author's signature, whatever its tags are.
        let made_up = world.process(&all[0], &signed, 1).unwrap_err();
        assert!(!made_up.is_unfollowable(), "{made_up}");
        *signed.last_mut().unwrap() ^= 1;
        let made_up = world.process(&all[0], &signed, 1).unwrap_err();
        assert!(!made_up.is_unfollowable(), "{made_up}");
        assert!(!MlsError::WrongAuthor.is_unfollowable());
        assert!(!MlsError::UnknownVersion("x").is_unfollowable());
    }

    fn a05_who_is_stuck_speaks_in_the_epoch_that_they_can_not_reach() {
        let mut world = World::new(2);
        let (all, server) = world.pair();
        let account = world.people[1].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[1], &change, true);
        let after = world.check(&server, &made.commit, 1).unwrap().next;
        let said = Complaint { epoch: 1, commit: body_hash(&made.commit) }.encode();
        let seen = Seen { seq: 4, hash: Hash32([4; 32]) };
        let stuck = all[0].declare_in(2, EntryKind::Complaint, seen, DeviceId([9; 16]), said.clone());
        let opened: Statement = after.open_statement(world.id(0), EntryKind::Complaint, &stuck).unwrap();
        assert_eq!(opened.content, said);
        // His own leaf of before says nothing in the epoch in which he has another.
        let old = all[1].declare_in(2, EntryKind::Complaint, seen, DeviceId([9; 16]), said);
        assert!(after.open_statement(world.id(1), EntryKind::Complaint, &old).is_err());
    }

    fn a05_a_new_group_leads_back_to_the_old_one() {
        let mut world = World::new(3);
        let (all, old_server) = world.group(3);
        let sealed = all[0].seal_message(&mut world.rng, &text("in the old group")).unwrap();
        let (new, said, server) = anew(&mut world, &all[0], MlsSuite::XWing, Reason::Complaint);
        agree(&mut world, &new, &server);
        let judged = Anew { by: world.id(0), reason: Reason::Complaint, offender: Some(world.id(2)), left: &[] };
        let (before, after) = (standing(&old_server), standing(&server));
        assert_eq!(check_restart(&before, &before, &judged, &after), Ok(vec![]));
        reads_back(&new[1], &all[0], &said, &sealed);
        // Who is not in the new group has nothing that opens it.
        assert!(open_link(all[2].epoch_secret(), 1, CHAT, 0, &said.link, said.c_n).is_err());
    }

    fn a26_a_conversation_goes_over_to_another_suite() {
        let mut world = World::new(2);
        let (all, old_server) = world.pair();
        let sealed = all[0].seal_message(&mut world.rng, &text("in the old group")).unwrap();
        let (new, said, server) = anew(&mut world, &all[0], MlsSuite::X25519, Reason::Suite);
        assert_eq!((old_server.suite(), server.suite(), said.suite), (1, 2, 2));
        agree(&mut world, &new, &server);
        let judged = Anew { by: world.id(0), reason: Reason::Suite, offender: None, left: &[] };
        let (before, after) = (standing(&old_server), standing(&server));
        assert_eq!(check_restart(&before, &before, &judged, &after), Ok(vec![]));
        reads_back(&new[1], &all[0], &said, &sealed);
        // It lives on: stored and restored, and its keys change.
        let server = PublicConversation::from_bytes(&server.to_bytes()).unwrap();
        let record = new[1].record(9, Hash32([9; 32]));
        let (restored, ..) = Conversation::restore(&record, &server.tree().unwrap()).unwrap();
        let account = world.people[1].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&restored, &change, true);
        let server = world.check(&server, &made.commit, 1).unwrap().next;
        let followed = world.process(&new[0], &made.commit, 1).unwrap().next.unwrap();
        agree(&mut world, &[followed, made.next], &server);
    }

    fn a26_an_older_app_takes_what_is_of_a_later_suite_for_just_that() {
        let mut world = World::new(2);
        let package = package_in(&mut world, MlsSuite::X25519, 1);
        assert_eq!(KeyPackage::suite(&package.public), Ok(MlsSuite::X25519));
        let mut unknown = package.public.clone();
        unknown[2..4].copy_from_slice(&[0xf0, 0x0f]);
        let account = world.roster[&(world.id(1), 1)].clone();
        let inspected = KeyPackage::inspect(&unknown, &account, NOW);
        assert_eq!(inspected, Err(MlsError::UnknownVersion("key package")));
        // As programs read it that know the first suite alone.
        let (all, _) = world.pair();
        let (new, ..) = anew(&mut world, &all[0], MlsSuite::X25519, Reason::Suite);
        assert_eq!(new[1].suite(), MlsSuite::X25519);
        for record in [package.record, new[1].record(9, Hash32([9; 32]))] {
            let read = crate::suite::from_msgpack::<rmpv::Value>(&record, "record");
            assert_eq!(read.unwrap_err(), crate::Error::UnknownVersion { version: 1, suite: 2 });
        }
    }

    fn a26_a_key_package_of_another_suite_adds_nobody() {
        let mut world = World::new(3);
        let (all, _) = world.group(2);
        let package = package_in(&mut world, MlsSuite::X25519, 2);
        let change = Change { add: vec![(world.id(2), package.public)], ..Change::default() };
        assert!(world.try_prepare(&all[0], &change, false).is_err());
    }
}
