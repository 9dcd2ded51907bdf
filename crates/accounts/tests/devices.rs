//! Listing one's devices and signing them out, for ever and at once.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Authority, Error};
use bus::{Delivery, Hint, Notice, Subscription, Topic};
use common::{HOUR, START, Server, start};
use protocol::{
    DeviceId, EventData, Hash32, MemberId, ServerFrame,
    events::DevicesChanged,
    limits::LOOKUP_MAX,
    methods::{account::ResumeSession, own_account::SignOutDevices, people::ClaimKeyPackage},
};
use testkit::Member;

async fn sign_out(server: &Server, by: &Member, devices: &[DeviceId]) -> Result<(), Error> {
    let params = SignOutDevices {
        devices: devices.to_vec(),
    };
    server
        .accounts
        .sign_out_devices(by.member, by.device_id(), params)
        .await
        .map(drop)
}

async fn listed(server: &Server, member: MemberId) -> (Vec<DeviceId>, Vec<DeviceId>) {
    let listed = server.accounts.devices(member).await.unwrap();
    let devices = listed.devices.iter().map(|device| device.device);
    (devices.collect(), listed.revoked)
}

/// Which devices sessions are told to end for, and whether the list is said to have changed, in order.
fn told(subscription: &mut Subscription) -> Vec<Option<DeviceId>> {
    let mut told = Vec::new();
    while let Some(Delivery::Notice(Notice { frame, hint, .. })) =
        subscription.deliveries.try_recv()
    {
        match hint {
            Hint::SignedOut(device) => {
                assert!(frame.is_empty());
                told.push(Some(device));
            }
            _ => {
                let frame: ServerFrame = protocol::decode(&frame).unwrap();
                assert_eq!(frame.event.as_deref(), Some(DevicesChanged::NAME));
                told.push(None);
            }
        }
    }
    told
}

async fn resume(
    server: &Server,
    member: &Member,
    keys: &e2ee::device::DeviceKeys,
) -> Result<(), Error> {
    let challenge = Hash32([1; 32]);
    let incarnation = server.accounts.incarnation();
    let proof = keys.session_proof(member.instance, incarnation, challenge.as_bytes());
    let params = ResumeSession {
        device: keys.id(),
        proof: proof.to_vec().into(),
    };
    server.accounts.resume(params, challenge).await.map(drop)
}

#[tokio::test]
async fn devices_are_listed_with_name_and_times() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    server.clock.advance(2 * HOUR);
    let phone = server.sign_in("anna", &anna.passphrase, 5).await.unwrap();
    let found = server.accounts.devices(anna.member).await.unwrap();
    let [first, second] = &found.devices[..] else {
        panic!("{found:?}");
    };
    assert_eq!(first.device, phone.id());
    assert_eq!(
        (first.created, first.last_seen),
        (START + 2 * HOUR, START + 2 * HOUR)
    );
    assert_eq!(second.device, anna.device_id());
    assert_eq!((second.created, second.last_seen), (START, START));
    assert!(!first.name.is_empty() && found.revoked.is_empty());
    // The one that comes back is the one seen last.
    server.clock.advance(HOUR);
    resume(&server, &anna, &anna.device).await.unwrap();
    let (devices, _) = listed(&server, anna.member).await;
    assert_eq!(devices, [anna.device_id(), phone.id()]);
    assert_eq!(listed(&server, ben.member).await.0, [ben.device_id()]);
}

#[tokio::test]
async fn a_signed_out_device_never_comes_back_and_the_others_are_told() {
    let (server, _folder) = start().await;
    let anna = server.set_up().await;
    let mut keys = Vec::new();
    for seed in 5..8 {
        keys.push(
            server
                .sign_in("anna", &anna.passphrase, seed)
                .await
                .unwrap(),
        );
    }
    let [phone, tablet, laptop] = &keys[..] else {
        unreachable!()
    };
    let mut subscription = server.listen(Topic::Member(anna.member));
    sign_out(&server, &anna, &[phone.id(), tablet.id(), phone.id()])
        .await
        .unwrap();
    assert_eq!(
        told(&mut subscription),
        [Some(phone.id()), Some(tablet.id()), None]
    );
    for gone in [phone, tablet] {
        let refused = resume(&server, &anna, gone).await;
        assert_eq!(refused, Err(Error::SessionRefused));
    }
    resume(&server, &anna, laptop).await.unwrap();
    // Nor by name and passphrase under the same id; with fresh keys, yes.
    let again = server.sign_in("anna", &anna.passphrase, 5).await;
    assert!(matches!(again.err(), Some(Error::BadRequest(_))));
    server.sign_in("anna", &anna.passphrase, 9).await.unwrap();
    let heard_of_sign_in = subscription.deliveries.try_recv();
    assert!(heard_of_sign_in.is_some());

    server.clock.advance(1000);
    sign_out(&server, &anna, &[laptop.id()]).await.unwrap();
    let (devices, revoked) = listed(&server, anna.member).await;
    assert_eq!(devices.len(), 2);
    assert_eq!(revoked, [laptop.id(), tablet.id(), phone.id()]);
    assert_eq!(told(&mut subscription), [Some(laptop.id()), None]);
    // Again is harmless, and nobody is told.
    sign_out(&server, &anna, &[phone.id(), laptop.id()])
        .await
        .unwrap();
    sign_out(&server, &anna, &[]).await.unwrap();
    assert_eq!(told(&mut subscription), []);
    let all: Vec<DeviceId> = keys.iter().map(|keys| keys.id()).collect();
    let asked = [all.clone(), vec![anna.device_id(), DeviceId([9; 16])]].concat();
    assert_eq!(server.accounts.signed_out(asked).await.unwrap(), all);
}

#[tokio::test]
async fn nobody_signs_out_somebody_elses_device() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    let phone = server.sign_in("anna", &anna.passphrase, 5).await.unwrap();
    let mut annas = server.listen(Topic::Member(anna.member));
    let mut bens = server.listen(Topic::Member(ben.member));
    for foreign in [ben.device_id(), DeviceId([9; 16])] {
        for devices in [vec![foreign], vec![phone.id(), foreign]] {
            let refused = sign_out(&server, &anna, &devices).await;
            assert_eq!(refused, Err(Error::NotFound));
        }
    }
    let many = vec![phone.id(); LOOKUP_MAX + 1];
    let refused = sign_out(&server, &anna, &many).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
    assert_eq!((told(&mut annas), told(&mut bens)), (vec![], vec![]));
    assert_eq!(listed(&server, anna.member).await.1, []);
    resume(&server, &anna, &phone).await.unwrap();
    resume(&server, &ben, &ben.device).await.unwrap();
}

#[tokio::test]
async fn a_device_signs_itself_out_and_then_may_nothing_more() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let phone = server.sign_in("anna", &anna.passphrase, 5).await.unwrap();
    let (id, device) = (anna.member, anna.device_id());
    // What it began before…
    let new = e2ee::passphrase::prepare("another one, quite different").unwrap();
    let old = anna.passphrase.clone();
    let vault = anna.vault.clone();
    let (proof, finish) = server.prepare_passphrase(&mut anna, &new).await;
    (anna.passphrase, anna.vault) = (old.clone(), vault.clone());
    let (proof_of_names, ke3) = server.prove(&mut anna).await.unwrap();
    let rename = anna.rename((1, ke3), "thief", "Thief", START);
    anna.vault = vault;
    let publish = anna.replace_key_packages(2, START);
    sign_out(&server, &anna, &[device]).await.unwrap();
    // …is refused, though its requests are here already.
    let finished =
        server
            .accounts
            .passphrase_finish(id, device, Authority::Passphrase(proof), finish);
    assert_eq!(finished.await.unwrap_err(), Error::SessionRefused);
    let renamed = server.accounts.rename(id, device, proof_of_names, rename);
    assert_eq!(renamed.await.unwrap_err(), Error::SessionRefused);
    let published = server.accounts.publish_key_packages(id, device, publish);
    assert_eq!(published.await.unwrap_err(), Error::SessionRefused);
    let revenge = sign_out(&server, &anna, &[phone.id()]).await;
    assert_eq!(revenge, Err(Error::SessionRefused));
    assert_eq!(listed(&server, id).await, (vec![phone.id()], vec![device]));
    assert_eq!(server.account(id).await.login_name, "anna");
    assert_eq!(server.head(id).await, 1);
    server.sign_in("anna", &old, 6).await.unwrap();
}

#[tokio::test]
async fn key_packages_are_withdrawn_and_replaced_in_one_step() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let (id, device) = (anna.member, anna.device_id());
    let claim = || async {
        let params = ClaimKeyPackage { member: id };
        server
            .accounts
            .claim_key_package(id, params)
            .await
            .map(|claimed| claimed.id)
    };
    let replace = anna.replace_key_packages(2, START);
    // A write that is behind withdraws nothing.
    let mut late = replace.clone();
    late.vault.head.as_mut().unwrap().expected = 9;
    let refused = server.accounts.publish_key_packages(id, device, late).await;
    assert!(matches!(refused, Err(Error::Vault(_))));
    // Neither does one that leaves nothing behind by which others could add this member.
    let mut bare = replace.clone();
    bare.packages.retain(|package| !package.last_resort);
    let refused = server.accounts.publish_key_packages(id, device, bare).await;
    assert!(matches!(refused, Err(Error::KeyPackageInvalid(_))));
    let old = claim().await.unwrap();
    // Rightly it does: only the new ones are given, and as a last resort the new one.
    let new: Vec<_> = replace.packages.iter().map(|package| package.id).collect();
    let left = server
        .accounts
        .publish_key_packages(id, device, replace)
        .await;
    assert_eq!(left.unwrap().left, 2);
    assert!(!new.contains(&old));
    for expected in [new[0], new[1], new[2], new[2]] {
        assert_eq!(claim().await.unwrap(), expected);
    }
}
