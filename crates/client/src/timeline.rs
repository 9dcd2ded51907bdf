//! The timeline as screens read it, page by page, in both directions.

use e2ee::{
    content::{Body, BodyKind},
    policy::History,
};
use protocol::{ConversationId, MemberId};

use crate::{
    Engine, Failure, Store,
    conversation::{
        rows::{Content, Row},
        seq_key,
    },
    receipts::Reached,
    store::Space,
    view::{At, Item, ItemBody, Page, Unsent},
};

/// Reads of the store for one page: more than one when there are rows that are not shown.
const READS: usize = 100;

impl<S: Store> Engine<S> {
    /// A page of the timeline: at most `limit` rows, and what waits where the page reaches the end.
    ///
    /// # Errors
    /// [`Failure::NoConversation`], [`Failure::Store`].
    pub fn timeline(
        &self,
        id: ConversationId,
        at: impl Into<At>,
        limit: usize,
    ) -> Result<Page, Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let rec = &conversation.rec;
        let (mut rows, ended) = match at.into() {
            At::Newest => (self.rows_before(id, rec.cursor + 1, limit)?, true),
            At::Before(seq) => (self.rows_before(id, seq, limit)?, seq > rec.cursor),
            At::After(seq) => self.rows_after(id, seq, rec.cursor, limit)?,
        };
        let oldest = rows.first().map_or(rec.low, |row| row.seq);
        rows.retain(|row| !self.hides(row));
        let reached = self.reached_by_all(id, conversation);
        let items = rows.iter().map(|row| self.item(reached, row));
        let on_server = rec.anchored && rec.low > rec.first_seq;
        let mut page = Page {
            items: items.collect(),
            older: on_server || oldest > rec.low,
            older_on_server: on_server,
            newer: !ended,
        };
        if ended {
            page.items.extend(self.waiting_items(id));
        }
        Ok(page)
    }

    /// Rows that are not shown; among them what has disappeared and was not taken out yet.
    fn hides(&self, row: &Row) -> bool {
        row.is_hidden() || row.is_over(self.server_now())
    }

    /// The last rows before `end`, ascending.
    fn rows_before(&self, id: ConversationId, end: u64, limit: usize) -> Result<Vec<Row>, Failure> {
        let mut rows: Vec<Row> = Vec::new();
        let mut missing = limit;
        for _ in 0..READS {
            let end = rows.last().map_or(end, |row| row.seq);
            let (from, to) = (seq_key(id, 0), seq_key(id, end));
            let found = self
                .store
                .range(Space::Timeline, &from, &to, missing, true)?;
            let more = found.len() == missing;
            for (_, value) in found {
                let row: Row = protocol::decode(&value)?;
                missing -= usize::from(!self.hides(&row));
                rows.push(row);
            }
            if !more || missing == 0 {
                break;
            }
        }
        rows.reverse();
        Ok(rows)
    }

    /// The first rows after `start`, ascending, and whether they reach the end.
    fn rows_after(
        &self,
        id: ConversationId,
        start: u64,
        cursor: u64,
        limit: usize,
    ) -> Result<(Vec<Row>, bool), Failure> {
        let mut rows: Vec<Row> = Vec::new();
        let mut missing = limit;
        for _ in 0..READS {
            let from = rows.last().map_or(start, |row| row.seq).saturating_add(1);
            let (from, to) = (seq_key(id, from), seq_key(id, cursor.saturating_add(1)));
            let found = self
                .store
                .range(Space::Timeline, &from, &to, missing, false)?;
            let more = found.len() == missing;
            for (_, value) in found {
                let row: Row = protocol::decode(&value)?;
                missing -= usize::from(!self.hides(&row));
                rows.push(row);
            }
            if !more || missing == 0 {
                break;
            }
        }
        let last = rows.last().map_or(start, |row| row.seq);
        Ok((rows, last >= cursor))
    }

    fn waiting_items(&self, id: ConversationId) -> impl Iterator<Item = Item> {
        let me = self.my_id();
        let waiting = self.outbox.messages();
        waiting
            .filter(move |w| w.conversation == id)
            .map(move |waiting| Item {
                seq: None,
                message: Some(waiting.message),
                sender: me,
                sender_name: self.people.name(me),
                own: true,
                time: waiting.time,
                server_time: 0,
                expires: 0,
                body: ItemBody::Text(waiting.text.clone()),
                state: Some(waiting.state()),
            })
    }

    /// What this person wrote and the server does not have yet, in the order of typing, then what they were about to write: what is lost
    /// with what is kept here. Does not read the store, which may be gone.
    #[must_use]
    pub fn unsent(&self) -> Vec<Unsent> {
        let views = self.conversations();
        let waiting = self.outbox.messages().filter(|w| w.seq.is_none());
        let waiting = waiting.filter_map(|waiting| {
            let view = views
                .iter()
                .find(|view| view.conversation == waiting.conversation)?;
            Some((view, waiting.text.clone()))
        });
        let begun = views.iter().map(|view| (view, view.draft.clone()));
        waiting
            .chain(begun.filter(|(_, text)| !text.trim().is_empty()))
            .map(|(view, text)| Unsent {
                title: view.title.clone(),
                text,
            })
            .collect()
    }

    fn item(&self, reached: Option<Reached>, row: &Row) -> Item {
        let own = row.sender == self.my_id();
        let mut item = Item {
            seq: Some(row.seq),
            message: None,
            sender: row.sender,
            sender_name: self.people.name(row.sender),
            own,
            time: row.time,
            server_time: row.time,
            expires: row.expiry,
            body: ItemBody::KeysUpdated,
            state: None,
        };
        let names = |members: &[MemberId]| members.iter().map(|m| self.people.name(*m)).collect();
        item.body = match &row.content {
            Content::Message { id: message, body } => {
                item.message = Some(*message);
                item.state = own.then(|| Reached::state_of(reached, row.seq));
                match Body::decode(body) {
                    Ok(body) => {
                        item.time = body.time;
                        match (body.kind, body.text) {
                            (BodyKind::Text, Some(text)) => ItemBody::Text(text),
                            _ => ItemBody::Newer,
                        }
                    }
                    Err(_) => ItemBody::Newer,
                }
            }
            Content::Created => ItemBody::Created,
            Content::Title { id, title, .. } => {
                item.message = Some(*id);
                ItemBody::Title(title.clone())
            }
            Content::Picture { id, picture, .. } => {
                item.message = Some(*id);
                let taken_away = picture.is_none();
                ItemBody::Picture { taken_away }
            }
            Content::Members {
                added,
                removed,
                roles,
                announcements,
                history,
                left,
                timer_s,
                restored,
            } => ItemBody::Members {
                added: names(added),
                removed: names(removed),
                roles: roles
                    .iter()
                    .map(|(m, role)| (self.people.name(*m), *role))
                    .collect(),
                announcements: *announcements,
                history_all: history.map(|history| history == History::All),
                left: *left,
                timer_s: *timer_s,
                restored: names(restored),
            },
            Content::Left => ItemBody::Left,
            Content::AccountClosed => ItemBody::AccountClosed,
            Content::Complaint { about } => ItemBody::Complaint {
                about: about.map(|member| self.people.name(member)),
            },
            Content::Restarted { complaint, out } => ItemBody::Restarted {
                complaint: *complaint,
                out: names(out),
            },
            Content::Unreadable => ItemBody::Unreadable,
            Content::Relinked => ItemBody::Relinked,
            Content::Keys => ItemBody::KeysUpdated,
            Content::Newer => ItemBody::Newer,
            Content::Removed => ItemBody::RemovedByServer,
            Content::Unverified | Content::Repeated | Content::Gone => ItemBody::Unverified,
        };
        item
    }
}
