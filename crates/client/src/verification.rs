//! What a person decides about others: whether a changed identity is accepted, whether a safety number was compared.

use e2ee::identity::{read_safety_qr, root_fingerprint, safety_number, safety_qr};
use protocol::{Hash32, MemberId};

use crate::{
    Engine, Failure, Store, Update,
    view::{IdentityChange, SafetyCheck},
};

impl<S: Store> Engine<S> {
    /// The person accepts that somebody's identity has changed; with a number that was compared, only the identity whose number it is.
    pub(crate) fn accept_identity(
        &mut self,
        member: MemberId,
        number: Option<&str>,
    ) -> Result<(), Failure> {
        if number.is_some_and(|compared| self.safety_number(member).as_deref() != Some(compared)) {
            return Err(Failure::IdentityChanged(member)); // once more, meanwhile
        }
        let Some(changed) = self.people.changed.remove(&member) else {
            return Ok(()); // accepted already
        };
        let certificate = changed.certificate;
        let pin = self.people.pins.get_mut(&member);
        let pin = pin.ok_or(Failure::NoPerson)?;
        match changed.cause {
            IdentityChange::Confirmed => pin.accept_successor(&certificate, &changed.passed)?,
            // which roots there were between is the server's word
            IdentityChange::Reset | IdentityChange::Unknown => {
                pin.accept_root(&certificate)?;
                pin.claim_roots(&changed.passed);
            }
        }
        self.people.decided.remove(&member);
        self.people.trim_roster(member);
        self.people.unsaved_pins.insert(member);
        self.add_to_roster(member, vec![certificate]);
        self.identity_settled();
        Ok(())
    }

    /// What failed for want of an identity is tried again.
    pub(crate) fn identity_settled(&mut self) {
        for conversation in self.conversations.values_mut() {
            conversation.broken = conversation.rec.gone.then(crate::conversation::gone);
            conversation.repairs.look_again();
        }
        self.people.ask_again();
        self.tell(Update::Conversations);
    }

    /// The person has compared the safety number, or takes that back. It holds for the identity that is pinned now.
    pub(crate) fn set_verified(&mut self, member: MemberId, verified: bool) -> Result<(), Failure> {
        if self.people.has_changed(member) {
            return Err(Failure::IdentityChanged(member));
        }
        let pin = self.people.pins.get_mut(&member);
        let pin = pin.ok_or(Failure::NoPerson)?;
        if pin.verified != verified {
            pin.set_verified(verified);
            self.people.trim_roster(member);
            self.people.decided.insert(member);
            self.people.unsaved_pins.insert(member);
            self.save_person(member);
            self.tell(Update::Conversations);
        }
        Ok(())
    }

    /// The 60 digits that two people compare: equal on both sides when nobody stands between them. Of an identity that has changed and
    /// is not accepted yet, they are those of the new one: that is what the person has to decide about.
    #[must_use]
    pub fn safety_number(&self, member: MemberId) -> Option<String> {
        let own = self.own.as_ref()?;
        let other = self.people.root_to_compare(member)?;
        Some(safety_number(
            (&own.certificate.root, own.member),
            (&other, member),
        ))
    }

    /// What the QR code of the safety number holds; of the same identity as [`safety_number`](Self::safety_number).
    #[must_use]
    pub fn safety_code(&self, member: MemberId) -> Option<Vec<u8>> {
        let own = self.own.as_ref()?;
        let other = self.people.root_to_compare(member)?;
        Some(safety_qr(&own.certificate.root, &other))
    }

    /// What a code says that was scanned from the screen of `member`. It marks nobody as verified: the person does.
    #[must_use]
    pub fn check_safety_code(&self, member: MemberId, scanned: &[u8]) -> SafetyCheck {
        let (Some(own), Some(root)) = (&self.own, self.people.root_to_compare(member)) else {
            return SafetyCheck::NotASafetyCode;
        };
        let Ok((shown_by, about)) = read_safety_qr(scanned) else {
            return SafetyCheck::NotASafetyCode;
        };
        let (me, them) = (
            root_fingerprint(&own.certificate.root),
            root_fingerprint(&root),
        );
        match (shown_by == them, about == me) {
            (true, true) => SafetyCheck::Match,
            // they have opened the code of somebody else, whom this device knows
            (true, false) if self.is_another(member, about) => SafetyCheck::OtherPerson,
            (true, false) => SafetyCheck::Mismatch,
            (false, true) if !self.is_another(member, shown_by) => SafetyCheck::Mismatch,
            // one's own screen, that of a third person, or a stranger's
            (false, _) => SafetyCheck::OtherPerson,
        }
    }

    /// Whether this is the root of anybody but `member`: the one that they had before is no other person's.
    fn is_another(&self, member: MemberId, root: Hash32) -> bool {
        let mut others = self.people.pins.iter().filter(|(of, _)| **of != member);
        others.any(|(_, pin)| root_fingerprint(&pin.root()) == root)
    }
}
