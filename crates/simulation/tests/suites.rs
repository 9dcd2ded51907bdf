//! Conversations that go over to another suite when everybody in them has an app that knows it: the way of a restart, without
//! anybody being asked. The second suite is one of tests alone; a device gets it by [`simulation::World::update_app`].
#![allow(clippy::unwrap_used)]

use client::{
    Command,
    view::{ItemBody, Role},
};
use e2ee::mls::MlsSuite;
use protocol::{
    ConversationId, Method, Request,
    methods::{
        conversations::{RestartConversation, kind},
        people::{ClaimKeyPackage, PublishKeyPackages},
    },
};
use simulation::{
    World,
    play::Play,
    story::{direct, fresh_device, pass, say, say_on, story, was_told},
};

/// Time in which whatever nothing hinders is done (ms).
const SOON: u64 = 10_000;
/// Time in which all admins have had their turn (ms).
const TURNS: u64 = 180_000;
/// After so long it is tried again.
const DAY: u64 = 24 * 3_600_000;

fn texts(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let text = |body| match body {
        ItemBody::Text(text) => Some(text),
        _ => None,
    };
    bodies(play, device, id)
        .into_iter()
        .filter_map(text)
        .collect()
}

fn bodies(play: &Play, device: usize, id: ConversationId) -> Vec<ItemBody> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    page.items.into_iter().map(|item| item.body).collect()
}

/// How often a conversation was founded anew.
async fn restarts(play: &Play, id: ConversationId) -> usize {
    let log = play.world.log(id).await;
    log.iter().filter(|e| e.kind == kind::RESTART).count()
}

/// What a conversation is like: its title, roles, rules and timer, and who is in it.
fn like(
    play: &Play,
    device: usize,
    id: ConversationId,
) -> impl PartialEq + std::fmt::Debug + use<> {
    let row = play.world.engine(device).conversation(id).unwrap();
    let mut members: Vec<_> = row.members.iter().map(|m| m.member).collect();
    members.sort_unstable();
    let group = row.group.map(|mut group| {
        group.roles.sort_by_key(|(member, _)| *member);
        group
    });
    let state = (row.ready, row.broken, row.stuck.is_some());
    (row.title, members, group, row.timer_s, state)
}

/// The first device of a member.
fn device(play: &Play, member: usize) -> usize {
    play.members[member].devices[0]
}

async fn update(play: &mut Play, member: usize) {
    let device = device(play, member);
    play.world.update_app(device).await;
}

async fn group(play: &mut Play, title: &str) -> ConversationId {
    let (a, title) = (device(play, 0), title.to_owned());
    let members = play.members[1..].iter().map(|m| m.id).collect();
    let create = Command::CreateGroup { title, members };
    play.world.command(a, create).await;
    pass(&mut play.world, SOON).await;
    let rows = play.world.engine(a).conversations();
    rows.iter().find(|row| !row.direct).unwrap().conversation
}

async fn ask(play: &mut Play, device: usize, command: Command) {
    play.world.command(device, command).await;
    pass(&mut play.world, SOON).await;
}

async fn make_admin(play: &mut Play, conversation: ConversationId, member: usize) {
    let role = Command::SetRole {
        conversation,
        member: play.members[member].id,
        role: Role::GroupAdmin,
    };
    let owner = device(play, 0);
    ask(play, owner, role).await;
}

fn overhear(play: &mut Play) {
    play.world.overheard = Some(Vec::new());
}

/// How often this was asked since then, by this device or by all.
fn asked<M: Method>(world: &World, by: Option<usize>) -> usize {
    let all = world.overheard.iter().flatten();
    let fits = |(device, request): &&(usize, Request)| {
        by.is_none_or(|by| by == *device) && request.method == M::NAME
    };
    all.filter(fits).count()
}

/// Somebody with a fresh device, whose app knows both suites, scrolls back as far as it goes.
async fn fresh(play: &mut Play, member: usize, conversation: ConversationId) -> usize {
    play.world.suite = MlsSuite::X25519;
    let device = fresh_device(play, member).await;
    for _ in 0..3 {
        ask(play, device, Command::LoadOlder { conversation }).await;
    }
    device
}

/// Three people get a new app one after the other. As long as one has not, everything stays as it is; then their group and the
/// direct conversation go over, once each and by themselves. Everything that was said is readable, also for a device that comes
/// later, and title, roles, rules and timer are as before. People see one row.
#[test]
fn a_conversation_goes_over_when_the_last_app_is_updated() {
    story(async {
        let mut play = Play::begin(900, 3).await;
        let id = group(&mut play, "The night shift").await;
        let pair = direct(&mut play, 0, 1).await;
        let [a, b, c] = [0, 1, 2].map(|n| device(&play, n));
        make_admin(&mut play, id, 1).await;
        let (announcements, history_all) = (false, true);
        let rules = Command::SetRules {
            conversation: id,
            announcements,
            history_all,
        };
        ask(&mut play, a, rules).await;
        say(&mut play, 0, id, "before").await;
        say(&mut play, 1, pair, "between us").await;
        pass(&mut play.world, SOON).await;
        let seconds = 30 * 24 * 3_600;
        let timer = Command::SetTimer {
            conversation: id,
            seconds,
        };
        ask(&mut play, a, timer).await;
        say(&mut play, 2, id, "for a month").await;
        pass(&mut play.world, SOON).await;
        let (conversation, seq) = (id, play.world.log(id).await.last().unwrap().seq);
        ask(&mut play, c, Command::MarkRead { conversation, seq }).await;
        let before = [a, b, c].map(|d| like(&play, d, id));
        let told = play.world.alarms.len();
        for member in [2, 0] {
            update(&mut play, member).await;
            pass(&mut play.world, TURNS).await;
            assert_eq!(restarts(&play, id).await + restarts(&play, pair).await, 0);
        }
        update(&mut play, 1).await;
        pass(&mut play.world, DAY + TURNS).await;
        assert_eq!(restarts(&play, id).await, 1);
        assert_eq!(restarts(&play, pair).await, 1);
        assert_eq!(before, [a, b, c].map(|d| like(&play, d, id)));
        say(&mut play, 1, id, "after").await;
        say(&mut play, 0, pair, "as always").await;
        pass(&mut play.world, SOON).await;
        let late = fresh(&mut play, 2, id).await;
        let later = fresh(&mut play, 1, pair).await;
        let read = |device| play.world.engine(device).conversation(id).unwrap().read;
        assert_eq!(
            (read(c), read(late)),
            (seq, seq),
            "what was read stays read"
        );
        let said = ["before", "for a month", "after"];
        for device in [a, b, c, late, later] {
            assert_eq!(texts(&play, device, id), said, "{device}");
        }
        for device in [a, b, later] {
            assert_eq!(texts(&play, device, pair), ["between us", "as always"]);
        }
        let row = ItemBody::Restarted {
            complaint: false,
            out: Vec::new(),
        };
        for device in [a, b, c, late] {
            let rows = bodies(&play, device, id);
            assert_eq!(rows.iter().filter(|body| **body == row).count(), 1);
        }
        assert_eq!(play.world.alarms.len(), told, "nobody is bothered");
        play.heal_and_check().await;
        assert_eq!(restarts(&play, id).await + restarts(&play, pair).await, 2);
    });
}

/// Key packages are replaced by those of the new app once, and an old app beside it takes nobody back.
#[test]
fn key_packages_go_up_once_and_never_down() {
    story(async {
        let mut play = Play::begin(901, 2).await;
        let (a, second) = (device(&play, 0), fresh_device(&mut play, 0).await);
        overhear(&mut play);
        update(&mut play, 0).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(asked::<PublishKeyPackages>(&play.world, Some(a)), 1);
        overhear(&mut play);
        // the old app makes new keys and starts again, the new one too: neither offers anything
        play.world.crash_device(second);
        play.world.start_device(second).await;
        update(&mut play, 0).await;
        let b = device(&play, 1);
        for _ in 0..6 {
            let title = String::new();
            let members = vec![play.members[0].id];
            update(&mut play, 1).await;
            ask(&mut play, b, Command::CreateGroup { title, members }).await;
        }
        pass(&mut play.world, TURNS).await;
        assert_eq!(asked::<PublishKeyPackages>(&play.world, Some(second)), 0);
        // both are updated: what the first has put on offer is enough
        let offered = asked::<PublishKeyPackages>(&play.world, None);
        play.world.update_app(second).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(asked::<PublishKeyPackages>(&play.world, None), offered);
        for device in [a, b, second] {
            let rows = play.world.engine(device).conversations();
            assert_eq!(rows.len(), 6);
            assert!(rows.iter().all(|row| row.ready && !row.broken), "{rows:?}");
        }
        play.heal_and_check().await;
    });
}

/// What a story does to the founder, or to the server, in the middle of it.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Founder,
    Network,
    Server,
}

/// The founder, its network or the server goes down while key packages are claimed, when the request is on its way, or just after:
/// the conversation goes over once all the same, and nothing is lost.
#[test]
fn a_crash_in_the_middle_leaves_one_new_group() {
    let blows = [Blow::Founder, Blow::Network, Blow::Server];
    let times = [(false, 0), (true, 0), (true, 2), (true, 1_000)];
    let all = blows.iter().flat_map(|blow| times.map(|at| (*blow, at)));
    for (n, (blow, (sent, wait))) in all.enumerate() {
        story(async {
            let mut play = Play::begin(910 + n as u64, 3).await;
            let id = group(&mut play, "").await;
            let a = device(&play, 0);
            say(&mut play, 1, id, "before").await;
            pass(&mut play.world, SOON).await;
            for member in [1, 2] {
                update(&mut play, member).await;
            }
            pass(&mut play.world, SOON).await;
            overhear(&mut play);
            update(&mut play, 0).await;
            let until = play.world.now() + TURNS;
            let there = |w: &World| match sent {
                true => asked::<RestartConversation>(w, Some(a)) > 0,
                false => asked::<ClaimKeyPackage>(w, Some(a)) > 1,
            };
            assert!(play.world.run(until, there).await, "{blow:?}");
            pass(&mut play.world, wait).await;
            match blow {
                Blow::Founder => {
                    play.world.crash_device(a);
                    pass(&mut play.world, SOON).await;
                    play.world.start_device(a).await;
                }
                Blow::Network => play.world.cut(a),
                Blow::Server => {
                    play.world.crash_server().await;
                    pass(&mut play.world, SOON).await;
                    play.world.server.start().await;
                }
            }
            say(&mut play, 2, id, "meanwhile").await;
            pass(&mut play.world, 2 * TURNS).await;
            assert_eq!(restarts(&play, id).await, 1, "{blow:?} {sent} {wait}");
            say(&mut play, 0, id, "after").await;
            pass(&mut play.world, SOON).await;
            for member in 0..3 {
                let shown = texts(&play, device(&play, member), id);
                assert_eq!(shown, ["before", "meanwhile", "after"], "{blow:?}");
            }
            play.heal_and_check().await;
        });
    }
}

/// Two admins and a second device of the owner begin at the same time: one of them does it, and all are in one group.
#[test]
fn several_admins_at_once_come_to_one_group() {
    let mut crossed = 0;
    for seed in 0..6 {
        crossed += together(930 + seed);
    }
    assert!(crossed > 0, "in none of them two had begun");
}

fn together(seed: u64) -> usize {
    let mut requests = 0;
    story(async {
        let mut play = Play::begin(seed, 3).await;
        let id = group(&mut play, "").await;
        make_admin(&mut play, id, 1).await;
        let second = fresh_device(&mut play, 0).await;
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        overhear(&mut play);
        for member in [0, 1, 2] {
            update(&mut play, member).await;
        }
        play.world.update_app(second).await;
        pass(&mut play.world, SOON).await;
        play.world.faults.delay_ms = 6_000;
        pass(&mut play.world, 2 * TURNS).await;
        play.world.faults.delay_ms = 0;
        pass(&mut play.world, 2 * TURNS).await;
        requests = asked::<RestartConversation>(&play.world, None);
        assert_eq!(restarts(&play, id).await, 1, "of {requests} requests");
        say(&mut play, 1, id, "after").await;
        pass(&mut play.world, SOON).await;
        for device in [device(&play, 0), second, device(&play, 1), device(&play, 2)] {
            assert_eq!(texts(&play, device, id), ["before", "after"]);
        }
        play.heal_and_check().await;
    });
    usize::from(requests > 1)
}

/// One member keeps an old app, and so the group its suite, however long; then a new device of theirs makes it go over. The old
/// one says that it is to be updated; once it is, it has everything.
#[test]
fn an_old_app_is_waited_for_and_whole_again_when_it_is_updated() {
    story(async {
        let mut play = Play::begin(940, 3).await;
        let id = group(&mut play, "Late").await;
        let old = device(&play, 2);
        say(&mut play, 2, id, "one").await;
        pass(&mut play.world, SOON).await;
        for member in [0, 1] {
            update(&mut play, member).await;
        }
        pass(&mut play.world, DAY + 2 * TURNS).await;
        assert_eq!(restarts(&play, id).await, 0);
        say(&mut play, 0, id, "two").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, old, id), ["one", "two"]);
        let new = fresh(&mut play, 2, id).await;
        pass(&mut play.world, DAY + TURNS).await;
        assert_eq!(restarts(&play, id).await, 1);
        assert!(was_told(&play.world, old, "update the app"));
        let row = play.world.engine(old).conversation(id).unwrap();
        assert!(row.outdated && row.broken, "{row:?}");
        say(&mut play, 1, id, "three").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, new, id), ["one", "two", "three"]);
        // started again it still holds what it had
        play.world.crash_device(old);
        play.world.start_device(old).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, old, id), ["one", "two"]);
        say_on(&mut play, 2, new, id, "four, from the new one").await;
        pass(&mut play.world, TURNS).await;
        play.world.update_app(old).await;
        pass(&mut play.world, TURNS).await;
        say_on(&mut play, 2, old, id, "five").await;
        pass(&mut play.world, SOON).await;
        let said = ["one", "two", "three", "four, from the new one", "five"];
        for device in [device(&play, 0), old, new] {
            assert_eq!(texts(&play, device, id), said, "{device}");
        }
        play.heal_and_check().await;
    });
}

/// What was written while the network stood still, under the old suite, is delivered under the new one.
#[test]
fn what_waits_is_delivered_under_the_new_suite() {
    story(async {
        let mut play = Play::begin(950, 2).await;
        let id = direct(&mut play, 0, 1).await;
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        let b = device(&play, 1);
        update(&mut play, 1).await;
        pass(&mut play.world, 2_000).await;
        play.world.stall(b, 2 * TURNS);
        say(&mut play, 1, id, "queued").await;
        update(&mut play, 0).await;
        pass(&mut play.world, TURNS).await;
        assert_eq!(restarts(&play, id).await, 1);
        say(&mut play, 1, id, "queued too").await;
        pass(&mut play.world, 3 * TURNS).await;
        for member in [0, 1] {
            let shown = texts(&play, device(&play, member), id);
            assert_eq!(shown, ["before", "queued", "queued too"]);
        }
        play.heal_and_check().await;
    });
}

/// Who is alone in a group takes it over as well, and can add people with new apps again.
#[test]
fn a_group_of_one_goes_over_too() {
    story(async {
        let mut play = Play::begin(960, 2).await;
        let id = group(&mut play, "Notes").await;
        let [a, b] = [0, 1].map(|n| device(&play, n));
        say(&mut play, 0, id, "to myself").await;
        let member = play.members[1].id;
        let conversation = id;
        let remove = Command::RemoveMember {
            conversation,
            member,
        };
        ask(&mut play, a, remove).await;
        for member in [1, 0] {
            update(&mut play, member).await;
        }
        pass(&mut play.world, TURNS).await;
        assert_eq!(restarts(&play, id).await, 1);
        let members = vec![member];
        let add = Command::AddMembers {
            conversation,
            members,
        };
        ask(&mut play, a, add).await;
        say(&mut play, 0, id, "to both").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, a, id), ["to myself", "to both"]);
        assert!(texts(&play, b, id).contains(&"to both".to_owned()));
        play.heal_and_check().await;
    });
}
