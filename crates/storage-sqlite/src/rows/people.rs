//! Certificates, devices, invitations and key packages, as SQL; the ports in `accounts.rs` name them.

use protocol::{Bytes, DeviceId, Hash32, InvitationId, MemberId};
use rusqlite::{Row, params};
use storage::{
    StorageError,
    accounts::{Device, Invitation, KeyPackage, servable},
};

use super::{Rows, bytes, int, uint};

const DEVICE: &str =
    "SELECT device, member, name, signing_key, wrap_key, created, last_seen, revoked FROM devices";
const INVITATION: &str =
    "SELECT invitation, secret_hash, inviter, expires, uses_left FROM invitations";

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        device: DeviceId(row.get(0)?),
        member: MemberId(row.get(1)?),
        name: row.get(2)?,
        signing_key: row.get(3)?,
        wrap_key: row.get(4)?,
        created: uint(row, 5)?,
        last_seen: uint(row, 6)?,
        revoked: row.get(7)?,
    })
}

fn invitation(row: &Row<'_>) -> rusqlite::Result<Invitation> {
    Ok(Invitation {
        invitation: InvitationId(row.get(0)?),
        secret_hash: Hash32(row.get(1)?),
        inviter: MemberId(row.get(2)?),
        expires: uint(row, 3)?,
        uses_left: row.get(4)?,
    })
}

impl Rows<'_> {
    pub(super) fn leaf(&self, name: Hash32) -> Result<Option<Bytes>, StorageError> {
        self.one(
            "SELECT certificate FROM leaf_certificates WHERE name = ?1",
            [name.0],
            |row| bytes(row, 0),
        )
    }

    pub(super) fn add_leaf(&self, name: Hash32, certificate: &[u8]) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO leaf_certificates VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            params![name.0, certificate],
        )?;
        Ok(())
    }

    pub(super) fn device_by_id(&self, id: DeviceId) -> Result<Option<Device>, StorageError> {
        self.one(&format!("{DEVICE} WHERE device = ?1"), [id.0], device)
    }

    pub(super) fn devices_of(&self, member: MemberId) -> Result<Vec<Device>, StorageError> {
        self.all(
            &format!("{DEVICE} WHERE member = ?1 ORDER BY no"),
            [member.0],
            device,
        )
    }

    pub(super) fn signed_in_of(
        &self,
        member: MemberId,
        limit: u32,
    ) -> Result<Vec<Device>, StorageError> {
        let sql = format!(
            "{DEVICE} WHERE member = ?1 AND revoked = 0 ORDER BY last_seen DESC, no DESC LIMIT ?2"
        );
        self.all(&sql, params![member.0, limit], device)
    }

    pub(super) fn signed_out_of(
        &self,
        member: MemberId,
        limit: u32,
    ) -> Result<Vec<(Device, u64)>, StorageError> {
        let sql = format!(
            "{DEVICE} WHERE member = ?1 AND revoked <> 0 ORDER BY revoked DESC, no DESC LIMIT ?2"
        );
        self.all(&sql, params![member.0, limit], |row| {
            Ok((device(row)?, uint(row, 7)?))
        })
    }

    pub(super) fn revoked(&self, device: DeviceId) -> Result<bool, StorageError> {
        let revoked = self.one(
            "SELECT revoked <> 0 OR EXISTS (SELECT 1 FROM suspensions s WHERE s.member = devices.member)
             FROM devices WHERE device = ?1",
            [device.0],
            |row| row.get(0),
        )?;
        Ok(revoked.unwrap_or(false))
    }

    /// `revoked` is 0, or the time of the sign-out (ms). The first servers wrote 1, which counts as the oldest.
    pub(super) fn revoke(&self, device: DeviceId, now: u64) -> Result<(), StorageError> {
        self.run(
            "UPDATE devices SET revoked = max(?2, 1) WHERE device = ?1 AND revoked = 0",
            params![device.0, int(now)],
        )?;
        Ok(())
    }

    pub(super) fn add_device(&self, device: &Device) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO devices (device, member, name, signing_key, wrap_key, created, last_seen, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                device.device.0,
                device.member.0,
                device.name,
                device.signing_key,
                device.wrap_key,
                int(device.created),
                int(device.last_seen),
                device.revoked
            ],
        )?;
        Ok(())
    }

    pub(super) fn invitation_by_secret(
        &self,
        hash: Hash32,
    ) -> Result<Option<Invitation>, StorageError> {
        let sql = format!("{INVITATION} WHERE secret_hash = ?1");
        self.one(&sql, [hash.0], invitation)
    }

    pub(super) fn invitation_named(
        &self,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StorageError> {
        let sql = format!("{INVITATION} WHERE invitation = ?1");
        self.one(&sql, [id.0], invitation)
    }

    pub(super) fn add_invitation(&self, invitation: &Invitation) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO invitations (invitation, secret_hash, inviter, expires, uses_left)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                invitation.invitation.0,
                invitation.secret_hash.0,
                invitation.inviter.0,
                int(invitation.expires),
                invitation.uses_left
            ],
        )?;
        Ok(())
    }

    pub(super) fn offer(&self, member: MemberId, package: &KeyPackage) -> Result<(), StorageError> {
        if package.last_resort {
            self.run(
                "UPDATE key_packages SET package = NULL
                 WHERE member = ?1 AND last_resort = 1 AND package IS NOT NULL",
                [member.0],
            )?;
        }
        self.run(
            "INSERT INTO key_packages (id, member, last_resort, issued_at, package)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                package.id.0,
                member.0,
                package.last_resort,
                int(package.issued_at),
                &package.package[..]
            ],
        )?;
        Ok(())
    }

    pub(super) fn on_offer(&self, member: MemberId, now: u64) -> Result<u32, StorageError> {
        let dates = servable(now);
        let count = self.one(
            "SELECT count(*) FROM key_packages WHERE member = ?1 AND last_resort = 0
             AND package IS NOT NULL AND issued_at BETWEEN ?2 AND ?3",
            params![member.0, int(*dates.start()), int(*dates.end())],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    pub(super) fn is_servable(&self, member: MemberId, now: u64) -> Result<bool, StorageError> {
        let dates = servable(now);
        let there = self.one(
            "SELECT EXISTS (SELECT 1 FROM key_packages WHERE member = ?1
             AND package IS NOT NULL AND issued_at BETWEEN ?2 AND ?3)",
            params![member.0, int(*dates.start()), int(*dates.end())],
            |row| row.get(0),
        )?;
        Ok(there.unwrap_or(false))
    }

    pub(super) fn drop_stale(&self, member: MemberId, now: u64) -> Result<(), StorageError> {
        let dates = servable(now);
        self.run(
            "UPDATE key_packages SET package = NULL WHERE member = ?1 AND last_resort = 0
             AND package IS NOT NULL AND issued_at NOT BETWEEN ?2 AND ?3",
            params![member.0, int(*dates.start()), int(*dates.end())],
        )?;
        Ok(())
    }

    pub(super) fn withdraw(&self, member: MemberId) -> Result<(), StorageError> {
        self.run(
            "UPDATE key_packages SET package = NULL WHERE member = ?1 AND package IS NOT NULL",
            [member.0],
        )?;
        Ok(())
    }

    pub(super) fn claim(
        &self,
        member: MemberId,
        now: u64,
    ) -> Result<Option<KeyPackage>, StorageError> {
        let dates = servable(now);
        // Those that are used up once come first, the oldest first.
        let found = self.one(
            "SELECT no, id, package, last_resort, issued_at FROM key_packages
             WHERE member = ?1 AND package IS NOT NULL AND issued_at BETWEEN ?2 AND ?3
             ORDER BY last_resort, no LIMIT 1",
            params![member.0, int(*dates.start()), int(*dates.end())],
            |row| {
                let package = KeyPackage {
                    id: Hash32(row.get(1)?),
                    package: bytes(row, 2)?,
                    last_resort: row.get(3)?,
                    issued_at: uint(row, 4)?,
                };
                Ok((row.get::<_, i64>(0)?, package))
            },
        )?;
        let Some((no, package)) = found else {
            return Ok(None);
        };
        if !package.last_resort {
            self.run("UPDATE key_packages SET package = NULL WHERE no = ?1", [no])?;
        }
        Ok(Some(package))
    }

    pub(super) fn spend(&self, member: MemberId, id: Hash32) -> Result<bool, StorageError> {
        let spent = self.run(
            "UPDATE key_packages SET spent = 1 WHERE id = ?1 AND member = ?2
             AND (last_resort = 1 OR (package IS NULL AND spent = 0))",
            params![id.0, member.0],
        )?;
        Ok(spent == 1)
    }
}
