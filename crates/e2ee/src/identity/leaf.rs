//! Leaf certificates: the account key's statement about one MLS leaf signature key.

use protocol::{Hash32, InstanceId, MemberId};

use crate::{
    error::{Error, Result},
    identity::{AccountCertificate, AccountKey},
    kdf::hash,
    signing::PublicKey,
    suite::{Reader, Writer},
};

const LABEL: &str = "leaf certificate";
const DAY: u64 = 24 * 60 * 60 * 1000;
/// A key package older than this is not used by an adder, in milliseconds.
const MAX_AGE: u64 = 90 * DAY;

/// What a leaf key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// A key package that is used once.
    KeyPackage = 1,
    /// The key package used when no other is left.
    LastResort = 2,
    /// A leaf made inside a conversation (its founder's, or by a key update).
    Conversation = 3,
}

impl TryFrom<u8> for Purpose {
    type Error = Error;

    fn try_from(value: u8) -> Result<Self> {
        match value {
            1 => Ok(Self::KeyPackage),
            2 => Ok(Self::LastResort),
            3 => Ok(Self::Conversation),
            _ => Err(Error::Malformed(LABEL)),
        }
    }
}

/// A leaf key of a member, signed by the account key of one generation. It *is* the identity of the MLS basic
/// credential. Decoding does not check the signature: [`LeafCertificate::verify`] does, against the account
/// certificate of that generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafCertificate {
    /// The instance it is valid on.
    pub instance: InstanceId,
    /// Whose leaf it is.
    pub member: MemberId,
    /// The generation of the account key that signed.
    pub generation: u32,
    /// The leaf's signature key.
    pub leaf: PublicKey,
    /// When it was made, by its author's clock, in milliseconds since 1970.
    pub issued_at: u64,
    /// What it is for.
    pub purpose: Purpose,
    bytes: Vec<u8>,
}

impl LeafCertificate {
    /// Certifies a leaf key.
    #[must_use]
    pub fn issue(
        account: &AccountKey,
        instance: InstanceId,
        member: MemberId,
        leaf: &PublicKey,
        issued_at: u64,
        purpose: Purpose,
    ) -> Self {
        let unsigned = Writer::new()
            .header()
            .bytes(instance.as_bytes())
            .bytes(member.as_bytes())
            .u32(account.generation())
            .bytes(leaf.as_bytes())
            .u64(issued_at)
            .u8(purpose as u8);
        let signature = account.sign(LABEL, unsigned.as_bytes());
        Self {
            instance,
            member,
            generation: account.generation(),
            leaf: *leaf,
            issued_at,
            purpose,
            bytes: unsigned.bytes(&signature).finish(),
        }
    }

    /// Reads the layout only.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(bytes, LABEL);
        r.header()?;
        let out = Self {
            instance: InstanceId(r.array()?),
            member: MemberId(r.array()?),
            generation: r.u32()?,
            leaf: PublicKey(r.array()?),
            issued_at: r.u64()?,
            purpose: Purpose::try_from(r.u8()?)?,
            bytes: bytes.to_vec(),
        };
        let _signature: [u8; 64] = r.array()?;
        r.finish()?;
        if out.generation == 0 {
            return Err(Error::Malformed(LABEL));
        }
        Ok(out)
    }

    /// Checks that `account` certifies this leaf: same instance, member and generation, and the signature.
    ///
    /// # Errors
    /// [`Error::WrongOwner`], [`Error::BadSignature`].
    pub fn verify(&self, account: &AccountCertificate) -> Result<()> {
        account.verify_for(self.instance, self.member)?;
        if account.generation != self.generation {
            return Err(Error::WrongOwner(LABEL));
        }
        let (signed, signature) = self
            .bytes
            .split_last_chunk::<64>()
            .ok_or(Error::Malformed(LABEL))?;
        account.account.verify(LABEL, signed, signature)
    }

    /// Its name: HASH("leaf certificate name", all bytes).
    #[must_use]
    pub fn name(&self) -> Hash32 {
        hash("leaf certificate name", &self.bytes)
    }

    /// The certificate as it was signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether an adder may use a key package with this certificate at `now` (milliseconds since 1970): at most
    /// 90 days old, and not dated more than a day ahead.
    #[must_use]
    pub fn is_fresh(&self, now: u64) -> bool {
        self.issued_at <= now.saturating_add(DAY) && now.saturating_sub(self.issued_at) <= MAX_AGE
    }
}
