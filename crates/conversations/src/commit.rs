//! Changing a conversation's keys, members or policy: checked beside the writer, then compare-and-swap on the epoch.

use std::sync::Arc;

use e2ee::{
    mls::public::{Checked, PublicConversation, commit_restart},
    policy::{CommitChange, History},
    repair::RepairRequest,
    transcript::body_hash,
};
use protocol::{
    Bytes, ConversationId, DeviceId, Hash32, MemberId,
    limits::COMMIT_BYTES_MAX,
    methods::conversations::{Accepted, CommitConversation, kind},
};
use storage::{
    Reader, UnitOfWork,
    conversations::{Checkpoint, Conversation, Membership},
};

use crate::{
    Error, Service,
    append::{Draft, accepted, append, check_session},
    events::{self, Told},
    public,
    run::Run,
    summary::{self, Arrival},
    welcomes,
};

/// Leaves may be dated so far ahead.
pub(crate) const DAY_MS: u64 = 24 * 3_600_000;
/// A link has 84 bytes in version 1.
const LINK_BYTES_MAX: usize = 1024;

/// A commit that was checked against one epoch.
struct Change {
    restart: u32,
    state: Arc<PublicConversation>,
    what: CommitChange,
    certificates: Vec<(Hash32, Bytes)>,
    checkpoint: Option<Checkpoint>,
    /// Who had left when it was checked.
    left: Vec<MemberId>,
    hash: Hash32,
    time: u64,
}

/// What came of it.
enum Committed {
    New(Box<Told>),
    Known(Accepted),
}

impl Service {
    pub(crate) async fn do_commit(
        &self,
        member: MemberId,
        device: DeviceId,
        params: CommitConversation,
    ) -> Result<Accepted, Error> {
        if params.commit.len() > COMMIT_BYTES_MAX {
            return Err(Error::TooLarge("the commit"));
        }
        if params
            .link
            .as_ref()
            .is_some_and(|link| link.len() > LINK_BYTES_MAX)
        {
            return Err(Error::TooLarge("the link"));
        }
        let params = Arc::new(params);
        let (service, checked) = (self.clone(), Arc::clone(&params));
        let looked_at = self
            .read_trees(member, move |reader| {
                service.check_change(reader, member, &checked)
            })
            .await?;
        let change = match looked_at {
            Ok(change) => change,
            Err(first) => return Ok(first),
        };
        let state = Arc::clone(&change.state);
        let (id, bus) = (params.conversation, Arc::clone(&self.bus));
        let committed = storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                check_session(unit, device)?;
                write(unit, member, &params, &change)
            },
            move |committed| {
                if let Committed::New(told) = committed {
                    told.publish(bus.as_ref());
                }
            },
        )
        .await?;
        Ok(match committed {
            Committed::New(told) => {
                self.cache.keep(id, &state);
                accepted(&told.entry)
            }
            Committed::Known(first) => first,
        })
    }

    /// Checks everything that needs the tree. The inner error is the answer of before, when the same commit was
    /// accepted already.
    fn check_change(
        &self,
        reader: &dyn Reader,
        member: MemberId,
        params: &CommitConversation,
    ) -> Result<Result<Change, Accepted>, Error> {
        let hash = body_hash(&params.commit);
        let row = match current(reader, member, params, hash)? {
            Ok(row) => row,
            Err(first) => return Ok(Err(first)),
        };
        let id = params.conversation;
        if commit_restart(&params.commit).is_some_and(|restart| restart < row.restart) {
            return Err(moved(&row)); // the conversation has begun anew, and is in an epoch of the same number
        }
        let before = public::load(reader, &self.cache, id, row.restart, row.epoch)?;
        let left = reader.departures(id)?;
        let departures = before.departures(&left);
        let checked = public::check(reader, &before, &params.commit, member, &departures);
        // Its author may not know yet that somebody has left.
        let checked = checked.map_err(|error| match error {
            Error::CommitRefused(_) if !left.is_empty() => moved(&row),
            other => other,
        })?;
        let ahead = self.clock.now().saturating_add(DAY_MS);
        if checked
            .certificates
            .iter()
            .any(|leaf| leaf.issued_at > ahead)
        {
            // dates decide between an old answer and a new one: one that lies ahead would end all repairs until then
            return Err(Error::CommitRefused(
                "a leaf is dated ahead: set the device's clock right".to_owned(),
            ));
        }
        if checked.epoch_before != params.epoch {
            return Err(Error::CommitRefused(
                "the commit closes another epoch than the request says".to_owned(),
            ));
        }
        welcomes::check(&params.welcomes, &checked.packages)?;
        if checked.next.members().len() > self.config.members_max {
            return Err(Error::Full);
        }
        Ok(Ok(self.change(row.restart, hash, checked, left)))
    }

    fn change(&self, restart: u32, hash: Hash32, checked: Checked, left: Vec<MemberId>) -> Change {
        let leaves = checked.certificates.iter();
        Change {
            restart,
            certificates: leaves
                .map(|leaf| (leaf.name(), Bytes::copy_from_slice(leaf.bytes())))
                .collect(),
            checkpoint: public::checkpoint(&checked.next),
            what: checked.change,
            state: Arc::new(checked.next),
            left,
            hash,
            time: self.clock.now(),
        }
    }
}

/// The conversation, if the commit is for its current epoch. The inner error is the answer of before, when this very
/// commit closed that epoch.
fn current<R: Reader + ?Sized>(
    reader: &R,
    member: MemberId,
    params: &CommitConversation,
    hash: Hash32,
) -> Result<Result<Conversation, Accepted>, Error> {
    let id = params.conversation;
    reader.membership(id, member)?.ok_or(Error::NotAMember)?;
    let row = reader.conversation(id)?.ok_or(Error::NotAMember)?;
    if row.epoch == params.epoch {
        return Ok(Ok(row));
    }
    let winner = reader.commit_of_epoch(id, row.restart, params.epoch)?;
    winner
        .filter(|entry| entry.sender == member && entry.body_hash == hash)
        .map(|entry| Err(accepted(&entry)))
        .ok_or_else(|| moved(&row))
}

/// What its author has to follow first.
pub(crate) fn moved(row: &Conversation) -> Error {
    Error::EpochMoved {
        epoch: row.epoch,
        head_seq: row.head_seq,
    }
}

/// Whether a commit does nothing else than what has to come first, whoever is complained of.
fn takes_out_who_left(change: &Change) -> bool {
    let what = &change.what;
    let left = |m: &MemberId| change.left.contains(m);
    what.added.is_empty() && !what.removed.is_empty() && what.removed.iter().all(left)
}

fn write(
    unit: &mut dyn UnitOfWork,
    author: MemberId,
    params: &CommitConversation,
    change: &Change,
) -> Result<Committed, Error> {
    let id = params.conversation;
    let row = match current(unit, author, params, change.hash)? {
        Ok(row) if row.restart == change.restart => row,
        Ok(row) => return Err(moved(&row)),
        Err(first) => return Ok(Committed::Known(first)),
    };
    if unit.departures(id)? != change.left {
        return Err(moved(&row));
    }
    check_repairs(unit, params, &change.what)?;
    let what = &change.what;
    let removed = |m| what.removed.contains(&m) && !what.repairs(m);
    if !unit.complaints(id, 0)?.is_empty() {
        let run = Run::of(unit, &row)?;
        if !takes_out_who_left(change) || run.is_full() {
            run.check_not_complained_of(unit, &row, author, removed)?;
        }
    }
    let draft = Draft {
        kind: kind::COMMIT,
        sender: author,
        epoch: row.epoch,
        time: change.time,
        expiry: 0,
        quiet: false,
        timed: false,
        message: None,
        body: params.commit.clone(),
        body_hash: change.hash,
        link: params.link.clone(),
    };
    let epoch = change.state.epoch();
    let (entry, transcript) = append(unit, &row, draft, epoch)?;
    let first_seq = first_seq(change, params, entry.seq);
    let (joined, mut gone) = move_members(unit, id, &change.what, first_seq)?;
    if !change.left.is_empty() {
        gone.retain(|member| !change.left.contains(member)); // they know
        unit.clear_departures(id)?;
    }
    if change.what.updated {
        unit.delete_repair(id, author)?; // another of their devices has the state
    }
    for (name, certificate) in &change.certificates {
        unit.put_leaf_certificate(*name, certificate)?;
    }
    if let Some(checkpoint) = &change.checkpoint {
        unit.put_checkpoint(id, checkpoint)?;
    }
    welcomes::put(unit, id, &params.welcomes, (epoch, entry.seq, transcript))?;
    let head = storage::vault::apply(unit, author, &params.vault)?;
    Ok(Committed::New(Box::new(Told {
        joined: summary::of_arrivals(unit, id, &joined, change.time)?,
        gone,
        vault: events::vault(author, &params.vault, head),
        before: None,
        entry,
    })))
}

/// A member gets a new leaf only where they have asked for it, and by the key package that they asked with: otherwise any
/// member could take another's leaf, and give them a Welcome that does not open.
fn check_repairs(
    unit: &dyn UnitOfWork,
    params: &CommitConversation,
    change: &CommitChange,
) -> Result<(), Error> {
    let repaired = change.added.iter().filter(|m| change.repairs(**m));
    for &member in repaired {
        let asked = unit.repair(params.conversation, member)?;
        let asked = asked.and_then(|open| RepairRequest::decode(&open.request).ok());
        let mut welcomes = params.welcomes.iter().filter(|w| w.member == member);
        let package = welcomes.next().map(|welcome| welcome.key_package);
        if asked.is_none_or(|(request, _)| Some(request.key_package) != package) {
            return Err(Error::CommitRefused(
                "somebody is given a new leaf who has not asked for it".to_owned(),
            ));
        }
    }
    Ok(())
}

/// From where newcomers may fetch entries: from the commit that adds them, unless it leads back to all history.
fn first_seq(change: &Change, params: &CommitConversation, seq: u64) -> u64 {
    let all = change.state.policy().history == History::All && params.link.is_some();
    if all { 1 } else { seq }
}

/// Adds and removes members; gives those who have a new leaf, and those who are gone. Who is removed and added in one
/// commit stays a member, and has to join anew by the Welcome all the same.
fn move_members(
    unit: &mut dyn UnitOfWork,
    id: ConversationId,
    change: &CommitChange,
    first_seq: u64,
) -> Result<(Vec<Arrival>, Vec<MemberId>), Error> {
    let removed = change.removed.iter().copied();
    let gone: Vec<MemberId> = removed.filter(|m| !change.repairs(*m)).collect();
    for member in &gone {
        unit.delete_member(id, *member)?;
    }
    let mut arrivals = Vec::with_capacity(change.added.len());
    for &member in &change.added {
        let first_seq = if change.repairs(member) {
            unit.delete_repair(id, member)?;
            let standing = unit.membership(id, member)?;
            standing.ok_or(Error::NotAMember)?.first_seq
        } else {
            unit.insert_member(Membership {
                conversation: id,
                member,
                first_seq,
            })?;
            first_seq
        };
        arrivals.push(Arrival {
            member,
            first_seq,
            welcome: true,
        });
    }
    Ok((arrivals, gone))
}
