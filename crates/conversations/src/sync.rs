//! Catching up.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    ConversationId, MemberId,
    limits::CURSORS_MAX,
    methods::sync::{ConversationSummary, StartSync, SyncStarted},
};
use storage::{Reader, instance::key};

use crate::{Error, Service, entries::place, summary};

impl Service {
    pub(crate) async fn do_sync(
        &self,
        member: MemberId,
        params: StartSync,
    ) -> Result<SyncStarted, Error> {
        if params.cursors.len() > CURSORS_MAX {
            return Err(Error::BadRequest("too many cursors in one request"));
        }
        // A fresh device has neither.
        let snapshot_needed = match params.incarnation {
            Some(incarnation) => incarnation != self.incarnation,
            None => !params.cursors.is_empty(),
        };
        let mut cursors: BTreeMap<ConversationId, u64> = BTreeMap::new();
        if !snapshot_needed {
            cursors.extend(params.cursors.iter().map(|c| (c.conversation, c.seq)));
        }
        let now = self.clock.now();
        storage::read(self.storage.as_ref(), move |reader| {
            let (changed, gone) = compare(reader, member, &cursors, now)?;
            Ok(SyncStarted {
                snapshot_needed,
                changed,
                gone,
                vault_head: reader.vault_head(member)?.map_or(0, |head| head.number),
                key_packages_left: reader.key_packages_left(member, now)?,
                backup_mark: backup_mark(reader)?,
            })
        })
        .await
    }

    pub(crate) async fn do_conversations_of(
        &self,
        member: MemberId,
    ) -> Result<Vec<ConversationId>, Error> {
        storage::read(self.storage.as_ref(), move |reader| {
            let memberships = reader.conversations_of(member)?;
            Ok(memberships.into_iter().map(|m| m.conversation).collect())
        })
        .await
    }

    pub(crate) async fn do_summary(
        &self,
        member: MemberId,
        id: ConversationId,
    ) -> Result<ConversationSummary, Error> {
        let now = self.clock.now();
        storage::read(self.storage.as_ref(), move |reader| {
            let (_, membership) = place(reader, id, member)?;
            summary::of_member(reader, membership, now)
        })
        .await
    }
}

type Difference = (Vec<ConversationSummary>, Vec<ConversationId>);

/// What differs from the cursors, and what the member is in no more.
fn compare(
    reader: &dyn Reader,
    member: MemberId,
    cursors: &BTreeMap<ConversationId, u64>,
    now: u64,
) -> Result<Difference, Error> {
    let mut changed = Vec::new();
    let mut current = BTreeSet::new();
    for membership in reader.conversations_of(member)? {
        let id = membership.conversation;
        current.insert(id);
        let row = reader.conversation(id)?.ok_or(Error::NotAMember)?;
        // A Welcome that waits counts also when nothing is new: its commit may be the last entry, fetched before.
        let waits = || reader.welcome(id, member).map(|found| found.is_some());
        // So does somebody who waits for a new leaf: of that the log says nothing.
        let repairs = || Service::open_repairs(reader, id, now).map(|found| !found.is_empty());
        if cursors.get(&id) != Some(&row.head_seq) || waits()? || repairs()? {
            changed.push(summary::of_member(reader, membership, now)?);
        }
    }
    let gone = cursors.keys().filter(|id| !current.contains(id)).copied();
    Ok((changed, gone.collect()))
}

fn backup_mark(reader: &dyn Reader) -> Result<u64, Error> {
    let stored = reader.value(key::BACKUP_MARK)?;
    let number = stored.map(|bytes| bytes.try_into().map(u64::from_be_bytes));
    number
        .transpose()
        .map(Option::unwrap_or_default)
        .map_err(|_| Error::Internal("the stored backup mark is not a number".to_owned()))
}
