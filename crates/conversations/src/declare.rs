//! What members state in clear: so far that they leave.

use std::sync::Arc;

use e2ee::{
    statement::MAX_STATEMENT,
    transcript::{EntryKind, body_hash},
};
use protocol::{
    DeviceId, MemberId,
    events::ConversationGone,
    methods::conversations::{Accepted, Declare, Entry, kind},
};
use storage::{UnitOfWork, conversations::Conversation};

use bus::{Bus, Hint, Notice, Topic};

use crate::{
    Error, Service,
    append::{Draft, accepted, append, check_session},
    entries::place,
    events, public,
};

impl Service {
    pub(crate) async fn do_declare(
        &self,
        member: MemberId,
        device: DeviceId,
        params: Declare,
    ) -> Result<Accepted, Error> {
        if params.statement.len() > MAX_STATEMENT {
            return Err(Error::TooLarge("the statement"));
        }
        if params.kind != kind::LEAVE {
            return Err(Error::BadRequest("nothing of that kind can be declared"));
        }
        let params = Arc::new(params);
        let (cache, declared) = (Arc::clone(&self.cache), Arc::clone(&params));
        self.read_trees(member, move |reader| {
            let (row, _) = place(reader, declared.conversation, member)?;
            check_row(&row, &declared)?;
            let state = public::load(
                reader,
                &cache,
                declared.conversation,
                row.restart,
                row.epoch,
            )?;
            state
                .open_statement(member, EntryKind::from(declared.kind), &declared.statement)
                .map_err(|_| Error::BadRequest("the statement does not verify"))
                .map(drop)
        })
        .await?;
        let (bus, time) = (Arc::clone(&self.bus), self.clock.now());
        let entry = storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                check_session(unit, device)?;
                write(unit, member, &params, time)
            },
            move |entry| leaves(bus.as_ref(), entry),
        )
        .await?;
        Ok(accepted(&entry))
    }
}

fn check_row(row: &Conversation, params: &Declare) -> Result<(), Error> {
    if row.direct.is_some() {
        return Err(Error::Forbidden);
    }
    if row.epoch == params.epoch {
        Ok(())
    } else {
        Err(Error::EpochMoved {
            epoch: row.epoch,
            head_seq: row.head_seq,
        })
    }
}

fn write(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    params: &Declare,
    time: u64,
) -> Result<Entry, Error> {
    let id = params.conversation;
    unit.membership(id, member)?.ok_or(Error::NotAMember)?;
    let row = unit.conversation(id)?.ok_or(Error::NotAMember)?;
    check_row(&row, params)?;
    let draft = Draft {
        kind: params.kind,
        sender: member,
        epoch: row.epoch,
        time,
        expiry: 0,
        quiet: true,
        timed: false,
        message: None,
        body: params.statement.clone(),
        body_hash: body_hash(&params.statement),
        link: None,
    };
    let (entry, _) = append(unit, &row, draft, row.epoch)?;
    unit.delete_member(id, member)?;
    unit.put_departure(id, member)?;
    Ok(entry)
}

/// Everybody hears of it, and who leaves nothing after it.
fn leaves(bus: &dyn Bus, entry: &Entry) {
    events::entry(bus, entry);
    let event = ConversationGone {
        conversation: entry.conversation,
    };
    let notice = Notice::event(Topic::Member(entry.sender), &event);
    bus.publish(notice.with_hint(Hint::Left(entry.conversation)));
}
