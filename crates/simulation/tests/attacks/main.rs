//! Attacks on the design: a server that lies, members whose apps do what no honest one does, thieves of devices. Each
//! test is named after the line of the list of attacks that it plays (`docs/testing.md`, "Attacks"), against real engines
//! and the real server; its comment says what is tried, what the client does, and what the person sees.
#![allow(clippy::unwrap_used)]

mod approval;
mod commits;
mod content;
mod cuts;
mod identity;
mod leaves;
mod membership;
mod restarts;
mod runs;
mod standing_still;
mod vault;

use client::{
    Command,
    view::{ConversationView, ItemBody},
};
use protocol::{
    ConversationId, MemberId, Method, Request, decode, encode,
    events::NewEntry,
    methods::conversations::{Entries, Entry},
};
use simulation::{Puppet, play::Play, story::pass};

/// Time in which whatever nothing hinders is done (ms).
const SOON: u64 = 10_000;

fn row(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

fn bodies(play: &Play, device: usize, id: ConversationId) -> Vec<ItemBody> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    page.items.into_iter().map(|item| item.body).collect()
}

fn texts(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let bodies = bodies(play, device, id).into_iter();
    bodies
        .filter_map(|body| match body {
            ItemBody::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}

fn unverified(play: &Play, device: usize, id: ConversationId) -> usize {
    let bodies = bodies(play, device, id).into_iter();
    bodies.filter(|b| *b == ItemBody::Unverified).count()
}

/// A member changes their keys, which makes an epoch.
async fn change_keys(play: &mut Play, device: usize, conversation: ConversationId) {
    let change = Command::UpdateKeys { conversation };
    play.world.command(device, change).await;
    pass(&mut play.world, SOON).await;
}

/// A person scrolls back as far as it goes.
async fn scroll_back(play: &mut Play, device: usize, conversation: ConversationId) {
    for _ in 0..3 {
        let older = Command::LoadOlder { conversation };
        play.world.command(device, older).await;
        pass(&mut play.world, SOON).await;
    }
}

/// All members of the play, and Eve, whose app does what she wants, in a group that the first member owns.
async fn group_with_eve(seed: u64, members: usize) -> (Play, Puppet, ConversationId) {
    let mut play = Play::begin(seed, members).await;
    let mut eve = Puppet::register(&mut play, "eve").await;
    let a = play.members[0].devices[0];
    let known: Vec<MemberId> = play.members.iter().map(|m| m.id).collect();
    let mut members = known[1..].to_vec();
    members.push(eve.member.member);
    let title = String::new();
    play.world
        .command(a, Command::CreateGroup { title, members })
        .await;
    pass(&mut play.world, SOON).await;
    let rows = play.world.engine(a).conversations();
    let id = rows.iter().find(|row| !row.direct).unwrap().conversation;
    let now = play.world.now();
    eve.join(id, &known, now).await;
    (play, eve, id)
}

/// From now on the server changes every entry that it gives to this device, at once or when it is fetched.
fn lie_about_entries(play: &mut Play, device: usize, lie: impl Fn(&mut Entry) + 'static) {
    lie_to(play, move |to| to == device, lie);
}

/// The same to all devices alike.
fn lie_to_all(play: &mut Play, lie: impl Fn(&mut Entry) + 'static) {
    lie_to(play, |_| true, lie);
}

fn lie_to(
    play: &mut Play,
    whom: impl Fn(usize) -> bool + 'static,
    lie: impl Fn(&mut Entry) + 'static,
) {
    play.world.lie = Some(Box::new(move |to, name, mut frame| {
        if !whom(to) {
            return Some(frame);
        }
        if let ("entry", Some(data)) = (name, &frame.data) {
            let mut new: NewEntry = decode(data).unwrap();
            lie(&mut new.entry);
            frame.data = Some(encode(&new));
        }
        if let ("conversations.entries", Some(ok)) = (name, &frame.ok) {
            let mut page: Entries = decode(ok).unwrap();
            page.entries.iter_mut().for_each(&lie);
            frame.ok = Some(encode(&page));
        }
        Some(frame)
    }));
}

/// From now on what devices ask for is written down.
fn overhear(play: &mut Play) {
    play.world.overheard = Some(Vec::new());
}

/// What a device has asked for by this method since then.
fn overheard<M: Method>(play: &Play, device: usize) -> Vec<M> {
    let all = play.world.overheard.iter().flatten();
    let fits = |(by, request): &&(usize, Request)| *by == device && request.method == M::NAME;
    all.filter(fits)
        .map(|(_, request)| decode(&request.params).unwrap())
        .collect()
}
