//! Repair requests: a member whose state of a conversation is lost asks the others for a new leaf (`docs/crypto.md`,
//! section 5).

use protocol::{ConversationId, Hash32, InstanceId, MemberId};

use crate::{
    error::Result,
    identity::{AccountCertificate, AccountKey},
    suite::{Reader, Writer},
};

const LABEL: &str = "repair request";
const DAY: u64 = 24 * 60 * 60 * 1000;

/// The length of a repair request, in bytes.
pub const REPAIR_REQUEST_LEN: usize = 3 + 16 + 16 + 4 + 16 + 32 + 8 + 64;

/// A member's signed request for a new leaf. Reading does not check the signature: [`RepairRequest::verify`] does, against
/// the newest account certificate of that member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairRequest {
    /// The instance.
    pub instance: InstanceId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Its restart number.
    pub restart: u32,
    /// Who asks.
    pub member: MemberId,
    /// The key package that was made for it: its hash reference.
    pub key_package: Hash32,
    /// When it was made, by its author's clock (ms since 1970).
    pub time: u64,
}

impl RepairRequest {
    fn unsigned(&self) -> Writer {
        Writer::new()
            .header()
            .bytes(self.instance.as_bytes())
            .bytes(self.conversation.as_bytes())
            .u32(self.restart)
            .bytes(self.member.as_bytes())
            .bytes(self.key_package.as_bytes())
            .u64(self.time)
    }

    /// The request as it is sent.
    #[must_use]
    pub fn sign(&self, account: &AccountKey) -> Vec<u8> {
        let unsigned = self.unsigned();
        let signature = account.sign(LABEL, unsigned.as_bytes());
        unsigned.bytes(&signature).finish()
    }

    /// Reads the layout only.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`], [`crate::Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<(Self, [u8; 64])> {
        let mut r = Reader::new(bytes, LABEL);
        r.header()?;
        let request = Self {
            instance: InstanceId(r.array()?),
            conversation: ConversationId(r.array()?),
            restart: r.u32()?,
            member: MemberId(r.array()?),
            key_package: Hash32(r.array()?),
            time: r.u64()?,
        };
        let signature = r.array()?;
        r.finish()?;
        Ok((request, signature))
    }

    /// Reads a request and checks that the member of `account` made it, on that instance.
    ///
    /// # Errors
    /// As [`RepairRequest::decode`]; [`crate::Error::WrongOwner`], [`crate::Error::BadSignature`].
    pub fn verify(bytes: &[u8], account: &AccountCertificate) -> Result<Self> {
        let (request, signature) = Self::decode(bytes)?;
        account.verify_for(request.instance, request.member)?;
        let unsigned = request.unsigned();
        account
            .account
            .verify(LABEL, unsigned.as_bytes(), &signature)?;
        Ok(request)
    }

    /// Whether it may be answered at `now` (ms since 1970): at most a day old, and not dated more than a day ahead.
    #[must_use]
    pub fn is_fresh(&self, now: u64) -> bool {
        self.time <= now.saturating_add(DAY) && now.saturating_sub(self.time) <= DAY
    }
}

#[cfg(test)]
#[path = "repair_tests.rs"]
mod tests;
