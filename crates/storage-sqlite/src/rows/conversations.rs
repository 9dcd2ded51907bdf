//! Conversations and their logs.

use protocol::{
    ConversationId, Hash32, MemberId, MessageId,
    methods::conversations::{Entry, Receipt, kind},
};
use rusqlite::{Row, params};
use storage::{
    StorageError,
    conversations::{
        Checkpoint, Conversation, ConversationReader, ConversationWriter, Membership,
        PendingWelcome, Range,
    },
    unique,
};

use super::{Rows, bytes, int, uint};

/// Bits of an entry's key that hold its seq.
const SEQ_BITS: u32 = 36;
const SEQ_MAX: u64 = (1 << SEQ_BITS) - 1;

const ENTRY: &str =
    "SELECT key, restart, kind, sender, epoch, time, expiry, quiet, message, body_hash, link, body
    FROM entries";

/// The key of an entry. `seq` beyond the greatest means the last key of the conversation.
fn key(conversation: i64, seq: u64) -> i64 {
    (conversation << SEQ_BITS) | int(seq.min(SEQ_MAX))
}

fn seq_of(key: i64) -> u64 {
    key.cast_unsigned() & SEQ_MAX
}

fn optional_bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<protocol::Bytes>> {
    Ok(row.get::<_, Option<Vec<u8>>>(column)?.map(Into::into))
}

fn entry(conversation: ConversationId, row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        conversation,
        seq: seq_of(row.get(0)?),
        restart: row.get(1)?,
        kind: row.get(2)?,
        sender: MemberId(row.get(3)?),
        epoch: uint(row, 4)?,
        time: uint(row, 5)?,
        expiry: uint(row, 6)?,
        quiet: row.get(7)?,
        message: row.get::<_, Option<[u8; 16]>>(8)?.map(MessageId),
        body_hash: Hash32(row.get(9)?),
        link: optional_bytes(row, 10)?,
        body: optional_bytes(row, 11)?,
    })
}

/// A range as keys: the first, the last, and how many at most.
type Keys = (i64, i64, u32);

impl Rows<'_> {
    fn number(&self, id: ConversationId) -> Result<Option<i64>, StorageError> {
        self.one(
            "SELECT no FROM conversations WHERE conversation = ?1",
            [id.0],
            |row| row.get(0),
        )
    }

    fn number_for_writing(&self, id: ConversationId) -> Result<i64, StorageError> {
        self.number(id)?.map_or_else(
            || self.refuse(StorageError::Database("no such conversation".into())),
            Ok,
        )
    }

    /// Entries until there are as many, or as many bytes of bodies, as the range allows.
    fn page(
        &self,
        id: ConversationId,
        sql: &str,
        keys: Keys,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, StorageError> {
        let read = || -> rusqlite::Result<Vec<Entry>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![keys.0, keys.1, keys.2])?;
            let mut page = Vec::new();
            let mut total = 0usize;
            while let Some(row) = rows.next()? {
                let entry = entry(id, row)?;
                total = total.saturating_add(entry.body.as_ref().map_or(0, |body| body.len()));
                if total > max_bytes && !page.is_empty() {
                    break;
                }
                page.push(entry);
            }
            Ok(page)
        };
        read().map_err(|e| self.fail(&e))
    }

    fn add_entry(&self, no: i64, entry: &Entry, transcript: Hash32) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO entries (key, restart, kind, epoch, time, expiry, quiet, sender, message, body_hash,
             transcript, link, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                key(no, entry.seq),
                entry.restart,
                entry.kind,
                int(entry.epoch),
                int(entry.time),
                int(entry.expiry),
                entry.quiet,
                entry.sender.0,
                entry.message.map(|message| message.0),
                entry.body_hash.0,
                transcript.0,
                entry.link.as_deref(),
                entry.body.as_deref()
            ],
        )?;
        if let Some(message) = entry.message {
            self.run(
                "INSERT INTO messages VALUES (?1, ?2, ?3, ?4)",
                params![no, entry.sender.0, message.0, int(entry.seq)],
            )?;
        }
        if entry.kind == kind::COMMIT {
            self.run(
                "INSERT INTO commits VALUES (?1, ?2, ?3, ?4)",
                params![no, entry.restart, int(entry.epoch), int(entry.seq)],
            )?;
        }
        Ok(())
    }
}

impl ConversationReader for Rows<'_> {
    fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StorageError> {
        self.one(
            "SELECT restart, direct_low, direct_high, epoch, head_seq, transcript, created
             FROM conversations WHERE conversation = ?1",
            [id.0],
            |row| {
                let low: Option<[u8; 16]> = row.get(1)?;
                let high: Option<[u8; 16]> = row.get(2)?;
                Ok(Conversation {
                    conversation: id,
                    restart: row.get(0)?,
                    direct: low.zip(high).map(|(a, b)| (MemberId(a), MemberId(b))),
                    epoch: uint(row, 3)?,
                    head_seq: uint(row, 4)?,
                    transcript: Hash32(row.get(5)?),
                    created: uint(row, 6)?,
                })
            },
        )
    }

    fn direct_between(
        &self,
        a: MemberId,
        b: MemberId,
    ) -> Result<Option<ConversationId>, StorageError> {
        self.one(
            "SELECT conversation FROM conversations WHERE direct_low = ?1 AND direct_high = ?2",
            [a.min(b).0, a.max(b).0],
            |row| row.get(0).map(ConversationId),
        )
    }

    fn membership(
        &self,
        id: ConversationId,
        member: MemberId,
    ) -> Result<Option<Membership>, StorageError> {
        self.one(
            "SELECT first_seq FROM members
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1) AND member = ?2",
            [id.0, member.0],
            |row| {
                Ok(Membership {
                    conversation: id,
                    member,
                    first_seq: uint(row, 0)?,
                })
            },
        )
    }

    fn members(&self, id: ConversationId) -> Result<Vec<Membership>, StorageError> {
        self.all(
            "SELECT member, first_seq FROM members
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1) ORDER BY member",
            [id.0],
            |row| {
                Ok(Membership {
                    conversation: id,
                    member: MemberId(row.get(0)?),
                    first_seq: uint(row, 1)?,
                })
            },
        )
    }

    fn conversations_of(&self, member: MemberId) -> Result<Vec<Membership>, StorageError> {
        self.all(
            "SELECT c.conversation, m.first_seq FROM members m JOIN conversations c ON c.no = m.conversation
             WHERE m.member = ?1 ORDER BY c.conversation",
            [member.0],
            |row| {
                Ok(Membership {
                    conversation: ConversationId(row.get(0)?),
                    member,
                    first_seq: uint(row, 1)?,
                })
            },
        )
    }

    fn entries(&self, id: ConversationId, range: Range) -> Result<Vec<Entry>, StorageError> {
        let Some(no) = self.number(id)? else {
            return Ok(Vec::new());
        };
        if range.from > SEQ_MAX {
            return Ok(Vec::new());
        }
        if range.commits_only {
            let sql = format!(
                "{ENTRY} WHERE key IN (SELECT (conversation << {SEQ_BITS}) | seq FROM commits
                 WHERE conversation = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3) ORDER BY key"
            );
            let keys = (no, int(range.from), range.limit);
            return self.page(id, &sql, keys, range.max_bytes);
        }
        let sql = format!("{ENTRY} WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3");
        let keys = (key(no, range.from), key(no, SEQ_MAX), range.limit);
        self.page(id, &sql, keys, range.max_bytes)
    }

    fn transcript_after(
        &self,
        id: ConversationId,
        seq: u64,
    ) -> Result<Option<Hash32>, StorageError> {
        let Some(no) = self.number(id)? else {
            return Ok(None);
        };
        if !(1..=SEQ_MAX).contains(&seq) {
            return Ok(None);
        }
        self.one(
            "SELECT transcript FROM entries WHERE key = ?1",
            [key(no, seq)],
            |row| row.get(0).map(Hash32),
        )
    }

    fn entry_by_message(
        &self,
        id: ConversationId,
        sender: MemberId,
        message: MessageId,
    ) -> Result<Option<(u64, u64, Hash32)>, StorageError> {
        let Some(no) = self.number(id)? else {
            return Ok(None);
        };
        let seq = self.one(
            "SELECT seq FROM messages WHERE conversation = ?1 AND sender = ?2 AND message = ?3",
            params![no, sender.0, message.0],
            |row| uint(row, 0),
        )?;
        let Some(seq) = seq else {
            return Ok(None);
        };
        self.one(
            "SELECT time, body_hash FROM entries WHERE key = ?1",
            [key(no, seq)],
            |row| Ok((seq, uint(row, 0)?, Hash32(row.get(1)?))),
        )
    }

    fn commit_of_epoch(
        &self,
        id: ConversationId,
        restart: u32,
        epoch: u64,
    ) -> Result<Option<Entry>, StorageError> {
        let sql = format!(
            "{ENTRY} WHERE key = (SELECT (conversation << {SEQ_BITS}) | seq FROM commits
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1)
             AND restart = ?2 AND epoch = ?3)"
        );
        self.one(&sql, params![id.0, restart, int(epoch)], |row| {
            entry(id, row)
        })
    }

    fn checkpoint(
        &self,
        id: ConversationId,
        restart: u32,
        epoch: u64,
    ) -> Result<Option<Checkpoint>, StorageError> {
        self.one(
            "SELECT epoch, bytes FROM checkpoints
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1)
             AND restart = ?2 AND epoch <= ?3 ORDER BY epoch DESC LIMIT 1",
            params![id.0, restart, int(epoch.min(i64::MAX.cast_unsigned()))],
            |row| {
                Ok(Checkpoint {
                    restart,
                    epoch: uint(row, 0)?,
                    bytes: bytes(row, 1)?,
                })
            },
        )
    }

    fn welcome(
        &self,
        id: ConversationId,
        member: MemberId,
    ) -> Result<Option<PendingWelcome>, StorageError> {
        self.one(
            "SELECT key_package, welcome, epoch, seq, transcript FROM welcomes
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1) AND member = ?2",
            [id.0, member.0],
            |row| {
                Ok(PendingWelcome {
                    member,
                    key_package: Hash32(row.get(0)?),
                    welcome: bytes(row, 1)?,
                    epoch: uint(row, 2)?,
                    seq: uint(row, 3)?,
                    transcript: Hash32(row.get(4)?),
                })
            },
        )
    }

    fn receipts(&self, id: ConversationId) -> Result<Vec<Receipt>, StorageError> {
        self.all(
            "SELECT member, epoch, body FROM receipts
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1) ORDER BY member",
            [id.0],
            |row| {
                Ok(Receipt {
                    conversation: id,
                    member: MemberId(row.get(0)?),
                    epoch: uint(row, 1)?,
                    body: bytes(row, 2)?,
                })
            },
        )
    }
}

impl ConversationWriter for Rows<'_> {
    fn insert_conversation(&mut self, conversation: &Conversation) -> Result<(), StorageError> {
        let pair = conversation.direct;
        self.run(
            "INSERT INTO conversations (conversation, restart, epoch, head_seq, created, direct_low, direct_high,
             transcript) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                conversation.conversation.0,
                conversation.restart,
                int(conversation.epoch),
                int(conversation.head_seq),
                int(conversation.created),
                pair.map(|(a, b)| a.min(b).0),
                pair.map(|(a, b)| a.max(b).0),
                conversation.transcript.0
            ],
        )?;
        Ok(())
    }

    fn append_entry(
        &mut self,
        entry: &Entry,
        transcript: Hash32,
        epoch_after: u64,
    ) -> Result<(), StorageError> {
        if !(1..=SEQ_MAX).contains(&entry.seq) {
            return self.refuse(StorageError::Conflict { what: unique::SEQ });
        }
        let no = self.one(
            "UPDATE conversations SET head_seq = ?2, transcript = ?3, epoch = ?4
             WHERE conversation = ?1 AND head_seq = ?2 - 1 RETURNING no",
            params![
                entry.conversation.0,
                int(entry.seq),
                transcript.0,
                int(epoch_after)
            ],
            |row| row.get(0),
        )?;
        match no {
            Some(no) => self.add_entry(no, entry, transcript),
            None => self.refuse(StorageError::Conflict { what: unique::SEQ }),
        }
    }

    fn insert_member(&mut self, membership: Membership) -> Result<(), StorageError> {
        let no = self.number_for_writing(membership.conversation)?;
        self.run(
            "INSERT INTO members VALUES (?1, ?2, ?3)",
            params![no, membership.member.0, int(membership.first_seq)],
        )?;
        Ok(())
    }

    fn delete_member(&mut self, id: ConversationId, member: MemberId) -> Result<(), StorageError> {
        let no = self.number_for_writing(id)?;
        for sql in [
            "DELETE FROM members WHERE conversation = ?1 AND member = ?2",
            "DELETE FROM receipts WHERE conversation = ?1 AND member = ?2",
            "DELETE FROM welcomes WHERE conversation = ?1 AND member = ?2",
        ] {
            self.run(sql, params![no, member.0])?;
        }
        Ok(())
    }

    fn put_checkpoint(
        &mut self,
        id: ConversationId,
        checkpoint: &Checkpoint,
    ) -> Result<(), StorageError> {
        let no = self.number_for_writing(id)?;
        self.run(
            "INSERT INTO checkpoints (conversation, restart, epoch, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (conversation, restart, epoch) DO UPDATE SET bytes = excluded.bytes",
            params![
                no,
                checkpoint.restart,
                int(checkpoint.epoch),
                &checkpoint.bytes[..]
            ],
        )?;
        Ok(())
    }

    fn put_welcome(
        &mut self,
        id: ConversationId,
        welcome: &PendingWelcome,
    ) -> Result<(), StorageError> {
        let no = self.number_for_writing(id)?;
        self.run(
            "INSERT INTO welcomes (conversation, member, epoch, seq, key_package, transcript, welcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (conversation, member) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq,
             key_package = excluded.key_package, transcript = excluded.transcript, welcome = excluded.welcome",
            params![
                no,
                welcome.member.0,
                int(welcome.epoch),
                int(welcome.seq),
                welcome.key_package.0,
                welcome.transcript.0,
                &welcome.welcome[..]
            ],
        )?;
        Ok(())
    }

    fn delete_welcome(&mut self, id: ConversationId, member: MemberId) -> Result<(), StorageError> {
        self.run(
            "DELETE FROM welcomes
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1) AND member = ?2",
            [id.0, member.0],
        )?;
        Ok(())
    }

    fn put_receipt(&mut self, receipt: &Receipt) -> Result<(), StorageError> {
        let no = self.number_for_writing(receipt.conversation)?;
        self.run(
            "INSERT INTO receipts VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (conversation, member) DO UPDATE SET epoch = excluded.epoch, body = excluded.body",
            params![no, receipt.member.0, int(receipt.epoch), &receipt.body[..]],
        )?;
        Ok(())
    }
}
