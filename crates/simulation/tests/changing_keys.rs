//! Changes of keys, and what nobody can use any more.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use client::{Command, Update};
use protocol::{
    ConversationId, Method, decode, encode,
    methods::conversations::{CommitConversation, Entries},
};
use simulation::{
    play::Play,
    story::{direct, fresh_device, pass, say, story},
};

const DAY: u64 = 24 * 3_600_000;
const KEY_PACKAGE: u8 = 4;
const KEY_CHANGE: u8 = 12;

/// The ids of the records of a kind that the server keeps of a member.
async fn records(play: &Play, member: usize, kind: u8) -> BTreeSet<Vec<u8>> {
    let id = play.members[member].id;
    let manifest = storage::read(play.world.server.storage(), move |reader| {
        reader.vault_manifest(id)
    });
    let manifest: Vec<protocol::methods::vault::ManifestLine> = manifest.await.unwrap();
    let records = manifest.iter().filter(|r| r.name.kind == kind);
    records.map(|r| r.name.id.to_vec()).collect()
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
        let before = records(&play, 0, KEY_PACKAGE).await;
        sign_out(&mut play, a, stolen).await;
        play.sign_out_in_story(0, stolen);
        pass(&mut play.world, 60_000).await;
        let with_new = records(&play, 0, KEY_PACKAGE).await;
        assert!(with_new.is_superset(&before) && with_new.len() > before.len());
        play.world.crash_device(stolen);
        // a Welcome may be for one of them, for a while: also over a crash
        away(&mut play, &[a, b], 90 * DAY).await;
        assert!(records(&play, 0, KEY_PACKAGE).await.is_superset(&with_new));
        away(&mut play, &[a, b], 2 * DAY).await;
        let left = records(&play, 0, KEY_PACKAGE).await;
        assert!(left.is_disjoint(&before) && left.is_superset(&(&with_new - &before)));
        play.world.start_device(stolen).await;
        // and what is on offer works
        direct(&mut play, 1, 0).await;
        play.heal_and_check().await;
    });
}

/// Direct conversations get their new keys before all groups, whatever the order of their ids.
#[test]
fn direct_conversations_get_new_keys_before_groups() {
    story(async {
        let mut play = Play::begin(93, 4).await;
        let a = play.members[0].devices[0];
        let others: Vec<_> = play.members[1..].iter().map(|m| m.id).collect();
        let mut directs = BTreeSet::new();
        for n in 0..3 {
            let (title, members) = (format!("{n}"), others.clone());
            play.world
                .command(a, Command::CreateGroup { title, members })
                .await;
            directs.insert(direct(&mut play, 0, n + 1).await);
        }
        let stolen = fresh_device(&mut play, 0).await;
        play.world.overheard = Some(Vec::new());
        sign_out(&mut play, a, stolen).await;
        play.sign_out_in_story(0, stolen);
        pass(&mut play.world, 60_000).await;
        let sent = play.world.overheard.take().unwrap();
        let commits = sent
            .iter()
            .filter(|(by, request)| *by == a && request.method == CommitConversation::NAME);
        let commits: Vec<ConversationId> = commits
            .map(|(_, request)| decode::<CommitConversation>(&request.params).unwrap())
            .map(|commit| commit.conversation)
            .collect();
        let order: Vec<bool> = commits.iter().map(|id| directs.contains(id)).collect();
        assert_eq!(order, [true, true, true, false, false, false]);
        assert!(!commits.is_sorted(), "their ids alone would not do");
        play.heal_and_check().await;
    });
}

#[test]
fn what_did_not_verify_gets_new_keys_when_it_does() {
    story(async {
        let mut play = Play::begin(91, 3).await;
        let ids = [direct(&mut play, 0, 1).await, direct(&mut play, 0, 2).await];
        let a = play.members[0].devices[0];
        let stolen = fresh_device(&mut play, 0).await;
        // from this device the server withholds an entry of one conversation
        play.world.lie = Some(Box::new(move |to, name, mut frame| {
            if to == a && name == "entry" {
                return None;
            }
            if let (true, "conversations.entries", Some(ok)) = (to == a, name, &frame.ok) {
                let mut page: Entries = decode(ok).unwrap();
                if page
                    .entries
                    .first()
                    .is_some_and(|e| e.conversation == ids[0])
                {
                    page.entries.remove(0);
                }
                frame.ok = Some(encode(&page));
            }
            Some(frame)
        }));
        for text in ["withheld", "told"] {
            say(&mut play, 1, ids[0], text).await;
        }
        pass(&mut play.world, 5_000).await;
        play.world.cut(a);
        pass(&mut play.world, 30_000).await;
        assert!(play.world.engine(a).conversation(ids[0]).unwrap().broken);
        play.world.lie = None;

        sign_out(&mut play, a, stolen).await;
        pass(&mut play.world, 60_000).await;
        let told = play.world.devices[a].updates.iter();
        let mut told = told.filter_map(|update| match update {
            Update::ChangingKeys { done, total } => Some((*done, *total)),
            _ => None,
        });
        let (done, total) = told.next_back().unwrap();
        assert_eq!(done, total);
        assert_eq!(
            records(&play, 0, KEY_CHANGE).await.len(),
            1,
            "not forgotten"
        );
        play.world.crash_device(a);
        play.world.start_device(a).await;
        pass(&mut play.world, 120_000).await;
        assert!(!play.world.engine(a).conversation(ids[0]).unwrap().broken);
        assert!(records(&play, 0, KEY_CHANGE).await.is_empty());
        play.sign_out_in_story(0, stolen);
        play.heal_and_check().await;
    });
}

/// The epoch of a conversation, as the server has it.
async fn epoch(play: &Play, id: ConversationId) -> u64 {
    let row = storage::read(play.world.server.storage(), move |reader| {
        reader.conversation(id)
    });
    let row: Option<storage::conversations::Conversation> = row.await.unwrap();
    row.unwrap().epoch
}

#[test]
fn who_writes_after_a_week_has_new_keys_and_who_only_reads_has_not() {
    story(async {
        let mut play = Play::begin(91, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let second = fresh_device(&mut play, 0).await;
        say(&mut play, 0, id, "today").await;
        pass(&mut play.world, 120_000).await;
        let before = epoch(&play, id).await;
        let all = [
            play.members[0].devices[0],
            second,
            play.members[1].devices[0],
        ];
        away(&mut play, &all, 8 * DAY).await;
        // of those who wrote last the leaf is a week old now; two devices of theirs make one commit of it
        pass(&mut play.world, 120_000).await;
        assert_eq!(epoch(&play, id).await, before + 1);
        away(&mut play, &all, 8 * DAY).await;
        pass(&mut play.world, 120_000).await;
        assert_eq!(epoch(&play, id).await, before + 1, "once");
        say(&mut play, 1, id, "and from me").await;
        pass(&mut play.world, 120_000).await;
        assert_eq!(epoch(&play, id).await, before + 2);
        assert!(play.world.engine(second).is_idle());
        play.heal_and_check().await;
    });
}

#[test]
fn after_a_thousand_messages_the_keys_are_new() {
    story(async {
        let mut play = Play::begin(92, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let before = epoch(&play, id).await;
        for n in 0..1_000 {
            say(&mut play, 0, id, &format!("{n}")).await;
            if n % 50 == 49 {
                pass(&mut play.world, 10_000).await;
            }
        }
        pass(&mut play.world, 120_000).await;
        assert_eq!(epoch(&play, id).await, before + 1);
    });
}
