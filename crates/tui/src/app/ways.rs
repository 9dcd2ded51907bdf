//! The ways into the account: what is to be said of the recovery code, and the answers to what was asked.

use client::{
    Command,
    view::{RecoveryView, Settings},
};

use super::{Account, App, Kind, Notice, Question};
use crate::texts::Text;

/// What of the recovery code was said already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// That a new passphrase is to be chosen.
    wanted: bool,
    /// That there is no code.
    reminded: bool,
}

impl App {
    pub(super) fn recovery_is(&mut self, view: RecoveryView) {
        self.recovery = view;
        self.told_of_recovery.wanted &= view.passphrase_wanted;
    }

    /// Says what is to be said of the recovery code, where nothing else is told.
    pub(super) fn say_ways(&mut self) {
        if self.notice.is_some() {
            return;
        }
        if self.tell_news() {
            return;
        }
        if self.recovery.passphrase_wanted && !self.told_of_recovery.wanted {
            self.told_of_recovery.wanted = true;
            self.alarm(self.say(Text::PassphraseWanted));
        } else if self.recovery.remind && !self.told_of_recovery.reminded {
            self.ask(Question::RecoveryCode, self.say(Text::RecoveryRemind));
        }
    }

    /// Once is enough, on all devices together.
    fn reminded(&mut self) {
        if self.recovery.remind && !self.told_of_recovery.reminded {
            self.told_of_recovery.reminded = true;
            self.settings.recovery_reminded = true;
            self.command(Command::SaveSettings(Settings {
                recovery_reminded: true,
                ..self.settings
            }));
        }
    }

    /// Escape on something that was told.
    pub(super) fn dismissed(&mut self, notice: &Notice) {
        match &notice.asks {
            Some(Question::RecoveryCode) => self.reminded(),
            Some(Question::WasItYou(told)) => self.put_news_off(told),
            _ => {}
        }
    }

    /// `/yes`: does what is asked, and nothing when nothing is.
    pub(super) fn answer_yes(&mut self) {
        let Some(question) = self.notice.as_ref().and_then(|notice| notice.asks.clone()) else {
            return self.warn(self.say(Text::NothingAsked));
        };
        self.notice = None;
        match question {
            Question::SignOut => self.command(Command::SignOut),
            Question::SignOutDevice(device) => self.sign_out_device(device),
            Question::SignOutOthers => self.command(Command::SignOutOthers),
            Question::Reset(member) => self.make_reset(member),
            Question::Approve(member) => self.command(Command::ApproveForgotten {
                member: Some(member),
            }),
            Question::RecoveryCode => self.recovery_code(""),
            Question::WasItYou(told) => self.it_was_me(&told),
            Question::Meant(member) => self.was_meant(member),
            Question::Leave(conversation) => self.command(Command::LeaveGroup { conversation }),
            Question::Remove(conversation, member) => self.command(Command::RemoveMember {
                conversation,
                member,
            }),
            Question::StepDown(conversation, role) => self.step_down(conversation, role),
        }
    }

    /// Anything else than `/yes` is no; what other devices did stays until it is dismissed.
    pub(super) fn not_yes(&mut self) {
        let asks = |asks: &Question| !matches!(asks, Question::WasItYou(_));
        let asked = |notice: &mut Notice| notice.asks.as_ref().is_some_and(asks);
        if let Some(notice) = self.notice.take_if(asked) {
            self.dismissed(&notice);
        }
    }

    /// `/recovery`, `/recovery off`.
    pub(super) fn recovery_code(&mut self, rest: &str) {
        self.reminded();
        let kind = match rest {
            "off" | "non" => Kind::NoRecovery,
            _ => Kind::Recovery,
        };
        self.open_account(Account::new(kind));
    }

    /// `/passphrase`, by the one in force; `/passphrase code` by the recovery code, as by itself for who came in by it.
    pub(super) fn new_passphrase(&mut self, rest: &str) {
        let by_code = rest == "code" || self.recovery.passphrase_wanted;
        self.open_account(Account::new(match by_code {
            true => Kind::NewPassphrase,
            false => Kind::ChangePassphrase,
        }));
    }

    /// `/forgotten`: asks, approves, takes back, or goes on.
    pub(super) fn forgotten(&mut self, rest: &str) {
        let ready = self.forgotten.as_ref().is_some_and(|r| r.mine && r.ready);
        let (what, whose) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        match (what, whose) {
            ("approve" | "approuver", "") => {
                self.command(Command::ApproveForgotten { member: None });
            }
            ("approve" | "approuver", name) => self.ask_approval(name),
            ("cancel" | "annuler", "") => self.command(Command::CancelForgotten),
            ("", "") if ready => self.open_account(Account::new(Kind::Forgotten)),
            // another device asks already: what to do about that
            ("", "") if self.forgotten.as_ref().is_some_and(|r| !r.mine) => self.tell_forgotten(),
            ("", "") => self.command(Command::AskForgotten),
            _ => self.warn(self.say(Text::ForgottenHow)),
        }
    }
}
