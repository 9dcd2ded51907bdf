//! Accounts that were closed: each of their conversations is told by an entry, which is the server's own word.

use std::sync::Arc;

use e2ee::{policy::Departures, transcript::body_hash};
use protocol::{
    Bytes, ConversationId, MemberId,
    methods::conversations::{Entry, kind},
};
use storage::{Reader, UnitOfWork};

use crate::{
    Error, Service,
    append::{Draft, append},
    events, public,
};

/// Closed accounts that one look gives.
const AT_ONCE: u32 = 50;
/// The whole body of such an entry, version 1.
const BODY: &[u8] = &[1];

/// How a conversation stood when it was looked at.
struct Seen {
    restart: u32,
    epoch: u64,
    left: Vec<MemberId>,
    /// The next commit takes the member out of the tree.
    goes: bool,
}

/// What came of one conversation.
enum Outcome {
    Told(Box<Entry>),
    /// They were removed meanwhile.
    Nothing,
    /// It has moved since it was looked at.
    Again,
}

impl Service {
    /// Takes out whoever was closed and is still in a conversation; how many entries that took.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn sweep_closed(&self) -> Result<u64, Error> {
        let mut told = 0;
        loop {
            let closed = storage::read(self.storage.as_ref(), |reader| {
                Ok::<_, Error>(reader.closed_in_conversations(AT_ONCE)?)
            })
            .await?;
            if closed.is_empty() {
                return Ok(told);
            }
            for member in closed {
                told += self.take_out(member).await?;
            }
        }
    }

    pub(crate) async fn do_depart(&self, member: MemberId) -> Result<(), Error> {
        self.take_out(member).await.map(drop)
    }

    /// One unit of work for each conversation: whoever writes meanwhile hardly waits.
    async fn take_out(&self, member: MemberId) -> Result<u64, Error> {
        let of = storage::read(self.storage.as_ref(), move |reader| {
            if reader.account(member)?.is_some() {
                return Ok(Vec::new());
            }
            Ok::<_, Error>(reader.conversations_of(member)?)
        })
        .await?;
        let mut told = 0;
        for membership in of {
            loop {
                match self.take_out_of(membership.conversation, member).await? {
                    Outcome::Told(_) => told += 1,
                    Outcome::Nothing => {}
                    Outcome::Again => continue,
                }
                break;
            }
        }
        Ok(told)
    }

    async fn take_out_of(&self, id: ConversationId, member: MemberId) -> Result<Outcome, Error> {
        let service = self.clone();
        let look = move |reader: &dyn Reader| service.look(reader, id, member);
        let seen = self.read_trees(member, look).await?;
        let (bus, time) = (Arc::clone(&self.bus), self.clock.now());
        storage::write_then(
            self.storage.as_ref(),
            move |unit| write(unit, id, member, &seen, time),
            move |outcome| {
                if let Outcome::Told(entry) = outcome {
                    events::entry(bus.as_ref(), entry);
                }
            },
        )
        .await
    }

    fn look(
        &self,
        reader: &dyn Reader,
        id: ConversationId,
        member: MemberId,
    ) -> Result<Seen, Error> {
        let row = reader.conversation(id)?.ok_or(Error::NotAMember)?;
        let left = reader.departures(id)?;
        let goes = row.direct.is_none() && {
            let state = public::load(reader, &self.cache, id, row.restart, row.epoch)?;
            let roles = state.policy().roles.iter().map(|(m, role)| (*m, *role));
            Departures::closing_counts(roles, &left, member)
        };
        Ok(Seen {
            restart: row.restart,
            epoch: row.epoch,
            left,
            goes,
        })
    }
}

fn write(
    unit: &mut dyn UnitOfWork,
    id: ConversationId,
    member: MemberId,
    seen: &Seen,
    time: u64,
) -> Result<Outcome, Error> {
    let there = unit.membership(id, member)?.is_some();
    let Some(row) = unit.conversation(id)?.filter(|_| there) else {
        return Ok(Outcome::Nothing);
    };
    if (row.restart, row.epoch) != (seen.restart, seen.epoch) || unit.departures(id)? != seen.left {
        return Ok(Outcome::Again);
    }
    let body = Bytes::from_static(BODY);
    let draft = Draft {
        kind: kind::ACCOUNT_CLOSED,
        sender: member,
        epoch: row.epoch,
        time,
        expiry: 0,
        quiet: true,
        timed: false,
        message: None,
        body_hash: body_hash(&body),
        body,
        link: None,
    };
    let (entry, _) = append(unit, &row, draft, row.epoch)?;
    unit.delete_member(id, member)?;
    if seen.goes {
        unit.put_departure(id, member)?;
    }
    Ok(Outcome::Told(Box::new(entry)))
}
