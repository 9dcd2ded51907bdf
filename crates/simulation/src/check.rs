//! What must be true when everything has come to rest.

mod rights;
mod said;
mod timed;

use std::collections::{BTreeMap, BTreeSet};

use client::view::{ItemBody, SendState};
use protocol::{ConversationId, MemberId, methods::conversations::Entry};
use storage::conversations::Range;

pub use timed::{anything_is_timed, nothing_timed_is_left};

use crate::play::Play;

/// One gapless log for all; everything said is there once, readable on every device of everybody entitled.
pub async fn all_is_well(play: &Play) {
    assert!(
        play.world.lied || play.world.alarms.is_empty(),
        "nobody lied: {:?}",
        play.world.alarms
    );
    let mut logs = BTreeMap::new();
    for (number, device) in play.world.devices.iter().enumerate() {
        let engine = device.engine.as_ref().unwrap();
        if let Some(count) = play.out.get(&number) {
            reads_nothing_new(play, number, *count);
            continue;
        }
        let left = left(play, number);
        for (id, seq, transcript) in engine.followed() {
            if left.contains(&id) {
                continue; // it has followed it to the commit that took it out
            }
            let log = logs.entry(id).or_insert((seq, transcript));
            assert_eq!(
                *log,
                (seq, transcript),
                "device {number} follows another log of {id}"
            );
        }
    }
    for (id, (seq, _)) in &logs {
        gapless(play, *id, *seq).await;
    }
    alike_everywhere(play);
    let logs = said::logs(play).await;
    for member in &play.members {
        let entitled = conversations_of(play, member.id).await;
        for number in &member.devices {
            lists_exactly(play, *number, &entitled);
            said::reads_what_it_may(play, *number, member.id, &logs);
        }
    }
    said::everything_is_there(play, &logs);
    said::groups_are_alike(play);
    rights::are_never_overstepped(play).await;
}

/// Groups that the member of a device is in no more, as the device knows.
fn left(play: &Play, device: usize) -> BTreeSet<ConversationId> {
    let rows = play.world.engine(device).conversations().into_iter();
    rows.filter(|row| row.gone)
        .map(|row| row.conversation)
        .collect()
}

/// What the server says of who is where; the devices' own lists are what is checked.
pub async fn conversations_of(play: &Play, member: MemberId) -> BTreeSet<ConversationId> {
    let memberships = storage::read(play.world.server.storage(), move |reader| {
        reader.conversations_of(member)
    });
    let memberships: Vec<_> = memberships.await.unwrap();
    memberships.into_iter().map(|m| m.conversation).collect()
}

/// What was said after a device was signed out is nowhere on it.
fn reads_nothing_new(play: &Play, device: usize, count: usize) {
    let engine = play.world.engine(device);
    for (id, _, _) in engine.followed() {
        for item in engine.timeline(id, None, 100_000).unwrap().items {
            let ItemBody::Text(text) = item.body else {
                continue;
            };
            let number = text.strip_prefix("message ");
            let number = number.and_then(|rest| rest.split(' ').next()?.parse().ok());
            let number: usize = number.unwrap_or(0);
            let own = item.state == Some(SendState::Waiting);
            assert!(
                own || number <= count,
                "device {device} is out and reads {text}"
            );
        }
    }
}

/// Settings, drafts and read marks are the same on all devices of a member, and nothing is left of a change of keys.
fn alike_everywhere(play: &Play) {
    for member in &play.members {
        let mut seen = Vec::new();
        for number in &member.devices {
            let engine = play.world.engine(*number);
            assert_eq!(engine.changing_keys(), None, "device {number}");
            let mut rows: Vec<_> = engine
                .conversations()
                .into_iter()
                .filter(|row| !row.gone)
                .map(|row| (row.conversation, row.draft, row.read))
                .collect();
            rows.sort();
            let code = engine.recovery();
            let there = member.codes.iter().any(Option::is_some);
            assert_eq!(code.there, there, "the recovery code on device {number}");
            seen.push((engine.settings(), code.made, rows));
        }
        for (number, other) in member.devices.iter().zip(&seen) {
            assert_eq!(&seen[0], other, "device {number}");
        }
    }
}

fn lists_exactly(play: &Play, device: usize, entitled: &BTreeSet<ConversationId>) {
    let mut listed = play.world.engine(device).conversations();
    listed.retain(|row| !row.gone);
    for row in &listed {
        assert!(row.ready && !row.broken, "device {device}: {row:?}");
    }
    let listed: BTreeSet<_> = listed.into_iter().map(|row| row.conversation).collect();
    assert_eq!(&listed, entitled, "conversations of device {device}");
}

/// What everybody has in the end, line by line: the same seed gives the same. (Hashes are left out: the library that
/// encapsulates keys makes randomness of its own, so that commits differ.)
pub fn outcome(play: &Play) -> Vec<String> {
    let mut lines = Vec::new();
    for number in 0..play.world.devices.len() {
        let engine = play.world.engine(number);
        for (id, seq, _) in engine.followed() {
            lines.push(format!("device {number}: {id} up to {seq}"));
            for item in engine.timeline(id, None, 100_000).unwrap().items {
                let text = match &item.body {
                    ItemBody::Text(text) => text.as_str(),
                    _ => "",
                };
                let (seq, sender, state) = (item.seq, item.sender, item.state);
                lines.push(format!("{seq:?} {sender} {:?} {text} {state:?}", item.body));
            }
        }
    }
    lines
}

/// The whole log of a conversation, as the server has it.
async fn entries(play: &Play, id: ConversationId) -> Vec<Entry> {
    let range = Range {
        from: 1,
        limit: 100_000,
        max_bytes: usize::MAX,
        commits_only: false,
    };
    let read = storage::read(play.world.server.storage(), move |reader| {
        reader.entries(id, range)
    });
    read.await.unwrap()
}

async fn gapless(play: &Play, id: ConversationId, head: u64) {
    let entries = entries(play, id).await;
    let seqs: Vec<u64> = entries.iter().map(|e| e.seq).collect();
    assert_eq!(
        seqs,
        (1..=head).collect::<Vec<_>>(),
        "the server's log of {id}"
    );
}

/// Tells what is not as it should be, to whoever listens to the story, or else on the screen with all of it.
#[allow(clippy::print_stderr)]
pub fn explain(play: &mut Play) {
    let heard = play.world.is_heard();
    for line in what_is_wrong(play) {
        play.world.tell(line);
    }
    for line in play.world.story().iter().filter(|_| !heard) {
        eprintln!("{line}");
    }
}

fn what_is_wrong(play: &Play) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, device) in play.world.devices.iter().enumerate() {
        let Some(engine) = &device.engine else {
            lines.push(format!("device {number} is crashed"));
            continue;
        };
        if !engine.is_idle() {
            let last: Vec<_> = device.updates.iter().rev().take(12).collect();
            lines.push(format!(
                "device {number} of member {} is not idle: {:?} {:?}\n  {last:?}",
                device.member,
                engine.connection(),
                engine.conversations(),
            ));
        }
    }
    lines
}
