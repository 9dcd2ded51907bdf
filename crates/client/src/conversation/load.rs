//! Getting a conversation ready: its MLS state from this device, from the vault, or from a Welcome.

use e2ee::{
    identity::Purpose,
    mls,
    policy::Kind,
    transcript::Transcript,
    vault::{RecordKind, RecordName, open_record, record_key_number},
};
use protocol::{
    ConversationId, Hash32,
    methods::{
        conversations::{GetEntries, GetTree, GetWelcome, Tree, Welcome},
        vault::{GetRecords, Records},
    },
};

use super::{Chain, given::picture_name, group::Rules, mls_failure};
use crate::{
    Engine, Failure, Store, Update,
    pending::{HOLD_MS, Pending},
    vault::{own_name, wire_name},
};

/// Conversations that are being made ready at the same time.
const AT_ONCE: usize = 16;
/// Entries asked for at a time.
const PAGE: u32 = 100;

/// What a step came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something was done: go on.
    On,
    /// Something was asked for, or there is nothing to do.
    Wait,
}

pub(crate) fn state_name(id: ConversationId, restart: u32) -> RecordName {
    let mut name = id.as_bytes().to_vec();
    name.extend_from_slice(&restart.to_be_bytes());
    RecordName::new(RecordKind::MlsState, &name)
}

impl<S: Store> Engine<S> {
    /// Moves every conversation on as far as it goes without waiting.
    pub(crate) fn work_conversations(&mut self) {
        let receipts = self.receipts_on();
        let awake = self
            .conversations
            .iter()
            .filter(|(_, c)| !c.at_rest(receipts));
        let looked_at = |id| self.looked_at == Some(id);
        let mut awake: Vec<_> = awake
            .map(|(id, c)| (looked_at(*id), c.rec.newest, *id))
            .collect();
        awake.sort_unstable_by(|a, b| b.cmp(a)); // what is on the screen, then the liveliest
        let mut busy = awake
            .iter()
            .filter(|(_, _, id)| self.is_reading(*id))
            .count();
        for (_, _, id) in awake {
            let reading = self.is_reading(id);
            if !reading && busy >= AT_ONCE && self.looked_at != Some(id) {
                continue;
            }
            self.advance(id);
            if !reading && self.is_reading(id) {
                busy += 1;
            }
            self.retry_receipts(id);
            self.want_receipts(id);
        }
    }

    /// Whether there are conversations that nobody can read yet, and that are on their way.
    pub(crate) fn fetches_conversations(&self) -> bool {
        self.conversations.iter().any(|(id, c)| {
            let held = c.held.is_some_and(|at| at > self.now);
            let coming = !c.rec.anchored
                && !c.rec.creating
                && c.broken.is_none()
                && !held
                && !c.repairs.is_lost();
            coming || self.is_reading(*id)
        })
    }

    /// Moves a conversation on as far as it goes without waiting.
    pub(crate) fn advance(&mut self, id: ConversationId) {
        loop {
            let known = self.conversations.get(&id);
            let held = |c: &super::Conversation| c.held.is_some_and(|at| at > self.now);
            if known.is_none_or(|c| c.broken.is_some() || held(c)) {
                return;
            }
            match self.step(id) {
                Ok(Step::On) => {}
                Ok(Step::Wait) => return,
                Err(failure) => {
                    self.stop_conversation(id, failure);
                    return;
                }
            }
        }
    }

    fn step(&mut self, id: ConversationId) -> Result<Step, Failure> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let stuck = conversation.rec.stuck.is_some();
        if conversation.repairs.is_lost() && (!stuck || conversation.has_read_all()) {
            return Ok(self.step_lost(id));
        }
        if self.settle_restart(id) {
            return Ok(Step::On);
        }
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        if conversation.wants_state || conversation.restoring.is_some() {
            if !self.knows_vault() {
                return Ok(Step::Wait);
            }
            return self.step_restore(id);
        }
        if conversation.mls.is_none() {
            if conversation.rec.creating {
                return Ok(Step::Wait);
            }
            if !self.forgotten_states.contains(&id) {
                if self.loads_left == 0 {
                    self.more_to_do = true;
                    return Ok(Step::Wait);
                }
                if self.load_state(id)? {
                    self.loads_left -= 1;
                    return Ok(Step::On);
                }
            }
            if !self.knows_vault() {
                return Ok(Step::Wait); // what it says is checked against the newest manifest
            }
            let here = |c: &super::Conversation| c.invited && c.invited_to == c.rec.restart;
            return if self.conversations.get(&id).is_some_and(here) {
                self.step_join(id)
            } else {
                self.step_restore(id)
            };
        }
        if self.step_forward(id)? == Step::On {
            return Ok(Step::On);
        }
        self.step_back(id)
    }

    /// Fetches the state from the vault and its tree from the server, and loads it.
    fn step_restore(&mut self, id: ConversationId) -> Result<Step, Failure> {
        if self.is_reading(id) {
            return Ok(Step::Wait);
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Step::Wait);
        };
        match &conversation.restoring {
            Some((epoch, _)) => {
                let params = GetTree {
                    conversation: id,
                    epoch: *epoch,
                    restart: Some(conversation.rec.restart),
                };
                self.request(&params, Pending::Tree(id));
            }
            None => {
                let name = state_name(id, conversation.rec.restart);
                let names = vec![wire_name(&name)];
                self.request(&GetRecords { names }, Pending::State(id));
            }
        }
        Ok(Step::Wait)
    }

    /// A record that was asked for to make the conversation ready: exactly that one, as the manifest has it.
    pub(crate) fn state_came(&mut self, id: ConversationId, result: Result<Records, Failure>) {
        let records = match result {
            Ok(records) => records,
            Err(failure) => return self.refused(id, failure),
        };
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        let asked = match &conversation.welcome {
            Some(w) => RecordName::new(RecordKind::KeyPackage, w.key_package.as_bytes()),
            None => state_name(id, conversation.rec.restart),
        };
        let Some(record) = records.records.first() else {
            return self.nothing_in_vault(id);
        };
        let known = self.vault.manifest.version(&asked);
        if own_name(&record.name).as_ref() == Some(&asked) && record.version > known {
            return self.vault_is_stale(true); // it is newer than the manifest known here: that first
        }
        let Some(own) = &self.own else { return };
        let opened = self
            .vault
            .manifest
            .check(&asked, record.version, &record.bytes)
            .and_then(|()| {
                let keys = &own.vault_keys;
                open_record(keys, own.member, &asked, record.version, &record.bytes)
            });
        let old = record_key_number(&record.bytes).is_ok_and(|n| n < own.vault_keys.number());
        match opened {
            Ok(plain) => {
                let Some(conversation) = self.conversations.get_mut(&id) else {
                    return;
                };
                if asked.kind == RecordKind::KeyPackage {
                    conversation.key_package = Some(plain);
                    conversation.rec.old_package = old;
                } else {
                    conversation.restoring = Some((record.version, plain));
                }
            }
            Err(e2ee::Error::NoKey(_)) => {
                // another device has made a new vault key
                self.keys_are_stale();
                if let Some(conversation) = self.conversations.get_mut(&id) {
                    conversation.held = Some(self.now + HOLD_MS);
                }
            }
            Err(e2ee::Error::UnknownVersion { .. }) => {
                self.stop_conversation(id, Failure::Outdated);
            }
            Err(_) if asked.kind == RecordKind::KeyPackage => {
                self.welcome_missed(id);
                self.advance(id);
            }
            Err(_) => self.state_missed(id),
        }
    }

    /// What a refusal means: to wait, or that the conversation can't go on.
    pub(crate) fn refused(&mut self, id: ConversationId, failure: Failure) {
        if failure.is(protocol::ErrorCode::NotAMember) {
            self.conversation_gone(id);
        } else if failure.may_pass() {
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.held = Some(self.now + HOLD_MS);
            }
        } else {
            self.break_conversation(id, failure.to_string());
        }
    }

    fn nothing_in_vault(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        if conversation.welcome.is_some() {
            // another device of this member has joined meanwhile: its state is in the vault; or else it is lost
            self.welcome_missed(id);
        } else {
            self.state_missed(id);
        }
    }

    pub(crate) fn tree_came(&mut self, id: ConversationId, result: Result<Tree, Failure>) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let tree = match result {
            Ok(tree) => tree,
            Err(failure) if failure.is(protocol::ErrorCode::NotFound) => {
                return self.state_missed(id); // the record is of an epoch that never was
            }
            Err(failure) => return self.refused(id, failure),
        };
        let Some((epoch, record)) = conversation.restoring.take() else {
            return;
        };
        let restart = conversation.rec.restart;
        let who = self.own.as_ref().map(|own| (own.instance, own.member));
        let restored =
            mls::Conversation::restore_at(&record, &tree.tree).and_then(|(state, anchor)| {
                let is = (state.id(), state.restart(), state.epoch());
                let fits =
                    is == (id, restart, epoch) && who == Some((state.instance(), state.me()));
                let other = mls::MlsError::WrongState; // of another conversation
                self.takes(state.suite())?;
                fits.then_some((state, anchor)).ok_or(other)
            });
        let restored = restored.map(|found| {
            let follows = self.follows_on(id, &found.0);
            (found, follows)
        });
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        match restored {
            Ok((_, Err(failure))) => self.break_conversation(id, failure.to_string()),
            Ok(((state, anchor), Ok(()))) => {
                let oldest_version = conversation.wants_state
                    && conversation
                        .mls
                        .as_ref()
                        .is_some_and(|m| m.epoch() >= state.epoch());
                let past = conversation
                    .repairs
                    .is_past((state.restart(), state.epoch()));
                conversation.wants_state = false;
                if oldest_version || past {
                    return self.state_missed(id); // the vault lags behind the conversation
                }
                let again = !conversation.rec.anchored && conversation.rec.cursor > 0;
                if !conversation.rec.anchored {
                    conversation.rec.anchor_at(anchor);
                    conversation.wants_older = true;
                }
                conversation.rec.saved_epoch = epoch;
                // what was out of reach from the state before may be within reach from this one
                conversation.chain = Chain::default();
                conversation.heads_tried.clear();
                if again {
                    self.want_record(picture_name(id)); // it may be another since the log was followed
                }
                self.state_is(id, state);
            }
            Err(error @ mls::MlsError::UnknownVersion(_)) => {
                self.stop_conversation(id, mls_failure(error));
            }
            Err(_) => self.state_missed(id),
        }
    }

    /// Takes a new MLS state: from the vault, a Welcome, or a commit.
    pub(crate) fn state_is(&mut self, id: ConversationId, state: mls::Conversation) {
        self.state_found(id);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.rec.direct = state.policy().kind == Kind::Direct;
        if conversation.rec.direct {
            conversation.rec.first_seq = 1; // both may read it all, whatever the server says
        }
        if state.own_certificate().purpose == Purpose::LastResort {
            conversation.wants_update = true; // others may be welcomed by the same package
        }
        conversation.rec.members = state.members().into_iter().map(|(m, _)| m).collect();
        conversation.rec.rules = Rules::of(state.policy());
        conversation.rec.suite = state.suite().number();
        let place = (state.restart(), state.epoch());
        let secret = state.epoch_secret().clone();
        conversation.mls = Some(state);
        self.keep_secret(id, place, &secret);
        if let Err(failure) = self.save_state(id) {
            self.break_conversation(id, failure.to_string());
        }
        self.tell(Update::Conversations);
    }

    /// Joins by the Welcome that waits: fetched first, then the key package's private part, then the people in it.
    fn step_join(&mut self, id: ConversationId) -> Result<Step, Failure> {
        if self.is_reading(id) {
            return Ok(Step::Wait);
        }
        let Some(conversation) = self.conversations.get(&id) else {
            return Ok(Step::Wait);
        };
        let Some(welcome) = &conversation.welcome else {
            self.request(&GetWelcome { conversation: id }, Pending::Welcome(id));
            return Ok(Step::Wait);
        };
        let standing = state_name(id, conversation.rec.restart);
        if self.vault.manifest.version(&standing) >= welcome.epoch {
            // the vault has been there already: an old Welcome must not lead back
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.welcome = None;
                conversation.invited = false;
            }
            return Ok(Step::On);
        }
        let Some(package) = &conversation.key_package else {
            let name = RecordName::new(RecordKind::KeyPackage, welcome.key_package.as_bytes());
            let names = vec![wire_name(&name)];
            self.request(&GetRecords { names }, Pending::State(id));
            return Ok(Step::Wait);
        };
        let Some(own) = &self.own else {
            return Ok(Step::Wait);
        };
        let expected = mls::Expected {
            instance: own.instance,
            conversation: id,
            restart: conversation.rec.restart,
            me: own.member,
        };
        let joined = mls::Conversation::join(
            &welcome.welcome,
            &welcome.tree,
            package,
            expected,
            &self.people,
        );
        let joined = joined.and_then(|state| self.takes(state.suite()).map(|()| state));
        match joined {
            Ok(state) if state.epoch() == welcome.epoch => {
                self.follows_on(id, &state)?;
                self.joined(id, state);
                Ok(Step::On)
            }
            Err(mls::MlsError::UnknownMember(member, generation)) => {
                self.need_person_to_go_on(id, member, generation)
            }
            Err(error @ mls::MlsError::UnknownVersion(_)) => Err(mls_failure(error)),
            Ok(_) | Err(_) => {
                self.welcome_missed(id);
                Ok(Step::On)
            }
        }
    }

    /// Waits for a person's certificate; fails when it can't be had.
    pub(crate) fn need_person(
        &mut self,
        member: protocol::MemberId,
        generation: u32,
    ) -> Result<Step, Failure> {
        if self.want_person(member, generation) {
            return Ok(Step::On);
        }
        if self.people.has_changed(member) {
            return Err(Failure::IdentityChanged(member));
        }
        let lacks = self.people.lacks(member, generation, self.now);
        if lacks || self.people.is_unknown(member) {
            return Err(Failure::NoPerson);
        }
        Ok(Step::Wait)
    }

    /// The same where this device can't go on without it. What can't be had (the account was closed meanwhile, say) is as good
    /// as a lost state: another device may be past it; otherwise a new leaf is asked for.
    pub(super) fn need_person_to_go_on(
        &mut self,
        id: ConversationId,
        member: protocol::MemberId,
        generation: u32,
    ) -> Result<Step, Failure> {
        match self.need_person(member, generation) {
            Err(Failure::NoPerson) if !self.people.unreadable.contains(&member) => {
                match self.conversations.get_mut(&id) {
                    Some(c) if c.mls.is_some() => c.wants_state = true,
                    _ => self.welcome_missed(id),
                }
                Ok(Step::On)
            }
            other => other,
        }
    }

    fn joined(&mut self, id: ConversationId, state: mls::Conversation) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let Some(welcome) = conversation.welcome.take() else {
            return;
        };
        conversation.key_package = None;
        conversation.invited = false;
        let rec = &mut conversation.rec;
        // a group founded anew goes on in the log that was followed up to it
        let anchored = rec.anchored && rec.anew.is_some();
        let again = !anchored && rec.cursor > 0;
        if !anchored {
            rec.anchor_at(mls::Anchor {
                seq: welcome.seq,
                transcript: welcome.transcript,
                log_epoch: state.epoch(),
                log_restart: state.restart(),
            });
            conversation.wants_older = true;
        }
        let rec = &mut conversation.rec;
        let last_resort = state.own_certificate().purpose == Purpose::LastResort;
        rec.join_package = (!last_resort).then_some(welcome.key_package);
        rec.saved_epoch = 0;
        if again {
            self.want_record(picture_name(id));
        }
        for (_, leaf) in state.members() {
            self.keep_leaf(leaf);
        }
        self.state_is(id, state);
    }

    pub(crate) fn welcome_came(&mut self, id: ConversationId, result: Result<Welcome, Failure>) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        match result {
            // the conversation was founded anew meanwhile: the log comes first
            Ok(welcome) if welcome.restart != conversation.rec.restart => {
                conversation.invited_to = welcome.restart;
                conversation.held = Some(self.now + HOLD_MS);
            }
            Ok(welcome) => conversation.welcome = Some(welcome),
            // another device of this member has joined meanwhile: its state is in the vault
            Err(failure) if failure.is(protocol::ErrorCode::NotFound) => {
                conversation.invited = false;
                self.vault_is_stale(true);
            }
            Err(failure) => self.refused(id, failure),
        }
    }

    /// Asks for the entries after the cursor, if there are any that are not at hand.
    pub(crate) fn want_entries(&mut self, id: ConversationId) {
        let question = Pending::Forward(id);
        if self.is_asking(&question) {
            return;
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let rec = &conversation.rec;
        if rec.cursor >= rec.head_seq {
            return;
        }
        conversation.acknowledged = false;
        let params = GetEntries {
            conversation: id,
            from: rec.cursor + 1,
            limit: PAGE,
            commits_only: false,
        };
        self.request(&params, question);
    }

    /// Transcript before the first entry of a conversation.
    pub(crate) fn transcript_start(&self, id: ConversationId) -> Hash32 {
        let instance = self
            .own
            .as_ref()
            .map_or_else(Default::default, |own| own.instance);
        Transcript::start(instance, id).value()
    }
}
