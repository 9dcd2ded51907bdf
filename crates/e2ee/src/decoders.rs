//! Every decoder of keys, identity, vault and sign-in: arbitrary bytes never panic, round trips hold, tampering is
//! refused. Native only (proptest).

use std::collections::BTreeMap;

use proptest::prelude::*;
use protocol::{DeviceId, InstanceId, MemberId};

use crate::{
    approval::{ApprovalSecret, Asking, Exchange, Nonce},
    device::DeviceKeys,
    identity::{AccountCertificate, AccountKey, LeafCertificate, Pin, Purpose, RootIdentity},
    invitation::Invitation,
    local::LocalCipher,
    opaque::{OprfSeed, server},
    passphrase,
    recovery::RecoveryCode,
    suite::{Reader, Writer, from_msgpack, one_map, to_msgpack},
    testing::rng,
    vault::{
        Cursor, Draft, Head, Hidden, IdentityRecord, KeyChange, Picture, RecordKind, RecordName,
        RootRecord, Settings, Title, VaultKeys, Wraps, open_record, record_key_number, seal_record,
    },
};

/// All decoders over the same bytes; what they answer does not matter here.
fn decode_everything(bytes: &[u8]) {
    let instance = InstanceId([1; 16]);
    let member = MemberId([2; 16]);
    let keys = VaultKeys::generate(&mut rng(1));
    let root = RootIdentity::from_seed(&[1; 32]).public();
    let _ = AccountCertificate::decode(bytes);
    let _ = LeafCertificate::decode(bytes);
    let _ = crate::identity::Succession::decode(bytes);
    let _ = crate::reset::ResetLink::decode(&String::from_utf8_lossy(bytes));
    let _ = crate::repair::RepairRequest::decode(bytes);
    let _ = crate::statement::ReplacementLink::decode(bytes);
    let _ = crate::statement::Complaint::decode(bytes);
    let _ = crate::statement::Restart::decode(bytes);
    let _ = Pin::decode(bytes);
    let _ = Head::decode(bytes);
    let _ = Settings::decode(bytes);
    let _ = Draft::decode(bytes);
    let _ = Cursor::decode(bytes);
    let _ = Hidden::decode(bytes);
    let _ = Title::decode(bytes);
    let _ = Picture::decode(bytes);
    let _ = crate::content::picture_size(bytes);
    let _ = KeyChange::decode(bytes);
    let _ = crate::content::TimedSecret::from_record(bytes);
    let _ = ApprovalSecret::decode(bytes);
    let _ = exchange().open(&asking_device(), bytes);
    let _ = record_key_number(bytes);
    let _ = crate::identity::read_safety_qr(bytes);
    let _ = Wraps::decode(bytes);
    let _ = RootRecord::decode(bytes);
    let _ = IdentityRecord::decode(bytes, instance, member, &root);
    let _ = VaultKeys::from_bytes(bytes);
    let _ = DeviceKeys::from_bytes(bytes);
    let _ = OprfSeed::from_bytes(bytes);
    let _ = server::registration_record(bytes);
    let _ = server::sign_in_finish(bytes, bytes);
    let _ = LocalCipher::new(&[1; 32]).open("space", b"key", bytes);
    let name = RecordName::new(RecordKind::Pin, &[1; 16]);
    let _ = open_record(&keys, member, &name, 1, bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = Invitation::decode(&text);
    let _ = passphrase::prepare(&text);
    let _ = RecoveryCode::read(&text);
}

fn asking_device() -> DeviceKeys {
    DeviceKeys::generate(&mut rng(2), DeviceId([3; 16])).unwrap()
}

fn exchange() -> Exchange {
    Exchange {
        asking: Asking::of(InstanceId([1; 16]), MemberId([2; 16]), &asking_device()),
        approver: DeviceId([4; 16]),
        new: Nonce([5; 32]),
        approving: Nonce([6; 32]),
    }
}

fn kind() -> impl Strategy<Value = RecordKind> {
    (3u8..=13).prop_map(|k| RecordKind::try_from(k).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        decode_everything(&bytes);
    }

    #[test]
    fn bytes_that_begin_well_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 3..400)) {
        bytes[..3].copy_from_slice(&[1, 0, 1]);
        decode_everything(&bytes);
    }

    #[test]
    fn certificates_round_trip(
        seed in any::<[u8; 32]>(), account in any::<[u8; 32]>(), generation in 1u32..,
        instance in any::<[u8; 16]>(), member in any::<[u8; 16]>(),
        login in "\\PC{0,40}", display in "\\PC{0,80}", issued in any::<u64>(), purpose in 1u8..=3,
    ) {
        let (instance, member) = (InstanceId(instance), MemberId(member));
        let root = RootIdentity::from_seed(&seed);
        let account = AccountKey::from_seed(&account, generation);
        let certificate = root
            .certify(instance, member, &login, &display, &account.public(), generation)
            .unwrap();
        prop_assert_eq!(&AccountCertificate::decode(certificate.bytes()).unwrap(), &certificate);
        let purpose = Purpose::try_from(purpose).unwrap();
        let leaf =
            LeafCertificate::issue(&account, instance, member, &root.public(), issued, purpose);
        let read = LeafCertificate::decode(leaf.bytes()).unwrap();
        read.verify(&certificate).unwrap();
        prop_assert_eq!(read, leaf);
        let pin = Pin::first(&certificate, issued);
        prop_assert_eq!(Pin::decode(&pin.encode()).unwrap(), pin);
    }

    #[test]
    fn tampered_certificates_are_refused(at in any::<prop::sample::Index>(), flip in 1u8..) {
        let root = RootIdentity::from_seed(&[1; 32]);
        let account = AccountKey::from_seed(&[2; 32], 1);
        let (instance, member) = (InstanceId([3; 16]), MemberId([4; 16]));
        let certificate =
            root.certify(instance, member, "login", "Display", &account.public(), 1).unwrap();
        let mut bad = certificate.bytes().to_vec();
        let i = at.index(bad.len());
        bad[i] ^= flip;
        prop_assert!(AccountCertificate::decode(&bad).is_err());
    }

    #[test]
    fn records_round_trip_and_refuse_tampering(
        kind in kind(), id in prop::collection::vec(any::<u8>(), 0..=64), version in any::<u64>(),
        plaintext in prop::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(), flip in 1u8.., seed in any::<u64>(),
    ) {
        let mut rng = rng(seed);
        let keys = VaultKeys::generate(&mut rng);
        let member = MemberId([4; 16]);
        let name = RecordName::new(kind, &id);
        let sealed = seal_record(&keys, member, &name, version, &plaintext, &mut rng).unwrap();
        let opened = open_record(&keys, member, &name, version, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
        let mut bad = sealed.clone();
        let i = at.index(bad.len());
        bad[i] ^= flip;
        prop_assert!(open_record(&keys, member, &name, version, &bad).is_err());
        prop_assert!(open_record(&keys, member, &name, version.wrapping_add(1), &sealed).is_err());
    }

    #[test]
    fn local_values_round_trip(
        space in "\\PC{0,20}", key in prop::collection::vec(any::<u8>(), 0..40),
        plaintext in prop::collection::vec(any::<u8>(), 0..300), seed in any::<u64>(),
    ) {
        let cipher = LocalCipher::new(&[9; 32]);
        let sealed = cipher.seal(&mut rng(seed), &space, &key, &plaintext);
        let opened = cipher.open(&space, &key, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
    }

    #[test]
    fn device_keys_round_trip(seed in any::<u64>(), id in any::<[u8; 16]>()) {
        let keys = DeviceKeys::generate(&mut rng(seed), DeviceId(id)).unwrap();
        let read = DeviceKeys::from_bytes(&keys.to_bytes()).unwrap();
        prop_assert_eq!(read.to_bytes(), keys.to_bytes());
        prop_assert_eq!(read.wrap_public(), keys.wrap_public());
    }

    #[test]
    fn passphrases_are_prepared_once(typed in "\\PC{0,60}") {
        if let Ok(once) = passphrase::prepare(&typed) {
            let twice = passphrase::prepare(once.reveal()).unwrap();
            prop_assert_eq!(once.reveal(), twice.reveal());
        }
    }

    #[test]
    fn layouts_read_what_was_written(
        a in any::<u8>(), b in any::<u16>(), c in any::<u32>(), d in any::<u64>(),
        e in prop::collection::vec(any::<u8>(), 0..50), cut in any::<prop::sample::Index>(),
    ) {
        let bytes = Writer::new().header().u8(a).u16(b).u32(c).u64(d).lp(&e).finish();
        let read = |bytes: &[u8]| {
            let mut r = Reader::new(bytes, "test");
            r.header()?;
            let out = (r.u8()?, r.u16()?, r.u32()?, r.u64()?, r.lp(50)?.to_vec());
            r.finish()?;
            Ok::<_, crate::Error>(out)
        };
        prop_assert_eq!(read(&bytes).unwrap(), (a, b, c, d, e));
        prop_assert!(read(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn msgpack_is_exactly_one_map(
        map in prop::collection::btree_map("[a-z]{1,4}", any::<u32>(), 0..6),
        tail in prop::collection::vec(any::<u8>(), 1..4), cut in any::<prop::sample::Index>(),
    ) {
        let bytes = to_msgpack(&map);
        let read = |bytes: &[u8]| one_map::<BTreeMap<String, u32>>(bytes, "test");
        prop_assert_eq!(read(&bytes).unwrap(), map);
        prop_assert!(read(&[&bytes[..], &tail].concat()).is_err());
        prop_assert!(read(&bytes[..cut.index(bytes.len())]).is_err());
    }
}

#[test]
fn versions_of_maps_are_told_apart() {
    #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    struct Thing {
        v: u8,
        suite: u16,
        x: u8,
    }
    let read = |v, suite| from_msgpack::<Thing>(&to_msgpack(&Thing { v, suite, x: 3 }), "thing");
    assert_eq!(read(1, 1).unwrap().x, 3);
    assert_eq!(
        read(2, 1),
        Err(crate::Error::UnknownVersion {
            version: 2,
            suite: 1
        })
    );
    assert_eq!(
        read(1, 7),
        Err(crate::Error::UnknownVersion {
            version: 1,
            suite: 7
        })
    );
    assert_eq!(read(0, 1), Err(crate::Error::Malformed("thing")));
    // An array that rmp-serde would take for the struct.
    assert!(from_msgpack::<Thing>(&[0x93, 1, 1, 3], "thing").is_err());
    // Unknown keys are ignored.
    let with_more = [
        &[0x84, 0xa1, b'v', 1, 0xa5][..],
        b"suite",
        &[1, 0xa1, b'x', 3, 0xa1, b'y', 0xc0],
    ]
    .concat();
    assert_eq!(from_msgpack::<Thing>(&with_more, "thing").unwrap().x, 3);
}
