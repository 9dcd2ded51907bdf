//! Looks at the shape of MessagePack bytes before anything is allocated for them.
//!
//! Serde makes room ahead for the lengths that headers claim (up to 1 MiB for each list) and one byte of input may
//! become a value of 32 bytes or more. So a frame is first walked through once without allocating: every length must
//! fit in what is left, nesting is limited, and the number of values is limited by the number of bytes.

use crate::{frame::DecodeError, limits::NUMBER_MAX};

/// Deepest nesting of lists and maps.
pub(crate) const DEPTH_MAX: usize = 32;
/// Values that any frame may have; beyond, there must be [`BYTES_PER_VALUE`] bytes for each.
const VALUES_FREE: usize = 4096;
/// Bytes that each value takes at least on average. Lists of the protocol take more than 7.
const BYTES_PER_VALUE: usize = 4;

/// Checks that the bytes are exactly one MessagePack value of a reasonable shape.
///
/// # Errors
/// [`DecodeError`] for truncated, overlong, too deep or too crowded bytes. The message has none of the content.
pub(crate) fn check(bytes: &[u8]) -> Result<(), DecodeError> {
    let mut walk = Walk { left: bytes };
    let mut values = 0usize;
    let most = VALUES_FREE + bytes.len() / BYTES_PER_VALUE;
    // how many values each open list or map still needs; the lowest is the one at the top
    let mut open = [0u64; DEPTH_MAX + 1];
    open[0] = 1;
    let mut depth = 0;
    loop {
        while open[depth] == 0 {
            if depth == 0 {
                return if walk.left.is_empty() {
                    Ok(())
                } else {
                    refuse("bytes after the end")
                };
            }
            depth -= 1;
        }
        open[depth] -= 1;
        values += 1;
        if values > most {
            return refuse("too many values");
        }
        let inner = walk.value()?;
        if inner > walk.left.len() as u64 {
            return refuse("a length beyond the end");
        }
        if inner > 0 {
            depth += 1;
            if depth > DEPTH_MAX {
                return refuse("nested too deeply");
            }
            open[depth] = inner;
        }
    }
}

fn refuse<T>(why: &str) -> Result<T, DecodeError> {
    Err(DecodeError(why.to_owned()))
}

struct Walk<'a> {
    left: &'a [u8],
}

impl Walk<'_> {
    /// Reads one value's header and skips its bytes. Gives how many values it contains.
    fn value(&mut self) -> Result<u64, DecodeError> {
        let marker = self.number(1)?;
        let (skip, inner) = match marker {
            0x00..=0x7F | 0xC0 | 0xC2 | 0xC3 | 0xE0..=0xFF => (0, 0),
            0x80..=0x8F => (0, 2 * (marker & 0x0F)),
            0x90..=0x9F => (0, marker & 0x0F),
            0xA0..=0xBF => (marker & 0x1F, 0),
            0xC4 | 0xD9 => (self.number(1)?, 0),
            0xC5 | 0xDA => (self.number(2)?, 0),
            0xC6 | 0xDB => (self.number(4)?, 0),
            // extensions have a byte for their type
            0xC7 => (self.number(1)? + 1, 0),
            0xC8 => (self.number(2)? + 1, 0),
            0xC9 => (self.number(4)? + 1, 0),
            0xCC | 0xD0 => (1, 0),
            0xCD | 0xD1 => (2, 0),
            0xCA | 0xCE | 0xD2 => (4, 0),
            0xCB => (8, 0),
            0xCF | 0xD3 => (self.big_number(marker == 0xD3)?, 0),
            0xD4..=0xD8 => ((1 << (marker - 0xD4)) + 1, 0),
            0xDC => (0, self.number(2)?),
            0xDD => (0, self.number(4)?),
            0xDE => (0, 2 * self.number(2)?),
            0xDF => (0, 2 * self.number(4)?),
            _ => return refuse("a byte that MessagePack does not use"),
        };
        self.take(skip)?;
        Ok(inner)
    }

    /// Reads a number of 64 bits: one that not every language can hold is refused, and nothing that counts on from one
    /// that is let through can run over. Gives the bytes still to skip: none.
    fn big_number(&mut self, signed: bool) -> Result<u64, DecodeError> {
        let number = self.number(8)?;
        let negative = signed && number >> 63 == 1;
        if number > NUMBER_MAX && !negative {
            return refuse("a number above 2^53 - 1");
        }
        Ok(0)
    }

    /// A big-endian number of so many bytes.
    fn number(&mut self, bytes: u64) -> Result<u64, DecodeError> {
        Ok(self
            .take(bytes)?
            .iter()
            .fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn take(&mut self, bytes: u64) -> Result<&[u8], DecodeError> {
        let split = usize::try_from(bytes)
            .ok()
            .and_then(|n| self.left.split_at_checked(n));
        let Some((taken, left)) = split else {
            return refuse("truncated");
        };
        self.left = left;
        Ok(taken)
    }
}
