//! What can go wrong in keys, identity, vault and the fixed layouts. Never carries secrets.

/// A refusal by this crate's decoders and checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes do not have the layout they should have; the text names the structure.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// Written by a newer version or for another suite: keep the bytes, show "update the app to see this".
    #[error("version {version}, suite {suite} is not known here: update the app")]
    UnknownVersion {
        /// The version found.
        version: u8,
        /// The suite found (0 where the structure was not read that far).
        suite: u16,
    },
    /// A signature, tag or proof does not verify.
    #[error("the signature of this {0} does not verify")]
    BadSignature(&'static str),
    /// Signed or sealed correctly, but for somebody or something else.
    #[error("this {0} belongs to somebody or something else")]
    WrongOwner(&'static str),
    /// Ciphertext that does not open: another key, other associated data, or changed bytes.
    #[error("this {0} cannot be opened")]
    CannotOpen(&'static str),
    /// A value that must not go back went back, or a chain does not continue.
    #[error("this {0} is older than, or not the successor of, what is known")]
    NotNewer(&'static str),
    /// No key, or no recipient, of that number or name.
    #[error("there is no key here for this {0}")]
    NoKey(&'static str),
    /// A value is longer or larger than allowed.
    #[error("this {0} is too long")]
    TooLong(&'static str),
    /// The cryptographic library refused (no randomness, bad public key).
    #[error("the cryptographic library refused: {0}")]
    Library(&'static str),
}

/// The result of this crate's operations.
pub type Result<T> = std::result::Result<T, Error>;
