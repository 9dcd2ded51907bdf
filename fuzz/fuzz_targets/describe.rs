//! Descriptions of frames: of bounded length and harmless to a terminal, whatever the bytes are; and names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{describe, names};

fuzz_target!(|bytes: &[u8]| {
    let text = describe(bytes);
    assert!(text.lines().count() <= 2001);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));

    let Ok(name) = std::str::from_utf8(bytes) else {
        return;
    };
    for prepare in [names::prepare_login_name, names::prepare_display_name] {
        if let Ok(prepared) = prepare(name) {
            assert_eq!(prepare(&prepared), Ok(prepared));
        }
    }
    let _ = (names::skeleton(name), names::search_words(name));
});
