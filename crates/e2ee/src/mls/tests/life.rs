//! The whole life of a conversation among people who keep to the rules.

use super::*;

test_everywhere! {
    fn two_people_found_join_and_write() {
        let mut world = World::new(2);
        let (all, server) = world.pair();
        agree(&mut world, &all, &server);
    }

    fn a_fresh_device_is_restored_from_record_and_tree() {
        let mut world = World::new(3);
        let (all, server) = world.group(3);
        for member in &all {
            let record = member.record(12, Hash32([8; 32]));
            let tree = server.tree().unwrap();
            let (fresh, seq, transcript) = Conversation::restore(&record, &tree).unwrap();
            assert_eq!((seq, transcript), (12, Hash32([8; 32])));
            assert_eq!(fresh.me(), member.me());
            agree(&mut world, &[member.clone(), fresh], &server);
        }
    }

    fn everybody_follows_updates_removals_and_additions() {
        let mut world = World::new(4);
        let (mut all, mut server) = world.group(3);
        // A key update by somebody who is no admin.
        let account = world.people[2].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[2], &change, true);
        assert!(made.change.updated && made.certificates.len() == 1);
        assert_ne!(made.next.own_certificate(), all[2].own_certificate());
        server = world.check(&server, &made.commit, 2).unwrap().next;
        for n in [0, 1] {
            let done = world.process(&all[n], &made.commit, 2).unwrap();
            assert!(done.change == made.change && !done.removed_self);
            assert_eq!(done.data.context, CONTEXT);
            assert_eq!(done.certificates, made.certificates);
            all[n] = done.next.unwrap();
        }
        all[2] = made.next;
        agree(&mut world, &all, &server);
        // A removal; who is removed does not get the next secret.
        let change = Change { remove: vec![world.id(1)], ..Change::default() };
        let made = world.prepare(&all[0], &change, true);
        server = world.check(&server, &made.commit, 0).unwrap().next;
        let gone = world.process(&all[1], &made.commit, 0).unwrap();
        assert!(gone.removed_self && gone.next.is_none());
        let stayed = world.process(&all[2], &made.commit, 0).unwrap().next.unwrap();
        let sealed = stayed.seal_message(&mut world.rng, &text("without you")).unwrap();
        assert!(all[1].open_message(stayed.me(), &sealed).is_err());
        all = vec![made.next, stayed];
        agree(&mut world, &all, &server);
        // An addition by key package alone has no path.
        let package = world.package(3);
        let change = Change { add: vec![(world.id(3), package.public.clone())], ..Change::default() };
        let made = world.prepare(&all[0], &change, false);
        assert!(made.commit.len() < 4000, "no path: {}", made.commit.len());
        server = world.check(&server, &made.commit, 0).unwrap().next;
        let other = world.process(&all[1], &made.commit, 0).unwrap().next.unwrap();
        let newcomer = world.join(3, &made.welcomes[0].2, &server, &package).unwrap();
        agree(&mut world, &[made.next, other, newcomer], &server);
    }
}
