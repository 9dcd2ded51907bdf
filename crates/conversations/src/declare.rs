//! What members state in clear: that they leave, or the link that a commit came without.

use std::sync::Arc;

use e2ee::{
    statement::{MAX_STATEMENT, ReplacementLink},
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
        if ![kind::LEAVE, kind::REPLACEMENT_LINK].contains(&params.kind) {
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
            let refused = |_| Error::BadRequest("the statement does not verify");
            let statement = state
                .open_statement(member, EntryKind::from(declared.kind), &declared.statement)
                .map_err(refused)?;
            check_content(declared.kind, &statement.content, row.epoch)
        })
        .await?;
        let (bus, time) = (Arc::clone(&self.bus), self.clock.now());
        let entry = storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                check_session(unit, device)?;
                write(unit, member, &params, time)
            },
            move |entry| match entry.kind {
                kind::LEAVE => leaves(bus.as_ref(), entry),
                _ => events::entry(bus.as_ref(), entry),
            },
        )
        .await?;
        Ok(accepted(&entry))
    }
}

/// What can be seen of a statement's content without any secret.
fn check_content(kind: u8, content: &[u8], epoch: u64) -> Result<(), Error> {
    if kind != kind::REPLACEMENT_LINK {
        return Ok(());
    }
    let replaced = ReplacementLink::decode(content)
        .map_err(|_| Error::BadRequest("no replacement of a link"))?;
    // nothing is ever sealed in epoch 0, and the present one is closed by no commit
    let leads_back = (1..epoch).contains(&replaced.epoch);
    let refused = Error::BadRequest("the link leads to no earlier epoch");
    leads_back.then_some(()).ok_or(refused)
}

fn check_row(row: &Conversation, params: &Declare) -> Result<(), Error> {
    if params.kind == kind::LEAVE && row.direct.is_some() {
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
    if params.kind == kind::LEAVE {
        unit.delete_member(id, member)?;
        unit.put_departure(id, member)?;
    }
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
