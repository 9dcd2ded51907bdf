//! What a server gives a client to join and to follow: Welcomes, trees and commits, raw and honest ones with changes.
//! What is accepted is the same conversation.
#![no_main]

mod common;

use std::sync::LazyLock;

use common::{ALICE, BOB, CHAT, INSTANCE, World, changed, world};
use e2ee::{
    mls::{Conversation, Expected},
    policy::Departures,
};
use libfuzzer_sys::fuzz_target;

const EXPECTED: Expected = Expected {
    instance: INSTANCE,
    conversation: CHAT,
    restart: 0,
    me: BOB,
};

struct Newcomer {
    world: World,
    tree: Vec<u8>,
    bob: Conversation,
}

fn join(world: &World, welcome: &[u8], tree: &[u8]) -> Option<Conversation> {
    let record = &world.package.record;
    Conversation::join(welcome, tree, record, EXPECTED, &world.roster).ok()
}

static NEWCOMER: LazyLock<Newcomer> = LazyLock::new(|| {
    let world = world();
    let tree = world.server.tree().expect("a tree");
    let bob = join(&world, &world.welcome, &tree).expect("an honest Welcome");
    Newcomer { world, tree, bob }
});

fuzz_target!(|data: &[u8]| {
    let Newcomer { world, tree, bob } = &*NEWCOMER;
    assert!(join(world, data, tree).is_none());
    let bent = changed(tree, data);
    assert!(join(world, &world.welcome, &bent).is_none() || bent == *tree);
    if let Some(joined) = join(world, &changed(&world.welcome, data), tree) {
        assert_eq!(joined.members(), bob.members());
        assert!(joined.policy() == bob.policy() && joined.epoch() == bob.epoch());
    }
    let nobody = Departures::default();
    let follow = |commit: &[u8], author| bob.process(commit, author, &world.roster, &nobody);
    assert!(follow(data, ALICE).is_err() && follow(data, BOB).is_err());
    let bent = changed(&world.commit, data);
    assert!(follow(&bent, BOB).is_err());
    assert!(follow(&bent, ALICE).is_err() || bent == world.commit);
});
