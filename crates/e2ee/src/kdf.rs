//! Labels, key derivation and hashes with domain separation (`docs/crypto.md`, section 1).

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use protocol::Hash32;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// `LABEL(s)`: the ASCII bytes `chatalk v1 `, then `s`, then one zero byte.
#[must_use]
pub fn label(s: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len() + 12);
    out.extend_from_slice(b"chatalk v1 ");
    out.extend_from_slice(s.as_bytes());
    out.push(0);
    out
}

/// `KDF(secret, s, context, N)`: HKDF-SHA-256 (RFC 5869), empty salt, info `LABEL(s) || context`.
#[must_use]
pub fn kdf<const N: usize>(secret: &[u8], s: &str, context: &[u8]) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "the limit of HKDF-SHA-256") };
    let mut out = Zeroizing::new([0u8; N]);
    Hkdf::<Sha256>::new(None, secret)
        .expand_multi_info(&[&label(s), context], out.as_mut_slice())
        .expect("the length is checked at compile time");
    out
}

/// `HASH(s, m)`: SHA-256(`LABEL(s) || m`).
#[must_use]
pub fn hash(s: &str, m: &[u8]) -> Hash32 {
    Hash32(
        Sha256::new()
            .chain_update(label(s))
            .chain_update(m)
            .finalize()
            .into(),
    )
}

/// HMAC-SHA-256 (RFC 2104) of the concatenated parts.
pub(crate) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    started(key, parts).finalize().into_bytes().into()
}

/// Compares an HMAC-SHA-256 in constant time.
pub(crate) fn hmac_matches(key: &[u8; 32], parts: &[&[u8]], tag: &[u8]) -> bool {
    started(key, parts).verify_slice(tag).is_ok()
}

fn started(key: &[u8; 32], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}
