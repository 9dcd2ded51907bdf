//! Frames in both directions: hostile bytes are refused without a panic, and what is accepted
//! comes back the same when it is written and read again, and is the same to another reader of MessagePack.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use protocol::{Request, ServerFrame, decode, encode};
use serde::{Serialize, de::DeserializeOwned};

fn same_again<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(frame) = decode::<T>(bytes) {
        assert_eq!(decode::<T>(&encode(&frame)).as_ref(), Ok(&frame));
        let theirs: T = rmp_serde::from_slice(bytes).expect("it is MessagePack");
        assert_eq!(theirs, frame);
    }
}

fuzz_target!(|bytes: &[u8]| {
    same_again::<Request>(bytes);
    same_again::<ServerFrame>(bytes);
});
