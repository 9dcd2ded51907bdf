//! Letting another device of this member in, and waiting to be let in.

use std::cmp::Reverse;

use client::{
    Command,
    view::{ApprovalStep, ApprovalsView, SignInApproval, WaitingSignIn},
};

use super::{Account, App, Kind, Screen};
use crate::{clean, texts::Text};

/// So many of those that wait as well are named at once.
const OTHERS_NAMED_MAX: usize = 4;

impl App {
    /// What is to be said of a sign-in that waits: the newest one, until it waits no longer. What was left behind or is sent to be in
    /// the way is only named beside it.
    pub(super) fn approvals_are(&mut self, view: ApprovalsView) {
        let before = std::mem::replace(&mut self.approvals, view);
        if self.approving().is_none() {
            self.approving = self.newest_first().first().map(|waiting| waiting.device);
        }
        let Some(now) = self.approving() else {
            return;
        };
        let as_before = before.waiting.contains(now);
        let nobody_new = self.approvals.waiting.iter().all(|waiting| {
            let mut known = before.waiting.iter();
            known.any(|old| old.device == waiting.device)
        });
        if as_before && nobody_new {
            return;
        }
        let told = self.approvals_told(now);
        self.alarm(told);
    }

    fn approving(&self) -> Option<&WaitingSignIn> {
        let mut waiting = self.approvals.waiting.iter();
        waiting.find(|waiting| Some(waiting.device) == self.approving)
    }

    fn newest_first(&self) -> Vec<&WaitingSignIn> {
        let mut waiting: Vec<_> = self.approvals.waiting.iter().collect();
        waiting.sort_by_key(|waiting| Reverse(waiting.asked));
        waiting
    }

    /// One that waits, and the numbers of those that wait as well.
    fn approvals_told(&self, now: &WaitingSignIn) -> String {
        let told = self.approval_told(now);
        let others: Vec<String> = (1..)
            .zip(self.newest_first())
            .filter(|(_, waiting)| waiting.device != now.device)
            .take(OTHERS_NAMED_MAX)
            .map(|(number, waiting): (usize, _)| {
                format!("{number} {}", clean::fit(&waiting.name, 24))
            })
            .collect();
        if others.is_empty() {
            return told;
        }
        let others = self
            .language
            .fill(Text::ApprovalOthers, &[&others.join(", ")]);
        format!("{told} {others}")
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

    /// `/letin`: shows the code at first, then lets the device in. With a number: speaks of that one from then on, and does nothing.
    pub(super) fn let_in(&mut self, rest: &str) {
        if !rest.is_empty() {
            return self.approve_another(rest);
        }
        let Some(waiting) = self.approving() else {
            return self.warn(self.say(Text::NobodyWaits));
        };
        let device = waiting.device;
        let command = match waiting.step {
            ApprovalStep::Code(_) => Command::GrantApproval { device },
            _ => Command::ClaimApproval { device },
        };
        self.notice = None;
        self.command(command);
    }

    fn approve_another(&mut self, rest: &str) {
        let number = rest.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let Some(chosen) = number.and_then(|n| self.newest_first().get(n).copied().cloned()) else {
            let rest = clean::fit(rest, 24);
            return self.warn(self.language.fill(Text::NoSuchNumber, &[&rest]));
        };
        self.approving = Some(chosen.device);
        let told = self.approvals_told(&chosen);
        self.alarm(told);
    }

    /// `/refuse`.
    pub(super) fn refuse(&mut self) {
        let Some(waiting) = self.approving() else {
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
