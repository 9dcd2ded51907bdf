//! Reads the authenticated data of a commit without processing it: for commits of epochs that lie behind, whose bytes
//! the transcript vouches for (RFC 9420, sections 6 and 6.2).

use super::{CommitData, MlsError};
use crate::suite::Reader;

const WHAT: &str = "commit";
const MLS10: u16 = 1;
const PUBLIC_MESSAGE: u16 = 1;
const SENDER_MEMBER: u8 = 1;

/// A variable-size vector with its length in front (RFC 9420, section 2.1.2).
fn vector<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], MlsError> {
    let first = r.u8()?;
    let rest = match first >> 6 {
        0 => 0,
        1 => 1,
        2 => 3,
        _ => return Err(MlsError::Malformed(WHAT)),
    };
    let mut length = usize::from(first & 0x3f);
    for _ in 0..rest {
        length = length << 8 | usize::from(r.u8()?);
    }
    Ok(r.take(length)?)
}

impl CommitData {
    /// The epoch that a commit closes, and what its author stated. Nothing is verified here.
    ///
    /// # Errors
    /// [`MlsError::Malformed`] for anything but a member's PublicMessage with our data in it.
    pub fn peek(commit: &[u8]) -> Result<(u64, Self), MlsError> {
        let mut r = Reader::new(commit, WHAT);
        if (r.u16()?, r.u16()?) != (MLS10, PUBLIC_MESSAGE) {
            return Err(MlsError::Malformed(WHAT));
        }
        vector(&mut r)?; // group id
        let epoch = r.u64()?;
        if r.u8()? != SENDER_MEMBER {
            return Err(MlsError::NotAMember);
        }
        r.u32()?; // leaf index
        let data = Self::decode(vector(&mut r)?)?;
        Ok((epoch, data))
    }

    /// The restart number of the group that a commit says to be of.
    pub(super) fn peek_restart(commit: &[u8]) -> Result<u32, MlsError> {
        let mut r = Reader::new(commit, WHAT);
        if (r.u16()?, r.u16()?) != (MLS10, PUBLIC_MESSAGE) {
            return Err(MlsError::Malformed(WHAT));
        }
        let mut group = Reader::new(vector(&mut r)?, WHAT);
        group.array::<16>()?; // conversation
        let restart = group.u32()?;
        group.finish()?;
        Ok(restart)
    }
}
