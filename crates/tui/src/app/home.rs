//! Conversations and the one that is open.

use std::collections::{HashMap, VecDeque};

use client::{
    Command, Failure,
    view::{ConversationView, Page, PersonView},
};
use protocol::{ConversationId, MemberId};

use super::{
    App, Effect, ItemKey, Panel, Screen, Scroll, Timeline, groups::Several, verification::Deciding,
};
use crate::{clean, editor::Editor, layout, texts::Text};

/// Rows read at first, and more at a time.
const PAGE: usize = 100;

/// Somebody who is looked for by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The command, as it was typed.
    pub(super) word: String,
    /// The name.
    pub(super) name: String,
    /// What for.
    pub(super) what: What,
}

/// What somebody is wanted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Talk,
    Safety,
    /// To be suspended, or not any more.
    Suspend(bool),
    /// A new beginning by a link.
    Reset,
    /// People for a group, one after the other.
    Several(Several),
}

/// The main screen.
#[derive(Default)]
pub struct Home {
    /// All conversations.
    pub conversations: Vec<ConversationView>,
    /// The one that is open.
    pub current: Option<ConversationId>,
    /// Its messages.
    pub timeline: Timeline,
    /// What is being written.
    pub editor: Editor,
    /// What is shown in place of the timeline.
    pub panel: Option<Panel>,
    /// Lines of the panel that are scrolled away.
    pub panel_scroll: usize,
    /// The people found last, by number.
    pub found: Vec<PersonView>,
    /// On a narrow terminal: the list is shown instead of the conversation.
    pub list_open: bool,
    /// Whose identity was last told to have changed.
    pub(super) changed: Option<MemberId>,
    /// The number that was shown of somebody whose identity has changed.
    pub(super) compared: Option<(MemberId, String)>,
    /// What the person decided about somebody's identity, until it is done.
    pub(super) deciding: Option<Deciding>,
    pub(super) told_broken: Option<ConversationId>,
    /// What was said last of a change that can't be read, and where.
    pub(super) told_stuck: Option<(ConversationId, Text)>,
    /// Everybody whose identity has changed and was not accepted, as the engine said last.
    pub(super) changed_now: Vec<MemberId>,
    /// What each search that has no answer yet is for, in the order they were asked; none: to be shown. Every search is
    /// answered once, by people or by a failure.
    pub(super) wanted: VecDeque<Option<Wanted>>,
    /// What somebody who was found by a part of their name is wanted for, until the person has said that they are meant.
    pub(super) meant: Option<What>,
    /// Those who are being suspended or readmitted, by name.
    pub(super) suspending: VecDeque<(String, bool)>,
    drafts: HashMap<ConversationId, Editor>,
    /// Up to where it was said that the person has read.
    marked: HashMap<ConversationId, u64>,
    /// Was opened before the list had it.
    awaited: bool,
}

impl Home {
    /// Shows a panel from its beginning.
    pub(super) fn panel(&mut self, panel: Panel) {
        self.panel = Some(panel);
        self.panel_scroll = 0;
    }

    /// Closes what is on top.
    pub(super) fn close(&mut self) {
        if self.panel.take().is_none() && self.current.is_some() {
            self.list_open = !self.list_open;
        }
    }

    /// The conversation that is open.
    #[must_use]
    pub fn open(&self) -> Option<&ConversationView> {
        let current = self.current?;
        self.conversations
            .iter()
            .find(|row| row.conversation == current)
    }

    /// Whether the messages of the open conversation can be seen.
    #[must_use]
    pub fn timeline_seen(&self, narrow: bool) -> bool {
        self.current.is_some() && self.panel.is_none() && !(narrow && self.list_open)
    }
}

impl App {
    /// Opens a conversation.
    pub(super) fn open(&mut self, conversation: ConversationId) {
        let home = &mut self.home;
        home.panel = None;
        home.list_open = false;
        if home.current == Some(conversation) {
            return;
        }
        let draft = home.drafts.remove(&conversation).unwrap_or_default();
        let left = std::mem::replace(&mut home.editor, draft);
        match home.current {
            Some(before) if !left.is_empty() => {
                home.drafts.insert(before, left);
            }
            // something typed before any conversation was open
            None if home.editor.is_empty() => home.editor = left,
            _ => {}
        }
        home.current = Some(conversation);
        home.timeline = Timeline::opened(PAGE);
        home.awaited = true;
        self.opened_at_last();
        self.command(Command::LookAt {
            conversation: Some(conversation),
        });
        self.load(conversation);
    }

    /// Notes what was unread when the conversation was opened.
    pub(super) fn opened_at_last(&mut self) {
        let unread = self.home.open().map(|row| row.unread);
        if let (true, Some(unread)) = (self.home.awaited, unread) {
            self.home.awaited = false;
            self.home.timeline.unread_at_opening(unread);
        }
    }

    pub(super) fn load(&mut self, conversation: ConversationId) {
        let limit = self.home.timeline.limit;
        self.effect(Effect::Load {
            conversation,
            limit,
        });
    }

    pub(super) fn page(&mut self, conversation: ConversationId, page: Result<Page, Failure>) {
        if self.home.current != Some(conversation) {
            return;
        }
        match page {
            Ok(page) => {
                let seen = self.timeline_seen() && self.focused;
                self.home.timeline.set(page, seen);
            }
            // not yet written by the engine: it will tell
            Err(Failure::NoConversation) => {}
            Err(failure) => {
                let told =
                    crate::texts::failure(self.language, client::Doing::Background, &failure);
                self.warn(told);
            }
        }
    }

    pub(super) fn timeline_seen(&self) -> bool {
        matches!(self.screen, Screen::Home) && self.home.timeline_seen(layout::is_narrow(self.size))
    }

    /// Placed rows of the timeline, and how many fit.
    fn placed(&self) -> (usize, usize) {
        let area = layout::areas(self).body;
        let rows = self.home.timeline.rows(&self.look(area.width));
        (rows.len(), usize::from(area.height))
    }

    /// Loads more when the screen is not full and there is more.
    pub(super) fn fill_screen(&mut self) {
        let timeline = &self.home.timeline;
        if !self.timeline_seen() || !timeline.loaded || !timeline.older || timeline.loading {
            return;
        }
        let (rows, height) = self.placed();
        if rows < height {
            self.load_older();
        }
    }

    /// Asks for older messages: of the store by a longer page, of the server by a command.
    fn load_older(&mut self) {
        let Some(conversation) = self.home.current else {
            return;
        };
        let timeline = &mut self.home.timeline;
        if !timeline.older || timeline.loading {
            return;
        }
        let in_store = timeline.items.len() >= timeline.limit;
        if in_store || !timeline.older_on_server {
            timeline.limit += PAGE;
            timeline.loading = true;
            self.load(conversation);
        } else if !timeline.asked {
            timeline.asked = true;
            timeline.loading = true;
            timeline.limit += PAGE;
            self.command(Command::LoadOlder { conversation });
        }
    }

    /// Says up to where the person has read: what stands on the screen, at the end, in a window that has the keyboard.
    pub(super) fn mark_read(&mut self) {
        let Some(conversation) = self.home.current else {
            return;
        };
        if !self.timeline_seen() || !self.focused || self.home.timeline.scroll != Scroll::Newest {
            return;
        }
        let Some(seq) = self.home.timeline.newest_of_others() else {
            return;
        };
        let marked = self.home.marked.entry(conversation).or_default();
        if seq > *marked {
            *marked = seq;
            self.command(Command::MarkRead { conversation, seq });
        }
    }

    /// Goes to the next conversation, or the one before.
    pub(super) fn step_conversation(&mut self, by: isize) {
        let rows = &self.home.conversations;
        let Ok(count) = isize::try_from(rows.len()) else {
            return;
        };
        if count == 0 {
            return;
        }
        let at = self
            .home
            .current
            .and_then(|current| rows.iter().position(|row| row.conversation == current))
            .and_then(|at| isize::try_from(at).ok());
        let next = match at {
            Some(at) => (at + by).rem_euclid(count),
            None if by > 0 => 0,
            None => count - 1,
        };
        if let Some(row) = usize::try_from(next).ok().and_then(|n| rows.get(n)) {
            let conversation = row.conversation;
            self.calm();
            self.open(conversation);
        }
    }

    pub(super) fn page_up(&mut self) {
        if self.home.panel.is_some() {
            let height = usize::from(layout::areas(self).body.height);
            self.home.panel_scroll = self.home.panel_scroll.saturating_sub(height.max(2) - 1);
            return;
        }
        let area = layout::areas(self).body;
        let rows = self.home.timeline.rows(&self.look(area.width));
        let at_top = self.home.timeline.scroll_by(&rows, area.height, -1);
        if at_top {
            self.load_older();
        }
    }

    pub(super) fn page_down(&mut self) {
        let area = layout::areas(self).body;
        if self.home.panel.is_some() {
            let height = usize::from(area.height);
            let lines = crate::draw::panel_lines(self, area.width).len();
            let most = lines.saturating_sub(height);
            self.home.panel_scroll = (self.home.panel_scroll + height.max(2) - 1).min(most);
            return;
        }
        let rows = self.home.timeline.rows(&self.look(area.width));
        self.home.timeline.scroll_by(&rows, area.height, 1);
    }

    pub(super) fn go_to_newest(&mut self) {
        self.home.timeline.scroll = Scroll::Newest;
    }

    /// Sends what was written, or does what was commanded.
    pub(super) fn entered(&mut self) {
        let text = self.home.editor.text().trim().to_owned();
        if text.is_empty() {
            self.home.panel = None;
            self.calm();
            return;
        }
        if let Some(rest) = text.strip_prefix('/')
            && !rest.starts_with('/')
        {
            self.home.editor.clear();
            self.calm();
            return self.run(&text);
        }
        // two slashes: a message that begins with one
        let message = text.strip_prefix('/').unwrap_or(&text).to_owned();
        self.send(message);
    }

    fn send(&mut self, text: String) {
        let Some(conversation) = self.home.current else {
            return self.warn(self.say(Text::NoConversationOpen));
        };
        if text.len() > protocol::limits::TEXT_BYTES_MAX {
            return self.warn(self.say(Text::TooLong));
        }
        self.home.editor.clear();
        self.home.panel = None;
        self.home.list_open = false;
        self.calm();
        self.home.timeline.sent();
        self.command(Command::SendText { conversation, text });
    }

    /// What the rows of the timeline are made with.
    #[must_use]
    pub fn look(&self, width: u16) -> super::timeline::Look {
        super::timeline::Look {
            width: usize::from(width),
            zone: self.zone,
            language: self.language,
            now: self.now,
        }
    }

    /// The beginning of a message in the list, on one line.
    #[must_use]
    pub fn last_line(row: &ConversationView) -> String {
        row.last
            .as_ref()
            .map_or_else(String::new, |last| clean::line(&last.text))
    }
}

/// Keys by which rows are found again are those of their items.
#[must_use]
pub fn key_of(item: &client::view::Item) -> Option<ItemKey> {
    item.message
        .map(ItemKey::Message)
        .or(item.seq.map(ItemKey::Seq))
}
