//! Suspended members and closed accounts, as all devices see them.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Doing, Failure, Update,
    view::{ConnectionView, ConversationView, ItemBody, SendState},
};
use protocol::{ConversationId, ErrorCode};
use simulation::{
    play::Play,
    story::{direct, fresh_device, look_around, pass, say, story},
};

const SOON: u64 = 10_000;

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

async fn suspend(play: &mut Play, member: usize, suspended: bool) {
    let admin = play.members[0].devices[0];
    let member = play.members[member].id;
    let command = Command::Suspend { member, suspended };
    play.world.command(admin, command).await;
    // a device notices the end of its connection when nothing answers any more
    pass(&mut play.world, 70_000).await;
}

fn row(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

fn items(play: &Play, device: usize, id: ConversationId) -> Vec<ItemBody> {
    let page = play.world.engine(device).timeline(id, None, 1_000).unwrap();
    page.items.into_iter().map(|item| item.body).collect()
}

fn has_text(play: &Play, device: usize, id: ConversationId, text: &str) -> bool {
    items(play, device, id).contains(&ItemBody::Text(text.to_owned()))
}

fn closed_rows(play: &Play, device: usize, id: ConversationId) -> usize {
    let rows = items(play, device, id).into_iter();
    rows.filter(|body| *body == ItemBody::AccountClosed).count()
}

fn told(play: &Play, device: usize, update: &Update) -> bool {
    play.world.devices[device].updates.contains(update)
}

fn failed(play: &Play, device: usize, doing: Doing) -> Option<Failure> {
    let updates = play.world.devices[device].updates.iter().rev();
    let mut failures = updates.filter_map(|update| match update {
        Update::Failed { doing: d, failure } if *d == doing => Some(failure.clone()),
        _ => None,
    });
    failures.next()
}

#[test]
fn who_is_suspended_keeps_everything_and_goes_on_when_it_is_over() {
    story(async {
        let mut play = Play::begin(401, 3).await;
        let id = group(&mut play).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        suspend(&mut play, 1, true).await;
        assert!(told(&play, a, &Update::Done(Doing::Suspending)));
        assert_eq!(play.world.engine(b).connection(), ConnectionView::Suspended);
        assert!(!play.world.engine(b).is_signed_out());
        // the others are told, and what they write waits for them
        let seen = play.world.engine(c).person(play.members[1].id).unwrap();
        assert!(seen.suspended && !seen.admin);
        say(&mut play, 2, id, "while you are away").await;
        say(&mut play, 1, id, "written meanwhile").await;
        pass(&mut play.world, 200_000).await;
        assert!(!has_text(&play, b, id, "while you are away"));
        assert!(!has_text(&play, a, id, "written meanwhile"));
        // a fresh device is told why it does not get in
        let other = play.world.add_device(1).await;
        let sign_in = Command::SignIn {
            login_name: play.members[1].name.clone(),
            passphrase: play.members[1].passphrase.clone(),
            device_name: "another one".to_owned(),
        };
        play.world.command(other, sign_in).await;
        pass(&mut play.world, SOON).await;
        let refused = failed(&play, other, Doing::SigningIn).unwrap();
        assert!(refused.is(ErrorCode::AccountSuspended), "{refused:?}");
        play.out.insert(other, 0);

        suspend(&mut play, 1, false).await;
        pass(&mut play.world, 70_000).await;
        assert_eq!(play.world.engine(b).connection(), ConnectionView::Online);
        assert!(has_text(&play, b, id, "while you are away"));
        assert!(has_text(&play, a, id, "written meanwhile"));
        assert!(
            !play
                .world
                .engine(c)
                .person(play.members[1].id)
                .unwrap()
                .suspended
        );
        play.heal_and_check().await;
    });
}

#[test]
fn a_device_that_starts_while_its_member_is_suspended_wipes_nothing() {
    story(async {
        let mut play = Play::begin(402, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        play.world.crash_device(b);
        suspend(&mut play, 1, true).await;
        play.world.start_device(b).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(play.world.engine(b).connection(), ConnectionView::Suspended);
        assert!(row(&play, b, id).ready);
        suspend(&mut play, 1, false).await;
        // a person may try at once
        play.world.command(b, Command::RetryNow).await;
        pass(&mut play.world, 2_000).await;
        assert_eq!(play.world.engine(b).connection(), ConnectionView::Online);
        play.heal_and_check().await;
    });
}

#[test]
fn only_admins_suspend_and_close_and_nobody_themselves() {
    story(async {
        let mut play = Play::begin(403, 3).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let (me, ben, cleo) = (play.members[0].id, play.members[1].id, play.members[2].id);
        let all = |member| {
            let suspended = true;
            [
                Command::Suspend { member, suspended },
                Command::CloseAccountOf { member },
                Command::SetAdmin {
                    member,
                    admin: true,
                },
            ]
        };
        for (device, member) in [(b, cleo), (a, me)] {
            for command in all(member) {
                let doing = command.doing();
                play.world.command(device, command).await;
                assert_eq!(failed(&play, device, doing), Some(Failure::NotAllowed));
            }
        }
        // an admin from now on: the app knows at once
        let member = ben;
        play.world
            .command(
                a,
                Command::SetAdmin {
                    member,
                    admin: true,
                },
            )
            .await;
        pass(&mut play.world, 2_000).await;
        let role = play.world.engine(b).role();
        assert_eq!(
            role,
            Some(protocol::methods::account::OrganisationRole::Admin)
        );
        look_around(&mut play, a).await;
        assert!(play.world.engine(a).person(ben).unwrap().admin);
        let member = cleo;
        let suspend = Command::Suspend {
            member,
            suspended: true,
        };
        play.world.command(b, suspend).await;
        pass(&mut play.world, 2_000).await;
        assert!(told(&play, b, &Update::Done(Doing::Suspending)));
        // other admins are not suspended: what the engine does not know, the server does
        let suspend = Command::Suspend {
            member: me,
            suspended: true,
        };
        play.world.command(b, suspend).await;
        pass(&mut play.world, 2_000).await;
        let refused = failed(&play, b, Doing::Suspending).unwrap();
        assert!(refused.is(ErrorCode::Forbidden), "{refused:?}");
    });
}

#[test]
fn a_closed_account_is_told_and_what_it_wrote_stays() {
    story(async {
        let mut play = Play::begin(404, 3).await;
        let id = group(&mut play).await;
        let pair = direct(&mut play, 1, 2).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        say(&mut play, 1, id, "from ben").await;
        say(&mut play, 1, pair, "between us").await;
        pass(&mut play.world, SOON).await;
        let member = play.members[1].id;
        let name = play.world.engine(c).person(member).unwrap().display_name;
        play.world
            .command(a, Command::CloseAccountOf { member })
            .await;
        // and the server dies at once
        play.world.crash_server().await;
        pass(&mut play.world, 3 * SOON).await;
        play.world.server.start().await;
        pass(&mut play.world, 3 * SOON).await;
        let closed = told(&play, a, &Update::Done(Doing::ClosingAccountOf));
        if !closed {
            play.world
                .command(a, Command::CloseAccountOf { member })
                .await;
            pass(&mut play.world, SOON).await;
        }
        play.world.server.sweep().await;
        pass(&mut play.world, 70_000).await;
        assert!(told(&play, b, &Update::SignedOut));
        for device in [a, c] {
            assert_eq!(closed_rows(&play, device, id), 1);
            assert!(has_text(&play, device, id, "from ben"));
            assert_eq!(row(&play, device, id).members.len(), 2);
        }
        say(&mut play, 0, id, "without him").await;
        pass(&mut play.world, SOON).await;
        assert!(has_text(&play, c, id, "without him"));
        // the direct conversation is read on, and says why it can't be written in
        let view = row(&play, c, pair);
        assert!(view.closed && !view.gone && view.title == name, "{view:?}");
        assert!(has_text(&play, c, pair, "between us"));
        let conversation = pair;
        let text = "are you there?".to_owned();
        play.world
            .command(c, Command::SendText { conversation, text })
            .await;
        assert_eq!(
            failed(&play, c, Doing::Sending),
            Some(Failure::AccountClosed)
        );
        // so it is on a device that comes later
        let fresh = fresh_device(&mut play, 2).await;
        play.world
            .command(fresh, Command::LoadOlder { conversation: id })
            .await;
        play.world
            .command(fresh, Command::LoadOlder { conversation: pair })
            .await;
        pass(&mut play.world, SOON).await;
        assert!(
            has_text(&play, fresh, id, "from ben"),
            "{:?}",
            items(&play, fresh, id)
        );
        let view = row(&play, fresh, pair);
        assert!(view.closed && view.title == name, "{view:?}");
        assert!(has_text(&play, fresh, pair, "between us"));
    });
}

#[test]
fn who_closes_their_own_account_leaves_nothing_on_the_device() {
    story(async {
        let mut play = Play::begin(405, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let second = fresh_device(&mut play, 1).await;
        let wrong = play.members[0].passphrase.clone();
        play.world
            .command(b, Command::CloseAccount { passphrase: wrong })
            .await;
        pass(&mut play.world, 2_000).await;
        assert_eq!(
            failed(&play, b, Doing::ClosingAccount),
            Some(Failure::Passphrase)
        );
        let right = play.members[0].passphrase.clone();
        play.world
            .command(a, Command::CloseAccount { passphrase: right })
            .await;
        pass(&mut play.world, 2_000).await;
        let refused = failed(&play, a, Doing::ClosingAccount).unwrap();
        assert!(refused.is(ErrorCode::LastAdmin), "{refused:?}");

        let passphrase = play.members[1].passphrase.clone();
        play.world
            .command(b, Command::CloseAccount { passphrase })
            .await;
        pass(&mut play.world, 70_000).await;
        assert!(told(&play, b, &Update::Done(Doing::ClosingAccount)));
        assert!(told(&play, b, &Update::Wiped));
        assert!(play.world.engine(b).me().is_none());
        assert!(play.world.engine(b).conversations().is_empty());
        assert!(told(&play, second, &Update::SignedOut));
        assert!(row(&play, a, id).closed);
        assert_eq!(closed_rows(&play, a, id), 1);
    });
}

#[test]
fn a_message_that_waits_when_the_other_account_closes_is_not_lost_on_the_way() {
    story(async {
        let mut play = Play::begin(406, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let b = play.members[1].devices[0];
        play.world.cut(a);
        say(&mut play, 0, id, "too late").await;
        let passphrase = play.members[1].passphrase.clone();
        play.world
            .command(b, Command::CloseAccount { passphrase })
            .await;
        pass(&mut play.world, 3 * SOON).await;
        let page = play.world.engine(a).timeline(id, None, 100).unwrap();
        let mut texts = page.items.into_iter().filter(|i| i.message.is_some());
        let item = texts.next().unwrap();
        assert_eq!(
            item.state,
            Some(SendState::Sent),
            "it stands in the log, and nobody reads it"
        );
    });
}
