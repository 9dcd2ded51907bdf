//! What a member states in clear in a conversation's log: signed, for the server to read as well (`docs/crypto.md`,
//! section 6).

use protocol::{DeviceId, Hash32, InstanceId, MemberId};

mod contents;

use crate::{
    content::{ContentError, Context, Seen},
    identity::LeafCertificate,
    signing::SigningKey,
    suite::{Reader, Writer},
    transcript::EntryKind,
};

pub use contents::{Complaint, Reason, ReplacementLink, Restart};

const WHAT: &str = "statement";

/// The largest statement, in bytes.
pub const MAX_STATEMENT: usize = 2 * 1024;

/// A statement as its author signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What kind of entry it is.
    pub kind: EntryKind,
    /// What the author had seen of the log.
    pub seen: Seen,
    /// The author's device.
    pub device: DeviceId,
    /// The name of the author's leaf certificate.
    pub certificate: Hash32,
    /// What it says, beyond its kind.
    pub content: Vec<u8>,
}

impl Statement {
    /// The statement's bytes: the body of its entry.
    #[must_use]
    pub fn sign(&self, context: &Context, leaf_key: &SigningKey) -> Vec<u8> {
        let writer = Writer::new()
            .header()
            .bytes(context.instance.as_bytes())
            .bytes(context.conversation.as_bytes())
            .u32(context.restart)
            .u64(context.epoch)
            .bytes(context.sender.as_bytes())
            .u8(self.kind.into())
            .u64(self.seen.seq)
            .bytes(self.seen.hash.as_bytes())
            .bytes(self.device.as_bytes())
            .bytes(self.certificate.as_bytes())
            .lp(&self.content);
        let signature = leaf_key.sign(WHAT, writer.as_bytes());
        writer.bytes(&signature).finish()
    }

    /// Reads a statement that stands there in the log, and checks whose it is. `certificates` gives leaf certificates that
    /// were verified against the pinned identity.
    ///
    /// # Errors
    /// [`ContentError`]; with [`ContentError::UnknownCertificate`] fetch that certificate and try again.
    pub fn open(
        bytes: &[u8],
        context: &Context,
        kind: EntryKind,
        certificates: &dyn Fn(Hash32) -> Option<LeafCertificate>,
    ) -> Result<Self, ContentError> {
        if bytes.len() > MAX_STATEMENT {
            return Err(ContentError::TooLong);
        }
        let mut r = Reader::new(bytes, WHAT);
        r.header()?;
        let stands = Context {
            instance: InstanceId(r.array()?),
            conversation: protocol::ConversationId(r.array()?),
            restart: r.u32()?,
            epoch: r.u64()?,
            sender: MemberId(r.array()?),
        };
        let statement = Self {
            kind: r.u8()?.into(),
            seen: Seen {
                seq: r.u64()?,
                hash: Hash32(r.array()?),
            },
            device: DeviceId(r.array()?),
            certificate: Hash32(r.array()?),
            content: r.lp(MAX_STATEMENT)?.to_vec(),
        };
        let signed = r.consumed();
        let signature = r.array()?;
        r.finish()?;
        if stands != *context || statement.kind != kind {
            return Err(ContentError::CannotOpen);
        }
        let certificate = certificates(statement.certificate)
            .filter(|c| c.name() == statement.certificate)
            .ok_or(ContentError::UnknownCertificate(statement.certificate))?;
        if (certificate.instance, certificate.member) != (context.instance, context.sender) {
            return Err(ContentError::WrongSender);
        }
        certificate.leaf.verify(WHAT, signed, &signature)?;
        Ok(statement)
    }
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
