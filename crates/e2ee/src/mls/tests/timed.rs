//! The secret of timed messages: the same for all members of an epoch, and reached from its state alone.

use super::*;
use crate::{
    content::{TimedSecret, open_timed},
    links::open_link,
};

test_everywhere! {
    fn all_members_of_an_epoch_have_one_and_it_changes_with_the_epoch() {
        let mut world = World::new(2);
        let (all, _) = world.pair();
        let before = all[0].timed_secret().clone();
        assert_eq!(&before, all[1].timed_secret());
        assert_ne!(before.as_bytes(), all[0].epoch_secret().as_bytes());
        let sealed = all[0].seal_timed(&mut world.rng, &text("hello")).unwrap();
        assert!(all[1].open_timed(all[0].me(), &sealed).is_ok());
        assert!(all[1].open_message(all[0].me(), &sealed).is_err());
        let account = world.people[0].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[0], &change, true);
        let next = world.process(&all[1], &made.commit, 0).unwrap().next.unwrap();
        assert_eq!(made.next.timed_secret(), next.timed_secret());
        assert_ne!(&before, next.timed_secret());
        assert!(next.open_timed(all[0].me(), &sealed).is_err());
    }

    fn a20_who_walked_back_has_no_secret_of_timed_messages() {
        let mut world = World::new(2);
        let (all, _) = world.pair();
        let sealed = all[0].seal_timed(&mut world.rng, &text("gone")).unwrap();
        let plain = all[0].seal_message(&mut world.rng, &text("here")).unwrap();
        let account = world.people[0].account.clone();
        let change = Change { update: Some(&account), ..Change::default() };
        let made = world.prepare(&all[0], &change, true);
        let next = world.process(&all[1], &made.commit, 0).unwrap();
        // The fresh device has the state of epoch 2 and walks the link.
        let device = next.next.unwrap();
        let link = made.link.unwrap();
        let e_1 = open_link(device.epoch_secret(), 1, CHAT, 0, &link, next.data.c_n).unwrap();
        let mut at = device.context(all[0].me());
        at.epoch = 1;
        let find = |_| Some(all[0].own_certificate().clone());
        assert!(crate::content::open_message(&e_1, &at, &plain, &find).is_ok());
        let has = [
            device.timed_secret().clone(),
            TimedSecret::new(*e_1.as_bytes()),
            TimedSecret::new(*device.epoch_secret().as_bytes()),
        ];
        for secret in &has {
            assert!(open_timed((secret, &e_1), &at, &sealed, &find).is_err());
        }
        // The state of its epoch does, also when it was stored and loaded again.
        let (record, tree) = (all[1].record(0, Hash32::default()), all[1].tree().unwrap());
        let (again, ..) = Conversation::restore(&record, &tree).unwrap();
        assert_eq!(again.timed_secret(), all[0].timed_secret());
    }
}
