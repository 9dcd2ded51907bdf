//! What is typed after a slash.

use client::{Command, view::PersonView};
use protocol::MemberId;

use super::{Account, App, Effect, Kind, Panel, groups as group, home::Wanted};
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
    Accept,
    Who,
    Suspend(bool),
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
        "accept" | "accepter" => Verb::Accept,
        "who" | "qui" => Verb::Who,
        "suspend" | "suspendre" => Verb::Suspend(true),
        "readmit" | "réadmettre" | "readmettre" => Verb::Suspend(false),
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
            Verb::Talk => self.talk(word, rest),
            Verb::List => {
                self.home.panel = None;
                self.home.list_open = true;
            }
            Verb::Switch => self.switch(word, rest),
            Verb::Safety => self.safety_of(rest),
            Verb::Accept => self.accept(),
            Verb::Who => self.who(),
            Verb::Suspend(suspended) => self.suspend(suspended, word, rest),
            Verb::Recovery => {
                let kind = match rest {
                    "off" | "non" => Kind::NoRecovery,
                    _ => Kind::Recovery,
                };
                self.open_account(Account::new(kind));
            }
            Verb::Passphrase => self.open_account(Account::new(Kind::NewPassphrase)),
            Verb::Forgotten => self.forgotten(rest),
            Verb::Approval => self.approval(rest),
            Verb::LetIn => self.let_in(rest),
            Verb::Refuse => self.refuse(),
            Verb::Quit => self.effect(Effect::Quit),
            Verb::Group(verb) => self.run_group(verb, word, rest),
        }
    }

    /// The passphrase is forgotten: asks, approves, takes back, or goes on.
    fn forgotten(&mut self, rest: &str) {
        let ready = self.forgotten.as_ref().is_some_and(|r| r.mine && r.ready);
        match rest {
            "approve" | "approuver" => self.command(Command::ApproveForgotten { member: None }),
            "cancel" | "annuler" => self.command(Command::CancelForgotten),
            _ if ready => self.open_account(Account::new(Kind::Forgotten)),
            _ => self.command(Command::AskForgotten),
        }
    }

    pub(super) fn find(&mut self, query: &str) {
        self.command(Command::FindPeople {
            query: query.to_owned(),
        });
    }

    fn talk(&mut self, word: &str, rest: &str) {
        if rest.is_empty() {
            let told = self.language.fill(Text::NeedsName, &[word]);
            return self.warn(told);
        }
        if let Ok(number) = rest.parse::<usize>() {
            let found = number.checked_sub(1).and_then(|n| self.home.found.get(n));
            match found.map(|person| person.member) {
                Some(member) => self.command(Command::OpenDirect { member }),
                None => {
                    let told = self.language.fill(Text::NoSuchNumber, &[rest]);
                    self.warn(told);
                }
            }
            return;
        }
        self.home.talk_to = Some(Wanted::Talk(rest.to_owned()));
        self.find(rest);
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

    fn other_in_direct(&self) -> Option<MemberId> {
        let me = self.me.as_ref()?.member;
        let open = self.home.open().filter(|row| row.direct)?;
        let mut members = open.members.iter().map(|person| person.member);
        members.find(|member| *member != me)
    }

    fn safety_of(&mut self, name: &str) {
        if !name.is_empty() {
            self.home.talk_to = Some(Wanted::Safety(name.to_owned()));
            return self.find(name);
        }
        match self.other_in_direct() {
            Some(member) => self.effect(Effect::Safety(member)),
            None => self.warn(self.say(Text::SafetyWithWhom)),
        }
    }

    /// As an admin of the organisation: who is meant is looked up, the engine says whether one may.
    fn suspend(&mut self, suspended: bool, word: &str, rest: &str) {
        if rest.is_empty() {
            return self.warn(self.language.fill(Text::NeedsName, &[word]));
        }
        self.home.talk_to = Some(Wanted::Suspend(rest.to_owned(), suspended));
        self.find(rest);
    }

    fn accept(&mut self) {
        let Some(member) = self.home.changed.take() else {
            return self.warn(self.say(Text::NothingToAccept));
        };
        let name = self.name_of(member);
        let told = self.language.fill(Text::IdentityAccepted, &[&name]);
        self.notice = None;
        self.tell(told);
        self.command(Command::AcceptIdentity {
            member,
            number: None,
        });
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

    /// People by the name that somebody is wanted by.
    pub(super) fn talk_found(
        &mut self,
        wanted: &Wanted,
        people: Vec<PersonView>,
        me: Option<MemberId>,
    ) {
        let name = match wanted {
            Wanted::Talk(name) | Wanted::Safety(name) | Wanted::Suspend(name, _) => name,
            Wanted::Several(several) => several.name(),
        };
        let lower = name.to_lowercase();
        let only_me = matches!(people.as_slice(), [one] if Some(one.member) == me);
        let people: Vec<PersonView> = people
            .into_iter()
            .filter(|person| Some(person.member) != me)
            .collect();
        let exact: Vec<&PersonView> = people
            .iter()
            .filter(|p| p.login_name == lower || p.display_name.to_lowercase() == lower)
            .collect();
        let one = match (exact.as_slice(), people.as_slice()) {
            ([one], _) => Some(one.member),
            (_, [one]) => Some(one.member),
            _ => None,
        };
        if let Some(member) = one {
            self.home.found = people;
            match wanted {
                Wanted::Talk(_) => self.command(Command::OpenDirect { member }),
                Wanted::Safety(_) => self.effect(Effect::Safety(member)),
                Wanted::Suspend(_, suspended) => self.command(Command::Suspend {
                    member,
                    suspended: *suspended,
                }),
                Wanted::Several(several) => self.one_more(several.clone(), member),
            }
        } else if people.is_empty() {
            let told = if only_me {
                self.say(Text::ThatIsYou).to_owned()
            } else {
                let name = clean::fit(name, 40);
                self.language.fill(Text::NoSuchName, &[&name])
            };
            self.warn(told);
        } else {
            self.home.found = people;
            self.home.panel(Panel::People);
            self.tell(self.say(Text::SeveralNames));
        }
    }
}
