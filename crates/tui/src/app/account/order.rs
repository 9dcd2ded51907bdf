//! What a filled form asks of the engine.

use client::{Command, NewAccount};
use e2ee::{passphrase::prepare, recovery::RecoveryCode, reset::ResetLink};

use super::{Account, Kind, Step};
use crate::app::{choice, entry::read_invitation};

impl Account {
    /// The command of the whole form.
    pub(in crate::app) fn command(&self, device_name: &str) -> Option<Command> {
        if self.kind.of_member() {
            return self.member_command();
        }
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
            Kind::BeginAnew => Command::BeginAnew {
                link: text(Step::Link),
                passphrase,
                device_name,
            },
            _ => match self.came_by_code() {
                Some(code) => Command::SignInByCode {
                    login_name: text(Step::Login),
                    code,
                    device_name,
                },
                None => Command::SignIn {
                    login_name: text(Step::Login),
                    passphrase,
                    device_name,
                },
            },
        })
    }

    /// The recovery code that was typed in the place of the passphrase: no passphrase passes for one by its check.
    pub(in crate::app) fn came_by_code(&self) -> Option<RecoveryCode> {
        let typed = self.field(Step::Passphrase).text();
        let by_code = self.kind == Kind::SignIn;
        by_code.then(|| RecoveryCode::read(typed).ok()).flatten()
    }

    /// The reset link that was typed in the place of the passphrase.
    pub(in crate::app) fn came_by_link(&self) -> Option<String> {
        let typed = self.field(Step::Passphrase).text().trim();
        let by_link = self.kind == Kind::SignIn && ResetLink::decode(typed).is_ok();
        by_link.then(|| typed.to_owned())
    }

    fn member_command(&self) -> Option<Command> {
        let typed = |step| self.field(step).text();
        Some(match self.kind {
            Kind::ChangePassphrase => Command::ChangePassphrase {
                old: prepare(typed(Step::Current)).ok()?,
                new: self.chosen().ok()?,
                may_be_known: choice(typed(Step::Known))?,
            },
            Kind::NewPassphrase => Command::ChangePassphraseByCode {
                code: RecoveryCode::read(typed(Step::Recovery)).ok()?,
                new: self.chosen().ok()?,
                may_be_known: choice(typed(Step::Known))?,
            },
            Kind::Forgotten => Command::ReplaceForgotten {
                new: self.chosen().ok()?,
            },
            Kind::Approval => Command::SetApproval {
                old: prepare(typed(Step::Current)).ok()?,
                new: self.chosen().ok()?,
                required: true,
            },
            // with the same passphrase
            Kind::NoApproval => Command::SetApproval {
                old: prepare(typed(Step::Current)).ok()?,
                new: prepare(typed(Step::Current)).ok()?,
                required: false,
            },
            _ => Command::SetRecovery {
                passphrase: prepare(typed(Step::Current)).ok()?,
                code: match self.kind {
                    Kind::Recovery => Some(self.code.clone()?),
                    _ => None,
                },
            },
        })
    }
}
