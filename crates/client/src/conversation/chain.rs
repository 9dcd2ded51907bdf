//! Secrets of earlier epochs: from this device, by the links beside the commits, or from segment heads in the vault.

use e2ee::{
    content::EpochSecret,
    links::open_link,
    mls::CommitData,
    vault::{RecordKind, RecordName, open_record, record_key_number},
};
use protocol::{
    ConversationId,
    methods::{
        conversations::{Entries, Entry, GetEntries, kind},
        vault::{GetRecords, Records},
    },
};

use super::load::Step;
use crate::{
    Engine, Failure, Space, Store,
    pending::{HOLD_MS, Pending},
    vault::wire_name,
};

pub(super) fn secret_key(id: ConversationId, restart: u32, epoch: u64) -> Vec<u8> {
    let mut key = id.as_bytes().to_vec();
    key.extend_from_slice(&restart.to_be_bytes());
    key.extend_from_slice(&epoch.to_be_bytes());
    key
}

pub(crate) fn segment_head_name(id: ConversationId, restart: u32, epoch: u64) -> RecordName {
    RecordName::new(RecordKind::SegmentHead, &secret_key(id, restart, epoch))
}

/// An epoch of a conversation: restart number and epoch.
pub(crate) type Place = (u32, u64);

/// What looking for a secret came to.
pub(crate) enum Secret {
    /// Here it is.
    Known(EpochSecret),
    /// It has been asked for.
    Wait,
    /// There is no way to it.
    Lost,
}

impl<S: Store> Engine<S> {
    pub(crate) fn keep_secret(&mut self, id: ConversationId, place: Place, secret: &EpochSecret) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let key = secret_key(id, place.0, place.1);
        conversation.secrets.insert(place, secret.clone());
        self.batch
            .put(Space::Secrets, key, secret.as_bytes().to_vec());
        self.batch.durable = true;
    }

    pub(crate) fn known_secret(
        &mut self,
        id: ConversationId,
        place: Place,
    ) -> Result<Option<EpochSecret>, Failure> {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(None);
        };
        if let Some(secret) = conversation.secrets.get(&place) {
            return Ok(Some(secret.clone()));
        }
        let key = secret_key(id, place.0, place.1);
        let Some(bytes) = self.store.get(Space::Secrets, &key)? else {
            return Ok(None);
        };
        let secret = EpochSecret::from_slice(&bytes);
        if let Some(secret) = &secret {
            conversation.secrets.insert(place, secret.clone());
        }
        Ok(secret)
    }

    /// The secret of an epoch before the state's; walks the chain if it has to.
    pub(crate) fn find_secret(
        &mut self,
        id: ConversationId,
        place: Place,
    ) -> Result<Secret, Failure> {
        if let Some(secret) = self.known_secret(id, place)? {
            return Ok(Secret::Known(secret));
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Secret::Lost);
        };
        let Some(state) = &conversation.mls else {
            return Ok(Secret::Wait);
        };
        if !self.connection.synced() {
            return Ok(Secret::Wait); // it is looked at again when there is somebody to ask
        }
        // no chain leads forward into another group: only the vault may have it
        if state.restart() == place.0 && !conversation.chain.walked {
            if !conversation.chain.whole {
                self.ask_chain(id);
                return Ok(Secret::Wait);
            }
            if self.walk_chain(id)? == Step::Wait {
                return Ok(Secret::Wait);
            }
            if let Some(secret) = self.known_secret(id, place)? {
                return Ok(Secret::Known(secret));
            }
        }
        if !self.knows_vault() {
            return Ok(Secret::Wait); // another device may have kept it meanwhile
        }
        Ok(match self.want_segment_head(id, place) {
            Step::Wait => Secret::Wait,
            Step::On => Secret::Lost,
        })
    }

    /// Asks for the commits after the cursor, up to the state's.
    fn ask_chain(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        let Some(state) = &conversation.mls else {
            return;
        };
        let last = conversation.chain.commits.last();
        let from = last.map_or(conversation.rec.cursor, |c| c.seq) + 1;
        let question = Pending::Chain(id, state.epoch());
        if !self.is_asking(&question) {
            let params = GetEntries {
                conversation: id,
                from,
                limit: protocol::limits::PAGE_ENTRIES_MAX,
                commits_only: true,
            };
            self.request(&params, question);
        }
    }

    /// Follows the commits that were collected downwards, each by its link or, where none leads on, by what the vault kept of the
    /// epoch that it closed. `On`: as far as it goes.
    fn walk_chain(&mut self, id: ConversationId) -> Result<Step, Failure> {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Ok(Step::On);
        };
        let mut commits = std::mem::take(&mut conversation.chain.commits);
        let mut came = Step::On;
        while let Some(commit) = commits.last() {
            if !self.follow_link(id, commit)? {
                came = self.pass_cut(id, commit);
                let place = (commit.restart, commit.epoch);
                if came == Step::Wait || self.known_secret(id, place)?.is_none() {
                    break;
                }
            }
            commits.pop();
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let waits = came == Step::Wait;
            conversation.chain.walked = !waits;
            conversation.chain.commits = if waits { commits } else { Vec::new() };
        }
        Ok(came)
    }

    /// No link leads over this commit. Whoever was there before it has kept the secret of the epoch that it closed.
    pub(crate) fn pass_cut(&mut self, id: ConversationId, commit: &Entry) -> Step {
        if !self.knows_vault() {
            return Step::Wait;
        }
        let place = (commit.restart, commit.epoch);
        let came = self.want_segment_head(id, place);
        if came == Step::On {
            self.note_cut(id, commit);
        }
        came
    }

    /// Asks for a segment head, once. `On` = there is none.
    pub(crate) fn want_segment_head(&mut self, id: ConversationId, place: Place) -> Step {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Step::On;
        };
        let name = segment_head_name(id, place.0, place.1);
        if self.vault.manifest.version(&name) == 0 || conversation.heads_tried.contains_key(&place)
        {
            return Step::On;
        }
        let question = Pending::SegmentHead(id, place.0, place.1);
        if !self.is_asking(&question) {
            let names = vec![wire_name(&name)];
            self.request(&GetRecords { names }, question);
        }
        Step::Wait
    }

    pub(crate) fn segment_head_came(
        &mut self,
        id: ConversationId,
        place: Place,
        result: Result<Records, Failure>,
    ) {
        let records = match result {
            Ok(records) => records,
            Err(failure) => return self.refused(id, failure),
        };
        let Some(own) = &self.own else { return };
        let asked = segment_head_name(id, place.0, place.1);
        let number = records.records.first().map(|r| record_key_number(&r.bytes));
        if matches!(number, Some(Ok(number)) if number > own.vault_keys.number()) {
            self.keys_are_stale(); // another device has made a new vault key
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.held = Some(self.now + HOLD_MS);
            }
            return;
        }
        let secret = records.records.first().and_then(|record| {
            let (version, bytes) = (record.version, &record.bytes);
            self.vault.manifest.check(&asked, version, bytes).ok()?;
            let plain = open_record(&own.vault_keys, own.member, &asked, version, bytes).ok()?;
            EpochSecret::from_segment_head(&plain).ok()
        });
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.heads_tried.insert(place, secret.is_some());
            // this member was there then: what lies before is for them again, up to the next cut
            let cut = &mut conversation.rec.cut_up_to;
            *cut = cut.filter(|cut| *cut < place);
        }
        if let Some(secret) = secret {
            self.keep_secret(id, place, &secret);
        }
    }

    /// Commits after the cursor, while messages of an earlier epoch wait before them: collected up to the state's epoch,
    /// then walked downwards.
    pub(crate) fn chain_came(
        &mut self,
        id: ConversationId,
        asked: u64,
        result: Result<Entries, Failure>,
    ) {
        let page = match result {
            Ok(page) => page,
            Err(failure) => return self.refused(id, failure),
        };
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let Some(state) = &conversation.mls else {
            return;
        };
        let (reached, end) = (state.epoch(), page.entries.is_empty());
        if reached != asked {
            return; // another state has come meanwhile: it is asked anew where its chain begins
        }
        let chain = &mut conversation.chain;
        let here = page.entries.into_iter().filter(|e| e.conversation == id);
        chain.commits.extend(here);
        let commits = || chain.commits.iter().filter(|e| e.kind == kind::COMMIT);
        let enough = commits().any(|c| c.epoch + 1 >= reached);
        if !end && !enough {
            return; // the next page is asked for when the secret is looked for again
        }
        chain.whole = true; // it is walked when the secret is looked for again
        // what replaces links is followed in its turn, and what comes after this state is not reached from it
        let here = (state.restart(), reached);
        let leads = |e: &Entry| (e.restart, e.epoch) < here;
        chain.commits.retain(|e| e.kind == kind::COMMIT && leads(e));
    }

    /// Was it meant that nothing leads back from this commit? Its author says so, for whoever was not there before: those who were
    /// have the secret in the vault, and whether that comes or not, they are cut off from nothing.
    fn note_cut(&mut self, id: ConversationId, commit: &Entry) {
        let place = (commit.restart, commit.epoch);
        let peeked = commit.body.as_ref().map(|body| CommitData::peek(body));
        let meant = matches!(peeked, Some(Ok((_, data))) if data.said.cut);
        if !meant || self.has_segment_head(id, place) {
            return;
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let rec = &mut conversation.rec;
            rec.cut_up_to = rec.cut_up_to.max(Some(place));
        }
    }

    /// Whether the vault has kept the secret of this epoch.
    fn has_segment_head(&self, id: ConversationId, place: Place) -> bool {
        let name = segment_head_name(id, place.0, place.1);
        self.vault.manifest.version(&name) > 0
    }

    /// Whether nothing leads to this epoch, as it was meant.
    pub(crate) fn is_cut_off(&self, id: ConversationId, place: Place) -> bool {
        let conversation = self.conversations.get(&id);
        conversation.is_some_and(|c| c.rec.cut_up_to.is_some_and(|cut| place <= cut))
            && !self.has_segment_head(id, place)
    }

    /// Opens the link beside a commit with the secret of the epoch after it, and keeps the secret of the one it closes.
    /// False when there is no link or it is bad.
    pub(crate) fn follow_link(
        &mut self,
        id: ConversationId,
        commit: &Entry,
    ) -> Result<bool, Failure> {
        let restart = commit.restart;
        if self.known_secret(id, (restart, commit.epoch))?.is_some() {
            return Ok(true);
        }
        let Some(after) = self.known_secret(id, (restart, commit.epoch + 1))? else {
            return Ok(false);
        };
        let Some(body) = &commit.body else {
            return Ok(false);
        };
        let links = commit.link.iter().cloned();
        let links: Vec<_> = links.chain(self.replacements(id, commit.epoch)).collect();
        let peeked = CommitData::peek(body).ok();
        let opened = peeked.and_then(|(epoch, data)| {
            let fits = epoch == commit.epoch;
            let open =
                |link: &protocol::Bytes| open_link(&after, epoch, id, restart, link, data.c_n).ok();
            links.iter().filter(|_| fits).find_map(open)
        });
        match opened {
            Some(secret) => {
                self.keep_secret(id, (restart, commit.epoch), &secret);
                if let Some(conversation) = self.conversations.get_mut(&id) {
                    let kept = &mut conversation.rec.replacements;
                    kept.retain(|(epoch, _)| *epoch != commit.epoch);
                }
                Ok(true)
            }
            None => Ok(false),
        }
    }
}
