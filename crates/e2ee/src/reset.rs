//! Reset links: what an administrator hands to somebody who has lost every way in (`docs/crypto.md`, section 7). Who has
//! one begins a new identity under the same names; nothing of before is opened by it.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::Hash32;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    kdf::hash,
    suite::VERSION,
};

const WHAT: &str = "reset link";
/// The longest link, in bytes: an address as in invitations, and the fragment.
const MAX_LINK: usize = 512;

/// The secret of a reset link; wiped when dropped, never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct ResetLink(Zeroizing<[u8; 16]>);

impl ResetLink {
    /// A new one.
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Self {
        let mut secret = Zeroizing::new([0u8; 16]);
        rng.fill_bytes(secret.as_mut_slice());
        Self(secret)
    }

    /// What is shown to the server by who uses it.
    #[must_use]
    pub fn secret(&self) -> &[u8; 16] {
        &self.0
    }

    /// The link to a server at this address (`HOST:PORT`). Its fragment never reaches a server by itself.
    #[must_use]
    pub fn link(&self, address: &str) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([VERSION; 17]);
        bytes[1..].copy_from_slice(self.0.as_slice());
        let fragment = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        Zeroizing::new(format!("https://{address}/r#{}", fragment.as_str()))
    }

    /// Reads a link; surrounding white space is ignored, nothing else is forgiven. Which server it leads to does not count:
    /// another one does not know it.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLong`], [`Error::UnknownVersion`].
    pub fn decode(link: &str) -> Result<Self> {
        let link = link.trim();
        if link.len() > MAX_LINK {
            return Err(Error::TooLong(WHAT));
        }
        let (front, fragment) = link.split_once("/r#").ok_or(Error::Malformed(WHAT))?;
        if !front.starts_with("https://") && !front.starts_with("http://") {
            return Err(Error::Malformed(WHAT));
        }
        let bytes = URL_SAFE_NO_PAD.decode(fragment).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| Error::Malformed(WHAT))?;
        match bytes.split_first() {
            Some((&VERSION, secret)) => {
                let secret = secret.try_into().map_err(|_| Error::Malformed(WHAT))?;
                Ok(Self(Zeroizing::new(secret)))
            }
            Some((&version, _)) if version > VERSION => {
                Err(Error::UnknownVersion { version, suite: 0 })
            }
            _ => Err(Error::Malformed(WHAT)),
        }
    }
}

impl fmt::Debug for ResetLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResetLink(..)")
    }
}

/// HASH("reset", secret): all that the server stores.
#[must_use]
pub fn secret_hash(secret: &[u8; 16]) -> Hash32 {
    hash("reset", secret)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_vectors, rng};

    test_everywhere! {
        fn links_are_read_as_they_were_made() {
            let link = ResetLink::generate(&mut rng(1));
            let text = link.link("chat.example:7443");
            assert!(text.starts_with("https://chat.example:7443/r#"));
            assert_eq!(ResetLink::decode(&format!(" {}\n", text.as_str())).unwrap(), link);
            let local = text.replace("https://chat.example", "http://localhost");
            assert_eq!(ResetLink::decode(&local).unwrap(), link);
            assert_eq!(format!("{link:?}"), "ResetLink(..)");
        }

        fn garbled_and_cut_links_are_refused() {
            let text = ResetLink::generate(&mut rng(1)).link("chat.example:7443");
            for end in 0..text.len() {
                assert!(ResetLink::decode(&text[..end]).is_err(), "{end}");
            }
            for wrong in [
                format!("{}A", text.as_str()),
                text.replace("/r#", "/i#"),
                text.replace("https", "ftp"),
                text.replace("/r#A", "/r#Z"),
                format!("https://{}/r#", "x".repeat(600)),
            ] {
                assert!(ResetLink::decode(&wrong).is_err(), "{wrong}");
            }
            let newer = text.replace("/r#AQ", "/r#AR"); // the first bits of the secret
            assert!(ResetLink::decode(&newer).is_ok_and(|other| other.secret()[0] >= 64));
        }

        fn vectors() {
            let link = ResetLink(Zeroizing::new([7; 16]));
            check_vectors("reset.json", include_str!("../vectors/reset.json"), &json!({
                "secret": hex::encode(link.secret()),
                "link": link.link("chat.example:7443").as_str(),
                "hash": secret_hash(link.secret()).to_string(),
            }));
        }
    }
}
