use serde_json::json;

use super::*;
use crate::{
    identity::RootIdentity,
    testing::{check_vectors, rng},
};

const INSTANCE: InstanceId = InstanceId([3; 16]);
const MEMBER: MemberId = MemberId([4; 16]);

struct Someone {
    root: RootIdentity,
    account: AccountKey,
    certificate: AccountCertificate,
}

fn someone(seed: u64, generation: u32) -> Someone {
    named(seed, generation, "Anna")
}

fn named(seed: u64, generation: u32, name: &str) -> Someone {
    let mut rng = rng(seed);
    let root = RootIdentity::generate(&mut rng);
    let account = AccountKey::generate(&mut rng, generation);
    let public = account.public();
    let certificate = root.certify(INSTANCE, MEMBER, "anna", name, &public, generation);
    Someone {
        certificate: certificate.unwrap(),
        root,
        account,
    }
}

fn statement(before: &Someone, after: &Someone) -> Succession {
    let bytes = Succession::sign(&before.account, &before.certificate, &after.certificate);
    assert!(bytes.len() <= SUCCESSION_MAX);
    Succession::decode(&bytes).unwrap()
}

/// The same root certifies another account key.
fn next_key(of: &Someone, seed: u64) -> Someone {
    let generation = of.certificate.generation + 1;
    let account = AccountKey::generate(&mut rng(seed), generation);
    let public = account.public();
    let certificate = of
        .root
        .certify(INSTANCE, MEMBER, "anna", "Anna", &public, generation);
    Someone {
        root: of.root.clone(),
        certificate: certificate.unwrap(),
        account,
    }
}

#[test]
fn the_key_before_vouches_for_the_next_root() {
    let (a, b) = (someone(1, 1), someone(2, 2));
    let said = statement(&a, &b);
    said.verify(&a.certificate).unwrap();
    assert_eq!(said.certificate, b.certificate);
}

#[test]
fn what_does_not_follow_is_refused() {
    let a = someone(1, 3);
    let wrong = |after: &Someone| statement(&a, after).verify(&a.certificate).unwrap_err();
    assert_eq!(wrong(&someone(2, 3)), Error::NotNewer(LABEL));
    assert_eq!(wrong(&someone(2, 5)), Error::NotNewer(LABEL));
    assert_eq!(wrong(&named(2, 4, "Eve")), Error::WrongOwner(LABEL));
    assert_eq!(
        wrong(&next_key(&a, 9)),
        Error::WrongOwner(LABEL),
        "the same root"
    );
    let b = someone(2, 4);
    // by another key than that of the certificate
    let mallory = Someone {
        certificate: a.certificate.clone(),
        ..someone(7, 3)
    };
    let forged = statement(&mallory, &b);
    assert_eq!(
        forged.verify(&a.certificate),
        Err(Error::BadSignature(LABEL))
    );
    // of another certificate
    let other = statement(&next_key(&a, 8), &b);
    assert_eq!(other.verify(&a.certificate), Err(Error::WrongOwner(LABEL)));
}

#[test]
fn a_single_changed_byte_is_noticed() {
    let (a, b) = (someone(1, 1), someone(2, 2));
    let bytes = Succession::sign(&a.account, &a.certificate, &b.certificate);
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        let read = Succession::decode(&bad).and_then(|s| s.verify(&a.certificate));
        assert!(read.is_err(), "byte {at}");
    }
    for len in 0..bytes.len() {
        assert!(Succession::decode(&bytes[..len]).is_err(), "{len} bytes");
    }
    assert!(Succession::decode(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn a_chain_leads_over_key_changes_from_root_to_root() {
    let a = someone(1, 1);
    let a2 = next_key(&a, 11);
    let b = someone(2, 3);
    let b2 = next_key(&b, 12);
    let c = someone(3, 5);
    let c2 = next_key(&c, 13);
    let all = [&a2, &b, &b2, &c, &c2].map(|s| s.certificate.clone());
    let said = [statement(&b2, &c), statement(&a2, &b)];
    let chain = |from: &Someone, to: &Someone, all: &[AccountCertificate], said: &[Succession]| {
        follow_successions(&from.certificate, &to.certificate, all, said)
    };
    let passed = vec![a.root.public(), b.root.public()];
    assert_eq!(chain(&a, &c2, &all, &said), Some(passed));
    assert_eq!(chain(&b2, &c, &[], &said), Some(vec![b.root.public()]));
    // nothing was passed: the root is the same
    assert_eq!(chain(&c, &c2, &all, &said), None);
    // a part is missing
    assert_eq!(chain(&a, &c2, &all, &said[..1]), None);
    assert_eq!(chain(&a, &c2, &all[1..], &said), None);
}

#[test]
fn an_older_key_than_the_known_one_vouches_for_nothing() {
    let a = someone(1, 1);
    let a2 = next_key(&a, 11);
    // a thief with the key of before, which was replaced
    let stolen = someone(2, 2);
    let all = [&a, &a2, &stolen].map(|s| s.certificate.clone());
    let said = [statement(&a, &stolen)];
    let found = follow_successions(&a2.certificate, &stolen.certificate, &all, &said);
    assert_eq!(found, None);
    // and a key that the root has never certified vouches for nothing either
    let twin = Someone {
        root: a2.root.clone(),
        ..named(5, 2, "Anna")
    };
    let b = someone(6, 3);
    let said = [statement(&twin, &b)];
    let all = [twin.certificate.clone(), b.certificate.clone()];
    let found = follow_successions(&a2.certificate, &b.certificate, &all, &said);
    assert_eq!(found, None);
}

#[test]
fn the_newest_must_be_of_the_key_that_was_vouched_for_or_a_later_one() {
    let (a, b) = (someone(1, 1), someone(2, 2));
    let said = [statement(&a, &b)];
    let account = AccountKey::generate(&mut rng(20), 2);
    let public = account.public();
    let other = b
        .root
        .certify(INSTANCE, MEMBER, "anna", "Anna", &public, 2)
        .unwrap();
    assert_eq!(follow_successions(&a.certificate, &other, &[], &said), None);
}

#[test]
fn rings_end() {
    // roots that vouch for each other lead nowhere else
    let a = someone(1, 1);
    let said: Vec<_> = (0..40u64)
        .map(|n| statement(&someone(n + 1, n as u32 + 1), &someone(n + 2, n as u32 + 2)))
        .collect();
    let all: Vec<_> = (0..40u64)
        .map(|n| someone(n + 1, n as u32 + 1).certificate)
        .collect();
    let near = someone(17, 17).certificate;
    let found = follow_successions(&a.certificate, &near, &all, &said).unwrap();
    assert_eq!(found.len(), FORMER_ROOTS_MAX);
    let far = someone(18, 18).certificate;
    assert_eq!(follow_successions(&a.certificate, &far, &all, &said), None);
}

test_everywhere! {
    fn vectors() {
        let of = |n: u8, generation| {
            let (root, account) = (
                RootIdentity::from_seed(&[n; 32]),
                AccountKey::from_seed(&[n + 1; 32], generation),
            );
            let public = account.public();
            let certificate = root.certify(INSTANCE, MEMBER, "anna", "Anna", &public, generation);
            (account, certificate.unwrap())
        };
        let ((account, before), (_, after)) = (of(1, 4), of(11, 5));
        let bytes = Succession::sign(&account, &before, &after);
        Succession::decode(&bytes).unwrap().verify(&before).unwrap();
        let made = json!({
            "account_seed": hex::encode([2u8; 32]),
            "before": hex::encode(before.bytes()),
            "after": hex::encode(after.bytes()),
            "succession": hex::encode(&bytes),
        });
        let stored = include_str!("../../vectors/succession.json");
        check_vectors("succession.json", stored, &made);
    }
}
