//! What a person asks while this device is still catching up with the server waits for that, instead of failing.

use crate::{Command, Doing, Engine, Failure, Store};

/// So many at most: more than a person asks in a few seconds.
const HELD_MAX: usize = 16;

/// Commands that need a connection that has caught up.
fn needs_server(doing: Doing) -> bool {
    matches!(
        doing,
        Doing::Inviting
            | Doing::Finding
            | Doing::AddingMembers
            | Doing::RemovingMember
            | Doing::SettingRole
            | Doing::SettingRules
            | Doing::SettingTimer
            | Doing::ChangingPassphrase
            | Doing::ChangingRecovery
            | Doing::Renaming
            | Doing::ClosingAccount
            | Doing::ClosingAccountOf
            | Doing::Suspending
            | Doing::SettingAdmin
            | Doing::ResettingMember
            | Doing::AskingForgotten
            | Doing::ApprovingForgotten
            | Doing::CancellingForgotten
            | Doing::ApprovingSignIn
            | Doing::LettingIn
            | Doing::RefusingSignIn
            | Doing::ListingDevices
            | Doing::SigningOutDevice
            | Doing::SigningOutOthers
    )
}

impl<S: Store> Engine<S> {
    /// Gives the command back where it is to be carried out now.
    pub(crate) fn hold_back(&mut self, command: Command) -> Option<Command> {
        let waits = self.own.is_some()
            && !self.signed_out
            && self.flow.is_none()
            && self.connection.on_its_way()
            && needs_server(command.doing());
        if !waits {
            return Some(command);
        }
        if self.held.len() >= HELD_MAX {
            // of what is typed letter by letter, the last counts; the first has an answer all the same, as every search has one
            let find = |held: &Command| held.doing() == Doing::Finding;
            let first = self.held.iter().position(find);
            match first.filter(|_| find(&command)) {
                Some(first) => {
                    self.held.remove(first);
                    self.fail(Doing::Finding, Failure::Offline);
                }
                None => return Some(command),
            }
        }
        self.held.push(command);
        None
    }

    /// The connection has caught up.
    pub(crate) fn carry_out_held(&mut self) {
        for command in std::mem::take(&mut self.held) {
            let doing = command.doing();
            if let Err(failure) = self.carry_out(command) {
                self.fail(doing, failure);
            }
        }
    }

    /// It went away before that.
    pub(crate) fn fail_held(&mut self) {
        for command in std::mem::take(&mut self.held) {
            self.fail(command.doing(), Failure::Offline);
        }
    }
}
