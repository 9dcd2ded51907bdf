//! The head: a hash chain, signed by the account key, over everything covered.

use protocol::{Hash32, InstanceId, MemberId};

use crate::{
    error::{Error, Result},
    identity::{AccountCertificate, AccountKey},
    kdf::hash,
    suite::{Reader, Writer},
};

const LABEL: &str = "vault head";

/// One head of a member's vault. Decoding does not check the signature: [`Head::verify`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The instance.
    pub instance: InstanceId,
    /// Whose vault it is.
    pub member: MemberId,
    /// From 1, one more with every write of covered records.
    pub number: u64,
    /// The hash of the head before (zeros for number 1).
    pub previous: Hash32,
    /// The hash of the manifest of everything covered.
    pub manifest: Hash32,
    /// The writer's clock, in milliseconds since 1970.
    pub time: u64,
    /// The generation of the account key that signed.
    pub generation: u32,
    bytes: Vec<u8>,
}

impl Head {
    /// The first head of a vault.
    #[must_use]
    pub fn first(
        account: &AccountKey,
        instance: InstanceId,
        member: MemberId,
        manifest: Hash32,
        time: u64,
    ) -> Self {
        Self::sign(
            account,
            instance,
            member,
            1,
            Hash32([0; 32]),
            manifest,
            time,
        )
    }

    /// The head after this one.
    ///
    /// # Errors
    /// [`Error::TooLong`] after 2^64 − 1 heads, [`Error::NotNewer`] for an older account key.
    pub fn next(&self, account: &AccountKey, manifest: Hash32, time: u64) -> Result<Self> {
        if account.generation() < self.generation {
            return Err(Error::NotNewer("account key"));
        }
        let number = self.number.checked_add(1).ok_or(Error::TooLong(LABEL))?;
        Ok(Self::sign(
            account,
            self.instance,
            self.member,
            number,
            self.hash(),
            manifest,
            time,
        ))
    }

    fn sign(
        account: &AccountKey,
        instance: InstanceId,
        member: MemberId,
        number: u64,
        previous: Hash32,
        manifest: Hash32,
        time: u64,
    ) -> Self {
        let generation = account.generation();
        let unsigned = Writer::new()
            .header()
            .bytes(instance.as_bytes())
            .bytes(member.as_bytes())
            .u64(number)
            .bytes(previous.as_bytes())
            .bytes(manifest.as_bytes())
            .u64(time)
            .u32(generation);
        let signature = account.sign(LABEL, unsigned.as_bytes());
        Self {
            instance,
            member,
            number,
            previous,
            manifest,
            time,
            generation,
            bytes: unsigned.bytes(&signature).finish(),
        }
    }

    /// Reads the layout only.
    ///
    /// # Errors
    /// [`Error::Malformed`] (also for a first head with a predecessor, and number or generation 0),
    /// [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(bytes, LABEL);
        r.header()?;
        let head = Self {
            instance: InstanceId(r.array()?),
            member: MemberId(r.array()?),
            number: r.u64()?,
            previous: Hash32(r.array()?),
            manifest: Hash32(r.array()?),
            time: r.u64()?,
            generation: r.u32()?,
            bytes: bytes.to_vec(),
        };
        let _signature: [u8; 64] = r.array()?;
        r.finish()?;
        let first_without_past = head.number != 1 || head.previous == Hash32([0; 32]);
        if head.number == 0 || head.generation == 0 || !first_without_past {
            return Err(Error::Malformed(LABEL));
        }
        Ok(head)
    }

    /// Checks that the account key of `account` signed it, for that instance and member.
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

    /// Checks that this head continues `before` directly. (Both signatures are checked by [`Head::verify`].)
    ///
    /// # Errors
    /// [`Error::WrongOwner`] for another vault; [`Error::NotNewer`] for another number than the next, another past,
    /// or an older generation.
    pub fn follows(&self, before: &Self) -> Result<()> {
        if self.instance != before.instance || self.member != before.member {
            return Err(Error::WrongOwner(LABEL));
        }
        let next = before.number.checked_add(1) == Some(self.number);
        if next && self.previous == before.hash() && self.generation >= before.generation {
            Ok(())
        } else {
            Err(Error::NotNewer(LABEL))
        }
    }

    /// HASH("vault head hash", all bytes).
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        hash("vault head hash", &self.bytes)
    }

    /// The head as it was signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
