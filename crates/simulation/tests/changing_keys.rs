//! Changes of keys, and what nobody can use any more.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use client::Command;
use simulation::{
    play::Play,
    story::{direct, fresh_device, pass, story},
};

const DAY: u64 = 24 * 3_600_000;
const KEY_PACKAGE: u8 = 4;

/// The ids of the private parts of key packages that the server keeps of a member.
async fn packages(play: &Play, member: usize) -> BTreeSet<Vec<u8>> {
    let id = play.members[member].id;
    let manifest = storage::read(play.world.server.storage(), move |reader| {
        reader.vault_manifest(id)
    });
    let manifest: Vec<protocol::methods::vault::ManifestLine> = manifest.await.unwrap();
    let packages = manifest.iter().filter(|r| r.name.kind == KEY_PACKAGE);
    packages.map(|r| r.name.id.to_vec()).collect()
}

async fn sign_out(play: &mut Play, by: usize, device: usize) {
    let device = play.world.engine(device).device().unwrap();
    play.world
        .command(by, Command::SignOutDevice { device })
        .await;
}

/// Nobody is there for a while; then these devices are.
async fn away(play: &mut Play, devices: &[usize], time: u64) {
    for device in devices {
        play.world.crash_device(*device);
    }
    pass(&mut play.world, time).await;
    for device in devices {
        play.world.start_device(*device).await;
    }
    pass(&mut play.world, 60_000).await;
}

#[test]
fn private_parts_of_key_packages_go_when_nobody_can_use_them_any_more() {
    story(async {
        let mut play = Play::begin(92, 2).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let stolen = fresh_device(&mut play, 0).await;
        let before = packages(&play, 0).await;
        sign_out(&mut play, a, stolen).await;
        play.sign_out_in_story(0, stolen);
        pass(&mut play.world, 60_000).await;
        let with_new = packages(&play, 0).await;
        assert!(with_new.is_superset(&before) && with_new.len() > before.len());
        play.world.crash_device(stolen);
        // a Welcome may be for one of them, for a while: also over a crash
        away(&mut play, &[a, b], 90 * DAY).await;
        assert!(packages(&play, 0).await.is_superset(&with_new));
        away(&mut play, &[a, b], 2 * DAY).await;
        let left = packages(&play, 0).await;
        assert!(left.is_disjoint(&before) && left.is_superset(&(&with_new - &before)));
        play.world.start_device(stolen).await;
        // and what is on offer works
        direct(&mut play, 1, 0).await;
        play.heal_and_check().await;
    });
}
