//! Approval of sign-ins at the server: who waits, who may let in, and what does not fit or comes twice is refused.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Error};
use bus::{Delivery, Hint, Topic};
use common::{HOUR, Server, heard, start};
use e2ee::{device::DeviceKeys, passphrase::prepare};
use protocol::{
    Bytes, DeviceId, Event, Hash32, MemberId,
    methods::{
        account::{ResumeSession, SignedIn},
        approval::{
            ApprovalState, AskApproval, ClaimApproval, DenyApproval, GiveUpApproval, GrantApproval,
            RevealApproval, WaitingDevice,
        },
        own_account::{FinishPassphrase, SignOutDevices},
        people::Suspend,
    },
};
use storage::StorageError;
use testkit::Member;

const MINUTE: u64 = HOUR / 60;

fn hash(n: u8) -> Hash32 {
    Hash32([n; 32])
}

/// The service with one member who wants approval.
async fn begin() -> (Server, Member, tempfile::TempDir) {
    let (server, folder) = start().await;
    let anna = server.set_up().await;
    require(&server, anna.member, true).await;
    (server, anna, folder)
}

async fn require(server: &Server, member: MemberId, required: bool) {
    storage::write::<_, StorageError>(server.storage.as_ref(), move |unit| {
        unit.set_approval_required(member, required)
    })
    .await
    .unwrap();
}

async fn sign_in(server: &Server, member: &Member, seed: u64) -> DeviceKeys {
    let name = &member.certificate.login_name;
    let keys = server.sign_in(name, &member.passphrase, seed).await;
    keys.unwrap()
}

async fn resume(server: &Server, member: &Member, keys: &DeviceKeys) -> Result<SignedIn, Error> {
    let challenge = hash(1);
    let incarnation = server.accounts.incarnation();
    let proof = keys.session_proof(member.instance, incarnation, challenge.as_bytes());
    let params = ResumeSession {
        device: keys.id(),
        proof: proof.to_vec().into(),
    };
    server.accounts.resume(params, challenge).await
}

async fn waiting(server: &Server, member: &Member) -> Vec<WaitingDevice> {
    server
        .accounts
        .devices(member.member)
        .await
        .unwrap()
        .waiting
}

async fn state(server: &Server, member: &Member, id: DeviceId) -> Result<ApprovalState, Error> {
    server.accounts.approval_state(member.member, id).await
}

async fn ask(server: &Server, member: &Member, id: DeviceId, n: u8) -> Result<(), Error> {
    let commitment = hash(n);
    let params = AskApproval { commitment };
    let asked = server.accounts.ask_approval(member.member, id, params);
    asked.await.map(drop)
}

async fn reveal(server: &Server, member: &Member, id: DeviceId, n: u8) -> Result<(), Error> {
    let params = RevealApproval { nonce: hash(n) };
    let shown = server.accounts.reveal_approval(member.member, id, params);
    shown.await.map(drop)
}

async fn claim(
    server: &Server,
    (member, by): (MemberId, DeviceId),
    device: DeviceId,
    n: u8,
) -> Result<(), Error> {
    let params = ClaimApproval {
        device,
        commitment: hash(n),
        nonce: hash(100 + by.0[0] % 50),
    };
    let claimed = server.accounts.claim_approval(member, by, params);
    claimed.await.map(drop)
}

async fn grant(
    server: &Server,
    (member, by): (MemberId, DeviceId),
    device: DeviceId,
    n: u8,
) -> Result<(), Error> {
    let params = GrantApproval {
        device,
        commitment: hash(n),
        sealed: Bytes::from_static(b"sealed"),
    };
    let granted = server.accounts.grant_approval(member, by, params);
    granted.await.map(drop)
}

async fn deny(
    server: &Server,
    (member, by): (MemberId, DeviceId),
    device: DeviceId,
) -> Result<(), Error> {
    let denied = server
        .accounts
        .deny_approval(member, by, DenyApproval { device });
    denied.await.map(drop)
}

/// Everything up to the moment when the approver may let it in.
async fn shown(server: &Server, member: &Member, id: DeviceId, n: u8) {
    ask(server, member, id, n).await.unwrap();
    claim(server, (member.member, member.device_id()), id, n)
        .await
        .unwrap();
    reveal(server, member, id, n).await.unwrap();
}

/// Whose sessions were told to end.
fn ended(subscription: &mut bus::Subscription) -> Vec<DeviceId> {
    let mut ended = Vec::new();
    while let Some(Delivery::Notice(notice)) = subscription.deliveries.try_recv() {
        if let Hint::SignedOut(device) = notice.hint {
            ended.push(device);
        }
    }
    ended
}

#[tokio::test]
async fn who_signs_in_waits_and_is_none_of_the_devices_until_it_is_let_in() {
    let (server, anna, _folder) = begin().await;
    let mut told = server.listen(Topic::Member(anna.member));
    let phone = sign_in(&server, &anna, 5).await;
    let me = (anna.member, anna.device_id());
    assert!(heard(&mut told).is_empty(), "nobody is told before it asks");
    assert!(resume(&server, &anna, &phone).await.unwrap().waiting);
    let listed = server.accounts.devices(anna.member).await.unwrap();
    assert_eq!((listed.devices.len(), listed.waiting.len()), (1, 1));
    assert!(listed.revoked.is_empty());
    shown(&server, &anna, phone.id(), 1).await;
    let there = &waiting(&server, &anna).await[0];
    assert_eq!(there.signing_key[..], phone.signing_public().as_bytes()[..]);
    assert_eq!(there.wrap_key, phone.wrap_public());
    assert_eq!(there.claimed_by, Some(anna.device_id()));
    assert_eq!(
        (there.commitment, there.revealed),
        (Some(hash(1)), Some(hash(1)))
    );
    assert!(matches!(
        &heard(&mut told)[..],
        [
            Event::ApprovalChanged(_),
            Event::ApprovalChanged(_),
            Event::ApprovalChanged(_)
        ]
    ));
    let before = server.storage.counts();
    grant(&server, me, phone.id(), 1).await.unwrap();
    assert_eq!(server.storage.counts().1, before.1 + 1, "one unit of work");
    let events = heard(&mut told);
    assert!(
        matches!(&events[..], [Event::ApprovalChanged(_), Event::DeviceSignedIn(new)] if new.device == phone.id()),
        "{events:?}"
    );
    let listed = server.accounts.devices(anna.member).await.unwrap();
    assert_eq!((listed.devices.len(), listed.waiting.len()), (2, 0));
    assert!(!resume(&server, &anna, &phone).await.unwrap().waiting);
    let now = state(&server, &anna, phone.id()).await.unwrap();
    assert_eq!(
        (now.waiting, now.sealed),
        (false, Some(Bytes::from_static(b"sealed")))
    );
    // again is nothing, and after an hour what was handed over is gone
    grant(&server, me, phone.id(), 1).await.unwrap();
    assert!(heard(&mut told).is_empty());
    server.clock.advance(HOUR);
    assert_eq!(
        state(&server, &anna, phone.id()).await.unwrap().sealed,
        None
    );
}

#[tokio::test]
async fn a_grant_is_by_who_claimed_it_for_what_was_asked_once_the_nonce_is_there() {
    let (server, anna, _folder) = begin().await;
    require(&server, anna.member, false).await;
    let laptop = sign_in(&server, &anna, 4).await;
    require(&server, anna.member, true).await;
    let (me, other) = ((anna.member, anna.device_id()), (anna.member, laptop.id()));
    let phone = sign_in(&server, &anna, 5).await.id();
    // nothing was asked, nothing claimed, nothing shown
    assert_eq!(claim(&server, me, phone, 1).await, Err(Error::NotFound));
    assert_eq!(grant(&server, me, phone, 1).await, Err(Error::NotFound));
    assert_eq!(reveal(&server, &anna, phone, 1).await, Err(Error::NotFound));
    ask(&server, &anna, phone, 1).await.unwrap();
    assert_eq!(claim(&server, me, phone, 2).await, Err(Error::NotFound));
    assert_eq!(grant(&server, me, phone, 1).await, Err(Error::NotFound));
    claim(&server, me, phone, 1).await.unwrap();
    claim(&server, me, phone, 1).await.unwrap();
    let before = grant(&server, me, phone, 1).await;
    assert!(matches!(before, Err(Error::BadRequest(_))), "{before:?}");
    reveal(&server, &anna, phone, 1).await.unwrap();
    reveal(&server, &anna, phone, 1).await.unwrap();
    let second = reveal(&server, &anna, phone, 2).await;
    assert!(matches!(second, Err(Error::BadRequest(_))), "{second:?}");
    // by another device, and by one that waits itself
    assert_eq!(
        claim(&server, other, phone, 1).await,
        Err(Error::RequestPending)
    );
    assert_eq!(grant(&server, other, phone, 1).await, Err(Error::Forbidden));
    let tablet = sign_in(&server, &anna, 6).await.id();
    let waits = (anna.member, tablet);
    assert_eq!(
        claim(&server, waits, phone, 1).await,
        Err(Error::ApprovalNeeded)
    );
    assert_eq!(
        grant(&server, waits, phone, 1).await,
        Err(Error::ApprovalNeeded)
    );
    assert_eq!(
        deny(&server, waits, phone).await,
        Err(Error::ApprovalNeeded)
    );
    // the same grant for the next commitment of the same device: replayed
    ask(&server, &anna, phone, 3).await.unwrap();
    assert_eq!(grant(&server, me, phone, 1).await, Err(Error::NotFound));
    assert_eq!(
        grant(&server, me, phone, 3).await,
        Err(Error::NotFound),
        "not claimed"
    );
    // of a claim that has lapsed
    shown(&server, &anna, phone, 4).await;
    server.clock.advance(2 * MINUTE);
    assert_eq!(grant(&server, me, phone, 4).await, Err(Error::NotFound));
    assert_eq!(
        claim(&server, me, phone, 4).await,
        Ok(()),
        "the same claim, again"
    );
    assert_eq!(
        grant(&server, me, phone, 4).await,
        Err(Error::NotFound),
        "is none"
    );
    assert_eq!(state(&server, &anna, phone).await.unwrap().commitment, None);
    // too much
    shown(&server, &anna, phone, 5).await;
    let params = GrantApproval {
        device: phone,
        commitment: hash(5),
        sealed: vec![0; 5000].into(),
    };
    let large = server.accounts.grant_approval(me.0, me.1, params).await;
    assert!(matches!(large, Err(Error::BadRequest(_))));
    grant(&server, me, phone, 5).await.unwrap();
    assert_eq!(
        ask(&server, &anna, phone, 6).await,
        Err(Error::NotFound),
        "it is in"
    );
    assert_eq!(deny(&server, me, phone).await, Err(Error::NotFound));
}

#[tokio::test]
async fn nobody_lets_in_for_another_member_or_once_they_were_signed_out() {
    let (server, mut anna, _folder) = begin().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    require(&server, anna.member, false).await;
    let laptop = sign_in(&server, &anna, 4).await.id();
    require(&server, anna.member, true).await;
    let phone = sign_in(&server, &anna, 5).await.id();
    ask(&server, &anna, phone, 1).await.unwrap();
    let bens = (ben.member, ben.device_id());
    assert_eq!(claim(&server, bens, phone, 1).await, Err(Error::NotFound));
    assert_eq!(deny(&server, bens, phone).await, Err(Error::NotFound));
    let by = (anna.member, laptop);
    claim(&server, by, phone, 1).await.unwrap();
    reveal(&server, &anna, phone, 1).await.unwrap();
    let mut told = server.listen(Topic::Member(anna.member));
    let devices = vec![laptop];
    let out = SignOutDevices { devices };
    let (member, me) = (anna.member, anna.device_id());
    server
        .accounts
        .sign_out_devices(member, me, out)
        .await
        .unwrap();
    assert_eq!(
        grant(&server, by, phone, 1).await,
        Err(Error::SessionRefused)
    );
    assert_eq!(
        claim(&server, by, phone, 1).await,
        Err(Error::SessionRefused)
    );
    assert_eq!(deny(&server, by, phone).await, Err(Error::SessionRefused));
    let mut changed = Vec::new();
    while let Some(Delivery::Notice(notice)) = told.deliveries.try_recv() {
        changed.push(notice.hint);
    }
    assert!(changed.contains(&Hint::Waits(phone)), "{changed:?}");
    assert_eq!(state(&server, &anna, phone).await.unwrap().commitment, None);
}

#[tokio::test]
async fn a_claim_is_given_up_by_who_made_it() {
    let (server, anna, _folder) = begin().await;
    let phone = sign_in(&server, &anna, 5).await.id();
    shown(&server, &anna, phone, 1).await;
    let give_up = |by: DeviceId| {
        let params = GiveUpApproval { device: phone };
        server.accounts.give_up_approval(anna.member, by, params)
    };
    give_up(anna.device_id()).await.unwrap();
    give_up(anna.device_id()).await.unwrap();
    let now = state(&server, &anna, phone).await.unwrap();
    assert_eq!((now.waiting, now.commitment, now.claim), (true, None, None));
    let me = (anna.member, anna.device_id());
    assert_eq!(grant(&server, me, phone, 1).await, Err(Error::NotFound));
    shown(&server, &anna, phone, 2).await;
    grant(&server, me, phone, 2).await.unwrap();
}

#[tokio::test]
async fn waiting_ends_by_time_refusal_own_wish_and_when_too_many_do() {
    let (server, anna, _folder) = begin().await;
    let me = (anna.member, anna.device_id());
    let gone = |id| state(&server, &anna, id);
    let phone = sign_in(&server, &anna, 5).await;
    server.clock.advance(10 * MINUTE);
    ask(&server, &anna, phone.id(), 1).await.unwrap();
    server.clock.advance(14 * MINUTE);
    assert_eq!(waiting(&server, &anna).await.len(), 1);
    server.clock.advance(MINUTE);
    assert!(waiting(&server, &anna).await.is_empty());
    assert_eq!(gone(phone.id()).await, Err(Error::SessionRefused));
    assert_eq!(
        ask(&server, &anna, phone.id(), 2).await,
        Err(Error::SessionRefused)
    );
    assert_eq!(
        resume(&server, &anna, &phone).await,
        Err(Error::SessionRefused)
    );
    // refused: told so first, then ended
    let phone = sign_in(&server, &anna, 6).await.id();
    let mut told = server.listen(Topic::Member(anna.member));
    deny(&server, me, phone).await.unwrap();
    assert_eq!(ended(&mut told), [phone]);
    assert_eq!(gone(phone).await, Err(Error::SessionRefused));
    assert_eq!(deny(&server, me, phone).await, Err(Error::NotFound));
    // by itself, and nobody else
    let phone = sign_in(&server, &anna, 7).await.id();
    let out = |devices| SignOutDevices { devices };
    let others = server
        .accounts
        .sign_out_devices(anna.member, phone, out(vec![anna.device_id()]));
    assert_eq!(others.await, Err(Error::ApprovalNeeded));
    let itself = server
        .accounts
        .sign_out_devices(anna.member, phone, out(vec![phone]));
    itself.await.unwrap();
    assert_eq!(ended(&mut told), [phone]);
    // of five, the newest four
    let mut all = Vec::new();
    for seed in 10..15 {
        all.push(sign_in(&server, &anna, seed).await.id());
    }
    let there: Vec<_> = waiting(&server, &anna)
        .await
        .into_iter()
        .map(|w| w.device)
        .collect();
    assert_eq!(there, all[1..]);
    assert_eq!(ended(&mut told), [all[0]]);
}

/// Wraps and root without their record would lock the member out, and a record without need would not be made anew.
#[tokio::test]
async fn a_new_passphrase_comes_with_a_new_record_where_approval_is_needed_and_without_one_elsewhere()
 {
    let (server, mut anna, _folder) = begin().await;
    let phone = sign_in(&server, &anna, 5).await.id();
    let new = prepare("tired violin market").unwrap();
    let (old, vault) = (anna.passphrase.clone(), anna.vault.clone());
    for approval in [None, Some(true), Some(false)] {
        let (proof, params) = server.prepare_passphrase(&mut anna, &new).await;
        let params = FinishPassphrase { approval, ..params };
        let refused = server.finish_passphrase(&anna, proof, params).await;
        assert!(matches!(refused, Err(Error::Vault(_))), "{refused:?}");
        (anna.passphrase, anna.vault) = (old.clone(), vault.clone());
    }
    assert!(state(&server, &anna, phone).await.unwrap().waiting);
    require(&server, anna.member, false).await;
    let (proof, params) = server.prepare_passphrase(&mut anna, &new).await;
    let mut told = server.listen(Topic::Member(anna.member));
    server
        .finish_passphrase(&anna, proof, params)
        .await
        .unwrap();
    assert_eq!(
        ended(&mut told),
        [phone],
        "who waits by the old one is sent away"
    );
    let gone = state(&server, &anna, phone).await;
    assert_eq!(gone, Err(Error::SessionRefused));
}

#[tokio::test]
async fn who_is_suspended_waits_for_nothing() {
    let (server, mut anna, _folder) = begin().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    require(&server, ben.member, true).await;
    let phone = sign_in(&server, &ben, 5).await.id();
    ask(&server, &ben, phone, 1).await.unwrap();
    for suspended in [true, false] {
        let params = Suspend {
            member: ben.member,
            suspended,
        };
        let (id, device) = (anna.member, anna.device_id());
        server.accounts.suspend(id, device, params).await.unwrap();
    }
    assert_eq!(
        state(&server, &ben, phone).await,
        Err(Error::SessionRefused)
    );
    assert!(waiting(&server, &ben).await.is_empty());
}

#[tokio::test]
async fn asking_again_and_again_runs_out() {
    let (server, anna, _folder) = begin().await;
    let phone = sign_in(&server, &anna, 5).await.id();
    let mut asked = 0;
    for n in 0..100 {
        match ask(&server, &anna, phone, n).await {
            Ok(()) => asked += 1,
            Err(Error::TooManyAttempts { .. }) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(asked, 60);
}

/// A phisher who waits long enough, or was refused, is nobody: the devices that are signed in stay so.
#[tokio::test]
async fn who_waits_no_longer_signs_nobody_out() {
    let (server, anna, _folder) = begin().await;
    let me = (anna.member, anna.device_id());
    let lapsed = sign_in(&server, &anna, 5).await.id();
    server.clock.advance(16 * MINUTE);
    let refused = sign_in(&server, &anna, 6).await.id();
    deny(&server, me, refused).await.unwrap();
    for nobody in [lapsed, refused] {
        let devices = vec![anna.device_id()];
        let out = SignOutDevices { devices };
        let out = server.accounts.sign_out_devices(anna.member, nobody, out);
        assert_eq!(out.await, Err(Error::SessionRefused));
    }
    assert!(resume(&server, &anna, &anna.device).await.is_ok());
}

/// The passphrase and a known device's public keys are not that device.
#[tokio::test]
async fn the_name_of_a_known_device_is_no_way_around_it() {
    let (server, anna, _folder) = begin().await;
    let phone = sign_in(&server, &anna, 5).await.id();
    shown(&server, &anna, phone, 1).await;
    grant(&server, (anna.member, anna.device_id()), phone, 1)
        .await
        .unwrap();
    let name = &anna.certificate.login_name;
    let again = server.sign_in(name, &anna.passphrase, 5).await;
    assert!(matches!(again, Err(Error::BadRequest(_))));
}

/// A code that is being compared is not pushed away by sign-ins that nobody looks at.
#[tokio::test]
async fn who_is_claimed_is_not_pushed_out() {
    let (server, anna, _folder) = begin().await;
    let phone = sign_in(&server, &anna, 5).await.id();
    shown(&server, &anna, phone, 1).await;
    for seed in 10..18 {
        sign_in(&server, &anna, seed).await;
    }
    let there = waiting(&server, &anna).await;
    assert_eq!(there.len(), 4);
    assert!(there.iter().any(|waiting| waiting.device == phone));
    grant(&server, (anna.member, anna.device_id()), phone, 1)
        .await
        .unwrap();
}
