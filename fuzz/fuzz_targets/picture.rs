//! What a member calls a picture: what is taken is small, begins and ends as a JPEG does, and nothing before or after changes that.
#![no_main]

use e2ee::content::{MAX_PICTURE, MAX_PICTURE_SIDE, picture_size};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let framed = [&[0xff, 0xd8][..], data, &[0xff, 0xd9]].concat();
    for bytes in [data, &framed] {
        let Ok((width, height)) = picture_size(bytes) else {
            continue;
        };
        assert!(bytes.len() <= MAX_PICTURE);
        assert!((1..=MAX_PICTURE_SIDE).contains(&width) && (1..=MAX_PICTURE_SIDE).contains(&height));
        assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.ends_with(&[0xff, 0xd9]));
        assert!(picture_size(&bytes[..bytes.len() - 1]).is_err(), "cut short");
        assert!(picture_size(&bytes[1..]).is_err(), "without its beginning");
    }
});
