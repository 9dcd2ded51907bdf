//! Forgotten passphrases, successions of roots and resets, as SQL; the ports in `accounts.rs` name them.

use protocol::{Bytes, DeviceId, Hash32, MemberId, limits::SUCCESSIONS_MAX};
use rusqlite::params;
use storage::{
    StorageError,
    accounts::{Forgotten, ResetLink},
};

use super::{Rows, bytes, int, uint};

impl Rows<'_> {
    pub(super) fn forgotten_of(&self, member: MemberId) -> Result<Option<Forgotten>, StorageError> {
        self.one(
            "SELECT device, asked, approved FROM forgotten WHERE member = ?1",
            [member.0],
            |row| {
                Ok(Forgotten {
                    member,
                    device: DeviceId(row.get(0)?),
                    asked: uint(row, 1)?,
                    approved: Some(uint(row, 2)?).filter(|at| *at > 0),
                })
            },
        )
    }

    pub(super) fn keep_forgotten(&self, request: &Forgotten) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO forgotten VALUES (?1, ?2, ?3, ?4) ON CONFLICT (member) DO UPDATE
             SET device = excluded.device, asked = excluded.asked, approved = excluded.approved",
            params![
                request.member.0,
                request.device.0,
                int(request.asked),
                int(request.approved.map_or(0, |at| at.max(1)))
            ],
        )?;
        Ok(())
    }

    pub(super) fn successions_of(&self, member: MemberId) -> Result<Vec<Bytes>, StorageError> {
        self.all(
            "SELECT statement FROM successions WHERE member = ?1 ORDER BY no",
            [member.0],
            |row| bytes(row, 0),
        )
    }

    pub(super) fn keep_succession(
        &self,
        member: MemberId,
        statement: &[u8],
    ) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO successions (member, statement) VALUES (?1, ?2)",
            params![member.0, statement],
        )?;
        self.run(
            "DELETE FROM successions WHERE member = ?1 AND no NOT IN
             (SELECT no FROM successions WHERE member = ?1 ORDER BY no DESC LIMIT ?2)",
            params![member.0, SUCCESSIONS_MAX as i64],
        )?;
        Ok(())
    }

    pub(super) fn reset_link_by_secret(
        &self,
        hash: Hash32,
    ) -> Result<Option<ResetLink>, StorageError> {
        self.one(
            "SELECT member, by, expires FROM reset_links WHERE secret_hash = ?1",
            [hash.0],
            |row| {
                Ok(ResetLink {
                    member: MemberId(row.get(0)?),
                    secret_hash: hash,
                    by: MemberId(row.get(1)?),
                    expires: uint(row, 2)?,
                })
            },
        )
    }

    pub(super) fn keep_reset_link(&self, link: &ResetLink) -> Result<(), StorageError> {
        self.run("DELETE FROM reset_links WHERE member = ?1", [link.member.0])?;
        self.run(
            "INSERT INTO reset_links (member, secret_hash, by, expires) VALUES (?1, ?2, ?3, ?4)",
            params![
                link.member.0,
                link.secret_hash.0,
                link.by.0,
                int(link.expires)
            ],
        )?;
        Ok(())
    }

    pub(super) fn newest_reset(
        &self,
        member: MemberId,
    ) -> Result<Option<(MemberId, u64)>, StorageError> {
        self.one(
            "SELECT by, at FROM resets WHERE member = ?1",
            [member.0],
            |row| Ok((MemberId(row.get(0)?), uint(row, 1)?)),
        )
    }

    pub(super) fn keep_reset(
        &self,
        member: MemberId,
        by: MemberId,
        at: u64,
    ) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO resets VALUES (?1, ?2, ?3) ON CONFLICT (member) DO UPDATE
             SET by = excluded.by, at = excluded.at",
            params![member.0, by.0, int(at)],
        )?;
        Ok(())
    }
}
