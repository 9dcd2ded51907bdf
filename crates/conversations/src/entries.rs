//! Reading: entries, trees, Welcomes.

use std::sync::Arc;

use e2ee::transcript::Transcript;
use protocol::{
    ConversationId, Hash32, MemberId,
    limits::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX},
    methods::conversations::{Entries, GetEntries, GetTree, GetWelcome, Tree, Welcome},
};
use storage::{
    Reader,
    conversations::{Conversation, Membership, Range},
};

use crate::{Error, Service, public};

/// The conversation and the member's place in it.
pub(crate) fn place(
    reader: &dyn Reader,
    id: ConversationId,
    member: MemberId,
) -> Result<(Conversation, Membership), Error> {
    let membership = reader.membership(id, member)?.ok_or(Error::NotAMember)?;
    let row = reader.conversation(id)?.ok_or(Error::NotAMember)?;
    Ok((row, membership))
}

impl Service {
    pub(crate) async fn do_entries(
        &self,
        member: MemberId,
        params: GetEntries,
    ) -> Result<Entries, Error> {
        if params.from == 0 {
            return Err(Error::BadRequest("entries are counted from 1"));
        }
        let (now, instance) = (self.clock.now(), self.instance);
        storage::read(self.storage.as_ref(), move |reader| {
            let id = params.conversation;
            let (row, membership) = place(reader, id, member)?;
            let range = Range {
                from: params.from.max(membership.first_seq),
                limit: params.limit.min(PAGE_ENTRIES_MAX),
                max_bytes: PAGE_BYTES_MAX,
                commits_only: params.commits_only,
            };
            let mut entries = reader.entries(id, range)?;
            for entry in &mut entries {
                if entry.expiry != 0 && entry.expiry <= now {
                    entry.body = None;
                }
            }
            let before = match range.from {
                _ if params.commits_only => Hash32::default(),
                1 => Transcript::start(instance, id).value(),
                from => reader
                    .transcript_after(id, from - 1)?
                    .unwrap_or(row.transcript),
            };
            Ok(Entries {
                before,
                entries,
                head_seq: row.head_seq,
            })
        })
        .await
    }

    pub(crate) async fn do_tree(&self, member: MemberId, params: GetTree) -> Result<Tree, Error> {
        let cache = Arc::clone(&self.cache);
        self.read_trees(member, move |reader| {
            let (id, epoch) = (params.conversation, params.epoch);
            let (row, membership) = place(reader, id, member)?;
            let restart = params.restart.unwrap_or(row.restart);
            if epoch == 0 || (restart, epoch) > (row.restart, row.epoch) {
                return Err(Error::NotFound);
            }
            let began = reader.commit_of_epoch(id, restart, epoch - 1)?;
            if began.is_none_or(|entry| entry.seq < membership.first_seq) {
                return Err(Error::NotFound);
            }
            let state = public::load(reader, &cache, id, restart, epoch)?;
            Ok(Tree {
                tree: public::tree(&state)?,
            })
        })
        .await
    }

    pub(crate) async fn do_welcome(
        &self,
        member: MemberId,
        params: GetWelcome,
    ) -> Result<Welcome, Error> {
        let cache = Arc::clone(&self.cache);
        self.read_trees(member, move |reader| {
            let id = params.conversation;
            let (row, _) = place(reader, id, member)?;
            let waiting = reader.welcome(id, member)?.ok_or(Error::NotFound)?;
            let state = public::load(reader, &cache, id, row.restart, waiting.epoch)?;
            Ok(Welcome {
                welcome: waiting.welcome,
                key_package: waiting.key_package,
                tree: public::tree(&state)?,
                epoch: waiting.epoch,
                seq: waiting.seq,
                transcript: waiting.transcript,
                restart: row.restart,
            })
        })
        .await
    }
}
