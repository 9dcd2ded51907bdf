//! Lost states: asking the others for a new leaf (`docs/crypto.md`, section 5), and in `answer` answering those who ask.

mod answer;

use std::collections::BTreeMap;

use ambient::Millis;
use e2ee::{
    mls::{KeyPackage, MlsSuite},
    repair::RepairRequest,
    vault::{RecordKind, RecordName},
};
use protocol::{
    ConversationId, Hash32, MemberId,
    methods::conversations::{AskRepair, GetWelcome, Repair, Welcome},
};

use super::load::{Step, state_name};
use crate::{
    Engine, Failure, Store, Update,
    pending::{HOLD_MS, Pending},
    vault::{Job, package_write},
};

/// An own request is made anew when it is this old, well before nobody answers it any more.
const RENEW_MS: Millis = 12 * 3_600_000;
/// Pauses between own requests: the first, and the longest. Each is eight times the one before.
const PAUSE_MS: Millis = 3 * 60_000;
const LONGEST_MS: Millis = 12 * 3_600_000;

/// What is known of lost states in one conversation. Nothing is kept: after a start it is found out anew.
#[derive(Default)]
pub(crate) struct Repairs {
    /// One's own state can't be had; the version of its vault record when that was found.
    lost: Option<u64>,
    /// It was not there, or no good, once: both may be the crossing of two answers.
    doubted: bool,
    /// The restart number and first epoch of one's newest leaf: a commit gave it, and states of before lead to nothing.
    needed: (u32, u64),
    /// A Welcome that can't be opened, by its key package.
    unopened: Option<Hash32>,
    /// When one's own request may be made, and how many were.
    ask_at: Millis,
    asks: u32,
    /// Who waits for a new leaf.
    open: BTreeMap<MemberId, Repair>,
    /// When this device looks whether to answer.
    due: Option<Millis>,
    /// Whom the commit under way repairs.
    sent: Option<MemberId>,
}

impl Repairs {
    /// One's own state can't be had.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// A commit has given this member another leaf from this epoch on.
    pub(crate) fn needs(&mut self, at: (u32, u64)) {
        self.needed = self.needed.max(at);
    }

    /// Whether a state of this epoch is of a leaf that is gone.
    pub(crate) fn is_past(&self, at: (u32, u64)) -> bool {
        at < self.needed
    }

    /// Somebody asks.
    pub(crate) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Somebody else than this member asks.
    pub(crate) fn is_asked(&self, me: MemberId) -> bool {
        self.open.keys().any(|member| *member != me)
    }

    /// What kept this device from answering is no more, perhaps.
    pub(crate) fn look_again(&mut self) {
        self.due = None;
    }

    /// The repair under way was taken, or somebody else was first.
    pub(crate) fn repair_is_sent(&mut self) {
        self.sent = None;
    }

    /// Who asks next is looked at in turn again.
    fn settle(&mut self) {
        if self.open.is_empty() {
            self.due = None;
        }
    }

    /// It was found lost, and is not here yet.
    pub(crate) fn is_restoring(&self) -> bool {
        self.is_lost() || self.asks > 0
    }

    /// With each connection everything is looked at anew; what was asked stays asked.
    pub(crate) fn connection_ended(&mut self) {
        *self = Self {
            unopened: None,
            open: BTreeMap::new(),
            ..std::mem::take(self).begun_anew()
        };
    }

    /// For a state that begins anew.
    pub(crate) fn begun_anew(self) -> Self {
        Self {
            lost: None,
            doubted: false,
            due: None,
            sent: None,
            ..self
        }
    }
}

impl<S: Store> Engine<S> {
    /// The state, or what leads to it, is not there or no good. At first that is doubted.
    pub(crate) fn state_missed(&mut self, id: ConversationId) {
        let name = match self.conversations.get(&id) {
            Some(c) => state_name(id, c.rec.restart),
            None => return,
        };
        let version = self.vault.manifest.version(&name);
        let until = self.now + HOLD_MS;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.restoring = None;
        if !std::mem::replace(&mut conversation.repairs.doubted, true) {
            conversation.held = Some(until);
            self.vault_is_stale(true);
            return;
        }
        conversation.repairs.lost = Some(version);
        self.tell(Update::Conversations);
    }

    /// The Welcome that waits can't be opened: the vault may have the state all the same.
    pub(crate) fn welcome_missed(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let missed = conversation.welcome.take().map(|w| w.key_package);
        conversation.repairs.unopened = missed.or(conversation.repairs.unopened);
        conversation.invited = false;
        conversation.key_package = None;
        self.vault_is_stale(true);
    }

    /// The state is here.
    pub(crate) fn state_found(&mut self, id: ConversationId) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let repairs = &mut conversation.repairs;
            (repairs.lost, repairs.doubted, repairs.asks) = (None, false, 0);
            repairs.ask_at = 0;
        }
    }

    /// The state is as good as lost: this device can't follow what others could.
    pub(super) fn state_is_of_no_use(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let name = state_name(id, conversation.rec.restart);
        let version = self.vault.manifest.version(&name);
        if !conversation.repairs.is_lost() {
            conversation.repairs.lost = Some(version);
            self.tell(Update::Conversations);
        }
    }

    /// Whether the Welcome that waits is one that can't be opened.
    pub(crate) fn knows_welcome(&self, id: ConversationId, welcome: &Welcome) -> bool {
        let repairs = self.conversations.get(&id).map(|c| &c.repairs);
        repairs.is_some_and(|r| r.unopened == Some(welcome.key_package))
    }

    /// While the state is lost: looks whether it came back, by another device or by a Welcome.
    pub(crate) fn step_lost(&mut self, id: ConversationId) -> Step {
        if !self.knows_vault() || self.is_reading(id) {
            return Step::Wait;
        }
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Step::Wait;
        };
        let standing = self
            .vault
            .manifest
            .version(&state_name(id, conversation.rec.restart));
        if conversation.repairs.lost.is_some_and(|v| standing > v) {
            conversation.repairs.lost = None;
            return Step::On;
        }
        if !conversation.invited {
            return Step::Wait;
        }
        if conversation.invited_to > conversation.rec.restart {
            return self.join_anew(id);
        }
        let Some(welcome) = conversation.welcome.take() else {
            self.request(&GetWelcome { conversation: id }, Pending::Welcome(id));
            return Step::Wait;
        };
        if self.knows_welcome(id, &welcome) {
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.invited = false;
            }
            return Step::Wait;
        }
        self.begin_anew(id);
        if let Some(conversation) = self.conversations.get_mut(&id) {
            (conversation.invited, conversation.welcome) = (true, Some(welcome));
            conversation.invited_to = conversation.rec.restart;
        }
        Step::On
    }

    /// Conversations for whose state this device is to ask the others.
    pub(crate) fn repairs_to_ask(&self) -> impl Iterator<Item = ConversationId> {
        let asks = |(id, c): &(&ConversationId, &super::Conversation)| {
            c.repairs.is_lost()
                && !c.invited
                && c.broken.is_none()
                && c.repairs.ask_at <= self.now
                && !self.has_asked(**id, c)
        };
        self.conversations.iter().filter(asks).map(|(id, _)| *id)
    }

    /// Whether a request of this member is open that a device of theirs can take the answer to.
    fn has_asked(&self, id: ConversationId, conversation: &super::Conversation) -> bool {
        let (Some(own), repairs) = (&self.own, &conversation.repairs) else {
            return false;
        };
        let Some(open) = repairs.open.get(&own.member) else {
            return false;
        };
        let Ok(request) = RepairRequest::verify(&open.request, &own.certificate) else {
            return false; // by an earlier account key
        };
        let name = RecordName::new(RecordKind::KeyPackage, request.key_package.as_bytes());
        let here = (id, conversation.rec.restart);
        (request.conversation, request.restart) == here
            && self.server_now().saturating_sub(request.time) < RENEW_MS
            && repairs.unopened != Some(request.key_package)
            && self.vault.manifest.version(&name) > 0
    }

    pub(crate) fn send_ask_repair(&mut self, id: ConversationId) -> Result<(), Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (instance, member) = (own.instance, own.member);
        let now = self.server_now();
        let suite = self.suite_to_ask_in(conversation);
        let (rng, whose) = (&mut self.rng, (&own.account, instance, member));
        let package =
            KeyPackage::generate_in(suite, rng, whose, now, false).map_err(super::mls_failure)?;
        let request = RepairRequest {
            instance,
            conversation: id,
            restart: conversation.rec.restart,
            member,
            key_package: package.id,
            time: now,
        };
        let request = request.sign(&own.account);
        let writes = vec![package_write(&package, suite)];
        let vault = self.seal_write(writes, vec![])?;
        let params = AskRepair {
            conversation: id,
            request: request.into(),
            package: package.public.into(),
            vault,
        };
        self.request(&params, Pending::VaultWrite(Job::AskRepair(id)));
        Ok(())
    }

    /// The suite of the group that a new leaf is asked for. Where nothing has told it yet, each time another one.
    fn suite_to_ask_in(&self, conversation: &super::Conversation) -> MlsSuite {
        let all = MlsSuite::KNOWN.iter().copied();
        let mine: Vec<MlsSuite> = all.filter(|suite| self.takes(*suite).is_ok()).collect();
        let known = MlsSuite::from_number(conversation.rec.suite);
        let turn = conversation.repairs.asks as usize % mine.len().max(1);
        let guess = mine.iter().rev().nth(turn).copied();
        known.or(guess).unwrap_or_default()
    }

    /// The server has the request, or refused it for good: not again for a while.
    pub(crate) fn repair_was_asked(&mut self, id: ConversationId) {
        let now = self.now;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let repairs = &mut conversation.repairs;
            let pause = PAUSE_MS.saturating_mul(8u64.saturating_pow(repairs.asks));
            repairs.asks += 1;
            repairs.ask_at = now + pause.min(LONGEST_MS);
        }
    }

    /// When something of a repair is due.
    pub(crate) fn repairs_deadline(&self) -> Option<Millis> {
        let all = self.conversations.values().filter(|c| c.broken.is_none());
        let due = all.flat_map(|c| {
            let repairs = &c.repairs;
            [repairs.due, repairs.lost.map(|_| repairs.ask_at)]
        });
        due.flatten().filter(|at| *at > self.now).min()
    }
}
