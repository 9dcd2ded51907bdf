//! Accounts.

use protocol::{
    Bytes, DeviceId, Hash32, InvitationId, MemberId,
    methods::account::{OrganisationRole, Stretching},
};
use rusqlite::{Row, params};
use storage::{
    StorageError,
    accounts::{
        Account, AccountReader, AccountWriter, Device, Forgotten, Invitation, KeyPackage,
        ResetLink, Waiting,
    },
    search,
};

use super::{Rows, bytes, int, uint};

const ACCOUNT: &str = "SELECT member, login_name, skeleton, display_name, role, opaque_record,
    memory_kib, passes, lanes, certificate, generation, created FROM accounts WHERE closed = 0";

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        member: MemberId(row.get(0)?),
        login_name: row.get(1)?,
        skeleton: row.get(2)?,
        display_name: row.get(3)?,
        role: role_of(row.get(4)?),
        opaque_record: row.get(5)?,
        stretching: Stretching {
            memory_kib: row.get(6)?,
            passes: row.get(7)?,
            lanes: row.get(8)?,
        },
        certificate: bytes(row, 9)?,
        generation: row.get(10)?,
        created: uint(row, 11)?,
    })
}

fn role_of(number: i64) -> OrganisationRole {
    match number {
        1 => OrganisationRole::Admin,
        2 => OrganisationRole::Member,
        3 => OrganisationRole::Guest,
        _ => OrganisationRole::Unknown,
    }
}

fn number_of(role: OrganisationRole) -> i64 {
    match role {
        OrganisationRole::Unknown => 0,
        OrganisationRole::Admin => 1,
        OrganisationRole::Member => 2,
        OrganisationRole::Guest => 3,
    }
}

impl Rows<'_> {
    fn account_number(&self, member: MemberId) -> Result<i64, StorageError> {
        let number = self.one(
            "SELECT no FROM accounts WHERE member = ?1",
            [member.0],
            |row| row.get(0),
        )?;
        number.map_or_else(
            || self.refuse(StorageError::Database("no such account".into())),
            Ok,
        )
    }

    fn index_names(&self, no: i64, account: &Account) -> Result<(), StorageError> {
        self.run("DELETE FROM account_endings WHERE account = ?1", [no])?;
        for name in [&account.login_name, &account.display_name] {
            for ending in search::endings(name) {
                self.run(
                    "INSERT INTO account_endings VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    params![ending, no],
                )?;
            }
        }
        Ok(())
    }

    fn keep_certificate(&self, no: i64, certificate: &[u8]) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO account_certificates (account, certificate) VALUES (?1, ?2)",
            params![no, certificate],
        )?;
        Ok(())
    }

    /// Before a certificate of this generation takes its place: a renamed member has one for each generation.
    fn drop_certificate_of(&self, no: i64, generation: u32) -> Result<(), StorageError> {
        self.run(
            "DELETE FROM account_certificates WHERE account = ?1 AND certificate =
             (SELECT certificate FROM accounts WHERE no = ?1 AND generation = ?2)",
            params![no, generation],
        )?;
        Ok(())
    }
}

impl AccountReader for Rows<'_> {
    fn account(&self, member: MemberId) -> Result<Option<Account>, StorageError> {
        self.one(&format!("{ACCOUNT} AND member = ?1"), [member.0], account)
    }

    fn account_by_login_name(&self, login_name: &str) -> Result<Option<Account>, StorageError> {
        let sql = format!("{ACCOUNT} AND login_name = ?1");
        self.one(&sql, [login_name], account)
    }

    fn member_by_skeleton(&self, skeleton: &str) -> Result<Option<MemberId>, StorageError> {
        self.one(
            "SELECT member FROM accounts WHERE closed = 0 AND skeleton = ?1",
            [skeleton],
            |row| row.get(0).map(MemberId),
        )
    }

    fn is_suspended(&self, member: MemberId) -> Result<bool, StorageError> {
        let sql = "SELECT 1 FROM suspensions WHERE member = ?1";
        Ok(self.one(sql, [member.0], |_| Ok(()))?.is_some())
    }

    fn closed_in_conversations(&self, limit: u32) -> Result<Vec<MemberId>, StorageError> {
        self.all(
            "SELECT member FROM accounts WHERE closed > 0
             AND EXISTS (SELECT 1 FROM members m WHERE m.member = accounts.member) LIMIT ?1",
            [limit],
            |row| row.get(0).map(MemberId),
        )
    }

    fn account_count(&self) -> Result<u64, StorageError> {
        let count = self.one("SELECT count(*) FROM accounts", [], |row| uint(row, 0))?;
        Ok(count.unwrap_or(0))
    }

    fn find_accounts(&self, query: &str, limit: u32) -> Result<Vec<Account>, StorageError> {
        if query.is_empty() {
            let sql = format!("{ACCOUNT} ORDER BY login_name LIMIT ?1");
            return self.all(&sql, [limit], account);
        }
        let from = search::fold(query);
        let to = format!("{from}\u{10ffff}"); // after everything that starts with `from`
        let sql = format!(
            "{ACCOUNT} AND no IN
             (SELECT account FROM account_endings WHERE ending >= ?1 AND ending < ?2)
             ORDER BY login_name LIMIT ?3"
        );
        self.all(&sql, params![from, to, limit], account)
    }

    fn account_certificates(&self, member: MemberId) -> Result<Vec<Bytes>, StorageError> {
        self.all(
            "SELECT c.certificate FROM account_certificates c JOIN accounts a ON a.no = c.account
             WHERE a.member = ?1 ORDER BY c.no",
            [member.0],
            |row| bytes(row, 0),
        )
    }

    fn recovery_key(&self, member: MemberId) -> Result<Option<[u8; 32]>, StorageError> {
        let sql = "SELECT key FROM recovery_keys WHERE member = ?1";
        self.one(sql, [member.0], |row| row.get(0))
    }

    fn admins(&self) -> Result<Vec<MemberId>, StorageError> {
        let sql = "SELECT member FROM accounts WHERE closed = 0 AND role = ?1 ORDER BY no";
        let admin = number_of(OrganisationRole::Admin);
        self.all(sql, [admin], |row| row.get(0).map(MemberId))
    }

    fn forgotten(&self, member: MemberId) -> Result<Option<Forgotten>, StorageError> {
        self.forgotten_of(member)
    }

    fn successions(&self, member: MemberId) -> Result<Vec<Bytes>, StorageError> {
        self.successions_of(member)
    }

    fn reset_link(&self, secret_hash: Hash32) -> Result<Option<ResetLink>, StorageError> {
        self.reset_link_by_secret(secret_hash)
    }

    fn reset_of(&self, member: MemberId) -> Result<Option<(MemberId, u64)>, StorageError> {
        self.newest_reset(member)
    }

    fn leaf_certificate(&self, name: Hash32) -> Result<Option<Bytes>, StorageError> {
        self.leaf(name)
    }

    fn device(&self, device: DeviceId) -> Result<Option<Device>, StorageError> {
        self.device_by_id(device)
    }

    fn devices(&self, member: MemberId) -> Result<Vec<Device>, StorageError> {
        self.devices_of(member)
    }

    fn devices_signed_in(&self, member: MemberId, limit: u32) -> Result<Vec<Device>, StorageError> {
        self.signed_in_of(member, limit)
    }

    fn devices_signed_out(
        &self,
        member: MemberId,
        limit: u32,
    ) -> Result<Vec<(Device, u64)>, StorageError> {
        self.signed_out_of(member, limit)
    }

    fn approval_required(&self, member: MemberId) -> Result<bool, StorageError> {
        self.needs_approval(member)
    }

    fn waiting_device(&self, device: DeviceId) -> Result<Option<Waiting>, StorageError> {
        self.waiting_by_id(device)
    }

    fn waiting_devices(&self, member: MemberId) -> Result<Vec<Waiting>, StorageError> {
        self.waiting_of(member)
    }

    fn is_signed_out(&self, device: DeviceId) -> Result<bool, StorageError> {
        self.revoked(device)
    }

    fn invitation(&self, secret_hash: Hash32) -> Result<Option<Invitation>, StorageError> {
        self.invitation_by_secret(secret_hash)
    }

    fn invitation_by_id(&self, id: InvitationId) -> Result<Option<Invitation>, StorageError> {
        self.invitation_named(id)
    }

    fn key_packages_left(&self, member: MemberId, now: u64) -> Result<u32, StorageError> {
        self.on_offer(member, now)
    }

    fn has_key_package(&self, member: MemberId, now: u64) -> Result<bool, StorageError> {
        self.is_servable(member, now)
    }
}

impl AccountWriter for Rows<'_> {
    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO accounts (member, login_name, skeleton, display_name, role, opaque_record,
             memory_kib, passes, lanes, certificate, generation, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                account.member.0,
                account.login_name,
                account.skeleton,
                account.display_name,
                number_of(account.role),
                account.opaque_record,
                account.stretching.memory_kib,
                account.stretching.passes,
                account.stretching.lanes,
                &account.certificate[..],
                account.generation,
                int(account.created)
            ],
        )?;
        let no = self.connection.last_insert_rowid();
        self.keep_certificate(no, &account.certificate)?;
        self.index_names(no, account)
    }

    fn update_certificate(&mut self, account: &Account) -> Result<(), StorageError> {
        let no = self.account_number(account.member)?;
        self.drop_certificate_of(no, account.generation)?;
        self.run(
            "UPDATE accounts SET login_name = ?2, skeleton = ?3, display_name = ?4,
             certificate = ?5, generation = ?6 WHERE no = ?1",
            params![
                no,
                account.login_name,
                account.skeleton,
                account.display_name,
                &account.certificate[..],
                account.generation
            ],
        )?;
        self.keep_certificate(no, &account.certificate)?;
        self.index_names(no, account)
    }

    fn update_passphrase(
        &mut self,
        member: MemberId,
        opaque_record: &[u8],
        stretching: &Stretching,
    ) -> Result<(), StorageError> {
        let no = self.account_number(member)?;
        self.run(
            "UPDATE accounts SET opaque_record = ?2, memory_kib = ?3, passes = ?4, lanes = ?5
             WHERE no = ?1",
            params![
                no,
                opaque_record,
                stretching.memory_kib,
                stretching.passes,
                stretching.lanes
            ],
        )?;
        Ok(())
    }

    fn set_role(&mut self, member: MemberId, role: OrganisationRole) -> Result<(), StorageError> {
        let sql = "UPDATE accounts SET role = ?2 WHERE member = ?1 AND closed = 0";
        self.run(sql, params![member.0, number_of(role)])?;
        Ok(())
    }

    fn set_suspended(&mut self, member: MemberId, suspended: bool) -> Result<(), StorageError> {
        let sql = if suspended {
            "INSERT INTO suspensions VALUES (?1) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM suspensions WHERE member = ?1"
        };
        self.run(sql, [member.0])?;
        Ok(())
    }

    fn close_account(&mut self, member: MemberId, now: u64) -> Result<(), StorageError> {
        self.close(member, now)
    }

    fn set_recovery_key(
        &mut self,
        member: MemberId,
        key: Option<[u8; 32]>,
    ) -> Result<(), StorageError> {
        self.run("DELETE FROM recovery_keys WHERE member = ?1", [member.0])?;
        if let Some(key) = key {
            self.run(
                "INSERT INTO recovery_keys VALUES (?1, ?2)",
                params![member.0, key],
            )?;
        }
        Ok(())
    }

    fn put_forgotten(&mut self, request: &Forgotten) -> Result<(), StorageError> {
        self.keep_forgotten(request)
    }

    fn drop_forgotten(&mut self, member: MemberId) -> Result<(), StorageError> {
        self.run("DELETE FROM forgotten WHERE member = ?1", [member.0])?;
        Ok(())
    }

    fn add_succession(&mut self, member: MemberId, statement: &[u8]) -> Result<(), StorageError> {
        self.keep_succession(member, statement)
    }

    fn put_reset_link(&mut self, link: &ResetLink) -> Result<(), StorageError> {
        self.keep_reset_link(link)
    }

    fn drop_reset_link(&mut self, member: MemberId) -> Result<(), StorageError> {
        self.run("DELETE FROM reset_links WHERE member = ?1", [member.0])?;
        Ok(())
    }

    fn note_reset(&mut self, member: MemberId, by: MemberId, at: u64) -> Result<(), StorageError> {
        self.keep_reset(member, by, at)
    }

    fn put_leaf_certificate(
        &mut self,
        name: Hash32,
        certificate: &[u8],
    ) -> Result<(), StorageError> {
        self.add_leaf(name, certificate)
    }

    fn insert_device(&mut self, device: &Device) -> Result<(), StorageError> {
        self.add_device(device)
    }

    fn touch_device(&mut self, device: DeviceId, now: u64) -> Result<(), StorageError> {
        self.run(
            "UPDATE devices SET last_seen = ?2 WHERE device = ?1",
            params![device.0, int(now)],
        )?;
        Ok(())
    }

    fn revoke_device(&mut self, device: DeviceId, now: u64) -> Result<(), StorageError> {
        self.revoke(device, now)
    }

    fn set_approval_required(
        &mut self,
        member: MemberId,
        required: bool,
    ) -> Result<(), StorageError> {
        self.require_approval(member, required)
    }

    fn put_waiting(&mut self, waiting: &Waiting) -> Result<(), StorageError> {
        self.keep_waiting(waiting)
    }

    fn drop_waiting(&mut self, device: DeviceId) -> Result<(), StorageError> {
        let sql = "DELETE FROM waiting_devices WHERE device = ?1";
        self.run(sql, [device.0])?;
        Ok(())
    }

    fn insert_invitation(&mut self, invitation: &Invitation) -> Result<(), StorageError> {
        self.add_invitation(invitation)
    }

    fn use_invitation(&mut self, secret_hash: Hash32) -> Result<bool, StorageError> {
        let used = self.run(
            "UPDATE invitations SET uses_left = uses_left - 1 WHERE secret_hash = ?1 AND uses_left > 0",
            [secret_hash.0],
        )?;
        Ok(used == 1)
    }

    fn delete_invitation(&mut self, id: InvitationId) -> Result<(), StorageError> {
        self.run("DELETE FROM invitations WHERE invitation = ?1", [id.0])?;
        Ok(())
    }

    fn insert_key_package(
        &mut self,
        member: MemberId,
        package: &KeyPackage,
    ) -> Result<(), StorageError> {
        self.offer(member, package)
    }

    fn note_key_package(&mut self, member: MemberId, id: Hash32) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO key_packages (id, member, last_resort, issued_at, package) VALUES (?1, ?2, 0, 0, NULL)",
            params![id.0, member.0],
        )?;
        Ok(())
    }

    fn drop_stale_key_packages(&mut self, member: MemberId, now: u64) -> Result<(), StorageError> {
        self.drop_stale(member, now)
    }

    fn withdraw_key_packages(&mut self, member: MemberId) -> Result<(), StorageError> {
        self.withdraw(member)
    }

    fn claim_key_package(
        &mut self,
        member: MemberId,
        now: u64,
    ) -> Result<Option<KeyPackage>, StorageError> {
        self.claim(member, now)
    }

    fn spend_key_package(&mut self, member: MemberId, id: Hash32) -> Result<bool, StorageError> {
        self.spend(member, id)
    }
}
