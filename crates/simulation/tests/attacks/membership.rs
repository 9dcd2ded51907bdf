//! Who may read what: newcomers, former members, many at once.

use client::{Command, view::Role};
use protocol::{Bytes, ConversationId, methods::conversations::kind};
use simulation::{
    Puppet,
    play::Play,
    story::{fresh_device, pass, say, story},
};

use super::{SOON, group_with_eve, row, scroll_back, texts, unverified};

async fn group(play: &mut Play, others: &[usize]) -> ConversationId {
    let a = play.members[0].devices[0];
    let members = others.iter().map(|n| play.members[*n].id).collect();
    let title = String::new();
    play.world
        .command(a, Command::CreateGroup { title, members })
        .await;
    pass(&mut play.world, SOON).await;
    play.world.engine(a).conversations()[0].conversation
}

/// The server hands a newcomer the whole log, though the group keeps its past for those who were there. The client has no
/// key to it: the newcomer reads nothing from before. A fresh device of an old member, over the same cut, reads it all.
#[test]
fn a21_who_came_later_reads_nothing_old_even_if_it_is_given_to_them() {
    story(async {
        let mut play = Play::begin(441, 3).await;
        let id = group(&mut play, &[1]).await;
        let (a, c) = (play.members[0].devices[0], play.members[2].devices[0]);
        say(&mut play, 1, id, "among us two").await;
        pass(&mut play.world, SOON).await;
        let add = Command::AddMembers {
            conversation: id,
            members: vec![play.members[2].id],
        };
        play.world.command(a, add).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 1, id, "among us three").await;
        pass(&mut play.world, SOON).await;
        let carl = play.members[2].id;
        play.world.let_in(id, carl).await;
        pass(&mut play.world, SOON).await;
        let given = fresh_device(&mut play, 2).await;
        for device in [c, given] {
            scroll_back(&mut play, device, id).await;
            assert_eq!(texts(&play, device, id), ["among us three"]);
        }
        let of_old = fresh_device(&mut play, 1).await;
        scroll_back(&mut play, of_old, id).await;
        assert_eq!(texts(&play, of_old, id), ["among us two", "among us three"]);
    });
}

/// The server goes on serving somebody who was removed. Their client has neither the new secret nor a link that opens with
/// the old one: it shows nothing of what was said since, and sends nothing.
#[test]
fn a22_who_was_removed_reads_nothing_new_even_if_it_is_given_to_them() {
    story(async {
        let (mut play, eve, id) = group_with_eve(442, 2).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let bob = play.members[1].id;
        say(&mut play, 0, id, "with Bob").await;
        pass(&mut play.world, SOON).await;
        let remove = Command::RemoveMember {
            conversation: id,
            member: bob,
        };
        play.world.command(a, remove).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "without Bob").await;
        pass(&mut play.world, SOON).await;
        play.world.let_in(id, bob).await;
        pass(&mut play.world, SOON).await;
        let fresh = fresh_device(&mut play, 1).await;
        for device in [b, fresh] {
            scroll_back(&mut play, device, id).await;
            assert!(!texts(&play, device, id).contains(&"without Bob".to_owned()));
        }
        assert!(!row(&play, a, id).members.iter().any(|m| m.member == bob));
        assert!(
            eve.member.members(id).contains(&bob),
            "she has not heard of it"
        );
    });
}

/// A plain member's app gives the group a title; later, as a group admin, one that looks like another. The server can't
/// read either. Clients take neither, and show that something does not verify.
#[test]
fn a07_a_title_by_who_may_not_give_one_or_that_misleads_is_not_taken() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(443, 2).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let title = Command::SetTitle {
            conversation: id,
            title: "Desk".to_owned(),
        };
        play.world.command(a, title).await;
        pass(&mut play.world, SOON).await;
        let mine = eve.member.seal_title(id, "Eve's", play.world.now());
        eve.ask(&mine).await.unwrap();
        pass(&mut play.world, SOON).await;
        let role = Command::SetRole {
            conversation: id,
            member: eve.member.member,
            role: Role::GroupAdmin,
        };
        play.world.command(a, role).await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, 2).await;
        let tricks = eve.member.seal_title(id, "Desk\u{202e}", play.world.now());
        eve.ask(&tricks).await.unwrap();
        pass(&mut play.world, SOON).await;
        for device in [a, b] {
            assert_eq!(row(&play, device, id).title, "Desk");
            assert_eq!(unverified(&play, device, id), 2);
        }
    });
}

/// A plain member's app gives the group a picture; later, as a group admin, what is no picture, one with very many pixels, and
/// one that is said to have been given before. The server can't read any. Clients take none, and show that something does not
/// verify.
#[test]
fn a07_a_picture_by_who_may_not_give_one_or_that_is_none_is_not_taken() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(445, 2).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let ours = Bytes::from(testkit::picture(1));
        let set = Command::SetPicture {
            conversation: id,
            jpeg: ours.clone(),
        };
        play.world.command(a, set).await;
        pass(&mut play.world, SOON).await;
        let now = play.world.now();
        let mine = eve.member.seal_picture(id, &testkit::picture(2), None, now);
        eve.ask(&mine).await.unwrap();
        pass(&mut play.world, SOON).await;
        let fresh = fresh_device(&mut play, 1).await;
        let seen = |play: &Play, device: usize| play.world.engine(device).picture(id).unwrap();
        assert_eq!(seen(&play, fresh).as_ref(), Some(&ours));
        let role = Command::SetRole {
            conversation: id,
            member: eve.member.member,
            role: Role::GroupAdmin,
        };
        play.world.command(a, role).await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, 2).await;
        let mut vast = testkit::picture(3);
        let frame = vast.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
        vast[frame + 5..frame + 9].fill(0xff);
        let tricks = [
            (b"GIF89a".to_vec(), None),
            (vast, None),
            (testkit::picture(4), Some(2)),
            (testkit::picture(4), Some(1_000)),
            (Vec::new(), Some(2)),
        ];
        for (picture, given_at) in &tricks {
            let trick = eve.member.seal_picture(id, picture, *given_at, now);
            eve.ask(&trick).await.unwrap();
        }
        pass(&mut play.world, SOON).await;
        for device in [a, b, fresh] {
            assert_eq!(seen(&play, device).as_ref(), Some(&ours));
            assert_eq!(unverified(&play, device, id), 1 + tricks.len());
        }
    });
}

/// More people than one commit takes are added at once. It is done in several commits: all of them are in, and read what is
/// said then.
#[test]
fn a29_very_many_people_are_added_in_several_commits() {
    story(async {
        let mut play = Play::begin(444, 2).await;
        let mut puppets = Vec::new();
        for n in 0..53 {
            puppets.push(Puppet::register(&mut play, &format!("guest{n}")).await);
        }
        let id = group(&mut play, &[1]).await;
        let a = play.members[0].devices[0];
        let members: Vec<_> = puppets.iter().map(|p| p.member.member).collect();
        let add = Command::AddMembers {
            conversation: id,
            members,
        };
        play.world.command(a, add).await;
        pass(&mut play.world, 12 * SOON).await;
        let log = play.world.log(id).await;
        let commits = log.iter().filter(|e| e.kind == kind::COMMIT).count();
        assert_eq!(commits, 3, "the founding, fifty, and three");
        for n in [0, 1] {
            let device = play.members[n].devices[0];
            assert_eq!(row(&play, device, id).members.len(), 55);
        }
        say(&mut play, 1, id, "welcome, all").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, a, id), ["welcome, all"]);
    });
}
