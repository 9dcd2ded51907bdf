//! Version, suite and the fixed binary layouts of `docs/crypto.md`, section 1; strict MessagePack.

use protocol::msgpack;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, Result};

/// The version of everything this crate stores and signs.
pub const VERSION: u8 = 1;
/// The one suite known: X-Wing, ChaCha20-Poly1305, AES-256-GCM, XChaCha20-Poly1305, SHA-256, Ed25519, OPAQUE.
pub const SUITE: u16 = 1;

/// Builds a fixed layout: big-endian integers, raw bytes, length-prefixed bytes. Wipes itself when dropped.
#[derive(Default)]
pub struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// Starts empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one byte.
    #[must_use]
    pub fn u8(self, v: u8) -> Self {
        self.bytes(&[v])
    }

    /// Appends a big-endian integer.
    #[must_use]
    pub fn u16(self, v: u16) -> Self {
        self.bytes(&v.to_be_bytes())
    }

    /// Appends a big-endian integer.
    #[must_use]
    pub fn u32(self, v: u32) -> Self {
        self.bytes(&v.to_be_bytes())
    }

    /// Appends a big-endian integer.
    #[must_use]
    pub fn u64(self, v: u64) -> Self {
        self.bytes(&v.to_be_bytes())
    }

    /// Appends bytes as they are.
    #[must_use]
    pub fn bytes(mut self, v: &[u8]) -> Self {
        let needed = self.0.len() + v.len();
        if needed > self.0.capacity() {
            // Growing in place would leave an unwiped copy behind.
            let mut bigger = Vec::with_capacity(needed.next_power_of_two().max(128));
            bigger.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = Zeroizing::new(bigger);
        }
        self.0.extend_from_slice(v);
        self
    }

    /// Appends `LP(v)`: `u32` length, then the bytes.
    ///
    /// # Panics
    /// When `v` is 4 GiB or longer; every caller limits its fields far below.
    #[must_use]
    pub fn lp(self, v: &[u8]) -> Self {
        let len = u32::try_from(v.len()).expect("fields are far below 4 GiB");
        self.u32(len).bytes(v)
    }

    /// Appends `u8 1 || u16 suite`.
    #[must_use]
    pub fn header(self) -> Self {
        self.u8(VERSION).u16(SUITE)
    }

    /// What was written so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What was written, as plain bytes (for what is not secret).
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.0)
    }

    /// What was written, as bytes that are wiped when dropped.
    #[must_use]
    pub fn finish_secret(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

/// Reads a fixed layout; every shortfall is [`Error::Malformed`] with the structure's name.
pub struct Reader<'a> {
    rest: &'a [u8],
    all: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which should be a `what`.
    #[must_use]
    pub fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self {
            rest: bytes,
            all: bytes,
            what,
        }
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] when fewer are left. The same for all readers below.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, tail) = self
            .rest
            .split_at_checked(n)
            .ok_or(Error::Malformed(self.what))?;
        self.rest = tail;
        Ok(head)
    }

    /// Whether everything was read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// See [`Reader::take`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| Error::Malformed(self.what))
    }

    /// One byte.
    ///
    /// # Errors
    /// See [`Reader::take`].
    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// A big-endian integer.
    ///
    /// # Errors
    /// See [`Reader::take`].
    pub fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// A big-endian integer.
    ///
    /// # Errors
    /// See [`Reader::take`].
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// A big-endian integer.
    ///
    /// # Errors
    /// See [`Reader::take`].
    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// `LP(x)` of at most `max` bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] when longer than `max` or than what is left.
    pub fn lp(&mut self, max: usize) -> Result<&'a [u8]> {
        let len = usize::try_from(self.u32()?).map_err(|_| Error::Malformed(self.what))?;
        if len > max {
            return Err(Error::Malformed(self.what));
        }
        self.take(len)
    }

    /// `LP(x)` of UTF-8 text of at most `max` bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] when too long, cut off or not UTF-8.
    pub fn text(&mut self, max: usize) -> Result<&'a str> {
        let what = self.what;
        std::str::from_utf8(self.lp(max)?).map_err(|_| Error::Malformed(what))
    }

    /// `u8 1 || u16 suite`.
    ///
    /// # Errors
    /// [`Error::UnknownVersion`] for any other version or suite, [`Error::Malformed`] when cut off or version 0.
    pub fn header(&mut self) -> Result<()> {
        let version = self.u8()?;
        if version == 0 {
            return Err(Error::Malformed(self.what));
        }
        if version != VERSION {
            return Err(Error::UnknownVersion { version, suite: 0 });
        }
        let suite = self.u16()?;
        if suite != SUITE {
            return Err(Error::UnknownVersion { version, suite });
        }
        Ok(())
    }

    /// Everything read so far, for checking a signature over "all bytes before".
    #[must_use]
    pub fn consumed(&self) -> &'a [u8] {
        &self.all[..self.all.len() - self.rest.len()]
    }

    /// Everything not read yet.
    #[must_use]
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// Ends reading.
    ///
    /// # Errors
    /// [`Error::Malformed`] when bytes are left over.
    pub fn finish(self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Error::Malformed(self.what))
        }
    }
}

/// A MessagePack map with string keys, wiped when dropped.
///
/// # Panics
/// Never for the structures of this crate: they are plain maps of numbers, text, bytes and lists.
#[must_use]
pub fn to_msgpack<T: Serialize>(value: &T) -> Zeroizing<Vec<u8>> {
    // 16 KiB of room at once: a record that fits leaves no unwiped copies behind by growing.
    let mut out = Zeroizing::new(Vec::with_capacity(16 * 1024));
    value
        .serialize(&mut rmp_serde::Serializer::new(&mut *out).with_struct_map())
        .expect("plain maps always encode into memory");
    out
}

#[derive(Deserialize)]
struct Versioned {
    v: u8,
    suite: Option<u16>,
}

/// Reads a MessagePack map that begins its life with `v: 1` (and, where present, the known `suite`).
///
/// # Errors
/// [`Error::UnknownVersion`] for another version or suite; [`Error::Malformed`] for anything else that is not
/// exactly one such map.
pub fn from_msgpack<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T> {
    from_msgpack_of(bytes, what, |suite| suite == SUITE)
}

/// The same for what may be of any suite that `known` says.
///
/// # Errors
/// As [`from_msgpack`].
pub(crate) fn from_msgpack_of<T: DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
    known: impl Fn(u16) -> bool,
) -> Result<T> {
    let head: Versioned = one_map(bytes, what)?;
    match (head.v, head.suite) {
        (0, _) => Err(Error::Malformed(what)),
        (VERSION, suite) if suite.is_none_or(known) => one_map(bytes, what),
        (version, suite) => Err(Error::UnknownVersion {
            version,
            suite: suite.unwrap_or(0),
        }),
    }
}

/// Levels of lists and maps that anything read here may have; none needs more than a quarter.
pub(crate) const DEPTH: usize = 64;

/// Reads exactly one MessagePack map, without a version.
///
/// # Errors
/// [`Error::Malformed`].
pub fn one_map<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T> {
    // some types could be read from a list as well; one thing has one encoding here
    if !matches!(bytes.first(), Some(0x80..=0x8f | 0xde | 0xdf)) {
        return Err(Error::Malformed(what));
    }
    msgpack::from_slice(bytes, DEPTH).map_err(|_| Error::Malformed(what))
}
