//! Recovery codes as they are read and written, what they prove, and what they open.

use protocol::MemberId;
use rand::RngCore;
use serde_json::json;

use super::*;
use crate::{
    device::DeviceKeys,
    error::Error,
    identity::RootIdentity,
    testing::{check_vectors, rng},
    vault::{Recipient, RootRecord, VaultKeys, WrapKey, Wraps},
};

const INSTANCE: InstanceId = InstanceId([1; 16]);
const MEMBER: MemberId = MemberId([4; 16]);

fn code(seed: u64) -> RecoveryCode {
    RecoveryCode::generate(&mut rng(seed))
}

fn connection() -> Connection {
    Connection {
        instance: INSTANCE,
        incarnation: IncarnationId([2; 16]),
        device: DeviceId([3; 16]),
        challenge: [5; 32],
    }
}

/// A vault that the code and a device open, and its root.
fn vault(keys: &RecoveryKeys, device: &DeviceKeys) -> (VaultKeys, Wraps, RootIdentity, RootRecord) {
    let rng = &mut rng(9);
    let vault_keys = VaultKeys::generate(rng);
    let device = Recipient::device(device.id(), device.wrap_public());
    let code = keys.wrap().as_recipient().made_at(7);
    let wraps = Wraps::build(&vault_keys, MEMBER, &[device, code], rng).unwrap();
    let root = RootIdentity::generate(rng);
    let record = RootRecord::seal(&root, MEMBER, keys.wrap(), rng).unwrap();
    (vault_keys, wraps, root, record)
}

test_everywhere! {

fn a_code_is_read_as_it_is_shown() {
    for seed in 0..200 {
        let code = code(seed);
        let shown = code.reveal();
        assert_eq!(shown.len(), 35);
        assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [5; 6]);
        assert_eq!(RecoveryCode::read(&shown).unwrap(), code);
        let sloppy = shown.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(RecoveryCode::read(&format!("  {sloppy}\n")).unwrap(), code);
    }
}

fn one_wrong_digit_or_two_that_changed_places_show() {
    let shown = code(1).reveal().replace('-', "");
    for at in 0..30 {
        for digit in DIGITS {
            let mut typed = shown.clone().into_bytes();
            let before = std::mem::replace(&mut typed[at], *digit);
            let read = RecoveryCode::read(std::str::from_utf8(&typed).unwrap());
            assert_eq!(read.is_ok(), before == *digit, "{at}");
        }
        let mut typed = shown.clone().into_bytes();
        typed.swap(at, (at + 1) % 30);
        let typed = String::from_utf8(typed).unwrap();
        assert_eq!(RecoveryCode::read(&typed).is_ok(), typed == shown);
    }
}

fn what_is_no_code_is_refused() {
    let shown = code(1).reveal();
    let short = &shown[..34];
    let long = format!("{}0", *shown);
    let foreign = shown.replace(|c: char| c != '-', "U");
    let endless = "-".repeat(100_000);
    for typed in ["", " ", "-", short, &long, &foreign, "é", &endless] {
        assert_eq!(RecoveryCode::read(typed), Err(RecoveryCodeError::Shape));
    }
    let zeros = "00000-".repeat(6);
    assert_eq!(RecoveryCode::read(&zeros), Err(RecoveryCodeError::Mistyped));
}

fn nothing_of_it_is_printed() {
    let code = code(1);
    let keys = code.keys(INSTANCE).unwrap();
    assert_eq!(format!("{code:?} {keys:?}"), "RecoveryCode(..) RecoveryKeys(..)");
}

fn a_proof_is_good_for_one_connection_one_purpose_and_one_code() {
    let keys = code(1).keys(INSTANCE).unwrap();
    let on = connection();
    let proof = keys.sign_in_proof(&on);
    verify_sign_in(&keys.public(), &on, &proof).unwrap();
    let others = [
        Connection { instance: InstanceId([9; 16]), ..on },
        Connection { incarnation: IncarnationId([9; 16]), ..on },
        Connection { device: DeviceId([9; 16]), ..on },
        Connection { challenge: [9; 32], ..on },
    ];
    for other in &others {
        assert!(verify_sign_in(&keys.public(), other, &proof).is_err());
    }
    let upload = [8; 192];
    assert!(verify_passphrase(&keys.public(), &on, &upload, &proof).is_err());
    let passphrase = keys.passphrase_proof(&on, &upload);
    verify_passphrase(&keys.public(), &on, &upload, &passphrase).unwrap();
    assert!(verify_passphrase(&keys.public(), &on, &[7; 192], &passphrase).is_err());
    assert!(verify_sign_in(&keys.public(), &on, &passphrase).is_err());
    let other = code(2).keys(INSTANCE).unwrap();
    assert!(verify_sign_in(&other.public(), &on, &proof).is_err());
    let elsewhere = code(1).keys(InstanceId([9; 16])).unwrap();
    assert_ne!(elsewhere.public(), keys.public());
}

fn the_code_opens_vault_and_root_after_every_change() {
    let keys = code(1).keys(INSTANCE).unwrap();
    let device = DeviceKeys::generate(&mut rng(2), DeviceId([3; 16])).unwrap();
    let (vault_keys, wraps, root, record) = vault(&keys, &device);
    let rng = &mut rng(3);
    // a new vault key is sealed to its public key, and it keeps its date
    let (next, rotated) = wraps.rotate(&vault_keys, MEMBER, |_| true, None, rng).unwrap();
    let rotated = Wraps::decode(&rotated.encode()).unwrap();
    let opened = rotated.open_with(keys.wrap(), MEMBER).unwrap();
    assert_eq!(opened.to_bytes(), next.to_bytes());
    let listed = rotated.recipients().find(|r| r.kind == WrapKey::RECOVERY_CODE).unwrap();
    assert_eq!(listed, keys.wrap().as_recipient().made_at(7));
    // who has another code opens nothing
    let other = code(4).keys(INSTANCE).unwrap();
    assert_eq!(record.open(MEMBER, keys.wrap()).unwrap().public(), root.public());
    assert!(matches!(record.open(MEMBER, other.wrap()), Err(Error::CannotOpen(_))));
    assert!(matches!(wraps.open_with(other.wrap(), MEMBER), Err(Error::NoKey(_))));
    let without = record.without(WrapKey::RECOVERY_CODE, &[0; 16]);
    assert!(matches!(without.open(MEMBER, keys.wrap()), Err(Error::NoKey(_))));
}

fn codes_and_their_keys_are_as_they_always_were() {
    let on = connection();
    let cases: Vec<_> = (0..3u64)
        .map(|seed| {
            let mut bytes = [0u8; 16];
            rng(seed).fill_bytes(&mut bytes);
            let code = code(seed);
            let keys = code.keys(INSTANCE).unwrap();
            json!({
                "bytes": hex::encode(bytes),
                "shown": *code.reveal(),
                "recovery_key": hex::encode(keys.public().as_bytes()),
                "wrap_public_sha256": hex::encode(Sha256::digest(keys.wrap().as_recipient().public_key)),
                "root_key": hex::encode(kdf::<32>(&bytes, "recovery root", INSTANCE.as_bytes()).as_slice()),
                "sign_in_proof": hex::encode(keys.sign_in_proof(&on)),
                "passphrase_proof": hex::encode(keys.passphrase_proof(&on, &[8; 192])),
            })
        })
        .collect();
    let made = json!({
        "instance": hex::encode(INSTANCE.0),
        "incarnation": hex::encode(on.incarnation.0),
        "device": hex::encode(on.device.0),
        "challenge": hex::encode(on.challenge),
        "upload": hex::encode([8; 192]),
        "codes": cases,
    });
    check_vectors("recovery.json", include_str!("../../vectors/recovery.json"), &made);
}

}
