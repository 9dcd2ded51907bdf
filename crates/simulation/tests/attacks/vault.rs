//! The vault: thieves, own devices that are wrong, and a server that shows an older one.

use client::{Command, view::ItemBody};
use e2ee::{transcript::body_hash, vault::RecordKind};
use protocol::{
    ConversationId, MemberId, encode,
    methods::vault::{GetManifest, ManifestLine, VaultWrite},
};
use simulation::{
    Puppet,
    play::Play,
    story::{direct, fresh_device, pass, say, story, was_told},
};
use storage::StorageError;
use testkit::Change;

use super::{SOON, change_keys, overhear, overheard, row, texts};

const MLS_STATE: u8 = 5;

fn update() -> Change {
    Change {
        update: true,
        ..Change::default()
    }
}

/// The MLS states that the server keeps of a member: version, and number of the vault key that opens it.
async fn states(play: &Play, member: MemberId) -> Vec<(u64, u32)> {
    let found = storage::read::<_, StorageError>(play.world.server.storage(), move |reader| {
        let lines: Vec<ManifestLine> = reader.vault_manifest(member)?;
        let states = lines.into_iter().filter(|l| l.name.kind == MLS_STATE);
        states
            .map(|l| Ok(reader.record(member, &l.name)?.unwrap()))
            .collect::<Result<Vec<_>, StorageError>>()
    });
    let found = found.await.unwrap().into_iter();
    found
        .map(|r| (r.version, e2ee::vault::record_key_number(&r.bytes).unwrap()))
        .collect()
}

/// The number of a member's newest vault head.
async fn head(play: &Play, member: MemberId) -> u64 {
    let head = storage::read::<_, StorageError>(play.world.server.storage(), move |reader| {
        reader.vault_head(member)
    });
    head.await.unwrap().unwrap().number
}

/// Eve with one device by hand and one with an engine, and a direct conversation with the first member.
async fn eve_on_two_devices(seed: u64) -> (Play, Puppet, usize, ConversationId) {
    let mut play = Play::begin(seed, 1).await;
    let mut eve = Puppet::register(&mut play, "eve").await;
    let now = play.world.now();
    let id = eve.open_direct(play.members[0].id, now).await;
    let engine = eve.sign_in(&mut play).await;
    assert!(play.world.engine(engine).is_idle());
    eve.read_vault().await;
    (play, eve, engine, id)
}

/// A stolen device holds vault key and leaf. Its owner signs it out: the server refuses it from then on, and every state is
/// sealed under a vault key that it never had, with new leaves. The owner sees how far that is, and goes on.
#[test]
fn a08_after_a_sign_out_the_old_vault_key_opens_no_state() {
    story(async {
        let (mut play, mut eve, engine, id) = eve_on_two_devices(451).await;
        let member = eve.member.member;
        assert!(states(&play, member).await.iter().all(|(_, key)| *key == 1));
        let device = eve.member.device_id();
        play.world
            .command(engine, Command::SignOutDevice { device })
            .await;
        pass(&mut play.world, 60_000).await;
        assert_eq!(play.world.engine(engine).changing_keys(), None, "all done");
        let after = states(&play, member).await;
        assert_eq!(after, [(2, 2)], "a new epoch, under the new key");
        assert!(eve.is_turned_away(&GetManifest {}).await);
        say(&mut play, 0, id, "only for her").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, engine, id), ["only for her"]);
        let contact = play.members[0].devices[0];
        assert_eq!(texts(&play, contact, id), ["only for her"]);
        for device in [engine, contact] {
            let row = row(&play, device, id);
            assert!(row.ready && !row.broken && !row.restoring, "{row:?}");
        }
        assert_eq!(play.world.alarms, []);
    });
}

/// One of three devices is signed out. The new vault key is sealed to the other two and to the passphrase, though neither
/// is asked for: the other device goes on, and a fresh one signs in by the passphrase and reads everything.
#[test]
fn a10_all_who_remain_have_the_new_vault_key() {
    story(async {
        let mut play = Play::begin(452, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        let third = fresh_device(&mut play, 0).await;
        say(&mut play, 1, id, "before").await;
        pass(&mut play.world, SOON).await;
        let device = play.world.engine(third).device().unwrap();
        play.world
            .command(a, Command::SignOutDevice { device })
            .await;
        pass(&mut play.world, 60_000).await;
        play.sign_out_in_story(0, third);
        say(&mut play, 1, id, "after").await;
        pass(&mut play.world, SOON).await;
        let fresh = fresh_device(&mut play, 0).await;
        super::scroll_back(&mut play, fresh, id).await;
        for device in [a, second, fresh] {
            assert!(!play.world.engine(device).is_signed_out());
            assert_eq!(texts(&play, device, id), ["before", "after"]);
        }
        play.heal_and_check().await;
    });
}

/// A device that was signed out goes on committing, so as to lock the others out. The server has revoked it first:
/// its connection is ended, and nothing of it reaches the log.
#[test]
fn a11_a_device_that_was_signed_out_races_nobody() {
    story(async {
        let (mut play, mut eve, engine, id) = eve_on_two_devices(453).await;
        let ready = eve.member.change(id, update(), play.world.now());
        let device = eve.member.device_id();
        play.world
            .command(engine, Command::SignOutDevice { device })
            .await;
        pass(&mut play.world, 1_000).await;
        assert!(eve.is_turned_away(&ready).await);
        pass(&mut play.world, 60_000).await;
        let log = play.world.log(id).await;
        assert!(log.iter().all(|e| e.body_hash != body_hash(&ready.commit)));
        say(&mut play, 0, id, "still yours").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, engine, id), ["still yours"]);
        let contact = play.members[0].devices[0];
        assert_eq!(texts(&play, contact, id), ["still yours"]);
        for device in [engine, contact] {
            let row = row(&play, device, id);
            assert!(row.ready && !row.broken && !row.restoring, "{row:?}");
        }
        assert_eq!(play.world.alarms, [], "nobody is alarmed by it");
    });
}

/// An own device (stolen, or faulty) commits and writes rubbish as its state. The server can't see that. The member's other
/// device asks for a new leaf, which the contact's app gives; both see that the access was restored, and go on.
#[test]
fn a12_rubbish_for_a_state_harms_its_own_member_alone() {
    story(async {
        let (mut play, mut eve, engine, id) = eve_on_two_devices(454).await;
        let a = play.members[0].devices[0];
        let now = play.world.now();
        let before = eve.member.vault.clone();
        let mut commit = eve.member.change(id, update(), now);
        eve.member.vault = before;
        let name = [id.as_bytes().as_slice(), &[0; 4]].concat();
        let kind = RecordKind::MlsState;
        commit.vault = eve.member.write_record(kind, &name, 2, b"rubbish", now);
        eve.ask(&commit).await.unwrap();
        pass(&mut play.world, SOON).await;
        pass(&mut play.world, 60_000).await;
        for device in [engine, a] {
            let row = row(&play, device, id);
            assert!(row.ready && !row.broken && !row.restoring, "{row:?}");
        }
        let text = "is it me?".to_owned();
        let said = Command::SendText {
            conversation: id,
            text,
        };
        play.world.command(engine, said).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, a, id), ["is it me?"]);
        let rows = play.world.engine(a).timeline(id, None, 100).unwrap();
        let restored = |item: &client::view::Item| matches!(&item.body, ItemBody::Members { restored, .. } if restored.len() == 1);
        assert!(rows.items.iter().any(restored));
    });
}

/// Two devices follow one commit, and both keep the state after it. The version of that record is its epoch: whoever comes
/// second finds it done, and nothing of either is refused for it.
#[test]
fn a15_two_devices_that_keep_one_state_do_not_hinder_each_other() {
    story(async {
        let mut play = Play::begin(455, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 1).await;
        let b = play.members[1].devices[0];
        let bob = play.members[1].id;
        overhear(&mut play);
        for epoch in 2..5 {
            change_keys(&mut play, a, id).await;
            assert_eq!(states(&play, bob).await, [(epoch, 1)]);
        }
        let writes = [b, second].map(|device| overheard::<VaultWrite>(&play, device));
        let puts = writes.iter().flatten().flat_map(|write| &write.puts);
        let puts = puts.filter(|put| put.name.kind == MLS_STATE);
        assert!(puts.clone().count() >= 3);
        assert!(puts.clone().all(|put| put.version > put.expected));
        for device in [b, second] {
            assert!(play.world.engine(device).is_idle());
            change_keys(&mut play, device, id).await;
        }
        for device in [a, b, second] {
            let row = row(&play, device, id);
            assert!(row.ready && !row.broken && !row.restoring, "{row:?}");
        }
        assert_eq!(play.world.alarms, [], "neither is told of a conflict");
        play.heal_and_check().await;
    });
}

/// A fresh device has no memory: a server can show it an older vault. It shows the date of what it was given; and as soon
/// as it reads what another device of its member signed with the newer vault, it says so and takes no such vault.
#[test]
fn a16_a_fresh_device_shows_how_old_its_vault_is_and_learns_that_it_is_old() {
    story(async {
        let (mut play, mut eve, first, id) = eve_on_two_devices(456).await;
        let old = eve.member.vault.listed();
        let shown = play.world.engine(first).vault_head_time().unwrap();
        pass(&mut play.world, 60_000).await;
        let now = play.world.now();
        for n in 0..3 {
            eve.write_pin(MemberId([n; 16]), b"of a later version", now)
                .await;
        }
        let newer = head(&play, eve.member.member).await;
        let fresh = play.world.devices.len();
        play.world.lie = Some(Box::new(move |to, name, mut frame| {
            if to == fresh && name == "vault" {
                return None;
            }
            if to == fresh && name == "vault.manifest" {
                frame.ok = Some(encode(&old));
            }
            Some(frame)
        }));
        assert_eq!(eve.sign_in(&mut play).await, fresh);
        assert_eq!(play.world.engine(fresh).vault_head_time(), Some(shown));
        eve.read_vault().await;
        assert!(eve.member.vault.head_number() >= newer);
        eve.say(id, "I know more", play.world.now()).await;
        pass(&mut play.world, 2 * SOON).await;
        assert!(was_told(&play.world, fresh, "has seen a newer vault"));
    });
}

/// Drafts, settings and read marks change all the time, on several devices at once. None of them moves the vault's head, so
/// they never stand in the way of keys.
#[test]
fn a17_what_changes_all_the_time_moves_no_head() {
    story(async {
        let mut play = Play::begin(457, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        say(&mut play, 1, id, "read me").await;
        pass(&mut play.world, 60_000).await;
        let (member, seq) = (play.members[0].id, 2);
        let before = head(&play, member).await;
        overhear(&mut play);
        for (n, device) in [a, second].into_iter().enumerate() {
            let text = format!("draft {n}");
            let draft = Command::SaveDraft {
                conversation: id,
                text,
            };
            play.world.command(device, draft).await;
            let mut settings = play.world.engine(device).settings();
            settings.receipts = false;
            settings.enter_sends = n == 0;
            play.world
                .command(device, Command::SaveSettings(settings))
                .await;
            let read = Command::MarkRead {
                conversation: id,
                seq,
            };
            play.world.command(device, read).await;
        }
        pass(&mut play.world, 60_000).await;
        let written: Vec<VaultWrite> = overheard(&play, a);
        assert!(!written.is_empty() && written.iter().all(|w| w.head.is_none()));
        assert_eq!(head(&play, member).await, before);
        let drafts = [a, second].map(|d| row(&play, d, id).draft);
        assert_eq!(drafts[0], drafts[1]);
        play.heal_and_check().await;
    });
}
