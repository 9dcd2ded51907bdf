//! Padmé padding (Nikitin, Barman, Lueks, Underwood, Hubaux, Ford: "Reducing Metadata Leakage from Encrypted Files and
//! Communication with PURBs", PoPETs 2019, section 4): leaks at most O(log log n) bits of a length, costs at most 12 %.

use zeroize::Zeroizing;

/// The least padded length of a message, in bytes. About 270 are taken before the first letter of the text.
pub const LEAST_MESSAGE: usize = 512;
/// The padded length of every receipt, in bytes.
pub const LEAST_RECEIPT: usize = 256;

/// The Padmé length for `len` bytes: the smallest number not below it whose mantissa is no longer than its exponent.
#[must_use]
pub fn padme(len: usize) -> usize {
    if len < 2 {
        return len;
    }
    let exponent = len.ilog2();
    let mantissa = exponent.ilog2() + 1;
    let mask = (1usize << (exponent - mantissa.min(exponent))) - 1;
    len.saturating_add(mask) & !mask
}

/// `u32 length || content || zeros`, of Padmé's length and at least `least`. `None` above 4 GiB.
pub(crate) fn pad(content: &[u8], least: usize) -> Option<Zeroizing<Vec<u8>>> {
    let length = u32::try_from(content.len()).ok()?;
    let total = padme(content.len() + 4).max(least);
    let mut out = Zeroizing::new(vec![0; total]);
    out[..4].copy_from_slice(&length.to_be_bytes());
    out[4..4 + content.len()].copy_from_slice(content);
    Some(out)
}

/// The content of what [`pad`] made; `None` for anything else.
pub(crate) fn unpad(padded: &[u8], least: usize) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (content, zeros) = rest.split_at_checked(length)?;
    let right = padded.len() == padme(length + 4).max(least) && zeros.iter().all(|b| *b == 0);
    right.then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    test_everywhere! {
        fn the_lengths_of_the_paper() {
            // From the definition: 9 -> 10 (exponent 3, mantissa 2, steps of 2), 1000 -> 1024 would be a power of two.
            for (from, to) in [(0, 0), (1, 1), (2, 2), (9, 10), (100, 104), (256, 256), (257, 272), (1000, 1024), (1025, 1088), (65537, 67584)] {
                assert_eq!(padme(from), to, "{from}");
            }
        }

        fn what_is_padded_is_found_again_and_nothing_else_is_taken() {
            for len in [0, 1, 507, 508, 509, 1000, 20_000] {
                let content = vec![7; len];
                let mut padded = pad(&content, 512).unwrap();
                assert_eq!(unpad(&padded, 512).unwrap(), content);
                if padded.len() > len + 4 {
                    *padded.last_mut().unwrap() = 1;
                    assert!(unpad(&padded, 512).is_none(), "no room for hidden bytes");
                }
                padded.push(0);
                assert!(unpad(&padded, 512).is_none());
            }
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn never_shorter_and_at_most_an_eighth_longer(len in 0usize..1 << 40) {
            let padded = padme(len);
            assert!(padded >= len && padded - len <= len / 8 + 1 && padme(padded) == padded);
        }

        #[test]
        fn any_bytes_can_be_offered(bytes: Vec<u8>) {
            let _ = unpad(&bytes, 256);
        }
    }
}
