//! Pictures of groups: what counts as one (`docs/crypto.md`, section 6).
//!
//! Members' devices hand a picture to a decoder of their own, a browser's for instance. So that nobody can make those work or
//! crash by what they call a picture, it is a small JPEG whose header is as encoders write it, and nothing else. A crate that
//! only looks for the size reads over what it does not know, which is not enough here.

use super::ContentError;

/// The largest picture, in bytes.
pub const MAX_PICTURE: usize = 24 * 1024;
/// Its greatest width and height, in pixels.
pub const MAX_PICTURE_SIDE: u16 = 512;

// Markers of ITU-T T.81, table B.1.
const START: [u8; 2] = [0xff, 0xd8];
const END: [u8; 2] = [0xff, 0xd9];
const TABLES: [u8; 3] = [0xc4, 0xdb, 0xdd];
const SCAN: u8 = 0xda;
const COMMENT: u8 = 0xfe;

/// Width and height of a picture, in pixels.
///
/// # Errors
/// [`ContentError::TooLong`] above [`MAX_PICTURE`] or [`MAX_PICTURE_SIDE`]; [`ContentError::Malformed`] for what is no whole
/// JPEG (baseline or progressive, of eight bits, grey or in three colours).
pub fn picture_size(jpeg: &[u8]) -> Result<(u16, u16), ContentError> {
    if jpeg.len() > MAX_PICTURE {
        return Err(ContentError::TooLong);
    }
    let inside = jpeg.strip_prefix(&START);
    let mut rest = inside
        .and_then(|rest| rest.strip_suffix(&END))
        .ok_or(ContentError::Malformed)?;
    let mut size = None;
    loop {
        let ([0xff, marker], after) = split(rest)? else {
            return Err(ContentError::Malformed);
        };
        let length = usize::from(u16::from_be_bytes(*split(after)?.0));
        let (segment, after) = after
            .split_at_checked(length)
            .ok_or(ContentError::Malformed)?;
        let segment = segment.get(2..).ok_or(ContentError::Malformed)?;
        match *marker {
            0xc0..=0xc2 if size.is_none() => size = Some(frame(segment)?),
            SCAN => return size.ok_or(ContentError::Malformed),
            0xe0..=0xef | COMMENT => {}
            marker if TABLES.contains(&marker) => {}
            _ => return Err(ContentError::Malformed),
        }
        rest = after;
    }
}

fn split(bytes: &[u8]) -> Result<(&[u8; 2], &[u8]), ContentError> {
    bytes.split_first_chunk().ok_or(ContentError::Malformed)
}

/// A frame header: precision, height, width, components.
fn frame(segment: &[u8]) -> Result<(u16, u16), ContentError> {
    let [8, h1, h0, w1, w0, 1 | 3, ..] = segment else {
        return Err(ContentError::Malformed);
    };
    let (width, height) = (
        u16::from_be_bytes([*w1, *w0]),
        u16::from_be_bytes([*h1, *h0]),
    );
    if width == 0 || height == 0 {
        return Err(ContentError::Malformed);
    }
    if width.max(height) > MAX_PICTURE_SIDE {
        return Err(ContentError::TooLong);
    }
    Ok((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    }

    fn frame_of(width: u16, height: u16) -> Vec<u8> {
        let ([h1, h0], [w1, w0]) = (height.to_be_bytes(), width.to_be_bytes());
        segment(0xc0, &[8, h1, h0, w1, w0, 1, 1, 0x11, 0])
    }

    fn around(segments: &[Vec<u8>]) -> Vec<u8> {
        [&START[..], &segments.concat(), &END].concat()
    }

    fn scan() -> Vec<u8> {
        [segment(SCAN, &[1, 1, 0, 0, 63, 0]), vec![0x3f, 0xd9, 0x08]].concat()
    }

    fn picture(width: u16, height: u16) -> Vec<u8> {
        let (head, table) = (segment(0xe0, b"JFIF\0"), segment(0xdb, &[1; 65]));
        around(&[head, table, frame_of(width, height), scan()])
    }

    const MALFORMED: Result<(u16, u16), ContentError> = Err(ContentError::Malformed);
    const TOO_LONG: Result<(u16, u16), ContentError> = Err(ContentError::TooLong);

    test_everywhere! {
        fn what_encoders_write_is_a_picture() {
            for (width, height) in [(1, 1), (256, 256), (512, 300), (2, MAX_PICTURE_SIDE)] {
                assert_eq!(picture_size(&picture(width, height)), Ok((width, height)));
            }
            let [progressive, colour] = [[0xc2, 1], [0xc1, 3]].map(|[marker, components]| {
                around(&[segment(marker, &[8, 0, 9, 0, 7, components]), scan()])
            });
            assert_eq!(picture_size(&progressive), Ok((7, 9)));
            assert_eq!(picture_size(&colour), Ok((7, 9)));
        }

        fn nothing_that_is_cut_short_is_a_picture() {
            let whole = picture(256, 256);
            for end in 0..whole.len() {
                assert_eq!(picture_size(&whole[..end]), MALFORMED, "{end}");
            }
        }

        fn nothing_else_is_a_picture() {
            let png = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 100]].concat();
            let (one, other) = (frame_of(9, 9), frame_of(65_535, 65_535));
            let wrong = [
                Vec::new(),
                b"GIF89a".to_vec(),
                png,
                around(&[]),
                around(&[scan()]),
                around(std::slice::from_ref(&one)),
                // a decoder might take another of two than was looked at
                around(&[one.clone(), other, scan()]),
                around(&[START.to_vec(), one.clone(), scan()]),
                around(&[END.to_vec(), one.clone(), scan()]),
                around(&[vec![0xff, 0xff], one.clone(), scan()]),
                around(&[vec![0xff, 0xe0, 0, 0], one.clone(), scan()]),
                around(&[vec![0xff, 0xe0, 0, 1], one, scan()]),
                // lossless, arithmetic, hierarchical; twelve bits; four colours; a height that is said later
                around(&[segment(0xc3, &[8, 0, 9, 0, 9, 1]), scan()]),
                around(&[segment(0xc9, &[8, 0, 9, 0, 9, 1]), scan()]),
                around(&[segment(0xde, &[8, 0, 9, 0, 9, 1]), scan()]),
                around(&[segment(0xc1, &[12, 0, 9, 0, 9, 1]), scan()]),
                around(&[segment(0xc0, &[8, 0, 9, 0, 9, 4]), scan()]),
                around(&[segment(0xc0, &[8, 0, 9]), scan()]),
                picture(256, 0),
                picture(0, 256),
            ];
            for (n, bytes) in wrong.iter().enumerate() {
                assert_eq!(picture_size(bytes), MALFORMED, "{n}");
            }
        }

        fn nothing_large_is_a_picture() {
            assert_eq!(picture_size(&picture(513, 1)), TOO_LONG);
            assert_eq!(picture_size(&picture(1, 513)), TOO_LONG);
            assert_eq!(picture_size(&picture(65_535, 65_535)), TOO_LONG);
            let longest = MAX_PICTURE - picture(9, 9).len();
            let long = |more: usize| {
                let tail = [scan(), vec![0; longest + more]].concat();
                around(&[segment(0xe0, b"JFIF\0"), segment(0xdb, &[1; 65]), frame_of(9, 9), tail])
            };
            assert_eq!(picture_size(&long(0)), Ok((9, 9)));
            assert_eq!(picture_size(&long(1)), TOO_LONG);
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_bytes_can_be_offered(
            mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600),
            at in 0usize..200,
            byte: u8,
        ) {
            let _ = picture_size(&bytes);
            bytes.splice(..0, START);
            let _ = picture_size(&bytes);
            let mut changed = picture(256, 256);
            let at = at % changed.len();
            changed[at] = byte;
            if let Ok((width, height)) = picture_size(&changed) {
                proptest::prop_assert!((1..=MAX_PICTURE_SIDE).contains(&width) && (1..=MAX_PICTURE_SIDE).contains(&height));
            }
        }
    }
}
