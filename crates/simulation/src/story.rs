//! What single stories have in common.

use client::{Command, Doing, Failure, Update};
use protocol::{
    Bytes, ConversationId, ErrorCode, MemberId, decode, encode,
    methods::people::{People, Person},
};

use crate::{World, play::Play};

/// Runs a story on a thread of its own time.
pub fn story<F: Future<Output = ()>>(story: F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(story);
}

/// Lets time pass (ms).
pub async fn pass(world: &mut World, ms: u64) {
    world.listen().await;
    let until = world.now() + ms;
    world.run(until, |_| false).await;
}

/// From now on the server changes the certificates that it shows of a member, to everybody who asks.
pub fn lie_about(play: &mut Play, member: MemberId, lie: impl Fn(&mut Vec<Bytes>) + 'static) {
    lie_about_person(play, member, move |person| lie(&mut person.certificates));
}

/// The same, of everything that it says of them.
pub fn lie_about_person(play: &mut Play, member: MemberId, lie: impl Fn(&mut Person) + 'static) {
    play.world.lie = Some(Box::new(move |_, name, mut frame| {
        if let (true, Some(ok)) = (name == "people.find" || name == "people.get", &frame.ok) {
            let mut found: People = decode(ok).unwrap();
            let them = found.people.iter_mut().filter(|p| p.member == member);
            them.for_each(&lie);
            frame.ok = Some(encode(&found));
        }
        Some(frame)
    }));
}

/// Has a device ask the server about everybody.
pub async fn look_around(play: &mut Play, device: usize) {
    let query = String::new();
    play.world
        .command(device, Command::FindPeople { query })
        .await;
    pass(&mut play.world, 2_000).await;
}

/// The person at a device acknowledges all that is told of other devices.
pub async fn see_notices(play: &mut Play, device: usize) {
    let seen = play.world.engine(device).unseen();
    play.world.command(device, Command::NoticesSeen(seen)).await;
}

/// The conversations that a device lists.
pub fn conversations(play: &Play, device: usize) -> Vec<ConversationId> {
    let rows = play.world.engine(device).conversations();
    rows.into_iter().map(|row| row.conversation).collect()
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
        let rows = play.world.engine(device).conversations();
        let mut direct = rows.into_iter().filter(|c| c.direct);
        let found = direct.find(|c| c.members.iter().any(|m| m.member == member));
        found.unwrap().conversation
    };
    let id = with(from, member);
    assert_eq!(id, with(to, play.members[a].id));
    id
}

/// A member says something on their first device.
pub async fn say(play: &mut Play, member: usize, conversation: ConversationId, text: &str) {
    let device = play.members[member].devices[0];
    say_on(play, member, device, conversation, text).await;
}

/// A member says something on this device.
pub async fn say_on(
    play: &mut Play,
    member: usize,
    device: usize,
    conversation: ConversationId,
    text: &str,
) {
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

/// Whether a device was told of a failure whose words contain these.
pub fn was_told(world: &World, device: usize, words: &str) -> bool {
    let fits = |u: &Update| matches!(u, Update::Failed { failure, .. } if failure.to_string().contains(words));
    world.devices[device].updates.iter().any(fits)
}

/// Does what a person asks on a device, and waits for what comes of it; what the device was told before is forgotten.
pub async fn command(play: &mut Play, device: usize, command: Command) {
    play.world.devices[device].updates.clear();
    play.world.command(device, command).await;
    pass(&mut play.world, 10_000).await;
}

/// Why the server refused this last, if it did.
#[must_use]
pub fn failed(play: &Play, device: usize, doing: Doing) -> Option<ErrorCode> {
    let updates = play.world.devices[device].updates.iter().rev();
    let mut failures = updates.filter_map(|update| match update {
        Update::Failed {
            doing: d,
            failure: Failure::Server { code, .. },
        } if *d == doing => Some(*code),
        _ => None,
    });
    failures.next()
}
