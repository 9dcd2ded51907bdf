//! Set-up, registration, sign-in, and what needs the passphrase or the recovery code again: asked field by field.

mod order;

use client::view::PersonView;
use e2ee::{
    passphrase::{Passphrase, PassphraseError, prepare},
    recovery::RecoveryCode,
};

use super::{choice, entry::read_invitation};
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
    /// A recovery code for who is signed in.
    Recovery,
    /// No recovery code any more.
    NoRecovery,
    /// Another passphrase, by the one in force.
    ChangePassphrase,
    /// Another passphrase, by the recovery code.
    NewPassphrase,
    /// Another passphrase without the forgotten one, once that was approved.
    Forgotten,
    /// Approval of new sign-ins from now on, with another passphrase.
    Approval,
    /// No approval any more.
    NoApproval,
    /// A new beginning, by an admin's reset link.
    BeginAnew,
}

impl Kind {
    /// Whether it is for who is signed in already.
    #[must_use]
    pub fn of_member(self) -> bool {
        matches!(
            self,
            Self::Recovery
                | Self::NoRecovery
                | Self::ChangePassphrase
                | Self::NewPassphrase
                | Self::Forgotten
                | Self::Approval
                | Self::NoApproval
        )
    }

    /// Whether a passphrase is chosen in it.
    pub(super) fn chooses(self) -> bool {
        !matches!(
            self,
            Self::SignIn | Self::Recovery | Self::NoRecovery | Self::NoApproval
        )
    }
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
    /// The passphrase in force.
    Current,
    /// The new recovery code, from paper.
    CodeAgain,
    /// The recovery code that there is.
    Recovery,
    /// A reset link; never asked for, but taken in the place of a passphrase.
    Link,
    /// Whether somebody may know the passphrase until now: yes or no.
    Known,
}

/// Which passphrase a new account gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The one that is offered.
    Offered,
    /// One's own.
    Own,
}

const STEPS: usize = 12;

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
    /// The recovery code that is made.
    pub code: Option<RecoveryCode>,
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
            Kind::Recovery => vec![Step::Current, Step::CodeAgain],
            Kind::NoRecovery | Kind::NoApproval => vec![Step::Current],
            Kind::Approval => vec![Step::Current, Step::Passphrase, Step::Again],
            Kind::ChangePassphrase => {
                vec![Step::Current, Step::Known, Step::Passphrase, Step::Again]
            }
            Kind::NewPassphrase => vec![Step::Recovery, Step::Known, Step::Passphrase, Step::Again],
            Kind::Forgotten | Kind::BeginAnew => vec![Step::Passphrase, Step::Again],
        };
        Self {
            kind,
            steps,
            at: 0,
            fields: std::array::from_fn(|_| Editor::default()),
            choice: if kind.chooses() {
                Choice::Offered
            } else {
                Choice::Own
            },
            offered: None,
            code: None,
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

    /// A new passphrase for who has come in by this code.
    #[must_use]
    pub fn came_by(code: &RecoveryCode) -> Self {
        let mut account = Self::new(Kind::NewPassphrase);
        account.field_mut(Step::Recovery).insert(&code.reveal());
        account.at = 1;
        account
    }

    /// A new beginning by this link, which was typed in the place of a passphrase.
    #[must_use]
    pub fn by_link(link: &str) -> Self {
        let mut account = Self::new(Kind::BeginAnew);
        account.field_mut(Step::Link).insert(link);
        account
    }

    /// Names that somebody else would try first as a passphrase.
    pub(super) fn belongs_to(&mut self, person: &PersonView) {
        self.field_mut(Step::Login).insert(&person.login_name);
        self.field_mut(Step::Display).insert(&person.display_name);
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
        let secret = matches!(self.step(), Step::Passphrase | Step::Again | Step::Current);
        secret && !self.revealed
    }

    pub(super) fn wants_offer(&self) -> bool {
        self.kind.chooses() && self.offered.is_none()
    }

    pub(super) fn wants_code(&self) -> bool {
        self.kind == Kind::Recovery && self.code.is_none()
    }

    pub(super) fn offer(&mut self, passphrase: Passphrase) {
        self.offered = Some(passphrase);
        self.field_mut(Step::Again).clear();
    }

    /// Strength of one's own passphrase (0 to 4); none where it does not matter.
    #[must_use]
    pub fn meter(&self) -> Option<u8> {
        let typed = self.field(Step::Passphrase).text();
        let own = self.choice == Choice::Own && self.kind.chooses();
        (own && self.step() == Step::Passphrase && !typed.is_empty())
            .then(|| strength::score(typed, &self.hints()).min(strength::REQUIRED))
    }

    fn hints(&self) -> Vec<&str> {
        let fields = [Step::Login, Step::Display, Step::Organisation];
        let typed = fields.map(|step| self.field(step).text());
        COMMON.into_iter().chain(typed).collect()
    }

    pub(super) fn back(&mut self) -> bool {
        self.revealed = false;
        if self.at == 0 {
            return false;
        }
        self.at -= 1;
        true
    }

    pub(super) fn forward(&mut self) {
        self.revealed = false;
        self.at = (self.at + 1).min(self.steps.len() - 1);
    }

    /// Nothing comes after the field that is asked for.
    pub(super) fn at_last(&self) -> bool {
        self.at + 1 >= self.steps.len()
    }

    /// Goes back to a field that was refused.
    pub(super) fn back_to(&mut self, step: Step) {
        if let Some(at) = self.steps.iter().position(|s| *s == step) {
            self.at = at;
            self.revealed = false;
            if matches!(step, Step::Passphrase | Step::Current | Step::Recovery) {
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
    pub(super) fn check(&self) -> Result<(), Text> {
        let text = self.field(self.step()).text().trim();
        match self.step() {
            Step::Display => Ok(()),
            Step::Passphrase => self.check_passphrase(),
            Step::Current => match prepare(text) {
                Ok(_) => Ok(()),
                Err(_) => Err(Text::PassphraseEmpty),
            },
            Step::CodeAgain | Step::Recovery => self.check_code(text),
            Step::Known => choice(text).map(|_| ()).ok_or(Text::TrustAnswer),
            Step::Again if self.same_again() => Ok(()),
            Step::Again => Err(Text::PassphraseDiffers),
            Step::Invitation if text.is_empty() => Err(Text::Needed),
            Step::Invitation => read_invitation(text).map(|_| ()).ok_or(Text::InvitationBad),
            _ if text.is_empty() => Err(Text::Needed),
            _ => Ok(()),
        }
    }

    fn check_code(&self, text: &str) -> Result<(), Text> {
        let read = RecoveryCode::read(text).map_err(|_| Text::RecoveryMistyped)?;
        match self.step() {
            Step::CodeAgain if self.code.as_ref() != Some(&read) => Err(Text::RecoveryOther),
            _ => Ok(()),
        }
    }

    fn check_passphrase(&self) -> Result<(), Text> {
        let passphrase = self.chosen().map_err(|error| match error {
            PassphraseError::Empty => Text::PassphraseEmpty,
            PassphraseError::TooLong => Text::PassphraseTooLong,
            PassphraseError::NotAllowed => Text::PassphraseCharacters,
        })?;
        if !self.kind.chooses() || self.suffices(&passphrase) {
            Ok(())
        } else {
            Err(Text::PassphraseWeak)
        }
    }

    /// Generated ones are strong; others have to be.
    fn suffices(&self, passphrase: &Passphrase) -> bool {
        passphrase.is_generated() || strength::suffices(passphrase.reveal(), &self.hints())
    }
}
