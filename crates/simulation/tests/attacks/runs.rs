//! Several commits in a row that nobody can follow, by one author, before anybody founds the conversation anew.

use client::{
    Command,
    view::{ItemBody, Role},
};
use e2ee::{policy::Policy, restart::RUN_MAX, statement::Restart, transcript::body_hash};
use protocol::{
    Bytes, ConversationId, ErrorCode, Hash32, MemberId,
    methods::conversations::{Declare, Entry, kind},
};
use simulation::{
    Forged, Puppet,
    play::Play,
    story::{pass, say, story},
};

use super::{
    SOON, bodies,
    commits::{spoilt, stands_still, update},
    group_with_eve, lie_about_entries,
    restarts::{ANEW, fresh},
    row, texts,
};

/// Eve's app sends commits that nobody can follow, one after the other, before anybody hears of the first. Gives them.
async fn run(play: &Play, eve: &mut Puppet, id: ConversationId, length: usize) -> Vec<Entry> {
    let mut run = Vec::new();
    for _ in 0..length {
        let mut commit = eve.member.change(id, update(), play.world.now());
        commit.commit = spoilt(&commit.commit);
        eve.ask(&commit).await.unwrap();
        let last = eve.entries(id, 1).await.pop().unwrap();
        eve.member.follow(&last);
        run.push(last);
    }
    run
}

fn anew(play: &Play, device: usize, id: ConversationId) -> usize {
    let bodies = bodies(play, device, id).into_iter();
    bodies
        .filter(|b| matches!(b, ItemBody::Restarted { .. }))
        .count()
}

/// A changed app has two or three broken commits taken in a row. All complain of the first, and so of all after it; the new
/// group hangs on to the epoch before it. While they complain, she has no further one taken.
#[test]
fn a05_a_group_goes_on_from_before_a_run_that_nobody_can_follow() {
    for length in [2, 3] {
        story(async {
            let (mut play, mut eve, id) = group_with_eve(480 + length as u64, 3).await;
            let devices = [0, 1, 2].map(|n| play.members[n].devices[0]);
            say(&mut play, 0, id, "before").await;
            pass(&mut play.world, SOON).await;
            let seq = eve_seq(&mut eve, id).await;
            eve.follow(id, seq).await;
            let run = run(&play, &mut eve, id, length).await;
            say(&mut play, 1, id, "waits").await;
            pass(&mut play.world, SOON).await;
            for device in devices {
                let shown = row(&play, device, id);
                assert!(shown.stuck.is_some_and(|s| !s.alone) && !shown.broken);
            }
            let mut more = eve.member.change(id, update(), play.world.now());
            more.commit = spoilt(&more.commit);
            let refused = eve.ask(&more).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::ComplainedOf);
            pass(&mut play.world, ANEW).await;
            let log = play.world.log(id).await;
            let restart = log.iter().find(|e| e.kind == kind::RESTART).unwrap();
            assert_eq!(restart.epoch, run[0].epoch + length as u64);
            say(&mut play, 2, id, "after").await;
            pass(&mut play.world, SOON).await;
            let fresh = fresh(&mut play, 1, id).await;
            for device in [devices[0], devices[1], devices[2], fresh] {
                assert_eq!(texts(&play, device, id), ["before", "waits", "after"]);
                assert_eq!(row(&play, device, id).members.len(), 3, "without Eve");
                assert_eq!(anew(&play, device, id), 1);
            }
            play.heal_and_check().await;
        });
    }
}

async fn eve_seq(eve: &mut Puppet, id: ConversationId) -> u64 {
    eve.entries(id, 1).await.last().unwrap().seq
}

/// A device comes back, and is started again, in the midst of a run: what is public of it is kept.
#[test]
fn a05_a_device_that_is_stuck_in_a_run_goes_on_after_a_crash() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(484, 2).await;
        let devices = [0, 1].map(|n| play.members[n].devices[0]);
        run(&play, &mut eve, id, 2).await;
        pass(&mut play.world, SOON).await;
        for device in devices {
            play.world.crash_device(device);
            play.world.start_device(device).await;
        }
        pass(&mut play.world, 2 * ANEW).await;
        say(&mut play, 1, id, "after").await;
        pass(&mut play.world, SOON).await;
        for device in devices {
            assert_eq!(texts(&play, device, id), ["after"]);
            assert_eq!(anew(&play, device, id), 1);
        }
        play.heal_and_check().await;
    });
}

/// While everybody is away, more commits are made than a complaint goes back. Nothing is founded anew; the others ask for new
/// leaves, which whoever can follow may give.
#[test]
fn a05_a_run_beyond_the_limit_is_out_of_reach() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(485, 2).await;
        let devices = [0, 1].map(|n| play.members[n].devices[0]);
        for device in devices {
            play.world.crash_device(device);
        }
        run(&play, &mut eve, id, RUN_MAX + 1).await;
        for device in devices {
            play.world.start_device(device).await;
        }
        pass(&mut play.world, 2 * ANEW).await;
        let log = play.world.log(id).await;
        assert!(
            !log.iter()
                .any(|e| [kind::RESTART, kind::COMPLAINT].contains(&e.kind))
        );
        for device in devices {
            let shown = row(&play, device, id);
            assert!(
                shown.restoring && shown.stuck.is_some() && !shown.broken,
                "{shown:?}"
            );
        }
    });
}

/// The server shows one member other commits than everybody else; a third one goes on after them. So the first is the one who
/// can't follow, asks for a new leaf, and nothing begins anew.
#[test]
fn a05_a_run_that_somebody_else_goes_on_from_can_be_followed() {
    story(async {
        let mut play = Play::begin(486, 3).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        let members = play.members[1..].iter().map(|m| m.id).collect();
        let title = String::new();
        play.world
            .command(a, Command::CreateGroup { title, members })
            .await;
        pass(&mut play.world, SOON).await;
        let id = play.world.engine(a).conversations()[0].conversation;
        lie_about_entries(&mut play, b, |entry| {
            if let (kind::COMMIT, 1, Some(body)) = (entry.kind, entry.epoch, &entry.body) {
                let other = spoilt(body);
                (entry.body_hash, entry.body) = (body_hash(&other), Some(other));
            }
        });
        for device in [a, a, c] {
            let change = Command::UpdateKeys { conversation: id };
            play.world.stall(b, 2 * SOON);
            play.world.command(device, change).await;
            pass(&mut play.world, SOON).await;
        }
        play.world.lie = None;
        play.world.lied = true;
        pass(&mut play.world, 2 * ANEW).await;
        say(&mut play, 1, id, "here again").await;
        pass(&mut play.world, ANEW).await;
        for device in [a, b, c] {
            assert_eq!(texts(&play, device, id), ["here again"], "{device}");
            assert!(row(&play, device, id).stuck.is_none());
            assert_eq!(anew(&play, device, id), 0);
        }
    });
}

/// A lying server takes another commit of hers after all have complained: the complaints count on. One that it makes up in her
/// name is by nobody, and the conversation does not verify.
#[test]
fn a05_a_run_that_a_server_makes_longer_is_complained_of_all_the_same() {
    for made_up in [false, true] {
        story(async {
            let (mut play, mut eve, id) = group_with_eve(487, 3).await;
            let devices = [0, 1, 2].map(|n| play.members[n].devices[0]);
            run(&play, &mut eve, id, 1).await;
            for device in [devices[0], devices[2]] {
                play.world.crash_device(device);
            }
            pass(&mut play.world, SOON).await;
            assert!(row(&play, devices[1], id).stuck.is_some());
            let commit = eve.member.change(id, update(), play.world.now());
            let mut body = commit.commit.to_vec();
            let at = body.len() - 1 - if made_up { 100 } else { 0 };
            body[at] ^= 1;
            let forged = Forged::commit(eve.member.member, commit.epoch, Bytes::from(body), None);
            play.world.forge(id, forged).await;
            for device in [devices[0], devices[2]] {
                play.world.start_device(device).await;
            }
            pass(&mut play.world, SOON).await;
            if made_up {
                stands_still(&mut play, devices[1], id, "").await;
                return;
            }
            let log = play.world.log(id).await;
            let by_bob = |e: &&Entry| e.kind == kind::COMPLAINT && e.sender == play.members[1].id;
            assert_eq!(log.iter().filter(by_bob).count(), 1, "once");
        });
    }
}

/// Alice, who owns the group, takes the role of an admin from Bob, and makes Carla one. Eve, another admin, says falsely that
/// she can't follow, and founds the group anew from before. `lie` changes the policy that she would have.
async fn undone(seed: u64, lie: fn(&mut Policy, [MemberId; 2])) -> Undone {
    let (mut play, mut eve, id) = group_with_eve(seed, 3).await;
    let [a, bob, carla] = [play.members[0].devices[0], 1, 2];
    let member = |play: &Play, n: usize| play.members[n].id;
    let mut seen = eve_seq(&mut eve, id).await;
    let eva = eve.member.member;
    let (bob, carla) = (member(&play, bob), member(&play, carla));
    for (member, role) in [
        (eva, Role::GroupAdmin),
        (bob, Role::GroupAdmin),
        (bob, Role::Member),
        (carla, Role::GroupAdmin),
    ] {
        let conversation = id;
        let set = Command::SetRole {
            conversation,
            member,
            role,
        };
        play.world.command(a, set).await;
        pass(&mut play.world, SOON).await;
        if role == Role::GroupAdmin && member != carla {
            eve.follow(id, seen + 1).await;
            seen = eve_seq(&mut eve, id).await;
        }
    }
    let log = eve.entries(id, seen + 1).await;
    let (first, last) = (&log[0], log.last().unwrap());
    let now = last.epoch + 1;
    let said: Declare = eve
        .member
        .complain_in(id, now, first.epoch, first.body_hash);
    eve.ask(&said).await.unwrap();
    let mut others = Vec::new();
    for n in 0..3 {
        let member = member(&play, n);
        eve.meet(member).await;
        others.push((member, eve.claim(member).await));
    }
    let lies = move |policy: &mut Policy, _: &mut Restart| lie(policy, [bob, carla]);
    let params = eve.member.restart(id, now, others, &lies, play.world.now());
    let taken = eve.ask(&params).await;
    let taken = taken.map(|_| ());
    Undone { play, id, taken }
}

struct Undone {
    play: Play,
    id: ConversationId,
    taken: Result<(), protocol::WireError>,
}

/// A false complaint gives nobody back what an owner took: in the new group everybody has the lower of their roles then and now.
#[test]
fn a07_founding_anew_gives_no_role_back() {
    story(async {
        let mut undone = undone(490, |_, _| {}).await;
        let refused = undone.taken.unwrap_err();
        assert_eq!(refused.code, ErrorCode::CommitRefused);
        let (id, play) = (undone.id, &mut undone.play);
        say(play, 2, id, "nothing happened").await;
        pass(&mut play.world, SOON).await;
        let a = play.members[0].devices[0];
        assert_eq!(texts(play, a, id), ["nothing happened"]);
    });
    story(async {
        let lower = |policy: &mut Policy, [bob, carla]: [MemberId; 2]| {
            policy.roles.remove(&bob);
            policy.roles.remove(&carla);
        };
        let mut undone = undone(491, lower).await;
        undone.taken.unwrap();
        let (id, play) = (undone.id, &mut undone.play);
        pass(&mut play.world, SOON).await;
        say(play, 2, id, "on we go").await;
        pass(&mut play.world, SOON).await;
        for n in 0..3 {
            let device = play.members[n].devices[0];
            assert_eq!(texts(play, device, id), ["on we go"]);
            let roles = row(play, device, id).group.unwrap().roles;
            let bob = roles.iter().find(|(m, _)| *m == play.members[1].id);
            assert_eq!(bob.map(|(_, role)| *role), Some(Role::Member));
        }
    });
}

/// A restart that names an epoch before the run is followed by nobody, whatever the server takes.
#[test]
fn a05_nobody_follows_further_back_than_the_run() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(492, 2).await;
        let a = play.members[0].devices[0];
        let member = eve.member.member;
        let role = Role::GroupAdmin;
        let set = Command::SetRole {
            conversation: id,
            member,
            role,
        };
        let mut seen = eve_seq(&mut eve, id).await;
        play.world.command(a, set).await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, seen + 1).await;
        for n in [1, 0, 0] {
            let device = play.members[n].devices[0];
            let change = Command::UpdateKeys { conversation: id };
            seen = eve_seq(&mut eve, id).await;
            play.world.command(device, change).await;
            pass(&mut play.world, SOON).await;
        }
        let last = eve.entries(id, seen + 1).await.pop().unwrap();
        let now = last.epoch + 1;
        let said = eve.member.complain_in(id, now, last.epoch, last.body_hash);
        eve.ask(&said).await.unwrap();
        let wrong = eve
            .member
            .complain_in(id, now, last.epoch - 2, Hash32([1; 32]));
        assert_eq!(
            eve.ask(&wrong).await.unwrap_err().code,
            ErrorCode::BadRequest
        );
        let mut others = Vec::new();
        for n in 0..2 {
            let member = play.members[n].id;
            eve.meet(member).await;
            others.push((member, eve.claim(member).await));
        }
        // her state is that before Bob's commit
        let honest = |_: &mut Policy, _: &mut Restart| {};
        let params = eve
            .member
            .restart(id, now, others, &honest, play.world.now());
        assert_eq!(
            eve.ask(&params).await.unwrap_err().code,
            ErrorCode::BadRequest
        );
        play.world.forge_restart(member, params).await;
        pass(&mut play.world, SOON).await;
        stands_still(&mut play, a, id, "further back").await;
    });
}
