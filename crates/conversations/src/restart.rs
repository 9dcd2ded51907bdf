//! Founding a conversation anew: the log goes on in a new group, which hangs on to the old one by a link.

use std::{collections::BTreeMap, sync::Arc};

use e2ee::{
    identity::Roster,
    mls::public::PublicConversation,
    policy::Departures,
    restart::{Anew, Standing, check_restart, may_go_over},
    statement::{MAX_STATEMENT, Reason, Restart},
    transcript::{EntryKind, body_hash},
};
use protocol::{
    Bytes, DeviceId, Hash32, MemberId,
    limits::{COMMIT_BYTES_MAX, GROUP_INFO_BYTES_MAX},
    methods::conversations::{Accepted, RestartConversation, kind},
};
use storage::{
    Reader, UnitOfWork,
    conversations::{Checkpoint, Conversation, Membership},
};

use crate::{
    Error, Service,
    append::{Draft, accepted, append, check_session},
    commit::{DAY_MS, moved},
    events::{self, Told},
    public::{self, Registered},
    run::Run,
    summary::{self, Arrival},
    welcomes,
};

/// A new group that was checked.
struct Founding {
    state: Arc<PublicConversation>,
    certificates: Vec<(Hash32, Bytes)>,
    checkpoint: Option<Checkpoint>,
    /// Who had left when it was checked.
    left: Vec<MemberId>,
    /// Why it is founded.
    reason: Reason,
    /// SHA-256 of the first commit.
    hash: Hash32,
    time: u64,
}

/// What came of it.
enum Restarted {
    New(Box<Told>),
    Known(Accepted),
}

impl Service {
    pub(crate) async fn do_restart(
        &self,
        member: MemberId,
        device: DeviceId,
        params: RestartConversation,
    ) -> Result<Accepted, Error> {
        if params.group_info.len() > GROUP_INFO_BYTES_MAX || params.commit.len() > COMMIT_BYTES_MAX
        {
            return Err(Error::TooLarge("the commit or its group info"));
        }
        if params.statement.len() > MAX_STATEMENT {
            return Err(Error::TooLarge("the statement"));
        }
        let params = Arc::new(params);
        let (service, checked) = (self.clone(), Arc::clone(&params));
        let looked_at = self.read_trees(member, move |reader| {
            service.check_anew(reader, member, &checked)
        });
        let founding = match looked_at.await? {
            Ok(founding) => founding,
            Err(first) => return Ok(first),
        };
        let state = Arc::clone(&founding.state);
        let (id, bus) = (params.conversation, Arc::clone(&self.bus));
        let restarted = storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                check_session(unit, device)?;
                write(unit, member, &params, &founding)
            },
            move |restarted| {
                if let Restarted::New(told) = restarted {
                    told.publish(bus.as_ref());
                }
            },
        )
        .await?;
        Ok(match restarted {
            Restarted::New(told) => {
                self.cache.keep(id, &state);
                accepted(&told.entry)
            }
            Restarted::Known(first) => first,
        })
    }

    /// Checks everything that needs trees. The inner error is the answer of before, when the same was accepted already.
    fn check_anew(
        &self,
        reader: &dyn Reader,
        member: MemberId,
        params: &RestartConversation,
    ) -> Result<Result<Founding, Accepted>, Error> {
        let (id, hash) = (params.conversation, body_hash(&params.commit));
        let row = match current(reader, member, params, hash)? {
            Ok(row) => row,
            Err(first) => return Ok(Err(first)),
        };
        let now = public::load(reader, &self.cache, id, row.restart, row.epoch)?;
        let statement = now
            .open_statement(member, EntryKind::Restart, &params.statement)
            .map_err(|_| Error::BadRequest("the statement does not verify"))?;
        let said = Restart::decode(&statement.content)
            .map_err(|_| Error::BadRequest("the statement says no restart"))?;
        if said.commit != hash || Some(said.restart) != row.restart.checked_add(1) {
            return Err(Error::BadRequest("the statement is about another group"));
        }
        let roster = Registered::new(reader);
        let founded =
            PublicConversation::found(&params.group_info, id, self.instance, member, &roster);
        let founded = roster.verdict(founded)?;
        let checked = public::check(
            reader,
            &founded,
            &params.commit,
            member,
            &Departures::default(),
        )?;
        let offender = reason(reader, &row, &now, &founded, &said)?;
        let linked = match said.epoch == row.epoch {
            true => Arc::clone(&now),
            false => public::load(reader, &self.cache, id, row.restart, said.epoch)?,
        };
        let left = reader.departures(id)?;
        let anew = Anew {
            by: member,
            reason: said.reason,
            offender,
            left: &left,
        };
        let new = standing(&checked.next);
        let out = check_restart(&standing(&linked), &standing(&now), &anew, &new)
            .map_err(|error| refused(error, &row, &left))?;
        let time = self.clock.now();
        for member in out {
            if reader.has_key_package(member, time)? {
                return Err(Error::KeyPackageInvalid); // they have published some meanwhile
            }
        }
        welcomes::check(&params.welcomes, &checked.packages)?;
        check_identities(&roster, &linked, &checked.next)?;
        let ahead = self.clock.now().saturating_add(DAY_MS);
        let mut new = checked.next.members().into_iter();
        if new.any(|(_, leaf)| leaf.issued_at > ahead) {
            return Err(Error::CommitRefused("a leaf is dated ahead".to_owned()));
        }
        let leaves = founded.members().into_iter().chain(checked.next.members());
        Ok(Ok(Founding {
            certificates: leaves
                .map(|(_, leaf)| (leaf.name(), Bytes::copy_from_slice(leaf.bytes())))
                .collect(),
            checkpoint: public::checkpoint(&checked.next),
            state: Arc::new(checked.next),
            left,
            reason: said.reason,
            hash,
            time: self.clock.now(),
        }))
    }
}

/// What was said before is linked: nobody gets it under another root identity than the one they had then.
fn check_identities(
    roster: &Registered<'_>,
    linked: &PublicConversation,
    new: &PublicConversation,
) -> Result<(), Error> {
    let before: BTreeMap<MemberId, _> = linked.members().into_iter().collect();
    for (member, leaf) in new.members() {
        let root = |generation| roster.certificate(member, generation).map(|c| c.root);
        let then = before.get(&member).and_then(|leaf| root(leaf.generation));
        if then != root(leaf.generation) {
            return Err(Error::CommitRefused(
                "somebody in it has another identity than before".to_owned(),
            ));
        }
    }
    Ok(())
}

fn standing(state: &PublicConversation) -> Standing {
    Standing {
        policy: state.policy().clone(),
        members: state.members().into_iter().map(|(m, _)| m).collect(),
    }
}

/// Whoever did not know yet that somebody has left makes it again.
fn refused(error: e2ee::policy::RightsError, row: &Conversation, left: &[MemberId]) -> Error {
    match error {
        e2ee::policy::RightsError::Role => Error::Forbidden,
        _ if !left.is_empty() => moved(row),
        other => Error::CommitRefused(other.to_string()),
    }
}

/// Whether there is a reason to begin anew; who made the commits that are complained of, if it is that.
fn reason(
    reader: &dyn Reader,
    row: &Conversation,
    now: &PublicConversation,
    founded: &PublicConversation,
    said: &Restart,
) -> Result<Option<MemberId>, Error> {
    if said.suite != founded.suite() {
        return Err(Error::BadRequest("the suite is not the one that is said"));
    }
    if !may_go_over(said.reason, now.suite(), founded.suite()) {
        return Err(Error::BadRequest(
            "no conversation goes to a lower suite, nor anew to the same without a complaint",
        ));
    }
    let run = Run::of(reader, row)?;
    let complained = !run.complaints(reader, row)?.is_empty();
    if said.reason == Reason::Suite {
        if said.epoch != row.epoch {
            return Err(Error::BadRequest(
                "the link leads to another epoch than the last",
            ));
        }
        let settled = Error::BadRequest("members complain of the last commits: that comes first");
        return (!complained).then_some(None).ok_or(settled);
    }
    if !complained {
        return Err(Error::BadRequest("nobody has complained"));
    }
    if !run.leads_to(said.epoch) {
        return Err(Error::BadRequest(
            "the link leads further back than the commits that are complained of",
        ));
    }
    Ok(run.author())
}

/// The conversation, if it is still the old group in that epoch. The inner error is the answer of before, when this very
/// group has taken its place.
fn current<R: Reader + ?Sized>(
    reader: &R,
    member: MemberId,
    params: &RestartConversation,
    hash: Hash32,
) -> Result<Result<Conversation, Accepted>, Error> {
    let id = params.conversation;
    reader.membership(id, member)?.ok_or(Error::NotAMember)?;
    let row = reader.conversation(id)?.ok_or(Error::NotAMember)?;
    if (row.restart, row.epoch) == (params.restart, params.epoch) {
        return Ok(Ok(row));
    }
    let next = params.restart.saturating_add(1);
    let first = reader.commit_of_epoch(id, next, 0)?;
    first
        .filter(|entry| entry.sender == member && entry.body_hash == hash)
        .map(|entry| Err(accepted(&entry)))
        .ok_or_else(|| moved(&row))
}

fn write(
    unit: &mut dyn UnitOfWork,
    author: MemberId,
    params: &RestartConversation,
    founding: &Founding,
) -> Result<Restarted, Error> {
    let id = params.conversation;
    let row = match current(unit, author, params, founding.hash)? {
        Ok(row) => row,
        Err(first) => return Ok(Restarted::Known(first)),
    };
    if unit.departures(id)? != founding.left {
        return Err(moved(&row));
    }
    // somebody may have complained while it was checked: no client would take it then
    if founding.reason == Reason::Suite && !Run::of(unit, &row)?.complaints(unit, &row)?.is_empty()
    {
        return Err(moved(&row));
    }
    let draft = |kind, epoch, body: &Bytes| Draft {
        kind,
        sender: author,
        epoch,
        time: founding.time,
        expiry: 0,
        quiet: true,
        timed: false,
        message: None,
        body: body.clone(),
        body_hash: body_hash(body),
        link: None,
    };
    let ends = draft(kind::RESTART, row.epoch, &params.statement);
    let (before, transcript) = append(unit, &row, ends, row.epoch)?;
    let anew = Conversation {
        restart: founding.state.policy().restart,
        epoch: 0,
        head_seq: before.seq,
        transcript,
        ..row
    };
    unit.begin_restart(id, anew.restart)?;
    let (epoch, begins) = (
        founding.state.epoch(),
        draft(kind::COMMIT, 0, &params.commit),
    );
    let (entry, transcript) = append(unit, &anew, begins, epoch)?;
    let (arrivals, gone) = move_members(unit, author, founding, id)?;
    unit.clear_departures(id)?;
    for (name, certificate) in &founding.certificates {
        unit.put_leaf_certificate(*name, certificate)?;
    }
    if let Some(checkpoint) = &founding.checkpoint {
        unit.put_checkpoint(id, checkpoint)?;
    }
    welcomes::put(unit, id, &params.welcomes, (epoch, entry.seq, transcript))?;
    let head = storage::vault::apply(unit, author, &params.vault)?;
    Ok(Restarted::New(Box::new(Told {
        joined: summary::of_arrivals(unit, id, &arrivals, founding.time)?,
        gone,
        vault: events::vault(author, &params.vault, head),
        before: Some(before),
        entry,
    })))
}

/// All who stay join anew, and see what they saw; what they had sealed for the old group (receipts, Welcomes, requests for
/// a new leaf) is of no use any more. Gives those who are to join, and those who are gone.
fn move_members(
    unit: &mut dyn UnitOfWork,
    author: MemberId,
    founding: &Founding,
    id: protocol::ConversationId,
) -> Result<(Vec<Arrival>, Vec<MemberId>), Error> {
    let stay: Vec<MemberId> = founding
        .state
        .members()
        .into_iter()
        .map(|(m, _)| m)
        .collect();
    let (mut arrivals, mut gone) = (Vec::new(), Vec::new());
    for Membership {
        member, first_seq, ..
    } in unit.members(id)?
    {
        unit.delete_member(id, member)?;
        if !stay.contains(&member) {
            gone.push(member);
            continue;
        }
        unit.insert_member(Membership {
            conversation: id,
            member,
            first_seq,
        })?;
        if member != author {
            arrivals.push(Arrival {
                member,
                first_seq,
                welcome: true,
            });
        }
    }
    Ok((arrivals, gone))
}
