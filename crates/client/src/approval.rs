//! Approving sign-ins of this member on other devices, on a device that is signed in (`docs/crypto.md` section 4). The other
//! side is `approval/waiting.rs`.

pub(crate) mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use ambient::Millis;
use e2ee::approval::{Asking, Exchange, Handover, Nonce};
use protocol::{
    DeviceId, Hash32,
    limits::APPROVAL_CLAIM_MS,
    methods::{
        Done,
        approval::{ClaimApproval, DenyApproval, GiveUpApproval, GrantApproval, WaitingDevice},
    },
};

use crate::{
    Doing, Engine, Failure, Store, Update,
    devices::Listing,
    pending::Pending,
    view::{ApprovalStep, ApprovalsView, WaitingSignIn},
};

/// What is known of sign-ins that wait. Nothing is kept: the server tells it anew on each connection, and whose nonce was
/// lost begins again.
#[derive(Default)]
pub(crate) struct Approvals {
    waiting: Vec<WaitingDevice>,
    mine: BTreeMap<DeviceId, Mine>,
    /// Those whose code the person wants to see as soon as they have asked anew.
    wanted: BTreeSet<DeviceId>,
    told: ApprovalsView,
}

/// A sign-in that this device is at.
struct Mine {
    commitment: Hash32,
    nonce: Nonce,
    /// Whose keys these were when the nonce was made.
    asking: Asking,
    exchange: Option<Exchange>,
    /// What the device has shown does not fit what it asked with.
    differs: bool,
    /// By this device's clock it is over then, whatever the server says.
    until: Millis,
}

impl Approvals {
    fn of(&self, device: DeviceId) -> Option<&WaitingDevice> {
        self.waiting.iter().find(|w| w.device == device)
    }
}

impl<S: Store> Engine<S> {
    /// Whether new sign-ins need approval, and those that wait for it.
    #[must_use]
    pub fn approvals(&self) -> ApprovalsView {
        if self.own.is_none() {
            return ApprovalsView::default();
        }
        let waiting = self.approvals.waiting.iter().map(|waiting| WaitingSignIn {
            device: waiting.device,
            name: waiting.name.clone(),
            asked: waiting.asked,
            step: self.approval_step(waiting),
        });
        ApprovalsView {
            required: self.approval_is_required(),
            waiting: waiting.collect(),
        }
    }

    fn approval_step(&self, waiting: &WaitingDevice) -> ApprovalStep {
        let wanted = self.approvals.wanted.contains(&waiting.device);
        match self.approvals.mine.get(&waiting.device) {
            Some(mine) if mine.differs => ApprovalStep::Differs,
            Some(mine) => match &mine.exchange {
                Some(exchange) => ApprovalStep::Code(exchange.code()),
                None => ApprovalStep::Preparing,
            },
            None if wanted => ApprovalStep::Preparing,
            None if waiting
                .claimed_by
                .is_some_and(|by| Some(by) != self.device()) =>
            {
                ApprovalStep::Elsewhere
            }
            None => ApprovalStep::Asked,
        }
    }

    pub(crate) fn tell_approvals(&mut self) {
        let now = self.approvals();
        if self.approvals.told != now {
            self.approvals.told.clone_from(&now);
            self.tell(Update::Approvals(now));
        }
    }

    fn waiting_device(&self, device: DeviceId) -> Result<&WaitingDevice, Failure> {
        if self.own.is_none() {
            return Err(Failure::SignInFirst);
        }
        if !self.connection.synced() {
            return Err(Failure::Offline);
        }
        self.approvals.of(device).ok_or(Failure::NoRequest)
    }

    /// The person wants to see the code of a sign-in.
    pub(crate) fn claim_approval(&mut self, device: DeviceId) -> Result<(), Failure> {
        let waiting = self.waiting_device(device)?.clone();
        if self.approvals.mine.get(&device).is_some_and(|m| !m.differs) {
            self.done(Doing::ApprovingSignIn);
            return Ok(());
        }
        let before = waiting.claimed_by.is_some() && waiting.claimed_by == self.device();
        match waiting.commitment {
            // of before a crash, or one that did not fit: the nonce is used up
            Some(_) if before => {
                self.approvals.mine.remove(&device);
                self.approvals.wanted.insert(device);
                self.request(&GiveUpApproval { device }, Pending::GiveUpApproval);
                self.done(Doing::ApprovingSignIn);
            }
            Some(commitment) => self.send_claim(&waiting, commitment)?,
            None => {
                self.approvals.wanted.insert(device);
                self.done(Doing::ApprovingSignIn);
            }
        }
        Ok(())
    }

    fn send_claim(&mut self, waiting: &WaitingDevice, commitment: Hash32) -> Result<(), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let device = waiting.device;
        let signing_key = <[u8; 32]>::try_from(&waiting.signing_key[..])
            .map_err(|_| Failure::Unverified("the keys of a device that waits".into()))?;
        let asking = Asking {
            instance: own.instance,
            member: own.member,
            device,
            signing_key,
            wrap_key: waiting.wrap_key.to_vec(),
        };
        let nonce = Nonce::generate(&mut self.rng);
        let mine = Mine {
            commitment,
            nonce,
            asking,
            exchange: None,
            differs: false,
            // one that stayed could be guessed at
            until: self.now + APPROVAL_CLAIM_MS,
        };
        self.approvals.wanted.remove(&device);
        self.approvals.mine.insert(device, mine);
        let params = ClaimApproval {
            device,
            commitment,
            nonce: Hash32(nonce.0),
        };
        self.request(&params, Pending::ClaimApproval(device));
        Ok(())
    }

    pub(crate) fn approval_claimed(&mut self, device: DeviceId, result: Result<Done, Failure>) {
        match result {
            Ok(_) => self.done(Doing::ApprovingSignIn),
            Err(failure) => {
                self.approvals.mine.remove(&device);
                self.fail(Doing::ApprovingSignIn, failure);
            }
        }
        self.look_at_waiting();
    }

    /// Codes and sign-ins whose time is over are shown no longer.
    pub(crate) fn approvals_tick(&mut self) {
        let (now, server) = (self.now, self.server_now());
        let approvals = &mut self.approvals;
        let before = (approvals.mine.len(), approvals.waiting.len());
        approvals.mine.retain(|_, mine| mine.until > now);
        approvals.waiting.retain(|waiting| waiting.lapses > server);
        if (approvals.mine.len(), approvals.waiting.len()) != before {
            self.look_at_waiting();
        }
    }

    /// When the next of them is over.
    pub(crate) fn approvals_deadline(&self) -> Option<Millis> {
        let server = self.server_now();
        let codes = self.approvals.mine.values().map(|mine| mine.until);
        let waiting = self.approvals.waiting.iter();
        let waiting = waiting.map(|w| self.now + w.lapses.saturating_sub(server));
        codes.chain(waiting).min()
    }

    /// How things stand now.
    pub(crate) fn look_at_waiting(&mut self) {
        let _ = self.list_devices(Listing::Background);
    }

    /// What the server says of sign-ins that wait.
    pub(crate) fn waiting_came(&mut self, waiting: Vec<WaitingDevice>) {
        let me = self.device();
        let asking: BTreeSet<DeviceId> = self
            .approvals
            .mine
            .keys()
            .filter(|device| self.is_asking(&Pending::ClaimApproval(**device)))
            .copied()
            .collect();
        let approvals = &mut self.approvals;
        approvals.waiting = waiting;
        let Approvals {
            waiting,
            mine,
            wanted,
            ..
        } = approvals;
        wanted.retain(|device| waiting.iter().any(|w| w.device == *device));
        mine.retain(|device, mine| {
            asking.contains(device)
                || waiting.iter().any(|w| {
                    w.device == *device
                        && w.commitment == Some(mine.commitment)
                        && w.claimed_by == me
                })
        });
        for there in waiting.iter() {
            if let (Some(mine), Some(new), Some(me)) =
                (mine.get_mut(&there.device), there.revealed, me)
            {
                mine.revealed(me, Nonce(new.0));
            }
        }
        let again: Vec<(WaitingDevice, Hash32)> = waiting
            .iter()
            .filter(|w| wanted.contains(&w.device) && w.claimed_by.is_none())
            .filter_map(|w| Some((w.clone(), w.commitment?)))
            .collect();
        for (waiting, commitment) in again {
            if let Err(failure) = self.send_claim(&waiting, commitment) {
                self.fail(Doing::ApprovingSignIn, failure);
            }
        }
    }

    /// The person has compared the codes: they are the same.
    pub(crate) fn grant_approval(&mut self, device: DeviceId) -> Result<(), Failure> {
        self.waiting_device(device)?;
        let mine = self.approvals.mine.get(&device);
        let mine = mine.ok_or(Failure::NoRequest)?;
        let exchange = mine.exchange.as_ref().ok_or(Failure::NoRequest)?;
        let secret = self.approval_secret()?.ok_or(Failure::NoRequest)?;
        let head = self.vault.head.as_ref().ok_or(Failure::Offline)?;
        let sealed = exchange.seal(&Handover {
            secret,
            head_number: head.number,
            head_hash: head.hash(),
        })?;
        let params = GrantApproval {
            device,
            commitment: mine.commitment,
            sealed: sealed.into(),
        };
        self.request(&params, Pending::GrantApproval(device));
        Ok(())
    }

    pub(crate) fn approval_granted(&mut self, device: DeviceId, result: Result<Done, Failure>) {
        match result {
            Ok(_) => {
                self.device_is_known(device);
                self.done(Doing::LettingIn);
            }
            Err(failure) => self.fail(Doing::LettingIn, failure),
        }
        self.look_at_waiting();
    }

    /// The person does not know of this sign-in, or the codes differ.
    pub(crate) fn deny_approval(&mut self, device: DeviceId) -> Result<(), Failure> {
        self.waiting_device(device)?;
        self.request(&DenyApproval { device }, Pending::DenyApproval);
        Ok(())
    }

    pub(crate) fn approval_denied(&mut self, result: Result<Done, Failure>) {
        match result {
            Ok(_) => self.done(Doing::RefusingSignIn),
            Err(failure) => self.fail(Doing::RefusingSignIn, failure),
        }
        self.look_at_waiting();
    }
}

impl Mine {
    /// The device has shown its nonce: it must be the one behind the commitment that this device's own nonce was made for.
    fn revealed(&mut self, me: DeviceId, new: Nonce) {
        if self.exchange.is_some() {
            return;
        }
        if self.asking.commitment(&new) == self.commitment {
            self.exchange = Some(Exchange {
                asking: self.asking.clone(),
                approver: me,
                new,
                approving: self.nonce,
            });
        } else {
            self.differs = true;
        }
    }
}
