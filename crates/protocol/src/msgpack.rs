//! Reading MessagePack: the tokens, and serde on top of them (ADR 0010).
//!
//! Structures are read from maps, not from lists: one thing has one encoding. Writing is rmp-serde's.

mod de;
mod reader;

use serde::Deserialize;

pub use reader::Error;
use reader::Reader;

/// Reads exactly one value of at most so many levels of lists and maps.
///
/// Nothing is allocated ahead for more elements than there are bytes left.
///
/// # Errors
/// [`Error`] when the bytes are not exactly one such value. Its message has none of the content.
pub fn from_slice<'de, T: Deserialize<'de>>(bytes: &'de [u8], depth: usize) -> Result<T, Error> {
    let mut reader = Reader::new(bytes, depth);
    let value = T::deserialize(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

#[cfg(test)]
mod tests;
