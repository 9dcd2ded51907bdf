//! Bodies and receipts, bare and sealed: what is read comes back the same, and nobody outside seals anything.
#![no_main]

use e2ee::content::{
    Body, ContentError, Context, EpochSecret, Receipt, TimedSecret, open_message, open_receipt,
    open_timed, padme,
};
use libfuzzer_sys::fuzz_target;
use protocol::{ConversationId, InstanceId, MemberId};

fuzz_target!(|data: &[u8]| {
    if let Ok(body) = Body::decode(data) {
        let again = body.encode().expect("within the limits it was read with");
        assert!(Body::decode(&again).is_ok_and(|b| b == body));
    }
    if let Ok(receipt) = Receipt::decode(data) {
        assert!(Receipt::decode(&receipt.encode()).is_ok_and(|r| r == receipt));
    }
    let context = Context {
        instance: InstanceId([1; 16]),
        conversation: ConversationId([2; 16]),
        restart: 0,
        epoch: 3,
        sender: MemberId([4; 16]),
    };
    let secret = EpochSecret::new([5; 32]);
    let known = |_| -> Option<e2ee::identity::LeafCertificate> {
        panic!("nothing opened, so nothing is asked")
    };
    for sealed in [data, &[&[1, 0, 1][..], data].concat()] {
        let message = open_message(&secret, &context, sealed, &known);
        assert!(!matches!(
            message,
            Ok(_) | Err(ContentError::UnknownCertificate(_))
        ));
        let timed = TimedSecret::new([6; 32]);
        assert!(open_timed((&timed, &secret), &context, sealed, &known).is_err());
        assert!(open_receipt(&secret, &context, sealed, &known).is_err());
    }
    let len = data.len();
    assert!(padme(len) >= len && padme(padme(len)) == padme(len));
});
