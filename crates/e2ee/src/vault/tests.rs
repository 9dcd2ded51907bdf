//! The vault, from the side of a server that lies.

use protocol::{DeviceId, Hash32, InstanceId, MemberId};
use serde_json::json;

use super::*;
use crate::{
    device::DeviceKeys,
    identity::{AccountKey, RootIdentity},
    opaque::ExportKey,
    testing::{check_vectors, rng, writing_vectors},
};

const INSTANCE: InstanceId = InstanceId([0x11; 16]);
const ALICE: MemberId = MemberId([0xa1; 16]);
const BOB: MemberId = MemberId([0xb0; 16]);

fn passphrase_key(n: u8) -> WrapKey {
    WrapKey::from_export_key(&ExportKey::for_tests([n; 64]), ALICE).unwrap()
}

fn device(n: u8) -> DeviceKeys {
    DeviceKeys::generate(&mut rng(u64::from(n)), DeviceId([n; 16])).unwrap()
}

fn pin_of(n: u8) -> RecordName {
    RecordName::new(RecordKind::Pin, &[n; 16])
}

fn identity() -> (RootIdentity, IdentityRecord) {
    let root = RootIdentity::from_seed(&[1; 32]);
    let account = AccountKey::from_seed(&[2; 32], 1);
    let certificate = root
        .certify(INSTANCE, ALICE, "alice", "Alice", &account.public(), 1)
        .unwrap();
    let record = IdentityRecord {
        account,
        certificate,
        former: vec![],
    };
    (root, record)
}

test_everywhere! {
    fn vectors() {
        let mut rng = rng(4);
        let keys = VaultKeys::generate(&mut rng);
        let name = pin_of(0x44);
        let sealed = seal_record(&keys, ALICE, &name, 7, b"plaintext", &mut rng).unwrap();
        let (root, identity) = identity();
        let root_record =
            RootRecord::seal(&root, ALICE, &passphrase_key(5), &mut rng).unwrap().encode();
        let mut manifest = Manifest::new();
        manifest.apply(&name, 7, Some(&sealed));
        manifest.apply(&RecordName::only(RecordKind::Root), 1, Some(&root_record));
        let first = Head::first(&identity.account, INSTANCE, ALICE, manifest.hash(), 1000);
        let second = first.next(&identity.account, Manifest::new().hash(), 2000).unwrap();
        let made = json!({
            "instance": INSTANCE.to_string(),
            "member": ALICE.to_string(),
            "vault_keys": hex::encode(keys.to_bytes()),
            "record": { "kind": 7, "id": hex::encode(&name.id), "version": 7,
                "plaintext": hex::encode(b"plaintext"), "sealed": hex::encode(&sealed) },
            "root_record": { "export_key": hex::encode([5u8; 64]),
                "root_seed": hex::encode(root.seed().as_slice()), "bytes": hex::encode(&root_record) },
            "identity_record": hex::encode(identity.encode()),
            "manifest_of_root_and_record": manifest.hash().to_string(),
            "empty_manifest": Manifest::new().hash().to_string(),
            "first_head": hex::encode(first.bytes()),
            "second_head": hex::encode(second.bytes()),
            "second_head_hash": second.hash().to_string(),
        });
        check_vectors("vault.json", include_str!("../../vectors/vault.json"), &made);
    }

    /// HPKE draws its own randomness, so stored wraps are opened for ever instead of being made again.
    fn wraps_vectors() {
        let (passphrase, device) = (passphrase_key(5), device(6));
        if writing_vectors() {
            let mut rng = rng(8);
            let keys = VaultKeys::generate(&mut rng).next(&mut rng).unwrap();
            let to = [passphrase.as_recipient(), Recipient::device(device.id(), device.wrap_public())];
            let wraps = Wraps::build(&keys, ALICE, &to, &mut rng).unwrap();
            let made = json!({
                "member": ALICE.to_string(),
                "export_key": hex::encode([5u8; 64]),
                "device_keys": hex::encode(device.to_bytes()),
                "device_wrap_public": hex::encode(device.wrap_public()),
                "vault_keys": hex::encode(keys.to_bytes()),
                "wraps": hex::encode(wraps.encode()),
            });
            check_vectors("wraps.json", "", &made);
            return;
        }
        let stored: serde_json::Value =
            serde_json::from_str(include_str!("../../vectors/wraps.json")).unwrap();
        let bytes = |key: &str| hex::decode(stored[key].as_str().unwrap()).unwrap();
        let stored_device = DeviceKeys::from_bytes(&bytes("device_keys")).unwrap();
        assert_eq!(stored_device.to_bytes(), device.to_bytes());
        assert_eq!(stored_device.wrap_public(), bytes("device_wrap_public"));
        let wraps = Wraps::decode(&bytes("wraps")).unwrap();
        for key in [&passphrase, &WrapKey::from_device(&stored_device)] {
            let keys = wraps.open_with(key, ALICE).unwrap();
            assert_eq!(keys.to_bytes().to_vec(), bytes("vault_keys"));
        }
    }

    fn records_open_only_as_what_they_were() {
        let mut rng = rng(1);
        let keys = VaultKeys::generate(&mut rng);
        let name = pin_of(1);
        let sealed = seal_record(&keys, ALICE, &name, 5, b"hello", &mut rng).unwrap();
        assert_eq!(open_record(&keys, ALICE, &name, 5, &sealed).unwrap().as_slice(), b"hello");

        let refused = |keys: &VaultKeys, member, name: &RecordName, version| {
            open_record(keys, member, name, version, &sealed).unwrap_err()
        };
        let cannot = Error::CannotOpen("vault record");
        assert_eq!(refused(&VaultKeys::generate(&mut rng), ALICE, &name, 5), cannot);
        assert_eq!(refused(&keys, BOB, &name, 5), cannot);
        assert_eq!(refused(&keys, ALICE, &pin_of(2), 5), cannot);
        assert_eq!(refused(&keys, ALICE, &name, 4), cannot);
        assert_eq!(refused(&keys, ALICE, &name, 6), cannot);
        let same_id = RecordName::new(RecordKind::Draft, &name.id);
        assert_eq!(refused(&keys, ALICE, &same_id, 5), cannot);
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(open_record(&keys, ALICE, &name, 5, &bad).is_err(), "byte {i}");
            assert!(open_record(&keys, ALICE, &name, 5, &sealed[..i]).is_err());
        }
    }

    fn kind_and_id_do_not_run_into_each_other() {
        let mut rng = rng(1);
        let keys = VaultKeys::generate(&mut rng);
        let a = RecordName::new(RecordKind::Pin, &[8, 1]);
        let b = RecordName::new(RecordKind::Pin, &[8]);
        let sealed = seal_record(&keys, ALICE, &a, 1, b"x", &mut rng).unwrap();
        assert!(open_record(&keys, ALICE, &b, 1, &sealed).is_err());
    }

    fn wraps_and_root_are_not_records_and_ids_have_limits() {
        let mut rng = rng(1);
        let keys = VaultKeys::generate(&mut rng);
        for kind in [RecordKind::Wraps, RecordKind::Root] {
            let name = RecordName::only(kind);
            assert!(seal_record(&keys, ALICE, &name, 1, b"", &mut rng).is_err());
        }
        let long = RecordName::new(RecordKind::Pin, &[0; MAX_ID + 1]);
        assert!(seal_record(&keys, ALICE, &long, 1, b"", &mut rng).is_err());
        let longest = RecordName::new(RecordKind::Pin, &[0; MAX_ID]);
        assert!(seal_record(&keys, ALICE, &longest, 1, b"", &mut rng).is_ok());
    }

    fn the_same_record_is_never_sealed_to_the_same_bytes() {
        let mut rng = rng(1);
        let keys = VaultKeys::generate(&mut rng);
        let a = seal_record(&keys, ALICE, &pin_of(1), 1, b"x", &mut rng).unwrap();
        let b = seal_record(&keys, ALICE, &pin_of(1), 1, b"x", &mut rng).unwrap();
        assert_ne!(a, b);
    }

    fn old_records_open_after_rotations_and_lost_keys_are_named() {
        let mut rng = rng(2);
        let passphrase = passphrase_key(1);
        let mut keys = VaultKeys::generate(&mut rng);
        let mut wraps =
            Wraps::build(&keys, ALICE, &[passphrase.as_recipient()], &mut rng).unwrap();
        let mut sealed = Vec::new();
        for _ in 0..4 {
            sealed.push(seal_record(&keys, ALICE, &pin_of(1), 1, b"x", &mut rng).unwrap());
            (keys, wraps) = wraps.rotate(&keys, ALICE, |_| true, None, &mut rng).unwrap();
        }
        let wraps = Wraps::decode(&wraps.encode()).unwrap();
        let mut opened = wraps.open_with(&passphrase, ALICE).unwrap();
        assert_eq!(opened.number(), 5);
        for old in &sealed {
            open_record(&opened, ALICE, &pin_of(1), 1, old).unwrap();
        }
        opened.forget_before(3);
        assert_eq!(
            open_record(&opened, ALICE, &pin_of(1), 1, &sealed[0]).unwrap_err(),
            Error::NoKey("vault record")
        );
        open_record(&opened, ALICE, &pin_of(1), 1, &sealed[2]).unwrap();
    }

    fn devices_come_and_go() {
        let mut rng = rng(3);
        let (passphrase, d1, d2) = (passphrase_key(1), device(1), device(2));
        let keys = VaultKeys::generate(&mut rng);
        let wraps = Wraps::build(&keys, ALICE, &[passphrase.as_recipient()], &mut rng).unwrap();
        let (k1, k2) = (WrapKey::from_device(&d1), WrapKey::from_device(&d2));
        assert_eq!(wraps.open_with(&k1, ALICE).unwrap_err(), Error::NoKey("wraps record"));
        let wraps = wraps.with(&keys, ALICE, &k1.as_recipient()).unwrap();
        let wraps = wraps.with(&keys, ALICE, &k2.as_recipient()).unwrap();
        assert_eq!(wraps.recipients().count(), 3);
        wraps.open_with(&k1, ALICE).unwrap();
        wraps.open_with(&k2, ALICE).unwrap();
        assert!(wraps.open_with(&k2, BOB).is_err());

        let (next, rotated) = wraps
            .rotate(&keys, ALICE, |r| r.id != d2.id().0, None, &mut rng)
            .unwrap();
        assert_eq!(rotated.key_number(), 2);
        assert!(rotated.open_with(&k2, ALICE).is_err());
        assert_eq!(rotated.open_with(&k1, ALICE).unwrap().to_bytes(), next.to_bytes());
        rotated.open_with(&passphrase, ALICE).unwrap();
        // What the device that went still knows opens nothing new.
        let sealed = seal_record(&next, ALICE, &pin_of(1), 1, b"x", &mut rng).unwrap();
        assert_eq!(
            open_record(&keys, ALICE, &pin_of(1), 1, &sealed).unwrap_err(),
            Error::NoKey("vault record")
        );
        let without = rotated.without(&next, ALICE, WrapKey::DEVICE, &d1.id().0).unwrap();
        assert!(without.open_with(&k1, ALICE).is_err());
    }

    fn a_changed_passphrase_replaces_the_old_wrap() {
        let mut rng = rng(3);
        let (old, new) = (passphrase_key(1), passphrase_key(2));
        let keys = VaultKeys::generate(&mut rng);
        let wraps = Wraps::build(&keys, ALICE, &[old.as_recipient()], &mut rng).unwrap();
        let wraps = wraps.with(&keys, ALICE, &new.as_recipient()).unwrap();
        assert_eq!(wraps.recipients().count(), 1);
        assert!(wraps.open_with(&old, ALICE).is_err());
        wraps.open_with(&new, ALICE).unwrap();
    }

    fn a_server_cannot_slip_in_a_recipient() {
        let mut rng = rng(5);
        let passphrase = passphrase_key(1);
        let keys = VaultKeys::generate(&mut rng);
        let wraps = Wraps::build(&keys, ALICE, &[passphrase.as_recipient()], &mut rng).unwrap();
        // It can build a list of its own, but not with the tag of the real vault key.
        let evil_keys = VaultKeys::generate(&mut rng);
        let evil = WrapKey::from_device(&device(66)).as_recipient();
        let forged =
            Wraps::build(&evil_keys, ALICE, &[passphrase.as_recipient(), evil], &mut rng).unwrap();
        assert_eq!(forged.verify(&keys, ALICE), Err(Error::BadSignature("wraps record")));
        assert!(forged.rotate(&keys, ALICE, |_| true, None, &mut rng).is_err());
        assert!(forged.with(&keys, ALICE, &passphrase.as_recipient()).is_err());
        assert!(forged.without(&keys, ALICE, 4, &[66; 16]).is_err());
        // Flipped bits anywhere are noticed.
        let bytes = wraps.encode();
        for i in (0..bytes.len()).step_by(7) {
            let mut bad = bytes.clone();
            bad[i] ^= 1;
            let refused = Wraps::decode(&bad).and_then(|w| w.open_with(&passphrase, ALICE));
            assert!(refused.is_err(), "byte {i}");
            assert!(Wraps::decode(&bytes[..i]).is_err());
        }
        // A wraps record of another member does not serve.
        assert!(wraps.open_with(&passphrase, BOB).is_err());
    }

    fn repeated_recipients_are_refused() {
        let mut rng = rng(5);
        let twice = [passphrase_key(1).as_recipient(), passphrase_key(2).as_recipient()];
        assert!(Wraps::build(&VaultKeys::generate(&mut rng), ALICE, &twice, &mut rng).is_err());
    }

    fn a_server_cannot_give_a_fresh_device_a_vault_of_its_own() {
        let mut rng = rng(6);
        let passphrase = passphrase_key(1);
        // The wraps it can forge: the public key of the passphrase's wrap is in the record.
        let evil_keys = VaultKeys::generate(&mut rng);
        let forged =
            Wraps::build(&evil_keys, ALICE, &[passphrase.as_recipient()], &mut rng).unwrap();
        forged.open_with(&passphrase, ALICE).unwrap();
        // The root it cannot: without the passphrase nothing opens, and with the real root nothing else fits.
        let evil_root = RootIdentity::from_seed(&[66; 32]);
        let forged = RootRecord::seal(&evil_root, ALICE, &passphrase_key(66), &mut rng).unwrap();
        assert_eq!(
            forged.open(ALICE, &passphrase).unwrap_err(),
            Error::CannotOpen("root record")
        );
        let (root, real) = identity();
        let record = RootRecord::seal(&root, ALICE, &passphrase, &mut rng).unwrap();
        let opened = record.open(ALICE, &passphrase).unwrap();
        let account = AccountKey::from_seed(&[66; 32], 1);
        let certificate = evil_root
            .certify(INSTANCE, ALICE, "alice", "Alice", &account.public(), 1)
            .unwrap();
        let evil = IdentityRecord { account: account.clone(), certificate, former: vec![] };
        let root_public = opened.public();
        let wrong = Error::WrongOwner("identity record");
        let decode = |r: &IdentityRecord| {
            IdentityRecord::decode(&r.encode(), INSTANCE, ALICE, &root_public)
        };
        assert_eq!(decode(&evil).unwrap_err(), wrong);
        // Nor an account key of its own beside the real certificate.
        let mixed = IdentityRecord { account, certificate: real.certificate.clone(), former: vec![] };
        assert_eq!(decode(&mixed).unwrap_err(), wrong);
        decode(&real).unwrap();
    }

    fn an_identity_record_remembers_the_roots_before() {
        let (root, mut record) = identity();
        let root = root.public();
        let read = |record: &IdentityRecord| {
            IdentityRecord::decode(&record.encode(), INSTANCE, ALICE, &root).map(|r| r.former)
        };
        let without = record.encode();
        assert_eq!(read(&record), Ok(vec![]));
        assert!(!without.windows(6).any(|part| part == b"former"), "left out when there is none");
        let former = |count: u8| (1..=count).map(|n| RootIdentity::from_seed(&[n; 32]).public());
        record.former = former(16).collect();
        assert_eq!(read(&record), Ok(former(16).collect()));
        record.former = former(17).collect();
        assert_eq!(read(&record), Err(Error::Malformed("identity record")));
        record.former = former(2).collect();
        let made = json!({ "plaintext": hex::encode(record.encode().as_slice()) });
        let stored = include_str!("../../vectors/identity_record.json");
        check_vectors("identity_record.json", stored, &made);
    }

    fn the_root_is_for_those_who_may() {
        let mut rng = rng(7);
        let (root, _) = identity();
        let (old, new) = (passphrase_key(1), passphrase_key(2));
        assert!(
            RootRecord::seal(&root, ALICE, &WrapKey::from_device(&device(1)), &mut rng).is_err(),
            "never to a device"
        );
        let record = RootRecord::seal(&root, ALICE, &old, &mut rng).unwrap();
        let record = RootRecord::decode(&record.encode()).unwrap();
        assert_eq!(record.open(ALICE, &old).unwrap().public(), root.public());
        assert!(record.open(BOB, &old).is_err());
        assert!(record.open(ALICE, &new).is_err());
        assert!(record.open(ALICE, &WrapKey::from_device(&device(1))).is_err());
        let changed = record.with(&root, ALICE, &new, &mut rng).unwrap();
        assert!(changed.open(ALICE, &old).is_err());
        changed.open(ALICE, &new).unwrap();
        let none = changed.without(WrapKey::PASSPHRASE, &[0; 16]);
        assert_eq!(none.open(ALICE, &new).unwrap_err(), Error::NoKey("root record"));
        let bytes = record.encode();
        for i in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[i] ^= 1;
            assert!(RootRecord::decode(&bad).and_then(|r| r.open(ALICE, &old)).is_err());
            assert!(RootRecord::decode(&bytes[..i]).is_err());
        }
    }

    fn identity_records_of_others_are_refused() {
        let (root, record) = identity();
        let bytes = record.encode();
        let decode = |instance, member| {
            IdentityRecord::decode(&bytes, instance, member, &root.public())
        };
        assert_eq!(decode(INSTANCE, ALICE).unwrap().account.public(), record.account.public());
        assert!(decode(INSTANCE, BOB).is_err());
        assert!(decode(InstanceId([0; 16]), ALICE).is_err());
        for i in 0..bytes.len() {
            let cut = IdentityRecord::decode(&bytes[..i], INSTANCE, ALICE, &root.public());
            assert!(cut.is_err());
        }
    }

    fn heads_form_a_chain() {
        let (root, identity) = identity();
        let cert = identity.certificate.clone();
        let one = Head::first(&identity.account, INSTANCE, ALICE, Hash32([1; 32]), 10);
        let two = one.next(&identity.account, Hash32([2; 32]), 20).unwrap();
        let three = two.next(&identity.account, Hash32([3; 32]), 30).unwrap();
        let read = Head::decode(two.bytes()).unwrap();
        assert_eq!(read, two);
        read.verify(&cert).unwrap();
        two.follows(&one).unwrap();
        three.follows(&two).unwrap();
        // Replays, jumps and forks.
        let old = Error::NotNewer("vault head");
        assert_eq!(one.follows(&two).unwrap_err(), old);
        assert_eq!(two.follows(&two).unwrap_err(), old);
        assert_eq!(three.follows(&one).unwrap_err(), old);
        let fork = one.next(&identity.account, Hash32([9; 32]), 20).unwrap();
        assert_eq!(three.follows(&fork).unwrap_err(), old);
        // Another member's, another key's.
        let bobs = Head::first(&identity.account, INSTANCE, BOB, Hash32([1; 32]), 10);
        assert!(bobs.verify(&cert).is_err());
        assert!(two.follows(&bobs).is_err());
        let thief = AccountKey::from_seed(&[66; 32], 1);
        let forged = one.next(&thief, Hash32([2; 32]), 20).unwrap();
        assert_eq!(forged.verify(&cert).unwrap_err(), Error::BadSignature("vault head"));
        // Key generations only rise.
        let newer = AccountKey::from_seed(&[3; 32], 2);
        let four = three.next(&newer, Hash32([4; 32]), 40).unwrap();
        four.follows(&three).unwrap();
        assert!(four.verify(&cert).is_err());
        let newer_cert =
            root.certify(INSTANCE, ALICE, "alice", "Alice", &newer.public(), 2).unwrap();
        four.verify(&newer_cert).unwrap();
        assert!(four.next(&identity.account, Hash32([5; 32]), 50).is_err());
        for i in 0..two.bytes().len() {
            let mut bad = two.bytes().to_vec();
            bad[i] ^= 1;
            assert!(Head::decode(&bad).and_then(|h| h.verify(&cert)).is_err(), "byte {i}");
            assert!(Head::decode(&two.bytes()[..i]).is_err());
        }
    }

    fn manifests_notice_old_swapped_and_missing_records() {
        let mut manifest = Manifest::new();
        let empty = manifest.hash();
        manifest.apply(&pin_of(1), 1, Some(b"one"));
        let with_one = manifest.hash();
        manifest.apply(&pin_of(2), 1, Some(b"two"));
        manifest.apply(&pin_of(1), 2, Some(b"one, newer"));
        manifest.check(&pin_of(1), 2, b"one, newer").unwrap();
        assert!(manifest.check(&pin_of(1), 1, b"one").is_err());
        assert!(manifest.check(&pin_of(1), 2, b"one").is_err());
        assert!(manifest.check(&pin_of(2), 2, b"one, newer").is_err());
        assert!(manifest.check(&pin_of(3), 1, b"").is_err());
        assert_eq!((manifest.version(&pin_of(1)), manifest.version(&pin_of(3))), (2, 0));
        // The order of writing does not matter, the content does.
        let mut other = Manifest::new();
        other.apply(&pin_of(1), 2, Some(b"one, newer"));
        other.apply(&pin_of(2), 1, Some(b"two"));
        assert_eq!(manifest.hash(), other.hash());
        other.apply(&pin_of(2), 1, None);
        assert_ne!(manifest.hash(), other.hash());
        other.apply(&pin_of(1), 1, Some(b"one"));
        assert_eq!(other.hash(), with_one);
        other.apply(&pin_of(1), 2, None);
        assert_eq!(other.hash(), empty);
        // Drafts are free.
        let draft = RecordName::new(RecordKind::Draft, b"x");
        other.apply(&draft, 1, Some(b"words"));
        assert_eq!(other.hash(), empty);
        other.check(&draft, 9, b"other words").unwrap();
    }

    fn covered_kinds() {
        let free: Vec<u8> = RecordKind::ALL
            .into_iter()
            .filter(|k| !covered(*k))
            .map(|k| k as u8)
            .collect();
        assert_eq!(free, [8, 9, 10, 128, 129, 130]);
        assert!(RecordKind::try_from(0).is_err() && RecordKind::try_from(14).is_err());
        assert_eq!(RecordKind::try_from(5).unwrap(), RecordKind::MlsState);
    }

    fn vault_keys_survive_the_local_store() {
        let mut rng = rng(9);
        let keys = VaultKeys::generate(&mut rng).next(&mut rng).unwrap();
        let bytes = keys.to_bytes();
        assert_eq!(VaultKeys::from_bytes(&bytes).unwrap().to_bytes(), bytes);
        for i in 0..bytes.len() {
            assert!(VaultKeys::from_bytes(&bytes[..i]).is_err(), "{i}");
        }
        assert!(!format!("{keys:?}").contains(&hex::encode(&bytes[11..15])));
    }
}

proptest::proptest! {
    #[test]
    fn titles_and_pictures_come_back_and_nothing_else_is_one(
        title in ".{0,200}",
        seq in proptest::num::u64::ANY,
        at in 0usize..4096,
        junk in proptest::collection::vec(proptest::num::u8::ANY, 0..600),
    ) {
        let written = Title::new(&title, seq);
        let bytes = written.encode().unwrap();
        proptest::prop_assert_eq!(Title::decode(&bytes), Ok(written));
        proptest::prop_assert!(Title::decode(&bytes[..at % bytes.len()]).is_err());
        let written = Picture::new(&junk, seq);
        let bytes = written.encode().unwrap();
        proptest::prop_assert_eq!(Picture::decode(&bytes), Ok(written));
        proptest::prop_assert!(Picture::decode(&bytes[..at % bytes.len()]).is_err());
        // whatever a server or another device wrote
        if let Ok(read) = Picture::decode(&junk) {
            let again = read.encode().unwrap();
            proptest::prop_assert_eq!(Picture::decode(&again), Ok(read));
        }
        if let Ok(read) = Title::decode(&junk) {
            let again = read.encode().unwrap();
            proptest::prop_assert_eq!(Title::decode(&again), Ok(read));
        }
    }
}
