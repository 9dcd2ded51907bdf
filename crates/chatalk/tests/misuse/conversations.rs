//! Conversations that one is not in, commits that don't apply or overstep, vault writes with old versions.

use protocol::{
    Bytes, ConversationId, ErrorCode, decode,
    details::{EpochMoved, VaultConflict},
    methods::{
        conversations::{GetEntries, GetReceipts, GetTree, GetWelcome},
        vault::{GetManifest, RecordName, RecordPut, VaultWrite},
    },
};
use testkit::Change;

use super::{World, code, refusal};
use crate::common::{entries, founded, invite, now};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_one_is_not_in_is_like_none() {
    let mut world = World::start().await;
    let (ben, _) = &mut world.talkers[0];
    let send = ben.seal(world.talk, "forged", now());
    let receipt = ben.seal_receipt(world.talk, 3, now());
    let commit = ben.change(
        world.talk,
        Change {
            update: true,
            ..Change::default()
        },
        now(),
    );
    ben.drop_change(world.talk);
    let mut refusals = Vec::new();
    for id in [world.talk, ConversationId([9; 16])] {
        let wire = &mut world.anna.1;
        let send = protocol::methods::conversations::SendMessage {
            conversation: id,
            ..send.clone()
        };
        let receipt = protocol::methods::conversations::PutReceipt {
            conversation: id,
            ..receipt.clone()
        };
        let commit = protocol::methods::conversations::CommitConversation {
            conversation: id,
            ..commit.clone()
        };
        let get = GetEntries {
            conversation: id,
            from: 1,
            limit: 10,
            commits_only: false,
        };
        refusals.push([
            refusal(wire, &send).await,
            refusal(wire, &receipt).await,
            refusal(wire, &commit).await,
            refusal(wire, &get).await,
            refusal(
                wire,
                &GetTree {
                    conversation: id,
                    epoch: 1,
                    restart: None,
                },
            )
            .await,
            refusal(wire, &GetWelcome { conversation: id }).await,
            refusal(wire, &GetReceipts { conversation: id }).await,
        ]);
    }
    assert_eq!(refusals[0], refusals[1], "nobody learns that it exists");
    assert!(
        refusals[0]
            .iter()
            .all(|refusal| refusal.code == ErrorCode::NotAMember)
    );
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_that_do_not_apply_or_overstep_change_nothing() {
    let mut world = World::start().await;
    let mut group = vec![
        set(&mut world, 80, "dora").await,
        set(&mut world, 81, "emil").await,
    ];
    let certificates: Vec<_> = group.iter().map(|(m, _)| m.certificate.clone()).collect();
    for (member, _) in &mut group {
        certificates.iter().for_each(|c| member.learn(c));
    }
    let id = founded(&mut group).await;
    let (mut emil, mut wire) = group.pop().unwrap();
    let (mut dora, mut hers) = group.pop().unwrap();
    let update = || Change {
        update: true,
        ..Change::default()
    };

    let good = emil.change(id, update(), now());
    let mut garbage = good.clone();
    garbage.commit = vec![0xa5; 3000].into();
    let mut short = good.clone();
    short.commit = good.commit.slice(..good.commit.len() / 2);
    let mut foreign = good.clone();
    foreign.link = Some(Bytes::from_static(&[1; 100_000]));
    // Hers, sent by him; and the remove of a member, which only her role allows.
    let stolen = dora.change(id, update(), now());
    dora.drop_change(id);
    let remove = Change {
        remove: vec![emil.member],
        ..Change::default()
    };
    let overstep = dora.change(id, remove, now());
    dora.drop_change(id);
    for (bad, expected) in [
        (&garbage, ErrorCode::CommitRefused),
        (&short, ErrorCode::CommitRefused),
        (&foreign, ErrorCode::TooLarge),
        (&stolen, ErrorCode::CommitRefused),
        (&overstep, ErrorCode::CommitRefused),
    ] {
        assert_eq!(code(&mut wire, bad).await, expected);
    }
    let old = protocol::methods::conversations::CommitConversation {
        epoch: 0,
        ..good.clone()
    };
    let moved = refusal(&mut wire, &old).await;
    assert_eq!(moved.code, ErrorCode::EpochMoved);
    let told: EpochMoved = decode(&moved.data.unwrap()).unwrap();
    assert_eq!((told.epoch, told.head_seq), (1, 1));
    assert_eq!(
        entries(&mut hers, id, 1).await.len(),
        1,
        "nothing was written"
    );
    // The good one still applies, and both go on.
    wire.call(&good).await.unwrap();
    for entry in entries(&mut hers, id, 2).await {
        dora.follow(&entry);
        emil.follow(&entry);
    }
    let send = dora.seal(id, "still here", now());
    hers.call(&send).await.unwrap();
    let log = entries(&mut wire, id, 3).await;
    assert_eq!(emil.follow(&log[0]).as_deref(), Some("still here"));
    world.talk_on().await;
}

async fn set(world: &mut World, seed: u64, name: &str) -> (testkit::Member, crate::common::Wire) {
    let (anna, wire) = &mut world.anna;
    invite(&world.server, (anna, wire), seed, name).await
}

#[tokio::test(flavor = "multi_thread")]
async fn vault_writes_with_old_versions_change_nothing() {
    let mut world = World::start().await;
    let mut other = world.signed_in().await;
    let (anna, wire) = &mut world.anna;
    let write = anna.write_pin(&[1; 16], b"first", now());
    let head = wire.call(&write).await.unwrap().head;
    let before = wire.call(&GetManifest {}).await.unwrap();
    // The same again, from this device and from another one; then with only a part of it old.
    let next = anna.write_pin(&[1; 16], b"second", now());
    let mut old_record = next.clone();
    old_record.puts[0].expected = 0;
    old_record.puts[0].version = 1;
    let mut old_head = next.clone();
    old_head.head.as_mut().unwrap().expected = head - 1;
    let mut leap = next.clone();
    leap.puts[0].version += 5;
    for (bad, wire) in [(&write, &mut *wire), (&write, &mut other)] {
        let conflict = refusal(wire, bad).await;
        assert_eq!(conflict.code, ErrorCode::VaultConflict);
        let told: VaultConflict = decode(&conflict.data.unwrap()).unwrap();
        assert_eq!(told.head, head);
    }
    for bad in [&old_record, &old_head] {
        assert_eq!(code(wire, bad).await, ErrorCode::VaultConflict);
    }
    let headless = VaultWrite {
        head: None,
        ..next.clone()
    };
    let unknown_kind = VaultWrite {
        puts: vec![RecordPut {
            name: RecordName {
                kind: 0,
                id: vec![0; 65].into(),
            },
            expected: 0,
            version: 1,
            bytes: Bytes::new(),
        }],
        ..VaultWrite::default()
    };
    let mut large = next.clone();
    large.puts[0].bytes = vec![0; protocol::limits::RECORD_BYTES_MAX + 1].into();
    for bad in [&leap, &headless, &unknown_kind] {
        assert_eq!(code(wire, bad).await, ErrorCode::VaultInvalid);
    }
    assert_eq!(code(wire, &large).await, ErrorCode::TooLarge);
    assert_eq!(
        wire.call(&GetManifest {}).await.unwrap(),
        before,
        "nothing was written"
    );
    wire.call(&next).await.unwrap();
    world.talk_on().await;
}
