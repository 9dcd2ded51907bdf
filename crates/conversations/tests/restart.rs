//! Complaints of commits that nobody can follow, and founding conversations anew because of them.
#![allow(clippy::unwrap_used)]

mod common;

use bus::Topic;
use common::{START, Server, heard};
use conversations::{Config, Conversations, Error};
use e2ee::{
    identity::{AccountKey, RootIdentity},
    policy::{History, Policy, Role},
    restart::RUN_MAX,
    statement::{Reason, Restart},
};
use protocol::{
    Bytes, ConversationId, Hash32,
    events::Event,
    methods::conversations::{Accepted, Declare, GetTree, RestartConversation, kind},
};
use testkit::{Change, Member};

struct World {
    server: Server,
    anna: Member,
    ben: Member,
    cleo: Member,
    id: ConversationId,
    /// The commit that nobody can follow: the epoch it closed, its hash.
    broken: (u64, Hash32),
}

fn update() -> Change {
    Change {
        update: true,
        ..Change::default()
    }
}

fn honest(_: &mut Policy, _: &mut Restart) {}

/// A group of Anna, who owns it, Ben and Cleo. Cleo commits what nobody can follow.
async fn wedged() -> World {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let package = server.package(&mut cleo).await;
    let change = Change {
        add: vec![(cleo.member, package)],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, change).await;
    server.join(&mut cleo, id).await;
    let commit = broken(cleo.change(id, update(), START));
    let (service, device) = (&server.service, cleo.device_id());
    service.commit(cleo.member, device, commit).await.unwrap();
    let entry = server.log(&cleo, id).await.pop().unwrap();
    World {
        server,
        anna,
        ben,
        cleo,
        id,
        broken: (entry.epoch, entry.body_hash),
    }
}

fn broken(
    mut commit: protocol::methods::conversations::CommitConversation,
) -> protocol::methods::conversations::CommitConversation {
    let mut bytes = commit.commit.to_vec();
    *bytes.last_mut().unwrap() ^= 1; // the membership tag
    commit.commit = bytes.into();
    commit
}

async fn declare(server: &Server, by: &Member, said: Declare) -> Result<Accepted, Error> {
    server
        .service
        .declare(by.member, by.device_id(), said)
        .await
}

impl World {
    async fn complain(&self, by: &Member) -> Result<Accepted, Error> {
        let (epoch, hash) = self.broken;
        declare(&self.server, by, by.complain(self.id, epoch, hash)).await
    }

    /// Anna founds it anew with Ben.
    async fn anew(&mut self, lie: &dyn Fn(&mut Policy, &mut Restart)) -> RestartConversation {
        let package = self.server.package(&mut self.ben).await;
        let others = vec![(self.ben.member, package)];
        self.anna
            .restart(self.id, self.broken.0 + 1, others, lie, START)
    }

    async fn ask(&self, by: &Member, params: RestartConversation) -> Result<Accepted, Error> {
        let service = &self.server.service;
        service.restart(by.member, by.device_id(), params).await
    }

    /// A request that is refused, after which everything stands as before.
    async fn refused(&mut self, params: RestartConversation) -> Error {
        let before = self.server.log(&self.anna, self.id).await;
        let refused = self.ask(&self.anna, params).await.unwrap_err();
        assert_eq!(self.server.log(&self.anna, self.id).await, before);
        self.anna.drop_change(self.id);
        refused
    }
}

#[tokio::test]
async fn a05_members_complain_of_the_last_commit_once_each() {
    let world = wedged().await;
    let (server, id, (epoch, hash)) = (&world.server, world.id, world.broken);
    let mut told = server.listen(Topic::Conversation(id));
    for (what, by, said) in [
        (
            "another commit",
            &world.ben,
            world.ben.complain(id, epoch, Hash32([1; 32])),
        ),
        (
            "one's own",
            &world.cleo,
            world.cleo.complain(id, epoch, hash),
        ),
        (
            "of somebody else",
            &world.anna,
            world.ben.complain(id, epoch, hash),
        ),
        (
            "nothing",
            &world.ben,
            Declare {
                statement: Bytes::from_static(b"no"),
                ..world.ben.complain(id, epoch, hash)
            },
        ),
    ] {
        let refused = declare(server, by, said).await.unwrap_err();
        assert!(
            matches!(refused, Error::BadRequest(_)),
            "{what}: {refused:?}"
        );
    }
    let earlier = world.ben.complain(id, epoch - 1, hash);
    let refused = declare(server, &world.ben, earlier).await.unwrap_err();
    assert!(matches!(refused, Error::EpochMoved { .. }), "{refused:?}");
    let first = world.complain(&world.ben).await.unwrap();
    assert_eq!(
        world.complain(&world.ben).await.unwrap(),
        first,
        "again is nothing"
    );
    world.complain(&world.anna).await.unwrap();
    let heard = heard(&mut told);
    let kinds = heard.iter().map(|event| match event {
        Event::Entry(new) => new.entry.kind,
        other => panic!("{other:?}"),
    });
    assert!(kinds.eq([kind::COMPLAINT, kind::COMPLAINT]));
}

/// Cleo goes on and on: `more` further commits that nobody can follow. Gives the hash of each, by the epoch it closed.
async fn on_and_on(world: &mut World, more: usize) -> Vec<(u64, Hash32)> {
    let mut run = vec![world.broken];
    for _ in 0..more {
        let (server, id, cleo) = (&world.server, world.id, &mut world.cleo);
        let last = server.log(cleo, id).await.pop().unwrap();
        cleo.follow(&last);
        let commit = broken(cleo.change(id, update(), START));
        let (service, device) = (&server.service, cleo.device_id());
        service.commit(cleo.member, device, commit).await.unwrap();
        let last = server.log(cleo, id).await.pop().unwrap();
        run.push((last.epoch, last.body_hash));
    }
    run
}

/// A complaint is about the first commit that its author can't follow, and so about all by that author after it. The new group
/// hangs on to the epoch before the first.
#[tokio::test]
async fn a05_a_run_of_commits_by_one_author_is_complained_of_as_one() {
    for more in [1, 2] {
        let mut world = wedged().await;
        let run = on_and_on(&mut world, more).await;
        let (id, now) = (world.id, run.last().unwrap().0 + 1);
        let (first, hash) = run[0];
        for (what, (epoch, commit)) in [
            ("somebody else's", (first - 1, hash)),
            ("another hash", (first, run[1].1)),
            ("the present epoch", (now, hash)),
        ] {
            let said = world.ben.complain_in(id, now, epoch, commit);
            let refused = declare(&world.server, &world.ben, said).await.unwrap_err();
            assert!(
                matches!(refused, Error::BadRequest(_)),
                "{what}: {refused:?}"
            );
        }
        let said = world.ben.complain_in(id, now, first, hash);
        let told = declare(&world.server, &world.ben, said).await.unwrap();
        // whichever of them is named: once for each member
        let again = world.ben.complain_in(id, now, run[1].0, run[1].1);
        let again = declare(&world.server, &world.ben, again).await.unwrap();
        assert_eq!(again, told);
        let package = world.server.package(&mut world.ben).await;
        let others = vec![(world.ben.member, package)];
        let further = |_: &mut Policy, said: &mut Restart| said.epoch = first - 1;
        let params = world.anna.restart(id, now, others.clone(), &further, START);
        let refused = world.refused(params).await;
        assert!(matches!(refused, Error::BadRequest(_)), "{refused:?}");
        let params = world.anna.restart(id, now, others, &honest, START);
        world.ask(&world.anna, params).await.unwrap();
    }
}

/// Further back than the limit nothing is complained of.
#[tokio::test]
async fn a05_a_run_that_is_too_long_is_out_of_reach() {
    let mut world = wedged().await;
    let run = on_and_on(&mut world, RUN_MAX).await;
    let now = run.last().unwrap().0 + 1;
    let complain = |n: usize| world.ben.complain_in(world.id, now, run[n].0, run[n].1);
    let refused = declare(&world.server, &world.ben, complain(0)).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))), "{refused:?}");
    let taken = declare(&world.server, &world.ben, complain(1)).await;
    assert!(taken.is_ok(), "{taken:?}");
}

/// Somebody else who goes on shows that the commits before can be followed.
#[tokio::test]
async fn a05_a_commit_by_somebody_else_ends_a_run() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let mut commits = Vec::new();
    for by_anna in [true, false] {
        let (by, other) = match by_anna {
            true => (&mut anna, &mut ben),
            false => (&mut ben, &mut anna),
        };
        server.commit(by, &mut [other], id, update()).await;
        commits.push(server.log(&ben, id).await.pop().unwrap());
    }
    let (epoch, hash) = (commits[0].epoch, commits[0].body_hash);
    let refused = declare(&server, &ben, ben.complain_in(id, epoch + 2, epoch, hash)).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))), "{refused:?}");
    let (epoch, hash) = (commits[1].epoch, commits[1].body_hash);
    let taken = declare(&server, &anna, anna.complain(id, epoch, hash)).await;
    assert!(taken.is_ok(), "{taken:?}");
}

/// Who is complained of makes no further commit, until somebody else does; save one that takes out all who complain.
#[tokio::test]
async fn a05_who_is_complained_of_makes_the_run_no_longer() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let package = server.package(&mut cleo).await;
    let change = Change {
        add: vec![(cleo.member, package)],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, change).await;
    server.join(&mut cleo, id).await;
    let last = server.log(&cleo, id).await.pop().unwrap();
    declare(
        &server,
        &cleo,
        cleo.complain(id, last.epoch, last.body_hash),
    )
    .await
    .unwrap();
    let complaint = server.log(&anna, id).await.pop().unwrap();
    for member in [&mut anna, &mut ben, &mut cleo] {
        member.follow(&complaint);
    }
    let ask = |by: &Member, commit| {
        let (service, member, device) = (server.service.clone(), by.member, by.device_id());
        async move { service.commit(member, device, commit).await }
    };
    let without = |who: &Member| Change {
        remove: vec![who.member],
        ..Change::default()
    };
    for change in [update(), without(&ben)] {
        let commit = anna.change(id, change, START);
        assert_eq!(ask(&anna, commit).await, Err(Error::ComplainedOf));
        anna.drop_change(id);
    }
    let commit = anna.change(id, without(&cleo), START);
    ask(&anna, commit).await.unwrap();
    let removal = server.log(&anna, id).await.pop().unwrap();
    for member in [&mut anna, &mut ben] {
        member.follow(&removal);
    }
    // nobody complains any more
    server
        .commit(&mut anna, &mut [&mut ben], id, update())
        .await;
    let last = server.log(&ben, id).await.pop().unwrap();
    declare(&server, &ben, ben.complain(id, last.epoch, last.body_hash))
        .await
        .unwrap();
    let complaint = server.log(&anna, id).await.pop().unwrap();
    for member in [&mut anna, &mut ben] {
        member.follow(&complaint);
    }
    let commit = anna.change(id, update(), START);
    assert_eq!(ask(&anna, commit).await, Err(Error::ComplainedOf));
    anna.drop_change(id);
    server
        .commit(&mut ben, &mut [&mut anna], id, update())
        .await;
    server
        .commit(&mut anna, &mut [&mut ben], id, update())
        .await;
}

/// A false complaint and a departure do not stop a group for good: who is complained of takes out who left, which has to come
/// first, and nothing else.
#[tokio::test]
async fn a05_who_is_complained_of_takes_out_who_left() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let package = server.package(&mut cleo).await;
    let change = Change {
        add: vec![(cleo.member, package)],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, change).await;
    server.join(&mut cleo, id).await;
    let last = server.log(&cleo, id).await.pop().unwrap();
    let said = cleo.complain(id, last.epoch, last.body_hash);
    declare(&server, &cleo, said).await.unwrap();
    for member in [&mut anna, &mut ben, &mut cleo] {
        member.follow(&server.log(member, id).await.pop().unwrap());
    }
    let leaves = ben.declare(id, kind::LEAVE);
    declare(&server, &ben, leaves).await.unwrap();
    for member in [&mut anna, &mut cleo] {
        member.follow(&server.log(member, id).await.pop().unwrap());
    }
    let change = Change {
        remove: vec![ben.member],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut cleo], id, change).await;
    // and she is complained of as before
    let commit = anna.change(id, update(), START);
    let (service, device) = (&server.service, anna.device_id());
    let refused = service.commit(anna.member, device, commit).await;
    assert_eq!(refused, Err(Error::ComplainedOf));
}

#[tokio::test]
async fn a05_nobody_complains_of_the_commit_that_founded_a_group() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let hash = server.log(&ben, id).await[0].body_hash;
    let refused = declare(&server, &ben, ben.complain(id, 0, hash)).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))), "{refused:?}");
}

#[tokio::test]
async fn a05_a_conversation_goes_on_in_a_new_group() {
    let mut world = wedged().await;
    world.complain(&world.ben).await.unwrap();
    let mut told_cleo = world.server.listen(Topic::Member(world.cleo.member));
    let mut told_ben = world.server.listen(Topic::Member(world.ben.member));
    let mut told = world.server.listen(Topic::Conversation(world.id));
    let params = world.anew(&honest).await;
    let accepted = world.ask(&world.anna, params.clone()).await.unwrap();
    assert_eq!(
        world.ask(&world.anna, params).await.unwrap(),
        accepted,
        "again: the first answer"
    );
    let gone = heard(&mut told_cleo);
    assert!(matches!(&gone[..], [Event::ConversationGone(gone)] if gone.conversation == world.id));
    let Event::Conversation(changed) = heard(&mut told_ben).remove(0) else {
        panic!("no summary");
    };
    let summary = changed.summary;
    assert_eq!(
        (summary.restart, summary.epoch, summary.welcome),
        (1, 1, true)
    );
    assert_eq!(summary.first_seq, 1, "as before");
    let entries = heard(&mut told).into_iter().map(|event| match event {
        Event::Entry(new) => (new.entry.kind, new.entry.restart, new.entry.epoch),
        other => panic!("{other:?}"),
    });
    assert!(entries.eq([(kind::RESTART, 0, 3), (kind::COMMIT, 1, 0)]));
    let (server, id) = (&world.server, world.id);
    for entry in &server.log(&world.anna, id).await[2..] {
        if entry.kind != kind::COMMIT || entry.restart > 0 {
            continue;
        }
    }
    server.join(&mut world.ben, id).await;
    let said = server.send(&mut world.ben, id, "on we go").await.unwrap();
    assert_eq!(said.seq, accepted.seq + 1);
    let refused = server
        .send(&mut world.cleo, id, "and I?")
        .await
        .unwrap_err();
    assert_eq!(refused, Error::NotAMember);
    // The old group's trees are still there for who comes from it.
    let tree = |restart| GetTree {
        conversation: id,
        epoch: 2,
        restart,
    };
    let old = server.service.tree(world.ben.member, tree(Some(0))).await;
    assert!(old.is_ok());
    let new = server.service.tree(world.ben.member, tree(None)).await;
    assert_eq!(new.unwrap_err(), Error::NotFound);
}

/// What was sealed or committed for the old group is not taken in the new one, though its epoch has the same number.
#[tokio::test]
async fn a05_the_old_group_ends() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let late = ben.seal(id, "late", START);
    let early = ben.change(id, update(), START);
    ben.drop_change(id);
    server
        .commit(&mut anna, &mut [&mut ben], id, update())
        .await;
    let commit = broken(ben.change(id, update(), START));
    let service = &server.service;
    service
        .commit(ben.member, ben.device_id(), commit)
        .await
        .unwrap();
    let hash = server.log(&anna, id).await.pop().unwrap().body_hash;
    declare(&server, &anna, anna.complain(id, 2, hash))
        .await
        .unwrap();
    let package = server.package(&mut ben).await;
    let params = anna.restart(id, 3, vec![(ben.member, package)], &honest, START);
    service
        .restart(anna.member, anna.device_id(), params)
        .await
        .unwrap();
    let refused = service
        .send(ben.member, ben.device_id(), late)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, Error::EpochMoved { epoch: 1, .. }),
        "{refused:?}"
    );
    let refused = service
        .commit(ben.member, ben.device_id(), early)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, Error::EpochMoved { epoch: 1, .. }),
        "{refused:?}"
    );
    let complaint = declare(&server, &anna, anna.complain(id, 2, hash)).await;
    assert!(matches!(complaint, Err(Error::EpochMoved { .. })));
}

#[tokio::test]
async fn a05_without_a_complaint_nothing_begins_anew() {
    let mut world = wedged().await;
    let params = world.anew(&honest).await;
    let refused = world.refused(params).await;
    assert_eq!(refused, Error::BadRequest("nobody has complained"));
}

#[tokio::test]
async fn a05_what_does_not_follow_from_the_old_group_is_refused() {
    let mut world = wedged().await;
    world.complain(&world.ben).await.unwrap();
    type Lie = fn(&mut Policy, &mut Restart);
    let lies: [(&str, Lie); 9] = [
        ("another number", |p, _| p.restart = 2),
        ("another number said", |_, s| s.restart = 2),
        ("another commit", |_, s| s.commit = Hash32([1; 32])),
        ("an epoch further back", |_, s| s.epoch = 1),
        ("an epoch to come", |_, s| s.epoch = 9),
        ("another suite", |_, s| s.suite = 2),
        ("a suite that stays", |_, s| s.reason = Reason::Suite),
        ("another history", |p, _| p.history = History::All),
        ("another role", |p, _| {
            let ben = p.roles.keys().next().copied();
            p.announcements = ben.is_some();
        }),
    ];
    for (what, lie) in lies {
        let params = world.anew(&lie).await;
        let refused = world.refused(params).await;
        let fits = matches!(refused, Error::BadRequest(_) | Error::CommitRefused(_));
        assert!(fits, "{what}: {refused:?}");
    }
    let mut params = world.anew(&honest).await;
    params.welcomes.clear();
    assert!(
        matches!(world.refused(params).await, Error::CommitRefused(_)),
        "no Welcome"
    );
    let mut params = world.anew(&honest).await;
    params.epoch -= 1;
    assert!(matches!(
        world.refused(params).await,
        Error::EpochMoved { .. }
    ));
    let mut params = world.anew(&honest).await;
    params.statement = Bytes::from(vec![1; 3000]);
    assert_eq!(
        world.refused(params).await,
        Error::TooLarge("the statement")
    );
}

#[tokio::test]
async fn a05_nobody_is_put_out_or_brought_along() {
    let mut world = wedged().await;
    world.complain(&world.ben).await.unwrap();
    let epoch = world.broken.0 + 1;
    let ben = world.server.package(&mut world.ben).await;
    world.server.offered(&mut world.ben, false).await;
    let alone = world.anna.restart(world.id, epoch, vec![], &honest, START);
    assert_eq!(
        world.refused(alone).await,
        Error::KeyPackageInvalid,
        "without Ben, who has a key package"
    );
    let cleo = world.server.package(&mut world.cleo).await;
    let others = vec![(world.ben.member, ben), (world.cleo.member, cleo)];
    let all = world.anna.restart(world.id, epoch, others, &honest, START);
    assert!(
        matches!(world.refused(all).await, Error::CommitRefused(_)),
        "with Cleo"
    );
}

/// Of whom no key package is to be had is left out, and does not keep the others from going on.
#[tokio::test]
async fn a05_who_has_no_key_package_is_left_out() {
    let mut world = wedged().await;
    world.complain(&world.ben).await.unwrap();
    let epoch = world.broken.0 + 1;
    let alone = world.anna.restart(world.id, epoch, vec![], &honest, START);
    world.ask(&world.anna, alone).await.unwrap();
    let (server, id) = (&world.server, world.id);
    assert_eq!(server.log(&world.anna, id).await.pop().unwrap().restart, 1);
    let refused = server.send(&mut world.ben, id, "and I?").await;
    assert_eq!(refused.unwrap_err(), Error::NotAMember);
}

/// What was said before is linked: it is handed to no other identity than the one that was in it.
#[tokio::test]
async fn a05_another_identity_is_not_taken_along() {
    let mut world = wedged().await;
    world.complain(&world.ben).await.unwrap();
    let ben = &mut world.ben;
    let (root, account) = (
        RootIdentity::generate(&mut ben.rng),
        AccountKey::generate(&mut ben.rng, 2),
    );
    let (old, member) = (ben.certificate.clone(), ben.member);
    let (login, display, public) = (&old.login_name, &old.display_name, account.public());
    let other = root.certify(old.instance, member, login, display, &public, 2);
    let other = other.unwrap();
    let bytes = Bytes::copy_from_slice(other.bytes());
    storage::write::<_, storage::StorageError>(world.server.storage.as_ref(), move |unit| {
        let mut account = unit.account(member)?.unwrap();
        (account.certificate, account.generation) = (bytes, 2);
        unit.update_certificate(&account)
    })
    .await
    .unwrap();
    world.anna.learn(&other);
    (ben.account, ben.certificate) = (account, other);
    let params = world.anew(&honest).await;
    let refused = world.refused(params).await;
    let identity = |why: &String| why.contains("another identity");
    assert!(
        matches!(&refused, Error::CommitRefused(why) if identity(why)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a05_who_is_no_admin_begins_nothing_anew() {
    let mut world = wedged().await;
    world.complain(&world.ben).await.unwrap();
    let package = world.server.package(&mut world.anna).await;
    let me = world.ben.member;
    let raise = move |policy: &mut Policy, _: &mut Restart| {
        policy.roles.insert(me, Role::GroupAdmin);
    };
    let epoch = world.broken.0 + 1;
    let others = vec![(world.anna.member, package)];
    let params = world.ben.restart(world.id, epoch, others, &raise, START);
    let refused = world.ask(&world.ben, params).await.unwrap_err();
    assert_eq!(refused, Error::Forbidden);
}
