//! What one connection is: guest, signing in, or signed in.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use accounts::{Attempt, Origin, Proof};
use ambient::Millis;
use protocol::{Bytes, DeviceId, ErrorCode, Hash32, MemberId, WireError};
use tokio::time::{Duration, Instant};

use crate::{config::Direction, gateway::Gateway, lock, outbox::Queue, seats::Seat};

/// How long a begun sign-in is good for.
const ATTEMPT_MS: Millis = 60_000;

/// Who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) member: MemberId,
    pub(crate) device: DeviceId,
    /// It waits to be let in by another device, and may do next to nothing.
    pub(crate) waiting: bool,
}

/// A sign-in or proof of the passphrase that has begun on this connection; the newest only, once, for a minute.
struct Open<T> {
    number: u64,
    attempt: T,
    expires: Millis,
}

enum Session {
    Guest(Option<Open<Attempt>>),
    /// A request that signs in is at work.
    SigningIn,
    SignedIn(Who, Option<Open<Proof>>),
    /// The device was signed out: the connection ends, and what is at work is refused.
    SignedOut,
}

/// What the halves of a connection, its requests and the fan-out share.
pub(crate) struct Shared {
    pub(crate) number: u64,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) origin: Origin,
    pub(crate) challenge: Hash32,
    pub(crate) queue: Queue,
    session: Mutex<Session>,
    attempts: AtomicU64,
    /// Milliseconds since the gateway's start.
    heard: AtomicU64,
    asked: AtomicU64,
    signed_in: AtomicBool,
    guest_seat: Mutex<Option<Seat>>,
    _seat: Seat,
}

impl Shared {
    pub(crate) fn new(
        gateway: &Arc<Gateway>,
        number: u64,
        origin: Origin,
        challenge: Hash32,
        seat: Seat,
        guest_seat: Seat,
    ) -> Self {
        let config = &gateway.config;
        let now = gateway.uptime();
        Self {
            number,
            gateway: Arc::clone(gateway),
            origin,
            challenge,
            queue: Queue::new(
                config.limits.requests_in_flight,
                config.waiting_events,
                config.waiting_bytes,
            ),
            session: Mutex::new(Session::Guest(None)),
            attempts: AtomicU64::new(0),
            heard: AtomicU64::new(now),
            asked: AtomicU64::new(now),
            signed_in: AtomicBool::new(false),
            guest_seat: Mutex::new(Some(guest_seat)),
            _seat: seat,
        }
    }

    pub(crate) fn tap(&self, direction: Direction, frame: &[u8]) {
        if let Some(tap) = &self.gateway.config.tap {
            tap.frame(self.number, direction, frame);
        }
    }

    /// The client is there.
    pub(crate) fn heard(&self) {
        self.heard.store(self.gateway.uptime(), Ordering::Relaxed);
    }

    /// The client wants something: for guests, more than a sign of life.
    pub(crate) fn asked(&self) {
        self.asked.store(self.gateway.uptime(), Ordering::Relaxed);
    }

    /// When this connection counts as silent.
    pub(crate) fn deadline(&self) -> Instant {
        let config = &self.gateway.config;
        let (since, patience) = if self.signed_in.load(Ordering::Relaxed) {
            let heartbeat = u64::from(config.limits.heartbeat_ms);
            (&self.heard, Duration::from_millis(2 * heartbeat))
        } else {
            (&self.asked, config.guest_idle)
        };
        self.gateway.started + Duration::from_millis(since.load(Ordering::Relaxed)) + patience
    }

    /// Who is signed in, if anybody is.
    pub(crate) fn who(&self) -> Option<Who> {
        match *lock(&self.session) {
            Session::SignedIn(who, _) => Some(who),
            Session::Guest(_) | Session::SigningIn | Session::SignedOut => None,
        }
    }

    /// The device, which waited, has been let in.
    pub(crate) fn let_in(&self) {
        if let Session::SignedIn(who, _) = &mut *lock(&self.session) {
            who.waiting = false;
        }
    }

    /// Whether the device was signed out under this connection.
    pub(crate) fn is_signed_out(&self) -> bool {
        matches!(*lock(&self.session), Session::SignedOut)
    }

    /// The device was signed out: says goodbye, takes no more requests, refuses those at work.
    pub(crate) fn sign_out(&self) {
        *lock(&self.session) = Session::SignedOut;
        let last = crate::gateway::goodbye("This device was signed out.", 0);
        self.queue.end(Some(last));
    }

    /// Keeps a begun sign-in; the one before, if any, is void. Its number goes to the client.
    pub(crate) fn open_attempt(&self, attempt: Attempt) -> Result<u64, WireError> {
        match &mut *lock(&self.session) {
            Session::Guest(open) => Ok(self.open(open, attempt)),
            _ => Err(self.out_of_order(ErrorCode::AlreadySignedIn)),
        }
    }

    /// Takes the begun sign-in of that number: each serves once.
    pub(crate) fn take_attempt(&self, number: u64) -> Result<Attempt, WireError> {
        match &mut *lock(&self.session) {
            Session::Guest(open) => self.take(open, number, "sign-in"),
            _ => Err(self.out_of_order(ErrorCode::AlreadySignedIn)),
        }
    }

    /// Keeps a begun proof of the passphrase, as [`Shared::open_attempt`].
    pub(crate) fn open_proof(&self, proof: Proof) -> Result<u64, WireError> {
        match &mut *lock(&self.session) {
            Session::SignedIn(_, open) => Ok(self.open(open, proof)),
            _ => Err(self.out_of_order(ErrorCode::SignInFirst)),
        }
    }

    /// Takes the begun proof of that number, as [`Shared::take_attempt`].
    pub(crate) fn take_proof(&self, number: u64) -> Result<Proof, WireError> {
        match &mut *lock(&self.session) {
            Session::SignedIn(_, open) => self.take(open, number, "proof of the passphrase"),
            _ => Err(self.out_of_order(ErrorCode::SignInFirst)),
        }
    }

    fn open<T>(&self, place: &mut Option<Open<T>>, attempt: T) -> u64 {
        let number = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        *place = Some(Open {
            number,
            attempt,
            expires: self.gateway.clock.now() + ATTEMPT_MS,
        });
        number
    }

    fn take<T>(
        &self,
        place: &mut Option<Open<T>>,
        number: u64,
        what: &str,
    ) -> Result<T, WireError> {
        if place.as_ref().is_none_or(|open| open.number != number) {
            self.gateway.counters.out_of_order.add(1);
            return Err(WireError::new(ErrorCode::BadRequest).with_message(format!(
                "There is no such {what} on this connection. Start again."
            )));
        }
        match place.take() {
            Some(open) if self.gateway.clock.now() < open.expires => Ok(open.attempt),
            _ => Err(ErrorCode::Expired.into()),
        }
    }

    /// Begins a request that signs in; one at a time.
    pub(crate) fn begin_sign_in(self: &Arc<Self>) -> Result<SigningIn, WireError> {
        let mut session = lock(&self.session);
        if !matches!(*session, Session::Guest(_)) {
            return Err(self.out_of_order(ErrorCode::AlreadySignedIn));
        }
        *session = Session::SigningIn;
        Ok(SigningIn(Arc::clone(self)))
    }

    /// Counts a request that came at the wrong time.
    pub(crate) fn out_of_order(&self, code: ErrorCode) -> WireError {
        self.gateway.counters.out_of_order.add(1);
        code.into()
    }

    /// Queues an event and counts it.
    pub(crate) fn event(&self, frame: &Bytes) {
        self.gateway.counters.events.add(1);
        if !self.queue.event(frame) {
            tracing::debug!(connection = self.number, "too slow: told to resync");
        }
    }
}

/// A request that signs in is at work; its end without success makes the connection a guest's again.
pub(crate) struct SigningIn(Arc<Shared>);

impl SigningIn {
    /// The connection is about to be signed in: from now on it hears when its device is signed out.
    pub(crate) fn follow(&self, who: Who) {
        self.0.gateway.fan_out.signed_in(self.0.number, who);
    }

    /// The connection is signed in from now on; unless it has heard that the device was signed out.
    pub(crate) fn succeed(self, who: Who) -> Result<(), WireError> {
        let shared = &self.0;
        let mut session = lock(&shared.session);
        if !matches!(*session, Session::SigningIn) {
            return Err(ErrorCode::SessionRefused.into());
        }
        *session = Session::SignedIn(who, None);
        drop(session);
        shared.heard();
        shared.signed_in.store(true, Ordering::Relaxed);
        lock(&shared.guest_seat).take();
        Ok(())
    }
}

impl Drop for SigningIn {
    fn drop(&mut self) {
        let mut session = lock(&self.0.session);
        if matches!(*session, Session::SigningIn) {
            *session = Session::Guest(None);
            self.0.gateway.counters.sign_ins_refused.add(1);
        }
    }
}
