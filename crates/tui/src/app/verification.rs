//! Safety numbers: showing one, noting that it was compared, and accepting an identity that has changed.

use client::{
    Command, Doing,
    view::{IdentityChange, PersonView},
};
use protocol::MemberId;

use super::{App, Effect, Panel, choice};
use crate::texts::Text;

/// What the person does about somebody's identity, until the engine has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deciding {
    /// Marks them as verified, if this is still their number.
    Verifying(MemberId, String),
    /// The mark is being set, or taken away.
    Marking(MemberId, bool),
    /// The new identity is being accepted.
    Accepting(MemberId),
}

impl App {
    /// `/safety` alone, in a conversation of two.
    pub(super) fn safety_here(&mut self) {
        match self.other_in_direct() {
            Some(member) => self.effect(Effect::Safety(member)),
            None => self.warn(self.say(Text::SafetyWithWhom)),
        }
    }

    fn other_in_direct(&self) -> Option<MemberId> {
        let me = self.me.as_ref()?.member;
        let open = self.home.open().filter(|row| row.direct)?;
        let mut members = open.members.iter().map(|person| person.member);
        members.find(|member| *member != me)
    }

    /// The number of somebody came: to be shown, or to be marked as compared if it is the one that was shown.
    pub(super) fn safety(&mut self, member: MemberId, number: Option<String>) {
        let name = self.name_of(member);
        let verifying = match self.home.deciding.take() {
            Some(Deciding::Verifying(of, shown)) if of == member => Some(shown),
            other => {
                self.home.deciding = other;
                None
            }
        };
        let Some(number) = number else {
            return self.warn(self.language.fill(Text::NoSafety, &[&name]));
        };
        if verifying.as_ref() == Some(&number) {
            return self.mark(member, true);
        }
        if self.has_changed(member) {
            self.home.compared = Some((member, number.clone()));
        }
        self.home.panel(Panel::Safety {
            member,
            name: name.clone(),
            number,
        });
        if verifying.is_some() {
            self.warn(self.language.fill(Text::OtherNumber, &[&name]));
        }
    }

    /// `/verified`, `/verified no`: about the person whose safety number is on the screen.
    pub(super) fn verified(&mut self, word: &str, rest: &str) {
        let Some(Panel::Safety { member, number, .. }) = &self.home.panel else {
            return self.warn(self.say(Text::SafetyFirst));
        };
        let (member, number) = (*member, number.clone());
        match (rest, choice(rest)) {
            ("", _) | (_, Some(true)) => {
                self.home.deciding = Some(Deciding::Verifying(member, number));
                self.effect(Effect::Safety(member));
            }
            (_, Some(false)) => self.mark(member, false),
            _ => self.warn(self.language.fill(Text::NeedsVerdict, &[word])),
        }
    }

    fn mark(&mut self, member: MemberId, verified: bool) {
        self.home.deciding = Some(Deciding::Marking(member, verified));
        self.command(Command::SetVerified { member, verified });
    }

    /// `/accept`: with the number that was compared, if it was shown since the identity changed.
    pub(super) fn accept(&mut self) {
        let Some(member) = self.home.changed.or_else(|| self.changed_here()) else {
            return self.warn(self.say(Text::NothingToAccept));
        };
        let compared = self.home.compared.take();
        let number = compared.filter(|(of, _)| *of == member);
        self.home.deciding = Some(Deciding::Accepting(member));
        self.notice = None;
        self.command(Command::AcceptIdentity {
            member,
            number: number.map(|(_, number)| number),
        });
    }

    /// The engine has done what was decided.
    pub(super) fn decided(&mut self) {
        let (text, member) = match self.home.deciding.take() {
            Some(Deciding::Accepting(member)) => {
                if self.home.changed == Some(member) {
                    self.home.changed = None;
                }
                (Text::IdentityAccepted, member)
            }
            Some(Deciding::Marking(member, true)) => (Text::NowVerified, member),
            Some(Deciding::Marking(member, false)) => (Text::NotVerified, member),
            other => {
                self.home.deciding = other;
                return;
            }
        };
        let name = self.name_of(member);
        self.tell(self.language.fill(text, &[&name]));
    }

    /// It was not done: the identity of this person is another one than was decided about.
    pub(super) fn not_decided(&mut self, doing: Doing, member: MemberId) -> bool {
        if !matches!(doing, Doing::Accepting | Doing::Verifying) {
            return false;
        }
        let deciding = self.home.deciding.take();
        if doing != Doing::Accepting || deciding != Some(Deciding::Accepting(member)) {
            return false;
        }
        self.home.changed = Some(member);
        let name = self.name_of(member);
        self.alarm(self.language.fill(Text::IdentityOnceMore, &[&name]));
        true
    }

    pub(super) fn identity_changed(&mut self, member: MemberId, change: IdentityChange) {
        let name = self.name_of(member);
        let text = match change {
            IdentityChange::Confirmed => Text::IdentityConfirmed,
            IdentityChange::Reset => Text::IdentityReset,
            IdentityChange::Unknown => Text::IdentityChanged,
        };
        let told = self.language.fill(text, &[&name]);
        self.home.changed = Some(member);
        self.alarm(told);
    }

    fn members(&self) -> impl Iterator<Item = &PersonView> {
        self.home.conversations.iter().flat_map(|row| &row.members)
    }

    fn has_changed(&self, member: MemberId) -> bool {
        let mut members = self.members();
        self.home.changed == Some(member)
            || members.any(|person| person.member == member && person.identity_changed)
    }

    /// Whether somebody's safety number was compared, as far as it is shown.
    #[must_use]
    pub fn is_verified(&self, member: MemberId) -> bool {
        let known = self.members().chain(&self.home.found);
        let mut same = known.filter(|person| person.member == member);
        same.any(|person| person.verified)
    }

    /// Somebody in the open conversation whose identity has changed.
    fn changed_here(&self) -> Option<MemberId> {
        let mut members = self.home.open()?.members.iter();
        let changed = members.find(|person| person.identity_changed);
        changed.map(|person| person.member)
    }

    pub(super) fn change_of(&self, member: MemberId) -> IdentityChange {
        let known = self.members().find(|person| person.member == member);
        known
            .and_then(|person| person.change)
            .unwrap_or(IdentityChange::Unknown)
    }
}
