//! What the server says of conversations as wholes: at the start of a connection, and when one is new or gone.

use protocol::{
    ConversationId,
    limits::CURSORS_MAX,
    methods::{
        own_account::ListDevices,
        sync::{ConversationSummary, Cursor, StartSync, SyncStarted},
    },
};

use super::{Conversation, Record};
use crate::{Doing, Engine, Failure, Space, Store, Update, devices::Listing, pending::Pending};

/// Pins can change while they are fetched, but not for ever.
const PIN_ROUNDS: u32 = 10;

fn first_record(summary: &ConversationSummary) -> Record {
    Record {
        v: 1,
        restart: summary.restart,
        direct: summary.direct,
        members: summary.members.clone(),
        first_seq: summary.first_seq,
        head_seq: summary.head_seq,
        cursor: 0,
        transcript: protocol::Hash32::default(),
        log_epoch: 0,
        log_restart: summary.restart,
        low: 0,
        low_transcript: protocol::Hash32::default(),
        low_epoch: 0,
        low_restart: summary.restart,
        cut_up_to: None,
        low_commit: None,
        run: Default::default(),
        left_out: Vec::new(),
        let_in_at: 0,
        stuck: None,
        suite: 0,
        over_at: 0,
        behind: None,
        anew: None,
        read: 0,
        marks_known: false,
        told: (0, 0),
        unread: 0,
        last: None,
        last_seq: 0,
        last_own: false,
        last_expiry: 0,
        newest: 0,
        counted: true,
        count: 0,
        low_count: 0,
        gone: false,
        leaving: false,
        left: false,
        departed: Vec::new(),
        saved_epoch: 0,
        join_package: None,
        old_package: false,
        unsaved_heads: Vec::new(),
        unsaved_timed: Vec::new(),
        timed_in: 0,
        epoch_since: 0,
        epoch_from: 0,
        expired_unread: Vec::new(),
        unlinked: Vec::new(),
        replacements: Vec::new(),
        creating: false,
        anchored: false,
        rules: Default::default(),
        wanted: Default::default(),
        title: None,
        title_wanted: None,
        title_due: None,
        picture: None,
        picture_due: None,
    }
}

impl Record {
    /// Whether somebody is in it, as far as the log was followed.
    pub(crate) fn has(&self, member: protocol::MemberId) -> bool {
        let left = !self.direct && self.departed.contains(&member);
        self.members.contains(&member) && !left
    }

    /// The account of the other one in a direct conversation was closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.direct && !self.departed.is_empty()
    }

    /// From here on the log is followed, forward and back.
    pub(crate) fn anchor_at(&mut self, anchor: e2ee::mls::Anchor) {
        (self.cursor, self.transcript) = (anchor.seq, anchor.transcript);
        (self.log_restart, self.log_epoch) = (anchor.log_restart, anchor.log_epoch);
        (self.low, self.low_transcript) = (anchor.seq + 1, anchor.transcript);
        (self.low_restart, self.low_epoch) = (anchor.log_restart, anchor.log_epoch);
        (self.low_commit, self.anew) = (None, None);
        self.run = Default::default();
        (self.counted, self.count, self.low_count) = (true, 0, 0);
        self.head_seq = self.head_seq.max(anchor.seq);
        (self.timed_in, self.epoch_since, self.epoch_from) = (0, 0, 0); // found on the way back
        self.expired_unread.clear();
        self.left_out.clear(); // what was decided of them meanwhile is not known
        self.departed.clear(); // what comes after is followed (again)
        self.anchored = true;
    }

    /// Of a conversation that is being made here, before its first entry.
    pub(crate) fn founding(
        direct: bool,
        members: Vec<protocol::MemberId>,
        start: protocol::Hash32,
    ) -> Self {
        Self {
            direct,
            members,
            transcript: start,
            low: 1,
            low_transcript: start,
            creating: true,
            anchored: true,
            ..first_record(&ConversationSummary {
                conversation: ConversationId::default(),
                restart: 0,
                direct,
                members: Vec::new(),
                epoch: 0,
                head_seq: 0,
                first_seq: 1,
                welcome: false,
                repairs: Vec::new(),
            })
        }
    }
}

impl<S: Store> Engine<S> {
    /// Pins first: nothing may be pinned anew that the vault has pinned already.
    pub(crate) fn start_sync(&mut self) {
        if self.missing_pins().is_empty() {
            self.request_sync(true);
            return;
        }
        self.vault.pin_rounds += 1;
        if self.vault.pin_rounds > PIN_ROUNDS {
            let failure = Failure::Unverified("the vault withholds whom you know".into());
            self.fail(Doing::Background, failure);
            self.hang_up();
            return;
        }
        self.ask_manifest(Pending::ManifestForPins);
    }

    fn request_sync(&mut self, with_cursors: bool) {
        let Some(own) = &self.own else { return };
        let cursors = self
            .conversations
            .iter()
            .filter(|(_, c)| with_cursors && c.rec.anchored && !c.rec.creating)
            .map(|(id, c)| Cursor {
                conversation: *id,
                seq: c.rec.cursor,
            })
            .take(CURSORS_MAX)
            .collect();
        let params = StartSync {
            incarnation: with_cursors.then_some(own.incarnation),
            cursors,
        };
        self.request(&params, Pending::Sync);
    }

    pub(crate) fn sync_started(&mut self, result: Result<SyncStarted, Failure>) {
        let Ok(sync) = result else {
            self.hang_up();
            return;
        };
        if sync.snapshot_needed {
            self.new_incarnation();
            self.request_sync(false);
            return;
        }
        self.drop_unconfirmed(&sync);
        for summary in &sync.changed {
            self.check_restored(summary);
            self.summary_came(summary);
        }
        for id in &sync.gone {
            self.conversation_gone(*id);
        }
        self.vault_head_is(sync.vault_head);
        self.key_packages_left(sync.key_packages_left);
        self.backup_mark(sync.backup_mark);
        self.want_all_loose();
        self.join_change();
        self.synced_now();
        self.request(&ListDevices {}, Pending::Devices(Listing::Background));
        self.refresh_people();
        self.tell(Update::Conversations);
    }

    /// The server's data were restored from a backup: cursors count for nothing, what is held here still does.
    fn new_incarnation(&mut self) {
        if let (Some(own), Some(hello)) = (&mut self.own, &self.connection.hello) {
            own.incarnation = hello.incarnation;
        }
        self.save_own();
        self.outbox_unsend_all();
    }

    fn check_restored(&mut self, summary: &ConversationSummary) {
        let id = summary.conversation;
        let ahead = self
            .conversations
            .get(&id)
            .is_some_and(|c| c.rec.anchored && !c.rec.creating && c.rec.cursor > summary.head_seq);
        if ahead {
            let reason = "the server lost the end of this conversation (restored from a backup?)";
            self.break_conversation(id, reason.to_owned());
        }
    }

    /// A conversation made here that the server does not have was never made: it is made again.
    fn drop_unconfirmed(&mut self, sync: &SyncStarted) {
        let lost: Vec<ConversationId> = self
            .conversations
            .iter()
            .filter(|(id, c)| {
                c.rec.creating && !sync.changed.iter().any(|s| s.conversation == **id)
            })
            .map(|(id, _)| *id)
            .collect();
        for id in lost {
            self.creation_lost(id);
        }
    }

    pub(crate) fn summary_came(&mut self, summary: &ConversationSummary) {
        let id = summary.conversation;
        if self.conversations.get(&id).is_some_and(|c| c.rec.gone) {
            self.come_back(id);
        }
        let conversation = self
            .conversations
            .entry(id)
            .or_insert_with(|| Conversation::new(first_record(summary)));
        let rec = &mut conversation.rec;
        rec.head_seq = rec.head_seq.max(summary.head_seq);
        if !rec.anchored {
            // what the server says counts until the MLS state is here, and names nobody on the screen
            rec.members.clone_from(&summary.members);
            rec.first_seq = summary.first_seq;
        }
        // for somebody who is in already: a commit on its way gives them a new leaf (repair)
        (conversation.invited, conversation.invited_to) = (summary.welcome, summary.restart);
        if rec.creating {
            self.created(id);
        }
        self.repairs_are(id, &summary.repairs);
        self.save_record(id);
        self.tell(Update::Conversations);
    }

    /// The member is in it no more. What was read stays readable.
    pub(crate) fn conversation_gone(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.rec.gone = true;
        conversation.rec.nothing_due();
        conversation.broken = Some(super::gone());
        let leaving = conversation.rec.leaving;
        self.save_record(id);
        self.tell(Update::Conversations);
        if leaving {
            self.has_left(id); // the answer was lost, or somebody was faster: as was asked for
        }
    }

    /// Added again after having been removed: everything but the timeline begins anew.
    pub(super) fn come_back(&mut self, id: ConversationId) {
        let asked = |c: &Conversation| !c.rec.wanted.is_nothing();
        if self.conversations.get(&id).is_some_and(asked) {
            self.give_up_change(id, crate::Failure::NotAllowed);
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.rec.wanted = Default::default();
        conversation.rec.nothing_due();
        conversation.rec.leaving = false;
        self.begin_anew(id);
    }

    /// Everything but the timeline, and what a person waits for, begins anew.
    pub(super) fn begin_anew(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = Record {
            gone: false,
            left: false,
            departed: Vec::new(),
            stuck: None,
            anchored: false,
            unread: 0, // counted anew as the history comes
            ..conversation.rec.clone()
        };
        let repairs = std::mem::take(&mut conversation.repairs).begun_anew();
        *conversation = Conversation::new(rec);
        conversation.repairs = repairs;
        for part in [super::STATE, super::BEYOND] {
            self.batch
                .delete(Space::Conversations, super::key(id, part));
        }
        self.drop_pending(id);
        self.forgotten_states.insert(id);
        self.stuck.remove(&id);
        self.over.remove(&id);
    }

    /// Sealed entries are kept since the last backup mark only.
    pub(crate) fn backup_mark(&mut self, number: u64) {
        let Some(own) = &mut self.own else { return };
        if number <= own.backup_mark {
            return;
        }
        own.backup_mark = number;
        self.save_own();
        // also those of this input, which are not in the store yet
        self.batch.changes.retain(|c| c.space != Space::Sealed);
        if let Ok(rows) = self
            .store
            .range(Space::Sealed, &[], &[0xff; 25], usize::MAX, false)
        {
            for (key, _) in rows {
                self.batch.delete(Space::Sealed, key);
            }
        }
    }
}
