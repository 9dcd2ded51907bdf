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
    pub(super) fn safety(&mut self, member: MemberId, number: Option<String>, verified: bool) {
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
            verified,
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
        let member = self.compared_here().or_else(|| self.changed_here());
        let Some(member) = member.or_else(|| self.changed_last()) else {
            return self.warn(self.say(Text::NothingToAccept));
        };
        let number = self.home.compared.take_if(|(of, _)| *of == member);
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
                self.home.changed.take_if(|changed| *changed == member);
                self.home.changed_now.retain(|changed| *changed != member);
                (Text::IdentityAccepted, member)
            }
            Some(Deciding::Marking(member, mark)) => {
                self.panel_is_marked(member, mark);
                let text = match mark {
                    true => Text::NowVerified,
                    false => Text::NotVerified,
                };
                (text, member)
            }
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
        if !self.home.changed_now.contains(&member) {
            self.home.changed_now.push(member); // until the engine says anew who has
        }
        // a number that is on the screen stays: it may be the new one already, and an older one is not accepted
        self.panel_is_marked(member, false);
        self.alarm(told);
    }

    /// The list says anew who is verified; so does the number that is on the screen.
    pub(super) fn panel_is_as_listed(&mut self) {
        let Some(Panel::Safety { member, .. }) = &self.home.panel else {
            return;
        };
        let member = *member;
        let known = self.members().find(|person| person.member == member);
        if let Some(mark) = known.map(|person| person.verified) {
            self.panel_is_marked(member, mark);
        }
    }

    fn panel_is_marked(&mut self, member: MemberId, mark: bool) {
        if let Some(Panel::Safety {
            member: of,
            verified,
            ..
        }) = &mut self.home.panel
            && *of == member
        {
            *verified = mark;
        }
    }

    fn members(&self) -> impl Iterator<Item = &PersonView> {
        self.home.conversations.iter().flat_map(|row| &row.members)
    }

    pub(crate) fn has_changed(&self, member: MemberId) -> bool {
        let mut members = self.members();
        self.home.changed_now.contains(&member)
            || members.any(|person| person.member == member && person.identity_changed)
    }

    /// Whether somebody's safety number was compared. What the engine said last of members of conversations counts; `said` is
    /// what it said of others when they were looked at, and nothing once their identity has changed.
    #[must_use]
    pub fn is_verified(&self, member: MemberId, said: bool) -> bool {
        if self.has_changed(member) {
            return false;
        }
        let known = self.members().find(|person| person.member == member);
        known.map_or(said, |person| person.verified)
    }

    /// Whose number was compared, while it or a conversation with them is open.
    fn compared_here(&self) -> Option<MemberId> {
        let (member, _) = self.home.compared.as_ref()?;
        let shown = match &self.home.panel {
            Some(Panel::Safety { member: of, .. }) => of == member,
            _ => {
                let open = self.home.open()?;
                open.members.iter().any(|person| person.member == *member)
            }
        };
        (shown && self.has_changed(*member)).then_some(*member)
    }

    /// Whose identity was last told to have changed, if it has not been accepted meanwhile.
    fn changed_last(&self) -> Option<MemberId> {
        let changed = self.home.changed?;
        self.home.changed_now.contains(&changed).then_some(changed)
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
