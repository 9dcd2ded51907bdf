//! Registration, from the side of those who get it wrong or wish ill.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Error};
use common::{config, from, oprf_seed, start};
use e2ee::identity::RootIdentity;
use protocol::{
    Bytes, Hash32, InstanceId, MemberId,
    methods::{
        account::{CheckInvitation, RegisterFinish, RevokeInvitation, Ticket},
        people::GetPeople,
    },
};
use storage::StorageError;
use testkit::Member;

fn recertify(params: &mut RegisterFinish, member: &Member, login_name: &str, generation: u32) {
    let certificate = member
        .root
        .certify(
            member.instance,
            params.member,
            login_name,
            login_name,
            &member.account.public(),
            generation,
        )
        .unwrap();
    params.certificate = Bytes::copy_from_slice(certificate.bytes());
}

#[tokio::test]
async fn the_set_up_code_makes_one_administrator() {
    let (server, _folder) = start().await;
    let typed = server.set_up_code.as_ref().unwrap().reveal();
    let ticket = Ticket::SetUp {
        code: format!(" {} ", typed.to_lowercase().replace('-', "")),
    };
    let newcomer = server.newcomer(1, "anna");
    let (params, _) = server.prepare(newcomer, &ticket, Some("Example")).await;
    server.finish(params).await.unwrap();

    let mut second = server.newcomer(2, "ben");
    let (params, _) = second.start(&ticket);
    let refused = server.accounts.register_start(&from(1), params).await;
    assert_eq!(refused.unwrap_err(), Error::SetUpCodeWrong);
}

#[tokio::test]
async fn wrong_codes_are_refused() {
    let (server, _folder) = start().await;
    for code in ["", "0000-0000-0000-0000", "what", &"9".repeat(100_000)] {
        let ticket = Ticket::SetUp {
            code: code.to_owned(),
        };
        let (params, _) = server.newcomer(2, "ben").start(&ticket);
        let refused = server.accounts.register_start(&from(1), params).await;
        assert_eq!(refused.unwrap_err(), Error::SetUpCodeWrong);
    }
}

#[tokio::test]
async fn with_members_a_start_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = common::open(folder.path(), oprf_seed(8), config())
        .await
        .unwrap();
    let anna = first.set_up().await;
    let instance = first.accounts.instance();
    drop(first);
    let refusal = StorageError::ReadOnly {
        reason: "locked".into(),
    };
    let again = common::open_refusing(folder.path(), oprf_seed(8), config(), Some(refusal.clone()))
        .await
        .unwrap();
    assert_eq!(again.accounts.instance(), instance);
    assert!(again.set_up_code.is_none());
    let challenge = Hash32([3; 32]);
    let resume = anna.resume(again.accounts.incarnation(), challenge);
    again.accounts.resume(resume, challenge).await.unwrap();
    drop(again);
    let other = common::open_refusing(folder.path(), oprf_seed(9), config(), Some(refusal.clone()));
    assert!(matches!(other.await, Err(Error::OtherOprfSeed)));
    // Without members there is a code to write.
    let empty = tempfile::tempdir().unwrap();
    let none = common::open_refusing(empty.path(), oprf_seed(8), config(), Some(refusal.clone()));
    assert_eq!(none.await.err(), Some(Error::Storage(refusal)));
}

#[tokio::test]
async fn a_later_start_without_members_makes_a_new_code() {
    let folder = tempfile::tempdir().unwrap();
    let first = common::open(folder.path(), oprf_seed(8), config())
        .await
        .unwrap();
    let old = first.set_up_ticket();
    let ids = (first.accounts.instance(), first.accounts.incarnation());
    drop(first);
    let second = common::open(folder.path(), oprf_seed(8), config())
        .await
        .unwrap();
    assert_eq!(
        ids,
        (second.accounts.instance(), second.accounts.incarnation())
    );
    let new = second.set_up_ticket();
    assert_ne!(old, new);
    let (params, _) = second.newcomer(1, "anna").start(&old);
    let refused = second.accounts.register_start(&from(1), params).await;
    assert_eq!(refused.unwrap_err(), Error::SetUpCodeWrong);
    let newcomer = second.newcomer(1, "anna");
    let (params, _) = second.prepare(newcomer, &new, Some("Example")).await;
    second.finish(params).await.unwrap();
    drop(second);
    let third = common::open(folder.path(), oprf_seed(8), config())
        .await
        .unwrap();
    assert!(third.set_up_code.is_none(), "there is a member now");
    assert_eq!(
        third.accounts.hello().await.unwrap().organisation,
        "Example"
    );
}

#[tokio::test]
async fn an_instance_does_not_start_with_another_oprf_seed() {
    let folder = tempfile::tempdir().unwrap();
    let first = common::open(folder.path(), oprf_seed(8), config())
        .await
        .unwrap();
    first.set_up().await;
    drop(first);
    let refused = common::open(folder.path(), oprf_seed(9), config()).await;
    assert_eq!(refused.err(), Some(Error::OtherOprfSeed));
}

#[tokio::test]
async fn the_same_registration_again_says_that_the_member_exists() {
    let (server, _folder) = start().await;
    let ticket = server.set_up_ticket();
    let (params, mut anna) = server
        .prepare(server.newcomer(1, "anna"), &ticket, Some("Example"))
        .await;
    server.finish(params.clone()).await.unwrap();
    assert_eq!(
        server.finish(params).await.unwrap_err(),
        Error::MemberExists
    );

    let ticket = server.invite(&mut anna).await;
    let (params, _) = server
        .prepare(server.newcomer(2, "ben"), &ticket, None)
        .await;
    server.finish(params.clone()).await.unwrap();
    assert_eq!(
        server.finish(params).await.unwrap_err(),
        Error::MemberExists
    );
}

#[tokio::test]
async fn an_invitation_is_used_once_within_its_time() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let check = |ticket: &Ticket| match ticket {
        Ticket::Invitation { secret } => CheckInvitation {
            secret: secret.clone(),
        },
        Ticket::SetUp { .. } | Ticket::Reset { .. } => unreachable!(),
    };

    let used = server.invite(&mut anna).await;
    let info = server
        .accounts
        .check_invitation(&from(1), check(&used))
        .await
        .unwrap();
    assert_eq!(info.organisation, "Example");
    assert_eq!(info.inviter, anna.certificate.bytes());
    assert_eq!(info.expires, common::START + 7 * common::DAY);
    let (params, _) = server.prepare(server.newcomer(2, "ben"), &used, None).await;
    let (late, _) = server
        .prepare(server.newcomer(3, "cleo"), &used, None)
        .await;
    server.finish(params).await.unwrap();
    assert_eq!(
        server.finish(late).await.unwrap_err(),
        Error::InvitationInvalid
    );

    let expired = server.invite(&mut anna).await;
    server.clock.advance(7 * common::DAY);
    let revoked = anna.invite();
    let id = revoked.params.invitation;
    server
        .accounts
        .create_invitation(anna.member, revoked.params)
        .await
        .unwrap();
    let revoke = RevokeInvitation { invitation: id };
    server
        .accounts
        .revoke_invitation(anna.member, revoke)
        .await
        .unwrap();
    let guessed = Ticket::Invitation {
        secret: Bytes::from_static(&[7; 16]),
    };
    let odd = Ticket::Invitation {
        secret: Bytes::from_static(&[7; 15]),
    };
    for ticket in [used, expired, revoked.ticket, guessed, odd] {
        let refused = server
            .accounts
            .check_invitation(&from(1), check(&ticket))
            .await;
        assert_eq!(refused.unwrap_err(), Error::InvitationInvalid);
        let (params, _) = server.newcomer(4, "dora").start(&ticket);
        let refused = server.accounts.register_start(&from(1), params).await;
        assert_eq!(refused.unwrap_err(), Error::InvitationInvalid);
    }
}

#[tokio::test]
async fn names_are_taken_or_look_alike() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    server.join(&mut anna, 2, "paypal").await;
    // the second a is Cyrillic
    for (seed, name) in [(10, "paypal"), (11, "pаypal"), (12, "paypа1")] {
        let ticket = server.invite(&mut anna).await;
        let newcomer = server.newcomer(seed, name);
        let (params, _) = server.prepare(newcomer, &ticket, None).await;
        let refused = server.finish(params).await;
        assert_eq!(refused.unwrap_err(), Error::NameTaken, "{name}");
        // The refusal used nothing up: with another name the same invitation is good.
        let newcomer = server.newcomer(seed, &format!("other{seed}"));
        let (params, _) = server.prepare(newcomer, &ticket, None).await;
        server.finish(params).await.unwrap();
    }
}

#[tokio::test]
async fn names_that_are_none_are_refused() {
    let (server, _folder) = start().await;
    let ticket = server.set_up_ticket();
    let long = "x".repeat(33);
    for name in [
        "x",
        "two words",
        "ＡＮＮＡ",
        "Anna",
        "an\u{200b}na",
        &long,
        "",
    ] {
        let newcomer = server.newcomer(1, "anna");
        let (mut params, member) = server.prepare(newcomer, &ticket, Some("Example")).await;
        recertify(&mut params, &member, name, 1);
        let refused = server.finish(params).await.unwrap_err();
        assert!(
            matches!(refused, Error::NameInvalid(_)),
            "{name}: {refused}"
        );
    }
    let newcomer = server.newcomer(1, "anna");
    let (mut params, _) = server.prepare(newcomer, &ticket, Some("Example")).await;
    params.device.name = "x".repeat(100_000);
    let refused = server.finish(params).await.unwrap_err();
    assert!(matches!(refused, Error::NameInvalid(_)));
}

#[tokio::test]
async fn certificates_must_be_ones_own_and_the_first() {
    let (server, _folder) = start().await;
    let ticket = server.set_up_ticket();
    let prepared = async || {
        let newcomer = server.newcomer(1, "anna");
        server.prepare(newcomer, &ticket, Some("Example")).await
    };
    let refused = |error: Error| matches!(error, Error::CertificateInvalid(_));

    let (mut params, member) = prepared().await;
    recertify(&mut params, &member, "anna", 2);
    assert!(refused(server.finish(params).await.unwrap_err()));

    let (mut params, _) = prepared().await;
    params.certificate = Bytes::from(vec![0u8; 100_000]);
    assert!(refused(server.finish(params).await.unwrap_err()));

    let (mut params, member) = prepared().await;
    let other = |instance, who| {
        RootIdentity::certify(
            &member.root,
            instance,
            who,
            "anna",
            "anna",
            &member.account.public(),
            1,
        )
        .unwrap()
    };
    for certificate in [
        other(InstanceId([9; 16]), member.member),
        other(member.instance, MemberId([9; 16])),
    ] {
        params.certificate = Bytes::copy_from_slice(certificate.bytes());
        assert!(refused(server.finish(params.clone()).await.unwrap_err()));
    }
    let mut bytes = member.certificate.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    params.certificate = bytes.into();
    assert!(refused(server.finish(params).await.unwrap_err()));
}

#[tokio::test]
async fn stretching_below_the_floor_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut strict = config();
    strict.stretching_floor.memory_kib = 16;
    let server = common::open(folder.path(), oprf_seed(8), strict)
        .await
        .unwrap();
    let ticket = server.set_up_ticket();
    let (params, _) = server
        .prepare(server.newcomer(1, "anna"), &ticket, Some("Example"))
        .await;
    let refused = server.finish(params).await.unwrap_err();
    assert!(matches!(refused, Error::StretchingTooWeak(_)));
}

/// Changes a registration, with another one at hand.
type Spoil = fn(&mut RegisterFinish, &RegisterFinish);

#[tokio::test]
async fn a_spoilt_part_spoils_the_whole_and_leaves_nothing() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ticket = server.invite(&mut anna).await;
    let (good, ben) = server
        .prepare(server.newcomer(2, "ben"), &ticket, None)
        .await;
    let (others, _) = server
        .prepare(server.newcomer(3, "cleo"), &ticket, None)
        .await;
    let spoil: [(&str, Spoil); 12] = [
        ("no last resort", |p, _| {
            p.key_packages.retain(|k| !k.last_resort)
        }),
        ("only the flag", |p, _| p.key_packages[0].last_resort = true),
        ("another's packages", |p, o| {
            p.key_packages = o.key_packages.clone()
        }),
        ("another id", |p, o| {
            p.key_packages[0].id = o.key_packages[0].id
        }),
        ("the same twice", |p, _| {
            p.key_packages.push(p.key_packages[0].clone())
        }),
        ("no key package", |p, _| {
            p.key_packages[0].package = Bytes::from_static(b"x")
        }),
        ("short signing key", |p, _| {
            p.device.signing_key = Bytes::from_static(b"x")
        }),
        ("short wrap key", |p, _| {
            p.device.wrap_key = Bytes::from_static(b"x")
        }),
        ("no record", |p, _| p.upload = Bytes::from_static(b"x")),
        ("no head", |p, _| p.vault.head = None),
        ("an old version", |p, _| p.vault.puts[0].expected = 3),
        ("an organisation", |p, _| {
            p.organisation = Some("Mine".to_owned())
        }),
    ];
    for (what, spoil) in spoil {
        let mut params = good.clone();
        spoil(&mut params, &others);
        let refused = server.finish(params).await.expect_err(what);
        assert!(!matches!(refused, Error::Internal(_)), "{what}: {refused}");
        let get = GetPeople {
            members: vec![ben.member],
        };
        let people = server.accounts.get_people(anna.member, get).await.unwrap();
        assert!(people.people.is_empty(), "{what}");
    }
    server.finish(good).await.unwrap();
}

#[tokio::test]
async fn the_first_member_names_the_organisation() {
    let (server, _folder) = start().await;
    let ticket = server.set_up_ticket();
    for organisation in [None, Some(""), Some("\u{202e}evil")] {
        let newcomer = server.newcomer(1, "anna");
        let (params, _) = server.prepare(newcomer, &ticket, organisation).await;
        let refused = server.finish(params).await.unwrap_err();
        assert!(matches!(
            refused,
            Error::BadRequest(_) | Error::NameInvalid(_)
        ));
    }
    assert!(server.accounts.hello().await.unwrap().set_up_needed);
}
