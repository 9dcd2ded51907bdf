//! Safety numbers: what two people compare to know that nobody stands between them.

use protocol::{Hash32, MemberId};
use sha2::{Digest, Sha512};

use crate::{
    error::{Error, Result},
    identity::root_fingerprint,
    kdf::label,
    signing::PublicKey,
    suite::{Reader, VERSION, Writer},
};

/// Makes guessing a colliding half slower, as in Signal's safety numbers.
const ROUNDS: usize = 5200;

/// The safety number of two members: 60 digits, the same from both sides.
#[must_use]
pub fn safety_number(a: (&PublicKey, MemberId), b: (&PublicKey, MemberId)) -> String {
    let (a, b) = (half(a.0, a.1), half(b.0, b.1));
    if a <= b { a + &b } else { b + &a }
}

fn half(root: &PublicKey, member: MemberId) -> String {
    let mut state = label("safety number");
    state.extend_from_slice(root.as_bytes());
    state.extend_from_slice(member.as_bytes());
    for _ in 0..ROUNDS {
        state = Sha512::new()
            .chain_update(&state)
            .chain_update(root.as_bytes())
            .finalize()
            .to_vec();
    }
    state[..30]
        .chunks_exact(5)
        .map(|group| {
            let number = group.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            format!("{:05}", number % 100_000)
        })
        .collect()
}

/// The QR form that one's own app shows: `u8 1 || own root fingerprint || the other's`.
#[must_use]
pub fn safety_qr(own_root: &PublicKey, other_root: &PublicKey) -> Vec<u8> {
    Writer::new()
        .u8(VERSION)
        .bytes(root_fingerprint(own_root).as_bytes())
        .bytes(root_fingerprint(other_root).as_bytes())
        .finish()
}

/// The root fingerprints in a scanned QR code: of the one who shows it, and of the one whom they take us for.
///
/// # Errors
/// [`Error::Malformed`] for anything that is no safety code, [`Error::UnknownVersion`].
pub fn read_safety_qr(scanned: &[u8]) -> Result<(Hash32, Hash32)> {
    const WHAT: &str = "safety code";
    let mut r = Reader::new(scanned, WHAT);
    match r.u8()? {
        0 => return Err(Error::Malformed(WHAT)),
        VERSION => {}
        version => return Err(Error::UnknownVersion { version, suite: 0 }),
    }
    let shown = (Hash32(r.array()?), Hash32(r.array()?));
    r.finish()?;
    Ok(shown)
}

/// Whether the QR code scanned from the other's screen names both of us as we know each other.
#[must_use]
pub fn safety_qr_matches(scanned: &[u8], own_root: &PublicKey, other_root: &PublicKey) -> bool {
    scanned == safety_qr(other_root, own_root)
}
