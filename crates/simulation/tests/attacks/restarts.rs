//! Commits that the server takes and nobody can follow, and conversations founded anew because of them.

use client::{
    Command,
    view::{ItemBody, Role},
};
use e2ee::{
    mls::MlsSuite,
    policy::Policy,
    statement::{Reason, Restart},
    transcript::body_hash,
};
use protocol::{
    ConversationId, Hash32,
    methods::conversations::{Declare, RestartConversation, kind},
};
use simulation::{
    Puppet,
    play::Play,
    story::{direct, fresh_device, pass, say, story},
};

use super::{
    SOON, bodies,
    commits::{spoilt, stands_still, update},
    group_with_eve, lie_about_entries, overhear, overheard, row, scroll_back, texts,
};

/// Time in which a conversation is founded anew, if nobody has to be asked (ms).
pub(super) const ANEW: u64 = 60_000;

/// Eve's app sends a commit whose membership tag is broken.
async fn wedge(play: &mut Play, eve: &mut Puppet, id: ConversationId) {
    let mut commit = eve.member.change(id, update(), play.world.now());
    commit.commit = spoilt(&commit.commit);
    eve.ask(&commit).await.unwrap();
    pass(&mut play.world, SOON).await;
}

/// Somebody signs in on a new device, which begins with nothing, and scrolls back as far as it goes.
pub(super) async fn fresh(play: &mut Play, member: usize, id: ConversationId) -> usize {
    let device = fresh_device(play, member).await;
    scroll_back(play, device, id).await;
    device
}

/// A changed app sends a commit with a broken membership tag, which the server can't check. Nobody can follow it: all say so,
/// and the owner's app founds the group anew without her. What was written before stays readable, on old and fresh devices; what
/// waited is sent. People see who could not read whose change, and who founded it anew without whom.
#[test]
fn a05_a_group_that_nobody_can_follow_goes_on_without_who_broke_it() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(421, 3).await;
        let other = direct(&mut play, 0, 1).await;
        let devices = [0, 1, 2].map(|n| play.members[n].devices[0]);
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        wedge(&mut play, &mut eve, id).await;
        for device in devices {
            let shown = row(&play, device, id);
            assert!(shown.stuck.is_some() && !shown.broken, "{shown:?}");
            assert_eq!(shown.stuck.unwrap().by, "eve");
        }
        say(&mut play, 1, id, "waits").await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, other, "here we are safe").await;
        pass(&mut play.world, ANEW).await;
        for (n, device) in devices.into_iter().enumerate() {
            let shown = row(&play, device, id);
            assert!(
                shown.stuck.is_none() && shown.ready && !shown.broken,
                "{shown:?}"
            );
            assert_eq!(shown.members.len(), 3, "without Eve");
            assert_eq!(texts(&play, device, id), ["before", "waits"], "{n}");
            let bodies = bodies(&play, device, id);
            let complaints = bodies
                .iter()
                .filter(|b| matches!(b, ItemBody::Complaint { about: Some(_) }));
            assert_eq!(complaints.count(), 3);
            let out = vec!["eve".to_owned()];
            let anew = ItemBody::Restarted {
                complaint: true,
                out,
            };
            assert!(bodies.contains(&anew), "{bodies:?}");
        }
        say(&mut play, 2, id, "after").await;
        pass(&mut play.world, SOON).await;
        let fresh = fresh(&mut play, 1, id).await;
        for device in [devices[0], devices[1], fresh] {
            assert_eq!(texts(&play, device, id), ["before", "waits", "after"]);
        }
        assert_eq!(texts(&play, devices[1], other), ["here we are safe"]);
        play.heal_and_check().await;
    });
}

/// In a direct conversation nobody is asked, and both stay: the other's app may be broken, and gets along in the new group.
#[test]
fn a05_a_direct_conversation_begins_anew_with_both() {
    story(async {
        let mut play = Play::begin(431, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let (a, alice) = (play.members[0].devices[0], play.members[0].id);
        let id = eve.open_direct(alice, play.world.now()).await;
        eve.say(id, "hello", play.world.now()).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "good morning").await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, 2).await;
        let seen = eve.entries(id, 1).await.last().unwrap().seq;
        wedge(&mut play, &mut eve, id).await;
        assert!(row(&play, a, id).stuck.unwrap().by_itself);
        say(&mut play, 0, id, "are you there?").await;
        pass(&mut play.world, ANEW).await;
        eve.join(id, &[alice], play.world.now()).await;
        let log = eve.entries(id, seen + 1).await;
        let kinds: Vec<u8> = log.iter().map(|e| e.kind).collect();
        let expected = [
            kind::COMMIT,
            kind::COMPLAINT,
            kind::RESTART,
            kind::COMMIT,
            kind::MESSAGE,
        ];
        assert_eq!(kinds, expected);
        eve.say(id, "yes, again", play.world.now()).await;
        pass(&mut play.world, SOON).await;
        let said = ["hello", "good morning", "are you there?", "yes, again"];
        assert_eq!(texts(&play, a, id), said);
        let fresh = fresh(&mut play, 0, id).await;
        assert_eq!(texts(&play, fresh, id), said);
    });
}

/// The server shows one member another commit than everybody else. Their complaint is not about the commit that the others
/// know, and these go on: so this member alone asks for a new leaf, and then reads everything. Nothing begins anew.
#[test]
fn a05_who_alone_can_not_follow_gets_a_new_leaf() {
    story(async {
        let mut play = Play::begin(432, 3).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let members = play.members[1..].iter().map(|m| m.id).collect();
        let title = String::new();
        let create = Command::CreateGroup { title, members };
        play.world.command(a, create).await;
        pass(&mut play.world, SOON).await;
        let id = play.world.engine(a).conversations()[0].conversation;
        say(&mut play, 0, id, "one").await;
        pass(&mut play.world, SOON).await;
        lie_about_entries(&mut play, b, |entry| {
            if let (kind::COMMIT, 1, Some(body)) = (entry.kind, entry.epoch, &entry.body) {
                let other = spoilt(body);
                (entry.body_hash, entry.body) = (body_hash(&other), Some(other));
            }
        });
        let change = Command::UpdateKeys { conversation: id };
        play.world.command(a, change).await;
        pass(&mut play.world, SOON).await;
        assert!(row(&play, b, id).stuck.is_some_and(|s| !s.alone));
        play.world.lie = None;
        play.world.lied = true;
        say(&mut play, 2, id, "two").await;
        pass(&mut play.world, ANEW).await;
        say(&mut play, 1, id, "three").await;
        pass(&mut play.world, ANEW).await;
        for n in 0..3 {
            let device = play.members[n].devices[0];
            assert_eq!(texts(&play, device, id), ["one", "two", "three"], "{n}");
            assert!(row(&play, device, id).stuck.is_none());
            let anew = |b: &ItemBody| matches!(b, ItemBody::Restarted { .. });
            assert!(!bodies(&play, device, id).iter().any(anew));
        }
    });
}

/// Alice, who owns it, and three others whose devices are away, in a group that Eve has stopped.
async fn alone_with_it(seed: u64) -> (Play, Puppet, ConversationId) {
    let (mut play, mut eve, id) = group_with_eve(seed, 4).await;
    say(&mut play, 0, id, "before").await;
    pass(&mut play.world, SOON).await;
    for n in 1..4 {
        let device = play.members[n].devices[0];
        play.world.crash_device(device);
    }
    wedge(&mut play, &mut eve, id).await;
    (play, eve, id)
}

async fn decide(play: &mut Play, device: usize, conversation: ConversationId, start: bool) {
    let decided = Command::DecideRestart {
        conversation,
        start,
    };
    play.world.command(device, decided).await;
}

/// As long as too few can't follow, it may be the owner's app alone: she is asked. If she starts it anew, all others find the
/// new group when they come back.
#[test]
fn a05_where_few_complain_a_person_is_asked() {
    story(async {
        let (mut play, _eve, id) = alone_with_it(433).await;
        let a = play.members[0].devices[0];
        pass(&mut play.world, 3 * ANEW).await;
        let stuck = row(&play, a, id).stuck.unwrap();
        assert!(
            stuck.asked && stuck.without && !stuck.by_itself,
            "{stuck:?}"
        );
        overhear(&mut play);
        decide(&mut play, a, id, false).await;
        pass(&mut play.world, 3 * ANEW).await;
        assert!(!row(&play, a, id).stuck.unwrap().asked, "once");
        assert!(overheard::<RestartConversation>(&play, a).is_empty());
        decide(&mut play, a, id, true).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "after").await;
        pass(&mut play.world, SOON).await;
        for n in 1..4 {
            let device = play.members[n].devices[0];
            play.world.start_device(device).await;
        }
        pass(&mut play.world, ANEW).await;
        for n in 0..4 {
            let device = play.members[n].devices[0];
            assert_eq!(texts(&play, device, id), ["before", "after"], "{n}");
            assert_eq!(row(&play, device, id).members.len(), 4, "without Eve");
        }
        play.heal_and_check().await;
    });
}

/// Where messages disappear, what stood when the commit came is readable until its time, also to devices that come after the
/// restart; and everything goes on as it was set.
#[test]
fn a05_what_disappears_is_readable_until_then() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(470, 2).await;
        let devices = [0, 1].map(|n| play.members[n].devices[0]);
        let seen = eve.entries(id, 1).await.last().unwrap().seq;
        let timer = Command::SetTimer {
            conversation: id,
            seconds: 3_600,
        };
        play.world.command(devices[0], timer).await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, seen + 1).await;
        say(&mut play, 0, id, "for an hour").await;
        pass(&mut play.world, SOON).await;
        wedge(&mut play, &mut eve, id).await;
        pass(&mut play.world, ANEW).await;
        say(&mut play, 1, id, "for another").await;
        pass(&mut play.world, SOON).await;
        let late = fresh(&mut play, 1, id).await;
        for device in [devices[0], devices[1], late] {
            assert_eq!(texts(&play, device, id), ["for an hour", "for another"]);
            assert_eq!(row(&play, device, id).timer_s, 3_600);
        }
        play.heal_and_check().await;
    });
}

/// Nobody decides who may not.
#[test]
fn a05_who_is_no_admin_is_not_asked() {
    story(async {
        let (mut play, _eve, id) = alone_with_it(434).await;
        let b = play.members[1].devices[0];
        play.world.start_device(b).await;
        pass(&mut play.world, SOON).await;
        let stuck = row(&play, b, id).stuck.unwrap();
        assert!(!stuck.asked && !stuck.alone, "{stuck:?}");
        overhear(&mut play);
        decide(&mut play, b, id, true).await;
        pass(&mut play.world, SOON).await;
        assert!(overheard::<RestartConversation>(&play, b).is_empty());
    });
}

/// Both devices of the owner, and another admin, want to begin anew at the same moment: one does, all others follow.
#[test]
fn a05_several_who_begin_anew_at_once_come_to_one_group() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(435, 3).await;
        let a = play.members[0].devices[0];
        let role = Command::SetRole {
            conversation: id,
            member: play.members[1].id,
            role: Role::GroupAdmin,
        };
        let seen = eve.entries(id, 1).await.last().unwrap().seq;
        play.world.command(a, role).await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, seen + 1).await;
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        let second = fresh(&mut play, 0, id).await;
        wedge(&mut play, &mut eve, id).await;
        overhear(&mut play);
        for device in [a, second, play.members[1].devices[0]] {
            decide(&mut play, device, id, true).await;
        }
        pass(&mut play.world, ANEW).await;
        let tried = [a, second, play.members[1].devices[0]];
        let tried = tried.map(|d| overheard::<RestartConversation>(&play, d).len());
        assert!(tried.iter().sum::<usize>() > 1, "{tried:?}");
        let log = play.world.log(id).await;
        assert_eq!(log.iter().filter(|e| e.kind == kind::RESTART).count(), 1);
        say(&mut play, 1, id, "after").await;
        pass(&mut play.world, SOON).await;
        for device in [
            a,
            second,
            play.members[1].devices[0],
            play.members[2].devices[0],
        ] {
            assert_eq!(texts(&play, device, id), ["before", "after"], "{device}");
        }
        play.heal_and_check().await;
    });
}

/// Devices crash, and answers are lost, at any moment of it.
#[test]
fn a05_a_crash_at_any_moment_of_beginning_anew_loses_nothing() {
    for step in 0..10 {
        story(async {
            let (mut play, mut eve, id) = group_with_eve(440 + step, 2).await;
            let devices = [0, 1].map(|n| play.members[n].devices[0]);
            say(&mut play, 0, id, "before").await;
            pass(&mut play.world, SOON).await;
            let mut commit = eve.member.change(id, update(), play.world.now());
            commit.commit = spoilt(&commit.commit);
            eve.ask(&commit).await.unwrap();
            say(&mut play, 1, id, "waits").await;
            pass(&mut play.world, 1_000).await;
            decide(&mut play, devices[0], id, true).await;
            pass(&mut play.world, step * 60).await;
            for device in devices {
                if step % 2 == 0 {
                    play.world.crash_device(device);
                    play.world.start_device(device).await;
                } else {
                    play.world.cut(device);
                }
            }
            pass(&mut play.world, 2 * ANEW).await;
            for device in devices {
                assert_eq!(texts(&play, device, id), ["before", "waits"], "step {step}");
                assert!(row(&play, device, id).stuck.is_none(), "step {step}");
            }
            play.heal_and_check().await;
        });
    }
}

/// A member's only device is gone for good before anything begins anew. The next one starts from the state of the old group
/// that the vault holds, and goes over by the log, as the old one would have; one that finds no state either goes by the
/// Welcome.
#[test]
fn a05_a_device_that_comes_later_goes_over_by_the_log() {
    for lost in [false, true] {
        story(async {
            let (mut play, mut eve, id) = group_with_eve(460, 3).await;
            say(&mut play, 0, id, "before").await;
            pass(&mut play.world, SOON).await;
            let gone = play.members[1].devices[0];
            play.world.crash_device(gone);
            wedge(&mut play, &mut eve, id).await;
            pass(&mut play.world, ANEW).await;
            let a = play.members[0].devices[0];
            assert!(row(&play, a, id).stuck.is_none(), "two of three complain");
            say(&mut play, 0, id, "after").await;
            pass(&mut play.world, SOON).await;
            let next = play.world.devices.len();
            if lost {
                play.world.losing.insert(next, &[5]); // no MLS states
            }
            let fresh = fresh(&mut play, 1, id).await;
            assert_eq!(fresh, next);
            assert_eq!(texts(&play, fresh, id), ["before", "after"], "lost: {lost}");
            play.world.losing.clear();
            play.world.start_device(gone).await;
            pass(&mut play.world, ANEW).await;
            assert_eq!(texts(&play, gone, id), ["before", "after"], "lost: {lost}");
            play.heal_and_check().await;
        });
    }
}

type Lie = fn(&mut Policy, &mut Restart);

/// What Eve, whom a server helps that lets anything through, would have the others follow.
struct False {
    what: &'static str,
    /// She is an admin.
    admin: bool,
    /// Bob's last commit is complained of.
    complained: bool,
    /// Alice, who owns the group, is left out; so is Bob, who made it.
    without: [bool; 2],
    lie: Lie,
    /// The honest server takes it, which can't see what is wrong.
    taken: bool,
    why: &'static str,
}

const HONEST: Lie = |_, _| {};

/// A server that lets anything through helps a member to found a group anew: who may not, without a reason, without somebody
/// above her, from further back, or without a way back. No client follows, and people see that something does not verify.
#[test]
fn a05_nobody_follows_into_a_group_that_was_not_to_be_founded() {
    let base = False {
        what: "",
        admin: true,
        complained: true,
        without: [false, true],
        lie: HONEST,
        taken: false,
        why: "",
    };
    let plays = [
        False {
            what: "no admin",
            admin: false,
            why: "may not",
            ..base
        },
        False {
            what: "no complaint",
            complained: false,
            why: "nobody has complained",
            ..base
        },
        False {
            what: "somebody above her",
            without: [true, true],
            why: "other people",
            ..base
        },
        False {
            what: "old",
            why: "further back",
            lie: |_, said| said.epoch = 1,
            ..base
        },
        False {
            what: "unknown",
            why: "does not know",
            lie: |_, said| said.c_n = Hash32([1; 32]),
            ..base
        },
        False {
            what: "bad link",
            taken: true,
            why: "no way leads back",
            lie: |_, said| spoil(said),
            ..base
        },
        False {
            what: "another suite",
            why: "update the app",
            lie: |_, said| (said.suite, said.reason) = (2, Reason::Suite),
            ..base
        },
    ];
    for (n, false_one) in plays.into_iter().enumerate() {
        story(follows_nobody(450 + n as u64, false_one));
    }
}

fn spoil(said: &mut Restart) {
    if let Some(last) = said.link.last_mut() {
        *last ^= 1;
    }
}

async fn follows_nobody(seed: u64, false_one: False) {
    let (mut play, mut eve, id) = group_with_eve(seed, 3).await;
    let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
    let mut seen = eve.entries(id, 1).await.last().unwrap().seq;
    if false_one.admin {
        let (conversation, member) = (id, eve.member.member);
        let role = Role::GroupAdmin;
        play.world
            .command(
                a,
                Command::SetRole {
                    conversation,
                    member,
                    role,
                },
            )
            .await;
        pass(&mut play.world, SOON).await;
    }
    let change = Command::UpdateKeys { conversation: id };
    play.world.command(b, change).await;
    pass(&mut play.world, SOON).await;
    // she keeps the state of before, as if she could not follow
    let log = eve.entries(id, seen + 1).await;
    let last = log.last().unwrap().clone();
    for entry in &log[..log.len() - 1] {
        eve.member.follow(entry);
        seen = entry.seq;
    }
    assert!(seen > 0);
    if false_one.complained {
        let said: Declare = eve.member.complain(id, last.epoch, last.body_hash);
        eve.ask(&said).await.unwrap();
    }
    let mut others = Vec::new();
    for (n, out) in [false_one.without[0], false_one.without[1], false]
        .into_iter()
        .enumerate()
    {
        if !out {
            let member = play.members[n].id;
            eve.meet(member).await;
            others.push((member, eve.claim(member).await));
        }
    }
    let (me, admin, lie) = (eve.member.member, false_one.admin, false_one.lie);
    let lies = move |policy: &mut Policy, said: &mut Restart| {
        lie(policy, said);
        if !admin {
            policy.roles.insert(me, e2ee::policy::Role::GroupAdmin);
        }
    };
    let now = play.world.now();
    let params = eve.member.restart(id, last.epoch + 1, others, &lies, now);
    if false_one.taken {
        eve.ask(&params).await.unwrap();
    } else {
        play.world.forge_restart(me, params).await;
    }
    pass(&mut play.world, SOON).await;
    stands_still(&mut play, a, id, false_one.why).await;
    let members = row(&play, a, id).members;
    let all = if false_one.taken { 3 } else { 4 };
    assert_eq!(members.len(), all, "{}", false_one.what);
}

/// A group whose people have newer apps has gone over to the second suite. An admin's changed app has kept key packages of the first
/// from before, and would take the group back to it, for the suite's sake or because of a complaint of her own; or anew to the same
/// suite, without a complaint. The server refuses all of that. Where it does not, no client follows, and people see that something
/// does not verify.
#[test]
fn a26_no_conversation_goes_down_a_suite() {
    let lies = [
        (MlsSuite::XWing, Reason::Suite, false),
        (MlsSuite::XWing, Reason::Complaint, true),
        (MlsSuite::X25519, Reason::Suite, false),
    ];
    for (n, lie) in lies.into_iter().enumerate() {
        story(goes_down(1_000 + n as u64, lie));
    }
}

async fn goes_down(seed: u64, (suite, reason, complained): (MlsSuite, Reason, bool)) {
    let (mut play, mut eve, id) = group_with_eve(seed, 2).await;
    let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
    let (conversation, member) = (id, eve.member.member);
    let role = Role::GroupAdmin;
    let seen = eve.entries(id, 1).await.last().unwrap().seq;
    let set_role = Command::SetRole {
        conversation,
        member,
        role,
    };
    play.world.command(a, set_role).await;
    pass(&mut play.world, SOON).await;
    eve.follow(id, seen + 1).await;
    let known: Vec<_> = play.members.iter().map(|m| m.id).collect();
    let mut kept = Vec::new();
    for member in &known {
        kept.push((*member, eve.claim(*member).await));
    }
    eve.member.suite = MlsSuite::X25519;
    let offer = eve.member.publish_all(2, play.world.now());
    eve.ask(&offer).await.unwrap();
    for device in [b, a] {
        play.world.update_app(device).await;
    }
    pass(&mut play.world, 2 * ANEW).await;
    let log = play.world.log(id).await;
    assert_eq!(log.iter().filter(|e| e.kind == kind::RESTART).count(), 1);
    eve.join(id, &known, play.world.now()).await;
    say(&mut play, 0, id, "in the new group").await;
    pass(&mut play.world, SOON).await;
    let mut seen = log.last().unwrap().seq;
    if complained {
        let change = Command::UpdateKeys { conversation };
        play.world.command(b, change).await;
        pass(&mut play.world, SOON).await;
        let last = play.world.log(id).await.pop().unwrap();
        let said = eve.member.complain(id, last.epoch, last.body_hash);
        eve.ask(&said).await.unwrap();
    } else {
        eve.follow(id, seen + 1).await;
    }
    seen = play.world.log(id).await.last().unwrap().seq;
    if suite == MlsSuite::X25519 {
        kept.clear();
        for member in known {
            kept.push((member, eve.claim(member).await));
        }
    }
    eve.member.suite = suite;
    let lie = move |_: &mut Policy, said: &mut Restart| said.reason = reason;
    let epoch = eve.member.epoch(id) + u64::from(complained);
    let params = eve.member.restart(id, epoch, kept, &lie, play.world.now());
    let refused = eve.ask(&params).await.unwrap_err();
    assert!(refused.message.contains("lower suite"), "{refused:?}");
    assert_eq!(play.world.log(id).await.last().unwrap().seq, seen);
    play.world.forge_restart(member, params).await;
    pass(&mut play.world, SOON).await;
    let why = "a suite that it does not go over to";
    stands_still(&mut play, a, id, why).await;
    assert_eq!(texts(&play, a, id), ["in the new group"]);
}

/// A group stands still because of Eve, and everybody else has a newer app by now: key packages of its suite are not to be had any
/// more. So it goes over to the next one as it begins anew without her.
#[test]
fn a26_a_group_that_stands_still_goes_up_where_all_apps_are_newer() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(1_010, 3).await;
        let devices = [0, 1, 2].map(|n| play.members[n].devices[0]);
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        for device in [devices[1], devices[2], devices[0]] {
            play.world.update_app(device).await;
        }
        wedge(&mut play, &mut eve, id).await;
        pass(&mut play.world, 2 * ANEW).await;
        for device in devices {
            let shown = row(&play, device, id);
            assert!(shown.stuck.is_none() && !shown.broken, "{shown:?}");
            assert_eq!(shown.members.len(), 3, "without Eve");
        }
        say(&mut play, 2, id, "after").await;
        pass(&mut play.world, 2 * ANEW).await;
        let log = play.world.log(id).await;
        assert_eq!(log.iter().filter(|e| e.kind == kind::RESTART).count(), 1);
        let fresh = fresh(&mut play, 1, id).await;
        for device in [devices[0], devices[1], devices[2], fresh] {
            assert_eq!(texts(&play, device, id), ["before", "after"]);
        }
        play.heal_and_check().await;
    });
}
