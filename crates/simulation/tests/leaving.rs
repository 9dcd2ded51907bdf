//! Leaving groups: at once for who leaves, seen by all by name, and never a way to lock the others out.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Doing, Failure, Update,
    view::{ConversationView, ItemBody, Role},
};
use protocol::ConversationId;
use simulation::{
    play::Play,
    story::{fresh_device, pass, say, story},
};

const SOON: u64 = 10_000;

/// The first member makes a group with all others.
async fn group(play: &mut Play) -> ConversationId {
    let device = play.members[0].devices[0];
    let members = play.members[1..].iter().map(|m| m.id).collect();
    let title = "Desk".to_owned();
    let command = Command::CreateGroup { title, members };
    play.world.command(device, command).await;
    pass(&mut play.world, SOON).await;
    let rows = play.world.engine(device).conversations();
    let mut groups = rows.into_iter().filter(|row| !row.direct);
    groups.next().unwrap().conversation
}

async fn leave(play: &mut Play, device: usize, conversation: ConversationId) {
    let command = Command::LeaveGroup { conversation };
    play.world.command(device, command).await;
}

fn row(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

/// What a device shows, oldest first: texts, and who left.
fn shown(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let items = page.items.into_iter();
    let line = |item: client::view::Item| match item.body {
        ItemBody::Text(text) => Some(text),
        ItemBody::Left => Some(format!("{} left", item.sender_name)),
        ItemBody::Members { roles, left, .. } if left => Some(format!("{roles:?}")),
        ItemBody::Members { removed, .. } => removed.first().map(|name| format!("{name} removed")),
        _ => None,
    };
    items.filter_map(line).collect()
}

fn name(play: &Play, viewer: usize, member: usize) -> String {
    let engine = play.world.engine(viewer);
    engine.person(play.members[member].id).unwrap().display_name
}

#[test]
fn everybody_sees_who_left_and_goes_on_without_them() {
    story(async {
        let mut play = Play::begin(301, 3).await;
        let id = group(&mut play).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        say(&mut play, 1, id, "before").await;
        pass(&mut play.world, SOON).await;
        leave(&mut play, b, id).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "after").await;
        pass(&mut play.world, SOON).await;
        let ben = format!("{} left", name(&play, a, 1));
        for device in [a, c] {
            assert_eq!(shown(&play, device, id), ["before", ben.as_str(), "after"]);
            assert_eq!(row(&play, device, id).members.len(), 2);
        }
        let left = row(&play, b, id);
        assert!(left.gone && left.left && !left.broken);
        assert_eq!(shown(&play, b, id)[0], "before");
        assert!(!shown(&play, b, id).contains(&"after".to_owned()));
        assert!(
            play.world.devices[b]
                .updates
                .contains(&Update::Done(Doing::Leaving))
        );
        // a device that was not there knows as much
        let fresh = fresh_device(&mut play, 2).await;
        play.world
            .command(fresh, Command::LoadOlder { conversation: id })
            .await;
        pass(&mut play.world, SOON).await;
        assert_eq!(shown(&play, fresh, id), ["before", ben.as_str(), "after"]);
        play.heal_and_check().await;
    });
}

#[test]
fn when_the_owner_leaves_the_longest_standing_member_is_an_admin() {
    story(async {
        let mut play = Play::begin(302, 4).await;
        let id = group(&mut play).await;
        let [a, b, c, d] = [0, 1, 2, 3].map(|n| play.members[n].devices[0]);
        leave(&mut play, a, id).await;
        pass(&mut play.world, SOON).await;
        let roles = |device: usize| {
            let group = row(&play, device, id).group.unwrap();
            let admins = group
                .roles
                .into_iter()
                .filter(|(_, role)| *role >= Role::GroupAdmin);
            admins.map(|(member, _)| member).collect::<Vec<_>>()
        };
        let admins = roles(b);
        assert_eq!(admins.len(), 1);
        assert_eq!((roles(c), roles(d)), (admins.clone(), admins.clone()));
        // nobody is said to have done it
        let rows = shown(&play, c, id);
        assert!(rows.last().unwrap().contains("GroupAdmin"), "{rows:?}");
        let group = row(&play, a, id);
        assert!(group.left);
        play.heal_and_check().await;
    });
}

#[test]
fn who_left_comes_back_when_an_admin_adds_them_again() {
    story(async {
        let mut play = Play::begin(303, 3).await;
        let id = group(&mut play).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        leave(&mut play, b, id).await;
        let command = Command::AddMembers {
            conversation: id,
            members: vec![play.members[1].id],
        };
        pass(&mut play.world, 50).await; // the leave is known, the removal is not made yet, perhaps
        play.world.command(a, command).await;
        pass(&mut play.world, 3 * SOON).await;
        let back = row(&play, b, id);
        assert!(!back.gone && !back.left && back.ready, "{back:?}");
        say(&mut play, 1, id, "again").await;
        pass(&mut play.world, SOON).await;
        assert!(shown(&play, a, id).contains(&"again".to_owned()));
        play.heal_and_check().await;
    });
}

#[test]
fn all_leave_at_once_and_the_last_one_too() {
    story(async {
        let mut play = Play::begin(304, 4).await;
        let id = group(&mut play).await;
        let devices = [0, 1, 2, 3].map(|n| play.members[n].devices[0]);
        for device in &devices[..3] {
            leave(&mut play, *device, id).await;
        }
        pass(&mut play.world, 2 * SOON).await;
        let rest = row(&play, devices[3], id);
        assert_eq!(
            (rest.members.len(), rest.group.unwrap().role),
            (1, Role::GroupAdmin)
        );
        say(&mut play, 3, id, "alone").await;
        pass(&mut play.world, SOON).await;
        leave(&mut play, devices[3], id).await;
        pass(&mut play.world, SOON).await;
        assert!(row(&play, devices[3], id).left);
        play.heal_and_check().await;
    });
}

#[test]
fn a_leave_survives_crashes_and_lost_answers() {
    story(async {
        for (seed, after) in [(305, 0), (306, 1), (307, 40), (308, 90), (309, 200)] {
            let mut play = Play::begin(seed, 3).await;
            let id = group(&mut play).await;
            let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
            leave(&mut play, b, id).await;
            pass(&mut play.world, after).await;
            play.world.crash_device(b);
            play.world.start_device(b).await;
            pass(&mut play.world, 2 * SOON).await;
            assert!(row(&play, b, id).gone, "crashed after {after}");
            assert_eq!(row(&play, a, id).members.len(), 2, "crashed after {after}");
            play.heal_and_check().await;
        }
    });
}

#[test]
fn who_comes_online_later_learns_of_it_and_may_write_at_once() {
    story(async {
        let mut play = Play::begin(310, 3).await;
        let id = group(&mut play).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        for device in [a, c] {
            play.world.stall(device, 2 * SOON);
        }
        say(&mut play, 2, id, "written before I knew").await;
        leave(&mut play, b, id).await;
        pass(&mut play.world, SOON).await;
        assert!(row(&play, b, id).left);
        pass(&mut play.world, 3 * SOON).await;
        assert!(shown(&play, a, id).contains(&"written before I knew".to_owned()));
        assert!(!shown(&play, b, id).contains(&"written before I knew".to_owned()));
        play.heal_and_check().await;
    });
}

#[test]
fn nobody_leaves_a_direct_conversation_or_without_a_connection() {
    story(async {
        let mut play = Play::begin(311, 2).await;
        let a = play.members[0].devices[0];
        let member = play.members[1].id;
        play.world.command(a, Command::OpenDirect { member }).await;
        pass(&mut play.world, SOON).await;
        let direct = play.world.engine(a).conversations()[0].conversation;
        leave(&mut play, a, direct).await;
        let group = group(&mut play).await;
        play.world.crash_server().await;
        pass(&mut play.world, 5_000).await;
        leave(&mut play, a, group).await;
        let failures: Vec<_> = play.world.devices[a]
            .updates
            .iter()
            .filter_map(|update| match update {
                Update::Failed {
                    doing: Doing::Leaving,
                    failure,
                } => Some(failure.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(failures, [Failure::NotAllowed, Failure::Offline]);
        assert!(!row(&play, a, direct).gone && !row(&play, a, group).gone);
    });
}
