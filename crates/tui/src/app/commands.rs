//! What is typed after a slash.

use client::{Command, view::PersonView};
use protocol::MemberId;

use super::{
    App, Effect, Panel, Question, groups as group,
    home::{Wanted, What},
    names,
};
use crate::{clean, texts::Text};

/// A command, by its names in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Help,
    Invite,
    Find,
    Talk,
    List,
    Switch,
    Safety,
    Verified,
    Accept,
    Who,
    Suspend(bool),
    Reset,
    Devices,
    SignOut,
    Yes,
    Recovery,
    Passphrase,
    Forgotten,
    Approval,
    LetIn,
    Refuse,
    Quit,
    Group(group::Verb),
}

fn verb(word: &str) -> Option<Verb> {
    Some(match word {
        "help" | "aide" | "?" => Verb::Help,
        "invite" | "inviter" => Verb::Invite,
        "find" | "chercher" => Verb::Find,
        "talk" | "parler" => Verb::Talk,
        "list" | "liste" => Verb::List,
        "switch" | "aller" => Verb::Switch,
        "safety" | "sûreté" | "surete" => Verb::Safety,
        "verified" | "vérifié" | "verifie" => Verb::Verified,
        "accept" | "accepter" => Verb::Accept,
        "who" | "qui" => Verb::Who,
        "suspend" | "suspendre" => Verb::Suspend(true),
        "readmit" | "réadmettre" | "readmettre" => Verb::Suspend(false),
        "reset" | "réinitialiser" | "reinitialiser" => Verb::Reset,
        "devices" | "appareils" => Verb::Devices,
        "signout" | "déconnecter" | "deconnecter" => Verb::SignOut,
        "yes" | "oui" => Verb::Yes,
        "recovery" | "secours" => Verb::Recovery,
        "passphrase" | "phrase" => Verb::Passphrase,
        "forgotten" | "oubliée" | "oubliee" => Verb::Forgotten,
        "approval" | "approbation" => Verb::Approval,
        "letin" | "laisserentrer" => Verb::LetIn,
        "refuse" | "refuser" => Verb::Refuse,
        "quit" | "quitter" => Verb::Quit,
        word => return group::verb(word).map(Verb::Group),
    })
}

impl App {
    /// Does what a line that begins with a slash says.
    pub(super) fn run(&mut self, line: &str) {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let Some(verb) = verb(&word[1..].to_lowercase()) else {
            let word = clean::fit(word, 24);
            let told = self.language.fill(Text::UnknownCommand, &[&word]);
            return self.warn(told);
        };
        let repeats = verb == Verb::SignOut && names::choice(rest) == Some(true);
        if verb != Verb::Yes && !repeats {
            self.not_yes();
        }
        match verb {
            Verb::Help => self.home.panel(Panel::Help),
            Verb::Invite => {
                self.home.panel(Panel::Inviting);
                self.command(Command::Invite);
            }
            Verb::Find => self.find(rest, None),
            Verb::Talk => self.look_for(word, rest, What::Talk),
            Verb::List => {
                self.home.panel = None;
                self.home.list_open = true;
            }
            Verb::Switch => self.switch(word, rest),
            Verb::Safety if rest.is_empty() => self.safety_here(),
            Verb::Safety => self.look_for(word, rest, What::Safety),
            Verb::Verified => self.verified(word, rest),
            Verb::Accept => self.accept(),
            Verb::Who => self.who(),
            // as an admin of the organisation: the engine says whether one may
            Verb::Suspend(suspended) => self.look_for(word, rest, What::Suspend(suspended)),
            Verb::Reset => self.look_for(word, rest, What::Reset),
            Verb::Devices => self.show_devices(),
            Verb::SignOut => self.sign_out(rest),
            Verb::Yes => self.answer_yes(),
            Verb::Recovery => self.recovery_code(rest),
            Verb::Passphrase => self.new_passphrase(rest),
            Verb::Forgotten => self.forgotten(rest),
            Verb::Approval => self.approval(rest),
            Verb::LetIn => self.let_in(rest),
            Verb::Refuse => self.refuse(),
            Verb::Quit => self.effect(Effect::Quit),
            Verb::Group(verb) => self.run_group(verb, word, rest),
        }
    }

    /// Asks the server; the answer is for `wanted`, or to be shown.
    pub(super) fn find(&mut self, query: &str, wanted: Option<Wanted>) {
        self.home.wanted.push_back(wanted);
        self.command(Command::FindPeople {
            query: query.to_owned(),
        });
    }

    /// Looks for somebody by name, or takes them by their number among those that were found.
    fn look_for(&mut self, word: &str, rest: &str, what: What) {
        let name = names::one(rest);
        if name.is_empty() {
            return self.warn(self.language.fill(Text::NeedsName, &[word]));
        }
        // what can't be taken back goes by a number only while that stands on the screen
        let numbered = what == What::Talk || self.home.panel == Some(Panel::People);
        if let (true, Ok(number)) = (numbered, name.parse::<usize>()) {
            let found = number.checked_sub(1).and_then(|n| self.home.found.get(n));
            return match found.map(|person| person.member) {
                Some(member) => self.found_one(&what, member),
                None => self.warn(
                    self.language
                        .fill(Text::NoSuchNumber, &[&clean::fit(&name, 24)]),
                ),
            };
        }
        let wanted = Wanted {
            word: word.to_owned(),
            name: name.clone(),
            what,
        };
        self.find(&name, Some(wanted));
    }

    fn switch(&mut self, word: &str, rest: &str) {
        if rest.is_empty() {
            return self.warn(self.language.fill(Text::NeedsName, &[word]));
        }
        let number = rest.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let row = number.and_then(|n| self.home.conversations.get(n));
        match row.map(|row| row.conversation) {
            Some(conversation) => self.open(conversation),
            None => {
                let told = self
                    .language
                    .fill(Text::NoSuchNumber, &[&clean::fit(rest, 24)]);
                self.warn(told);
            }
        }
    }

    fn who(&mut self) {
        match self.home.open() {
            Some(row) => {
                let members = row.members.iter().map(|person| person.member).collect();
                self.effect(Effect::Who(members));
            }
            None => self.warn(self.say(Text::NoConversationOpen)),
        }
    }

    fn found_one(&mut self, what: &What, member: MemberId) {
        match what {
            What::Talk => self.command(Command::OpenDirect { member }),
            What::Safety => self.effect(Effect::Safety(member)),
            What::Suspend(suspended) => self.suspend(member, *suspended),
            What::Reset => self.ask_reset(member),
            What::Several(several) => self.one_more(several.clone(), member),
        }
    }

    /// People by the name that somebody is wanted by.
    pub(super) fn talk_found(
        &mut self,
        wanted: &Wanted,
        mut people: Vec<PersonView>,
        me: Option<MemberId>,
    ) {
        let only_me = matches!(people.as_slice(), [one] if Some(one.member) == me);
        people.retain(|person| Some(person.member) != me);
        let meant = names::meant(&people, &wanted.name);
        let several = meant == Err(true);
        let meant = meant.ok().map(|person| person.member);
        let lone = match people.as_slice() {
            [one] if !several => Some(one.member),
            _ => None,
        };
        let nobody = people.is_empty();
        if !nobody {
            self.home.found = people;
        }
        match meant {
            Some(member) => self.found_one(&wanted.what, member),
            None if lone.is_some() => {
                if let Some(member) = lone {
                    self.ask_meant(wanted, member);
                }
            }
            None if only_me => self.warn(self.say(Text::ThatIsYou)),
            None if nobody => {
                let name = clean::fit(&wanted.name, 40);
                self.warn(self.language.fill(Text::NoSuchName, &[&name]));
            }
            None => self.several_found(wanted),
        }
    }

    /// Nobody has that name, and one person's name has it in it: done once they are said to be meant, or right away where
    /// it only shows something, or is asked about by name anyway.
    fn ask_meant(&mut self, wanted: &Wanted, member: MemberId) {
        if matches!(wanted.what, What::Safety | What::Reset) {
            return self.found_one(&wanted.what, member);
        }
        let name = self.name_with_login(member);
        self.home.meant = Some(wanted.what.clone());
        let typed = clean::fit(&wanted.name, 40);
        let told = self.language.fill(Text::MeantSure, &[&typed, &name]);
        self.ask(Question::Meant(member), told);
    }

    /// The person says that this is who was meant.
    pub(super) fn was_meant(&mut self, member: MemberId) {
        if let Some(what) = self.home.meant.take() {
            self.found_one(&what, member);
        }
    }

    fn name_with_login(&self, member: MemberId) -> String {
        let name = self.name_of(member);
        let mut found = self.home.found.iter();
        match found.find(|person| person.member == member) {
            Some(one) => format!("{name} ({})", clean::fit(&one.login_name, 40)),
            None => name,
        }
    }

    fn suspend(&mut self, member: MemberId, suspended: bool) {
        let name = self.name_of(member);
        self.home.suspending.push_back((name, suspended));
        self.command(Command::Suspend { member, suspended });
    }

    /// Somebody is suspended, or readmitted.
    pub(super) fn suspended(&mut self) {
        let told = match self.home.suspending.pop_front() {
            Some((name, true)) => self.language.fill(Text::MemberSuspended, &[&name]),
            Some((name, false)) => self.language.fill(Text::MemberReadmitted, &[&name]),
            None => self.say(Text::MemberChanged).to_owned(),
        };
        self.tell(told);
    }

    fn several_found(&mut self, wanted: &Wanted) {
        self.home.panel(Panel::People);
        let name = clean::fit(&wanted.name, 40);
        let told = match wanted.what {
            What::Several(_) => self.language.fill(Text::SeveralByLogin, &[&name]),
            _ => self.language.fill(Text::SeveralNames, &[&wanted.word]),
        };
        self.tell(told);
    }
}
