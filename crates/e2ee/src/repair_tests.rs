use serde_json::json;

use super::*;
use crate::{Error, identity::RootIdentity, testing::check_vectors};

fn request() -> RepairRequest {
    RepairRequest {
        instance: InstanceId([1; 16]),
        conversation: ConversationId([2; 16]),
        restart: 3,
        member: MemberId([4; 16]),
        key_package: Hash32([5; 32]),
        time: 1_790_000_000_000,
    }
}

fn account(seed: u8, generation: u32) -> (AccountKey, AccountCertificate) {
    let root = RootIdentity::from_seed(&[9; 32]);
    let key = AccountKey::from_seed(&[seed; 32], generation);
    let (instance, member) = (request().instance, request().member);
    let certificate = root
        .certify(instance, member, "ada", "Ada", &key.public(), generation)
        .unwrap();
    (key, certificate)
}

test_everywhere! {
    fn a_request_is_read_as_it_was_signed() {
        let (key, certificate) = account(1, 1);
        let bytes = request().sign(&key);
        assert_eq!(bytes.len(), REPAIR_REQUEST_LEN);
        let read = RepairRequest::verify(&bytes, &certificate).unwrap();
        assert_eq!(read, request());
        for end in 0..bytes.len() {
            assert!(RepairRequest::decode(&bytes[..end]).is_err());
        }
        assert!(RepairRequest::decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    fn a13_a_request_by_another_key_or_changed_on_the_way_is_refused() {
        let (key, certificate) = account(1, 1);
        let bytes = request().sign(&key);
        for at in 3..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert!(RepairRequest::verify(&bad, &certificate).is_err(), "{at}");
        }
        let (old, _) = account(1, 1);
        let (_, newest) = account(2, 2);
        let by_old = request().sign(&old);
        let refused = RepairRequest::verify(&by_old, &newest);
        assert_eq!(
            refused,
            Err(Error::BadSignature(LABEL)),
            "an earlier generation"
        );
        let other = RepairRequest {
            member: MemberId([7; 16]),
            ..request()
        };
        assert!(RepairRequest::verify(&other.sign(&key), &certificate).is_err());
    }

    fn a_request_is_answered_for_a_day() {
        let request = request();
        for (now, fresh) in [
            (request.time, true),
            (request.time + DAY, true),
            (request.time + DAY + 1, false),
            (request.time - DAY, true),
            (request.time - DAY - 1, false),
            (0, false),
        ] {
            assert_eq!(request.is_fresh(now), fresh, "{now}");
        }
    }

    fn the_bytes_are_those_of_the_vectors() {
        let (key, certificate) = account(1, 1);
        let vectors = json!({
            "account_certificate": hex::encode(certificate.bytes()),
            "request": hex::encode(request().sign(&key)),
        });
        check_vectors("repair.json", include_str!("../vectors/repair.json"), &vectors);
    }
}
