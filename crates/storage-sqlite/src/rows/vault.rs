//! Vault records and heads.

use protocol::{
    Hash32, MemberId,
    methods::vault::{ManifestLine, Record, RecordName},
};
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};
use storage::{
    StorageError,
    vault::{StoredHead, VaultReader, VaultWriter},
};

use super::{Rows, bytes, int, uint};

fn head(row: &Row<'_>) -> rusqlite::Result<StoredHead> {
    Ok(StoredHead {
        number: uint(row, 0)?,
        bytes: bytes(row, 1)?,
    })
}

impl Rows<'_> {
    /// Where the bytes of a record stand, and how many they are.
    fn body_number(
        &self,
        member: MemberId,
        name: &RecordName,
    ) -> Result<Option<(i64, i64)>, StorageError> {
        self.one(
            "SELECT body, length(bytes) FROM records JOIN record_bodies ON no = body
             WHERE member = ?1 AND kind = ?2 AND id = ?3",
            params![member.0, name.kind, &name.id[..]],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    fn grow(&self, member: MemberId, bytes: i64) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO vault_sizes VALUES (?1, ?2)
             ON CONFLICT (member) DO UPDATE SET bytes = bytes + excluded.bytes",
            params![member.0, bytes],
        )?;
        Ok(())
    }
}

impl VaultReader for Rows<'_> {
    fn vault_head(&self, member: MemberId) -> Result<Option<StoredHead>, StorageError> {
        self.one(
            "SELECT number, bytes FROM vault_heads WHERE member = ?1 ORDER BY number DESC LIMIT 1",
            [member.0],
            head,
        )
    }

    fn vault_heads(
        &self,
        member: MemberId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<StoredHead>, StorageError> {
        self.all(
            "SELECT number, bytes FROM vault_heads WHERE member = ?1 AND number >= ?2
             ORDER BY number LIMIT ?3",
            params![member.0, i64::try_from(from).unwrap_or(i64::MAX), limit],
            head,
        )
    }

    fn vault_manifest(&self, member: MemberId) -> Result<Vec<ManifestLine>, StorageError> {
        self.all(
            "SELECT kind, id, version, hash FROM records WHERE member = ?1 ORDER BY kind, id",
            [member.0],
            |row| {
                Ok(ManifestLine {
                    name: RecordName {
                        kind: row.get(0)?,
                        id: bytes(row, 1)?,
                    },
                    version: uint(row, 2)?,
                    hash: Hash32(row.get(3)?),
                })
            },
        )
    }

    fn record_version(&self, member: MemberId, name: &RecordName) -> Result<u64, StorageError> {
        let version = self.one(
            "SELECT version FROM records WHERE member = ?1 AND kind = ?2 AND id = ?3",
            params![member.0, name.kind, &name.id[..]],
            |row| uint(row, 0),
        )?;
        Ok(version.unwrap_or(0))
    }

    fn record(&self, member: MemberId, name: &RecordName) -> Result<Option<Record>, StorageError> {
        self.one(
            "SELECT version, bytes FROM records JOIN record_bodies ON no = body
             WHERE member = ?1 AND kind = ?2 AND id = ?3",
            params![member.0, name.kind, &name.id[..]],
            |row| {
                Ok(Record {
                    name: name.clone(),
                    version: uint(row, 0)?,
                    bytes: bytes(row, 1)?,
                })
            },
        )
    }

    fn record_count(&self, member: MemberId) -> Result<u64, StorageError> {
        let count = self.one(
            "SELECT count(*) FROM records WHERE member = ?1",
            [member.0],
            |row| uint(row, 0),
        )?;
        Ok(count.unwrap_or(0))
    }

    fn vault_bytes(&self, member: MemberId) -> Result<u64, StorageError> {
        let bytes = self.one(
            "SELECT bytes FROM vault_sizes WHERE member = ?1",
            [member.0],
            |row| uint(row, 0),
        )?;
        Ok(bytes.unwrap_or(0))
    }
}

impl VaultWriter for Rows<'_> {
    fn put_record(&mut self, member: MemberId, record: &Record) -> Result<(), StorageError> {
        let mut grown = i64::try_from(record.bytes.len()).unwrap_or(i64::MAX);
        let body = match self.body_number(member, &record.name)? {
            Some((body, before)) => {
                grown -= before;
                self.run(
                    "UPDATE record_bodies SET bytes = ?2 WHERE no = ?1",
                    params![body, &record.bytes[..]],
                )?;
                body
            }
            None => {
                self.run(
                    "INSERT INTO record_bodies (bytes) VALUES (?1)",
                    [&record.bytes[..]],
                )?;
                self.connection.last_insert_rowid()
            }
        };
        self.grow(member, grown)?;
        let hash: [u8; 32] = Sha256::digest(&record.bytes).into();
        self.run(
            "INSERT INTO records (member, kind, id, version, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET version = excluded.version, hash = excluded.hash",
            params![
                member.0,
                record.name.kind,
                &record.name.id[..],
                int(record.version),
                hash,
                body
            ],
        )?;
        Ok(())
    }

    fn delete_record(&mut self, member: MemberId, name: &RecordName) -> Result<(), StorageError> {
        let Some((body, bytes)) = self.body_number(member, name)? else {
            return Ok(());
        };
        self.grow(member, -bytes)?;
        self.run(
            "DELETE FROM records WHERE member = ?1 AND kind = ?2 AND id = ?3",
            params![member.0, name.kind, &name.id[..]],
        )?;
        self.run("DELETE FROM record_bodies WHERE no = ?1", [body])?;
        Ok(())
    }

    fn clear_vault(&mut self, member: MemberId) -> Result<(), StorageError> {
        // what refers to the bodies goes first
        let bodies = self.all(
            "SELECT body FROM records WHERE member = ?1",
            [member.0],
            |row| row.get::<_, i64>(0),
        )?;
        self.run("DELETE FROM records WHERE member = ?1", [member.0])?;
        for body in bodies {
            self.run("DELETE FROM record_bodies WHERE no = ?1", [body])?;
        }
        self.run("DELETE FROM vault_sizes WHERE member = ?1", [member.0])?;
        Ok(())
    }

    fn put_head(&mut self, member: MemberId, head: &StoredHead) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO vault_heads VALUES (?1, ?2, ?3)
             ON CONFLICT (member, number) DO UPDATE SET bytes = excluded.bytes",
            params![member.0, int(head.number), &head.bytes[..]],
        )?;
        Ok(())
    }
}
