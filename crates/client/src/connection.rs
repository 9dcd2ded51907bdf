//! The connection: requests and their answers, hello, resume, heartbeat, back-off.

use std::collections::BTreeMap;

use ambient::Millis;
use protocol::{
    Bytes, ConversationId, ErrorCode, Event, Method, Request, ServerFrame, WireError,
    events::{Hello, ServerState},
    methods::account::{Ping, ResumeSession, SignedIn},
};
use rand::Rng;

use crate::{Engine, Failure, Output, Store, Update, pending::Pending, view::ConnectionView};

/// Between two attempts to connect: this, give or take the jitter.
const RETRY_MS: Millis = 2_000;
/// Between two looks whether a suspension is over.
const SUSPENDED_RETRY_MS: Millis = 60_000;
/// Jitter, to both sides.
const JITTER_MS: Millis = 500;
/// A request that has no answer after this long means a dead connection.
const ANSWER_MS: Millis = 30_000;
/// How long opening the transport and hello may take.
const OPEN_MS: Millis = 15_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No transport; tried again at the time.
    Closed(Millis),
    /// The transport is being opened.
    Opening(Millis),
    /// The transport is open; hello has not come.
    Greeting(Millis),
    /// Hello came; nobody is signed in on this connection.
    Anonymous,
    /// The session is there; catching up.
    SignedIn,
    /// Events flow.
    Synced,
}

pub(crate) struct Connection {
    phase: Phase,
    pub(crate) hello: Option<Hello>,
    next_id: u64,
    pending: BTreeMap<u64, (Pending, Millis)>,
    last_sent: Millis,
    last_received: Millis,
    /// A retry was promised by the server at this time (goodbye).
    retry_after: Option<Millis>,
    /// The server has said that this member is suspended.
    suspended: bool,
}

impl Connection {
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            phase: Phase::Opening(now + OPEN_MS),
            hello: None,
            next_id: 1,
            pending: BTreeMap::new(),
            last_sent: now,
            last_received: now,
            retry_after: None,
            suspended: false,
        }
    }

    pub(crate) fn opened(&mut self, now: Millis) {
        self.phase = Phase::Greeting(now + OPEN_MS);
        self.last_sent = now;
        self.last_received = now;
    }

    pub(crate) fn retry_now(&mut self, now: Millis) -> bool {
        let closed = matches!(self.phase, Phase::Closed(_));
        if closed {
            self.phase = Phase::Opening(now + OPEN_MS);
        }
        closed
    }

    pub(crate) fn greeted(&self) -> bool {
        matches!(
            self.phase,
            Phase::Anonymous | Phase::SignedIn | Phase::Synced
        )
    }

    pub(crate) fn synced(&self) -> bool {
        self.phase == Phase::Synced
    }

    /// Neither caught up nor given up.
    pub(crate) fn on_its_way(&self) -> bool {
        !matches!(self.phase, Phase::Synced | Phase::Closed(_))
    }

    pub(crate) fn has_capability(&self, name: &str) -> bool {
        self.hello
            .as_ref()
            .is_some_and(|h| h.capabilities.iter().any(|c| c == name))
    }

    pub(crate) fn read_only(&self) -> Option<&str> {
        match self.hello.as_ref().map(|h| &h.state) {
            Some(ServerState::ReadOnly { reason }) => Some(reason),
            _ => None,
        }
    }

    /// No answer is waited for any more.
    pub(crate) fn forget_questions(&mut self) {
        self.pending.clear();
    }

    /// How many questions of a kind wait for their answers.
    pub(crate) fn count(&self, question: impl Fn(&Pending) -> bool) -> usize {
        self.pending.values().filter(|(p, _)| question(p)).count()
    }

    fn heartbeat(&self) -> Millis {
        self.hello
            .as_ref()
            .map_or(25_000, |h| Millis::from(h.limits.heartbeat_ms).max(1_000))
    }

    pub(crate) fn deadline(&self) -> Option<Millis> {
        match self.phase {
            Phase::Closed(at) | Phase::Opening(at) | Phase::Greeting(at) => Some(at),
            _ => {
                let beat = self.last_sent + self.heartbeat();
                self.pending.values().map(|(_, at)| *at).chain([beat]).min()
            }
        }
    }
}

impl<S: Store> Engine<S> {
    /// Sends a request; its answer comes to `pending`.
    ///
    /// Without a connection nothing happens: what is wanted is asked for again when there is one.
    pub(crate) fn request<M: Method>(&mut self, params: &M, pending: Pending) {
        if !self.connection.greeted() {
            return;
        }
        let id = self.connection.next_id;
        self.connection.next_id += 1;
        self.connection
            .pending
            .insert(id, (pending, self.now + ANSWER_MS));
        self.connection.last_sent = self.now;
        self.send_frame(protocol::encode(&Request::new(id, params)));
    }

    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        if matches!(self.connection.phase, Phase::Closed(_) | Phase::Opening(_)) {
            return; // given up already
        }
        self.connection.last_received = self.now;
        let Ok(frame) = protocol::decode::<ServerFrame>(bytes) else {
            self.hang_up();
            return;
        };
        match (frame.id, frame.event) {
            (Some(id), _) => {
                let Some((pending, _)) = self.connection.pending.remove(&id) else {
                    return; // a duplicate, or an answer to a question of an earlier connection
                };
                let result = match (frame.ok, frame.err) {
                    (Some(ok), None) => Ok(ok),
                    (_, Some(error)) => Err(error),
                    (None, None) => Err(WireError::new(ErrorCode::Unknown)),
                };
                self.answer(pending, result);
            }
            (None, Some(name)) => {
                let data = frame.data.unwrap_or_default();
                match Event::decode(&name, &data) {
                    Ok(event) => self.event(event),
                    Err(_) => self.hang_up(),
                }
            }
            (None, None) => self.hang_up(),
        }
    }

    /// Closes a connection that makes no sense any more.
    pub(crate) fn hang_up(&mut self) {
        self.out.push_back(Output::Disconnect);
    }

    pub(crate) fn greet(&mut self, hello: Hello) {
        if !matches!(self.connection.phase, Phase::Greeting(_)) {
            return; // a second one would begin everything a second time
        }
        if self
            .own
            .as_ref()
            .is_some_and(|own| own.instance != hello.instance)
        {
            self.fail(
                crate::Doing::Background,
                Failure::Unverified("this is another server than the one you signed in to".into()),
            );
            self.hang_up();
            return;
        }
        self.server_says(hello.time);
        self.connection.hello = Some(hello);
        self.connection.phase = Phase::Anonymous;
        // whoever was signed out would be so again and again: a person signs in, or starts the app anew
        if self.own.is_some() && self.flow.is_none() && !self.signed_out {
            self.resume();
        } else {
            self.tell(Update::Connection(ConnectionView::Online));
            if !self.resume_sign_in() {
                self.restart_flow();
            }
            self.look_at_invitation();
            self.look_at_reset();
        }
    }

    fn resume(&mut self) {
        let (Some(own), Some(hello)) = (&self.own, &self.connection.hello) else {
            return;
        };
        let proof = own.device.session_proof(
            hello.instance,
            hello.incarnation,
            hello.challenge.as_bytes(),
        );
        let params = ResumeSession {
            device: own.device.id(),
            proof: Bytes::copy_from_slice(&proof),
        };
        self.request(&params, Pending::Resume);
    }

    pub(crate) fn resumed(&mut self, result: Result<SignedIn, Failure>) {
        match result {
            Ok(signed_in) => {
                if let Some(own) = &mut self.own {
                    own.role = signed_in.role;
                    own.organisation = signed_in.organisation;
                }
                self.save_own();
                self.session_begins();
            }
            Err(Failure::Server {
                code: ErrorCode::SessionRefused,
                ..
            }) => {
                self.signed_out = true;
                self.tell(Update::SignedOut);
                self.fail_held();
            }
            Err(failure) if failure.is(ErrorCode::AccountSuspended) => {
                // what is kept here stays: it may be over at any time
                self.connection.suspended = true;
                self.connection.retry_after = Some(self.now + SUSPENDED_RETRY_MS);
                self.hang_up();
            }
            Err(_) => self.hang_up(),
        }
    }

    /// Somebody is signed in on this connection: catch up.
    pub(crate) fn session_begins(&mut self) {
        self.connection.phase = Phase::SignedIn;
        self.connection.suspended = false;
        self.tell(Update::Connection(ConnectionView::CatchingUp));
        self.start_sync();
    }

    pub(crate) fn synced_now(&mut self) {
        self.connection.phase = Phase::Synced;
        let view = self.connection_view();
        self.tell(Update::Connection(view));
        self.carry_out_held();
    }

    pub(crate) fn goodbye(&mut self, after_ms: u32) {
        self.connection.retry_after = Some(self.now + Millis::from(after_ms));
    }

    pub(crate) fn state_changed(&mut self, state: ServerState) {
        if let Some(hello) = &mut self.connection.hello {
            hello.state = state;
        }
        let view = self.connection_view();
        self.tell(Update::Connection(view));
    }

    pub(crate) fn lost_connection(&mut self) {
        if matches!(self.connection.phase, Phase::Closed(_)) {
            return;
        }
        let jitter = self.rng.gen_range(0..=2 * JITTER_MS);
        let planned = self.now + RETRY_MS - JITTER_MS + jitter;
        let at = self
            .connection
            .retry_after
            .take()
            .map_or(planned, |t| (t + jitter).max(self.now + 1));
        self.connection.phase = Phase::Closed(at);
        let unanswered = std::mem::take(&mut self.connection.pending);
        for (pending, _) in unanswered.into_values() {
            self.unanswered(pending);
        }
        self.connection_ended();
        self.fail_held();
        let view = self.connection_view();
        self.tell(Update::Connection(view));
    }

    pub(crate) fn connection_tick(&mut self) {
        let now = self.now;
        match self.connection.phase {
            Phase::Closed(at) if at <= now => {
                self.connection.phase = Phase::Opening(now + OPEN_MS);
                self.out.push_back(Output::Connect);
                self.tell(Update::Connection(ConnectionView::Connecting));
            }
            Phase::Opening(at) | Phase::Greeting(at) if at <= now => {
                self.hang_up();
                self.lost_connection();
            }
            Phase::Anonymous | Phase::SignedIn | Phase::Synced => {
                let late = self.connection.pending.values().any(|(_, at)| *at <= now);
                if late {
                    self.hang_up();
                    self.lost_connection();
                } else if self.connection.last_sent + self.connection.heartbeat() <= now {
                    self.request(&Ping {}, Pending::Ping);
                }
            }
            _ => {}
        }
    }

    /// The connection, for one quiet line.
    pub fn connection_view(&self) -> ConnectionView {
        match self.connection.phase {
            Phase::Closed(_) if self.connection.suspended => ConnectionView::Suspended,
            Phase::Closed(retry_at) => ConnectionView::Offline { retry_at },
            Phase::Opening(_) | Phase::Greeting(_) => ConnectionView::Connecting,
            Phase::SignedIn => ConnectionView::CatchingUp,
            Phase::Anonymous | Phase::Synced => match self.connection.read_only() {
                Some(reason) => ConnectionView::ReadOnly {
                    reason: reason.to_owned(),
                },
                None => ConnectionView::Online,
            },
        }
    }

    /// Asks for entries again from where each conversation stands: events were lost.
    pub(crate) fn resync(&mut self) {
        if self.connection.synced() {
            self.connection.phase = Phase::SignedIn;
            self.start_sync();
        }
    }

    pub(crate) fn is_asking(&self, question: &Pending) -> bool {
        self.connection.pending.values().any(|(p, _)| p == question)
    }

    pub(crate) fn is_reading(&self, conversation: ConversationId) -> bool {
        self.connection
            .pending
            .values()
            .any(|(p, _)| p.reads(conversation))
    }
}
