//! What people do, interrupted: the device that does it loses its power as each of its requests leaves, and as the answer to each
//! is on its way. Whatever was asked is done afterwards, or has not happened at all, on every device.
#![allow(clippy::unwrap_used)]

use std::{cell::Cell, rc::Rc};

use client::{
    Command, Doing, Update,
    view::{ApprovalStep, ConversationView, ItemBody, Role},
};
use e2ee::{
    passphrase::{Passphrase, prepare},
    vault::RecordKind,
};
use protocol::{Bytes, ConversationId, DeviceId, ErrorCode, methods::vault::kind};
use simulation::{
    Puppet, World,
    play::Play,
    story::{command, direct, failed, fresh_device, look_around, pass, say, say_on, story},
};
use testkit::Change;

const SOON: u64 = 10_000;
const MINUTE: u64 = 60_000;

/// When a device dies.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As its nth request leaves: the server never gets it.
    Asking(usize),
    /// As the answer to its nth request is on its way: the server has done it, and the device does not know.
    Answered(usize),
}

/// Something is done that a device has to do with; it dies at that moment, and starts again a little later. False: it had no
/// more to do by then.
async fn dies(
    play: &mut Play,
    device: usize,
    at: Moment,
    act: impl AsyncFnOnce(&mut Play),
) -> bool {
    let lied = play.world.lied;
    let answers = Rc::new(Cell::new(0));
    let seen = Rc::clone(&answers);
    play.world.lie = Some(Box::new(move |to, _, frame| {
        let answer = to == device && frame.id.is_some();
        seen.set(seen.get() + usize::from(answer));
        let over = matches!(at, Moment::Answered(n) if seen.get() >= n);
        (to != device || !over).then_some(frame)
    }));
    play.world.overheard = Some(Vec::new());
    play.world.devices[device].updates.clear();
    act(play).await;
    let until = play.world.now() + SOON;
    let reached = |world: &World| match at {
        Moment::Asking(n) => asked(world, device) >= n,
        Moment::Answered(n) => answers.get() >= n,
    };
    let reached = play.world.run(until, reached).await;
    if reached {
        play.world.crash_device(device);
    }
    (play.world.lie, play.world.overheard) = (None, None);
    play.world.lied = lied; // nothing was said falsely
    pass(&mut play.world, 1_000).await;
    if reached {
        play.world.start_device(device).await;
    }
    pass(&mut play.world, 2 * MINUTE).await;
    reached
}

/// The same where a person asks something of that device.
async fn dies_asked(play: &mut Play, device: usize, at: Moment, asked: Command) -> bool {
    let act = async |play: &mut Play| play.world.command(device, asked).await;
    dies(play, device, at, act).await
}

fn asked(world: &World, device: usize) -> usize {
    let all = world.overheard.iter().flatten();
    all.filter(|(by, _)| *by == device).count()
}

/// Plays it once for each moment, until there is nothing left to be interrupted.
async fn at_every_moment(mut once: impl AsyncFnMut(Moment) -> bool) {
    for moment in [Moment::Asking as fn(usize) -> Moment, Moment::Answered] {
        let mut n = 1;
        while once(moment(n)).await {
            n += 1;
            assert!(n < 50, "it never ends");
        }
        assert!(n > 1, "nothing was interrupted");
    }
}

fn row(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

fn groups(play: &Play, device: usize) -> Vec<ConversationId> {
    let rows = play.world.engine(device).conversations().into_iter();
    let groups = rows.filter(|row| !row.direct && row.ready);
    groups.map(|row| row.conversation).collect()
}

fn found(play: &Play) -> Command {
    Command::CreateGroup {
        title: "Desk".to_owned(),
        members: play.members[1..].iter().map(|m| m.id).collect(),
    }
}

/// The first member makes a group with all others.
async fn group(play: &mut Play) -> ConversationId {
    let device = play.members[0].devices[0];
    let create = found(play);
    command(play, device, create).await;
    groups(play, device)[0]
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

fn words(text: &str) -> Passphrase {
    prepare(text).unwrap()
}

/// A group is there for everybody, with its title, or for nobody; then its founder asks once more.
#[test]
fn founding_a_group() {
    story(at_every_moment(async |at| {
        let mut play = Play::begin(841, 3).await;
        let all = [0, 1, 2].map(|n| play.members[n].devices[0]);
        let create = found(&play);
        let died = dies_asked(&mut play, all[0], at, create).await;
        let there = all.map(|device| groups(&play, device));
        assert!(there[0].len() <= 1 && there.iter().all(|g| *g == there[0]));
        if there[0].is_empty() {
            assert!(died, "{at:?}");
            assert!(play.world.engine(all[0]).conversations().is_empty());
            group(&mut play).await;
        }
        for device in all {
            let id = groups(&play, device)[0];
            assert_eq!(row(&play, device, id).title, "Desk", "{at:?}");
        }
        play.heal_and_check().await;
        died
    }));
}

/// A change of a group is asked for once: it is done whenever the device was interrupted.
fn change(
    seed: u64,
    asked: fn(&Play, ConversationId) -> Command,
    is_so: fn(&ConversationView) -> bool,
) {
    story(at_every_moment(async |at| {
        let mut play = Play::begin(seed, 3).await;
        let id = group(&mut play).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let asked = asked(&play, id);
        let died = dies_asked(&mut play, a, at, asked).await;
        for device in [a, b] {
            let seen = row(&play, device, id);
            assert!(is_so(&seen), "{at:?}: {seen:?}");
            assert!(!seen.group.unwrap().changing && !seen.broken);
        }
        say(&mut play, 0, id, "and on").await;
        play.heal_and_check().await;
        died
    }));
}

#[test]
fn removing_somebody() {
    let remove = |play: &Play, conversation| Command::RemoveMember {
        conversation,
        member: play.members[2].id,
    };
    change(842, remove, |row| row.members.len() == 2);
}

#[test]
fn giving_a_role() {
    let role = |play: &Play, conversation| Command::SetRole {
        conversation,
        member: play.members[2].id,
        role: Role::GroupAdmin,
    };
    let given = |row: &ConversationView| {
        let roles = row.group.iter().flat_map(|group| &group.roles);
        roles.filter(|(_, r)| *r == Role::GroupAdmin).count() == 1
    };
    change(843, role, given);
}

#[test]
fn changing_the_rules() {
    let rules = |_: &Play, conversation| Command::SetRules {
        conversation,
        announcements: true,
        history_all: true,
    };
    let so = |row: &ConversationView| {
        let mut rules = row.group.iter();
        rules.all(|group| group.announcements && group.history_all)
    };
    change(844, rules, so);
}

#[test]
fn renaming_a_group() {
    let title = |_: &Play, conversation| Command::SetTitle {
        conversation,
        title: "News".to_owned(),
    };
    change(845, title, |row| row.title == "News");
}

/// The only owner leaves: they are out, and the group has an admin.
#[test]
fn leaving_as_the_last_owner() {
    story(at_every_moment(async |at| {
        let mut play = Play::begin(846, 3).await;
        let id = group(&mut play).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        let leave = Command::LeaveGroup { conversation: id };
        let died = dies_asked(&mut play, a, at, leave).await;
        let seen = row(&play, a, id);
        assert!(seen.left && seen.gone, "{at:?}: {seen:?}");
        // said also where the answer was lost
        let done = Update::Done(Doing::Leaving);
        assert!(play.world.devices[a].updates.contains(&done), "{at:?}");
        for device in [b, c] {
            let seen = row(&play, device, id);
            assert_eq!(seen.members.len(), 2, "{at:?}");
            let roles = seen.group.unwrap().roles.into_iter();
            assert_eq!(roles.filter(|(_, r)| *r >= Role::GroupAdmin).count(), 1);
        }
        say(&mut play, 1, id, "without the owner").await;
        play.heal_and_check().await;
        died
    }));
}

async fn is_out(play: &Play, device: DeviceId) -> bool {
    let out =
        storage::read::<_, storage::StorageError>(play.world.server.storage(), move |reader| {
            reader.is_signed_out(device)
        });
    out.await.unwrap()
}

/// A device signs another one out, and there is no third: what follows for the keys is done by it alone, whenever it is
/// interrupted.
#[test]
fn signing_a_device_out_by_a_lone_one() {
    story(at_every_moment(async |at| {
        let mut play = Play::begin(847, 2).await;
        let id = direct(&mut play, 0, 1).await;
        group(&mut play).await;
        let a = play.members[0].devices[0];
        let stolen = fresh_device(&mut play, 0).await;
        let device = play.world.engine(stolen).device().unwrap();
        let out = || Command::SignOutDevice { device };
        let died = dies_asked(&mut play, a, at, out()).await;
        if !is_out(&play, device).await {
            assert!(died, "{at:?}");
            assert_eq!(play.world.engine(a).changing_keys(), None);
            command(&mut play, a, out()).await;
            pass(&mut play.world, 2 * MINUTE).await;
        }
        play.sign_out_in_story(0, stolen);
        assert_eq!(play.world.engine(a).changing_keys(), None, "{at:?}");
        let manifest = vault(&play, 0).await;
        assert_eq!(manifest, (2, false), "{at:?}");
        say(&mut play, 0, id, "under new keys").await;
        play.heal_and_check().await;
        died
    }));
}

/// The key number of a member's vault as the server has it, and whether a change of keys is unfinished.
async fn vault(play: &Play, member: usize) -> (u32, bool) {
    let id = play.members[member].id;
    let records = storage::read(play.world.server.storage(), move |reader| {
        let name = |kind: u8| protocol::methods::vault::RecordName {
            kind,
            id: Bytes::new(),
        };
        let wraps = reader.record(id, &name(RecordKind::Wraps as u8))?;
        let change = reader.record(id, &name(RecordKind::KeyChange as u8))?;
        Ok::<_, storage::StorageError>((wraps, change))
    });
    let (wraps, change) = records.await.unwrap();
    let wraps = e2ee::vault::Wraps::decode(&wraps.unwrap().bytes).unwrap();
    (wraps.key_number(), change.is_some())
}

async fn set_approval(play: &mut Play, device: usize, required: bool, new: Passphrase) {
    let old = std::mem::replace(&mut play.members[0].passphrase, new.clone());
    command(play, device, Command::SetApproval { old, new, required }).await;
    pass(&mut play.world, MINUTE).await;
    assert_eq!(play.world.engine(device).approvals().required, required);
}

/// Approval of sign-ins is switched on with a new passphrase: both hold, or neither. The same when it is switched off.
fn switch_approval(seed: u64, on: bool) {
    story(at_every_moment(async |at| {
        let mut play = Play::begin(seed, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        play.members[0].keys_changed = true;
        if !on {
            set_approval(&mut play, a, true, words("tired violin market")).await;
        }
        let old = play.members[0].passphrase.clone();
        let new = words("another violin market");
        let required = on;
        let set = Command::SetApproval {
            old,
            new: new.clone(),
            required,
        };
        let died = dies_asked(&mut play, a, at, set).await;
        let taken = play.world.engine(a).approvals().required == on;
        assert!(taken || died, "{at:?}");
        if taken {
            play.members[0].passphrase = new;
        }
        // the passphrase in force is the one that goes with it
        set_approval(&mut play, a, on, words("a third market")).await;
        let same = play.members[0].passphrase.clone();
        if on {
            set_approval(&mut play, a, false, same).await;
        }
        say(&mut play, 0, id, "as before").await;
        play.heal_and_check().await;
        died
    }));
}

#[test]
fn switching_approval_on() {
    switch_approval(848, true);
}

#[test]
fn switching_approval_off() {
    switch_approval(849, false);
}

/// A link is missing in a group, and the device that says it anew is interrupted: it is said all the same, and a device that
/// has nothing but that link reads what was said before.
#[test]
fn saying_a_missing_link_anew() {
    story(at_every_moment(async |at| {
        let mut play = Play::begin(850, 2).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        look_around(&mut play, a).await;
        let with: Vec<_> = play.members.iter().map(|m| m.id).collect();
        let members = vec![with[1], eve.member.member];
        let title = "Desk".to_owned();
        command(&mut play, a, Command::CreateGroup { title, members }).await;
        let id = groups(&play, a)[0];
        let now = play.world.now();
        eve.join(id, &with, now).await;
        let seen = eve.entries(id, 1).await.last().unwrap().seq;
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, seen + 1).await;
        let update = Change {
            update: true,
            ..Change::default()
        };
        let mut commit = eve.member.change(id, update, now);
        commit.link = None;
        let act = async |play: &mut Play| {
            eve.ask(&commit).await.unwrap();
            play.world.listen().await;
        };
        let died = dies(&mut play, a, at, act).await;
        for device in [a, b] {
            let page = play.world.engine(device).timeline(id, None, 1_000);
            let items = page.unwrap().items.into_iter();
            let said = items.filter(|item| item.body == ItemBody::Relinked).count();
            assert_eq!(said, 1, "{at:?}");
        }
        play.world.crash_device(b);
        let fresh = play.world.devices.len();
        let lost: &[u8] = &[kind::MLS_STATE, kind::SEGMENT_HEAD];
        play.world.losing.insert(fresh, lost);
        assert_eq!(fresh_device(&mut play, 1).await, fresh);
        pass(&mut play.world, 2 * MINUTE).await;
        assert_eq!(texts(&play, fresh, id), ["before"], "{at:?}");
        died
    }));
}

/// Somebody begins anew by a reset link: the link still serves, or the account has the passphrase that was chosen.
#[test]
fn beginning_anew_by_a_reset_link() {
    story(at_every_moment(async |at| {
        let mut play = Play::begin(851, 2).await;
        direct(&mut play, 0, 1).await;
        let (a, member) = (play.members[0].devices[0], play.members[1].id);
        command(&mut play, a, Command::ResetMember { member }).await;
        let told = play.world.devices[a].updates.iter();
        let mut links = told.filter_map(|update| match update {
            Update::ResetLink { link, .. } => Some(link.clone()),
            _ => None,
        });
        let link = links.next().unwrap();
        let new = words("tired violin market");
        let anew = || Command::BeginAnew {
            link: link.clone(),
            passphrase: new.clone(),
            device_name: "begun anew".to_owned(),
        };
        let device = play.world.add_device(1).await;
        pass(&mut play.world, 1_000).await;
        let died = dies_asked(&mut play, device, at, anew()).await;
        let is_in = |play: &Play| play.world.engine(device).me().is_some();
        if !is_in(&play) {
            assert!(died, "{at:?}");
            command(&mut play, device, anew()).await;
            pass(&mut play.world, MINUTE).await;
        }
        if !is_in(&play) {
            let refused = failed(&play, device, Doing::BeginningAnew);
            assert_eq!(refused, Some(ErrorCode::ResetInvalid), "{at:?}");
            let sign_in = Command::SignIn {
                login_name: play.members[1].name.clone(),
                passphrase: new.clone(),
                device_name: "begun anew".to_owned(),
            };
            command(&mut play, device, sign_in).await;
            pass(&mut play.world, MINUTE).await;
        }
        assert!(is_in(&play), "{at:?}");
        let me = play.world.engine(device).me().unwrap();
        assert_eq!(me.member, member);
        died
    }));
}

fn sign_in(play: &Play) -> Command {
    Command::SignIn {
        login_name: play.members[0].name.clone(),
        passphrase: play.members[0].passphrase.clone(),
        device_name: "a fresh device".to_owned(),
    }
}

/// The person compares what both devices show of the newest sign-in that waits, and lets it in where that is the same.
async fn let_in(play: &mut Play, by: usize, new: usize) {
    let waiting = play.world.engine(by).approvals().waiting;
    let Some(device) = waiting.iter().max_by_key(|w| w.asked).map(|w| w.device) else {
        return;
    };
    command(play, by, Command::ClaimApproval { device }).await;
    let waiting = play.world.engine(by).approvals().waiting;
    let step = waiting
        .into_iter()
        .find(|w| w.device == device)
        .map(|w| w.step);
    let there = play.world.engine(new).sign_in_approval();
    let code = there.and_then(|there| there.code);
    if code.is_some_and(|code| step == Some(ApprovalStep::Code(code))) {
        command(play, by, Command::GrantApproval { device }).await;
    }
}

/// A sign-in waits for approval, and its device dies: it is in, or nothing of it is kept, and it signs in anew.
#[test]
fn waiting_for_approval() {
    for n in 1.. {
        let died = Rc::new(Cell::new(false));
        let told = Rc::clone(&died);
        story(async move {
            let mut play = Play::begin(852, 2).await;
            let id = direct(&mut play, 0, 1).await;
            say(&mut play, 0, id, "before").await;
            let a = play.members[0].devices[0];
            play.members[0].keys_changed = true;
            set_approval(&mut play, a, true, words("tired violin market")).await;
            let b = play.world.add_device(0).await;
            pass(&mut play.world, 1_000).await;
            // from the moment on nothing reaches it any more, until it is started again
            let at = Moment::Answered(n);
            let act = async |play: &mut Play| {
                let sign_in = sign_in(play);
                play.world.command(b, sign_in).await;
                pass(&mut play.world, SOON / 2).await;
                let_in(play, a, b).await;
            };
            told.set(dies(&mut play, b, at, act).await);
            if play.world.engine(b).me().is_none() {
                assert!(told.get() && play.world.engine(b).sign_in_approval().is_none());
                let again = sign_in(&play);
                command(&mut play, b, again).await;
                let_in(&mut play, a, b).await;
                pass(&mut play.world, MINUTE).await;
            }
            assert!(play.world.engine(b).me().is_some(), "answer {n}");
            play.members[0].devices.push(b);
            assert_eq!(texts(&play, b, id), ["before"], "answer {n}");
            say_on(&mut play, 0, b, id, "from the new one").await;
            pass(&mut play.world, MINUTE).await;
            let same = play.members[0].passphrase.clone();
            set_approval(&mut play, a, false, same).await;
            play.heal_and_check().await;
        });
        if !died.get() {
            assert!(n > 1, "nothing was interrupted");
            break;
        }
        assert!(n < 50, "it never ends");
    }
}
