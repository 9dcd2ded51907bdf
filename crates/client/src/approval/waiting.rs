//! A sign-in that waits until another device of the member lets it in.
//!
//! Whatever the server says, without what that device hands over the passphrase does not open the vault: then this device
//! goes on waiting.

use ambient::Millis;
use e2ee::{
    approval::{ApprovalSecret, Asking, Exchange, Handover, Nonce},
    device::DeviceKeys,
    vault::{Head, Manifest, VaultKeys},
};
use protocol::{
    Bytes, DeviceId, ErrorCode, Hash32, MemberId,
    methods::{
        Done,
        account::{ResumeSession, SignedIn},
        approval::{
            ApprovalAsked, ApprovalClaim, ApprovalState, AskApproval, GetApproval, RevealApproval,
        },
        own_account::SignOutDevices,
        vault::Records,
    },
};

use crate::{
    Doing, Engine, Failure, Store, Update, account::Flow, pending::Pending, sign_in::SigningIn,
    vault, view::SignInApproval,
};

/// How often it looks how things stand, besides when it is told: what a server tells may get lost.
const LOOK_MS: Millis = 15_000;

/// How often it asks anew by itself once it has shown a nonce: each time is another guess for a server that stands between.
const AGAIN: u8 = 3;
/// Let in, as the server says, with nothing to open the vault by: after so long it gives up.
const NOTHING_MS: Millis = 600_000;

/// How far the approval of this device is.
pub(crate) struct Waiting {
    /// Behind the commitment that was made last; shown to one device alone.
    nonce: Nonce,
    /// With whom, and by which nonces: set once for each commitment.
    exchange: Option<Exchange>,
    /// The nonce was shown, as the server says.
    shown: bool,
    handover: Option<Handed>,
    look_at: Millis,
    /// How often it has asked anew after a nonce was shown.
    again: u8,
    /// Since when the server says that it was let in, and has nothing for it.
    nothing_since: Option<Millis>,
}

impl Waiting {
    pub(crate) fn handover(&self) -> Option<&Handed> {
        self.handover.as_ref()
    }
}

/// What the device that let this one in has handed over.
pub(crate) struct Handed(Handover);

impl Handed {
    pub(crate) fn secret(&self) -> &ApprovalSecret {
        &self.0.secret
    }

    /// The vault that the server shows is at least as new as the one that the other device has seen, and holds the same
    /// secret: that, and its version.
    pub(crate) fn checked(
        &self,
        keys: &VaultKeys,
        (manifest, head): (&Manifest, &Head),
        found: &Records,
        member: MemberId,
    ) -> Result<(u64, ApprovalSecret), Failure> {
        let unverified = |reason: &str| Err(Failure::Unverified(reason.into()));
        let same = head.number == self.0.head_number;
        if head.number < self.0.head_number || same && head.hash() != self.0.head_hash {
            return unverified(
                "the device that let this one in has seen a newer vault than the server shows",
            );
        }
        let (version, secret) = vault::approval::open(keys, member, manifest, found)?;
        if secret != self.0.secret {
            return unverified(
                "the device that let this one in knows another vault than the server shows",
            );
        }
        Ok((version, secret))
    }
}

impl<S: Store> Engine<S> {
    /// A sign-in on this device that waits for the approval of another one.
    #[must_use]
    pub fn sign_in_approval(&self) -> Option<SignInApproval> {
        let Some(Flow::SigningIn(flow)) = &self.flow else {
            return None;
        };
        let waiting = flow.waiting.as_ref()?;
        Some(SignInApproval {
            code: waiting.exchange.as_ref().map(Exchange::code),
            let_in: waiting.handover.is_some(),
        })
    }

    fn tell_sign_in_approval(&mut self) {
        let now = self.sign_in_approval();
        self.sign_in_told = now.is_some();
        self.tell(Update::SignInApproval(now));
    }

    /// The sign-in is over, in one way or the other.
    pub(crate) fn tell_no_approval(&mut self) {
        if self.sign_in_told {
            self.sign_in_told = false;
            self.tell(Update::SignInApproval(None));
        }
    }

    fn waiting_flow(&mut self) -> Option<(&mut SigningIn, MemberId, DeviceKeys)> {
        let Some(Flow::SigningIn(flow)) = &mut self.flow else {
            return None;
        };
        let member = flow.signed_in.as_ref()?.member;
        let device = flow.device.clone()?;
        Some((flow, member, device))
    }

    fn asking(&mut self) -> Option<Asking> {
        let instance = self.connection.hello.as_ref()?.instance;
        let (_, member, device) = self.waiting_flow()?;
        Some(Asking::of(instance, member, &device))
    }

    /// This device can go on only when another one lets it in: it asks, with a commitment of its own each time.
    pub(crate) fn ask_approval(&mut self) {
        if self.is_asking(&Pending::AskApproval) {
            return;
        }
        let nonce = Nonce::generate(&mut self.rng);
        let look_at = self.now + LOOK_MS;
        let Some(asking) = self.asking() else { return };
        let Some((flow, ..)) = self.waiting_flow() else {
            return;
        };
        let before = flow.waiting.as_ref();
        let shown = before.is_some_and(|waiting| waiting.exchange.is_some());
        let again = before.map_or(0, |waiting| waiting.again) + u8::from(shown);
        if again > AGAIN {
            return self.end_sign_in(Some(Failure::NotLetIn));
        }
        flow.waiting = Some(Box::new(Waiting {
            again,
            nothing_since: None,
            nonce,
            exchange: None,
            shown: false,
            handover: None,
            look_at,
        }));
        let commitment = asking.commitment(&nonce);
        self.request(&AskApproval { commitment }, Pending::AskApproval);
        self.tell_sign_in_approval();
    }

    pub(crate) fn approval_asked(&mut self, result: Result<ApprovalAsked, Failure>) {
        match result {
            Ok(_) => {}
            Err(failure) if failure.is(ErrorCode::SessionRefused) => self.not_let_in(),
            // the server takes this device for one that was let in: what it was let in with is to be had then
            Err(failure) if failure.is(ErrorCode::NotFound) => self.look_at_approval(),
            Err(failure) if failure.may_pass() => {}
            Err(failure) => self.sign_in_failed(failure),
        }
    }

    pub(crate) fn look_at_approval(&mut self) {
        let look_at = self.now + LOOK_MS;
        let Some((flow, ..)) = self.waiting_flow() else {
            return;
        };
        let Some(waiting) = flow.waiting.as_mut().filter(|w| w.handover.is_none()) else {
            return;
        };
        waiting.look_at = look_at;
        if !self.is_asking(&Pending::ApprovalState) {
            self.request(&GetApproval {}, Pending::ApprovalState);
        }
    }

    pub(crate) fn approval_state_came(&mut self, result: Result<ApprovalState, Failure>) {
        let state = match result {
            Ok(state) => state,
            Err(failure) if failure.is(ErrorCode::SessionRefused) => return self.not_let_in(),
            Err(_) => return, // looked at again
        };
        let opened = match (&state.sealed, state.waiting) {
            (Some(sealed), _) => self.open_handover(sealed),
            (None, true) => {
                self.follow_claim(&state);
                Ok(())
            }
            (None, false) => self.let_in_with_nothing(),
        };
        if let Err(failure) = opened {
            self.sign_in_failed(failure);
        }
    }

    /// That opens nothing. It was handed over too long ago, or the server lies.
    fn let_in_with_nothing(&mut self) -> Result<(), Failure> {
        let now = self.now;
        if let Some((flow, ..)) = self.waiting_flow()
            && let Some(waiting) = flow.waiting.as_mut().filter(|w| w.handover.is_none())
        {
            let since = *waiting.nothing_since.get_or_insert(now);
            if since + NOTHING_MS <= now {
                self.end_sign_in(Some(Failure::NotLetIn));
            }
        }
        Ok(())
    }

    fn open_handover(&mut self, sealed: &Bytes) -> Result<(), Failure> {
        let Some((flow, _, device)) = self.waiting_flow() else {
            return Ok(());
        };
        let Some(waiting) = flow.waiting.as_mut().filter(|w| w.handover.is_none()) else {
            return Ok(());
        };
        let Some(exchange) = waiting.exchange.as_ref() else {
            let reason = "this device was let in by nobody that it has met";
            return Err(Failure::Unverified(reason.into()));
        };
        waiting.handover = Some(Handed(exchange.open(&device, sealed)?));
        self.tell_sign_in_approval();
        self.unlock_approved();
        Ok(())
    }

    /// Opens the vault with what was handed over.
    fn unlock_approved(&mut self) {
        if let Some((flow, ..)) = self.waiting_flow() {
            flow.rounds = 0;
        }
        self.ask_manifest(Pending::UnlockManifest);
    }

    /// Shows the nonce to the device that is at it: to one alone for each commitment.
    fn follow_claim(&mut self, state: &ApprovalState) {
        if self.is_asking(&Pending::AskApproval) {
            return; // of before
        }
        let Some(asking) = self.asking() else { return };
        let Some((flow, ..)) = self.waiting_flow() else {
            return;
        };
        let Some(waiting) = flow.waiting.as_mut() else {
            return;
        };
        if state.commitment != Some(asking.commitment(&waiting.nonce)) {
            return self.ask_approval();
        }
        match (state.claim, &waiting.exchange) {
            (Some(claim), Some(met)) if is_of(met, &claim) => self.show_nonce(),
            (Some(claim), None) => {
                waiting.exchange = Some(Exchange {
                    asking,
                    approver: claim.by,
                    new: waiting.nonce,
                    approving: Nonce(claim.nonce.0),
                });
                self.show_nonce();
                self.tell_sign_in_approval();
            }
            (None, None) => {}
            // given up, or another in its place: never with the same nonce
            (_, Some(_)) => self.ask_approval(),
        }
    }

    fn show_nonce(&mut self) {
        let Some((flow, ..)) = self.waiting_flow() else {
            return;
        };
        let Some(waiting) = flow.waiting.as_mut().filter(|waiting| !waiting.shown) else {
            return;
        };
        let nonce = Hash32(waiting.nonce.0);
        if !self.is_asking(&Pending::RevealApproval) {
            self.request(&RevealApproval { nonce }, Pending::RevealApproval);
        }
    }

    pub(crate) fn approval_revealed(&mut self, result: Result<Done, Failure>) {
        let shown = result.is_ok();
        if let Some((flow, ..)) = self.waiting_flow()
            && let Some(waiting) = &mut flow.waiting
        {
            waiting.shown = shown;
        }
        if !shown {
            self.look_at_approval();
        }
    }

    /// Something of the approval of a device has changed. True: it is this one, which waits.
    pub(crate) fn approval_of_this(&mut self, device: DeviceId) -> bool {
        let mine = self.waiting_flow().map(|(_, _, keys)| keys.id());
        if mine == Some(device) {
            self.look_at_approval();
        }
        mine == Some(device)
    }

    /// On a new connection: the device has its keys, and its passphrase was proved.
    pub(crate) fn resume_sign_in(&mut self) -> bool {
        let Some(hello) = self.connection.hello.clone() else {
            return false;
        };
        let Some((flow, _, device)) = self.waiting_flow() else {
            return false;
        };
        if flow.waiting.is_none() {
            return false;
        }
        let challenge = hello.challenge.as_bytes();
        let proof = device.session_proof(hello.instance, hello.incarnation, challenge);
        let params = ResumeSession {
            device: device.id(),
            proof: Bytes::copy_from_slice(&proof),
        };
        self.request(&params, Pending::ResumeSignIn);
        true
    }

    pub(crate) fn sign_in_resumed(&mut self, result: Result<SignedIn, Failure>) {
        match result {
            Ok(signed_in) => {
                let Some((flow, ..)) = self.waiting_flow() else {
                    return;
                };
                flow.signed_in = Some(signed_in);
                let opens = flow.waiting.as_ref().is_some_and(|w| w.handover.is_some());
                if opens {
                    self.unlock_approved();
                } else {
                    self.look_at_approval();
                }
            }
            Err(failure) if failure.is(ErrorCode::SessionRefused) => self.not_let_in(),
            Err(failure) if failure.is(ErrorCode::AccountSuspended) => {
                self.sign_in_failed(failure);
            }
            Err(_) => self.hang_up(),
        }
    }

    /// Somebody has refused it, or it took too long.
    fn not_let_in(&mut self) {
        self.sign_in_failed(Failure::NotLetIn);
    }

    /// Gives a sign-in up.
    pub(crate) fn cancel_sign_in(&mut self) {
        self.end_sign_in(None);
    }

    /// Ends a sign-in, by the person's wish or for a reason, and tells the server if it waits there.
    pub(crate) fn end_sign_in(&mut self, why: Option<Failure>) {
        let Some(Flow::SigningIn(flow)) = self.flow.take_if(|f| matches!(f, Flow::SigningIn(_)))
        else {
            return;
        };
        self.tell_no_approval();
        if let Some(failure) = why {
            self.fail(Doing::SigningIn, failure);
        }
        let device = flow.device.filter(|_| flow.waiting.is_some());
        match device {
            Some(device) if self.connection.greeted() => {
                let devices: Vec<DeviceId> = vec![device.id()];
                self.request(&SignOutDevices { devices }, Pending::CancelSignIn);
            }
            _ => self.hang_up(),
        }
    }

    pub(crate) fn waiting_tick(&mut self) {
        if self.waiting_deadline().is_some_and(|at| at <= self.now) {
            self.look_at_approval();
        }
    }

    /// When this device looks again how its approval stands.
    pub(crate) fn waiting_deadline(&self) -> Option<Millis> {
        let Some(Flow::SigningIn(flow)) = &self.flow else {
            return None;
        };
        let waiting = flow.waiting.as_ref().filter(|w| w.handover.is_none())?;
        self.connection.greeted().then_some(waiting.look_at)
    }
}

fn is_of(met: &Exchange, claim: &ApprovalClaim) -> bool {
    (met.approver, met.approving.0) == (claim.by, claim.nonce.0)
}

impl SigningIn {
    /// Without another device the passphrase opens nothing.
    pub(crate) fn lacks_approval(&self) -> bool {
        self.waiting.as_ref().is_none_or(|w| w.handover.is_none())
    }
}
