//! Two at once, devices that were away, several devices of one member.

use super::*;
use crate::mls::MlsError;

test_everywhere! {
    fn who_loses_a_race_follows_the_winner_and_tries_again() {
        let mut world = World::new(4);
        let (mut all, mut server) = world.group(3);
        let account = world.people[1].account.clone();
        let update = Change { update: Some(&account), ..Change::default() };
        let remove = Change { remove: vec![world.id(2)], ..Change::default() };
        let winner = world.prepare(&all[1], &update, true);
        let loser = world.prepare(&all[0], &remove, true);
        server = world.check(&server, &winner.commit, 1).unwrap().next;
        assert_eq!(
            world.check(&server, &loser.commit, 0).err(),
            Some(MlsError::WrongEpoch { expected: 2, found: 1 })
        );
        // The loser's state is untouched: it follows the winner, and makes its commit again from the same ids.
        all[0] = world.process(&all[0], &winner.commit, 1).unwrap().next.unwrap();
        all[2] = world.process(&all[2], &winner.commit, 1).unwrap().next.unwrap();
        all[1] = winner.next;
        agree(&mut world, &all, &server);
        let again = world.prepare(&all[0], &remove, true);
        server = world.check(&server, &again.commit, 0).unwrap().next;
        all[1] = world.process(&all[1], &again.commit, 0).unwrap().next.unwrap();
        all[0] = again.next;
        all.truncate(2);
        agree(&mut world, &all, &server);
        // What no longer makes sense is refused, not done to whoever now has that leaf.
        assert_eq!(world.try_prepare(&all[0], &remove, true).err(), Some(MlsError::NotAMember));
    }

    fn a_device_that_was_away_replays_the_commits_of_others() {
        let mut world = World::new(3);
        let (mut all, mut server) = world.group(3);
        let (record, tree) = (all[2].record(1, Hash32([1; 32])), server.tree().unwrap());
        let mut log = Vec::new();
        for n in 0..6usize {
            let author = n % 2;
            let account = world.people[author].account.clone();
            let change = Change { update: Some(&account), ..Change::default() };
            let made = world.prepare(&all[author], &change, true);
            server = world.check(&server, &made.commit, author).unwrap().next;
            let other = 1 - author;
            all[other] = world.process(&all[other], &made.commit, author).unwrap().next.unwrap();
            all[author] = made.next;
            log.push((author, made.commit));
        }
        let (mut fresh, ..) = Conversation::restore(&record, &tree).unwrap();
        for (author, commit) in &log {
            fresh = world.process(&fresh, commit, *author).unwrap().next.unwrap();
        }
        all[2] = fresh;
        agree(&mut world, &all, &server);
    }

    fn the_other_device_of_an_author_takes_the_state_from_the_vault() {
        let mut world = World::new(3);
        let (all, server) = world.group(2);
        let account = world.people[0].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[0], &change, true);
        // all[0] is also what the other device holds: a path it cannot follow, as it encrypted nothing to itself.
        assert_eq!(world.process(&all[0], &made.commit, 0).err(), Some(MlsError::OwnCommit));
        let record = made.next.record(2, Hash32([2; 32]));
        let after = world.check(&server, &made.commit, 0).unwrap().next;
        let (other, ..) = Conversation::restore(&record, &after.tree().unwrap()).unwrap();
        agree(&mut world, &[made.next, other], &after);
        // Without a path it can simply follow.
        let package = world.package(2);
        let change = Change { add: vec![(world.id(2), package.public.clone())], ..Change::default() };
        let made = world.prepare(&all[0], &change, false);
        let followed = world.process(&all[0], &made.commit, 0).unwrap().next.unwrap();
        let after = world.check(&server, &made.commit, 0).unwrap().next;
        agree(&mut world, &[made.next, followed], &after);
    }

    fn a_member_who_lost_their_state_gets_a_new_leaf_from_anybody() {
        let mut world = World::new(3);
        let (mut all, mut server) = world.group(3);
        let package = world.package(2);
        let change = Change {
            add: vec![(world.id(2), package.public.clone())],
            remove: vec![world.id(2)],
            ..Change::default()
        };
        let made = world.prepare(&all[1], &change, true);
        assert!(made.change.repairs(world.id(2)) && made.link.is_some());
        server = world.check(&server, &made.commit, 1).unwrap().next;
        assert!(world.process(&all[2], &made.commit, 1).unwrap().removed_self);
        all[0] = world.process(&all[0], &made.commit, 1).unwrap().next.unwrap();
        all[1] = made.next;
        all[2] = world.join(2, &made.welcomes[0].2, &server, &package).unwrap();
        agree(&mut world, &all, &server);
    }

    fn a_direct_conversation_can_be_repaired_too() {
        let mut world = World::new(2);
        let (mut all, mut server) = world.pair();
        let package = world.package(1);
        let change = Change {
            add: vec![(world.id(1), package.public.clone())],
            remove: vec![world.id(1)],
            ..Change::default()
        };
        let made = world.prepare(&all[0], &change, true);
        server = world.check(&server, &made.commit, 0).unwrap().next;
        all = vec![made.next, world.join(1, &made.welcomes[0].2, &server, &package).unwrap()];
        agree(&mut world, &all, &server);
    }
}
