//! What waits for one connection: replies, which are never dropped, and events, which are when they grow too many.

use std::{collections::VecDeque, sync::Mutex};

use protocol::{Bytes, ServerFrame, encode, events::Resync};
use tokio::sync::{Notify, Semaphore};

use crate::lock;

enum Kind {
    Event,
    /// Gives so many slots back when it is taken.
    Reply(u32),
}

struct Item {
    frame: Bytes,
    kind: Kind,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    events: usize,
    event_bytes: usize,
    /// Events were dropped; nothing but replies is queued until the client has been told.
    stale: bool,
    /// Requests whose replies are not here yet.
    running: u32,
    /// Those of them that sync. A client that is told to resync before their replies would think that they were it.
    syncs: u32,
    /// No more requests; what waits is still given out.
    ended: bool,
    /// Nobody is there any more.
    dead: bool,
}

/// A request that [`Queue::start`] let in.
#[derive(Clone, Copy)]
pub(crate) struct Started {
    weight: u32,
    syncs: bool,
}

/// What [`Queue::take`] found.
pub(crate) enum Taken {
    /// A frame to write.
    Frame(Bytes),
    /// A frame that tells the client to resync; the state of the server follows it.
    Resync(Bytes),
    /// Nothing now.
    Nothing,
    /// Nothing any more.
    End,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    pub(crate) changed: Notify,
    /// Free slots for requests: taken at their arrival, given back when their replies are taken.
    slots: Semaphore,
    slot_count: u32,
    max_events: usize,
    max_bytes: usize,
}

impl Queue {
    pub(crate) fn new(slots: u32, max_events: usize, max_bytes: usize) -> Self {
        let slots = slots.max(1);
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            slots: Semaphore::new(slots as usize),
            slot_count: slots,
            max_events,
            max_bytes,
        }
    }

    /// Waits until a request of this weight may start: the back-pressure. None when the connection has ended.
    pub(crate) async fn start(&self, weight: u32, syncs: bool) -> Option<Started> {
        let weight = weight.clamp(1, self.slot_count);
        self.slots.acquire_many(weight).await.ok()?.forget();
        let mut state = lock(&self.state);
        state.running += 1;
        state.syncs += u32::from(syncs);
        Some(Started { weight, syncs })
    }

    /// Queues the reply of a request that [`Queue::start`] let in.
    pub(crate) fn finish(&self, started: Started, frame: Bytes) {
        let mut state = lock(&self.state);
        state.running = state.running.saturating_sub(1);
        state.syncs = state.syncs.saturating_sub(u32::from(started.syncs));
        if !state.dead {
            state.items.push_back(Item {
                frame,
                kind: Kind::Reply(started.weight),
            });
        }
        drop(state);
        self.changed.notify_one();
    }

    /// A request ended without reply, because the server ends.
    pub(crate) fn abandon(&self) {
        let mut state = lock(&self.state);
        state.running = state.running.saturating_sub(1);
        drop(state);
        self.changed.notify_one();
    }

    /// Queues an event. False when this is the one that did not fit: all that waited are dropped with it, and the
    /// client is told to resync as soon as it has read the rest.
    pub(crate) fn event(&self, frame: &Bytes) -> bool {
        let mut state = lock(&self.state);
        if state.ended || state.stale {
            return true;
        }
        let fits = state.events == 0
            || (state.events < self.max_events
                && state.event_bytes + frame.len() <= self.max_bytes);
        if fits {
            state.events += 1;
            state.event_bytes += frame.len();
            state.items.push_back(Item {
                frame: frame.clone(),
                kind: Kind::Event,
            });
        } else {
            state.drop_events();
            state.stale = true;
        }
        drop(state);
        self.changed.notify_one();
        fits
    }

    /// Everything that the client has may be out of date: as if an event had not fitted.
    pub(crate) fn make_stale(&self) {
        let mut state = lock(&self.state);
        if !state.ended {
            state.drop_events();
            state.stale = true;
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Ends the connection: no more requests; `last`, what waits and the replies to come are still given out.
    pub(crate) fn end(&self, last: Option<Bytes>) {
        let mut state = lock(&self.state);
        if !state.ended {
            state.ended = true;
            state.stale = false;
            if let Some(frame) = last {
                state.events += 1;
                state.event_bytes += frame.len();
                state.items.push_back(Item {
                    frame,
                    kind: Kind::Event,
                });
            }
        }
        drop(state);
        self.slots.close();
        self.changed.notify_one();
    }

    /// Ends the connection and gives nothing out any more.
    pub(crate) fn end_at_once(&self) {
        let mut state = lock(&self.state);
        state.ended = true;
        state.dead = true;
        state.stale = false;
        state.items = VecDeque::new();
        drop(state);
        self.slots.close();
        self.changed.notify_one();
    }

    /// Whether a request is at work.
    pub(crate) fn busy(&self) -> bool {
        lock(&self.state).running > 0
    }

    /// The next frame to write.
    pub(crate) fn take(&self) -> Taken {
        let mut state = lock(&self.state);
        if let Some(item) = state.items.pop_front() {
            match item.kind {
                Kind::Event => {
                    state.events -= 1;
                    state.event_bytes -= item.frame.len();
                }
                Kind::Reply(weight) => self.slots.add_permits(weight as usize),
            }
            // An idle connection holds no memory for a burst that is over.
            if state.items.is_empty() && state.items.capacity() > 32 {
                state.items = VecDeque::new();
            }
            return Taken::Frame(item.frame);
        }
        if state.ended {
            return if state.running == 0 || state.dead {
                Taken::End
            } else {
                Taken::Nothing
            };
        }
        if state.stale && state.syncs == 0 {
            state.stale = false;
            return Taken::Resync(encode(&ServerFrame::event(&Resync {})));
        }
        Taken::Nothing
    }
}

impl State {
    fn drop_events(&mut self) {
        self.items
            .retain(|item| matches!(item.kind, Kind::Reply(_)));
        self.events = 0;
        self.event_bytes = 0;
    }
}
