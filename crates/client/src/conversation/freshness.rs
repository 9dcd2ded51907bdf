//! New keys now and then, where this member writes: what a copied state of a conversation leads to is over then, once the thief has no
//! vault key any more either (`docs/crypto.md`, section 5). Timers have a rhythm of their own (`timed`).

use ambient::Millis;

use super::Conversation;
use crate::{Engine, Store};

const DAY_MS: Millis = 24 * 3_600_000;
/// Own leaves older than this are renewed.
const OLD_MS: Millis = 7 * DAY_MS;
/// So are all where so many entries were made since the keys changed last.
const MANY: u64 = 1_000;
/// In groups of more than so many members, where new keys cost everybody more, four times the age and ten times the entries.
const LARGE: usize = 300;

impl<S: Store> Engine<S> {
    /// Whether this device is to renew the keys: its member wrote the newest message, and the leaf is old, or much was written.
    pub(super) fn keys_are_old(&self, conversation: &Conversation) -> bool {
        let rec = &conversation.rec;
        if !rec.last_own || rec.gone || conversation.broken.is_some() {
            return false;
        }
        let (Some(state), Some(now)) = (&conversation.mls, self.sure_server_now()) else {
            return false;
        };
        let (age, entries) = match rec.members.len() > LARGE {
            true => (4 * OLD_MS, 10 * MANY),
            false => (OLD_MS, MANY),
        };
        let written = rec.last.as_ref().map_or(0, |(time, _)| *time);
        let since = state.own_certificate().issued_at;
        // where nothing was written with these keys there is nothing to end
        let old = written > since && since.saturating_add(age) <= now;
        let much = rec.epoch_from > 0 && rec.cursor.saturating_sub(rec.epoch_from) >= entries;
        // other devices of this member see the same: usually one is first
        (old || much) && written.saturating_add(self.apart()) <= now
    }
}
