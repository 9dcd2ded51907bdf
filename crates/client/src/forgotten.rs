//! A forgotten passphrase, where this member is still signed in on a device: asking, approving, taking it back. Setting the
//! new passphrase then is `passphrase.rs`.

use std::collections::BTreeMap;

use ambient::Millis;
use protocol::{
    MemberId,
    methods::{
        Done,
        own_account::{ApproveForgotten, AskForgotten, CancelForgotten, ForgottenRequest},
    },
};

use crate::{
    Doing, Engine, Failure, Store, Update,
    devices::Listing,
    pending::Pending,
    view::{ForgottenView, PersonView},
};

/// What is known of requests. Nothing is kept: the server tells it anew on each connection.
#[derive(Default)]
pub(crate) struct Requests {
    /// This member's own.
    own: Option<ForgottenRequest>,
    /// What was told of it last.
    told: Option<ForgottenView>,
    /// Those of others, as admins hear of them.
    others: BTreeMap<MemberId, ForgottenRequest>,
}

impl<S: Store> Engine<S> {
    /// This member's request for a new passphrase in the place of a forgotten one.
    #[must_use]
    pub fn forgotten(&self) -> Option<ForgottenView> {
        let own = self.own.as_ref()?;
        let request = self.requests.own.as_ref()?;
        Some(ForgottenView {
            name: request.name.clone(),
            asked: request.asked,
            ready_at: request.ready,
            approved: request.approved.is_some(),
            mine: request.device == own.device.id(),
            ready: request.approved.is_some() || request.ready <= self.server_now(),
        })
    }

    /// Others who have forgotten their passphrase and ask for approval: told to admins.
    #[must_use]
    pub fn forgotten_others(&self) -> Vec<PersonView> {
        let waiting = self.requests.others.iter();
        let waiting = waiting.filter(|(_, request)| request.approved.is_none());
        waiting
            .filter_map(|(member, _)| self.people.view(*member))
            .collect()
    }

    pub(crate) fn ask_forgotten(&mut self) -> Result<(), Failure> {
        self.online()?;
        self.request(&AskForgotten {}, Pending::AskForgotten);
        Ok(())
    }

    pub(crate) fn forgotten_asked(&mut self, result: Result<ForgottenRequest, Failure>) {
        match result {
            Ok(request) => {
                self.requests.own = Some(request);
                self.done(Doing::AskingForgotten);
            }
            Err(failure) => self.fail(Doing::AskingForgotten, failure),
        }
    }

    /// Approves what the person was shown: this member's own request, or that of somebody else.
    pub(crate) fn approve_forgotten(&mut self, member: Option<MemberId>) -> Result<(), Failure> {
        self.online()?;
        let member = member.filter(|member| *member != self.my_id());
        let request = match member {
            Some(member) => self.requests.others.get(&member),
            None => self.requests.own.as_ref(),
        };
        let device = request.ok_or(Failure::NoRequest)?.device;
        let params = ApproveForgotten { member, device };
        self.request(&params, Pending::ApproveForgotten);
        Ok(())
    }

    pub(crate) fn cancel_forgotten(&mut self) -> Result<(), Failure> {
        self.online()?;
        self.request(&CancelForgotten {}, Pending::CancelForgotten);
        Ok(())
    }

    fn online(&self) -> Result<(), Failure> {
        if self.own.is_none() {
            return Err(Failure::SignInFirst);
        }
        if self.connection.synced() {
            Ok(())
        } else {
            Err(Failure::Offline)
        }
    }

    pub(crate) fn forgotten_answered(&mut self, doing: Doing, result: Result<Done, Failure>) {
        match result {
            Ok(_) => self.done(doing),
            Err(failure) => self.fail(doing, failure),
        }
        // as it stands now
        let _ = self.list_devices(Listing::Background);
    }

    /// A request has changed: one's own comes with the devices, that of others with what admins hear of them.
    pub(crate) fn forgotten_changed(&mut self, member: MemberId) {
        if member == self.my_id() {
            let _ = self.list_devices(Listing::Background);
        } else {
            self.look_up(member);
        }
    }

    /// What the server says of this member's own request.
    pub(crate) fn own_request_is(&mut self, request: Option<ForgottenRequest>) {
        self.requests.own = request;
    }

    /// What the server says of somebody else's request.
    pub(crate) fn request_is(&mut self, member: MemberId, request: Option<&ForgottenRequest>) {
        if member == self.my_id() || self.requests.others.get(&member) == request {
            return;
        }
        match request {
            Some(request) => self.requests.others.insert(member, request.clone()),
            None => self.requests.others.remove(&member),
        };
        self.requests_changed = true;
    }

    /// Tells what is another than was told.
    pub(crate) fn tell_forgotten(&mut self) {
        let now = self.forgotten();
        if self.requests.told != now {
            self.requests.told.clone_from(&now);
            self.tell(Update::Forgotten(now));
        }
        if std::mem::take(&mut self.requests_changed) {
            let others = self.forgotten_others();
            self.tell(Update::ForgottenOthers(others));
        }
    }

    /// When this device may go on without approval.
    pub(crate) fn forgotten_deadline(&self) -> Option<Millis> {
        let request = self.requests.own.as_ref()?;
        let waits = request.approved.is_none() && request.ready > self.server_now();
        let at = self.when_server_has(request.ready).filter(|_| waits)?;
        Some(at.max(self.now + 1))
    }
}
