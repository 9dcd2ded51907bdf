//! Lost states: asking the others for a new leaf, and answering those who ask (`docs/crypto.md`, section 5).

use std::collections::BTreeMap;

use ambient::Millis;
use e2ee::{
    identity::{LeafCertificate, Roster},
    mls::{Conversation as State, KeyPackage},
    policy::Role,
    repair::RepairRequest,
    vault::{RecordKind, RecordName},
};
use protocol::{
    ConversationId, Hash32, MemberId,
    events::RepairAsked,
    methods::conversations::{AskRepair, GetWelcome, Repair, Welcome},
};
use rand::Rng;

use super::{load::Step, load::state_name};
use crate::{
    Engine, Failure, Store, Update,
    pending::{HOLD_MS, Pending},
    vault::{Job, Write},
};

/// What may answer waits so long for each member before it who may as well, and at most for so many of them.
const TURN_MS: Millis = 1_000;
const TURNS: usize = 60;
/// What is added by chance.
const JITTER_MS: Millis = 1_000;
/// A person whose identity has changed is looked at again after this time.
const PERSON_MS: Millis = 10_000;
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

    /// The repair under way was taken, or somebody else was first.
    pub(crate) fn repair_is_sent(&mut self) {
        self.sent = None;
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

/// A repair to be made.
pub(crate) struct Answer {
    pub(crate) member: MemberId,
    pub(crate) package: Vec<u8>,
    /// What was written before is not for them to read: the leaf that goes is of another identity.
    pub(crate) cut: bool,
}

/// What is to be done about a request.
enum Verdict {
    Answer(Answer),
    /// It is this member's own, and this device holds the state.
    Renew,
    /// Not before this time.
    Later(Millis),
    /// Never.
    Drop,
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
            && self.now.saturating_sub(request.time) < RENEW_MS
            && repairs.unopened != Some(request.key_package)
            && self.vault.manifest.version(&name) > 0
    }

    pub(crate) fn send_ask_repair(&mut self, id: ConversationId) -> Result<(), Failure> {
        let conversation = self.conversations.get(&id).ok_or(Failure::NoConversation)?;
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (instance, member) = (own.instance, own.member);
        let rng = &mut self.rng;
        let package = KeyPackage::generate(rng, &own.account, instance, member, self.now, false)
            .map_err(super::mls_failure)?;
        let request = RepairRequest {
            instance,
            conversation: id,
            restart: conversation.rec.restart,
            member,
            key_package: package.id,
            time: self.now,
        };
        let request = request.sign(&own.account);
        let name = RecordName::new(RecordKind::KeyPackage, package.id.as_bytes());
        let writes = vec![Write::Put(name, 0, 1, package.record)];
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

    /// Somebody asks for a new leaf.
    pub(crate) fn repair_came(&mut self, asked: RepairAsked) {
        let repair = Repair {
            member: asked.member,
            request: asked.request,
            package: asked.package,
        };
        if let Some(conversation) = self.conversations.get_mut(&asked.conversation) {
            conversation.repairs.open.insert(repair.member, repair);
        }
    }

    /// All who ask, as a summary says.
    pub(crate) fn repairs_are(&mut self, id: ConversationId, open: &[Repair]) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let open = open.iter().map(|repair| (repair.member, repair.clone()));
            conversation.repairs.open = open.collect();
        }
    }

    /// These have a new leaf.
    pub(crate) fn repairs_done(&mut self, id: ConversationId, members: &[MemberId]) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let open = &mut conversation.repairs.open;
            open.retain(|member, _| !members.contains(member));
        }
    }

    /// Sets when this device looks at requests: each in its turn, so that usually one answers.
    pub(crate) fn work_repairs(&mut self) {
        let me = self.my_id();
        let waiting = self.conversations.iter().filter(|(_, c)| {
            let asked = !c.repairs.open.is_empty() && c.repairs.due.is_none();
            asked && !c.repairs.is_lost() && c.broken.is_none() && c.caught_up()
        });
        let turns: Vec<_> = waiting
            .filter_map(|(id, c)| Some((*id, turn(c.mls.as_ref()?, &c.repairs.open, me)?)))
            .collect();
        for (id, turn) in turns {
            let wait = TURN_MS * turn as Millis + self.rng.gen_range(0..=JITTER_MS);
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.repairs.due = Some(self.now + wait);
            }
        }
    }

    /// Conversations in which it is this device's turn to look at requests.
    pub(crate) fn repairs_to_make(&self) -> impl Iterator<Item = ConversationId> {
        let ripe = |c: &super::Conversation| {
            let due = c.repairs.due.is_some_and(|at| at <= self.now);
            due && !c.repairs.open.is_empty() && !c.is_departing()
        };
        let all = self.conversations.iter();
        all.filter(move |(_, c)| ripe(c)).map(|(id, _)| *id)
    }

    /// The next repair to make, if one is due. Sees to it that this does not ask for the same again at once.
    pub(crate) fn next_repair(&mut self, id: ConversationId) -> Option<Answer> {
        let conversation = self.conversations.get(&id)?;
        let due = conversation.repairs.due?;
        if due > self.now {
            return None;
        }
        let asking: Vec<MemberId> = conversation.repairs.open.keys().copied().collect();
        let mut again: Option<Millis> = None;
        for member in asking {
            match self.judge(id, member) {
                Verdict::Answer(answer) => {
                    let repairs = &mut self.conversations.get_mut(&id)?.repairs;
                    repairs.sent = Some(member);
                    return Some(answer);
                }
                Verdict::Renew => {
                    let conversation = self.conversations.get_mut(&id)?;
                    conversation.wants_update = true;
                    conversation.repairs.open.remove(&member);
                }
                Verdict::Later(at) => again = Some(again.map_or(at, |soonest| soonest.min(at))),
                Verdict::Drop => {
                    let conversation = self.conversations.get_mut(&id)?;
                    conversation.repairs.open.remove(&member);
                }
            }
        }
        self.conversations.get_mut(&id)?.repairs.due = again;
        None
    }

    fn judge(&mut self, id: ConversationId, member: MemberId) -> Verdict {
        let me = self.my_id();
        let Some(conversation) = self.conversations.get(&id) else {
            return Verdict::Drop;
        };
        let (Some(state), Some(asked)) = (
            &conversation.mls,
            conversation.repairs.open.get(&member).cloned(),
        ) else {
            return Verdict::Drop;
        };
        let leaves = state.members();
        let Some((_, leaf)) = leaves.into_iter().find(|(m, _)| *m == member) else {
            return Verdict::Drop;
        };
        let (instance, restart) = (state.instance(), state.restart());
        let Ok((request, _)) = RepairRequest::decode(&asked.request) else {
            return Verdict::Drop;
        };
        let fits = (request.instance, request.conversation, request.restart)
            == (instance, id, restart)
            && request.member == member;
        if !fits || !request.is_fresh(self.now) {
            return Verdict::Drop;
        }
        if member == me {
            let renewed = leaf.issued_at > request.time;
            return if renewed {
                Verdict::Drop
            } else {
                Verdict::Renew
            };
        }
        self.judge_other(&leaf, &asked)
    }

    /// The same, for a request of somebody else that is meant for here.
    fn judge_other(&mut self, leaf: &LeafCertificate, asked: &Repair) -> Verdict {
        let member = asked.member;
        if self.people.has_changed(member) {
            return Verdict::Later(self.now + PERSON_MS); // a person is asked first
        }
        let Some(newest) = self.people.newest(member).cloned() else {
            return self.judge_later(member, 0);
        };
        let inspected = KeyPackage::inspect(&asked.package, &newest, self.now);
        let (Ok(request), Ok(package)) =
            (RepairRequest::verify(&asked.request, &newest), &inspected)
        else {
            // by a newer account key than is known here, perhaps
            return match KeyPackage::generation(&asked.package) {
                Ok(generation) if generation > newest.generation => {
                    self.judge_later(member, generation)
                }
                _ => Verdict::Drop,
            };
        };
        let names_it = package.id == request.key_package && !package.last_resort;
        if !names_it || package.certificate.issued_at <= leaf.issued_at {
            return Verdict::Drop; // answered already
        }
        let former = self.people.certificate(member, leaf.generation);
        Verdict::Answer(Answer {
            member,
            package: asked.package.to_vec(),
            cut: former.is_none_or(|certificate| certificate.root != newest.root),
        })
    }

    fn judge_later(&mut self, member: MemberId, generation: u32) -> Verdict {
        match self.need_person(member, generation) {
            Ok(_) => Verdict::Later(self.now + HOLD_MS),
            Err(_) => Verdict::Later(self.now + PERSON_MS),
        }
    }

    /// The repair under way could not be made, or was refused for good. False: none is under way.
    pub(crate) fn repair_failed(&mut self, id: ConversationId) -> bool {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return false;
        };
        let sent = conversation.repairs.sent.take();
        if let Some(member) = sent {
            conversation.repairs.open.remove(&member);
        }
        sent.is_some()
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

/// How many come before this member; none when they may not repair anybody. One's own requests come first.
fn turn(state: &State, open: &BTreeMap<MemberId, Repair>, me: MemberId) -> Option<usize> {
    if open.contains_key(&me) {
        return Some(0);
    }
    let policy = state.policy();
    let members = state.members().into_iter().map(|(m, _)| m);
    let mut may = members.filter(|m| policy.role_of(*m) > Role::ReadOnly && !open.contains_key(m));
    let before = may.position(|m| m == me)?;
    Some(1 + before.min(TURNS - 1))
}
