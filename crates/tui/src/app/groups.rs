//! Groups: what is typed to make and to change one.

use client::{
    Command,
    view::{ConversationView, Role},
};
use protocol::{ConversationId, MemberId};

use super::{
    App, Question, choice,
    home::{Wanted, What},
    names, timer,
};
use crate::{clean, texts::Text};

/// A command of groups, by its names in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Make,
    Title,
    Add,
    Remove,
    Leave,
    Give(Role),
    Announcements,
    Earlier,
    Timer,
    Restart,
    Hide,
}

pub(super) fn verb(word: &str) -> Option<Verb> {
    Some(match word {
        "group" | "groupe" => Verb::Make,
        "title" | "titre" => Verb::Title,
        "add" | "ajouter" => Verb::Add,
        "remove" | "retirer" => Verb::Remove,
        "leave" | "partir" => Verb::Leave,
        "admin" => Verb::Give(Role::GroupAdmin),
        "member" | "membre" => Verb::Give(Role::Member),
        "owner" | "propriétaire" | "proprietaire" => Verb::Give(Role::Owner),
        "reader" | "lecteur" => Verb::Give(Role::ReadOnly),
        "announcements" | "annonces" => Verb::Announcements,
        "earlier" | "avant" => Verb::Earlier,
        "timer" | "minuteur" => Verb::Timer,
        "restart" | "recommencer" => Verb::Restart,
        "hide" | "masquer" => Verb::Hide,
        _ => return None,
    })
}

/// People who are looked for by their names, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Several {
    /// Those who are still looked for; never empty while somebody is.
    names: Vec<String>,
    found: Vec<MemberId>,
    /// The group that they are added to; none: a new one.
    to: Option<ConversationId>,
}

impl App {
    pub(super) fn run_group(&mut self, verb: Verb, word: &str, rest: &str) {
        if verb == Verb::Make {
            return self.look_for_several(word, rest, None);
        }
        if verb == Verb::Timer {
            return self.set_timer(word, rest);
        }
        if verb == Verb::Restart {
            return self.decide_restart(word, rest);
        }
        if verb == Verb::Hide {
            return self.hide();
        }
        let open = self.home.open().filter(|row| !row.direct).cloned();
        let Some(row) = open else {
            let comes = self.home.current.is_some() && self.home.open().is_none();
            return match comes {
                true => self.tell(self.say(Text::Working)), // the list has it in a moment
                false => self.warn(self.say(Text::NoGroupOpen)),
            };
        };
        let conversation = row.conversation;
        match verb {
            Verb::Make | Verb::Timer | Verb::Restart | Verb::Hide => {}
            Verb::Title if rest.is_empty() => {
                let told = self.language.fill(Text::NeedsTitle, &[word]);
                self.warn(told);
            }
            Verb::Title => self.command(Command::SetTitle {
                conversation,
                title: rest.to_owned(),
            }),
            Verb::Add => self.look_for_several(word, rest, Some(conversation)),
            Verb::Remove => {
                if let Some(member) = self.inside(&row, word, rest) {
                    let told = self.about(Text::RemoveSure, &row, member);
                    self.ask(Question::Remove(conversation, member), told);
                }
            }
            // not by a slip of the finger: only an admin can bring one back
            Verb::Leave if choice(rest) != Some(true) => {
                let title = clean::fit(&row.title, 40);
                let told = self.language.fill(Text::LeaveSure, &[&title]);
                self.ask(Question::Leave(conversation), told);
            }
            Verb::Leave => self.command(Command::LeaveGroup { conversation }),
            Verb::Give(role) => {
                if let Some(member) = self.inside(&row, word, rest) {
                    self.give(&row, member, role);
                }
            }
            Verb::Announcements | Verb::Earlier => self.rules(verb, &row, word, rest),
        }
    }

    /// A text about a member of a group and the group.
    fn about(&self, text: Text, row: &ConversationView, member: MemberId) -> String {
        let mut members = row.members.iter();
        let person = members.find(|person| person.member == member);
        let name = person.map_or_else(String::new, |one| clean::fit(&one.display_name, 40));
        self.language
            .fill(text, &[&name, &clean::fit(&row.title, 40)])
    }

    /// Gives a role; whoever gives up being an admin is asked first.
    fn give(&mut self, row: &ConversationView, member: MemberId, role: Role) {
        let conversation = row.conversation;
        let me = self.me.as_ref().is_some_and(|me| me.member == member);
        let governs = |role: Role| matches!(role, Role::Owner | Role::GroupAdmin);
        let was = row.group.as_ref().is_some_and(|group| governs(group.role));
        if me && was && !governs(role) {
            let told = self.about(Text::StepDownSure, row, member);
            return self.ask(Question::StepDown(conversation, role), told);
        }
        self.command(Command::SetRole {
            conversation,
            member,
            role,
        });
    }

    /// The person gives up being an admin.
    pub(super) fn step_down(&mut self, conversation: ConversationId, role: Role) {
        if let Some(member) = self.me.as_ref().map(|me| me.member) {
            self.command(Command::SetRole {
                conversation,
                member,
                role,
            });
        }
    }

    /// After how long messages disappear, in every kind of conversation.
    fn set_timer(&mut self, word: &str, rest: &str) {
        let Some(row) = self.home.open() else {
            return self.warn(self.say(Text::NoConversationOpen));
        };
        let conversation = row.conversation;
        match timer::read(rest) {
            Some(seconds) => self.command(Command::SetTimer {
                conversation,
                seconds,
            }),
            None => {
                let told = self.language.fill(Text::NeedsTimer, &[word]);
                self.warn(told);
            }
        }
    }

    /// Out of sight until somebody writes there; a group that one is in can only be left.
    fn hide(&mut self) {
        match self.home.open() {
            Some(row) if row.direct || row.gone => {
                let conversation = row.conversation;
                self.command(Command::Hide {
                    conversation,
                    hidden: true,
                });
            }
            Some(_) => self.warn(self.say(Text::NotHidden)),
            None => self.warn(self.say(Text::NoConversationOpen)),
        }
    }

    /// Whether a conversation is to begin anew, where the person is asked that.
    fn decide_restart(&mut self, word: &str, rest: &str) {
        let open = self.home.open();
        let asked = open.filter(|row| row.stuck.as_ref().is_some_and(|s| s.may));
        let Some(conversation) = asked.map(|row| row.conversation) else {
            return self.warn(self.say(Text::NotStuck));
        };
        match choice(rest) {
            Some(start) => self.command(Command::DecideRestart {
                conversation,
                start,
            }),
            None => {
                let told = self.language.fill(Text::NeedsChoice, &[word]);
                self.warn(told);
            }
        }
    }

    fn rules(&mut self, verb: Verb, row: &ConversationView, word: &str, rest: &str) {
        let (Some(on), Some(group)) = (choice(rest), &row.group) else {
            let told = self.language.fill(Text::NeedsChoice, &[word]);
            return self.warn(told);
        };
        let mut rules = (group.announcements, group.history_all);
        if verb == Verb::Announcements {
            rules.0 = on;
        } else {
            rules.1 = on;
        }
        self.command(Command::SetRules {
            conversation: row.conversation,
            announcements: rules.0,
            history_all: rules.1,
        });
    }

    /// A member of the group by login name or display name; says so when there is none.
    fn inside(&mut self, row: &ConversationView, word: &str, name: &str) -> Option<MemberId> {
        if name.is_empty() {
            let told = self.language.fill(Text::NeedsName, &[word]);
            self.warn(told);
            return None;
        }
        let name = names::one(name);
        match names::meant(&row.members, &name) {
            Ok(person) => Some(person.member),
            Err(several) => {
                let text = match several {
                    true => Text::SeveralByLogin,
                    false => Text::NotInGroup,
                };
                let told = self.language.fill(text, &[&clean::fit(&name, 40)]);
                self.warn(told);
                None
            }
        }
    }

    fn look_for_several(&mut self, word: &str, rest: &str, to: Option<ConversationId>) {
        let names = names::several(rest);
        let several = Several {
            names,
            found: Vec::new(),
            to,
        };
        if several.names.is_empty() {
            let told = self.language.fill(Text::NeedsNames, &[word]);
            return self.warn(told);
        }
        self.look_for_next(word.to_owned(), several);
    }

    fn look_for_next(&mut self, word: String, several: Several) {
        let Some(name) = several.names.first().cloned() else {
            return;
        };
        let wanted = Wanted {
            word,
            name: name.clone(),
            what: What::Several(several),
        };
        self.find(&name, Some(wanted));
    }

    /// One of several is found: the next one, or what they are wanted for.
    pub(super) fn one_more(&mut self, mut several: Several, member: MemberId) {
        several.names.remove(0);
        if !several.found.contains(&member) {
            several.found.push(member);
        }
        if !several.names.is_empty() {
            return self.look_for_next(String::new(), several);
        }
        let members = several.found;
        self.command(match several.to {
            None => Command::CreateGroup {
                title: String::new(),
                members,
            },
            Some(conversation) => Command::AddMembers {
                conversation,
                members,
            },
        });
    }
}
