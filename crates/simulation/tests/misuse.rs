//! What people ask twice, too late or at the same moment as somebody else; what there is no room for; what their role does not
//! allow. Each story says what the client does, and what the person is told.
#![allow(clippy::unwrap_used)]

use std::{cell::Cell, rc::Rc};

use client::{
    Command, Doing, Failure, Update,
    view::{ConversationView, GroupView, ItemBody, Role},
};
use protocol::{
    ConversationId, ErrorCode, MemberId, Method, ServerFrame, WireError,
    methods::{
        account::OrganisationRole,
        conversations::{CommitConversation, RestartConversation, kind},
    },
};
use simulation::{
    Puppet,
    play::Play,
    story::{command, direct, fresh_device, look_around, pass, say, story},
};

const SOON: u64 = 10_000;

/// The first member makes a group with these others.
async fn group(play: &mut Play, others: &[usize]) -> ConversationId {
    let device = play.members[0].devices[0];
    let members = others.iter().map(|n| play.members[*n].id).collect();
    let title = String::new();
    command(play, device, Command::CreateGroup { title, members }).await;
    let rows = play.world.engine(device).conversations();
    rows.iter().find(|row| !row.direct).unwrap().conversation
}

fn row(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

fn rules(play: &Play, device: usize, id: ConversationId) -> GroupView {
    row(play, device, id).group.unwrap()
}

fn add(play: &Play, conversation: ConversationId, who: &[usize]) -> Command {
    let members = who.iter().map(|n| play.members[*n].id).collect();
    Command::AddMembers {
        conversation,
        members,
    }
}

/// What a device was told that did not work.
fn failures(play: &Play, device: usize, doing: Doing) -> Vec<Failure> {
    let updates = play.world.devices[device].updates.iter();
    let of = |update: &Update| match update {
        Update::Failed { doing: d, failure } if *d == doing => Some(failure.clone()),
        _ => None,
    };
    updates.filter_map(of).collect()
}

fn is_done(play: &Play, device: usize, doing: Doing) -> bool {
    let updates = &play.world.devices[device].updates;
    updates.contains(&Update::Done(doing))
}

async fn commits(play: &Play, id: ConversationId) -> usize {
    let log = play.world.log(id).await;
    log.iter().filter(|e| e.kind == kind::COMMIT).count()
}

async fn set_role(play: &mut Play, id: ConversationId, member: usize, role: Role) {
    let device = play.members[0].devices[0];
    let role = Command::SetRole {
        conversation: id,
        member: play.members[member].id,
        role,
    };
    command(play, device, role).await;
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

/// Adding those who are there changes nothing, and is said; whoever is not there yet is added all the same, once.
#[test]
fn who_is_in_the_group_already_is_not_added_again() {
    story(async {
        let mut play = Play::begin(801, 4).await;
        let id = group(&mut play, &[1]).await;
        let a = play.members[0].devices[0];
        let before = commits(&play, id).await;
        for who in [&[1][..], &[0], &[0, 1]] {
            let again = add(&play, id, who);
            command(&mut play, a, again).await;
            assert_eq!(
                failures(&play, a, Doing::AddingMembers),
                [Failure::AlreadyMember]
            );
            assert!(!is_done(&play, a, Doing::AddingMembers));
        }
        let nobody = add(&play, id, &[]);
        command(&mut play, a, nobody).await;
        assert_eq!(
            failures(&play, a, Doing::AddingMembers),
            [Failure::NoPerson]
        );
        assert_eq!(commits(&play, id).await, before);
        // somebody twice, and somebody who is there
        let some = add(&play, id, &[1, 2, 2]);
        command(&mut play, a, some).await;
        assert_eq!(failures(&play, a, Doing::AddingMembers), []);
        assert_eq!(row(&play, a, id).members.len(), 3);
        // twice in a row
        play.world.devices[a].updates.clear();
        for _ in 0..2 {
            let dora = add(&play, id, &[3]);
            play.world.command(a, dora).await;
        }
        pass(&mut play.world, SOON).await;
        assert_eq!(failures(&play, a, Doing::AddingMembers), []);
        assert!(is_done(&play, a, Doing::AddingMembers));
        assert_eq!(row(&play, a, id).members.len(), 4);
        assert_eq!(commits(&play, id).await, before + 2);
        play.heal_and_check().await;
    });
}

/// Two admins add the same person at once: they are in once, and both admins have what they asked for.
#[test]
fn two_admins_who_add_the_same_person_add_them_once() {
    story(async {
        let mut play = Play::begin(802, 3).await;
        let id = group(&mut play, &[1]).await;
        set_role(&mut play, id, 1, Role::GroupAdmin).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        for device in [a, b] {
            play.world.devices[device].updates.clear();
            let carl = add(&play, id, &[2]);
            play.world.command(device, carl).await;
        }
        pass(&mut play.world, 6 * SOON).await;
        for device in [a, b] {
            assert_eq!(failures(&play, device, Doing::AddingMembers), []);
            assert!(is_done(&play, device, Doing::AddingMembers));
            assert_eq!(row(&play, device, id).members.len(), 3);
            assert!(!rules(&play, device, id).changing);
        }
        let log = play.world.log(id).await;
        let page = play.world.engine(a).timeline(id, None, 1_000).unwrap();
        let came = |body: &ItemBody| matches!(body, ItemBody::Members { added, .. } if added.contains(&"Member 2".to_owned()));
        let came = page.items.iter().filter(|item| came(&item.body)).count();
        assert_eq!(came, 1, "{} entries", log.len());
        assert!(row(&play, c, id).ready);
        play.heal_and_check().await;
    });
}

/// Two admins remove each other at once: the one whose change came first stays, the other is out. Nobody waits for anything
/// then, and the log is one.
#[test]
fn of_two_admins_who_remove_each_other_one_is_out() {
    for seed in [803, 804] {
        story(async move {
            let mut play = Play::begin(seed, 3).await;
            let id = group(&mut play, &[1, 2]).await;
            for member in [1, 2] {
                set_role(&mut play, id, member, Role::GroupAdmin).await;
            }
            let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
            let (bob, carl) = (play.members[1].id, play.members[2].id);
            for (device, member) in [(b, carl), (c, bob)] {
                play.world.devices[device].updates.clear();
                let remove = Command::RemoveMember {
                    conversation: id,
                    member,
                };
                play.world.command(device, remove).await;
            }
            pass(&mut play.world, 6 * SOON).await;
            let gone = |device| row(&play, device, id).gone;
            assert!(gone(b) != gone(c), "{} {}", gone(b), gone(c));
            let (stays, out) = if gone(c) { (b, c) } else { (c, b) };
            assert!(is_done(&play, stays, Doing::RemovingMember));
            // and who is out is told that nothing came of it
            let told = failures(&play, out, Doing::RemovingMember);
            let fits = |f: &Failure| *f == Failure::NoConversation || f.is(ErrorCode::NotAMember);
            assert!(told.len() == 1 && fits(&told[0]), "{told:?}");
            for device in [a, stays] {
                let seen = row(&play, device, id);
                assert_eq!((seen.members.len(), seen.broken), (2, false));
            }
            for device in [a, b, c] {
                assert!(play.world.engine(device).is_idle());
            }
            play.heal_and_check().await;
        });
    }
}

/// An account is closed after its owner was found, and before they are added: the adder is told that the person is not there
/// any more, and the others are added. The same where it happens in the middle of adding.
#[test]
fn who_has_closed_their_account_is_not_added_and_the_others_are() {
    story(async {
        let mut play = Play::begin(805, 6).await;
        let id = group(&mut play, &[1]).await;
        set_role(&mut play, id, 1, Role::GroupAdmin).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        look_around(&mut play, b).await;
        let close = |play: &Play, n: usize| Command::CloseAccountOf {
            member: play.members[n].id,
        };
        let closing = close(&play, 2);
        command(&mut play, a, closing).await;
        let both = add(&play, id, &[2, 3]);
        command(&mut play, b, both).await;
        assert_eq!(
            failures(&play, b, Doing::AddingMembers),
            [Failure::NoPerson]
        );
        let dora = play.members[3].id;
        let there = row(&play, b, id).members.into_iter().map(|m| m.member);
        assert_eq!(there.filter(|m| *m == dora).count(), 1);
        assert!(!rules(&play, b, id).changing);

        // the key package is claimed, and the commit is still on its way
        let claimed = Rc::new(Cell::new(false));
        let seen = Rc::clone(&claimed);
        play.world.lie = Some(Box::new(move |to, name, frame| {
            seen.set(seen.get() || (to == b && name == "key_packages.claim"));
            Some(frame)
        }));
        play.world.devices[b].updates.clear();
        let last = add(&play, id, &[4, 5]);
        play.world.command(b, last).await;
        let until = play.world.now() + SOON;
        assert!(play.world.run(until, |_| claimed.get()).await);
        play.world.lie = None;
        play.world.stall(b, SOON / 2);
        let closing = close(&play, 4);
        play.world.command(a, closing).await;
        pass(&mut play.world, 12 * SOON).await;
        play.world.server.sweep().await;
        pass(&mut play.world, 3 * SOON).await;
        let told = failures(&play, b, Doing::AddingMembers);
        assert_eq!(told, [Failure::NoPerson], "{told:?}");
        for device in [a, b] {
            assert_eq!(row(&play, device, id).members.len(), 4);
            assert!(!rules(&play, device, id).changing);
        }
        say(&mut play, 0, id, "we four").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, b, id), ["we four"]);
    });
}

/// Somebody suspended is added like anybody: they read what is said from then on, once they are readmitted.
#[test]
fn who_is_suspended_is_added_and_reads_it_all_afterwards() {
    story(async {
        let mut play = Play::begin(806, 3).await;
        let id = group(&mut play, &[1]).await;
        let [a, c] = [0, 2].map(|n| play.members[n].devices[0]);
        let member = play.members[2].id;
        let suspend = |suspended| Command::Suspend { member, suspended };
        command(&mut play, a, suspend(true)).await;
        pass(&mut play.world, 70_000).await;
        let carl = add(&play, id, &[2]);
        command(&mut play, a, carl).await;
        assert_eq!(failures(&play, a, Doing::AddingMembers), []);
        assert!(is_done(&play, a, Doing::AddingMembers));
        say(&mut play, 0, id, "while you are away").await;
        pass(&mut play.world, SOON).await;
        assert!(play.world.engine(c).conversation(id).is_none());
        command(&mut play, a, suspend(false)).await;
        pass(&mut play.world, 140_000).await;
        assert_eq!(texts(&play, c, id), ["while you are away"]);
        play.heal_and_check().await;
    });
}

/// Somebody whom the organisation has as a guest is added like anybody: what guests may not is the server's matter, and so far
/// nothing makes one.
#[test]
fn a_guest_is_added_like_anybody() {
    story(async {
        let mut play = Play::begin(812, 3).await;
        let member = play.members[2].id;
        let guest =
            storage::write::<_, storage::StorageError>(play.world.server.storage(), move |unit| {
                unit.set_role(member, OrganisationRole::Guest)
            });
        guest.await.unwrap();
        let id = group(&mut play, &[1]).await;
        let [a, c] = [0, 2].map(|n| play.members[n].devices[0]);
        let carl = add(&play, id, &[2]);
        command(&mut play, a, carl).await;
        assert!(is_done(&play, a, Doing::AddingMembers));
        say(&mut play, 2, id, "as a guest").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, c, id), ["as a guest"]);
        play.heal_and_check().await;
    });
}

/// The server takes no more than so many members: those who fit are in, the adder is told that there is no room for the
/// others, and nothing waits for them.
#[test]
fn a_group_takes_as_many_as_fit_and_says_that_it_is_full() {
    story(async {
        let mut play = Play::begin(807, 6).await;
        play.world.crash_server().await;
        play.world.server.members_max = 4;
        play.world.server.start().await;
        pass(&mut play.world, 60_000).await;
        let id = group(&mut play, &[1]).await;
        let a = play.members[0].devices[0];
        let many = add(&play, id, &[2, 3, 4, 5]);
        command(&mut play, a, many).await;
        pass(&mut play.world, 6 * SOON).await;
        assert_eq!(row(&play, a, id).members.len(), 4);
        let told = failures(&play, a, Doing::AddingMembers);
        assert!(!told.is_empty() && told.iter().all(|f| f.is(ErrorCode::ConversationFull)));
        assert!(!is_done(&play, a, Doing::AddingMembers));
        assert!(!rules(&play, a, id).changing && play.world.engine(a).is_idle());
        // one more is told at once, and what else is asked goes on
        let there: Vec<MemberId> = row(&play, a, id).members.iter().map(|m| m.member).collect();
        let left = (0..6).find(|n| !there.contains(&play.members[*n].id));
        let one = add(&play, id, &[left.unwrap()]);
        command(&mut play, a, one).await;
        let told = failures(&play, a, Doing::AddingMembers);
        assert!(matches!(&told[..], [full] if full.is(ErrorCode::ConversationFull)));
        set_role(&mut play, id, 1, Role::GroupAdmin).await;
        assert!(is_done(&play, a, Doing::SettingRole));
        // a group that would be too large from the beginning is none
        let before = play.world.engine(a).conversations().len();
        let members = play.members[1..].iter().map(|m| m.id).collect();
        let title = String::new();
        command(&mut play, a, Command::CreateGroup { title, members }).await;
        let told = failures(&play, a, Doing::CreatingGroup);
        assert!(matches!(&told[..], [full] if full.is(ErrorCode::ConversationFull)));
        assert_eq!(play.world.engine(a).conversations().len(), before);
        play.heal_and_check().await;
    });
}

/// A group of more than one commit takes is founded: its progress is shown, and a crash between two of the commits loses
/// nobody.
#[test]
fn a_group_of_very_many_is_founded_over_a_crash() {
    story(async {
        let mut play = Play::begin(808, 2).await;
        let mut members = vec![play.members[1].id];
        for n in 0..103 {
            let puppet = Puppet::register(&mut play, &format!("guest{n}")).await;
            members.push(puppet.member.member);
        }
        let a = play.members[0].devices[0];
        let title = "All".to_owned();
        let create = Command::CreateGroup { title, members };
        play.world.command(a, create).await;
        let adding = |world: &simulation::World| {
            let rows = world.engine(a).conversations();
            rows.first()?.group.as_ref()?.adding
        };
        for shown in [(50, 104), (100, 104)] {
            let until = play.world.now() + 60 * SOON;
            let reached = |w: &simulation::World| adding(w) == Some(shown);
            assert!(
                play.world.run(until, reached).await,
                "{:?}",
                adding(&play.world)
            );
            play.world.crash_device(a);
            pass(&mut play.world, 1_000).await;
            play.world.start_device(a).await;
        }
        pass(&mut play.world, 60 * SOON).await;
        let id = play.world.engine(a).conversations()[0].conversation;
        for n in [0, 1] {
            let seen = row(&play, play.members[n].devices[0], id);
            assert_eq!((seen.members.len(), &*seen.title), (105, "All"));
        }
        assert_eq!(
            (rules(&play, a, id).adding, adding(&play.world)),
            (None, None)
        );
        assert_eq!(commits(&play, id).await, 3);
    });
}

/// What a device wants to keep in the vault is refused as too large, again and again: the person is told, nothing else waits
/// for it, and it is written as soon as the server takes it.
#[test]
fn a_vault_record_that_is_too_large_holds_nothing_else_up() {
    story(async {
        let mut play = Play::begin(809, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let other = group(&mut play, &[1]).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let refused = || ServerFrame {
            id: None,
            ok: None,
            err: Some(WireError::from(ErrorCode::TooLarge)),
            event: None,
            data: None,
        };
        play.world.devices[a].updates.clear();
        let text = "not finished yet".to_owned();
        let draft = Command::SaveDraft {
            conversation: id,
            text: text.clone(),
        };
        play.world.command(a, draft).await;
        for n in 0..3 {
            play.world.swallow = Some((a, "vault.write".to_owned(), refused()));
            let until = play.world.now() + 3 * 60_000;
            let asked = |w: &simulation::World| w.swallow.is_none();
            assert!(play.world.run(until, asked).await, "round {n}");
            pass(&mut play.world, 1_000).await;
            let told = failures(&play, a, Doing::Background);
            assert!(told.last().unwrap().is(ErrorCode::TooLarge), "{told:?}");
            assert_eq!(told.len(), n + 1);
            // messages and new conversations go on meanwhile
            say(&mut play, 0, other, &format!("round {n}")).await;
            if n == 1 {
                let members = vec![play.members[1].id];
                let title = "Another".to_owned();
                let create = Command::CreateGroup { title, members };
                play.world.command(a, create).await;
            }
            pass(&mut play.world, 2_000).await;
            assert_eq!(texts(&play, b, other).len(), n + 1);
        }
        pass(&mut play.world, 2 * 60_000).await;
        assert!(play.world.engine(a).is_idle());
        let fresh = fresh_device(&mut play, 0).await;
        assert_eq!(row(&play, fresh, id).draft, text);
        play.heal_and_check().await;
    });
}

/// The same where what is refused is the state of a conversation that was joined just now: it can be read at once on the
/// device that has it, and everywhere once it is kept.
#[test]
fn a_state_that_the_vault_does_not_take_is_kept_later() {
    story(async {
        let mut play = Play::begin(810, 3).await;
        let other = direct(&mut play, 1, 2).await;
        let b = play.members[1].devices[0];
        look_around(&mut play, b).await;
        pass(&mut play.world, SOON).await;
        play.world.devices[b].updates.clear();
        let refused = ServerFrame {
            id: None,
            ok: None,
            err: Some(WireError::from(ErrorCode::TooLarge)),
            event: None,
            data: None,
        };
        play.world.swallow = Some((b, "vault.write".to_owned(), refused));
        let id = group(&mut play, &[1]).await;
        assert!(play.world.swallow.is_none());
        let told = failures(&play, b, Doing::Background);
        assert!(told.iter().all(|f| f.is(ErrorCode::TooLarge)) && told.len() == 1);
        say(&mut play, 1, other, "elsewhere").await;
        say(&mut play, 0, id, "here").await;
        pass(&mut play.world, 2 * 60_000).await;
        assert_eq!(texts(&play, b, id), ["here"]);
        assert!(play.world.engine(b).is_idle());
        play.heal_and_check().await;
    });
}

/// A plain member adds somebody, changes the timer, or wants the group founded anew: told at once, and nothing is sent. An app
/// that sends it all the same: `crates/e2ee/src/mls/tests/rights.rs`, `simulation::attacks`, `conversations::restart`.
#[test]
fn who_is_no_admin_adds_nobody_and_changes_no_timer() {
    story(async {
        let mut play = Play::begin(811, 3).await;
        let id = group(&mut play, &[1]).await;
        let b = play.members[1].devices[0];
        let conversation = id;
        let seconds = 86_400;
        let not_allowed = [
            add(&play, id, &[2]),
            add(&play, id, &[0]),
            Command::SetTimer {
                conversation,
                seconds,
            },
        ];
        play.world.overheard = Some(Vec::new());
        for asked in not_allowed {
            let doing = asked.doing();
            command(&mut play, b, asked).await;
            assert_eq!(failures(&play, b, doing), [Failure::NotAllowed]);
        }
        let start = true;
        let decide = Command::DecideRestart {
            conversation,
            start,
        };
        command(&mut play, b, decide).await;
        let told = failures(&play, b, Doing::Restarting);
        assert_eq!(told.len(), 1, "{told:?}");
        let names = [CommitConversation::NAME, RestartConversation::NAME];
        let sent = play.world.overheard.take().unwrap();
        assert!(
            !sent
                .iter()
                .any(|(by, request)| *by == b && names.contains(&&*request.method))
        );
        assert_eq!(row(&play, b, id).members.len(), 2);
        play.heal_and_check().await;
    });
}
