//! Succession statements: the account key that devices hold vouches for a new root identity of the same member, where
//! the passphrase was forgotten on a device that is still signed in (`docs/crypto.md`, section 3).

use protocol::{InstanceId, MemberId};
use sha2::{Digest, Sha256};

use super::{AccountCertificate, AccountKey, FORMER_ROOTS_MAX};
use crate::{
    error::{Error, Result},
    signing::PublicKey,
    suite::{Reader, Writer},
};

const LABEL: &str = "succession";
/// The longest account certificate, in bytes, is far below this.
const MAX_CERTIFICATE: usize = 2048;
/// The longest succession statement, in bytes.
pub const SUCCESSION_MAX: usize = MAX_CERTIFICATE + 256;

/// A statement that a new root identity follows. Reading checks the new certificate's own signature alone:
/// [`Succession::verify`] checks who vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// The instance.
    pub instance: InstanceId,
    /// Whose root identity changes.
    pub member: MemberId,
    /// SHA-256 of the account certificate that was in force.
    pub before: [u8; 32],
    /// The first account certificate of the new root.
    pub certificate: AccountCertificate,
    signed: Vec<u8>,
    signature: [u8; 64],
}

fn name_of(certificate: &AccountCertificate) -> [u8; 32] {
    Sha256::digest(certificate.bytes()).into()
}

impl Succession {
    /// The statement as it is sent: the account key of `before` vouches for `after`.
    #[must_use]
    pub fn sign(
        account: &AccountKey,
        before: &AccountCertificate,
        after: &AccountCertificate,
    ) -> Vec<u8> {
        let unsigned = Writer::new()
            .header()
            .bytes(before.instance.as_bytes())
            .bytes(before.member.as_bytes())
            .bytes(&name_of(before))
            .lp(after.bytes());
        let signature = account.sign(LABEL, unsigned.as_bytes());
        unsigned.bytes(&signature).finish()
    }

    /// Reads a statement.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`]; [`Error::BadSignature`] of the certificate inside.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(bytes, LABEL);
        r.header()?;
        let instance = InstanceId(r.array()?);
        let member = MemberId(r.array()?);
        let before = r.array()?;
        let certificate = AccountCertificate::decode(r.lp(MAX_CERTIFICATE)?)?;
        let signed = r.consumed().to_vec();
        let signature = r.array()?;
        r.finish()?;
        Ok(Self {
            instance,
            member,
            before,
            certificate,
            signed,
            signature,
        })
    }

    /// Whether it follows this certificate: signed by its account key, for the same member under the same names, with
    /// another root and account key, and the next key generation.
    ///
    /// # Errors
    /// [`Error::WrongOwner`], [`Error::NotNewer`], [`Error::BadSignature`].
    pub fn verify(&self, before: &AccountCertificate) -> Result<()> {
        let after = &self.certificate;
        before.verify_for(self.instance, self.member)?;
        after.verify_for(self.instance, self.member)?;
        let same_names =
            after.login_name == before.login_name && after.display_name == before.display_name;
        let other_keys = after.root != before.root && after.account != before.account;
        if self.before != name_of(before) || !same_names || !other_keys {
            return Err(Error::WrongOwner(LABEL));
        }
        if before.generation.checked_add(1) != Some(after.generation) {
            return Err(Error::NotNewer(LABEL));
        }
        before.account.verify(LABEL, &self.signed, &self.signature)
    }
}

/// Whether statements lead from a certificate that is known to `newest`, one root after the other: the roots that were
/// passed, the known one first and the newest not among them. None where they do not.
///
/// `certificates` are those that the server shows of the member. One that a root on the way certified serves if it is not
/// older than what is known of that root; that every one of them verifies is the caller's to see
/// ([`AccountCertificate::decode`]). A server can show fewer than there are, and then the way is not found; it can't lead
/// to a root that no earlier key has vouched for.
#[must_use]
pub fn follow_successions(
    known: &AccountCertificate,
    newest: &AccountCertificate,
    certificates: &[AccountCertificate],
    successions: &[Succession],
) -> Option<Vec<PublicKey>> {
    let mut at = known.clone();
    let mut passed = Vec::new();
    while at.root != newest.root {
        if passed.len() >= FORMER_ROOTS_MAX {
            return None;
        }
        let next = next_of(&at, certificates, successions)?.certificate.clone();
        passed.push(at.root);
        at = next;
    }
    let same_key = newest.generation > at.generation || newest.account == at.account;
    let follows = newest.verify_for(at.instance, at.member).is_ok()
        && newest.generation >= at.generation
        && same_key;
    (follows && !passed.is_empty()).then_some(passed)
}

/// A statement that follows this certificate, or a later one of its root.
fn next_of<'s>(
    at: &AccountCertificate,
    certificates: &[AccountCertificate],
    successions: &'s [Succession],
) -> Option<&'s Succession> {
    let mut ways = certificates.iter().chain([at]).filter(|c| {
        let same_key = c.generation > at.generation || c.account == at.account;
        c.root == at.root && c.generation >= at.generation && same_key
    });
    ways.find_map(|c| successions.iter().find(|s| s.verify(c).is_ok()))
}

#[cfg(test)]
#[path = "succession_tests.rs"]
mod tests;
