//! MLS state records with trees: raw bytes, and honest ones with changes. What loads is the same conversation.
#![no_main]

mod common;

use std::sync::LazyLock;

use common::{CHAT, World, changed, world};
use e2ee::mls::Conversation;
use libfuzzer_sys::fuzz_target;
use protocol::Hash32;

static WORLD: LazyLock<(World, Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let world = world();
    let record = world.alice.record(1, Hash32([7; 32])).to_vec();
    let tree = world.server.tree().expect("a tree");
    (world, record, tree)
});

fuzz_target!(|data: &[u8]| {
    let (world, record, tree) = &*WORLD;
    assert!(Conversation::restore(data, tree).is_err());
    assert!(Conversation::restore(record, data).is_err() || data == tree.as_slice());
    let bent = changed(tree, data);
    assert!(Conversation::restore(record, &bent).is_err() || bent == *tree);
    // A record comes out of the vault, sealed; a bent one must still not become another conversation.
    if let Ok((loaded, _)) = Conversation::restore_at(&changed(record, data), tree) {
        assert_eq!(loaded.id(), CHAT);
        assert_eq!(loaded.members(), world.alice.members());
    }
});
