//! What must be true when everything has come to rest.

use std::collections::BTreeMap;

use client::view::{ItemBody, SendState};
use protocol::ConversationId;
use storage::conversations::Range;

use crate::play::Play;

/// One gapless log for all; everything said is there once, readable on every device of everybody entitled.
pub async fn all_is_well(play: &Play) {
    let mut logs = BTreeMap::new();
    for (number, device) in play.world.devices.iter().enumerate() {
        let engine = device.engine.as_ref().unwrap();
        for (id, seq, transcript) in engine.followed() {
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
    for (id, said) in &play.said {
        assert!(
            logs.contains_key(id),
            "a conversation that something was said in is gone"
        );
        for (number, device) in play.world.devices.iter().enumerate() {
            if entitled(play, device.member, *id) {
                readable(play, number, *id, said);
            }
        }
    }
}

async fn gapless(play: &Play, id: ConversationId, head: u64) {
    let range = Range {
        from: 1,
        limit: 100_000,
        max_bytes: usize::MAX,
        commits_only: false,
    };
    let entries = storage::read(play.world.server.storage(), move |reader| {
        reader.entries(id, range)
    })
    .await
    .unwrap();
    let seqs: Vec<u64> = entries.iter().map(|e| e.seq).collect();
    assert_eq!(
        seqs,
        (1..=head).collect::<Vec<_>>(),
        "the server's log of {id}"
    );
}

fn entitled(play: &Play, member: usize, id: ConversationId) -> bool {
    let first = play.members[member].devices[0];
    play.world
        .engine(first)
        .conversations()
        .iter()
        .any(|c| c.conversation == id)
}

fn readable(play: &Play, device: usize, id: ConversationId, said: &[(usize, String)]) {
    let engine = play.world.engine(device);
    let page = engine.timeline(id, None, 100_000).unwrap();
    let mut there: Vec<(protocol::MemberId, String)> = Vec::new();
    for item in page.items {
        match item.body {
            ItemBody::Text(text) => {
                assert_ne!(
                    item.state,
                    Some(SendState::Waiting),
                    "device {device}: {text}"
                );
                there.push((item.sender, text));
            }
            ItemBody::Created | ItemBody::KeysUpdated | ItemBody::Members { .. } => {}
            other => panic!("device {device} has {other:?} at {:?} in {id}", item.seq),
        }
    }
    let mut expected: Vec<_> = said
        .iter()
        .map(|(member, text)| (play.members[*member].id, text.clone()))
        .collect();
    there.sort();
    expected.sort();
    assert_eq!(there, expected, "device {device}, conversation {id}");
}

/// Prints what is not as it should be.
#[allow(clippy::print_stderr)]
pub fn explain(play: &Play) {
    for line in &play.world.story {
        eprintln!("{line}");
    }
    for (number, device) in play.world.devices.iter().enumerate() {
        let Some(engine) = &device.engine else {
            eprintln!("device {number} is crashed");
            continue;
        };
        if !engine.is_idle() {
            let last: Vec<_> = device.updates.iter().rev().take(12).collect();
            eprintln!(
                "device {number} of member {} is not idle: {:?} {:?}\n  {last:?}",
                device.member,
                engine.connection(),
                engine.conversations(),
            );
        }
    }
}
