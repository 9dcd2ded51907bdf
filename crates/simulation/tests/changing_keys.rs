//! Changes of keys in bad company: with conversations that do not verify, and with what nobody can use any more.
#![allow(clippy::unwrap_used)]

use client::{Command, Update};
use protocol::{decode, encode, methods::conversations::Entries};
use simulation::{
    play::Play,
    story::{direct, fresh_device, pass, say, story},
};

const DAY: u64 = 24 * 3_600_000;
const KEY_PACKAGE: u8 = 4;
const KEY_CHANGE: u8 = 12;

/// How many records of a kind the server keeps of a member.
async fn records(play: &Play, member: usize, kind: u8) -> usize {
    let id = play.members[member].id;
    let manifest = storage::read(play.world.server.storage(), move |reader| {
        reader.vault_manifest(id)
    });
    let manifest: Vec<protocol::methods::vault::ManifestLine> = manifest.await.unwrap();
    manifest.iter().filter(|r| r.name.kind == kind).count()
}

async fn sign_out(play: &mut Play, by: usize, device: usize) {
    let device = play.world.engine(device).device().unwrap();
    play.world
        .command(by, Command::SignOutDevice { device })
        .await;
}

#[test]
fn a_conversation_that_does_not_verify_holds_no_progress_up_and_is_done_when_it_does() {
    story(async {
        let mut play = Play::begin(91, 3).await;
        let ids = [direct(&mut play, 0, 1).await, direct(&mut play, 0, 2).await];
        let a = play.members[0].devices[0];
        let stolen = fresh_device(&mut play, 0).await;
        // to this device the server tells another past of one conversation
        play.world.lie = Some(Box::new(move |to, name, mut frame| {
            if to == a && name == "entry" {
                return None;
            }
            if let (true, "conversations.entries", Some(ok)) = (to == a, name, &frame.ok) {
                let mut page: Entries = decode(ok).unwrap();
                if page.entries.iter().any(|e| e.conversation == ids[0]) {
                    page.before.0[0] ^= 1;
                }
                frame.ok = Some(encode(&page));
            }
            Some(frame)
        }));
        say(&mut play, 1, ids[0], "told falsely").await;
        pass(&mut play.world, 5_000).await;
        play.world.cut(a);
        pass(&mut play.world, 30_000).await;
        assert!(play.world.engine(a).conversation(ids[0]).unwrap().broken);
        play.world.lie = None;

        sign_out(&mut play, a, stolen).await;
        pass(&mut play.world, 60_000).await;
        let mut told = play.world.devices[a]
            .updates
            .iter()
            .filter_map(|u| match u {
                Update::ChangingKeys { done, total } => Some((*done, *total)),
                _ => None,
            });
        assert_eq!(told.next_back(), Some((2, 2)));
        assert_eq!(play.world.engine(a).changing_keys(), None);
        assert_eq!(records(&play, 0, KEY_CHANGE).await, 1, "not forgotten");
        play.world.crash_device(a);
        play.world.start_device(a).await;
        pass(&mut play.world, 120_000).await;
        assert!(!play.world.engine(a).conversation(ids[0]).unwrap().broken);
        assert_eq!(records(&play, 0, KEY_CHANGE).await, 0);
        play.sign_out_in_story(0, stolen);
        play.heal_and_check().await;
    });
}

#[test]
fn private_parts_of_key_packages_go_when_nobody_can_use_them_any_more() {
    story(async {
        let mut play = Play::begin(92, 2).await;
        let a = play.members[0].devices[0];
        let stolen = fresh_device(&mut play, 0).await;
        let kept = records(&play, 0, KEY_PACKAGE).await;
        sign_out(&mut play, a, stolen).await;
        play.sign_out_in_story(0, stolen);
        pass(&mut play.world, 60_000).await;
        assert_eq!(records(&play, 0, KEY_PACKAGE).await, 2 * kept);
        // a Welcome may be for one of them, for a while: also over a crash
        play.world.crash_device(a);
        pass(&mut play.world, 29 * DAY).await;
        play.world.start_device(a).await;
        pass(&mut play.world, 60_000).await;
        assert_eq!(records(&play, 0, KEY_PACKAGE).await, 2 * kept);
        play.world.crash_device(a);
        pass(&mut play.world, 2 * DAY).await;
        play.world.start_device(a).await;
        pass(&mut play.world, 60_000).await;
        assert_eq!(records(&play, 0, KEY_PACKAGE).await, kept);
        // and what is on offer works
        direct(&mut play, 1, 0).await;
        play.heal_and_check().await;
    });
}
