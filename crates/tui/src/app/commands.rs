//! What is typed after a slash.

use client::{Command, view::PersonView};
use protocol::MemberId;

use super::{
    App, Effect, Panel, groups as group,
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
            Verb::Find => {
                self.home.talk_to = None;
                self.find(rest);
            }
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

    pub(super) fn find(&mut self, query: &str) {
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
        self.find(&name);
        self.home.talk_to = Some(Wanted {
            word: word.to_owned(),
            name,
            what,
        });
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
            What::Suspend(suspended) => self.command(Command::Suspend {
                member,
                suspended: *suspended,
            }),
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
        let one = match (names::meant(&people, &wanted.name), people.as_slice()) {
            (Ok(person), _) => Some(person.member),
            (Err(false), [one]) => Some(one.member),
            _ => None,
        };
        let nobody = people.is_empty();
        if one.is_some() || !nobody {
            self.home.found = people;
        }
        match one {
            Some(member) => self.found_one(&wanted.what, member),
            None if only_me => self.warn(self.say(Text::ThatIsYou)),
            None if nobody => {
                let name = clean::fit(&wanted.name, 40);
                self.warn(self.language.fill(Text::NoSuchName, &[&name]));
            }
            None => self.several_found(wanted),
        }
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
