//! Sending a message: the way that must be short. One unit of work, no MLS.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};

use e2ee::{
    policy::{EXPIRY_SLACK_MS, latest_expiry},
    transcript::body_hash,
};
use protocol::{
    DeviceId, MemberId,
    methods::conversations::{Accepted, Entry, SendMessage, kind},
};
use storage::{UnitOfWork, conversations::Conversation};

use crate::{
    Error, Service,
    append::{Draft, accepted, append, check_session},
    cache::Rules,
    events, public,
};

/// What came of it.
enum Sent {
    New(Entry),
    Known(Accepted),
}

impl Service {
    pub(crate) async fn do_send(
        &self,
        member: MemberId,
        device: DeviceId,
        params: SendMessage,
    ) -> Result<Accepted, Error> {
        if params.body.len() > self.config.body_bytes_max {
            return Err(Error::TooLarge("the message"));
        }
        let hash = body_hash(&params.body);
        let key = (params.conversation, member);
        let known = self
            .turns
            .is_free(key)
            .then(|| {
                let (restart, epoch) = (params.restart, params.epoch);
                self.cache.rules(params.conversation, restart, epoch)
            })
            .flatten();
        let (rules, turn) = match known {
            Some(rules) => (Some(rules), None),
            None => {
                let turn = self.turns.take(key).await;
                (self.rules(member, &params).await?, Some(turn))
            }
        };
        let time = self.clock.now();
        let bus = Arc::clone(&self.bus);
        let mut write = pin!(storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                check_session(unit, device)?;
                let draft = Draft {
                    kind: kind::MESSAGE,
                    sender: member,
                    epoch: params.epoch,
                    time,
                    expiry: params.expiry,
                    quiet: params.quiet,
                    timed: params.timed,
                    message: Some(params.message),
                    body: params.body.clone(),
                    body_hash: hash,
                    link: None,
                };
                write(unit, member, &params, rules.as_deref(), draft)
            },
            move |sent| {
                if let Sent::New(entry) = sent {
                    events::entry(bus.as_ref(), entry);
                }
            },
        ));
        // When it is first polled it takes its place among all writes: then the next one may come.
        let first = poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await;
        drop(turn);
        let sent = match first {
            Poll::Ready(sent) => sent,
            Poll::Pending => write.await,
        };
        Ok(match sent? {
            Sent::New(entry) => accepted(&entry),
            Sent::Known(first) => first,
        })
    }

    /// The rules of the epoch that the message is sealed for; none when that is not the current one, or the member is
    /// not in the conversation.
    async fn rules(
        &self,
        member: MemberId,
        params: &SendMessage,
    ) -> Result<Option<Arc<Rules>>, Error> {
        let (id, restart, epoch) = (params.conversation, params.restart, params.epoch);
        if let Some(rules) = self.cache.rules(id, restart, epoch) {
            return Ok(Some(rules));
        }
        let cache = Arc::clone(&self.cache);
        self.read_trees(member, move |reader| {
            let is = |row: &Conversation| (row.restart, row.epoch) == (restart, epoch);
            let current = reader.conversation(id)?.filter(is);
            let (Some(_), Some(_)) = (current, reader.membership(id, member)?) else {
                return Ok(None);
            };
            let state = public::load(reader, &cache, id, restart, epoch)?;
            // A state that was kept already may have left its rules out.
            cache.keep(id, &state);
            Ok(cache.rules(id, restart, epoch))
        })
        .await
    }
}

fn write(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    params: &SendMessage,
    rules: Option<&Rules>,
    draft: Draft,
) -> Result<Sent, Error> {
    let id = params.conversation;
    // First of all: who retries gets the first answer, whatever has happened since.
    if let Some((seq, time, _)) = unit.entry_by_message(id, member, params.message)? {
        return Ok(Sent::Known(Accepted { seq, time }));
    }
    unit.membership(id, member)?.ok_or(Error::NotAMember)?;
    let row = unit.conversation(id)?.ok_or(Error::NotAMember)?;
    let rules = rules.filter(|rules| (rules.restart, rules.epoch) == (row.restart, row.epoch));
    // While somebody who left still has the keys, nobody writes: a commit comes first.
    let here = (row.restart, row.epoch) == (params.restart, params.epoch);
    let current = here && unit.departures(id)?.is_empty();
    let (Some(rules), true) = (rules, current) else {
        return Err(Error::EpochMoved {
            epoch: row.epoch,
            head_seq: row.head_seq,
        });
    };
    if !rules.may_write(member) {
        return Err(Error::Forbidden);
    }
    check_expiry(params, rules, draft.time)?;
    append(unit, &row, draft, row.epoch).map(|(entry, _)| Sent::New(entry))
}

/// Where messages disappear, all do but quiet ones (the server can't tell a title from other content: clients do); elsewhere
/// none does. Retention is a limit of its own, for what does not disappear.
fn check_expiry(params: &SendMessage, rules: &Rules, now: u64) -> Result<(), Error> {
    let expiry = params.expiry;
    let latest = match (rules.timer_s, params.timed) {
        (0, true) => {
            return Err(Error::BadRequest(
                "messages of this conversation don't disappear",
            ));
        }
        (timer_s, true) => latest_expiry(now, timer_s),
        (timer_s, false) if timer_s != 0 && !params.quiet => {
            return Err(Error::BadRequest("messages of this conversation disappear"));
        }
        (_, false) if expiry == 0 => return Ok(()),
        (_, false) if rules.retention_ms == 0 => {
            return Err(Error::BadRequest(
                "messages of this conversation don't expire",
            ));
        }
        (_, false) => now
            .saturating_add(rules.retention_ms)
            .saturating_add(EXPIRY_SLACK_MS),
    };
    if expiry <= now || expiry > latest {
        return Err(Error::BadRequest(
            "the expiry is not within the conversation's policy",
        ));
    }
    Ok(())
}
