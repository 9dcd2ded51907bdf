//! Key packages and Welcomes: raw bytes, and an honest one with changes. Nobody forges a key package.
#![no_main]

mod common;

use std::sync::LazyLock;

use common::{BOB, NOW, World, changed, world};
use e2ee::mls::{KeyPackage, public::welcome_references};
use libfuzzer_sys::fuzz_target;

static WORLD: LazyLock<World> = LazyLock::new(world);

fuzz_target!(|data: &[u8]| {
    let account = &WORLD.roster[&(BOB, 1)];
    assert!(KeyPackage::inspect(data, account, NOW).is_err() || data == WORLD.package.public);
    let bent = changed(&WORLD.package.public, data);
    assert!(KeyPackage::inspect(&bent, account, NOW).is_err() || bent == WORLD.package.public);
    let _ = welcome_references(data);
});
