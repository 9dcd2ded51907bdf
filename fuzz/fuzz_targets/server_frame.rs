//! Replies as a client reads them: the envelope, then the result of each method, then an error's details.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{ServerFrame, catalogue, decode, details, encode};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = decode::<ServerFrame>(bytes) {
        assert_eq!(decode::<ServerFrame>(&encode(&frame)).as_ref(), Ok(&frame));
        if let Some(data) = frame.err.and_then(|err| err.data) {
            let _ = decode::<details::DirectExists>(&data);
            let _ = decode::<details::VaultConflict>(&data);
            let _ = decode::<details::EpochMoved>(&data);
        }
    }
    // the first byte chooses a method, the rest is its result
    if let Some((choice, result)) = bytes.split_first() {
        let method = &catalogue::METHODS[usize::from(*choice) % catalogue::METHODS.len()];
        let _ = (method.check_reply)(result);
    }
});
