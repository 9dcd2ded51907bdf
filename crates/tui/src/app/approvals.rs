//! Letting another device of this member in, and waiting to be let in.

use client::{
    Command,
    view::{ApprovalStep, ApprovalsView, SignInApproval, WaitingSignIn},
};

use super::{Account, App, Kind, Screen};
use crate::{clean, texts::Text};

impl App {
    /// What is to be said of a sign-in that waits; the oldest one first.
    pub(super) fn approvals_are(&mut self, view: ApprovalsView) {
        let before = self.approvals.waiting.first().cloned();
        self.approvals = view;
        let now = self.approvals.waiting.first().cloned();
        if now != before
            && let Some(waiting) = &now
        {
            let told = self.approval_told(waiting);
            self.alarm(told);
        }
    }

    fn approval_told(&self, waiting: &WaitingSignIn) -> String {
        let name = clean::fit(&waiting.name, 40);
        match &waiting.step {
            ApprovalStep::Asked => self.language.fill(Text::ApprovalAsked, &[&name]),
            ApprovalStep::Elsewhere => self.language.fill(Text::ApprovalElsewhere, &[&name]),
            ApprovalStep::Preparing => self.say(Text::Working).to_owned(),
            ApprovalStep::Code(code) => self.language.fill(Text::ApprovalCode, &[code, &name]),
            ApprovalStep::Differs => self.language.fill(Text::ApprovalDiffers, &[&name]),
        }
    }

    /// `/letin`: shows the code at first, then lets the device in.
    pub(super) fn let_in(&mut self) {
        let Some(waiting) = self.approvals.waiting.first() else {
            return self.warn(self.say(Text::NobodyWaits));
        };
        let device = waiting.device;
        self.notice = None;
        self.command(match waiting.step {
            ApprovalStep::Code(_) => Command::GrantApproval { device },
            _ => Command::ClaimApproval { device },
        });
    }

    /// `/refuse`.
    pub(super) fn refuse(&mut self) {
        let Some(waiting) = self.approvals.waiting.first() else {
            return self.warn(self.say(Text::NobodyWaits));
        };
        let device = waiting.device;
        self.notice = None;
        self.command(Command::DenyApproval { device });
    }

    /// `/approval on`, `/approval off`; alone it says how it is.
    pub(super) fn approval(&mut self, rest: &str) {
        let required = self.approvals.required;
        match rest {
            "on" | "oui" if !required => self.open_account(Account::new(Kind::Approval)),
            "off" | "non" if required => self.open_account(Account::new(Kind::NoApproval)),
            _ if required => self.tell(self.say(Text::ApprovalIsOn)),
            _ => self.tell(self.say(Text::ApprovalIsOff)),
        }
    }

    /// This device waits, or no longer.
    pub(super) fn sign_in_waits(&mut self, view: Option<SignInApproval>) {
        self.waits = view;
    }

    /// Escape while something takes its time: a sign-in that waits can be given up.
    pub(super) fn give_up_waiting(&mut self) {
        if self.waits.take().is_none() {
            return;
        }
        self.command(Command::CancelSignIn);
        if matches!(self.screen, Screen::Working(..)) {
            self.screen = Screen::Welcome(0);
        }
    }
}
