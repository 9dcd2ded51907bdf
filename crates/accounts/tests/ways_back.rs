//! Forgotten passphrases and resets at the server: what does not follow, does not fit or comes from somebody else is refused.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Error};
use bus::Topic;
use common::{START, Server, from, heard, start};
use e2ee::{
    identity::{AccountKey, RootIdentity, Succession},
    passphrase::prepare,
    reset::{ResetLink, secret_hash},
};
use protocol::{
    Bytes, DeviceId, Event,
    methods::{
        account::{CheckReset, RegisterStart, Ticket},
        own_account::{ApproveForgotten, ReplaceRoot, ResetMember, SignOutDevices},
    },
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use testkit::Member;

const HOUR: u64 = 3_600_000;

async fn ask(server: &Server, member: &Member) -> Result<(), Error> {
    let asked = server
        .accounts
        .ask_forgotten(member.member, member.device_id());
    asked.await.map(drop)
}

/// What sets the new passphrase, ready to be sent or spoilt.
async fn prepare_root(server: &Server, member: &mut Member) -> ReplaceRoot {
    let new = prepare("tired violin market").unwrap();
    let (params, registration) = member.start_passphrase(&new);
    let (id, device) = (member.member, member.device_id());
    let started = server.accounts.passphrase_start(id, device, params);
    let started = started.await.unwrap();
    member.replace_root(registration, &started, new, START)
}

async fn replace(server: &Server, member: &Member, params: ReplaceRoot) -> Result<(), Error> {
    let (id, device) = (member.member, member.device_id());
    let replaced = server.accounts.replace_root(id, device, params);
    replaced.await.map(drop)
}

#[tokio::test]
async fn a_request_that_is_old_enough_sets_a_new_root_and_everybody_is_told() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let mut told = server.listen(Topic::Member(anna.member));
    ask(&server, &anna).await.unwrap();
    ask(&server, &anna).await.unwrap(); // the same request
    assert!(matches!(
        &heard(&mut told)[..],
        [Event::ForgottenChanged(_)]
    ));
    let params = prepare_root(&server, &mut anna).await;
    let early = replace(&server, &anna, params.clone()).await;
    assert_eq!(early, Err(Error::ApprovalNeeded));
    server.clock.set(START + 24 * HOUR);
    let before = server.storage.counts();
    replace(&server, &anna, params.clone()).await.unwrap();
    assert_eq!(server.storage.counts().1, before.1 + 1, "one unit of work");
    let events = heard(&mut told);
    let [
        Event::Vault(_),
        Event::PassphraseChanged(_),
        Event::PersonChanged(_),
        Event::ForgottenChanged(_),
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    let account = server.account(anna.member).await;
    assert_eq!(account.certificate, params.certificate);
    // and never again
    assert_eq!(
        replace(&server, &anna, params).await,
        Err(Error::ApprovalNeeded)
    );
}

#[tokio::test]
async fn a_request_ends_after_a_week_and_with_its_device() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    ask(&server, &anna).await.unwrap();
    let params = prepare_root(&server, &mut anna).await;
    server.clock.set(START + 7 * 24 * HOUR);
    assert_eq!(
        replace(&server, &anna, params).await,
        Err(Error::ApprovalNeeded)
    );
    let (id, device) = (anna.member, anna.device_id());
    ask(&server, &anna).await.unwrap();
    let listed = server.accounts.devices(id).await.unwrap();
    assert_eq!(listed.forgotten.map(|request| request.device), Some(device));
    let devices = vec![device];
    let out = SignOutDevices { devices };
    server
        .accounts
        .sign_out_devices(id, device, out)
        .await
        .unwrap();
    assert_eq!(server.accounts.devices(id).await.unwrap().forgotten, None);
    assert_eq!(ask(&server, &anna).await, Err(Error::SessionRefused));
}

#[tokio::test]
async fn what_does_not_follow_the_certificate_in_force_is_refused() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let (account, before) = (anna.account.clone(), anna.certificate.clone());
    ask(&server, &anna).await.unwrap();
    server.clock.set(START + 24 * HOUR);
    let good = prepare_root(&server, &mut anna).await;
    let after = anna.certificate.clone();
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let stranger = AccountKey::generate(&mut rng, 1);
    let root = RootIdentity::generate(&mut rng);
    let (instance, member) = (before.instance, before.member);
    let certify = |name: &str, generation| {
        let key = AccountKey::from_seed(&[9; 32], generation).public();
        root.certify(instance, member, "anna", name, &key, generation)
            .unwrap()
    };
    let said = |by: &AccountKey, after| Bytes::from(Succession::sign(by, &before, after));
    let (skips, renamed) = (certify(&before.display_name, 3), certify("Eve", 2));
    let other = certify(&before.display_name, 2);
    let refused = [
        // by another key, of another certificate, for other names, over a generation
        (said(&stranger, &after), after.bytes().to_vec()),
        (said(&account, &other), after.bytes().to_vec()),
        (said(&account, &renamed), renamed.bytes().to_vec()),
        (said(&account, &skips), skips.bytes().to_vec()),
        (said(&account, &before), before.bytes().to_vec()),
        (Bytes::from_static(b"nothing"), after.bytes().to_vec()),
    ];
    for (n, (succession, certificate)) in refused.into_iter().enumerate() {
        let params = ReplaceRoot {
            succession,
            certificate: certificate.into(),
            ..good.clone()
        };
        let refused = replace(&server, &anna, params).await;
        assert!(
            matches!(refused, Err(Error::CertificateInvalid(_))),
            "{n}: {refused:?}"
        );
    }
    let incomplete = ReplaceRoot {
        vault: protocol::methods::vault::VaultWrite {
            puts: good.vault.puts[1..].to_vec(),
            ..good.vault.clone()
        },
        ..good.clone()
    };
    assert!(matches!(
        replace(&server, &anna, incomplete).await,
        Err(Error::Vault(_))
    ));
    replace(&server, &anna, good).await.unwrap();
}

#[tokio::test]
async fn an_approval_is_for_the_device_that_was_seen_asking() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    ask(&server, &ben).await.unwrap();
    let approve = |device: DeviceId| ApproveForgotten {
        member: Some(ben.member),
        device,
    };
    let (id, device) = (anna.member, anna.device_id());
    let other = server
        .accounts
        .approve_forgotten(id, device, approve(DeviceId([9; 16])));
    assert_eq!(other.await, Err(Error::NotFound));
    let own =
        server
            .accounts
            .approve_forgotten(ben.member, ben.device_id(), approve(ben.device_id()));
    assert_eq!(own.await, Err(Error::Forbidden));
    let admin = server
        .accounts
        .approve_forgotten(id, device, approve(ben.device_id()));
    admin.await.unwrap();
}

#[tokio::test]
async fn guessed_reset_links_run_out_and_open_nothing() {
    let (server, _folder) = start().await;
    let mut anna = server.set_up().await;
    let ben = server.join(&mut anna, 2, "ben").await;
    let link = ResetLink::generate(&mut ChaCha20Rng::seed_from_u64(3));
    let params = ResetMember {
        member: ben.member,
        secret_hash: secret_hash(link.secret()),
    };
    let (id, device) = (anna.member, anna.device_id());
    server
        .accounts
        .reset_member(id, device, params)
        .await
        .unwrap();
    let right = || CheckReset {
        secret: Bytes::copy_from_slice(link.secret()),
    };
    let shown = server
        .accounts
        .check_reset(&from(1), right())
        .await
        .unwrap();
    assert_eq!(shown.certificate, ben.certificate.bytes());
    // a link of one member registers nobody else
    let as_another = RegisterStart {
        ticket: Ticket::Reset {
            secret: right().secret,
        },
        member: anna.member,
        request: Bytes::new(),
    };
    let refused = server.accounts.register_start(&from(1), as_another).await;
    assert_eq!(refused, Err(Error::ResetInvalid));
    let mut limited = false;
    for n in 0..40u8 {
        let secret = Bytes::from(vec![n; 16]);
        match server
            .accounts
            .check_reset(&from(2), CheckReset { secret })
            .await
        {
            Err(Error::ResetInvalid) => assert!(!limited),
            Err(Error::TooManyAttempts { .. }) => limited = true,
            other => panic!("{other:?}"),
        }
    }
    assert!(limited);
    server.clock.set(START + 24 * HOUR);
    let late = server.accounts.check_reset(&from(1), right()).await;
    assert_eq!(late, Err(Error::ResetInvalid));
}
