//! How a group looks: who sees its picture, and when.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Failure, Update,
    view::{ItemBody, Role},
};
use protocol::{Bytes, ConversationId};
use simulation::{
    play::Play,
    story::{fresh_device, pass, say, story},
};

const SOON: u64 = 10_000;

/// The first member makes a group with these others.
async fn group(play: &mut Play, others: &[usize]) -> ConversationId {
    let device = play.members[0].devices[0];
    let members = others.iter().map(|n| play.members[*n].id).collect();
    let title = "Desk".to_owned();
    play.world
        .command(device, Command::CreateGroup { title, members })
        .await;
    pass(&mut play.world, SOON).await;
    play.world.engine(device).conversations()[0].conversation
}

fn a_picture(number: u32) -> Bytes {
    testkit::picture(number).into()
}

async fn set(play: &mut Play, device: usize, conversation: ConversationId, jpeg: Bytes) {
    let command = Command::SetPicture { conversation, jpeg };
    play.world.command(device, command).await;
}

async fn add(play: &mut Play, device: usize, conversation: ConversationId, who: usize) {
    let members = vec![play.members[who].id];
    let command = Command::AddMembers {
        conversation,
        members,
    };
    play.world.command(device, command).await;
}

/// What is to be seen; the list names it.
fn seen(play: &Play, device: usize, id: ConversationId) -> Option<Bytes> {
    let engine = play.world.engine(device);
    let picture = engine.picture(id).unwrap();
    let named = engine.conversation(id).unwrap().group.unwrap().picture;
    assert_eq!(picture.is_some(), named.is_some());
    picture
}

/// What rows tell of it: whether it was taken away.
fn told(play: &Play, device: usize, id: ConversationId) -> Vec<bool> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let bodies = page.items.into_iter().map(|item| item.body);
    bodies
        .filter_map(|body| match body {
            ItemBody::Picture { taken_away } => Some(taken_away),
            _ => None,
        })
        .collect()
}

fn failed(play: &Play, device: usize, wanted: &Failure) -> bool {
    let mut updates = play.world.devices[device].updates.iter();
    updates.any(|update| matches!(update, Update::Failed { failure, .. } if failure == wanted))
}

#[test]
fn everybody_sees_it_also_who_comes_later_and_a_fresh_device() {
    story(async {
        let mut play = Play::begin(501, 3).await;
        let id = group(&mut play, &[1]).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        set(&mut play, a, id, a_picture(1)).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(seen(&play, b, id), Some(a_picture(1)));
        assert_eq!(told(&play, b, id), [false]);
        let list = play.world.engine(b).conversation(id).unwrap();
        assert_eq!(list.unread, 0, "it is quiet");
        add(&mut play, a, id, 2).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(seen(&play, c, id), Some(a_picture(1)));
        assert_eq!(told(&play, b, id), [false], "said again, which is no news");
        for member in [1, 2] {
            let fresh = fresh_device(&mut play, member).await;
            assert_eq!(seen(&play, fresh, id), Some(a_picture(1)));
        }
        set(&mut play, a, id, Bytes::new()).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(told(&play, b, id), [false, true]);
        let fresh = fresh_device(&mut play, 2).await;
        for device in [a, b, c, fresh] {
            assert_eq!(seen(&play, device, id), None);
        }
        play.heal_and_check().await;
    });
}

#[test]
fn it_is_seen_at_once_where_it_was_chosen_and_the_last_of_several_is_sent() {
    story(async {
        let mut play = Play::begin(502, 2).await;
        let id = group(&mut play, &[1]).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        play.world.cut(a);
        play.world.stall(a, 20_000);
        for number in 1..4 {
            set(&mut play, a, id, a_picture(number)).await;
            assert_eq!(seen(&play, a, id), Some(a_picture(number)));
        }
        // what was chosen is kept before it is sent
        play.world.crash_device(a);
        pass(&mut play.world, 1_000).await;
        play.world.start_device(a).await;
        assert_eq!(seen(&play, a, id), Some(a_picture(3)));
        pass(&mut play.world, 90_000).await;
        assert_eq!(seen(&play, b, id), Some(a_picture(3)));
        assert_eq!(told(&play, b, id), [false]);
        // the same once more is nothing to tell
        set(&mut play, a, id, a_picture(3)).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(told(&play, b, id), [false]);
        play.heal_and_check().await;
    });
}

#[test]
fn only_admins_give_one_and_only_what_is_one() {
    story(async {
        let mut play = Play::begin(503, 2).await;
        let id = group(&mut play, &[1]).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        set(&mut play, b, id, a_picture(1)).await;
        assert!(failed(&play, b, &Failure::NotAllowed));
        set(&mut play, a, id, Bytes::from_static(b"\x89PNG\r\n\x1a\n")).await;
        assert!(failed(&play, a, &Failure::NotAPicture));
        let long = [a_picture(1).to_vec(), vec![0; 24 * 1024]].concat();
        set(&mut play, a, id, long.into()).await;
        assert!(failed(&play, a, &Failure::PictureTooLarge));
        set(&mut play, a, id, Bytes::new()).await; // there is none to be taken away
        pass(&mut play.world, SOON).await;
        for device in [a, b] {
            assert_eq!(seen(&play, device, id), None);
            assert!(told(&play, device, id).is_empty());
        }
        play.heal_and_check().await;
    });
}

#[test]
fn it_does_not_disappear_where_messages_do() {
    story(async {
        let mut play = Play::begin(504, 2).await;
        let id = group(&mut play, &[1]).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let timer = Command::SetTimer {
            conversation: id,
            seconds: 3_600,
        };
        play.world.command(a, timer).await;
        pass(&mut play.world, SOON).await;
        set(&mut play, a, id, a_picture(1)).await;
        pass(&mut play.world, 2 * 3_600_000).await;
        let fresh = fresh_device(&mut play, 1).await;
        for device in [a, b, fresh] {
            assert_eq!(seen(&play, device, id), Some(a_picture(1)));
            assert_eq!(told(&play, device, id), [false]);
        }
        play.heal_and_check().await;
    });
}

#[test]
fn who_comes_back_sees_what_there_is_now() {
    story(async {
        let mut play = Play::begin(505, 3).await;
        let id = group(&mut play, &[1, 2]).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        set(&mut play, a, id, a_picture(1)).await;
        pass(&mut play.world, SOON).await;
        for member in [play.members[1].id, play.members[2].id] {
            let remove = Command::RemoveMember {
                conversation: id,
                member,
            };
            play.world.command(a, remove).await;
            pass(&mut play.world, SOON).await;
        }
        set(&mut play, a, id, Bytes::new()).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(seen(&play, b, id), Some(a_picture(1)), "what was there");
        add(&mut play, a, id, 1).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(seen(&play, b, id), None);
        set(&mut play, a, id, a_picture(2)).await;
        pass(&mut play.world, SOON).await;
        add(&mut play, a, id, 2).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "all are here").await;
        pass(&mut play.world, SOON).await;
        for device in [b, c] {
            assert_eq!(seen(&play, device, id), Some(a_picture(2)));
        }
        play.heal_and_check().await;
    });
}

#[test]
fn newcomers_see_it_also_when_who_added_them_is_gone() {
    story(async {
        let mut play = Play::begin(506, 3).await;
        let id = group(&mut play, &[1]).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        set(&mut play, a, id, a_picture(1)).await;
        let role = Command::SetRole {
            conversation: id,
            member: play.members[1].id,
            role: Role::GroupAdmin,
        };
        play.world.command(a, role).await;
        pass(&mut play.world, SOON).await;
        add(&mut play, b, id, 2).await;
        let until = play.world.now() + SOON;
        let added = |w: &simulation::World| w.engine(c).conversation(id).is_some();
        assert!(play.world.run(until, added).await);
        play.world.crash_device(b);
        pass(&mut play.world, 120_000).await;
        assert_eq!(seen(&play, c, id), Some(a_picture(1)));
        play.world.start_device(b).await;
        play.heal_and_check().await;
    });
}
