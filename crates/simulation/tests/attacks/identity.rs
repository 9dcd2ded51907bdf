//! Identities, thieves of account keys, key packages, clocks.

use client::{Command, Update};
use e2ee::{
    identity::{AccountKey, RootIdentity},
    mls::KeyPackage,
    passphrase::prepare,
};
use protocol::{
    Bytes, encode,
    methods::{conversations::SendMessage, people::ClaimedKeyPackage, vault::ManifestLine},
};
use simulation::{
    Forged, Puppet,
    play::Play,
    story::{
        conversations, direct, fresh_device, lie_about, look_around, pass, say, story, was_told,
    },
};
use storage::StorageError;

use super::{
    SOON, change_keys, group_with_eve, overhear, overheard, row, scroll_back, texts, unverified,
};

const KEY_PACKAGE: u8 = 4;
const DAY: u64 = 24 * 3_600_000;

/// A thief kept the account key of somebody who changed keys since, and has the server hand out key packages made with it.
/// Whoever wants to add the victim refuses them as older than what is known, and is told; the safety number never changes.
#[test]
fn a09_key_packages_by_a_stolen_older_account_key_add_nobody() {
    story(async {
        let mut play = Play::begin(431, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let (a, member) = (play.members[0].devices[0], eve.member.member);
        let engine = eve.sign_in(&mut play).await;
        play.world.command(a, Command::OpenDirect { member }).await;
        pass(&mut play.world, SOON).await;
        let before = play.world.engine(a).safety_number(member);
        assert!(before.is_some());
        let change = Command::ChangePassphrase {
            old: eve.member.passphrase.clone(),
            new: prepare("tired violin market seven").unwrap(),
            may_be_known: true,
        };
        play.world.command(engine, change).await;
        pass(&mut play.world, 60_000).await;
        let (instance, now) = (eve.member.instance, play.world.now());
        let (rng, stolen) = (&mut eve.member.rng, &eve.member.account);
        let made = KeyPackage::generate(rng, stolen, instance, member, now, false).unwrap();
        let thiefs = ClaimedKeyPackage {
            id: made.id,
            package: made.public.into(),
        };
        play.world.lie = Some(Box::new(move |_, name, mut frame| {
            if name == "key_packages.claim" && frame.ok.is_some() {
                frame.ok = Some(encode(&thiefs));
            }
            Some(frame)
        }));
        let group = || Command::CreateGroup {
            title: String::new(),
            members: vec![member],
        };
        play.world.command(a, group()).await;
        pass(&mut play.world, 2 * SOON).await;
        assert!(was_told(&play.world, a, "leaf certificate is older"));
        let rows = play.world.engine(a).conversations();
        let groups = rows.iter().filter(|row| !row.direct);
        let with_her = groups.filter(|row| row.members.iter().any(|m| m.member == member));
        assert_eq!(with_her.count(), 0);
        play.world.lie = None;
        assert_eq!(play.world.engine(a).safety_number(member), before);
        play.world.command(a, group()).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(conversations(&play, engine).len(), 2, "by the true ones");
    });
}

/// Two devices of one member are invited by one key package at the same time. Both come to the same state; its private part
/// goes from the vault with the write that keeps the state, and the person sees one conversation on both.
#[test]
fn a18_two_devices_that_are_welcomed_at_once_share_one_state() {
    story(async {
        let mut play = Play::begin(432, 2).await;
        let b = play.members[1].devices[0];
        let second = fresh_device(&mut play, 1).await;
        let bob = play.members[1].id;
        let packages = async |play: &Play| {
            let lines = storage::read::<_, StorageError>(play.world.server.storage(), move |r| {
                r.vault_manifest(bob)
            });
            let lines: Vec<ManifestLine> = lines.await.unwrap();
            lines.iter().filter(|l| l.name.kind == KEY_PACKAGE).count()
        };
        let before = packages(&play).await;
        let id = direct(&mut play, 0, 1).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(packages(&play).await + 1, before);
        for device in [b, second] {
            let shown = row(&play, device, id);
            assert!(shown.ready && !shown.broken);
        }
        say(&mut play, 0, id, "to both").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, b, id), texts(&play, second, id));
        play.heal_and_check().await;
    });
}

/// The server shows somebody with another root than the one known (as after a reset by an admin). Writing to them stops:
/// what is typed waits, nothing is sealed to the new keys, and the person is told, until they accept what they compared.
#[test]
fn a27_a_new_identity_is_sealed_nothing_until_it_is_accepted() {
    story(async {
        let mut play = Play::begin(433, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let (a, member) = (play.members[0].devices[0], eve.member.member);
        let now = play.world.now();
        let id = eve.open_direct(play.members[0].id, now).await;
        pass(&mut play.world, SOON).await;
        let root = RootIdentity::generate(&mut eve.member.rng);
        let anew = eve.certified_by(&root, 1);
        let anew = Bytes::copy_from_slice(anew.bytes());
        lie_about(&mut play, member, move |shown| *shown = vec![anew.clone()]);
        look_around(&mut play, a).await;
        let told = Update::IdentityChanged(member, client::view::IdentityChange::Unknown);
        look_around(&mut play, a).await;
        let times = |play: &Play| {
            let updates = &play.world.devices[a].updates;
            updates.iter().filter(|update| **update == told).count()
        };
        assert_eq!(times(&play), 1, "found again it is no news");
        assert!(row(&play, a, id).identity_changed);
        overhear(&mut play);
        let text = "are you you?".to_owned();
        let said = Command::SendText {
            conversation: id,
            text,
        };
        play.world.command(a, said).await;
        pass(&mut play.world, 6 * SOON).await;
        assert!(overheard::<SendMessage>(&play, a).is_empty());
        let number = play.world.engine(a).safety_number(member);
        play.world
            .command(a, Command::AcceptIdentity { member, number })
            .await;
        pass(&mut play.world, 6 * SOON).await;
        assert!(!row(&play, a, id).identity_changed);
    });
}

/// Devices come back after many years. Nothing that was certified then is refused for its age: every device loads its
/// conversations, reads and writes in them; key packages, which do age, are put on offer anew. (That no leaf expires by the
/// system's clock, which no test sets, is refused and tested in `e2ee`.)
#[test]
fn a30_eleven_years_later_everything_loads() {
    story(async {
        let mut play = Play::begin(434, 3).await;
        let id = direct(&mut play, 0, 1).await;
        let devices = [0, 1, 2].map(|n| play.members[n].devices[0]);
        say(&mut play, 0, id, "then").await;
        pass(&mut play.world, SOON).await;
        for device in devices {
            play.world.crash_device(device);
        }
        pass(&mut play.world, 11 * 365 * DAY).await;
        for device in devices {
            play.world.start_device(device).await;
        }
        pass(&mut play.world, 120_000).await;
        say(&mut play, 1, id, "now").await;
        pass(&mut play.world, SOON).await;
        let fresh = fresh_device(&mut play, 0).await;
        scroll_back(&mut play, fresh, id).await;
        for device in [devices[0], fresh] {
            assert_eq!(texts(&play, device, id), ["then", "now"]);
        }
        direct(&mut play, 0, 2).await;
        play.heal_and_check().await;
    });
}

/// A member who knows the epoch's secret seals a text in somebody else's name, signed by a leaf key that they certified
/// themselves, and the server helps. Neither those who have the tree of that time show it as said, nor devices that come
/// later and know certificates alone.
#[test]
fn a23_nobody_speaks_in_anothers_name_even_with_the_servers_help() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(435, 2).await;
        let (a, bob) = (play.members[0].devices[0], play.members[1].id);
        let now = play.world.now();
        let account = AccountKey::generate(&mut eve.member.rng, 1);
        let text = "Bob says: trust Eve";
        let (said, leaf) = eve.member.seal_in_the_name_of(id, bob, &account, text, now);
        let (name, bytes) = (leaf.name(), leaf.bytes().to_vec());
        storage::write::<_, StorageError>(play.world.server.storage(), move |unit| {
            unit.put_leaf_certificate(name, &bytes)
        })
        .await
        .unwrap();
        let forged = Forged::message(bob, said.epoch, said.message, said.body);
        play.world.forge(id, forged).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "did you?").await;
        pass(&mut play.world, SOON).await;
        change_keys(&mut play, a, id).await;
        let fresh = fresh_device(&mut play, 0).await;
        scroll_back(&mut play, fresh, id).await;
        for device in [a, fresh] {
            assert_eq!(texts(&play, device, id), ["did you?"]);
            assert_eq!(unverified(&play, device, id), 1);
        }
    });
}
