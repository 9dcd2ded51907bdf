//! What statements say, each kind in a layout of its own.

use protocol::Hash32;

use crate::{
    error::{Error, Result},
    links::LINK_LEN,
    suite::{Reader, Writer},
};

/// What a replacement link says: the way back that a commit came without, or with one that does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacementLink {
    /// The epoch that it leads to.
    pub epoch: u64,
    /// The link, sealed as beside a commit.
    pub link: Vec<u8>,
}

impl ReplacementLink {
    /// The statement's content.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::new().u64(self.epoch).lp(&self.link).finish()
    }

    /// Reads a statement's content.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`].
    pub fn decode(content: &[u8]) -> Result<Self> {
        let mut r = Reader::new(content, "replacement link");
        let read = Self {
            epoch: r.u64()?,
            link: r.lp(LINK_LEN)?.to_vec(),
        };
        r.finish()?;
        Ok(read)
    }
}

/// What a complaint says: the commit that its author can't process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complaint {
    /// The epoch that the commit closed.
    pub epoch: u64,
    /// SHA-256 of the commit.
    pub commit: Hash32,
}

impl Complaint {
    /// The statement's content.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let writer = Writer::new().u64(self.epoch);
        writer.bytes(self.commit.as_bytes()).finish()
    }

    /// Reads a statement's content.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`].
    pub fn decode(content: &[u8]) -> Result<Self> {
        let mut r = Reader::new(content, "complaint");
        let read = Self {
            epoch: r.u64()?,
            commit: Hash32(r.array()?),
        };
        r.finish()?;
        Ok(read)
    }
}

/// Why a conversation is founded anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Members can't process its last commit.
    Complaint,
    /// It goes over to another suite.
    Suite,
}

/// What a restart says: how the new group hangs on to the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restart {
    /// The new restart number.
    pub restart: u32,
    /// Why.
    pub reason: Reason,
    /// The new group's suite.
    pub suite: u16,
    /// The last epoch of the old group that the link leads to.
    pub epoch: u64,
    /// The commitment of its secret.
    pub c_n: Hash32,
    /// SHA-256 of the new group's first commit.
    pub commit: Hash32,
    /// The link, sealed under the new group's secret of epoch 1.
    pub link: Vec<u8>,
}

impl Restart {
    /// The statement's content.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let reason = match self.reason {
            Reason::Complaint => 1,
            Reason::Suite => 2,
        };
        Writer::new()
            .u32(self.restart)
            .u8(reason)
            .u16(self.suite)
            .u64(self.epoch)
            .bytes(self.c_n.as_bytes())
            .bytes(self.commit.as_bytes())
            .lp(&self.link)
            .finish()
    }

    /// Reads a statement's content.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`], also for another reason than those known.
    pub fn decode(content: &[u8]) -> Result<Self> {
        const WHAT: &str = "restart";
        let mut r = Reader::new(content, WHAT);
        let read = Self {
            restart: r.u32()?,
            reason: match r.u8()? {
                1 => Reason::Complaint,
                2 => Reason::Suite,
                _ => return Err(Error::Malformed(WHAT)),
            },
            suite: r.u16()?,
            epoch: r.u64()?,
            c_n: Hash32(r.array()?),
            commit: Hash32(r.array()?),
            link: r.lp(LINK_LEN)?.to_vec(),
        };
        r.finish()?;
        Ok(read)
    }
}
