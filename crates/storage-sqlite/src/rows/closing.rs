//! Closing an account: what stays of it is a row without anything personal.

use protocol::MemberId;
use rusqlite::params;
use storage::StorageError;

use super::{Rows, int};

/// What is dropped whole.
const DROPPED: &[&str] = &[
    "DELETE FROM account_endings WHERE account = (SELECT no FROM accounts WHERE member = ?1)",
    "DELETE FROM account_certificates WHERE account = (SELECT no FROM accounts WHERE member = ?1)",
    "DELETE FROM recovery_keys WHERE member = ?1",
    "DELETE FROM suspensions WHERE member = ?1",
    "DELETE FROM forgotten WHERE member = ?1",
    "DELETE FROM successions WHERE member = ?1",
    "DELETE FROM reset_links WHERE member = ?1 OR by = ?1",
    "DELETE FROM resets WHERE member = ?1",
    "DELETE FROM invitations WHERE inviter = ?1",
    "DELETE FROM waiting_devices WHERE member = ?1",
    // a package that was claimed before adds nobody any more
    "UPDATE key_packages SET package = NULL, spent = 1, last_resort = 0 WHERE member = ?1",
    "DELETE FROM vault_heads WHERE member = ?1",
    "DELETE FROM vault_sizes WHERE member = ?1",
];

impl Rows<'_> {
    pub(super) fn close(&self, member: MemberId, now: u64) -> Result<(), StorageError> {
        // names are prepared without spaces: nobody is kept from a name by these
        let closed = self.run(
            "UPDATE accounts SET login_name = ' ' || hex(member), skeleton = ' ' || hex(member), display_name = '',
             opaque_record = x'', certificate = x'', closed = max(?2, 1) WHERE member = ?1 AND closed = 0",
            params![member.0, int(now)],
        )?;
        if closed == 0 {
            return Ok(());
        }
        self.run(
            "UPDATE devices SET name = '', signing_key = zeroblob(32), wrap_key = x'',
             revoked = max(revoked, ?2, 1) WHERE member = ?1",
            params![member.0, int(now)],
        )?;
        for sql in DROPPED {
            self.run(sql, [member.0])?;
        }
        let bodies: Vec<i64> = self.all(
            "DELETE FROM records WHERE member = ?1 RETURNING body",
            [member.0],
            |row| row.get(0),
        )?;
        for body in bodies {
            self.run("DELETE FROM record_bodies WHERE no = ?1", [body])?;
        }
        Ok(())
    }
}
