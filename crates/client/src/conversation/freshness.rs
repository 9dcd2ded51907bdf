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

/// What the age of own keys is judged by.
struct Written {
    /// Members of the conversation.
    members: usize,
    /// When the own leaf was made (server's time).
    since: u64,
    /// When something was written last (server's time; 0 = never).
    last: u64,
    /// Entries since the keys changed last, by whomever.
    entries: u64,
}

impl Written {
    /// Whether the leaf is old at this time of the server, or much was written.
    fn is_old(&self, now: u64) -> bool {
        let (age, entries) = match self.members > LARGE {
            true => (4 * OLD_MS, 10 * MANY),
            false => (OLD_MS, MANY),
        };
        // where nothing was written with these keys there is nothing to end
        let old = self.last > self.since && self.since.saturating_add(age) <= now;
        old || self.entries >= entries
    }
}

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
        let written = Written {
            members: rec.members.len(),
            since: state.own_certificate().issued_at,
            last: rec.last.as_ref().map_or(0, |(time, _)| *time),
            entries: match rec.epoch_from {
                0 => 0, // not known
                from => rec.cursor.saturating_sub(from),
            },
        };
        // other devices of this member see the same: usually one is first
        written.is_old(now) && written.last.saturating_add(self.apart()) <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_old(members: usize, days: u64, entries: u64) -> bool {
        let written = Written {
            members,
            since: 1_000,
            last: 2_000,
            entries,
        };
        written.is_old(1_000 + days * DAY_MS)
    }

    #[test]
    fn in_large_groups_keys_are_renewed_four_times_as_seldom() {
        for members in [2, LARGE] {
            assert!(!is_old(members, 6, 999));
            assert!(is_old(members, 7, 1) && is_old(members, 0, 1_000));
        }
        for members in [LARGE + 1, 1_000] {
            assert!(!is_old(members, 27, 9_999));
            assert!(is_old(members, 28, 1) && is_old(members, 0, 10_000));
        }
    }

    #[test]
    fn where_nothing_was_written_nothing_is_renewed() {
        let written = Written {
            members: 2,
            since: 1_000,
            last: 1_000,
            entries: 0,
        };
        assert!(!written.is_old(u64::MAX));
    }
}
