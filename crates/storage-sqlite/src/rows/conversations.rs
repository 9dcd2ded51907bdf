//! Conversations: members, checkpoints, Welcomes, receipts. Logs are in `logs.rs`.

use protocol::{
    ConversationId, Hash32, MemberId, MessageId,
    methods::conversations::{Entry, Receipt},
};
use rusqlite::params;
use storage::{
    StorageError,
    conversations::{
        Checkpoint, Conversation, ConversationReader, ConversationWriter, Membership,
        PendingWelcome, Range, Repair,
    },
};

use super::{Rows, bytes, int, uint};

impl Rows<'_> {
    pub(super) fn number(&self, id: ConversationId) -> Result<Option<i64>, StorageError> {
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
}

fn repair(row: &rusqlite::Row<'_>) -> rusqlite::Result<Repair> {
    Ok(Repair {
        member: MemberId(row.get(0)?),
        time: uint(row, 1)?,
        request: bytes(row, 2)?,
        package: bytes(row, 3)?,
    })
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

    fn departures(&self, id: ConversationId) -> Result<Vec<MemberId>, StorageError> {
        self.all(
            "SELECT member FROM departures
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1) ORDER BY member",
            [id.0],
            |row| row.get(0).map(MemberId),
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
        self.log(id, range)
    }

    fn transcript_after(
        &self,
        id: ConversationId,
        seq: u64,
    ) -> Result<Option<Hash32>, StorageError> {
        self.transcript(id, seq)
    }

    fn entry_by_message(
        &self,
        id: ConversationId,
        sender: MemberId,
        message: MessageId,
    ) -> Result<Option<(u64, u64, Hash32)>, StorageError> {
        self.by_message(id, sender, message)
    }

    fn commit_of_epoch(
        &self,
        id: ConversationId,
        restart: u32,
        epoch: u64,
    ) -> Result<Option<Entry>, StorageError> {
        self.commit_closing(id, restart, epoch)
    }

    fn complaints(&self, id: ConversationId, from: u64) -> Result<Vec<Entry>, StorageError> {
        self.complaints_from(id, from)
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

    fn repairs(
        &self,
        id: ConversationId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<Repair>, StorageError> {
        let since = int(since.min(i64::MAX.cast_unsigned()));
        self.all(
            "SELECT member, time, request, package FROM repairs
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1) AND time >= ?2
             ORDER BY time DESC, member LIMIT ?3",
            params![id.0, since, limit],
            repair,
        )
    }

    fn repair(&self, id: ConversationId, member: MemberId) -> Result<Option<Repair>, StorageError> {
        self.one(
            "SELECT member, time, request, package FROM repairs
             WHERE conversation = (SELECT no FROM conversations WHERE conversation = ?1) AND member = ?2",
            [id.0, member.0],
            repair,
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
        self.append(entry, transcript, epoch_after)
    }

    fn begin_restart(&mut self, id: ConversationId, restart: u32) -> Result<(), StorageError> {
        let no = self.number_for_writing(id)?;
        let sql = "UPDATE conversations SET restart = ?2, epoch = 0 WHERE no = ?1";
        self.run(sql, params![no, restart]).map(drop)
    }

    fn drop_expired(&mut self, now: u64, limit: u32) -> Result<usize, StorageError> {
        self.expire(now, limit)
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
            "DELETE FROM repairs WHERE conversation = ?1 AND member = ?2",
        ] {
            self.run(sql, params![no, member.0])?;
        }
        Ok(())
    }

    fn put_departure(&mut self, id: ConversationId, member: MemberId) -> Result<(), StorageError> {
        let no = self.number_for_writing(id)?;
        let sql = "INSERT OR IGNORE INTO departures (conversation, member) VALUES (?1, ?2)";
        self.run(sql, params![no, member.0]).map(drop)
    }

    fn clear_departures(&mut self, id: ConversationId) -> Result<(), StorageError> {
        let no = self.number_for_writing(id)?;
        let sql = "DELETE FROM departures WHERE conversation = ?1";
        self.run(sql, params![no]).map(drop)
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

    fn put_repair(&mut self, id: ConversationId, repair: &Repair) -> Result<(), StorageError> {
        let no = self.number_for_writing(id)?;
        self.run(
            "INSERT INTO repairs (conversation, member, time, request, package) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (conversation, member) DO UPDATE SET time = excluded.time,
             request = excluded.request, package = excluded.package",
            params![
                no,
                repair.member.0,
                int(repair.time),
                &repair.request[..],
                &repair.package[..]
            ],
        )?;
        Ok(())
    }

    fn delete_repair(&mut self, id: ConversationId, member: MemberId) -> Result<(), StorageError> {
        self.run(
            "DELETE FROM repairs
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
