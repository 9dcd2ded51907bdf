//! Whom a group founded anew could not take along, because no key package of theirs was to be had: admins' devices ask for one
//! now and then, and add them as soon as there is one.

use ambient::Millis;
use e2ee::policy::Role;
use protocol::{ConversationId, MemberId, methods::people::ClaimKeyPackage};

use crate::{Engine, Store, conversation::Conversation, pending::Pending};

/// Who founded the group asks again after this time, and then each time.
const AGAIN_MS: Millis = 3_600_000;
/// The devices of the other admins wait so long first: usually one asks.
const OTHERS_MS: Millis = 24 * 3_600_000;
/// So many are asked for at a time.
const AT_ONCE: usize = 16;

impl Conversation {
    /// This member adds whom it could not take along.
    fn lets_in(&self, me: MemberId) -> bool {
        let admin = self.rec.rules.role_of(me) >= Role::GroupAdmin;
        admin && self.caught_up() && self.broken.is_none()
    }

    /// Whether a key package of somebody would let them in again.
    pub(in crate::conversation) fn waits_to_let_in(&self, member: MemberId) -> bool {
        self.rec.left_out.contains(&member) && !self.rec.wanted.adds(member)
    }
}

impl<S: Store> Engine<S> {
    /// These are let in later.
    pub(super) fn let_in_later(&mut self, id: ConversationId, founder: bool, who: &[MemberId]) {
        let wait = if founder { AGAIN_MS } else { OTHERS_MS };
        let due = self.now + wait;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.rec.left_out = who.to_vec();
            conversation.rec.let_in_at = due;
            self.left_out.insert(id);
        }
    }

    /// Asks for key packages of those who were left out.
    pub(crate) fn work_left_out(&mut self) {
        let (me, now) = (self.my_id(), self.now);
        for id in self.left_out.clone() {
            let Some(conversation) = self.conversations.get_mut(&id) else {
                self.left_out.remove(&id);
                continue;
            };
            let rec = &mut conversation.rec;
            let before = rec.left_out.len();
            let (members, gone) = (&rec.members, rec.gone);
            let closed = &self.people.unknown;
            rec.left_out
                .retain(|m| !members.contains(m) && !closed.contains(m) && !gone);
            let (left, due) = (rec.left_out.len(), rec.let_in_at <= now);
            let asks = left > 0 && due && conversation.lets_in(me);
            if asks {
                conversation.rec.let_in_at = now + AGAIN_MS;
            }
            let waits = conversation.rec.left_out.iter().filter(|_| asks);
            let waits = waits.filter(|m| conversation.waits_to_let_in(**m));
            let waits: Vec<MemberId> = waits.take(AT_ONCE).copied().collect();
            if left == 0 {
                self.left_out.remove(&id);
            }
            if asks || left != before {
                self.save_record(id);
            }
            for member in waits {
                self.ask_to_let_in(member);
            }
        }
    }

    fn ask_to_let_in(&mut self, member: MemberId) {
        let question = Pending::Claim(member);
        let known = self.want_person(member, 0) && !self.people.has_changed(member);
        if known && !self.is_asking(&question) {
            self.request(&ClaimKeyPackage { member }, question);
        }
    }

    /// When key packages are asked for again.
    pub(crate) fn left_out_deadline(&self) -> Option<Millis> {
        let all = self.left_out.iter();
        let all = all.filter_map(|id| self.conversations.get(id));
        let due = all.map(|c| c.rec.let_in_at);
        due.filter(|at| *at > self.now).min()
    }
}
