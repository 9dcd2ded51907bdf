//! Pictures for tests.

/// A picture that is another for each number: a JPEG with nothing to see.
#[must_use]
pub fn picture(number: u32) -> Vec<u8> {
    let comment = [&[0xff, 0xfe, 0, 6][..], &number.to_be_bytes()].concat();
    let frame = [0xff, 0xc0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0];
    let scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f];
    [&[0xff, 0xd8][..], &comment, &frame, &scan, &[0xff, 0xd9]].concat()
}
