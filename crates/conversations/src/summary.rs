//! How a conversation stands for one of its members.

use std::collections::BTreeMap;

use protocol::{ConversationId, MemberId, methods::sync::ConversationSummary};
use storage::{Reader, conversations::Membership};

use crate::{Error, Service};

/// For one member.
pub(crate) fn of_member<R: Reader + ?Sized>(
    reader: &R,
    membership: Membership,
    now: u64,
) -> Result<ConversationSummary, Error> {
    let id = membership.conversation;
    let row = reader.conversation(id)?.ok_or(Error::NotAMember)?;
    let members = reader.members(id)?;
    Ok(ConversationSummary {
        conversation: id,
        restart: row.restart,
        direct: row.direct.is_some(),
        members: members.into_iter().map(|m| m.member).collect(),
        epoch: row.epoch,
        head_seq: row.head_seq,
        first_seq: membership.first_seq,
        welcome: reader.welcome(id, membership.member)?.is_some(),
        repairs: Service::open_repairs(reader, id, now)?,
    })
}

/// Somebody who has a new leaf by a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) member: MemberId,
    pub(crate) first_seq: u64,
    /// Whether a Welcome waits for them.
    pub(crate) welcome: bool,
}

/// For those who arrive with one commit: one summary for all for whom the conversation stands alike.
pub(crate) fn of_arrivals<R: Reader + ?Sized>(
    reader: &R,
    id: ConversationId,
    arrivals: &[Arrival],
    now: u64,
) -> Result<Vec<(Vec<MemberId>, ConversationSummary)>, Error> {
    let Some(first) = arrivals.first() else {
        return Ok(Vec::new());
    };
    let membership = Membership {
        conversation: id,
        member: first.member,
        first_seq: first.first_seq,
    };
    let same = of_member(reader, membership, now)?;
    let mut alike: BTreeMap<(u64, bool), Vec<MemberId>> = BTreeMap::new();
    for arrival in arrivals {
        let key = (arrival.first_seq, arrival.welcome);
        alike.entry(key).or_default().push(arrival.member);
    }
    let summaries = alike.into_iter().map(|((first_seq, welcome), members)| {
        let summary = ConversationSummary {
            first_seq,
            welcome,
            ..same.clone()
        };
        (members, summary)
    });
    Ok(summaries.collect())
}
