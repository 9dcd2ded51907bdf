//! Links: the sealed way back from one epoch to the one before (`docs/crypto.md`, section 5).

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use protocol::{ConversationId, Hash32};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    content::EpochSecret,
    error::{Error, Result},
    kdf::kdf,
    suite::{Reader, Writer},
};

/// The length of a link, in bytes.
pub const LINK_LEN: usize = 3 + 32 + 32 + 16;

/// Seals e_n for everybody who knows e_{n+1} (or, over a restart, the first secret after it). `n`,
/// `conversation` and `restart` name the epoch that the link leads to.
///
/// # Panics
/// Never: AES-GCM seals 32 bytes.
#[must_use]
pub fn seal_link(
    e_next: &EpochSecret,
    n: u64,
    conversation: ConversationId,
    restart: u32,
    e_n: &EpochSecret,
) -> Vec<u8> {
    let (keys, aad) = derive(e_next, n, conversation, restart);
    let sealed = Aes256Gcm::new((&keys.0).into())
        .encrypt(
            &Default::default(),
            Payload {
                msg: e_n.as_bytes(),
                aad: &aad,
            },
        )
        .expect("32 bytes are within AES-GCM's limits");
    Writer::new()
        .header()
        .bytes(&keys.1)
        .bytes(&sealed)
        .finish()
}

/// Opens a link. `expected_c_n` comes from the commit that closed epoch n, which MLS authenticates.
///
/// # Errors
/// [`Error::Malformed`], [`Error::UnknownVersion`]; [`Error::CannotOpen`] for another key, epoch or conversation
/// or changed bytes; [`Error::WrongOwner`] when what it holds is not e_n.
pub fn open_link(
    e_next: &EpochSecret,
    n: u64,
    conversation: ConversationId,
    restart: u32,
    link: &[u8],
    expected_c_n: Hash32,
) -> Result<EpochSecret> {
    let mut r = Reader::new(link, "link");
    r.header()?;
    let commitment: [u8; 32] = r.array()?;
    let sealed: [u8; 48] = r.array()?;
    r.finish()?;
    let (keys, aad) = derive(e_next, n, conversation, restart);
    if !bool::from(commitment.ct_eq(&keys.1)) {
        return Err(Error::CannotOpen("link"));
    }
    let opened = Zeroizing::new(
        Aes256Gcm::new((&keys.0).into())
            .decrypt(
                &Default::default(),
                Payload {
                    msg: &sealed,
                    aad: &aad,
                },
            )
            .map_err(|_| Error::CannotOpen("link"))?,
    );
    let e_n = EpochSecret::from_slice(&opened).ok_or(Error::Malformed("link"))?;
    if e_n.commits_to(&expected_c_n) {
        Ok(e_n)
    } else {
        Err(Error::WrongOwner("link"))
    }
}

type Keys = Zeroizing<(Zeroizable, Zeroizable)>;
type Zeroizable = [u8; 32];

fn derive(e_next: &EpochSecret, n: u64, c: ConversationId, restart: u32) -> (Keys, Vec<u8>) {
    let aad = Writer::new()
        .header()
        .bytes(c.as_bytes())
        .u32(restart)
        .u64(n)
        .finish();
    let both = kdf::<64>(e_next.as_bytes(), "link", &aad);
    (split(&both), aad)
}

/// Splits derived bytes into key and commitment.
pub(crate) fn split(both: &[u8; 64]) -> Keys {
    let mut keys = Zeroizing::new(([0; 32], [0; 32]));
    keys.0.copy_from_slice(&both[..32]);
    keys.1.copy_from_slice(&both[32..]);
    keys
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
