//! A server that lets anything through: it writes into its own database what no honest one would take, with numbers and
//! hashes that fit, so that only the forged thing itself is wrong.

use e2ee::transcript::{EntryHeader, QUIET, Transcript, body_hash};
use protocol::{
    Bytes, ConversationId, MemberId, MessageId,
    methods::conversations::{Entry, RestartConversation, kind},
};
use storage::{
    StorageError,
    conversations::{Membership, Range},
};

use crate::World;

/// An entry as it is forged; its place, time and hashes are made to fit.
#[derive(Debug, Clone)]
pub struct Forged {
    /// See [`kind`].
    pub kind: u8,
    /// Who is said to have written it.
    pub sender: MemberId,
    /// The epoch that it is said to belong to.
    pub epoch: u64,
    /// Its body.
    pub body: Bytes,
    /// Its message id, for messages.
    pub message: Option<MessageId>,
    /// The link beside a commit.
    pub link: Option<Bytes>,
}

impl Forged {
    /// A message.
    #[must_use]
    pub fn message(sender: MemberId, epoch: u64, message: MessageId, body: Bytes) -> Self {
        Self {
            kind: kind::MESSAGE,
            sender,
            epoch,
            body,
            message: Some(message),
            link: None,
        }
    }

    /// A commit that closes `epoch`.
    #[must_use]
    pub fn commit(sender: MemberId, epoch: u64, body: Bytes, link: Option<Bytes>) -> Self {
        Self {
            kind: kind::COMMIT,
            sender,
            epoch,
            body,
            message: None,
            link,
        }
    }
}

impl World {
    /// Appends an entry to a log without any check, and tells everybody by a new connection. Gives its seq.
    pub async fn forge(&mut self, conversation: ConversationId, forged: Forged) -> u64 {
        let time = self.now();
        let written = storage::write::<_, StorageError>(self.server.storage(), move |unit| {
            let at = unit.conversation(conversation)?.unwrap();
            let after = match forged.kind {
                kind::COMMIT => at.epoch + 1,
                _ => at.epoch,
            };
            let entry = Entry {
                conversation,
                restart: at.restart,
                seq: at.head_seq + 1,
                kind: forged.kind,
                sender: forged.sender,
                epoch: forged.epoch,
                time,
                expiry: 0,
                quiet: false,
                timed: false,
                message: forged.message,
                body_hash: body_hash(&forged.body),
                body: Some(forged.body.clone()),
                link: forged.link.clone(),
            };
            let transcript = Transcript::resume(at.transcript).next(&header(&entry));
            unit.append_entry(&entry, transcript, after)?;
            Ok(entry.seq)
        });
        let seq = written.await.unwrap();
        self.lied = true;
        self.tell_all();
        seq
    }

    /// Founds a conversation anew as `by` asks for, without any check; all keep the members that the server knows.
    pub async fn forge_restart(&mut self, by: MemberId, params: RestartConversation) {
        let (id, time) = (params.conversation, self.now());
        let written = storage::write::<_, StorageError>(self.server.storage(), move |unit| {
            let mut at = unit.conversation(id)?.unwrap();
            let parts = [
                (kind::RESTART, params.statement.clone()),
                (kind::COMMIT, params.commit.clone()),
            ];
            for (kind, body) in parts {
                let entry = Entry {
                    conversation: id,
                    restart: at.restart,
                    seq: at.head_seq + 1,
                    kind,
                    sender: by,
                    epoch: at.epoch,
                    time,
                    expiry: 0,
                    quiet: true,
                    timed: false,
                    message: None,
                    body_hash: body_hash(&body),
                    body: Some(body),
                    link: None,
                };
                let transcript = Transcript::resume(at.transcript).next(&header(&entry));
                let after = if kind == kind::COMMIT { 1 } else { at.epoch };
                unit.append_entry(&entry, transcript, after)?;
                if kind == kind::RESTART {
                    unit.begin_restart(id, at.restart + 1)?;
                }
                at = unit.conversation(id)?.unwrap();
            }
            Ok(())
        });
        written.await.unwrap();
        self.lied = true;
        self.tell_all();
    }

    /// Takes somebody into the server's list of members (again), whatever the log says: it gives them everything.
    pub async fn let_in(&mut self, conversation: ConversationId, member: MemberId) {
        let membership = Membership {
            conversation,
            member,
            first_seq: 1,
        };
        storage::write::<_, StorageError>(self.server.storage(), move |unit| {
            unit.delete_member(conversation, member)?;
            unit.insert_member(membership)
        })
        .await
        .unwrap();
        self.lied = true;
        self.tell_all();
    }

    /// The whole log of a conversation, as it lies in the database.
    pub async fn log(&self, conversation: ConversationId) -> Vec<Entry> {
        let range = Range {
            from: 1,
            limit: 1_000,
            max_bytes: usize::MAX,
            commits_only: false,
        };
        let log = storage::read::<_, StorageError>(self.server.storage(), move |reader| {
            reader.entries(conversation, range)
        });
        log.await.unwrap()
    }

    fn tell_all(&mut self) {
        for number in 0..self.devices.len() {
            self.cut(number);
        }
    }
}

/// The header that the transcript covers.
fn header(entry: &Entry) -> EntryHeader {
    EntryHeader {
        conversation: entry.conversation,
        restart: entry.restart,
        seq: entry.seq,
        kind: entry.kind.into(),
        sender: entry.sender,
        epoch: entry.epoch,
        server_time: entry.time,
        expiry: entry.expiry,
        flags: if entry.quiet { QUIET } else { 0 },
        body: entry.body_hash,
    }
}
