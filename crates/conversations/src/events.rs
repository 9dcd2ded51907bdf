//! Events of this service.

use bus::{Bus, Hint, Notice, Topic};
use protocol::{
    ConversationId, MemberId, ServerFrame,
    events::{ConversationChanged, ConversationGone, NewEntry, VaultChanged},
    methods::{conversations::Entry, sync::ConversationSummary, vault::VaultWrite},
};

/// What a commit or a founding tells, to whom.
pub(crate) struct Told {
    /// Who has a new leaf, newcomers and repaired members, with how the conversation stands for them: those for whom
    /// it stands alike together, as a summary grows with the members.
    pub(crate) joined: Vec<(Vec<MemberId>, ConversationSummary)>,
    /// Members who are in it no more.
    pub(crate) gone: Vec<MemberId>,
    /// What stands before the commit, and was written with it.
    pub(crate) before: Option<Entry>,
    /// The commit.
    pub(crate) entry: Entry,
    /// The author's vault write and the number of its head.
    pub(crate) vault: (MemberId, VaultChanged),
}

impl Told {
    /// Newcomers hear of the conversation before its next entry, and those who are gone no entry after.
    pub(crate) fn publish(&self, bus: &dyn Bus) {
        let id = self.entry.conversation;
        for member in &self.gone {
            let event = ConversationGone { conversation: id };
            bus.publish(Notice::event(Topic::Member(*member), &event).with_hint(Hint::Left(id)));
        }
        for (members, summary) in &self.joined {
            // Encoded once and shared: this runs on the writer's thread.
            let frame = protocol::encode(&ServerFrame::event(&ConversationChanged {
                summary: summary.clone(),
            }));
            for member in members {
                bus.publish(Notice {
                    topic: Topic::Member(*member),
                    frame: frame.clone(),
                    hint: Hint::Joined(id),
                });
            }
        }
        if let Some(before) = &self.before {
            entry(bus, before);
        }
        entry(bus, &self.entry);
        let (author, changes) = &self.vault;
        bus.publish(Notice::event(Topic::Member(*author), changes));
    }
}

/// Tells everybody in the conversation of a new entry.
pub(crate) fn entry(bus: &dyn Bus, entry: &Entry) {
    let id: ConversationId = entry.conversation;
    let event = NewEntry {
        entry: entry.clone(),
    };
    bus.publish(Notice::event(Topic::Conversation(id), &event));
}

/// What the author's vault write changed.
pub(crate) fn vault(author: MemberId, write: &VaultWrite, head: u64) -> (MemberId, VaultChanged) {
    (author, VaultChanged::by(write, head))
}
