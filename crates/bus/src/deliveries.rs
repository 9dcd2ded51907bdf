//! A subscriber's queue: bounded, never blocks who publishes, and says where notices are missing.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{Delivery, Notice};

/// Bytes of frames that may wait for one subscriber. One notice always may, whatever its size.
pub const WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Delivery>,
    /// Notices among `waiting`, and bytes of their frames; the marks of loss between them do not count.
    notices: usize,
    bytes: usize,
    ended: bool,
    abandoned: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    capacity: usize,
    arrived: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a subscriber's queue into which a bus puts notices. Dropping it ends the deliveries.
pub struct Inlet(Arc<Shared>);

/// The end of a subscriber's queue from which notices come.
pub struct Deliveries(Arc<Shared>);

/// A subscriber's queue for `capacity` notices (at least one) and [`WAITING_BYTES_MAX`].
#[must_use]
pub fn channel(capacity: usize) -> (Inlet, Deliveries) {
    let shared = Arc::new(Shared {
        queue: Mutex::default(),
        capacity: capacity.max(1),
        arrived: Notify::new(),
    });
    (Inlet(Arc::clone(&shared)), Deliveries(shared))
}

impl Inlet {
    /// Queues a notice. Never waits: when the queue is full the notice is lost, and a [`Delivery::Lost`] stands in its
    /// place (one for all that are lost in a row).
    pub fn put(&self, notice: Notice) {
        let mut queue = self.0.lock();
        if queue.abandoned {
            return;
        }
        let size = notice.frame.len();
        let fits = queue.notices < self.0.capacity
            && (queue.bytes == 0 || queue.bytes.saturating_add(size) <= WAITING_BYTES_MAX);
        if fits {
            queue.notices += 1;
            queue.bytes += size;
            queue.waiting.push_back(Delivery::Notice(notice));
        } else if queue.waiting.back() != Some(&Delivery::Lost) {
            queue.waiting.push_back(Delivery::Lost);
        } else {
            return; // the mark that stands there already tells it
        }
        drop(queue);
        self.0.arrived.notify_one();
    }

    /// Whether nobody receives any more.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.0.lock().abandoned
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.arrived.notify_one();
    }
}

impl Deliveries {
    /// The next delivery, in the order of publishing; none when the bus has ended and all that it left is received.
    /// Nothing is lost when the future is dropped before it is ready.
    pub async fn recv(&mut self) -> Option<Delivery> {
        loop {
            // Registered before looking, so that an arrival in between wakes it.
            let arrived = self.0.arrived.notified();
            {
                let mut queue = self.0.lock();
                if let Some(delivery) = take(&mut queue) {
                    return Some(delivery);
                }
                if queue.ended {
                    return None;
                }
            }
            arrived.await;
        }
    }

    /// The next delivery if one waits already.
    pub fn try_recv(&mut self) -> Option<Delivery> {
        take(&mut self.0.lock())
    }
}

fn take(queue: &mut Queue) -> Option<Delivery> {
    let delivery = queue.waiting.pop_front()?;
    if let Delivery::Notice(notice) = &delivery {
        queue.notices -= 1;
        queue.bytes -= notice.frame.len();
    }
    Some(delivery)
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.abandoned = true;
        queue.waiting = VecDeque::new();
        queue.notices = 0;
        queue.bytes = 0;
    }
}
