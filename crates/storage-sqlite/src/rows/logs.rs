//! Logs: entries, and finding them.

use protocol::{
    ConversationId, Hash32, MemberId, MessageId,
    methods::conversations::{Entry, kind},
};
use rusqlite::{Row, params};
use storage::{StorageError, conversations::Range, unique};

use super::{Rows, int, uint};

const REPLACEMENT_LINK: u8 = kind::REPLACEMENT_LINK;
const COMPLAINT: u8 = kind::COMPLAINT;
/// Bits of an entry's key that hold its seq.
const SEQ_BITS: u32 = 36;
const SEQ_MAX: u64 = (1 << SEQ_BITS) - 1;

const ENTRY: &str =
    "SELECT key, restart, kind, sender, epoch, time, expiry, quiet, message, body_hash, link, body,
    timed
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
        timed: row.get(12)?,
    })
}

/// A range as keys: the first, the last, and how many at most.
type Keys = (i64, i64, u32);

impl Rows<'_> {
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

    pub(super) fn log(&self, id: ConversationId, range: Range) -> Result<Vec<Entry>, StorageError> {
        let Some(no) = self.number(id)? else {
            return Ok(Vec::new());
        };
        if range.from > SEQ_MAX {
            return Ok(Vec::new());
        }
        if range.commits_only {
            let sql = format!(
                "{ENTRY} WHERE key IN (
                     SELECT * FROM (SELECT (conversation << {SEQ_BITS}) | seq FROM commits
                     WHERE conversation = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3)
                     UNION ALL
                     SELECT * FROM (SELECT key FROM entries WHERE kind = {REPLACEMENT_LINK}
                     AND key BETWEEN (?1 << {SEQ_BITS}) | ?2 AND (?1 << {SEQ_BITS}) | {SEQ_MAX} ORDER BY key LIMIT ?3)
                 ) ORDER BY key LIMIT ?3"
            );
            let keys = (no, int(range.from), range.limit);
            return self.page(id, &sql, keys, range.max_bytes);
        }
        let sql = format!("{ENTRY} WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3");
        let keys = (key(no, range.from), key(no, SEQ_MAX), range.limit);
        self.page(id, &sql, keys, range.max_bytes)
    }

    pub(super) fn transcript(
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

    pub(super) fn by_message(
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

    pub(super) fn commit_closing(
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

    pub(super) fn complaints_from(
        &self,
        id: ConversationId,
        from: u64,
    ) -> Result<Vec<Entry>, StorageError> {
        let Some(no) = self.number(id)? else {
            return Ok(Vec::new());
        };
        let sql = format!(
            "{ENTRY} WHERE kind = {COMPLAINT} AND key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3"
        );
        self.page(
            id,
            &sql,
            (key(no, from), key(no, SEQ_MAX), u32::MAX),
            usize::MAX,
        )
    }

    pub(super) fn append(
        &self,
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

    /// Drops the bodies of up to `limit` entries that expired at `now` or before, the oldest first; how many.
    pub(super) fn expire(&self, now: u64, limit: u32) -> Result<usize, StorageError> {
        self.run(
            "UPDATE entries SET body = NULL WHERE key IN (SELECT key FROM entries
             WHERE expiry > 0 AND body IS NOT NULL AND expiry <= ?1 ORDER BY expiry LIMIT ?2)",
            params![int(now), limit],
        )
    }

    fn add_entry(&self, no: i64, entry: &Entry, transcript: Hash32) -> Result<(), StorageError> {
        self.run(
            "INSERT INTO entries (key, restart, kind, epoch, time, expiry, quiet, sender, message, body_hash,
             transcript, link, body, timed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
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
                entry.body.as_deref(),
                entry.timed
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
