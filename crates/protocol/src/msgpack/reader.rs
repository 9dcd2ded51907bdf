//! The tokens of MessagePack (<https://github.com/msgpack/msgpack/blob/master/spec.md>). Nothing in here is generic, so that
//! it is compiled once.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

/// Why something could not be read. Has none of the content: that may be long, or secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    #[cold]
    pub(super) fn new(why: &str) -> Self {
        Self(why.to_owned())
    }

    /// Something else stands there than is expected.
    #[cold]
    pub(super) fn wrong(expected: &dyn Expected) -> Self {
        Self(format!("wrong type or value, expected {expected}"))
    }
}

impl de::Error for Error {
    fn custom<T: Display>(why: T) -> Self {
        Self::written(&why)
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wrong(expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wrong(expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::wrong(expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self(format!("missing field `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self(format!("duplicate field `{field}`"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("unknown variant")
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("unknown field")
    }
}

impl Error {
    /// What a type says of itself (`try_from`, for instance) may quote what it found, so it is not kept.
    #[cold]
    fn written(_: &dyn fmt::Display) -> Self {
        Self::new("wrong type or value")
    }
}

/// One step of the bytes: a value, or the head of a list or map.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Token<'de> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
    Float(f64),
    Text(&'de str),
    Binary(&'de [u8]),
    /// So many values follow.
    List(u32),
    /// So many pairs follow.
    Map(u32),
}

/// A position in the bytes.
pub(super) struct Reader<'de> {
    left: &'de [u8],
    /// Levels of lists and maps that may still be opened.
    depth: usize,
}

impl<'de> Reader<'de> {
    pub(super) fn new(bytes: &'de [u8], depth: usize) -> Self {
        Self { left: bytes, depth }
    }

    /// How many bytes are left: no list has more elements.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    /// Nothing may be left.
    pub(super) fn finish(&self) -> Result<(), Error> {
        match self.left {
            [] => Ok(()),
            _ => Err(Error::new("bytes after the end")),
        }
    }

    /// A list or map begins.
    pub(super) fn enter(&mut self) -> Result<(), Error> {
        let depth = self.depth.checked_sub(1);
        self.depth = depth.ok_or_else(|| Error::new("nested too deeply"))?;
        Ok(())
    }

    /// A list or map of which `left` elements were not read ends.
    pub(super) fn leave(&mut self, left: u32) -> Result<(), Error> {
        self.depth += 1;
        match left {
            0 => Ok(()),
            _ => Err(Error::new("more elements than expected")),
        }
    }

    /// What comes next, without going on.
    pub(super) fn peek(&self) -> Result<Token<'de>, Error> {
        let mut ahead = Self {
            left: self.left,
            depth: self.depth,
        };
        ahead.token()
    }

    #[inline(never)]
    pub(super) fn token(&mut self) -> Result<Token<'de>, Error> {
        let [marker] = self.array()?;
        Ok(match marker {
            0x00..=0x7F => Token::Unsigned(marker.into()),
            0x80..=0x8F => Token::Map((marker & 0x0F).into()),
            0x90..=0x9F => Token::List((marker & 0x0F).into()),
            0xA0..=0xBF => self.text((marker & 0x1F).into())?,
            0xC0 => Token::Nil,
            0xC2 => Token::Bool(false),
            0xC3 => Token::Bool(true),
            0xC4..=0xC6 => {
                let length = self.length(1 << (marker - 0xC4))?;
                Token::Binary(self.take(length)?)
            }
            0xCA => Token::Float(f32::from_be_bytes(self.array()?).into()),
            0xCB => Token::Float(f64::from_be_bytes(self.array()?)),
            0xCC..=0xCF => Token::Unsigned(self.number(1 << (marker - 0xCC))?),
            0xD0 => signed(i8::from_be_bytes(self.array()?).into()),
            0xD1 => signed(i16::from_be_bytes(self.array()?).into()),
            0xD2 => signed(i32::from_be_bytes(self.array()?).into()),
            0xD3 => signed(i64::from_be_bytes(self.array()?)),
            0xD9..=0xDB => {
                let length = self.length(1 << (marker - 0xD9))?;
                self.text(length)?
            }
            0xDC | 0xDD => Token::List(self.length(2 << (marker - 0xDC))?),
            0xDE | 0xDF => Token::Map(self.length(2 << (marker - 0xDE))?),
            0xE0..=0xFF => Token::Negative(i8::from_be_bytes([marker]).into()),
            0xC1 | 0xC7..=0xC9 | 0xD4..=0xD8 => {
                return Err(Error::new("a kind of value that is not used"));
            }
        })
    }

    /// Goes beyond one value, whatever it is.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        // values that are still to be skipped; none takes less than a byte
        let mut open = 1u64;
        while open > 0 {
            open -= 1;
            match self.token()? {
                Token::List(values) => open += u64::from(values),
                Token::Map(pairs) => open += 2 * u64::from(pairs),
                _ => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, length: u32) -> Result<Token<'de>, Error> {
        let text = std::str::from_utf8(self.take(length)?);
        text.map(Token::Text)
            .map_err(|_| Error::new("text that is not UTF-8"))
    }

    /// A length of 1, 2 or 4 bytes.
    fn length(&mut self, bytes: usize) -> Result<u32, Error> {
        // of four bytes at most, so it fits
        Ok(u32::try_from(self.number(bytes)?).unwrap_or(u32::MAX))
    }

    /// A big-endian number of 1, 2, 4 or 8 bytes.
    fn number(&mut self, bytes: usize) -> Result<u64, Error> {
        let bytes = self.take(bytes as u32)?;
        Ok(bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (array, left) = self.left.split_first_chunk().ok_or_else(truncated)?;
        self.left = left;
        Ok(*array)
    }

    fn take(&mut self, bytes: u32) -> Result<&'de [u8], Error> {
        let split = self.left.split_at_checked(bytes as usize);
        let (taken, left) = split.ok_or_else(truncated)?;
        self.left = left;
        Ok(taken)
    }
}

fn signed(number: i64) -> Token<'static> {
    u64::try_from(number).map_or(Token::Negative(number), Token::Unsigned)
}

#[cold]
fn truncated() -> Error {
    Error::new("truncated")
}
