//! The public side of a conversation's MLS state: loaded from checkpoints by replay, checked against commits. All of
//! this runs on readers of the database, beside the writer.

use std::{cell::RefCell, sync::Arc};

use e2ee::{
    identity::{AccountCertificate, Roster},
    mls::{
        CommitData,
        public::{CheckError, Checked, PublicConversation},
    },
    policy::Departures,
};
use protocol::{ConversationId, MemberId};
use storage::{Reader, StorageError, conversations::Checkpoint};

use crate::{Error, cache::Cache};

/// States up to this size are kept for every epoch, larger ones for every [`CHECKPOINT_EVERY`]th.
const SMALL_STATE: usize = 64 * 1024;
/// How many commits a replay may have to process.
const CHECKPOINT_EVERY: u64 = 16;

/// The certificates that members registered. Whether keys are the newest is judged of what comes in now, not of what
/// the log holds already.
pub(crate) struct Registered<'a> {
    reader: &'a dyn Reader,
    failure: RefCell<Option<StorageError>>,
    live: bool,
}

impl<'a> Registered<'a> {
    pub(crate) fn new(reader: &'a dyn Reader) -> Self {
        Self {
            reader,
            failure: RefCell::new(None),
            live: true,
        }
    }

    /// For what was accepted before.
    fn replaying(reader: &'a dyn Reader) -> Self {
        Self {
            live: false,
            ..Self::new(reader)
        }
    }

    /// What a check that used this roster amounts to. A failing database is not the author's fault.
    pub(crate) fn verdict<T>(&self, checked: Result<T, CheckError>) -> Result<T, Error> {
        if let Some(error) = self.failure.take() {
            return Err(error.into());
        }
        checked.map_err(|error| Error::CommitRefused(error.to_string()))
    }
}

impl Roster for Registered<'_> {
    fn certificate(&self, member: MemberId, generation: u32) -> Option<AccountCertificate> {
        match self.reader.account_certificates(member) {
            Ok(certificates) => certificates
                .iter()
                .rev()
                .filter_map(|bytes| AccountCertificate::decode(bytes).ok())
                .find(|certificate| certificate.generation == generation),
            Err(error) => {
                self.failure.replace(Some(error));
                None
            }
        }
    }

    fn was_checked(&self) -> bool {
        !self.live
    }

    fn newest_generation(&self, member: MemberId) -> Option<u32> {
        if !self.live {
            return None;
        }
        match self.reader.account(member) {
            Ok(account) => account.map(|account| account.generation),
            Err(error) => {
                self.failure.replace(Some(error));
                None
            }
        }
    }
}

/// Checks a commit by `author` against the state before it.
pub(crate) fn check(
    reader: &dyn Reader,
    before: &PublicConversation,
    commit: &[u8],
    author: MemberId,
    departures: &Departures,
) -> Result<Checked, Error> {
    let roster = Registered::new(reader);
    roster.verdict(before.check_commit(commit, author, &roster, departures))
}

/// Applies a commit that was accepted before. If it says that those removed had left, they had.
fn replay(
    roster: &Registered<'_>,
    before: &PublicConversation,
    commit: &[u8],
    author: MemberId,
) -> Result<Checked, Error> {
    let (_, data) = roster.verdict(CommitData::peek(commit))?;
    let left: &[MemberId] = if data.said.left {
        &data.said.removed
    } else {
        &[]
    };
    roster.verdict(before.check_commit(commit, author, roster, &before.departures(left)))
}

/// The public state of an epoch that the conversation has reached.
pub(crate) fn load(
    reader: &dyn Reader,
    cache: &Cache,
    id: ConversationId,
    restart: u32,
    epoch: u64,
) -> Result<Arc<PublicConversation>, Error> {
    if let Some(state) = cache.state(id, restart, epoch) {
        return Ok(state);
    }
    let damaged = |what: &str| Error::Internal(format!("conversation {id}, epoch {epoch}: {what}"));
    let checkpoint = reader
        .checkpoint(id, restart, epoch)?
        .ok_or_else(|| damaged("no checkpoint"))?;
    let mut state = PublicConversation::from_bytes(&checkpoint.bytes)
        .map_err(|error| damaged(&error.to_string()))?;
    if epoch - state.epoch().min(epoch) > CHECKPOINT_EVERY {
        return Err(damaged("the nearest checkpoint is too far back"));
    }
    let roster = Registered::replaying(reader);
    while state.epoch() < epoch {
        let entry = reader
            .commit_of_epoch(id, restart, state.epoch())?
            .ok_or_else(|| damaged("a commit is missing"))?;
        let commit = entry.body.ok_or_else(|| damaged("a commit has no body"))?;
        state = replay(&roster, &state, &commit, entry.sender)
            .map_err(|error| damaged(&error.to_string()))?
            .next;
    }
    let state = Arc::new(state);
    cache.keep(id, &state);
    Ok(state)
}

/// The checkpoint to store for a new state, if there is to be one.
pub(crate) fn checkpoint(state: &PublicConversation) -> Option<Checkpoint> {
    let bytes = state.to_bytes();
    let first = state.epoch() == 1;
    let wanted =
        first || bytes.len() < SMALL_STATE || state.epoch().is_multiple_of(CHECKPOINT_EVERY);
    wanted.then(|| Checkpoint {
        restart: state.policy().restart,
        epoch: state.epoch(),
        bytes: bytes.into(),
    })
}

/// The tree that members join and restore with.
pub(crate) fn tree(state: &PublicConversation) -> Result<protocol::Bytes, Error> {
    state
        .tree()
        .map(Into::into)
        .map_err(|error| Error::Internal(error.to_string()))
}
