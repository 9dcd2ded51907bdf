//! Devices whose clock is wrong by a year, ahead or behind: what people do with them goes on as with any other. Messages that
//! disappear are in `timed`, repairs in `attacks` (line 30).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use client::{
    Command, Doing, NewAccount, Update,
    view::{ApprovalStep, ItemBody},
};
use e2ee::passphrase::{Passphrase, prepare};
use protocol::{
    ConversationId, MemberId,
    methods::vault::{ManifestLine, kind},
};
use simulation::{
    World,
    play::{Member, Play},
    story::{command, direct, fresh_device, pass, say, say_on, story},
};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
const YEAR: i64 = 365 * 24 * 3_600_000;
const WRONG: [i64; 2] = [YEAR, -YEAR];

fn words(text: &str) -> Passphrase {
    prepare(text).unwrap()
}

/// A new device whose clock is so wrong.
async fn device(play: &mut Play, member: usize, off: i64) -> usize {
    let device = play.world.add_device(member).await;
    play.world.devices[device].clock_off = off;
    device
}

/// These devices are switched off for a while.
async fn away(play: &mut Play, devices: &[usize], time: u64) {
    for device in devices {
        play.world.crash_device(*device);
    }
    pass(&mut play.world, time).await;
    for device in devices {
        play.world.start_device(*device).await;
    }
}

fn link(world: &World, device: usize) -> Option<String> {
    world.devices[device].updates.iter().find_map(|u| match u {
        Update::Invitation { link, .. } => Some(link.clone()),
        _ => None,
    })
}

/// An invitation by a device, as its person sees it.
async fn invitation(play: &mut Play, by: usize) -> String {
    command(play, by, Command::Invite).await;
    link(&play.world, by).unwrap()
}

/// Somebody registers by this link on a device whose clock is so wrong, and is a member of the play then.
async fn register(play: &mut Play, link: &str, off: i64) -> usize {
    let number = play.members.len();
    let device = device(play, number, off).await;
    let name = format!("member{number}");
    let passphrase = words("a staple for the battery");
    let account = NewAccount {
        login_name: name.clone(),
        display_name: format!("Member {number}"),
        passphrase: passphrase.clone(),
        device_name: "a device".to_owned(),
    };
    let invitation = link.to_owned();
    let look = Command::CheckInvitation {
        invitation: invitation.clone(),
    };
    command(play, device, look).await;
    let seen = play.world.devices[device].updates.iter();
    let seen = seen.filter(|u| matches!(u, Update::InvitedBy(_))).count();
    assert_eq!(seen, 1, "{:?}", play.world.devices[device].updates);
    let register = Command::Register {
        invitation,
        account,
    };
    command(play, device, register).await;
    pass(&mut play.world, MINUTE).await;
    let updates = &play.world.devices[device].updates;
    let me = play.world.engine(device).me();
    let id: MemberId = me.unwrap_or_else(|| panic!("{updates:?}")).member;
    play.members.push(Member {
        name,
        passphrase,
        id,
        devices: vec![device],
        changing: None,
        codes: vec![None],
        keys_changed: false,
    });
    number
}

fn texts(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let bodies = page.items.into_iter().map(|item| item.body);
    let text = |body| match body {
        ItemBody::Text(text) => Some(text),
        _ => None,
    };
    bodies.filter_map(text).collect()
}

/// Somebody registers, is found, written to and added, and invites somebody else.
#[test]
fn who_registers_with_a_wrong_clock_is_a_member_like_any_other() {
    for (seed, off) in [(821, WRONG[0]), (822, WRONG[1])] {
        story(async move {
            let mut play = Play::begin(seed, 2).await;
            let first = play.members[0].devices[0];
            let link = invitation(&mut play, first).await;
            let new = register(&mut play, &link, off).await;
            let id = direct(&mut play, 1, new).await;
            say(&mut play, 1, id, "welcome").await;
            pass(&mut play.world, MINUTE).await;
            say(&mut play, new, id, "thank you").await;
            pass(&mut play.world, MINUTE).await;
            for member in [1, new] {
                let device = play.members[member].devices[0];
                assert_eq!(texts(&play, device, id), ["welcome", "thank you"]);
            }
            // and opens conversations, and invites others, as admins do
            direct(&mut play, new, 0).await;
            let admin = Command::SetAdmin {
                member: play.members[new].id,
                admin: true,
            };
            command(&mut play, first, admin).await;
            let theirs = play.members[new].devices[0];
            let link = invitation(&mut play, theirs).await;
            let other = register(&mut play, &link, 0).await;
            direct(&mut play, other, new).await;
            let third = invitation(&mut play, theirs).await;
            register(&mut play, &third, -off).await;
            play.heal_and_check().await;
        });
    }
}

/// The clock is set right, or wrong, in the middle of it all: key packages are still replaced in their time, and no private
/// part is thrown away while a Welcome may be for it.
#[test]
fn a_clock_that_is_set_touches_no_key_package() {
    for (seed, off) in [(823, WRONG[0]), (824, WRONG[1])] {
        story(async move {
            let mut play = Play::begin(seed, 2).await;
            let first = play.members[0].devices[0];
            let link = invitation(&mut play, first).await;
            let new = register(&mut play, &link, off).await;
            let device = play.members[new].devices[0];
            pass(&mut play.world, 2 * MINUTE).await;
            play.world.devices[device].clock_off = 0;
            pass(&mut play.world, 2 * MINUTE).await;
            direct(&mut play, 1, new).await;
            // long enough for those of the beginning to be too old
            let all: Vec<usize> = (0..play.world.devices.len()).collect();
            for _ in 0..2 {
                away(&mut play, &all, 50 * DAY).await;
                pass(&mut play.world, 2 * MINUTE).await;
            }
            play.world.devices[device].clock_off = off;
            pass(&mut play.world, 2 * MINUTE).await;
            direct(&mut play, 0, new).await;
            play.heal_and_check().await;
        });
    }
}

/// Signing in, with approval by another device: whichever of the two clocks is wrong.
#[test]
fn a_wrong_clock_is_in_the_way_of_no_sign_in() {
    for (seed, off, there) in [
        (825, YEAR, 0),
        (826, -YEAR, 0),
        (827, 0, YEAR),
        (828, 0, -YEAR),
    ] {
        story(async move {
            let mut play = Play::begin(seed, 2).await;
            let id = direct(&mut play, 0, 1).await;
            say(&mut play, 0, id, "before").await;
            let a = play.members[0].devices[0];
            play.world.devices[a].clock_off = there;
            pass(&mut play.world, 2 * MINUTE).await;
            let new = words("tired violin market");
            let old = std::mem::replace(&mut play.members[0].passphrase, new.clone());
            play.members[0].keys_changed = true;
            let required = true;
            command(&mut play, a, Command::SetApproval { old, new, required }).await;
            pass(&mut play.world, MINUTE).await;
            assert!(play.world.engine(a).approvals().required);

            let b = device(&mut play, 0, off).await;
            let sign_in = Command::SignIn {
                login_name: play.members[0].name.clone(),
                passphrase: play.members[0].passphrase.clone(),
                device_name: "a fresh device".to_owned(),
            };
            command(&mut play, b, sign_in).await;
            // a person takes their time
            pass(&mut play.world, MINUTE).await;
            let waiting = play.world.engine(a).approvals().waiting;
            assert_eq!(waiting.len(), 1);
            let device = waiting[0].device;
            command(&mut play, a, Command::ClaimApproval { device }).await;
            let shown = play.world.engine(b).sign_in_approval().unwrap().code;
            let step = play.world.engine(a).approvals().waiting.remove(0).step;
            assert_eq!(step, ApprovalStep::Code(shown.unwrap()));
            command(&mut play, a, Command::GrantApproval { device }).await;
            pass(&mut play.world, MINUTE).await;
            assert!(play.world.engine(b).me().is_some());
            play.members[0].devices.push(b);
            assert_eq!(texts(&play, b, id), ["before"]);
            say_on(&mut play, 0, b, id, "from the new one").await;
            pass(&mut play.world, MINUTE).await;

            // and signed out again: the keys change all the same
            let device = play.world.engine(b).device().unwrap();
            command(&mut play, a, Command::SignOutDevice { device }).await;
            pass(&mut play.world, 2 * MINUTE).await;
            play.sign_out_in_story(0, b);
            assert_eq!(play.world.engine(a).changing_keys(), None);
            let old = play.members[0].passphrase.clone();
            let new = old.clone();
            let required = false;
            command(&mut play, a, Command::SetApproval { old, new, required }).await;
            pass(&mut play.world, MINUTE).await;
            play.world.devices[a].updates.clear();
            play.heal_and_check().await;
        });
    }
}

/// A forgotten passphrase is replaced after a day of the server's, whatever the device's clock says; with approval at once.
#[test]
fn a_wrong_clock_replaces_no_forgotten_passphrase_early_or_late() {
    for (seed, off) in [(831, WRONG[0]), (832, WRONG[1])] {
        story(async move {
            let mut play = Play::begin(seed, 2).await;
            let id = direct(&mut play, 0, 1).await;
            say(&mut play, 0, id, "before").await;
            let a = play.members[0].devices[0];
            play.world.devices[a].clock_off = off;
            pass(&mut play.world, 2 * MINUTE).await;
            command(&mut play, a, Command::AskForgotten).await;
            let asked = play.world.engine(a).forgotten().unwrap();
            assert!(!asked.ready && asked.ready_at > play.world.now());
            let all = [a, play.members[1].devices[0]];
            away(&mut play, &all, DAY - 10 * MINUTE).await;
            pass(&mut play.world, MINUTE).await;
            assert!(!play.world.engine(a).forgotten().unwrap().ready);
            pass(&mut play.world, 20 * MINUTE).await;
            assert!(play.world.engine(a).forgotten().unwrap().ready);
            let new = words("tired violin market");
            play.world.devices[a].updates.clear();
            let replace = Command::ReplaceForgotten { new: new.clone() };
            command(&mut play, a, replace).await;
            pass(&mut play.world, MINUTE).await;
            let done = Update::Done(Doing::ChangingPassphrase);
            assert!(play.world.devices[a].updates.contains(&done));
            play.members[0].passphrase = new;
            play.members[0].keys_changed = true;
            play.world.lied = true; // a changed identity alarms contacts, as it must
            let (b, member) = (play.members[1].devices[0], play.members[0].id);
            let number = play.world.engine(b).safety_number(member);
            command(&mut play, b, Command::AcceptIdentity { member, number }).await;
            pass(&mut play.world, MINUTE).await;
            say(&mut play, 0, id, "after").await;
            play.heal_and_check().await;
        });
    }
}

/// Whoever sets the organisation up, and whoever begins anew by a reset link: they are in.
#[test]
fn a_wrong_clock_is_in_the_way_of_no_beginning() {
    for (seed, off) in [(833, WRONG[0]), (834, WRONG[1])] {
        story(async move {
            let mut world = World::new(seed).await;
            let first = world.add_device(0).await;
            world.devices[first].clock_off = off;
            let account = NewAccount {
                login_name: "first".to_owned(),
                display_name: String::new(),
                passphrase: words("a staple for the battery"),
                device_name: "a device".to_owned(),
            };
            let set_up = Command::SetUp {
                code: world.server.set_up_code.clone().unwrap(),
                organisation: "The Daily Test".to_owned(),
                account,
            };
            world.command(first, set_up).await;
            pass(&mut world, MINUTE).await;
            assert!(world.engine(first).me().is_some() && world.engine(first).is_idle());

            let mut play = Play::begin(seed, 2).await;
            let (a, member) = (play.members[0].devices[0], play.members[1].id);
            command(&mut play, a, Command::ResetMember { member }).await;
            let told = play.world.devices[a].updates.iter();
            let mut links = told.filter_map(|update| match update {
                Update::ResetLink { link, .. } => Some(link.clone()),
                _ => None,
            });
            let link = links.next().unwrap();
            let new = device(&mut play, 1, off).await;
            let anew = Command::BeginAnew {
                link,
                passphrase: words("tired violin market"),
                device_name: "begun anew".to_owned(),
            };
            command(&mut play, new, anew).await;
            pass(&mut play.world, MINUTE).await;
            assert_eq!(play.world.engine(new).me().unwrap().member, member);
        });
    }
}

/// The ids of the private parts of key packages that the server keeps of the first member.
async fn private_parts(play: &Play) -> BTreeSet<Vec<u8>> {
    let id = play.members[0].id;
    let manifest = storage::read(play.world.server.storage(), move |reader| {
        reader.vault_manifest(id)
    });
    let manifest: Vec<ManifestLine> = manifest.await.unwrap();
    let records = manifest.iter().filter(|r| r.name.kind == kind::KEY_PACKAGE);
    records.map(|r| r.name.id.to_vec()).collect()
}

/// Key packages are replaced while the clock is wrong, and then it is set right: the private parts stay as long as somebody may
/// use them, and no longer.
#[test]
fn a_clock_that_is_set_throws_no_private_part_away() {
    for (seed, off) in [(835, WRONG[0]), (836, WRONG[1])] {
        story(async move {
            let mut play = Play::begin(seed, 2).await;
            let all = [0, 1].map(|n| play.members[n].devices[0]);
            let a = all[0];
            play.world.devices[a].clock_off = off;
            pass(&mut play.world, 2 * MINUTE).await;
            let stolen = fresh_device(&mut play, 0).await;
            let before = private_parts(&play).await;
            let out = play.world.engine(stolen).device().unwrap();
            command(&mut play, a, Command::SignOutDevice { device: out }).await;
            pass(&mut play.world, 2 * MINUTE).await;
            play.sign_out_in_story(0, stolen);
            play.world.crash_device(stolen);
            let with_new = private_parts(&play).await;
            assert!(with_new.is_superset(&before) && with_new.len() > before.len());
            play.world.devices[a].clock_off = 0;
            away(&mut play, &all, DAY).await;
            pass(&mut play.world, 2 * MINUTE).await;
            assert!(private_parts(&play).await.is_superset(&with_new));
            away(&mut play, &all, 92 * DAY).await;
            pass(&mut play.world, 2 * MINUTE).await;
            assert!(private_parts(&play).await.is_disjoint(&before));
            play.world.start_device(stolen).await;
            direct(&mut play, 1, 0).await;
            play.heal_and_check().await;
        });
    }
}
