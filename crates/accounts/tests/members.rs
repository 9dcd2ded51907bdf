//! Suspending members, closing accounts, and who may.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Error};
use bus::{Delivery, Hint, Subscription, Topic};
use common::{Server, from, start};
use e2ee::recovery::RecoveryCode;
use protocol::{
    ConversationId, DeviceId, Hash32, MemberId,
    methods::{
        account::{CheckInvitation, OrganisationRole, ResumeSession, Ticket},
        own_account::CloseAccount,
        people::{
            ClaimKeyPackage, CloseAccountOf, FindPeople, GetPeople, Person, SetOrganisationRole,
            Suspend,
        },
    },
};
use storage::conversations::{Conversation, Membership};
use testkit::Member;

async fn suspend(
    server: &Server,
    by: &Member,
    member: MemberId,
    suspended: bool,
) -> Result<(), Error> {
    let params = Suspend { member, suspended };
    let done = server.accounts.suspend(by.member, by.device_id(), params);
    done.await.map(drop)
}

async fn set_role(
    server: &Server,
    by: &Member,
    member: MemberId,
    role: OrganisationRole,
) -> Result<(), Error> {
    let params = SetOrganisationRole { member, role };
    let done = server.accounts.set_role(by.member, by.device_id(), params);
    done.await.map(drop)
}

async fn close_of(server: &Server, by: &Member, member: MemberId) -> Result<(), Error> {
    let params = CloseAccountOf { member };
    let done = server
        .accounts
        .close_account_of(by.member, by.device_id(), params);
    done.await.map(drop)
}

async fn close(server: &Server, member: &mut Member) -> Result<(), Error> {
    let (proof, ke3) = server.prove(member).await?;
    let params = CloseAccount { attempt: 1, ke3 };
    let (id, device) = (member.member, member.device_id());
    let done = server.accounts.close_account(id, device, proof, params);
    done.await.map(drop)
}

async fn resume(server: &Server, member: &Member) -> Result<(), Error> {
    let challenge = Hash32([7; 32]);
    let incarnation = server.accounts.incarnation();
    let proof = member.device.session_proof(
        server.accounts.instance(),
        incarnation,
        challenge.as_bytes(),
    );
    let params = ResumeSession {
        device: member.device_id(),
        proof: protocol::Bytes::copy_from_slice(&proof),
    };
    server.accounts.resume(params, challenge).await.map(drop)
}

async fn person(server: &Server, of: MemberId) -> Option<Person> {
    let members = vec![of];
    let found = server.accounts.get_people(of, GetPeople { members }).await;
    found.unwrap().people.pop()
}

async fn signed_out(server: &Server, device: DeviceId) -> bool {
    let out = server.accounts.signed_out(vec![device]).await.unwrap();
    out == [device]
}

fn hints(subscription: &mut Subscription) -> Vec<Hint> {
    let mut hints = Vec::new();
    while let Some(Delivery::Notice(notice)) = subscription.deliveries.try_recv() {
        if notice.hint != Hint::None {
            hints.push(notice.hint);
        }
    }
    hints
}

#[tokio::test]
async fn a_suspended_member_is_kept_out_until_they_are_let_in_again() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    let code = RecoveryCode::generate(&mut ambient::generator(&ambient::SystemRandom));
    server.set_recovery(&mut ben, Some(&code)).await;
    resume(&server, &ben).await.unwrap();
    let mut told = server.listen(Topic::Member(ben.member));
    suspend(&server, &anna, ben.member, true).await.unwrap();
    assert_eq!(hints(&mut told), [Hint::Ended]);
    assert_eq!(resume(&server, &ben).await, Err(Error::Suspended));
    let passphrase = ben.passphrase.clone();
    let refused = server.sign_in("ben", &passphrase, 5).await;
    assert_eq!(refused.map(drop), Err(Error::Suspended));
    let wrong = anna.passphrase.clone();
    let refused = server.sign_in("ben", &wrong, 5).await;
    assert_eq!(
        refused.map(drop),
        Err(Error::WrongNameOrPassphrase),
        "only who is it learns of it"
    );
    assert!(
        signed_out(&server, ben.device_id()).await,
        "what is under way is refused"
    );
    assert!(person(&server, ben.member).await.unwrap().suspended);
    // the same again is nothing
    suspend(&server, &anna, ben.member, true).await.unwrap();

    suspend(&server, &anna, ben.member, false).await.unwrap();
    resume(&server, &ben).await.unwrap();
    assert!(!signed_out(&server, ben.device_id()).await);
    assert!(!person(&server, ben.member).await.unwrap().suspended);
    server.sign_in("ben", &passphrase, 6).await.unwrap();
}

#[tokio::test]
async fn who_is_suspended_invites_nobody() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    set_role(&server, &anna, ben.member, OrganisationRole::Admin)
        .await
        .unwrap();
    let ticket = server.invite(&mut ben).await;
    let Ticket::Invitation { secret } = &ticket else {
        panic!("an invitation");
    };
    let (accounts, guest) = (&server.accounts, from(3));
    let check = || {
        let secret = secret.clone();
        accounts.check_invitation(&guest, CheckInvitation { secret })
    };
    check().await.unwrap();
    let invited = server.newcomer(3, "cleo");
    let (params, _) = server.prepare(invited, &ticket, None).await;
    set_role(&server, &anna, ben.member, OrganisationRole::Member)
        .await
        .unwrap();
    suspend(&server, &anna, ben.member, true).await.unwrap();
    assert_eq!(check().await.map(drop), Err(Error::InvitationInvalid));
    assert_eq!(
        server.finish(params.clone()).await,
        Err(Error::InvitationInvalid)
    );
    suspend(&server, &anna, ben.member, false).await.unwrap();
    server.finish(params).await.unwrap();
}

#[tokio::test]
async fn who_may_not_changes_nobody() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    let cleo = server.join(&mut anna, 3, "cleo").await;
    let nobody = MemberId([9; 16]);
    let admin = OrganisationRole::Admin;
    for by in [&ben, &anna] {
        // ordinary members nobody, admins not themselves
        let of = if by.member == ben.member {
            cleo.member
        } else {
            anna.member
        };
        assert_eq!(suspend(&server, by, of, true).await, Err(Error::Forbidden));
        assert_eq!(close_of(&server, by, of).await, Err(Error::Forbidden));
        assert_eq!(
            set_role(&server, by, of, admin).await,
            Err(Error::Forbidden)
        );
    }
    assert_eq!(
        suspend(&server, &anna, nobody, true).await,
        Err(Error::NotFound)
    );
    assert_eq!(close_of(&server, &anna, nobody).await, Err(Error::NotFound));
    assert_eq!(
        set_role(&server, &anna, nobody, admin).await,
        Err(Error::NotFound)
    );
    for role in [OrganisationRole::Guest, OrganisationRole::Unknown] {
        let refused = set_role(&server, &anna, ben.member, role).await;
        assert!(matches!(refused, Err(Error::BadRequest(_))));
    }
    // not other admins, before they are none any more; the owner, who set the organisation up, always is one
    set_role(&server, &anna, ben.member, admin).await.unwrap();
    set_role(&server, &anna, cleo.member, admin).await.unwrap();
    let ordinary = OrganisationRole::Member;
    for (by, of) in [(&anna, &ben), (&ben, &cleo), (&cleo, &anna)] {
        let of = of.member;
        assert_eq!(suspend(&server, by, of, true).await, Err(Error::Forbidden));
        assert_eq!(close_of(&server, by, of).await, Err(Error::Forbidden));
    }
    assert_eq!(
        set_role(&server, &ben, anna.member, ordinary).await,
        Err(Error::Forbidden)
    );
    assert_eq!(
        set_role(&server, &ben, cleo.member, ordinary).await,
        Err(Error::Forbidden),
        "that is the owner's"
    );
    set_role(&server, &anna, cleo.member, ordinary)
        .await
        .unwrap();
    assert_eq!(
        suspend(&server, &cleo, ben.member, true).await,
        Err(Error::Forbidden),
        "an admin no more"
    );
    suspend(&server, &ben, cleo.member, true).await.unwrap();
    let back = set_role(&server, &ben, cleo.member, admin).await;
    assert_eq!(back, Err(Error::Forbidden), "not while they are suspended");
    let refused = suspend(&server, &cleo, ben.member, true).await;
    assert_eq!(refused, Err(Error::SessionRefused));
}

#[tokio::test]
async fn a_closed_account_is_nobody_and_its_name_is_free() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    let code = RecoveryCode::generate(&mut ambient::generator(&ambient::SystemRandom));
    server.set_recovery(&mut ben, Some(&code)).await;
    let of = ben.member;
    storage::write(server.storage.as_ref(), move |unit| {
        unit.insert_conversation(&Conversation {
            conversation: ConversationId([1; 16]),
            restart: 0,
            direct: None,
            epoch: 0,
            head_seq: 0,
            transcript: Hash32::default(),
            created: 0,
        })?;
        unit.insert_member(Membership {
            conversation: ConversationId([1; 16]),
            member: of,
            first_seq: 1,
        })
    })
    .await
    .unwrap();
    let mut told = server.listen(Topic::Member(ben.member));
    let passphrase = ben.passphrase.clone();
    close(&server, &mut ben).await.unwrap();
    assert_eq!(hints(&mut told), [Hint::Ended]);
    assert_eq!(resume(&server, &ben).await, Err(Error::SessionRefused));
    assert!(signed_out(&server, ben.device_id()).await);
    let refused = server.sign_in("ben", &passphrase, 5).await;
    assert_eq!(refused.map(drop), Err(Error::WrongNameOrPassphrase));
    assert_eq!(person(&server, ben.member).await, None);
    let find = FindPeople {
        query: "ben".into(),
        limit: 9,
    };
    let found = server.accounts.find_people(anna.member, find).await;
    assert_eq!(found.unwrap().people, []);
    let claim = ClaimKeyPackage { member: ben.member };
    let claimed = server.accounts.claim_key_package(anna.member, claim).await;
    assert_eq!(claimed.map(drop), Err(Error::NotFound));
    assert_eq!(server.head(ben.member).await, 0, "no vault");
    let left = storage::read(server.storage.as_ref(), |r| r.closed_in_conversations(9));
    assert_eq!(
        left.await,
        Ok(vec![ben.member]),
        "to be told by conversations"
    );
    assert_eq!(
        suspend(&server, &anna, ben.member, true).await,
        Err(Error::NotFound)
    );
    assert_eq!(
        close_of(&server, &anna, ben.member).await,
        Err(Error::NotFound)
    );
    // somebody else may be called so
    let other = server.join(&mut anna, 9, "ben").await;
    assert_ne!(other.member, ben.member);
}

#[tokio::test]
async fn the_only_admin_stays_and_a_wrong_passphrase_closes_nothing() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.join(&mut anna, 2, "ben").await;
    assert_eq!(close(&server, &mut anna).await, Err(Error::LastAdmin));
    let (proof, ke3) = server.prove(&mut ben).await.unwrap();
    let mut wrong = ke3.to_vec();
    wrong[0] ^= 1;
    let params = CloseAccount {
        attempt: 1,
        ke3: wrong.into(),
    };
    let (id, device) = (ben.member, ben.device_id());
    let refused = server.accounts.close_account(id, device, proof, params);
    assert_eq!(refused.await.map(drop), Err(Error::WrongNameOrPassphrase));
    resume(&server, &ben).await.unwrap();
    // somebody else's proof
    let (proof, ke3) = server.prove(&mut ben).await.unwrap();
    let params = CloseAccount { attempt: 1, ke3 };
    let refused = server
        .accounts
        .close_account(anna.member, anna.device_id(), proof, params);
    assert_eq!(refused.await.map(drop), Err(Error::WrongNameOrPassphrase));
    set_role(&server, &anna, ben.member, OrganisationRole::Admin)
        .await
        .unwrap();
    close(&server, &mut anna).await.unwrap();
    let (server, ben) = (&server, &mut ben);
    assert_eq!(close(server, ben).await, Err(Error::LastAdmin));
}
