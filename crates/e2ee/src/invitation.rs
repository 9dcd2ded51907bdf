//! Invitations: a link whose fragment carries everything a newcomer must trust (`docs/crypto.md`, section 7).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{Hash32, MemberId};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    error::{Error, Result},
    kdf::hash,
    suite::{VERSION, from_msgpack, to_msgpack},
};

/// The longest link, in bytes.
pub const MAX_LINK: usize = 4096;
/// Most addresses in an invitation.
pub const MAX_ADDRESSES: usize = 8;
/// The longest address, in bytes.
pub const MAX_ADDRESS: usize = 261;
const WHAT: &str = "invitation";

/// An invitation as the newcomer gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Used once; the server knows only its hash. Private so that it is not copied around by accident.
    secret: Zeroizing<[u8; 16]>,
    /// Who invites.
    pub inviter: MemberId,
    /// The fingerprint of the inviter's root identity.
    pub root: Hash32,
    /// SHA-256 of the instance's CA certificate (DER).
    pub ca: Hash32,
    /// Where the instance is reached, `host:port` or `[v6]:port`; the first is the link's.
    pub addresses: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    v: u8,
    #[serde(with = "serde_bytes")]
    secret: [u8; 16],
    inviter: MemberId,
    root: Hash32,
    ca: Hash32,
    addresses: Vec<String>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Invitation {
    /// A new invitation with a fresh secret.
    ///
    /// # Errors
    /// [`Error::Malformed`] for no, too many or bad addresses.
    pub fn generate(
        rng: &mut (impl CryptoRng + RngCore),
        inviter: MemberId,
        root: Hash32,
        ca: Hash32,
        addresses: Vec<String>,
    ) -> Result<Self> {
        let mut secret = Zeroizing::new([0u8; 16]);
        rng.fill_bytes(secret.as_mut_slice());
        check_addresses(&addresses)?;
        Ok(Self {
            secret,
            inviter,
            root,
            ca,
            addresses,
        })
    }

    /// The secret that the newcomer shows to the server.
    #[must_use]
    pub fn secret(&self) -> &[u8; 16] {
        &self.secret
    }

    /// The link. Its fragment never reaches a server by itself.
    #[must_use]
    pub fn link(&self) -> Zeroizing<String> {
        let wire = Wire {
            v: VERSION,
            secret: *self.secret,
            inviter: self.inviter,
            root: self.root,
            ca: self.ca,
            addresses: self.addresses.clone(),
        };
        let fragment = Zeroizing::new(URL_SAFE_NO_PAD.encode(to_msgpack(&wire)));
        let host = self.addresses.first().map_or("", String::as_str);
        Zeroizing::new(format!("https://{host}/i#{}", fragment.as_str()))
    }

    /// Reads a link; surrounding white space is ignored, nothing else is forgiven. The address in front must be
    /// one of those inside, where browsers leave out port 443, or the plain entrance that a server has for browsers on its own
    /// machine.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLong`], [`Error::UnknownVersion`].
    pub fn decode(link: &str) -> Result<Self> {
        let link = link.trim();
        if link.len() > MAX_LINK {
            return Err(Error::TooLong(WHAT));
        }
        let (front, fragment) = link.split_once("/i#").ok_or(Error::Malformed(WHAT))?;
        let bytes = URL_SAFE_NO_PAD
            .decode(fragment)
            .map(Zeroizing::new)
            .map_err(|_| Error::Malformed(WHAT))?;
        let mut wire: Wire = from_msgpack(&bytes, WHAT)?;
        let addresses = std::mem::take(&mut wire.addresses);
        check_addresses(&addresses)?;
        if !is_own_front(front, &addresses) {
            return Err(Error::Malformed(WHAT));
        }
        Ok(Self {
            secret: Zeroizing::new(wire.secret),
            inviter: wire.inviter,
            root: wire.root,
            ca: wire.ca,
            addresses,
        })
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("inviter", &self.inviter)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

/// HASH("invitation", secret): all that the server stores.
#[must_use]
pub fn secret_hash(secret: &[u8; 16]) -> Hash32 {
    hash("invitation", secret)
}

/// Whether a link to a server with these addresses may begin so.
fn is_own_front(front: &str, addresses: &[String]) -> bool {
    if let Some(host) = front.strip_prefix("https://") {
        return addresses
            .iter()
            .any(|own| own == host || own.strip_suffix(":443") == Some(host));
    }
    ["localhost:", "127.0.0.1:", "[::1]:"].iter().any(|name| {
        let port = front
            .strip_prefix("http://")
            .and_then(|host| host.strip_prefix(name));
        port.is_some_and(|port| {
            !port.starts_with('0')
                && port.bytes().all(|b| b.is_ascii_digit())
                && port.parse::<u16>().is_ok()
        })
    })
}

fn check_addresses(addresses: &[String]) -> Result<()> {
    if addresses.is_empty() || addresses.len() > MAX_ADDRESSES {
        return Err(Error::Malformed("address list"));
    }
    if addresses.iter().all(|address| is_address(address)) {
        Ok(())
    } else {
        Err(Error::Malformed("address"))
    }
}

/// `host:port` with a DNS name or IPv4 address (ASCII), or `[IPv6]:port`.
fn is_address(address: &str) -> bool {
    let Some((host, port)) = address.rsplit_once(':') else {
        return false;
    };
    let port_ok = port.bytes().all(|b| b.is_ascii_digit())
        && !port.starts_with('0')
        && port.parse::<u16>().is_ok();
    let host_ok = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        }
    };
    address.len() <= MAX_ADDRESS && port_ok && host_ok
}

#[cfg(test)]
mod tests;
