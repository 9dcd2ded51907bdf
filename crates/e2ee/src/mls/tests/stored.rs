//! What is stored: sizes, a record that must restore for ever, and records that must not.

use serde_json::json;

use super::*;
use crate::{
    mls::{Anchor, CommitData, MlsError},
    testing::writing_vectors,
};

fn unhex(value: &serde_json::Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

test_everywhere! {
    fn a_stored_state_restores_for_ever() {
        let stored = include_str!("../../../vectors/mls_state.json");
        if writing_vectors() {
            let mut world = World::new(2);
            let (all, server) = world.pair();
            let sealed = all[0].seal_message(&mut world.rng, &text("for ever")).unwrap();
            let made = json!({
                "record": hex::encode(&*all[1].record(3, Hash32([3; 32]))),
                "tree": hex::encode(server.tree().unwrap()),
                "checkpoint": hex::encode(server.to_bytes()),
                "epoch_secret": hex::encode(all[1].epoch_secret().as_bytes()),
                "sealed_by_the_other": hex::encode(sealed),
                "key_package_record": hex::encode(&*world.package(1).record),
            });
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/mls_state.json");
            std::fs::write(path, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
            return;
        }
        let stored: serde_json::Value = serde_json::from_str(stored).unwrap();
        let (record, tree) = (unhex(&stored["record"]), unhex(&stored["tree"]));
        let (me, seq, transcript) = Conversation::restore(&record, &tree).unwrap();
        assert_eq!((seq, transcript), (3, Hash32([3; 32])));
        assert_eq!(me.epoch_secret().as_bytes().to_vec(), unhex(&stored["epoch_secret"]));
        let opened = me.open_message(MemberId([10; 16]), &unhex(&stored["sealed_by_the_other"]));
        assert_eq!(opened.unwrap().body.text.as_deref(), Some("for ever"));
        let server = PublicConversation::from_bytes(&unhex(&stored["checkpoint"])).unwrap();
        assert_eq!(server.tree().unwrap(), tree);
        assert!(crate::mls::key_package::open_record(&unhex(&stored["key_package_record"])).is_ok());
        // Not only readable: the conversation goes on from it.
        let mut world = World::new(2);
        // Other randomness than that which made the state.
        world.rng = crate::testing::rng(6);
        let account = world.people[1].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&me, &change, true);
        world.check(&server, &made.commit, 1).unwrap();
    }

    fn sizes_are_as_planned() {
        let mut world = World::new(10);
        let package = world.package(1);
        let (two, server) = world.pair();
        let record = two[1].record(1, Hash32::default()).len();
        let sealed = two[0].seal_message(&mut world.rng, &text("hello")).unwrap().len();
        println!("key package {}, its record {}", package.public.len(), package.record.len());
        println!("2 members: records {} {}, tree {}, checkpoint {}, message {sealed}",
            two[0].record(1, Hash32::default()).len(), record, server.tree().unwrap().len(), server.to_bytes().len());
        let account = world.people[0].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&two[0], &change, true);
        let after = made.next.record(1, Hash32::default()).len();
        println!("key update {}, record after it {after}", made.commit.len());
        let (ten, server) = world.group(10);
        println!("10 members: records {} {}, tree {}", ten[0].record(1, Hash32::default()).len(),
            ten[9].record(1, Hash32::default()).len(), server.tree().unwrap().len());
        assert!(record < 8 * 1024 && after < 8 * 1024 && sealed < 700);
    }

    fn a_founders_state_does_not_grow_with_the_epochs() {
        let mut world = World::new(2);
        let (mut all, _) = world.pair();
        let account = world.people[0].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let mut sizes = Vec::new();
        for _ in 0..12 {
            all[0] = world.prepare(&all[0], &change, true).next;
            sizes.push(all[0].record(1, Hash32::default()).len());
        }
        assert!(sizes[11].abs_diff(sizes[1]) < 32, "{sizes:?}");
    }

    fn a_broken_record_is_noticed_before_anything_is_sent() {
        let mut world = World::new(2);
        let (all, _) = world.pair();
        let record = all[0].record(0, Hash32::default());
        let secret = all[0].epoch_secret();
        assert!(all[0].survive(&record, secret).is_ok());
        for at in (0..record.len()).step_by(97) {
            let mut broken = record.to_vec();
            broken[at] ^= 1;
            let result = all[0].survive(&broken, secret);
            // seq and transcript are the caller's; all else must be as it was.
            let harmless = Conversation::restore(&broken, &all[0].tree().unwrap())
                .is_ok_and(|(c, ..)| c.values == all[0].values && c.leaves == all[0].leaves);
            assert!(harmless || result.err() == Some(MlsError::BrokenRecord), "byte {at}");
        }
        assert_eq!(all[0].survive(&record, &crate::content::EpochSecret::new([1; 32])).err(), Some(MlsError::BrokenRecord));
    }

    fn another_tree_than_the_members_own_is_refused() {
        let mut world = World::new(3);
        let (all, server) = world.group(3);
        let record = all[1].record(1, Hash32::default());
        let account = world.people[0].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[0], &change, true);
        let later = world.check(&server, &made.commit, 0).unwrap().next.tree().unwrap();
        let right = server.tree().unwrap();
        assert!(Conversation::restore(&record, &right).is_ok());
        for wrong in [&later[..], &right[..right.len() - 1], b"", &[0; 40]] {
            assert!(Conversation::restore(&record, wrong).is_err());
        }
        for at in (0..right.len()).step_by(211) {
            let mut changed = right.clone();
            changed[at] ^= 4;
            assert!(Conversation::restore(&record, &changed).is_err(), "byte {at}");
        }
    }

    fn a_record_cannot_bring_public_entries_along() {
        let mut world = World::new(2);
        let (all, server) = world.pair();
        // Public entries come from the checked tree alone.
        assert!(PublicConversation::from_bytes(&all[0].record(1, Hash32::default())).is_err());
        assert!(Conversation::restore(&server.to_bytes(), &server.tree().unwrap()).is_err());
    }

    fn a_record_written_before_its_place_in_the_log_is_known_names_the_epoch_there() {
        let mut world = World::new(2);
        let (all, server) = world.pair();
        let tree = server.tree().unwrap();
        let at = |log_epoch| Anchor { seq: 9, transcript: Hash32([9; 32]), log_epoch, log_restart: 0 };
        for log_epoch in [0, 1] {
            let (_, anchor) = Conversation::restore_at(&all[0].record_at(at(log_epoch)), &tree).unwrap();
            assert_eq!(anchor, at(log_epoch));
        }
        for log_epoch in [2, u64::MAX] {
            let restored = Conversation::restore_at(&all[0].record_at(at(log_epoch)), &tree);
            assert_eq!(restored.err(), Some(MlsError::WrongState));
        }
    }

    fn a_record_of_a_group_founded_anew_names_the_place_in_the_old_one() {
        let mut world = World::new(2);
        let policy = crate::policy::Policy { restart: 3, ..world.direct_policy() };
        let (founder, server) = world.found(&policy);
        let package = world.package(1);
        let change = Change { add: vec![(world.id(1), package.public)], ..Change::default() };
        let made = world.prepare(&founder, &change, false);
        let tree = world.check(&server, &made.commit, 0).unwrap().next.tree().unwrap();
        let at = |log_restart| Anchor { seq: 9, transcript: Hash32([9; 32]), log_epoch: 17, log_restart };
        let restore = |log_restart| Conversation::restore_at(&made.next.record_at(at(log_restart)), &tree);
        assert_eq!(restore(2).unwrap().1, at(2));
        for log_restart in [3, 4] {
            assert_eq!(restore(log_restart).err(), Some(MlsError::WrongState));
        }
    }

    fn what_a_commit_states_can_be_read_without_following_it() {
        let mut world = World::new(2);
        let (all, server) = world.pair();
        let account = world.people[0].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[0], &change, true);
        let data = world.check(&server, &made.commit, 0).unwrap().data;
        assert!(all[1].epoch_secret().commits_to(&data.c_n));
        assert_eq!(CommitData::peek(&made.commit), Ok((1, data)));
        // The data ends at byte 137.
        for len in 0..137 {
            assert!(CommitData::peek(&made.commit[..len]).is_err());
        }
        let package = world.package(1);
        assert!(CommitData::peek(&package.public).is_err());
    }

    fn a_checkpoint_goes_on_where_it_stopped() {
        let mut world = World::new(2);
        let (all, server) = world.pair();
        let server = PublicConversation::from_bytes(&server.to_bytes()).unwrap();
        let account = world.people[0].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[0], &change, true);
        let after = world.check(&server, &made.commit, 0).unwrap().next;
        assert_eq!(after.tree().unwrap(), made.next.tree().unwrap());
    }
}
