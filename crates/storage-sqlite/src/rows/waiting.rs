//! Devices that wait to be let in, as SQL; the ports in `accounts.rs` name them.

use protocol::{Bytes, DeviceId, Hash32, MemberId};
use rusqlite::{Row, params};
use storage::{
    StorageError,
    accounts::{Claim, Device, Waiting},
};

use super::{Rows, int, uint};

const WAITING: &str =
    "SELECT device, member, name, signing_key, wrap_key, created, asked, commitment,
    claimed_by, claim_nonce, claimed, revealed, granted, sealed FROM waiting_devices";

fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Hash32>> {
    Ok(row.get::<_, Option<[u8; 32]>>(column)?.map(Hash32))
}

fn waiting(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    let created = uint(row, 5)?;
    let by: Option<[u8; 16]> = row.get(8)?;
    let claim = by
        .zip(hash(row, 9)?)
        .map(|(by, nonce)| (DeviceId(by), nonce));
    let at = uint(row, 10)?;
    let granted = uint(row, 12)?;
    let sealed: Option<Vec<u8>> = row.get(13)?;
    Ok(Waiting {
        device: Device {
            device: DeviceId(row.get(0)?),
            member: MemberId(row.get(1)?),
            name: row.get(2)?,
            signing_key: row.get(3)?,
            wrap_key: row.get(4)?,
            created,
            last_seen: created,
            revoked: false,
        },
        asked: uint(row, 6)?,
        commitment: hash(row, 7)?,
        claim: claim.map(|(by, nonce)| Claim { by, nonce, at }),
        revealed: hash(row, 11)?,
        granted: sealed.map(|sealed| (granted, Bytes::from(sealed))),
    })
}

impl Rows<'_> {
    pub(super) fn needs_approval(&self, member: MemberId) -> Result<bool, StorageError> {
        let required = self.one(
            "SELECT approval_required FROM accounts WHERE member = ?1 AND closed = 0",
            [member.0],
            |row| row.get(0),
        )?;
        Ok(required.unwrap_or(false))
    }

    pub(super) fn require_approval(
        &self,
        member: MemberId,
        required: bool,
    ) -> Result<(), StorageError> {
        self.run(
            "UPDATE accounts SET approval_required = ?2 WHERE member = ?1 AND closed = 0",
            params![member.0, required],
        )?;
        Ok(())
    }

    pub(super) fn waiting_by_id(&self, id: DeviceId) -> Result<Option<Waiting>, StorageError> {
        self.one(&format!("{WAITING} WHERE device = ?1"), [id.0], waiting)
    }

    pub(super) fn waiting_of(&self, member: MemberId) -> Result<Vec<Waiting>, StorageError> {
        let sql = format!("{WAITING} WHERE member = ?1 ORDER BY no");
        self.all(&sql, [member.0], waiting)
    }

    pub(super) fn keep_waiting(&self, waiting: &Waiting) -> Result<(), StorageError> {
        let device = &waiting.device;
        let claim = waiting.claim.as_ref();
        let granted = waiting.granted.as_ref();
        self.run(
            "INSERT INTO waiting_devices (device, member, name, signing_key, wrap_key, created, asked, commitment,
             claimed_by, claim_nonce, claimed, revealed, granted, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (device) DO UPDATE SET asked = excluded.asked, commitment = excluded.commitment,
             claimed_by = excluded.claimed_by, claim_nonce = excluded.claim_nonce, claimed = excluded.claimed,
             revealed = excluded.revealed, granted = excluded.granted, sealed = excluded.sealed",
            params![
                device.device.0,
                device.member.0,
                device.name,
                device.signing_key,
                device.wrap_key,
                int(device.created),
                int(waiting.asked),
                waiting.commitment.map(|hash| hash.0),
                claim.map(|claim| claim.by.0),
                claim.map(|claim| claim.nonce.0),
                int(claim.map_or(0, |claim| claim.at)),
                waiting.revealed.map(|hash| hash.0),
                int(granted.map_or(0, |(at, _)| *at)),
                granted.map(|(_, sealed)| &sealed[..])
            ],
        )?;
        Ok(())
    }
}
