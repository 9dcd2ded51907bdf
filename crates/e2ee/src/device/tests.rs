//! Device keys and session proofs.

use serde_json::json;

use super::*;
use crate::testing::{check_vectors, rng};

const INSTANCE: InstanceId = InstanceId([0x11; 16]);
const LIFE: IncarnationId = IncarnationId([0x22; 16]);
const DEVICE: DeviceId = DeviceId([0xd1; 16]);

test_everywhere! {
    fn vectors() {
        use sha2::Digest;
        let keys = DeviceKeys::generate(&mut rng(1), DEVICE).unwrap();
        let made = json!({
            "instance": INSTANCE.to_string(), "incarnation": LIFE.to_string(), "device": DEVICE.to_string(),
            "keys": hex::encode(keys.to_bytes()),
            "signing_public": hex::encode(keys.signing_public().0),
            "wrap_public_sha256": hex::encode(sha2::Sha256::digest(keys.wrap_public())),
            "challenge": hex::encode([5u8; 32]),
            "session_proof": hex::encode(keys.session_proof(INSTANCE, LIFE, &[5; 32])),
        });
        check_vectors("device.json", include_str!("../../vectors/device.json"), &made);
    }

    fn proofs_serve_one_connection_of_one_device() {
        let keys = DeviceKeys::generate(&mut rng(1), DEVICE).unwrap();
        let other = DeviceKeys::generate(&mut rng(2), DEVICE).unwrap();
        let proof = keys.session_proof(INSTANCE, LIFE, &[5; 32]);
        let check = |key: &DeviceKeys, instance, life, device, challenge: &[u8; 32], proof: &[u8; 64]| {
            verify_session_proof(&key.signing_public(), instance, life, device, challenge, proof)
        };
        check(&keys, INSTANCE, LIFE, DEVICE, &[5; 32], &proof).unwrap();
        assert!(check(&keys, INSTANCE, LIFE, DEVICE, &[6; 32], &proof).is_err(), "replayed");
        assert!(check(&keys, InstanceId([0; 16]), LIFE, DEVICE, &[5; 32], &proof).is_err());
        assert!(check(&keys, INSTANCE, IncarnationId([0; 16]), DEVICE, &[5; 32], &proof).is_err());
        assert!(check(&keys, INSTANCE, LIFE, DeviceId([0; 16]), &[5; 32], &proof).is_err());
        assert!(check(&other, INSTANCE, LIFE, DEVICE, &[5; 32], &proof).is_err(), "stolen");
        assert!(check(&keys, INSTANCE, LIFE, DEVICE, &[5; 32], &[0; 64]).is_err());
    }

    fn keys_survive_the_local_store() {
        let keys = DeviceKeys::generate(&mut rng(1), DEVICE).unwrap();
        let bytes = keys.to_bytes();
        let read = DeviceKeys::from_bytes(&bytes).unwrap();
        assert_eq!(read.signing_public(), keys.signing_public());
        assert_eq!((read.wrap_public(), read.id()), (keys.wrap_public(), DEVICE));
        for i in 0..bytes.len() {
            assert!(DeviceKeys::from_bytes(&bytes[..i]).is_err());
        }
        assert!(!format!("{keys:?}").contains(&hex::encode(&bytes[19..27])));
    }
}
