//! Approval, from the side of a server that stands between the two devices.

use serde_json::json;

use super::*;
use crate::{
    identity::RootIdentity,
    opaque::ExportKey,
    recovery::RecoveryCode,
    testing::{check_vectors, rng, writing_vectors},
    vault::{Recipient, RootRecord, VaultKeys, WrapKey, Wraps},
};

const INSTANCE: InstanceId = InstanceId([0x11; 16]);
const ALICE: MemberId = MemberId([0xa1; 16]);

fn device(n: u8) -> DeviceKeys {
    DeviceKeys::generate(&mut rng(u64::from(n)), DeviceId([n; 16])).unwrap()
}

fn passphrase() -> WrapKey {
    WrapKey::from_export_key(&ExportKey::for_tests([5; 64]), ALICE).unwrap()
}

fn exchange(device: &DeviceKeys) -> Exchange {
    Exchange {
        asking: Asking::of(INSTANCE, ALICE, device),
        approver: DeviceId([9; 16]),
        new: Nonce([0x21; 32]),
        approving: Nonce([0x22; 32]),
    }
}

fn handover(n: u64) -> Handover {
    Handover {
        secret: ApprovalSecret::generate(&mut rng(n)),
        head_number: 7,
        head_hash: Hash32([0x33; 32]),
    }
}

/// Wraps and root record whose passphrase is mixed with this secret.
fn mixed(secret: &ApprovalSecret) -> (VaultKeys, Wraps, RootRecord) {
    let mut rng = rng(3);
    let keys = VaultKeys::generate(&mut rng);
    let phone = device(1);
    let to = [Recipient::device(phone.id(), phone.wrap_public())];
    let key = passphrase().approved(Some(secret.clone()));
    let wraps = Wraps::build(&keys, ALICE, &to, &mut rng).unwrap();
    let wraps = wraps.with_key(&keys, ALICE, &key, &mut rng).unwrap();
    let root = RootIdentity::from_seed(&[1; 32]);
    let record = RootRecord::seal(&root, ALICE, &key, &mut rng).unwrap();
    (keys, wraps, record)
}

test_everywhere! {
    /// HPKE and the mixture draw their own randomness: what was stored once is opened for ever.
    fn vectors() {
        let (phone, secret) = (device(6), handover(4).secret);
        let between = exchange(&phone);
        if writing_vectors() {
            let (keys, wraps, root) = mixed(&secret);
            let made = json!({
                "instance": INSTANCE.to_string(),
                "member": ALICE.to_string(),
                "device_keys": hex::encode(phone.to_bytes()),
                "approver": between.approver.to_string(),
                "new_nonce": hex::encode(between.new.0),
                "approver_nonce": hex::encode(between.approving.0),
                "commitment": between.asking.commitment(&between.new).to_string(),
                "code": between.code(),
                "record": hex::encode(secret.encode()),
                "handover": hex::encode(between.seal(&handover(4)).unwrap()),
                "export_key": hex::encode([5u8; 64]),
                "vault_keys": hex::encode(keys.to_bytes()),
                "wraps": hex::encode(wraps.encode()),
                "root_record": hex::encode(root.encode()),
                "root_seed": hex::encode([1u8; 32]),
            });
            check_vectors("approval.json", "", &made);
            return;
        }
        let stored: serde_json::Value =
            serde_json::from_str(include_str!("../../vectors/approval.json")).unwrap();
        let text = |key: &str| stored[key].as_str().unwrap().to_owned();
        let bytes = |key: &str| hex::decode(text(key)).unwrap();
        assert_eq!(between.asking.commitment(&between.new).to_string(), text("commitment"));
        assert_eq!(between.code(), text("code"));
        assert_eq!(ApprovalSecret::decode(&bytes("record")).unwrap(), secret);
        assert_eq!(between.open(&phone, &bytes("handover")).unwrap(), handover(4));
        let key = passphrase().approved(Some(secret));
        let wraps = Wraps::decode(&bytes("wraps")).unwrap();
        let keys = wraps.open_with(&key, ALICE).unwrap();
        assert_eq!(keys.to_bytes().to_vec(), bytes("vault_keys"));
        let root = RootRecord::decode(&bytes("root_record")).unwrap();
        assert_eq!(root.open(ALICE, &key).unwrap().seed().to_vec(), bytes("root_seed"));
    }

    fn without_the_secret_the_passphrase_opens_nothing() {
        let secret = handover(1).secret;
        let (_, wraps, root) = mixed(&secret);
        assert!(wraps.needs_approval() && root.needs_approval());
        let other = Some(handover(2).secret);
        let missing = Error::NoKey("wraps record");
        assert_eq!(wraps.open_with(&passphrase(), ALICE).unwrap_err(), missing);
        assert!(root.open(ALICE, &passphrase()).is_err());
        assert!(wraps.open_with(&passphrase().approved(other.clone()), ALICE).is_err());
        assert!(root.open(ALICE, &passphrase().approved(other)).is_err());
        let approved = passphrase().approved(Some(secret));
        assert!(wraps.open_with(&approved, ALICE).is_ok());
        assert!(root.open(ALICE, &approved).is_ok());
        // nor does somebody who only takes the mark away
        let unmarked = |bytes: &[u8]| {
            let mark = b"\xa8approval\xc3";
            let at = bytes.windows(mark.len()).position(|found| found == mark).unwrap();
            let mut bytes = bytes.to_vec();
            bytes[at + mark.len() - 1] = 0xc2;
            bytes
        };
        let wraps = Wraps::decode(&unmarked(&wraps.encode())).unwrap();
        assert!(wraps.open_with(&passphrase(), ALICE).is_err());
        let root = RootRecord::decode(&unmarked(&root.encode())).unwrap();
        assert!(root.open(ALICE, &passphrase()).is_err());
    }

    fn devices_and_the_recovery_code_need_no_secret() {
        let secret = handover(1).secret;
        let (keys, wraps, root) = mixed(&secret);
        assert!(wraps.open_with(&WrapKey::from_device(&device(1)), ALICE).is_ok());
        let code = RecoveryCode::generate(&mut rng(7)).keys(INSTANCE).unwrap();
        let code = code.wrap().clone().approved(Some(secret.clone()));
        let wraps = wraps.with_key(&keys, ALICE, &code, &mut rng(8)).unwrap();
        let root = root
            .with(&RootIdentity::from_seed(&[1; 32]), ALICE, &code, &mut rng(8))
            .unwrap();
        assert!(wraps.needs_approval() && root.needs_approval(), "the passphrase, as before");
        let plain = RecoveryCode::generate(&mut rng(7)).keys(INSTANCE).unwrap();
        assert!(wraps.open_with(plain.wrap(), ALICE).is_ok());
        assert!(root.open(ALICE, plain.wrap()).is_ok());
    }

    fn a_new_vault_key_keeps_the_mixture() {
        let secret = handover(1).secret;
        let (keys, wraps, _) = mixed(&secret);
        let rng = &mut rng(9);
        let refused = wraps.rotate(&keys, ALICE, |_| true, None, rng).unwrap_err();
        assert_eq!(refused, Error::NoKey("wraps record"));
        let (next, rotated) = wraps.rotate(&keys, ALICE, |_| true, Some(&secret), rng).unwrap();
        assert!(rotated.needs_approval());
        assert!(rotated.open_with(&passphrase(), ALICE).is_err());
        let opened = rotated.open_with(&passphrase().approved(Some(secret)), ALICE).unwrap();
        assert_eq!(opened.to_bytes(), next.to_bytes());
        // an ordinary change of the passphrase ends it
        let plain = rotated.with_key(&next, ALICE, &passphrase(), rng).unwrap();
        assert!(!plain.needs_approval() && plain.open_with(&passphrase(), ALICE).is_ok());
    }

    fn what_is_handed_over_is_for_one_device_and_exchange() {
        let phone = device(6);
        let between = exchange(&phone);
        let sealed = between.seal(&handover(1)).unwrap();
        assert_eq!(between.open(&phone, &sealed).unwrap(), handover(1));
        assert!(between.open(&device(7), &sealed).is_err());
        let others = [
            Exchange { new: Nonce([0; 32]), ..between.clone() },
            Exchange { approving: Nonce([0; 32]), ..between.clone() },
            Exchange { approver: DeviceId([0; 16]), ..between.clone() },
            Exchange {
                asking: Asking { member: MemberId([0; 16]), ..between.asking.clone() },
                ..between.clone()
            },
        ];
        for other in others {
            assert!(other.open(&phone, &sealed).is_err(), "replayed");
        }
        for i in (0..sealed.len()).step_by(7) {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(between.open(&phone, &bad).is_err(), "byte {i}");
            assert!(between.open(&phone, &sealed[..i]).is_err());
        }
        assert!(!format!("{:?}", handover(1)).contains("["), "nothing of the secret is printed");
    }

    fn the_code_is_of_everything_that_counts() {
        let (phone, other) = (device(6), device(7));
        let between = exchange(&phone);
        let code = between.code();
        assert_eq!(code.len(), 11);
        assert!(code.split(' ').all(|g| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit())));
        let asking = &between.asking;
        let forged = Asking { wrap_key: other.wrap_public().to_vec(), ..asking.clone() };
        assert_ne!(forged.commitment(&between.new), asking.commitment(&between.new));
        assert_ne!(asking.commitment(&Nonce([0; 32])), asking.commitment(&between.new));
        for different in [
            Exchange { asking: forged, ..between.clone() },
            Exchange { approver: other.id(), ..between.clone() },
            Exchange { new: Nonce([0; 32]), ..between.clone() },
            Exchange { approving: Nonce([0; 32]), ..between.clone() },
        ] {
            assert_ne!(different.code(), code);
        }
    }
}
