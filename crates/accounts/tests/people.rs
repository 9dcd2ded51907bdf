//! People, invitations' rights, key packages.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Error};
use bus::Topic;
use common::{DAY, Server, heard, start};
use protocol::{
    Hash32, MemberId,
    events::Event,
    methods::{
        account::RevokeInvitation,
        people::{ClaimKeyPackage, ClaimedKeyPackage, FindPeople, GetCertificates, GetPeople},
    },
};
use testkit::Member;

async fn find(server: &Server, query: &str) -> Vec<MemberId> {
    let params = FindPeople {
        query: query.to_owned(),
        limit: 1000,
    };
    let found = server
        .accounts
        .find_people(MemberId::default(), params)
        .await
        .unwrap();
    found
        .people
        .into_iter()
        .map(|person| person.member)
        .collect()
}

async fn claim(server: &Server, by: &Member, of: MemberId) -> Result<ClaimedKeyPackage, Error> {
    let params = ClaimKeyPackage { member: of };
    server.accounts.claim_key_package(by.member, params).await
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_a_name() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben.müller").await;
    assert_eq!(find(&server, "").await, [anna.member, ben.member]);
    assert_eq!(find(&server, "An").await, [anna.member]);
    assert_eq!(find(&server, "MÜL").await, [ben.member]);
    assert!(find(&server, "nna").await.is_empty());
    assert!(find(&server, "%").await.is_empty());
    let long = FindPeople {
        query: "x".repeat(100_000),
        limit: 1,
    };
    let refused = server.accounts.find_people(anna.member, long).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));

    let get = GetPeople {
        members: vec![ben.member, MemberId([9; 16]), anna.member, ben.member],
    };
    let people = server
        .accounts
        .get_people(anna.member, get)
        .await
        .unwrap()
        .people;
    let members: Vec<_> = people.iter().map(|person| person.member).collect();
    assert_eq!(members, [anna.member, ben.member]);
    let too_many = GetPeople {
        members: vec![ben.member; 257],
    };
    let refused = server.accounts.get_people(anna.member, too_many).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
}

#[tokio::test]
async fn only_admins_invite_and_withdraw() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    let by_ben = ben.invite().params;
    for who in [ben.member, MemberId([9; 16])] {
        let refused = server.accounts.create_invitation(who, by_ben.clone()).await;
        assert_eq!(refused.unwrap_err(), Error::Forbidden);
    }
    let invited = anna.invite().params;
    let created = server
        .accounts
        .create_invitation(anna.member, invited.clone())
        .await
        .unwrap();
    assert_eq!(created.addresses, ["chat.example:7443"]);
    server.clock.advance(DAY);
    let again = server
        .accounts
        .create_invitation(anna.member, invited.clone())
        .await
        .unwrap();
    assert_eq!(again, created, "the same again is the same invitation");
    let mut other_secret = invited.clone();
    other_secret.secret_hash = Hash32([9; 32]);
    let mut other_id = invited.clone();
    other_id.invitation = protocol::InvitationId([9; 16]);
    for params in [other_secret, other_id] {
        let refused = server.accounts.create_invitation(anna.member, params).await;
        assert_eq!(refused.unwrap_err(), Error::InvitationInvalid);
    }
    let revoke = RevokeInvitation {
        invitation: invited.invitation,
    };
    let refused = server
        .accounts
        .revoke_invitation(ben.member, revoke.clone())
        .await;
    assert_eq!(refused.unwrap_err(), Error::Forbidden);
    server
        .accounts
        .revoke_invitation(anna.member, revoke.clone())
        .await
        .unwrap();
    let refused = server.accounts.revoke_invitation(anna.member, revoke).await;
    assert_eq!(refused.unwrap_err(), Error::NotFound);
}

#[tokio::test]
async fn key_packages_are_claimed_once_and_the_last_resort_stays() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    let mut told = server.listen(Topic::Member(ben.member));
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(claim(&server, &anna, ben.member).await.unwrap().id);
    }
    assert_eq!(ids[3], ids[4], "the last resort");
    ids.pop();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let left = |event: &Event| match event {
        Event::KeyPackagesLow(low) => low.left,
        other => panic!("{other:?}"),
    };
    let lefts: Vec<u32> = heard(&mut told).iter().map(left).collect();
    assert_eq!(lefts, [2, 1, 0, 0, 0]);

    let publish = ben.publish(20, true, common::START);
    let published = server
        .accounts
        .publish_key_packages(ben.member, ben.device_id(), publish)
        .await
        .unwrap();
    assert_eq!(published.left, 20);
    let events = heard(&mut told);
    let [Event::Vault(changed)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(changed.head, ben.vault.head_number());
    assert_eq!(changed.changes.len(), 21);
    claim(&server, &anna, ben.member).await.unwrap();
    assert!(heard(&mut told).is_empty(), "there are enough");
}

#[tokio::test]
async fn claims_are_limited_and_need_somebody() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    let nobody = claim(&server, &anna, MemberId([9; 16])).await;
    assert_eq!(nobody.unwrap_err(), Error::NotFound);
    for _ in 0..20 {
        claim(&server, &anna, ben.member).await.unwrap();
    }
    let refused = claim(&server, &anna, ben.member).await;
    assert!(matches!(refused, Err(Error::TooManyAttempts { .. })));
    claim(&server, &ben, anna.member).await.unwrap();
}

#[tokio::test]
async fn key_packages_that_are_old_foreign_known_or_too_many_are_refused() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    let invalid = async |by: &Member, params| {
        let refused = server
            .accounts
            .publish_key_packages(by.member, by.device_id(), params)
            .await;
        assert!(
            matches!(refused, Err(Error::KeyPackageInvalid(_))),
            "{refused:?}"
        );
    };
    let bens = ben.publish(1, false, common::START);
    invalid(&anna, bens.clone()).await;
    let mut again = bens.clone();
    server
        .accounts
        .publish_key_packages(ben.member, ben.device_id(), bens)
        .await
        .unwrap();
    again.vault = ben.write_pin(b"x", b"x", common::START);
    invalid(&ben, again).await;
    let old = anna.publish(1, false, common::START - 91 * DAY);
    invalid(&anna, old).await;
    let future = anna.publish(1, false, common::START + 2 * DAY);
    invalid(&anna, future).await;
    let many = anna.publish(98, false, common::START);
    invalid(&anna, many).await;
}

#[tokio::test]
async fn leaf_certificates_are_served_by_name() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    let claimed = claim(&server, &anna, ben.member).await.unwrap();
    let inspected =
        e2ee::mls::KeyPackage::inspect(&claimed.package, &ben.certificate, common::START).unwrap();
    let get = GetCertificates {
        names: vec![Hash32([9; 32]), inspected.certificate.name()],
    };
    let found = server
        .accounts
        .certificates(anna.member, get)
        .await
        .unwrap();
    assert_eq!(found.certificates, [inspected.certificate.bytes().to_vec()]);
    let many = GetCertificates {
        names: vec![Hash32([9; 32]); 257],
    };
    let refused = server.accounts.certificates(anna.member, many).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
}

#[tokio::test]
async fn stale_key_packages_are_neither_counted_nor_served() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    let publish = async |ben: &mut Member, count, last_resort, dated| {
        let params = ben.publish(count, last_resort, dated);
        let published = server
            .accounts
            .publish_key_packages(ben.member, ben.device_id(), params.clone())
            .await;
        (params, published.map(|published| published.left))
    };
    // Three and the last resort from the beginning; one more, forty days later.
    server.clock.advance(40 * DAY);
    let (fresh, left) = publish(&mut ben, 1, false, common::START + 40 * DAY).await;
    assert_eq!(left, Ok(4));
    server.clock.advance(40 * DAY + 1);
    let mut told = server.listen(Topic::Member(ben.member));
    let claimed = claim(&server, &anna, ben.member).await.unwrap();
    assert_eq!(claimed.id, fresh.packages[0].id, "not the oldest");
    assert_eq!(
        claim(&server, &anna, ben.member).await.unwrap_err(),
        Error::KeyPackagesExhausted,
        "the last resort is as old as the others"
    );
    let events = heard(&mut told);
    assert!(
        matches!(&events[..], [Event::KeyPackagesLow(a), Event::KeyPackagesLow(b)] if a.left + b.left == 0),
        "{events:?}"
    );
    // What would not be served is not taken; a new last resort replaces the old one.
    let now = common::START + 80 * DAY + 1;
    let mut other_device = ben.vault.clone();
    let (_, refused) = publish(&mut ben, 1, false, common::START).await;
    assert!(matches!(refused, Err(Error::KeyPackageInvalid(_))));
    std::mem::swap(&mut ben.vault, &mut other_device);
    let (last, left) = publish(&mut ben, 0, true, now).await;
    assert_eq!(left, Ok(0));
    for _ in 0..2 {
        let claimed = claim(&server, &anna, ben.member).await.unwrap();
        assert_eq!(claimed.id, last.packages[0].id);
    }
}
