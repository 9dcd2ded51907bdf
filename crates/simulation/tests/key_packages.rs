//! Key packages that a server gives though they were used already.
#![allow(clippy::unwrap_used)]

use std::{cell::RefCell, rc::Rc};

use client::{Command, Update};
use protocol::{Bytes, ServerFrame};
use simulation::play::Play;

fn story<F: Future<Output = ()>>(story: F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(story);
}

async fn pass(play: &mut Play, ms: u64) {
    let until = play.world.now() + ms;
    play.world.run(until, |_| false).await;
}

/// What the first claim was answered with is the answer to so many of those that follow. Gives how many there were.
fn repeats_the_first(play: &mut Play, times: usize) -> Rc<RefCell<Vec<Bytes>>> {
    let claims: Rc<RefCell<Vec<Bytes>>> = Rc::default();
    let seen = Rc::clone(&claims);
    play.world.lie = Some(Box::new(move |_, name, mut frame: ServerFrame| {
        if let ("key_packages.claim", Some(given)) = (name, &frame.ok) {
            let mut seen = seen.borrow_mut();
            seen.push(given.clone());
            if (2..2 + times).contains(&seen.len()) {
                frame.ok = Some(seen[0].clone());
            }
        }
        Some(frame)
    }));
    claims
}

async fn founds_two(play: &mut Play) -> Vec<Update> {
    let (device, member) = (play.members[0].devices[0], play.members[1].id);
    let direct = Command::OpenDirect { member };
    play.world.command(device, direct).await;
    pass(play, 10_000).await;
    let members = vec![member];
    play.world
        .command(
            device,
            Command::CreateGroup {
                title: String::new(),
                members,
            },
        )
        .await;
    pass(play, 30_000).await;
    play.world.devices[device].updates.clone()
}

fn failed(updates: &[Update]) -> bool {
    updates
        .iter()
        .any(|update| matches!(update, Update::Failed { .. }))
}

#[test]
fn who_is_given_a_used_key_package_claims_another() {
    story(async {
        let mut play = Play::begin(41, 2).await;
        let claims = repeats_the_first(&mut play, 1);
        let updates = founds_two(&mut play).await;
        assert!(!failed(&updates), "{updates:?}");
        assert_eq!(claims.borrow().len(), 3);
        for member in &play.members {
            let engine = play.world.engine(member.devices[0]);
            assert_eq!(engine.conversations().len(), 2);
        }
        play.heal_and_check().await;
    });
}

#[test]
fn a_server_that_gives_nothing_else_is_not_asked_for_ever() {
    story(async {
        let mut play = Play::begin(42, 2).await;
        let claims = repeats_the_first(&mut play, 1000);
        let updates = founds_two(&mut play).await;
        assert!(failed(&updates), "{updates:?}");
        assert!(claims.borrow().len() < 10, "{}", claims.borrow().len());
        let engine = play.world.engine(play.members[0].devices[0]);
        assert_eq!(engine.conversations().len(), 1);
    });
}
