//! Set-up, registration and sign-in: asked field by field.

use client::{Command, NewAccount};
use e2ee::passphrase::{Passphrase, PassphraseError, prepare};

use super::{App, Screen, entry::read_invitation};
use crate::{editor::Editor, texts::Text};

/// What the account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new organisation.
    SetUp,
    /// A new member.
    Register,
    /// A member that there is.
    SignIn,
}

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Set-up code.
    Code,
    /// Name of the organisation.
    Organisation,
    /// Invitation.
    Invitation,
    /// Login name.
    Login,
    /// Display name.
    Display,
    /// Passphrase.
    Passphrase,
    /// The new passphrase once again.
    Again,
}

/// Which passphrase a new account gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The one that is offered.
    Offered,
    /// One's own.
    Own,
}

const STEPS: usize = 7;

/// What people type first, in French too: the strength meter's own lists are English.
const COMMON: [&str; 16] = [
    "chatalk",
    "mot",
    "passe",
    "motdepasse",
    "secret",
    "secrète",
    "phrase",
    "azerty",
    "bonjour",
    "soleil",
    "amour",
    "journaliste",
    "reporter",
    "presse",
    "liberté",
    "doudou",
];

/// The form.
pub struct Account {
    /// What for.
    pub kind: Kind,
    steps: Vec<Step>,
    at: usize,
    fields: [Editor; STEPS],
    /// Offered or own.
    pub choice: Choice,
    /// What is offered.
    pub offered: Option<Passphrase>,
    /// The passphrase can be seen.
    pub revealed: bool,
}

impl Account {
    /// An empty form.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let steps = match kind {
            Kind::SetUp => vec![
                Step::Code,
                Step::Organisation,
                Step::Login,
                Step::Display,
                Step::Passphrase,
                Step::Again,
            ],
            Kind::Register => vec![
                Step::Invitation,
                Step::Login,
                Step::Display,
                Step::Passphrase,
                Step::Again,
            ],
            Kind::SignIn => vec![Step::Login, Step::Passphrase],
        };
        Self {
            kind,
            steps,
            at: 0,
            fields: std::array::from_fn(|_| Editor::default()),
            choice: if kind == Kind::SignIn {
                Choice::Own
            } else {
                Choice::Offered
            },
            offered: None,
            revealed: false,
        }
    }

    /// A registration with an invitation that is known already.
    #[must_use]
    pub fn invited(link: String) -> Self {
        let mut account = Self::new(Kind::Register);
        account.field_mut(Step::Invitation).insert(&link);
        account.at = 1;
        account
    }

    /// The field that is asked for.
    #[must_use]
    pub fn step(&self) -> Step {
        self.steps[self.at]
    }

    /// The fields before it, which are filled in.
    #[must_use]
    pub fn done(&self) -> &[Step] {
        &self.steps[..self.at]
    }

    /// What is in a field.
    #[must_use]
    pub fn field(&self, step: Step) -> &Editor {
        &self.fields[step as usize]
    }

    fn field_mut(&mut self, step: Step) -> &mut Editor {
        &mut self.fields[step as usize]
    }

    /// The editor of the field that is asked for; none where nothing is typed.
    pub fn editor(&mut self) -> Option<&mut Editor> {
        let step = self.step();
        (!self.offering()).then(|| self.field_mut(step))
    }

    /// Whether a passphrase is being offered.
    #[must_use]
    pub fn offering(&self) -> bool {
        self.step() == Step::Passphrase && self.choice == Choice::Offered
    }

    /// Whether what is typed is hidden.
    #[must_use]
    pub fn hidden(&self) -> bool {
        matches!(self.step(), Step::Passphrase | Step::Again) && !self.revealed
    }

    pub(super) fn wants_offer(&self) -> bool {
        self.kind != Kind::SignIn && self.offered.is_none()
    }

    pub(super) fn offer(&mut self, passphrase: Passphrase) {
        self.offered = Some(passphrase);
        self.field_mut(Step::Again).clear();
    }

    /// Strength of one's own passphrase (0 to 4); none where it does not matter.
    #[must_use]
    pub fn meter(&self) -> Option<u8> {
        let typed = self.field(Step::Passphrase).text();
        let own = self.choice == Choice::Own && self.kind != Kind::SignIn;
        (own && self.step() == Step::Passphrase && !typed.is_empty())
            .then(|| strength::score(typed, &self.hints()).min(strength::REQUIRED))
    }

    fn hints(&self) -> Vec<&str> {
        let fields = [Step::Login, Step::Display, Step::Organisation];
        let typed = fields.map(|step| self.field(step).text());
        COMMON.into_iter().chain(typed).collect()
    }

    fn back(&mut self) -> bool {
        self.revealed = false;
        if self.at == 0 {
            return false;
        }
        self.at -= 1;
        true
    }

    fn forward(&mut self) {
        self.revealed = false;
        self.at = (self.at + 1).min(self.steps.len() - 1);
    }

    /// Goes back to a field that was refused.
    pub(super) fn back_to(&mut self, step: Step) {
        if let Some(at) = self.steps.iter().position(|s| *s == step) {
            self.at = at;
            self.revealed = false;
            if matches!(step, Step::Passphrase) {
                self.field_mut(step).clear();
            }
        }
    }

    fn chosen(&self) -> Result<Passphrase, PassphraseError> {
        match (self.choice, &self.offered) {
            (Choice::Offered, Some(offered)) => Ok(offered.clone()),
            _ => prepare(self.field(Step::Passphrase).text()),
        }
    }

    fn same_again(&self) -> bool {
        let again = prepare(self.field(Step::Again).text());
        match (self.chosen(), again) {
            (Ok(first), Ok(again)) => first.reveal() == again.reveal(),
            _ => false,
        }
    }

    /// Checks the field that is asked for.
    fn check(&self) -> Result<(), Text> {
        let text = self.field(self.step()).text().trim();
        match self.step() {
            Step::Display => Ok(()),
            Step::Passphrase => self.check_passphrase(),
            Step::Again if self.same_again() => Ok(()),
            Step::Again => Err(Text::PassphraseDiffers),
            Step::Invitation if text.is_empty() => Err(Text::Needed),
            Step::Invitation => read_invitation(text).map(|_| ()).ok_or(Text::InvitationBad),
            _ if text.is_empty() => Err(Text::Needed),
            _ => Ok(()),
        }
    }

    fn check_passphrase(&self) -> Result<(), Text> {
        let passphrase = self.chosen().map_err(|error| match error {
            PassphraseError::Empty => Text::PassphraseEmpty,
            PassphraseError::TooLong => Text::PassphraseTooLong,
            PassphraseError::NotAllowed => Text::PassphraseCharacters,
        })?;
        if self.kind == Kind::SignIn || self.suffices(&passphrase) {
            Ok(())
        } else {
            Err(Text::PassphraseWeak)
        }
    }

    /// Generated ones are strong; others have to be.
    fn suffices(&self, passphrase: &Passphrase) -> bool {
        passphrase.is_generated() || strength::suffices(passphrase.reveal(), &self.hints())
    }

    /// The command of the whole form.
    fn command(&self, device_name: &str) -> Option<Command> {
        let passphrase = self.chosen().ok()?;
        let text = |step| self.field(step).text().trim().to_owned();
        let device_name = device_name.to_owned();
        let account = |passphrase| NewAccount {
            login_name: text(Step::Login),
            display_name: text(Step::Display),
            passphrase,
            device_name: device_name.clone(),
        };
        Some(match self.kind {
            Kind::SetUp => Command::SetUp {
                code: text(Step::Code),
                organisation: text(Step::Organisation),
                account: account(passphrase),
            },
            Kind::Register => Command::Register {
                invitation: read_invitation(&text(Step::Invitation))?.0,
                account: account(passphrase),
            },
            Kind::SignIn => Command::SignIn {
                login_name: text(Step::Login),
                passphrase,
                device_name,
            },
        })
    }
}

impl App {
    fn account(&mut self) -> Option<&mut Account> {
        match &mut self.screen {
            Screen::Account(account) => Some(account),
            _ => None,
        }
    }

    /// Enter on a form.
    pub(super) fn account_enter(&mut self) {
        let authority = self.peer.as_ref().map(|peer| peer.authority);
        let Some(account) = self.account() else {
            return;
        };
        let mut checked = account.check();
        if account.step() == Step::Invitation && checked.is_ok() {
            let invited = read_invitation(account.field(Step::Invitation).text());
            if invited.map(|(_, peer)| peer.authority) != authority {
                checked = Err(Text::InvitationElsewhere);
            }
        }
        match checked {
            Err(text) => self.warn(self.say(text)),
            Ok(()) if account.at + 1 < account.steps.len() => {
                account.forward();
                self.calm();
            }
            Ok(()) => self.account_submit(),
        }
    }

    fn account_submit(&mut self) {
        let device_name = self.entry.device_name.clone();
        let screen = std::mem::replace(&mut self.screen, Screen::Starting);
        let Screen::Account(account) = screen else {
            self.screen = screen;
            return;
        };
        self.notice = None;
        let working = match account.kind {
            Kind::SignIn => Text::Unlocking,
            Kind::SetUp | Kind::Register => Text::MakingKeys,
        };
        match account.command(&device_name) {
            Some(command) => {
                self.screen = Screen::Working(account, working);
                self.command(command);
            }
            None => self.screen = Screen::Account(account),
        }
    }

    /// Escape on a form.
    pub(super) fn account_back(&mut self) {
        self.calm();
        if self.account().is_some_and(|account| !account.back()) {
            self.screen = Screen::Welcome(0);
        }
    }

    /// Tab on a form: the other choice of passphrase, or "I have written it down".
    pub(super) fn account_tab(&mut self) {
        let Some(account) = self.account() else {
            return;
        };
        if account.kind == Kind::SignIn {
            return;
        }
        match (account.step(), account.choice) {
            (Step::Passphrase, Choice::Offered) => account.choice = Choice::Own,
            (Step::Passphrase, Choice::Own) => account.choice = Choice::Offered,
            (Step::Again, Choice::Offered) => return self.account_submit(),
            _ => return,
        }
        self.calm();
        self.want_offer();
    }

    /// Another passphrase, please.
    pub(super) fn account_another(&mut self) {
        if let Some(account) = self.account()
            && account.offering()
        {
            account.offered = None;
            self.want_offer();
        }
    }
}
