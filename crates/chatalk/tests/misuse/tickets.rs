//! Invitations and set-up codes that are expired, used, withdrawn or guessed.

use protocol::{
    Bytes, ErrorCode, MemberId,
    methods::account::{CheckInvitation, RegisterStart, RevokeInvitation, Ticket},
};
use testkit::Invited;

use super::{World, code, refusal};
use crate::common::{Wire, invite};

fn start(ticket: &Ticket) -> RegisterStart {
    testkit::Newcomer::new(50, protocol::InstanceId::default(), "dora", "dora")
        .start(ticket)
        .0
}

async fn invitation(world: &mut World) -> Invited {
    let (anna, wire) = &mut world.anna;
    let invited = anna.invite();
    wire.call(&invited.params).await.unwrap();
    invited
}

fn check(invited: &Invited) -> CheckInvitation {
    let Ticket::Invitation { secret } = &invited.ticket else {
        unreachable!()
    };
    CheckInvitation {
        secret: secret.clone(),
    }
}

/// Refused at every step alike, and good for nothing.
async fn is_refused(guest: &mut Wire, invited: &Invited) {
    let unknown = CheckInvitation {
        secret: vec![0x55; 16].into(),
    };
    let expected = refusal(guest, &unknown).await;
    assert_eq!(expected.code, ErrorCode::InvitationInvalid);
    assert_eq!(
        refusal(guest, &check(invited)).await,
        expected,
        "like one that never was"
    );
    assert_eq!(refusal(guest, &start(&invited.ticket)).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn used_expired_and_withdrawn_invitations_are_like_unknown_ones() {
    let mut world = World::start().await;
    let mut guest = world.guest().await;

    let withdrawn = invitation(&mut world).await;
    guest.call(&check(&withdrawn)).await.unwrap();
    let revoke = RevokeInvitation {
        invitation: withdrawn.params.invitation,
    };
    world.anna.1.call(&revoke).await.unwrap();
    is_refused(&mut guest, &withdrawn).await;

    let expired = invitation(&mut world).await;
    let file = world.server.folder.join(storage_sqlite::DATABASE_FILE);
    let database = rusqlite::Connection::open(file).unwrap();
    let changed = database.execute(
        "UPDATE invitations SET expires = 1000 WHERE invitation = ?1",
        [expired.params.invitation.as_bytes()],
    );
    assert_eq!(changed, Ok(1));
    is_refused(&mut guest, &expired).await;

    // Used: by somebody who registered with it on another connection.
    let (anna, wire) = &mut world.anna;
    let invited = anna.invite();
    wire.call(&invited.params).await.unwrap();
    let mut theirs = Wire::connect(&world.server).await;
    crate::common::register(&mut theirs, 51, "dora", &invited.ticket, None).await;
    is_refused(&mut guest, &invited).await;
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_of_tickets_run_out_and_members_notice_nothing() {
    let mut world = World::start().await;
    let mut guest = world.guest().await;
    let mut codes = Vec::new();
    for guess in 0..40u8 {
        let said = if guess % 2 == 0 {
            code(
                &mut guest,
                &CheckInvitation {
                    secret: vec![guess; 16].into(),
                },
            )
            .await
        } else {
            let ticket = Ticket::SetUp {
                code: format!("{guess:032}"),
            };
            code(&mut guest, &start(&ticket)).await
        };
        codes.push(said);
    }
    let wrong = |said: &&ErrorCode| {
        matches!(
            said,
            ErrorCode::InvitationInvalid | ErrorCode::SetUpCodeWrong
        )
    };
    assert_eq!(codes.iter().take_while(wrong).count(), 30, "{codes:?}");
    assert!(
        codes[30..]
            .iter()
            .all(|said| *said == ErrorCode::RateLimited),
        "{codes:?}"
    );
    // A new connection of the same address gets no further.
    let mut other = world.guest().await;
    let limited = refusal(
        &mut other,
        &CheckInvitation {
            secret: vec![99; 16].into(),
        },
    )
    .await;
    assert!(limited.retryable && limited.retry_after_ms.is_some());
    let mut wire = world.signed_in().await;
    wire.sync().await;
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_code_is_good_once_and_odd_tickets_are_refused() {
    let mut world = World::start().await;
    let mut guest = world.guest().await;
    let used = Ticket::SetUp {
        code: world.server.set_up_code.clone().unwrap(),
    };
    assert_eq!(
        code(&mut guest, &start(&used)).await,
        ErrorCode::SetUpCodeWrong
    );
    for text in ["", "-", "\u{202e}", "ÀÉÎ", &"A".repeat(100_000)] {
        let ticket = Ticket::SetUp {
            code: text.to_owned(),
        };
        assert_eq!(
            code(&mut guest, &start(&ticket)).await,
            ErrorCode::SetUpCodeWrong
        );
    }
    for secret in [Bytes::new(), vec![0; 15].into(), vec![0; 100_000].into()] {
        let ticket = Ticket::Invitation { secret };
        let said = code(&mut guest, &start(&ticket)).await;
        assert!(
            matches!(said, ErrorCode::InvitationInvalid | ErrorCode::BadRequest),
            "{said:?}"
        );
    }
    // Somebody else's member id.
    let invited = invitation(&mut world).await;
    let taken = RegisterStart {
        member: world.anna.0.member,
        ..start(&invited.ticket)
    };
    assert_eq!(code(&mut guest, &taken).await, ErrorCode::MemberExists);
    assert_ne!(world.anna.0.member, MemberId::default());
    // The administrator's code is spent, but the organisation goes on.
    let (anna, wire) = &mut world.anna;
    invite(&world.server, (anna, wire), 60, "eve").await;
    world.talk_on().await;
}
