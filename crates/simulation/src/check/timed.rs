//! What disappears is nowhere afterwards.

use std::collections::BTreeSet;

use client::view::ItemBody;
use e2ee::vault::RecordKind;
use protocol::{ConversationId, methods::conversations::Entry};

use crate::play::Play;

/// Every entry of every log that a device follows.
async fn entries(play: &Play) -> Vec<Entry> {
    let devices = 0..play.world.devices.len();
    let followed = devices.flat_map(|number| play.world.engine(number).followed());
    let ids: BTreeSet<ConversationId> = followed.map(|(id, ..)| id).collect();
    let mut all = Vec::new();
    for id in ids {
        all.extend(super::entries(play, id).await);
    }
    all
}

/// Whether there are messages that disappear.
pub async fn anything_is_timed(play: &Play) -> bool {
    entries(play).await.iter().any(|entry| entry.timed)
}

/// Every timer has run out: neither server nor vaults nor devices have anything of what disappeared.
pub async fn nothing_timed_is_left(play: &Play) {
    let timed: Vec<Entry> = entries(play).await;
    let timed = timed.iter().filter(|entry| entry.timed);
    let places: BTreeSet<(ConversationId, u64)> =
        timed.clone().map(|e| (e.conversation, e.seq)).collect();
    for entry in timed {
        assert!(entry.body.is_none(), "the server has {:?}", entry.seq);
    }
    for member in &play.members {
        let id = member.id;
        let read = storage::read(play.world.server.storage(), move |reader| {
            reader.vault_manifest(id)
        });
        let lines: Vec<_> = read.await.unwrap();
        let kind = RecordKind::TimedSecret as u8;
        let secrets = lines.iter().filter(|line| line.name.kind == kind).count();
        assert_eq!(secrets, 0, "secrets in the vault of {}", member.name);
        for device in &member.devices {
            holds_none(play, *device, &places);
        }
    }
}

fn holds_none(play: &Play, device: usize, places: &BTreeSet<(ConversationId, u64)>) {
    let engine = play.world.engine(device);
    for (id, ..) in engine.followed() {
        for item in engine.timeline(id, None, 100_000).unwrap().items {
            let seq = item.seq.unwrap_or_default();
            let text = matches!(item.body, ItemBody::Text(_));
            assert!(
                !text || !places.contains(&(id, seq)),
                "device {device} shows {seq} in {id}"
            );
            let broken = matches!(item.body, ItemBody::Unverified | ItemBody::RemovedByServer);
            assert!(!broken, "device {device}: {:?} at {seq}", item.body);
        }
    }
}
