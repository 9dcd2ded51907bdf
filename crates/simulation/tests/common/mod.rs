//! What stories are told with.
#![allow(dead_code, unreachable_pub)] // each test file uses a part

use client::Command;
use protocol::ConversationId;
use simulation::{World, play::Play};

pub fn story<F: Future<Output = ()>>(story: F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(story);
}

pub async fn pass(world: &mut World, ms: u64) {
    let until = world.now() + ms;
    world.run(until, |_| false).await;
}

/// Opens the direct conversation of two members and waits until both have it.
pub async fn direct(play: &mut Play, a: usize, b: usize) -> ConversationId {
    let (from, to) = (play.members[a].devices[0], play.members[b].devices[0]);
    let member = play.members[b].id;
    play.world
        .command(from, Command::OpenDirect { member })
        .await;
    pass(&mut play.world, 10_000).await;
    let with = |device: usize, member| {
        let views = play.world.engine(device).conversations();
        let mut direct = views.into_iter().filter(|c| c.direct);
        let found = direct.find(|c| c.members.iter().any(|m| m.member == member));
        found.unwrap().conversation
    };
    let id = with(from, member);
    assert_eq!(id, with(to, play.members[a].id));
    id
}

pub async fn say(play: &mut Play, member: usize, conversation: ConversationId, text: &str) {
    let device = play.members[member].devices[0];
    let said = Command::SendText {
        conversation,
        text: text.to_owned(),
    };
    play.world.command(device, said).await;
    play.said
        .entry(conversation)
        .or_default()
        .push((member, text.to_owned()));
}

/// A fresh device of a member, signed in and at rest.
pub async fn fresh_device(play: &mut Play, member: usize) -> usize {
    let device = play.world.add_device(member).await;
    let sign_in = Command::SignIn {
        login_name: play.members[member].name.clone(),
        passphrase: play.members[member].passphrase.clone(),
        device_name: "a fresh device".to_owned(),
    };
    play.members[member].devices.push(device);
    play.world.command(device, sign_in).await;
    pass(&mut play.world, 60_000).await;
    device
}
