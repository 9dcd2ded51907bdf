//! Answering those who ask for a new leaf: who does, when, and what is looked at before.

use std::collections::BTreeMap;

use ambient::Millis;
use e2ee::{
    identity::{LeafCertificate, Roster},
    mls::{Conversation as State, KeyPackage, MlsSuite},
    policy::Role,
    repair::RepairRequest,
};
use protocol::{ConversationId, MemberId, events::RepairAsked, methods::conversations::Repair};
use rand::Rng;

use crate::{Engine, Store, conversation::Conversation, pending::HOLD_MS};

/// What may answer waits so long for each member before it who may as well, and at most for so many of them.
const TURN_MS: Millis = 1_000;
const TURNS: usize = 60;
/// What is added by chance.
const JITTER_MS: Millis = 1_000;
/// A person whose identity has changed is looked at again after this time.
const PERSON_MS: Millis = 10_000;

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
            conversation.repairs.settle();
        }
    }

    /// These have a new leaf.
    pub(crate) fn repairs_done(&mut self, id: ConversationId, members: &[MemberId]) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            let open = &mut conversation.repairs.open;
            open.retain(|member, _| !members.contains(member));
            conversation.repairs.settle();
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
        let ripe = |c: &Conversation| {
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
        if !fits || !request.is_fresh(self.server_now()) {
            return Verdict::Drop;
        }
        if member == me {
            let own = self.own.as_ref();
            let signed = own
                .is_some_and(|own| RepairRequest::verify(&asked.request, &own.certificate).is_ok());
            if !signed {
                return Verdict::Drop; // no device of this member's asks so
            }
            let renewed = leaf.issued_at > request.time;
            return if renewed {
                Verdict::Drop
            } else {
                Verdict::Renew
            };
        }
        let suite = state.suite();
        self.judge_other(&leaf, &asked, suite)
    }

    /// The same, for a request of somebody else that is meant for here.
    fn judge_other(&mut self, leaf: &LeafCertificate, asked: &Repair, suite: MlsSuite) -> Verdict {
        let member = asked.member;
        if self.people.has_changed(member) {
            return Verdict::Later(self.now + PERSON_MS); // a person is asked first
        }
        let Some(newest) = self.people.newest(member).cloned() else {
            return self.judge_later(member, 0);
        };
        let inspected = KeyPackage::inspect(&asked.package, &newest, self.server_now());
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
        let of_use = !package.last_resort && package.suite == suite;
        let names_it = package.id == request.key_package && of_use;
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
