//! The half of a connection into which frames go.

use std::{
    future::poll_fn,
    sync::{Arc, Weak},
    task::Poll,
};

use protocol::{Bytes, ErrorCode, Request, ServerFrame, WireError, decode, encode, limits::Limits};

use crate::{
    config::Direction,
    gateway::Gateway,
    meter::Stopped,
    methods::{Call, Cost, Route, route},
    outbox::Started,
    room::{Room, room},
    session::{Shared, Who},
};

/// Requests below this size are bounded by their number alone.
const SMALL_REQUEST: usize = 4 * 1024;
/// After how long somebody for whose request there was no room tries again.
const BUSY_RETRY_MS: u32 = 250;

const NOT_LET_IN: &str = "This sign-in waits until another device of yours lets it in.";

/// The connection has ended; what the outbox still holds should be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection has ended")]
pub struct Closed;

/// Takes the frames of one client. Dropping it ends the connection.
pub struct Connection {
    shared: Arc<Shared>,
}

impl Connection {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Number of the connection, for logs.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.shared.number
    }

    /// The client gave a sign of life that is no frame (a WebSocket ping).
    pub fn alive(&mut self) {
        self.shared.heard();
    }

    /// The client sends a frame beyond the size limit, of which the rest need not be read: says so and ends.
    pub fn too_large(&mut self) {
        self.shared.gateway.counters.too_large.add(1);
        self.fail(ErrorCode::TooLarge.into());
    }

    /// The client sends more than is read of it: says so and ends.
    pub(crate) fn stop(&mut self, stopped: Stopped) {
        match stopped {
            Stopped::TooLarge => self.too_large(),
            Stopped::Busy => self.fail(busy(&self.shared.gateway)),
        }
    }

    /// The session behind it.
    pub(crate) fn session(&self) -> Weak<Shared> {
        Arc::downgrade(&self.shared)
    }

    /// Takes one frame. Returns when its request is at work, not when it is done: replies come from the outbox.
    ///
    /// Requests run beside each other but reach their services in the order of their frames. When as many are
    /// unanswered as the limits allow, this waits until a reply was taken from the outbox: a client that does not read
    /// is not read from.
    ///
    /// # Errors
    /// [`Closed`] when the connection has ended, by this frame or before.
    pub async fn receive(&mut self, frame: Bytes) -> Result<(), Closed> {
        let shared = &self.shared;
        shared.heard();
        shared.tap(Direction::In, &frame);
        let bytes = frame.len();
        if bytes > largest(shared) {
            self.too_large();
            return Err(Closed);
        }
        let Ok(request) = decode::<Request>(&frame) else {
            shared.gateway.counters.bad_frames.add(1);
            self.fail(ErrorCode::BadFrame.into());
            return Err(Closed);
        };
        drop(frame);
        let found = route(&request.method);
        let weight = weight(&shared.gateway.config.limits, found, bytes);
        let syncs = found.is_some_and(|route| route.cost == Cost::Sync);
        let started = shared.queue.start(weight, syncs).await.ok_or(Closed)?;
        let mut pending = Pending {
            shared: Arc::clone(shared),
            id: request.id,
            started,
            signs_out: found.is_some_and(|route| route.signs_out),
            open: true,
            _room: None,
        };
        let admitted = admit(shared, found).and_then(|(route, who)| {
            pending._room = room_for(shared, who, bytes)?;
            Ok((route, who))
        });
        match admitted {
            Ok((route, who)) => start(pending, route, who, request.params).await,
            Err(error) => pending.reply(Err(error)),
        }
        Ok(())
    }

    /// Tells an error that belongs to no request, and ends.
    fn fail(&self, error: WireError) {
        let frame = encode(&ServerFrame::err(None, error));
        self.shared.queue.end(Some(frame));
    }
}

/// Bytes of the largest frame that may come.
fn largest(shared: &Shared) -> usize {
    let config = &shared.gateway.config;
    let whole = config.limits.frame_bytes;
    let bytes = match shared.who() {
        Some(_) => whole,
        None => config.guest_frame_bytes.min(whole),
    };
    bytes as usize
}

/// Slots that a request takes: those of its method, and more when it is large, so that together the requests of one
/// connection are not larger than one frame may be.
fn weight(limits: &Limits, route: Option<&'static Route>, bytes: usize) -> u32 {
    let each = (limits.frame_bytes / limits.requests_in_flight.max(1)).max(1);
    let by_size = u32::try_from(bytes).unwrap_or(u32::MAX).div_ceil(each);
    route.map_or(1, |route| route.weight).max(by_size)
}

/// Room for a request beside those that are at work. Small ones always find it; their number is bounded.
fn room_for(shared: &Shared, who: Option<Who>, bytes: usize) -> Result<Option<Room>, WireError> {
    if bytes < SMALL_REQUEST {
        return Ok(None);
    }
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    let room = room(shared, who, bytes);
    room.map(Some).ok_or_else(|| busy(&shared.gateway))
}

fn busy(gateway: &Gateway) -> WireError {
    gateway.counters.busy.add(1);
    WireError::new(ErrorCode::Busy).after(BUSY_RETRY_MS)
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.queue.end_at_once();
        self.shared.gateway.fan_out.leave(self.shared.number);
    }
}

/// Whether the request may reach its service: known, switched on, at the right time, not too often.
fn admit(
    shared: &Shared,
    route: Option<&'static Route>,
) -> Result<(&'static Route, Option<Who>), WireError> {
    let gateway = &shared.gateway;
    let who = shared.who();
    rates(gateway, shared, who, route)?;
    let Some(route) = route else {
        gateway.counters.unknown_methods.add(1);
        return Err(ErrorCode::UnknownMethod.into());
    };
    if route.cost != Cost::Ping {
        shared.asked();
        match (route.signed_in, who.is_some()) {
            (true, false) => return Err(shared.out_of_order(ErrorCode::SignInFirst)),
            (false, true) => return Err(shared.out_of_order(ErrorCode::AlreadySignedIn)),
            (true, true) | (false, false) => {}
        }
        if who.is_some_and(|who| who.waiting) && !route.while_waiting {
            let refusal = shared.out_of_order(ErrorCode::ApprovalNeeded);
            return Err(refusal.with_message(NOT_LET_IN));
        }
    }
    if let Some(module) = route.module
        && !gateway.config.modules.iter().any(|on| on == module)
    {
        gateway.counters.modules_off.add(1);
        return Err(ErrorCode::ModuleOff.into());
    }
    Ok((route, who))
}

fn rates(
    gateway: &Gateway,
    shared: &Shared,
    who: Option<Who>,
    route: Option<&'static Route>,
) -> Result<(), WireError> {
    let now = gateway.clock.now();
    let verdict = match who {
        None => gateway
            .guest_requests
            .take(crate::network(shared.origin.address), now),
        Some(who) => gateway.requests.take(who.member, now).and_then(|()| {
            match route.map(|route| route.cost) {
                Some(Cost::Message) => gateway.messages.take(who.member, now),
                Some(Cost::Receipt) => gateway.receipts.take(who.member, now),
                Some(Cost::Change) => gateway.changes.take(who.member, now),
                _ => Ok(()),
            }
        }),
    };
    gateway.limited(verdict)
}

/// Runs the request: up to its first wait at once, so that requests reach the services in the order of their frames;
/// the rest beside the others.
async fn start(pending: Pending, route: &'static Route, who: Option<Who>, params: Bytes) {
    let gateway = Arc::clone(&pending.shared.gateway);
    gateway.counters.requests.add(1);
    let call = Call {
        shared: Arc::clone(&pending.shared),
        who,
    };
    let mut work = (route.run)(call, params);
    let first = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
    if let Poll::Ready(answer) = first {
        pending.reply(answer);
        return;
    }
    tokio::spawn(async move {
        tokio::select! {
            biased;
            answer = work => pending.reply(answer),
            () = gateway.killed() => pending.abandon(),
        }
    });
}

/// A request that holds slots. Whatever happens to it, the slots come back with a reply.
struct Pending {
    shared: Arc<Shared>,
    id: u64,
    started: Started,
    /// Its answer is given even when the device is signed out meanwhile.
    signs_out: bool,
    open: bool,
    _room: Option<Room>,
}

impl Pending {
    fn reply(mut self, answer: Result<Bytes, WireError>) {
        self.send(answer);
    }

    fn send(&mut self, answer: Result<Bytes, WireError>) {
        self.open = false;
        let refused = self.shared.is_signed_out() && !self.signs_out;
        let answer = match refused {
            true => Err(ErrorCode::SessionRefused.into()),
            false => answer,
        };
        let frame = match answer {
            Ok(result) => ServerFrame {
                id: Some(self.id),
                ok: Some(result),
                ..ServerFrame::default()
            },
            Err(error) => ServerFrame::err(Some(self.id), error),
        };
        self.shared.queue.finish(self.started, encode(&frame));
    }

    fn abandon(mut self) {
        self.open = false;
        self.shared.queue.abandon();
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.open {
            tracing::error!(
                connection = self.shared.number,
                "a request died without an answer"
            );
            self.send(Err(ErrorCode::Internal.into()));
        }
    }
}
