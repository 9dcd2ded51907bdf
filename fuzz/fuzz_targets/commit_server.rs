//! Commits as the server checks them: raw bytes, and an honest one with changes. What still passes does the same.
#![no_main]

mod common;

use std::sync::LazyLock;

use common::{ALICE, BOB, World, changed, world};
use e2ee::{
    mls::{CommitData, public::PublicConversation},
    policy::Departures,
};
use libfuzzer_sys::fuzz_target;

static WORLD: LazyLock<World> = LazyLock::new(world);

fuzz_target!(|data: &[u8]| {
    let nobody = Departures::default();
    let check = |commit: &[u8], author| {
        WORLD
            .server
            .check_commit(commit, author, &WORLD.roster, &nobody)
    };
    assert!(check(data, ALICE).is_err() && check(data, BOB).is_err());
    let _ = CommitData::peek(data);
    let _ = PublicConversation::from_bytes(data);
    let bent = changed(&WORLD.commit, data);
    assert!(check(&bent, BOB).is_err());
    let Ok(checked) = check(&bent, ALICE) else {
        return;
    };
    // Confirmation and membership tags are not the server's to check; all that is signed is as it was.
    let honest = check(&WORLD.commit, ALICE).expect("the honest one");
    assert!(checked.change == honest.change && checked.data == honest.data);
    assert_eq!(CommitData::peek(&bent).expect("it was read").1, honest.data);
});
