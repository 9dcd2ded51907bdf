//! Account certificates and pins: only what the root signed is accepted, and it is its own encoding.
#![no_main]

use e2ee::identity::{AccountCertificate, Pin, PinVerdict, RootIdentity};
use libfuzzer_sys::fuzz_target;
use protocol::{InstanceId, MemberId};

fuzz_target!(|data: &[u8]| {
    if let Ok(certificate) = AccountCertificate::decode(data) {
        assert_eq!(certificate.bytes(), data);
        assert!(certificate.generation > 0);
        let pin = Pin::first(&certificate, 1);
        assert_eq!(pin.check(&certificate), PinVerdict::Same);
        assert_eq!(Pin::decode(&pin.encode()).expect("what was encoded"), pin);
    }
    let _ = Pin::decode(data);

    // Names from the input, one bit changed at a place from the input.
    let text = String::from_utf8_lossy(data);
    let (login, display) = text.split_at(text.floor_char_boundary(text.len() / 3));
    let root = RootIdentity::from_seed(&[1; 32]);
    let account = RootIdentity::from_seed(&[2; 32]).public();
    let made = root.certify(
        InstanceId([3; 16]),
        MemberId([4; 16]),
        login,
        display,
        &account,
        1,
    );
    if let Ok(made) = made {
        let read = AccountCertificate::decode(made.bytes()).expect("what was signed");
        assert_eq!(read, made);
        let mut bad = made.bytes().to_vec();
        let at = data
            .first()
            .map_or(0, |b| usize::from(*b) * bad.len() / 256);
        bad[at] ^= 1;
        assert!(AccountCertificate::decode(&bad).is_err());
    }
});
