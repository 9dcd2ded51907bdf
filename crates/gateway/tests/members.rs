//! Suspended members and closed accounts over connections: sessions end, and are not let in again.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;
mod real;

use fakes::Client;
use protocol::{
    Bytes, ErrorCode,
    methods::{
        account::SignInStarted,
        conversations::{GetEntries, kind},
        own_account::CloseAccount,
        people::{ClaimKeyPackage, CloseAccountOf, SetOrganisationRole, Suspend},
        vault::GetManifest,
    },
};
use real::{START, Server, server};
use testkit::Member;

async fn join(
    server: &Server,
    client: &mut Client,
    by: &mut Member,
    seed: u64,
) -> (Client, Member) {
    let invited = by.invite();
    client.ask(&invited.params).await.unwrap();
    let name = format!("member{seed}");
    server.register(seed, &name, invited.ticket).await
}

/// Tries a resumed session.
async fn resume(server: &Server, member: &Member) -> Result<(), ErrorCode> {
    let mut client = server.connect();
    let hello = client.hello().await;
    let resume = member.resume(hello.incarnation, hello.challenge);
    let resumed = client.ask(&resume).await;
    resumed.map(drop).map_err(|error| error.code)
}

async fn ends(client: &mut Client) {
    let frames = client.until_the_end().await;
    let last = frames.last().unwrap();
    assert_eq!(last.event.as_deref(), Some("goodbye"));
}

#[tokio::test]
async fn sessions_of_a_suspended_member_end_and_come_back_when_it_is_over() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let (mut ben_client, ben) = join(&server, &mut client, &mut anna, 2).await;
    let member = ben.member;
    let suspend = |suspended| Suspend { member, suspended };
    let of_admin = Suspend {
        member: anna.member,
        suspended: true,
    };
    let refused = ben_client.ask(&of_admin).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    client.ask(&suspend(true)).await.unwrap();
    ends(&mut ben_client).await;
    assert_eq!(
        resume(&server, &ben).await,
        Err(ErrorCode::AccountSuspended)
    );
    client.ask(&suspend(false)).await.unwrap();
    assert_eq!(resume(&server, &ben).await, Ok(()));
}

#[tokio::test]
async fn an_account_closed_by_an_admin_is_told_where_it_was() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let (mut ben_client, ben) = join(&server, &mut client, &mut anna, 2).await;
    anna.learn(&ben.certificate);
    let claim = ClaimKeyPackage { member: ben.member };
    let package = client.ask(&claim).await.unwrap();
    let id = anna.conversation_id();
    let create = anna.found_direct(id, ben.member, package, START);
    client.ask(&create).await.unwrap();
    client
        .ask(&CloseAccountOf { member: ben.member })
        .await
        .unwrap();
    ends(&mut ben_client).await;
    assert_eq!(resume(&server, &ben).await, Err(ErrorCode::SessionRefused));
    let get = GetEntries {
        conversation: id,
        from: 1,
        limit: 9,
        commits_only: false,
    };
    let log = client.ask(&get).await.unwrap().entries;
    let last = log.last().unwrap();
    assert_eq!((last.kind, last.sender), (kind::ACCOUNT_CLOSED, ben.member));
}

#[tokio::test]
async fn closing_ones_own_account_is_answered_and_ends() {
    let server = server().await;
    let (mut client, mut anna) = server.set_up().await;
    let (mut ben_client, mut ben) = join(&server, &mut client, &mut anna, 2).await;
    let close = |attempt, ke3| CloseAccount { attempt, ke3 };
    let unproved = close(7, Bytes::from(vec![0; 64]));
    let refused = ben_client.ask(&unproved).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadRequest);
    let (start, proving) = ben.prove(&ben.passphrase.clone());
    let started: SignInStarted = ben_client.ask(&start).await.unwrap();
    let ke3 = ben
        .proved(proving, &started.ke2, started.stretching)
        .unwrap();
    let id = ben_client.send(&close(started.attempt, ke3)).await;
    let frames = ben_client.until_the_end().await;
    assert!(frames.iter().any(|f| f.id == Some(id) && f.ok.is_some()));
    assert_eq!(resume(&server, &ben).await, Err(ErrorCode::SessionRefused));
    // the only admin stays
    let (start, proving) = anna.prove(&anna.passphrase.clone());
    let started: SignInStarted = client.ask(&start).await.unwrap();
    let ke3 = anna
        .proved(proving, &started.ke2, started.stretching)
        .unwrap();
    let error = client.ask(&close(started.attempt, ke3)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::LastAdmin);
    client.ask(&GetManifest {}).await.unwrap();
    let role = SetOrganisationRole {
        member: ben.member,
        role: protocol::methods::account::OrganisationRole::Admin,
    };
    let error = client.ask(&role).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}
