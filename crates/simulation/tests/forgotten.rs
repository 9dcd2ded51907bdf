//! Stories of forgotten passphrases, where a device is still signed in: who may approve, what comes of it on all devices and
//! for contacts, and what a thief, a race or a crash does to it.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Doing, Failure, Update,
    view::{ForgottenView, IdentityChange, ItemBody, PersonView},
};
use e2ee::passphrase::{Passphrase, prepare};
use protocol::{ConversationId, ErrorCode, MemberId, Request};
use simulation::{
    play::Play,
    story::{command, direct, failed, fresh_device, lie_about_person, pass, say, say_on, story},
};

const HOUR: u64 = 3_600_000;
const SOME_TIME: u64 = 60_000;

fn new_one() -> Passphrase {
    prepare("tired violin market").unwrap()
}

fn request(play: &Play, device: usize) -> Option<ForgottenView> {
    play.world.engine(device).forgotten()
}

async fn replace(play: &mut Play, device: usize) -> Option<ErrorCode> {
    let new = new_one();
    command(play, device, Command::ReplaceForgotten { new }).await;
    pass(&mut play.world, SOME_TIME).await;
    failed(play, device, Doing::ChangingPassphrase)
}

/// What a contact's device shows of somebody.
fn seen(play: &Play, device: usize, member: MemberId) -> PersonView {
    play.world.engine(device).person(member).unwrap()
}

async fn accept(play: &mut Play, device: usize, member: MemberId) {
    let number = play.world.engine(device).safety_number(member);
    command(play, device, Command::AcceptIdentity { member, number }).await;
    pass(&mut play.world, SOME_TIME).await;
}

/// From here on member 0 has the new passphrase, contacts have accepted, and all must be well: everything said is readable
/// on every device, those that sign in afresh among them.
async fn is_well(play: &mut Play) {
    play.members[0].passphrase = new_one();
    play.members[0].keys_changed = true;
    play.world.lied = true; // a changed identity alarms contacts, as it must
    let id = play.members[0].id;
    for member in 1..play.members.len() {
        for device in play.members[member].devices.clone() {
            if seen(play, device, id).identity_changed {
                accept(play, device, id).await;
            }
        }
    }
    play.heal_and_check().await;
}

fn said_root(play: &Play, device: usize) -> Vec<u8> {
    let me = play.world.engine(device);
    let contact = play.members[1].id;
    me.safety_code(contact).unwrap()
}

#[test]
fn another_device_approves_and_everything_goes_on_under_a_new_identity() {
    story(async {
        let mut play = Play::begin(500, 2).await;
        let id = direct(&mut play, 0, 1).await;
        say(&mut play, 0, id, "before").await;
        say(&mut play, 1, id, "and an answer").await;
        let (a, c) = (play.members[0].devices[0], play.members[1].devices[0]);
        let b = fresh_device(&mut play, 0).await;
        let member = play.members[0].id;
        let before = said_root(&play, a);
        let verified = Command::SetVerified {
            member,
            verified: true,
        };
        command(&mut play, c, verified).await;

        assert_eq!(replace(&mut play, a).await, Some(ErrorCode::ApprovalNeeded));
        command(&mut play, a, Command::AskForgotten).await;
        let asked = request(&play, a).unwrap();
        assert!(asked.mine && !asked.ready && !asked.approved, "{asked:?}");
        let there = request(&play, b).unwrap();
        assert!(!there.mine && there.name == "first device", "{there:?}");
        assert_eq!(replace(&mut play, a).await, Some(ErrorCode::ApprovalNeeded));
        command(&mut play, b, Command::ApproveForgotten { member: None }).await;
        assert!(request(&play, a).is_some_and(|r| r.ready && r.approved));

        assert_eq!(replace(&mut play, a).await, None);
        assert!(
            play.world.devices[a]
                .updates
                .contains(&Update::Done(Doing::ChangingPassphrase))
        );
        assert_eq!((request(&play, a), request(&play, b)), (None, None));
        assert_ne!(said_root(&play, a), before, "another root");
        assert_eq!(
            said_root(&play, a),
            said_root(&play, b),
            "the other device follows"
        );
        assert!(play.world.engine(b).passphrase_changed().is_some());
        assert_eq!(play.world.engine(a).changing_keys(), None);

        // the contact: blocked, and told by whom it is confirmed
        let them = seen(&play, c, member);
        assert_eq!(them.change, Some(IdentityChange::Confirmed));
        assert!(them.identity_changed && !them.verified);
        let text = "not before it is accepted".to_owned();
        let blocked = Command::SendText {
            conversation: id,
            text,
        };
        command(&mut play, c, blocked).await;
        let refused = |update: &Update| matches!(update, Update::Failed { failure: Failure::IdentityChanged(m), .. } if *m == member);
        assert!(play.world.devices[c].updates.iter().any(refused));
        accept(&mut play, c, member).await;
        let them = seen(&play, c, member);
        assert!(!them.identity_changed && !them.verified && them.change.is_none());
        for device in [a, b] {
            say_on(&mut play, 0, device, id, &format!("on device {device}")).await;
        }
        is_well(&mut play).await;
    });
}

#[test]
fn an_admin_approves_by_name() {
    story(async {
        let mut play = Play::begin(501, 2).await;
        // member 0 is the admin here, and member 1 has forgotten
        direct(&mut play, 0, 1).await;
        let (admin, a) = (play.members[0].devices[0], play.members[1].devices[0]);
        let member = play.members[1].id;
        play.world.devices[admin].updates.clear();
        command(&mut play, a, Command::AskForgotten).await;
        let told = play.world.engine(admin).forgotten_others();
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].member, &*told[0].display_name),
            (member, "Member 1")
        );
        let by_admin = Command::ApproveForgotten {
            member: Some(member),
        };
        command(&mut play, admin, by_admin).await;
        assert!(request(&play, a).is_some_and(|r| r.ready));
        assert!(play.world.engine(admin).forgotten_others().is_empty());
        assert_eq!(replace(&mut play, a).await, None);
        let them = seen(&play, admin, member);
        assert_eq!(them.change, Some(IdentityChange::Confirmed));
    });
}

#[test]
fn after_a_day_it_goes_on_unless_somebody_takes_it_back() {
    story(async {
        let mut play = Play::begin(502, 2).await;
        let id = direct(&mut play, 0, 1).await;
        say(&mut play, 0, id, "before").await;
        let a = play.members[0].devices[0];
        let b = fresh_device(&mut play, 0).await;
        command(&mut play, a, Command::AskForgotten).await;
        command(&mut play, b, Command::CancelForgotten).await;
        assert_eq!((request(&play, a), request(&play, b)), (None, None));
        pass(&mut play.world, 25 * HOUR).await;
        assert_eq!(replace(&mut play, a).await, Some(ErrorCode::ApprovalNeeded));

        command(&mut play, a, Command::AskForgotten).await;
        pass(&mut play.world, 23 * HOUR).await;
        assert!(request(&play, a).is_some_and(|r| !r.ready));
        assert_eq!(replace(&mut play, a).await, Some(ErrorCode::ApprovalNeeded));
        play.world.devices[a].updates.clear();
        pass(&mut play.world, 2 * HOUR).await;
        assert!(request(&play, a).is_some_and(|r| r.ready && !r.approved));
        let told = play.world.devices[a].updates.iter();
        assert!(
            told.filter(|u| matches!(u, Update::Forgotten(Some(_))))
                .count()
                > 0,
            "without anybody asking"
        );
        assert_eq!(replace(&mut play, a).await, None);
        is_well(&mut play).await;
    });
}

#[test]
fn who_may_not_approves_nothing() {
    story(async {
        let mut play = Play::begin(503, 3).await;
        let a = play.members[1].devices[0];
        let gone = fresh_device(&mut play, 1).await;
        let stays = fresh_device(&mut play, 1).await;
        let stranger = play.members[2].devices[0];
        command(&mut play, a, Command::AskForgotten).await;
        // the asking device itself, one that came later, and somebody who is no admin
        command(&mut play, a, Command::ApproveForgotten { member: None }).await;
        assert_eq!(
            failed(&play, a, Doing::ApprovingForgotten),
            Some(ErrorCode::Forbidden)
        );
        let late = fresh_device(&mut play, 1).await;
        command(&mut play, late, Command::ApproveForgotten { member: None }).await;
        assert_eq!(
            failed(&play, late, Doing::ApprovingForgotten),
            Some(ErrorCode::Forbidden)
        );
        assert!(play.world.engine(stranger).forgotten_others().is_empty());
        // another device asks as well
        command(&mut play, stays, Command::AskForgotten).await;
        assert_eq!(
            failed(&play, stays, Doing::AskingForgotten),
            Some(ErrorCode::RequestPending)
        );
        // one that was signed out just now
        let out = play.world.engine(gone).device().unwrap();
        play.sign_out_in_story(1, gone);
        command(&mut play, stays, Command::SignOutDevice { device: out }).await;
        command(&mut play, gone, Command::ApproveForgotten { member: None }).await;
        assert!(!request(&play, a).unwrap().approved);
        // and the request of a device that is signed out is gone
        let asking = play.world.engine(a).device().unwrap();
        command(&mut play, stays, Command::SignOutDevice { device: asking }).await;
        assert_eq!(request(&play, stays), None);
    });
}

#[test]
fn an_approval_that_is_said_again_approves_nothing_new() {
    story(async {
        let mut play = Play::begin(504, 1).await;
        let a = play.members[0].devices[0];
        let b = fresh_device(&mut play, 0).await;
        command(&mut play, a, Command::AskForgotten).await;
        command(&mut play, b, Command::ApproveForgotten { member: None }).await;
        command(&mut play, a, Command::CancelForgotten).await;
        // asked again, by the other device: the person has approved something else
        command(&mut play, b, Command::AskForgotten).await;
        let asked = request(&play, b).unwrap();
        assert!(asked.mine && !asked.approved, "{asked:?}");
        assert_eq!(replace(&mut play, a).await, Some(ErrorCode::ApprovalNeeded));
        assert_eq!(replace(&mut play, b).await, Some(ErrorCode::ApprovalNeeded));
    });
}

#[test]
fn a_changed_passphrase_ends_the_request() {
    story(async {
        let mut play = Play::begin(505, 1).await;
        let a = play.members[0].devices[0];
        let b = fresh_device(&mut play, 0).await;
        command(&mut play, a, Command::AskForgotten).await;
        let change = Command::ChangePassphrase {
            old: play.members[0].passphrase.clone(),
            new: new_one(),
            may_be_known: false,
        };
        command(&mut play, b, change).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!((request(&play, a), request(&play, b)), (None, None));
    });
}

#[test]
fn two_devices_that_set_one_at_once_do_not_both() {
    story(async {
        let mut play = Play::begin(506, 2).await;
        let id = direct(&mut play, 0, 1).await;
        say(&mut play, 0, id, "before").await;
        let a = play.members[0].devices[0];
        let b = fresh_device(&mut play, 0).await;
        command(&mut play, a, Command::AskForgotten).await;
        command(&mut play, b, Command::ApproveForgotten { member: None }).await;
        let change = Command::ReplaceForgotten { new: new_one() };
        play.world.command(a, change).await;
        let other = Command::ReplaceForgotten {
            new: prepare("another one").unwrap(),
        };
        play.world.command(b, other).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(
            failed(&play, b, Doing::ChangingPassphrase),
            Some(ErrorCode::ApprovalNeeded)
        );
        is_well(&mut play).await;
    });
}

#[test]
fn a_device_that_was_away_follows_over_several_changes() {
    story(async {
        let mut play = Play::begin(507, 2).await;
        let id = direct(&mut play, 0, 1).await;
        say(&mut play, 0, id, "before").await;
        let a = play.members[0].devices[0];
        let away = fresh_device(&mut play, 0).await;
        let c = play.members[1].devices[0];
        play.world.crash_device(away);
        play.world.crash_device(c);
        let mut old = play.members[0].passphrase.clone();
        // a new root, a new account key under it, and a new root again
        for n in 0..3 {
            let new = prepare(&format!("new passphrase {n}")).unwrap();
            if n == 1 {
                let change = Command::ChangePassphrase {
                    old,
                    new: new.clone(),
                    may_be_known: true,
                };
                command(&mut play, a, change).await;
            } else {
                command(&mut play, a, Command::AskForgotten).await;
                pass(&mut play.world, 25 * HOUR).await;
                let new = new.clone();
                command(&mut play, a, Command::ReplaceForgotten { new }).await;
            }
            pass(&mut play.world, SOME_TIME).await;
            say(&mut play, 0, id, &format!("in the time of {n}")).await;
            pass(&mut play.world, SOME_TIME).await;
            old = new;
        }
        play.world.start_device(away).await;
        play.world.start_device(c).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(said_root(&play, a), said_root(&play, away));
        let them = seen(&play, c, play.members[0].id);
        assert_eq!(them.change, Some(IdentityChange::Confirmed));
        let me = play.members[0].id;
        accept(&mut play, c, me).await;
        play.members[0].passphrase = old;
        play.members[0].keys_changed = true;
        play.world.lied = true;
        play.heal_and_check().await;
    });
}

#[test]
fn a_crash_at_any_step_leaves_one_of_two_whole_states() {
    for step in 0..12 {
        story(async move {
            let mut play = Play::begin(510 + step, 2).await;
            let id = direct(&mut play, 0, 1).await;
            say(&mut play, 0, id, "before").await;
            let a = play.members[0].devices[0];
            let b = fresh_device(&mut play, 0).await;
            command(&mut play, a, Command::AskForgotten).await;
            command(&mut play, b, Command::ApproveForgotten { member: None }).await;
            let new = new_one();
            play.world
                .command(a, Command::ReplaceForgotten { new })
                .await;
            pass(&mut play.world, step).await;
            match step % 2 {
                0 => play.world.crash_device(a),
                _ => play.world.cut(a),
            }
            play.world.start_device(a).await;
            pass(&mut play.world, SOME_TIME).await;
            // whichever it was: what the person does then works
            if request(&play, a).is_some() {
                assert_eq!(replace(&mut play, a).await, None, "step {step}");
            }
            is_well(&mut play).await;
        });
    }
}

#[test]
fn a_lost_answer_heals() {
    story(async {
        let mut play = Play::begin(530, 2).await;
        let id = direct(&mut play, 0, 1).await;
        say(&mut play, 0, id, "before").await;
        let a = play.members[0].devices[0];
        command(&mut play, a, Command::AskForgotten).await;
        pass(&mut play.world, 25 * HOUR).await;
        // the server does it, and what it says does not arrive before the connection is gone
        play.world.overheard = Some(Vec::new());
        play.world.devices[a].updates.clear();
        let new = new_one();
        play.world
            .command(a, Command::ReplaceForgotten { new })
            .await;
        let until = play.world.now() + SOME_TIME;
        let sent = |w: &simulation::World| {
            let asked: &Vec<(usize, Request)> = w.overheard.as_ref().unwrap();
            asked
                .iter()
                .any(|(_, r)| r.method == "account.replace_root")
        };
        assert!(play.world.run(until, sent).await);
        play.world.stall(a, 2);
        let until = play.world.now() + 3;
        play.world.run(until, |_| false).await;
        play.world.cut(a);
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(request(&play, a), None);
        is_well(&mut play).await;
    });
}

#[test]
fn a09_a_server_swaps_no_root_of_a_device_in_mid_life() {
    story(async {
        let mut play = Play::begin(531, 2).await;
        direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let b = fresh_device(&mut play, 0).await;
        let before = said_root(&play, b);
        command(&mut play, a, Command::AskForgotten).await;
        pass(&mut play.world, 25 * HOUR).await;
        // the new root is there, but nothing that vouches for it
        let me = play.members[0].id;
        lie_about_person(&mut play, me, |person| person.successions.clear());
        assert_eq!(replace(&mut play, a).await, None);
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(
            said_root(&play, b),
            before,
            "the other device believes nothing of it"
        );
        let unverified = |u: &Update| {
            matches!(
                u,
                Update::Failed {
                    failure: Failure::Unverified(_),
                    ..
                }
            )
        };
        assert!(play.world.devices[b].updates.iter().any(unverified));
        play.world.lie = None;
        play.world.cut(b);
        pass(&mut play.world, 2 * SOME_TIME).await;
        assert_eq!(said_root(&play, b), said_root(&play, a));
    });
}

/// A group of the first two members, whose newcomers read everything; the second has said something, and has had a new identity
/// since, by a device that approved it.
async fn new_identity_in_a_group(seed: u64) -> (Play, ConversationId) {
    let mut play = Play::begin(seed, 3).await;
    let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
    let them = play.members[1].id;
    let members = vec![them];
    let title = "Desk".to_owned();
    command(&mut play, a, Command::CreateGroup { title, members }).await;
    let id = play.world.engine(a).conversations()[0].conversation;
    let rules = Command::SetRules {
        conversation: id,
        announcements: false,
        history_all: true,
    };
    command(&mut play, a, rules).await;
    say(&mut play, 1, id, "before").await;
    let second = fresh_device(&mut play, 1).await;
    command(&mut play, b, Command::AskForgotten).await;
    command(
        &mut play,
        second,
        Command::ApproveForgotten { member: None },
    )
    .await;
    assert_eq!(replace(&mut play, b).await, None);
    play.world.lied = true; // a changed identity alarms contacts, as it must
    accept(&mut play, a, them).await;
    pass(&mut play.world, 5 * SOME_TIME).await;
    (play, id)
}

fn texts(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let bodies = page.items.into_iter().map(|item| item.body);
    let texts = bodies.filter_map(|body| match body {
        ItemBody::Text(text) => Some(text),
        _ => None,
    });
    texts.collect()
}

async fn add_third(play: &mut Play, id: ConversationId) -> usize {
    let (a, c) = (play.members[0].devices[0], play.members[2].devices[0]);
    let members = vec![play.members[2].id];
    let add = Command::AddMembers {
        conversation: id,
        members,
    };
    command(play, a, add).await;
    pass(&mut play.world, SOME_TIME).await;
    for _ in 0..3 {
        command(play, c, Command::LoadOlder { conversation: id }).await;
    }
    pass(&mut play.world, SOME_TIME).await;
    c
}

fn asked_for_people(play: &Play, device: usize) -> usize {
    let all = play.world.overheard.iter().flatten();
    let people = all.filter(|(by, request)| *by == device && request.method == "people.get");
    people.count()
}

/// Whom somebody meets for the first time they take from the server with the identities that it says they had before: so they
/// read what was written under those.
#[test]
fn who_meets_somebody_under_a_new_identity_reads_what_they_wrote_before() {
    story(async {
        let (mut play, id) = new_identity_in_a_group(544).await;
        say(&mut play, 1, id, "after").await;
        pass(&mut play.world, SOME_TIME).await;
        play.world.overheard = Some(Vec::new());
        let c = add_third(&mut play, id).await;
        assert_eq!(texts(&play, c, id), ["before", "after"]);
        assert!(asked_for_people(&play, c) < 6);
        say(&mut play, 2, id, "hello").await;
        pass(&mut play.world, SOME_TIME).await;
        let b = play.members[1].devices[0];
        assert_eq!(texts(&play, b, id), ["before", "after", "hello"]);
    });
}

/// The server does not show the earlier identity: what was written under it does not verify, and nobody asks for it without
/// pause.
#[test]
fn what_no_identity_vouches_for_is_not_asked_for_again_and_again() {
    story(async {
        let (mut play, id) = new_identity_in_a_group(545).await;
        let them = play.members[1].id;
        lie_about_person(&mut play, them, |person| {
            person.certificates.drain(..person.certificates.len() - 1);
        });
        play.world.overheard = Some(Vec::new());
        let c = add_third(&mut play, id).await;
        pass(&mut play.world, HOUR).await;
        assert!(
            asked_for_people(&play, c) < 20,
            "{}",
            asked_for_people(&play, c)
        );
        assert_eq!(texts(&play, c, id), Vec::<String>::new());
        say(&mut play, 1, id, "after").await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(texts(&play, c, id), ["after"]);
    });
}
