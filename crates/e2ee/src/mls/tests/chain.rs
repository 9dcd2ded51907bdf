//! The way back: links over many epochs, cuts and segment heads, forged and missing links.

use super::*;
use crate::{
    content::{EpochSecret, open_message},
    links::{open_link, seal_link},
};

/// A closed epoch as the log keeps it: the commit's c_n, the link, and a message sealed in that epoch.
struct Closed {
    n: u64,
    c_n: Hash32,
    link: Option<Vec<u8>>,
    message: Vec<u8>,
}

/// Epochs 1 to `epochs`, each closed by a key update; those in `cuts` without a link.
fn history(
    world: &mut World,
    epochs: u64,
    cuts: &[u64],
) -> (Conversation, Vec<Closed>, Vec<(u64, EpochSecret)>) {
    let (mut all, _) = world.pair();
    let (mut log, mut heads) = (Vec::new(), Vec::new());
    let account = world.people[0].account.clone();
    let mut me = all.remove(0);
    let mut other = all.remove(0);
    for n in 1..=epochs {
        let message = me
            .seal_message(&mut world.rng, &text(&format!("epoch {n}")))
            .unwrap();
        let change = Change {
            update: Some(&account),
            ..Change::default()
        };
        let made = world.prepare(&me, &change, !cuts.contains(&n));
        let done = world.process(&other, &made.commit, 0).unwrap();
        heads.extend(made.segment_head.map(|head| (n, head)));
        log.push(Closed {
            n,
            c_n: done.data.c_n,
            link: made.link,
            message,
        });
        me = made.next;
        other = done.next.unwrap();
    }
    (other, log, heads)
}

fn read(
    context: Conversation,
    secret: &EpochSecret,
    closed: &Closed,
    signer: crate::identity::LeafCertificate,
) -> String {
    let mut at = context.context(signer.member);
    at.epoch = closed.n;
    let find = |name| (name == signer.name()).then(|| signer.clone());
    // The leaf changes in every epoch: an unknown certificate is named, to be fetched.
    match open_message(secret, &at, &closed.message, &find) {
        Ok(opened) => opened.body.text.unwrap(),
        Err(crate::content::ContentError::UnknownCertificate(_)) => "to be fetched".into(),
        Err(other) => panic!("{other}"),
    }
}

test_everywhere! {
    fn a_fresh_device_walks_back_through_every_epoch() {
        let mut world = World::new(2);
        let (now, log, heads) = history(&mut world, 12, &[]);
        assert!(heads.is_empty());
        let mut secret = now.epoch_secret().clone();
        for closed in log.iter().rev() {
            let link = closed.link.as_ref().unwrap();
            secret = open_link(&secret, closed.n, CHAT, 0, link, closed.c_n).unwrap();
            let signer = now.members()[0].1.clone();
            assert_eq!(read(now.clone(), &secret, closed, signer), "to be fetched");
        }
    }

    fn a_cut_ends_the_walk_and_the_segment_head_goes_on() {
        let mut world = World::new(2);
        let (now, log, heads) = history(&mut world, 6, &[3]);
        assert_eq!(heads.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [3]);
        let mut secret = now.epoch_secret().clone();
        for closed in log.iter().rev() {
            secret = match &closed.link {
                Some(link) => open_link(&secret, closed.n, CHAT, 0, link, closed.c_n).unwrap(),
                None => {
                    let stored = heads[0].1.to_segment_head();
                    EpochSecret::from_segment_head(&stored).unwrap()
                }
            };
            assert!(secret.commits_to(&closed.c_n));
        }
    }

    fn a_forged_link_is_told_by_the_commits_commitment() {
        let mut world = World::new(2);
        let (now, log, _) = history(&mut world, 2, &[]);
        let (next, last) = (now.epoch_secret(), &log[1]);
        // By somebody who is in the conversation, so it opens; but it is not what the commit committed to.
        let other = EpochSecret::new([6; 32]);
        let forged = seal_link(next, last.n, CHAT, 0, &other);
        assert!(open_link(next, last.n, CHAT, 0, &forged, last.c_n).is_err());
        // A replacement by any member who knows e_n is the same.
        let link = last.link.as_ref().unwrap();
        let e_n = open_link(next, last.n, CHAT, 0, link, last.c_n).unwrap();
        assert_eq!(*link, seal_link(next, last.n, CHAT, 0, &e_n));
    }

    fn nothing_is_kept_from_epoch_zero() {
        let mut world = World::new(2);
        let policy = world.direct_policy();
        let (founder, _) = world.found(&policy);
        let package = world.package(1);
        let change = Change { add: vec![(world.id(1), package.public)], ..Change::default() };
        let made = world.prepare(&founder, &change, false);
        assert!(made.link.is_none() && made.segment_head.is_none());
    }
}
