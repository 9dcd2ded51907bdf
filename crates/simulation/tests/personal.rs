//! Stories of what people see and keep for themselves: pages, drafts, settings, verification.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Doing, Failure, Update,
    view::{At, ConversationView, Item, Language, SafetyCheck, SendState, Settings, Theme},
};
use protocol::ConversationId;
use simulation::{
    play::Play,
    story::{conversations, direct, fresh_device, look_around, pass, say, story},
};

fn view(play: &Play, device: usize, id: ConversationId) -> ConversationView {
    play.world.engine(device).conversation(id).unwrap()
}

fn seqs(items: &[Item]) -> Vec<u64> {
    items.iter().filter_map(|item| item.seq).collect()
}

async fn save_draft(play: &mut Play, device: usize, conversation: ConversationId, text: &str) {
    let text = text.to_owned();
    let save = Command::SaveDraft { conversation, text };
    play.world.command(device, save).await;
}

#[test]
fn what_would_be_lost_with_the_device_is_what_the_server_does_not_have() {
    story(async {
        let mut play = Play::begin(47, 2).await;
        let id = direct(&mut play, 0, 1).await;
        say(&mut play, 0, id, "sent").await;
        pass(&mut play.world, 5_000).await;
        let a = play.members[0].devices[0];
        let unsent = |play: &Play| -> Vec<(String, String)> {
            let unsent = play.world.engine(a).unsent().into_iter();
            unsent.map(|one| (one.title, one.text)).collect()
        };
        assert_eq!(unsent(&play), []);
        play.world.crash_server().await;
        say(&mut play, 0, id, "first").await;
        say(&mut play, 0, id, "second").await;
        save_draft(&mut play, a, id, "beg").await;
        let title = view(&play, a, id).title;
        let lost = ["first", "second", "beg"].map(|text| (title.clone(), text.to_owned()));
        assert_eq!(unsent(&play), lost);
    });
}

#[test]
fn pages_go_both_ways() {
    story(async {
        let mut play = Play::begin(40, 2).await;
        let id = direct(&mut play, 0, 1).await;
        for n in 0..30 {
            say(&mut play, n % 2, id, &format!("message {n}")).await;
            pass(&mut play.world, 300).await;
        }
        pass(&mut play.world, 5_000).await;
        let a = play.members[0].devices[0];
        let page =
            |play: &Play, at: At, limit| play.world.engine(a).timeline(id, at, limit).unwrap();
        let newest = page(&play, At::Newest, 10);
        assert_eq!(seqs(&newest.items), (22..=31).collect::<Vec<_>>());
        assert!(newest.older && !newest.newer);
        let before = page(&play, At::Before(22), 10);
        assert_eq!(seqs(&before.items), (12..=21).collect::<Vec<_>>());
        assert!(before.older && before.newer);
        let first = page(&play, At::Before(5), 10);
        assert_eq!(seqs(&first.items), [1, 2, 3, 4]);
        assert!(!first.older && first.newer);
        let after = page(&play, At::After(4), 10);
        assert_eq!(seqs(&after.items), (5..=14).collect::<Vec<_>>());
        assert!(after.older && after.newer);
        let rest = page(&play, At::After(29), 10);
        assert_eq!(seqs(&rest.items), [30, 31]);
        assert!(!rest.newer);
        assert_eq!(page(&play, At::After(31), 10).items, []);

        // what waits stands at the end, and keeps its key when it is sent
        play.world.crash_server().await;
        say(&mut play, 0, id, "written without a server").await;
        let waiting = page(&play, At::After(30), 10).items;
        assert_eq!(waiting.len(), 2);
        assert_eq!(waiting[1].state, Some(SendState::Waiting));
        let last = view(&play, a, id).last.unwrap();
        assert_eq!(
            (last.text.as_str(), last.own),
            ("written without a server", true)
        );
        assert_eq!(last.state, Some(SendState::Waiting));
        assert_eq!(
            page(&play, At::Before(31), 1).items.len(),
            1,
            "not on a page before"
        );
        play.world.server.start().await;
        pass(&mut play.world, 30_000).await;
        let sent = page(&play, At::After(31), 10).items;
        assert_eq!(sent[0].key(), waiting[1].key());
        assert_eq!(
            view(&play, a, id).last.unwrap().state,
            Some(SendState::Delivered)
        );
        play.heal_and_check().await;
    });
}

#[test]
fn unread_messages_are_counted_however_the_mark_moves() {
    story(async {
        let mut play = Play::begin(41, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        for n in 0..20 {
            say(
                &mut play,
                usize::from(n % 4 == 0),
                id,
                &format!("message {n}"),
            )
            .await;
            pass(&mut play.world, 300).await;
        }
        pass(&mut play.world, 5_000).await;
        assert_eq!(view(&play, b, id).unread, 15);
        // seq 1 is the beginning; own messages at 2, 6, 10, 14, 18
        for (seq, unread) in [(1, 15), (2, 15), (5, 12), (9, 9), (6, 9), (20, 1), (21, 0)] {
            let read = Command::MarkRead {
                conversation: id,
                seq,
            };
            play.world.command(b, read).await;
            assert_eq!(view(&play, b, id).unread, unread, "read up to {seq}");
        }
        assert_eq!(view(&play, b, id).read, 21);
        pass(&mut play.world, 5_000).await;
        say(&mut play, 0, id, "one more").await;
        pass(&mut play.world, 5_000).await;
        assert_eq!(view(&play, b, id).unread, 1);
        let fresh = fresh_device(&mut play, 1).await;
        let there = view(&play, fresh, id);
        assert_eq!((there.unread, there.read), (1, 21), "on a fresh device too");
    });
}

#[test]
fn drafts_travel_between_devices_and_go_when_they_are_sent() {
    story(async {
        let mut play = Play::begin(42, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        save_draft(&mut play, a, id, "dear Bo").await;
        assert_eq!(view(&play, a, id).draft, "dear Bo", "at once here");
        play.world.crash_device(a);
        play.world.start_device(a).await;
        assert_eq!(view(&play, a, id).draft, "dear Bo", "kept through a crash");
        pass(&mut play.world, 10_000).await;
        assert_eq!(view(&play, second, id).draft, "dear Bo");
        let third = fresh_device(&mut play, 0).await;
        assert_eq!(view(&play, third, id).draft, "dear Bo", "at sign-in");
        // the last writer wins
        save_draft(&mut play, second, id, "dear Bob").await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(view(&play, a, id).draft, "dear Bob");
        // sent from another device
        say(&mut play, 0, id, "dear Bob, hello").await;
        pass(&mut play.world, 10_000).await;
        for device in [a, second, third] {
            assert_eq!(view(&play, device, id).draft, "");
        }
        let there = |b: usize| play.world.engine(b).conversation(id).unwrap().draft.clone();
        assert_eq!(
            there(play.members[1].devices[0]),
            "",
            "never to the other person"
        );
        play.heal_and_check().await;
    });
}

#[test]
fn what_is_being_typed_here_is_not_lost_to_another_device() {
    story(async {
        let mut play = Play::begin(43, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        // both type without knowing of each other
        play.world.crash_server().await;
        save_draft(&mut play, a, id, "typed on the first").await;
        save_draft(&mut play, second, id, "typed on the second").await;
        play.world.server.start().await;
        for _ in 0..200 {
            pass(&mut play.world, 100).await;
            let (here, there) = (view(&play, a, id).draft, view(&play, second, id).draft);
            assert!(!here.is_empty() && !there.is_empty());
        }
        let (here, there) = (view(&play, a, id).draft, view(&play, second, id).draft);
        assert_eq!(here, there, "in the end they agree");
        // an emptied draft is gone everywhere, also for who was away meanwhile
        play.world.crash_device(second);
        save_draft(&mut play, a, id, "").await;
        pass(&mut play.world, 10_000).await;
        play.world.start_device(second).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(view(&play, second, id).draft, "");
        play.world.devices[a].updates.clear();
        save_draft(&mut play, a, id, &"long ".repeat(20_000)).await;
        let refused = Update::Failed {
            doing: Doing::SavingDraft,
            failure: Failure::Text,
        };
        assert!(play.world.devices[a].updates.contains(&refused));
        play.heal_and_check().await;
    });
}

#[test]
fn settings_are_alike_on_all_devices() {
    story(async {
        let mut play = Play::begin(44, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        assert_eq!(play.world.engine(a).settings(), Settings::default());
        let french = Settings {
            language: Language::French,
            ..Settings::default()
        };
        play.world.command(a, Command::SaveSettings(french)).await;
        pass(&mut play.world, 5_000).await;
        assert_eq!(play.world.engine(second).settings(), french);
        assert!(
            play.world.devices[second]
                .updates
                .contains(&Update::Settings(french))
        );
        // two devices change different things without knowing of each other
        play.world.crash_server().await;
        let dark = Settings {
            theme: Theme::Dark,
            ..french
        };
        let quiet = Settings {
            receipts: false,
            ..french
        };
        play.world.command(a, Command::SaveSettings(dark)).await;
        play.world
            .command(second, Command::SaveSettings(quiet))
            .await;
        play.world.server.start().await;
        pass(&mut play.world, 30_000).await;
        let both = Settings {
            receipts: false,
            ..dark
        };
        for device in [a, second, fresh_device(&mut play, 0).await] {
            assert_eq!(play.world.engine(device).settings(), both);
        }
        play.heal_and_check().await;
    });
}

#[test]
fn that_the_last_message_was_read_is_told_of_the_list_too() {
    story(async {
        let mut play = Play::begin(48, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        say(&mut play, 0, id, "read this").await;
        pass(&mut play.world, 10_000).await;
        let told = play.world.devices[a].updates.len();
        reads_all(&mut play, b, id).await;
        pass(&mut play.world, 10_000).await;
        let last = view(&play, a, id).last.unwrap();
        assert_eq!(last.state, Some(SendState::Read));
        let now = &play.world.devices[a].updates[told..];
        assert!(
            now.contains(&Update::Conversations),
            "it stands in the list"
        );
    });
}

/// A person reads to the end of their only conversation.
async fn reads_all(play: &mut Play, device: usize, conversation: ConversationId) {
    let seq = play.world.engine(device).followed()[0].1;
    let read = Command::MarkRead { conversation, seq };
    play.world.command(device, read).await;
}

#[test]
fn without_receipts_only_the_own_devices_know_what_was_read() {
    story(async {
        let mut play = Play::begin(45, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let second = fresh_device(&mut play, 1).await;
        let off = Settings {
            receipts: false,
            ..Settings::default()
        };
        play.world.command(b, Command::SaveSettings(off)).await;
        pass(&mut play.world, 10_000).await;
        say(&mut play, 0, id, "did you read this?").await;
        pass(&mut play.world, 10_000).await;
        reads_all(&mut play, b, id).await;
        pass(&mut play.world, 10_000).await;
        let state = |play: &Play| view(play, a, id).last.unwrap().state;
        assert_eq!(state(&play), Some(SendState::Sent), "nothing is told");
        assert_eq!(view(&play, second, id).unread, 0);
        let third = fresh_device(&mut play, 1).await;
        assert_eq!(view(&play, third, id).unread, 0);
        // switched on again, it is told what was read meanwhile
        let on = Command::SaveSettings(Settings::default());
        play.world.command(second, on).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(state(&play), Some(SendState::Read));
        play.heal_and_check().await;
    });
}

#[test]
fn what_was_read_just_before_receipts_were_switched_off_is_known_on_all_devices() {
    story(async {
        let mut play = Play::begin(47, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        let second = fresh_device(&mut play, 1).await;
        say(&mut play, 0, id, "did you read this?").await;
        pass(&mut play.world, 10_000).await;
        reads_all(&mut play, b, id).await;
        // before the receipt goes
        let off = Settings {
            receipts: false,
            ..Settings::default()
        };
        play.world.command(b, Command::SaveSettings(off)).await;
        pass(&mut play.world, 10_000).await;
        let state = view(&play, play.members[0].devices[0], id)
            .last
            .unwrap()
            .state;
        assert_ne!(state, Some(SendState::Read), "nothing is told");
        assert_eq!(view(&play, second, id).unread, 0);
        play.heal_and_check().await;
    });
}

#[test]
fn a_compared_safety_number_is_known_on_all_devices_until_it_is_taken_back() {
    story(async {
        let mut play = Play::begin(46, 3).await;
        let id = direct(&mut play, 0, 1).await;
        direct(&mut play, 1, 2).await;
        let devices = [play.members[0].devices[0], play.members[1].devices[0]];
        let [a, b] = devices;
        let (alice, bob, carol) = (play.members[0].id, play.members[1].id, play.members[2].id);
        let code = |play: &Play, device: usize, of| play.world.engine(device).safety_code(of);
        let check =
            |play: &Play, scanned: &[u8]| play.world.engine(a).check_safety_code(bob, scanned);
        let shown = code(&play, b, alice).unwrap();
        assert_eq!(check(&play, &shown), SafetyCheck::Match);
        assert!(!view(&play, a, id).verified, "the person decides");
        let own = code(&play, a, bob).unwrap();
        assert_eq!(
            check(&play, &own),
            SafetyCheck::OtherPerson,
            "the own screen"
        );
        assert_eq!(
            check(&play, b"https://example.org"),
            SafetyCheck::NotASafetyCode
        );
        assert_eq!(check(&play, &[]), SafetyCheck::NotASafetyCode);
        let mut altered = shown.clone();
        *altered.last_mut().unwrap() ^= 1;
        assert_eq!(
            check(&play, &altered),
            SafetyCheck::Mismatch,
            "they know another me"
        );
        let mut altered = shown;
        altered[1] ^= 1;
        assert_eq!(
            check(&play, &altered),
            SafetyCheck::Mismatch,
            "I know another them"
        );
        let theirs = code(&play, b, carol).unwrap();
        assert_eq!(code(&play, a, carol), None, "nobody that is pinned");
        assert_eq!(
            check(&play, &theirs),
            SafetyCheck::Mismatch,
            "as far as can be told"
        );

        let second = fresh_device(&mut play, 0).await;
        for verified in [true, false, true] {
            let mark = Command::SetVerified {
                member: bob,
                verified,
            };
            play.world.command(a, mark).await;
            assert!(
                play.world.devices[a]
                    .updates
                    .contains(&Update::Done(Doing::Verifying))
            );
            pass(&mut play.world, 10_000).await;
            for device in [a, second] {
                assert_eq!(view(&play, device, id).verified, verified);
                assert_eq!(
                    play.world.engine(device).person(bob).unwrap().verified,
                    verified
                );
            }
        }
        play.world.devices[a].updates.clear();
        let nobody = Command::SetVerified {
            member: carol,
            verified: true,
        };
        play.world.command(a, nobody).await;
        let refused = Update::Failed {
            doing: Doing::Verifying,
            failure: Failure::NoPerson,
        };
        assert!(play.world.devices[a].updates.contains(&refused));
        play.heal_and_check().await;
    });
}

#[test]
fn a_fresh_device_with_many_conversations_is_soon_ready() {
    story(async {
        const MANY: usize = 20; // as many key packages as somebody may claim in an hour
        let mut play = Play::begin(47, 2).await;
        let a = play.members[0].devices[0];
        let bob = play.members[1].id;
        for _ in 0..MANY {
            let group = Command::CreateGroup {
                title: String::new(),
                members: vec![bob],
            };
            play.world.command(a, group).await;
            pass(&mut play.world, 3_000).await;
        }
        let ids: Vec<ConversationId> = play
            .world
            .engine(a)
            .followed()
            .iter()
            .map(|f| f.0)
            .collect();
        assert_eq!(ids.len(), MANY);
        for (n, id) in ids.iter().enumerate() {
            say(&mut play, n % 2, *id, &format!("in {n}")).await;
        }
        pass(&mut play.world, 30_000).await;
        let device = play.world.add_device(1).await;
        play.members[1].devices.push(device);
        let counts = std::rc::Rc::new(std::cell::RefCell::new(std::collections::BTreeMap::<
            String,
            usize,
        >::new()));
        let counted = std::rc::Rc::clone(&counts);
        play.world.lie = Some(Box::new(move |to, name, frame| {
            if to == device && frame.id.is_some() {
                *counted.borrow_mut().entry(name.to_owned()).or_default() += 1;
            }
            Some(frame)
        }));
        play.world.faults.delay_ms = 20;
        let sign_in = Command::SignIn {
            login_name: play.members[1].name.clone(),
            passphrase: play.members[1].passphrase.clone(),
            device_name: "a fresh device".to_owned(),
        };
        let began = play.world.now();
        play.world.command(device, sign_in).await;
        let readable = |w: &simulation::World| {
            let rows = w.engine(device).conversations();
            rows.len() == MANY && rows.iter().all(|row| row.last.is_some())
        };
        assert!(play.world.run(began + 60_000, readable).await);
        let took = play.world.now() - began;
        let asked: usize = counts.borrow().values().sum();
        println!("{took} ms, {asked} requests: {:?}", counts.borrow());
        assert!(took < 3_000, "{took} ms");
        assert!(asked < 8 * MANY, "{asked} requests");
        play.world.lie = None;
        play.heal_and_check().await;
    });
}

async fn hide(play: &mut Play, device: usize, conversation: ConversationId, hidden: bool) {
    let hide = Command::Hide {
        conversation,
        hidden,
    };
    play.world.command(device, hide).await;
}

#[test]
fn what_is_put_out_of_sight_comes_back_with_the_next_message() {
    story(async {
        let mut play = Play::begin(49, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let other = play.members[1].id;
        say(&mut play, 1, id, "old words").await;
        let mut own = vec![play.members[0].devices[0]];
        own.push(fresh_device(&mut play, 0).await);
        pass(&mut play.world, 10_000).await;
        assert!(own.iter().all(|d| !view(&play, *d, id).hidden));

        hide(&mut play, own[0], id, true).await;
        pass(&mut play.world, 10_000).await;
        own.push(fresh_device(&mut play, 0).await);
        pass(&mut play.world, 10_000).await;
        assert!(own.iter().all(|d| view(&play, *d, id).hidden));
        let b = play.members[1].devices[0];
        assert!(!view(&play, b, id).hidden, "nobody else's list changes");

        say(&mut play, 1, id, "new words").await;
        pass(&mut play.world, 10_000).await;
        assert!(own.iter().all(|d| !view(&play, *d, id).hidden));

        // whoever looks for the person has it back, before a word is said
        hide(&mut play, own[1], id, true).await;
        pass(&mut play.world, 10_000).await;
        assert!(own.iter().all(|d| view(&play, *d, id).hidden));
        let open = Command::OpenDirect { member: other };
        play.world.command(own[2], open).await;
        pass(&mut play.world, 10_000).await;
        assert!(own.iter().all(|d| !view(&play, *d, id).hidden));
        play.heal_and_check().await;
    });
}

#[test]
fn a_group_is_left_and_not_hidden() {
    story(async {
        let mut play = Play::begin(50, 2).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        look_around(&mut play, a).await;
        let create = Command::CreateGroup {
            title: "Desk".into(),
            members: vec![play.members[1].id],
        };
        play.world.command(a, create).await;
        pass(&mut play.world, 10_000).await;
        let [id] = conversations(&play, b)[..] else {
            panic!("one group")
        };
        hide(&mut play, b, id, true).await;
        assert!(play.world.devices[b].updates.contains(&Update::Failed {
            doing: Doing::Hiding,
            failure: Failure::NotAllowed,
        }));
        let leave = Command::LeaveGroup { conversation: id };
        play.world.command(b, leave).await;
        pass(&mut play.world, 10_000).await;
        hide(&mut play, b, id, true).await;
        assert!(view(&play, b, id).hidden);
        play.heal_and_check().await;
    });
}
