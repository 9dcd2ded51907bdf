//! The messages of a conversation: rows to draw, and what part of them is seen.

use client::view::{Item, ItemBody, Page, Role, SendState};
use protocol::{MemberId, MessageId};

use super::{home::key_of, timer};
use crate::{
    calendar::Zone,
    clean,
    texts::{Language, Text},
};

/// Messages of one person closer than this (ms) stand under one name.
const GROUP: u64 = 5 * 60 * 1000;
/// The author's time and the server's are both shown when they differ by more than this (ms).
const DIFFERS: u64 = 5 * 60 * 1000;
/// Columns kept for the marks behind one's own messages, and before every message.
const MARKS: usize = 3;
const INDENT: usize = 2;

/// How an item is found again when the rows are made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// By its message id, which it has before it is sent.
    Message(MessageId),
    /// By its place in the log.
    Seq(u64),
}

/// What part is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scroll {
    /// The end, also when more comes.
    #[default]
    Newest,
    /// The last visible row is this row of this item, whatever comes before or after.
    At(Key, usize),
}

/// What a row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Nothing.
    Blank,
    /// Where the loaded part ends.
    Edge(Text),
    /// A new day.
    Day(String),
    /// From here on everything is new.
    New,
    /// Who wrote what follows, and when.
    Head {
        /// Display name.
        name: String,
        /// Who.
        member: MemberId,
        /// Oneself.
        own: bool,
        /// When.
        time: String,
    },
    /// A line of a message.
    Words {
        /// The words.
        text: String,
        /// After the last line of one's own.
        state: Option<SendState>,
    },
    /// Something that is no message.
    Event(String),
    /// Something that can't be shown as it was meant.
    Problem(String),
}

/// A row and the item that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The item; none at the edge.
    pub key: Option<Key>,
    /// Which row of the item.
    pub line: usize,
    /// What it shows.
    pub row: Row,
}

/// What rows are made with.
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Whose clock.
    pub zone: Zone,
    /// Language.
    pub language: Language,
    /// The time (ms since 1970).
    pub now: u64,
}

/// The loaded part of a conversation.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Items, ascending.
    pub items: Vec<Item>,
    /// A page has come.
    pub loaded: bool,
    /// There are older ones.
    pub older: bool,
    /// They have to come from the server.
    pub older_on_server: bool,
    /// They are being loaded.
    pub loading: bool,
    /// How many rows are read.
    pub limit: usize,
    /// What part is seen.
    pub scroll: Scroll,
    /// The first item that is new.
    pub new_from: Option<Key>,
    /// The server was asked for older ones and has not answered yet.
    pub(super) asked: bool,
    unread: Option<u64>,
}

fn shown_time(item: &Item) -> u64 {
    if item.server_time == 0 {
        item.time
    } else {
        item.server_time
    }
}

fn differs(item: &Item) -> bool {
    item.server_time != 0 && item.time.abs_diff(item.server_time) > DIFFERS
}

fn is_message(item: &Item) -> bool {
    item.message.is_some() || matches!(item.body, ItemBody::Text(_))
}

impl Timeline {
    /// Of a conversation that was just opened.
    #[must_use]
    pub fn opened(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// How many messages were unread when the conversation was opened.
    pub fn unread_at_opening(&mut self, unread: u64) {
        self.unread = Some(unread);
        if self.loaded {
            self.place_new_line();
        }
    }

    fn place_new_line(&mut self) {
        let Some(unread) = self.unread.take() else {
            return;
        };
        let by_others = self
            .items
            .iter()
            .rev()
            .filter(|item| !item.own && is_message(item));
        let skip = usize::try_from(unread).unwrap_or(usize::MAX);
        self.new_from = by_others.take(skip).last().and_then(key_of);
    }

    /// Takes a page in. `seen`: what comes is read at once, if the end is on the screen.
    pub fn set(&mut self, page: Page, seen: bool) {
        let watching = seen && self.scroll == Scroll::Newest;
        if self.loaded && self.new_from.is_none() && !watching {
            let newest = self.newest_of_others().unwrap_or_default();
            let fresh = page
                .items
                .iter()
                .find(|item| !item.own && item.seq.is_some_and(|seq| seq > newest));
            self.new_from = fresh.and_then(key_of);
        }
        let more = page.items.len() > self.items.len() || !page.older;
        let longer = page.items.len() >= self.limit;
        self.items = page.items;
        self.older = page.older;
        self.older_on_server = page.older_on_server;
        if more || longer || !self.asked {
            self.loading = false;
            self.asked = false;
        }
        if !self.loaded {
            self.loaded = true;
            self.place_new_line();
        }
    }

    /// A message of one's own goes out: the end comes into view, and nothing is new any more.
    pub fn sent(&mut self) {
        self.scroll = Scroll::Newest;
        self.new_from = None;
    }

    /// The newest seq of a message by somebody else.
    #[must_use]
    pub fn newest_of_others(&self) -> Option<u64> {
        let by_others = self.items.iter().rev().filter(|item| !item.own);
        by_others.filter_map(|item| item.seq).max()
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self, look: &Look) -> Vec<Placed> {
        let mut rows = Vec::new();
        if let Some(text) = self.edge() {
            rows.push(Placed {
                key: None,
                line: 0,
                row: Row::Edge(text),
            });
        }
        let mut before: Option<&Item> = None;
        for item in &self.items {
            let key = key_of(item);
            let mut item_rows = Vec::new();
            self.lead(&mut item_rows, item, before, look);
            body(&mut item_rows, item, look);
            let placed = item_rows.into_iter().enumerate();
            rows.extend(placed.map(|(line, row)| Placed { key, line, row }));
            before = Some(item);
        }
        rows
    }

    fn edge(&self) -> Option<Text> {
        match (self.loaded, self.older, self.loading) {
            (false, _, _) => None,
            (true, false, _) => Some(Text::Beginning),
            (true, true, true) => Some(Text::LoadingOlder),
            (true, true, false) => Some(Text::OlderThere),
        }
    }

    /// What stands before an item: a day, "new", a name.
    fn lead(&self, rows: &mut Vec<Row>, item: &Item, before: Option<&Item>, look: &Look) {
        let day = look.zone.day(shown_time(item));
        let same_day = before.is_some_and(|b| look.zone.day(shown_time(b)) == day);
        if !same_day {
            let name = look
                .zone
                .day_name(shown_time(item), look.now, look.language);
            rows.extend([Row::Blank, Row::Day(name)]);
        }
        let new = self.new_from.is_some() && self.new_from == key_of(item);
        if new {
            rows.push(Row::New);
        }
        let grouped = before.is_some_and(|before| {
            same_day
                && !new
                && is_message(before)
                && before.sender == item.sender
                && item.time.abs_diff(before.time) < GROUP
                && !differs(item)
                && !differs(before)
        });
        if is_message(item) && !grouped {
            if !new {
                rows.push(Row::Blank);
            }
            rows.push(head(item, look));
        }
    }

    /// Which rows are seen in `height` rows: from, to.
    #[must_use]
    pub fn window(&self, rows: &[Placed], height: u16) -> (usize, usize) {
        let height = usize::from(height);
        let end = match self.scroll {
            Scroll::Newest => rows.len(),
            Scroll::At(key, line) => rows
                .iter()
                .rposition(|row| row.key == Some(key) && row.line <= line)
                .map_or(rows.len(), |at| at + 1),
        };
        let end = end.max(height.min(rows.len()));
        (end.saturating_sub(height), end)
    }

    /// Scrolls by pages; true when the top was there already or is there now.
    pub fn scroll_by(&mut self, rows: &[Placed], height: u16, pages: isize) -> bool {
        let (_, end) = self.window(rows, height);
        let step = usize::from(height.max(2) - 1);
        let end = if pages < 0 {
            end.saturating_sub(step)
        } else {
            end + step
        };
        let end = end.max(usize::from(height).min(rows.len()));
        self.scroll = match rows.get(end.wrapping_sub(1)) {
            Some(last) if end < rows.len() => match last.key {
                Some(key) => Scroll::At(key, last.line),
                None => Scroll::Newest,
            },
            _ => Scroll::Newest,
        };
        self.window(rows, height).0 == 0
    }
}

fn head(item: &Item, look: &Look) -> Row {
    let mut time = look
        .zone
        .clock_beside(item.time, shown_time(item), look.now, look.language);
    if differs(item) {
        let server = look.zone.clock(item.server_time);
        time = look.language.fill(Text::ServerTime, &[&time, &server]);
    }
    let room = look.width.saturating_sub(clean::width(&time) + 2);
    Row::Head {
        name: clean::fit(&item.sender_name, room.max(8)),
        member: item.sender,
        own: item.own,
        time,
    }
}

fn body(rows: &mut Vec<Row>, item: &Item, look: &Look) {
    let say = |text| look.language.say(text).to_owned();
    let name = clean::fit(&item.sender_name, 40);
    let names = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| clean::fit(name, 40)).collect();
        names.join(", ")
    };
    let mut event = |text: String, problem: bool| {
        for line in clean::wrap(&text, look.width.saturating_sub(2 * INDENT)) {
            rows.push(if problem {
                Row::Problem(line)
            } else {
                Row::Event(line)
            });
        }
    };
    match &item.body {
        ItemBody::Text(text) => {
            let columns = look.width.saturating_sub(INDENT + MARKS);
            let mut lines = clean::wrapped(text, columns);
            let last = lines.pop().unwrap_or_default();
            rows.extend(
                lines
                    .into_iter()
                    .map(|text| Row::Words { text, state: None }),
            );
            rows.push(Row::Words {
                text: last,
                state: item.state,
            });
        }
        ItemBody::Created => event(look.language.fill(Text::ItemCreated, &[&name]), false),
        ItemBody::Title(title) => {
            let title = clean::fit(title, 80);
            event(look.language.fill(Text::ItemTitle, &[&name, &title]), false);
        }
        ItemBody::Picture { taken_away } => {
            let text = match taken_away {
                true => Text::ItemNoPicture,
                false => Text::ItemPicture,
            };
            event(look.language.fill(text, &[&name]), false);
        }
        ItemBody::Left => event(look.language.fill(Text::ItemLeft, &[&name]), false),
        ItemBody::Relinked => {
            event(look.language.fill(Text::ItemRelinked, &[&name]), false);
        }
        ItemBody::Complaint { about: Some(about) } => {
            let about = clean::fit(about, 40);
            let told = look
                .language
                .fill(Text::ItemComplaintAbout, &[&name, &about]);
            event(told, true);
        }
        ItemBody::Complaint { about: None } => {
            event(look.language.fill(Text::ItemComplaint, &[&name]), true);
        }
        ItemBody::Restarted { out, .. } if !out.is_empty() => {
            let told = look
                .language
                .fill(Text::ItemRestartedWithout, &[&name, &names(out)]);
            event(told, false);
        }
        ItemBody::Restarted {
            complaint: false, ..
        } => event(look.language.fill(Text::ItemRenewed, &[]), false),
        ItemBody::Restarted { .. } => {
            event(look.language.fill(Text::ItemRestarted, &[&name]), false);
        }
        ItemBody::Unreadable => {
            event(look.language.fill(Text::ItemUnreadable, &[&name]), true);
        }
        ItemBody::AccountClosed => {
            event(look.language.fill(Text::ItemAccountClosed, &[&name]), false);
        }
        ItemBody::Members {
            added,
            removed,
            roles,
            announcements,
            history_all,
            left,
            timer_s,
            restored,
        } => {
            if !added.is_empty() {
                let told = look.language.fill(Text::ItemAdded, &[&name, &names(added)]);
                event(told, false);
            }
            if !removed.is_empty() {
                let told = look
                    .language
                    .fill(Text::ItemRemoved, &[&name, &names(removed)]);
                event(told, false);
            }
            if !restored.is_empty() {
                let told = look
                    .language
                    .fill(Text::ItemRestored, &[&name, &names(restored)]);
                event(told, false);
            }
            for (whom, role) in roles {
                let text = match role {
                    Role::ReadOnly => Text::ItemReader,
                    Role::Member => Text::ItemMember,
                    Role::GroupAdmin => Text::ItemAdmin,
                    Role::Owner => Text::ItemOwner,
                };
                let whom = clean::fit(whom, 40);
                if *left {
                    event(look.language.fill(Text::ItemSuccessor, &[&whom]), false);
                    continue;
                }
                event(look.language.fill(text, &[&name, &whom]), false);
            }
            if let Some(on) = announcements {
                let text = if *on {
                    Text::ItemAnnouncements
                } else {
                    Text::ItemNoAnnouncements
                };
                event(look.language.fill(text, &[&name]), false);
            }
            if let Some(all) = history_all {
                let text = if *all {
                    Text::ItemEarlier
                } else {
                    Text::ItemNoEarlier
                };
                event(look.language.fill(text, &[&name]), false);
            }
            match timer_s {
                Some(0) => event(look.language.fill(Text::ItemNoTimer, &[&name]), false),
                Some(seconds) => {
                    let after = timer::words(*seconds, look.language);
                    event(look.language.fill(Text::ItemTimer, &[&name, &after]), false);
                }
                None => {}
            }
        }
        // happens by itself, and says nothing to most people
        ItemBody::KeysUpdated => {}
        ItemBody::Newer => event(say(Text::ItemNewer), true),
        ItemBody::RemovedByServer => event(say(Text::ItemRemovedByServer), true),
        ItemBody::Unverified => event(say(Text::ItemUnverified), true),
        #[allow(unreachable_patterns)] // kinds that a newer engine knows
        _ => event(say(Text::ItemNewer), true),
    }
}
