//! Account certificates: the root identity's statement about a member's names and account key.

use std::fmt;

use protocol::{InstanceId, MemberId};

use crate::{
    error::{Error, Result},
    signing::{PublicKey, SigningKey},
    suite::{Reader, Writer},
};

/// Longest login name in a certificate, bytes of UTF-8.
pub const MAX_LOGIN_NAME: usize = 256;
/// Longest display name in a certificate, bytes of UTF-8.
pub const MAX_DISPLAY_NAME: usize = 1024;
const LABEL: &str = "account certificate";

/// A member's names and account key, signed by the root identity named inside. Holding one means that its own
/// signature was checked; whether the root is the *right* one is what pins decide.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountCertificate {
    /// The instance it is valid on.
    pub instance: InstanceId,
    /// The member it is about.
    pub member: MemberId,
    /// The key generation, from 1.
    pub generation: u32,
    /// The account key.
    pub account: PublicKey,
    /// The root identity that signed.
    pub root: PublicKey,
    /// The certified login name.
    pub login_name: String,
    /// The certified display name.
    pub display_name: String,
    bytes: Vec<u8>,
}

impl AccountCertificate {
    pub(super) fn issue(
        root: &SigningKey,
        instance: InstanceId,
        member: MemberId,
        login_name: &str,
        display_name: &str,
        account: &PublicKey,
        generation: u32,
    ) -> Result<Self> {
        if login_name.len() > MAX_LOGIN_NAME {
            return Err(Error::TooLong("login name"));
        }
        if display_name.len() > MAX_DISPLAY_NAME {
            return Err(Error::TooLong("display name"));
        }
        if generation == 0 {
            return Err(Error::Malformed("key generation"));
        }
        let unsigned = Writer::new()
            .header()
            .bytes(instance.as_bytes())
            .bytes(member.as_bytes())
            .u32(generation)
            .bytes(account.as_bytes())
            .bytes(root.public().as_bytes())
            .lp(login_name.as_bytes())
            .lp(display_name.as_bytes());
        let signature = root.sign(LABEL, unsigned.as_bytes());
        Ok(Self {
            instance,
            member,
            generation,
            account: *account,
            root: root.public(),
            login_name: login_name.to_owned(),
            display_name: display_name.to_owned(),
            bytes: unsigned.bytes(&signature).finish(),
        })
    }

    /// Reads a certificate and checks its signature by the root key inside.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`], [`Error::BadSignature`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let (certificate, signed, signature) = Self::read(bytes)?;
        certificate.root.verify(LABEL, signed, &signature)?;
        Ok(certificate)
    }

    /// One that was [decoded](Self::decode), and so verified, before it was kept in this device's own store: whoever can
    /// write there has the device's keys, so its signature is not checked again.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn kept(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes).map(|(certificate, _, _)| certificate)
    }

    /// The certificate as it says it is, what was signed of it, and the signature.
    fn read(bytes: &[u8]) -> Result<(Self, &[u8], [u8; 64])> {
        let mut r = Reader::new(bytes, LABEL);
        r.header()?;
        let instance = InstanceId(r.array()?);
        let member = MemberId(r.array()?);
        let generation = r.u32()?;
        let account = PublicKey(r.array()?);
        let root = PublicKey(r.array()?);
        let login_name = r.text(MAX_LOGIN_NAME)?.to_owned();
        let display_name = r.text(MAX_DISPLAY_NAME)?.to_owned();
        let signed = r.consumed();
        let signature = r.array()?;
        r.finish()?;
        if generation == 0 {
            return Err(Error::Malformed(LABEL));
        }
        let certificate = Self {
            instance,
            member,
            generation,
            account,
            root,
            login_name,
            display_name,
            bytes: bytes.to_vec(),
        };
        Ok((certificate, signed, signature))
    }

    /// Checks that it is about this member of this instance.
    ///
    /// # Errors
    /// [`Error::WrongOwner`].
    pub fn verify_for(&self, instance: InstanceId, member: MemberId) -> Result<()> {
        if self.instance == instance && self.member == member {
            Ok(())
        } else {
            Err(Error::WrongOwner(LABEL))
        }
    }

    /// The certificate as it was signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for AccountCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names are personal: not in logs.
        f.debug_struct("AccountCertificate")
            .field("member", &self.member)
            .field("generation", &self.generation)
            .field("account", &self.account)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
