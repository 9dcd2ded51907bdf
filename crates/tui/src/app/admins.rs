//! What admins of the organisation do for somebody who has lost their way in.

use client::{Command, view::PersonView};
use protocol::MemberId;

use super::{App, Panel, Question, names};
use crate::{clean, texts::Text};

impl App {
    /// Somebody was found whose access is to be reset: says what that means, and asks.
    pub(super) fn ask_reset(&mut self, member: MemberId) {
        let name = self.name_of(member);
        self.home.panel(Panel::ResetAsked(name.clone()));
        let told = self.language.fill(Text::ResetSure, &[&name]);
        self.ask(Question::Reset(member), told);
    }

    pub(super) fn make_reset(&mut self, member: MemberId) {
        self.home.panel(Panel::ResetMaking);
        self.command(Command::ResetMember { member });
    }

    /// The link is there: shown this once, and kept nowhere.
    pub(super) fn reset_made(&mut self, member: MemberId, link: String, expires: u64) {
        self.calm();
        let name = self.name_of(member);
        self.home.panel(Panel::ResetLink {
            name,
            link,
            expires,
        });
    }

    /// Others ask an admin to approve a new passphrase.
    pub(super) fn others_forgot(&mut self, people: Vec<PersonView>) {
        let known = std::mem::replace(&mut self.forgotten_others, people);
        let new = |person: &PersonView| known.iter().all(|one| one.member != person.member);
        if !self.forgotten_others.iter().any(new) {
            return;
        }
        let others = self.forgotten_others.iter();
        let names: Vec<String> = others
            .map(|person| clean::fit(&person.display_name, 40))
            .collect();
        let told = self
            .language
            .fill(Text::ForgottenOthers, &[&names.join(", ")]);
        self.alarm(told);
    }

    /// `/forgotten approve NAME`: of those who ask, by login name or display name.
    pub(super) fn ask_approval(&mut self, name: &str) {
        let name = names::one(name);
        let others = self.forgotten_others.clone();
        match names::meant(&others, &name) {
            Ok(person) => {
                let member = person.member;
                let shown = clean::fit(&person.display_name, 40);
                let told = self.language.fill(Text::ForgottenSure, &[&shown]);
                self.ask(Question::Approve(member), told);
            }
            Err(several) => {
                let text = match several {
                    true => Text::SeveralByLogin,
                    false => Text::AsksNothing,
                };
                let name = clean::fit(&name, 40);
                self.warn(self.language.fill(text, &[&name]));
            }
        }
    }
}
