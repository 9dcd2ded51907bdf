//! Groups: who comes, who goes, who may what, and what it is called.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Doing, Failure, Update,
    view::{ConversationView, GroupView, ItemBody, Role},
};
use protocol::{ConversationId, ErrorCode, MemberId, WireError};
use simulation::{
    play::Play,
    story::{fresh_device, pass, say, story},
};

const SOON: u64 = 10_000;

/// The first member makes a group with these others.
async fn group(play: &mut Play, title: &str, others: &[usize]) -> ConversationId {
    let device = play.members[0].devices[0];
    let members = others.iter().map(|n| play.members[*n].id).collect();
    let title = title.to_owned();
    play.world
        .command(device, Command::CreateGroup { title, members })
        .await;
    pass(&mut play.world, SOON).await;
    let rows = play.world.engine(device).conversations();
    rows.into_iter()
        .find(|row| !row.direct)
        .unwrap()
        .conversation
}

fn row(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

fn rules(play: &Play, device: usize, id: ConversationId) -> GroupView {
    row(play, device, id).group.unwrap()
}

fn texts(play: &Play, device: usize, id: ConversationId) -> Vec<String> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    let items = page.items.into_iter();
    items
        .filter_map(|item| match item.body {
            ItemBody::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}

fn bodies(play: &Play, device: usize, id: ConversationId) -> Vec<ItemBody> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    page.items.into_iter().map(|item| item.body).collect()
}

fn failed(play: &Play, device: usize, wanted: &Failure) -> bool {
    let updates = play.world.devices[device].updates.iter();
    updates
        .filter_map(|update| match update {
            Update::Failed { failure, .. } => Some(failure),
            _ => None,
        })
        .any(|failure| failure == wanted)
}

async fn add(play: &mut Play, device: usize, conversation: ConversationId, who: &[usize]) {
    let members = who.iter().map(|n| play.members[*n].id).collect();
    let command = Command::AddMembers {
        conversation,
        members,
    };
    play.world.command(device, command).await;
}

async fn set_role(
    play: &mut Play,
    device: usize,
    conversation: ConversationId,
    member: MemberId,
    role: Role,
) {
    set_role_at_once(play, device, conversation, member, role).await;
    pass(&mut play.world, SOON).await;
}

#[test]
fn who_is_added_later_knows_the_title_and_reads_nothing_from_before() {
    story(async {
        let mut play = Play::begin(71, 3).await;
        let id = group(&mut play, "Desk", &[1]).await;
        let (a, c) = (play.members[0].devices[0], play.members[2].devices[0]);
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        add(&mut play, a, id, &[2]).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 1, id, "after").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(row(&play, c, id).title, "Desk");
        assert_eq!(texts(&play, c, id), ["after"]);
        // so does a device that signs in when all is said
        let fresh = fresh_device(&mut play, 2).await;
        assert_eq!(row(&play, fresh, id).title, "Desk");
        assert_eq!(texts(&play, fresh, id), ["after"]);
        play.heal_and_check().await;
    });
}

#[test]
fn where_history_is_open_newcomers_read_everything() {
    story(async {
        let mut play = Play::begin(72, 3).await;
        let id = group(&mut play, "", &[1]).await;
        let (a, c) = (play.members[0].devices[0], play.members[2].devices[0]);
        let rules = Command::SetRules {
            conversation: id,
            announcements: false,
            history_all: true,
        };
        play.world.command(a, rules).await;
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        add(&mut play, a, id, &[2]).await;
        pass(&mut play.world, SOON).await;
        play.world
            .command(c, Command::LoadOlder { conversation: id })
            .await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, c, id), ["before"]);
        play.heal_and_check().await;
    });
}

#[test]
fn who_comes_later_reads_back_to_the_last_who_were_not_to_and_is_alarmed_by_nothing() {
    story(async {
        let mut play = Play::begin(82, 4).await;
        let id = group(&mut play, "Desk", &[1]).await;
        let (a, d) = (play.members[0].devices[0], play.members[3].devices[0]);
        let see = |history_all| Command::SetRules {
            conversation: id,
            announcements: false,
            history_all,
        };
        // two times that are open, and one between that is not: C reads from their joining on
        play.world.command(a, see(true)).await;
        say(&mut play, 0, id, "first").await;
        pass(&mut play.world, SOON).await;
        play.world.command(a, see(false)).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 1, id, "second").await;
        add(&mut play, a, id, &[2]).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "third").await;
        pass(&mut play.world, SOON).await;
        play.world.command(a, see(true)).await;
        say(&mut play, 2, id, "fourth").await;
        pass(&mut play.world, SOON).await;
        add(&mut play, a, id, &[3]).await;
        pass(&mut play.world, SOON).await;
        let told = |play: &Play, device: usize| {
            let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
            let alarm = |item: &client::view::Item| item.body == ItemBody::Unverified;
            assert!(!page.items.iter().any(alarm), "{:?}", page.items);
            texts(play, device, id)
        };
        let older = || Command::LoadOlder { conversation: id };
        play.world.command(d, older()).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(told(&play, d), ["third", "fourth"]);
        // the next page comes after a new start, when the way was forgotten
        play.world.crash_device(d);
        play.world.start_device(d).await;
        pass(&mut play.world, SOON).await;
        play.world.command(d, older()).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(told(&play, d), ["third", "fourth"]);
        let fresh = fresh_device(&mut play, 3).await;
        play.world.command(fresh, older()).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(told(&play, fresh), ["third", "fourth"]);
        play.heal_and_check().await;
    });
}

#[test]
fn what_two_admins_change_at_once_is_all_done() {
    story(async {
        let mut play = Play::begin(73, 4).await;
        let id = group(&mut play, "Desk", &[1, 2]).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let (bob, carl, dora) = (play.members[1].id, play.members[2].id, play.members[3].id);
        set_role(&mut play, a, id, bob, Role::GroupAdmin).await;
        add(&mut play, a, id, &[3]).await;
        let remove = Command::RemoveMember {
            conversation: id,
            member: carl,
        };
        play.world.command(b, remove).await;
        let title = |title: &str| Command::SetTitle {
            conversation: id,
            title: title.to_owned(),
        };
        play.world.command(a, title("one")).await;
        play.world.command(b, title("other")).await;
        pass(&mut play.world, 60_000).await;
        let seen = rules(&play, a, id);
        let members: Vec<MemberId> = seen.roles.iter().map(|(m, _)| *m).collect();
        assert!(members.contains(&dora) && !members.contains(&carl));
        assert_eq!(row(&play, a, id).title, row(&play, b, id).title);
        play.heal_and_check().await;
    });
}

#[test]
fn who_is_removed_reads_nothing_new_and_may_come_back() {
    story(async {
        let mut play = Play::begin(74, 3).await;
        let id = group(&mut play, "Desk", &[1, 2]).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let member = play.members[1].id;
        say(&mut play, 0, id, "with Bob").await;
        pass(&mut play.world, SOON).await;
        let remove = Command::RemoveMember {
            conversation: id,
            member,
        };
        play.world.command(a, remove).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "without Bob").await;
        pass(&mut play.world, SOON).await;
        assert!(row(&play, b, id).gone);
        assert_eq!(texts(&play, b, id), ["with Bob"]);
        let text = "still here?".to_owned();
        let said = Command::SendText {
            conversation: id,
            text,
        };
        play.world.command(b, said).await;
        assert!(failed(&play, b, &Failure::NoConversation));
        add(&mut play, a, id, &[1]).await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, id, "with Bob again").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, b, id), ["with Bob", "with Bob again"]);
        play.heal_and_check().await;
    });
}

#[test]
fn nobody_does_what_their_role_does_not_allow() {
    story(async {
        let mut play = Play::begin(75, 3).await;
        let id = group(&mut play, "Desk", &[1, 2]).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let (alice, carl) = (play.members[0].id, play.members[2].id);
        let conversation = id;
        let not_allowed = [
            Command::RemoveMember {
                conversation,
                member: carl,
            },
            Command::SetRole {
                conversation,
                member: carl,
                role: Role::ReadOnly,
            },
            Command::SetRules {
                conversation,
                announcements: true,
                history_all: true,
            },
            Command::SetTitle {
                conversation,
                title: "Mine".to_owned(),
            },
        ];
        for command in not_allowed {
            play.world.devices[b].updates.clear();
            play.world.command(b, command).await;
            assert!(failed(&play, b, &Failure::NotAllowed));
        }
        // the only owner can't step down
        set_role(&mut play, a, id, alice, Role::Member).await;
        assert!(failed(&play, a, &Failure::LastAdmin));
        assert_eq!(rules(&play, a, id).role, Role::Owner);
        // who only reads, and everybody in a group for announcements, does not write
        set_role(&mut play, a, id, carl, Role::ReadOnly).await;
        let announcements = Command::SetRules {
            conversation,
            announcements: true,
            history_all: false,
        };
        play.world.command(a, announcements).await;
        pass(&mut play.world, SOON).await;
        for n in [1, 2] {
            let device = play.members[n].devices[0];
            assert!(!rules(&play, device, id).may_write);
            let text = "no".to_owned();
            let said = Command::SendText { conversation, text };
            play.world.command(device, said).await;
            assert!(failed(&play, device, &Failure::NotAllowed));
        }
        say(&mut play, 0, id, "hear").await;
        play.heal_and_check().await;
    });
}

#[test]
fn a_device_that_signs_in_later_sees_who_did_what() {
    story(async {
        let mut play = Play::begin(76, 3).await;
        let id = group(&mut play, "Desk", &[1]).await;
        let a = play.members[0].devices[0];
        let carl = play.members[2].id;
        add(&mut play, a, id, &[2]).await;
        pass(&mut play.world, SOON).await;
        set_role(&mut play, a, id, carl, Role::GroupAdmin).await;
        let title = "News".to_owned();
        let named = Command::SetTitle {
            conversation: id,
            title,
        };
        play.world.command(a, named).await;
        pass(&mut play.world, SOON).await;
        let fresh = fresh_device(&mut play, 0).await;
        let expected = |body: &ItemBody| !matches!(body, ItemBody::KeysUpdated);
        let there: Vec<ItemBody> = bodies(&play, a, id).into_iter().filter(expected).collect();
        let here: Vec<ItemBody> = bodies(&play, fresh, id)
            .into_iter()
            .filter(expected)
            .collect();
        assert_eq!(here, there);
        let added = |body: &ItemBody| matches!(body, ItemBody::Members { added, .. } if added == &["Member 2".to_owned()]);
        assert!(here.iter().any(added));
        let titles = here.iter().filter(|b| matches!(b, ItemBody::Title(_)));
        assert_eq!(
            titles.count(),
            2,
            "said once more for Carl, which is no news"
        );
        play.heal_and_check().await;
    });
}

#[test]
fn a_crash_in_the_middle_of_a_change_loses_nothing() {
    story(async {
        for wait in [0, 20, 60, 150, 400] {
            let mut play = Play::begin(77 + wait, 3).await;
            let id = group(&mut play, "Desk", &[1]).await;
            let (a, c) = (play.members[0].devices[0], play.members[2].devices[0]);
            add(&mut play, a, id, &[2]).await;
            pass(&mut play.world, wait).await;
            play.world.crash_device(a);
            pass(&mut play.world, 1_000).await;
            play.world.start_device(a).await;
            pass(&mut play.world, 90_000).await;
            assert_eq!(row(&play, c, id).title, "Desk", "crashed after {wait} ms");
            play.heal_and_check().await;
        }
    });
}

#[test]
fn newcomers_hear_the_title_also_when_who_added_them_is_gone() {
    story(async {
        let mut play = Play::begin(78, 3).await;
        let id = group(&mut play, "Desk", &[1]).await;
        let (a, b, c) = (
            play.members[0].devices[0],
            play.members[1].devices[0],
            play.members[2].devices[0],
        );
        let bob = play.members[1].id;
        set_role(&mut play, a, id, bob, Role::GroupAdmin).await;
        add(&mut play, b, id, &[2]).await;
        let until = play.world.now() + SOON;
        let added = |w: &simulation::World| w.engine(c).conversation(id).is_some();
        assert!(play.world.run(until, added).await);
        play.world.crash_device(b);
        pass(&mut play.world, 120_000).await;
        assert_eq!(row(&play, c, id).title, "Desk");
        play.world.start_device(b).await;
        play.heal_and_check().await;
    });
}

#[test]
fn what_others_have_decided_meanwhile_is_not_turned_back() {
    story(async {
        let mut play = Play::begin(79, 4).await;
        let id = group(&mut play, "Desk", &[1, 2]).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let (bob, carl, dora) = (play.members[1].id, play.members[2].id, play.members[3].id);
        set_role(&mut play, a, id, bob, Role::GroupAdmin).await;
        // asked for, and then the laptop is closed
        add(&mut play, a, id, &[3]).await;
        set_role_at_once(&mut play, a, id, carl, Role::ReadOnly).await;
        play.world.crash_device(a);
        pass(&mut play.world, 1_000).await;
        add(&mut play, b, id, &[3]).await;
        pass(&mut play.world, SOON).await;
        let remove = |member| Command::RemoveMember {
            conversation: id,
            member,
        };
        play.world.command(b, remove(dora)).await;
        play.world.command(b, remove(carl)).await;
        pass(&mut play.world, SOON).await;
        add(&mut play, b, id, &[2]).await;
        pass(&mut play.world, SOON).await;
        play.world.start_device(a).await;
        pass(&mut play.world, 60_000).await;
        let seen = rules(&play, b, id);
        assert!(seen.roles.iter().all(|(member, _)| *member != dora));
        assert!(seen.roles.contains(&(carl, Role::Member)));
        play.heal_and_check().await;
    });
}

async fn set_role_at_once(
    play: &mut Play,
    device: usize,
    conversation: ConversationId,
    member: MemberId,
    role: Role,
) {
    let command = Command::SetRole {
        conversation,
        member,
        role,
    };
    play.world.command(device, command).await;
}

#[test]
fn somebody_who_cannot_be_added_holds_nothing_up() {
    story(async {
        let mut play = Play::begin(80, 4).await;
        let id = group(&mut play, "Desk", &[1]).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let bob = play.members[1].id;
        play.world.lie = Some(Box::new(|_, name, mut frame| {
            if name == "key_packages.claim" && frame.ok.is_some() {
                frame.ok = None;
                frame.err = Some(WireError::from(ErrorCode::KeyPackagesExhausted));
            }
            Some(frame)
        }));
        add(&mut play, a, id, &[2, 3]).await;
        let remove = Command::RemoveMember {
            conversation: id,
            member: bob,
        };
        play.world.command(a, remove).await;
        pass(&mut play.world, SOON).await;
        assert!(row(&play, b, id).gone);
        let told = play.world.devices[a].updates.iter().filter(|update| {
            matches!(update, Update::Failed { doing: Doing::AddingMembers, failure }
                if failure.is(ErrorCode::KeyPackagesExhausted))
        });
        assert_eq!(told.count(), 2);
        assert!(!rules(&play, a, id).changing);
        play.world.lie = None;
        add(&mut play, a, id, &[2]).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(rules(&play, a, id).roles.len(), 2);
        play.heal_and_check().await;
    });
}

#[test]
fn a_title_that_nobody_would_take_is_dropped() {
    story(async {
        let mut play = Play::begin(81, 2).await;
        let id = group(&mut play, "Desk", &[1]).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let bob = play.members[1].id;
        set_role(&mut play, a, id, bob, Role::GroupAdmin).await;
        play.world.cut(b);
        play.world.stall(b, 20_000);
        let title = "Mine".to_owned();
        let named = Command::SetTitle {
            conversation: id,
            title,
        };
        play.world.command(b, named).await;
        assert_eq!(row(&play, b, id).title, "Mine", "kept until it can be said");
        set_role(&mut play, a, id, bob, Role::ReadOnly).await;
        pass(&mut play.world, 90_000).await;
        assert_eq!(row(&play, b, id).title, "Desk");
        set_role(&mut play, a, id, bob, Role::GroupAdmin).await;
        pass(&mut play.world, 90_000).await;
        assert_eq!(row(&play, a, id).title, "Desk");
        play.heal_and_check().await;
    });
}
