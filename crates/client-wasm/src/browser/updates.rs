//! What waits to be told to the app. That a list or a timeline changed is told at most twenty times a second, however
//! much happens; everything else at once and in order.

use std::collections::{BTreeSet, VecDeque};

use ambient::Millis;
use client::Update;
use protocol::ConversationId;

/// The least time between two tellings that something changed (ms).
const PAUSE: Millis = 50;

/// Updates that were not told yet.
#[derive(Default)]
pub(crate) struct Updates {
    events: VecDeque<Update>,
    conversations: bool,
    timelines: BTreeSet<ConversationId>,
    told: Millis,
}

impl Updates {
    /// Takes one from the engine.
    pub(crate) fn push(&mut self, update: Update) {
        match update {
            Update::Conversations => self.conversations = true,
            Update::Timeline(conversation) => {
                self.timelines.insert(conversation);
            }
            event => self.events.push_back(event),
        }
    }

    fn changed(&self) -> bool {
        self.conversations || !self.timelines.is_empty()
    }

    /// When there is something to tell.
    pub(crate) fn due(&self) -> Option<Millis> {
        if !self.events.is_empty() {
            return Some(0);
        }
        self.changed().then(|| self.told.saturating_add(PAUSE))
    }

    /// What is to be told now: changes first, so that what an event is about is there.
    pub(crate) fn take(&mut self, now: Millis) -> Vec<Update> {
        let mut out = Vec::new();
        if self.due().is_none_or(|due| due > now) {
            return out;
        }
        if self.changed() {
            self.told = now;
        }
        if std::mem::take(&mut self.conversations) {
            out.push(Update::Conversations);
        }
        let timelines = std::mem::take(&mut self.timelines);
        out.extend(timelines.into_iter().map(Update::Timeline));
        out.extend(self.events.drain(..));
        out
    }
}
