//! Signing this device out: what it keeps is wiped first, and then the server is told to refuse it.

use protocol::methods::own_account::SignOutDevices;

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

    /// The engine as new, but for the connection.
    fn forget_everything(&mut self) -> Result<(), Failure> {
        self.store.wipe()?;
        self.batch = crate::Batch::default();
        self.own = None;
        self.signed_out = false;
        self.flow = None;
        self.proof = None;
        self.vault = Default::default();
        self.people = Default::default();
        self.conversations.clear();
        self.openings.clear();
        self.outbox = Default::default();
        self.loose = Default::default();
        self.devices = Default::default();
        self.asked_with_passphrase = None;
        self.looked_at = None;
        self.looking_at = None;
        self.recent_messages.clear();
        self.forgotten_state = None;
        self.tell(Update::Conversations);
        Ok(())
    }
}
