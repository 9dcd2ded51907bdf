//! Certificates, pins and safety numbers, from the attacker's side as well.

use protocol::{InstanceId, MemberId};
use serde_json::json;

use super::*;
use crate::{
    error::Error,
    testing::{check_vectors, rng},
};

const INSTANCE: InstanceId = InstanceId([0x11; 16]);
const ALICE: MemberId = MemberId([0xa1; 16]);
const BOB: MemberId = MemberId([0xb0; 16]);
const DAY: u64 = 86_400_000;

fn root(n: u8) -> RootIdentity {
    RootIdentity::from_seed(&[n; 32])
}

fn account(n: u8, generation: u32) -> AccountKey {
    AccountKey::from_seed(&[n; 32], generation)
}

fn certificate(root: &RootIdentity, account: &AccountKey) -> AccountCertificate {
    root.certify(
        INSTANCE,
        ALICE,
        "alice",
        "Alice Ünal",
        &account.public(),
        account.generation(),
    )
    .unwrap()
}

fn leaf(account: &AccountKey, purpose: Purpose) -> LeafCertificate {
    let key = crate::signing::SigningKey::from_seed(&[0x33; 32]).public();
    LeafCertificate::issue(account, INSTANCE, ALICE, &key, 1_800_000_000_000, purpose)
}

test_everywhere! {
    fn vectors() {
        let (root, account) = (root(1), account(2, 1));
        let certificate = certificate(&root, &account);
        let leaf = leaf(&account, Purpose::Conversation);
        let pin = Pin::first(&certificate, 1_800_000_000_000);
        let made = json!({
            "root_seed": hex::encode(root.seed().as_slice()),
            "root_public": hex::encode(root.public().0),
            "root_fingerprint": root.fingerprint().to_string(),
            "account_seed": hex::encode(account.seed().as_slice()),
            "account_public": hex::encode(account.public().0),
            "generation": 1,
            "instance": INSTANCE.to_string(),
            "member": ALICE.to_string(),
            "login_name": "alice",
            "display_name": "Alice Ünal",
            "account_certificate": hex::encode(certificate.bytes()),
            "leaf_public": hex::encode(leaf.leaf.0),
            "leaf_issued_at": leaf.issued_at,
            "leaf_purpose": 3,
            "leaf_certificate": hex::encode(leaf.bytes()),
            "leaf_certificate_name": leaf.name().to_string(),
            "pin": hex::encode(pin.encode()),
        });
        check_vectors("identity.json", include_str!("../../vectors/identity.json"), &made);
    }

    fn safety_vectors() {
        let (a, b) = (root(1).public(), root(2).public());
        let made = json!({
            "root_a": hex::encode(a.0), "member_a": ALICE.to_string(),
            "root_b": hex::encode(b.0), "member_b": BOB.to_string(),
            "number": safety_number((&a, ALICE), (&b, BOB)),
            "qr_shown_by_a": hex::encode(safety_qr(&a, &b)),
        });
        check_vectors("safety.json", include_str!("../../vectors/safety.json"), &made);
    }

    fn account_certificate_round_trip() {
        let made = certificate(&root(1), &account(2, 3));
        let read = AccountCertificate::decode(made.bytes()).unwrap();
        assert_eq!(read, made);
        assert_eq!(AccountCertificate::kept(made.bytes()).unwrap(), made);
        assert!(AccountCertificate::kept(&made.bytes()[1..]).is_err());
        assert_eq!((read.login_name.as_str(), read.generation), ("alice", 3));
        read.verify_for(INSTANCE, ALICE).unwrap();
        assert!(read.verify_for(INSTANCE, BOB).is_err());
        assert!(read.verify_for(InstanceId([0; 16]), ALICE).is_err());
    }

    fn changed_or_cut_certificates_are_refused() {
        let account = account(2, 3);
        let certificate = certificate(&root(1), &account);
        let leaf = leaf(&account, Purpose::KeyPackage);
        for i in 0..certificate.bytes().len() {
            let mut bad = certificate.bytes().to_vec();
            bad[i] ^= 0x01;
            assert!(AccountCertificate::decode(&bad).is_err(), "byte {i}");
            assert!(AccountCertificate::decode(&certificate.bytes()[..i]).is_err());
        }
        for i in 0..leaf.bytes().len() {
            let mut bad = leaf.bytes().to_vec();
            bad[i] ^= 0x01;
            let refused = LeafCertificate::decode(&bad)
                .and_then(|leaf| leaf.verify(&certificate))
                .is_err();
            assert!(refused, "byte {i}");
            assert!(LeafCertificate::decode(&leaf.bytes()[..i]).is_err());
        }
        let longer = [certificate.bytes(), &[0]].concat();
        assert!(AccountCertificate::decode(&longer).is_err());
        let longer = [leaf.bytes(), &[0]].concat();
        assert!(LeafCertificate::decode(&longer).is_err());
    }

    fn newer_versions_are_told_apart_from_rubbish() {
        let mut bytes = certificate(&root(1), &account(2, 1)).bytes().to_vec();
        bytes[0] = 2;
        assert_eq!(
            AccountCertificate::decode(&bytes),
            Err(Error::UnknownVersion { version: 2, suite: 0 })
        );
        bytes[0] = 1;
        bytes[2] = 9;
        assert_eq!(
            AccountCertificate::decode(&bytes),
            Err(Error::UnknownVersion { version: 1, suite: 9 })
        );
        bytes[0] = 0;
        assert!(matches!(AccountCertificate::decode(&bytes), Err(Error::Malformed(_))));
    }

    fn names_and_generation_have_limits() {
        let key = account(2, 1).public();
        let long = "x".repeat(MAX_LOGIN_NAME + 1);
        assert!(root(1).certify(INSTANCE, ALICE, &long, "", &key, 1).is_err());
        let long = "x".repeat(MAX_DISPLAY_NAME + 1);
        assert!(root(1).certify(INSTANCE, ALICE, "", &long, &key, 1).is_err());
        assert!(root(1).certify(INSTANCE, ALICE, "a", "A", &key, 0).is_err());
    }

    fn a_leaf_needs_the_right_account_key() {
        let (old, new) = (account(2, 1), account(3, 2));
        let leaf = leaf(&old, Purpose::Conversation);
        leaf.verify(&certificate(&root(1), &old)).unwrap();
        // Another generation, another key with the same generation, another member, another instance.
        assert!(leaf.verify(&certificate(&root(1), &new)).is_err());
        assert!(leaf.verify(&certificate(&root(1), &account(9, 1))).is_err());
        let for_bob = root(1)
            .certify(INSTANCE, BOB, "bob", "Bob", &old.public(), 1)
            .unwrap();
        assert!(leaf.verify(&for_bob).is_err());
        let elsewhere = root(1)
            .certify(InstanceId([9; 16]), ALICE, "alice", "", &old.public(), 1)
            .unwrap();
        assert!(leaf.verify(&elsewhere).is_err());
    }

    fn key_packages_grow_old() {
        let leaf = leaf(&account(2, 1), Purpose::KeyPackage);
        let made = leaf.issued_at;
        assert!(leaf.is_fresh(made) && leaf.is_fresh(made + 90 * DAY) && leaf.is_fresh(made - DAY));
        assert!(!leaf.is_fresh(made + 90 * DAY + 1));
        assert!(!leaf.is_fresh(made - DAY - 1));
        assert!(leaf.is_fresh(made - 1) && !leaf.is_fresh(0) && !leaf.is_fresh(u64::MAX));
    }

    fn pins_judge_certificates() {
        let first = certificate(&root(1), &account(2, 2));
        let mut pin = Pin::first(&first, 77);
        assert_eq!(pin.check(&first), PinVerdict::Same);

        let older = certificate(&root(1), &account(8, 1));
        assert_eq!(pin.check(&older), PinVerdict::OlderGeneration);
        assert_eq!(pin.follow(&older), Err(Error::NotNewer("account certificate")));

        let conflict = certificate(&root(1), &account(8, 2));
        assert_eq!(pin.check(&conflict), PinVerdict::Conflict);
        assert!(pin.follow(&conflict).is_err());

        let renamed = root(1)
            .certify(INSTANCE, ALICE, "alice", "Alice B", &account(2, 2).public(), 2)
            .unwrap();
        assert_eq!(pin.check(&renamed), PinVerdict::ChangedName);
        pin.verified = true;
        pin.follow(&renamed).unwrap();
        assert_eq!(pin.certificate.display_name, "Alice B");

        let newer = certificate(&root(1), &account(3, 3));
        assert_eq!(pin.check(&newer), PinVerdict::NewerGeneration);
        pin.follow(&newer).unwrap();
        assert!(pin.verified, "the root is the same: still verified");
        assert_eq!(pin.check(&first), PinVerdict::OlderGeneration);

        let other_root = certificate(&root(9), &account(3, 9));
        assert_eq!(pin.check(&other_root), PinVerdict::RootChanged);
        assert!(pin.follow(&other_root).is_err());
        pin.accept_root(&other_root).unwrap();
        assert!(!pin.verified, "a new root is not verified");
        assert!(pin.accept_root(&other_root).is_err());

        let bob = root(9)
            .certify(INSTANCE, BOB, "bob", "Bob", &account(3, 9).public(), 9)
            .unwrap();
        assert_eq!(pin.check(&bob), PinVerdict::OtherMember);
        assert!(pin.follow(&bob).is_err() && pin.accept_root(&bob).is_err());
    }

    fn pins_are_stored_and_read() {
        let mut pin = Pin::first(&certificate(&root(1), &account(2, 2)), 77);
        pin.verified = true;
        let bytes = pin.encode();
        assert_eq!(Pin::decode(&bytes).unwrap(), pin);
        assert_eq!(Pin::kept(&bytes).unwrap(), pin);
        for i in 0..bytes.len() {
            assert!(Pin::decode(&bytes[..i]).is_err());
        }
        assert!(Pin::decode(&[&bytes, &[0xc0][..]].concat()).is_err());
    }

    fn pins_with_former_roots() {
        let certificates = [(1, 2), (9, 4), (7, 5)].map(|(n, g)| certificate(&root(n), &account(n, g)));
        let [first, second, third] = &certificates;
        let mut pin = Pin::first(first, 77);
        pin.accept_root(second).unwrap();
        pin.accept_root(third).unwrap();
        assert_eq!(pin.former, [first.root, second.root]);
        let made = json!({
            "certificates": certificates.each_ref().map(|c| hex::encode(c.bytes())),
            "first_seen": 77,
            "pin": hex::encode(pin.encode()),
        });
        check_vectors("pin.json", include_str!("../../vectors/pin.json"), &made);
        assert_eq!(Pin::decode(&pin.encode()).unwrap(), pin, "nothing of it is lost");
    }

    fn what_was_signed_under_a_former_root_stays_readable_and_nothing_more() {
        let first = certificate(&root(1), &account(2, 2));
        let second = certificate(&root(9), &account(3, 3));
        let mut pin = Pin::first(&first, 77);
        assert!(pin.vouches_for(&first) && !pin.vouches_for(&second));
        pin.accept_root(&second).unwrap();
        assert!(pin.vouches_for(&first) && pin.vouches_for(&second));
        assert_eq!(pin.check(&first), PinVerdict::RootChanged, "never to send to");
        // whoever got hold of the former root can't pass for the newest keys, nor for those of the new root
        for generation in [3, 4, 9] {
            let late = certificate(&root(1), &account(8, generation));
            assert!(!pin.vouches_for(&late), "generation {generation}");
        }
        let stranger = certificate(&root(5), &account(5, 1));
        assert!(!pin.vouches_for(&stranger));
        let bob = root(1)
            .certify(INSTANCE, BOB, "bob", "Bob", &account(2, 1).public(), 1)
            .unwrap();
        assert!(!pin.vouches_for(&bob));
    }

    fn former_roots_are_bounded_and_told_once() {
        let mut pin = Pin::first(&certificate(&root(0), &account(2, 1)), 77);
        for n in 1..=20 {
            pin.accept_root(&certificate(&root(n), &account(2, 1 + u32::from(n)))).unwrap();
        }
        let newest: Vec<_> = (4..20).map(|n| root(n).public()).collect();
        assert_eq!(pin.former, newest);
        // back to an earlier one
        pin.accept_root(&certificate(&root(7), &account(2, 30))).unwrap();
        assert_eq!(pin.former.len(), FORMER_ROOTS_MAX);
        assert!(!pin.former.contains(&root(7).public()));
        assert_eq!(pin.former.last(), Some(&root(20).public()));
        pin.remember_roots(&[root(7).public(), root(20).public(), root(50).public()]);
        assert_eq!(pin.former.len(), FORMER_ROOTS_MAX);
        assert_eq!(pin.former.iter().filter(|r| **r == root(20).public()).count(), 1);
        let mut many = Pin::decode(&pin.encode()).unwrap();
        many.former.push(root(60).public());
        assert!(Pin::decode(&many.encode()).is_err(), "more than a pin keeps");
    }

    fn what_the_server_alone_says_of_former_roots_ends_when_numbers_are_compared() {
        let said = certificate(&root(9), &account(3, 1));
        let mut pin = Pin::first(&certificate(&root(1), &account(2, 2)), 77);
        assert!(!pin.claims(&said));
        pin.claim_roots(&[said.root, pin.root()]);
        assert_eq!(pin.claimed, [said.root]);
        assert!(pin.claims(&said) && !pin.vouches_for(&said), "it says nothing of who may join");
        assert!(!pin.claims(&certificate(&root(9), &account(3, 2))), "only of before");
        assert_eq!(Pin::decode(&pin.encode()).unwrap(), pin);
        let mut compared = pin.clone();
        compared.set_verified(true);
        compared.claim_roots(&[said.root]);
        assert!(!compared.claims(&said) && compared.claimed.is_empty());
        compared.set_verified(false);
        assert!(!compared.claims(&said));
        pin.verified = true; // by an app that did not forget them
        assert!(!pin.claims(&said));
        assert!(Pin::decode(&pin.encode()).unwrap().claimed.is_empty());
        pin.remember_roots(&[said.root]);
        assert!(pin.vouches_for(&said) && pin.claimed.is_empty(), "the person accepted it");
    }

    fn a_pin_of_a_newer_version_is_told_apart() {
        let pin = Pin::first(&certificate(&root(1), &account(2, 2)), 77);
        let mut bytes = pin.encode().to_vec();
        assert_eq!(&bytes[1..4], b"\xa1v\x01");
        bytes[3] = 2;
        assert_eq!(Pin::decode(&bytes), Err(Error::UnknownVersion { version: 2, suite: 0 }));
    }

    fn safety_numbers() {
        let (a, b) = (root(1).public(), root(2).public());
        let number = safety_number((&a, ALICE), (&b, BOB));
        assert_eq!(number.len(), 60);
        assert!(number.bytes().all(|d| d.is_ascii_digit()));
        assert_eq!(number, safety_number((&b, BOB), (&a, ALICE)));
        assert_ne!(number, safety_number((&root(3).public(), ALICE), (&b, BOB)));
        assert_ne!(number, safety_number((&a, BOB), (&b, ALICE)));
        let shown_by_b = safety_qr(&b, &a);
        assert!(safety_qr_matches(&shown_by_b, &a, &b));
        assert!(!safety_qr_matches(&safety_qr(&a, &b), &a, &b));
        assert!(!safety_qr_matches(&safety_qr(&root(3).public(), &a), &a, &b));
        assert!(!safety_qr_matches(&shown_by_b[..64], &a, &b));
    }

    fn secrets_are_not_printed() {
        let root = root(0x5a);
        let account = AccountKey::generate(&mut rng(1), 1);
        let printed = format!("{root:?} {account:?} {:?}", certificate(&root, &account));
        assert!(!printed.contains("5a5a") && !printed.contains("90, 90"));
        assert!(!printed.contains(&hex::encode(account.seed().as_slice())));
        assert!(!printed.contains("Alice"), "names are personal");
    }
}
