//! Messages and the chain of epochs.

use client::view::ItemBody;
use protocol::{
    Bytes, ErrorCode, encode,
    methods::{
        conversations::{SendMessage, kind},
        people::Certificates,
    },
};
use simulation::{
    Forged,
    play::Play,
    story::{direct, fresh_device, pass, say, say_on, story, was_told},
};
use testkit::Change;

use super::{
    SOON, bodies, change_keys, group_with_eve, lie_about_entries, overhear, overheard, row,
    scroll_back, texts, unverified,
};

/// A fresh device has the secret of one epoch and the log, and nothing else of the epochs before. It walks back link by
/// link and opens everything; the person sees the whole history.
#[test]
fn a01_a_fresh_device_opens_all_epochs_from_its_state_and_the_log() {
    story(async {
        let mut play = Play::begin(401, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let devices = [play.members[0].devices[0], play.members[1].devices[0]];
        let mut said = Vec::new();
        for n in 0..4 {
            said.push(format!("in epoch {n}"));
            say(&mut play, n % 2, id, &said[n]).await;
            pass(&mut play.world, SOON).await;
            change_keys(&mut play, devices[n % 2], id).await;
        }
        let fresh = fresh_device(&mut play, 0).await;
        scroll_back(&mut play, fresh, id).await;
        assert_eq!(texts(&play, fresh, id), said);
        assert_eq!(unverified(&play, fresh, id), 0);
        play.heal_and_check().await;
    });
}

/// The connection breaks while a message is on its way, so that it is sealed again with other content (what its author has
/// seen by then). It keeps its message id and never its key id: no key seals two plaintexts. It is shown once.
#[test]
fn a02_what_is_sent_again_is_never_sealed_twice_under_one_key() {
    story(async {
        let mut play = Play::begin(402, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        overhear(&mut play);
        say(&mut play, 0, id, "once").await;
        play.world.cut(a);
        say(&mut play, 1, id, "meanwhile").await;
        pass(&mut play.world, 60_000).await;
        let sent: Vec<SendMessage> = overheard(&play, a);
        assert_eq!(sent.len(), 2, "sent again");
        assert_eq!(sent[0].message, sent[1].message);
        assert_ne!(sent[0].body, sent[1].body, "of something seen meanwhile");
        let key_id = |n: usize| sent[n].body[3..19].to_vec();
        assert_ne!(key_id(0), key_id(1));
        let once = texts(&play, b, id);
        assert_eq!(once.iter().filter(|text| *text == "once").count(), 1);
        play.heal_and_check().await;
    });
}

/// The server drops the link beside a commit, or gives another. No commit is blocked by that: the client goes on, and keeps
/// the secret before it in the vault. The person sees everything, on a fresh device too.
#[test]
fn a03_a_dropped_or_forged_link_takes_nothing_away() {
    story(async {
        for forged in [false, true] {
            let mut play = Play::begin(403, 2).await;
            let id = direct(&mut play, 0, 1).await;
            let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
            say(&mut play, 0, id, "before").await;
            pass(&mut play.world, SOON).await;
            lie_about_entries(&mut play, b, move |entry| {
                entry.link = entry.link.take().filter(|_| forged).map(spoilt);
            });
            change_keys(&mut play, a, id).await;
            say(&mut play, 0, id, "after").await;
            pass(&mut play.world, SOON).await;
            assert!(!row(&play, b, id).broken);
            assert_eq!(texts(&play, b, id), ["before", "after"]);
            // the fresh device is lied to as well
            let fresh = play.world.devices.len();
            lie_about_entries(&mut play, fresh, move |entry| {
                entry.link = entry.link.take().filter(|_| forged).map(spoilt);
            });
            assert_eq!(fresh_device(&mut play, 1).await, fresh);
            scroll_back(&mut play, fresh, id).await;
            assert_eq!(texts(&play, fresh, id), ["before", "after"]);
            play.world.lie = None;
            play.heal_and_check().await;
        }
    });
}

/// The same bytes but the last one.
fn spoilt(bytes: Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    bytes.into()
}

/// Who was removed seals a message under the epoch that they still know, and the server writes it into the log: once as of
/// that epoch, once as of the present one. Clients show that something does not verify, never the text, and go on.
#[test]
fn a04_what_somebody_says_after_their_removal_is_not_shown() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(404, 2).await;
        let devices = [play.members[0].devices[0], play.members[1].devices[0]];
        let now = play.world.now();
        let late = eve.member.seal(id, "I am still here", now);
        let remove = client::Command::RemoveMember {
            conversation: id,
            member: eve.member.member,
        };
        play.world.command(devices[0], remove).await;
        pass(&mut play.world, SOON).await;
        let refused = eve.ask(&late).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotAMember);
        let again = eve.member.seal(id, "and here", now);
        for (message, epoch) in [(late, 0), (again, 1)] {
            let epoch = message.epoch + epoch;
            let (sender, name) = (eve.member.member, message.message);
            let forged = Forged::message(sender, epoch, name, message.body);
            play.world.forge(id, forged).await;
            pass(&mut play.world, SOON).await;
        }
        say(&mut play, 0, id, "she is gone").await;
        pass(&mut play.world, SOON).await;
        for device in devices {
            assert_eq!(texts(&play, device, id), ["she is gone"]);
            assert_eq!(unverified(&play, device, id), 2);
            assert!(!row(&play, device, id).broken);
        }
    });
}

/// The server gives a member's message out as another's. Clients show that it does not verify, and not the text.
#[test]
fn a04_a_message_under_another_members_name_is_not_shown() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(405, 2).await;
        let a = play.members[0].devices[0];
        let said = eve.member.seal(id, "by Bob, surely", play.world.now());
        let bob = play.members[1].id;
        let forged = Forged::message(bob, said.epoch, said.message, said.body);
        play.world.forge(id, forged).await;
        pass(&mut play.world, SOON).await;
        assert!(texts(&play, a, id).is_empty());
        assert_eq!(unverified(&play, a, id), 1);
    });
}

/// Two devices of one member act on one leaf at the same time. What they send are public MLS commits, of which the server
/// takes one per epoch, and sealed boxes under keys of their own; nothing comes from a ratchet that both would turn.
#[test]
fn a14_two_devices_of_one_leaf_never_use_one_key_twice() {
    story(async {
        let mut play = Play::begin(406, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        let second = fresh_device(&mut play, 0).await;
        overhear(&mut play);
        for round in 0..3 {
            for device in [a, second] {
                let change = client::Command::UpdateKeys { conversation: id };
                play.world.command(device, change).await;
                say_on(&mut play, 0, device, id, &format!("{round} on {device}")).await;
            }
            pass(&mut play.world, SOON).await;
        }
        let mut keys = Vec::new();
        for device in [a, second] {
            use protocol::methods::conversations::CommitConversation;
            let commits: Vec<CommitConversation> = overheard(&play, device);
            assert!(!commits.is_empty());
            // MLS 1.0, PublicMessage
            assert!(commits.iter().all(|c| c.commit.starts_with(&[0, 1, 0, 1])));
            let sent: Vec<SendMessage> = overheard(&play, device);
            // our own box, version 1, suite 1
            assert!(sent.iter().all(|s| s.body.starts_with(&[1, 0, 1])));
            keys.extend(sent.into_iter().map(|s| (s.body[3..19].to_vec(), s.body)));
        }
        keys.sort();
        keys.dedup(); // the very same bytes may be sent again
        let all = keys.len();
        keys.dedup_by(|a, b| a.0 == b.0);
        assert_eq!(keys.len(), all);
        let contact = play.members[1].devices[0];
        for device in [a, second, contact] {
            let shown = texts(&play, device, id).len();
            assert_eq!(shown, 6, "each message is shown once on {device}");
        }
        assert_eq!(play.world.alarms, []);
        play.heal_and_check().await;
    });
}

/// The server shows one member another history than the rest. From the next message on, whose author signs what they saw,
/// that member's client says so, and does not show what was said over the split; it never joins the two unseen.
#[test]
fn a16_a_split_history_is_told_with_the_next_message() {
    story(async {
        let mut play = Play::begin(407, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        lie_about_entries(&mut play, b, |entry| {
            if entry.kind == kind::MESSAGE {
                entry.time += 1;
            }
        });
        say(&mut play, 0, id, "one").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, b, id), ["one"]);
        play.world.lie = None;
        say(&mut play, 0, id, "two").await;
        pass(&mut play.world, SOON).await;
        assert!(was_told(&play.world, b, "another history"));
        assert_eq!(texts(&play, b, id), ["one"]);
        assert_eq!(unverified(&play, b, id), 1);
    });
}

/// What a server was asked to forget it may have kept. Deletion does not protect against that: who gets the archive and the
/// vault opens it. The first device is shown a gap; a fresh one, given the archive, shows the text. (No promise is made.)
#[test]
fn a19_what_an_archiving_server_kept_opens_with_the_vault() {
    story(async {
        let mut play = Play::begin(408, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        lie_about_entries(&mut play, b, |entry| {
            entry.body = entry.body.take().filter(|_| entry.kind == kind::COMMIT);
        });
        say(&mut play, 0, id, "forget this").await;
        pass(&mut play.world, SOON).await;
        assert!(texts(&play, b, id).is_empty());
        play.world.lie = None;
        let fresh = fresh_device(&mut play, 1).await;
        scroll_back(&mut play, fresh, id).await;
        assert_eq!(texts(&play, fresh, id), ["forget this"]);
    });
}

/// A member signs with a leaf key that is replaced soon after. A fresh device gets the certificates by name, verifies them,
/// and shows the old messages. What it gets no certificate for it does not show as said.
#[test]
fn a23_old_messages_are_shown_when_their_certificates_are_there() {
    story(async {
        let mut play = Play::begin(409, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        for n in 0..3 {
            say(&mut play, 1, id, &format!("{n}")).await;
            pass(&mut play.world, SOON).await;
            change_keys(&mut play, b, id).await;
        }
        let fresh = fresh_device(&mut play, 0).await;
        scroll_back(&mut play, fresh, id).await;
        assert_eq!(texts(&play, fresh, id), ["0", "1", "2"]);

        let lied_to = play.world.devices.len();
        play.world.lie = Some(Box::new(move |to, name, mut frame| {
            if (to, name) == (lied_to, "people.certificates") && frame.ok.is_some() {
                let certificates = Vec::new();
                frame.ok = Some(encode(&Certificates { certificates }));
            }
            Some(frame)
        }));
        fresh_device(&mut play, 0).await;
        scroll_back(&mut play, lied_to, id).await;
        assert!(texts(&play, lied_to, id).is_empty());
        assert_eq!(unverified(&play, lied_to, id), 3);
        // (that device keeps them so; the next one does not)
        play.world.lie = None;
        let truth = fresh_device(&mut play, 0).await;
        scroll_back(&mut play, truth, id).await;
        assert_eq!(texts(&play, truth, id), ["0", "1", "2"]);
    });
}

/// The server withholds the body of a message that nobody took back. The client shows that it was removed by the server,
/// and goes on with what comes after.
#[test]
fn a24_a_body_that_the_server_withholds_is_shown_as_removed_by_it() {
    story(async {
        let mut play = Play::begin(410, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let b = play.members[1].devices[0];
        lie_about_entries(&mut play, b, |entry| {
            entry.body = entry.body.take().filter(|_| entry.kind == kind::COMMIT);
        });
        say(&mut play, 0, id, "withheld").await;
        pass(&mut play.world, SOON).await;
        play.world.lie = None;
        say(&mut play, 0, id, "given").await;
        pass(&mut play.world, SOON).await;
        let shown = bodies(&play, b, id);
        assert!(shown.contains(&ItemBody::RemovedByServer), "{shown:?}");
        assert_eq!(texts(&play, b, id), ["given"]);
        assert!(!row(&play, b, id).broken);
    });
}

/// The server changes old entries (here: when something was said). A fresh device reads backwards from a hash that the vault
/// vouches for, tells the person that the history was changed, and shows none of it; the truth it takes afterwards.
#[test]
fn a24_a_history_that_was_changed_is_not_shown() {
    story(async {
        let mut play = Play::begin(411, 2).await;
        let id = direct(&mut play, 0, 1).await;
        let a = play.members[0].devices[0];
        say(&mut play, 1, id, "at noon").await;
        pass(&mut play.world, SOON).await;
        change_keys(&mut play, a, id).await;
        let fresh = play.world.devices.len();
        lie_about_entries(&mut play, fresh, |entry| {
            if entry.kind == kind::MESSAGE {
                entry.time += 3_600_000;
            }
        });
        fresh_device(&mut play, 0).await;
        scroll_back(&mut play, fresh, id).await;
        assert!(was_told(&play.world, fresh, "changed the history"));
        assert!(texts(&play, fresh, id).is_empty());
        play.world.lie = None;
        scroll_back(&mut play, fresh, id).await;
        assert_eq!(texts(&play, fresh, id), ["at noon"]);
        play.heal_and_check().await;
    });
}

/// A changed app sends a commit with a broken link. The server cannot check it; members see that it is bad, keep the secret
/// themselves, and read on and back.
#[test]
fn a03_a_bad_link_by_a_member_takes_nothing_away_either() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(412, 2).await;
        let b = play.members[1].devices[0];
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        let log = eve.entries(id, 1).await;
        let from = log.last().unwrap().seq;
        eve.follow(id, from).await;
        let update = Change {
            update: true,
            ..Change::default()
        };
        let mut commit = eve.member.change(id, update, play.world.now());
        commit.link = commit.link.map(spoilt);
        eve.ask(&commit).await.unwrap();
        eve.follow(id, from + 1).await;
        say(&mut play, 0, id, "after").await;
        pass(&mut play.world, SOON).await;
        let fresh = fresh_device(&mut play, 1).await;
        scroll_back(&mut play, fresh, id).await;
        for device in [b, fresh] {
            assert_eq!(texts(&play, device, id), ["before", "after"]);
        }
        assert_eq!(play.world.alarms, []);
    });
}
