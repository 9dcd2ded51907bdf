//! Pins: what a member remembers of a contact. Kept in the vault (kind 7, id = the contact's member id).

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    identity::AccountCertificate,
    signing::PublicKey,
    suite::{VERSION, from_msgpack, to_msgpack},
};

/// How many former roots a pin keeps: the newest ones.
pub const FORMER_ROOTS_MAX: usize = 16;

/// What a certificate means beside what is pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinVerdict {
    /// Nothing new.
    Same,
    /// The pinned root certifies a newer account key: take it over with [`Pin::follow`].
    NewerGeneration,
    /// The pinned root certifies other names for the same account key: take it over with [`Pin::follow`].
    ChangedName,
    /// Another root identity: block until the person accepts it ([`Pin::accept_root`]).
    RootChanged,
    /// The pinned root, but an older account key: may only serve to verify what is old, never to send.
    OlderGeneration,
    /// The pinned root certified two account keys with one generation number: refuse.
    Conflict,
    /// The certificate is about another member or another instance: refuse.
    OtherMember,
}

/// What is remembered of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The newest accepted certificate; holds the pinned root and the lowest acceptable generation.
    pub certificate: AccountCertificate,
    /// When the contact was first seen, in milliseconds since 1970.
    pub first_seen: u64,
    /// Whether the person compared the safety number for this root.
    pub verified: bool,
    /// Roots that the person accepted before this one, the newest last: what was signed under them stays readable.
    pub former: Vec<PublicKey>,
    /// Roots that the server alone says this person had before, the newest last. They count for what was written before,
    /// for as long as the safety number was not compared ([`Pin::claims`]).
    pub claimed: Vec<PublicKey>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    v: u8,
    root: PublicKey,
    generation: u32,
    #[serde(with = "serde_bytes")]
    certificate: Vec<u8>,
    first_seen: u64,
    verified: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<PublicKey>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    claimed: Vec<PublicKey>,
}

/// Adds roots, each once, save the one in force; the newest stay.
fn add_roots(known: &mut Vec<PublicKey>, older: &[PublicKey], root: &PublicKey) {
    let all = [older, known].concat();
    known.clear();
    for one in all {
        known.retain(|known| *known != one);
        if one != *root {
            known.push(one);
        }
    }
    let surplus = known.len().saturating_sub(FORMER_ROOTS_MAX);
    known.drain(..surplus);
}

impl Pin {
    /// The first contact.
    #[must_use]
    pub fn first(certificate: &AccountCertificate, now: u64) -> Self {
        Self {
            certificate: certificate.clone(),
            first_seen: now,
            verified: false,
            former: Vec::new(),
            claimed: Vec::new(),
        }
    }

    /// The pinned root identity.
    #[must_use]
    pub fn root(&self) -> PublicKey {
        self.certificate.root
    }

    /// What `certificate` means for this contact.
    #[must_use]
    pub fn check(&self, certificate: &AccountCertificate) -> PinVerdict {
        let known = &self.certificate;
        if certificate
            .verify_for(known.instance, known.member)
            .is_err()
        {
            PinVerdict::OtherMember
        } else if certificate.root != known.root {
            PinVerdict::RootChanged
        } else if certificate.generation < known.generation {
            PinVerdict::OlderGeneration
        } else if certificate.generation > known.generation {
            PinVerdict::NewerGeneration
        } else if certificate.account != known.account {
            PinVerdict::Conflict
        } else if certificate.login_name != known.login_name
            || certificate.display_name != known.display_name
        {
            PinVerdict::ChangedName
        } else {
            PinVerdict::Same
        }
    }

    /// Whether a certificate may serve to verify what was signed under it: of the pinned root, or of a former one with a
    /// lower generation than the pinned certificate (generations rise across roots). It says nothing of what may be sent
    /// to: that is [`Pin::check`].
    #[must_use]
    pub fn vouches_for(&self, certificate: &AccountCertificate) -> bool {
        let known = &self.certificate;
        let of_former = self.former.contains(&certificate.root);
        certificate.verify_for(known.instance, known.member).is_ok()
            && (certificate.root == known.root
                || of_former && certificate.generation < known.generation)
    }

    /// Whether a certificate may serve to show what is found in the history, though only the server says that the person had
    /// its root. Never once the safety number was compared: then the pin alone counts. It says nothing of who may join.
    #[must_use]
    pub fn claims(&self, certificate: &AccountCertificate) -> bool {
        let known = &self.certificate;
        !self.verified
            && self.claimed.contains(&certificate.root)
            && certificate.generation < known.generation
            && certificate.verify_for(known.instance, known.member).is_ok()
    }

    /// Takes over what another pin of the same person remembers of former roots.
    pub fn remember_roots(&mut self, other: &[PublicKey]) {
        let root = self.root();
        add_roots(&mut self.former, other, &root);
        self.claimed
            .retain(|claimed| !self.former.contains(claimed));
    }

    /// The server says that the person had these roots before.
    pub fn claim_roots(&mut self, roots: &[PublicKey]) {
        if !self.verified {
            let root = self.root();
            add_roots(&mut self.claimed, roots, &root);
            self.claimed
                .retain(|claimed| !self.former.contains(claimed));
        }
    }

    /// The person has compared the safety number, or takes that back. What the server alone has said is forgotten then.
    pub fn set_verified(&mut self, verified: bool) {
        self.verified = verified;
        if verified {
            self.claimed.clear();
        }
    }

    /// Takes over a newer generation or other names under the same root.
    ///
    /// # Errors
    /// [`Error::NotNewer`] for an older generation, [`Error::WrongOwner`] for another root or member, or a
    /// conflicting key.
    pub fn follow(&mut self, certificate: &AccountCertificate) -> Result<()> {
        match self.check(certificate) {
            PinVerdict::Same => Ok(()),
            PinVerdict::NewerGeneration | PinVerdict::ChangedName => {
                self.certificate = certificate.clone();
                Ok(())
            }
            PinVerdict::OlderGeneration => Err(Error::NotNewer("account certificate")),
            PinVerdict::RootChanged | PinVerdict::Conflict | PinVerdict::OtherMember => {
                Err(Error::WrongOwner("account certificate"))
            }
        }
    }

    /// The person accepted a new root identity: it is pinned, unverified; the one before becomes a former one.
    ///
    /// # Errors
    /// [`Error::WrongOwner`] unless it is another root of the same member.
    pub fn accept_root(&mut self, certificate: &AccountCertificate) -> Result<()> {
        if self.check(certificate) != PinVerdict::RootChanged {
            return Err(Error::WrongOwner("account certificate"));
        }
        let before = self.root();
        self.certificate = certificate.clone();
        self.verified = false;
        self.former.push(before);
        self.remember_roots(&[]);
        Ok(())
    }

    /// The person accepted a root identity that was vouched for by those before it, one after the other (see
    /// [`follow_successions`](super::follow_successions)): all of `passed` become former ones.
    ///
    /// # Errors
    /// As [`Self::accept_root`].
    pub fn accept_successor(
        &mut self,
        certificate: &AccountCertificate,
        passed: &[PublicKey],
    ) -> Result<()> {
        self.accept_root(certificate)?;
        let before = std::mem::take(&mut self.former);
        let mut all = before;
        all.extend_from_slice(passed);
        self.remember_roots(&all);
        Ok(())
    }

    /// The vault record's plaintext.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        to_msgpack(&Wire {
            v: VERSION,
            root: self.root(),
            generation: self.certificate.generation,
            certificate: self.certificate.bytes().to_vec(),
            first_seen: self.first_seen,
            verified: self.verified,
            former: self.former.clone(),
            claimed: self.claimed.clone(),
        })
    }

    /// Reads the vault record's plaintext.
    ///
    /// # Errors
    /// [`Error::Malformed`] (also when root or generation differ from the certificate's, or there are too many former
    /// roots), [`Error::UnknownVersion`], [`Error::BadSignature`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes, AccountCertificate::decode)
    }

    /// One that was [decoded](Self::decode) before it was kept in this device's own store, like
    /// [`AccountCertificate::kept`].
    ///
    /// # Errors
    /// As [`Self::decode`], without [`Error::BadSignature`].
    pub fn kept(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes, AccountCertificate::kept)
    }

    fn read(
        bytes: &[u8],
        certificate: impl Fn(&[u8]) -> Result<AccountCertificate>,
    ) -> Result<Self> {
        let wire: Wire = from_msgpack(bytes, "pin")?;
        let certificate = certificate(&wire.certificate)?;
        if certificate.root != wire.root || certificate.generation != wire.generation {
            return Err(Error::Malformed("pin"));
        }
        if wire.former.len().max(wire.claimed.len()) > FORMER_ROOTS_MAX {
            return Err(Error::Malformed("pin"));
        }
        Ok(Self {
            certificate,
            first_seen: wire.first_seen,
            verified: wire.verified,
            former: wire.former,
            claimed: if wire.verified {
                Vec::new()
            } else {
                wire.claimed
            },
        })
    }
}
