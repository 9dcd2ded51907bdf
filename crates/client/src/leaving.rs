//! Signing this device out: what it keeps is wiped first, and then the server is told to refuse it.
//!
//! Without a connection the server can't be told, then or later: the proof that it would take is made with the device key, for
//! the challenge of a connection that there is not, and the key is gone. `Failed(SigningOut, Offline)` says so, before
//! `Wiped`; the device stays on the list of the others, and its wrap in the vault, until one of them signs it out. Keeping the
//! key for later would leave on a machine that somebody walks away from what opens the account.

use protocol::{
    ErrorCode,
    methods::{Done, own_account::SignOutDevices},
};

use crate::{Doing, Engine, Failure, Store, Update, pending::Pending};

impl<S: Store> Engine<S> {
    /// Wipes at once, whatever happens to the connection then.
    pub(crate) fn sign_out(&mut self) -> Result<(), Failure> {
        let Some(own) = &self.own else {
            return Err(Failure::SignInFirst);
        };
        let devices = vec![own.device.id()];
        let refused_already = self.signed_out;
        self.forget_everything()?;
        if self.connection.synced() {
            // the session is the connection's: no key is needed any more
            self.connection.forget_questions();
            self.request(&SignOutDevices { devices }, Pending::SignOut);
            return Ok(());
        }
        self.left((!refused_already).then_some(Failure::Offline));
        Ok(())
    }

    /// The server's answer, or that there will be none (`Offline`): what was kept is gone in any case.
    pub(crate) fn left(&mut self, failure: Option<Failure>) {
        if let Some(failure) = failure {
            self.fail(Doing::SigningOut, failure);
        }
        self.tell(Update::Wiped);
        self.hang_up(); // the server holds the connection for signed in
    }

    /// The account is closed, and its sessions end: nothing of it stays here.
    pub(crate) fn account_closed(&mut self, result: Result<Done, Failure>) {
        match result {
            Ok(_) => match self.forget_everything() {
                Ok(()) => {
                    self.done(Doing::ClosingAccount);
                    self.left(None);
                }
                Err(failure) => self.fail(Doing::ClosingAccount, failure),
            },
            Err(failure) if failure.is(ErrorCode::WrongNameOrPassphrase) => {
                self.proof_failed(Failure::Passphrase);
            }
            Err(failure) => self.proof_failed(failure),
        }
    }

    /// The engine as new, but for the connection.
    fn forget_everything(&mut self) -> Result<(), Failure> {
        self.store.wipe()?;
        self.batch = crate::Batch::default();
        drop(self.take_held());
        self.looked_at = None;
        self.looking_at = None;
        self.recent_messages.clear();
        self.forgotten_states.clear();
        self.tell(Update::Conversations);
        Ok(())
    }
}
