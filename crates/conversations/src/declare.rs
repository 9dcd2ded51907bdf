//! What members state in clear: that they leave, the link that a commit came without, or that a commit can't be followed.

use std::sync::Arc;

use e2ee::{
    statement::{Complaint, MAX_STATEMENT, ReplacementLink},
    transcript::{EntryKind, body_hash},
};
use protocol::{
    DeviceId, MemberId,
    events::ConversationGone,
    methods::conversations::{Accepted, Declare, Entry, kind},
};
use storage::{Reader, UnitOfWork, conversations::Conversation};

use bus::{Bus, Hint, Notice, Topic};

use crate::{
    Error, Service,
    append::{Draft, accepted, append, check_session},
    commit::moved,
    entries::place,
    events, public,
    run::Run,
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
        if ![kind::LEAVE, kind::REPLACEMENT_LINK, kind::COMPLAINT].contains(&params.kind) {
            return Err(Error::BadRequest("nothing of that kind can be declared"));
        }
        let params = Arc::new(params);
        let (cache, declared) = (Arc::clone(&self.cache), Arc::clone(&params));
        let restart = self.read_trees(member, move |reader| {
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
            match declared.kind {
                kind::REPLACEMENT_LINK => check_link(&statement.content, row.epoch)?,
                kind::COMPLAINT => check_complaint(reader, &row, member, &statement.content)?,
                _ => {}
            }
            Ok(row.restart)
        });
        let restart = restart.await?;
        let (bus, time) = (Arc::clone(&self.bus), self.clock.now());
        let entry = storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                check_session(unit, device)?;
                write(unit, member, &params, (restart, time))
            },
            move |(entry, new)| match (new, entry.kind) {
                (false, _) => {}
                (true, kind::LEAVE) => leaves(bus.as_ref(), entry),
                (true, _) => events::entry(bus.as_ref(), entry),
            },
        )
        .await?;
        Ok(accepted(&entry.0))
    }
}

/// What can be seen of a replacement link without any secret.
fn check_link(content: &[u8], epoch: u64) -> Result<(), Error> {
    let replaced = ReplacementLink::decode(content)
        .map_err(|_| Error::BadRequest("no replacement of a link"))?;
    // nothing is ever sealed in epoch 0, and the present one is closed by no commit
    let leads_back = (1..epoch).contains(&replaced.epoch);
    let refused = Error::BadRequest("the link leads to no earlier epoch");
    leads_back.then_some(()).ok_or(refused)
}

/// A complaint is about the first commit that its author can't follow: it and all after it are by somebody else, and no
/// more than the limit. (Nobody has to follow the first one of a group: all others join after it.)
fn check_complaint(
    reader: &dyn Reader,
    row: &Conversation,
    member: MemberId,
    content: &[u8],
) -> Result<(), Error> {
    let said = Complaint::decode(content).map_err(|_| Error::BadRequest("no complaint"))?;
    let run = Run::of(reader, row)?;
    if !run.has(&said) {
        return Err(Error::BadRequest(
            "the complaint is not about the newest commits by one author",
        ));
    }
    let own = run.author() == Some(member);
    let refused = Error::BadRequest("nobody complains of their own commit");
    (!own).then_some(()).ok_or(refused)
}

fn check_row(row: &Conversation, params: &Declare) -> Result<(), Error> {
    if params.kind == kind::LEAVE && row.direct.is_some() {
        return Err(Error::Forbidden);
    }
    if row.epoch == params.epoch {
        Ok(())
    } else {
        Err(moved(row))
    }
}

/// The entry, and whether it is new.
fn write(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    params: &Declare,
    (restart, time): (u32, u64),
) -> Result<(Entry, bool), Error> {
    let id = params.conversation;
    unit.membership(id, member)?.ok_or(Error::NotAMember)?;
    let row = unit.conversation(id)?.ok_or(Error::NotAMember)?;
    check_row(&row, params)?;
    if row.restart != restart {
        return Err(moved(&row));
    }
    if params.kind == kind::COMPLAINT {
        let before = Run::of(unit, &row)?.complaints(unit, &row)?;
        if let Some(first) = before.into_iter().find(|e| e.sender == member) {
            return Ok((first, false)); // one for each member and run
        }
    }
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
    Ok((entry, true))
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
