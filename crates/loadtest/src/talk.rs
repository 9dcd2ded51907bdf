//! Sessions under load: some write, all count what arrives.

use std::{collections::HashMap, sync::Arc, time::Duration};

use client_native::Dialer;
use protocol::{
    Bytes, ConversationId, MemberId, MessageId,
    methods::{
        conversations::{Accepted, SendMessage},
        sync::Cursor,
    },
};
use rand::{RngCore, rngs::OsRng};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval, sleep, timeout},
};

use crate::{
    crowd::now,
    error::Error,
    figures::Durations,
    peek::{Peek, peek},
    session::{PATIENCE, Session, Someone, lock, pause},
};

/// Bodies that an author seals beforehand and sends by turns, each time under a fresh message id.
const BODIES: usize = 16;
/// Nothing has come for so long: nothing more will.
const QUIET: Duration = Duration::from_secs(5);

/// When a load is kept up, and which part of it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Times in message ids count from here.
    pub(crate) origin: Instant,
    /// From here on it counts.
    pub(crate) from: Instant,
    /// Until here messages are sent, and it counts.
    pub(crate) until: Instant,
}

impl Window {
    /// Begins now with a warm-up of a fifth.
    pub(crate) fn starting(length: Duration) -> Self {
        let origin = Instant::now();
        let from = origin + length / 5;
        Self {
            origin,
            from,
            until: from + length,
        }
    }

    fn counts(&self, at: Instant) -> bool {
        self.from <= at && at < self.until
    }

    pub(crate) fn seconds(&self) -> f64 {
        (self.until - self.from).as_secs_f64()
    }

    /// A message id that tells when it was made.
    fn message_id(&self, at: Instant) -> MessageId {
        let mut id = MessageId::default();
        let nanos = u64::try_from((at - self.origin).as_nanos()).unwrap_or(u64::MAX);
        id.0[..8].copy_from_slice(&nanos.to_be_bytes());
        OsRng.fill_bytes(&mut id.0[8..]);
        id
    }

    fn made(&self, id: MessageId) -> Instant {
        let mut nanos = [0; 8];
        nanos.copy_from_slice(&id.0[..8]);
        self.origin + Duration::from_nanos(u64::from_be_bytes(nanos))
    }
}

/// How an author writes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// So many messages wait for their acknowledgement at any time.
    InFlight(usize),
    /// One message every so often, whatever becomes of those before.
    Every(Duration),
}

/// What a session counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Messages acknowledged in the window.
    pub(crate) acknowledged: usize,
    /// How long each took from being sent.
    pub(crate) acknowledgements: Durations,
    /// Entries that arrived in the window.
    pub(crate) delivered: usize,
    /// How long each of another author took from being sent.
    pub(crate) deliveries: Durations,
    /// Entries that arrived at any time.
    pub(crate) heard: usize,
    /// Messages acknowledged at any time.
    pub(crate) sent: usize,
    /// Refusals that asked to wait.
    pub(crate) refused: usize,
    /// Times that the server dropped events because they were read too slowly.
    pub(crate) resyncs: usize,
    /// The newest seq acknowledged.
    pub(crate) newest: u64,
    /// The newest seq heard.
    pub(crate) last_heard: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, mut other: Self) {
        self.acknowledged += other.acknowledged;
        self.acknowledgements.append(&mut other.acknowledgements);
        self.delivered += other.delivered;
        self.deliveries.append(&mut other.deliveries);
        self.heard += other.heard;
        self.sent += other.sent;
        self.refused += other.refused;
        self.resyncs += other.resyncs;
        self.newest = self.newest.max(other.newest);
        self.last_heard = self.last_heard.max(other.last_heard);
    }
}

/// A session that writes.
pub(crate) struct Author {
    session: Session,
    conversation: ConversationId,
    epoch: u64,
    own: MemberId,
    bodies: Vec<Bytes>,
    turn: usize,
}

impl Author {
    /// Signs in, syncs, and seals.
    pub(crate) async fn new(
        dialer: Arc<Dialer>,
        member: Someone,
        conversation: ConversationId,
        text_bytes: usize,
    ) -> Result<Self, Error> {
        let (session, _) = Session::synced(&dialer, &member, Vec::<Cursor>::new()).await?;
        let text = "x".repeat(text_bytes);
        let mut member = lock(&member);
        let epoch = member.epoch(conversation);
        let bodies = (0..BODIES).map(|_| member.seal(conversation, &text, now()).body);
        Ok(Self {
            bodies: bodies.collect(),
            session,
            conversation,
            epoch,
            own: member.member,
            turn: 0,
        })
    }

    /// Bytes of its sealed bodies.
    pub(crate) fn body_bytes(&self) -> usize {
        self.bodies.first().map_or(0, Bytes::len)
    }

    /// Keeps the load up until the window ends and all is answered.
    pub(crate) async fn write(
        mut self,
        pace: Pace,
        window: Window,
    ) -> Result<(Self, Tally), Error> {
        let mut work = Work {
            own: self.own,
            waiting: HashMap::new(),
            tally: Tally::default(),
            window,
        };
        let (most, mut ticks) = pace.parts();
        for _ in 0..most {
            self.send(&mut work).await?;
        }
        loop {
            let open = Instant::now() < window.until;
            if !open && work.waiting.is_empty() {
                return Ok((self, work.tally));
            }
            tokio::select! {
                frame = timeout(PATIENCE, self.session.next()) => {
                    let frame = frame.map_err(|_| Error::Slow {
                        what: "acknowledgements",
                        seconds: PATIENCE.as_secs(),
                    })??;
                    let again = work.frame(&frame).await? && ticks.is_none();
                    if again && Instant::now() < window.until {
                        self.send(&mut work).await?;
                    }
                }
                () = tick(&mut ticks), if open => self.send(&mut work).await?,
            }
        }
    }

    async fn send(&mut self, work: &mut Work) -> Result<(), Error> {
        let at = Instant::now();
        let body = self.bodies[self.turn % self.bodies.len()].clone();
        self.turn += 1;
        let message = SendMessage {
            conversation: self.conversation,
            restart: 0,
            message: work.window.message_id(at),
            epoch: self.epoch,
            body,
            expiry: 0,
            quiet: false,
            timed: false,
        };
        let id = self.session.request(&message).await?;
        work.waiting.insert(id, at);
        Ok(())
    }
}

impl Pace {
    fn parts(self) -> (usize, Option<Interval>) {
        match self {
            Self::InFlight(most) => (most, None),
            Self::Every(period) => {
                let mut ticks = interval(period);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
                (0, Some(ticks))
            }
        }
    }
}

async fn tick(ticks: &mut Option<Interval>) {
    match ticks {
        Some(ticks) => {
            ticks.tick().await;
        }
        None => std::future::pending().await,
    }
}

/// What an author waits for and has counted.
struct Work {
    own: MemberId,
    waiting: HashMap<u64, Instant>,
    tally: Tally,
    window: Window,
}

impl Work {
    /// Takes one frame; true when it answered a message.
    async fn frame(&mut self, frame: &[u8]) -> Result<bool, Error> {
        let at = Instant::now();
        let Some(peeked) = peek(frame) else {
            return Err(Error::Closed("what came is no frame".to_owned()));
        };
        let Some(sent) = peeked.id.and_then(|id| self.waiting.remove(&id)) else {
            self.tally.hear(&self.window, at, &peeked, Some(self.own));
            return Ok(false);
        };
        if let Some(error) = peeked.err {
            self.tally.refused += 1;
            pause("conversations.send", error).await?;
            return Ok(true);
        }
        let accepted: Accepted = protocol::decode(peeked.ok.map_or(&[], |ok| ok.as_ref()))?;
        self.tally.sent += 1;
        self.tally.newest = self.tally.newest.max(accepted.seq);
        if self.window.counts(at) {
            self.tally.acknowledged += 1;
            self.tally.acknowledgements.add(at - sent);
        }
        Ok(true)
    }
}

impl Tally {
    /// Counts what no request was waiting for. How long one's own entries took is another question.
    fn hear(&mut self, window: &Window, at: Instant, peeked: &Peek<'_>, own: Option<MemberId>) {
        if peeked.event == Some("resync") {
            self.resyncs += 1;
        }
        let Some(entry) = peeked.entry() else {
            return;
        };
        self.heard += 1;
        self.last_heard = self.last_heard.max(entry.seq);
        if window.counts(at)
            && let Some(message) = entry.message
        {
            self.delivered += 1;
            if own != Some(entry.sender) {
                self.deliveries
                    .add(at.saturating_duration_since(window.made(message)));
            }
        }
    }
}

/// A session that only counts.
pub(crate) struct Listener(Session);

impl Listener {
    /// Signs in and syncs.
    pub(crate) async fn new(dialer: Arc<Dialer>, member: Someone) -> Result<Self, Error> {
        let (session, _) = Session::synced(&dialer, &member, Vec::new()).await?;
        Ok(Self(session))
    }

    /// Counts until it has heard the seq that `last` tells at the end, or nothing more comes.
    pub(crate) async fn listen(
        mut self,
        window: Window,
        mut last: watch::Receiver<Option<u64>>,
    ) -> Result<(Self, Tally), Error> {
        let mut tally = Tally::default();
        loop {
            let end = *last.borrow_and_update();
            if end.is_some_and(|end| tally.last_heard >= end) {
                return Ok((self, tally));
            }
            tokio::select! {
                frame = self.0.next() => {
                    let at = Instant::now();
                    let frame = frame?;
                    let peeked = peek(&frame)
                        .ok_or_else(|| Error::Closed("what came is no frame".to_owned()))?;
                    tally.hear(&window, at, &peeked, None);
                }
                told = last.changed(), if end.is_none() => {
                    if told.is_err() {
                        return Err(Error::Closed("the author failed".to_owned()));
                    }
                }
                () = sleep(QUIET), if end.is_some() => return Ok((self, tally)),
            }
        }
    }
}
