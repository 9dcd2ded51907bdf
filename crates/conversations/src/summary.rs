//! How a conversation stands for one of its members.

use protocol::{ConversationId, MemberId, methods::sync::ConversationSummary};
use storage::{Reader, conversations::Membership};

use crate::Error;

/// For one member.
pub(crate) fn of_member<R: Reader + ?Sized>(
    reader: &R,
    membership: Membership,
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
    })
}

/// For several members who came with the same commit.
pub(crate) fn of_newcomers<R: Reader + ?Sized>(
    reader: &R,
    id: ConversationId,
    newcomers: &[MemberId],
    first_seq: u64,
) -> Result<Vec<(MemberId, ConversationSummary)>, Error> {
    let Some(&first) = newcomers.first() else {
        return Ok(Vec::new());
    };
    let membership = Membership {
        conversation: id,
        member: first,
        first_seq,
    };
    let same = of_member(reader, membership)?;
    newcomers
        .iter()
        .map(|member| {
            let mut own = same.clone();
            own.welcome = reader.welcome(id, *member)?.is_some();
            Ok((*member, own))
        })
        .collect()
}
