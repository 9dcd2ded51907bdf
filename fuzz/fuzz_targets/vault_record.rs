//! What a server can give as vault records: nothing panics, what opens is what was sealed, what decodes comes back
//! the same.
#![no_main]

use std::sync::LazyLock;

use e2ee::vault::{
    Cursor, Draft, Head, Hidden, IdentityRecord, KeyChange, Picture, RecordKind, RecordName,
    RootRecord, Settings, Title, VaultKeys, Wraps, open_record, record_key_number, seal_record,
};
use e2ee::{
    approval::{ApprovalSecret, Asking, Exchange, Nonce},
    device::DeviceKeys,
};
use libfuzzer_sys::fuzz_target;
use protocol::{DeviceId, InstanceId, MemberId};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

const MEMBER: MemberId = MemberId([4; 16]);

static KEYS: LazyLock<[VaultKeys; 2]> =
    LazyLock::new(|| [1, 2].map(|n| VaultKeys::generate(&mut ChaCha20Rng::seed_from_u64(n))));

static EXCHANGE: LazyLock<(DeviceKeys, Exchange)> = LazyLock::new(|| {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let keys = DeviceKeys::generate(&mut rng, DeviceId([6; 16])).expect("keys");
    let between = Exchange {
        asking: Asking::of(InstanceId([5; 16]), MEMBER, &keys),
        approver: DeviceId([7; 16]),
        new: Nonce([8; 32]),
        approving: Nonce([9; 32]),
    };
    (keys, between)
});

fuzz_target!(|data: &[u8]| {
    let [keys, others] = &*KEYS;
    let name = RecordName::new(RecordKind::Pin, &data[..data.len().min(16)]);
    // Nobody without the key makes a record that opens.
    assert!(open_record(keys, MEMBER, &name, 1, data).is_err());

    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let sealed = seal_record(keys, MEMBER, &name, 1, data, &mut rng).expect("a short id");
    let opened = open_record(keys, MEMBER, &name, 1, &sealed).expect("what was sealed");
    assert_eq!(opened.as_slice(), data);
    assert!(open_record(others, MEMBER, &name, 1, &sealed).is_err());
    assert!(open_record(keys, MEMBER, &name, 2, &sealed).is_err());

    if let Ok(wraps) = Wraps::decode(data) {
        assert!(wraps.verify(keys, MEMBER).is_err());
        assert!(Wraps::decode(&wraps.encode()).expect("what was encoded") == wraps);
    }
    if let Ok(root) = RootRecord::decode(data) {
        assert!(RootRecord::decode(&root.encode()).expect("what was encoded") == root);
    }
    if let Ok(head) = Head::decode(data) {
        assert_eq!(head.bytes(), data);
    }
    if let Ok(settings) = Settings::decode(data) {
        assert!(Settings::decode(&settings.encode()).is_ok());
    }
    if let Ok(draft) = Draft::decode(data) {
        let plain = draft.encode().expect("short");
        assert_eq!(Draft::decode(&plain), Ok(draft));
    }
    if let Ok(cursor) = Cursor::decode(data) {
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }
    if let Ok(hidden) = Hidden::decode(data) {
        assert_eq!(Hidden::decode(&hidden.encode()), Ok(hidden));
    }
    if let Ok(title) = Title::decode(data) {
        let plain = title.encode().expect("short");
        assert_eq!(Title::decode(&plain), Ok(title));
    }
    if let Ok(picture) = Picture::decode(data) {
        let plain = picture.encode().expect("as small as it was read");
        assert_eq!(Picture::decode(&plain), Ok(picture));
    }
    if let Ok(change) = KeyChange::decode(data) {
        assert_eq!(KeyChange::decode(&change.encode()), Ok(change));
    }
    if let Ok(secret) = ApprovalSecret::decode(data) {
        assert!(ApprovalSecret::decode(&secret.encode()) == Ok(secret));
    }
    // Nobody who does not know the exchange hands anything over.
    assert!(EXCHANGE.1.open(&EXCHANGE.0, data).is_err());
    assert_eq!(record_key_number(&sealed), Ok(keys.number()));
    let _ = record_key_number(data);
    let _ = e2ee::identity::read_safety_qr(data);
    if let Ok(keys) = VaultKeys::from_bytes(data) {
        assert_eq!(keys.to_bytes().as_slice(), data);
    }
    let root = e2ee::identity::RootIdentity::from_seed(&[1; 32]).public();
    assert!(IdentityRecord::decode(data, InstanceId([5; 16]), MEMBER, &root).is_err());
});
