//! Invitation and reset links, and what people type as passphrases.
#![no_main]

use e2ee::{invitation::Invitation, passphrase, reset::ResetLink};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    // Most inputs would fail at the frame: try the input as what stands inside as well.
    let inside = {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(data)
    };
    for link in [text.to_string(), format!("https://a:1/i#{inside}")] {
        if let Ok(invitation) = Invitation::decode(&link) {
            let again = Invitation::decode(&invitation.link()).expect("what was written");
            assert!(again == invitation);
        }
    }
    for link in [text.to_string(), format!("https://a:1/r#{inside}")] {
        if let Ok(reset) = ResetLink::decode(&link) {
            let again = ResetLink::decode(&reset.link("a:1")).expect("what was written");
            assert!(again == reset);
        }
    }
    if let Ok(once) = passphrase::prepare(&text) {
        let twice = passphrase::prepare(once.reveal()).expect("what was prepared");
        assert_eq!(once.reveal(), twice.reveal());
    }
});
