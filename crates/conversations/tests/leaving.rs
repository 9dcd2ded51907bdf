//! Leaving: at once for who leaves, and before anything else for those who stay.
#![allow(clippy::unwrap_used)]

mod common;

use bus::Topic;
use common::{START, Server, heard};
use conversations::{Config, Conversations, Error};
use e2ee::{policy::Role, statement::ReplacementLink};
use protocol::{
    ConversationId,
    events::Event,
    methods::conversations::{Accepted, Declare, GetEntries, kind},
};
use testkit::{Change, Member};

async fn leave(server: &Server, by: &Member, declare: Declare) -> Result<Accepted, Error> {
    let service = &server.service;
    service.declare(by.member, by.device_id(), declare).await
}

/// A group of Anna, who owns it, Ben and Cleo, who all follow it.
async fn group(server: &Server) -> (Member, Member, Member, ConversationId) {
    let (mut anna, mut ben, mut cleo) = server.three().await;
    let id = server.group(&mut anna, &mut ben).await;
    let package = server.package(&mut cleo).await;
    let change = Change {
        add: vec![(cleo.member, package)],
        ..Change::default()
    };
    server.commit(&mut anna, &mut [&mut ben], id, change).await;
    server.join(&mut cleo, id).await;
    (anna, ben, cleo, id)
}

/// Who goes is not all that members state: a link that a commit came without.
#[tokio::test]
async fn a03_a_replacement_link_is_kept_beside_the_commits() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, _) = server.three().await;
    let id = server.direct(&mut anna, &mut ben).await;
    let update = |cut| Change {
        update: true,
        cut,
        ..Change::default()
    };
    server
        .commit(&mut anna, &mut [&mut ben], id, update(true))
        .await;
    let mut told = server.listen(Topic::Conversation(id));
    let link = |epoch, len| ReplacementLink {
        epoch,
        link: vec![7; len],
    };
    for (what, content) in [
        ("epoch 0", link(0, 83).encode()),
        ("the present epoch", link(2, 83).encode()),
        ("too long", link(1, 84).encode()),
        ("nothing", vec![]),
    ] {
        let said = ben.declare_what(id, kind::REPLACEMENT_LINK, content);
        let refused = leave(&server, &ben, said).await.unwrap_err();
        assert!(
            matches!(refused, Error::BadRequest(_)),
            "{what}: {refused:?}"
        );
    }
    let said = ben.declare_what(id, kind::REPLACEMENT_LINK, link(1, 83).encode());
    let refused = leave(&server, &anna, said.clone()).await.unwrap_err();
    assert!(matches!(refused, Error::BadRequest(_)), "by somebody else");
    leave(&server, &ben, said).await.unwrap();
    assert!(
        matches!(&heard(&mut told)[..], [Event::Entry(e)] if e.entry.kind == kind::REPLACEMENT_LINK)
    );
    server.send(&mut ben, id, "still here").await.unwrap();
    let get = GetEntries {
        conversation: id,
        from: 1,
        limit: 9,
        commits_only: true,
    };
    let found = server.service.entries(ben.member, get).await.unwrap();
    let kinds: Vec<u8> = found.entries.iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [kind::COMMIT, kind::COMMIT, kind::REPLACEMENT_LINK]);
}

async fn follow_newest(server: &Server, who: &mut Member, id: ConversationId) {
    let entry = server.log(who, id).await.pop().unwrap();
    who.follow(&entry);
}

fn moved(error: &Error) -> bool {
    matches!(
        error,
        Error::EpochMoved {
            epoch: 2,
            head_seq: 3
        }
    )
}

#[tokio::test]
async fn who_leaves_hears_nothing_more_and_the_next_commit_takes_them_out() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, mut cleo, id) = group(&server).await;
    let mut told = server.listen(Topic::Conversation(id));
    let mut told_ben = server.listen(Topic::Member(ben.member));
    let left = ben.declare(id, kind::LEAVE);
    let accepted = leave(&server, &ben, left.clone()).await.unwrap();
    assert_eq!(accepted.seq, 3);
    assert!(
        matches!(&heard(&mut told)[..], [Event::Entry(e)] if e.entry.kind == kind::LEAVE && e.entry.quiet)
    );
    assert!(
        matches!(&heard(&mut told_ben)[..], [Event::ConversationGone(gone)] if gone.conversation == id)
    );
    // He reads nothing any more, and can't leave twice.
    let get = GetEntries {
        conversation: id,
        from: 1,
        limit: 9,
        commits_only: false,
    };
    assert_eq!(
        server.service.entries(ben.member, get).await.unwrap_err(),
        Error::NotAMember
    );
    assert_eq!(
        leave(&server, &ben, left).await.unwrap_err(),
        Error::NotAMember
    );
    assert_eq!(
        server.send(&mut ben, id, "still here?").await.unwrap_err(),
        Error::NotAMember
    );

    // Nobody writes before his leaf is gone, and no other commit is taken; Cleo, no admin, may take him out.
    let early = server
        .send(&mut anna, id, "he still has the keys")
        .await
        .unwrap_err();
    assert!(moved(&early), "{early:?}");
    let update = Change {
        update: true,
        ..Change::default()
    };
    let unaware = anna.change(id, update, START);
    let refused = server
        .service
        .commit(anna.member, anna.device_id(), unaware)
        .await;
    assert!(moved(&refused.unwrap_err()));
    anna.drop_change(id);
    follow_newest(&server, &mut anna, id).await;
    follow_newest(&server, &mut cleo, id).await;
    let mut gone = server.listen(Topic::Member(ben.member));
    let change = Change {
        remove: vec![ben.member],
        ..Change::default()
    };
    server.commit(&mut cleo, &mut [&mut anna], id, change).await;
    assert!(heard(&mut gone).is_empty(), "he knows");
    assert_eq!(anna.members(id), [anna.member, cleo.member]);
    server.send(&mut anna, id, "among ourselves").await.unwrap();
    assert_eq!(anna.policy(id).role_of(anna.member), Role::Owner);
    // A server that has forgotten everything replays the same.
    let mut server = server;
    server.put_back_checkpoint(id, 2, 3).await;
    server.restart(Config::default());
    let update = Change {
        update: true,
        ..Change::default()
    };
    follow_newest(&server, &mut anna, id).await;
    follow_newest(&server, &mut cleo, id).await;
    server.commit(&mut anna, &mut [&mut cleo], id, update).await;
}

#[tokio::test]
async fn when_the_only_admin_leaves_the_longest_standing_member_follows() {
    let server = Server::start(Config::default());
    let (anna, mut ben, mut cleo, id) = group(&server).await;
    leave(&server, &anna, anna.declare(id, kind::LEAVE))
        .await
        .unwrap();
    follow_newest(&server, &mut ben, id).await;
    follow_newest(&server, &mut cleo, id).await;
    let change = Change {
        remove: vec![anna.member],
        ..Change::default()
    };
    server.commit(&mut cleo, &mut [&mut ben], id, change).await;
    assert_eq!(ben.policy(id).role_of(ben.member), Role::GroupAdmin);
    assert_eq!(ben.policy(id).role_of(cleo.member), Role::Member);
}

#[tokio::test]
async fn two_who_leave_go_together_and_the_last_one_may_go_too() {
    let server = Server::start(Config::default());
    let (anna, ben, mut cleo, id) = group(&server).await;
    for member in [&anna, &ben] {
        leave(&server, member, member.declare(id, kind::LEAVE))
            .await
            .unwrap();
        follow_newest(&server, &mut cleo, id).await;
    }
    let change = Change {
        remove: vec![anna.member, ben.member],
        ..Change::default()
    };
    server.commit(&mut cleo, &mut [], id, change).await;
    assert_eq!(cleo.policy(id).role_of(cleo.member), Role::GroupAdmin);
    leave(&server, &cleo, cleo.declare(id, kind::LEAVE))
        .await
        .unwrap();
    assert!(
        server
            .service
            .conversations_of(cleo.member)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_does_not_verify_or_is_not_for_members_to_state_is_refused() {
    let server = Server::start(Config::default());
    let (mut anna, mut ben, cleo, id) = group(&server).await;
    let mut bad = cleo.declare(id, kind::LEAVE);
    bad.statement = {
        let mut s = bad.statement.to_vec();
        s[40] ^= 1;
        s.into()
    };
    assert!(matches!(
        leave(&server, &cleo, bad).await,
        Err(Error::BadRequest(_))
    ));
    let ben_says = Declare {
        statement: ben.declare(id, kind::LEAVE).statement,
        ..cleo.declare(id, kind::LEAVE)
    };
    assert!(
        matches!(
            leave(&server, &cleo, ben_says).await,
            Err(Error::BadRequest(_))
        ),
        "another's statement"
    );
    for kind in [
        0,
        kind::MESSAGE,
        kind::COMMIT,
        kind::ACCOUNT_CLOSED,
        kind::RESTART,
        200,
    ] {
        assert!(
            matches!(
                leave(&server, &cleo, cleo.declare(id, kind)).await,
                Err(Error::BadRequest(_))
            ),
            "{kind}"
        );
    }
    let large = Declare {
        statement: vec![1; 3000].into(),
        ..cleo.declare(id, kind::LEAVE)
    };
    assert!(matches!(
        leave(&server, &cleo, large).await,
        Err(Error::TooLarge(_))
    ));
    let early = Declare {
        epoch: 3,
        ..cleo.declare(id, kind::LEAVE)
    };
    assert!(matches!(
        leave(&server, &cleo, early).await,
        Err(Error::EpochMoved { epoch: 2, .. })
    ));
    assert_eq!(server.log(&anna, id).await.len(), 2, "nothing was written");
    // A direct conversation is left by nobody.
    let direct = server.direct(&mut anna, &mut ben).await;
    assert_eq!(
        leave(&server, &ben, ben.declare(direct, kind::LEAVE))
            .await
            .unwrap_err(),
        Error::Forbidden
    );
}
