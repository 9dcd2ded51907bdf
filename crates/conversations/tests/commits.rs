//! Founding and changing conversations: races, repeats, and commits that overstep or do not apply.
#![allow(clippy::unwrap_used)]

mod common;

use bus::Topic;
use common::{INCARNATION, START, Server, heard};
use conversations::{Config, Conversations, Error};
use e2ee::{mls::KeyPackage, policy::Policy};
use protocol::{
    Bytes, ConversationId, ErrorCode, ServerFrame, WireError,
    details::DirectExists,
    events::Event,
    methods::{
        conversations::{CommitConversation, CreateConversation, GetTree},
        people::ClaimedKeyPackage,
        sync::{ConversationSummary, Cursor, StartSync},
    },
};
use storage::vault::VaultRefusal;
use testkit::{Change, Member};

fn update() -> Change {
    Change {
        update: true,
        ..Change::default()
    }
}

async fn refused_create(server: &Server, by: &Member, params: CreateConversation) -> Error {
    let result = server
        .service
        .create(by.member, by.device_id(), params)
        .await;
    result.unwrap_err()
}

async fn refused_commit(server: &Server, by: &Member, params: CommitConversation) -> Error {
    let result = server
        .service
        .commit(by.member, by.device_id(), params)
        .await;
    result.unwrap_err()
}

fn is_commit_refused(error: &Error) -> bool {
    matches!(error, Error::CommitRefused(_))
}

#[tokio::test]
async fn one_of_two_racing_commits_wins_and_the_other_is_made_again() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let annas = anna.change(id, update(), START);
    let bens = ben.change(id, update(), START);
    let service = &server.service;
    service
        .commit(anna.member, anna.device_id(), annas)
        .await
        .unwrap();
    let lost = refused_commit(&server, &ben, bens).await;
    assert_eq!(
        lost,
        Error::EpochMoved {
            epoch: 2,
            head_seq: 2
        }
    );
    // Nothing of the loser's was written: not even his vault.
    ben.drop_change(id);
    let entry = server.log(&ben, id).await.pop().unwrap();
    anna.follow(&entry);
    ben.follow(&entry);
    server
        .commit(&mut ben, &mut [&mut anna], id, update())
        .await;
    assert_eq!(anna.transcript(id), ben.transcript(id));
    assert_eq!(anna.epoch(id), 3);
}

#[tokio::test]
async fn the_same_founding_and_the_same_commit_again_give_the_first_answer() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = anna.conversation_id();
    let package = server.package(&mut ben).await;
    let create = anna.found_direct(id, ben.member, package, START);
    let service = &server.service;
    let device = anna.device_id();
    let mut told = server.listen(Topic::Conversation(id));
    let first = service
        .create(anna.member, device, create.clone())
        .await
        .unwrap();
    server.clock.advance(1000);
    let again = service.create(anna.member, device, create).await.unwrap();
    assert_eq!(first, again);
    anna.follow(&server.log(&anna, id).await[0]);
    server.join(&mut ben, id).await;

    let commit = anna.change(id, update(), START);
    let first = service
        .commit(anna.member, device, commit.clone())
        .await
        .unwrap();
    server.clock.advance(1000);
    let again = service
        .commit(anna.member, device, commit.clone())
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(heard(&mut told).len(), 2);

    // Not for another member, and not for another founding under the same id.
    let refused = refused_commit(&server, &ben, commit).await;
    assert!(matches!(refused, Error::EpochMoved { .. }));
    let package = server.package(&mut anna).await;
    let other = cleo.found_direct(id, anna.member, package, START);
    assert_eq!(
        refused_create(&server, &cleo, other).await,
        Error::ConversationExists
    );
}

#[tokio::test]
async fn two_members_have_one_direct_conversation() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let second = ben.conversation_id();
    let package = server.package(&mut anna).await;
    let create = ben.found_direct(second, anna.member, package, START);
    let refused = refused_create(&server, &ben, create).await;
    assert_eq!(refused, Error::DirectExists(id));
    let wire = WireError::from(refused);
    assert_eq!(wire.code, ErrorCode::DirectExists);
    let details: DirectExists = protocol::decode(&wire.data.unwrap()).unwrap();
    assert_eq!(details.conversation, id);
}

#[tokio::test]
async fn foundings_that_are_not_what_they_say_are_refused() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = anna.conversation_id();
    let package = server.package(&mut ben).await;
    let good = anna.found_direct(id, ben.member, package.clone(), START);

    let mut other_id = good.clone();
    other_id.conversation = ConversationId([9; 16]);
    let mut no_welcome = good.clone();
    no_welcome.welcomes.clear();
    let mut for_cleo = good.clone();
    for_cleo.welcomes[0].member = cleo.member;
    let mut twice = good.clone();
    twice.welcomes.push(twice.welcomes[0].clone());
    let mut other_package = good.clone();
    other_package.welcomes[0].key_package.0[0] ^= 1;
    let mut garbage_welcome = good.clone();
    garbage_welcome.welcomes[0].welcome = Bytes::from_static(b"welcome");
    let mut garbage = good.clone();
    garbage.commit = Bytes::from_static(b"commit");
    let mut no_info = good.clone();
    no_info.group_info = Bytes::new();
    let mut flipped = good.clone();
    let mut bytes = flipped.commit.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    flipped.commit = bytes.into();
    for (what, params) in [
        ("another id", other_id),
        ("no Welcome", no_welcome),
        ("a Welcome for somebody else", for_cleo),
        ("two Welcomes for one", twice),
        ("another key package", other_package),
        ("no real Welcome", garbage_welcome),
        ("no commit", garbage),
        ("no group info", no_info),
        ("a flipped bit", flipped),
    ] {
        let refused = refused_create(&server, &anna, params).await;
        assert!(is_commit_refused(&refused), "{what}: {refused:?}");
    }
    // Founded by somebody else.
    assert!(is_commit_refused(
        &refused_create(&server, &cleo, good.clone()).await
    ));
    let mut large = good.clone();
    large.commit = vec![0; protocol::limits::COMMIT_BYTES_MAX + 1].into();
    assert!(matches!(
        refused_create(&server, &anna, large).await,
        Error::TooLarge(_)
    ));

    // A new conversation has not been restarted.
    let other = cleo.conversation_id();
    let mut restarted = Policy::direct(anna.instance, other, anna.member, ben.member);
    restarted.restart = 1;
    let mut elsewhere = anna.vault.clone();
    std::mem::swap(&mut anna.vault, &mut elsewhere);
    let params = anna.found(&restarted, vec![(ben.member, package)], START);
    assert!(is_commit_refused(
        &refused_create(&server, &anna, params).await
    ));
    anna.vault = elsewhere;

    assert!(
        server
            .service
            .conversations_of(anna.member)
            .await
            .unwrap()
            .is_empty()
    );
    let device = anna.device_id();
    server
        .service
        .create(anna.member, device, good)
        .await
        .unwrap();
}

#[tokio::test]
async fn commits_that_do_not_apply_or_overstep_are_refused_and_disturb_nobody() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let mut told = server.listen(Topic::Conversation(id));
    let good = anna.change(id, update(), START);

    // Somebody else's commit, also a stranger's.
    assert!(is_commit_refused(
        &refused_commit(&server, &ben, good.clone()).await
    ));
    assert_eq!(
        refused_commit(&server, &cleo, good.clone()).await,
        Error::NotAMember
    );
    let mut nowhere = good.clone();
    nowhere.conversation = ConversationId([9; 16]);
    assert_eq!(
        refused_commit(&server, &anna, nowhere).await,
        Error::NotAMember
    );
    // Garbage, flipped bits, another epoch, a welcome too many, a link too large.
    let mut garbage = good.clone();
    garbage.commit = Bytes::from_static(b"commit");
    let mut welcome = good.clone();
    welcome
        .welcomes
        .push(protocol::methods::conversations::NewWelcome {
            member: cleo.member,
            key_package: protocol::Hash32::default(),
            welcome: Bytes::from_static(b"welcome"),
        });
    for params in [garbage, welcome] {
        assert!(is_commit_refused(
            &refused_commit(&server, &anna, params).await
        ));
    }
    // The membership tag at the end is the one thing that only members can check.
    for at in [0, 10, 100, 200, good.commit.len() / 2] {
        let mut flipped = good.clone();
        let mut bytes = flipped.commit.to_vec();
        bytes[at] ^= 0x40;
        flipped.commit = bytes.into();
        let refused = refused_commit(&server, &anna, flipped).await;
        assert!(is_commit_refused(&refused), "byte {at}: {refused:?}");
    }
    let mut future = good.clone();
    future.epoch = 7;
    let refused = refused_commit(&server, &anna, future).await;
    assert!(matches!(refused, Error::EpochMoved { epoch: 1, .. }));
    let mut link = good.clone();
    link.link = Some(vec![0; 2000].into());
    assert!(matches!(
        refused_commit(&server, &anna, link).await,
        Error::TooLarge(_)
    ));

    assert!(heard(&mut told).is_empty());
    server
        .service
        .commit(anna.member, anna.device_id(), good)
        .await
        .unwrap();
    assert_eq!(heard(&mut told).len(), 1);
}

#[tokio::test]
async fn a_pretended_leave_is_no_right_to_remove() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let add = Change {
        add: vec![(cleo.member, server.package(&mut cleo).await)],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, add).await;
    let overstep = Change {
        remove: vec![cleo.member],
        left: vec![cleo.member],
        ..Change::default()
    };
    let params = ben.change(id, overstep, START);
    assert!(is_commit_refused(
        &refused_commit(&server, &ben, params).await
    ));
}

#[tokio::test]
async fn a_conversation_has_only_so_many_members() {
    let config = Config {
        members_max: 2,
        ..Config::default()
    };
    let server = Server::start(config);
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let add = Change {
        add: vec![(cleo.member, server.package(&mut cleo).await)],
        ..Change::default()
    };
    let params = anna.change(id, add, START);
    assert_eq!(refused_commit(&server, &anna, params).await, Error::Full);
}

#[tokio::test]
async fn a_vault_that_moved_takes_the_whole_commit_back() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let before = anna.vault.clone();
    let commit = anna.change(id, update(), START);
    // Another of Anna's devices writes meanwhile.
    let mut other = before;
    std::mem::swap(&mut anna.vault, &mut other);
    let pin = anna.write_pin(b"somebody", b"pin", START);
    server.apply(&anna, pin).await;
    let refused = refused_commit(&server, &anna, commit).await;
    assert!(
        matches!(refused, Error::Vault(VaultRefusal::Conflict { .. })),
        "{refused:?}"
    );
    assert_eq!(WireError::from(refused).code, ErrorCode::VaultConflict);
    assert_eq!(server.log(&anna, id).await.len(), 1);
    let tree = GetTree {
        conversation: id,
        epoch: 2,
        restart: None,
    };
    let none = server.service.tree(anna.member, tree).await;
    assert_eq!(none.unwrap_err(), Error::NotFound);
    // Ben's goes through at the epoch that still stands.
    server.commit(&mut ben, &mut [], id, update()).await;
}

#[tokio::test]
async fn a_server_that_remembers_nothing_goes_on_from_its_database() {
    let mut server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    for _ in 0..3 {
        server.restart(Config {
            cached_leaves: 0,
            ..Config::default()
        });
        server
            .commit(&mut anna, &mut [&mut ben], id, update())
            .await;
        server
            .commit(&mut ben, &mut [&mut anna], id, update())
            .await;
    }
    let add = Change {
        add: vec![(cleo.member, server.package(&mut cleo).await)],
        ..Change::default()
    };
    server
        .commit(&mut ben, &mut [], id, Change::default())
        .await;
    anna.follow(&server.log(&anna, id).await.pop().unwrap());
    server.restart(Config::default());
    server.commit(&mut anna, &mut [&mut ben], id, add).await;
    server.join(&mut cleo, id).await;
    assert_eq!(cleo.members(id).len(), 3);
    server.send(&mut cleo, id, "hello").await.unwrap();
}

#[tokio::test]
async fn keys_that_were_changed_come_in_no_more_but_history_replays() {
    let mut server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    server
        .commit(&mut ben, &mut [&mut anna], id, update())
        .await;
    let add = Change {
        add: vec![(cleo.member, server.package(&mut cleo).await)],
        ..Change::default()
    };
    // Anna has not heard yet that Cleo and Ben changed their keys.
    let stale = anna.change(id, add, START);
    let bens = ben.change(id, update(), START);
    for member in [&mut ben, &mut cleo] {
        server.change_keys(member).await;
    }
    for (by, commit) in [(&anna, stale), (&ben, bens)] {
        let refused = refused_commit(&server, by, commit).await;
        assert!(is_commit_refused(&refused), "{refused:?}");
    }
    anna.drop_change(id);
    ben.drop_change(id);
    for certificate in [ben.certificate.clone(), cleo.certificate.clone()] {
        anna.learn(&certificate);
        ben.learn(&certificate);
    }
    // What was accepted before is replayed, and the new keys are welcome.
    server.put_back_checkpoint(id, 1, 2).await;
    server.restart(Config::default());
    server
        .commit(&mut ben, &mut [&mut anna], id, update())
        .await;
    let add = Change {
        add: vec![(cleo.member, server.package(&mut cleo).await)],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, add).await;
}

/// What arrived, undecoded.
fn notices(told: &mut bus::Subscription) -> Vec<bus::Notice> {
    let mut found = Vec::new();
    while let Some(bus::Delivery::Notice(notice)) = told.deliveries.try_recv() {
        found.push(notice);
    }
    found
}

fn summary(notice: &bus::Notice) -> ConversationSummary {
    let frame: ServerFrame = protocol::decode(&notice.frame).unwrap();
    match Event::decode(&frame.event.unwrap(), &frame.data.unwrap()) {
        Ok(Event::Conversation(changed)) => changed.summary,
        other => panic!("{other:?}"),
    }
}

/// Any member could otherwise take another's leaf, and give them a Welcome that leads nowhere.
#[tokio::test]
async fn nobody_is_given_a_new_leaf_who_has_not_asked_for_it() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let commit = async |by: &mut Member, change| {
        let params = by.change(id, change, START);
        let done = server.service.commit(by.member, by.device_id(), params);
        let done = done.await;
        by.drop_change(id);
        done
    };
    let unasked = Change {
        remove: vec![anna.member],
        add: vec![(anna.member, server.package(&mut anna).await)],
        ..Change::default()
    };
    let refused = commit(&mut ben, unasked).await.unwrap_err();
    assert!(matches!(refused, Error::CommitRefused(_)), "{refused:?}");
    // nor by another key package than they asked with
    let asked = anna.ask_repair(id, 0, START);
    let ask = server
        .service
        .ask_repair(anna.member, anna.device_id(), asked);
    ask.await.unwrap();
    let other = Change {
        remove: vec![anna.member],
        add: vec![(anna.member, server.package(&mut anna).await)],
        ..Change::default()
    };
    let refused = commit(&mut ben, other).await.unwrap_err();
    assert!(matches!(refused, Error::CommitRefused(_)), "{refused:?}");
    assert_eq!(server.log(&anna, id).await.len(), 1);
}

/// A leaf of next year would make all repairs until then look answered.
#[tokio::test]
async fn a_leaf_that_is_dated_ahead_is_refused() {
    const HOUR: u64 = 3_600_000;
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    for (ahead, taken) in [(25 * HOUR, false), (23 * HOUR, true)] {
        let update = Change {
            update: true,
            ..Change::default()
        };
        let params = anna.change(id, update, START + ahead);
        let done = server.service.commit(anna.member, anna.device_id(), params);
        let done = done.await;
        assert_eq!(done.is_ok(), taken, "{done:?}");
        anna.drop_change(id);
    }
}

#[tokio::test]
async fn who_is_repaired_or_comes_back_is_told_of_the_welcome() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let add = async |ben: &mut Member| vec![(ben.member, server.package(ben).await)];
    let asked = ben.ask_repair(id, 0, START);
    let ask = server
        .service
        .ask_repair(ben.member, ben.device_id(), asked.clone());
    ask.await.unwrap();
    let mut told = server.listen(Topic::Member(ben.member));
    let package = ClaimedKeyPackage {
        id: KeyPackage::inspect(&asked.package, &ben.certificate, START)
            .unwrap()
            .id,
        package: asked.package,
    };
    let repair = Change {
        remove: vec![ben.member],
        add: vec![(ben.member, package)],
        cut: true,
        ..Change::default()
    };
    let repaired = server.commit(&mut anna, &mut [], id, repair).await;
    let heard = notices(&mut told);
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].hint, bus::Hint::Joined(id));
    let repaired_summary = summary(&heard[0]);
    assert!(repaired_summary.welcome);
    assert_eq!(
        (repaired_summary.epoch, repaired_summary.head_seq),
        (2, repaired.seq)
    );
    assert_eq!(repaired_summary.first_seq, 1, "he stays a member");

    // Nothing new in the log, yet a Welcome waits.
    let sync = StartSync {
        incarnation: Some(INCARNATION),
        cursors: vec![Cursor {
            conversation: id,
            seq: repaired.seq,
        }],
    };
    let synced = server.service.sync(ben.member, sync.clone()).await.unwrap();
    assert_eq!(synced.changed, [repaired_summary]);
    let synced = server
        .service
        .sync(anna.member, sync.clone())
        .await
        .unwrap();
    assert_eq!(synced.changed, []);
    server.join(&mut ben, id).await;
    let synced = server.service.sync(ben.member, sync).await.unwrap();
    assert_eq!(synced.changed, []);

    let remove = Change {
        remove: vec![ben.member],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [], id, remove).await;
    let back = Change {
        add: add(&mut ben).await,
        cut: true,
        ..Change::default()
    };
    let back = server.commit(&mut anna, &mut [], id, back).await;
    let heard = notices(&mut told);
    let hints: Vec<_> = heard.iter().map(|notice| notice.hint).collect();
    assert_eq!(hints, [bus::Hint::Left(id), bus::Hint::Joined(id)]);
    let summary = summary(&heard[1]);
    assert_eq!((summary.welcome, summary.first_seq), (true, back.seq));
}

#[tokio::test]
async fn newcomers_share_one_encoded_event() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let mut told: Vec<_> = [&anna, &ben, &cleo]
        .map(|member| server.listen(Topic::Member(member.member)))
        .into();
    let id = anna.conversation_id();
    let add = vec![
        (ben.member, server.package(&mut ben).await),
        (cleo.member, server.package(&mut cleo).await),
    ];
    let create = anna.found_group(id, add, START);
    let device = anna.device_id();
    server
        .service
        .create(anna.member, device, create)
        .await
        .unwrap();
    let first: Vec<_> = told
        .iter_mut()
        .map(|told| notices(told).remove(0))
        .collect();
    assert!(!summary(&first[0]).welcome && summary(&first[1]).welcome);
    assert_ne!(first[0].frame, first[1].frame);
    assert_eq!(first[1].frame.as_ptr(), first[2].frame.as_ptr());
}

/// A conversation grows beyond what its clients can carry. The server refuses the commit that would make it so, whoever
/// the author is, and takes the next one that does not.
#[tokio::test]
async fn a29_nobody_makes_a_conversation_larger_than_its_limit() {
    let server = Server::start(Config {
        members_max: 2,
        ..Config::default()
    });
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let add = Change {
        add: vec![(cleo.member, server.package(&mut cleo).await)],
        ..Change::default()
    };
    let third = anna.change(id, add, START);
    assert_eq!(refused_commit(&server, &anna, third).await, Error::Full);
    anna.drop_change(id);
    let instead = Change {
        add: vec![(cleo.member, server.package(&mut cleo).await)],
        remove: vec![ben.member],
        ..Change::default()
    };
    let instead = anna.change(id, instead, START);
    let service = &server.service;
    let taken = service.commit(anna.member, anna.device_id(), instead).await;
    assert!(taken.is_ok(), "{taken:?}");
}
