//! Stories of resets by an admin: who may, what is left to whom, and what contacts are told.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Doing, Failure, Update,
    view::{IdentityChange, ItemBody, SendState},
};
use e2ee::passphrase::{Passphrase, prepare};
use protocol::{ConversationId, ErrorCode, MemberId};
use simulation::{
    World,
    play::Play,
    story::{command, direct, failed, fresh_device, lie_about_person, pass, say, say_on, story},
};

const HOUR: u64 = 3_600_000;
const SOME_TIME: u64 = 120_000;

fn new_one() -> Passphrase {
    prepare("tired violin market").unwrap()
}

fn link_of(world: &World, device: usize) -> Option<String> {
    world.devices[device].updates.iter().find_map(|u| match u {
        Update::ResetLink { link, .. } => Some(link.clone()),
        _ => None,
    })
}

/// The admin makes a link for this member.
async fn reset(play: &mut Play, member: usize) -> String {
    let admin = play.members[0].devices[0];
    let member = play.members[member].id;
    command(play, admin, Command::ResetMember { member }).await;
    link_of(&play.world, admin).unwrap()
}

fn begin_anew(link: &str) -> Command {
    Command::BeginAnew {
        link: link.to_owned(),
        passphrase: new_one(),
        device_name: "begun anew".to_owned(),
    }
}

/// A fresh device of the member, which begins anew by this link.
async fn redeem(play: &mut Play, member: usize, link: &str) -> usize {
    let device = play.world.add_device(member).await;
    command(play, device, begin_anew(link)).await;
    pass(&mut play.world, SOME_TIME).await;
    device
}

/// From here on this device is all that the member has.
fn has_begun_anew(play: &mut Play, member: usize, device: usize) {
    for before in play.members[member].devices.clone() {
        play.sign_out_in_story(member, before);
    }
    play.members[member].devices = vec![device];
    play.members[member].passphrase = new_one();
    play.world.lied = true; // a changed identity alarms contacts, as it must
}

async fn accept(play: &mut Play, device: usize, member: MemberId) {
    let number = play.world.engine(device).safety_number(member);
    command(play, device, Command::AcceptIdentity { member, number }).await;
    pass(&mut play.world, SOME_TIME).await;
}

fn texts(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let bodies = page.items.into_iter().map(|item| item.body);
    bodies
        .filter_map(|body| match body {
            ItemBody::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}

#[test]
fn a27_a_reset_gives_a_new_identity_and_nothing_of_before() {
    story(async {
        let mut play = Play::begin(540, 3).await;
        let id = direct(&mut play, 1, 2).await;
        let a = play.members[0].devices[0];
        let group = {
            let members = vec![play.members[1].id, play.members[2].id];
            let title = "Desk".to_owned();
            command(&mut play, a, Command::CreateGroup { title, members }).await;
            play.world.engine(a).conversations()[0].conversation
        };
        for (member, at) in [(1, id), (2, id), (0, group), (1, group)] {
            say(&mut play, member, at, &format!("before, by {member}")).await;
            pass(&mut play.world, 10_000).await;
        }
        let old = play.members[1].devices[0];
        let c = play.members[2].devices[0];
        let them = play.members[1].id;
        let link = reset(&mut play, 1).await;
        let new = redeem(&mut play, 1, &link).await;
        has_begun_anew(&mut play, 1, new);

        // the device of before is out, and the new one has the name and nothing else
        assert!(play.world.engine(old).is_signed_out());
        let me = play.world.engine(new).me().unwrap();
        assert_eq!((me.member, &*me.display_name), (them, "Member 1"));
        for at in [id, group] {
            assert_eq!(texts(&play, new, at), Vec::<String>::new());
        }
        // contacts are told that the server says so, and nothing goes out before they accept
        for device in [a, c] {
            let person = play.world.engine(device).person(them).unwrap();
            assert_eq!(
                person.change,
                Some(IdentityChange::Reset),
                "device {device}"
            );
        }
        let blocked = Command::SendText {
            conversation: id,
            text: "not before that".to_owned(),
        };
        command(&mut play, c, blocked).await;
        pass(&mut play.world, SOME_TIME).await;
        let last = play.world.engine(c).conversation(id).unwrap().last.unwrap();
        assert_eq!(last.state, Some(SendState::Waiting));

        // accepted: they are back, with what is said from now on
        for device in [c, a] {
            accept(&mut play, device, them).await;
        }
        pass(&mut play.world, 10 * SOME_TIME).await;
        for (by, device) in [(2, c), (0, a)] {
            let at = if by == 2 { id } else { group };
            say_on(&mut play, by, device, at, &format!("afterwards, by {by}")).await;
        }
        pass(&mut play.world, SOME_TIME).await;
        say_on(&mut play, 1, new, id, "here again").await;
        pass(&mut play.world, SOME_TIME).await;
        let since = ["not before that", "afterwards, by 2", "here again"];
        assert_eq!(texts(&play, new, id), since, "and what had waited");
        assert_eq!(texts(&play, new, group), ["afterwards, by 0"]);
        for at in [id, group] {
            // what is not for them is nothing that they are told of
            let page = play.world.engine(new).timeline(at, None, 1_000).unwrap();
            assert!(
                !page
                    .items
                    .iter()
                    .any(|item| item.body == ItemBody::Unverified)
            );
        }
        // what the group is called is said once more: by what was said before they can't know
        let title = |device: usize| play.world.engine(device).conversation(group).unwrap().title;
        assert_eq!(
            (title(new), title(c)),
            ("Desk".to_owned(), "Desk".to_owned())
        );
        assert!(texts(&play, c, id).contains(&"here again".to_owned()));
        assert!(texts(&play, c, id).contains(&"before, by 1".to_owned()));
        // in the group everybody reads by name that the access was restored
        let page = play.world.engine(c).timeline(group, None, 1_000).unwrap();
        let told = |body: &ItemBody| matches!(body, ItemBody::Members { restored, .. } if restored == &["Member 1".to_owned()]);
        assert!(page.items.iter().any(|item| told(&item.body)));
        // and a device that signs in afterwards has the same
        let fresh = fresh_device(&mut play, 1).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(texts(&play, fresh, id), since);
    });
}

#[test]
fn a_link_serves_once_for_a_day_and_the_newest_alone() {
    story(async {
        let mut play = Play::begin(541, 2).await;
        let first = reset(&mut play, 1).await;
        let second = reset(&mut play, 1).await;
        let refused = |play: &Play, device: usize| {
            assert!(play.world.engine(device).me().is_none());
            failed(play, device, Doing::BeginningAnew)
        };
        let device = redeem(&mut play, 1, &first).await;
        assert_eq!(refused(&play, device), Some(ErrorCode::ResetInvalid));
        pass(&mut play.world, 25 * HOUR).await;
        let device = redeem(&mut play, 1, &second).await;
        assert_eq!(refused(&play, device), Some(ErrorCode::ResetInvalid));
        let third = reset(&mut play, 1).await;
        let device = redeem(&mut play, 1, &third).await;
        assert!(play.world.engine(device).me().is_some());
        let device = redeem(&mut play, 1, &third).await;
        assert_eq!(refused(&play, device), Some(ErrorCode::ResetInvalid));
        // garbled, and no link at all
        let device = play.world.add_device(1).await;
        command(&mut play, device, begin_anew(&third[..third.len() - 1])).await;
        let told = |u: &Update| {
            matches!(
                u,
                Update::Failed {
                    failure: Failure::ResetLink,
                    ..
                }
            )
        };
        assert!(play.world.devices[device].updates.iter().any(told));
    });
}

#[test]
fn who_may_not_resets_nobody() {
    story(async {
        let mut play = Play::begin(542, 3).await;
        let (owner, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        for (device, member) in [(b, 2), (b, 0), (b, 1), (owner, 0)] {
            let member = play.members[member].id;
            command(&mut play, device, Command::ResetMember { member }).await;
            let refused = failed(&play, device, Doing::ResettingMember);
            assert_eq!(refused, Some(ErrorCode::Forbidden));
            assert_eq!(link_of(&play.world, device), None);
        }
    });
}

#[test]
fn a_lost_answer_leaves_somebody_who_has_begun_anew() {
    for step in 0..8 {
        story(async move {
            let mut play = Play::begin(550 + step, 2).await;
            direct(&mut play, 0, 1).await;
            let link = reset(&mut play, 1).await;
            let device = play.world.add_device(1).await;
            play.world.command(device, begin_anew(&link)).await;
            pass(&mut play.world, step).await;
            play.world.cut(device);
            pass(&mut play.world, SOME_TIME).await;
            assert!(play.world.engine(device).me().is_some(), "step {step}");
        });
    }
}

#[test]
fn a27_a_server_makes_nobody_believe_that_a_device_has_confirmed_it() {
    story(async {
        let mut play = Play::begin(543, 2).await;
        direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let them = play.members[1].id;
        let link = reset(&mut play, 1).await;
        // it keeps back that there was a reset, and shows a statement of its own making
        lie_about_person(&mut play, them, move |person| {
            let certificates: Vec<_> = person
                .certificates
                .iter()
                .map(|bytes| e2ee::identity::AccountCertificate::decode(bytes).unwrap())
                .collect();
            person.reset = None;
            if let [.., before, after] = &certificates[..] {
                let forger = e2ee::identity::AccountKey::from_seed(&[7; 32], before.generation);
                let said = e2ee::identity::Succession::sign(&forger, before, after);
                person.successions = vec![said.into()];
            }
        });
        redeem(&mut play, 1, &link).await;
        let person = play.world.engine(a).person(them).unwrap();
        assert_eq!(person.change, Some(IdentityChange::Unknown));
    });
}

/// The second member begins anew, and the first takes them in again.
async fn again(play: &mut Play) -> usize {
    let (a, them) = (play.members[0].devices[0], play.members[1].id);
    let link = reset(play, 1).await;
    let new = redeem(play, 1, &link).await;
    has_begun_anew(play, 1, new);
    accept(play, a, them).await;
    pass(&mut play.world, 10 * SOME_TIME).await;
    new
}

/// Two resets while somebody was away: accepting the newest identity counts for what was written under the one between, too.
#[test]
fn who_was_away_for_two_resets_reads_what_was_written_between() {
    story(async {
        let (mut play, id, between) = {
            let mut play = Play::begin(546, 3).await;
            let a = play.members[0].devices[0];
            let members = vec![play.members[1].id, play.members[2].id];
            let title = "Desk".to_owned();
            command(&mut play, a, Command::CreateGroup { title, members }).await;
            let id = play.world.engine(a).conversations()[0].conversation;
            say(&mut play, 1, id, "before").await;
            pass(&mut play.world, SOME_TIME).await;
            let c = play.members[2].devices[0];
            play.world.crash_device(c);
            let between = again(&mut play).await;
            (play, id, between)
        };
        say_on(&mut play, 1, between, id, "between").await;
        pass(&mut play.world, SOME_TIME).await;
        let new = again(&mut play).await;
        say_on(&mut play, 1, new, id, "after").await;
        pass(&mut play.world, SOME_TIME).await;
        let (c, them) = (play.members[2].devices[0], play.members[1].id);
        play.world.start_device(c).await;
        pass(&mut play.world, SOME_TIME).await;
        assert!(play.world.engine(c).person(them).unwrap().identity_changed);
        accept(&mut play, c, them).await;
        pass(&mut play.world, SOME_TIME).await;
        assert_eq!(texts(&play, c, id), ["before", "between", "after"]);
    });
}
